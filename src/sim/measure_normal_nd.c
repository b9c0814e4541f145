/*
 * Normal distributions in several dimensions, and mixtures of them.
 */
#include "sim/measure.h"

#include <math.h>

#include "sim/linalg.h"

enum { MAX_D = 4096 };

static const double log_two_pi = 1.83787706640934548356;
/* What rounding may leave below zero, relative to the largest eigenvalue. */
static const double negative_share = 1e-9;

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot compare normal distributions: out of memory");
}

static double *square(struct wn_arena *a, int d)
{
    return wn_arena_calloc(a, (size_t)d * (size_t)d, sizeof(double));
}

/* F with F' F = COV: row k is the k-th unit eigenvector times the root of its eigenvalue. */
static enum wn_status root_factor(const double *cov, int d, struct wn_arena *scratch, double *f, struct wn_err *err)
{
    double *value = wn_arena_calloc(scratch, (size_t)d, sizeof(*value));
    enum wn_status st;

    if (!value)
        return no_memory(err);
    st = sim_eigen(cov, d, value, f, err);
    if (st != WN_OK)
        return st;
    if (value[0] < -negative_share * fabs(value[d - 1]))
        return wn_fail(err, WN_BADCONF, "a covariance has the negative eigenvalue %g", value[0]);
    for (int k = 0; k < d; k++) {
        double scale = value[k] > 0 ? sqrt(value[k]) : 0;

        for (int i = 0; i < d; i++)
            f[k * d + i] *= scale;
    }
    return WN_OK;
}

/* The Cholesky factor; *SINGULAR when there is none though COV is a covariance. */
static enum wn_status cholesky(const double *cov, int d, struct wn_arena *scratch, double *l, bool *singular,
                               struct wn_err *err)
{
    for (size_t i = 0; i < (size_t)d * (size_t)d; i++)
        if (!isfinite(cov[i]))
            return wn_fail(err, WN_BADCONF, "a covariance has an entry that is not finite");
    *singular = !sim_cholesky(cov, d, l);
    return *singular ? root_factor(cov, d, scratch, l, err) : WN_OK;
}

static enum wn_status check_pair(const struct sim_normal *a, const struct sim_normal *b, struct wn_err *err)
{
    if (a->d < 1 || a->d > MAX_D || a->d != b->d)
        return wn_fail(err, WN_BADCONF, "cannot compare normal distributions of %d and %d dimensions", a->d, b->d);
    for (int i = 0; i < a->d; i++)
        if (!isfinite(a->mean[i]) || !isfinite(b->mean[i]))
            return wn_fail(err, WN_BADCONF, "a normal distribution has a mean that is not finite");
    return WN_OK;
}

static bool equal(const struct sim_normal *a, const struct sim_normal *b)
{
    for (int i = 0; i < a->d; i++)
        for (int j = 0; j <= i; j++)
            if (a->mean[i] != b->mean[i] || a->cov[i * a->d + j] != b->cov[i * a->d + j])
                return false;
    return true;
}

/* tr (S1^1/2 S2 S1^1/2)^1/2 is the sum of the singular values of F1 F2' for any factors
 * F' F = S: no root is taken of a difference, so small variances keep their digits. */
static enum wn_status cross_trace(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch,
                                  double *out, struct wn_err *err)
{
    int d = a->d;
    double *f1 = square(scratch, d), *f2 = square(scratch, d), *product = square(scratch, d);
    double *value = wn_arena_calloc(scratch, (size_t)d, sizeof(*value)), sum = 0;
    enum wn_status st;

    if (!f1 || !f2 || !product || !value)
        return no_memory(err);
    st = root_factor(a->cov, d, scratch, f1, err);
    if (st == WN_OK)
        st = root_factor(b->cov, d, scratch, f2, err);
    if (st != WN_OK)
        return st;
    for (int i = 0; i < d; i++)
        for (int j = 0; j < d; j++)
            for (int k = 0; k < d; k++)
                product[i * d + j] += f1[i * d + k] * f2[j * d + k];
    st = sim_singular_values(product, d, value, err);
    if (st != WN_OK)
        return st;
    for (int i = 0; i < d; i++)
        sum += value[i];
    *out = sum;
    return WN_OK;
}

enum wn_status sim_normal_w2_squared(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch,
                                     double *out, struct wn_err *err)
{
    double cross = 0, sum = 0;
    enum wn_status st = check_pair(a, b, err);

    if (st == WN_OK)
        st = cross_trace(a, b, scratch, &cross, err);
    if (st != WN_OK)
        return st;
    for (int i = 0; i < a->d; i++) {
        double shift = a->mean[i] - b->mean[i];

        sum += shift * shift + a->cov[i * a->d + i] + b->cov[i * a->d + i];
    }
    *out = fmax(0, sum - 2 * cross);
    return WN_OK;
}

