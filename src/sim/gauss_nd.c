/*
 * The d-dimensional Gaussian: truth N(0, I), fitted mean and covariance.
 */
#include "sim/gauss_nd.h"

#include <math.h>
#include <string.h>

#include "sim/draws.h"
#include "sim/linalg.h"

size_t sim_gnd_dims(const struct wn_sim_opts *opts)
{
    return opts->model.dims ? opts->model.dims : 2;
}

static enum wn_status gnd_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    *world = NULL;
    if (sim_gnd_dims(opts) > SIM_GND_MAX_DIMS)
        return wn_fail(err, WN_BADCONF, "engine 'gaussian-nd' takes 1 to %d dimensions, not %u", SIM_GND_MAX_DIMS,
                       opts->model.dims);
    sim_linalg_start();
    return WN_OK;
}

static void gnd_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_strz(j, "estimator", opts->estimator == WN_ESTIMATE_UNBIASED ? "unbiased" : "mle");
    wn_json_add_uint(j, "dims", sim_gnd_dims(opts));
}

static size_t gnd_min_items(const struct wn_sim_opts *opts)
{
    return opts->estimator == WN_ESTIMATE_UNBIASED ? 2 : 1;
}

static size_t gnd_item_size(const struct wn_sim_opts *opts)
{
    return sim_gnd_dims(opts) * sizeof(double);
}

static bool new_model(struct sim_gnd_model *m, size_t d, struct wn_arena *a)
{
    m->mean = wn_arena_calloc(a, d, sizeof(double));
    m->log_diag = wn_arena_calloc(a, d, sizeof(double));
    m->factor = wn_arena_calloc(a, d * d, sizeof(double));
    return m->mean && m->log_diag && m->factor;
}

static void copy_model(struct sim_gnd_model *to, const struct sim_gnd_model *from, size_t d)
{
    memcpy(to->mean, from->mean, d * sizeof(double));
    memcpy(to->log_diag, from->log_diag, d * sizeof(double));
    memcpy(to->factor, from->factor, d * d * sizeof(double));
    to->rank = from->rank;
    to->n = from->n;
}

static enum wn_status gnd_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    size_t d = sim_gnd_dims(run->opts);
    struct sim_gnd *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

    (void)world;
    if (!g || !new_model(&g->model, d, run->arena))
        return wn_fail(err, WN_NOMEM, "cannot start a run of %zu dimensions: out of memory", d);
    g->square = wn_arena_calloc(run->arena, d * d, sizeof(double));
    g->scratch = wn_arena_calloc(run->arena, sim_factor_scratch((int)d), sizeof(double));
    g->vector = wn_arena_calloc(run->arena, 2 * d, sizeof(double));
    if (!g->square || !g->scratch || !g->vector)
        return wn_fail(err, WN_NOMEM, "cannot start a run of %zu dimensions: out of memory", d);
    g->run = *run;
    g->d = (int)d;
    g->unbiased = run->opts->estimator == WN_ESTIMATE_UNBIASED;
    g->lambda = run->opts->sampling.lambda > 0 ? run->opts->sampling.lambda : 1;
    for (size_t i = 0; i < d; i++)   /* until the first fit the model is the truth */
        g->model.factor[i * d + i] = 1;
    g->model.rank = g->d;
    *state = g;
    return WN_OK;
}

/* Standard normal coordinates of item I, a stream of their own. */
static void draw(const struct sim_gnd *g, enum wn_domain domain, uint32_t generation, size_t i, double *z)
{
    struct wn_rng rng;

    wn_rng_init(&rng, g->run.opts->seed, domain, g->run.replicate, generation, i);
    for (int k = 0; k < g->d; k++)
        z[k] = sim_draw_normal(&rng);
}

static enum wn_status gnd_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                               struct wn_err *err)
{
    const struct sim_gnd *g = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        draw(g, WN_DOMAIN_REAL, generation, first + i, (double *)out + i * (size_t)g->d);
    return WN_OK;
}

static enum wn_status gnd_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                 struct wn_err *err)
{
    const struct sim_gnd *g = state;
    double sd = sqrt(g->lambda);

    (void)err;
    for (size_t i = 0; i < n; i++) {
        double *x = (double *)out + i * (size_t)g->d;

        draw(g, WN_DOMAIN_SAMPLE, generation, first + i, x);
        sim_lower_times(g->model.factor, g->d, x, x);
        for (int k = 0; k < g->d; k++)
            x[k] = g->model.mean[k] + sd * x[k];
    }
    return WN_OK;
}

double sim_gnd_divisor(const struct sim_gnd *g, double weight, uint64_t n)
{
    return g->unbiased ? weight * ((double)(n - 1) / (double)n) : weight;
}

