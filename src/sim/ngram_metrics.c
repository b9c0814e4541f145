#include <math.h>

#include <winnow/hash.h>

#include "sim/ngram.h"

/* A model writes probability 0 as a finite logarithm, as ARPA files do; no count ratio or
 * discount comes near 1e-30. */
static const float log10_impossible = -30;

struct heldout {
    struct wn_lm_sum sum;
    uint64_t n_impossible;
};

static void add_text(struct heldout *h, const struct wn_lm *lm, const struct wn_tokens *text, struct wn_lm_score *score)
{
    struct wn_lm_sum one;

    wn_lm_score_tokens(lm, text, score, &one);
    h->sum.log10_p += one.log10_p;
    h->sum.n_tokens += one.n_tokens;
    h->sum.n_oov += one.n_oov;
    for (size_t i = 0; i <= text->n; i++)
        h->n_impossible += score[i].log10_p < log10_impossible;
}

/* log10 of how many words of the corpus share the probability of <unk>. */
static double log10_words_lacked(const struct sim_corpus *c, const struct wn_lm *lm)
{
    uint64_t known = wn_lm_vocab_size(lm) - 3;

    return c->n_types > known ? log10((double)(c->n_types - known)) : 0;
}

enum wn_status sim_heldout_metrics(const struct sim_corpus *c, const struct wn_lm *lm, struct wn_arena *scratch,
                                   struct sim_metrics *out, struct wn_err *err)
{
    struct wn_lm_score *score = wn_arena_calloc(scratch, c->longest_held_out + 1, sizeof(*score));
    struct heldout h = { .n_impossible = 0 };
    uint64_t n;

    if (!score)
        return wn_fail(err, WN_NOMEM, "cannot score the held-out documents: out of memory");
    for (size_t i = 0; i < c->n_held_out; i++)
        add_text(&h, lm, &c->held_out[i], score);
    n = h.sum.n_tokens;
    h.sum.log10_p -= (double)h.sum.n_oov * log10_words_lacked(c, lm);
    sim_metrics_add(out, "perplexity", h.n_impossible ? INFINITY : wn_lm_perplexity(&h.sum, true), n);
    sim_metrics_add(out, "oov_share", (double)h.sum.n_oov / (double)n, n);
    sim_metrics_add(out, "impossible_share", (double)h.n_impossible / (double)n, n);
    return WN_OK;
}

/* Tokens of all documents as hashes; everything lives in A. */
static enum wn_status hash_words(const union sim_value *docs, size_t n, struct wn_arena *a, struct sim_words *out,
                                 struct wn_err *err)
{
    size_t *start = wn_arena_calloc(a, n + 1, sizeof(*start));
    uint64_t *hash = NULL;
    size_t total = 0, at = 0;
    enum wn_status st = WN_OK;

    for (size_t d = 0; d < n; d++)
        total += docs[d].text.n_tokens;
    hash = wn_arena_calloc(a, total, sizeof(*hash));
    if (!start || !hash)
        return wn_fail(err, WN_NOMEM, "cannot measure %zu documents: out of memory", n);
    for (size_t d = 0; d < n && st == WN_OK; d++) {
        struct wn_tokens words = { NULL, 0 };

        st = wn_tokenize(WN_TOK_WORDS, docs[d].text.str, a, &words, err);
        for (size_t i = 0; st == WN_OK && i < words.n && at < total; i++)
            hash[at++] = wn_hash64(words.item[i], 0);
        start[d + 1] = at;
    }
    *out = (struct sim_words){ hash, start, n };
    return st;
}

static enum wn_status distinct_metrics(const struct sim_words *words, struct wn_arena *scratch,
                                       struct sim_metrics *out, struct wn_err *err)
{
    static const char *const names[] = { "distinct_1", "distinct_2", "distinct_3" };
    struct sim_ngrams count;

    for (size_t order = 1; order <= 3; order++) {
        enum wn_status st = sim_count_ngrams(words, order, scratch, &count, err);

        if (st != WN_OK)
            return st;
        if (count.total > 0)
            sim_metrics_add(out, names[order - 1], (double)count.distinct / (double)count.total, count.total);
        if (order > 1)
            continue;
        sim_metrics_add(out, "types", (double)count.distinct, count.total);
        if (count.total > 0)
            sim_metrics_add(out, "unigram_entropy", count.entropy_nats, count.total);
    }
    return WN_OK;
}

enum wn_status sim_text_metrics(const union sim_value *docs, size_t n, struct wn_arena *scratch,
                                struct sim_metrics *out, struct wn_err *err)
{
    struct sim_words words;
    uint64_t n_docs;
    double rep;
    enum wn_status st;

    if (n == 0)
        return WN_OK;
    st = hash_words(docs, n, scratch, &words, err);
    if (st == WN_OK)
        st = distinct_metrics(&words, scratch, out, err);
    if (st == WN_OK)
        st = sim_repetition(&words, 4, scratch, &rep, &n_docs, err);
    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "mean_length", (double)words.start[n] / (double)n, n);
    sim_metrics_add(out, "rep_4", rep, n_docs);
    return WN_OK;
}
