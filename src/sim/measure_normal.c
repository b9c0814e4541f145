/*
 * Two normal distributions on the line.
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/tails.h>

static bool same_point(double m1, double s1, double m2, double s2)
{
    return s1 == 0 && s2 == 0 && m1 == m2;
}

/* P[a < Z < b], Z standard normal; the difference is taken in the tail where it is exact. */
static double between(double a, double b)
{
    if (a > 0)
        return 0.5 * (erfc(a * M_SQRT1_2) - erfc(b * M_SQRT1_2));
    return 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2));
}

/* s1 < s2.  In units of s1 around m1, with r = s1/s2 and e = (m2 - m1)/s2, the densities are
 * equal where (1 - r^2) u^2 + 2 r e u - (e^2 - 2 log r) = 0; the narrow one is the larger
 * between the two roots. */
static double narrow_against_wide(double m1, double s1, double m2, double s2)
{
    double r = s1 / s2, e = (m2 - m1) / s2;
    double a = (1 - r) * (1 + r), half_b = r * e, c = 2 * log(r) - e * e;
    double root = sqrt(half_b * half_b - a * c);
    /* The root without cancellation first, the other from their product c/a. */
    double q = half_b > 0 ? -(half_b + root) : root - half_b;
    double u = q / a, v = c / q;
    double from = fmin(u, v), to = fmax(u, v);

    return between(from, to) - between(from * r - e, to * r - e);
}

double sim_gauss_total_variation(double m1, double s1, double m2, double s2)
{
    if (same_point(m1, s1, m2, s2))
        return 0;
    if (s1 == 0 || s2 == 0)
        return 1;
    if (s1 == s2)
        return erf(fabs(m1 - m2) / s1 * (M_SQRT1_2 / 2));
    return fmin(1, fmax(0, s1 < s2 ? narrow_against_wide(m1, s1, m2, s2) : narrow_against_wide(m2, s2, m1, s1)));
}

/* log of 2 s1 s2 / (s1^2 + s2^2), with its digits both near 0 and far from it. */
static double log_scale_overlap(double s1, double s2)
{
    double h = hypot(s1, s2), gap = (s1 - s2) / h, product = 2 * (s1 / h) * (s2 / h);

    return product < 0.5 ? log(product) : log1p(-gap * gap);
}

double sim_gauss_hellinger_squared(double m1, double s1, double m2, double s2)
{
    double d;

    if (same_point(m1, s1, m2, s2))
        return 0;
    if (s1 == 0 || s2 == 0)
        return 1;
    d = (m1 - m2) / hypot(s1, s2);
    return fmax(0, -expm1(0.5 * log_scale_overlap(s1, s2) - 0.25 * d * d));
}

/* log(1 + exp(t)) for any t. */
static double softplus(double t)
{
    return t > 0 ? t + log1p(exp(-t)) : log1p(exp(t));
}

/* The integrand of the divergence at X. */
static double js_density(const double m[2], const double s[2], double x)
{
    double log_f[2];

    for (int i = 0; i < 2; i++) {
        double z = (x - m[i]) / s[i];

        log_f[i] = -0.5 * z * z - log(s[i]) - 0.5 * log(2 * M_PI);
    }
    return 0.5 * exp(log_f[0]) * (M_LN2 - softplus(log_f[1] - log_f[0])) +
           0.5 * exp(log_f[1]) * (M_LN2 - softplus(log_f[0] - log_f[1]));
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Simpson's rule on panels between the points m -+ k s of either law, so that the narrow one
 * is resolved wherever it lies; 9 sd leave out 2e-19 of the mass. */
double sim_gauss_js(double m1, double s1, double m2, double s2)
{
    enum { REACH = 9, N_CUTS = 2 * (2 * REACH + 1), N_STEPS = 64 };
    const double m[2] = { m1, m2 }, s[2] = { s1, s2 };
    double cut[N_CUTS], sum = 0;
    size_t n = 0;

    if (same_point(m1, s1, m2, s2))
        return 0;
    if (s1 == 0 || s2 == 0)
        return M_LN2;
    for (int i = 0; i < 2; i++)
        for (int k = -REACH; k <= REACH; k++)
            cut[n++] = m[i] + k * s[i];
    qsort(cut, n, sizeof(*cut), rising);
    for (size_t i = 0; i + 1 < n; i++) {
        double h = (cut[i + 1] - cut[i]) / N_STEPS;

        for (int k = 0; k <= N_STEPS; k++) {
            double weight = k == 0 || k == N_STEPS ? 1 : k % 2 ? 4 : 2;

            sum += weight * h / 3 * js_density(m, s, cut[i] + k * h);
        }
    }
    return fmin(M_LN2, fmax(0, sum));
}

struct sim_tails sim_gauss_tails(double m, double s, double m0, double s0, double a)
{
    double z, low, high;

    if (!(a > 0 && a < 1))
        return (struct sim_tails){ NAN, NAN };
    z = wn_normal_isf(a);
    low = m0 - z * s0;
    high = m0 + z * s0;
    if (s == 0)
        return (struct sim_tails){ m < low, m > high };
    return (struct sim_tails){ 0.5 * erfc((m - low) / s * M_SQRT1_2), 0.5 * erfc((high - m) / s * M_SQRT1_2) };
}
