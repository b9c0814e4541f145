/*
 * lm_parts.h - how runs are made: packing, cutting into parts, sorting, counting.
 *
 * A record is an N-gram, packed; with counts from files also its count, as one more number.
 */
#ifndef LM_PARTS_H
#define LM_PARTS_H

#include "lm/lm_runs.h"

/* ---- which part ---------------------------------------------------------------------- */

/* Pairs of words, last << bits | before, where parts begin; the first part begins at 0. */
struct lm_splits {
    unsigned bits;
    uint32_t n;              /* splitters: parts - 1                          */
    uint64_t *at;            /* n, ascending                                  */
    uint32_t *first;         /* by last word: the part of (word, 0); n_words + 1 */
    uint32_t n_words;
};

static inline uint32_t lm_splits_part(const struct lm_splits *s, uint32_t last, uint32_t before)
{
    const uint64_t pair = (uint64_t)last << s->bits | before;
    const uint64_t *at = s->at + s->first[last];
    uint32_t n = s->first[last + 1] - s->first[last];

    while (n > 1) {          /* most words are in one part: then n is 0; no branch on data */
        uint32_t half = n / 2;

        at += at[half - 1] <= pair ? half : 0;
        n -= half;
    }
    if (n > 0)
        at += *at <= pair;
    return (uint32_t)(at - s->at);
}

struct lm_packing lm_packing_for(unsigned order, uint32_t n_words);
/* About N_PARTS parts of the same size, from a sample of C's text. */
enum wn_status lm_splits_new(struct lm_splits *s, const struct wn_counts *c, const struct lm_packing *p,
                             uint32_t n_parts, struct wn_err *err);
void lm_splits_release(struct lm_splits *s);

/* ---- records -------------------------------------------------------------------------- */

/* The words that end at a token, as the numbers of a record. */
struct lm_window {
    uint64_t number[4];
    uint64_t keep[4];        /* bits of a number that are in use                */
    unsigned bits, low;      /* of a field; bits no field covers                */
    unsigned stride;
};
void lm_window_init(struct lm_window *w, const struct lm_packing *p);

/* WORD becomes the last one; STRIDE is w->stride, better known to the compiler. */
static inline __attribute__((always_inline)) void lm_window_push(struct lm_window *w, uint32_t word, unsigned stride)
{
    uint64_t in = word;

    for (unsigned j = 0; j < stride; j++) {
        uint64_t old = w->number[j];

        w->number[j] = (old >> w->bits & w->keep[j]) | in << (64 - w->bits);
        in = old >> w->low & ((UINT64_C(1) << w->bits) - 1);
    }
}

/* A sentence begins: nothing stands before <s>. */
static inline void lm_window_start(struct lm_window *w)
{
    memset(w->number, 0, sizeof(w->number));
    w->number[0] = (uint64_t)WN_LM_BOS << (64 - w->bits);
}

/* WORDS, the last first, as a record. */
void lm_pack_words(uint64_t *record, const struct lm_packing *p, const uint32_t *words);

/* ---- sorting and counting ---------------------------------------------------------------- */

enum { LM_MAX_DIGITS = 3 * WN_LM_MAX_ORDER, LM_DIGIT_BITS = 11 };

/* Sorts records of one packing; one per worker. */
struct lm_sorter {
    unsigned stride, width;             /* width: stride, + 1 with counts; may change between uses */
    unsigned n_digits;
    struct lm_digit {                   /* least significant first                            */
        uint8_t number, shift, bits;
    } digit[LM_MAX_DIGITS];
    uint32_t (*hist)[1 << LM_DIGIT_BITS];
    uint64_t *scratch;                  /* cap_numbers                                        */
    uint8_t *count;                     /* of each distinct N-gram; 255: see wide              */
    uint64_t *wide;                     /* those of 255 and more, in order                    */
    size_t cap_numbers, cap_count, cap_wide;
};

/* Distinct N-grams, counted. */
struct lm_squeezed {
    size_t n, n_wide;
    bool ones;               /* every count is 1: none is stored              */
};

enum wn_status lm_sorter_init(struct lm_sorter *s, const struct lm_packing *p, uint32_t n_words, bool counted,
                              struct wn_err *err);
/* Room for N records of the width that is set. */
enum wn_status lm_sorter_reserve(struct lm_sorter *s, size_t n, struct wn_err *err);
/* What a sorter holds without room for any record. */
uint64_t lm_sorter_bytes(void);
/* Sorts N records (reserved for) and counts equal ones: the keys, stride numbers each, come
 * to stand at the start of REC, the counts in the sorter. */
enum wn_status lm_sorter_squeeze(struct lm_sorter *s, uint64_t *rec, size_t n, struct lm_squeezed *out,
                                 struct wn_err *err);
/* Sorts N records with counts and adds up equal ones; returns how many are left in REC. */
size_t lm_sorter_sum(struct lm_sorter *s, uint64_t *rec, size_t n);
/* Sorts by all numbers; returns where the result is, REC or the scratch. */
uint64_t *lm_sorter_sort(struct lm_sorter *s, uint64_t *rec, size_t n);
void lm_sorter_release(struct lm_sorter *s);

/* ---- runs ---------------------------------------------------------------------------------- */

/* One part at rest.  In memory: key, wide, count.  On disk, from AT on: keys, wide counts,
 * counts of a byte. */
struct lm_part {
    struct lm_squeezed size;
    const uint64_t *key, *wide;
    const uint8_t *count;
    void *owned;             /* counts that did not fit behind the keys */
    uint64_t at;
};

struct lm_runs {
    struct lm_packing packing;
    struct lm_splits splits;
    struct lm_part *part;
    uint32_t n_parts;
    uint64_t *record;        /* in memory: all parts' records           */
    size_t record_bytes;
    struct lm_temp *temp;    /* on disk: all parts                      */
    uint64_t raw_bytes;      /* of all records before equal ones met    */
};

/* Everything that makes runs, while it does. */
struct lm_making {
    struct lm_runs *runs;
    struct wn_counts *counts;
    struct lm_room room;
    unsigned width;
    bool consume;
    uint64_t n_records;
    uint64_t avail;          /* memory for the work on disk */
};
/* *ON_DISK: nothing was made, and the text is untouched, because a part is too large. */
enum wn_status lm_make_in_memory(struct lm_making *m, bool *on_disk, struct wn_err *err);
enum wn_status lm_make_on_disk(struct lm_making *m, struct wn_err *err);
/* The counts of S, encoded behind one another: wide ones first.  Bytes they take. */
size_t lm_counts_bytes(const struct lm_squeezed *s);

static inline enum wn_status lm_sort_no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot sort n-grams: out of memory");
}

static inline bool lm_stopped(const struct lm_room *room)
{
    return room->stop && atomic_load_explicit(room->stop, memory_order_relaxed) != 0;
}

#endif
