/*
 * blend.h - the law p_g = alpha model_g + beta p_(g-1) + gamma truth, p_0 = truth, as a
 * list of models and their shares (Shumailov et al. 2024, "generational data").
 */
#ifndef SIM_BLEND_H
#define SIM_BLEND_H

#include "sim/generator.h"

/* Zeroed it is p_0.  Shares below 2^-60 are folded into the truth's. */
struct sim_blend {
    double *share;             /* of each model put away; the truth's share is last */
    void **model;
    size_t n, cap;             /* models */
};

/* Makes BLEND the law of the next generation, with the state's model as the newest. */
enum wn_status sim_blend_step(struct sim_blend *b, const struct sim_generator *gen, void *state,
                              const struct wn_policy *p, struct wn_err *err);

/* How many of N items each model writes: COUNT[b->n] is the truth's. */
void sim_blend_counts(const struct sim_blend *b, struct wn_rng *rng, uint64_t n, uint64_t *count);
void sim_blend_release(struct sim_blend *b);

#endif
