/*
 * mixture_pass.h - one pass of a mixture over blocks of points: densities, memberships
 * and moments at once, in one version for each instruction set.
 *
 * Every version does the same operations on the same numbers in the same order: lane i of
 * a vector holds the points i, i + 8, i + 16 ... of a block whatever its width, and sums
 * are kept for 8 lanes and added up last.  So the bits are equal; only the speed differs.
 */
#ifndef SIM_MIXTURE_PASS_H
#define SIM_MIXTURE_PASS_H

#include "sim/mixture.h"

enum { SIM_LANES = 8 };

struct sim_pass {
    const struct sim_mixture *model;
    const struct sim_cloud *points;
    bool hard;               /* each point belongs to its likeliest component alone (k-means
                                when the covariances are equal)                             */
    double *sums;            /* K x sim_pass_n_sums(d) x 8, added to; NULL: no moments        */
    double *log_density;     /* one a place; NULL: not wanted                                */
    double *scratch;         /* sim_pass_n_scratch(k, d) doubles                             */
    double log_likelihood;   /* out: sum of weight times log density, nats (hard: times the
                                largest term)                                               */
};

/* Sums of a component: memberships, coordinates less its mean, and products i, j <= i. */
static inline size_t sim_pass_n_sums(size_t d)
{
    return 1 + d + d * (d + 1) / 2;
}

static inline size_t sim_pass_n_scratch(size_t k, size_t d)
{
    return SIM_CLOUD_BLOCK * (k + d + 4);
}

/* Memberships below e^-40 = 4e-18 of the largest are 0. */
#define SIM_SMALLEST_LOG (-40.0)

/* Gaussian kernels of one width seen from one block of points: the term of a kernel at
 * distance r is -(r * inverse)^2 / 2. */
struct sim_kernels {
    const double *query;     /* D x 64: one block of a cloud                                 */
    const double *centre;    /* N x D                                                        */
    size_t n, d;
    double inverse;          /* one over the width                                           */
    double top[SIM_CLOUD_BLOCK];   /* largest term                                           */
    double sum[SIM_CLOUD_BLOCK];   /* of exp(term - top), as far as term - top >= -40; the
                                      relative error of an exp is below 4 * 2^-53            */
};

struct sim_isa {
    const char *name;
    void (*pass)(struct sim_pass *p);
    /* TOP from CENTRE; SUM from CENTRE and TOP. */
    void (*kernel_top)(struct sim_kernels *p);
    void (*kernel_sum)(struct sim_kernels *p);
};
extern const struct sim_isa sim_isa_plain, sim_isa_avx2, sim_isa_avx512;

/* The I-th that this processor runs, slowest first; NULL past the last. */
const struct sim_isa *sim_isa_at(size_t i);
const struct sim_isa *sim_isa_best(void);

/* Natural log of a positive finite normal number by plain arithmetic; error below 4 units in
 * the last place of the result, or 4e-16 near 1. */
double sim_plain_log(double x);

/* N doubles on a 64-byte border; NULL when memory is short. */
double *sim_aligned_doubles(struct wn_arena *a, size_t n);

#endif
