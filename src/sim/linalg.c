#include "sim/linalg.h"

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

void sim_lower_product(const double *l, const double *a, int d, double *out)
{
    size_t w = (size_t)d;

    if (d > SIM_PLAIN_DIM) {
        memcpy(out, a, sizeof(*a) * w * w);
        cblas_dtrmm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, d, d, 1, l, d, out, d);
        return;
    }
    memset(out, 0, sizeof(*out) * w * w);
    for (size_t i = 0; i < w; i++)
        for (size_t k = 0; k <= i; k++)
            for (size_t j = 0; j <= k; j++)
                out[i * w + j] += l[i * w + k] * a[k * w + j];
}

void sim_lower_gram(const double *l, int d, double *out)
{
    size_t w = (size_t)d;

    if (d > SIM_PLAIN_DIM) {
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, d, d, 1, l, d, 0, out, d);
        return;
    }
    for (size_t i = 0; i < w; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;

            for (size_t k = 0; k <= j; k++)
                sum += l[i * w + k] * l[j * w + k];
            out[i * w + j] = sum;
        }
}

/* From the last row up: row i needs Z[0..i] only. */
void sim_lower_times(const double *l, int d, const double *z, double *out)
{
    for (size_t i = (size_t)d; i-- > 0;) {
        const double *row = l + i * (size_t)d;
        double sum = 0;

        for (size_t j = 0; j <= i; j++)
            sum += row[j] * z[j];
        out[i] = sum;
    }
}

void sim_solve_lower_transposed(const double *l, int d, double *x)
{
    size_t w = (size_t)d;

    for (size_t i = w; i-- > 0;) {
        x[i] /= l[i * w + i];
        for (size_t j = 0; j < i; j++)
            x[j] -= l[i * w + j] * x[i];
    }
}

void sim_add_squares(const double *x, size_t n, int d, double *out)
{
    enum { ROWS = 1024 };   /* a call's count of rows must fit an int */
    size_t w = (size_t)d;

    for (size_t at = 0; d > SIM_PLAIN_DIM && at < n; at += ROWS)
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, d, (int)(n - at < ROWS ? n - at : ROWS), 1, x + at * w, d,
                    1, out, d);
    for (size_t at = 0; d <= SIM_PLAIN_DIM && at < n; at++)
        for (size_t i = 0; i < w; i++)
            for (size_t j = 0; j <= i; j++)
                out[i * w + j] += x[at * w + i] * x[at * w + j];
}

size_t sim_factor_scratch(int d)
{
    return (size_t)d * (size_t)d + 2 * (size_t)d;
}

static void clear_upper(double *l, int d)
{
    for (int i = 0; i < d; i++)
        memset(l + (size_t)i * (size_t)d + i + 1, 0, sizeof(*l) * (size_t)(d - i - 1));
}

/* Cholesky in place; false when a pivot is not positive. */
static bool plain_cholesky(double *l, size_t w)
{
    for (size_t i = 0; i < w; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = l[i * w + j];

            for (size_t k = 0; k < j; k++)
                sum -= l[i * w + k] * l[j * w + k];
            if (j < i)
                l[i * w + j] = sum / l[j * w + j];
            else if (!(sum > 0))
                return false;
            else
                l[i * w + i] = sqrt(sum);
        }
    return true;
}

