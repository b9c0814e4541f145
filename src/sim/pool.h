/*
 * pool.h - the items of one run, and what a policy makes of them.
 */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include <winnow/mix.h>

#include "sim/generator.h"

/* Values, what the plan may know of them, and where they are from in truth, side by
 * side.  Set item_size; zeroed otherwise it is empty. */
struct sim_pool {
    size_t item_size;              /* bytes of a value */
    unsigned char *value;
    struct wn_mix_item *item;
    bool *is_real;
    uint64_t *print;               /* fingerprints, where the policy removes copies */
    size_t n, cap;
};

/* Makes room for N more; the values at [pool->n, pool->n + N) may then be written. */
enum wn_status sim_pool_reserve(struct sim_pool *p, size_t n, struct wn_err *err);
void sim_pool_release(struct sim_pool *p);
void *sim_pool_value(const struct sim_pool *p, size_t i);

/* Drops what no later plan of POLICY can take once generation NEWEST comes. */
void sim_pool_forget(struct sim_pool *p, const struct wn_policy *policy, uint32_t newest);

/* Plans with the very code of `winnow mix`.  The draws of a plan are keyed by the
 * policy's seed, the simulation's seed and the replicate; a subsample of everything
 * so far is drawn anew in each generation, all other choices about an item last. */
enum wn_status sim_pool_plan(struct sim_pool *p, const struct sim_run *run, uint32_t generation, uint64_t first_items,
                             struct wn_mix_summary *sum, struct wn_err *err);

/* What was kept, as the data of the next fit: arrays that grow and are reused. */
struct sim_kept {
    unsigned char *value;
    bool *is_real;
    double *weight;
    size_t n, n_real, cap;
    bool weighted;
};
enum wn_status sim_pool_take(const struct sim_pool *p, const struct wn_policy *policy, struct sim_kept *out,
                             struct wn_err *err);
struct sim_data sim_kept_data(const struct sim_kept *k);
void sim_kept_release(struct sim_kept *k);

#endif
