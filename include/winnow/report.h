/*
 * report.h - traces and summaries into one self-contained HTML page.
 */
#ifndef WINNOW_REPORT_H
#define WINNOW_REPORT_H

#include <winnow/json.h>

struct wn_report;
enum wn_status wn_report_new(struct wn_report **out, const char *title, struct wn_err *err);
/* TEXT is a trace (JSON Lines; docs/format/trace.md).  WN_BADDATA names NAME and line. */
enum wn_status wn_report_add_trace(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err);
/* TEXT is a summary or manifest of tag, train, eval or mix; its "kind" says which. */
enum wn_status wn_report_add_summary(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err);
/* The one-line conclusion drawn from the traces: which policy kept what; "" without
 * traces.  Lives as long as the report. */
const char *wn_report_conclusion(struct wn_report *r);
/* The page: no network, no external files, readable without scripts, light and dark. */
enum wn_status wn_report_html(struct wn_report *r, struct wn_buf *out, struct wn_err *err);
/* Every figure behind the plots: run statistics as CSV (engine, policy, metric,
 * generation, n, mean, sd, low, high, median). */
enum wn_status wn_report_csv(struct wn_report *r, struct wn_buf *out, struct wn_err *err);
void wn_report_free(struct wn_report *r);

#endif