/* As sim_cholesky, but false also for pivots that are no more than rounding. */
static bool clear_cholesky(const double *a, int d, double *l)
{
    size_t w = (size_t)d;

    memcpy(l, a, sizeof(*l) * w * w);
    /* by columns, our lower triangle is LAPACK's upper one */
    if (d <= SIM_PLAIN_DIM ? !plain_cholesky(l, w) : LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', d, l, d) != 0)
        return false;
    for (size_t i = 0; i < w; i++)
        if (!(l[i * w + i] * l[i * w + i] > sim_rounding(d) * a[i * w + i]))
            return false;
    clear_upper(l, d);
    return true;
}

/* A = V diag(value) V' = F F'; F = L Q makes it triangular again. */
static enum wn_status eigen_factor(const double *a, int d, double *scratch, double *l, int *rank, struct wn_err *err)
{
    size_t w = (size_t)d;
    double *vector = scratch, *value = vector + w * w, *tau = value + w;
    enum wn_status st = sim_eigen(a, d, value, vector, err);

    if (st != WN_OK)
        return st;
    *rank = 0;
    for (size_t k = 0; k < w; k++) {
        bool counts = value[k] > 0 && value[k] > sim_rounding(d) * value[w - 1];
        double root = counts ? sqrt(value[k]) : 0;

        *rank += counts;
        for (size_t i = 0; i < w; i++)
            l[i * w + k] = vector[k * w + i] * root;
    }
    /* F by rows is F' by columns, and F' = Q' L': the upper triangle by columns is L by rows */
    st = lapack_status(LAPACKE_dgeqrf(LAPACK_COL_MAJOR, d, d, l, d, tau), err);
    if (st != WN_OK)
        return st;
    clear_upper(l, d);
    for (size_t k = 0; k < w; k++)   /* L diag(+-1) has the same square */
        for (size_t i = w; l[k * w + k] < 0 && i-- > k;)
            l[i * w + k] = -l[i * w + k];
    return WN_OK;
}

enum wn_status sim_semidefinite_factor(const double *a, int d, double *scratch, double *l, int *rank,
                                       struct wn_err *err)
{
    for (size_t i = 0; i < (size_t)d; i++)
        for (size_t j = 0; j <= i; j++)
            if (!isfinite(a[i * (size_t)d + j]))
                return wn_fail(err, WN_BADCONF, "cannot factor a covariance: an entry is not finite");
    *rank = d;
    return clear_cholesky(a, d, l) ? WN_OK : eigen_factor(a, d, scratch, l, rank, err);
}

/* Gives X length 1 and returns the logarithm of the length it had. */
static double normalise(double *x, size_t n)
{
    double largest = 0, sum = 0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    if (largest == 0)
        return -INFINITY;
    for (size_t i = 0; i < n; i++) {
        x[i] /= largest;   /* squares of tiny entries would vanish */
        sum += x[i] * x[i];
    }
    sum = sqrt(sum);
    for (size_t i = 0; i < n; i++)
        x[i] /= sum;
    return log(largest) + log(sum);
}

/* Makes the columns exp(*A) x and exp(*B) y, x and y of length 1, *A >= *B, orthogonal by a
 * plane rotation (Hestenes 1958).  Its tangent is t = r w with r = exp(*B - *A): in units of
 * their lengths x loses r^2 w y and y gains w x, and nothing overflows.  A y of which only
 * rounding is left was a multiple of x: it ends as 0. */
static bool rotate(double *x, double *y, size_t n, double *a, double *b)
{
    double r = exp(*b - *a), cosine = 0, half, w, c, left;

    for (size_t i = 0; i < n; i++)
        cosine += x[i] * y[i];
    if (fabs(cosine) <= 4 * DBL_EPSILON * sqrt((double)n))
        return false;
    half = (1 - r * r) / (2 * cosine);
    w = -copysign(1 / (fabs(half) + sqrt(r * r + half * half)), half);
    c = 1 / sqrt(1 + r * w * r * w);
    for (size_t i = 0; i < n; i++) {
        double old = x[i];

        x[i] = c * (old - r * r * w * y[i]);
        y[i] = c * (y[i] + w * old);
    }
    *a += normalise(x, n);
    left = normalise(y, n);
    *b = left > log(DBL_EPSILON * (double)n) ? *b + left : -INFINITY;
    return true;
}

static void sort_falling(double *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double x = v[i];
        size_t j = i;

        for (; j > 0 && v[j - 1] < x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

/* A column below this is near the end of the range of doubles, where digits get lost. */
static const double log_smallest = -290 * 2.302585092994045684;

static void jacobi(const double *l, size_t w, double *column, double *value)
{
    enum { MAX_SWEEPS = 60 };   /* about ten are needed; the pairs only get more orthogonal */
    bool again = true;

    for (size_t j = 0; j < w; j++) {
        for (size_t i = 0; i < w; i++)
            column[j * w + i] = i < j ? 0 : l[i * w + j];
        value[j] = normalise(column + j * w, w);
        if (value[j] < log_smallest)
            value[j] = -INFINITY;
    }
    for (int sweep = 0; again && sweep < MAX_SWEEPS; sweep++) {
        again = false;
        for (size_t p = 0; p < w; p++)
            for (size_t q = p + 1; q < w; q++) {
                size_t big = value[p] >= value[q] ? p : q, small = p + q - big;

                if (value[small] > -INFINITY)
                    again |= rotate(column + big * w, column + small * w, w, &value[big], &value[small]);
            }
    }
    sort_falling(value, w);
}

static bool is_graded(const double *l, size_t w)
{
    double low = INFINITY, high = 0;

    for (size_t i = 0; i < w; i++) {
        low = fmin(low, fabs(l[i * w + i]));
        high = fmax(high, fabs(l[i * w + i]));
    }
    return low < 1e-6 * high;
}

enum wn_status sim_lower_log_singular_values(const double *l, int d, double *scratch, double *value,
                                             struct wn_err *err)
{
    size_t w = (size_t)d;
    enum wn_status st = check_finite(l, d, err);

    if (st != WN_OK)
        return st;
    if (d <= SIM_PLAIN_DIM || (d <= SIM_GRADED_DIM && is_graded(l, w))) {
        jacobi(l, w, scratch, value);
        return WN_OK;
    }
    memcpy(scratch, l, sizeof(*l) * w * w);
    st = sim_singular_values(scratch, d, value, err);
    for (size_t i = w; st == WN_OK && i-- > 0;)   /* value[0] last: it is the measure */
        value[i] = value[i] > sim_rounding(d) * value[0] ? log(value[i]) : -INFINITY;
    return st;
}
