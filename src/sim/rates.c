/*
 * Two laws with one number, whose best fit is the mean: "poisson" (a count) and
 * "exponential" (a waiting time).  An item is a double.  Means of means: E of the fitted
 * mean stays the truth's for ever, while nearly every run goes to 0 (Suresh et al. 2024).
 */
#include <math.h>

#include "sim/draws.h"
#include "sim/generator.h"

#define DEFAULT_RATE 1

/* What the two laws differ in. */
struct law {
    double (*draw)(struct wn_rng *rng, double mean, uint64_t n);   /* the sum of N items            */
    double most;                                                   /* a sum may have at most this mean */
    double (*sd)(double mean);
    double (*surprise)(double x, double mean);                     /* mean > 0                      */
};

struct rates {
    struct sim_run run;
    const struct law *law;
    double truth;          /* mean of the truth     */
    double mean;           /* of the model          */
    uint64_t n;            /* items of the last fit */
};

struct batch {
    double weight, sum;    /* of the items; sum is weighted */
};

static double rate_of(const struct wn_sim_opts *opts)
{
    return opts->model.rate != 0 ? opts->model.rate : DEFAULT_RATE;
}

static void rates_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_num(j, "rate", rate_of(opts));
}

static size_t rates_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static size_t rates_item_size(const struct wn_sim_opts *opts)
{
    (void)opts;
    return sizeof(double);
}

/* Limits that keep every sum of items far from the ends of the doubles. */
static enum wn_status check_rate(double rate, double low, double high, struct wn_err *err)
{
    if (!(rate >= low && rate <= high))
        return wn_fail(err, WN_BADCONF, "rate is %g: it must be from %g to %g", rate, low, high);
    return WN_OK;
}

static enum wn_status poisson_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    *world = NULL;
    return check_rate(rate_of(opts), 1e-12, 1e9, err);
}

static enum wn_status exponential_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    *world = NULL;
    return check_rate(rate_of(opts), 1e-100, 1e100, err);
}

/* ---- the two laws --------------------------------------------------------------------------- */

/* The sum of Poisson counts is Poisson. */
static double poisson_draw(struct wn_rng *rng, double mean, uint64_t n)
{
    return (double)sim_draw_poisson(rng, mean * (double)n);
}

static double poisson_sd(double mean)
{
    return sqrt(mean);
}

static double poisson_surprise(double x, double mean)
{
    int sign;   /* lgamma() itself writes to a global */

    return mean - x * log(mean) + lgamma_r(x + 1, &sign);
}

/* The sum of N exponential times is Gamma(N). */
static double exponential_draw(struct wn_rng *rng, double mean, uint64_t n)
{
    if (n == 0)
        return 0;
    return mean * (n == 1 ? sim_draw_exponential(rng) : sim_draw_gamma(rng, (double)n));
}

static double exponential_sd(double mean)
{
    return mean;
}

static double exponential_surprise(double x, double mean)
{
    return log(mean) + x / mean;
}

static const struct law poisson_law = { poisson_draw, (double)SIM_DRAW_MAX, poisson_sd, poisson_surprise };
static const struct law exponential_law = { exponential_draw, 1e300, exponential_sd, exponential_surprise };

static enum wn_status begin_with(void **state, const struct sim_run *run, const struct law *law, double truth,
                                 struct wn_err *err)
{
    struct rates *r = wn_arena_calloc(run->arena, 1, sizeof(*r));

    if (!r)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    *r = (struct rates){ .run = *run, .law = law, .truth = truth };
    *state = r;
    return WN_OK;
}

static enum wn_status poisson_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    (void)world;
    return begin_with(state, run, &poisson_law, rate_of(run->opts), err);
}

static enum wn_status exponential_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    (void)world;
    return begin_with(state, run, &exponential_law, 1 / rate_of(run->opts), err);
}

/* ---- draws --------------------------------------------------------------------------------- */

/* A sum has to stay a number, and a Poisson draw within its range. */
static enum wn_status check_sum(const struct rates *r, double mean, uint64_t n, struct wn_err *err)
{
    if (mean * (double)n <= r->law->most)
        return WN_OK;
    return wn_fail(err, WN_LIMIT, "cannot draw %llu items of mean %g (replicate %u): their sum would pass %g",
                   (unsigned long long)n, mean, r->run.replicate, r->law->most);
}

static enum wn_status rates_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                 struct wn_err *err)
{
    const struct rates *r = state;
    double *x = out;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, r->run.opts->seed, WN_DOMAIN_REAL, r->run.replicate, generation, first + i);
        x[i] = r->law->draw(&rng, r->truth, 1);
    }
    return WN_OK;
}

static enum wn_status rates_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                   struct wn_err *err)
{
    const struct rates *r = state;
    double *x = out;
    enum wn_status st = check_sum(r, r->mean, 1, err);

    if (st != WN_OK)
        return st;
    for (size_t i = 0; i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, r->run.opts->seed, WN_DOMAIN_SAMPLE, r->run.replicate, generation, first + i);
        x[i] = r->law->draw(&rng, r->mean, 1);
    }
    return WN_OK;
}

/* ---- fits ----------------------------------------------------------------------------------- */

static enum wn_status set_model(struct rates *r, const struct batch *b, uint64_t n, struct wn_err *err)
{
    double mean = b->sum / b->weight;

    if (!(b->weight > 0) || !isfinite(mean))
        return wn_fail(err, WN_BADDATA, "cannot fit a mean to %llu items of weight %g and sum %g",
                       (unsigned long long)n, b->weight, b->sum);
    r->mean = mean;
    r->n = n;
    return WN_OK;
}

