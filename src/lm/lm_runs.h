/*
 * lm_runs.h - the distinct N-grams of a text with their counts, sorted, in parts.
 *
 * All words of an N-gram are packed into a few 64-bit numbers, the last word in the
 * highest bits of the first number, so that numbers compare as N-grams do in suffix
 * order.  An N-gram that would reach over the start of its sentence ends in <s> and is
 * filled up with zeros (<unk>, which no text holds), so each token but <s> has one.
 *
 * A part has all N-grams whose last two words lie in a range; the parts are in order.
 * So everything about an n-gram of two words or more that does not concern what
 * follows it (its count, its left neighbours) is known within one part.
 */
#ifndef LM_RUNS_H
#define LM_RUNS_H

#include "lm/lm_counts.h"
#include "lm/lm_stream.h"

/* Fields of 16, 21 or 32 bits: 4, 3 or 2 in a number, the first highest; the low bits
 * of a number that no field covers are zero. */
struct lm_packing {
    unsigned order;        /* fields of an N-gram             */
    unsigned bits;
    unsigned per;          /* fields in a number              */
    unsigned stride;       /* numbers of an N-gram, 1 to 4     */
};

/* Word I of a key, 0 the last word of the N-gram. */
static inline uint32_t lm_packing_word(const struct lm_packing *p, const uint64_t *key, unsigned i)
{
    unsigned shift = 64 - p->bits * (i % p->per + 1);

    return (uint32_t)(key[i / p->per] >> shift & ((UINT64_C(1) << p->bits) - 1));
}

/* One part; views into memory of the runs or of a buffer. */
struct lm_run {
    size_t n;
    const uint64_t *key;    /* n * stride, strictly ascending */
    const uint64_t *count;  /* n, each at least 1              */
};

/* Where one worker loads a part to; starts as zeros. */
struct lm_run_buf {
    uint64_t *bytes;
    size_t cap;
};
void lm_run_buf_release(struct lm_run_buf *b);

/* What an estimate takes for a word, and for an N-gram of a part at hand; about. */
enum { LM_WORD_BYTES = 88, LM_AT_HAND_BYTES = 160 };

struct lm_runs;
/* Sorts and counts what C holds.  CONSUME: C's text may be thrown away on the way (C
 * can then only be freed).  ROOM's memory limits all that this holds at a time, C's own
 * memory included. */
enum wn_status lm_runs_new(struct lm_runs **out, struct wn_counts *c, bool consume, const struct lm_room *room,
                           struct wn_err *err);
const struct lm_packing *lm_runs_packing(const struct lm_runs *r);
uint32_t lm_runs_parts(const struct lm_runs *r);
/* The part with the N-grams that end in BEFORE LAST; also for n-grams of one word: their
 * first part when BEFORE is 0. */
uint32_t lm_runs_part_of(const struct lm_runs *r, uint32_t last, uint32_t before);
/* Distinct N-grams in all. */
uint64_t lm_runs_ngrams(const struct lm_runs *r);
/* The most N-grams in a part. */
size_t lm_runs_longest(const struct lm_runs *r);
/* Loads part I.  Any thread; OUT lives until BUF is used again. */
enum wn_status lm_runs_load(const struct lm_runs *r, uint32_t i, struct lm_run_buf *buf, struct lm_run *out,
                            struct wn_err *err);
/* What it would hold more if it had been made in memory. */
uint64_t lm_runs_on_disk(const struct lm_runs *r);
/* What R holds in memory, buffers of loaders apart. */
uint64_t lm_runs_memory(const struct lm_runs *r);
void lm_runs_free(struct lm_runs *r);

#endif
