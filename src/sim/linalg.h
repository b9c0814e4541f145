/*
 * linalg.h - the door to BLAS and LAPACK: small matrices, row-major, size D x D.
 *
 * Up to SIM_PLAIN_DIM the triangular products, Cholesky factors and graded singular
 * values are plain C and have the same bits on every processor; above it OpenBLAS does
 * the work, whose kernels and last digits depend on the processor.
 */
#ifndef SIM_LINALG_H
#define SIM_LINALG_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>

#include <winnow/status.h>

/* Up to SIM_PLAIN_DIM plain C is as fast as a call of BLAS; up to SIM_GRADED_DIM graded
 * factors keep the relative precision of their small singular values. */
enum { SIM_PLAIN_DIM = 32, SIM_GRADED_DIM = 128 };

/* OpenBLAS stays at one thread: winnow is parallel over runs. */
void sim_linalg_start(void);

/* Cholesky factor L of A = L L' into the lower triangle of L (the upper is zeroed).
 * false: A is not positive definite. */
bool sim_cholesky(const double *a, int d, double *l);

/* X := L^-1 X for a lower triangular L without a zero on its diagonal. */
void sim_solve_lower(const double *l, int d, double *x);

/* Eigenvalues of the symmetric A in rising order into VALUE[d]; row k of VECTOR becomes
 * the unit vector of the k-th.  Reads the lower triangle of A, which may be VECTOR.
 * WN_BADCONF: a value that is not finite; WN_NOMEM; WN_BROKEN: no convergence. */
enum wn_status sim_eigen(const double *a, int d, double *value, double *vector, struct wn_err *err);

/* Singular values of A (any D x D matrix, overwritten) in falling order into VALUE[d],
 * each to about 1e-16 of the largest.  Statuses as for sim_eigen. */
enum wn_status sim_singular_values(double *a, int d, double *value, struct wn_err *err);

/* ---- lower triangular matrices; what is above the diagonal is neither read nor written
 * unless that is said ------------------------------------------------------------------- */

/* OUT := L A for two lower triangular matrices, whose upper parts must be 0 (OUT's is, too).
 * OUT is neither of them. */
void sim_lower_product(const double *l, const double *a, int d, double *out);
/* Lower triangle of OUT := L L', whose upper part may be anything; L's must be 0. */
void sim_lower_gram(const double *l, int d, double *out);
/* OUT := L z; OUT may be Z. */
void sim_lower_times(const double *l, int d, const double *z, double *out);
/* X := L'^-1 X for a lower triangular L without a zero on its diagonal. */
void sim_solve_lower_transposed(const double *l, int d, double *x);
/* Adds X' X of the N rows of D numbers to the lower triangle of OUT. */
void sim_add_squares(const double *x, size_t n, int d, double *out);

/* Pivots of a D x D covariance, relative to its diagonal, and eigenvalues, relative to the
 * largest, are taken for rounding up to this: Cholesky and LAPACK err by a few D epsilon,
 * and the sums that made the matrix by as much. */
static inline double sim_rounding(int d)
{
    return 64.0 * d * DBL_EPSILON;
}

/* Doubles of scratch that the two functions below need. */
size_t sim_factor_scratch(int d);
/* A lower triangular L with L L' = A for a symmetric positive semidefinite A (the lower
 * triangle is read; its upper part is 0 afterwards), its diagonal >= 0.  Cholesky where
 * every pivot is above sim_rounding; else from eigenvalues, those up to sim_rounding (all
 * that rounding made negative) taken as 0: *RANK counts the others.  The zero matrix has
 * rank 0.  Statuses as for sim_eigen. */
enum wn_status sim_semidefinite_factor(const double *a, int d, double *scratch, double *l, int *rank,
                                       struct wn_err *err);
/* Logarithms of the singular values of a lower triangular L in falling order, -INFINITY
 * for 0.  Where D <= SIM_PLAIN_DIM, or D <= SIM_GRADED_DIM and L's diagonal spans more than
 * six digits: by one-sided Jacobi rotations of its columns, which keep the relative
 * precision of every one when L = C diag(t) with a well-conditioned C, however far the t
 * lie apart (Demmel and Veselic 1992, SIAM J. Matrix Anal. Appl. 13); those below 1e-290
 * count as 0.  Else to about 1e-16 of the largest, and those within sim_rounding are 0. */
enum wn_status sim_lower_log_singular_values(const double *l, int d, double *scratch, double *value,
                                             struct wn_err *err);

#endif
