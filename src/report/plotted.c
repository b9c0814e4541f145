#include "report/plotted.h"

#include <math.h>
#include <stdlib.h>

static int by_generation(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The generations in which any policy has a figure of METRIC, thinned. */
static bool collect_x(struct plotted *d, const struct trace *t, size_t metric, struct wn_arena *a)
{
    size_t n = 0, n_all = 0;
    uint32_t *all;

    for (size_t i = 0; i < t->n_policies; i++)
        n_all += trace_curve(t, i, metric)->n;
    all = wn_arena_calloc(a, n_all, sizeof(*all));
    d->x = wn_arena_calloc(a, PLOTTED_MAX_X, sizeof(*d->x));
    if (!all || !d->x)
        return false;
    for (size_t i = 0; i < t->n_policies; i++)
        for (size_t k = 0; k < trace_curve(t, i, metric)->n; k++)
            all[n++] = trace_curve(t, i, metric)->at[k].generation;
    qsort(all, n, sizeof(*all), by_generation);
    n_all = 0;
    for (size_t k = 0; k < n; k++)
        if (!k || all[k] != all[n_all - 1])
            all[n_all++] = all[k];
    d->is_thinned = n_all > PLOTTED_MAX_X;
    d->n_x = d->is_thinned ? PLOTTED_MAX_X : n_all;
    for (size_t k = 0; k < d->n_x; k++)
        d->x[k] = all[d->is_thinned ? (k * (n_all - 1) + (PLOTTED_MAX_X - 1) / 2) / (PLOTTED_MAX_X - 1) : k];
    return true;
}

static void take_figure(struct plotted *d, const struct figure *f, enum metric_centre centre, double *y, double *low,
                        double *high)
{
    bool is_median = centre == CENTRE_MEDIAN;

    *y = is_median ? f->median : f->mean;
    *low = !is_median ? f->low : f->n <= 1 ? NAN : f->rows ? f->q10 : f->q05;
    *high = !is_median ? f->high : f->n <= 1 ? NAN : f->rows ? f->q90 : f->q95;
    d->is_zero = d->is_zero && *y == 0;
    if (f->n < d->fewest_runs || !d->fewest_runs)
        d->fewest_runs = f->n;
    if (f->n > d->most_runs)
        d->most_runs = f->n;
}

static bool add_line(struct plotted *d, const struct trace *t, size_t policy, size_t metric, enum metric_centre centre,
                     bool dashed, struct wn_arena *a)
{
    const struct curve *c = trace_curve(t, policy, metric);
    double *y = wn_arena_calloc(a, d->n_x, sizeof(*y));
    double *low = wn_arena_calloc(a, d->n_x, sizeof(*low));
    double *high = wn_arena_calloc(a, d->n_x, sizeof(*high));
    struct plotted ignored = *d; /* a theory does not count as runs */

    if (!y || !low || !high)
        return false;
    for (size_t k = 0; k < d->n_x; k++) {
        const struct figure *f = curve_at(c, (uint32_t)d->x[k]);

        y[k] = low[k] = high[k] = NAN;
        if (f)
            take_figure(dashed ? &ignored : d, f, centre, &y[k], &low[k], &high[k]);
    }
    d->line[d->n_lines++] = (struct plot_line){ .label = t->policy[policy].name,
                                                .colour = policy,
                                                .y = y,
                                                .low = dashed ? NULL : low,
                                                .high = dashed ? NULL : high,
                                                .dashed = dashed };
    return true;
}

static size_t theory_of(const struct trace *t, const char *metric)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        if (trace_is_theory(t->metric[i]) && strcmp(t->metric[i] + strlen(TRACE_THEORY), metric) == 0)
            return i;
    return SIZE_MAX;
}

static bool add_lines(struct plotted *d, const struct trace *t, size_t metric, enum metric_centre centre, bool dashed,
                      struct wn_arena *a)
{
    for (size_t i = 0; i < t->n_policies; i++)
        if (trace_curve(t, i, metric)->n && !add_line(d, t, i, metric, centre, dashed, a))
            return false;
    return true;
}

enum wn_status plotted_make(struct plotted *d, const struct trace *t, const struct metric_plot *m, struct wn_arena *a,
                            struct wn_err *err)
{
    size_t metric = trace_metric(t, m->metric), theory;

    *d = (struct plotted){ .is_zero = true };
    if (metric == SIZE_MAX)
        return WN_OK;
    theory = theory_of(t, m->metric);
    d->line = wn_arena_calloc(a, 2 * t->n_policies, sizeof(*d->line));
    if (!d->line || !collect_x(d, t, metric, a) || !add_lines(d, t, metric, m->centre, false, a) ||
        (theory != SIZE_MAX && !add_lines(d, t, theory, CENTRE_MEAN, true, a)))
        return wn_fail(err, WN_NOMEM, "out of memory for the plot of '%s'", m->metric);
    d->has_theory = theory != SIZE_MAX;
    return WN_OK;
}

bool plotted_as_theory(const struct trace *t, size_t metric)
{
    return trace_is_theory(t->metric[metric]);
}
