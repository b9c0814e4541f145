/*
 * The marginal chain of one state's count under `replace`: X' ~ Bin(M, X/M), the haploid
 * Wright-Fisher model; and the chain of the number of ancestral lines.
 *
 * Expectations run backwards: f(x) becomes E f(X' | x), one vector for all states.
 */
#include "sim/theory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Row j of the transition matrix, cut where its terms no longer count. */
struct row {
    size_t first, length, at; /* weights are weight[at .. at + length) */
};

struct sim_theory_chain {
    size_t m;
    struct row *row; /* m + 1 */
    double *weight;
    size_t n_weights, room;
    double *old; /* m + 1 */
};

void sim_theory_chain_free(struct sim_theory_chain *c)
{
    if (!c)
        return;
    free(c->row);
    free(c->weight);
    free(c->old);
    free(c);
}

/* Finds the ends of a row, then fills it. */
struct filler {
    size_t low, high;
    double *weight;
    double total;
};

static void widen(void *arg, double k, double w)
{
    struct filler *f = arg;

    (void)w;
    if ((size_t)k < f->low)
        f->low = (size_t)k;
    if ((size_t)k > f->high)
        f->high = (size_t)k;
}

static void fill(void *arg, double k, double w)
{
    struct filler *f = arg;

    f->weight[(size_t)k - f->low] = w;
    f->total += w;
}

static enum wn_status reserve(struct sim_theory_chain *c, size_t more, struct wn_err *err)
{
    size_t room = 2 * (c->n_weights + more);
    double *grown;

    if (c->n_weights + more <= c->room)
        return WN_OK;
    grown = realloc(c->weight, room * sizeof(*grown));
    if (!grown)
        return wn_fail(err, WN_NOMEM, "cannot build the chain of %zu points: out of memory", c->m);
    c->weight = grown;
    c->room = room;
    return WN_OK;
}

static enum wn_status add_row(struct sim_theory_chain *c, size_t j, struct wn_err *err)
{
    double m = (double)c->m, p = (double)j / m;
    struct filler f = { .low = SIZE_MAX };
    enum wn_status st;
    size_t length;

    sim_theory_binomial_each(m, p, widen, &f);
    length = f.high - f.low + 1;
    st = reserve(c, length, err);
    if (st != WN_OK)
        return st;
    f.weight = c->weight + c->n_weights;
    sim_theory_binomial_each(m, p, fill, &f);
    for (size_t k = 0; k < length; k++)
        f.weight[k] /= f.total;
    c->row[j] = (struct row){ f.low, length, c->n_weights };
    c->n_weights += length;
    return WN_OK;
}

enum wn_status sim_theory_chain_new(struct sim_theory_chain **out, double m, struct wn_err *err)
{
    struct sim_theory_chain *c;
    enum wn_status st = WN_OK;

    *out = NULL;
    if (!(m >= 1 && m <= SIM_MAX_CHAIN && m == floor(m)))
        return wn_fail(err, WN_BADCONF, "the chain needs 1 to %d points, not %g", SIM_MAX_CHAIN, m);
    c = calloc(1, sizeof(*c));
    if (!c)
        return wn_fail(err, WN_NOMEM, "cannot build the chain: out of memory");
    c->m = (size_t)m;
    c->row = calloc(c->m + 1, sizeof(*c->row));
    c->old = calloc(c->m + 1, sizeof(*c->old));
    if (!c->row || !c->old)
        st = wn_fail(err, WN_NOMEM, "cannot build the chain: out of memory");
    for (size_t j = 0; j <= c->m && st == WN_OK; j++)
        st = add_row(c, j, err);
    if (st == WN_OK) {
        *out = c;
        c = NULL;
    }
    sim_theory_chain_free(c);
    return st;
}

void sim_theory_chain_back(struct sim_theory_chain *c, double *f, double steps)
{
    for (double s = 0; s < steps; s++) {
        memcpy(c->old, f, (c->m + 1) * sizeof(*f));
        for (size_t j = 0; j <= c->m; j++) {
            const double *w = c->weight + c->row[j].at, *x = c->old + c->row[j].first;
            double sum = 0;

            for (size_t k = 0; k < c->row[j].length; k++)
                sum += w[k] * x[k];
            f[j] = sum;
        }
    }
}

/* Mean steps to 0 or m: (I - Q) t = 1 over the m - 1 inner counts.  I - Q is an M-matrix,
 * so elimination needs no pivots. */
static void eliminate(double *a, double *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t r = i + 1; r < n; r++) {
            double ratio = a[r * n + i] / a[i * n + i];

            if (ratio == 0)
                continue;
            for (size_t k = i + 1; k < n; k++)
                a[r * n + k] -= ratio * a[i * n + k];
            t[r] -= ratio * t[i];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            t[i] -= a[i * n + k] * t[k];
        t[i] /= a[i * n + i];
    }
}