static enum wn_status rates_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    const double *x = data->item;
    struct batch b = { 0, 0 };

    (void)generation;
    for (size_t i = 0; i < data->n; i++) {
        double w = data->weight ? data->weight[i] : 1;

        b.weight += w;
        b.sum += w * x[i];
    }
    return set_model(state, &b, data->n, err);
}

static size_t exact_size(const void *state)
{
    (void)state;
    return sizeof(struct batch);
}

static enum wn_status draw_batch(const struct rates *r, struct wn_rng *rng, double mean, uint64_t n,
                                 struct batch *out, struct wn_err *err)
{
    enum wn_status st = check_sum(r, mean, n, err);

    if (st == WN_OK)
        *out = (struct batch){ (double)n, r->law->draw(rng, mean, n) };
    return st;
}

static enum wn_status exact_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    const struct rates *r = state;

    return draw_batch(r, rng, r->truth, n, out, err);
}

static enum wn_status exact_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    const struct rates *r = state;

    return draw_batch(r, rng, r->mean, n, out, err);
}

static void exact_merge(const void *state, void *into, const void *from, double factor)
{
    struct batch *b = into;
    const struct batch *other = from;

    (void)state;
    b->weight += factor * other->weight;
    b->sum += factor * other->sum;
}

static enum wn_status exact_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    (void)generation;
    return set_model(state, batch, n, err);
}

/* ---- metrics ---------------------------------------------------------------------------------- */

static enum wn_status poisson_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                      struct wn_err *err)
{
    const struct rates *r = state;

    (void)view;
    (void)err;
    sim_metrics_add(out, "rate", r->mean, r->n);
    sim_metrics_add(out, "log_rate", log(r->mean), r->n);
    sim_metrics_add(out, "extinct", r->mean == 0, r->n);
    return WN_OK;
}

static enum wn_status exponential_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                          struct wn_err *err)
{
    const struct rates *r = state;

    (void)view;
    (void)err;
    sim_metrics_add(out, "scale", r->mean, r->n);
    sim_metrics_add(out, "log_scale", log(r->mean), r->n);
    /* KL(truth || model) of two exponential laws; infinite for a point mass at 0. */
    sim_metrics_add(out, "kl", r->mean > 0 ? fmax(0, log(r->mean / r->truth) + r->truth / r->mean - 1) : INFINITY,
                    r->n);
    return WN_OK;
}

/* ---- what policies see ------------------------------------------------------------------------- */

static enum wn_status rates_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    (void)state;
    (void)err;
    memcpy(out, item, n * sizeof(*out));
    return WN_OK;
}

static enum wn_status rates_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct rates *r = state;
    const double *x = item;
    double sd = r->law->sd(r->truth);

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = fabs(x[i] - r->truth) / sd;
    return WN_OK;
}

/* A point mass at 0 gives probability 1 to 0 and nothing to the rest. */
static enum wn_status rates_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct rates *r = state;
    const double *x = item;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        if (r->mean > 0)
            out[i] = r->law->surprise(x[i], r->mean);
        else
            out[i] = x[i] == 0 ? 0 : INFINITY;
    }
    return WN_OK;
}

/* Equal numbers have equal bits: an item is never -0. */
static enum wn_status rates_fingerprint(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err)
{
    (void)state;
    (void)err;
    memcpy(out, item, n * sizeof(*out));
    return WN_OK;
}

static void *rates_model_put(void *state)
{
    const struct rates *r = state;
    struct rates *kept = wn_arena_alloc(r->run.arena, sizeof(*kept));

    if (kept)
        *kept = *r;
    return kept;
}

static enum wn_status rates_model_take(void *state, const void *model, struct wn_err *err)
{
    (void)err;
    *(struct rates *)state = *(const struct rates *)model;
    return WN_OK;
}

static const struct sim_exact rates_exact = {
    .batch_size = exact_size,
    .real = exact_real,
    .sample = exact_sample,
    .merge = exact_merge,
    .fit = exact_fit,
};

const struct sim_generator sim_poisson = {
    .name = "poisson",
    .about = "counts with one rate, fitted by their mean",
    .takes = SIM_TAKES_WEIGHTS,
    .open = poisson_open,
    .settings = rates_settings,
    .min_items = rates_min_items,
    .item_size = rates_item_size,
    .begin = poisson_begin,
    .real = rates_real,
    .fit = rates_fit,
    .sample = rates_sample,
    .compare = poisson_compare,
    .quality = rates_quality,
    .distance = rates_distance,
    .surprise = rates_surprise,
    .fingerprint = rates_fingerprint,
    .model_put = rates_model_put,
    .model_take = rates_model_take,
    .exact = &rates_exact,
};

const struct sim_generator sim_exponential = {
    .name = "exponential",
    .about = "waiting times with one scale, fitted by their mean",
    .takes = SIM_TAKES_WEIGHTS,
    .open = exponential_open,
    .settings = rates_settings,
    .min_items = rates_min_items,
    .item_size = rates_item_size,
    .begin = exponential_begin,
    .real = rates_real,
    .fit = rates_fit,
    .sample = rates_sample,
    .compare = exponential_compare,
    .quality = rates_quality,
    .distance = rates_distance,
    .surprise = rates_surprise,
    .fingerprint = rates_fingerprint,
    .model_put = rates_model_put,
    .model_take = rates_model_take,
    .exact = &rates_exact,
};
