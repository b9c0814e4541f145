/*
 * lm_scan.h - the distinct n-grams of every order in one part of the runs (lm_runs.h).
 *
 * Sorted N-grams that share their last k words are neighbours: a range of them is one
 * n-gram of order k, a node.  Where ranges begin follows from how many words an N-gram
 * shares with the one before it.  The nodes of order k + 1 within a node's range are
 * its extensions to the left.
 */
#ifndef LM_SCAN_H
#define LM_SCAN_H

#include "lm/lm_discount.h"
#include "lm/lm_runs.h"

/* Where the words of a key stand, without divisions. */
struct lm_fields {
    uint8_t number[WN_LM_MAX_ORDER], shift[WN_LM_MAX_ORDER];
    uint64_t mask;
};
void lm_fields_set(struct lm_fields *f, const struct lm_packing *p);

/* Word I of KEY, 0 the last word. */
static inline uint32_t lm_field(const struct lm_fields *f, const uint64_t *key, unsigned i)
{
    return (uint32_t)(key[f->number[i]] >> f->shift[i] & f->mask);
}

/* A loaded part.  cut[i]: in the low four bits, how many words N-gram I shares with the
 * one before it (0 for the first); above, how many words it has. */
struct lm_part {
    const struct lm_packing *packing;
    const struct lm_fields *fields;
    struct lm_run run;
    const uint8_t *cut;
};

static inline const uint64_t *lm_part_key(const struct lm_part *part, uint32_t at)
{
    return part->run.key + (size_t)at * part->packing->stride;
}

/* The nodes of one order, n of them. */
struct lm_nodes {
    uint32_t n;
    uint32_t *at;        /* n + 1: the first N-gram of the range; [n]: the part's end          */
    uint32_t *child;     /* n + 1: the first node of the order above that is in the range or
                            behind it; nothing of use at the top order                         */
    uint64_t *value;     /* n: 2 * count + kept, set by lm_nodes_value                         */
    size_t cap;
};

static inline uint64_t lm_value_count(uint64_t value)
{
    return value >> 1;
}

static inline bool lm_value_kept(uint64_t value)
{
    return value & 1;
}

/* The first K words of KEY as numbers that are the same for the same words: word I in the
 * place of word I - SKIP (SKIP 0 or 1).  Returns how many numbers of OUT (up to 4) it set. */
static inline unsigned lm_key_words(const struct lm_packing *p, const uint64_t *key, unsigned k, unsigned skip,
                                    uint64_t out[4])
{
    unsigned n = (k + p->per - 1) / p->per, tail = k - (n - 1) * p->per;
    unsigned bits = p->bits, low = 64 - bits * p->per;

    for (unsigned i = 0; i < n; i++) {
        uint64_t x = key[i];

        if (skip) {
            x = x << bits;
            if (i + 1 < p->stride)
                x |= key[i + 1] >> (64 - bits) << low;
        }
        out[i] = x;
    }
    out[n - 1] &= ~UINT64_C(0) << (64 - bits * tail);
    return n;
}

/* CUT has room for run->n bytes. */
void lm_cuts(const struct lm_packing *p, const struct lm_run *run, uint8_t *cut);

void lm_nodes_release(struct lm_nodes *nodes);
/* Sets n, at and child for order K. */
enum wn_status lm_nodes_find(struct lm_nodes *nodes, const struct lm_part *part, unsigned k, struct wn_err *err);
/* Sets value: the count that RULES take for order K, and whether the node is kept.
 * ALLOWED, when not NULL, says by id which words may stay. */
void lm_nodes_value(struct lm_nodes *nodes, const struct lm_part *part, unsigned k, const struct lm_rules *rules,
                    const bool *allowed);
/* How often the n-gram of node I of order K occurs. */
uint64_t lm_nodes_raw(const struct lm_nodes *nodes, const struct lm_part *part, unsigned k, uint32_t i);

#endif
