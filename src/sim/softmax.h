/*
 * softmax.h - a bigram whose rows are softmax(logits), fitted by stochastic gradient descent.
 *
 * The family is that of the counts (a free logit for every pair, one-hot contexts), so that
 * the likelihood's maximum is the count ratios themselves: whatever the fit misses is
 * functional approximation error, made by stopping early, and nothing else.
 */
#ifndef SIM_SOFTMAX_H
#define SIM_SOFTMAX_H

#include <stdatomic.h>

#include "sim/bigram.h"

/* Zeroed it is empty and safe to release. */
struct sim_softmax {
    uint32_t n_types;
    double *logit;       /* n_types x n_types: row c holds what follows c        */
    double *top, *sum;   /* of each row: the largest logit, sum of exp(logit - top) */
    double *e;           /* scratch: exp(logit - top) of one row                   */
};

/* All logits 0: every row is uniform. */
enum wn_status sim_softmax_init(struct sim_softmax *m, uint32_t n_types, struct wn_err *err);
void sim_softmax_release(struct sim_softmax *m);
/* Takes these logits, n_types x n_types. */
void sim_softmax_set(struct sim_softmax *m, const double *logit);

double sim_softmax_p(const struct sim_softmax *m, uint32_t before, uint32_t token);
void sim_softmax_row(const struct sim_softmax *m, uint32_t before, double *p);
/* Entropy of a row, nats. */
double sim_softmax_entropy(const struct sim_softmax *m, uint32_t before);

struct sim_softmax_training {
    double rate;            /* of the first step; falls to 0 linearly in the steps     */
    unsigned epochs, batch; /* passes over the items; items a step                     */
    struct wn_rng *rng;     /* the order of the items                                  */
    const struct sim_bigrams *counts;   /* of the whole text                           */
    const atomic_int *stop;             /* read between steps; may be NULL             */
};
/* Fits M from zero.  A step descends the sum over the batch's tokens of -log p / e, where e
 * is how often a batch has the token's context on average, at least 1: so that one rate suits
 * frequent contexts, which would swing, and rare ones, which would never move.  Weights that
 * depend on the context alone leave the minimum where it is, at the count ratios.  BATCH is
 * overwritten. */
enum wn_status sim_softmax_train(struct sim_softmax *m, const struct sim_softmax_training *how,
                                 const struct sim_blocks *text, struct sim_bigrams *batch, struct wn_err *err);

#endif
