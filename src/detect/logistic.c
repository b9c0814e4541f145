#include "detect/logistic.h"

#include <math.h>
#include <string.h>

enum { MAX_UNKNOWNS = LOGISTIC_MAX_INPUTS + 1, MAX_STEPS = 100, MAX_HALVINGS = 40 };

/* Keeps the Hessian positive when every weight p(1-p) underflows. */
static const double intercept_ridge = 1e-10;
/* A step shorter than this, relative to the solution, ends the search. */
static const double tolerance = 1e-10;

double logistic_sigmoid(double z)
{
    double e = exp(-fabs(z));

    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

double logistic_logit(double p)
{
    return log(p) - log1p(-p);
}

/* ln(1 + e^z) without overflow. */
static double softplus(double z)
{
    return (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
}

static double predict(const double *beta, const double *x, size_t d)
{
    double z = beta[0];

    for (size_t j = 0; j < d; j++)
        z += beta[j + 1] * x[j];
    return z;
}

static double penalty(size_t j, double ridge)
{
    return j == 0 ? intercept_ridge : ridge;
}

static double objective(const double *beta, const struct logistic_data *a, double ridge)
{
    double loss = 0;

    for (size_t i = 0; i < a->n; i++) {
        double z = predict(beta, a->x + i * a->d, a->d);

        loss += (a->weight ? a->weight[i] : 1) * (softplus(z) - a->target[i] * z);
    }
    for (size_t j = 0; j <= a->d; j++)
        loss += penalty(j, ridge) / 2 * beta[j] * beta[j];
    return loss;
}

/* Gradient G and lower triangle of the Hessian H at BETA. */
static void derivatives(const double *beta, const struct logistic_data *a, double ridge, double *g,
                        double h[MAX_UNKNOWNS][MAX_UNKNOWNS])
{
    for (size_t j = 0; j <= a->d; j++) {
        g[j] = penalty(j, ridge) * beta[j];
        for (size_t k = 0; k <= j; k++)
            h[j][k] = j == k ? penalty(j, ridge) : 0;
    }
    for (size_t i = 0; i < a->n; i++) {
        const double *x = a->x + i * a->d;
        double w = a->weight ? a->weight[i] : 1;
        double p = logistic_sigmoid(predict(beta, x, a->d));
        double r = w * (p - a->target[i]), v = w * p * (1 - p);

        for (size_t j = 0; j <= a->d; j++) {
            double xj = j ? x[j - 1] : 1;

            g[j] += r * xj;
            for (size_t k = 0; k <= j; k++)
                h[j][k] += v * xj * (k ? x[k - 1] : 1);
        }
    }
}

/* Solves H s = G in place (Cholesky, lower triangle); 0 when H is not positive. */
static int solve(double h[MAX_UNKNOWNS][MAX_UNKNOWNS], double *g, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        double pivot = h[j][j];

        for (size_t k = 0; k < j; k++)
            pivot -= h[j][k] * h[j][k];
        if (!(pivot > 0))
            return 0;
        h[j][j] = sqrt(pivot);
        for (size_t i = j + 1; i < m; i++) {
            for (size_t k = 0; k < j; k++)
                h[i][j] -= h[i][k] * h[j][k];
            h[i][j] /= h[j][j];
        }
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < i; k++)
            g[i] -= h[i][k] * g[k];
        g[i] /= h[i][i];
    }
    for (size_t i = m; i-- > 0;) {
        for (size_t k = i + 1; k < m; k++)
            g[i] -= h[k][i] * g[k];
        g[i] /= h[i][i];
    }
    return 1;
}

/* Moves BETA against STEP, halved until the objective does not grow; returns the
 * length of the move relative to the solution, 0 when no move helps. */
static double descend(double *beta, const double *step, const struct logistic_data *a, double ridge)
{
    double from = objective(beta, a, ridge), scale = 1;
    double next[MAX_UNKNOWNS];

    for (int half = 0; half < MAX_HALVINGS; half++, scale /= 2) {
        double moved = 0, size = 1;

        for (size_t j = 0; j <= a->d; j++) {
            next[j] = beta[j] - scale * step[j];
            moved = fmax(moved, fabs(scale * step[j]));
            size = fmax(size, fabs(next[j]));
        }
        if (objective(next, a, ridge) <= from) {
            memcpy(beta, next, (a->d + 1) * sizeof(*beta));
            return moved / size;
        }
    }
    return 0;
}

enum wn_status logistic_fit(double *beta, const struct logistic_data *data, double ridge, struct wn_err *err)
{
    double h[MAX_UNKNOWNS][MAX_UNKNOWNS], g[MAX_UNKNOWNS];

    if (data->n == 0 || data->d > LOGISTIC_MAX_INPUTS)
        return wn_fail(err, WN_BADCONF, "cannot fit a logistic model to %zu rows of %zu inputs", data->n, data->d);
    memset(beta, 0, (data->d + 1) * sizeof(*beta));
    for (int i = 0; i < MAX_STEPS; i++) {
        derivatives(beta, data, ridge, g, h);
        if (!solve(h, g, data->d + 1))
            break;
        if (descend(beta, g, data, ridge) < tolerance)
            return WN_OK;
    }
    return wn_fail(err, WN_BADCONF, "the logistic model does not converge on %zu rows with a ridge of %g", data->n,
                   ridge);
}
