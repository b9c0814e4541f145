#include "sim/collect.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/flow.h>

enum { REPLICATES_A_TASK = 16 };

struct collecting {
    const struct sim_setup *setup;
    const struct wn_policy *policy;
    const struct sim_wanted *wanted;
    double *value;
    uint32_t *ended;
};

/* One run that is watched: names are static, so a metric is found by its pointer after
 * its first generation. */
struct looking {
    const struct collecting *c;
    uint32_t index;            /* of the replicate, from 0 */
    size_t next;               /* generation looked for    */
};

static double find(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return (double)NAN;
}

static enum wn_status see(void *arg, const struct sim_row *row, const struct sim_metrics *m, struct wn_err *err)
{
    struct looking *l = arg;
    const struct sim_wanted *w = l->c->wanted;

    (void)err;
    while (l->next < w->n_generations && w->generation[l->next] < row->generation)
        l->next++;
    if (l->next == w->n_generations || w->generation[l->next] != row->generation)
        return WN_OK;
    for (size_t k = 0; k < w->n_metrics; k++)
        l->c->value[(l->next * w->n_metrics + k) * w->n_replicates + l->index] = find(m, w->metric[k]);
    return WN_OK;
}

static enum wn_status see_end(void *arg, const struct sim_row *row, uint64_t kept, const char *reason, struct wn_err *err)
{
    struct looking *l = arg;

    (void)kept;
    (void)reason;
    (void)err;
    if (l->c->ended)
        l->c->ended[l->index] = row->generation;
    return WN_OK;
}

static enum wn_status some_runs(void *ctx, size_t task, struct wn_err *err)
{
    const struct collecting *c = ctx;
    uint32_t from = (uint32_t)task * REPLICATES_A_TASK, to = from + REPLICATES_A_TASK;
    enum wn_status st = WN_OK;

    to = to < c->wanted->n_replicates ? to : c->wanted->n_replicates;
    for (uint32_t i = from; i < to && st == WN_OK; i++) {
        struct looking l = { c, i, 0 };
        struct sim_watch watch = { &l, see, see_end };

        st = sim_loop_run(c->setup, c->policy, c->wanted->first_replicate + i, &watch, err);
    }
    return st;
}

enum wn_status sim_collect(const struct sim_setup *s, const struct wn_policy *policy, const struct sim_wanted *w,
                           double *value, uint32_t *ended, struct wn_err *err)
{
    struct collecting c = { s, policy, w, value, ended };
    size_t n = w->n_generations * w->n_metrics * (size_t)w->n_replicates;
    size_t tasks = (w->n_replicates + (size_t)REPLICATES_A_TASK - 1) / REPLICATES_A_TASK;

    for (size_t i = 0; i < n; i++)
        value[i] = (double)NAN;
    for (size_t i = 0; ended && i < w->n_replicates; i++)
        ended[i] = 0;
    return wn_parallel_each(tasks, s->opts.jobs, some_runs, &c, s->opts.stop, err);
}

/* ---- statistics --------------------------------------------------------------------------------- */

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Type 7: linear between the order statistics at (n - 1) q. */
static double quantile(const double *sorted, size_t n, double q)
{
    double at = (double)(n - 1) * q;
    size_t low = (size_t)at;

    if (low + 1 >= n)
        return sorted[n - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

static void moments(const double *v, size_t n, double *mean, double *sd)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += v[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - *mean) * (v[i] - *mean);
    *sd = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

void sim_summarize(const double *value, size_t n, double *scratch, struct sim_summary *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            scratch[kept++] = value[i];
    *out = (struct sim_summary){ .n = kept, .log_mean = (double)NAN, .log_sd = (double)NAN };
    if (kept == 0)
        return;
    moments(scratch, kept, &out->mean, &out->sd);
    out->se = out->sd / sqrt((double)kept);
    qsort(scratch, kept, sizeof(*scratch), rising);
    out->q05 = quantile(scratch, kept, 0.05);
    out->q25 = quantile(scratch, kept, 0.25);
    out->median = quantile(scratch, kept, 0.5);
    out->q75 = quantile(scratch, kept, 0.75);
    out->q95 = quantile(scratch, kept, 0.95);
    if (!(scratch[0] > 0))
        return;
    for (size_t i = 0; i < kept; i++)
        scratch[i] = log(scratch[i]);
    moments(scratch, kept, &out->log_mean, &out->log_sd);
}
