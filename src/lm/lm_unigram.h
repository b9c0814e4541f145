/*
 * lm_unigram.h - all that an estimate knows by word: counts, what follows it, the
 * unigrams' probabilities and back-off weights, and the ids of the words that stay.
 *
 * Parts of the runs are scanned by several threads and may share a word, so the sums
 * are atomic; they are whole numbers, so their order does not matter.
 */
#ifndef LM_UNIGRAM_H
#define LM_UNIGRAM_H

#include <stdatomic.h>

#include "lm/lm_discount.h"
#include "lm/lm_stream.h"

/* What turns a count after a context into probabilities. */
struct lm_weight {
    float all;
    float gamma;
};

struct lm_unigrams {
    uint32_t n;                        /* words that were counted                           */
    uint32_t n_kept;
    _Atomic uint64_t *count, *raw;     /* [n]: adjusted and raw count of the word           */
    _Atomic uint64_t *all;             /* [n]: what follows: as struct lm_context            */
    _Atomic uint32_t *kept;            /* [3 * n]                                           */
    _Atomic uint64_t *dropped;         /* [n]; NULL: nothing is dropped                     */
    _Atomic uint16_t *left;            /* [n]: classes of kept words before it              */
    uint8_t *classes;                  /* two words a byte, even ones low: lm_key_left_class */
    bool *allowed;                     /* [n]; NULL: any word may stay                      */
    uint32_t *id;                      /* [n]: in the model, UINT32_MAX: dropped; NULL: as here */
    float *p;                          /* [n]                                               */
    struct lm_weight *weight;          /* [n]: of the word as a context                     */
    struct vocab kept_words;           /* when words are dropped                            */
    const struct vocab *vocab;         /* of the model                                      */
    uint64_t hash_seed;
    uint64_t *hash;                    /* by id in the model, after lm_unigrams_settle      */
};

/* Starts as zeros.  LIMIT, when not NULL, names the words that may stay besides the special
 * ones. */
enum wn_status lm_unigrams_init(struct lm_unigrams *u, const struct vocab *v, bool drops, bool follows,
                                const struct wn_tokens *limit, struct wn_err *err);
void lm_unigrams_release(struct lm_unigrams *u);

/* What WORD is in a mask of words to the left.  Read at random, so it is kept small. */
static inline unsigned lm_unigrams_class_bit(const struct lm_unigrams *u, uint32_t word)
{
    return 1u << (u->classes[word >> 1] >> (word & 1) * 4 & 15);
}

/* A bigram BEFORE WORD with COUNT.  Any thread. */
static inline void lm_unigrams_bigram(struct lm_unigrams *u, uint32_t before, uint32_t word, uint64_t count,
                                      bool kept)
{
    atomic_fetch_add_explicit(&u->all[before], count, memory_order_relaxed);
    if (kept) {
        uint16_t bit = (uint16_t)lm_unigrams_class_bit(u, before);

        atomic_fetch_add_explicit(&u->kept[3 * (size_t)before + (count < 3 ? count - 1 : 2)], 1,
                                  memory_order_relaxed);
        if (!(atomic_load_explicit(&u->left[word], memory_order_relaxed) & bit))
            atomic_fetch_or_explicit(&u->left[word], bit, memory_order_relaxed);
    } else {
        atomic_fetch_add_explicit(&u->dropped[before], count, memory_order_relaxed);
    }
}

/* After all counts are in: which words stay, their ids, vocabulary and hashes.  V: of the
 * counts.  TALLY gets order 1. */
enum wn_status lm_unigrams_settle(struct lm_unigrams *u, const struct vocab *v, const struct lm_rules *r,
                                  struct lm_tally *tally, struct wn_err *err);
/* Probabilities, and weights as contexts when ABOVE (the discounts of order 2) is not
 * NULL. */
void lm_unigrams_estimate(struct lm_unigrams *u, const struct lm_rules *r, const struct lm_discounts *d,
                          const struct lm_discounts *above);

static inline uint32_t lm_unigrams_id(const struct lm_unigrams *u, uint32_t word)
{
    return u->id ? u->id[word] : word;
}

#endif
