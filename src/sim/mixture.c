#include "sim/mixture.h"

#include <math.h>

#include "sim/linalg.h"

static const double log_two_pi = 1.83787706640934548356;

static enum wn_status prepare_part(struct sim_component *c, struct wn_err *err)
{
    if (!sim_floor_eigenvalues(c->cov, 2, SIM_COVARIANCE_FLOOR) || !sim_cholesky(c->cov, 2, c->chol))
        return wn_fail(err, WN_BADDATA, "cannot factor the covariance of a mixture component");
    c->log_scale = log(c->weight) - log_two_pi - log(c->chol[0] * c->chol[3]);
    return WN_OK;
}

enum wn_status sim_mixture_prepare(struct sim_mixture *m, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t k = 0; k < m->k && st == WN_OK; k++)
        st = prepare_part(&m->part[k], err);
    return st;
}

/* -INFINITY for a component of weight 0. */
static double log_term(const struct sim_component *c, const double x[2])
{
    double u = (x[0] - c->mean[0]) / c->chol[0];
    double v = (x[1] - c->mean[1] - c->chol[2] * u) / c->chol[3];

    return c->log_scale - 0.5 * (u * u + v * v);
}

double sim_mixture_log_density(const struct sim_mixture *m, const double x[2], double *posterior)
{
    double term[SIM_MAX_COMPONENTS], top = -INFINITY, sum = 0;

    for (size_t k = 0; k < m->k; k++) {
        term[k] = log_term(&m->part[k], x);
        top = fmax(top, term[k]);
    }
    for (size_t k = 0; k < m->k; k++) {
        term[k] = exp(term[k] - top);
        sum += term[k];
    }
    for (size_t k = 0; posterior && k < m->k; k++)
        posterior[k] = term[k] / sum;
    return top + log(sum);
}

void sim_mixture_draw(const struct sim_mixture *m, struct wn_rng *rng, double x[2])
{
    double u = wn_rng_u01(rng), z0 = wn_rng_normal(rng), z1 = wn_rng_normal(rng);
    const struct sim_component *c = m->part;

    /* The last component that has weight takes what rounding leaves over. */
    for (size_t k = 0; k < m->k; k++) {
        if (m->part[k].weight <= 0)
            continue;
        c = &m->part[k];
        if (u < c->weight)
            break;
        u -= c->weight;
    }
    x[0] = c->mean[0] + c->chol[0] * z0;
    x[1] = c->mean[1] + c->chol[2] * z0 + c->chol[3] * z1;
}

double sim_mixture_total_variance(const struct sim_mixture *m)
{
    double centre[2] = { 0, 0 }, total = 0;

    for (size_t k = 0; k < m->k; k++)
        for (int d = 0; d < 2; d++)
            centre[d] += m->part[k].weight * m->part[k].mean[d];
    for (size_t k = 0; k < m->k; k++) {
        const struct sim_component *c = &m->part[k];
        double dx = c->mean[0] - centre[0], dy = c->mean[1] - centre[1];

        total += c->weight * (c->cov[0] + c->cov[3] + dx * dx + dy * dy);
    }
    return total;
}
