#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

enum wn_status sim_em_open(struct sim_em *em, const double *item, const double *weight, size_t n, size_t d, size_t k,
                           struct wn_arena *a, struct wn_err *err)
{
    enum wn_status st = sim_cloud_new(&em->points, item, weight, n, d, a, err);

    if (st != WN_OK)
        return st;
    em->stop = NULL;
    em->sums = sim_aligned_doubles(a, k * sim_pass_n_sums(d) * SIM_LANES);
    em->scratch = sim_aligned_doubles(a, sim_pass_n_scratch(k, d));
    if (!em->sums || !em->scratch)
        return wn_fail(err, WN_NOMEM, "cannot fit a mixture: out of memory");
    return WN_OK;
}

static double lanes(const double *sum)
{
    double s = 0;

    for (size_t i = 0; i < SIM_LANES; i++)
        s += sum[i];
    return s;
}

/* Second moments were taken around the old mean, which keeps them accurate far from the
 * origin.  A component without weight keeps its shape. */
static void take_moments(struct sim_mixture *m, size_t k, const double *sums, double total_weight)
{
    size_t d = m->d;
    double *mean = m->mean + k * d, *cov = m->cov + k * d * d, weight = lanes(sums);
    double shift[SIM_MAX_MIXTURE_DIMS];

    if (!(weight > 1e-12 * total_weight)) {
        m->weight[k] = 0;
        return;
    }
    m->weight[k] = weight / total_weight;
    for (size_t i = 0; i < d; i++) {
        sums += SIM_LANES;
        shift[i] = lanes(sums) / weight;
        mean[i] += shift[i];
    }
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j <= i; j++) {
            sums += SIM_LANES;
            cov[i * d + j] = cov[j * d + i] = lanes(sums) / weight - shift[i] * shift[j];
        }
    }
}

/* The weights of components that were just dropped, below 1e-12 each, go to the others. */
static void rescale_weights(struct sim_mixture *m)
{
    double sum = 0;

    for (size_t k = 0; k < m->k; k++)
        sum += m->weight[k];
    for (size_t k = 0; k < m->k; k++)
        m->weight[k] /= sum;
}

void sim_em_pass(const struct sim_em *em, struct sim_mixture *m, bool hard, double *mean_log_likelihood)
{
    size_t n_sums = sim_pass_n_sums(m->d) * SIM_LANES;
    struct sim_pass p = { .model = m, .points = &em->points, .hard = hard, .sums = em->sums, .scratch = em->scratch };

    memset(em->sums, 0, m->k * n_sums * sizeof(*em->sums));
    sim_isa_best()->pass(&p);
    for (size_t k = 0; k < m->k; k++)
        take_moments(m, k, em->sums + k * n_sums, em->points.total_weight);
    rescale_weights(m);
    *mean_log_likelihood = p.log_likelihood / em->points.total_weight;
}

enum wn_status sim_em_round(struct sim_em *em, struct sim_mixture *m, double *mean_log_likelihood,
                            struct wn_err *err)
{
    sim_em_pass(em, m, false, mean_log_likelihood);
    return sim_mixture_prepare(m, err);
}

enum wn_status sim_em_climb(struct sim_em *em, struct sim_mixture *m, double tolerance, unsigned most,
                            unsigned *rounds, struct wn_err *err)
{
    double before = -INFINITY, now;
    enum wn_status st = WN_OK;

    for (*rounds = 0; *rounds < most && st == WN_OK;) {
        if (em->stop && atomic_load(em->stop))
            return wn_fail(err, WN_CANCELLED, "cancelled in round %u of EM", *rounds + 1);
        st = sim_em_round(em, m, &now, err);
        (*rounds)++;
        if (now - before < tolerance)
            break;
        before = now;
    }
    return st;
}
