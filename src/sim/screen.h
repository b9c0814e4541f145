/*
 * screen.h - what a label-only policy keeps of a generation, in numbers.
 *
 * A filter that looks at labels alone keeps each item of one kind with one probability,
 * so the numbers that are kept are binomial and no item need be drawn.
 */
#ifndef SIM_SCREEN_H
#define SIM_SCREEN_H

#include "sim/inflow.h"

/* Probabilities to be kept. */
struct sim_screen {
    double synthetic, scraped, fresh;
};
struct sim_screen sim_screen_of(const struct wn_policy *p);

/* Why P decides by more than labels, so that numbers are not enough; NULL: it does not. */
const char *sim_looks_beyond_labels(const struct wn_policy *p);

struct sim_screened {
    uint64_t synthetic, real;      /* kept                                                 */
    uint64_t again;                /* of generation 0, to be drawn anew; kept              */
    uint64_t pool;                 /* screened: kept and dropped                           */
    uint64_t dropped_filter, dropped_quota, dropped_budget;
    bool starved;                  /* topup, and nothing passes                            */
};
/* The draws of one generation: the filter, then shares and budget. */
struct sim_screened sim_screen_draw(const struct wn_sim_opts *opts, const struct wn_policy *p, struct wn_rng *rng,
                                    const struct sim_inflow *in);

/* Documents that the policy's budget allows; UINT64_MAX: no budget. */
uint64_t sim_screen_budget(const struct wn_sim_opts *opts, const struct wn_policy *p);

#endif
