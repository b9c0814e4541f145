#include "sim/linalg.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>

void sim_linalg_start(void)
{
    openblas_set_num_threads(1);
}

bool sim_cholesky(const double *a, int d, double *l)
{
    memcpy(l, a, sizeof(*l) * (size_t)d * (size_t)d);
    if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', d, l, d) != 0)
        return false;
    for (int i = 0; i < d; i++)
        for (int j = i + 1; j < d; j++)
            l[i * d + j] = 0;
    return true;
}

/* A := sum over eigenpairs of max(value, floor) vector vector'. */
static bool rebuild(double *a, int d, double floor)
{
    double vector[SIM_MAX_DIM * SIM_MAX_DIM], value[SIM_MAX_DIM];

    memcpy(vector, a, sizeof(*a) * (size_t)(d * d));
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', d, vector, d, value) != 0)
        return false;
    memset(a, 0, sizeof(*a) * (size_t)(d * d));
    for (int k = 0; k < d; k++) {
        double lifted = value[k] > floor ? value[k] : floor;

        for (int i = 0; i < d; i++)
            for (int j = 0; j < d; j++)
                a[i * d + j] += lifted * vector[i * d + k] * vector[j * d + k];
    }
    return true;
}

bool sim_floor_eigenvalues(double *a, int d, double floor)
{
    double shifted[SIM_MAX_DIM * SIM_MAX_DIM], l[SIM_MAX_DIM * SIM_MAX_DIM];

    assert(d <= SIM_MAX_DIM);
    for (int i = 0; i < d * d; i++)
        if (!isfinite(a[i]))
            return false;
    memcpy(shifted, a, sizeof(*a) * (size_t)(d * d));
    for (int i = 0; i < d; i++)
        shifted[i * d + i] -= floor;
    /* A - floor I is positive definite just when every eigenvalue is above the floor. */
    return sim_cholesky(shifted, d, l) || rebuild(a, d, floor);
}

void sim_solve_lower(const double *l, int d, double *x)
{
    for (int i = 0; i < d; i++) {
        for (int j = 0; j < i; j++)
            x[i] -= l[i * d + j] * x[j];
        x[i] /= l[i * d + i];
    }
}

static enum wn_status check_finite(const double *a, int d, struct wn_err *err)
{
    for (size_t i = 0; i < (size_t)d * (size_t)d; i++)
        if (!isfinite(a[i]))
            return wn_fail(err, WN_BADCONF, "cannot decompose a matrix: an entry is not finite");
    return WN_OK;
}

static enum wn_status lapack_status(lapack_int info, struct wn_err *err)
{
    if (info == 0)
        return WN_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return wn_fail(err, WN_NOMEM, "cannot decompose a matrix: out of memory");
    return wn_fail(err, WN_BROKEN, "cannot decompose a matrix: LAPACK says %d", (int)info);
}

/* LAPACK stores by columns: its upper triangle is our lower one, its columns our rows. */
enum wn_status sim_eigen(const double *a, int d, double *value, double *vector, struct wn_err *err)
{
    enum wn_status st = check_finite(a, d, err);

    if (st != WN_OK)
        return st;
    memmove(vector, a, sizeof(*a) * (size_t)d * (size_t)d);
    return lapack_status(LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', d, vector, d, value), err);
}

enum wn_status sim_singular_values(double *a, int d, double *value, struct wn_err *err)
{
    enum wn_status st = check_finite(a, d, err);

    if (st != WN_OK)
        return st;
    return lapack_status(LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', d, d, a, d, value, NULL, d, NULL, d), err);
}
