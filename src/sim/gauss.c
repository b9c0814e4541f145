/*
 * The 1-D Gaussian: truth N(0, 1), fitted mean and variance.
 *
 * Items are doubles.  In exact mode a batch of k points is its mean, mu + sigma Z/sqrt k,
 * and its centred squares, sigma^2 chi2_(k-1), which are independent (Cochran 1934).
 */
#include <math.h>

#include <winnow/tails.h>

#include "sim/draws_inline.h"
#include "sim/generator.h"

/*
 * Variances fall by hundreds of orders of magnitude under replacement, so they are kept
 * in units of 10^(-100 unit).
 */
static const double unit_step = 1e-100, log_unit_step = -230.25850929940457;

struct model {
    double mean, variance;
    int unit;
};

/* Sufficient statistics.  AVERAGED: the squares are unbiased variances of sources times
 * their weights (estimator by-source) and not sums of squares around the common mean. */
struct batch {
    double mean, squares, weight;
    int unit;
    bool averaged;
};

/* The constants of batches of N points; N 0: none yet. */
struct prepared {
    uint64_t n;
    double per_root;           /* 1 / sqrt n       */
    struct sim_chi2 chi2;      /* of n - 1 degrees */
};

struct gauss {
    struct sim_run run;
    struct model model;
    double lambda, truncate;
    size_t n;                  /* points of the last fit */
    struct prepared real, sample;
};

/* ---- the engine ---------------------------------------------------------------------------- */

static const char *estimator_name(enum wn_estimator e)
{
    static const char *const names[] = { "mle", "unbiased", "by-source" };

    return names[e];
}

static void gauss_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_strz(j, "estimator", estimator_name(opts->estimator));
}

static size_t gauss_min_items(const struct wn_sim_opts *opts)
{
    return opts->estimator == WN_ESTIMATE_MLE ? 1 : 2;
}

static size_t gauss_item_size(const struct wn_sim_opts *opts)
{
    (void)opts;
    return sizeof(double);
}

static enum wn_status gauss_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct gauss *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    (void)world;
    g->run = *run;
    g->lambda = run->opts->sampling.lambda;
    g->truncate = run->opts->sampling.truncate;
    *state = g;
    return WN_OK;
}

static inline double scale_of(int unit)
{
    return unit == 0 ? 1 : pow(unit_step, unit);
}

static double variance_of(const struct model *m)
{
    return m->variance * scale_of(m->unit);
}

/* Whether VARIANCE is to be moved into the next unit, by a division by the step. */
static inline bool is_fine(double variance)
{
    return variance < unit_step && variance > 0;
}

static void set_model(struct model *m, double mean, double variance, int unit)
{
    bool fine = is_fine(variance);

    m->mean = mean;
    m->variance = fine ? variance / unit_step : variance;
    m->unit = unit + fine;
}

/* ---- points ----------------------------------------------------------------------------------- */

static enum wn_status gauss_real(void *state, uint32_t generation, size_t first, void *out, size_t n, struct wn_err *err)
{
    const struct gauss *g = state;
    double *x = out;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_REAL, g->run.replicate, generation, first + i);
        x[i] = sim_normal_fast(&rng);
    }
    return WN_OK;
}

static enum wn_status gauss_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                   struct wn_err *err)
{
    const struct gauss *g = state;
    double sd = sqrt(g->lambda * variance_of(&g->model)), *x = out;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_SAMPLE, g->run.replicate, generation, first + i);
        x[i] = g->model.mean + sd * (g->truncate > 0 ? sim_draw_truncated_normal(&rng, g->truncate) : sim_normal_fast(&rng));
    }
    return WN_OK;
}

/* Weight, mean and centred squares of the items whose origin is REAL, or of all (-1). */
static struct batch statistics(const struct sim_data *data, int real)
{
    const double *x = data->item;
    struct batch b = { .weight = 0 };

    for (size_t i = 0; i < data->n; i++) {
        double w = data->weight ? data->weight[i] : 1;

        if (real >= 0 && data->is_real[i] != (real == 1))
            continue;
        b.weight += w;
        b.mean += w * x[i];
    }
    b.mean = b.weight > 0 ? b.mean / b.weight : 0;
    for (size_t i = 0; i < data->n; i++)
        if (real < 0 || data->is_real[i] == (real == 1))
            b.squares += (data->weight ? data->weight[i] : 1) * (x[i] - b.mean) * (x[i] - b.mean);
    return b;
}

static double divisor(enum wn_estimator e, const struct batch *b)
{
    return e == WN_ESTIMATE_MLE || b->averaged ? b->weight : b->weight - 1;
}

