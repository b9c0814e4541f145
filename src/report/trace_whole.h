/*
 * trace_whole.h - whether a trace holds all that its header promises.
 *
 * A trace that was cut at the end of a line reads without an error.  What its header says of
 * policies, replicates and generations tells it from a whole one.
 */
#ifndef REPORT_TRACE_WHOLE_H
#define REPORT_TRACE_WHOLE_H

#include "report/trace_lines.h"

/* Remembers that the run of ROW has this row.  METRIC "ended" ends it. */
enum wn_status trace_note_run(struct trace_reading *r, const struct trace_row *row, const char *metric, struct wn_err *err);

/* Behind the last line: sets the trace's UNFINISHED.  Sorts the runs. */
enum wn_status trace_check_whole(struct trace_reading *r, struct wn_err *err);

#endif
