/*
 * sweep.h - a grid of simulations: one row of statistics for each cell, for phase diagrams.
 *
 * A cell is one policy and one value of each axis.  Replicate r has the same random numbers
 * in every cell (they are keyed by seed, replicate, generation and index), so neighbours are
 * compared on common draws, and a cell's statistics do not depend on the grid around it.
 * Rows come in grid order, policies slowest, then the axes as they are given, the last one
 * fastest; they have the same bytes for any number of threads.  docs/format/sweep.md.
 */
#ifndef WINNOW_SWEEP_H
#define WINNOW_SWEEP_H

#include <winnow/sim.h>

enum {
    WN_SWEEP_MAX_CELLS = 10000000,
    WN_SWEEP_MAX_AXES = 12,
    WN_SWEEP_MAX_METRICS = 32
};

/* Values that a setting takes.  NAME is one of wn_sweep_axis_name(); the values are finite,
 * within the setting's range and different from each other. */
struct wn_sweep_axis {
    const char *name;
    const double *value;
    size_t n;
};

/* Name of known axis I and what it sets; NULL past the end. */
const char *wn_sweep_axis_name(size_t i, const char **about);
/* Whether NAME takes whole numbers only. */
bool wn_sweep_axis_is_whole(const char *name);

struct wn_sweep_opts {
    struct wn_sim_opts sim;            /* what the axes do not set.  sim.policies is the axis of
                                          policies, sim.replicates the runs of a cell, sim.record
                                          the generations (NULL: the last one alone); progress
                                          counts runs.  summary_only is not looked at         */
    const struct wn_sweep_axis *axis;
    size_t n_axes;
    const char *const *metric;         /* names as in the trace; NULL: the engine's leading ones */
    size_t n_metrics;
    uint64_t first_cell, n_cells;      /* the part of the grid to run; n_cells 0: to its end   */
};

struct wn_sweep_size {
    uint64_t cells, runs;              /* of the whole grid, refused cells included            */
};

/* Everything that is looked at before the first run.  WN_BADCONF: an unknown axis, engine or
 * metric, a value out of range or given twice; WN_LIMIT: too many cells, runs or values of one
 * cell.  Combinations without a meaning are no error here: their rows say "refused". */
enum wn_status wn_sweep_check(const struct wn_sweep_opts *opts, struct wn_sweep_size *out, struct wn_err *err);

/* Appends the header line: all that can change a row. */
enum wn_status wn_sweep_header(const struct wn_sweep_opts *opts, struct wn_buf *out, struct wn_err *err);

/* Receives whole rows in grid order. */
typedef enum wn_status wn_sweep_fn(void *arg, struct wn_str row, struct wn_err *err);

struct wn_sweep_totals {
    uint64_t rows, refused;
    char first_refusal[256];           /* "" when none was refused */
};

/* Runs the cells from first_cell on, checked as above, on sim.jobs threads.  WN_CANCELLED
 * once *sim.stop is set: the rows that were written stand. */
enum wn_status wn_sweep(const struct wn_sweep_opts *opts, wn_sweep_fn *write, void *arg, struct wn_sweep_totals *totals,
                        struct wn_err *err);

#endif
