/*
 * mixture_engine.h - what the two files of engine gmm share: its world and its run.
 */
#ifndef SIM_MIXTURE_ENGINE_H
#define SIM_MIXTURE_ENGINE_H

#include "sim/generator.h"
#include "sim/mixture.h"

struct sim_balls;                      /* measure.h */

struct sim_gmm_world {
    struct wn_arena arena;
    struct sim_mixture_plan plan;
    struct sim_mixture truth;
    struct sim_mixture whole;    /* one normal with the truth's mean and covariance */
};

struct sim_gmm_state {
    struct sim_run run;
    const struct sim_gmm_world *world;
    struct sim_mixture model, first;   /* first: the model of generation 1     */
    double lambda;
    unsigned rounds;                   /* of EM in the last fit                 */
    size_t n;                          /* points of the last fit                */
    double *evaluation;                /* of the truth; made when first needed  */
    struct sim_balls *real_balls;      /* of the first of them; likewise        */
    struct wn_arena scratch;           /* of one call                           */
};

/* mixture_metrics.c */
enum wn_status sim_gmm_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                               struct wn_err *err);

#endif
