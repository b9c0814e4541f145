/*
 * Documents from a model: free running, or each going on from the first words of a real
 * document (Shumailov et al. 2024 and Drayson et al. 2025 prompt so; it puts real contexts
 * into every generation, so it is an option and not the rule).
 */
#include <stdlib.h>

#include "sim/ngram.h"

/* Documents written side by side: a sampler's memory accesses overlap between texts. */
enum { AT_ONCE = 16 };

/* One call of sample(). */
struct desk {
    struct sim_ngram *g;
    uint32_t generation;
    size_t first;                  /* index of the first document in its generation */
    struct sim_text *out;
    uint32_t *ids;                 /* AT_ONCE texts of SIM_MAX_DOC_TOKENS            */
    struct wn_buf text;
    size_t index[AT_ONCE], n;      /* the documents on it                            */
    struct wn_sample_start start[AT_ONCE];   /* their prompts; the words are in g->page */
};

/* ---- what the options mean ---------------------------------------------------------------- */

static bool draws_specially(const struct wn_sim_sampling *s)
{
    return (s->temperature > 0 && s->temperature != 1) || s->top_k > 0 || (s->top_p > 0 && s->top_p < 1) ||
           s->min_p > 0 || (s->typical > 0 && s->typical < 1);
}

enum wn_status sim_ngram_check_sampling(const struct wn_sim_opts *opts, struct wn_err *err)
{
    if (opts->sampling.beam == 0)
        return WN_OK;
    if (draws_specially(&opts->sampling))
        return wn_fail(err, WN_BADCONF, "engine 'ngram': a beam search draws nothing, so temperature, top_k, top_p, "
                       "min_p and typical have no meaning beside it");
    if (opts->prompt == 0)
        return wn_fail(err, WN_BADCONF, "engine 'ngram': a beam search without a prompt writes the same document over "
                       "and over: give the words of the prompt");
    if (opts->prompt > SIM_MAX_DOC_TOKENS)
        return wn_fail(err, WN_BADCONF, "engine 'ngram': a beam search writes as many words as the prompt has, and %u "
                       "are more than %d", opts->prompt, SIM_MAX_DOC_TOKENS);
    for (size_t i = 0; i < opts->n_policies; i++)
        if (opts->policies[i].regime == WN_REGIME_EDIT)
            return wn_fail(err, WN_BADCONF, "engine 'ngram': policy '%s' edits texts, which draws words: it takes no "
                           "beam search", opts->policies[i].name);
    return WN_OK;
}

static struct wn_sample_opts make_opts(const struct sim_ngram *g, const struct wn_lm_bias *bias)
{
    const struct wn_sim_sampling *s = &g->run.opts->sampling;

    return (struct wn_sample_opts){ .temperature = s->temperature, .top_k = s->top_k, .top_p = s->top_p,
                                    .min_p = s->min_p, .typical = s->typical,
                                    .repetition_penalty = s->repetition_penalty, .max_tokens = SIM_MAX_DOC_TOKENS,
                                    .min_tokens = 1, .bias = bias, .stop = g->run.opts->stop };
}

/* ---- one document done ------------------------------------------------------------------------- */

static bool is_marked(const struct sim_ngram *g, uint32_t generation, size_t i)
{
    const struct wn_sim_opts *o = g->run.opts;

    return g->marker.kgw &&
           wn_keyed_u01(o->seed, WN_DOMAIN_WATERMARK, g->run.replicate, generation, i) < o->watermark_share;
}

/* Tokenizing what is rendered gives the same words, so their number is known. */
static enum wn_status keep_text(struct desk *d, const uint32_t *ids, size_t n, struct sim_text *out, struct wn_err *err)
{
    wn_buf_reset(&d->text);
    wn_lm_render(d->g->model->lm, ids, n, &d->text);
    out->str = wn_arena_copy(d->g->run.arena, wn_buf_str(&d->text));
    out->n_tokens = n;
    if (!out->str.ptr || wn_buf_status(&d->text, NULL) != WN_OK)
        return wn_fail(err, WN_NOMEM, "cannot write a document: out of memory");
    return WN_OK;
}

/* The stream of the document at index I of this call. */
static struct wn_rng stream_of(const struct desk *d, size_t i)
{
    struct wn_rng rng;

    wn_rng_init(&rng, d->g->run.opts->seed, WN_DOMAIN_SAMPLE, d->g->run.replicate, d->generation, d->first + i);
    return rng;
}

/* ---- prompts -------------------------------------------------------------------------------------- */

