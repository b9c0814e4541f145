/*
 * mixture_pass_body.h - the pass of mixture_pass.h, compiled once for each width VEC_BYTES.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "sim/mixture_vec.h"

enum { BLOCK = SIM_CLOUD_BLOCK, CHUNK = 4 };

/* The block in work. */
struct block {
    const struct sim_mixture *model;
    const double *x, *weight;
    double *term;               /* K x BLOCK: log terms, then exp(term - top)            */
    double *top, *sum, *gain;   /* BLOCK: largest term, sum of exps, weight / sum         */
    double *member;             /* BLOCK: membership of one component                     */
    double *shifted;            /* D x BLOCK: coordinates less a component's mean         */
    size_t live[SIM_MAX_COMPONENTS], n_live;
};

VEC_INLINE void note_term(struct block *b, size_t k, size_t i, const vec *term)
{
    vec *top = &VEC(b->top + i);
    vec_bits above = *term > *top;

    VEC(b->term + k * BLOCK + i) = *term;
    *top = VEC_SELECT(above, *term, *top);
}

/* The plane: L^-1 is [[a, 0], [b, c]]. */
static void terms_plane(struct block *b, size_t k)
{
    const double *mean = b->model->mean + 2 * k, *w = b->model->whiten + 4 * k;
    double scale = b->model->log_scale[k];

    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec dx = VEC_READ(b->x + i) - mean[0], dy = VEC_READ(b->x + BLOCK + i) - mean[1];
        vec u = dx * w[0], v = dx * w[2] + dy * w[3];
        vec term = scale - 0.5 * (u * u + v * v);

        note_term(b, k, i, &term);
    }
}

static void shift(struct block *b, size_t k)
{
    size_t d = b->model->d;
    const double *mean = b->model->mean + k * d;

    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < BLOCK; i += VEC_SIZE)
            VEC(b->shifted + j * BLOCK + i) = VEC_READ(b->x + j * BLOCK + i) - mean[j];
}

/* Adds the square of row ROW of L^-1 times the shifted points to Q; CHUNK vectors from I. */
VEC_INLINE void add_row(const struct block *b, const double *row, size_t n, size_t i, vec *q)
{
    vec s[CHUNK] = { { 0 } };

    for (size_t j = 0; j < n; j++) {
        const double *y = b->shifted + j * BLOCK + i;

#pragma GCC unroll 4
        for (size_t c = 0; c < CHUNK; c++)
            s[c] += row[j] * VEC_READ(y + c * VEC_SIZE);
    }
#pragma GCC unroll 4
    for (size_t c = 0; c < CHUNK; c++)
        q[c] += s[c] * s[c];
}

static void terms_any(struct block *b, size_t k)
{
    size_t d = b->model->d;
    const double *w = b->model->whiten + k * d * d;
    double scale = b->model->log_scale[k];

    shift(b, k);
    for (size_t i = 0; i < BLOCK; i += CHUNK * VEC_SIZE) {
        vec q[CHUNK] = { { 0 } };

        for (size_t row = 0; row < d; row++)
            add_row(b, w + row * d, row + 1, i, q);
        for (size_t c = 0; c < CHUNK; c++) {
            vec term = scale - 0.5 * q[c];

            note_term(b, k, i + c * VEC_SIZE, &term);
        }
    }
}

static void find_terms(struct block *b)
{
    for (size_t i = 0; i < BLOCK; i++)
        b->top[i] = -DBL_MAX;
    for (size_t l = 0; l < b->n_live; l++)
        b->model->d == 2 ? terms_plane(b, b->live[l]) : terms_any(b, b->live[l]);
}

static void share_softly(struct block *b)
{
    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec top = VEC_READ(b->top + i), sum = { 0 };

        for (size_t l = 0; l < b->n_live; l++) {
            double *at = b->term + b->live[l] * BLOCK + i;
            vec e = VEC_READ(at) - top;

            vec_exp(&e);
            VEC(at) = e;
            sum += e;
        }
        VEC(b->sum + i) = sum;
        VEC(b->gain + i) = VEC_READ(b->weight + i) / sum;
    }
}

