/*
 * linreg.h - the parts of the linear regression engine.
 *
 * Truth: y = x.w0 + noise, x ~ N(0, I_d), noise ~ N(0, sd^2), w0 = (1, ..., 1) / sqrt d.
 * While the items outnumber the dimensions, the law of the error w - w0 does not depend
 * on w0.  A model is its coefficients w: it labels new x, or the run's one design, with
 * x.w + noise of the same sd.
 */
#ifndef SIM_LINREG_H
#define SIM_LINREG_H

#include "sim/generator.h"

enum { SIM_LINREG_MAX_DIMS = 1000, SIM_LINREG_MAX_ROWS = 10000000 };   /* rows: of one design */

/* One run. */
struct sim_linreg {
    struct sim_run run;
    int d;
    double noise, model_noise;  /* sd of the truth's noise; of what models add: times the
                                   root of lambda                                         */
    bool same_design;           /* item i has row i mod opts->n of one design X           */
    double *truth, *w;          /* d: the truth's coefficients, the model's               */
    uint64_t n;                 /* items of the last fit                                  */
    double *square, *factor;    /* d x d                                                  */
    double *scratch;            /* sim_factor_scratch(d)                                  */
    double *vector;             /* 2 d                                                    */
    double *design_square;      /* d x d: X'X of the one design, once it is known         */
    bool design_known;
    uint64_t n_rows;            /* exact mode: items drawn since the last fit             */
};

size_t sim_linreg_dims(const struct wn_sim_opts *opts);

/* Row I of the run's one design into X. */
void sim_linreg_design_row(const struct sim_linreg *s, uint64_t i, double *x);

/* Makes w the least squares solution of SQUARE w = RIGHT, SQUARE = X'X (lower triangle),
 * RIGHT = X'y, of N items.  Where X'X is singular (fewer items than dimensions): the
 * solution of least length. */
enum wn_status sim_linreg_solve(struct sim_linreg *s, const double *square, const double *right, uint64_t n,
                                struct wn_err *err);

extern const struct sim_exact sim_linreg_exact;

#endif