/* Sum of squares of L^-1 X. */
static double squared_length(const double *l, int d, double *x)
{
    double sum = 0;

    sim_solve_lower(l, d, x);
    for (int i = 0; i < d; i++)
        sum += x[i] * x[i];
    return sum;
}

/* Sum of the logarithms of the diagonal: half of log det. */
static double half_log_det(const double *l, int d)
{
    double sum = 0;

    for (int i = 0; i < d; i++)
        sum += log(l[i * d + i]);
    return sum;
}

enum wn_status sim_normal_kl(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch,
                             double *out, struct wn_err *err)
{
    int d = a->d;
    bool flat_a = false, flat_b = false;
    double *la, *lb, *x, twice = 0;
    enum wn_status st = check_pair(a, b, err);

    if (st != WN_OK)
        return st;
    la = square(scratch, d);
    lb = square(scratch, d);
    x = wn_arena_calloc(scratch, (size_t)d, sizeof(*x));
    if (!la || !lb || !x)
        return no_memory(err);
    st = cholesky(a->cov, d, scratch, la, &flat_a, err);
    if (st == WN_OK)
        st = cholesky(b->cov, d, scratch, lb, &flat_b, err);
    if (st != WN_OK)
        return st;
    if (flat_a || flat_b) {
        *out = equal(a, b) ? 0 : INFINITY;
        return WN_OK;
    }
    for (int j = 0; j < d; j++) {               /* tr(S2^-1 S1) = |L2^-1 L1|^2, a column at a time */
        for (int i = 0; i < d; i++)
            x[i] = la[i * d + j];
        twice += squared_length(lb, d, x);
    }
    for (int i = 0; i < d; i++)
        x[i] = b->mean[i] - a->mean[i];
    twice += squared_length(lb, d, x) - d + 2 * (half_log_det(lb, d) - half_log_det(la, d));
    *out = fmax(0, 0.5 * twice);
    return WN_OK;
}

/* Bhattacharyya: det(S1)^1/4 det(S2)^1/4 det(S)^-1/2 exp(-(m1-m2)' S^-1 (m1-m2) / 8) with
 * S = (S1 + S2)/2. */
enum wn_status sim_normal_hellinger_squared(const struct sim_normal *a, const struct sim_normal *b,
                                            struct wn_arena *scratch, double *out, struct wn_err *err)
{
    int d = a->d;
    bool flat_a = false, flat_b = false, flat_mid = false;
    double *la, *lb, *mid, *lmid, *x, log_overlap;
    enum wn_status st = check_pair(a, b, err);

    if (st != WN_OK)
        return st;
    la = square(scratch, d);
    lb = square(scratch, d);
    mid = square(scratch, d);
    lmid = square(scratch, d);
    x = wn_arena_calloc(scratch, (size_t)d, sizeof(*x));
    if (!la || !lb || !mid || !lmid || !x)
        return no_memory(err);
    for (int i = 0; i < d * d; i++)
        mid[i] = 0.5 * a->cov[i] + 0.5 * b->cov[i];
    for (int i = 0; i < d; i++)
        x[i] = a->mean[i] - b->mean[i];
    st = cholesky(a->cov, d, scratch, la, &flat_a, err);
    if (st == WN_OK)
        st = cholesky(b->cov, d, scratch, lb, &flat_b, err);
    if (st == WN_OK)
        st = cholesky(mid, d, scratch, lmid, &flat_mid, err);
    if (st != WN_OK)
        return st;
    if (flat_a || flat_b || flat_mid) {
        *out = equal(a, b) ? 0 : 1;
        return WN_OK;
    }
    log_overlap = 0.5 * (half_log_det(la, d) + half_log_det(lb, d)) - half_log_det(lmid, d) -
                  squared_length(lmid, d, x) / 8;
    *out = fmax(0, -expm1(log_overlap));
    return WN_OK;
}

enum wn_status sim_log_det(const double *cov, int d, struct wn_arena *scratch, double *out, struct wn_err *err)
{
    double *l;
    bool singular = false;
    enum wn_status st;

    if (d < 1 || d > MAX_D)
        return wn_fail(err, WN_BADCONF, "a covariance of %d dimensions has no determinant", d);
    l = square(scratch, d);
    if (!l)
        return no_memory(err);
    st = cholesky(cov, d, scratch, l, &singular, err);
    if (st == WN_OK)
        *out = singular ? -INFINITY : 2 * half_log_det(l, d);
    return st;
}