/* Among equal terms the first wins. */
static void share_hard(struct block *b)
{
    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec top = VEC_READ(b->top + i);
        vec_bits taken = { 0 };

        for (size_t l = 0; l < b->n_live; l++) {
            double *at = b->term + b->live[l] * BLOCK + i;
            vec_bits hit = (VEC_READ(at) == top) & ~taken;

            taken |= hit;
            VEC(at) = VEC_KEEP(hit, (vec){ 0 } + 1.0);
        }
        VEC(b->sum + i) = (vec){ 0 } + 1.0;
        VEC(b->gain + i) = VEC_READ(b->weight + i);
    }
}

static double add_lanes(const double *lane)
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* Sum of weight times (top + log sum).  With weights of 0 and 1 the logs become one log of
 * a product of at most BLOCK sums of at most K each: 64^64 = 2^384 does not overflow. */
static double block_likelihood(const struct block *b, bool weighted)
{
    double tops[SIM_LANES] = { 0 }, total = 0, product = 1;

    if (weighted) {
        for (size_t i = 0; i < BLOCK; i++)
            total += b->weight[i] > 0 ? b->weight[i] * (b->top[i] + sim_plain_log(b->sum[i])) : 0;
        return total;
    }
    for (size_t u = 0; u < SIM_LANES; u += VEC_SIZE) {
        vec t = { 0 }, p = (vec){ 0 } + 1.0;

        for (size_t i = u; i < BLOCK; i += SIM_LANES) {
            vec_bits there = VEC_READ(b->weight + i) > 0.0;

            t += VEC_KEEP(there, VEC_READ(b->top + i));
            p *= VEC_SELECT(there, VEC_READ(b->sum + i), (vec){ 0 } + 1.0);
        }
        VEC(tops + u) = t;
        for (size_t i = 0; i < VEC_SIZE; i++)
            product *= p[i];
    }
    return add_lanes(tops) + sim_plain_log(product);
}

/* Registers for all six sums of the plane. */
static void moments_plane(const struct block *b, size_t k, double *sums)
{
    const double *mean = b->model->mean + 2 * k, *e = b->term + k * BLOCK;

    for (size_t u = 0; u < SIM_LANES; u += VEC_SIZE, sums += VEC_SIZE) {
        vec s = VEC(sums), sx = VEC(sums + 8), sy = VEC(sums + 16);
        vec xx = VEC(sums + 24), xy = VEC(sums + 32), yy = VEC(sums + 40);

        for (size_t i = u; i < BLOCK; i += SIM_LANES) {
            vec r = VEC_READ(e + i) * VEC_READ(b->gain + i);
            vec dx = VEC_READ(b->x + i) - mean[0], dy = VEC_READ(b->x + BLOCK + i) - mean[1];
            vec rx = r * dx, ry = r * dy;

            s += r;
            sx += rx;
            sy += ry;
            xx += rx * dx;
            xy += rx * dy;
            yy += ry * dy;
        }
        VEC(sums) = s;
        VEC(sums + 8) = sx;
        VEC(sums + 16) = sy;
        VEC(sums + 24) = xx;
        VEC(sums + 32) = xy;
        VEC(sums + 40) = yy;
    }
}

/* SUMS, 8 lanes, += A. */
VEC_INLINE void add_values(const double *a, double *sums)
{
    for (size_t i = 0; i < BLOCK; i += VEC_SIZE)
        VEC(sums + i % SIM_LANES) += VEC_READ(a + i);
}

/* SUMS, 8 lanes, += A times B. */
VEC_INLINE void add_products(const double *a, const double *b, double *sums)
{
    for (size_t u = 0; u < SIM_LANES; u += VEC_SIZE) {
        vec s = VEC(sums + u);

        for (size_t i = u; i < BLOCK; i += SIM_LANES)
            s += VEC_READ(a + i) * VEC_READ(b + i);
        VEC(sums + u) = s;
    }
}

