#include "report/runstats.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/tails.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double runstats_quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;

    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

struct estimate runstats_mean(const double *v, size_t n)
{
    struct estimate e = { .value = NAN, .low = NAN, .high = NAN, .n = n };
    struct wn_interval ci;
    double sum = 0, squares = 0;

    if (!n)
        return e;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    e.value = sum / (double)n;
    if (n < 2)
        return e;
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - e.value) * (v[i] - e.value);
    ci = wn_mean_interval(e.value, sqrt(squares / (double)(n - 1)), n, 0.95);
    e.low = ci.low;
    e.high = ci.high;
    return e;
}

struct estimate runstats_median(double *v, size_t n)
{
    struct estimate e = { .value = NAN, .low = NAN, .high = NAN, .n = n };
    size_t rank = 0; /* from 0: the interval is v[rank] .. v[n - 1 - rank] */

    if (!n)
        return e;
    qsort(v, n, sizeof(*v), by_value);
    e.value = runstats_quantile(v, n, 0.5);
    /* v[r] lies above the median with P[X <= r], X ~ Binomial(n, 1/2). */
    while (rank < n / 2 && exp(wn_log_binomial_sf(n - rank, n, 0.5)) <= 0.025)
        rank++;
    if (rank) {
        e.low = v[rank - 1];
        e.high = v[n - rank];
    }
    return e;
}

void runstats_figure(struct figure *f, const struct trace_row *rows, size_t n, double *sorted)
{
    double squares = 0;
    struct estimate mean;

    for (size_t i = 0; i < n; i++)
        sorted[i] = rows[i].value;
    mean = runstats_mean(sorted, n);
    for (size_t i = 0; i < n; i++)
        squares += (sorted[i] - mean.value) * (sorted[i] - mean.value);
    qsort(sorted, n, sizeof(*sorted), by_value);
    f->n = n;
    f->mean = mean.value;
    f->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    f->low = mean.low;
    f->high = mean.high;
    f->median = runstats_quantile(sorted, n, 0.5);
    f->q10 = runstats_quantile(sorted, n, 0.1);
    f->q90 = runstats_quantile(sorted, n, 0.9);
    f->q05 = f->q95 = f->log_mean = NAN;
}