/* Unbiased moments of each source, averaged with the sources' weights. */
static struct model by_source(const struct sim_data *data)
{
    struct model m = { .unit = 0 };
    double total = 0;

    for (int real = 0; real <= 1; real++) {
        struct batch b = statistics(data, real);
        size_t count = 0;

        for (size_t i = 0; i < data->n; i++)
            count += data->is_real[i] == (real == 1);
        if (count == 0)
            continue;
        total += b.weight;
        m.mean += b.weight * b.mean;
        m.variance += count > 1 ? b.squares * (double)count / (double)(count - 1) : 0;
    }
    m.mean /= total;
    m.variance /= total;
    return m;
}

static enum wn_status gauss_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct gauss *g = state;
    struct batch b;

    (void)generation;
    (void)err;
    g->n = data->n;
    if (g->run.opts->estimator == WN_ESTIMATE_BY_SOURCE) {
        g->model = by_source(data);
        return WN_OK;
    }
    b = statistics(data, -1);
    set_model(&g->model, b.mean, b.squares / divisor(g->run.opts->estimator, &b), 0);
    return WN_OK;
}

/* ---- sufficient statistics --------------------------------------------------------------------- */

static size_t batch_size(const void *state)
{
    (void)state;
    return sizeof(struct batch);
}

static void prepare(struct prepared *k, uint64_t n)
{
    if (k->n == n)
        return;
    k->n = n;
    k->per_root = 1 / sqrt((double)n);
    k->chi2 = sim_chi2_of((double)(n - 1));
}

/* Mean and centred squares of a batch, of the variance VARIANCE (in units of SCALE).  In
 * one place, so that a stretch of fits and single ones make the same roundings. */
static inline void draw_moments(const struct prepared *k, struct wn_rng *rng, double variance, double scale,
                                double *mean, double *squares)
{
    *mean += sqrt(variance * scale) * k->per_root * sim_normal_fast(rng);
    *squares = variance * sim_chi2_fast(rng, &k->chi2);
}

/* LAMBDA scales the variance that is drawn from. */
static void draw(struct prepared *k, struct wn_rng *rng, const struct model *from, double lambda, uint64_t n,
                 struct batch *out)
{
    double mean = from->mean, squares;

    if (n == 0) {
        *out = (struct batch){ .weight = 0 };
        return;
    }
    prepare(k, n);
    draw_moments(k, rng, lambda * from->variance, scale_of(from->unit), &mean, &squares);
    *out = (struct batch){ mean, squares, (double)n, from->unit, false };
}

static enum wn_status exact_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    static const struct model truth = { .variance = 1 };
    struct gauss *g = state;

    (void)err;
    draw(&g->real, rng, &truth, 1, n, out);
    return WN_OK;
}

static enum wn_status exact_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    struct gauss *g = state;

    (void)err;
    draw(&g->sample, rng, &g->model, g->lambda, n, out);
    return WN_OK;
}

/* In the coarser unit of the two, where the finer one may vanish: it is 1e-100 of it. */
static double in_unit(const struct batch *b, int unit)
{
    return b->unit == unit ? b->squares : b->squares * pow(unit_step, b->unit - unit);
}

static void merge_sources(struct batch *into, const struct batch *from, double factor)
{
    double w = factor * from->weight, total = into->weight + w;
    double variance = from->weight > 1 ? in_unit(from, 0) / (from->weight - 1) : 0;

    into->squares = in_unit(into, 0) + w * variance;
    into->mean += (from->mean - into->mean) * w / total;
    into->weight = total;
    into->unit = 0;
    into->averaged = true;
}

/* Chan, Golub and LeVeque 1983: pooled squares. */
static void exact_merge(const void *state, void *into, const void *from, double factor)
{
    const struct gauss *g = state;
    struct batch *a = into;
    const struct batch *b = from;
    double w = factor * b->weight, total = a->weight + w, apart = b->mean - a->mean;
    int unit = a->weight > 0 && a->unit < b->unit ? a->unit : b->unit;

    if (g->run.opts->estimator == WN_ESTIMATE_BY_SOURCE) {
        merge_sources(a, b, factor);
        return;
    }
    if (a->weight == 0) {
        *a = (struct batch){ b->mean, b->squares * factor, w, b->unit, b->averaged };
        return;
    }
    if (apart != 0)
        unit = 0;
    a->squares = in_unit(a, unit) + factor * in_unit(b, unit) + a->weight * w / total * apart * apart;
    a->mean += apart * w / total;
    a->weight = total;
    a->unit = unit;
}

