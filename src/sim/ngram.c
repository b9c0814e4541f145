/*
 * Word n-gram models of the user's own text.  Free running, each generation writes whole
 * documents from the start symbol, so no real text leaks in through prompts; opts->prompt
 * asks for prompts.
 */
#include "sim/ngram.h"

#include <stdlib.h>

#include <winnow/hash.h>
#include <winnow/lmbuild.h>

#include "sim/measure.h"
#include "sim/tokens.h"

static unsigned order_of(const struct wn_sim_opts *opts)
{
    return opts->order ? opts->order : 3;
}

enum wn_status sim_fit_texts(struct wn_lm **out, const struct wn_sim_opts *opts, const struct sim_text *data, size_t n,
                             struct wn_err *err)
{
    const struct wn_lm_opts how = { .smoothing = opts->smoothing };
    struct wn_counts *counts = NULL;
    enum wn_status st = wn_counts_new(&counts, order_of(opts), WN_TOK_WORDS, err);

    *out = NULL;
    for (size_t i = 0; i < n && st == WN_OK; i++)
        st = wn_counts_add_text(counts, data[i].str, err);
    if (st == WN_OK)
        st = wn_lm_estimate(out, counts, &how, NULL, err);
    wn_counts_free(counts);
    return st;
}

/* ---- world ---------------------------------------------------------------------------------- */

static void ngram_close(void *world)
{
    struct sim_ngram_world *w = world;

    if (!w)
        return;
    wn_kgw_free(w->kgw);
    wn_lm_free(w->first);
    sim_corpus_release(&w->corpus);
    free(w);
}

/* The mark is keyed over the caller's vocabulary, or over that of the first n texts. */
static enum wn_status open_mark(struct sim_ngram_world *w, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct wn_kgw_opts kgw = { .key = opts->watermark_key, .delta_nats = opts->watermark_delta };
    size_t n = opts->n < w->corpus.n_usable ? opts->n : w->corpus.n_usable;
    enum wn_status st = WN_OK;

    w->reference = opts->watermark_lm;
    if (!w->reference) {
        st = sim_fit_texts(&w->first, opts, w->corpus.item, n, err);
        w->reference = w->first;
    }
    if (st != WN_OK)
        return st;
    kgw.vocab_size = wn_lm_vocab_size(w->reference);
    return wn_kgw_new(&w->kgw, &kgw, err);
}

static enum wn_status check_options(const struct wn_sim_opts *opts, struct wn_err *err)
{
    enum wn_status st;

    if (order_of(opts) > WN_LM_MAX_ORDER)
        return wn_fail(err, WN_BADCONF, "engine 'ngram': order %u is above %d", opts->order, WN_LM_MAX_ORDER);
    if (!(opts->watermark_share >= 0 && opts->watermark_share <= 1))
        return wn_fail(err, WN_BADCONF, "engine 'ngram': the watermarked share is not between 0 and 1");
    st = sim_ngram_check_sampling(opts, err);
    return st == WN_OK && opts->retrain ? sim_learner_check(opts, err) : st;
}

static enum wn_status ngram_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_ngram_world *w;
    enum wn_status st = check_options(opts, err);

    if (st != WN_OK)
        return st;
    w = calloc(1, sizeof(*w));
    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot start engine 'ngram': out of memory");
    st = sim_corpus_open(&w->corpus, opts, err);
    if (st == WN_OK && opts->watermark_share > 0)
        st = open_mark(w, opts, err);
    if (st == WN_OK) {
        *world = w;
        w = NULL;
    }
    ngram_close(w);
    return st;
}

static void ngram_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    char key_hash[33];

    /* Two traces with the same key can be told, without telling the key. */
    wn_hash128_hex(wn_hash128((struct wn_str){ (const char *)&opts->watermark_key, sizeof(opts->watermark_key) }, 0),
                   key_hash);
    sim_corpus_settings(j, opts);
    wn_json_add_uint(j, "order", order_of(opts));
    wn_json_add_strz(j, "smoothing", opts->smoothing == WN_SMOOTH_ML ? "ml" : "kn");
    wn_json_add_uint(j, "prompt", opts->prompt);
    wn_json_add_num(j, "watermark_share", opts->watermark_share);
    wn_json_add_strz(j, "watermark_key_hash", key_hash);
    wn_json_add_num(j, "watermark_delta", opts->watermark_delta);
    wn_json_add_bool(j, "retrain", opts->retrain);
    wn_json_add_raw(j, "detectors", opts->detectors_json.len ? opts->detectors_json : WN_STR("{}"));
}

