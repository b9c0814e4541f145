/*
 * report.h - traces and summaries into one self-contained HTML page.
 */
#ifndef WINNOW_REPORT_H
#define WINNOW_REPORT_H

#include <winnow/json.h>

struct wn_report;
/* TITLE is copied, as is everything that is added.  One thread at a time. */
enum wn_status wn_report_new(struct wn_report **out, const char *title, struct wn_err *err);
/* TEXT is a trace (JSON Lines; docs/format/trace.md).  WN_BADDATA names NAME and line;
 * WN_LIMIT above 256 policies or metrics.  A failure leaves the report as it was.  Memory:
 * 24 bytes a row, 96 a figure. */
enum wn_status wn_report_add_trace(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err);
/* TEXT is a summary or manifest of tag, train, eval or mix; its "kind" says which, and
 * WN_BADDATA names NAME where it is none of these.  Members that are missing show as a
 * dash. */
enum wn_status wn_report_add_summary(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err);
/* The conclusion, one line a trace: which policy kept what, best first, with
 * 95 % intervals and which of them overlap; "" without figures.  Valid until the next
 * trace is added.  No control characters; otherwise the names are those of the input. */
const char *wn_report_conclusion(struct wn_report *r);
/* Appends the page: no network, no external files, readable without scripts, light and
 * dark.  The same inputs in the same order give the same bytes. */
enum wn_status wn_report_html(struct wn_report *r, struct wn_buf *out, struct wn_err *err);
/* Appends every figure behind the plots: run statistics as CSV (engine, policy, metric,
 * generation, n, mean, sd, low, high, median, q10, q90, trace).  low and high are the 95 %
 * t interval of the mean; q10 and q90 quantiles of the runs; empty: there is none. */
enum wn_status wn_report_csv(struct wn_report *r, struct wn_buf *out, struct wn_err *err);
void wn_report_free(struct wn_report *r);

#endif
