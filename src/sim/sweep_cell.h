/*
 * sweep_cell.h - one cell of a sweep: its settings, its theory, its row.
 */
#ifndef SIM_SWEEP_CELL_H
#define SIM_SWEEP_CELL_H

#include <winnow/sweep.h>

#include "sim/collect.h"

/* What all cells share. */
struct sim_sweep {
    struct wn_sweep_opts opts;         /* defaults resolved */
    struct wn_sweep_size size;
    uint32_t last;                     /* generation that is recorded when none is asked for */
};

/* ---- sweep_axes.c ---------------------------------------------------------------------------- */

/* Axes that are known, with values in range, that do not contradict each other.  WN_BADCONF. */
enum wn_status sim_sweep_check_axes(const struct wn_sweep_opts *opts, struct wn_err *err);

/* The value of axis A in cell INDEX of the grid. */
double sim_sweep_value(const struct wn_sweep_opts *opts, uint64_t index, size_t a);

/* OPTS and POLICY become those of cell INDEX: OPTS' only policy is POLICY, which must stay
 * where it is.  WN_BADCONF says why the combination has no meaning. */
enum wn_status sim_sweep_settle(const struct sim_sweep *s, uint64_t index, struct wn_sim_opts *opts,
                                struct wn_policy *policy, struct wn_err *err);

/* ---- sweep_plan.c ---------------------------------------------------------------------------- */

/* Checks OPTS and resolves its defaults; S must not move afterwards. */
enum wn_status sim_sweep_open(struct sim_sweep *s, const struct wn_sweep_opts *opts, struct wn_err *err);

/* ---- sweep_theory.c -------------------------------------------------------------------------- */

/* What theory says of a cell; NAN: not said.  Shares are of the truth's variance (gaussian) or
 * of its Simpson diversity (discrete), which follow the same recursion. */
struct sim_sweep_theory {
    double first, lasting;             /* share of the truth after fit 1, and at rest          */
    double drift_per_fit;              /* of its logarithm (forecast.h says of which), where
                                          it falls or rises geometrically                      */
    double half_life_fits;
    double rho_eff, real_per_fit;      /* real share of what is fitted; real points of a fit   */
    double critical_share;             /* real share at which half of the truth lasts          */
    double tpr_critical;               /* the rate at which it does, for this scrape and fpr   */
    bool is_told;                      /* false: no closed form is built in                    */
};
/* OPTS has one policy.  WN_NOMEM. */
enum wn_status sim_sweep_theory(const struct wn_sim_opts *opts, struct sim_sweep_theory *out, struct wn_err *err);

/* The value of METRIC that the truth has; NAN: not known here, or the metric has none. */
double sim_sweep_truth(const struct wn_sim_opts *opts, const char *metric);

/* ---- sweep_row.c ----------------------------------------------------------------------------- */

struct sim_sweep_cell {
    uint64_t index;
    struct wn_sim_opts opts;
    struct wn_policy policy;
    const char *refused;               /* why the cell was not run; NULL: it was               */
    bool is_exact;
    const double *value;               /* as sim_collect gives them                            */
    const uint32_t *ended;
};
/* Appends the cell's line; SCRATCH has room for one value a replicate. */
enum wn_status sim_sweep_row(const struct sim_sweep *s, const struct sim_sweep_cell *c, double *scratch,
                             struct wn_buf *out, struct wn_err *err);

#endif
