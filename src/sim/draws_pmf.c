#include "sim/draws_pmf.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

/* log n! - log(sqrt(2 pi n) (n / e)^n) for whole n >= 1.  Up to 15 from a table, above by
 * Stirling's series, whose first term left out is below 2e-16 there. */
static double stirling_error(double n)
{
    static const double small[16] = {
        0,   /* no formula at 0; the callers treat it apart */
        0.08106146679532726,  0.0413406959554093,    0.02767792568499834,  0.020790672103765093, 0.016644691189821193,
        0.013876128823070748, 0.01189670994589177,   0.010411265261972096, 0.009255462182712733, 0.00833056343336287,
        0.007573675487951841, 0.00694284010720953,   0.006408994188004207, 0.0059513701127588475, 0.005554733551962801,
    };
    double r = 1 / n, rr = r * r;

    if (n < 16)
        return small[(int)n];
    return r * (1.0 / 12 - rr * (1.0 / 360 - rr * (1.0 / 1260 - rr * (1.0 / 1680 - rr * (1.0 / 1188)))));
}

/* x log(x / mean) + mean - x >= 0, for x > 0.  Near the mean by Loader's equation (5) in
 * v = (x - mean) / (x + mean): the sum of v^(2j) / (2j + 1), j >= 1, to 1e-17 of 1. */
static double deviance(double x, double mean)
{
    double v = (x - mean) / (x + mean), w = v * v, sum;

    if (w >= 0.01)
        return x * log(x / mean) + mean - x;
    sum = 1.0 / 3 + w * (1.0 / 5 + w * (1.0 / 7 + w * (1.0 / 9)));
    if (w > 1e-4)
        sum += w * w * w * w * (1.0 / 11 + w * (1.0 / 13 + w * (1.0 / 15 + w * (1.0 / 17))));
    return (x - mean) * v + 2 * x * v * w * sum;
}

double draws_log_binomial(double k, double n, double p, double q)
{
    double rest = n - k;

    if (k <= 0)
        return n * (p < 0.1 ? log1p(-p) : log(q));
    if (rest <= 0)
        return n * (q < 0.1 ? log1p(-q) : log(p));
    return stirling_error(n) - stirling_error(k) - stirling_error(rest) - deviance(k, n * p) - deviance(rest, n * q) -
           0.5 * log(TWO_PI * k * (rest / n));
}

double draws_log_poisson(double k, double mean)
{
    if (k <= 0)
        return -mean;
    return -stirling_error(k) - deviance(k, mean) - 0.5 * log(TWO_PI * k);
}

double draws_log_two_binomials(double j, double m, double k, double n, double p)
{
    double j_rest = m - j, k_rest = n - k, product = j * j_rest * k * k_rest;

    if (product <= 0)   /* rare; both forms have the same constant */
        return draws_log_binomial(j, m, p, 1 - p) + draws_log_binomial(k, n, p, 1 - p) - stirling_error(m) -
               stirling_error(n) - 0.5 * log(m * n) + log(TWO_PI);
    return -(stirling_error(j) + stirling_error(j_rest)) - (stirling_error(k) + stirling_error(k_rest)) -
           (deviance(j, m * p) + deviance(j_rest, m * (1 - p))) - (deviance(k, n * p) + deviance(k_rest, n * (1 - p))) -
           0.5 * log(product);
}
