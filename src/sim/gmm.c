/*
 * Engine gmm: Gaussian mixtures in 1 to 64 dimensions, fitted by EM.
 *
 * Mode loss is what to watch: the weight of a small component drifts to 0 under
 * replacement, and EM cannot bring back what the data do not show.
 *
 * Every fit starts afresh, at k-means.  Only the truth 'separated', which is there for
 * its closed forms, starts at the truth: k-means would answer the loss of a mode by
 * splitting the other one, and the component of a lost mode must stay at weight 0.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/linalg.h"
#include "sim/mixture_engine.h"

static enum wn_status open_parts(struct sim_gmm_world *w, const struct wn_sim_opts *opts, struct wn_err *err)
{
    enum wn_status st = sim_mixture_resolve(&opts->model, &w->plan, err);

    if (st == WN_OK)
        st = sim_mixture_truth(&w->plan, &w->truth, &w->arena, err);
    if (st == WN_OK)
        st = sim_mixture_new(&w->whole, 1, w->plan.dims, &w->arena, err);
    if (st != WN_OK)
        return st;
    w->whole.weight[0] = 1;
    sim_mixture_moments(&w->truth, w->whole.mean, w->whole.cov);
    return sim_mixture_prepare(&w->whole, err);
}

static void gmm_close(void *world)
{
    struct sim_gmm_world *w = world;

    if (w)
        wn_arena_release(&w->arena);
    free(w);
}

static enum wn_status gmm_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_gmm_world *w = calloc(1, sizeof(*w));
    enum wn_status st;

    *world = NULL;
    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot make the mixture's truth: out of memory");
    sim_linalg_start();                       /* l2_first uses LAPACK */
    st = open_parts(w, opts, err);
    if (st == WN_OK)
        *world = w;
    else
        gmm_close(w);
    return st;
}

/* Options that open() has accepted resolve again. */
static struct sim_mixture_plan plan_of(const struct wn_sim_opts *opts)
{
    struct sim_mixture_plan plan = { .dims = 1, .components = 1 };

    sim_mixture_resolve(&opts->model, &plan, NULL);
    return plan;
}

static void gmm_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    struct sim_mixture_plan plan = plan_of(opts);

    wn_json_add_strz(j, "truth", plan.truth);
    wn_json_add_uint(j, "dims", plan.dims);
    wn_json_add_uint(j, "components", plan.components);
    if (plan.separation > 0)
        wn_json_add_num(j, "separation", plan.separation);
    wn_json_add_uint(j, "em_rounds", plan.em_rounds);
    wn_json_add_num(j, "em_tolerance", plan.em_tolerance);
}

/* Where components may be empty from the start one point is enough. */
static size_t gmm_min_items(const struct wn_sim_opts *opts)
{
    struct sim_mixture_plan plan = plan_of(opts);

    return plan.starts_at_truth ? 1 : plan.components;
}

static size_t gmm_item_size(const struct wn_sim_opts *opts)
{
    return plan_of(opts).dims * sizeof(double);
}

static enum wn_status gmm_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct sim_gmm_state *g = wn_arena_calloc(run->arena, 1, sizeof(*g));
    const struct sim_gmm_world *w = world;
    enum wn_status st;

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    g->run = *run;
    g->world = w;
    g->lambda = run->opts->sampling.lambda > 0 ? run->opts->sampling.lambda : 1;
    st = sim_mixture_new(&g->model, w->plan.components, w->plan.dims, run->arena, err);
    if (st == WN_OK)
        st = sim_mixture_new(&g->first, w->plan.components, w->plan.dims, run->arena, err);
    if (st == WN_OK)
        *state = g;
    return st;
}

static void gmm_end(void *state)
{
    struct sim_gmm_state *g = state;

    if (g)
        wn_arena_release(&g->scratch);
}

static struct sim_draw_key key_of(const struct sim_gmm_state *g, enum wn_domain domain, uint32_t generation)
{
    return (struct sim_draw_key){ g->run.opts->seed, domain, g->run.replicate, generation };
}

/* One stream for each block of 64 items (mixture.h). */
static enum wn_status gmm_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                               struct wn_err *err)
{
    const struct sim_gmm_state *g = state;
    struct sim_draw_key key = key_of(g, WN_DOMAIN_REAL, generation);

