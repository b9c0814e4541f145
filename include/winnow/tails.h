/*
 * tails.h - exact tails of the distributions that the tests stand on, in logs.
 *
 * Natural logarithms, so that p = 1e-4000 is a number like any other.  Each formula
 * holds to about 1e-12 relative in log p, for n up to 1e9 and beyond; the cost grows
 * like sqrt(n) at worst, next to the mean.  Arguments outside the stated ranges give
 * NAN.
 */
#ifndef WINNOW_TAILS_H
#define WINNOW_TAILS_H

#include <stdint.h>

/* ln P[Z >= z], Z standard normal. */
double wn_log_normal_sf(double z);
/* ln P[X >= k], X ~ Binomial(n, p), 0 < p < 1.  0 for k = 0; -INFINITY for k > n. */
double wn_log_binomial_sf(uint64_t k, uint64_t n, double p);
/* ln P[X >= x], X ~ Gamma(shape n, scale 1), n a positive integer, x >= 0. */
double wn_log_gamma_sf(uint64_t n, double x);
/* ln P[X >= k]: X successes in DRAWS draws without replacement from N items of which
 * K are successes. */
double wn_log_hypergeometric_sf(uint64_t k, uint64_t N, uint64_t K, uint64_t draws);
/* Upper-tail quantile of the standard normal: z with P[Z >= z] = p, 0 < p < 1. */
double wn_normal_isf(double p);

/* Clopper-Pearson interval of a rate: HITS of N at confidence LEVEL (0.95).  [0, 1]
 * when N = 0.  (Clopper and Pearson 1934; by bisection on the binomial tail.) */
struct wn_interval {
    double low, high;
};
struct wn_interval wn_rate_interval(uint64_t hits, uint64_t n, double level);
/* Student's t interval of the mean of N values; the whole line when N < 2. */
struct wn_interval wn_mean_interval(double mean, double sd, uint64_t n, double level);

#endif
