/*
 * ending.h - when a run cannot go on, and how it says so.
 */
#ifndef SIM_ENDING_H
#define SIM_ENDING_H

#include "sim/loop.h"

/* What the plan left. */
struct sim_left {
    uint64_t kept, pool;
    bool starved;                  /* topup found next to nothing that the filter keeps */
    const char *short_supply;      /* the plan's complaint; NULL: none */
};

/* True when no further model can be fitted; then REASON (WN_ERR_TEXT bytes) says why. */
bool sim_is_over(const struct sim_setup *s, const struct sim_left *left, char *reason);

#endif
