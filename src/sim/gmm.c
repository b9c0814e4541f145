/*
 * Gaussian mixtures in the plane: three unequal, well separated components.
 *
 * Mode loss is what to watch: the weight of the small component drifts to 0 under
 * replacement, and EM cannot bring back what the data do not show.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/linalg.h"
#include "sim/mixture.h"

enum { EM_ROUNDS = 200, EVALUATION_POINTS = 1000 };
static const double em_gain = 1e-7;          /* nats a point below which EM stops       */
static const double covered_share = 0.1;     /* of a mode's own mass: the mode is alive */

static const struct sim_mixture truth_parts = { 3, {
    { 0.6, { -3, 0 }, { 1.0, 0.3, 0.3, 0.5 }, { 0 }, 0 },
    { 0.3, { 3, 0 }, { 0.5, -0.2, -0.2, 1.0 }, { 0 }, 0 },
    { 0.1, { 0, 4 }, { 0.4, 0, 0, 0.4 }, { 0 }, 0 },
} };

struct gmm {
    struct sim_run run;
    const struct sim_mixture *truth;
    struct sim_mixture model;
    struct wn_arena scratch;
    size_t n;                  /* points of the last fit */
};

static enum wn_status gmm_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_mixture *truth;
    enum wn_status st;

    if (opts->components > SIM_MAX_COMPONENTS)
        return wn_fail(err, WN_BADCONF, "engine 'gmm': %u components are more than %d", opts->components,
                       SIM_MAX_COMPONENTS);
    sim_linalg_start();
    truth = malloc(sizeof(*truth));
    if (!truth)
        return wn_fail(err, WN_NOMEM, "cannot make the mixture's truth: out of memory");
    *truth = truth_parts;
    st = sim_mixture_prepare(truth, err);
    if (st == WN_OK)
        *world = truth;
    else
        free(truth);
    return st;
}

static void gmm_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_uint(j, "components", opts->components);
}

static size_t gmm_min_items(const struct wn_sim_opts *opts)
{
    return opts->components;
}

static enum wn_status gmm_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct gmm *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    g->run = *run;
    g->truth = world;
    *state = g;
    return WN_OK;
}

static void gmm_end(void *state)
{
    struct gmm *g = state;

    if (g)
        wn_arena_release(&g->scratch);
}

static void draw(const struct gmm *g, const struct sim_mixture *from, enum wn_domain domain, uint32_t generation,
                 size_t i, double x[2])
{
    struct wn_rng rng;

    wn_rng_init(&rng, g->run.opts->seed, domain, g->run.replicate, generation, i);
    sim_mixture_draw(from, &rng, x);
}

static enum wn_status gmm_real(void *state, uint32_t generation, size_t first, union sim_value *out, size_t n,
                               struct wn_err *err)
{
    const struct gmm *g = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        draw(g, g->truth, WN_DOMAIN_REAL, generation, first + i, out[i].x);
    return WN_OK;
}

static enum wn_status gmm_fit(void *state, uint32_t generation, const union sim_value *data, size_t n,
                              struct wn_err *err)
{
    struct gmm *g = state;
    double before = -INFINITY, now;
    struct wn_rng rng;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_FIT, g->run.replicate, generation, 0);
    st = sim_em_start(&g->model, g->run.opts->components, data, n, &rng, &g->scratch, err);
    for (int round = 0; st == WN_OK && round < EM_ROUNDS; round++) {
        st = sim_em_round(&g->model, data, n, &now, err);
        if (now - before < em_gain)
            break;
        before = now;
    }
    g->n = n;
    return st;
}

static enum wn_status gmm_sample(void *state, uint32_t generation, union sim_value *out, size_t n, struct wn_err *err)
{
    const struct gmm *g = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        draw(g, &g->model, WN_DOMAIN_SAMPLE, generation, i, out[i].x);
    return WN_OK;
}

/* Mean negative log-likelihood of the same truth points in every generation, nats. */
static double heldout_nll(const struct gmm *g)
{
    double sum = 0, x[2];

    for (size_t i = 0; i < EVALUATION_POINTS; i++) {
        draw(g, g->truth, WN_DOMAIN_METRIC, 0, i, x);
        sum -= sim_mixture_log_density(&g->model, x, NULL);
    }
    return sum / EVALUATION_POINTS;
}

/* A point belongs to the true component with the largest posterior.  A mode is covered
 * when the model puts at least a tenth of the mode's weight there. */
static double modes_covered(const struct gmm *g, uint32_t generation)
{
    double posterior[SIM_MAX_COMPONENTS], x[2];
    size_t hits[SIM_MAX_COMPONENTS] = { 0 }, covered = 0;

    for (size_t i = 0; i < EVALUATION_POINTS; i++) {
        size_t best = 0;

        draw(g, &g->model, WN_DOMAIN_METRIC, generation, i, x);
        sim_mixture_log_density(g->truth, x, posterior);
        for (size_t k = 1; k < g->truth->k; k++)
            if (posterior[k] > posterior[best])
                best = k;
        hits[best]++;
    }
    for (size_t k = 0; k < g->truth->k; k++)
        covered += (double)hits[k] >= covered_share * g->truth->part[k].weight * EVALUATION_POINTS;
    return (double)covered / (double)g->truth->k;
}

static enum wn_status gmm_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                  struct wn_err *err)
{
    const struct gmm *g = state;
    double weight[SIM_MAX_COMPONENTS], smallest = 1;

    (void)err;
    for (size_t k = 0; k < g->model.k; k++) {
        weight[k] = g->model.part[k].weight;
        smallest = fmin(smallest, weight[k]);
    }
    sim_metrics_add(out, "heldout_nll", heldout_nll(g), EVALUATION_POINTS);
    sim_metrics_add(out, "min_weight", smallest, g->n);
    sim_metrics_add(out, "effective_components", exp(sim_entropy(weight, g->model.k)), g->n);
    sim_metrics_add(out, "total_variance", sim_mixture_total_variance(&g->model), g->n);
    sim_metrics_add(out, "modes_covered", modes_covered(g, view->generation), EVALUATION_POINTS);
    return WN_OK;
}

const struct sim_generator sim_gmm = {
    .name = "gmm",
    .open = gmm_open,
    .close = free,
    .settings = gmm_settings,
    .min_items = gmm_min_items,
    .begin = gmm_begin,
    .end = gmm_end,
    .real = gmm_real,
    .fit = gmm_fit,
    .sample = gmm_sample,
    .compare = gmm_compare,
};