static enum wn_status exact_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    struct gauss *g = state;
    const struct batch *b = batch;

    (void)generation;
    (void)err;
    g->n = n;
    set_model(&g->model, b->mean, b->squares * (1 / divisor(g->run.opts->estimator, b)), b->unit);
    return WN_OK;
}

/* In locals whose addresses go nowhere, so that they stay in registers. */
static void exact_stretch(void *state, struct wn_rng *rng, uint64_t n, uint32_t fits, void *batch)
{
    struct gauss *g = state;
    struct batch *b = batch;
    struct model m = g->model;
    struct wn_rng r = *rng;
    double lambda = g->lambda, per_divisor = 1 / divisor(g->run.opts->estimator, b);
    double mean = b->mean, squares = b->squares, scale = scale_of(b->unit);
    int unit = b->unit;

    prepare(&g->sample, n);
    for (uint32_t i = 0; i < fits; i++) {
        m.mean = mean;
        m.variance = squares * per_divisor;
        if (__builtin_expect(is_fine(m.variance), 0)) {
            m.variance /= unit_step;
            scale = scale_of(++unit);
        }
        draw_moments(&g->sample, &r, lambda * m.variance, scale, &mean, &squares);
    }
    m.unit = unit;
    g->n = n;
    g->model = m;
    *b = (struct batch){ mean, squares, (double)n, unit, false };
    *rng = r;
}

/* ---- models that are kept ------------------------------------------------------------------------ */

static void *model_put(void *state)
{
    const struct gauss *g = state;
    struct model *m = wn_arena_calloc(g->run.arena, 1, sizeof(*m));

    if (m)
        *m = g->model;
    return m;
}

static enum wn_status model_take(void *state, const void *model, struct wn_err *err)
{
    struct gauss *g = state;

    (void)err;
    g->model = *(const struct model *)model;
    return WN_OK;
}

/* ---- what policies look at ------------------------------------------------------------------------- */

static enum wn_status gauss_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    (void)state;
    (void)err;
    memcpy(out, item, n * sizeof(*out));
    return WN_OK;
}

static enum wn_status gauss_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const double *x = item;

    (void)state;
    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = fabs(x[i]);
    return WN_OK;
}

/* A point mass finds every other point infinitely surprising, and all of them equally. */
static enum wn_status gauss_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct gauss *g = state;
    const double *x = item;
    double v = fmax(variance_of(&g->model), 1e-300);

    (void)err;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - g->model.mean;

        out[i] = 0.5 * (d * d / v + log(2 * M_PI * v));
    }
    return WN_OK;
}

/* ---- measures ------------------------------------------------------------------------------------------ */

static enum wn_status gauss_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                    struct wn_err *err)
{
    const struct gauss *g = state;
    double m = g->model.mean, v = variance_of(&g->model), s = sqrt(v);

    (void)err;
    (void)view;
    sim_metrics_add(out, "mean", m, g->n);
    sim_metrics_add(out, "variance", v, g->n);
    sim_metrics_add(out, "log_variance", log(g->model.variance) + g->model.unit * log_unit_step, g->n);
    sim_metrics_add(out, "w2_squared", sim_gauss_w2_squared(m, s, 0, 1), g->n);
    sim_metrics_add(out, "kl", sim_gauss_kl(0, 1, m, s), g->n);
    sim_metrics_add(out, "kl_reverse", sim_gauss_kl(m, s, 0, 1), g->n);
    sim_metrics_add(out, "tail_mass_1", sim_gauss_tail(m, s, wn_normal_isf(0.005)), g->n);
    sim_metrics_add(out, "tail_mass_5", sim_gauss_tail(m, s, wn_normal_isf(0.025)), g->n);
    return WN_OK;
}

static const struct sim_exact gauss_exact = {
    .batch_size = batch_size,
    .real = exact_real,
    .sample = exact_sample,
    .merge = exact_merge,
    .fit = exact_fit,
    .stretch = exact_stretch,
};

const struct sim_generator sim_gaussian = {
    .name = "gaussian",
    .about = "one dimension, truth N(0, 1)",
    .takes = SIM_TAKES_LAMBDA | SIM_TAKES_TRUNCATE | SIM_TAKES_WEIGHTS | SIM_TAKES_BY_SOURCE | SIM_TAKES_UNBIASED,
    .settings = gauss_settings,
    .min_items = gauss_min_items,
    .item_size = gauss_item_size,
    .begin = gauss_begin,
    .real = gauss_real,
    .fit = gauss_fit,
    .sample = gauss_sample,
    .compare = gauss_compare,
    .quality = gauss_quality,
    .distance = gauss_distance,
    .surprise = gauss_surprise,
    .model_put = model_put,
    .model_take = model_take,
    .exact = &gauss_exact,
};
