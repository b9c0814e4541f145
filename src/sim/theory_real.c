/*
 * The 1-D Gaussian, truth N(0, 1), MLE, when real data come with every fit: new real points
 * (fixed or binomial counts), the same real points for ever, a general mixture, weights.
 */
#include "sim/theory.h"

#include <math.h>

/* a = E mu^2 and v = E v; a fixed count of real points, synthetic ones from N(mu, lambda v). */
static struct sim_theory_moments fresh(double m, double m_r, double lambda, double n)
{
    double rho = m_r / m, a = 1 / m, v = 1 - 1 / m, c = 1 - rho;

    if (isinf(n)) {
        double keep = 1 - 1 / (m * (2 - rho));

        if (rho == 0)
            return (struct sim_theory_moments){ 0, 1 / (m * (1 - lambda * (1 - 1 / m))) };
        v = rho * keep / (1 - c * lambda * keep);
        return (struct sim_theory_moments){ v, (rho + c * lambda * v) / (m * rho * (2 - rho)) };
    }
    for (double k = 2; k <= n; k++) {
        double second = rho + c * (lambda * v + a);

        a = c * c * a + (rho + c * lambda * v) / m;
        v = second - a;
    }
    return (struct sim_theory_moments){ v, a };
}

double sim_fresh_var(double m, double m_r, double lambda, double n)
{
    return fresh(m, m_r, lambda, n).var;
}

double sim_fresh_mu2(double m, double m_r, double lambda, double n)
{
    return fresh(m, m_r, lambda, n).mu2;
}

double sim_fresh_biased_limit(double rho, double lambda)
{
    return rho / (1 - (1 - rho) * lambda);
}

double sim_fresh_truncated_limit(double rho, double c)
{
    return sim_fresh_biased_limit(rho, sim_theory_truncated_variance(c));
}

double sim_fresh_iid_var(double m, double rho, double n)
{
    double synthetic = (1 - rho) * (1 - rho), real = rho * (2 - rho), keep = 1 - 1 / m;
    double rest = (m - 1) * real / (m * real + synthetic);

    return isinf(n) ? rest : rest + (keep - rest) * pow(keep * synthetic, n - 1);
}

/* Starts from a fit of the real points alone; d = E(mu - mean of the real points)^2. */
double sim_fixed_real_var(double m_r, double m_s, double n)
{
    double rho = m_r / (m_r + m_s), c = 1 - rho, real = 1 - 1 / m_r, v = real, d = 0;

    if (isinf(n)) {
        double apart = c / ((m_r + m_s) * rho * (2 - rho));

        return rho * real / (1 - c * (1 - 1 / m_s) - rho * c * (apart + 1 / m_s));
    }
    for (double k = 2; k <= n; k++) {
        double now = rho * real + c * (1 - 1 / m_s) * v + rho * c * (d + v / m_s);

        d = c * c * (d + v / m_s);
        v = now;
    }
    return v;
}

/* p_{i+1} = alpha p_theta(i+1) + beta p_i + gamma p_0 (Shumailov et al. 2024, "learning
 * with generational data"); x is the expected difference of two points of p_i. */
double sim_general_var(double m, double alpha, double beta, double gamma, double n)
{
    double old = alpha + beta, factor = old * old - alpha * alpha / m, gain = gamma * (2 - gamma), x = 1;

    if (isinf(n))
        return factor < 1 ? (1 - 1 / m) * gain / (1 - factor) : 1 - 1 / m;
    for (double k = 1; k < n; k++)
        x = factor * x + gain;
    return (1 - 1 / m) * x;
}

/* ---- weights on real and synthetic points -------------------------------------------------------- */

double sim_weight_best(double k)
{
    return (sqrt(k * k + 4 * k) - k) / 2;
}

/* Weighted likelihood: E v_n = 1 - E mu_n^2. */
double sim_weight_mu2(double n_r, double n_s, double w, double n)
{
    double c = (1 - w) * (1 - w), gain = w * w / n_r + c / n_s, factor = c * (1 - 1 / n_s);

    return gain * (isinf(n) ? 1 : 1 - pow(factor, n)) / (1 - factor);
}

/* The published estimator (He, Xu, Cheng) weighs mean and unbiased variance separately;
 * its first fit has n_r real points alone. */
double sim_weight_mean_error(double n_r, double n_s, double w, double n)
{
    double c = (1 - w) * (1 - w), rest = (w * w / n_r + c / n_s) / (1 - c);

    return isinf(n) ? rest : rest + (1 / n_r - rest) * pow(c, n - 1);
}

double sim_weight_var_error(double n_r, double n_s, double w, double n)
{
    double c = (1 - w) * (1 - w), factor = c * (1 + 2 / (n_s - 1));
    double rest = (2 * w * w / (n_r - 1) + 2 * c / (n_s - 1)) / (1 - factor);

    return isinf(n) ? rest : rest + (2 / (n_r - 1) - rest) * pow(factor, n - 1);
}
