/*
 * Exact means of the fitted variance of the 1-D Gaussian loop, truth N(0, 1).
 *
 * Replace is a product of independent chi-square factors; the others follow from the
 * coalescent recursion of two points' expected squared difference: two points that
 * descend from the same training point do not differ, all others keep the expected
 * difference of their parents.
 */
#include <winnow/sim.h>

#include <math.h>

#include "sim/inflow.h"

static double replace(enum wn_estimator e, double m, unsigned n)
{
    return e == WN_ESTIMATE_UNBIASED ? 1 : pow(1 - 1 / m, n);
}

static double accumulate(enum wn_estimator e, double m, unsigned n)
{
    double v = 1;

    for (unsigned k = 1; k <= n; k++) {
        if (e == WN_ESTIMATE_MLE)
            v *= 1 - 1 / (m * k * k);
        else if (k > 1)
            v *= 1 - 1 / (k * (k * m - 1));
    }
    return v;
}

/* m of all k m points so far, drawn anew for each fit.  SHARED: probability that two
 * draws with replacement from the pool have one ancestor. */
static double subsample(double m, unsigned n)
{
    double shared = 1 / m, differ = 0;

    for (double k = 1; k <= n; k++) {
        differ = (1 - shared) * k * m / (k * m - 1);
        shared += differ * (2 - 1 / k - 1 / m) / (m * (k + 1) * (k + 1));
    }
    return (1 - 1 / m) * differ;
}

/* A fixed number of new real points in every fit but the first, which has only those. */
static double fresh(double share, double m, unsigned n)
{
    double mean_squared = 1 / m, v = 1 - 1 / m, synthetic = 1 - share;

    for (unsigned k = 2; k <= n; k++) {
        double second_moment = share + synthetic * (v + mean_squared);

        mean_squared = synthetic * synthetic * mean_squared + (share + synthetic * v) / m;
        v = second_moment - mean_squared;
    }
    return v;
}

/* The subsample has exactly m points. */
static bool budget_is(const struct wn_policy *p, uint64_t m)
{
    if (p->budget_tokens)
        return false;
    if (p->budget_documents)
        return p->budget_documents == m;
    return p->budget_of_first == 0 || p->budget_of_first == 1;
}

double wn_theory_gaussian_variance(const struct wn_policy *p, enum wn_estimator e, uint64_t m, unsigned n)
{
    bool budgeted = p->budget_documents || p->budget_tokens || p->budget_of_first > 0;

    if (p->filter_by != WN_FILTER_NONE || p->max_synthetic < 1 || n < 1 || m < 2)
        return NAN;
    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return e == WN_ESTIMATE_MLE && budget_is(p, m) ? subsample((double)m, n) : NAN;
    if (budgeted)
        return NAN;
    switch (p->regime) {
    case WN_REGIME_REPLACE:
        return replace(e, (double)m, n);
    case WN_REGIME_ACCUMULATE:
        return accumulate(e, (double)m, n);
    case WN_REGIME_FRESH_REAL:
        if (e == WN_ESTIMATE_MLE)
            return fresh((double)sim_fresh_items(p, m) / (double)m, (double)m, n);
        return NAN;
    default:
        return NAN;
    }
}
