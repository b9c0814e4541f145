/*
 * metric_table.h - what the metrics of a trace mean, and how each is drawn.
 */
#ifndef REPORT_METRIC_TABLE_H
#define REPORT_METRIC_TABLE_H

#include <stddef.h>

enum metric_better { BETTER_NEITHER, BETTER_LOWER, BETTER_HIGHER, BETTER_CLOSER };

/* Mean with its 95 % t interval, or, for skewed figures, the median with the 10 to
 * 90 % range of the runs: there a few runs carry the mean, and an interval of it says
 * nothing about what to expect of the next run. */
enum metric_centre { CENTRE_MEAN, CENTRE_MEDIAN };

enum metric_group { GROUP_MODEL, GROUP_TEXT, GROUP_POOL, GROUP_OTHER, GROUP_COUNT };

struct metric_plot {
    const char *metric;
    const char *title, *unit;
    enum metric_group group;
    enum metric_centre centre;
    enum metric_better better;
    double truth; /* what BETTER_CLOSER aims at; NAN: none */
    const char *words;
};

/* The known plots in the order of the page; a metric may have two. */
extern const struct metric_plot metric_plots[];
extern const size_t n_metric_plots;

/* The first plot of METRIC; NULL when it is not known. */
const struct metric_plot *metric_plot_find(const char *metric);
/* How a metric that nobody knows is drawn. */
struct metric_plot metric_plot_generic(const char *metric);
const char *metric_group_title(enum metric_group group);

#endif
