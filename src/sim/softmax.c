/*
 * Bigrams as a softmax trained by gradient descent: the same family as engine 'bigram', so
 * that the difference of the two is what training leaves undone.
 */
#include "sim/softmax.h"

#include <math.h>
#include <stdlib.h>

#include "sim/lawcut.h"

enum { CORPUS_TYPES = 1000, DEFAULT_EPOCHS = 5, DEFAULT_BATCH = 32, MAX_RATE = 1000 };
static const double default_rate = 2;

static const struct sim_tokens_kind kind = { "softmax", CORPUS_TYPES, SIM_DENSE_TYPES };

struct softmax {
    struct sim_run run;
    const struct sim_tokens *world;
    struct sim_softmax now, first;      /* the model; that of generation 1    */
    struct sim_bigrams counts;          /* of what the model was fitted on    */
    struct sim_bigrams work;            /* of a batch; of what was written    */
    struct sim_token_rows rows;
    size_t used;                        /* tokens of the corpus               */
    struct wn_arena scratch;
};

/* ---- world ------------------------------------------------------------------------------ */

static struct sim_softmax_training resolve(const struct wn_sim_opts *opts)
{
    return (struct sim_softmax_training){
        .stop = opts->stop,
        .rate = opts->model.learning_rate != 0 ? opts->model.learning_rate : default_rate,
        .epochs = opts->model.epochs ? opts->model.epochs : DEFAULT_EPOCHS,
        .batch = opts->model.batch ? opts->model.batch : DEFAULT_BATCH,
    };
}

static void softmax_close(void *world)
{
    if (world)
        sim_tokens_release(world);
    free(world);
}

static enum wn_status softmax_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    double rate = resolve(opts).rate;
    struct sim_tokens *t;
    enum wn_status st;

    if (!(rate > 0 && rate <= MAX_RATE))
        return wn_fail(err, WN_BADCONF, "engine 'softmax': learning rate %g is not above 0 and up to %d", rate,
                       MAX_RATE);
    t = calloc(1, sizeof(*t));
    if (!t)
        return wn_fail(err, WN_NOMEM, "cannot start engine 'softmax': out of memory");
    st = sim_tokens_open(t, &kind, opts, err);
    if (st == WN_OK) {
        *world = t;
        t = NULL;
    }
    softmax_close(t);
    return st;
}

static void softmax_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    struct sim_softmax_training how = resolve(opts);

    sim_tokens_settings(j, &kind, opts);
    wn_json_add_num(j, "learning_rate", how.rate);
    wn_json_add_uint(j, "epochs", how.epochs);
    wn_json_add_uint(j, "batch", how.batch);
}

static size_t softmax_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

/* ---- one run ------------------------------------------------------------------------------ */

static void softmax_end(void *state)
{
    struct softmax *g = state;

    if (!g)
        return;
    sim_softmax_release(&g->now);
    sim_softmax_release(&g->first);
    sim_bigrams_release(&g->counts);
    sim_bigrams_release(&g->work);
    sim_token_rows_release(&g->rows);
    wn_arena_release(&g->scratch);
}

static enum wn_status softmax_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct softmax *g = wn_arena_calloc(run->arena, 1, sizeof(*g));
    uint32_t n_types = ((const struct sim_tokens *)world)->n_types;
    enum wn_status st;

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    *state = g;                    /* end() takes what is half built */
    g->run = *run;
    g->world = world;
    st = sim_softmax_init(&g->now, n_types, err);
    if (st == WN_OK)
        st = sim_softmax_init(&g->first, n_types, err);
    if (st == WN_OK)
        st = sim_bigrams_init(&g->counts, n_types, err);
    if (st == WN_OK)
        st = sim_bigrams_init(&g->work, n_types, err);
    return st == WN_OK ? sim_token_rows_init(&g->rows, n_types, n_types, err) : st;
}

static enum wn_status softmax_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                   struct wn_err *err)
{
    struct softmax *g = state;

    return sim_tokens_real(g->world, &g->run, generation, first, &g->used, out, n, err);
}

static enum wn_status softmax_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_blocks text = { data->item, data->n, g->world->block, NULL };
    struct sim_softmax_training how = resolve(g->run.opts);
    struct wn_rng rng;
    enum wn_status st = sim_bigrams_count(&g->counts, &text, err);

    sim_token_rows_reset(&g->rows);
    wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_FIT, g->run.replicate, generation, 0);
    how.rng = &rng;
    how.counts = &g->counts;
    if (st == WN_OK)
        st = sim_softmax_train(&g->now, &how, &text, &g->work, err);
    if (st == WN_OK && generation == 1)
        sim_softmax_set(&g->first, g->now.logit);
    return st;
}

/* ---- sampling --------------------------------------------------------------------------------- */

static uint32_t row_of(const void *model, uint32_t before)
{
    (void)model;
    return before;
}

static enum wn_status softmax_law(void *model, uint32_t row, uint32_t *token, double *p, size_t *n, struct wn_err *err)
{
    struct softmax *g = model;

    (void)err;
    *n = g->now.n_types;
    for (uint32_t j = 0; j < g->now.n_types; j++)
        token[j] = j;
    sim_softmax_row(&g->now, row, p);
    return WN_OK;
}

static struct sim_token_drawing drawing(struct softmax *g)
{
    return (struct sim_token_drawing){ &g->rows, g, softmax_law, row_of, &g->run.opts->sampling, &g->scratch };
}

