/*
 * lawcut.h - what a model with a discrete law emits under a sampler: T(p).
 *
 * The parts are applied in the order temperature, top_k, top_p, min_p, typical, each to
 * the renormalised law that the one before left.  A part that is off (sim.h) does nothing;
 * lambda, truncate and the options of text are not looked at.
 */
#ifndef SIM_LAWCUT_H
#define SIM_LAWCUT_H

#include <winnow/arena.h>
#include <winnow/sim.h>

/* True when some part is on: temperature neither 0 nor 1, top_k above 0, top_p and typical
 * inside (0, 1), min_p above 0. */
bool sim_law_is_cut(const struct wn_sim_sampling *s);

/* Replaces P, a law on K >= 1 states, by T(P); it sums to 1 before and after, and states
 * that are cut get 0.
 *
 * temperature: p^(1/temperature), in logarithms: a temperature near 0 leaves the likeliest
 * states (all of them, when equal), and nothing overflows.  top_k: the k likeliest.  top_p:
 * the shortest prefix of the falling order with at least this mass.  min_p: what has at
 * least this share of the likeliest state's probability.  typical: the shortest prefix with
 * at least this mass when the states stand by |-log p - H|, smallest first, H the entropy
 * (Meister et al. 2023, "Locally typical sampling").  Ties go by the state's index; a mass
 * that meets its border up to rounding (1e-12) meets it.  One state always stays.
 *
 * SCRATCH gives up to 16 bytes a state, which are its owner's to take back.  WN_NOMEM;
 * WN_LIMIT: 2^32 states or more. */
enum wn_status sim_law_cut(const struct wn_sim_sampling *s, double *p, size_t k, struct wn_arena *scratch,
                           struct wn_err *err);

#endif
