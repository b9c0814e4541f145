/*
 * bigram.h - what follows what: the counts of a text, sorted by context.
 *
 * Two passes over the tokens put the successors of each context side by side, with their
 * multiplicity: O(tokens), no comparison, no hash.  A uniform draw from such a slice is a
 * draw from the maximum likelihood bigram, so that nothing needs to be counted to sample.
 *
 *     start   0     3        7 ...          one a type, and the end
 *     next    b c b a a d b  ...            successors of token 0, of token 1, ...
 *
 * Only measures need distinct pairs and their counts: sim_bigrams_index, when first asked.
 */
#ifndef SIM_BIGRAM_H
#define SIM_BIGRAM_H

#include "sim/tokens.h"

struct sim_pair {
    uint32_t token, count;
};

/* Zeroed it is empty and safe to release. */
struct sim_bigrams {
    uint32_t n_types;
    size_t n_tokens;                  /* of the text: each is the successor of something      */
    uint32_t *start;                  /* n_types + 1                                          */
    uint32_t *next;                   /* n_tokens                                             */
    size_t room;                      /* tokens that the arrays have room for                 */

    bool has_pairs;                   /* the rest is there                                    */
    uint32_t *seen;                   /* n_types: how often each is a successor               */
    uint32_t *pair_start;             /* n_types + 1                                          */
    struct sim_pair *pair;            /* of each context, by rising token                     */
    uint32_t *column;                 /* scratch: contexts, by successor                      */
    size_t pair_room;
};

enum wn_status sim_bigrams_init(struct sim_bigrams *b, uint32_t n_types, struct wn_err *err);
void sim_bigrams_release(struct sim_bigrams *b);

/* A text: items of BLOCK tokens, in the order of their numbers; ORDER, when not NULL, names N
 * of them instead. */
struct sim_blocks {
    const void *item;
    size_t n;
    uint32_t block;
    const uint32_t *order;
};
/* Counts TEXT anew.  WN_LIMIT: 2^32 tokens or more. */
enum wn_status sim_bigrams_count(struct sim_bigrams *b, const struct sim_blocks *text, struct wn_err *err);
/* Makes seen and pairs; does nothing when they are there. */
enum wn_status sim_bigrams_index(struct sim_bigrams *b, struct wn_err *err);

/* How often TOKEN follows BEFORE; needs the index. */
uint32_t sim_bigrams_of(const struct sim_bigrams *b, uint32_t before, uint32_t token);
/* How often BEFORE is a context. */
static inline uint32_t sim_bigrams_context(const struct sim_bigrams *b, uint32_t before)
{
    return b->start[before + 1] - b->start[before];
}

/* start and next as one block of memory in A, and back.  NULL: out of memory. */
void *sim_bigrams_put(const struct sim_bigrams *b, struct wn_arena *a);
enum wn_status sim_bigrams_take(struct sim_bigrams *b, const void *kept, struct wn_err *err);

/* ---- bigram_metrics.c ---- */

/* Of the text itself: types, unigram_entropy, distinct_bigrams.  Needs the index. */
void sim_bigrams_text_metrics(const struct sim_bigrams *b, struct sim_metrics *out);
/* Entropy of the rows of (count + ADD) / (context + ADD n_types), weighted by how often each
 * context occurs; nats.  Needs the index. */
double sim_bigrams_entropy(const struct sim_bigrams *b, double add);
/* Of what a model wrote: distinct_1, distinct_2, different ones over all, pairs across the
 * borders of blocks included.  WORK is overwritten. */
enum wn_status sim_bigrams_written_metrics(struct sim_bigrams *work, const struct sim_blocks *text,
                                           struct sim_metrics *out, struct wn_err *err);

#endif
