/*
 * logistic.h - L2-regularised logistic regression for a few dozen inputs.
 *
 * Minimises  sum_i w_i * crossentropy(t_i, sigmoid(b0 + b.x_i)) + ridge/2 * |b|^2
 * by Newton's method with halved steps; the intercept b0 is not penalised.  With a
 * ridge > 0 it converges on separable data too.  Sums run in input order, so the
 * same rows give the same bits.
 */
#ifndef DETECT_LOGISTIC_H
#define DETECT_LOGISTIC_H

#include <stddef.h>

#include <winnow/status.h>

enum { LOGISTIC_MAX_INPUTS = 31 };   /* 32 unknowns with the intercept */

struct logistic_data {
    const double *x;        /* n rows of d finite inputs                           */
    const double *target;   /* n targets in [0, 1]; soft targets are fine          */
    const double *weight;   /* n weights >= 0; NULL: all 1                         */
    size_t n, d;
};

/* Fills BETA[0] (intercept) and BETA[1..d].  WN_BADCONF when n = 0 or d is too large, or
 * when the equations have no solution (ridge 0 on separable data). */
enum wn_status logistic_fit(double *beta, const struct logistic_data *data, double ridge, struct wn_err *err);

double logistic_sigmoid(double z);
/* ln(p / (1 - p)). */
double logistic_logit(double p);

#endif
