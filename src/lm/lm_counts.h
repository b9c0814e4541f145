/*
 * lm_counts.h - what wn_counts holds: a vocabulary and the text as word ids.
 *
 * Four bytes a token is less than any table of the n-grams in it would take (a 5-gram
 * model has about 1.8 n-grams a token), merging is appending, and every count that an
 * estimator may want can still be had, adjusted ones and raw ones.
 */
#ifndef LM_COUNTS_H
#define LM_COUNTS_H

#include <winnow/lmbuild.h>

#include "lm/lm_vocab.h"

struct wn_counts {
    unsigned order;
    enum wn_tokenizer tokenizer;
    struct vocab vocab;
    uint32_t *ids;           /* <s> w .. w </s> <s> w .. w </s> ..           */
    size_t n, cap;
    uint64_t n_sentences;
    struct wn_arena scratch; /* tokens of the text that is being added       */
};

#endif
