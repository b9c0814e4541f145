/*
 * lm_discount.h - what an estimate is asked for, counts of counts, and discounts.
 *
 * Interpolated modified Kneser-Ney: Chen and Goodman, "An empirical study of smoothing
 * techniques for language modeling", Harvard TR-10-98, 1998, eq. 26 and p. 20.  Float32,
 * one operation after the other as lmplz does them; the files of this module must be
 * compiled without fused multiply-add (-ffp-contract=off).
 */
#ifndef LM_DISCOUNT_H
#define LM_DISCOUNT_H

#include <winnow/lmbuild.h>

/* Checked options.  Raw counts and no discounts turn the same formulas into maximum
 * likelihood. */
struct lm_rules {
    enum wn_smoothing smoothing;
    bool strict_discounts;
    bool unigram_interpolation;
    bool exact_last;
    float fallback[4];                     /* [j], j = 1, 2, 3       */
    uint64_t prune[WN_LM_MAX_ORDER + 1];   /* [k]                    */
    uint64_t vocab_pad;
};

/* OPTS may be NULL.  WN_BADCONF for what makes no sense at ORDER. */
enum wn_status lm_rules_set(struct lm_rules *r, const struct wn_lm_opts *opts, unsigned order, struct wn_err *err);

/* The n-grams of one order. */
struct lm_tally {
    uint64_t n, kept;
    uint64_t with[5];        /* [j]: with adjusted count j */
};

static inline void lm_tally_add(struct lm_tally *t, uint64_t count, bool kept)
{
    t->n++;
    t->kept += kept;
    if (count <= 4)
        t->with[count]++;
}

/* d[j]: what an n-gram with adjusted count j loses, j = 3 for 3 and more. */
struct lm_discounts {
    float d[4];
};

/* The discounts of order K.  *FELL_BACK: the closed form failed and the fall-back stands
 * in; WN_BADDATA instead when the rules are strict. */
enum wn_status lm_discounts_set(struct lm_discounts *out, bool *fell_back, const struct lm_tally *t, unsigned k,
                                const struct lm_rules *r, struct wn_err *err);

/* What follows one context.  DROPPED is kept apart: without pruning there is none. */
struct lm_context {
    uint64_t all;       /* counts                            */
    uint32_t kept[3];   /* kept n-grams with count 1, 2, 3+  */
};

/* The back-off weight; 1 where nothing follows. */
static inline float lm_gamma(const struct lm_context *c, uint64_t dropped, const struct lm_discounts *d)
{
    float gamma = 0.0f;

    if (c->all == 0)
        return 1.0f;
    gamma += d->d[1] * (float)c->kept[0];
    gamma += d->d[2] * (float)c->kept[1];
    gamma += d->d[3] * (float)c->kept[2];
    gamma += (float)dropped;
    return gamma / (float)c->all;
}

/* What an n-gram with COUNT has before interpolation. */
static inline float lm_uninterpolated(uint64_t count, float all, const struct lm_discounts *d)
{
    return ((float)(int64_t)count - d->d[count < 3 ? count : 3]) / all;
}

#endif
