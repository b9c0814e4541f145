/*
 * linalg.h - the door to LAPACK: small symmetric matrices, row-major, size D x D.
 */
#ifndef SIM_LINALG_H
#define SIM_LINALG_H

#include <stdbool.h>

#include <winnow/status.h>

/* Largest D of sim_floor_eigenvalues, which works on the stack; the others take any D. */
enum { SIM_MAX_DIM = 8 };

/* OpenBLAS stays at one thread: winnow is parallel over runs. */
void sim_linalg_start(void);

/* Cholesky factor L of A = L L' into the lower triangle of L (the upper is zeroed).
 * false: A is not positive definite. */
bool sim_cholesky(const double *a, int d, double *l);

/* Lifts the eigenvalues of A that are below FLOOR > 0 to FLOOR, in place; leaves A as
 * it is when none is.  false: A holds values that are not finite. */
bool sim_floor_eigenvalues(double *a, int d, double floor);

/* X := L^-1 X for a lower triangular L without a zero on its diagonal. */
void sim_solve_lower(const double *l, int d, double *x);

/* Eigenvalues of the symmetric A in rising order into VALUE[d]; row k of VECTOR becomes
 * the unit vector of the k-th.  Reads the lower triangle of A, which may be VECTOR.
 * WN_BADCONF: a value that is not finite; WN_NOMEM; WN_BROKEN: no convergence. */
enum wn_status sim_eigen(const double *a, int d, double *value, double *vector, struct wn_err *err);

/* Singular values of A (any D x D matrix, overwritten) in falling order into VALUE[d],
 * each to about 1e-16 of the largest.  Statuses as for sim_eigen. */
enum wn_status sim_singular_values(double *a, int d, double *value, struct wn_err *err);

#endif
