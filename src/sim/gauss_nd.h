/*
 * gauss_nd.h - the parts of the d-dimensional Gaussian engine.
 *
 * A model is N(mean, L L') with a lower triangular L >= 0 on its diagonal.  A fit to one
 * batch of the model's own points has the factor L A / sqrt(k - 1), A from Bartlett's
 * decomposition of a Wishart matrix: a product of lower triangles, made without forming
 * the covariance, so that variances of 1e-50 and directions that differ by 1e100 keep
 * their digits.  Only where batches are merged (or points are fitted) the scatter matrix
 * is formed and factored anew.
 */
#ifndef SIM_GAUSS_ND_H
#define SIM_GAUSS_ND_H

#include "sim/generator.h"

enum { SIM_GND_MAX_DIMS = 1000 };

struct sim_gnd_model {
    double *mean;       /* d                                                               */
    double *factor;     /* d x d, lower triangular, the upper part 0                       */
    double *log_diag;   /* d: logarithms of its diagonal, kept as sums of logarithms: they
                           go on where the diagonal itself is below the smallest double    */
    int rank;           /* of the covariance: at most the items of the fit - 1             */
    uint64_t n;         /* items of the last fit                                           */
};

/* One run. */
struct sim_gnd {
    struct sim_run run;
    int d;
    bool unbiased;
    double lambda;             /* what samples multiply the covariance by                  */
    struct sim_gnd_model model;
    double *square, *scratch;  /* d x d; sim_factor_scratch(d)                             */
    double *vector;            /* 2 d                                                      */
};

/* Dimensions with the default resolved. */
size_t sim_gnd_dims(const struct wn_sim_opts *opts);

/* Makes the model that fits N items of total weight WEIGHT with this MEAN and centred
 * SCATTER (lower triangle).  Covariance: scatter / weight, times n / (n - 1) when unbiased,
 * which is scatter / (n - 1) for weights of 1. */
enum wn_status sim_gnd_fit_scatter(struct sim_gnd *g, const double *mean, const double *scatter, double weight,
                                   uint64_t n, struct wn_err *err);

/* What the covariance of N items of total weight WEIGHT is the scatter divided by. */
double sim_gnd_divisor(const struct sim_gnd *g, double weight, uint64_t n);

enum wn_status sim_gnd_compare(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err);
enum wn_status sim_gnd_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err);

extern const struct sim_exact sim_gnd_exact;

#endif
