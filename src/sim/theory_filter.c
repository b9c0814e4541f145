/*
 * Detectors, watermarks, verifiers and importance weights in front of the 1-D Gaussian,
 * truth N(0, 1), MLE.  A synthetic point is flagged and dropped with probability TPR, a
 * real one with FPR.
 */
#include "sim/theory.h"

#include <math.h>

double sim_rho_eff(double pi, double tpr, double fpr)
{
    return pi * (1 - fpr) / (pi * (1 - fpr) + (1 - pi) * (1 - tpr));
}

double sim_watermark_rho_eff(double pi, double marked, double power, double alpha)
{
    return sim_rho_eff(pi, marked * power, alpha);
}

double sim_watermark_ceiling(double pi, double marked)
{
    return sim_rho_eff(pi, marked, 0);
}

double sim_topup_var(double m, const struct sim_theory_screen *s, double n)
{
    return sim_fresh_iid_var(m, sim_rho_eff(s->real_share, s->tpr, s->fpr), n);
}

double sim_rho_critical(double m)
{
    return 1 / ((m - 1) * (1 + sqrt(1 - 1 / (m - 1)))); /* 1 - sqrt(1 - 1/(M - 1)) */
}

double sim_tpr_critical(double m, double pi, double fpr)
{
    double rho = sim_rho_critical(m);

    return fmax(0, 1 - (1 - rho) / rho * pi * (1 - fpr) / (1 - pi));
}

double sim_rho_critical_biased(double lambda)
{
    return (1 - lambda) / (2 - lambda);
}

/* ---- fixed intake ------------------------------------------------------------------------------ */

/* Sums over the kept counts kr, ks with kr + ks >= AT_LEAST, not yet divided by `total`. */
struct sums {
    double n_s, keep_s, at_least;
    double kr, kr_weight;
    double total, inverse, pair, kr1, ks1, kr2, ks2, ks_square;
};

static void add_counts(void *arg, double ks, double weight)
{
    struct sums *s = arg;
    double m = s->kr + ks, w = weight * s->kr_weight;

    if (m < s->at_least)
        return;
    s->total += w;
    s->inverse += w / m;
    s->kr1 += w * s->kr / m;
    s->ks1 += w * ks / m;
    s->kr2 += w * s->kr / (m * m);
    s->ks2 += w * ks / (m * m);
    s->ks_square += w * ks * ks / (m * m);
    s->pair += w * ks * (ks - 1) / (m * m);
}

static void add_real_count(void *arg, double kr, double weight)
{
    struct sums *s = arg;

    s->kr = kr;
    s->kr_weight = weight;
    sim_theory_binomial_each(s->n_s, s->keep_s, add_counts, s);
}

static struct sums intake_sums(const struct sim_theory_intake *in, double at_least)
{
    struct sums s = { .n_s = in->n_s, .keep_s = 1 - in->tpr, .at_least = at_least };

    sim_theory_binomial_each(in->n_r, 1 - in->fpr, add_real_count, &s);
    return s;
}

double sim_theory_intake_inverse(const struct sim_theory_intake *in)
{
    struct sums s = intake_sums(in, 1);

    return s.inverse / s.total;
}

double sim_theory_intake_pair(const struct sim_theory_intake *in)
{
    struct sums s = intake_sums(in, 1);

    return s.pair / s.total;
}

double sim_theory_intake_var(const struct sim_theory_intake *in, double n)
{
    struct sums s = intake_sums(in, 1);
    double a = s.inverse / s.total, pair = s.pair / s.total, rest = a / (1 - pair);

    return isinf(n) ? 1 - rest : 1 - rest * (1 - pow(pair, n));
}

/* With sampling bias both moments are needed; at rest they solve two linear equations,
 *   a (1 - S2) = R2 + K2 l v,   v (1 - K1 l) = R1 + (K1 - 1) a. */
struct sim_theory_moments sim_theory_intake_biased(const struct sim_theory_intake *in, double lambda, double n)
{
    struct sums s = intake_sums(in, 2);
    double r1 = s.kr1 / s.total, k1 = s.ks1 / s.total * lambda, s1 = s.ks1 / s.total;
    double r2 = s.kr2 / s.total, k2 = s.ks2 / s.total * lambda, s2 = s.ks_square / s.total;
    double a = s.inverse / s.total, v = 1 - a;

