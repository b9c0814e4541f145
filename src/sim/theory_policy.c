/*
 * The 1-D Gaussian, truth N(0, 1), under policies that keep old or real data.
 *
 * One idea gives every mean: a new point descends from a uniformly chosen training
 * point, two points with one parent do not differ, and all others differ as much as their
 * parents did.  Simpson diversity obeys the same recursions.
 */
#include "sim/theory.h"

#include <math.h>

/* ---- accumulate ------------------------------------------------------------------------ */

/* Gamma(2 - 1/M) / (Gamma(2 - r1) Gamma(2 - r2)), with r1, r2 the roots of
 * r^2 - r/M - 1/M: the infinite product of 1 - 1/(k(kM - 1)), k >= 2. */
static double accumulate_unbiased_limit(double m)
{
    double root = sqrt(1 / (m * m) + 4 / m);

    return tgamma(2 - 1 / m) / (tgamma(2 - (1 / m + root) / 2) * tgamma(2 - (1 / m - root) / 2));
}

double sim_accumulate_var(double m, double ddof, double n)
{
    double v = 1;

    if (isinf(n))
        return ddof == 1 ? accumulate_unbiased_limit(m) : sin(M_PI / sqrt(m)) / (M_PI / sqrt(m));
    for (double k = 1; k <= n; k++) {
        if (ddof == 0)
            v *= 1 - 1 / (m * k * k);
        else if (k > 1)
            v *= 1 - 1 / (k * (k * m - 1));
    }
    return v;
}

/* 1 - E v_n, through logarithms: for large M the difference would lose its digits. */
double sim_accumulate_mu2(double m, double n)
{
    double log_v = 0;

    if (isinf(n))
        return 1 - sim_accumulate_var(m, 0, n);
    for (double k = 1; k <= n; k++)
        log_v += log1p(-1 / (m * k * k));
    return -expm1(log_v);
}

/* E v^2 by the first two moments of SS = c chi2_1 + chi2_{M-1} + T, T the old points. */
double sim_accumulate_var_var(double m, double n)
{
    double squared = 1, mean = sim_accumulate_var(m, 0, n);

    for (double k = 1; k <= n; k++) {
        double old = (k - 1) * m, c = old / (old + m), ss = old + m - 1 + c, ss_var = 2 * (m - 1) + 2 * c * c;

        squared *= (ss * ss + ss_var) / ((old + m) * (old + m));
    }
    return squared - mean * mean;
}

double sim_accumulate_lambda_var(double m, double lambda, double n)
{
    double v = 1 - 1 / m;

    if (isinf(n))
        return lambda < 1 ? 0 : sim_accumulate_var(m, 0, n);
    for (double k = 2; k <= n; k++)
        v *= 1 - (1 - lambda) / k - lambda / (m * k * k);
    return v;
}

/* Gamma(n + kappa) / (Gamma(1 + kappa) Gamma(n + 1)) ~ n^-(1 - kappa). */
double sim_accumulate_truncated_var(double c, double n)
{
    double kappa = sim_theory_truncated_variance(c), v = 1;

    if (isinf(n))
        return 0;
    for (double k = 2; k <= n; k++)
        v *= (k - 1 + kappa) / k;
    return v;
}

/* ---- accumulate_subsample ---------------------------------------------------------------- */

/* log of P(two draws from the pool have no common ancestor), the M points being drawn
 * without replacement from n M. */
static double log_subsample_distinct(const double *m_of, double n)
{
    double m = *m_of, sum = log1p(-1 / m);

    for (double k = 1; k < n; k++)
        sum += log1p(-(2 - 1 / k - 1 / m) * k / ((k * m - 1) * (k + 1) * (k + 1)));
    return sum;
}

double sim_subsample_var(double m, double n)
{
    double shared = 1 / m, differ = 0;

    if (isinf(n))
        return (1 - 1 / m) * exp(sim_theory_limit(log_subsample_distinct, &m));
    for (double k = 1; k <= n; k++) {
        differ = (1 - shared) * k * m / (k * m - 1);
        shared += differ * (2 - 1 / k - 1 / m) / (m * (k + 1) * (k + 1));
    }
    return (1 - 1 / m) * differ;
}

