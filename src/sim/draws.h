/*
 * draws.h - random variates of the simulator, each with the exact law it names.
 *
 * "Exact" means: but for the rounding of doubles, the law is the one that is named, for
 * every parameter in the range that is given; no normal approximations.  A draw depends
 * on its stream and its parameters and on nothing else: no state is kept between calls,
 * wn_rng's spare normal is not used, and no function allocates (but sim_alias_new).
 * Any stream may be handed from one function to another.  Thread-safe: one stream per
 * thread at a time.  Hot loops: draws_inline.h has the same draws without calls.
 *
 * Parameters outside the stated range are bugs of the caller (assert), never data.  NaN
 * is outside every range.  Each function ends for each parameter within its range: the
 * rejection loops accept with a probability that is bounded from below.
 *
 * Sources: Marsaglia & Tsang 2000, "The ziggurat method for generating random variables",
 * J. Stat. Softw. 5(8); Doornik 2005, "An improved ziggurat method to generate normal
 * random samples"; Marsaglia & Tsang 2000, "A simple method for generating gamma
 * variables", ACM TOMS 26(3); Hormann 1993, "The generation of binomial random
 * variates", J. Stat. Comput. Simul. 46 (BTRS); Hormann 1993, "The transformed rejection
 * method for generating Poisson random variables", Insur. Math. Econ. 12 (PTRS);
 * Stadlober 1990, "The ratio of uniforms approach for generating discrete random
 * variates", J. Comput. Appl. Math. 31 (HRUA*); Robert 1995, "Simulation of truncated normal
 * variables", Stat. Comput. 5; Bartlett 1933, Proc. R. Soc. Edinburgh 53; Walker 1977,
 * ACM TOMS 3(3); Vose 1991, IEEE Trans. Softw. Eng. 17(9).
 */
#ifndef SIM_DRAWS_H
#define SIM_DRAWS_H

#include <winnow/rng.h>

/* --- continuous laws: draws_normal.c, draws_gamma.c --- */

/* Shapes and degrees of freedom are at most this. */
#define SIM_DRAW_SHAPE_MAX 1e300

/* N(0, 1): ziggurat of 256 layers.  Never infinite. */
double sim_draw_normal(struct wn_rng *r);

/* N(0, 1) given |z| < C; C > 0, infinity allowed.  The result is strictly inside. */
double sim_draw_truncated_normal(struct wn_rng *r, double c);

/* Exponential with mean 1; > 0 but for rounding, never infinite (ziggurat). */
double sim_draw_exponential(struct wn_rng *r);

/* Gamma with SHAPE > 0 and scale 1; finite.  Below about shape 1e-2 a visible part of
 * the law lies under the smallest double: such a draw is 0, as often as the law says. */
double sim_draw_gamma(struct wn_rng *r, double shape);

/* Chi-square with DF >= 0 degrees of freedom (need not be whole); DF 0 gives 0. */
double sim_draw_chi2(struct wn_rng *r, double df);

/* The constants of one DF, prepared once for many draws. */
struct sim_chi2 {
    double half;   /* df / 2                                                     */
    double d, c;   /* Marsaglia & Tsang: d = shape - 1/3, c = 1 / sqrt(9 d), with
                    * shape = half, or half + 1 when half < 1                    */
};
struct sim_chi2 sim_chi2_of(double df);

/* The same law, and the same draws from the same stream, as sim_draw_chi2(r, df). */
double sim_draw_chi2_of(struct wn_rng *r, const struct sim_chi2 *c);

/* Beta with A, B > 0; in [0, 1].  Made from logarithms when both shapes are below 1, so
 * that tiny shapes give the two-point law they tend to and not 0 / 0. */
double sim_draw_beta(struct wn_rng *r, double a, double b);

/* --- counts: draws_binomial.c, draws_poisson.c, draws_hypergeometric.c, draws_pmf.c --- */

/* Successes in N trials of probability P in [0, 1]; N <= SIM_DRAW_MAX. */
uint64_t sim_draw_binomial(struct wn_rng *r, uint64_t n, double p);

/* Poisson; 0 <= MEAN <= SIM_DRAW_MAX. */
uint64_t sim_draw_poisson(struct wn_rng *r, double mean);

/* How many of the GOOD are among DRAWS taken without replacement from GOOD + BAD;
 * GOOD + BAD <= SIM_DRAW_MAX, DRAWS <= GOOD + BAD. */
uint64_t sim_draw_hypergeometric(struct wn_rng *r, uint64_t good, uint64_t bad, uint64_t draws);

/* Counts stay below this, so that they and their differences are exact as doubles. */
#define SIM_DRAW_MAX ((uint64_t)1000000000000000)   /* 1e15 < 2^53 */

/* --- vectors: draws_vectors.c --- */

/* N <= SIM_DRAW_MAX items into K >= 1 states with probabilities P[i] / sum P: P[i] >= 0 and finite, the
 * sum positive and finite.  OUT[i] sum to N; a state of weight 0 gets 0 and uses no
 * random numbers.  OUT must not overlap P. */
void sim_draw_multinomial(struct wn_rng *r, uint64_t n, const double *p, size_t k, uint64_t *out);

/* DRAWS items without replacement from a pool that has COUNT[i] of state i; the pool
 * holds at most SIM_DRAW_MAX, DRAWS is at most the pool.  OUT may be COUNT itself. */
void sim_draw_multivariate_hypergeometric(struct wn_rng *r, const uint64_t *count, size_t k, uint64_t draws,
                                          uint64_t *out);

/* Lower-triangular A (D x D, row-major, D >= 1, upper part 0) with A A' ~ Wishart_D(I, DF).
 * DF > D - 1: any real.  DF <= D - 1: a whole number >= 0; then only the first DF columns
 * are not 0 and A A' has the singular law of the sum of DF squares z z', z ~ N_D(0, I). */
void sim_draw_bartlett(struct wn_rng *r, int d, double df, double *a);

/* --- one of K states, many times: draws_alias.c --- */

struct sim_alias;                /* const after it is made: share it between threads */

/* A table over WEIGHT[0..K-1]; O(K), the same table on every machine.  WN_BADCONF: K is
 * 0, a weight is negative or not finite, or their sum is 0 or not finite.  WN_LIMIT: K is
 * 2^32 or more.  WEIGHT is not kept. */
enum wn_status sim_alias_new(struct sim_alias **out, const double *weight, size_t k, struct wn_err *err);
/* An index in 0..K-1 with probability weight / sum (to 2^-52 absolute); never one of
 * weight 0.  One random number a draw. */
size_t sim_alias_draw(const struct sim_alias *a, struct wn_rng *r);
void sim_alias_free(struct sim_alias *a);   /* takes NULL */

#endif
