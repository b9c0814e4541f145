/*
 * lm_countfile.h - the layout of count files (docs/format/lm-counts.md).
 */
#ifndef LM_COUNTFILE_H
#define LM_COUNTFILE_H

#include "lm/lm_counts.h"

#define LM_COUNTS_MAGIC "winnowCT"

enum { LM_COUNTS_VERSION = 1, LM_COUNTS_BYTE_ORDER = 0x01020304 };

struct countfile_head {
    char magic[8];
    uint32_t version, byte_order;
    uint32_t order, tokenizer;
    uint32_t n_words, zero;
    uint64_t n_ngrams, tokens, sentences;
    uint64_t hash;                   /* of this struct with hash 0 */
};

/* Stands before each block: of words, then of N-grams, COUNTED_BLOCK in each but the last. */
struct countfile_block {
    uint32_t n, zero;
    uint64_t bytes;
    uint64_t hash;                   /* of the bytes; the seed is the block's number */
};

/* What N-grams of a text must have in common: who stands in a context has been seen
 * ending an n-gram.  Sums modulo 2^64; for a sound file balance comes out as 0. */
struct countfile_sums {
    uint64_t tokens, sentences, balance;
    uint32_t n_last;                 /* different last words */
};

static inline uint64_t countfile_head_hash(struct countfile_head h)
{
    h.hash = 0;
    return wn_hash64((struct wn_str){ (const char *)&h, sizeof(h) }, 0);
}

#endif
