/*
 * Small symmetric matrices in plain C: LAPACK's kernels differ between processors in the
 * last bits, and a fit would carry them into the trace.
 */
#include <math.h>
#include <string.h>

#include "sim/mixture.h"

enum { JACOBI_SWEEPS = 60 };

bool sim_factor(const double *a, size_t d, double *l)
{
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j <= i; j++) {
            double s = a[i * d + j];

            for (size_t c = 0; c < j; c++)
                s -= l[i * d + c] * l[j * d + c];
            if (i == j && !(s > 0))
                return false;
            l[i * d + j] = i == j ? sqrt(s) : s / l[j * d + j];
        }
        for (size_t j = i + 1; j < d; j++)
            l[i * d + j] = 0;
    }
    return true;
}

void sim_invert_lower(const double *l, size_t d, double *out)
{
    memset(out, 0, d * d * sizeof(*out));
    for (size_t j = 0; j < d; j++) {
        out[j * d + j] = 1 / l[j * d + j];
        for (size_t i = j + 1; i < d; i++) {
            double s = 0;

            for (size_t c = j; c < i; c++)
                s -= l[i * d + c] * out[c * d + j];
            out[i * d + j] = s / l[i * d + i];
        }
    }
}

/* One Jacobi rotation of A that makes entry (p, q) zero; V collects the rotations (Golub
 * and Van Loan, Matrix Computations, 8.5). */
static void rotate(double *a, double *v, size_t d, size_t p, size_t q)
{
    double theta = (a[q * d + q] - a[p * d + p]) / (2 * a[p * d + q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(1 + theta * theta));
    double c = 1 / sqrt(1 + t * t), s = t * c;

    for (size_t i = 0; i < d; i++) {
        double x = a[i * d + p], y = a[i * d + q];

        a[i * d + p] = c * x - s * y;
        a[i * d + q] = s * x + c * y;
    }
    for (size_t i = 0; i < d; i++) {
        double x = a[p * d + i], y = a[q * d + i], vx = v[i * d + p], vy = v[i * d + q];

        a[p * d + i] = c * x - s * y;
        a[q * d + i] = s * x + c * y;
        v[i * d + p] = c * vx - s * vy;
        v[i * d + q] = s * vx + c * vy;
    }
    a[p * d + q] = a[q * d + p] = 0;
}

/* A becomes diagonal, the columns of V its unit eigenvectors. */
static void diagonalise(double *a, double *v, size_t d)
{
    memset(v, 0, d * d * sizeof(*v));
    for (size_t i = 0; i < d; i++)
        v[i * d + i] = 1;
    for (int sweep = 0; sweep < JACOBI_SWEEPS; sweep++) {
        bool done = true;

        for (size_t p = 0; p < d; p++) {
            for (size_t q = p + 1; q < d; q++) {
                double small = 0x1p-53 * sqrt(fabs(a[p * d + p] * a[q * d + q]));

                if (fabs(a[p * d + q]) <= small || fabs(a[p * d + q]) < 1e-300)
                    continue;
                rotate(a, v, d, p, q);
                done = false;
            }
        }
        if (done)
            return;
    }
}

bool sim_lift(double *a, size_t d, double floor, double *l, double *vector)
{
    for (size_t i = 0; i < d * d; i++)
        if (!isfinite(a[i]))
            return false;
    memcpy(vector, a, d * d * sizeof(*a));
    for (size_t i = 0; i < d; i++)
        vector[i * d + i] -= floor;
    /* A - floor I is positive definite just when every eigenvalue is above the floor. */
    if (sim_factor(vector, d, l))
        return true;
    memcpy(l, a, d * d * sizeof(*a));
    diagonalise(l, vector, d);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j <= i; j++) {
            double s = 0;

            for (size_t k = 0; k < d; k++)
                s += fmax(l[k * d + k], floor) * vector[i * d + k] * vector[j * d + k];
            a[i * d + j] = a[j * d + i] = s;
        }
    }
    return true;
}
