/*
 * lm_index_place.h - one order of a stream, by rank, on its way into an index.
 */
#ifndef LM_INDEX_PLACE_H
#define LM_INDEX_PLACE_H

#include "lm/lm_index.h"

/* What the next order needs of an n-gram, by rank. */
struct lm_spot {
    uint32_t first, place;
};

/* One order by rank; NULL where an order has no use for it. */
struct lm_ranked {
    uint32_t n;
    struct lm_spot *spot;
    uint32_t *context;           /* its rank in the order below                             */
    uint32_t *left;              /* by s of the order below, one more: where its left extensions start */
};

/* An order at hand; starts as zeros. */
struct lm_index_order {
    unsigned order;
    struct wn_lm *lm;
    struct lm_room room;
    struct lm_ranked at, below;
    /* Columns by rank, of order 2 and more; freed when they are placed. */
    uint32_t *word, *suffix, *context_place;
    float *prob, *backoff;
    /* Dealing it out. */
    struct lm_mover *mover;
    uint32_t *start;             /* [chunk * n_buckets + bucket]: where its movers go */
    uint32_t n_buckets;
    unsigned shift;              /* bucket = place of the context >> shift            */
};

/* Writes a complete order of 2 or more into the index of LM, with the ranges of the order
 * below; the columns are used up.  WN_BADDATA when n-grams are out of order or without
 * their context. */
enum wn_status lm_index_place(struct lm_index_order *o, struct wn_err *err);
void lm_index_columns_release(struct lm_index_order *o);
/* Goes on to order K, of N n-grams; what was at hand is the order below now. */
void lm_index_next(struct lm_index_order *o, unsigned k, uint32_t n);
void lm_index_order_release(struct lm_index_order *o);

enum wn_status lm_index_refuse(unsigned k, uint64_t rank, struct wn_err *err, const char *what);
enum wn_status lm_index_no_memory(size_t n, unsigned k, struct wn_err *err);

#endif
