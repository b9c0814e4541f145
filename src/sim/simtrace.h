/*
 * simtrace.h - the lines of a trace (docs/format/trace.md).
 */
#ifndef SIM_SIMTRACE_H
#define SIM_SIMTRACE_H

#include "sim/collect.h"
#include "sim/forecast.h"
#include "sim/loop.h"

/* The first line: what was run, with every default resolved. */
void sim_trace_header(struct wn_buf *out, const struct sim_setup *s);

/* What theory says of a policy: one line, then one a generation and metric. */
void sim_trace_prediction(struct wn_buf *out, const struct wn_policy *policy, const struct sim_outlook *o);
void sim_trace_theory(struct wn_buf *out, const struct sim_row *row, const struct sim_metrics *m);

/* Rows of one generation of one replicate. */
enum wn_status sim_trace_rows(struct wn_buf *out, const struct sim_row *row, const struct sim_metrics *m,
                              struct wn_err *err);
/* The last row of a run that had to stop: KEPT items were left, REASON says why that
 * is too few. */
void sim_trace_ended(struct wn_buf *out, const struct sim_row *row, uint64_t kept, const char *reason);
/* One metric of one generation over all replicates. */
void sim_trace_summary(struct wn_buf *out, const struct sim_row *row, const char *metric, const struct sim_summary *s,
                       uint64_t runs);

/* How many of a policy's runs ended before their last generation. */
void sim_trace_summary_ended(struct wn_buf *out, const struct wn_policy *policy, uint64_t ended, uint64_t runs);

#endif
