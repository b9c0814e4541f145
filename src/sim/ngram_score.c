/*
 * Texts under a model, one by one.
 */
#include <math.h>

#include "sim/ngram.h"

/* A model writes probability 0 as a finite logarithm, as ARPA files do; no count ratio or
 * discount comes near 1e-30. */
static const float log10_impossible = -30;

struct sim_text_scorer sim_scorer_of(const struct sim_corpus *c, const struct wn_lm *lm)
{
    uint64_t known = wn_lm_vocab_size(lm) - 3;     /* without <unk>, <s>, </s> */

    return (struct sim_text_scorer){ lm, c->n_types > known ? log10((double)(c->n_types - known)) : 0 };
}

void sim_score_text(const struct sim_text_scorer *s, const struct wn_tokens *text, struct wn_lm_score *room,
                    struct sim_text_score *out)
{
    struct wn_lm_sum sum;

    wn_lm_score_tokens(s->lm, text, room, &sum);
    out->logp_nats = (sum.log10_p - (double)sum.n_oov * s->log10_lacked) * M_LN10;
    out->n_tokens = sum.n_tokens;
    out->n_oov = sum.n_oov;
    out->n_impossible = 0;
    for (size_t i = 0; i <= text->n; i++)
        out->n_impossible += room[i].log10_p < log10_impossible;
}

double sim_score_perplexity(const struct sim_text_score *s)
{
    return s->n_impossible ? INFINITY : exp(-s->logp_nats / (double)s->n_tokens);
}

/* Before the first fit there is no model to ask: all documents are alike, 0. */
static enum wn_status mean_logp(struct sim_ngram *g, const struct sim_ngram_model *m, const struct sim_text *docs,
                                size_t n, double sign, double *out, struct wn_err *err)
{
    struct sim_text_scorer scorer;

    memset(out, 0, n * sizeof(*out));
    if (!m)
        return WN_OK;
    scorer = sim_scorer_of(&g->world->corpus, m->lm);
    for (size_t i = 0; i < n; i++) {
        struct wn_tokens words = { NULL, 0 };
        struct wn_lm_score *room;
        struct sim_text_score score;
        enum wn_status st;

        wn_arena_reset(&g->page);
        st = wn_tokenize(WN_TOK_WORDS, docs[i].str, &g->page, &words, err);
        if (st != WN_OK)
            return st;
        room = wn_arena_alloc(&g->page, (words.n + 1) * sizeof(*room));
        if (!room)
            return wn_fail(err, WN_NOMEM, "cannot score a document: out of memory");
        sim_score_text(&scorer, &words, room, &score);
        out[i] = sign * score.logp_nats / (double)score.n_tokens;
    }
    return WN_OK;
}

enum wn_status sim_ngram_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_ngram *g = state;

    return mean_logp(g, g->first, item, n, 1, out, err);
}

enum wn_status sim_ngram_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_ngram *g = state;

    return mean_logp(g, g->model, item, n, -1, out, err);
}

enum wn_status sim_heldout_metrics(const struct sim_corpus *c, const struct wn_lm *lm, struct wn_arena *scratch,
                                   struct sim_metrics *out, struct wn_err *err)
{
    struct wn_lm_score *room = wn_arena_calloc(scratch, c->longest_held_out + 1, sizeof(*room));
    struct sim_text_scorer scorer = sim_scorer_of(c, lm);
    struct sim_text_score all = { 0 }, one;
    double n;

    if (!room)
        return wn_fail(err, WN_NOMEM, "cannot score the held-out documents: out of memory");
    for (size_t i = 0; i < c->n_held_out; i++) {
        sim_score_text(&scorer, &c->held_out[i], room, &one);
        all.logp_nats += one.logp_nats;
        all.n_tokens += one.n_tokens;
        all.n_oov += one.n_oov;
        all.n_impossible += one.n_impossible;
    }
    n = (double)all.n_tokens;
    sim_metrics_add(out, "perplexity", sim_score_perplexity(&all), all.n_tokens);
    sim_metrics_add(out, "oov_share", (double)all.n_oov / n, all.n_tokens);
    sim_metrics_add(out, "impossible_share", (double)all.n_impossible / n, all.n_tokens);
    return WN_OK;
}
