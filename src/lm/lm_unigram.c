/*
 * lm_unigram.c - order 1 of an estimate.
 */
#include "lm/lm_unigram.h"

#include <stdlib.h>

#include "lm/lm_key.h"

void lm_unigrams_release(struct lm_unigrams *u)
{
    free(u->count);
    free(u->raw);
    free(u->all);
    free(u->kept);
    free(u->dropped);
    free(u->left);
    free(u->classes);
    free(u->allowed);
    free(u->id);
    free(u->p);
    free(u->weight);
    free(u->hash);
    vocab_release(&u->kept_words);
    *u = (struct lm_unigrams){ 0 };
}

static bool alloc_counts(struct lm_unigrams *u, size_t n, bool drops, bool follows)
{
    u->count = calloc(n, sizeof(*u->count));
    u->raw = calloc(n, sizeof(*u->raw));
    u->p = malloc(n * sizeof(*u->p));
    if (!u->count || !u->raw || !u->p || !follows)
        return u->count && u->raw && u->p;
    u->all = calloc(n, sizeof(*u->all));
    u->kept = calloc(n, 3 * sizeof(*u->kept));
    u->left = calloc(n, sizeof(*u->left));
    u->classes = calloc(n / 2 + 1, sizeof(*u->classes));
    u->weight = malloc(n * sizeof(*u->weight));
    u->dropped = drops ? calloc(n, sizeof(*u->dropped)) : NULL;
    return u->all && u->kept && u->left && u->classes && u->weight && (u->dropped || !drops);
}

static bool allow(struct lm_unigrams *u, const struct vocab *v, const struct wn_tokens *limit)
{
    if (!limit)
        return true;
    u->allowed = calloc(v->n, sizeof(*u->allowed));
    if (!u->allowed)
        return false;
    u->allowed[WN_LM_UNK] = u->allowed[WN_LM_BOS] = u->allowed[WN_LM_EOS] = true;
    for (size_t i = 0; i < limit->n; i++) {
        uint32_t id = vocab_find(v, limit->item[i]);

        if (id != VOCAB_NONE)
            u->allowed[id] = true;
    }
    return true;
}

enum wn_status lm_unigrams_init(struct lm_unigrams *u, const struct vocab *v, bool drops, bool follows,
                                const struct wn_tokens *limit, struct wn_err *err)
{
    enum wn_status st;

    u->n = v->n;
    u->vocab = v;
    if (!alloc_counts(u, v->n, drops, follows) || !allow(u, v, limit))
        return wn_fail(err, WN_NOMEM, "cannot estimate a model of %u words: out of memory", v->n);
    /* A seed that tells all words apart does so for those that stay. */
    st = lm_word_hashes(v, &u->hash_seed, &u->hash, err);
    for (uint32_t w = 0; st == WN_OK && follows && w < v->n; w++)
        u->classes[w >> 1] |= (uint8_t)(lm_key_left_class(u->hash[w]) << (w & 1) * 4);
    return st;
}

static enum wn_status keep_words(struct lm_unigrams *u, const struct vocab *v, struct wn_err *err)
{
    enum wn_status st = vocab_init(&u->kept_words, err);

    for (uint32_t w = WN_LM_EOS + 1; st == WN_OK && w < v->n; w++) {
        uint32_t id;

        if (u->id[w] != UINT32_MAX)
            st = vocab_intern(&u->kept_words, vocab_word(v, w), &id, err);
    }
    for (uint32_t w = 0; w < v->n; w++) {
        if (u->id[w] != UINT32_MAX)
            u->hash[u->id[w]] = u->hash[w];
    }
    u->vocab = &u->kept_words;
    return st;
}

static bool stays(const struct lm_unigrams *u, uint32_t w, const struct lm_rules *r)
{
    return w <= WN_LM_EOS || (u->raw[w] > r->prune[1] && (!u->allowed || u->allowed[w]));
}

enum wn_status lm_unigrams_settle(struct lm_unigrams *u, const struct vocab *v, const struct lm_rules *r,
                                  struct lm_tally *tally, struct wn_err *err)
{
    for (uint32_t w = 0; w < u->n; w++) {
        if (r->smoothing == WN_SMOOTH_ML)
            u->count[w] = u->raw[w];
        lm_tally_add(tally, u->count[w], stays(u, w, r));
    }
    u->n_kept = (uint32_t)tally->kept;
    if (u->n_kept == u->n)
        return WN_OK;
    u->id = malloc(u->n * sizeof(*u->id));
    if (!u->id)
        return wn_fail(err, WN_NOMEM, "cannot estimate a model of %u words: out of memory", u->n);
    for (uint32_t w = 0, next = 0; w < u->n; w++)
        u->id[w] = stays(u, w, r) ? next++ : UINT32_MAX;
    return keep_words(u, v, err);
}

static struct lm_weight sum_up(const struct lm_unigrams *u, const struct lm_discounts *d)
{
    struct lm_context sum = { 0 };
    uint64_t dropped = 0;

    for (uint32_t w = 0; w < u->n; w++) {
        uint64_t a = u->count[w];

        sum.all += a;
        if (lm_unigrams_id(u, w) == UINT32_MAX)
            dropped += a;
        else if (a > 0)                       /* <unk> and <s> have none */
            sum.kept[a < 3 ? a - 1 : 2]++;
    }
    return (struct lm_weight){ (float)sum.all, lm_gamma(&sum, dropped, d) };
}

static void weigh_contexts(struct lm_unigrams *u, const struct lm_discounts *d)
{
    for (uint32_t w = 0; w < u->n; w++) {
        const _Atomic uint32_t *kept = u->kept + 3 * (size_t)w;
        struct lm_context c = { u->all[w], { kept[0], kept[1], kept[2] } };

        u->weight[w] = (struct lm_weight){ (float)c.all, lm_gamma(&c, u->dropped ? u->dropped[w] : 0, d) };
    }
}

void lm_unigrams_estimate(struct lm_unigrams *u, const struct lm_rules *r, const struct lm_discounts *d,
                          const struct lm_discounts *above)
{
    struct lm_weight all = sum_up(u, d);
    uint64_t n = u->n_kept - 1;                /* <s> is never predicted */
    float uniform = (float)(1.0 / (double)(float)(n > r->vocab_pad ? n : r->vocab_pad));

    for (uint32_t w = 0; w < u->n; w++) {
        float below = lm_uninterpolated(u->count[w], all.all, d);

        u->p[w] = r->unigram_interpolation ? below + all.gamma * uniform : below;
    }
    if (!r->unigram_interpolation)
        u->p[WN_LM_UNK] = all.gamma;
    u->p[WN_LM_BOS] = 1.0f;                    /* log10 0 by convention */
    if (above)
        weigh_contexts(u, above);
}
