/*
 * The d-dimensional Gaussian, linear regression, kernel densities, count models and Poisson.
 */
#include "sim/theory.h"

#include <math.h>

/* ---- d-dimensional Gaussian under replace ----------------------------------------------------- */

double sim_nd_trace(double d, double m, double ddof, double n)
{
    return d * sim_replace_var(m, ddof, n);
}

/* Bartlett: det of the fitted covariance multiplies by prod chi2_{M-i} / (M - ddof). */
double sim_nd_logdet_drift(double d, double m, double ddof)
{
    double sum = 0;

    for (double i = 1; i <= d; i++)
        sum += sim_nd_lyapunov(m, ddof, i);
    return sum;
}

double sim_nd_logdet(double d, double m, double ddof, double n)
{
    return n * sim_nd_logdet_drift(d, m, ddof);
}

double sim_nd_logdet_var(double d, double m, double n)
{
    double sum = 0;

    for (double i = 1; i <= d; i++)
        sum += sim_theory_trigamma((m - i) / 2);
    return n * sum;
}

double sim_nd_logdet_sd(double d, double m, double n)
{
    return sqrt(sim_nd_logdet_var(d, m, n));
}

double sim_nd_det(double d, double m, double ddof, double n)
{
    double step = 1;

    for (double i = 1; i <= d; i++)
        step *= (m - i) / (m - ddof);
    return pow(step, n);
}

/* The second moments of a Wishart matrix close on (E tr S^2, E (tr S)^2), unbiased fit. */
struct traces {
    double of_square, squared;
};

static struct traces traces(double d, double m, double n)
{
    struct traces t = { d, d * d };

    for (double k = 1; k <= n; k++)
        t = (struct traces){ t.of_square * (1 + 1 / (m - 1)) + t.squared / (m - 1),
                             t.squared + 2 * t.of_square / (m - 1) };
    return t;
}

double sim_nd_trace_of_square(double d, double m, double n)
{
    return traces(d, m, n).of_square;
}

double sim_nd_trace_squared(double d, double m, double n)
{
    return traces(d, m, n).squared;
}

double sim_nd_mu2(double d, double m, double n)
{
    return n * d / m;
}

double sim_nd_w2_second_order(double d, double m, double n)
{
    return n * d / m + n * d * (d + 1) / (4 * (m - 1));
}

/* Newman 1986: exponents of products of Gaussian matrices; I = 1 is the largest. */
double sim_nd_lyapunov(double m, double ddof, double i)
{
    double a = (m - i) / 2;

    return sim_theory_digamma_excess(a) + log(2 * a / (m - ddof));
}

double sim_nd_accumulate_trace(double d, double m, double n)
{
    return d * sim_accumulate_var(m, 0, n);
}

/* The fresh data loop of MAD: unbiased fits, the first one of n_ini real points. */
double sim_theory_mad_trace(const struct sim_theory_mad *s, double n)
{
    double total = s->n_r + s->n_s, v = 1, a = 1 / s->n_ini;

    for (double k = 2; k <= n; k++) {
        double lv = s->lambda * v, between = s->n_r * s->n_s / total * (1 / s->n_r + a + lv / s->n_s);

        v = (s->n_r - 1 + (s->n_s - 1) * lv + between) / (total - 1);
        a = s->n_r / (total * total) + s->n_s * s->n_s / (total * total) * (a + lv / s->n_s);
    }
    return s->d * v;
}

/* ---- linear regression, noise sigma^2 = s2, T points a fit ------------------------------------- */

double sim_linreg_replace(double d, double t, double sigma, double n)
{
    return n * sigma * sigma * d / (t - d - 1);
}

double sim_linreg_accumulate(double d, double t, double sigma, double n)
{
    double sum = 0;

    if (isinf(n))
        sum = M_PI * M_PI / 6;
    else
        for (double i = n; i >= 1; i--)
            sum += 1 / (i * i);
    return sigma * sigma * d / (t - d - 1) * sum;
}

double sim_linreg_accumulate_new(double d, double t, double sigma, double n)
{
    double sum = 0;

    for (double i = n; i >= 1; i--)
        sum += 1 / (i * (i * t - d - 1));
    return sigma * sigma * d * sum;
}

double sim_linreg_grown(double d, double t, double sigma, double n)
{
    double sum = 0;

    for (double i = n; i >= 1; i--)
        sum += 1 / (i * t - d - 1);
    return sigma * sigma * d * sum;
}

/* d = 1, sigma = 1: B ~ Beta(T_s/2, T_r/2) is the share of the design's square that is
 * synthetic. */
double sim_linreg_fresh(double t_r, double t_s, double n)
{
    double a = t_s / 2, all = (t_r + t_s) / 2, b2 = a * (a + 1) / (all * (all + 1)), gain = 1 / (t_r + t_s - 2);

    return gain * (isinf(n) ? 1 : 1 - pow(b2, n)) / (1 - b2);
}

/* Dohmatob et al.: a share p2 of the data has coefficients off by c (squared). */
double sim_linreg_strong(double sigma, double d, double n, double p2, double c2)
{
    return sigma * sigma * d / n + p2 * p2 * c2;
}

/* ---- kernel density under replace ----------------------------------------------------------------- */

/* Variance of the model: that of its points, plus h^2. */
double sim_kde_fixed_var(double m, double h, double n)
{
    double keep = 1 - 1 / m, rest = m * h * h;

    return isinf(n) ? rest : rest + (keep + h * h - rest) * pow(keep, n - 1);
}

double sim_kde_rule_growth(double m, double c)
{
    return (1 - 1 / m) * (1 + c * c * pow(m, -0.4) * m / (m - 1));
}

double sim_kde_rule_var(double m, double c, double n)
{
    return pow(sim_kde_rule_growth(m, c), n);
}

/* ---- counts (Seddik et al.), Poisson ----------------------------------------------------------------- */

double sim_seddik_sum_squares(double size, double s0, double fits)
{
    return 1 - pow(1 - 1 / size, fits) * (1 - s0);
}

double sim_seddik_partial(double real, double size, double s0, double fits)
{
    double alpha = size / (real + size), s1 = sim_seddik_sum_squares(real, s0, 1);
    double factor = alpha * alpha * (1 - 1 / size), rest = alpha * alpha * (1 - s1) / size / (1 - factor);

    return isinf(fits) ? rest : rest * (1 - pow(factor, fits - 1));
}

/* g_1 = 1, g_{k+1} = 1 - exp(-g_k): survival of a critical branching process. */
double sim_branching_g(double k)
{
    double g = 1;

    for (double i = 2; i <= k; i++)
        g = -expm1(-g);
    return g;
}

double sim_poisson_extinct(double m, double lambda0, double n)
{
    return exp(-m * lambda0 * sim_branching_g(n));
}

double sim_poisson_var(double m, double lambda0, double n)
{
    return n * lambda0 / m;
}
