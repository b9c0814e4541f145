/*
 * cmd_sweep_grid.h - the axes and metrics of a sweep, from its options.
 */
#ifndef WINNOW_CLI_CMD_SWEEP_GRID_H
#define WINNOW_CLI_CMD_SWEEP_GRID_H

#include <winnow/sweep.h>

#include "cli.h"
#include "grid.h"

/* Lists as they were given; NULL: not given. */
struct sweep_grid_args {
    const char *tpr, *fpr, *scraped, *real, *sizes, *lambdas, *temperatures, *metric;
    struct cli_list vary;          /* NAME=LIST */
};

/* Zero-initialised it is empty. */
struct sweep_grid {
    struct wn_sweep_axis axis[WN_SWEEP_MAX_AXES];
    struct grid_values values[WN_SWEEP_MAX_AXES];
    char *name[WN_SWEEP_MAX_AXES];
    size_t n_axes;
    char *metrics;                 /* cut at its commas */
    const char *metric[WN_SWEEP_MAX_METRICS];
    size_t n_metrics;
};

/* Axes come in the order of wn_sweep_axis_name(), whatever that of the options.  G is to be
 * released after a failure too. */
enum wn_status sweep_grid_read(struct sweep_grid *g, const struct sweep_grid_args *a, struct wn_err *err);
void sweep_grid_release(struct sweep_grid *g);

#endif
