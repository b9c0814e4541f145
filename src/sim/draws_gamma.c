/*
 * draws_gamma.c - gamma, chi-square and beta variates (Marsaglia & Tsang 2000, ACM TOMS
 * 26(3); their section 6 for shapes below 1).
 */
#include <assert.h>

#include "sim/draws_inline.h"

/* Their d and c for a shape of at least 1. */
static double d_of(double shape)
{
    return shape - 1.0 / 3;
}

static double c_of(double d)
{
    return 1 / sqrt(9 * d);
}

/* log(1 + t) - t + t^2 / 2 - t^3 / 3.  Close to 0 the terms cancel, and d may be 1e15:
 * there the series is summed, to 1e-16 of its first term. */
static double log1p_beyond_cubic(double t)
{
    double sum = 0, power = t * t * t * t;

    if (fabs(t) > 0.125)
        return log1p(t) - t + t * t / 2 - t * t * t / 3;
    for (int k = 4; k < 24; k++) {
        sum += k % 2 ? power / k : -power / k;
        power *= t;
    }
    return sum;
}

bool sim_gamma_accepts(double u, double t, double d)
{
    return t > -1 && log(u) < 3 * d * log1p_beyond_cubic(t);
}

/* A gamma variate of SHAPE < 1 is G U^(1 / SHAPE), G of shape SHAPE + 1; the power is
 * exp(-*fall). */
static double below_one(struct wn_rng *r, double shape, double *fall)
{
    double d = d_of(shape + 1), g = sim_gamma_fast(r, d, c_of(d));

    *fall = sim_exponential_fast(r) / shape;
    return g;
}

/* G exp(-fall), right down to the smallest double. */
static double lowered(double g, double fall)
{
    return fall < 700 ? g * exp(-fall) : exp(log(g) - fall);
}

double sim_draw_gamma(struct wn_rng *r, double shape)
{
    double d, g, fall;

    assert(shape > 0 && shape <= SIM_DRAW_SHAPE_MAX);
    if (shape < 1) {
        g = below_one(r, shape, &fall);
        return lowered(g, fall);
    }
    d = d_of(shape);
    return sim_gamma_fast(r, d, c_of(d));
}

struct sim_chi2 sim_chi2_of(double df)
{
    struct sim_chi2 c = { .half = df / 2 };

    assert(df >= 0 && df <= SIM_DRAW_SHAPE_MAX);
    c.d = d_of(c.half < 1 ? c.half + 1 : c.half);
    c.c = c_of(c.d);
    return c;
}

double sim_chi2_small(struct wn_rng *r, const struct sim_chi2 *c)
{
    double g, z;

    if (c->half <= 0)
        return 0;
    if (c->half == 0.5) {   /* the definition is quickest */
        z = sim_normal_fast(r);
        return z * z;
    }
    if (c->half == 1)
        return 2 * sim_exponential_fast(r);
    g = sim_gamma_fast(r, c->d, c->c);
    return 2 * lowered(g, sim_exponential_fast(r) / c->half);
}

double sim_draw_chi2_of(struct wn_rng *r, const struct sim_chi2 *c)
{
    return c->half <= 1 ? sim_chi2_small(r, c) : sim_chi2_fast(r, c);
}

double sim_draw_chi2(struct wn_rng *r, double df)
{
    struct sim_chi2 c = sim_chi2_of(df);

    return sim_draw_chi2_of(r, &c);
}

/* log of a gamma variate; -infinity only for shapes below 1e-306. */
static double log_gamma_variate(struct wn_rng *r, double shape)
{
    double g, fall = 0;

    if (shape < 1)
        g = below_one(r, shape, &fall);
    else
        g = sim_gamma_fast(r, d_of(shape), c_of(d_of(shape)));
    return log(g) - fall;
}

/* X / (X + Y) of two gamma variates, as 1 / (1 + Y / X) of their logarithms where both
 * might underflow. */
double sim_draw_beta(struct wn_rng *r, double a, double b)
{
    double x, y;

    assert(a > 0 && b > 0 && a <= SIM_DRAW_SHAPE_MAX && b <= SIM_DRAW_SHAPE_MAX);
    if (a >= 1 || b >= 1) {   /* the sum is then not 0 */
        x = sim_draw_gamma(r, a);
        y = sim_draw_gamma(r, b);
        return x / (x + y);
    }
    if (a < 1e-290 && b < 1e-290)   /* all but 1e-286 of the mass is at 0 and 1 */
        return sim_u01_fast(r) < 1 / (1 + b / a) ? 1 : 0;
    x = log_gamma_variate(r, a);
    y = log_gamma_variate(r, b);
    return 1 / (1 + exp(y - x));
}
