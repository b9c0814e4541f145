/*
 * Linear regression by least squares, refitted on labels that the last model gave
 * (Gerstgrasser et al. 2024, after Mobahi et al. 2020 and Dohmatob et al. 2024).
 */
#include "sim/linreg.h"

#include <math.h>
#include <string.h>

#include "sim/draws.h"
#include "sim/linalg.h"

static const double log_two_pi = 1.83787706640934548356;

/* The design's rows are real draws of a generation that no run reaches. */
static const uint32_t design_generation = UINT32_MAX;

size_t sim_linreg_dims(const struct wn_sim_opts *opts)
{
    return opts->model.dims ? opts->model.dims : 5;
}

static double noise_of(const struct wn_sim_opts *opts)
{
    return opts->model.noise != 0 ? opts->model.noise : 1;
}

static enum wn_status linreg_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    double noise = noise_of(opts);

    *world = NULL;
    if (opts->model.same_design && opts->n == 0)
        return wn_fail(err, WN_BADCONF, "engine 'linreg' needs to know how many rows its one design has: set n");
    if (sim_linreg_dims(opts) > SIM_LINREG_MAX_DIMS)
        return wn_fail(err, WN_BADCONF, "engine 'linreg' takes 1 to %d dimensions, not %u", SIM_LINREG_MAX_DIMS,
                       opts->model.dims);
    if (opts->model.same_design && opts->n > SIM_LINREG_MAX_ROWS)
        return wn_fail(err, WN_BADCONF, "engine 'linreg': one design of %llu rows is too large, the limit is %u; leave "
                       "same_design out", (unsigned long long)opts->n, SIM_LINREG_MAX_ROWS);
    if (!(noise > 0) || !isfinite(noise))
        return wn_fail(err, WN_BADCONF, "engine 'linreg' needs a noise above 0, not %g", noise);
    sim_linalg_start();
    return WN_OK;
}

static void linreg_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_uint(j, "dims", sim_linreg_dims(opts));
    wn_json_add_num(j, "noise", noise_of(opts));
    wn_json_add_bool(j, "same_design", opts->model.same_design);
}

static size_t linreg_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static size_t linreg_item_size(const struct wn_sim_opts *opts)
{
    return (sim_linreg_dims(opts) + 1) * sizeof(double);
}

static double *numbers(const struct sim_run *run, size_t n)
{
    return wn_arena_calloc(run->arena, n, sizeof(double));
}

static enum wn_status linreg_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    size_t d = sim_linreg_dims(run->opts);
    struct sim_linreg *s = wn_arena_calloc(run->arena, 1, sizeof(*s));

    (void)world;
    if (!s)
        return wn_fail(err, WN_NOMEM, "cannot start a run of %zu dimensions: out of memory", d);
    s->run = *run;
    s->d = (int)d;
    s->noise = noise_of(run->opts);
    s->model_noise = s->noise * (run->opts->sampling.lambda > 0 ? sqrt(run->opts->sampling.lambda) : 1);
    s->same_design = run->opts->model.same_design;
    s->truth = numbers(run, d);
    s->w = numbers(run, d);
    s->square = numbers(run, d * d);
    s->factor = numbers(run, d * d);
    s->design_square = numbers(run, d * d);
    s->scratch = numbers(run, sim_factor_scratch(s->d));
    s->vector = numbers(run, 2 * d);
    if (!s->truth || !s->w || !s->square || !s->factor || !s->design_square || !s->scratch || !s->vector)
        return wn_fail(err, WN_NOMEM, "cannot start a run of %zu dimensions: out of memory", d);
    for (size_t i = 0; i < d; i++)
        s->truth[i] = s->w[i] = 1 / sqrt((double)d);
    *state = s;
    return WN_OK;
}

void sim_linreg_design_row(const struct sim_linreg *s, uint64_t i, double *x)
{
    const struct wn_sim_opts *opts = s->run.opts;
    struct wn_rng rng;

    wn_rng_init(&rng, opts->seed, WN_DOMAIN_REAL, s->run.replicate, design_generation, i % opts->n);
    for (int k = 0; k < s->d; k++)
        x[k] = sim_draw_normal(&rng);
}

static double dot(const double *a, const double *b, int d)
{
    double sum = 0;

    for (int k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Item I of GENERATION, labelled with W and NOISE. */
static void draw(const struct sim_linreg *s, enum wn_domain domain, uint32_t generation, size_t i, double *item)
{
    bool real = domain == WN_DOMAIN_REAL;
    struct wn_rng rng;

    wn_rng_init(&rng, s->run.opts->seed, domain, s->run.replicate, generation, i);
    for (int k = 0; !s->same_design && k < s->d; k++)
        item[k] = sim_draw_normal(&rng);
    if (s->same_design)
        sim_linreg_design_row(s, i, item);
    item[s->d] = dot(item, real ? s->truth : s->w, s->d) + (real ? s->noise : s->model_noise) * sim_draw_normal(&rng);
}

static enum wn_status linreg_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                  struct wn_err *err)
{
    const struct sim_linreg *s = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        draw(s, WN_DOMAIN_REAL, generation, first + i, (double *)out + i * (size_t)(s->d + 1));
    return WN_OK;
}

static enum wn_status linreg_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                    struct wn_err *err)
{
    const struct sim_linreg *s = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        draw(s, WN_DOMAIN_SAMPLE, generation, first + i, (double *)out + i * (size_t)(s->d + 1));
    return WN_OK;
}

