/*
 * lm_score.c - log-probabilities of given words.
 */
#include <math.h>

#include "lm/lm_state.h"

void wn_lm_score_tokens(const struct wn_lm *lm, const struct wn_tokens *tokens, struct wn_lm_score *per_token,
                        struct wn_lm_sum *sum)
{
    struct lm_state s = lm_start(lm);

    *sum = (struct wn_lm_sum){ 0 };
    for (size_t i = 0; i <= tokens->n; i++) {
        uint32_t id = i < tokens->n ? wn_lm_id(lm, tokens->item[i]) : WN_LM_EOS;
        struct lm_step step = lm_advance(lm, &s, id);

        sum->log10_p += step.log10_p;
        if (id == WN_LM_UNK) {
            sum->log10_p_oov += step.log10_p;
            sum->n_oov++;
        }
        if (per_token)
            per_token[i] = (struct wn_lm_score){ (float)step.log10_p, (uint8_t)step.matched, id };
    }
    sum->n_tokens = (uint64_t)tokens->n + 1;
}

static uint32_t known(const struct wn_lm *lm, uint32_t id)
{
    return id < lm->level[1].n ? id : WN_LM_UNK;
}

double wn_lm_prob(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word)
{
    size_t use = n < lm->head.order - 1 ? n : lm->head.order - 1;
    struct lm_state s = { 0, 0 };

    for (size_t i = n - use; i < n; i++)
        lm_advance(lm, &s, known(lm, history[i]));
    return lm_advance(lm, &s, known(lm, word)).log10_p;
}

double wn_lm_perplexity(const struct wn_lm_sum *sum, bool with_oov)
{
    double log10_p = with_oov ? sum->log10_p : sum->log10_p - sum->log10_p_oov;
    uint64_t n = with_oov ? sum->n_tokens : sum->n_tokens - sum->n_oov;

    return n > 0 ? pow(10.0, -log10_p / (double)n) : (double)NAN;
}
