/*
 * Fits that see new items alone, or new ones beside real items that stay for ever: replace,
 * grown and scheduled replacement, fresh and weighted real data, fixed real data; with or
 * without a filter.
 *
 * Groups of one training set: r (fixed real), z (new real), s (synthetic), with weights w and k
 * items each.  D of two different points: 1 for rr, zz and rz; D_TS for zs, T the truth;
 * D_RS for rs; what was emitted for ss.  A pair may be one point twice: 1 - 1/k.
 */
#include <math.h>
#include <string.h>

#include "sim/forecast_parts.h"

struct groups {
    double r, z, s;          /* weights, which add up to 1 */
    double rr, zz, ss;       /* w^2 (1 - 1/k) */
    double n;
};

static double squared(double w, double k)
{
    return k > 0 ? w * w * (1 - 1 / k) : 0;
}

static struct groups groups_of(const struct forecast_loop *l, const struct forecast_count *c)
{
    double n = l->fixed + c->real + c->synthetic;
    struct groups g = { l->fixed / n, c->real / n, c->synthetic / n, 0, 0, 0, n };

    if (l->policy->regime == WN_REGIME_WEIGHTED && c->real > 0 && c->synthetic > 0 && l->fixed == 0) {
        g.z = l->policy->weight;
        g.s = 1 - g.z;
    }
    g.rr = squared(g.r, l->fixed);
    g.zz = squared(g.z, c->real);
    g.ss = squared(g.s, c->synthetic);
    return g;
}

/* Unbiased moments of each source, averaged. */
static void add_by_source(const struct forecast_loop *l, const struct forecast_count *c, const struct groups *g,
                          struct forecast_sum *u)
{
    u->one += c->weight * (l->fixed + c->real > 1 ? g->r + g->z : 0);
    u->emitted += c->weight * (c->synthetic > 1 ? g->s : 0);
}

static void add_pairs(const struct groups *g, double weight, struct forecast_sum *v)
{
    v->one += weight * (g->rr + g->zz + 2 * g->r * g->z);
    v->emitted += weight * g->ss;
    v->to_truth += weight * 2 * g->s * g->z;
    v->to_fixed += weight * 2 * g->s * g->r;
}

/* A step is linear in what it starts from: the sums over a law are made once. */
void forecast_core_law(struct forecast_loop *l)
{
    struct forecast_core *m = &l->core;

    *m = (struct forecast_core){ .v = { 0, 0, 0, 0 } };
    for (size_t i = 0; i < l->law.n; i++) {
        const struct forecast_count *c = &l->law.item[i];
        struct groups g = groups_of(l, c);

        add_pairs(&g, c->weight, &m->v);
        if (l->fit.estimator == WN_ESTIMATE_BY_SOURCE)
            add_by_source(l, c, &g, &m->u);
        else
            add_pairs(&g, c->weight * forecast_fit_factor(&l->fit, g.n), &m->u);
        m->rp.one += c->weight * ((l->fixed > 0 ? g.r * (1 - 1 / l->fixed) : 0) + g.z);
        m->rp.to_fixed += c->weight * g.s;
        m->tp.one += c->weight * (g.r + g.z);
        m->tp.to_truth += c->weight * g.s;
    }
}

static double dot(const struct forecast_sum *a, const struct forecast_sum *b)
{
    return a->one * b->one + a->emitted * b->emitted + a->to_truth * b->to_truth + a->to_fixed * b->to_fixed;
}

static void step(struct forecast_loop *l, double one, double emitted)
{
    double more = (emitted - l->v) / 2;
    struct forecast_sum from = { one, emitted, l->tp + more, l->rp + more };

    l->v = dot(&l->core.v, &from);
    l->rp = dot(&l->core.rp, &from);
    l->tp = dot(&l->core.tp, &from);
    l->var = dot(&l->core.u, &from) + one * l->fit.added;
    l->mu2 = 2 * l->tp - 1 - l->v;
}

/* One fit: what was emitted has variance EMITTED around the last model's mean. */
void forecast_core_step(struct forecast_loop *l, double emitted)
{
    step(l, 1, emitted);
}

/* ---- the fixed point ------------------------------------------------------------------------------ */

enum { UNKNOWNS = 4 };   /* v, rp, tp, var */

static void stepped(const struct forecast_loop *l, double one, const double *x, double *out)
{
    struct forecast_loop copy = *l;

    copy.v = x[0];
    copy.rp = x[1];
    copy.tp = x[2];
    step(&copy, one, l->fit.bias * x[3]);
    out[0] = copy.v;
    out[1] = copy.rp;
    out[2] = copy.tp;
    out[3] = copy.var;
}

/* Gauss with pivots: A is UNKNOWNS rows of UNKNOWNS + 1. */
static bool solve(double a[UNKNOWNS][UNKNOWNS + 1])
{
    for (int i = 0; i < UNKNOWNS; i++) {
        int best = i;

        for (int r = i + 1; r < UNKNOWNS; r++)
            if (fabs(a[r][i]) > fabs(a[best][i]))
                best = r;
        if (fabs(a[best][i]) < 1e-14)
            return false;
        for (int k = 0; k <= UNKNOWNS; k++) {
            double keep = a[i][k];

            a[i][k] = a[best][k];
            a[best][k] = keep;
        }
        for (int r = 0; r < UNKNOWNS; r++) {
            double ratio = a[r][i] / a[i][i];

            for (int k = i; r != i && k <= UNKNOWNS; k++)
                a[r][k] -= ratio * a[i][k];
        }
    }
    return true;
}

/* A step is affine, x' = A x + b: the rest solves (I - A) x = b. */
double forecast_core_rest(const struct forecast_loop *l)
{
    double a[UNKNOWNS][UNKNOWNS + 1], zero[UNKNOWNS] = { 0 }, b[UNKNOWNS], column[UNKNOWNS];

    stepped(l, 1, zero, b);
    for (int k = 0; k < UNKNOWNS; k++) {
        double unit[UNKNOWNS] = { 0 };

        unit[k] = 1;
        stepped(l, 0, unit, column);
        for (int i = 0; i < UNKNOWNS; i++)
            a[i][k] = (i == k) - column[i];
    }
    for (int i = 0; i < UNKNOWNS; i++)
        a[i][UNKNOWNS] = b[i];
    return solve(a) ? a[3][UNKNOWNS] / a[3][3] : NAN;
}
