/*
 * loop.h - one run: one policy, one replicate, all generations.
 */
#ifndef SIM_LOOP_H
#define SIM_LOOP_H

#include "sim/generator.h"

/* What all runs share. */
struct sim_setup {
    const struct wn_sim_opts *opts;         /* defaults resolved */
    const struct sim_generator *gen;
    const void *world;
};

/* WN_BADCONF when POLICY asks for verdicts that nothing can give. */
enum wn_status sim_loop_check(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *err);

/* Runs POLICY for REPLICATE and appends its rows to OUT. */
enum wn_status sim_loop_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                            struct wn_buf *out, struct wn_err *err);

#endif