static enum wn_status take_prompt(struct sim_ngram *g, size_t doc, struct wn_sample_start *start, struct wn_err *err)
{
    struct wn_tokens words = { NULL, 0 };
    uint32_t *ids;
    enum wn_status st = wn_tokenize(WN_TOK_WORDS, g->world->corpus.item[doc].str, &g->page, &words, err);

    if (st != WN_OK)
        return st;
    start->n = words.n < g->run.opts->prompt ? words.n : g->run.opts->prompt;
    start->ids = ids = wn_arena_alloc(&g->page, start->n * sizeof(*ids));
    if (!ids)
        return wn_fail(err, WN_NOMEM, "cannot read a prompt: out of memory");
    for (size_t i = 0; i < start->n; i++)
        ids[i] = wn_lm_id(g->model->lm, words.item[i]);
    return WN_OK;
}

/* The documents of generation 0 by turns. */
static enum wn_status take_prompts(struct desk *d, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    wn_arena_reset(&d->g->page);
    for (size_t i = 0; i < d->n && st == WN_OK; i++)
        st = take_prompt(d->g, (d->first + d->index[i]) % d->g->n_first, &d->start[i], err);
    return st;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

/* The likeliest continuation, of as many words as the prompt has (64 after 64 in Shumailov et
 * al. 2024): hypotheses of one length, none ended early, or a beam prefers the shortest
 * documents there are. */
static enum wn_status search_desk(const struct desk *d, struct wn_sample_opts how, size_t *n_ids, struct wn_err *err)
{
    const struct wn_sim_opts *o = d->g->run.opts;
    enum wn_status st = WN_OK;

    how.max_tokens = how.min_tokens = o->prompt;
    for (size_t i = 0; i < d->n && st == WN_OK; i++) {
        how.start = &d->start[i];
        st = wn_lm_beam(d->g->sampler, o->sampling.beam, 0, &how, d->ids + i * SIM_MAX_DOC_TOKENS, &n_ids[i], NULL,
                        err);
    }
    return st;
}

static enum wn_status write_desk(struct desk *d, struct wn_sample_opts how, struct wn_err *err)
{
    const struct wn_sim_opts *o = d->g->run.opts;
    struct wn_rng rng[AT_ONCE];
    size_t n_ids[AT_ONCE];
    enum wn_status st = o->prompt > 0 ? take_prompts(d, err) : WN_OK;

    if (st != WN_OK)
        return st;
    how.start = o->prompt > 0 ? d->start : NULL;
    for (size_t i = 0; i < d->n; i++)
        rng[i] = stream_of(d, d->index[i]);
    if (o->sampling.beam > 0)
        st = search_desk(d, how, n_ids, err);
    else
        wn_sample_batch(d->g->sampler, d->g->drawing, &how, rng, d->n, d->ids, n_ids);
    for (size_t i = 0; i < d->n && st == WN_OK; i++)
        st = keep_text(d, d->ids + i * SIM_MAX_DOC_TOKENS, n_ids[i], &d->out[d->index[i]], err);
    d->n = 0;
    return st;
}

/* Those of N documents that carry the mark, or those that do not. */
static enum wn_status write_all(struct desk *d, const struct wn_sample_opts *how, bool marked, size_t n,
                                struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n && st == WN_OK; i++) {
        if (is_marked(d->g, d->generation, d->first + i) != marked)
            continue;
        d->index[d->n++] = i;
        if (d->n == AT_ONCE)
            st = write_desk(d, *how, err);
    }
    return st == WN_OK && d->n ? write_desk(d, *how, err) : st;
}

enum wn_status sim_ngram_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                struct wn_err *err)
{
    struct sim_ngram *g = state;
    struct desk d = { .g = g, .generation = generation, .first = first, .out = out,
                      .ids = malloc(AT_ONCE * SIM_MAX_DOC_TOKENS * sizeof(*d.ids)) };
    struct wn_lm_bias mark = { .arg = NULL };
    struct wn_sample_opts plain = make_opts(g, NULL), marking = make_opts(g, &mark);
    enum wn_status st = WN_OK;

    if (g->marker.kgw)
        mark = sim_marker_bias(&g->marker);
    if (!d.ids)
        st = wn_fail(err, WN_NOMEM, "cannot write documents: out of memory");
    else
        st = write_all(&d, &plain, false, n, err);
    if (st == WN_OK && g->marker.kgw)
        st = write_all(&d, &marking, true, n, err);
    if (st == WN_OK && g->run.opts->retrain)
        st = sim_learner_add(&g->learner, out, n, err);
    free(d.ids);
    wn_buf_release(&d.text);
    return st;
}
