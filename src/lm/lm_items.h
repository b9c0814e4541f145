/*
 * lm_items.h - a block of a stream as records for the tables (lm_fill.h), sorted by range.
 */
#ifndef LM_ITEMS_H
#define LM_ITEMS_H

#include "lm/lm_fill.h"
#include "lm/lm_quant.h"
#include "lm/lm_stream.h"

/* How a block is cut. */
struct lm_cut {
    unsigned words;               /* of a record: LM_ITEM_WORDS or LM_TOP_WORDS              */
    uint32_t mark;                /* ORed into the last word of an LM_ITEM_WORDS record       */
    uint64_t n_buckets;           /* of the order's table                                    */
    uint64_t n_buckets_below;     /* not 0: left masks for the n-grams of the order below     */
    const uint64_t *word_hash;    /* by id                                                   */
};

/* What a block came to: this, then how many items fall in each range, the items, how many
 * masks fall in each range of the order below, the masks. */
struct lm_items {
    uint64_t bytes;               /* of all this                                             */
    uint64_t n_items, n_masks;
    struct lm_extent prob, backoff;
    uint32_t has_left;            /* the producer gave left masks                            */
    uint32_t has_unk;             /* an n-gram of order 2 or more holds <unk>                */
};

/* Appends B's; OUT holds a multiple of 8 bytes, also afterwards. */
enum wn_status lm_items_cut(const struct lm_cut *cut, const struct lm_block *b, struct wn_buf *out,
                            struct wn_err *err);
/* Adds what lm_items_cut appended to spools; MASKS: NULL when they are not wanted. */
enum wn_status lm_items_add(const struct lm_cut *cut, const char *from, struct lm_spool *items,
                            struct lm_spool *masks, struct wn_err *err);

#endif
