/*
 * mixture.h - Gaussian mixtures in the plane: density, draws, and expectation
 * maximisation with full covariances (Dempster, Laird and Rubin 1977).
 */
#ifndef SIM_MIXTURE_H
#define SIM_MIXTURE_H

#include <winnow/rng.h>

#include "sim/generator.h"

enum { SIM_MAX_COMPONENTS = 16 };

/* Smallest eigenvalue a fitted covariance may have, in squared units of the data.  It
 * keeps the likelihood finite when a component sits on one point; the truth's are
 * above 0.3. */
#define SIM_COVARIANCE_FLOOR 1e-6

struct sim_component {
    double weight;
    double mean[2];
    double cov[4];
    double chol[4];        /* of cov                                   */
    double log_scale;      /* log weight - log(2 pi) - log det(cov)/2  */
};

struct sim_mixture {
    size_t k;
    struct sim_component part[SIM_MAX_COMPONENTS];
};

/* Floors the covariances and fills chol and log_scale from weight, mean and cov. */
enum wn_status sim_mixture_prepare(struct sim_mixture *m, struct wn_err *err);

/* log density at X; POSTERIOR, when not NULL, gets the k membership probabilities. */
double sim_mixture_log_density(const struct sim_mixture *m, const double x[2], double *posterior);
void sim_mixture_draw(const struct sim_mixture *m, struct wn_rng *rng, double x[2]);
/* Trace of the covariance of the whole mixture. */
double sim_mixture_total_variance(const struct sim_mixture *m);

/* A start: k-means++ centres (Arthur and Vassilvitskii 2007), at most 20 of Lloyd's
 * rounds, then each cluster's share, mean and covariance.  n >= k >= 1. */
enum wn_status sim_em_start(struct sim_mixture *m, size_t k, const union sim_value *data, size_t n,
                            struct wn_rng *rng, struct wn_arena *scratch, struct wn_err *err);
/* One round; *MEAN_LOG_LIKELIHOOD is that of the model before the round.  Without an
 * active floor it never falls from round to round. */
enum wn_status sim_em_round(struct sim_mixture *m, const union sim_value *data, size_t n,
                            double *mean_log_likelihood, struct wn_err *err);

#endif
