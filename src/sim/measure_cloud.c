/*
 * Precision, recall, density and coverage of a cloud of points.
 */
#include "sim/measure.h"

#include <math.h>

/* Points are compared in square tiles, so that both sides stay in the cache. */
enum { TILE = 64 };

static double squared_distance(const double *a, const double *b, int d)
{
    double sum = 0;

    for (int i = 0; i < d; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static size_t tile_end(size_t from, size_t n)
{
    return n - from < TILE ? n : from + TILE;
}

/* NEAREST holds the K smallest so far, rising. */
static void keep_nearest(double *nearest, size_t k, double distance)
{
    size_t at = k - 1;

    if (!(distance < nearest[at]))
        return;
    for (; at > 0 && nearest[at - 1] > distance; at--)
        nearest[at] = nearest[at - 1];
    nearest[at] = distance;
}

static void compare_tiles(const struct sim_points *p, size_t k, size_t row, size_t col, double *nearest)
{
    size_t d = (size_t)p->d;

    for (size_t i = row; i < tile_end(row, p->n); i++) {
        for (size_t j = row == col ? i + 1 : col; j < tile_end(col, p->n); j++) {
            double distance = squared_distance(p->x + i * d, p->x + j * d, p->d);

            keep_nearest(nearest + i * k, k, distance);
            keep_nearest(nearest + j * k, k, distance);
        }
    }
}

/* *RADIUS: the squared radius of every ball. */
static enum wn_status find_radii(const struct sim_points *p, size_t k, struct wn_arena *scratch, double **radius,
                                 struct wn_err *err)
{
    double *nearest, *out;
    size_t total;

    if (!wn_mul_ok(p->n, k, &total) || !(nearest = wn_arena_calloc(scratch, total, sizeof(*nearest))) ||
        !(out = wn_arena_calloc(scratch, p->n, sizeof(*out))))
        return wn_fail(err, WN_NOMEM, "cannot find the neighbours of %zu points: out of memory", p->n);
    for (size_t i = 0; i < total; i++)
        nearest[i] = INFINITY;
    for (size_t row = 0; row < p->n; row += TILE)
        for (size_t col = row; col < p->n; col += TILE)
            compare_tiles(p, k, row, col, nearest);
    for (size_t i = 0; i < p->n; i++)
        out[i] = nearest[i * k + k - 1];
    *radius = out;
    return WN_OK;
}

struct balls {
    const double *real_radius, *fake_radius;   /* squared                        */
    bool *real_holds;                          /* the real ball holds a fake     */
    bool *real_held;                           /* the real lies in a fake ball   */
    bool *fake_held;
    uint64_t n_held;                           /* pairs of a fake in a real ball */
};

static void meet_tiles(const struct sim_points *real, const struct sim_points *fake, size_t row, size_t col,
                       struct balls *b)
{
    size_t d = (size_t)real->d;

    for (size_t i = row; i < tile_end(row, real->n); i++) {
        for (size_t j = col; j < tile_end(col, fake->n); j++) {
            double distance = squared_distance(real->x + i * d, fake->x + j * d, real->d);

            if (distance <= b->real_radius[i]) {
                b->n_held++;
                b->real_holds[i] = true;
                b->fake_held[j] = true;
            }
            if (distance <= b->fake_radius[j])
                b->real_held[i] = true;
        }
    }
}

static double share(const bool *is, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += is[i];
    return (double)count / (double)n;
}

static enum wn_status check_points(const struct sim_points *p, size_t k, int d, struct wn_err *err)
{
    if (p->d < 1 || p->d != d)
        return wn_fail(err, WN_BADCONF, "cannot compare points of %d and %d dimensions", d, p->d);
    if (k < 1 || p->n <= k)
        return wn_fail(err, WN_BADCONF, "%zu points have no neighbour number %zu each", p->n, k);
    for (size_t i = 0; i < p->n * (size_t)d; i++)
        if (!isfinite(p->x[i]))
            return wn_fail(err, WN_BADCONF, "point %zu has a coordinate that is not finite", i / (size_t)d);
    return WN_OK;
}

enum wn_status sim_measure_prdc(const struct sim_points *real, const struct sim_points *fake, size_t k,
                                struct wn_arena *scratch, struct sim_prdc *out, struct wn_err *err)
{
    double *real_radius, *fake_radius;
    struct balls b;
    enum wn_status st = check_points(real, k, real->d, err);

    if (st == WN_OK)
        st = check_points(fake, k, real->d, err);
    if (st == WN_OK)
        st = find_radii(real, k, scratch, &real_radius, err);
    if (st == WN_OK)
        st = find_radii(fake, k, scratch, &fake_radius, err);
    if (st != WN_OK)
        return st;
    b = (struct balls){ real_radius, fake_radius, wn_arena_calloc(scratch, real->n, sizeof(bool)),
                        wn_arena_calloc(scratch, real->n, sizeof(bool)),
                        wn_arena_calloc(scratch, fake->n, sizeof(bool)), 0 };
    if (!b.real_holds || !b.real_held || !b.fake_held)
        return wn_fail(err, WN_NOMEM, "cannot compare %zu and %zu points: out of memory", real->n, fake->n);
    for (size_t row = 0; row < real->n; row += TILE)
        for (size_t col = 0; col < fake->n; col += TILE)
            meet_tiles(real, fake, row, col, &b);
    out->precision = share(b.fake_held, fake->n);
    out->recall = share(b.real_held, real->n);
    out->density = (double)b.n_held / (double)k / (double)fake->n;
    out->coverage = share(b.real_holds, real->n);
    return WN_OK;
}
