/*
 * lm_score.c - log-probabilities of given words, one text at a time: by the tables when there
 * are any, else by the index.
 */
#include <math.h>

#include "lm/lm_batch.h"
#include "lm/lm_walk.h"

static void score_by_index(const struct wn_lm *lm, const struct wn_tokens *tokens, struct wn_lm_score *per_token,
                           struct wn_lm_sum *sum)
{
    struct lm_state s = lm_start(lm);

    for (size_t i = 0; i <= tokens->n; i++) {
        uint32_t id = i < tokens->n ? wn_lm_id(lm, tokens->item[i]) : WN_LM_EOS;
        unsigned matched;
        float log10_p = lm_walk(lm, &s, id, &matched);

        sum->log10_p += (double)log10_p;
        if (id == WN_LM_UNK) {
            sum->log10_p_oov += (double)log10_p;
            sum->n_oov++;
        }
        if (per_token)
            per_token[i] = (struct wn_lm_score){ log10_p, (uint8_t)matched, id };
    }
    sum->n_tokens = (uint64_t)tokens->n + 1;
}

/* Scores what B holds; PER_TOKEN (or NULL) is where its first token belongs.  Returns how many
 * tokens there were. */
static size_t drain(struct lm_batch *b, struct wn_lm_score *per_token, struct wn_lm_sum *sum)
{
    struct lm_cursor c = lm_batch_first();
    size_t n = 0;

    lm_batch_run(b);
    lm_batch_sum(b, 0, &c, b->n, sum);
    for (uint32_t i = LM_BATCH_PAST; i < b->n; i++) {
        if (b->limit[i] == 0)
            continue;                                /* <s> */
        if (per_token) {
            per_token[n].log10_p = b->value[0][i];
            per_token[n].matched = b->len[0][i];
        }
        n++;
    }
    lm_batch_clear(b);
    return n;
}

static void score_by_tables(const struct wn_lm *lm, const struct wn_tokens *tokens, struct wn_lm_score *per_token,
                            struct wn_lm_sum *sum)
{
    struct lm_batch b;
    size_t done = 0;

    lm_batch_init(&b, lm, lm_isa_find(WN_SIMD_AUTO), false);
    lm_batch_start(&b);
    for (size_t i = 0; i < tokens->n; i++) {
        struct wn_str word = tokens->item[i];

        if (lm_batch_is_full(&b))
            done += drain(&b, per_token ? per_token + done : NULL, sum);
        lm_batch_push(&b, lm_word_hash(word.ptr, word.len, lm->hash_seed));
        if (per_token)
            per_token[i].id = wn_lm_id(lm, word);
    }
    lm_batch_line(&b, NULL, false);
    drain(&b, per_token ? per_token + done : NULL, sum);
    if (per_token)
        per_token[tokens->n].id = WN_LM_EOS;
}

/* The index turned out to be damaged: no score, for want of a status. */
static void score_nothing(const struct wn_tokens *tokens, struct wn_lm_score *per_token, struct wn_lm_sum *sum)
{
    for (size_t i = 0; per_token && i <= tokens->n; i++)
        per_token[i] = (struct wn_lm_score){ NAN, 1, WN_LM_UNK };
    *sum = (struct wn_lm_sum){ .log10_p = (double)NAN, .n_tokens = (uint64_t)tokens->n + 1 };
}

void wn_lm_score_tokens(const struct wn_lm *lm, const struct wn_tokens *tokens, struct wn_lm_score *per_token,
                        struct wn_lm_sum *sum)
{
    *sum = (struct wn_lm_sum){ 0 };
    if (lm_has_tables(lm))
        score_by_tables(lm, tokens, per_token, sum);
    else if (lm_need_index(lm, NULL) == WN_OK)
        score_by_index(lm, tokens, per_token, sum);
    else
        score_nothing(tokens, per_token, sum);
}

static uint64_t hash_of_id(const struct wn_lm *lm, uint32_t id)
{
    struct wn_str word = wn_lm_word(lm, id);

    return lm_word_hash(word.ptr, word.len, lm->hash_seed);
}

static float prob_by_tables(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word)
{
    struct lm_batch b;

    lm_batch_init(&b, lm, lm_isa_find(WN_SIMD_AUTO), true);
    lm_batch_start(&b);
    for (size_t i = 0; i < n; i++)
        lm_batch_push(&b, hash_of_id(lm, history[i]));
    lm_batch_push(&b, hash_of_id(lm, word));
    lm_batch_run(&b);
    return b.value[0][b.n - 1];
}

static uint32_t known(const struct wn_lm *lm, uint32_t id)
{
    return id < lm->level[1].n ? id : WN_LM_UNK;
}

static float prob_by_index(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word)
{
    struct lm_state s = { 0, 0 };
    unsigned matched;

    for (size_t i = 0; i < n; i++)
        lm_walk(lm, &s, known(lm, history[i]), &matched);
    return lm_walk(lm, &s, known(lm, word), &matched);
}

double wn_lm_prob(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word)
{
    size_t use = n < lm->head.order - 1 ? n : lm->head.order - 1;

    history = use > 0 ? history + (n - use) : NULL;
    if (lm_has_tables(lm))
        return (double)prob_by_tables(lm, history, use, word);
    return lm_need_index(lm, NULL) == WN_OK ? (double)prob_by_index(lm, history, use, word) : (double)NAN;
}

double wn_lm_perplexity(const struct wn_lm_sum *sum, bool with_oov)
{
    double log10_p = with_oov ? sum->log10_p : sum->log10_p - sum->log10_p_oov;
    uint64_t n = with_oov ? sum->n_tokens : sum->n_tokens - sum->n_oov;

    return n > 0 ? pow(10.0, -log10_p / (double)n) : (double)NAN;
}
