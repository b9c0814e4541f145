/*
 * Word n-gram models of the user's own text, free running: each generation writes whole
 * documents from the start symbol, so no real text leaks in through prompts.
 */
#include "sim/ngram.h"

#include <stdio.h>
#include <stdlib.h>

#include <winnow/hash.h>
#include <winnow/lmbuild.h>
#include <winnow/lmsample.h>

struct ngram_world {
    struct sim_corpus corpus;
    struct wn_lm *first;           /* the model of the first n documents; NULL unless marked */
    const struct wn_lm *reference; /* whose vocabulary the mark is keyed over                */
    struct wn_kgw *kgw;            /* NULL: no watermark                                     */
};

struct ngram {
    struct sim_run run;
    const struct ngram_world *world;
    struct sim_marker marker;
    struct wn_lm *lm;
    struct wn_sampler *sampler;
    struct wn_tagger_scratch *tagging;
    struct wn_arena scratch;
    size_t next_text;              /* the first human document not used yet */
};

/* ---- fitting ----------------------------------------------------------------------------- */

enum wn_status sim_text_value(union sim_value *out, struct wn_str text, struct wn_arena *scratch, struct wn_err *err)
{
    struct wn_tokens t = { NULL, 0 };
    enum wn_status st;

    wn_arena_reset(scratch);
    st = wn_tokenize(WN_TOK_WORDS, text, scratch, &t, err);
    out->text.str = text;
    out->text.n_tokens = t.n;
    return st;
}

enum wn_status sim_fit_texts(struct wn_lm **out, const struct wn_sim_opts *opts, const union sim_value *data,
                             size_t n, struct wn_err *err)
{
    const struct wn_lm_opts how = { .smoothing = opts->smoothing };
    struct wn_counts *counts = NULL;
    enum wn_status st = wn_counts_new(&counts, opts->order, WN_TOK_WORDS, err);

    *out = NULL;
    for (size_t i = 0; i < n && st == WN_OK; i++)
        st = wn_counts_add_text(counts, data[i].text.str, err);
    if (st == WN_OK)
        st = wn_lm_estimate(out, counts, &how, NULL, err);
    wn_counts_free(counts);
    return st;
}

/* ---- world ---------------------------------------------------------------------------------- */

static void ngram_close(void *world)
{
    struct ngram_world *w = world;

    if (!w)
        return;
    wn_kgw_free(w->kgw);
    wn_lm_free(w->first);
    sim_corpus_release(&w->corpus);
    free(w);
}

/* The mark is keyed over the caller's vocabulary, or over that of the first n texts. */
static enum wn_status open_mark(struct ngram_world *w, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct wn_kgw_opts kgw = { .key = opts->watermark_key, .delta_nats = opts->watermark_delta };
    union sim_value *docs;
    enum wn_status st = WN_OK;

    w->reference = opts->watermark_lm;
    if (!w->reference) {
        docs = calloc(opts->n, sizeof(*docs));
        if (!docs)
            return wn_fail(err, WN_NOMEM, "cannot prepare the watermark: out of memory");
        for (size_t i = 0; i < opts->n; i++)
            docs[i].text.str = opts->texts[i].text;
        st = sim_fit_texts(&w->first, opts, docs, opts->n, err);
        free(docs);
        w->reference = w->first;
    }
    if (st != WN_OK)
        return st;
    kgw.vocab_size = wn_lm_vocab_size(w->reference);
    return wn_kgw_new(&w->kgw, &kgw, err);
}

static enum wn_status ngram_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct ngram_world *w;
    enum wn_status st;

    if (opts->order > WN_LM_MAX_ORDER)
        return wn_fail(err, WN_BADCONF, "engine 'ngram': order %u is above %d", opts->order, WN_LM_MAX_ORDER);
    if (!(opts->watermark_share >= 0 && opts->watermark_share <= 1))
        return wn_fail(err, WN_BADCONF, "engine 'ngram': the watermarked share is not between 0 and 1");
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

static void add_corpus_digest(struct wn_json *j, const struct wn_sim_opts *opts)
{
    struct wn_digest *d = wn_digest_new();
    char hex[33] = "";

    for (size_t i = 0; d && i < opts->n_texts; i++) {
        char size[24];

        snprintf(size, sizeof(size), "%zu:", opts->texts[i].text.len);
        wn_digest_add(d, wn_str(size));
        wn_digest_add(d, opts->texts[i].text);
    }
    if (d)
        wn_hash128_hex(wn_digest_value(d), hex);
    wn_digest_free(d);
    wn_json_add_strz(j, "corpus", hex);
}

