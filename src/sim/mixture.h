/*
 * mixture.h - Gaussian mixtures with full covariances in any dimension: density, draws,
 * and expectation maximisation (Dempster, Laird and Rubin 1977).
 *
 * Nothing here calls LAPACK or the C library's exp and log on the way to a fit: equal
 * data give equal models on every instruction set.
 */
#ifndef SIM_MIXTURE_H
#define SIM_MIXTURE_H

#include <stdatomic.h>

#include <winnow/arena.h>
#include <winnow/rng.h>

enum { SIM_MAX_COMPONENTS = 64, SIM_MAX_MIXTURE_DIMS = 64 };

/* Smallest eigenvalue a fitted covariance may have, in squared units of the data.  It
 * keeps the likelihood finite when a component sits on one point; the truths' are above
 * 0.3.  Where doubles cannot hold that much contrast, it is 1e-12 of the trace. */
#define SIM_COVARIANCE_FLOOR 1e-6
/* Data may not be larger than this, so that no square of a distance overflows. */
#define SIM_MIXTURE_LARGEST 1e100

/* Arrays are row-major and live in the arena that the mixture was made in. */
struct sim_mixture {
    size_t k, d;
    double *weight;      /* K; their sum is 1; 0: the component is extinct       */
    double *mean;        /* K x D                                                */
    double *cov;         /* K x (D x D), both triangles                          */
    double *chol;        /* lower L with cov = L L'                              */
    double *whiten;      /* lower L^-1                                           */
    double *log_scale;   /* log weight - d/2 log(2 pi) - log det L               */
};

/* Room for K components; all values 0.  WN_NOMEM. */
enum wn_status sim_mixture_new(struct sim_mixture *m, size_t k, size_t d, struct wn_arena *a, struct wn_err *err);
/* Same K and D. */
void sim_mixture_copy(struct sim_mixture *to, const struct sim_mixture *from);
/* Floors the covariances and fills chol, whiten and log_scale from weight, mean and cov.
 * WN_BADDATA: a covariance that is not finite. */
enum wn_status sim_mixture_prepare(struct sim_mixture *m, struct wn_err *err);

/* TERM[k]: log of weight times density of component k at X; -INFINITY for weight 0. */
void sim_mixture_terms(const struct sim_mixture *m, const double *x, double *term);
/* Mean (D) and covariance (D x D) of the whole mixture. */
void sim_mixture_moments(const struct sim_mixture *m, double *mean, double *cov);

/* Which draws: one stream for each block of SIM_DRAW_BLOCK items, so equal (key, index)
 * are equal items however the calls cut the range. */
enum { SIM_DRAW_BLOCK = 64 };
struct sim_draw_key {
    uint64_t seed;
    enum wn_domain domain;
    uint32_t replicate, generation;
};
/* Items FIRST .. FIRST + N - 1 into OUT (N x D); covariances are multiplied by LAMBDA. */
void sim_mixture_draw(const struct sim_mixture *m, const struct sim_draw_key *key, double lambda, size_t first,
                      double *out, size_t n);

/* ---- mixture_factor.c: symmetric D x D matrices ------------------------------------------- */

/* Lower L with L L' = A (the upper part of L is zeroed); false: not positive definite. */
bool sim_factor(const double *a, size_t d, double *l);
/* Lifts eigenvalues of A below FLOOR > 0 to FLOOR; A stays as it is when none is.  L and
 * VECTOR are D x D scratch.  false: a value that is not finite. */
bool sim_lift(double *a, size_t d, double floor, double *l, double *vector);
/* OUT = L^-1, lower. */
void sim_invert_lower(const double *l, size_t d, double *out);

/* ---- mixture_cloud.c: points by blocks ------------------------------------------------------ */

enum { SIM_CLOUD_BLOCK = 64 };
/* Coordinate j of point i is x[(i / 64 * d + j) * 64 + i % 64].  The last block is filled
 * up with points of weight 0. */
struct sim_cloud {
    size_t n, d, n_blocks;
    double *x;
    double *weight;          /* one a place                                            */
    double total_weight;
    bool weighted;           /* some weight is neither 0 nor 1                         */
};
/* Copies N >= 1 points (N x D) into A.  WEIGHT, each > 0, NULL: 1 each.  WN_BADDATA: a
 * coordinate that is not finite or is above SIM_MIXTURE_LARGEST in size. */
enum wn_status sim_cloud_new(struct sim_cloud *c, const double *item, const double *weight, size_t n, size_t d,
                             struct wn_arena *a, struct wn_err *err);
/* log density of M at every point of C: OUT has room for N.  Scratch memory from A. */
enum wn_status sim_cloud_log_density(const struct sim_cloud *c, const struct sim_mixture *m, struct wn_arena *a,
                                     double *out, struct wn_err *err);

/* ---- em.c, em_start.c ------------------------------------------------------------------------- */

/* Points and the memory for passes over them. */
struct sim_em {
    struct sim_cloud points;
    double *sums, *scratch;
    const atomic_int *stop;      /* read between rounds; NULL: none */
};
/* For models with up to K components; memory from A. */
enum wn_status sim_em_open(struct sim_em *em, const double *item, const double *weight, size_t n, size_t d, size_t k,
                           struct wn_arena *a, struct wn_err *err);

/* A start: k-means++ centres (Arthur and Vassilvitskii 2007), at most 20 of Lloyd's
 * rounds, then each cluster's share, mean and covariance.  Of more than 4,000 points it
 * looks at 4,000: one drawn from each of as many equal stretches of the data, so that
 * every batch of an accumulated pool has its share.  Equal points may leave a component
 * without any: weight 0. */
enum { SIM_START_POINTS = 4000 };
enum wn_status sim_em_start(const struct sim_em *em, struct sim_mixture *m, struct wn_rng *rng, struct wn_arena *a,
                            struct wn_err *err);
/* Memberships under M, then M's weights, means and covariances from them; chol, whiten and
 * log_scale are not touched.  HARD: mixture_pass.h. */
void sim_em_pass(const struct sim_em *em, struct sim_mixture *m, bool hard, double *mean_log_likelihood);
/* One round; *MEAN_LOG_LIKELIHOOD is that of the model before the round.  Without an
 * active floor it never falls from round to round.  A component that gets no weight has
 * weight 0 from then on and keeps its shape. */
enum wn_status sim_em_round(struct sim_em *em, struct sim_mixture *m, double *mean_log_likelihood,
                            struct wn_err *err);
/* Rounds until one gains less than TOLERANCE nats a point, at most MOST; *ROUNDS: how many. */
enum wn_status sim_em_climb(struct sim_em *em, struct sim_mixture *m, double tolerance, unsigned most,
                            unsigned *rounds, struct wn_err *err);

/* ---- mixture_truths.c --------------------------------------------------------------------------- */

struct wn_sim_model;
/* A truth by name with what is fitted to it, defaults resolved. */
struct sim_mixture_plan {
    const char *truth;
    size_t dims, components;
    double separation;         /* 0: this truth has none                              */
    bool starts_at_truth;      /* EM starts at the truth, not at k-means (see gmm.c)  */
    unsigned em_rounds;
    double em_tolerance;
};
/* WN_BADCONF says which value does not fit. */
enum wn_status sim_mixture_resolve(const struct wn_sim_model *asked, struct sim_mixture_plan *out,
                                   struct wn_err *err);
/* The truth of PLAN, prepared. */
enum wn_status sim_mixture_truth(const struct sim_mixture_plan *plan, struct sim_mixture *m, struct wn_arena *a,
                                 struct wn_err *err);

#endif
