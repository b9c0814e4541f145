/*
 * sieve.h - the parts of a policy that look at values and not at labels: what they take
 * out is barred before the plan is made.
 */
#ifndef SIM_SIEVE_H
#define SIM_SIEVE_H

#include "sim/pool.h"

/* Bars items of generation GENERATION, those from index NEWEST on, by VERIFY, VALUE,
 * TOP_FRACTION or SURPRISE; nothing under other filters.  An item keeps what is decided
 * here for as long as it stays in the pool. */
enum wn_status sim_sieve_values(const struct sim_generator *gen, void *state, const struct sim_run *run,
                                uint32_t generation, struct sim_pool *pool, size_t newest, struct wn_err *err);

/* Fills the fingerprints of the items from index NEWEST on, where the policy removes
 * copies: sim_pool_plan bars by them. */
enum wn_status sim_sieve_prints(const struct sim_generator *gen, void *state, const struct sim_run *run,
                                struct sim_pool *pool, size_t newest, struct wn_err *err);

#endif