static void one_minus_inner(const struct sim_theory_chain *c, double *a)
{
    size_t n = c->m - 1;

    for (size_t i = 0; i < n; i++) {
        const struct row *r = &c->row[i + 1];

        a[i * n + i] = 1;
        for (size_t k = 0; k < r->length; k++) {
            size_t to = r->first + k;

            if (to >= 1 && to <= n)
                a[i * n + to - 1] -= c->weight[r->at + k];
        }
    }
}

enum wn_status sim_absorption_two(double m, double p, double *out, struct wn_err *err)
{
    struct sim_theory_chain *c = NULL;
    double *a = NULL, *t = NULL;
    enum wn_status st;
    size_t n;

    if (m > SIM_MAX_DENSE)
        return wn_fail(err, WN_BADCONF, "absorption times need at most %d points", SIM_MAX_DENSE);
    st = sim_theory_chain_new(&c, m, err);
    if (st != WN_OK)
        return st;
    n = c->m - 1;
    a = calloc(n * n + 1, sizeof(*a));
    t = calloc(n + 2, sizeof(*t));
    if (!a || !t) {
        st = wn_fail(err, WN_NOMEM, "cannot solve for the absorption time: out of memory");
        goto done;
    }
    one_minus_inner(c, a);
    for (size_t i = 1; i <= n; i++)
        t[i] = 1;
    eliminate(a, t + 1, n);
    *out = 1 + sim_theory_binomial_mean(m, p, t);
done:
    free(a);
    free(t);
    sim_theory_chain_free(c);
    return st;
}

double sim_absorption_two_diffusion(double m, double p)
{
    return -2 * m * (p * log(p) + (1 - p) * log1p(-p));
}

/* ---- ancestral lines --------------------------------------------------------------------------------- */

/* P(k lines have j parents among m), row k of a triangle: throw the lines one by one. */
static double *occupancy(size_t m)
{
    double *p = calloc((m + 1) * (m + 1), sizeof(*p));

    if (!p)
        return NULL;
    p[0] = 1;
    for (size_t k = 1; k <= m; k++)
        for (size_t j = 1; j <= k; j++)
            p[k * (m + 1) + j] = p[(k - 1) * (m + 1) + j] * (double)j / (double)m +
                                 p[(k - 1) * (m + 1) + j - 1] * (double)(m - j + 1) / (double)m;
    return p;
}

static enum wn_status lines_start(double m, double **p, double **f, struct wn_err *err)
{
    *p = *f = NULL;
    if (!(m >= 2 && m <= SIM_MAX_DENSE && m == floor(m)))
        return wn_fail(err, WN_BADCONF, "ancestral lines need 2 to %d points, not %g", SIM_MAX_DENSE, m);
    *p = occupancy((size_t)m);
    *f = calloc(2 * ((size_t)m + 1), sizeof(**f));
    if (*p && *f)
        return WN_OK;
    free(*p);
    free(*f);
    return wn_fail(err, WN_NOMEM, "cannot count ancestral lines: out of memory");
}

enum wn_status sim_lines_left(double m, double n, double *out, struct wn_err *err)
{
    double *p, *f, *old;
    enum wn_status st = lines_start(m, &p, &f, err);
    size_t top;

    if (st != WN_OK)
        return st;
    top = (size_t)m;
    old = f + top + 1;
    for (size_t k = 0; k <= top; k++)
        f[k] = (double)k;
    for (double s = 1; s < n; s++) {
        memcpy(old, f, (top + 1) * sizeof(*f));
        for (size_t k = 1; k <= top; k++) {
            f[k] = 0;
            for (size_t j = 1; j <= k; j++)
                f[k] += p[k * (top + 1) + j] * old[j];
        }
    }
    *out = f[top];
    free(p);
    free(f);
    return WN_OK;
}

enum wn_status sim_lines_common_ancestor(double m, double *out, struct wn_err *err)
{
    double *p, *t;
    enum wn_status st = lines_start(m, &p, &t, err);
    size_t top;

    if (st != WN_OK)
        return st;
    top = (size_t)m;
    for (size_t k = 2; k <= top; k++) {
        double sum = 1, stay = p[k * (top + 1) + k];

        for (size_t j = 2; j < k; j++)
            sum += p[k * (top + 1) + j] * t[j];
        t[k] = sum / (1 - stay);
    }
    *out = 1 + t[top];
    free(p);
    free(t);
    return WN_OK;
}

double sim_lines_kingman(double m)
{
    return 2 * m * (1 - 1 / m);
}