static void ngram_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    char key_hash[33];

    /* Two traces with the same key can be told, without telling the key. */
    wn_hash128_hex(wn_hash128((struct wn_str){ (const char *)&opts->watermark_key, sizeof(opts->watermark_key) }, 0), key_hash);
    wn_json_add_uint(j, "n_texts", opts->n_texts);
    add_corpus_digest(j, opts);
    wn_json_add_uint(j, "order", opts->order);
    wn_json_add_strz(j, "smoothing", opts->smoothing == WN_SMOOTH_ML ? "ml" : "kn");
    wn_json_add_num(j, "temperature", opts->temperature);
    wn_json_add_num(j, "top_p", opts->top_p);
    wn_json_add_num(j, "watermark_share", opts->watermark_share);
    wn_json_add_strz(j, "watermark_key_hash", key_hash);
    wn_json_add_num(j, "watermark_delta", opts->watermark_delta);
    wn_json_add_raw(j, "detectors", opts->detectors_json.len ? opts->detectors_json : WN_STR("{}"));
}

static size_t ngram_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

/* ---- one run ---------------------------------------------------------------------------------- */

static void drop_model(struct ngram *g)
{
    wn_sampler_free(g->sampler);
    g->sampler = NULL;
    wn_lm_free(g->lm);
    g->lm = NULL;
}

static void ngram_end(void *state)
{
    struct ngram *g = state;

    if (!g)
        return;
    drop_model(g);
    sim_marker_release(&g->marker);
    wn_tagger_scratch_free(g->tagging);
    wn_arena_release(&g->scratch);
}

static enum wn_status ngram_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct ngram *g = wn_arena_calloc(run->arena, 1, sizeof(*g));

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

/* The next documents nobody has seen; open() made sure that there are enough. */
static enum wn_status ngram_real(void *state, uint32_t generation, size_t first, union sim_value *out, size_t n,
                                 struct wn_err *err)
{
    struct ngram *g = state;
    enum wn_status st = WN_OK;

    (void)generation;
    (void)first;
    for (size_t i = 0; i < n && st == WN_OK; i++)
        st = sim_text_value(&out[i], g->world->corpus.texts[g->next_text++].text, &g->scratch, err);
    return st;
}

static enum wn_status ngram_fit(void *state, uint32_t generation, const union sim_value *data, size_t n,
                                struct wn_err *err)
{
    struct ngram *g = state;
    enum wn_status st;

    (void)generation;
    drop_model(g);
    st = sim_fit_texts(&g->lm, g->run.opts, data, n, err);
    if (st == WN_OK)
        st = wn_sampler_new(&g->sampler, g->lm, err);
    if (st == WN_OK && g->marker.kgw)
        st = sim_marker_set(&g->marker, g->lm, err);
    return st;
}

/* Documents written side by side: a sampler's memory accesses overlap between texts. */
enum { AT_ONCE = 16 };

struct desk {
    struct wn_sampler_scratch *sampling;
    uint32_t *ids;                 /* AT_ONCE texts of SIM_MAX_DOC_TOKENS */
    struct wn_buf text;
    size_t index[AT_ONCE], n;      /* the documents on it */
};

static bool is_marked(const struct ngram *g, uint32_t generation, size_t i)
{
    const struct wn_sim_opts *o = g->run.opts;

    return g->marker.kgw && wn_keyed_u01(o->seed, WN_DOMAIN_WATERMARK, g->run.replicate, generation, i) < o->watermark_share;
}

static enum wn_status keep_text(struct ngram *g, struct desk *d, const uint32_t *ids, size_t n, union sim_value *out,
                                struct wn_err *err)
{
    struct wn_str copy;

    wn_buf_reset(&d->text);
    wn_lm_render(g->lm, ids, n, &d->text);
    copy = wn_arena_copy(g->run.arena, wn_buf_str(&d->text));
    if (!copy.ptr || wn_buf_status(&d->text, NULL) != WN_OK)
        return wn_fail(err, WN_NOMEM, "cannot write a document: out of memory");
    return sim_text_value(out, copy, &g->scratch, err);
}

