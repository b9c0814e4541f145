/*
 * draws_fixture.h - streams, closed-form laws and goodness-of-fit tests for the variates.
 *
 * Each test has a fixed seed, and a bound that a right law passes but once in 10,000 seeds
 * or more rarely.
 */
#ifndef WINNOW_TEST_DRAWS_FIXTURE_H
#define WINNOW_TEST_DRAWS_FIXTURE_H

#include "support/cm.h"

#include <math.h>

#include "sim/draws_inline.h"

enum { DRAWS_CELLS = 200 };

static inline struct wn_rng draws_stream(uint64_t seed)
{
    struct wn_rng r;

    wn_rng_init(&r, seed, WN_DOMAIN_SAMPLE, 5, 6, 7);
    return r;
}

static inline bool draws_same_state(const struct wn_rng *a, const struct wn_rng *b)
{
    return memcmp(a->s, b->s, sizeof(a->s)) == 0;
}

/* Regularised incomplete gamma P(a, x): the series below a + 1, Lentz's continued fraction
 * for 1 - P above (Abramowitz & Stegun 6.5.29 and 6.5.31). */
static inline double draws_gamma_cdf(double a, double x)
{
    double front, sum, term, b, c, d, h;

    if (!(x > 0))
        return 0;
    front = exp(a * log(x) - x - lgamma(a));
    if (x < a + 1) {
        sum = term = 1 / a;
        for (int i = 1; i < 100000 && term > sum * 1e-16; i++)
            sum += term *= x / (a + i);
        return front * sum;
    }
    b = x + 1 - a;
    c = 1e300;
    h = d = 1 / b;
    for (int i = 1; i < 100000; i++) {
        double an = -i * (i - a), step;

        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        step = c * d;
        h *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return 1 - front * h;
}

static inline double draws_log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static inline double draws_normal_cdf(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

/* The chi-square statistic X2 of DF degrees of freedom is below its 1 - 1e-5 point. */
static inline void draws_assert_fits(double x2, double df, const char *what)
{
    double p = 1 - draws_gamma_cdf(df / 2, x2 / 2);

    if (!(p > 1e-5))
        fail_msg("%s: chi-square %.1f of %.0f degrees of freedom, p = %.2g", what, x2, df, p);
}

static inline int draws_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* U[0..n-1] are uniform on (0, 1): Kolmogorov-Smirnov (2.4 / sqrt n has p = 2e-5) and cells
 * of equal width.  Sorts U. */
static inline void draws_assert_uniform(double *u, int n, const char *what)
{
    double cell[DRAWS_CELLS] = { 0 }, x2 = 0, want = (double)n / DRAWS_CELLS, furthest = 0;

    qsort(u, (size_t)n, sizeof(*u), draws_by_value);
    for (int i = 0; i < n; i++) {
        int at = (int)(u[i] * DRAWS_CELLS);

        if (!(u[i] >= 0 && u[i] <= 1))
            fail_msg("%s: a probability of %g", what, u[i]);
        cell[at < DRAWS_CELLS ? at : DRAWS_CELLS - 1]++;
        furthest = fmax(furthest, fmax(u[i] - (double)i / n, (double)(i + 1) / n - u[i]));
    }
    if (!(furthest * sqrt(n) < 2.4))
        fail_msg("%s: Kolmogorov-Smirnov %.2f", what, furthest * sqrt(n));
    for (int i = 0; i < DRAWS_CELLS; i++)
        x2 += (cell[i] - want) * (cell[i] - want) / want;
    draws_assert_fits(x2, DRAWS_CELLS - 1, what);
}

/* COUNT[0..k-1] came from the probabilities P; cells are pooled from the left until 8 are
 * expected in each.  A cell of probability 0 must be empty. */
static inline void draws_assert_counts(const double *count, const double *p, int k, const char *what)
{
    double n = 0, x2 = 0, got = 0, want = 0, rest = 0;
    int cells = 0;

    for (int i = 0; i < k; i++) {
        n += count[i];
        rest += p[i];
        if (p[i] <= 0 && count[i] > 0)
            fail_msg("%s: %g draws of the impossible value %d", what, count[i], i);
    }
    if (!(fabs(rest - 1) < 1e-9))
        fail_msg("%s: the probabilities add up to %.12g", what, rest);
    for (int i = 0; i < k; i++) {
        got += count[i];
        want += n * p[i];
        rest -= p[i];
        if ((want >= 8 && n * rest >= 8) || i == k - 1) {
            x2 += want > 0 ? (got - want) * (got - want) / want : 0;
            got = want = 0;
            cells++;
        }
    }
    if (cells > 1)
        draws_assert_fits(x2, cells - 1, what);
}

#endif
