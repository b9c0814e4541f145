/*
 * draws_pmf.h - logarithms of probabilities that stay exact for counts of 1e15.
 *
 * Differences of lgamma lose 1e-3 and more at 1e12.  Loader 2000, "Fast and accurate
 * computation of binomial probabilities", writes the same with nothing that cancels: a
 * binomial is two deviances (0 at the mean) and three errors of Stirling's formula.
 */
#ifndef SIM_DRAWS_PMF_H
#define SIM_DRAWS_PMF_H

/* log P(X = K), X binomial: N >= 1 trials of probability P = 1 - Q in (0, 1); K whole,
 * 0 <= K <= N. */
double draws_log_binomial(double k, double n, double p, double q);

/* log P(X = J) + log P(Y = K), X and Y binomial of M and N trials and one P, but for a term
 * that does not depend on J and K: what a hypergeometric law needs, in half the time. */
double draws_log_two_binomials(double j, double m, double k, double n, double p);

/* log P(X = K), X Poisson of MEAN > 0; K whole, >= 0. */
double draws_log_poisson(double k, double mean);

#endif
