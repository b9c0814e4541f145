/*
 * Samples of numbers, and estimates over replicates.
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>

const double sim_spread_at[SIM_N_SPREAD] = { 0.01, 0.05, 0.50, 0.95, 0.99 };

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static enum wn_status check_sample(const double *x, size_t n, struct wn_err *err)
{
    if (n == 0)
        return wn_fail(err, WN_BADCONF, "cannot measure an empty sample");
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return wn_fail(err, WN_BADCONF, "cannot measure a sample: number %zu is %g", i, x[i]);
    return WN_OK;
}

static enum wn_status sorted_copy(const double *x, size_t n, struct wn_arena *scratch, double **out,
                                  struct wn_err *err)
{
    enum wn_status st = check_sample(x, n, err);
    double *copy;

    if (st != WN_OK)
        return st;
    copy = wn_arena_calloc(scratch, n, sizeof(*copy));
    if (!copy)
        return wn_fail(err, WN_NOMEM, "cannot sort %zu numbers: out of memory", n);
    memcpy(copy, x, n * sizeof(*copy));
    qsort(copy, n, sizeof(*copy), rising);
    *out = copy;
    return WN_OK;
}

double sim_quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1), part;
    size_t i;

    if (n == 0 || !(q >= 0 && q <= 1))
        return NAN;
    i = (size_t)at;
    part = at - (double)i;
    return i + 1 < n ? sorted[i] + part * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

/* Both samples have the mass n m: a number of X weighs m, one of Y weighs n. */
static void couple(const double *x, uint64_t n, const double *y, uint64_t m, struct sim_transport *out)
{
    uint64_t left_x = m, left_y = n, moved;
    double sum = 0, squares = 0, mass = (double)n * (double)m;

    for (size_t i = 0, j = 0; i < n && j < m;) {
        double gap = x[i] - y[j];

        moved = left_x < left_y ? left_x : left_y;
        sum += (double)moved * fabs(gap);
        squares += (double)moved * gap * gap;
        left_x -= moved;
        left_y -= moved;
        if (left_x == 0) {
            i++;
            left_x = m;
        }
        if (left_y == 0) {
            j++;
            left_y = n;
        }
    }
    *out = (struct sim_transport){ sum / mass, squares / mass };
}

enum wn_status sim_empirical_transport(const double *x, size_t n, const double *y, size_t m, struct wn_arena *scratch,
                                       struct sim_transport *out, struct wn_err *err)
{
    double *sorted_x, *sorted_y;
    enum wn_status st = sorted_copy(x, n, scratch, &sorted_x, err);

    if (st == WN_OK)
        st = sorted_copy(y, m, scratch, &sorted_y, err);
    if (st == WN_OK)
        couple(sorted_x, n, sorted_y, m, out);
    return st;
}

struct sim_tails sim_sample_tails(const double *x, size_t n, double low, double high)
{
    size_t n_low = 0, n_high = 0;

    if (n == 0)
        return (struct sim_tails){ NAN, NAN };
    for (size_t i = 0; i < n; i++) {
        n_low += x[i] < low;
        n_high += x[i] > high;
    }
    return (struct sim_tails){ (double)n_low / (double)n, (double)n_high / (double)n };
}

/* Mean, and the sum of squares around it.  Two passes and a shift: a large mean costs no
 * digits, and equal numbers have variance 0. */
static double mean_of(const double *x, size_t n, double *squares)
{
    double mean = 0;

    for (size_t i = 0; i < n; i++)
        mean += x[i] - x[0];
    mean = x[0] + mean / (double)n;
    *squares = 0;
    for (size_t i = 0; i < n; i++)
        *squares += (x[i] - mean) * (x[i] - mean);
    return mean;
}

enum wn_status sim_measure_spread(const double *x, size_t n, const double *reference, size_t n_reference,
                                  struct wn_arena *scratch, struct sim_spread *out, struct wn_err *err)
{
    double *sorted, *real, squares;
    enum wn_status st = sorted_copy(x, n, scratch, &sorted, err);

    if (st == WN_OK)
        st = sorted_copy(reference, n_reference, scratch, &real, err);
    if (st != WN_OK)
        return st;
    out->n = n;
    out->mean = mean_of(sorted, n, &squares);
    out->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    for (int i = 0; i < SIM_N_SPREAD; i++)
        out->quantile[i] = sim_quantile(sorted, n, sim_spread_at[i]);
    out->reference =
        sim_sample_tails(x, n, sim_quantile(real, n_reference, 0.05), sim_quantile(real, n_reference, 0.99));
    return WN_OK;
}

double sim_perplexity(const double *logp_nats, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += logp_nats[i];
    return n == 0 ? NAN : exp(-sum / (double)n);
}

enum wn_status sim_estimate_mean(const double *x, size_t n, struct sim_estimate *out, struct wn_err *err)
{
    enum wn_status st = check_sample(x, n, err);
    double squares;

    if (st != WN_OK)
        return st;
    out->n = n;
    out->value = mean_of(x, n, &squares);
    out->se = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : NAN;
    return WN_OK;
}

enum wn_status sim_estimate_quantile(const double *x, size_t n, double q, struct wn_arena *scratch,
                                     struct sim_estimate *out, struct wn_err *err)
{
    double *sorted, reach;
    enum wn_status st;

    if (!(q > 0 && q < 1))
        return wn_fail(err, WN_BADCONF, "cannot estimate the quantile at %g", q);
    st = sorted_copy(x, n, scratch, &sorted, err);
    if (st != WN_OK)
        return st;
    reach = sqrt(q * (1 - q) / (double)n);
    out->n = n;
    out->value = sim_quantile(sorted, n, q);
    out->se = 0.5 * (sim_quantile(sorted, n, q + reach) - sim_quantile(sorted, n, q - reach));
    return WN_OK;
}

/* Standard error of a sample variance from the fourth central moment. */
static double variance_se(const double *x, size_t n, double mean, double variance)
{
    double fourth = 0, r = (double)n;

    for (size_t i = 0; i < n; i++) {
        double square = (x[i] - mean) * (x[i] - mean);

        fourth += square * square / r;
    }
    return sqrt(fmax(0, fourth - variance * variance * (r - 3) / (r - 1)) / r);
}

enum wn_status sim_measure_log_moments(const double *x, size_t n, struct wn_arena *scratch,
                                       struct sim_log_moments *out, struct wn_err *err)
{
    enum wn_status st = check_sample(x, n, err);
    double *logs, squares;
    size_t kept = 0;

    if (st != WN_OK)
        return st;
    logs = wn_arena_calloc(scratch, n, sizeof(*logs));
    if (!logs)
        return wn_fail(err, WN_NOMEM, "cannot measure %zu logarithms: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        if (x[i] < 0)
            return wn_fail(err, WN_BADCONF, "number %zu is %g and has no logarithm", i, x[i]);
        if (x[i] > 0)
            logs[kept++] = log(x[i]);
    }
    if (kept == 0)
        return wn_fail(err, WN_BADCONF, "none of %zu numbers is positive", n);
    st = sim_estimate_mean(logs, kept, &out->mean, err);
    if (st != WN_OK)
        return st;
    mean_of(logs, kept, &squares);
    out->n_zero = n - kept;
    out->variance = (struct sim_estimate){ NAN, NAN, kept };
    if (kept > 1)
        out->variance.value = squares / (double)(kept - 1);
    if (kept > 3)
        out->variance.se = variance_se(logs, kept, out->mean.value, out->variance.value);
    return WN_OK;
}
