/*
 * What a sweep will run, checked and counted before it starts, and its header.
 */
#include <math.h>
#include <stdio.h>

#include <winnow/suggest.h>
#include <winnow/version.h>

#include "sim/sweep_cell.h"

/* Values of one cell that are held at once: 1 GiB. */
static const double most_values = 134217728.0;
static const double most_runs = 1e15;

/* ---- metrics ----------------------------------------------------------------------------------- */

enum { N_LEADING = 3 };

/* What stands for an engine; the first one is what a phase diagram shows. */
static const struct {
    const char *engine;
    const char *metric[N_LEADING];
} leading[] = {
    { "gaussian", { "variance", "log_variance", "mean" } },
    { "gaussian-nd", { "trace", "log_det", "effective_rank" } },
    { "gmm", { "total_variance", "weight_diversity", "heldout_nll" } },
    { "kde", { "heldout_nll", "variance", "total_variance" } },
    { "discrete", { "simpson", "states", "lost_mass" } },
    { "poisson", { "rate", "log_rate", "extinct" } },
    { "exponential", { "scale", "log_scale", "kl" } },
    { "labels", { "wrong_rate", "data_wrong", "real_share" } },
    { "linreg", { "test_error", "train_size", "real_share" } },
    { "bigram", { "cond_entropy", "types", "unigram_entropy" } },
    { "softmax", { "cond_entropy", "cross_entropy_gap", "types" } },
    { "ngram", { "perplexity", "types", "distinct_2" } },
};

static enum wn_status default_metrics(struct wn_sweep_opts *o, struct wn_err *err)
{
    for (size_t i = 0; i < sizeof(leading) / sizeof(leading[0]); i++)
        if (strcmp(leading[i].engine, o->sim.engine) == 0) {
            o->metric = leading[i].metric;
            o->n_metrics = N_LEADING;
            return WN_OK;
        }
    return wn_fail(err, WN_BADCONF, "engine '%s' has no leading metrics: name some", o->sim.engine);
}

/* Which of the wanted metrics, and which others, a trial run has shown. */
struct trial {
    const struct sim_sweep *sweep;
    bool found[WN_SWEEP_MAX_METRICS];
    char names[1500];
    size_t len;
    struct wn_suggest near[WN_SWEEP_MAX_METRICS];
};

static enum wn_status see(void *arg, const struct sim_row *row, const struct sim_metrics *m, struct wn_err *err)
{
    struct trial *t = arg;
    const struct wn_sweep_opts *o = &t->sweep->opts;

    (void)err;
    for (size_t i = 0; i < m->n; i++) {
        const char *name = m->item[i].name;
        size_t len = strlen(name);

        for (size_t k = 0; k < o->n_metrics; k++) {
            t->found[k] = t->found[k] || strcmp(o->metric[k], name) == 0;
            wn_suggest_offer(&t->near[k], name);
        }
        if (row->generation > 1 || t->len + len + 3 > sizeof(t->names))
            continue;
        if (t->len)
            t->len += (size_t)sprintf(t->names + t->len, ", ");
        memcpy(t->names + t->len, name, len + 1);
        t->len += len;
    }
    return WN_OK;
}

static enum wn_status see_end(void *arg, const struct sim_row *row, uint64_t kept, const char *reason,
                              struct wn_err *err)
{
    (void)arg;
    (void)row;
    (void)kept;
    (void)reason;
    (void)err;
    return WN_OK;
}

/* Two fits of cell INDEX; refused cells show nothing. */
static bool try_cell(struct trial *t, uint64_t index)
{
    struct sim_watch watch = { t, see, see_end };
    struct wn_sim_opts opts;
    struct wn_policy policy;
    struct sim_setup setup;
    enum wn_status st = sim_sweep_settle(t->sweep, index, &opts, &policy, NULL);

    if (st != WN_OK)
        return false;
    opts.generations = opts.generations < 2 ? opts.generations : 2;
    opts.record = NULL;
    opts.n_record = 0;
    st = sim_setup_open(&setup, &opts, NULL);
    if (st == WN_OK)
        st = sim_loop_run(&setup, &policy, 0, &watch, NULL);
    sim_setup_close(&setup);
    return st == WN_OK;
}

/* A name that no run records would be noticed after hours.  Which metrics there are depends on
 * engine and policy, so a run of each policy is asked: of its first cells, up to one that runs. */
static enum wn_status check_metrics(const struct sim_sweep *s, struct wn_err *err)
{
    const struct wn_sweep_opts *o = &s->opts;
    uint64_t block = s->size.cells / o->sim.n_policies;
    struct trial t = { .sweep = s };
    bool ran = false;

