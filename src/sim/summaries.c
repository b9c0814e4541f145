#include "sim/summaries.h"

#include <stdlib.h>

#include <winnow/flow.h>

#include "sim/simtrace.h"

/* ---- one run's values, as they were seen ----------------------------------------------------- */

struct seen {
    uint32_t generation;
    const char *metric;          /* static */
    double value;
};

struct run_values {
    struct seen *item;
    size_t n, cap;
    bool ended;
};

static enum wn_status see(void *arg, const struct sim_row *row, const struct sim_metrics *m, struct wn_err *err)
{
    struct run_values *v = arg;

    if (v->n + m->n > v->cap) {
        size_t cap = 2 * (v->n + m->n);
        struct seen *bigger = realloc(v->item, cap * sizeof(*bigger));

        if (!bigger)
            return wn_fail(err, WN_NOMEM, "cannot hold a run's values: out of memory");
        v->item = bigger;
        v->cap = cap;
    }
    for (size_t i = 0; i < m->n; i++)
        v->item[v->n++] = (struct seen){ row->generation, m->item[i].name, m->item[i].value };
    return WN_OK;
}

static enum wn_status see_end(void *arg, const struct sim_row *row, uint64_t kept, const char *reason, struct wn_err *err)
{
    struct run_values *v = arg;

    (void)row;
    (void)kept;
    (void)reason;
    (void)err;
    v->ended = true;
    return WN_OK;
}

/* ---- all runs' values, by generation and metric ------------------------------------------------ */

struct series {
    uint32_t generation;
    const char *metric;
    double *value;
    size_t n, cap;
};

struct summing {
    const struct sim_setup *setup;
    const struct wn_policy *policy;
    struct sim_concluding *concluding;
    uint32_t next;
    uint64_t n_ended;
    struct series *series;
    size_t n, cap, last;         /* LAST: where the previous value went; the next is often behind it */
};

static struct series *find(struct summing *s, const struct seen *v)
{
    for (size_t k = 0; k < s->n; k++) {
        size_t i = (s->last + 1 + k) % s->n;

        if (s->series[i].generation == v->generation && strcmp(s->series[i].metric, v->metric) == 0) {
            s->last = i;
            return &s->series[i];
        }
    }
    return NULL;
}

static struct series *add_series(struct summing *s, const struct seen *v)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 64;
        struct series *bigger = realloc(s->series, cap * sizeof(*bigger));

        if (!bigger)
            return NULL;
        s->series = bigger;
        s->cap = cap;
    }
    s->last = s->n;
    s->series[s->n] = (struct series){ v->generation, v->metric, NULL, 0, 0 };
    return &s->series[s->n++];
}

static bool push(struct series *s, double value)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 16;
        double *bigger = realloc(s->value, cap * sizeof(*bigger));

        if (!bigger)
            return false;
        s->value = bigger;
        s->cap = cap;
    }
    s->value[s->n++] = value;
    return true;
}

static bool add(struct summing *s, const struct seen *v)
{
    struct series *to = s->n ? find(s, v) : NULL;

    if (!to)
        to = add_series(s, v);
    return to && push(to, v->value);
}

/* ---- the flow ------------------------------------------------------------------------------------ */

/* Some runs in a row, as a batch of the flow. */
struct task {
    uint32_t replicate, n;       /* the first one, how many */
    struct run_values *run;
};

static enum wn_status next_task(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct summing *s = ctx;
    uint32_t left = s->setup->opts.replicates - s->next, n = sim_runs_a_task(s->setup, s->policy);
    struct task *t;

    if (left == 0)
        return WN_END;
    t = wn_arena_calloc(&b->arena, 1, sizeof(*t));
    if (!t)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    t->replicate = s->next;
    t->n = n < left ? n : left;
    t->run = wn_arena_calloc(&b->arena, t->n, sizeof(*t->run));
    if (!t->run)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    s->next += t->n;
    b->data = t;
    return WN_OK;
}

/* What a run leaves goes to the batch's arena: a batch that is never written is freed with it. */
static enum wn_status settle(struct wn_arena *a, struct run_values *v, struct wn_err *err)
{
    struct seen *kept = wn_arena_calloc(a, v->n + 1, sizeof(*kept));

