/*
 * lm_blocks.h - the n-grams of an order from several threads to the consumers, in order.
 *
 * An order comes in pieces, numbered from 0.  Threads take the pieces in ascending order
 * and fill blocks; the consumers' work runs on the same thread.  While an earlier piece is
 * not done, what work made waits in memory; then it is taken, and the piece goes on without
 * waiting.
 */
#ifndef LM_BLOCKS_H
#define LM_BLOCKS_H

#include <pthread.h>

#include "lm/lm_stream.h"

/* One order on its way. */
struct lm_turn {
    const struct lm_consumer *const *consumers;
    size_t n_consumers;
    unsigned order, top;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    size_t piece;          /* whose turn it is                              */
    bool failed;           /* that piece failed: no later one is taken      */
};
void lm_turn_init(struct lm_turn *t, const struct lm_consumer *const *consumers, size_t n, unsigned order,
                  unsigned top);
void lm_turn_release(struct lm_turn *t);

/* One worker's block.  Starts as zeros. */
struct lm_lane {
    uint32_t *words;
    float *prob, *backoff;
    uint64_t *suffix;
    uint16_t *left;
    size_t n, cap;
    unsigned cap_order;
    uint64_t first;

    struct lm_turn *turn;
    size_t piece;
    struct wn_buf *out;            /* by consumer: what work made and nobody took yet   */
    size_t n_out;
    struct lm_lane_block {
        uint64_t first;
        size_t n;
    } *waiting;                    /* the blocks whose outputs those are                */
    size_t *end;                   /* [block * consumers + consumer]: where it ends     */
    size_t n_waiting, cap_waiting;
};
/* Begins PIECE, whose first n-gram has rank FIRST; blocks of BLOCK n-grams, the same for
 * all pieces. */
enum wn_status lm_lane_begin(struct lm_lane *l, struct lm_turn *t, size_t piece, uint64_t first, size_t block,
                             struct wn_err *err);
/* Sends the n-grams filled in. */
enum wn_status lm_lane_flush(struct lm_lane *l, struct wn_err *err);
/* When it is, flush before the next n-gram goes to place l->n. */
static inline bool lm_lane_full(const struct lm_lane *l)
{
    return l->n == l->cap;
}
/* Ends the piece, which came to ST so far; to be called once for every piece, even one
 * that did not begin.  Waits for the pieces before. */
enum wn_status lm_lane_end(struct lm_lane *l, struct lm_turn *t, size_t piece, enum wn_status st,
                           struct wn_err *err);
void lm_lane_release(struct lm_lane *l);

#endif
