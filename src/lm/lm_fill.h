/*
 * lm_fill.h - from n-grams in ranges of their keys to the lines of a table (lm_tables.h).
 *
 * A range is LM_RANGE_LINES buckets, one piece of the table's checksum, and is made in
 * cache: a stable counting sort by bucket, then the lines one after the other.  Ranges
 * are made at the same time; what the last line of one sends on goes into the next
 * afterwards, up to the first line that has room.  So the bytes depend on the n-grams
 * and on their order alone.
 */
#ifndef LM_FILL_H
#define LM_FILL_H

#include <stdatomic.h>

#include "lm/lm_layout.h"
#include "lm/lm_sink.h"
#include "lm/lm_spool.h"

enum { LM_RANGE_LINES = LM_PIECE_BYTES / LM_LINE_BYTES };

/* Records are arrays of 32-bit words, numbers and floats in the machine's form:
 *   n-gram           key, prob, backoff, left mask    (5 words)
 *   of a top table   key, prob                        (3)
 *   joint            key, 2 x prob, 2 x backoff, left  (7); prob LM_PROB_ABSENT: not in that model
 *   left mask        key, left mask                   (3)
 */
enum { LM_ITEM_WORDS = 5, LM_TOP_WORDS = 3, LM_JOINT_WORDS = 7, LM_MASK_WORDS = 3, LM_MOST_WORDS = 7 };

static inline unsigned lm_item_words(enum lm_table_kind kind)
{
    if (kind >= LM_TABLE_UNIGRAM_JOINT)
        return LM_JOINT_WORDS;
    return kind == LM_TABLE_TOP || kind == LM_TABLE_TOP_COMPACT ? LM_TOP_WORDS : LM_ITEM_WORDS;
}

static inline uint64_t lm_item_key(const uint32_t *item)
{
    uint64_t key;

    memcpy(&key, item, sizeof(key));
    return key;
}

static inline float lm_item_float(uint32_t word)
{
    float x;

    memcpy(&x, &word, sizeof(x));
    return x;
}

static inline size_t lm_range_of(uint64_t key, uint64_t n_buckets)
{
    return (size_t)(lm_key_bucket(key, n_buckets) / LM_RANGE_LINES);
}

static inline size_t lm_ranges_for(uint64_t n_buckets)
{
    return (size_t)((n_buckets + LM_RANGE_LINES - 1) / LM_RANGE_LINES);
}

/* What fills a table of KIND to the load that the format proposes, for N n-grams. */
uint64_t lm_buckets_for(enum lm_table_kind kind, uint64_t n);

struct lm_fill {
    struct lm_hash table;            /* all but line and n_lines                             */
    const struct lm_spool *items;    /* by range, in canonical order                         */
    const struct lm_spool *masks;    /* by range; NULL: the items have their masks           */
    struct lm_sink *sink;
    uint64_t offset;                 /* of the table in the image                            */
    unsigned jobs;
    const atomic_int *stop;
};
/* Writes the table.  *N_LINES and *HASH: for its section descriptor. */
enum wn_status lm_fill_table(const struct lm_fill *f, uint64_t *n_lines, uint64_t *hash, struct wn_err *err);

/* The stable sort of a range's records by bucket. */
struct lm_bucket_sort {
    uint64_t n_buckets;        /* of the table                              */
    uint64_t first;            /* the range's first bucket                  */
    uint32_t n_lines;          /* and how many it has                       */
    size_t n;                  /* records, below 2^32                       */
    uint32_t *raw, *own;       /* as they came; by bucket                   */
    uint32_t *end;             /* [b]: where those of bucket first + b end  */
};
static inline void lm_range_place(struct lm_bucket_sort *s, size_t range, uint64_t n_buckets)
{
    s->n_buckets = n_buckets;
    s->first = (uint64_t)range * LM_RANGE_LINES;
    s->n_lines = n_buckets - s->first < LM_RANGE_LINES ? (uint32_t)(n_buckets - s->first) : LM_RANGE_LINES;
}
/* WORDS: of a record, 3, 5 or 7. */
void lm_bucket_sort(const struct lm_bucket_sort *s, unsigned words);

/* ORs the masks into the sorted items with their keys. */
void lm_fill_masks(const struct lm_bucket_sort *s, unsigned words, const uint32_t *mask, size_t n_masks);

#endif