    if (kept && v->n)
        memcpy(kept, v->item, v->n * sizeof(*kept));
    free(v->item);
    v->item = kept;
    return kept ? WN_OK : wn_fail(err, WN_NOMEM, "cannot hold a run's values: out of memory");
}

static enum wn_status do_task(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct summing *s = ctx;
    struct task *t = b->data;
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; i < t->n && st == WN_OK; i++) {
        struct sim_watch watch = { &t->run[i], see, see_end };

        st = sim_loop_run(s->setup, s->policy, t->replicate + i, &watch, err);
        if (st == WN_OK) {
            st = settle(&b->arena, &t->run[i], err);
        } else {
            free(t->run[i].item);
            wn_err_prefix(err, "policy '%s', replicate %u: ", s->policy->name, t->replicate + i);
        }
    }
    return st;
}

/* The run's metrics of the last recorded generation; false when it has none. */
static bool last_of(const struct summing *s, const struct run_values *v, struct sim_metrics *out)
{
    uint32_t last = sim_last_recorded(&s->setup->opts);

    out->n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (v->item[i].generation == last)
            sim_metrics_add(out, v->item[i].metric, v->item[i].value, 0);
    return out->n > 0;
}

static bool take_run(struct summing *s, const struct run_values *v)
{
    struct sim_metrics last;
    bool ok = true;

    sim_concluding_take(s->concluding, last_of(s, v, &last) ? &last : NULL, v->ended);
    s->n_ended += v->ended;
    for (size_t i = 0; i < v->n && ok; i++)
        ok = add(s, &v->item[i]);
    return ok;
}

static enum wn_status take_task(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct task *t = b->data;

    for (uint32_t i = 0; i < t->n; i++)
        if (!take_run(ctx, &t->run[i]))
            return wn_fail(err, WN_NOMEM, "cannot hold the values of all runs: out of memory");
    return WN_OK;
}

/* ---- lines ----------------------------------------------------------------------------------------- */

static int by_generation(const void *a, const void *b)
{
    const struct series *const *x = a, *const *y = b;

    if ((*x)->generation != (*y)->generation)
        return (*x)->generation < (*y)->generation ? -1 : 1;
    return *x < *y ? -1 : *x > *y;
}

static enum wn_status write_lines(const struct summing *s, struct wn_buf *out, struct wn_err *err)
{
    const struct series **order = malloc((s->n + 1) * sizeof(*order));
    double *scratch = malloc((s->setup->opts.replicates + (size_t)1) * sizeof(*scratch));
    struct sim_row row = { s->policy, 0, 0 };
    struct sim_summary sum;

    for (size_t i = 0; order && i < s->n; i++)
        order[i] = &s->series[i];
    if (order && scratch)
        qsort(order, s->n, sizeof(*order), by_generation);
    for (size_t i = 0; order && scratch && i < s->n; i++) {
        row.generation = order[i]->generation;
        sim_summarize(order[i]->value, order[i]->n, scratch, &sum);
        sim_trace_summary(out, &row, order[i]->metric, &sum, s->setup->opts.replicates);
    }
    free(order);
    free(scratch);
    if (!order || !scratch)
        return wn_fail(err, WN_NOMEM, "cannot sum up the runs: out of memory");
    sim_trace_summary_ended(out, s->policy, s->n_ended, s->setup->opts.replicates);
    return wn_buf_status(out, err);
}

enum wn_status sim_summaries(const struct sim_setup *setup, const struct wn_policy *policy, struct sim_concluding *c,
                             struct wn_buf *out, struct wn_err *err)
{
    static const struct wn_flow flow = { next_task, do_task, take_task };
    struct summing s = { .setup = setup, .policy = policy, .concluding = c };
    enum wn_status st = wn_flow_run(&flow, &s, setup->opts.jobs, setup->opts.stop, err);

    if (st == WN_OK)
        st = write_lines(&s, out, err);
    for (size_t i = 0; i < s.n; i++)
        free(s.series[i].value);
    free(s.series);
    return st;
}