    if (isinf(n)) {
        v = (r1 * (1 - s2) + (s1 - 1) * r2) / ((1 - k1) * (1 - s2) - (s1 - 1) * k2);
        return (struct sim_theory_moments){ v, (r2 + k2 * v) / (1 - s2) };
    }
    for (double k = 2; k <= n; k++) {
        double now = r2 + k2 * v + s2 * a;

        v = r1 + k1 * v + s1 * a - now;
        a = now;
    }
    return (struct sim_theory_moments){ v, a };
}

/* ---- a binormal detector ------------------------------------------------------------------------- */

/* Scores N(0, 1) on real and N(d', 1) on synthetic points: 361 thresholds on [-3, 6], the
 * one with the least (sqrt v* - 1)^2 + E mu^2*. */
struct sim_theory_operating sim_roc_best(double d_prime, double n_r, double n_s, double lambda)
{
    struct sim_theory_operating best = { .risk = INFINITY };

    for (int i = 0; i <= 360; i++) {
        double threshold = -3 + i * 0.025;
        struct sim_theory_intake in = { n_r, n_s, sim_theory_normal_above(threshold - d_prime),
                                        sim_theory_normal_above(threshold) };
        struct sim_theory_moments x = sim_theory_intake_biased(&in, lambda, INFINITY);
        double off = sqrt(x.var) - 1, risk = off * off + x.mu2;

        if (risk < best.risk)
            best = (struct sim_theory_operating){ threshold, in.tpr, in.fpr, x.var, risk };
    }
    return best;
}

/* ---- a detector that looks at the value, M = infinity --------------------------------------------- */

/* Mass and second moment of N(0, s^2), first of all of it, then of |x| < c. */
struct part {
    double mass, second;
};

static struct part centre(double s, double c)
{
    double z = c / s, mass = 1 - 2 * sim_theory_normal_above(z);

    return (struct part){ mass, s * s * (mass - 2 * z * sim_theory_normal_pdf(z)) };
}

static struct part kept(const struct sim_theory_value_filter *f, double s)
{
    struct part in = centre(s, f->c), flagged = in;

    if (f->flags_tails)
        flagged = (struct part){ 1 - in.mass, s * s - in.second };
    return (struct part){ 1 - f->t * flagged.mass, s * s - f->t * flagged.second };
}

static double filtered(const struct sim_theory_value_filter *f, double v)
{
    struct part real = kept(f, 1), synthetic = kept(f, sqrt(f->lambda * v));

    return (f->real_share * real.second + (1 - f->real_share) * synthetic.second) /
           (f->real_share * real.mass + (1 - f->real_share) * synthetic.mass);
}

double sim_theory_value_filter_var(const struct sim_theory_value_filter *f, double n)
{
    enum { LONG = 100000 };
    double v = 1, was = 0;

    for (double k = 2; k <= n && k < LONG && v != was; k++) {
        was = v;
        v = filtered(f, v);
    }
    return v;
}

/* ---- verification and importance weights ----------------------------------------------------------- */

double sim_verify_wrong(double error, double phi, double psi, double n)
{
    double p = error;

    for (double k = 2; k <= n; k++)
        p = error + (1 - error) * p * psi / (p * psi + (1 - p) * phi);
    return p;
}

double sim_verify_critical(double phi, double psi)
{
    return 1 / (1 + psi / phi);
}

/* E(1 - C)^x for C ~ Beta(a, b): B(a, b + x) / B(a, b). */
static double beta_moment(const struct sim_theory_beta *c, double x)
{
    int sign;

    return exp(lgamma_r(c->b + x, &sign) - lgamma_r(c->a + c->b + x, &sign) - lgamma_r(c->b, &sign) +
               lgamma_r(c->a + c->b, &sign));
}

double sim_theory_importance_rho(const struct sim_theory_importance *i)
{
    double real = i->real_share * beta_moment(&i->real, i->power);

    return real / (real + (1 - i->real_share) * beta_moment(&i->synthetic, i->power));
}

double sim_theory_importance_ess(const struct sim_theory_importance *i)
{
    double pi = i->real_share, x = i->power;
    double mean = pi * beta_moment(&i->real, x) + (1 - pi) * beta_moment(&i->synthetic, x);

    return mean * mean / (pi * beta_moment(&i->real, 2 * x) + (1 - pi) * beta_moment(&i->synthetic, 2 * x));
}
