/*
 * pool.h - the items of one run, and what a policy makes of them.
 */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include "sim/generator.h"

/* Values, what the plan may know of them, and where they are from in truth, side by
 * side.  Zeroed it is empty. */
struct sim_pool {
    union sim_value *value;
    struct wn_mix_item *item;
    bool *is_real;
    size_t n, cap;
};

/* Makes room for N more; the values at [pool->n, pool->n + N) may then be written. */
enum wn_status sim_pool_reserve(struct sim_pool *p, size_t n, struct wn_err *err);
void sim_pool_release(struct sim_pool *p);

/* True where the regime keeps what older generations brought. */
bool sim_regime_accumulates(enum wn_regime r);

/* Plans with the very code of `winnow mix`.  The draws of a plan are keyed by the
 * policy's seed, the simulation's seed and the replicate; a subsample of everything
 * so far is drawn anew in each generation, all other choices about an item last. */
enum wn_status sim_pool_plan(struct sim_pool *p, const struct wn_policy *policy, const struct sim_run *run,
                             uint32_t generation, struct wn_mix_summary *sum, struct wn_err *err);

/* Copies the values that were kept to OUT (room for p->n); returns how many. */
size_t sim_pool_take(const struct sim_pool *p, union sim_value *out);

#endif
