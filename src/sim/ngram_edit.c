/*
 * Token editing (Zhu et al. 2024, "How to synthesize text data without model collapse?",
 * eq. 2): a word that the model gives at least a certain probability, after the real words
 * before it, is drawn anew from the model's law there; all others stay.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/ngram.h"

/* One word, by the law of the run but for the penalty and the mark: they are about a document
 * that the model writes alone. */
static struct wn_sample_opts editing_opts(const struct sim_ngram *g)
{
    const struct wn_sim_sampling *s = &g->run.opts->sampling;

    return (struct wn_sample_opts){ .temperature = s->temperature, .top_k = s->top_k, .top_p = s->top_p,
                                    .min_p = s->min_p, .typical = s->typical, .max_tokens = 1, .min_tokens = 1 };
}

/* A document on the page; its parts live there. */
struct sheet {
    struct wn_tokens words;
    struct wn_lm_score *score;     /* one a word, and one for the end */
    uint32_t *ids;                 /* room for all the words          */
};

/* Replaces words of P; returns how many. */
static size_t edit_words(const struct sim_ngram *g, struct sheet *p, double above, struct wn_rng *rng)
{
    struct wn_sample_start before = { p->ids, 0 };
    struct wn_sample_opts how = editing_opts(g);
    float least = (float)log10(above);                /* rounded as scores are; of 0: -INFINITY */
    size_t n_edited = 0;

    how.start = &before;
    for (size_t i = 0; i < p->words.n; i++) {
        uint32_t id = p->score[i].id, drawn;

        p->ids[i] = id;
        before.n = i;
        /* The probability of <unk> is not that of this word. */
        if (id == WN_LM_UNK || p->score[i].log10_p < least)
            continue;
        if (wn_sample(g->sampler, g->drawing, &how, rng, &drawn) == 0 || drawn == id)
            continue;
        p->words.item[i] = wn_lm_word(g->model->lm, drawn);
        n_edited++;
    }
    return n_edited;
}

static enum wn_status read_sheet(struct sim_ngram *g, struct wn_str text, struct sheet *p, struct wn_err *err)
{
    struct wn_lm_sum sum;
    enum wn_status st;

    wn_arena_reset(&g->page);
    st = wn_tokenize(WN_TOK_WORDS, text, &g->page, &p->words, err);
    if (st != WN_OK)
        return st;
    p->score = wn_arena_alloc(&g->page, (p->words.n + 1) * sizeof(*p->score));
    p->ids = wn_arena_alloc(&g->page, p->words.n * sizeof(*p->ids));
    if (!p->score || !p->ids)
        return wn_fail(err, WN_NOMEM, "cannot edit a document: out of memory");
    wn_lm_score_tokens(g->model->lm, &p->words, p->score, &sum);
    return WN_OK;
}

static enum wn_status edit_one(struct sim_ngram *g, const struct sim_text *from, double above, struct wn_rng *rng,
                               struct wn_buf *text, struct sim_text *to, struct wn_err *err)
{
    struct sheet p = { .score = NULL };
    enum wn_status st = read_sheet(g, from->str, &p, err);

    if (st != WN_OK)
        return st;
    *to = *from;
    if (edit_words(g, &p, above, rng) == 0)
        return WN_OK;
    wn_buf_reset(text);
    wn_words_join(text, p.words.item, p.words.n);
    to->str = wn_arena_copy(g->run.arena, wn_buf_str(text));
    if (!to->str.ptr || wn_buf_status(text, NULL) != WN_OK)
        return wn_fail(err, WN_NOMEM, "cannot edit a document: out of memory");
    return WN_OK;
}

enum wn_status sim_ngram_edit(void *state, uint32_t generation, size_t first, const void *item, size_t n, double above,
                              void *out, struct wn_err *err)
{
    struct sim_ngram *g = state;
    const struct sim_text *from = item;
    struct sim_text *to = out;
    struct wn_buf text = { 0 };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n && st == WN_OK; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, g->run.opts->seed, WN_DOMAIN_SAMPLE, g->run.replicate, generation, first + i);
        st = edit_one(g, &from[i], above, &rng, &text, &to[i], err);
    }
    if (st == WN_OK && g->run.opts->retrain)
        st = sim_learner_add(&g->learner, to, n, err);
    wn_buf_release(&text);
    return st;
}
