/*
 * lm_levels.h - the distinct n-grams of a text, order by order, with their counts.
 *
 * A level holds the n-grams of one order in suffix order: ascending by the last word,
 * then the one before, and so on, which is the order of an ARPA file of KenLM's and
 * makes the n-grams with one suffix neighbours.  n-grams of order 1 are the word ids.
 */
#ifndef LM_LEVELS_H
#define LM_LEVELS_H

#include <winnow/lmbuild.h>

struct lm_level {
    uint32_t n;
    uint32_t *word;      /* the last word                                              */
    uint32_t *context;   /* the n-gram without its last word, in the level below       */
    uint32_t *suffix;    /* the n-gram without its first word, in the level below      */
    uint32_t *raw;       /* how often it occurs                                        */
    uint32_t *adjusted;  /* distinct words to its left; raw where there is none (<s>
                            is the first word) and at the top order; 0 for <s> alone   */
};

struct lm_levels {
    unsigned order;
    struct lm_level level[WN_LM_MAX_ORDER + 1];   /* [k]: order k; [0] is unused, and
                                                     [1] has no word, context, suffix */
};

/* IDS: n ids below N_WORDS, sentences from <s> to </s>. */
enum wn_status lm_levels_build(struct lm_levels *out, const uint32_t *ids, size_t n, uint32_t n_words,
                               unsigned order, struct wn_err *err);
/* The n-gram of order K that ends the last one in suffix order, or UINT32_MAX when
 * that one is shorter than K. */
uint32_t lm_levels_last(const struct lm_levels *l, unsigned k);
void lm_levels_release(struct lm_levels *l);

#endif
