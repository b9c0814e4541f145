/*
 * Label noise: an item is right (0) or wrong (1), one byte.  Real items are right.  A model
 * fitted to data of which the share q is wrong emits wrong items with probability
 * e + (1 - e) q: it copies the errors and adds its own, e = model.rate.  The setting in
 * which verification is studied (Feng et al. 2024).
 */
#include <math.h>

#include "sim/draws.h"
#include "sim/generator.h"

#define DEFAULT_ERROR 0.05

struct labels {
    struct sim_run run;
    double data_wrong;     /* q                       */
    uint64_t n;            /* items of the last fit   */
};

struct batch {
    double weight, wrong;  /* of all items, of the wrong ones */
};

static double error_of(const struct wn_sim_opts *opts)
{
    return opts->model.rate != 0 ? opts->model.rate : DEFAULT_ERROR;
}

static double wrong_rate(const struct labels *l)
{
    double e = error_of(l->run.opts);

    return fmin(1, e + (1 - e) * l->data_wrong);
}

static enum wn_status labels_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    double e = error_of(opts);

    *world = NULL;
    if (!(e > 0 && e <= 1))
        return wn_fail(err, WN_BADCONF, "rate is %g: the error that a fit adds must be above 0 and at most 1", e);
    return WN_OK;
}

static void labels_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    wn_json_add_num(j, "rate", error_of(opts));
}

static size_t labels_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static size_t labels_item_size(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static enum wn_status labels_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct labels *l = wn_arena_calloc(run->arena, 1, sizeof(*l));

    (void)world;
    if (!l)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    l->run = *run;
    *state = l;
    return WN_OK;
}

static enum wn_status labels_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                  struct wn_err *err)
{
    (void)state;
    (void)generation;
    (void)first;
    (void)err;
    memset(out, 0, n);
    return WN_OK;
}

static enum wn_status set_model(struct labels *l, const struct batch *b, uint64_t n, struct wn_err *err)
{
    if (!(b->weight > 0 && isfinite(b->weight)))
        return wn_fail(err, WN_BADDATA, "cannot fit %llu labels of weight %g", (unsigned long long)n, b->weight);
    l->data_wrong = fmin(1, b->wrong / b->weight);
    l->n = n;
    return WN_OK;
}

static enum wn_status labels_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    const uint8_t *wrong = data->item;
    struct batch b = { 0, 0 };

    (void)generation;
    for (size_t i = 0; i < data->n; i++) {
        double w = data->weight ? data->weight[i] : 1;

        b.weight += w;
        b.wrong += wrong[i] ? w : 0;
    }
    return set_model(state, &b, data->n, err);
}

static enum wn_status labels_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                    struct wn_err *err)
{
    const struct labels *l = state;
    double p = wrong_rate(l);
    uint8_t *wrong = out;

    (void)err;
    for (size_t i = 0; i < n; i++)
        wrong[i] =
            wn_keyed_u01(l->run.opts->seed, WN_DOMAIN_SAMPLE, l->run.replicate, generation, first + i) < p;
    return WN_OK;
}

static enum wn_status labels_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                     struct wn_err *err)
{
    const struct labels *l = state;

    (void)view;
    (void)err;
    sim_metrics_add(out, "wrong_rate", wrong_rate(l), l->n);
    sim_metrics_add(out, "data_wrong", l->data_wrong, l->n);
    return WN_OK;
}

static enum wn_status labels_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const uint8_t *wrong = item;

    (void)state;
    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = wrong[i] ? 0 : 1;
    return WN_OK;
}

/* Infinite for a right item of a model that is always wrong. */
static enum wn_status labels_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const uint8_t *wrong = item;
    double p = wrong_rate(state);

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = wrong[i] ? -log(p) : -log1p(-p);
    return WN_OK;
}

static bool labels_is_wrong(void *state, const void *item)
{
    (void)state;
    return *(const uint8_t *)item != 0;
}

static void *labels_model_put(void *state)
{
    const struct labels *l = state;
    struct labels *kept = wn_arena_alloc(l->run.arena, sizeof(*kept));

    if (kept)
        *kept = *l;
    return kept;
}

static enum wn_status labels_model_take(void *state, const void *model, struct wn_err *err)
{
    (void)err;
    *(struct labels *)state = *(const struct labels *)model;
    return WN_OK;
}

/* ---- exact mode ---------------------------------------------------------------------------- */

static size_t exact_size(const void *state)
{
    (void)state;
    return sizeof(struct batch);
}

static enum wn_status exact_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    (void)state;
    (void)rng;
    (void)err;
    *(struct batch *)out = (struct batch){ (double)n, 0 };
    return WN_OK;
}

static enum wn_status exact_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    if (n > SIM_DRAW_MAX)
        return wn_fail(err, WN_LIMIT, "a batch of %llu items is too large: the limit is %llu", (unsigned long long)n,
                       (unsigned long long)SIM_DRAW_MAX);
    *(struct batch *)out = (struct batch){ (double)n, (double)sim_draw_binomial(rng, n, wrong_rate(state)) };
    return WN_OK;
}

static void exact_merge(const void *state, void *into, const void *from, double factor)
{
    struct batch *b = into;
    const struct batch *other = from;

    (void)state;
    b->weight += factor * other->weight;
    b->wrong += factor * other->wrong;
}

static enum wn_status exact_subsample(void *state, struct wn_rng *rng, const void *from, uint64_t n, void *out,
                                      struct wn_err *err)
{
    const struct batch *pool = from;
    uint64_t wrong = (uint64_t)pool->wrong, right = (uint64_t)(pool->weight - pool->wrong);

    (void)state;
    (void)err;
    *(struct batch *)out = (struct batch){ (double)n, (double)sim_draw_hypergeometric(rng, wrong, right, n) };
    return WN_OK;
}

static enum wn_status exact_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    (void)generation;
    return set_model(state, batch, n, err);
}

static const struct sim_exact labels_exact = {
    .batch_size = exact_size,
    .real = exact_real,
    .sample = exact_sample,
    .merge = exact_merge,
    .subsample = exact_subsample,
    .fit = exact_fit,
};

const struct sim_generator sim_labels = {
    .name = "labels",
    .about = "right and wrong items: each fit copies the errors of its data and adds its own",
    .takes = SIM_TAKES_WEIGHTS,
    .open = labels_open,
    .settings = labels_settings,
    .min_items = labels_min_items,
    .item_size = labels_item_size,
    .begin = labels_begin,
    .real = labels_real,
    .fit = labels_fit,
    .sample = labels_sample,
    .compare = labels_compare,
    .quality = labels_quality,
    .surprise = labels_surprise,
    .is_wrong = labels_is_wrong,
    .model_put = labels_model_put,
    .model_take = labels_model_take,
    .exact = &labels_exact,
};