static size_t ngram_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static size_t ngram_item_size(const struct wn_sim_opts *opts)
{
    (void)opts;
    return sizeof(struct sim_text);
}

/* ---- the models of a run ------------------------------------------------------------------------ */

static void drop_sampler(struct sim_ngram *g)
{
    wn_sampler_scratch_free(g->drawing);
    wn_sampler_free(g->sampler);
    g->drawing = NULL;
    g->sampler = NULL;
}

static void free_model(struct sim_ngram_model *m)
{
    wn_lm_free(m->lm);
    m->lm = NULL;
}

static void drop_model(struct sim_ngram *g)
{
    drop_sampler(g);
    if (g->model && !g->model->is_kept)
        free_model(g->model);
    g->model = NULL;
}

/* The model stays until the run ends. */
static void keep_model(struct sim_ngram *g, struct sim_ngram_model *m)
{
    if (m->is_kept)
        return;
    m->is_kept = true;
    m->next_kept = g->kept;
    g->kept = m;
}

/* What has to be made of a model before it can write. */
static enum wn_status take_up(struct sim_ngram *g, struct sim_ngram_model *m, struct wn_err *err)
{
    enum wn_status st;

    g->model = m;
    st = wn_sampler_new(&g->sampler, m->lm, err);
    if (st != WN_OK)
        return st;
    g->drawing = wn_sampler_scratch_new(g->sampler);
    if (!g->drawing)
        return wn_fail(err, WN_NOMEM, "cannot write documents: out of memory");
    return g->marker.kgw ? sim_marker_set(&g->marker, m->lm, err) : WN_OK;
}

static void *ngram_model_put(void *state)
{
    struct sim_ngram *g = state;

    keep_model(g, g->model);
    return g->model;
}

static enum wn_status ngram_model_take(void *state, const void *model, struct wn_err *err)
{
    struct sim_ngram *g = state;
    struct sim_ngram_model *m = g->kept;

    while (m != model)             /* it was put away by this run */
        m = m->next_kept;
    if (m == g->model)
        return WN_OK;
    drop_model(g);
    return take_up(g, m, err);
}

/* ---- one run ---------------------------------------------------------------------------------- */

static void ngram_end(void *state)
{
    struct sim_ngram *g = state;

    if (!g)
        return;
    drop_model(g);
    for (struct sim_ngram_model *m = g->kept; m; m = m->next_kept)
        free_model(m);
    sim_marker_release(&g->marker);
    sim_learner_release(&g->learner);
    wn_tagger_scratch_free(g->tagging);
    wn_arena_release(&g->scratch);
    wn_arena_release(&g->page);
}

static enum wn_status ngram_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct sim_ngram *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

    if (!g)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    *state = g;
    g->run = *run;
    g->world = world;
    g->marker.reference = g->world->reference;
    g->marker.kgw = g->world->kgw;
    if (run->opts->tagger) {
        g->tagging = wn_tagger_scratch_new(run->opts->tagger);
        if (!g->tagging)
            return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    }
    return WN_OK;
}

/* The next documents nobody has seen.  open() made sure that there are enough but where a
 * policy screens until enough are kept. */
static enum wn_status ngram_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                 struct wn_err *err)
{
    struct sim_ngram *g = state;
    const struct sim_corpus *c = &g->world->corpus;

    (void)first;
    if (n > c->n_usable - g->next_text)
        return wn_fail(err, WN_BADCONF, "the corpus has run out: generation %u asks for %zu new human documents, "
                       "and %zu of %zu are left: give more texts, or a smaller n", generation, n,
                       c->n_usable - g->next_text, c->n_usable);
    memcpy(out, c->item + g->next_text, n * sizeof(*c->item));
    g->next_text += n;
    if (generation == 0)
        g->n_first = g->next_text;
    return WN_OK;
}

