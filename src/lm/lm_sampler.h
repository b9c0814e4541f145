/*
 * lm_sampler.h - cumulative tables over a model, and one thread's scratch.
 *
 * An interpolated model is a mixture: p(w|h) = u(w|h) + gamma(h) p(w|h'), with h' = h
 * without its first word and the u of a context and its gamma adding up to one.  So a
 * draw takes the context's own continuations with probability 1 - gamma, else goes on
 * with h'.  The tables hold running sums of u over the continuations of each context.
 */
#ifndef LM_SAMPLER_H
#define LM_SAMPLER_H

#include <winnow/lmsample.h>

#include "lm/lm_state.h"

struct wn_sampler {
    const struct wn_lm *lm;
    double *sum[WN_LM_MAX_ORDER + 1];   /* [k][i]: of the continuations up to and with i;
                                           [1]: of all words, <s> at 0               */
    double *heap;
};

struct wn_sampler_scratch {
    double *weight;      /* by word; all words */
    uint32_t *heap;
};

/* The continuations of context S, which is not empty, and their sum, 1 - gamma. */
struct sampler_range {
    uint32_t from, to;
    double sum;
};
static inline struct sampler_range sampler_range(const struct wn_sampler *s, struct lm_state at)
{
    const uint32_t *child = s->lm->level[at.length].child;
    struct sampler_range r = { child[at.node], child[at.node + 1], 0.0 };

    if (r.to > r.from)
        r.sum = s->sum[at.length + 1][r.to - 1];
    return r;
}

/* One draw from options that need the whole distribution: weights of all words after
 * AT, bias, temperature, top-k, top-p.  May return WN_LM_EOS when no other word is
 * possible, even if NO_END asks for another one. */
uint32_t sampler_draw_dense(const struct wn_sampler *s, struct wn_sampler_scratch *w,
                            const struct wn_sample_opts *opts, struct lm_state at, uint32_t previous, bool no_end,
                            struct wn_rng *rng);

#endif
