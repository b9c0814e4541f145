/*
 * Everything so far, fitted whole (accumulate) or by a subsample without replacement.
 *
 * V and A are E of the pool's variance over N and of its squared mean.  A subsample of m has
 * the variance c V, c = (1 - 1/m) N/(N - 1), and its mean strays from the pool's by the
 * variance r V, r = (N - m)/(m (N - 1)); c + r = 1.
 *
 * Where a filter makes the size of the pool random, V is a product of random factors.  The
 * size is then followed by its mean and variance in the measure tilted by that product,
 * and a Gaussian law in between: exact up to third moments of the relative size.  With random
 * numbers of real items too it is not a product any more, and the size's mean must do.
 */
#include <math.h>

#include "sim/forecast_parts.h"

static const struct {
    double at, weight;
} node[] = { { -1.7320508075688772, 1.0 / 6 }, { 0, 2.0 / 3 }, { 1.7320508075688772, 1.0 / 6 } };

struct drawn {
    double keeps, strays;    /* c, r */
    double n;                /* items of the fit */
};

static struct drawn drawn_from(double n, double m)
{
    if (m >= n || n <= 1)
        return (struct drawn){ 1, 0, n };
    return (struct drawn){ (1 - 1 / m) * n / (n - 1), (n - m) / (m * (n - 1)), m };
}

/* What the present fit sees.  Fit 1 sees everything. */
static double fitted_items(const struct forecast_loop *l)
{
    return l->n_fits == 0 ? INFINITY : l->subsample;
}

static double square(double w, double k)
{
    return k > 0 ? w * w * (1 - 1 / k) : 0;
}

/* The pool takes in new items of both kinds.  Random numbers of them are averaged over, but
 * its size is followed by its mean alone: what that leaves out is of the order size^-2. */
static void grow(struct forecast_loop *l, double emitted, const struct drawn *d)
{
    double n = l->n_mean, v = l->pool_var, a = l->pool_mu2, mu2 = a + d->strays * v, more = 0;
    double old_s = (emitted + v * (1 + d->strays)) / 2, old_z = (v + a + 1) / 2, z_s = (emitted + mu2 + 1) / 2;

    l->pool_var = l->pool_mu2 = 0;
    for (size_t i = 0; i < l->law.n; i++) {
        const struct forecast_count *c = &l->law.item[i];
        double total = n + c->real + c->synthetic, old = n / total, z = c->real / total, s = c->synthetic / total;

        l->pool_var += c->weight * (old * old * v + square(s, c->synthetic) * emitted + square(z, c->real) +
                                    2 * (old * s * old_s + old * z * old_z + s * z * z_s));
        l->pool_mu2 += c->weight * (old * old * a + s * s * mu2 + s * emitted / total + z / total + 2 * old * s * a);
        more += c->weight * (c->real + c->synthetic);
    }
    l->n_mean += more;
    l->n_var = 0;
}

/* The factor on V for a pool of N that takes in K. */
static double factor(const struct forecast_loop *l, double n, double k, double m)
{
    struct drawn d = drawn_from(n, m);
    double old = n / (n + k), s = k / (n + k), emitted = l->fit.bias * forecast_fit_factor(&l->fit, d.n) * d.keeps;

    return old * old + square(s, k) * emitted + old * s * (emitted + 1 + d.strays);
}

static void grow_at_random(struct forecast_loop *l, double m)
{
    double total = 0, mean = 0, second = 0, sd = sqrt(l->n_var);

    for (size_t j = 0; j < sizeof(node) / sizeof(node[0]); j++)
        for (size_t i = 0; i < l->law.n; i++) {
            double n = fmax(1, l->n_mean + node[j].at * sd), k = l->law.item[i].synthetic;
            double w = node[j].weight * l->law.item[i].weight * factor(l, n, k, m), off = n + k - l->n_mean;

            total += w;
            mean += w * off;
            second += w * off * off;
        }
    mean /= total;
    l->n_var = fmax(0, second / total - mean * mean);
    l->n_mean += mean;
    l->pool_var *= total;
}

static void model_of_pool(struct forecast_loop *l)
{
    double sd = sqrt(l->n_var), var = 0, mle = 0;

    for (size_t j = 0; j < sizeof(node) / sizeof(node[0]); j++) {
        struct drawn d = drawn_from(fmax(1, l->n_mean + node[j].at * sd), fitted_items(l));

        var += node[j].weight * d.keeps * forecast_fit_factor(&l->fit, d.n);
        mle += node[j].weight * d.keeps;
    }
    l->var = l->pool_var * var + l->fit.added;
    if (!isnan(l->pool_mu2))
        l->mu2 = l->pool_mu2 + l->pool_var * drawn_from(l->n_mean, fitted_items(l)).strays;
    else
        l->mu2 = l->fit.bias == 1 && l->fit.estimator == WN_ESTIMATE_MLE ? 1 - l->pool_var * mle : NAN;
}

void forecast_pool_start(struct forecast_loop *l)
{
    double mean = 0, second = 0, v = 0, mu2 = 0;

    for (size_t i = 0; i < l->law.n; i++) {
        double w = l->law.item[i].weight, n = l->law.item[i].real + l->law.item[i].synthetic;

        v += w * (1 - 1 / n);
        mu2 += w / n;
        mean += w * n;
        second += w * n * n;
    }
    l->n_mean = mean;
    l->n_var = l->law.n > 1 ? fmax(0, second - mean * mean) : 0;
    l->pool_var = v;
    l->pool_mu2 = mu2;
    model_of_pool(l);
}

void forecast_pool_step(struct forecast_loop *l)
{
    double m = l->n_fits == 1 ? INFINITY : l->subsample;   /* of the fit that emitted */
    struct drawn d = drawn_from(l->n_mean, m);

    if ((l->n_var == 0 && l->law.n == 1) || forecast_law_has_real(&l->law) || l->fit.added > 0) {
        grow(l, l->fit.bias * l->var, &d);
    } else {
        grow_at_random(l, m);
        l->pool_mu2 = NAN;
    }
    model_of_pool(l);
}
