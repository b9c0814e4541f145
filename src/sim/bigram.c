/*
 * Maximum likelihood bigrams, free running: each generation writes one stream from token 0,
 * so that no real text leaks in through prompts.  Counts are exact, so the loop shows the
 * statistical error alone; add-k smoothing brings in an approximation error.
 */
#include "sim/bigram.h"

#include <math.h>
#include <stdlib.h>

#include "sim/draws_inline.h"
#include "sim/lawcut.h"

static const struct sim_tokens_kind kind = { "bigram", 0, 1u << 24 };

struct bigram {
    struct sim_run run;
    const struct sim_tokens *world;
    double add;
    bool is_cut;                   /* the sampler changes the rows           */
    struct sim_bigrams now, first; /* the model; that of generation 1        */
    struct sim_bigrams written;    /* for measures of what was written       */
    struct sim_token_rows rows;    /* only when cut                          */
    size_t used;                   /* tokens of the corpus                   */
    struct wn_arena scratch;
};

/* ---- world ------------------------------------------------------------------------------ */

static void bigram_close(void *world)
{
    if (world)
        sim_tokens_release(world);
    free(world);
}

static enum wn_status bigram_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_tokens *t;
    enum wn_status st;

    if (!(opts->model.add >= 0 && isfinite(opts->model.add)))
        return wn_fail(err, WN_BADCONF, "engine 'bigram': add-k smoothing with k = %g: it is 0 or above",
                       opts->model.add);
    t = calloc(1, sizeof(*t));
    if (!t)
        return wn_fail(err, WN_NOMEM, "cannot start engine 'bigram': out of memory");
    st = sim_tokens_open(t, &kind, opts, err);
    if (st == WN_OK && opts->model.add > 0 && sim_law_is_cut(&opts->sampling) && t->n_types > SIM_DENSE_TYPES)
        st = wn_fail(err, WN_LIMIT,
                     "engine 'bigram': add-k smoothing together with a temperature or a cut needs rows over all %u "
                     "types, and the limit is %d; leave one of them out, or set fewer states", t->n_types,
                     SIM_DENSE_TYPES);
    if (st == WN_OK) {
        *world = t;
        t = NULL;
    }
    bigram_close(t);
    return st;
}

static void bigram_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    sim_tokens_settings(j, &kind, opts);
    wn_json_add_num(j, "add", opts->model.add);
}

static size_t bigram_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

/* ---- one run ------------------------------------------------------------------------------ */

static void bigram_end(void *state)
{
    struct bigram *g = state;

    if (!g)
        return;
    sim_bigrams_release(&g->now);
    sim_bigrams_release(&g->first);
    sim_bigrams_release(&g->written);
    sim_token_rows_release(&g->rows);
    wn_arena_release(&g->scratch);
}

static enum wn_status bigram_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct bigram *g = wn_arena_calloc(run->arena, 1, sizeof(*g));
    uint32_t n_types = ((const struct sim_tokens *)world)->n_types;
    enum wn_status st;

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    *state = g;                    /* end() takes what is half built */
    g->run = *run;
    g->world = world;
    g->add = run->opts->model.add;
    g->is_cut = sim_law_is_cut(&run->opts->sampling);
    st = sim_bigrams_init(&g->now, n_types, err);
    if (st == WN_OK)
        st = sim_bigrams_init(&g->first, n_types, err);
    if (st == WN_OK)
        st = sim_bigrams_init(&g->written, n_types, err);
    if (st == WN_OK && g->is_cut)
        st = sim_token_rows_init(&g->rows, (size_t)n_types + 1, n_types, err);
    return st;
}

static enum wn_status bigram_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                  struct wn_err *err)
{
    struct bigram *g = state;

    return sim_tokens_real(g->world, &g->run, generation, first, &g->used, out, n, err);
}

static enum wn_status bigram_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_blocks text = { data->item, data->n, g->world->block, NULL };
    enum wn_status st = sim_bigrams_count(&g->now, &text, err);

    sim_token_rows_reset(&g->rows);
    if (st == WN_OK && generation == 1) {
        st = sim_bigrams_count(&g->first, &text, err);
        if (st == WN_OK)
            st = sim_bigrams_index(&g->first, err);
    }
    return st;
}