/* One stream a call, keyed by its first item: a token hangs on the one before. */
static enum wn_status softmax_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                     struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_token_drawing d = drawing(g);
    struct wn_rng rng;

    wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_SAMPLE, g->run.replicate, generation, first);
    return sim_token_write(&d, &rng, g->world->block, out, n, err);
}

static enum wn_status draw_one(void *state, struct wn_rng *rng, uint32_t before, uint32_t *out, struct wn_err *err)
{
    struct sim_token_drawing d = drawing(state);

    return sim_token_draw(&d, rng, before, out, err);
}

/* ---- what policies and measures ask ------------------------------------------------------------- */

static double p_of(const void *arg, uint32_t before, uint32_t token)
{
    return sim_softmax_p(arg, before, token);
}

static void row_into(const void *arg, uint32_t before, double *p)
{
    sim_softmax_row(arg, before, p);
}

static struct sim_token_model model_of(const struct sim_softmax *m, const struct sim_bigrams *counts)
{
    return (struct sim_token_model){ m, p_of, row_into, counts->seen };
}

static enum wn_status softmax_edit(void *state, uint32_t generation, size_t first, const void *item, size_t n,
                                   double above, void *out, struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_token_model m = model_of(&g->now, &g->counts);
    struct sim_token_edit e = { &g->run, generation, first, above, &m, g, draw_one };

    return sim_tokens_edit(g->world, &e, item, n, out, err);
}

static enum wn_status softmax_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_token_model m = model_of(&g->now, &g->counts);

    (void)err;
    sim_tokens_surprise(g->world, &m, item, n, out);
    return WN_OK;
}

static enum wn_status softmax_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_token_model m = model_of(&g->first, &g->counts);

    (void)err;
    sim_tokens_surprise(g->world, &m, item, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = -out[i];
    return WN_OK;
}

static enum wn_status softmax_fingerprint(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err)
{
    const struct softmax *g = state;

    (void)err;
    sim_tokens_fingerprint(g->world, item, n, out);
    return WN_OK;
}

struct kept {
    void *counts;
    double logit[];
};

static void *softmax_put(void *state)
{
    struct softmax *g = state;
    size_t n = (size_t)g->now.n_types * g->now.n_types;
    struct kept *k = wn_arena_alloc(g->run.arena, sizeof(*k) + n * sizeof(*k->logit));

    if (!k)
        return NULL;
    memcpy(k->logit, g->now.logit, n * sizeof(*k->logit));
    k->counts = sim_bigrams_put(&g->counts, g->run.arena);
    return k->counts ? k : NULL;
}

static enum wn_status softmax_take(void *state, const void *model, struct wn_err *err)
{
    struct softmax *g = state;
    const struct kept *k = model;

    sim_token_rows_reset(&g->rows);
    sim_softmax_set(&g->now, k->logit);
    return sim_bigrams_take(&g->counts, k->counts, err);
}

/* Means over the contexts of the fitted text: entropy of the rows, and KL(count ratios, row),
 * which is the training loss above its minimum. */
static void add_row_metrics(const struct softmax *g, struct sim_metrics *out)
{
    const struct sim_bigrams *b = &g->counts;
    double entropy = 0, gap = 0, n = (double)b->n_tokens;

    for (uint32_t c = 0; c < b->n_types; c++) {
        double here = sim_bigrams_context(b, c);

        if (here > 0)
            entropy += here * sim_softmax_entropy(&g->now, c);
        for (uint32_t i = b->pair_start[c]; i < b->pair_start[c + 1]; i++)
            gap += b->pair[i].count * log(b->pair[i].count / here / sim_softmax_p(&g->now, c, b->pair[i].token));
    }
    sim_metrics_add(out, "cond_entropy", entropy / n, b->n_tokens);
    sim_metrics_add(out, "cross_entropy_gap", gap / n, b->n_tokens);
}

static enum wn_status softmax_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                      struct wn_err *err)
{
    struct softmax *g = state;
    struct sim_token_model now = model_of(&g->now, &g->counts), first = model_of(&g->first, &g->counts);
    struct sim_blocks written = { view->generated, view->n_generated, g->world->block, NULL };
    enum wn_status st = sim_bigrams_index(&g->counts, err);

    wn_arena_reset(&g->scratch);
    if (st != WN_OK)
        return st;
    sim_bigrams_text_metrics(&g->counts, out);
    add_row_metrics(g, out);
    st = sim_tokens_truth_metrics(g->world, &now, &g->scratch, out, err);
    if (st != WN_OK || view->n_generated == 0)
        return st;
    st = sim_bigrams_written_metrics(&g->work, &written, out, err);
    return st == WN_OK ? sim_tokens_written_metrics(g->world, &first, view, &g->scratch, out, err) : st;
}

const struct sim_generator sim_softmax = {
    .name = "softmax",
    .about = "bigrams of tokens, a softmax trained by gradient descent",
    .takes = SIM_TAKES_TEMPERATURE | SIM_TAKES_CUTS,
    .open = softmax_open,
    .close = softmax_close,
    .settings = softmax_settings,
    .min_items = softmax_min_items,
    .item_size = sim_tokens_item_size,
    .begin = softmax_begin,
    .end = softmax_end,
    .real = softmax_real,
    .fit = softmax_fit,
    .sample = softmax_sample,
    .compare = softmax_compare,
    .tokens = sim_tokens_count,
    .quality = softmax_quality,
    .surprise = softmax_surprise,
    .fingerprint = softmax_fingerprint,
    .edit = softmax_edit,
    .model_put = softmax_put,
    .model_take = softmax_take,
};