double sim_effective_rank(const double *cov, int d)
{
    double trace = 0, squares = 0, top = 0;

    /* Scaled by the largest entry: variances of a collapsed law have squares that underflow. */
    for (int i = 0; i < d * d; i++) {
        if (!isfinite(cov[i]))
            return NAN;
        top = fmax(top, fabs(cov[i]));
    }
    if (top == 0)
        return NAN;
    for (int i = 0; i < d * d; i++)
        squares += cov[i] / top * (cov[i] / top);
    for (int i = 0; i < d; i++)
        trace += cov[i * d + i] / top;
    return fmin(d, fmax(1, trace * trace / squares));
}

struct gmm_scratch {
    double *sum, *l, *x;
};

/* N(mi - mj; 0, Ci + Cj); INFINITY when the sum is singular. */
static enum wn_status pair_density(const struct sim_gmm *a, size_t i, const struct sim_gmm *b, size_t j,
                                   const struct gmm_scratch *s, struct wn_arena *scratch, double *out,
                                   struct wn_err *err)
{
    size_t d = (size_t)a->d;
    bool singular = false;
    enum wn_status st;

    for (size_t e = 0; e < d * d; e++)
        s->sum[e] = a->cov[i * d * d + e] + b->cov[j * d * d + e];
    for (size_t e = 0; e < d; e++)
        s->x[e] = a->mean[i * d + e] - b->mean[j * d + e];
    st = cholesky(s->sum, a->d, scratch, s->l, &singular, err);
    if (st != WN_OK)
        return st;
    *out = singular ? INFINITY
                    : exp(-0.5 * squared_length(s->l, a->d, s->x) - 0.5 * a->d * log_two_pi - half_log_det(s->l, a->d));
    return WN_OK;
}

/* Integral of the product of two mixtures. */
static enum wn_status overlap(const struct sim_gmm *a, const struct sim_gmm *b, const struct gmm_scratch *s,
                              struct wn_arena *scratch, double *out, struct wn_err *err)
{
    double sum = 0, density;

    for (size_t i = 0; i < a->k; i++) {
        for (size_t j = 0; j < b->k; j++) {
            enum wn_status st;

            if (a->weight[i] == 0 || b->weight[j] == 0)
                continue;
            st = pair_density(a, i, b, j, s, scratch, &density, err);
            if (st != WN_OK)
                return st;
            sum += a->weight[i] * b->weight[j] * density;
        }
    }
    *out = sum;
    return WN_OK;
}

static enum wn_status check_gmm(const struct sim_gmm *g, int d, struct wn_err *err)
{
    if (g->k < 1 || g->d < 1 || g->d > MAX_D || g->d != d)
        return wn_fail(err, WN_BADCONF, "cannot compare a mixture of %zu components in %d dimensions", g->k, g->d);
    for (size_t i = 0; i < g->k; i++)
        if (!(g->weight[i] >= 0 && isfinite(g->weight[i])))
            return wn_fail(err, WN_BADCONF, "a mixture has the weight %g", g->weight[i]);
    for (size_t i = 0; i < g->k * (size_t)d; i++)
        if (!isfinite(g->mean[i]))
            return wn_fail(err, WN_BADCONF, "a mixture has a mean that is not finite");
    return WN_OK;
}

enum wn_status sim_gmm_l2_squared(const struct sim_gmm *a, const struct sim_gmm *b, struct wn_arena *scratch,
                                  double *out, struct wn_err *err)
{
    struct gmm_scratch s;
    double own_a = 0, own_b = 0, cross = 0;
    enum wn_status st = check_gmm(a, a->d, err);

    if (st == WN_OK)
        st = check_gmm(b, a->d, err);
    if (st != WN_OK)
        return st;
    s = (struct gmm_scratch){ square(scratch, a->d), square(scratch, a->d),
                              wn_arena_calloc(scratch, (size_t)a->d, sizeof(double)) };
    if (!s.sum || !s.l || !s.x)
        return no_memory(err);
    st = overlap(a, a, &s, scratch, &own_a, err);
    if (st == WN_OK)
        st = overlap(b, b, &s, scratch, &own_b, err);
    if (st == WN_OK)
        st = overlap(a, b, &s, scratch, &cross, err);
    if (st == WN_OK)
        *out = isinf(own_a) || isinf(own_b) ? INFINITY : fmax(0, own_a + own_b - 2 * cross);
    return st;
}
