/*
 * What the trace says of a generation: the model on held-out text, and its own text under
 * the first model and by itself.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/measure.h"
#include "sim/ngram.h"

/* ---- the generation-1 reference -------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The held-out documents, one by one, under the first model. */
static enum wn_status make_reference(struct sim_ngram *g, struct wn_err *err)
{
    const struct sim_corpus *c = &g->world->corpus;
    struct sim_text_scorer scorer = sim_scorer_of(c, g->first->lm);
    struct wn_lm_score *room = wn_arena_calloc(&g->scratch, c->longest_held_out + 1, sizeof(*room));
    double *ppl = wn_arena_calloc(&g->scratch, c->n_held_out, sizeof(*ppl));

    if (!room || !ppl)
        return wn_fail(err, WN_NOMEM, "cannot score the held-out documents: out of memory");
    for (size_t i = 0; i < c->n_held_out; i++) {
        struct sim_text_score one;

        sim_score_text(&scorer, &c->held_out[i], room, &one);
        ppl[i] = sim_score_perplexity(&one);
    }
    qsort(ppl, c->n_held_out, sizeof(*ppl), by_value);
    g->reference = (struct sim_first_reference){ true, sim_quantile(ppl, c->n_held_out, 0.05),
                                                 sim_quantile(ppl, c->n_held_out, 0.99) };
    return WN_OK;
}

static void log_moments(const double *ppl, size_t n, struct sim_metrics *out)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        mean += log(ppl[i]) / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (log(ppl[i]) - mean) * (log(ppl[i]) - mean);
    sim_metrics_add(out, "first_logppl_mean", mean, n);
    sim_metrics_add(out, "first_logppl_sd", n > 1 ? sqrt(squares / (double)(n - 1)) : 0, n);
}

void sim_first_metrics(const struct sim_first_reference *real, double *ppl, size_t n, struct sim_metrics *out)
{
    static const char *const names[SIM_N_SPREAD] = { "first_ppl_q01", "first_ppl_q05", "first_ppl_q50",
                                                     "first_ppl_q95", "first_ppl_q99" };
    struct sim_tails tails;

    qsort(ppl, n, sizeof(*ppl), by_value);
    for (int i = 0; i < SIM_N_SPREAD; i++)
        sim_metrics_add(out, names[i], sim_quantile(ppl, n, sim_spread_at[i]), n);
    log_moments(ppl, n, out);
    tails = sim_sample_tails(ppl, n, real->q05, real->q99);
    sim_metrics_add(out, "first_ppl_below_real_q05", isfinite(real->q05) ? tails.low : NAN, n);
    sim_metrics_add(out, "first_ppl_above_real_q99", isfinite(real->q99) ? tails.high : NAN, n);
}

/* ---- what a model wrote ------------------------------------------------------------------- */

/* Perplexities under the first model, filled while the texts are read. */
struct first_view {
    struct sim_text_scorer scorer;
    struct wn_arena *page;
    double *ppl;
};

static enum wn_status score_under_first(void *arg, size_t doc, const struct wn_tokens *tokens, struct wn_err *err)
{
    struct first_view *v = arg;
    struct wn_lm_score *room = wn_arena_alloc(v->page, (tokens->n + 1) * sizeof(*room));
    struct sim_text_score score;

    if (!room)
        return wn_fail(err, WN_NOMEM, "cannot score a document: out of memory");
    sim_score_text(&v->scorer, tokens, room, &score);
    v->ppl[doc] = sim_score_perplexity(&score);
    return WN_OK;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* The share of documents that are a document of generation 0, word for word. */
static enum wn_status real_copies(struct sim_ngram *g, const struct sim_words *words, struct sim_metrics *out,
                                  struct wn_err *err)
{
    uint64_t n = 0;

    if (!g->first_fingerprint) {
        g->first_fingerprint = wn_arena_calloc(g->run.arena, g->n_first, sizeof(*g->first_fingerprint));
        if (!g->first_fingerprint)
            return wn_fail(err, WN_NOMEM, "cannot look for copies: out of memory");
        memcpy(g->first_fingerprint, g->world->corpus.fingerprint, g->n_first * sizeof(*g->first_fingerprint));
        qsort(g->first_fingerprint, g->n_first, sizeof(*g->first_fingerprint), by_hash);
    }
    for (size_t d = 0; d < words->n_docs; d++) {
        uint64_t f = sim_words_fingerprint(words->hash + words->start[d], words->start[d + 1] - words->start[d]);

        n += bsearch(&f, g->first_fingerprint, g->n_first, sizeof(f), by_hash) != NULL;
    }
    sim_metrics_add(out, "copies_of_real", (double)n / (double)words->n_docs, words->n_docs);
    return WN_OK;
}

static enum wn_status written_metrics(struct sim_ngram *g, const struct sim_view *view, struct sim_metrics *out,
                                      struct wn_err *err)
{
    size_t n = view->n_generated;
    struct first_view first = { sim_scorer_of(&g->world->corpus, g->first->lm), &g->page, NULL };
    struct sim_text_reader how = { &g->page, score_under_first, &first };
    struct sim_words words;
    enum wn_status st = WN_OK;

    first.ppl = wn_arena_calloc(&g->scratch, n, sizeof(*first.ppl));
    if (!first.ppl)
        return wn_fail(err, WN_NOMEM, "cannot measure %zu documents: out of memory", n);
    if (!g->reference.is_made)
        st = make_reference(g, err);
    if (st == WN_OK)
        st = sim_read_texts(view->generated, n, &how, &g->scratch, &words, err);
    if (st != WN_OK)
        return st;
    sim_first_metrics(&g->reference, first.ppl, n, out);
    if (words.start[n] == 0)                    /* no word at all: nothing more to say */
        return WN_OK;
    st = sim_lexical_metrics(&words, &g->world->corpus.held_out_words, &g->scratch, out, err);
    return st == WN_OK ? real_copies(g, &words, out, err) : st;
}

enum wn_status sim_ngram_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                 struct wn_err *err)
{
    struct sim_ngram *g = state;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    st = sim_heldout_metrics(&g->world->corpus, g->model->lm, &g->scratch, out, err);
    if (st == WN_OK && view->n_generated > 0)
        st = written_metrics(g, view, out, err);
    wn_arena_reset(&g->scratch);
    return st;
}