/* w = V diag(1 / value) V' right over the eigenvalues that are more than rounding. */
static enum wn_status least_length(struct sim_linreg *s, const double *square, const double *right,
                                   struct wn_err *err)
{
    size_t d = (size_t)s->d;
    double *value = s->vector + d, *axis = s->scratch;
    enum wn_status st = sim_eigen(square, s->d, value, axis, err);

    memset(s->w, 0, d * sizeof(double));
    for (size_t k = 0; st == WN_OK && k < d; k++) {
        double along;

        if (!(value[k] > 0 && value[k] > sim_rounding(s->d) * value[d - 1]))
            continue;
        along = dot(axis + k * d, right, s->d) / value[k];
        for (size_t i = 0; i < d; i++)
            s->w[i] += along * axis[k * d + i];
    }
    return st;
}

enum wn_status sim_linreg_solve(struct sim_linreg *s, const double *square, const double *right, uint64_t n,
                                struct wn_err *err)
{
    int rank;
    enum wn_status st = sim_semidefinite_factor(square, s->d, s->scratch, s->factor, &rank, err);

    if (st == WN_OK && rank == s->d && n >= (uint64_t)s->d) {
        memmove(s->w, right, (size_t)s->d * sizeof(double));
        sim_solve_lower(s->factor, s->d, s->w);
        sim_solve_lower_transposed(s->factor, s->d, s->w);
    } else if (st == WN_OK) {
        st = least_length(s, square, right, err);
    }
    if (st != WN_OK)
        return wn_fail(err, st == WN_BADCONF ? WN_BADDATA : st,
                       "cannot fit a regression in %d dimensions: its design is not finite or cannot be factored",
                       s->d);
    s->n = n;
    return WN_OK;
}

/* In blocks of rows, as many as fit into the d x d square; sqrt(weight) times x. */
static enum wn_status linreg_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct sim_linreg *s = state;
    size_t d = (size_t)s->d, n_rows = 0;
    const double *item = data->item;
    double *right = s->vector;

    (void)generation;
    memset(right, 0, d * sizeof(double));
    memset(s->square, 0, d * d * sizeof(double));
    for (size_t i = 0; i < data->n; i++, item += d + 1) {
        double weight = data->weight ? data->weight[i] : 1, root = sqrt(weight);

        for (size_t k = 0; k < d; k++) {
            s->factor[n_rows * d + k] = root * item[k];
            right[k] += weight * item[k] * item[d];
        }
        if (++n_rows == d || i + 1 == data->n) {
            sim_add_squares(s->factor, n_rows, s->d, s->square);
            n_rows = 0;
        }
    }
    return sim_linreg_solve(s, s->square, right, data->n, err);
}

static enum wn_status linreg_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                     struct wn_err *err)
{
    const struct sim_linreg *s = state;
    double error = 0;

    (void)view;
    (void)err;
    for (int k = 0; k < s->d; k++)
        error += (s->w[k] - s->truth[k]) * (s->w[k] - s->truth[k]);
    /* E (x.w - x.w0)^2 over new x ~ N(0, I) */
    sim_metrics_add(out, "test_error", error, s->n);
    sim_metrics_add(out, "train_size", (double)s->n, s->n);
    return WN_OK;
}

/* y - x.w of item I. */
static double residual(const struct sim_linreg *s, const void *item, size_t i, const double *w)
{
    const double *x = (const double *)item + i * (size_t)(s->d + 1);

    return x[s->d] - dot(x, w, s->d);
}

static enum wn_status linreg_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_linreg *s = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = -fabs(residual(s, item, i, s->truth));
    return WN_OK;
}

static enum wn_status linreg_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_linreg *s = state;

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = fabs(residual(s, item, i, s->truth)) / s->noise;
    return WN_OK;
}

/* Of y given x: the model says nothing about x. */
static enum wn_status linreg_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_linreg *s = state;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        double z = residual(s, item, i, s->w) / s->noise;

        out[i] = 0.5 * (log_two_pi + z * z) + log(s->noise);
    }
    return WN_OK;
}

static void *linreg_put(void *state)
{
    const struct sim_linreg *s = state;
    double *w = wn_arena_alloc(s->run.arena, (size_t)s->d * sizeof(*w));

    if (w)
        memcpy(w, s->w, (size_t)s->d * sizeof(*w));
    return w;
}

static enum wn_status linreg_take(void *state, const void *model, struct wn_err *err)
{
    struct sim_linreg *s = state;

    (void)err;
    memcpy(s->w, model, (size_t)s->d * sizeof(double));
    return WN_OK;
}

const struct sim_generator sim_linreg = {
    .name = "linreg",
    .about = "linear regression, refitted on labels that the last model gave",
    .takes = SIM_TAKES_LAMBDA | SIM_TAKES_WEIGHTS,
    .open = linreg_open,
    .settings = linreg_settings,
    .min_items = linreg_min_items,
    .item_size = linreg_item_size,
    .begin = linreg_begin,
    .real = linreg_real,
    .fit = linreg_fit,
    .sample = linreg_sample,
    .compare = linreg_compare,
    .quality = linreg_quality,
    .distance = linreg_distance,
    .surprise = linreg_surprise,
    .model_put = linreg_put,
    .model_take = linreg_take,
    .exact = &sim_linreg_exact,
};
