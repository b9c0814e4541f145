/*
 * The 1-D Gaussian under `replace`: log v_n is a sum of independent steps, the log of
 * chi2_{M-1}/(M - ddof), and mu_n a martingale with steps of variance v/M.
 * Shumailov et al. 2024, theorem 3.1, gives the second order; these are the exact laws.
 */
#include "sim/theory.h"

#include <math.h>

double sim_replace_var(double m, double ddof, double n)
{
    return ddof == 1 ? 1 : pow(1 - 1 / m, n);
}

double sim_replace_var_sd(double m, double ddof, double n)
{
    return sim_replace_var(m, ddof, n) * sqrt(expm1(n * log((m + 1) / (m - 1))));
}

double sim_replace_var_var(double m, double ddof, double n)
{
    double sd = sim_replace_var_sd(m, ddof, n);

    return sd * sd;
}

/* log of E sigma_{n+1} / sigma_n */
static double log_sd_step(double m, double ddof)
{
    return sim_theory_log_c4(m) + 0.5 * log((m - 1) / (m - ddof));
}

double sim_replace_sd(double m, double ddof, double n)
{
    return exp(n * log_sd_step(m, ddof));
}

double sim_replace_sd_sd(double m, double ddof, double n)
{
    return sqrt(sim_replace_var(m, ddof, n) - exp(2 * n * log_sd_step(m, ddof)));
}

/* sum over fits of E v_{k-1} / M: geometric, or n/M when E v stays 1. */
double sim_replace_mu2(double m, double ddof, double n)
{
    double factor = (m - 1) / (m - ddof);

    if (ddof == 1)
        return n / m;
    return -expm1(n * log(factor)) / (m * (1 - factor));
}

double sim_replace_w2(double m, double ddof, double n)
{
    double ev_less_1 = expm1(n * log((m - 1) / (m - ddof)));

    return sim_replace_mu2(m, ddof, n) + ev_less_1 - 2 * expm1(n * log_sd_step(m, ddof));
}

double sim_replace_w2_second_order(double m, double n)
{
    return 1.5 * n / m;
}

double sim_replace_drift(double m, double ddof)
{
    double a = (m - 1) / 2;

    return sim_theory_digamma_excess(a) + log(2 * a / (m - ddof));
}

double sim_theory_half_life(double drift)
{
    return M_LN2 / fabs(drift);
}

double sim_replace_half_life(double m, double ddof)
{
    return sim_theory_half_life(sim_replace_drift(m, ddof));
}

double sim_replace_logvar(double m, double ddof, double n)
{
    return n * sim_replace_drift(m, ddof);
}

double sim_replace_logvar_var(double m, double n)
{
    return n * sim_theory_trigamma((m - 1) / 2);
}

double sim_replace_logvar_sd(double m, double n)
{
    return sqrt(sim_replace_logvar_var(m, n));
}

/* The moments a = E mu^4, b = E mu^2 v, c = E v^2 follow a linear recursion. */
double sim_replace_x4(double m, double n)
{
    double a = 0, b = 0, c = 1;

    for (double k = 1; k <= n; k++) {
        a += 6 * b / m + 3 * c / (m * m);
        b += c / m;
        c *= (m + 1) / (m - 1);
    }
    return a + 6 * b + 3 * c;
}

double sim_replace_kurtosis(double m, double n)
{
    double variance = 1 + n / m;

    return sim_replace_x4(m, n) / (variance * variance);
}

/* E 1/v grows by q per fit, and E mu^2/v collects v_{k-1}/(M v_n) from every fit. */
double sim_replace_kl_truth_model(double m, double ddof, double n)
{
    double q = (m - ddof) / (m - 3), grown;

    if (m <= 3)
        return INFINITY;
    grown = pow(q, n);
    return (sim_replace_logvar(m, ddof, n) + grown + q / m * (grown - 1) / (q - 1) - 1) / 2;
}

/* E of the model's second moment about the truth's mean, less 1: 0 for the MLE. */
static double second_moment_excess(double m, double ddof, double n)
{
    return sim_replace_mu2(m, ddof, n) + expm1(n * log((m - 1) / (m - ddof)));
}

double sim_replace_kl_model_truth(double m, double ddof, double n)
{
    return (second_moment_excess(m, ddof, n) - sim_replace_logvar(m, ddof, n)) / 2;
}

double sim_replace_crossentropy(double m, double ddof, double n)
{
    return 0.5 * log(2 * M_PI) + (1 + second_moment_excess(m, ddof, n)) / 2;
}

static double scheduled(double m0, double power, double k)
{
    return nearbyint(m0 * pow(k, power));
}

double sim_schedule_var(double m0, double power, double ddof, double n)
{
    double log_v = 0;

    for (double k = 1; k <= n; k++) {
        double m = scheduled(m0, power, k);

        log_v += log((m - 1) / (m - ddof));
    }
    return exp(log_v);
}

double sim_schedule_w2(double m0, double power, double n)
{
    double mu2 = 0, log_sd = 0;

    for (double k = 1; k <= n; k++) {
        double m = scheduled(m0, power, k);

        mu2 += 1 / m;
        log_sd += sim_theory_log_c4(m);
    }
    return mu2 - 2 * expm1(log_sd);
}

double sim_schedule_w2_second_order(double m0, double power, double n)
{
    double sum = 0;

    for (double k = 1; k <= n; k++)
        sum += 1.5 / scheduled(m0, power, k);
    return sum;
}

/* X_1 has mean mu ~ N(0, 1/M) and variance v, so X_1 given v is N(0, v + 1/M).  The mean
 * over y = log v (v chi-square/(M-1)) is a trapezium sum: for such a smooth density
 * that falls to 0 on both sides its error is far below a rounding. */
double sim_replace_tail_first(double m, double t)
{
    double a = (m - 1) / 2, sd = sqrt(sim_theory_trigamma(a)), step = sd / 16;
    double from = -14 * sd - 40 / a, sum = 0, total = 0;

    for (double y = from; y < 12 * sd; y += step) {
        double w = exp(a * (y - expm1(y)));

        sum += w * 2 * sim_theory_normal_above(t / sqrt(1 / m + exp(y)));
        total += w;
    }
    return sum / total;
}
