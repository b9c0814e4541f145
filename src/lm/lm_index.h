/*
 * lm_index.h - the index of a model: n-grams by context, in memory (lm_layout.h).
 *
 * Made from a stream (lm_stream.h) and turned into one again.  A stream is in suffix
 * order, which is the n-grams' order read backwards; an index is in the order read
 * forwards: by first word, then the second, and so on.  A place is a number in that
 * order, a rank is one in suffix order.
 */
#ifndef LM_INDEX_H
#define LM_INDEX_H

#include "lm/lm_layout.h"
#include "lm/lm_stream.h"

/* ---- from a stream --------------------------------------------------------------- */

/* Keeps a stream as a model with words and index.  WN_LIMIT beyond 2^32 - 2 n-grams of an
 * order; WN_BADDATA when the stream is not closed, out of order, or not as long as its shape
 * says.  Holds the model and at most 70 bytes for each n-gram of the order at hand. */
struct lm_index_builder;
/* What a builder holds at most for such a stream. */
uint64_t lm_index_bytes(const struct lm_shape *shape);
enum wn_status lm_index_builder_new(struct lm_index_builder **out, struct wn_err *err);
/* What to give to a producer; the builder takes one stream only. */
struct lm_consumer lm_index_builder_consumer(struct lm_index_builder *b);
/* The model, the caller's; after the stream has ended (WN_BROKEN when it has not). */
enum wn_status lm_index_builder_take(struct lm_index_builder *b, struct wn_lm **lm, struct wn_err *err);
void lm_index_builder_free(struct lm_index_builder *b);

/* A model with words, and room for the index that SHAPE counts: the levels are the
 * caller's to write (lm_image_at) and to seal (lm_image_seal). */
enum wn_status lm_index_alloc(struct wn_lm **out, const struct lm_shape *shape, struct wn_err *err);

/* ---- to a stream ------------------------------------------------------------------- */

/* Streams LM, which has words and an index (else WN_BADCONF), to N consumers, with suffix
 * ranks and left masks, from begin to end.  Blocks are worked on by room->jobs threads.
 * Takes 8 bytes for each n-gram of the model and 14 more for those of two orders. */
enum wn_status lm_index_produce(const struct wn_lm *lm, const struct lm_consumer *const *consumers, size_t n,
                                const struct lm_room *room, struct wn_err *err);

/* WN_BADCONF unless LM has words and a sound index: what those who walk it ask first. */
enum wn_status lm_index_usable(const struct wn_lm *lm, const char *what, struct wn_err *err);

/* LM's words as a vocabulary of views, by id only: never looked up in, grown or released. */
struct vocab lm_index_vocab(const struct wn_lm *lm);

/* WN_LIMIT, naming BYTES, when they are more than ROOM has. */
static inline enum wn_status lm_index_afford(const struct lm_room *room, uint64_t bytes, const char *what,
                                             struct wn_err *err)
{
    return lm_room_afford(room, bytes, what, err);
}

/* WN_CANCELLED when ROOM says stop. */
static inline enum wn_status lm_index_poll(const struct lm_room *room, struct wn_err *err)
{
    if (room->stop && atomic_load(room->stop))
        return wn_fail(err, WN_CANCELLED, "stopped before the end");
    return WN_OK;
}

#endif
