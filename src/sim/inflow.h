/*
 * inflow.h - how many new items of each kind a generation brings.
 */
#ifndef SIM_INFLOW_H
#define SIM_INFLOW_H

#include <winnow/rng.h>
#include <winnow/sim.h>

struct sim_inflow {
    uint64_t synthetic;
    uint64_t scraped;      /* human, but not declared so                                    */
    uint64_t fresh;        /* declared new real data                                        */
    uint64_t again;        /* real items of generation 0, drawn anew from it                */
};

/* What follows fit GENERATION in REPLICATE, before any filter.  Under a policy with topup
 * it is one intake's worth; points.c asks for more until enough are kept. */
struct sim_inflow sim_inflow(const struct wn_sim_opts *opts, const struct wn_policy *p, uint32_t replicate,
                             uint32_t generation);

/* No generation is larger; a growing one that would be is refused by sim_check. */
#define SIM_MOST_ITEMS ((uint64_t)1 << 40)

/* Items of a whole generation: n, or what a growing regime makes of generation 0's; at most
 * SIM_MOST_ITEMS. */
uint64_t sim_generation_items(const struct wn_sim_opts *opts, const struct wn_policy *p, uint32_t generation);
/* The policy's real share of N items, to the nearest item; 0 under a regime without one. */
uint64_t sim_real_items(const struct wn_policy *p, uint64_t n);
/* Human items that a whole run may draw from the truth: an upper bound, what a corpus must
 * hold. */
uint64_t sim_human_items(const struct wn_sim_opts *opts, const struct wn_policy *p);

#endif
