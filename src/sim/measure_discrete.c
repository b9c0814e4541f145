/*
 * Laws on finitely many states.
 */
#include "sim/measure.h"

#include <float.h>
#include <math.h>

enum wn_status sim_check_law(const double *p, size_t n, struct wn_err *err)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= 0 && isfinite(p[i])))
            return wn_fail(err, WN_BADCONF, "state %zu has the probability %g", i, p[i]);
        sum += p[i];
    }
    if (!(fabs(sum - 1) <= 1e-9))
        return wn_fail(err, WN_BADCONF, "the probabilities of %zu states add up to %.12g", n, sum);
    return WN_OK;
}

enum wn_status sim_law_of_counts(const uint64_t *count, size_t n, double *p, struct wn_err *err)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total += (double)count[i];
    if (total == 0)
        return wn_fail(err, WN_BADCONF, "nothing was counted in %zu states", n);
    for (size_t i = 0; i < n; i++)
        p[i] = (double)count[i] / total;
    return WN_OK;
}

double sim_kl(const double *p, const double *q, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == 0)
            continue;
        if (q[i] == 0)
            return INFINITY;
        sum += p[i] * (log(p[i]) - log(q[i]));
    }
    return fmax(0, sum);
}

double sim_js(const double *p, const double *q, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double both = p[i] + q[i];

        if (p[i] > 0)
            sum += 0.5 * p[i] * log(2 * (p[i] / both));
        if (q[i] > 0)
            sum += 0.5 * q[i] * log(2 * (q[i] / both));
    }
    return fmin(M_LN2, fmax(0, sum));
}

double sim_total_variation(const double *p, const double *q, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += fabs(p[i] - q[i]);
    return fmin(1, 0.5 * sum);
}

/* Half the sum of squared differences of the roots: the same number for laws, and it keeps
 * its digits when they are close. */
double sim_hellinger_squared(const double *p, const double *q, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double gap = sqrt(p[i]) - sqrt(q[i]);

        sum += gap * gap;
    }
    return fmin(1, 0.5 * sum);
}

double sim_simpson(const double *p, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += p[i] * (1 - p[i]);
    return fmax(0, sum);
}

double sim_hill(const double *p, size_t n, double q)
{
    double sum = 0, top = 0;

    if (q == 1)
        return exp(sim_entropy(p, n));
    for (size_t i = 0; i < n; i++)
        top = fmax(top, p[i]);
    if (isinf(q))
        return 1 / top;
    /* (sum p^q)^(1/(1-q)) over p/top, so that a high order does not underflow. */
    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            sum += pow(p[i] / top, q);
    return exp((log(sum) + q * log(top)) / (1 - q));
}

size_t sim_support(const double *p, size_t n)
{
    size_t support = 0;

    for (size_t i = 0; i < n; i++)
        support += p[i] > 0;
    return support;
}

double sim_lost_mass(const double *p0, const double *q, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        if (q[i] == 0)
            sum += p0[i];
    return fmin(1, sum);
}

enum { N_MIXTURES = 25, N_FRONTIER = N_MIXTURES + 2 };

struct frontier_point {
    double x, y;
};

/* Stable, by x. */
static void sort_frontier(struct frontier_point *at)
{
    for (size_t i = 1; i < N_FRONTIER; i++) {
        struct frontier_point moved = at[i];
        size_t j = i;

        for (; j > 0 && at[j - 1].x > moved.x; j--)
            at[j] = at[j - 1];
        at[j] = moved;
    }
}

/* KL(P || l P + (1 - l) Q); finite for 0 < l. */
static double kl_to_mixture(const double *p, const double *q, size_t n, double l)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            sum -= p[i] * log(l + (1 - l) * fmin(q[i] / p[i], DBL_MAX));
    return fmax(0, sum);
}

double sim_frontier_area(const double *p, const double *q, size_t n, double c)
{
    /* The end points of the reference implementation's grid of mixtures. */
    const double first = 1e-6, last = 1 - 1e-6;
    struct frontier_point at[N_FRONTIER];
    double area = 0;

    if (!(c > 0))
        return NAN;
    for (size_t i = 0; i < N_MIXTURES; i++) {
        double l = first + (last - first) * (double)i / (N_MIXTURES - 1);

        at[i].x = exp(-c * kl_to_mixture(q, p, n, 1 - l));
        at[i].y = exp(-c * kl_to_mixture(p, q, n, l));
    }
    at[N_MIXTURES] = (struct frontier_point){ 0, 1 };
    at[N_MIXTURES + 1] = (struct frontier_point){ 1, 0 };
    sort_frontier(at);
    for (size_t i = 1; i < N_FRONTIER; i++)
        area += 0.5 * (at[i].x - at[i - 1].x) * (at[i].y + at[i - 1].y);
    return area;
}
