/*
 * lm_kn.h - discounts and probabilities of one order from its counts.
 *
 * Float32, one operation after the other as lmplz does them; the files of this module
 * must be compiled without fused multiply-add (-ffp-contract=off).
 */
#ifndef LM_KN_H
#define LM_KN_H

#include "lm/lm_levels.h"

/* d[j]: what an n-gram with adjusted count j loses, j = 3 for 3 and more. */
struct kn_discounts {
    float d[4];
};

/* Raw counts and no discounts turn the same formulas into maximum likelihood. */
struct kn_rules {
    enum wn_smoothing smoothing;
    bool strict_discounts;
    uint64_t prune[WN_LM_MAX_ORDER + 1];   /* [k] */
};

/* Whether n-gram G of order K is left out of the model. */
static inline bool kn_dropped(const struct kn_rules *r, const struct lm_level *l, unsigned k, uint32_t g)
{
    return l->raw[g] <= r->prune[k] && !(k == 1 && g <= WN_LM_EOS);
}

/* The discounts of order K.  *FELL_BACK: the closed form failed and 0.5 1 1.5 stand in;
 * WN_BADDATA instead when the rules are strict. */
enum wn_status kn_discount(struct kn_discounts *out, bool *fell_back, const struct lm_levels *l, unsigned k,
                           const struct kn_rules *r, struct wn_err *err);

/* P[g] for the n-grams of order K and GAMMA[c], the back-off weight, for their contexts
 * (1 context when K is 1; weight 1 where nothing follows).  P_BELOW: those of order
 * K - 1; NULL for order 1, where UNIFORM stands in.  P of dropped n-grams is not set. */
enum wn_status kn_probabilities(float *p, float *gamma, const struct lm_levels *l, unsigned k,
                                const struct kn_discounts *d, const float *p_below, float uniform,
                                const struct kn_rules *r, struct wn_err *err);

#endif
