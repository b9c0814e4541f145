/*
 * inflow.h - how many new items of each kind a generation brings.
 */
#ifndef SIM_INFLOW_H
#define SIM_INFLOW_H

#include <winnow/sim.h>

/* They add up to the n of the options. */
struct sim_inflow {
    uint64_t synthetic;
    uint64_t scraped;      /* human, but not declared so  */
    uint64_t fresh;        /* declared new real data      */
};

struct sim_inflow sim_inflow(const struct wn_sim_opts *opts, const struct wn_policy *p);
/* The share of new real items that FRESH_REAL brings, as a count of N. */
uint64_t sim_fresh_items(const struct wn_policy *p, uint64_t n);

#endif
