/*
 * exact.h - a run in which only sufficient statistics are drawn: a generation costs the
 * same for any number of items.
 */
#ifndef SIM_EXACT_H
#define SIM_EXACT_H

#include "sim/loop.h"

/* WN_BADCONF says why POLICY cannot be played so. */
enum wn_status sim_exact_check(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *err);

/* Why a share or a size of the policy meets something else that decides how many items
 * there are, so that the plan settles it item by item; NULL: nothing does. */
const char *sim_counts_are_mixed(const struct wn_sim_opts *o, const struct wn_policy *p);

enum wn_status sim_exact_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                             const struct sim_watch *watch, struct wn_err *err);

#endif
