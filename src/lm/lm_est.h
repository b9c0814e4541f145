/*
 * lm_est.h - the state of an estimate, and its phases (docs/design/lm.md).
 *
 *   scan          every part once: counts of counts, numbers of n-grams and of items
 *   words         order 1 is estimated and streamed
 *   join k        k >= 3, by the contexts' parts: back-off weights of order k - 1, which is
 *                 then streamed; items of order k become shares
 *   estimate k    k >= 2, by the n-grams' parts: probabilities of order k; then items of
 *                 order k + 1 are sent, or, at the top, order k is streamed
 */
#ifndef LM_EST_H
#define LM_EST_H

#include <pthread.h>

#include <winnow/flow.h>

#include "lm/lm_blocks.h"
#include "lm/lm_join.h"

/* One worker's scratch. */
struct lm_desk {
    struct lm_desk *next;          /* in the list of free ones   */
    struct lm_run_buf buf;
    struct lm_part part;
    uint8_t *cut;
    struct lm_nodes below, here, above;
    struct lm_bench bench;
    struct lm_lane lane;
    float *p, *p_below;
    size_t cap;                    /* of cut and p, p_below      */
};

/* The last N-gram of all in suffix order. */
struct lm_last {
    uint32_t part;
    uint32_t word;
    unsigned n_words;
    uint64_t count[WN_LM_MAX_ORDER + 1], raw[WN_LM_MAX_ORDER + 1];   /* [k]: of its last k words */
};

struct lm_est {
    /* set before lm_est_open */
    const struct vocab *vocab;
    const struct wn_tokens *limit_vocab;
    struct lm_rules rules;
    struct lm_room room;
    const struct lm_runs *runs;
    uint64_t held_bytes;                      /* by the counts and the runs              */

    unsigned order, count_bits;
    const struct lm_packing *packing;
    struct lm_fields fields;
    struct lm_route route;
    bool drops;                               /* some n-grams may be dropped             */
    bool on_disk;                             /* items and probabilities                 */
    struct lm_unigrams words;
    struct lm_tally tally[WN_LM_MAX_ORDER + 1];
    struct lm_discounts d[WN_LM_MAX_ORDER + 1];
    unsigned fell_back;
    struct lm_last last;
    uint64_t *first[WN_LM_MAX_ORDER + 1];     /* [k][part]: n-grams before; k >= 2       */
    uint64_t *rank[WN_LM_MAX_ORDER + 1];      /* [k][part]: kept ones before             */
    uint32_t *n_items[WN_LM_MAX_ORDER + 1];   /* [k]: see lm_mail_open; k >= 3          */
    uint32_t *seed[WN_LM_MAX_ORDER + 1];      /* [k]: for contexts of order k            */
    uint8_t **cut;                            /* by part, kept; NULL: not                */
    struct lm_mail items, next_items;        /* of the order at hand and the one above  */
    struct lm_store p, next_p;                /* of the order below and the one at hand  */
    size_t block;
    struct lm_turn turn;
    unsigned k;                               /* of the phase                            */

    pthread_mutex_t lock;
    bool locked;
    struct lm_desk *desk, *free_desk;
    unsigned n_desks, all_desks;              /* in use; made                            */
};

/* The least that consumers need. */
#define LM_EST_CONSUMERS_LEAST (UINT64_C(2) << 20)

/* What a desk takes at its largest part, at most. */
uint64_t lm_est_desk_bytes(const struct lm_est *e);
/* After lm_est_open: WN_LIMIT when the memory is not enough for one desk. */
enum wn_status lm_est_afford(const struct lm_est *e, struct wn_err *err);
/* After the scan: decides what goes to disk, and what CONSUMERS may hold. */
/* LEAST: what these cannot do without, which is worth fewer desks. */
void lm_est_plan(struct lm_est *e, uint64_t least, struct lm_room *consumers);

enum wn_status lm_est_open(struct lm_est *e, struct wn_err *err);
void lm_est_release(struct lm_est *e);

enum wn_status lm_est_scan(struct lm_est *e, struct wn_err *err);
/* Order 1 without streaming it; discounts of all orders. */
enum wn_status lm_est_words(struct lm_est *e, struct wn_err *err);
/* All streaming, in order, but the consumers' begin and end. */
enum wn_status lm_est_stream(struct lm_est *e, const struct lm_consumer *const *consumers, size_t n,
                             struct wn_err *err);

/* For the phases: a free desk, until lm_est_done. */
struct lm_desk *lm_est_desk(struct lm_est *e);
/* A free desk, whatever the status, with part I loaded. */
enum wn_status lm_est_load(struct lm_est *e, uint32_t i, struct lm_desk **desk, struct wn_err *err);
void lm_est_done(struct lm_est *e, struct lm_desk *desk);
/* Sends all items to part TO again, for its new seed. */
enum wn_status lm_est_resend(struct lm_est *e, uint32_t to, struct wn_err *err);
/* BODY for all parts, or for N pieces. */
enum wn_status lm_est_each(struct lm_est *e, size_t n, wn_each_fn *body, struct wn_err *err);
/* WN_CANCELLED when it is time to stop. */
enum wn_status lm_est_poll(const struct lm_est *e, struct wn_err *err);

#endif