    for (size_t k = 0; k < o->n_metrics; k++)
        t.near[k] = wn_suggest_for(wn_str(o->metric[k]));
    for (size_t p = 0; p < o->sim.n_policies; p++)
        for (uint64_t i = 0; i < block && i < 100; i++)
            if (try_cell(&t, p * block + i)) {
                ran = true;
                break;
            }
    for (size_t k = 0; ran && k < o->n_metrics; k++)
        if (!t.found[k])
            return wn_fail(err, WN_BADCONF,
                           "engine '%s' records no metric '%s' under these policies%s%s%s; there are %s",
                           o->sim.engine, o->metric[k], t.near[k].best ? ", did you mean '" : "",
                           t.near[k].best ? t.near[k].best : "", t.near[k].best ? "'" : "", t.names);
    return WN_OK;
}

/* ---- counts -------------------------------------------------------------------------------------- */

static enum wn_status count(struct sim_sweep *s, struct wn_err *err)
{
    const struct wn_sweep_opts *o = &s->opts;
    size_t n_generations = o->sim.record ? o->sim.n_record : 1;
    double cells = (double)o->sim.n_policies, values;

    for (size_t i = 0; i < o->n_axes; i++)
        cells *= (double)o->axis[i].n;
    if (cells > WN_SWEEP_MAX_CELLS)
        return wn_fail(err, WN_LIMIT, "the grid has %.4g cells: at most %d are allowed", cells, WN_SWEEP_MAX_CELLS);
    if (cells * o->sim.replicates > most_runs)
        return wn_fail(err, WN_LIMIT, "%.4g cells of %u runs are %.4g runs: at most %.0e are allowed", cells,
                       o->sim.replicates, cells * o->sim.replicates, most_runs);
    values = (double)n_generations * (double)o->n_metrics * o->sim.replicates;
    if (values > most_values)
        return wn_fail(err, WN_LIMIT,
                       "%zu generations of %zu metrics of %u runs are %.4g values a cell: at most %.4g fit",
                       n_generations, o->n_metrics, o->sim.replicates, values, most_values);
    s->size.cells = (uint64_t)cells;
    s->size.runs = s->size.cells * o->sim.replicates;
    return WN_OK;
}

static enum wn_status check_base(const struct wn_sweep_opts *o, struct wn_err *err)
{
    const struct wn_sim_opts *sim = &o->sim;

    if (!sim_generator_find(sim->engine))
        return wn_simulate_check(sim, err);             /* says which engines there are */
    if (sim->n_policies == 0)
        return wn_fail(err, WN_BADCONF, "nothing to sweep: give at least one policy");
    for (size_t i = 0; i < sim->n_policies; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(sim->policies[i].name, sim->policies[k].name) == 0)
                return wn_fail(err, WN_BADCONF, "two policies are named '%s': rows tell them apart by name",
                               sim->policies[i].name);
    for (size_t i = 0; i < sim->n_record; i++)
        if (sim->record[i] < 1 || sim->record[i] > sim->generations || (i > 0 && sim->record[i] <= sim->record[i - 1]))
            return wn_fail(err, WN_BADCONF, "the recorded generations must rise from 1 to %u at most: %u does not fit",
                           sim->generations, sim->record[i]);
    if (o->n_metrics > WN_SWEEP_MAX_METRICS)
        return wn_fail(err, WN_LIMIT, "a row has at most %d metrics, not %zu", WN_SWEEP_MAX_METRICS, o->n_metrics);
    return WN_OK;
}

static enum wn_status resolve(struct sim_sweep *s, const struct wn_sweep_opts *opts, struct wn_err *err)
{
    struct wn_sim_opts *sim = &s->opts.sim;
    enum wn_status st;

    *s = (struct sim_sweep){ .opts = *opts };
    sim->generations = sim->generations ? sim->generations : 10;
    sim->replicates = sim->replicates ? sim->replicates : 10;
    sim->n = sim->n ? sim->n : 100;
    sim->jobs = sim->jobs ? sim->jobs : 1;
    st = check_base(&s->opts, err);
    if (st == WN_OK)
        st = sim_sweep_check_axes(&s->opts, err);
    if (st == WN_OK && !s->opts.metric)
        st = default_metrics(&s->opts, err);
    if (st == WN_OK)
        st = count(s, err);
    s->last = sim->generations;
    if (!sim->record) {
        sim->record = &s->last;
        sim->n_record = 1;
    }
    return st;
}

enum wn_status sim_sweep_open(struct sim_sweep *s, const struct wn_sweep_opts *opts, struct wn_err *err)
{
    enum wn_status st = resolve(s, opts, err);

