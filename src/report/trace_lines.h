/*
 * trace_lines.h - the lines of a trace that are no rows: theory, predictions, summaries.
 */
#ifndef REPORT_TRACE_LINES_H
#define REPORT_TRACE_LINES_H

#include "report/trace_read.h"

/* While a trace is read. */
struct trace_reading {
    struct trace *t;
    size_t cap_rows, cap_summaries, n_summaries;
    struct ending *ending;
    struct trace_run *run; /* trace_whole.c's; owned */
    size_t n_runs, cap_runs;
    uint64_t line;
    size_t last_metric, last_policy; /* rows come in runs: look here first */
};

/* Takes a line that has a "kind"; unknown kinds are skipped.  *V may be taken, and is NULL
 * then.  *WHAT says what is wrong with the line, where something is. */
enum wn_status trace_take_line(struct trace_reading *r, struct wn_jsonval **v, const char **what, struct wn_err *err);

/* The member "value" of V; false, with *WHAT, when it is none: a value is never null. */
bool trace_value(const struct wn_jsonval *v, double *out, const char **what);

/* trace_read.c: the index of a name, which is added when it is new; and one more row. */
enum wn_status trace_policy_index(struct trace_reading *r, const char *name, size_t *index, struct wn_err *err);
enum wn_status trace_metric_index(struct trace_reading *r, const char *name, size_t *index, struct wn_err *err);
enum wn_status trace_add_row(struct trace_reading *r, const struct trace_row *row, struct wn_err *err);
bool trace_small_uint(const struct wn_jsonval *v, uint32_t *out);

#endif