static bool find_members(struct block *b, size_t k)
{
    const double *e = b->term + k * BLOCK;
    vec_bits any = { 0 };
    bool some = false;

    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec r = VEC_READ(e + i) * VEC_READ(b->gain + i);

        VEC(b->member + i) = r;
        any |= r > 0.0;
    }
    for (size_t i = 0; i < VEC_SIZE; i++)
        some |= any[i] != 0;
    return some;
}

/* A component without a member in the block has nothing to add. */
static void moments_any(struct block *b, size_t k, double *sums)
{
    size_t d = b->model->d;

    if (!find_members(b, k))
        return;
    shift(b, k);
    add_values(b->member, sums);
    for (size_t j = 0; j < d; j++)
        add_products(b->member, b->shifted + j * BLOCK, sums + (1 + j) * SIM_LANES);
    sums += (1 + d) * SIM_LANES;
    for (size_t i = 0; i < d; i++) {
        double scaled[BLOCK] __attribute__((aligned(64)));

        for (size_t p = 0; p < BLOCK; p += VEC_SIZE)
            VEC(scaled + p) = VEC_READ(b->member + p) * VEC_READ(b->shifted + i * BLOCK + p);
        for (size_t j = 0; j <= i; j++, sums += SIM_LANES)
            add_products(scaled, b->shifted + j * BLOCK, sums);
    }
}

static void block_init(struct block *b, const struct sim_pass *p)
{
    const struct sim_mixture *m = p->model;

    *b = (struct block){ .model = m, .term = p->scratch };
    b->top = b->term + m->k * BLOCK;
    b->sum = b->top + BLOCK;
    b->gain = b->sum + BLOCK;
    b->member = b->gain + BLOCK;
    b->shifted = b->member + BLOCK;
    for (size_t k = 0; k < m->k; k++)
        if (m->weight[k] > 0)
            b->live[b->n_live++] = k;
}

static void pass(struct sim_pass *p)
{
    size_t d = p->model->d, n_sums = sim_pass_n_sums(d) * SIM_LANES;
    struct block b;

    block_init(&b, p);
    p->log_likelihood = 0;
    for (size_t at = 0; at < p->points->n_blocks; at++) {
        b.x = p->points->x + at * d * BLOCK;
        b.weight = p->points->weight + at * BLOCK;
        find_terms(&b);
        p->hard ? share_hard(&b) : share_softly(&b);
        p->log_likelihood += block_likelihood(&b, p->points->weighted);
        for (size_t i = 0; p->log_density && i < BLOCK; i++)
            p->log_density[at * BLOCK + i] = b.top[i] + sim_plain_log(b.sum[i]);
        for (size_t l = 0; p->sums && l < b.n_live; l++) {
            double *sums = p->sums + b.live[l] * n_sums;

            d == 2 ? moments_plane(&b, b.live[l], sums) : moments_any(&b, b.live[l], sums);
        }
    }
}

/* ---- kernels (struct sim_kernels) ------------------------------------------------------------ */

VEC_INLINE void kernel_term(const struct sim_kernels *p, const double *centre, size_t i, vec *term)
{
    vec q = { 0 };

    for (size_t j = 0; j < p->d; j++) {
        vec step = (VEC_READ(p->query + j * BLOCK + i) - centre[j]) * p->inverse;

        q += step * step;
    }
    *term = -0.5 * q;
}

static void kernel_top(struct sim_kernels *p)
{
    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec top = (vec){ 0 } - DBL_MAX;

        for (size_t k = 0; k < p->n; k++) {
            vec term;
            vec_bits above;

            kernel_term(p, p->centre + k * p->d, i, &term);
            above = term > top;
            top = VEC_SELECT(above, term, top);
        }
        VEC(p->top + i) = top;
    }
}

static void kernel_sum(struct sim_kernels *p)
{
    for (size_t i = 0; i < BLOCK; i += VEC_SIZE) {
        vec top = VEC_READ(p->top + i), sum = { 0 };

        for (size_t k = 0; k < p->n; k++) {
            vec e;

            kernel_term(p, p->centre + k * p->d, i, &e);
            e -= top;
            vec_exp(&e);
            sum += e;
        }
        VEC(p->sum + i) = sum;
    }
}
