/*
 * simtrace.h - the lines of a trace (docs/format/trace.md).
 */
#ifndef SIM_SIMTRACE_H
#define SIM_SIMTRACE_H

#include "sim/generator.h"

/* The first line: what was run, with every default resolved. */
void sim_trace_header(struct wn_buf *out, const struct sim_generator *gen, const struct wn_sim_opts *opts);

/* What the rows of one generation share. */
struct sim_row {
    const char *run, *policy;      /* run: "<policy>/<replicate>" */
    uint32_t replicate, generation;
};
enum wn_status sim_trace_rows(struct wn_buf *out, const struct sim_row *row, const struct sim_metrics *m,
                              struct wn_err *err);
/* The last row of a run that had to stop: KEPT items were left, REASON says why that
 * is too few. */
void sim_trace_ended(struct wn_buf *out, const struct sim_row *row, uint64_t kept, const char *reason);

#endif
