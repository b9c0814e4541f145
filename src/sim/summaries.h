/*
 * summaries.h - statistics over the replicates of a policy, as lines of a trace.
 */
#ifndef SIM_SUMMARIES_H
#define SIM_SUMMARIES_H

#include "sim/forecast_conclude.h"

/* Runs all replicates of POLICY and appends one line for each metric of each recorded
 * generation, and one for the runs that ended early; tells C of each run.  Holds 8 bytes a
 * replicate and line. */
enum wn_status sim_summaries(const struct sim_setup *s, const struct wn_policy *policy, struct sim_concluding *c,
                             struct wn_buf *out, struct wn_err *err);

#endif
