/*
 * Special functions of the theory, to about 1e-15 relative.
 */
#include "sim/theory.h"

#include <math.h>

/* Asymptotic series are used from here on; smaller arguments are shifted up. */
#define SERIES_FROM 16.0

/* Abramowitz & Stegun 6.3.18: psi(x) - log x. */
static double digamma_tail(double x)
{
    double y = 1 / (x * x);

    return -0.5 / x -
           y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * 691.0 / 32760)))));
}

double sim_theory_digamma_excess(double x)
{
    double shift = 0, from = x;

    for (; x < SERIES_FROM; x++)
        shift += 1 / x;
    return digamma_tail(x) + log(x / from) - shift;
}

/* Abramowitz & Stegun 6.4.12. */
double sim_theory_trigamma(double x)
{
    double sum = 0, y;

    for (; x < SERIES_FROM; x++)
        sum += 1 / (x * x);
    y = 1 / (x * x);
    return sum + 1 / x + 0.5 * y +
           y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y * (1.0 / 30 - y * (5.0 / 66 - y * 691.0 / 2730)))));
}

/* log of Gamma(x + 1/2) / (Gamma(x) sqrt(x)), x = (m - 1)/2.  For large x from Stirling's
 * series, term k: (2^-k - 2) B_{k+1} / (k (k + 1) x^k), k odd: the difference of two
 * lgamma would lose the digits that matter. */
double sim_theory_log_c4(double m)
{
    double x = (m - 1) / 2, y = 1 / (x * x);
    int sign;

    if (x < SERIES_FROM)
        return lgamma_r(x + 0.5, &sign) - lgamma_r(x, &sign) - 0.5 * log(x);
    return -(1.0 / 8 - y * (1.0 / 192 - y * (1.0 / 640 - y * (17.0 / 14336 - y * 31.0 / 18432)))) / x;
}

double sim_theory_normal_pdf(double z)
{
    return exp(-0.5 * z * z) * 0.39894228040143267794;
}

double sim_theory_normal_above(double z)
{
    return 0.5 * erfc(z * M_SQRT1_2);
}

/* P(Z > z) falls in z: halve the interval until it has no midpoint. */
double sim_theory_normal_upper_quantile(double p)
{
    double low = -40, high = 40, mid;

    for (mid = 0; low < mid && mid < high; mid = low + (high - low) / 2) {
        if (sim_theory_normal_above(mid) > p)
            low = mid;
        else
            high = mid;
    }
    return mid;
}

double sim_theory_truncated_variance(double c)
{
    return 1 - 2 * c * sim_theory_normal_pdf(c) / (1 - 2 * sim_theory_normal_above(c));
}

/* Below this share of the largest term the others no longer count in double precision. */
#define NEGLIGIBLE 1e-18

void sim_theory_binomial_each(double m, double p, sim_theory_binomial_fn *f, void *arg)
{
    double mode = p < 1 ? floor((m + 1) * p) : m, odds, w = 1;

    f(arg, mode, 1);
    if (p <= 0 || p >= 1)
        return;
    odds = p / (1 - p);
    for (double k = mode; k < m; k++) {
        w *= odds * (m - k) / (k + 1);
        if (w < NEGLIGIBLE)
            break;
        f(arg, k + 1, w);
    }
    w = 1;
    for (double k = mode; k > 0; k--) {
        w *= k / (odds * (m - k + 1));
        if (w < NEGLIGIBLE)
            break;
        f(arg, k - 1, w);
    }
}

struct expect {
    const double *f;
    double sum, total;
};

static void add_expect(void *arg, double k, double w)
{
    struct expect *e = arg;

    e->sum += w * e->f[(size_t)k];
    e->total += w;
}

double sim_theory_binomial_mean(double m, double p, const double *f)
{
    struct expect e = { f, 0, 0 };

    sim_theory_binomial_each(m, p, add_expect, &e);
    return e.sum / e.total;
}

/* A limit of a sequence whose error is a series in 1/n: the powers are removed one by one
 * (Richardson) from the values at n = 128, 256, ... */
double sim_theory_limit(double (*f)(const double *args, double n), const double *args)
{
    enum { ROWS = 7 };
    double t[ROWS], n = 128;

    for (int i = 0; i < ROWS; i++, n *= 2) {
        double power = 2;

        t[i] = f(args, n);
        for (int j = i - 1; j >= 0; j--, power *= 2)
            t[j] = t[j + 1] + (t[j + 1] - t[j]) / (power - 1);
    }
    return t[0];
}
