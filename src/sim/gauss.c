/*
 * The 1-D Gaussian: truth N(0, 1), fitted mean and variance.
 *
 * Points are drawn one by one and not by sufficient statistics, so that every point
 * goes through the policy's plan like a document.
 */
#include <math.h>

#include <winnow/rng.h>
#include <winnow/tails.h>

#include "sim/generator.h"

struct gauss {
    struct sim_run run;
    double mean, variance;
    size_t n;                  /* points of the last fit */
};

static void gauss_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_strz(j, "estimator", opts->estimator == WN_ESTIMATE_UNBIASED ? "unbiased" : "mle");
}

static size_t gauss_min_items(const struct wn_sim_opts *opts)
{
    return opts->estimator == WN_ESTIMATE_UNBIASED ? 2 : 1;
}

static enum wn_status gauss_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct gauss *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    (void)world;
    g->run = *run;
    *state = g;
    return WN_OK;
}

static double draw(const struct gauss *g, enum wn_domain domain, uint32_t generation, size_t i)
{
    struct wn_rng rng;

    wn_rng_init(&rng, g->run.opts->seed, domain, g->run.replicate, generation, i);
    return wn_rng_normal(&rng);
}

static enum wn_status gauss_real(void *state, uint32_t generation, size_t first, union sim_value *out, size_t n,
                                 struct wn_err *err)
{
    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i].x[0] = draw(state, WN_DOMAIN_REAL, generation, first + i);
    return WN_OK;
}

static enum wn_status gauss_fit(void *state, uint32_t generation, const union sim_value *data, size_t n,
                                struct wn_err *err)
{
    struct gauss *g = state;
    double sum = 0, squares = 0;

    (void)generation;
    (void)err;
    for (size_t i = 0; i < n; i++)
        sum += data[i].x[0];
    g->mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (data[i].x[0] - g->mean) * (data[i].x[0] - g->mean);
    g->variance = squares / (double)(g->run.opts->estimator == WN_ESTIMATE_UNBIASED ? n - 1 : n);
    g->n = n;
    return WN_OK;
}

static enum wn_status gauss_sample(void *state, uint32_t generation, union sim_value *out, size_t n,
                                   struct wn_err *err)
{
    const struct gauss *g = state;
    double sd = sqrt(g->variance);

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i].x[0] = g->mean + sd * draw(g, WN_DOMAIN_SAMPLE, generation, i);
    return WN_OK;
}

static enum wn_status gauss_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                    struct wn_err *err)
{
    const struct gauss *g = state;
    double m = g->mean, s = sqrt(g->variance);

    (void)err;
    sim_metrics_add(out, "mean", m, g->n);
    sim_metrics_add(out, "variance", g->variance, g->n);
    sim_metrics_add(out, "log_variance", log(g->variance), g->n);
    sim_metrics_add(out, "w2_squared", sim_gauss_w2_squared(m, s, 0, 1), g->n);
    sim_metrics_add(out, "kl", sim_gauss_kl(0, 1, m, s), g->n);
    sim_metrics_add(out, "kl_reverse", sim_gauss_kl(m, s, 0, 1), g->n);
    sim_metrics_add(out, "tail_mass_1", sim_gauss_tail(m, s, wn_normal_isf(0.005)), g->n);
    sim_metrics_add(out, "tail_mass_5", sim_gauss_tail(m, s, wn_normal_isf(0.025)), g->n);
    if (g->run.opts->scraped_human_share == 0)
        sim_metrics_add(out, "theory_variance",
                        wn_theory_gaussian_variance(view->policy, g->run.opts->estimator, g->run.opts->n,
                                                    view->generation),
                        g->run.opts->n);
    return WN_OK;
}

const struct sim_generator sim_gaussian = {
    .name = "gaussian",
    .settings = gauss_settings,
    .min_items = gauss_min_items,
    .begin = gauss_begin,
    .real = gauss_real,
    .fit = gauss_fit,
    .sample = gauss_sample,
    .compare = gauss_compare,
};
