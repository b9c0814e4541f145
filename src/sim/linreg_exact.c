/*
 * Linear regression by sufficient statistics: X'X and X'y.
 *
 * k new rows: X'X = A A' ~ Wishart_d(I, k) in Bartlett's form, and given X, X'y is
 * X'X w + sd N(0, X'X) = X'X w + sd A z: a generation costs O(d^3), whatever n.  With one
 * design for the whole run X'X comes from its rows, the same that items have in points
 * mode: in O(n d^2), once where a generation has the design's rows a whole number of times.
 * (A filter picks among rows in points mode; here what it keeps has the first ones.)
 */
#include "sim/linreg.h"

#include <string.h>

#include "sim/draws.h"
#include "sim/linalg.h"

struct batch {
    double weight;      /* of all items; 0: a zeroed batch             */
    double number[];    /* X'y[d]; X'X[d * d], its lower triangle      */
};

static double *right_of(const struct batch *b)
{
    return (double *)b->number;
}

static double *square_of(const struct batch *b, size_t d)
{
    return (double *)b->number + d;
}

static size_t linreg_batch_size(const void *state)
{
    size_t d = (size_t)((const struct sim_linreg *)state)->d;

    return sizeof(struct batch) + (d + d * d) * sizeof(double);
}

/* Adds x x' of N rows of the design from row FIRST on. */
static void add_rows(struct sim_linreg *s, uint64_t first, uint64_t n, double *square)
{
    size_t d = (size_t)s->d, n_rows = 0;

    for (uint64_t i = 0; i < n; i++) {
        sim_linreg_design_row(s, first + i, s->factor + n_rows * d);
        if (++n_rows == d || i + 1 == n) {
            sim_add_squares(s->factor, n_rows, s->d, square);
            n_rows = 0;
        }
    }
}

/* X'X of the next N items of a generation on the one design: item i has row i mod opts->n,
 * so any opts->n items in turn have all rows. */
static void fixed_design(struct sim_linreg *s, uint64_t n, double *square)
{
    size_t d = (size_t)s->d;
    uint64_t rows = s->run.opts->n, times = n / rows;

    if (times > 0 && !s->design_known) {
        add_rows(s, 0, rows, s->design_square);
        s->design_known = true;
    }
    for (size_t i = 0; i < d * d; i++)
        square[i] = (double)times * s->design_square[i];
    add_rows(s, s->n_rows, n % rows, square);
    s->n_rows += n;
}

/* OUT := S x for a symmetric S of which the lower triangle is given. */
static void symmetric_times(const double *square, size_t d, const double *x, double *out)
{
    for (size_t i = 0; i < d; i++) {
        double sum = 0;

        for (size_t j = 0; j < d; j++)
            sum += square[i >= j ? i * d + j : j * d + i] * x[j];
        out[i] = sum;
    }
}

static enum wn_status draw_batch(struct sim_linreg *s, struct wn_rng *rng, uint64_t n, bool real, struct batch *out,
                                 struct wn_err *err)
{
    size_t d = (size_t)s->d;
    double *square = square_of(out, d), *right = right_of(out), *z = s->vector;
    double noise = real ? s->noise : s->model_noise;
    enum wn_status st = WN_OK;
    int rank;

    memset(out, 0, linreg_batch_size(s));
    if (n == 0)
        return WN_OK;
    out->weight = (double)n;
    if (s->same_design) {
        fixed_design(s, n, square);
        st = sim_semidefinite_factor(square, s->d, s->scratch, s->factor, &rank, err);
    } else {
        sim_draw_bartlett(rng, s->d, (double)n, s->factor);
        sim_lower_gram(s->factor, s->d, square);
    }
    for (size_t i = 0; i < d; i++)
        z[i] = sim_draw_normal(rng);
    sim_lower_times(s->factor, s->d, z, z);
    symmetric_times(square, d, real ? s->truth : s->w, right);
    for (size_t i = 0; i < d; i++)
        right[i] += noise * z[i];
    return st;
}

static enum wn_status linreg_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    return draw_batch(state, rng, n, true, out, err);
}

static enum wn_status linreg_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    return draw_batch(state, rng, n, false, out, err);
}

static void linreg_merge(const void *state, void *into_batch, const void *from_batch, double factor)
{
    size_t d = (size_t)((const struct sim_linreg *)state)->d;
    struct batch *into = into_batch;
    const struct batch *from = from_batch;

    into->weight += factor * from->weight;
    for (size_t i = 0; i < d + d * d; i++)
        into->number[i] += factor * from->number[i];
}

static enum wn_status linreg_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    struct sim_linreg *s = state;
    const struct batch *b = batch;

    (void)generation;
    s->n_rows = 0;
    if (!(b->weight > 0))
        return wn_fail(err, WN_BADDATA, "cannot fit a regression to an empty batch");
    return sim_linreg_solve(s, square_of(b, (size_t)s->d), right_of(b), n, err);
}

const struct sim_exact sim_linreg_exact = {
    .batch_size = linreg_batch_size,
    .real = linreg_real,
    .sample = linreg_sample,
    .merge = linreg_merge,
    .fit = linreg_fit,
};