/* ---- window -------------------------------------------------------------------------------- */

/* D[i][j]: expected difference of two distinct points of the batches i and j of the last
 * `held`, a ring.  One fit: returns E v_n and adds the next batch. */
struct window {
    double d[SIM_MAX_WINDOW][SIM_MAX_WINDOW];
    int size, held, next;
};

/* Two draws with replacement, one from batch I and one from J. */
static double drawn(const struct window *w, double m, int i, int j)
{
    return i == j ? (1 - 1 / m) * w->d[i][i] : w->d[i][j];
}

static double window_fit(struct window *w, double m)
{
    double to_new[SIM_MAX_WINDOW], v = 0;

    for (int j = 0; j < w->held; j++) {
        to_new[j] = 0;
        for (int k = 0; k < w->held; k++)
            to_new[j] += drawn(w, m, j, k) / w->held;
        v += to_new[j] / w->held;
    }
    for (int j = 0; j < w->held; j++)
        w->d[j][w->next] = w->d[w->next][j] = to_new[j];
    w->d[w->next][w->next] = v;
    if (w->held < w->size)
        w->held++;
    w->next = (w->next + 1) % w->size;
    return v;
}

double sim_window_var(double m, double batches, double n)
{
    struct window w = { .held = 1, .d = { { 1 } } };
    double v = 1;

    if (!(batches >= 1 && batches <= SIM_MAX_WINDOW))
        return NAN;
    if (isinf(n))
        return 0;
    w.size = (int)batches;
    w.next = 1 % w.size;
    for (double k = 1; k <= n; k++)
        v = window_fit(&w, m);
    return v;
}

/* The recursion is linear with one leading eigenvalue: the ratio of successive values,
 * long after the start, rescaled so that it never underflows. */
double sim_window_rate(double m, double batches)
{
    struct window w = { .held = 1, .d = { { 1 } } };
    double v = 1, rate = 1;

    if (!(batches >= 1 && batches <= SIM_MAX_WINDOW))
        return NAN;
    w.size = (int)batches;
    w.next = 1 % w.size;
    for (int k = 0; k < 40 * w.size + 40; k++) {
        double now = window_fit(&w, m);

        rate = now / v;
        v = 1;
        for (int i = 0; i < w.size; i++)
            for (int j = 0; j < w.size; j++)
                w.d[i][j] /= now;
    }
    return rate;
}

/* ---- sampling bias, truncation, selection ----------------------------------------------------- */

double sim_biased_var(double lambda, double n)
{
    return pow(lambda, n - 1);
}

double sim_biased_mu2(double m, double lambda, double n)
{
    double steps = lambda == 1 ? n : (1 - pow(lambda, n)) / (1 - lambda);

    return steps / m;
}

double sim_truncated_var(double m, double c, double n)
{
    return pow(1 - 1 / m, n) * pow(sim_theory_truncated_variance(c), n - 1);
}

/* Mean and variance of what is above the upper quantile of P in N(0, 1). */
struct best {
    double mean, var;
};

static struct best best_fraction(double p)
{
    double z = sim_theory_normal_upper_quantile(p), h = sim_theory_normal_pdf(z) / p;

    return (struct best){ h, 1 + z * h - h * h };
}

double sim_top_fraction_gain(double p)
{
    return best_fraction(p).mean;
}

double sim_top_fraction_kappa(double p)
{
    return best_fraction(p).var;
}

double sim_top_fraction_var(double p, double n)
{
    return pow(best_fraction(p).var, n - 1);
}

double sim_top_fraction_mean(double p, double n)
{
    struct best b = best_fraction(p);
    double ratio = sqrt(b.var);

    return b.mean * (1 - pow(ratio, n - 1)) / (1 - ratio);
}
