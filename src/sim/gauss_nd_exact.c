/*
 * The d-dimensional Gaussian by sufficient statistics: a generation costs O(d^3), whatever n.
 *
 * k points of N(m, L L') have the mean m + L z / sqrt k and, independent of it, the centred
 * scatter (L A)(L A)', with A A' ~ Wishart_d(I, k - 1) in Bartlett's form.
 */
#include "sim/gauss_nd.h"

#include <math.h>
#include <string.h>

#include "sim/draws.h"
#include "sim/linalg.h"

enum form {
    FORM_EMPTY = 0,     /* a zeroed batch                                                    */
    FORM_FACTOR,        /* one batch as it was drawn: the square is F, the scatter is F F'   */
    FORM_SCATTER        /* merged batches: the square's lower triangle is the scatter        */
};

struct batch {
    double weight;      /* of all items                                                      */
    int form, rank;     /* FACTOR: rank of F                                                 */
    double number[];    /* mean[d]; log_diag[d] (FACTOR: of F's diagonal); square[d * d]     */
};

static double *mean_of(const struct batch *b)
{
    return (double *)b->number;
}

static double *log_diag_of(const struct batch *b, size_t d)
{
    return (double *)b->number + d;
}

static double *square_of(const struct batch *b, size_t d)
{
    return (double *)b->number + 2 * d;
}

static size_t gnd_batch_size(const void *state)
{
    size_t d = (size_t)((const struct sim_gnd *)state)->d;

    return sizeof(struct batch) + (2 * d + d * d) * sizeof(double);
}

/* N points with the factor FROM->factor sqrt(lambda); FROM is NULL for the truth. */
static void draw_batch(struct sim_gnd *g, struct wn_rng *rng, uint64_t n, const struct sim_gnd_model *from,
                       struct batch *out)
{
    size_t d = (size_t)g->d;
    double *mean = mean_of(out), *log_diag = log_diag_of(out, d), *square = square_of(out, d);
    double sd = from ? sqrt(g->lambda) : 1, shrink;

    *out = (struct batch){ .weight = (double)n, .form = FORM_EMPTY };
    if (n == 0)
        return;
    shrink = sd / sqrt((double)n);
    out->form = FORM_FACTOR;
    out->rank = from ? from->rank : g->d;
    if (n - 1 < (uint64_t)out->rank)
        out->rank = (int)(n - 1);
    for (size_t i = 0; i < d; i++)
        mean[i] = sim_draw_normal(rng);
    if (from)
        sim_lower_times(from->factor, g->d, mean, mean);
    for (size_t i = 0; i < d; i++)
        mean[i] = (from ? from->mean[i] : 0) + shrink * mean[i];
    sim_draw_bartlett(rng, g->d, (double)(n - 1), from ? g->square : square);
    for (size_t i = 0; i < d; i++)
        log_diag[i] = log((from ? g->square : square)[i * d + i] * sd) + (from ? from->log_diag[i] : 0);
    if (!from)
        return;
    sim_lower_product(from->factor, g->square, g->d, square);
    for (size_t i = 0; sd != 1 && i < d * d; i++)
        square[i] *= sd;
}

static enum wn_status gnd_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    (void)err;
    draw_batch(state, rng, n, NULL, out);
    return WN_OK;
}

static enum wn_status gnd_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    struct sim_gnd *g = state;

    (void)err;
    draw_batch(g, rng, n, &g->model, out);
    return WN_OK;
}

static void copy_scaled(const struct sim_gnd *g, struct batch *into, const struct batch *from, double factor)
{
    size_t d = (size_t)g->d;
    double scale = from->form == FORM_FACTOR ? sqrt(factor) : factor, *square = square_of(into, d);

    memcpy(into, from, gnd_batch_size(g));
    into->weight *= factor;
    if (factor == 1)
        return;
    for (size_t i = 0; i < d * d; i++)
        square[i] *= scale;
    for (size_t i = 0; from->form == FORM_FACTOR && i < d; i++)
        log_diag_of(into, d)[i] += log(scale);
}

/* The scatter of B: its own, or made from its factor in the run's square. */
static const double *scatter_of(const struct sim_gnd *g, const struct batch *b)
{
    size_t d = (size_t)g->d;

    if (b->form == FORM_SCATTER)
        return square_of(b, d);
    sim_lower_gram(square_of(b, d), g->d, g->square);
    return g->square;
}

/* Chan, Golub and LeVeque 1983: SS = SS1 + SS2 + (W1 W2 / W) (m2 - m1)(m2 - m1)'. */
static void gnd_merge(const void *state, void *into_batch, const void *from_batch, double factor)
{
    const struct sim_gnd *g = state;
    struct batch *into = into_batch;
    const struct batch *from = from_batch;
    size_t d = (size_t)g->d;
    double *mean = mean_of(into), *square = square_of(into, d), added = from->weight * factor, between, share;
    const double *scatter;

    if (from->form == FORM_EMPTY)
        return;
    if (into->form == FORM_EMPTY) {
        copy_scaled(g, into, from, factor);
        return;
    }
    scatter = scatter_of(g, into);
    if (scatter != square)
        memcpy(square, scatter, d * d * sizeof(double));
    scatter = scatter_of(g, from);
    share = added / (into->weight + added);
    between = into->weight * share;
    for (size_t i = 0; i < d; i++)
        g->vector[i] = mean_of(from)[i] - mean[i];
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            square[i * d + j] += factor * scatter[i * d + j] + between * g->vector[i] * g->vector[j];
    for (size_t i = 0; i < d; i++)
        mean[i] += share * g->vector[i];
    into->weight += added;
    into->form = FORM_SCATTER;
}

/* One batch that the model itself made: the new factor is the old one times Bartlett's. */
static void fit_factor(struct sim_gnd *g, const struct batch *b, uint64_t n)
{
    size_t d = (size_t)g->d;
    struct sim_gnd_model *m = &g->model;
    double scale = 1 / sqrt(sim_gnd_divisor(g, b->weight, n)), log_scale = log(scale);

    memcpy(m->mean, mean_of(b), d * sizeof(double));
    for (size_t i = 0; i < d * d; i++)
        m->factor[i] = square_of(b, d)[i] * scale;
    for (size_t i = 0; i < d; i++)
        m->log_diag[i] = log_diag_of(b, d)[i] + log_scale;
    m->rank = b->rank;
    m->n = n;
}

static enum wn_status gnd_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    struct sim_gnd *g = state;
    const struct batch *b = batch;

    (void)generation;
    if (b->form == FORM_EMPTY)
        return wn_fail(err, WN_BADDATA, "cannot fit a Gaussian to an empty batch");
    if (b->form == FORM_SCATTER)
        return sim_gnd_fit_scatter(g, mean_of(b), square_of(b, (size_t)g->d), b->weight, n, err);
    fit_factor(g, b, n);
    return WN_OK;
}

const struct sim_exact sim_gnd_exact = {
    .batch_size = gnd_batch_size,
    .real = gnd_real,
    .sample = gnd_sample,
    .merge = gnd_merge,
    .fit = gnd_fit,
};
