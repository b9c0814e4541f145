#include "sim/forecast_conclude.h"

#include <math.h>
#include <stdlib.h>

#include "sim/collect.h"
#include "sim/simtrace.h"

/* The figure that stands for a run: the first of these that it has. */
static const char *const leading[] = { "variance",   "log_det",     "simpson",     "test_error", "rate",
                                       "scale",      "wrong_rate",  "perplexity",  "cond_entropy", "types",
                                       "total_variance", "heldout_nll" };
enum { N_LEADING = sizeof(leading) / sizeof(leading[0]) };

uint32_t sim_last_recorded(const struct wn_sim_opts *opts)
{
    return opts->n_record ? opts->record[opts->n_record - 1] : opts->generations;
}

/* ---- theory ------------------------------------------------------------------------------------- */

static enum wn_status tell_curves(struct sim_told *told, const struct sim_setup *s, const struct wn_policy *policy,
                                  struct sim_forecast *f, struct wn_buf *out, struct wn_err *err)
{
    uint32_t last = sim_last_recorded(&s->opts);
    enum wn_status st = WN_OK;

    for (uint32_t g = 1; g <= last && st == WN_OK; g++) {
        struct sim_row row = { policy, 0, g };
        bool recorded = sim_is_recorded(&s->opts, g);

        if (s->opts.stop && atomic_load(s->opts.stop))
            return wn_fail(err, WN_CANCELLED, "cancelled before the first run");
        st = sim_forecast_next(f, recorded ? &told->expected : NULL, err);
        if (st == WN_OK && recorded)
            sim_trace_theory(out, &row, &told->expected);
    }
    return st;
}

enum wn_status sim_tell(struct sim_told *told, const struct sim_setup *s, const struct wn_policy *policy,
                        struct wn_buf *out, struct wn_err *err)
{
    struct sim_forecast *f;
    enum wn_status st = sim_forecast_open(&f, s, policy, err);

    told->expected.n = 0;
    if (st != WN_OK)
        return st;
    told->outlook = *sim_forecast_outlook(f);
    sim_trace_prediction(out, policy, &told->outlook);
    st = tell_curves(told, s, policy, f, out, err);
    sim_forecast_close(f);
    return st == WN_OK ? wn_buf_status(out, err) : st;
}

/* ---- what the runs did ------------------------------------------------------------------------------ */

static double value_of(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; name && i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return (double)NAN;
}

static const char *leading_of(const struct sim_metrics *m)
{
    for (int k = 0; k < N_LEADING; k++)
        for (size_t i = 0; i < m->n; i++)
            if (strcmp(m->item[i].name, leading[k]) == 0)
                return leading[k];
    return m->n > 0 ? m->item[0].name : NULL;
}

enum wn_status sim_concluding_init(struct sim_concluding *c, const struct sim_setup *s, const struct wn_policy *policy,
                                   const struct sim_told *told, struct wn_err *err)
{
    *c = (struct sim_concluding){ .setup = s, .policy = policy, .told = told };
    c->value = malloc(s->opts.replicates * sizeof(*c->value));
    return c->value ? WN_OK : wn_fail(err, WN_NOMEM, "cannot conclude from %u runs: out of memory", s->opts.replicates);
}

void sim_concluding_release(struct sim_concluding *c)
{
    free(c->value);
    c->value = NULL;
}

void sim_concluding_take(struct sim_concluding *c, const struct sim_metrics *last, bool has_ended)
{
    if (last && !c->metric)
        c->metric = leading_of(last);
    c->value[c->n++] = last ? value_of(last, c->metric) : (double)NAN;
    c->ended += has_ended;
}

/* More than a factor of 2; logarithms have none, and no few of them carry a mean. */
static bool apart(const struct sim_summary *s)
{
    if (s->n < 2 || !(s->q05 >= 0) || !(s->mean > 0))
        return false;
    return s->mean > 2 * s->median || s->median > 2 * s->mean;
}

enum wn_status sim_concluding_tell(const struct sim_concluding *c, struct wn_err *err)
{
    const struct wn_sim_opts *o = &c->setup->opts;
    const struct sim_outlook *t = &c->told->outlook;
    struct wn_sim_conclusion out = { .policy = c->policy->name, .is_exact = sim_is_exact(c->setup, c->policy, NULL),
                                     .metric = c->metric, .generation = sim_last_recorded(o), .n_runs = c->n,
                                     .n_ended = c->ended };
    struct sim_summary s = { .n = 0 };
    double *scratch;

    if (!o->conclusion)
        return WN_OK;
    scratch = malloc((c->n + 1) * sizeof(*scratch));
    if (!scratch)
        return wn_fail(err, WN_NOMEM, "cannot conclude from the runs: out of memory");
    sim_summarize(c->value, c->n, scratch, &s);
    free(scratch);
    out.n_values = s.n;
    out.mean = s.n ? s.mean : (double)NAN;
    out.se = s.n > 1 ? s.se : (double)NAN;
    out.median = s.n ? s.median : (double)NAN;
    out.q05 = s.n ? s.q05 : (double)NAN;
    out.q95 = s.n ? s.q95 : (double)NAN;
    out.mean_by_rare_paths = c->metric && strncmp(c->metric, "log_", 4) != 0 && apart(&s);
    out.expected = value_of(&c->told->expected, c->metric);
    out.predicted = t->metric;
    out.first = t->first;
    out.lasting = t->lasting;
    out.is_unlimited = t->is_unlimited;
    out.drift_of = t->drift_of;
    out.drift_per_fit = t->drift_per_fit;
    out.half_life_fits = t->half_life_fits;
    out.power = t->power;
    out.growth_per_fit = t->growth_per_fit;
    out.real_per_fit = t->real_per_fit;
    out.real_share = t->real_share;
    out.critical_share = t->critical_share;
    out.why_not = t->why_not;
    o->conclusion(o->conclusion_arg, &out);
    return WN_OK;
}
