/*
 * The whole law of v_n for the 1-D Gaussian under `replace`, from the characteristic
 * function of log v_n, phi(t) = [Gamma(a + it) / (Gamma(a) b^it)]^n with a = (M - 1)/2
 * and b = (M - ddof)/2: inversion by Gil-Pelaez (1951).
 * Probabilities are good to about 1e-11: the phase is n times a log Gamma.
 */
#include "sim/theory.h"

#include <complex.h>
#include <math.h>

/* log Gamma for a real part > 0: Stirling's series after a shift to 16 or more. */
static double complex log_gamma(double complex z)
{
    double complex shift = 0, y;

    for (; creal(z) < 16; z += 1)
        shift += clog(z);
    y = 1 / (z * z);
    return (z - 0.5) * clog(z) - z + 0.5 * log(2 * M_PI) - shift +
           (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * 1.0 / 1188)))) / z;
}

struct law {
    double a, log_b, n;
};

static struct law law_of(double m, double ddof, double n)
{
    return (struct law){ (m - 1) / 2, log((m - ddof) / 2), n };
}

/* P(log v_n < y).  The midpoint rule in t turns into images of the law one period apart;
 * the period is wide enough that none has mass worth counting (the left tail of log v is
 * exponential with rate a, the right one falls faster). */
static double cdf(const struct law *l, double y)
{
    double mean = l->n * (sim_theory_digamma_excess(l->a) + log(l->a) - l->log_b);
    double sd = sqrt(l->n * sim_theory_trigamma(l->a));
    double step = 2 * M_PI / (30 * sd + 60 / l->a + 2 * fabs(y - mean)), sum = 0, size = 1;

    for (double t = step / 2; size > 1e-18; t += step) {
        double complex log_phi = l->n * (log_gamma(l->a + I * t) - log_gamma(l->a) - I * t * l->log_b);

        size = exp(creal(log_phi)) / t;
        sum += size * sin(cimag(log_phi) - t * y);
    }
    return 0.5 - sum * step / M_PI;
}

double sim_replace_cdf(double m, double ddof, double n, double eps)
{
    struct law l = law_of(m, ddof, n);

    return cdf(&l, log(eps));
}

/* Regula falsi with halved ends (Illinois) inside a bracket of +-sd that is widened. */
double sim_replace_quantile(double m, double ddof, double n, double q)
{
    struct law l = law_of(m, ddof, n);
    double mean = sim_replace_logvar(m, ddof, n), wide = sim_replace_logvar_sd(m, n);
    double low = mean - wide, high = mean + wide, at_low, at_high, y = mean;

    while ((at_low = cdf(&l, low) - q) > 0)
        low -= wide;
    while ((at_high = cdf(&l, high) - q) < 0)
        high += wide;
    for (int i = 0; i < 100 && high - low > 1e-13 * wide; i++) {
        double at_y;

        y = (low * at_high - high * at_low) / (at_high - at_low);
        at_y = cdf(&l, y) - q;
        if (fabs(at_y) < 1e-15)
            break;
        if (at_y < 0) {
            low = y;
            at_low = at_y;
            at_high /= 2;
        } else {
            high = y;
            at_high = at_y;
            at_low /= 2;
        }
    }
    return exp(y);
}
