/*
 * loop.h - one run: one policy, one replicate, all generations.
 *
 * Two ways to play it: points.c draws every item and sends it through the policy's
 * plan, exact.c keeps sufficient statistics.  Both tell a watcher what they see.
 */
#ifndef SIM_LOOP_H
#define SIM_LOOP_H

#include "sim/generator.h"

/* What all runs share. */
struct sim_setup {
    struct wn_sim_opts opts;                /* defaults resolved */
    const struct sim_generator *gen;
    void *world;
};

/* Resolves defaults, finds the engine, checks that engine, policies and options fit
 * together, and opens the world.  OPTS' views must outlive the setup, which must not move. */
enum wn_status sim_setup_open(struct sim_setup *s, const struct wn_sim_opts *opts, struct wn_err *err);
void sim_setup_close(struct sim_setup *s);

/* Which generation of which run. */
struct sim_row {
    const struct wn_policy *policy;
    uint32_t replicate, generation;
};

/* Is told of every generation that is recorded, and of the end of a run that cannot go on. */
struct sim_watch {
    void *arg;
    enum wn_status (*metrics)(void *arg, const struct sim_row *row, const struct sim_metrics *m, struct wn_err *err);
    enum wn_status (*ended)(void *arg, const struct sim_row *row, uint64_t kept, const char *reason, struct wn_err *err);
};

/* Runs POLICY, one of the setup's, for REPLICATE. */
enum wn_status sim_loop_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                            const struct sim_watch *watch, struct wn_err *err);

/* True when POLICY is played by sufficient statistics; else WHY, when not NULL, gets the
 * reason. */
bool sim_is_exact(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *why);

/* How many replicates a thread takes at once: one by points, more where a run is over
 * sooner than a thread wakes up, but enough tasks for all of opts.jobs. */
uint32_t sim_runs_a_task(const struct sim_setup *s, const struct wn_policy *policy);

/* The generations that get rows. */
bool sim_is_recorded(const struct wn_sim_opts *opts, uint32_t generation);

/* Real items of generation 0 under POLICY. */
uint64_t sim_first_items(const struct wn_sim_opts *opts, const struct wn_policy *policy);

#endif
