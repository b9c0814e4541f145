/*
 * plotted.h - the lines of one plot, from a trace.
 */
#ifndef REPORT_PLOTTED_H
#define REPORT_PLOTTED_H

#include "report/metric_table.h"
#include "report/svgplot.h"
#include "report/trace_read.h"

/* More generations than this are thinned evenly, the first and the last kept. */
enum { PLOTTED_MAX_X = 120 };

struct plotted {
    double *x; /* generations */
    size_t n_x;
    struct plot_line *line; /* the policies' first, then their theories' */
    size_t n_lines;         /* 0: the trace has nothing of this metric   */
    uint64_t fewest_runs, most_runs;
    bool has_theory, is_zero, is_thinned;
};

/* Everything lives in A. */
enum wn_status plotted_make(struct plotted *d, const struct trace *t, const struct metric_plot *m, struct wn_arena *a,
                            struct wn_err *err);
/* Whether METRIC is the theory of another one: drawn with it, or not at all. */
bool plotted_as_theory(const struct trace *t, size_t metric);

#endif