static enum wn_status ngram_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct sim_ngram *g = state;
    struct sim_ngram_model *m = wn_arena_calloc(g->run.arena, 1, sizeof(*m));
    enum wn_status st;

    if (!m)
        return wn_fail(err, WN_NOMEM, "cannot fit a model: out of memory");
    drop_model(g);
    st = sim_fit_texts(&m->lm, g->run.opts, data->item, data->n, err);
    if (st != WN_OK)
        return st;
    g->generation = generation;
    if (!g->first) {
        g->first = m;
        keep_model(g, m);
    }
    sim_learner_turn(&g->learner);
    return take_up(g, m, err);
}

/* ---- what detectors and policies see ----------------------------------------------------------- */

static enum wn_status ngram_tag(void *state, const void *item, struct sim_judgement *out, struct wn_err *err)
{
    struct sim_ngram *g = state;
    const struct sim_text *text = item;
    const struct wn_tagger *tagger = g->run.opts->tagger;
    struct wn_tagger_scratch *scratch = g->tagging;
    struct wn_tag tag;
    enum wn_status st = WN_OK;

    if (g->run.opts->retrain) {
        const struct sim_corpus *c = &g->world->corpus;

        st = sim_learner_train(&g->learner, &g->run, g->generation, c->item + c->n_usable, c->n_reserved, err);
        tagger = g->learner.tagger;
        scratch = g->learner.scratch;
    }
    *out = (struct sim_judgement){ WN_UNKNOWN, 0.5 };
    if (st != WN_OK || !tagger)                /* before any model has written there is nothing to learn */
        return st;
    wn_arena_reset(&g->page);
    st = wn_tagger_tag(tagger, scratch, text->str, &g->page, &tag, err);
    if (st == WN_OK)
        *out = (struct sim_judgement){ tag.verdict, tag.p_synthetic };
    return st;
}

static uint64_t ngram_tokens(const void *item)
{
    return ((const struct sim_text *)item)->n_tokens;
}

static enum wn_status ngram_fingerprint(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err)
{
    struct sim_ngram *g = state;
    const struct sim_text_reader how = { .page = &g->page };
    struct sim_words words;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    st = sim_read_texts(item, n, &how, &g->scratch, &words, err);
    for (size_t i = 0; i < n && st == WN_OK; i++)
        out[i] = sim_words_fingerprint(words.hash + words.start[i], words.start[i + 1] - words.start[i]);
    return st;
}

static enum wn_status ngram_near_copies(void *state, const void *item, size_t n, size_t *copy_of, struct wn_err *err)
{
    static const struct sim_twin_opts twins = { .shingle = 5, .threshold = 0.8 };
    struct sim_ngram *g = state;
    const struct sim_text_reader how = { .page = &g->page };
    struct sim_words words;
    enum wn_status st;

    if (n == 0)
        return WN_OK;
    wn_arena_reset(&g->scratch);
    st = sim_read_texts(item, n, &how, &g->scratch, &words, err);
    return st == WN_OK ? sim_find_copies(&words, &twins, &g->scratch, copy_of, err) : st;
}

const struct sim_generator sim_ngram = {
    .name = "ngram",
    .about = "word n-gram models of your own texts",
    .takes = SIM_TAKES_TEXT | SIM_TAKES_TEMPERATURE | SIM_TAKES_CUTS | SIM_TAKES_BEAM | SIM_TAKES_PENALTY,
    .open = ngram_open,
    .close = ngram_close,
    .settings = ngram_settings,
    .min_items = ngram_min_items,
    .item_size = ngram_item_size,
    .begin = ngram_begin,
    .end = ngram_end,
    .real = ngram_real,
    .fit = ngram_fit,
    .sample = sim_ngram_sample,
    .compare = sim_ngram_compare,
    .tag = ngram_tag,
    .tokens = ngram_tokens,
    .quality = sim_ngram_quality,
    .surprise = sim_ngram_surprise,
    .fingerprint = ngram_fingerprint,
    .near_copies = ngram_near_copies,
    .edit = sim_ngram_edit,
    .model_put = ngram_model_put,
    .model_take = ngram_model_take,
};