/* ---- probabilities -------------------------------------------------------------------------- */

/* What follows an unseen context is uniform. */
static double model_p(const struct bigram *g, const struct sim_bigrams *b, uint32_t before, uint32_t token)
{
    double n = sim_bigrams_context(b, before), v = b->n_types;

    return n > 0 ? (sim_bigrams_of(b, before, token) + g->add) / (n + g->add * v) : 1 / v;
}

static double now_p(const void *arg, uint32_t before, uint32_t token)
{
    const struct bigram *g = arg;

    return model_p(g, &g->now, before, token);
}

static double first_p(const void *arg, uint32_t before, uint32_t token)
{
    const struct bigram *g = arg;

    return model_p(g, &g->first, before, token);
}

static void now_row(const void *arg, uint32_t before, double *p)
{
    const struct bigram *g = arg;

    for (uint32_t j = 0; j < g->now.n_types; j++)
        p[j] = model_p(g, &g->now, before, j);
}

/* ---- sampling --------------------------------------------------------------------------------- */

/* Uniform in 0..N-1, N >= 1 (Lemire's multiply and reject), as wn_rng_below but inline. */
static inline uint32_t below(struct wn_rng *rng, uint32_t n)
{
    unsigned __int128 m = (unsigned __int128)sim_u64_fast(rng) * n;

    while (__builtin_expect((uint64_t)m < n && (uint64_t)m < (0 - (uint64_t)n) % n, 0))
        m = (unsigned __int128)sim_u64_fast(rng) * n;
    return (uint32_t)(m >> 64);
}

/* One step of the chain: all types have ADD more successors than were counted. */
static inline uint32_t follow(const struct sim_bigrams *b, double add, struct wn_rng *rng, uint32_t before)
{
    uint32_t from = b->start[before], n = b->start[before + 1] - from;

    if (__builtin_expect(n == 0, 0))
        return below(rng, b->n_types);
    if (add > 0 && sim_u01_fast(rng) * (n + add * b->n_types) >= n)
        return below(rng, b->n_types);
    return b->next[from + below(rng, n)];
}

static void write_plain(const struct bigram *g, struct wn_rng *stream, void *out, size_t n)
{
    const struct sim_bigrams *b = &g->now;
    uint32_t block = g->world->block, last = 0;
    double add = g->add;
    struct wn_rng rng = *stream;   /* its state stays in registers */

    for (size_t i = 0; i < n; i++) {
        struct sim_block *item = (struct sim_block *)((char *)out + i * sim_block_size(block));

        item->before = last;
        item->n = block;
        for (uint32_t k = 0; k < block; k++)
            item->token[k] = last = follow(b, add, &rng, last);
    }
    *stream = rng;
}

/* Rows for the sampler.  All contexts that were not seen share the last one. */
static uint32_t row_of(const void *model, uint32_t before)
{
    const struct sim_bigrams *b = &((const struct bigram *)model)->now;

    return sim_bigrams_context(b, before) ? before : b->n_types;
}

static enum wn_status cut_law(void *model, uint32_t row, uint32_t *token, double *p, size_t *n, struct wn_err *err)
{
    struct bigram *g = model;
    const struct sim_bigrams *b = &g->now;
    bool is_seen = row < b->n_types;

    (void)err;
    *n = 0;
    if (is_seen && g->add == 0) {
        for (uint32_t i = b->pair_start[row]; i < b->pair_start[row + 1]; i++) {
            token[*n] = b->pair[i].token;
            p[(*n)++] = (double)b->pair[i].count / sim_bigrams_context(b, row);
        }
        return WN_OK;
    }
    for (uint32_t j = 0; j < b->n_types; j++) {
        token[j] = j;
        p[j] = is_seen ? model_p(g, b, row, j) : 1.0 / b->n_types;
    }
    *n = b->n_types;
    return WN_OK;
}

static struct sim_token_drawing cut_drawing(struct bigram *g)
{
    return (struct sim_token_drawing){ &g->rows, g, cut_law, row_of, &g->run.opts->sampling, &g->scratch };
}

/* The items of one call are one stream, keyed by the first: a token hangs on the one before,
 * so that no item can be drawn by itself. */
