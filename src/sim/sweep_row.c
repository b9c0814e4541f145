#include <math.h>

#include "sim/sweep_cell.h"

/* What is not a number (the standard error of one run) is left out. */
static void add_stat(struct wn_json *j, const char *name, double v)
{
    if (isfinite(v))
        wn_json_add_num(j, name, v);
}

static void add_summary(struct wn_json *j, uint32_t generation, const char *metric, const struct sim_summary *s)
{
    wn_json_open(j, NULL, '{');
    wn_json_add_uint(j, "generation", generation);
    wn_json_add_strz(j, "metric", metric);
    wn_json_add_uint(j, "n", s->n);
    if (s->n > 0) {
        add_stat(j, "mean", s->mean);
        add_stat(j, "se", s->se);
        add_stat(j, "sd", s->sd);
        add_stat(j, "median", s->median);
        add_stat(j, "q05", s->q05);
        add_stat(j, "q25", s->q25);
        add_stat(j, "q75", s->q75);
        add_stat(j, "q95", s->q95);
        add_stat(j, "log_mean", s->log_mean);
    }
    wn_json_close(j, '}');
}

static void add_statistics(struct wn_json *j, const struct sim_sweep *s, const struct sim_sweep_cell *c,
                           double *scratch)
{
    const struct wn_sweep_opts *o = &s->opts;
    uint32_t runs = o->sim.replicates;
    struct sim_summary sum;
    uint64_t ended = 0;

    for (uint32_t r = 0; r < runs; r++)
        ended += c->ended[r] != 0;
    wn_json_add_strz(j, "played", c->is_exact ? "exact" : "points");
    wn_json_add_uint(j, "runs", runs);
    wn_json_add_uint(j, "ended", ended);
    wn_json_open(j, "stats", '[');
    for (size_t g = 0; g < o->sim.n_record; g++)
        for (size_t m = 0; m < o->n_metrics; m++) {
            sim_summarize(c->value + (g * o->n_metrics + m) * runs, runs, scratch, &sum);
            add_summary(j, o->sim.record[g], o->metric[m], &sum);
        }
    wn_json_close(j, ']');
}

static enum wn_status add_theory(struct wn_json *j, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_sweep_theory t;
    enum wn_status st = sim_sweep_theory(opts, &t, err);

    if (st != WN_OK || !t.is_told)
        return st;
    wn_json_open(j, "theory", '{');
    add_stat(j, "first", t.first);
    add_stat(j, "lasting", t.lasting);
    add_stat(j, "drift_per_fit", t.drift_per_fit);
    add_stat(j, "half_life_fits", t.half_life_fits);
    add_stat(j, "rho_eff", t.rho_eff);
    add_stat(j, "real_per_fit", t.real_per_fit);
    add_stat(j, "critical_share", t.critical_share);
    add_stat(j, "tpr_critical", t.tpr_critical);
    wn_json_close(j, '}');
    return WN_OK;
}

enum wn_status sim_sweep_row(const struct sim_sweep *s, const struct sim_sweep_cell *c, double *scratch,
                             struct wn_buf *out, struct wn_err *err)
{
    const struct wn_sweep_opts *o = &s->opts;
    enum wn_status st = WN_OK;
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_uint(&j, "cell", c->index);
    wn_json_add_strz(&j, "policy", c->policy.name);
    wn_json_open(&j, "at", '{');
    for (size_t a = 0; a < o->n_axes; a++)
        wn_json_add_num(&j, o->axis[a].name, sim_sweep_value(o, c->index, a));
    wn_json_close(&j, '}');
    if (c->refused) {
        wn_json_add_strz(&j, "refused", c->refused);
    } else {
        add_statistics(&j, s, c, scratch);
        st = add_theory(&j, &c->opts, err);
    }
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
    return st == WN_OK ? wn_buf_status(out, err) : st;
}
