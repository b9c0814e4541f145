/*
 * lm_feed.h - what all producers of a stream (lm_stream.h) share: orders are cut into
 * blocks, filled and worked on by threads, and given to the consumers in order.
 */
#ifndef LM_FEED_H
#define LM_FEED_H

#include "lm/lm_stream.h"

/* Writable room of one block, for LM_BLOCK_NGRAMS n-grams. */
struct lm_feed_arrays {
    uint32_t *words;
    float *prob, *backoff;
    uint64_t *suffix;
    uint16_t *left;
};

/* Fills A for the N n-grams of ORDER from rank FIRST on; any thread.  What the order does
 * not have (lm_block) is not looked at. */
typedef enum wn_status lm_feed_fill_fn(void *ctx, unsigned order, uint64_t first, size_t n,
                                       const struct lm_feed_arrays *a, struct wn_err *err);

struct lm_feed;
/* Calls the consumers' begin.  SHAPE lives as long as the feed. */
enum wn_status lm_feed_begin(struct lm_feed **out, const struct lm_shape *shape,
                             const struct lm_consumer *const *consumers, size_t n, const struct lm_room *room,
                             struct wn_err *err);
/* Sends all n-grams of ORDER; orders go 1, 2, ..  HAS_LEFT: FILL knows left masks. */
enum wn_status lm_feed_order(struct lm_feed *f, unsigned order, bool has_left, lm_feed_fill_fn *fill, void *ctx,
                             struct wn_err *err);
/* Calls the consumers' end. */
enum wn_status lm_feed_end(struct lm_feed *f, struct wn_err *err);
void lm_feed_free(struct lm_feed *f);

#endif
