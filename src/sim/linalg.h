/*
 * linalg.h - the door to LAPACK: small symmetric matrices, row-major, size D x D.
 */
#ifndef SIM_LINALG_H
#define SIM_LINALG_H

#include <stdbool.h>

enum { SIM_MAX_DIM = 8 };

/* OpenBLAS stays at one thread: winnow is parallel over runs. */
void sim_linalg_start(void);

/* Cholesky factor L of A = L L' into the lower triangle of L (the upper is zeroed).
 * false: A is not positive definite. */
bool sim_cholesky(const double *a, int d, double *l);

/* Lifts the eigenvalues of A that are below FLOOR > 0 to FLOOR, in place; leaves A as
 * it is when none is.  false: A holds values that are not finite. */
bool sim_floor_eigenvalues(double *a, int d, double floor);

#endif
