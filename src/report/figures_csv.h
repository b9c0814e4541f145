/*
 * figures_csv.h - the figures of a trace as CSV (RFC 4180, lines end in \n).
 */
#ifndef REPORT_FIGURES_CSV_H
#define REPORT_FIGURES_CSV_H

#include "report/trace_read.h"

void figures_csv_head(struct wn_buf *out);
/* By policy, metric and generation.  Numbers read back as they were; an empty field is
 * a figure that does not exist (an interval of one run). */
void figures_csv_rows(struct wn_buf *out, const struct trace *t);

#endif
