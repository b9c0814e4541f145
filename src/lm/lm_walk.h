/*
 * lm_walk.h - one token after the other through a model's index, with the values that the
 * tables give.
 */
#ifndef LM_WALK_H
#define LM_WALK_H

#include "lm/lm_state.h"

/* log10 p(WORD | *S), and *S moves behind WORD (an id below the vocabulary's size).  Float32: the
 * probability of the longest n-gram found, then the back-off weights from the shortest to the
 * longest context, as KenLM adds them. */
static inline float lm_walk(const struct wn_lm *lm, struct lm_state *s, uint32_t word, unsigned *matched)
{
    float backoff[WN_LM_MAX_ORDER], log10_p;
    unsigned n = 0;
    struct lm_state at = *s;
    uint32_t node;

    while (!lm_find(lm, at, word, &node)) {
        backoff[n++] = lm->level[at.length].backoff[at.node];
        at = lm_shorter(lm, at);
    }
    at = (struct lm_state){ at.length + 1, node };
    log10_p = lm->level[at.length].prob[node];
    while (n > 0)
        log10_p += backoff[--n];
    *matched = at.length;
    *s = at.length == lm->head.order ? lm_shorter(lm, at) : at;
    return log10_p + 0.0f;                           /* no -0 */
}

#endif
