/*
 * The exact mean of the fitted variance for a policy file, from the functions of theory.h.
 */
#include <math.h>

#include "sim/inflow.h"
#include "sim/theory.h"

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
    double ddof = e == WN_ESTIMATE_UNBIASED, points = (double)m;

    if (p->filter_by != WN_FILTER_NONE || p->max_synthetic < 1 || n < 1 || m < 2)
        return NAN;
    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return e == WN_ESTIMATE_MLE && budget_is(p, m) ? sim_subsample_var(points, n) : NAN;
    if (budgeted)
        return NAN;
    switch (p->regime) {
    case WN_REGIME_REPLACE:
        return sim_replace_var(points, ddof, n);
    case WN_REGIME_ACCUMULATE:
        return sim_accumulate_var(points, ddof, n);
    case WN_REGIME_FRESH_REAL:
        return e == WN_ESTIMATE_MLE ? sim_fresh_var(points, (double)sim_real_items(p, m), 1, n) : NAN;
    default:
        return NAN;
    }
}
