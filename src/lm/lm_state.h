/*
 * lm_state.h - walking a model: what it remembers of the words so far.
 *
 * A state is the longest n-gram of the model, shorter than its order, that the text
 * ends in: a level and a place in it.  Level 0 is the empty context.
 */
#ifndef LM_STATE_H
#define LM_STATE_H

#include "lm/lm_layout.h"

struct lm_state {
    unsigned length;
    uint32_t node;
};

/* What WORD looked like after a state. */
struct lm_step {
    double log10_p;
    unsigned matched;     /* length of the n-gram that was found */
};

/* Drops the first word. */
static inline struct lm_state lm_shorter(const struct wn_lm *lm, struct lm_state s)
{
    switch (s.length) {
    case 0:
    case 1:
        return (struct lm_state){ 0, 0 };
    case 2:
        return (struct lm_state){ 1, lm->level[2].word[s.node] };
    default:
        return (struct lm_state){ s.length - 1, lm->level[s.length].suffix[s.node] };
    }
}

/* Where WORD is among the continuations of S; false when it is not. */
static inline bool lm_find(const struct wn_lm *lm, struct lm_state s, uint32_t word, uint32_t *node)
{
    uint32_t lo, n;
    const uint32_t *w;

    if (s.length == 0) {
        *node = word;
        return true;
    }
    lo = lm->level[s.length].child[s.node];
    n = lm->level[s.length].child[s.node + 1] - lo;
    w = lm->level[s.length + 1].word;
    while (n > 1) {                               /* the last word <= WORD is in lo .. lo+n-1 */
        uint32_t half = n / 2;

        lo += w[lo + half] <= word ? half : 0;
        n -= half;
    }
    *node = lo;
    return n == 1 && w[lo] == word;
}

/* Moves *S behind WORD (an id below the vocabulary's size). */
static inline struct lm_step lm_advance(const struct wn_lm *lm, struct lm_state *s, uint32_t word)
{
    struct lm_step step = { 0 };
    struct lm_state at = *s;
    uint32_t node;

    while (!lm_find(lm, at, word, &node)) {
        step.log10_p += (double)lm->level[at.length].backoff[at.node];
        at = lm_shorter(lm, at);
    }
    at = (struct lm_state){ at.length + 1, node };
    step.log10_p += (double)lm->level[at.length].prob[node];
    step.matched = at.length;
    *s = at.length == lm->head.order ? lm_shorter(lm, at) : at;
    return step;
}

/* The state of an order-1 model is always the empty one. */
static inline struct lm_state lm_start(const struct wn_lm *lm)
{
    return lm->head.order == 1 ? (struct lm_state){ 0, 0 } : (struct lm_state){ 1, WN_LM_BOS };
}

#endif
