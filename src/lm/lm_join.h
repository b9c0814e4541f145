/*
 * lm_join.h - bring n-grams to their contexts and probabilities back.
 *
 * An n-gram of order k >= 3 is known in the part of its own last two words, its context
 * in that of the context's.  Each n-gram sends an item of 8 bytes to its context's part:
 * what tells the context from others of that part, and its count.  There the counts of a
 * context are added up, and every item becomes the n-gram's uninterpolated probability
 * and the weight for interpolating it.  Items from one part to another keep the order of
 * the n-grams, so reading them back needs no search.
 *
 *   64 - count_bits   context: its words when they fit, else a hash of them, with a seed by
 *                     part: another one when two contexts of the part look the same
 *   count_bits        2 * count + kept; all ones: too large, in a list
 *
 *   after the join:   struct lm_share
 */
#ifndef LM_JOIN_H
#define LM_JOIN_H

#include <pthread.h>

#include "lm/lm_route.h"
#include "lm/lm_scan.h"
#include "lm/lm_store.h"
#include "lm/lm_unigram.h"

/* p = own + gamma * p of the n-gram without its first word. */
struct lm_share {
    float own, gamma;
};

/* A value that no item has room for. */
struct lm_large {
    uint64_t item;
    uint64_t value;
};

/* The items of one order.  Starts as zeros. */
struct lm_mail {
    unsigned order;
    unsigned count_bits;
    const struct lm_packing *packing;
    const struct lm_route *route;
    struct lm_store store;
    uint64_t *base;            /* [to]: the first item to the part; one more: all items     */
    const uint32_t *place;     /* [from * n_parts + to]: the first of them, behind base[to] */
    const uint32_t *seed;      /* [to]                                                      */
    pthread_mutex_t lock;      /* of large                                                  */
    bool locked;               /* lock is there                                             */
    struct lm_large *large;
    size_t n_large, cap_large;
};

/* COUNT: n_parts * n_parts numbers of items, [from * n_parts + to]; becomes place, and
 * lives as long as the items, as ROUTE and SEED do. */
enum wn_status lm_mail_open(struct lm_mail *it, unsigned order, unsigned count_bits, const struct lm_packing *p,
                             const struct lm_route *route, uint32_t *count, const uint32_t *seed, bool on_disk,
                             const char *dir, struct wn_err *err);
void lm_mail_close(struct lm_mail *it);
/* When all items are there, before the first join. */
void lm_mail_complete(struct lm_mail *it);

/* One worker's scratch.  Starts as zeros. */
struct lm_bench {
    uint64_t *key;             /* hash table: keys, 0 empty, and whose they are              */
    uint32_t *node;
    size_t n_slots;            /* in use                                                     */
    size_t cap_slots;
    struct lm_context *sum;    /* by node                                                    */
    uint64_t *dropped;
    struct lm_weight *weight;  /* by node: what lm_mail_join found                          */
    size_t cap_nodes;
    uint32_t *to, *to_below;   /* by node: where its item goes; of the order before          */
    size_t cap_to;
    uint64_t *chunk;           /* items on their way from and to disk                        */
    uint64_t *next;            /* by part: the next item                                     */
    uint64_t *lane;            /* by part: LANE items on their way                           */
    uint32_t *fill, *pos;
    size_t lane_items;
    size_t cap_parts;
};
void lm_bench_release(struct lm_bench *b);

/* Moves *SEED on to the next that tells the nodes of order K of a part apart. */
enum wn_status lm_join_seed(uint32_t *seed, const struct lm_part *part, const struct lm_nodes *nodes, unsigned k,
                            unsigned count_bits, struct lm_bench *b, struct wn_err *err);

/* Finds where the items of NODES, of an order from 3 on, go; the next calls go by that.  BELOW,
 * when not NULL: the nodes of one order less, for which this was called last. */
enum wn_status lm_mail_address(const struct lm_route *route, const struct lm_part *part, const struct lm_nodes *nodes,
                               const struct lm_nodes *below, struct lm_bench *b, struct wn_err *err);
/* Adds to COUNT[to] what the part has for part TO. */
void lm_mail_count(uint32_t *count, const struct lm_nodes *nodes, const struct lm_bench *b);
/* Sends the items of part FROM. */
enum wn_status lm_mail_send(struct lm_mail *it, uint32_t from, const struct lm_part *part,
                            const struct lm_nodes *nodes, struct lm_bench *b, struct wn_err *err);
/* Rewrites part FROM's items to part TO, for a new seed. */
enum wn_status lm_mail_resend(struct lm_mail *it, uint32_t from, uint32_t to, const struct lm_part *part,
                              const struct lm_nodes *nodes, struct wn_err *err);
/* Adds up what came for part TO, whose CONTEXTS these are; sets weight, rewrites the
 * items.  DROPS: some may be dropped.  *AGAIN: nothing was done, because two contexts look the
 * same with the part's seed. */
enum wn_status lm_mail_join(struct lm_mail *it, uint32_t to, const struct lm_part *part,
                             const struct lm_nodes *contexts, const struct lm_discounts *d, bool drops,
                             bool *again, struct lm_bench *b, struct wn_err *err);
/* What became of part FROM's items: p[i] for its nodes.  BELOW: those of one order less, whose
 * probabilities are P_BELOW. */
enum wn_status lm_mail_probabilities(const struct lm_mail *it, uint32_t from, const struct lm_nodes *below,
                                    const float *p_below, float *p, struct lm_bench *b, struct wn_err *err);

#endif
