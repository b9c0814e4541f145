/*
 * How far a d-dimensional Gaussian is from N(0, I), and what it thinks of points.
 */
#include <math.h>
#include <string.h>

#include "sim/gauss_nd.h"
#include "sim/linalg.h"

static const double log_two_pi = 1.83787706640934548356;

static const char *const log_eigenvalue[] = {
    "log_eigenvalue_1", "log_eigenvalue_2", "log_eigenvalue_3", "log_eigenvalue_4",
    "log_eigenvalue_5", "log_eigenvalue_6", "log_eigenvalue_7", "log_eigenvalue_8",
};
static const char *const lyapunov[] = {
    "lyapunov_1", "lyapunov_2", "lyapunov_3", "lyapunov_4",
    "lyapunov_5", "lyapunov_6", "lyapunov_7", "lyapunov_8",
};
enum { MAX_NAMED = sizeof(lyapunov) / sizeof(lyapunov[0]) };

static double log_det(const struct sim_gnd *g)
{
    double sum = 0;

    if (g->model.rank < g->d)
        return -INFINITY;
    for (int i = 0; i < g->d; i++)
        sum += g->model.log_diag[i];
    return 2 * sum;
}

/* LOG_ROOT: logarithms of the standard deviations along the main axes, falling. */
static void add_spectrum(const struct sim_gnd *g, const double *log_root, double mean_squared, struct sim_metrics *out)
{
    double trace = 0, squares = 0, shape = 0, shape_squares = 0, w2 = mean_squared;
    uint64_t n = g->model.n;

    for (int i = 0; i < g->d; i++) {
        double root = i < g->model.rank ? exp(log_root[i]) : 0, variance = root * root;
        double relative = i < g->model.rank ? exp(2 * (log_root[i] - log_root[0])) : 0;

        trace += variance;
        squares += variance * variance;
        shape += relative;                     /* the rank is a ratio: no underflow here */
        shape_squares += relative * relative;
        w2 += (root - 1) * (root - 1);         /* to N(0, I) the covariances commute     */
    }
    sim_metrics_add(out, "trace", trace, n);
    sim_metrics_add(out, "trace_of_square", squares, n);
    sim_metrics_add(out, "trace_squared", trace * trace, n);
    sim_metrics_add(out, "largest_eigenvalue", g->model.rank > 0 ? exp(2 * log_root[0]) : 0, n);
    sim_metrics_add(out, "effective_rank", shape * shape / shape_squares, n);
    sim_metrics_add(out, "w2_squared", w2, n);
    for (int i = 0; i < g->d && i < MAX_NAMED; i++)
        sim_metrics_add(out, log_eigenvalue[i], i < g->model.rank ? 2 * log_root[i] : -INFINITY, n);
}

enum wn_status sim_gnd_compare(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err)
{
    const struct sim_gnd *g = state;
    const struct sim_gnd_model *m = &g->model;
    double mean_squared = 0, determinant = log_det(g);
    enum wn_status st = sim_lower_log_singular_values(m->factor, g->d, g->scratch, g->vector, err);

    if (st != WN_OK)
        return st;
    for (int i = 0; i < g->d; i++)
        mean_squared += m->mean[i] * m->mean[i];
    sim_metrics_add(out, "mean_squared", mean_squared, m->n);
    sim_metrics_add(out, "log_det", determinant, m->n);
    sim_metrics_add(out, "det", exp(determinant), m->n);
    add_spectrum(g, g->vector, mean_squared, out);
    for (int i = 0; view->generation > 0 && i < g->d && i < MAX_NAMED; i++)
        sim_metrics_add(out, lyapunov[i], 2 * m->log_diag[i] / view->generation, m->n);
    return WN_OK;
}

/* Density on all of R^d: forward substitution through the factor. */
static void full_surprise(const struct sim_gnd *g, const double *item, size_t n, double *out)
{
    size_t d = (size_t)g->d;
    double constant = 0.5 * ((double)d * log_two_pi + log_det(g));

    for (size_t i = 0; i < n; i++) {
        double sum = 0;

        for (size_t k = 0; k < d; k++)
            g->vector[k] = item[i * d + k] - g->model.mean[k];
        sim_solve_lower(g->model.factor, g->d, g->vector);
        for (size_t k = 0; k < d; k++)
            sum += g->vector[k] * g->vector[k];
        out[i] = fmin(constant + 0.5 * sum, 1e300);
    }
}

/*
 * A singular model has no density.  Its variances along the main axes are lifted to a
 * floor: 1e-300, or sim_rounding of the largest variance, or 1e-28 of the squared mean,
 * whichever is largest.  The last two keep what rounding leaves off the model's subspace
 * from counting; a point that is truly off it is very surprising, but finitely so.
 */
static enum wn_status singular_surprise(const struct sim_gnd *g, const double *item, size_t n, double *out,
                                        struct wn_err *err)
{
    size_t d = (size_t)g->d;
    double *value = g->vector, *axis = g->scratch, floor = 1e-300, length = 0, constant = (double)d * log_two_pi;
    enum wn_status st;

    sim_lower_gram(g->model.factor, g->d, g->square);
    st = sim_eigen(g->square, g->d, value, axis, err);
    if (st != WN_OK)
        return st;
    for (size_t k = 0; k < d; k++)
        length += g->model.mean[k] * g->model.mean[k];
    floor = fmax(floor, fmax(sim_rounding(g->d) * value[d - 1], 1e-28 * length));
    for (size_t k = 0; k < d; k++) {
        value[k] = fmax(value[k], floor);
        constant += log(value[k]);
    }
    for (size_t i = 0; i < n; i++) {
        double sum = constant;

        for (size_t k = 0; k < d; k++) {
            double along = 0;

            for (size_t c = 0; c < d; c++)
                along += axis[k * d + c] * (item[i * d + c] - g->model.mean[c]);
            sum += along * along / value[k];
        }
        out[i] = fmin(0.5 * sum, 1e300);
    }
    return WN_OK;
}

enum wn_status sim_gnd_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_gnd *g = state;
    size_t d = (size_t)g->d;

    for (size_t i = 0; i < d; i++)
        if (!(g->model.factor[i * d + i] > 0) || g->model.rank < g->d)
            return singular_surprise(g, item, n, out, err);
    full_surprise(g, item, n, out);
    return WN_OK;
}
