/*
 * discrete.h - laws on states, fitted by counting: the parts of the engine "discrete".
 *
 * Resampling counts is genetic drift (Wright and Fisher): a state that no item shows is
 * lost, and all work but that on the truth is done on the states that are left.
 */
#ifndef SIM_DISCRETE_H
#define SIM_DISCRETE_H

#include "sim/draws.h"
#include "sim/generator.h"

/* States in rising order, each with a number: a count, a weight or a probability.
 * Zero-initialised it is empty. */
struct discrete_tally {
    uint32_t *state;
    double *x;
    size_t n, cap;
};

/* ---- discrete_tally.c ------------------------------------------------------------------ */

/* Room for N entries; the entries may be lost.  WN_NOMEM. */
enum wn_status discrete_tally_reserve(struct discrete_tally *t, size_t n, struct wn_err *err);
void discrete_tally_swap(struct discrete_tally *a, struct discrete_tally *b);
void discrete_tally_release(struct discrete_tally *t);
/* OUT becomes A + FACTOR * B; it is neither of them. */
enum wn_status discrete_tally_add(struct discrete_tally *out, const struct discrete_tally *a,
                                  const struct discrete_tally *b, double factor, struct wn_err *err);
/* OUT becomes the weights (NULL: 1 each) of N items, summed by state in the items' order. */
enum wn_status discrete_tally_items(struct discrete_tally *out, const uint32_t *item, const double *weight, size_t n,
                                    struct wn_err *err);
double discrete_tally_sum(const struct discrete_tally *t);
/* The number of STATE; 0 when it is not there. */
double discrete_tally_find(const struct discrete_tally *t, uint32_t state);

/* ---- the engine -------------------------------------------------------------------------- */

enum discrete_truth {
    DISCRETE_ZIPF,
    DISCRETE_LAW,       /* given by the caller                                         */
    DISCRETE_DISTINCT   /* no two draws are equal: a continuous law, or states without end */
};

struct discrete_world {
    enum discrete_truth truth;
    size_t n_states;         /* DISTINCT: 0, and nothing of what follows    */
    double *p, *log_p;       /* of the truth                                */
    size_t support;          /* states of positive probability              */
    double sum_squares;
    struct sim_alias *alias; /* draws of the truth                          */
};

struct discrete_store;       /* the entries of one batch: discrete_exact.c */

struct discrete {
    struct sim_run run;
    const struct discrete_world *world;
    struct discrete_tally law;    /* the model                                        */
    struct discrete_tally first;  /* theta_1                                          */
    uint64_t n_fitted;            /* items of the last fit                            */
    uint32_t absorbed_at;         /* first generation with one state; 0: none yet     */
    uint32_t absorbed_in;         /* that state                                       */
    uint32_t next_new;            /* DISTINCT: the next state that nobody has         */

    double *emitted;              /* T(model), one for each entry of law; room for cap */
    size_t emitted_cap;
    bool is_emitted;              /* emitted belongs to law                           */
    struct sim_alias *alias;      /* draws of it; NULL: not made yet                  */
    struct wn_arena scratch;      /* empty between calls                              */

    struct discrete_tally spare;  /* exact mode                                       */
    struct discrete_store **stores;
};

/* Replaces the model by the frequencies in COUNTS of N items in all. */
enum wn_status discrete_set_model(struct discrete *d, uint32_t generation, const struct discrete_tally *counts,
                                  uint64_t n, struct wn_err *err);
/* *OUT: probabilities of what the model emits, one for each entry of the law. */
enum wn_status discrete_emission(struct discrete *d, const double **out, struct wn_err *err);
/* *OUT: draws of it, as indices into the law. */
enum wn_status discrete_emission_alias(struct discrete *d, const struct sim_alias **out, struct wn_err *err);
/* Takes N states that nobody has: *FIRST and the next ones.  WN_LIMIT after 2^32. */
enum wn_status discrete_take_new(struct discrete *d, uint64_t n, uint32_t *first, struct wn_err *err);

/* discrete_exact.c */
extern const struct sim_exact discrete_exact;
/* The registry of batches; discrete_stores_free() takes NULL. */
struct discrete_store **discrete_stores_new(void);
void discrete_stores_free(struct discrete_store **stores);

/* discrete_metrics.c */
enum wn_status discrete_compare(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err);

#endif