    if (st == WN_OK && (opts->first_cell > s->size.cells || opts->n_cells > s->size.cells - opts->first_cell))
        st = wn_fail(err, WN_BADCONF, "the grid has %llu cells: there is no part from %llu on",
                     (unsigned long long)s->size.cells, (unsigned long long)opts->first_cell);
    return st;
}

enum wn_status wn_sweep_check(const struct wn_sweep_opts *opts, struct wn_sweep_size *out, struct wn_err *err)
{
    struct sim_sweep s;
    enum wn_status st = sim_sweep_open(&s, opts, err);

    if (st == WN_OK && opts->metric)
        st = check_metrics(&s, err);
    if (st == WN_OK && out)
        *out = s.size;
    return st;
}

/* ---- the header -------------------------------------------------------------------------------- */

static void add_sampling(struct wn_json *j, const struct wn_sim_sampling *s)
{
    wn_json_open(j, "sampling", '{');
    wn_json_add_num(j, "lambda", s->lambda > 0 ? s->lambda : 1);
    wn_json_add_num(j, "truncate", s->truncate);
    wn_json_add_num(j, "temperature", s->temperature > 0 ? s->temperature : 1);
    wn_json_add_uint(j, "top_k", s->top_k);
    wn_json_add_num(j, "top_p", s->top_p);
    wn_json_add_num(j, "min_p", s->min_p);
    wn_json_add_num(j, "typical", s->typical);
    wn_json_add_uint(j, "beam", s->beam);
    wn_json_add_num(j, "repetition_penalty", s->repetition_penalty);
    wn_json_close(j, '}');
}

static void add_settings(struct wn_json *j, const struct wn_sim_opts *o)
{
    static const char *const modes[] = { "auto", "points", "exact" };
    const struct sim_generator *gen = sim_generator_find(o->engine);

    wn_json_open(j, "settings", '{');
    wn_json_add_uint(j, "generations", o->generations);
    wn_json_add_uint(j, "replicates", o->replicates);
    wn_json_add_uint(j, "seed", o->seed);
    wn_json_add_uint(j, "n", o->n);
    wn_json_add_uint(j, "n_first", o->n_first);
    wn_json_add_bool(j, "first_mixed", o->first_mixed);
    wn_json_add_num(j, "scraped_human_share", o->scraped_human_share);
    wn_json_add_strz(j, "mode", modes[o->mode]);
    wn_json_open(j, "recorded", '[');
    for (size_t i = 0; i < o->n_record; i++)
        wn_json_add_uint(j, NULL, o->record[i]);
    wn_json_close(j, ']');
    add_sampling(j, &o->sampling);
    if (gen->settings)
        gen->settings(j, o);
    wn_json_close(j, '}');
}

/* What the metrics would be if nothing were lost, where that is known. */
static void add_truth(struct wn_json *j, const struct wn_sweep_opts *o)
{
    wn_json_open(j, "truth", '{');
    for (size_t i = 0; i < o->n_metrics; i++) {
        double v = sim_sweep_truth(&o->sim, o->metric[i]);

        if (isfinite(v))
            wn_json_add_num(j, o->metric[i], v);
    }
    wn_json_close(j, '}');
}

static void add_axes(struct wn_json *j, const struct wn_sweep_opts *o)
{
    wn_json_open(j, "axes", '[');
    for (size_t a = 0; a < o->n_axes; a++) {
        wn_json_open(j, NULL, '{');
        wn_json_add_strz(j, "name", o->axis[a].name);
        wn_json_open(j, "values", '[');
        for (size_t i = 0; i < o->axis[a].n; i++)
            wn_json_add_num(j, NULL, o->axis[a].value[i]);
        wn_json_close(j, ']');
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}

enum wn_status wn_sweep_header(const struct wn_sweep_opts *opts, struct wn_buf *out, struct wn_err *err)
{
    struct sim_sweep s;
    struct wn_json j;
    enum wn_status st = sim_sweep_open(&s, opts, err);

    if (st != WN_OK)
        return st;
    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "sweep");
    wn_json_add_uint(&j, "version", 1);
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_json_add_strz(&j, "engine", s.opts.sim.engine);
    add_settings(&j, &s.opts.sim);
    wn_json_add_uint(&j, "cells", s.size.cells);
    wn_json_open(&j, "metrics", '[');
    for (size_t i = 0; i < s.opts.n_metrics; i++)
        wn_json_add_strz(&j, NULL, s.opts.metric[i]);
    wn_json_close(&j, ']');
    add_truth(&j, &s.opts);
    add_axes(&j, &s.opts);
    wn_json_open(&j, "policies", '[');
    for (size_t i = 0; i < s.opts.sim.n_policies; i++)
        wn_policy_json(&j, NULL, &s.opts.sim.policies[i]);
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
    return wn_buf_status(out, err);
}