static enum wn_status bigram_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                    struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_drawing d = cut_drawing(g);
    struct wn_rng rng;
    enum wn_status st;

    wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_SAMPLE, g->run.replicate, generation, first);
    if (!g->is_cut) {
        write_plain(g, &rng, out, n);
        return WN_OK;
    }
    st = sim_bigrams_index(&g->now, err);
    return st == WN_OK ? sim_token_write(&d, &rng, g->world->block, out, n, err) : st;
}

static enum wn_status draw_one(void *state, struct wn_rng *rng, uint32_t before, uint32_t *out, struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_drawing d = cut_drawing(g);

    if (g->is_cut)
        return sim_token_draw(&d, rng, before, out, err);
    *out = follow(&g->now, g->add, rng, before);
    return WN_OK;
}

/* ---- what policies and measures ask ------------------------------------------------------------- */

static struct sim_token_model model_now(const struct bigram *g)
{
    return (struct sim_token_model){ g, now_p, now_row, g->now.seen };
}

static struct sim_token_model model_first(const struct bigram *g)
{
    return (struct sim_token_model){ g, first_p, NULL, g->first.seen };
}

static enum wn_status bigram_edit(void *state, uint32_t generation, size_t first, const void *item, size_t n,
                                  double above, void *out, struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_model m = model_now(g);
    struct sim_token_edit e = { &g->run, generation, first, above, &m, g, draw_one };
    enum wn_status st = sim_bigrams_index(&g->now, err);

    return st == WN_OK ? sim_tokens_edit(g->world, &e, item, n, out, err) : st;
}

static enum wn_status bigram_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_model m = model_now(g);
    enum wn_status st = sim_bigrams_index(&g->now, err);

    if (st == WN_OK)
        sim_tokens_surprise(g->world, &m, item, n, out);
    return st;
}

static enum wn_status bigram_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_model m = model_first(g);

    (void)err;
    sim_tokens_surprise(g->world, &m, item, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = -out[i];
    return WN_OK;
}

static enum wn_status bigram_fingerprint(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err)
{
    const struct bigram *g = state;

    (void)err;
    sim_tokens_fingerprint(g->world, item, n, out);
    return WN_OK;
}

static void *bigram_put(void *state)
{
    struct bigram *g = state;

    return sim_bigrams_put(&g->now, g->run.arena);
}

static enum wn_status bigram_take(void *state, const void *model, struct wn_err *err)
{
    struct bigram *g = state;

    sim_token_rows_reset(&g->rows);
    return sim_bigrams_take(&g->now, model, err);
}

static enum wn_status bigram_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                     struct wn_err *err)
{
    struct bigram *g = state;
    struct sim_token_model now = model_now(g), first = model_first(g);
    struct sim_blocks written = { view->generated, view->n_generated, g->world->block, NULL };
    enum wn_status st = sim_bigrams_index(&g->now, err);

    wn_arena_reset(&g->scratch);
    if (st != WN_OK)
        return st;
    sim_bigrams_text_metrics(&g->now, out);
    sim_metrics_add(out, "cond_entropy", sim_bigrams_entropy(&g->now, g->add), g->now.n_tokens);
    st = sim_tokens_truth_metrics(g->world, &now, &g->scratch, out, err);
    if (st != WN_OK || view->n_generated == 0)
        return st;
    st = sim_bigrams_written_metrics(&g->written, &written, out, err);
    return st == WN_OK ? sim_tokens_written_metrics(g->world, &first, view, &g->scratch, out, err) : st;
}

const struct sim_generator sim_bigram = {
    .name = "bigram",
    .about = "bigrams of tokens, counted: a known chain, or your own corpus",
    .takes = SIM_TAKES_TEMPERATURE | SIM_TAKES_CUTS,
    .open = bigram_open,
    .close = bigram_close,
    .settings = bigram_settings,
    .min_items = bigram_min_items,
    .item_size = sim_tokens_item_size,
    .begin = bigram_begin,
    .end = bigram_end,
    .real = bigram_real,
    .fit = bigram_fit,
    .sample = bigram_sample,
    .compare = bigram_compare,
    .tokens = sim_tokens_count,
    .quality = bigram_quality,
    .surprise = bigram_surprise,
    .fingerprint = bigram_fingerprint,
    .edit = bigram_edit,
    .model_put = bigram_put,
    .model_take = bigram_take,
};