enum wn_status sim_gnd_fit_scatter(struct sim_gnd *g, const double *mean, const double *scatter, double weight,
                                   uint64_t n, struct wn_err *err)
{
    struct sim_gnd_model *m = &g->model;
    size_t d = (size_t)g->d;
    double divisor = sim_gnd_divisor(g, weight, n);
    enum wn_status st;

    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            g->square[i * d + j] = scatter[i * d + j] / divisor;
    st = sim_semidefinite_factor(g->square, g->d, g->scratch, m->factor, &m->rank, err);
    if (st != WN_OK)
        return wn_fail(err, st == WN_BADCONF ? WN_BADDATA : st,
                       "cannot fit a Gaussian in %d dimensions: its covariance is not finite or cannot be factored",
                       g->d);
    if (n - 1 < (uint64_t)m->rank)
        m->rank = (int)(n - 1);   /* whatever rounding made of the other directions */
    memmove(m->mean, mean, d * sizeof(double));
    for (size_t i = 0; i < d; i++)
        m->log_diag[i] = i < (size_t)m->rank ? log(m->factor[i * d + i]) : -INFINITY;
    m->n = n;
    return WN_OK;
}

static double weighted_mean(const struct sim_data *data, size_t d, double *mean)
{
    const double *x = data->item;
    double weight = 0;

    memset(mean, 0, d * sizeof(double));
    for (size_t i = 0; i < data->n; i++) {
        double w = data->weight ? data->weight[i] : 1;

        weight += w;
        for (size_t k = 0; k < d; k++)
            mean[k] += w * x[i * d + k];
    }
    for (size_t k = 0; k < d; k++)
        mean[k] /= weight;
    return weight;
}

/* Adds the scatter in blocks of rows: as many as fit into the d x d square, and one at least. */
static void weighted_scatter(const struct sim_gnd *g, const struct sim_data *data, const double *mean, double *scatter)
{
    size_t d = (size_t)g->d, n_rows = 0;
    const double *x = data->item;

    memset(scatter, 0, d * d * sizeof(double));
    for (size_t i = 0; i < data->n; i++) {
        double root = data->weight ? sqrt(data->weight[i]) : 1;

        for (size_t k = 0; k < d; k++)
            g->square[n_rows * d + k] = root * (x[i * d + k] - mean[k]);
        if (++n_rows == d || i + 1 == data->n) {
            sim_add_squares(g->square, n_rows, g->d, scatter);
            n_rows = 0;
        }
    }
}

static enum wn_status gnd_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct sim_gnd *g = state;
    double weight = weighted_mean(data, (size_t)g->d, g->vector);

    (void)generation;
    /* the old factor is no longer needed: its place holds the scatter */
    weighted_scatter(g, data, g->vector, g->model.factor);
    return sim_gnd_fit_scatter(g, g->vector, g->model.factor, weight, data->n, err);
}

static enum wn_status gnd_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_gnd *g = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = ((const double *)item)[i * (size_t)g->d];
    return WN_OK;
}

static enum wn_status gnd_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_gnd *g = state;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        const double *x = (const double *)item + i * (size_t)g->d;
        double sum = 0;

        for (int k = 0; k < g->d; k++)
            sum += x[k] * x[k];
        out[i] = sqrt(sum);
    }
    return WN_OK;
}

static void *gnd_put(void *state)
{
    const struct sim_gnd *g = state;
    struct sim_gnd_model *m = wn_arena_calloc(g->run.arena, 1, sizeof(*m));

    if (!m || !new_model(m, (size_t)g->d, g->run.arena))
        return NULL;
    copy_model(m, &g->model, (size_t)g->d);
    return m;
}

static enum wn_status gnd_take(void *state, const void *model, struct wn_err *err)
{
    struct sim_gnd *g = state;

    (void)err;
    copy_model(&g->model, model, (size_t)g->d);
    return WN_OK;
}

const struct sim_generator sim_gaussian_nd = {
    .name = "gaussian-nd",
    .about = "N(0, I) in d dimensions: fitted mean and covariance",
    .takes = SIM_TAKES_LAMBDA | SIM_TAKES_WEIGHTS | SIM_TAKES_UNBIASED,
    .open = gnd_open,
    .settings = gnd_settings,
    .min_items = gnd_min_items,
    .item_size = gnd_item_size,
    .begin = gnd_begin,
    .real = gnd_real,
    .fit = gnd_fit,
    .sample = gnd_sample,
    .compare = sim_gnd_compare,
    .quality = gnd_quality,
    .distance = gnd_distance,
    .surprise = sim_gnd_surprise,
    .model_put = gnd_put,
    .model_take = gnd_take,
    .exact = &sim_gnd_exact,
};