    (void)err;
    sim_mixture_draw(&g->world->truth, &key, 1, first, out, n);
    return WN_OK;
}

static enum wn_status gmm_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                 struct wn_err *err)
{
    const struct sim_gmm_state *g = state;
    struct sim_draw_key key = key_of(g, WN_DOMAIN_SAMPLE, generation);

    (void)err;
    sim_mixture_draw(&g->model, &key, g->lambda, first, out, n);
    return WN_OK;
}

static enum wn_status gmm_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct sim_gmm_state *g = state;
    const struct sim_mixture_plan *plan = &g->world->plan;
    struct wn_rng rng;
    struct sim_em em;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    st = sim_em_open(&em, data->item, data->weight, data->n, plan->dims, plan->components, &g->scratch, err);
    if (st != WN_OK)
        return st;
    em.stop = g->run.opts->stop;
    wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_FIT, g->run.replicate, generation, 0);
    if (plan->starts_at_truth)
        sim_mixture_copy(&g->model, &g->world->truth);
    else
        st = sim_em_start(&em, &g->model, &rng, &g->scratch, err);
    if (st == WN_OK)
        st = sim_em_climb(&em, &g->model, plan->em_tolerance, plan->em_rounds, &g->rounds, err);
    g->n = data->n;
    if (st == WN_OK && generation == 1)
        sim_mixture_copy(&g->first, &g->model);
    wn_arena_reset(&g->scratch);
    return st;
}

/* ---- what policies see ---------------------------------------------------------------------- */

static enum wn_status log_density(struct sim_gmm_state *g, const struct sim_mixture *m, const void *item, size_t n,
                                  double *out, struct wn_err *err)
{
    struct sim_cloud c;
    enum wn_status st;

    if (n == 0)
        return WN_OK;
    wn_arena_reset(&g->scratch);
    st = sim_cloud_new(&c, item, NULL, n, m->d, &g->scratch, err);
    return st == WN_OK ? sim_cloud_log_density(&c, m, &g->scratch, out, err) : st;
}

static enum wn_status gmm_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_gmm_state *g = state;

    return log_density(g, &g->world->truth, item, n, out, err);
}

static enum wn_status gmm_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_gmm_state *g = state;
    enum wn_status st = log_density(g, &g->model, item, n, out, err);

    for (size_t i = 0; st == WN_OK && i < n; i++)
        out[i] = -out[i];
    return st;
}

/* Mahalanobis: the term of the one normal with the truth's mean and covariance. */
static enum wn_status gmm_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_gmm_state *g = state;
    const struct sim_mixture *whole = &g->world->whole;
    const double *x = item;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        double term;

        sim_mixture_terms(whole, x + i * whole->d, &term);
        out[i] = sqrt(fmax(0, 2 * (whole->log_scale[0] - term)));
    }
    return WN_OK;
}

static void *gmm_model_put(void *state)
{
    const struct sim_gmm_state *g = state;
    struct sim_mixture *m = wn_arena_calloc(g->run.arena, 1, sizeof(*m));

    if (!m || sim_mixture_new(m, g->model.k, g->model.d, g->run.arena, NULL) != WN_OK)
        return NULL;
    sim_mixture_copy(m, &g->model);
    return m;
}

static enum wn_status gmm_model_take(void *state, const void *model, struct wn_err *err)
{
    struct sim_gmm_state *g = state;

    (void)err;
    sim_mixture_copy(&g->model, model);
    return WN_OK;
}

const struct sim_generator sim_gmm = {
    .name = "gmm",
    .about = "Gaussian mixtures fitted by EM",
    .takes = SIM_TAKES_LAMBDA | SIM_TAKES_WEIGHTS,
    .open = gmm_open,
    .close = gmm_close,
    .settings = gmm_settings,
    .min_items = gmm_min_items,
    .item_size = gmm_item_size,
    .begin = gmm_begin,
    .end = gmm_end,
    .real = gmm_real,
    .fit = gmm_fit,
    .sample = gmm_sample,
    .compare = sim_gmm_compare,
    .quality = gmm_quality,
    .distance = gmm_distance,
    .surprise = gmm_surprise,
    .model_put = gmm_model_put,
    .model_take = gmm_model_take,
};