/* Writes the documents on the desk, with the mark when BIAS is not NULL. */
static enum wn_status write_desk(struct ngram *g, struct desk *d, uint32_t generation, const struct wn_lm_bias *bias,
                                 union sim_value *out, struct wn_err *err)
{
    const struct wn_sim_opts *o = g->run.opts;
    struct wn_sample_opts how = { .temperature = o->temperature, .top_p = o->top_p, .max_tokens = SIM_MAX_DOC_TOKENS,
                                  .min_tokens = 1, .bias = bias };
    struct wn_rng rng[AT_ONCE];
    size_t n_ids[AT_ONCE];
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < d->n; i++)
        wn_rng_init(&rng[i], o->seed, WN_DOMAIN_SAMPLE, g->run.replicate, generation, d->index[i]);
    wn_sample_batch(g->sampler, d->sampling, &how, rng, d->n, d->ids, n_ids);
    for (size_t i = 0; i < d->n && st == WN_OK; i++)
        st = keep_text(g, d, d->ids + i * SIM_MAX_DOC_TOKENS, n_ids[i], &out[d->index[i]], err);
    d->n = 0;
    return st;
}

/* Writes those of N documents that carry the mark, or those that do not. */
static enum wn_status write_all(struct ngram *g, struct desk *d, uint32_t generation, bool marked, union sim_value *out,
                                size_t n, struct wn_err *err)
{
    struct wn_lm_bias mark = { .arg = NULL };
    const struct wn_lm_bias *bias = NULL;
    enum wn_status st = WN_OK;

    if (marked) {
        mark = sim_marker_bias(&g->marker);
        bias = &mark;
    }
    for (size_t i = 0; i < n && st == WN_OK; i++) {
        if (is_marked(g, generation, i) != marked)
            continue;
        d->index[d->n++] = i;
        if (d->n == AT_ONCE)
            st = write_desk(g, d, generation, bias, out, err);
    }
    return st == WN_OK && d->n ? write_desk(g, d, generation, bias, out, err) : st;
}

static enum wn_status ngram_sample(void *state, uint32_t generation, union sim_value *out, size_t n,
                                   struct wn_err *err)
{
    struct ngram *g = state;
    struct desk d = { .sampling = wn_sampler_scratch_new(g->sampler),
                      .ids = malloc(AT_ONCE * SIM_MAX_DOC_TOKENS * sizeof(*d.ids)) };
    enum wn_status st = WN_OK;

    if (!d.sampling || !d.ids)
        st = wn_fail(err, WN_NOMEM, "cannot write documents: out of memory");
    if (st == WN_OK)
        st = write_all(g, &d, generation, false, out, n, err);
    if (st == WN_OK && g->marker.kgw)
        st = write_all(g, &d, generation, true, out, n, err);
    wn_sampler_scratch_free(d.sampling);
    free(d.ids);
    wn_buf_release(&d.text);
    return st;
}

static enum wn_status ngram_tag(void *state, const union sim_value *item, struct sim_judgement *out,
                                struct wn_err *err)
{
    struct ngram *g = state;
    struct wn_tag tag;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    st = wn_tagger_tag(g->run.opts->tagger, g->tagging, item->text.str, &g->scratch, &tag, err);
    if (st == WN_OK) {
        out->verdict = tag.verdict;
        out->p_synthetic = tag.p_synthetic;
    }
    return st;
}

static uint64_t ngram_tokens(const union sim_value *item)
{
    return item->text.n_tokens;
}

static enum wn_status ngram_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                    struct wn_err *err)
{
    struct ngram *g = state;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    st = sim_heldout_metrics(&g->world->corpus, g->lm, &g->scratch, out, err);
    if (st != WN_OK)
        return st;
    return sim_text_metrics(view->generated, view->n_generated, &g->scratch, out, err);
}

const struct sim_generator sim_ngram = {
    .name = "ngram",
    .open = ngram_open,
    .close = ngram_close,
    .settings = ngram_settings,
    .min_items = ngram_min_items,
    .begin = ngram_begin,
    .end = ngram_end,
    .real = ngram_real,
    .fit = ngram_fit,
    .sample = ngram_sample,
    .tag = ngram_tag,
    .tokens = ngram_tokens,
    .compare = ngram_compare,
};
