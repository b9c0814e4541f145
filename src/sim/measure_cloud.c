/*
 * Precision, recall, density and coverage of a cloud of points.
 *
 * Points stand in rising order of one coordinate, and a search goes outwards from its centre
 * along it, a block at a time, until the step along that coordinate alone is too far.
 * Rounding is monotone, so no point is passed over that a full search would count.
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points whose distances are computed together. */
enum { BLOCK = 8 };

/* Two lanes, which every machine of 64 bits has or does one after the other; a sum has the
 * same order either way. */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));
#define PAIR(p) (*(const pair *)(p))

static const double *block_at(const struct sim_balls *b, size_t from)
{
    return b->x + from * (size_t)b->d;
}

static double coordinate(const struct sim_balls *b, size_t place, int i)
{
    return block_at(b, place / BLOCK * BLOCK)[(size_t)i * BLOCK + place % BLOCK];
}

/* From POINT to places FROM .. FROM + BLOCK - 1 of B, squared. */
static void measure_block(const struct sim_balls *b, const double *point, size_t from, double *out)
{
    const double *x = block_at(b, from);
    pair sum[BLOCK / 2] = { { 0 } };

    for (int i = 0; i < b->d; i++, x += BLOCK) {
        pair at = { point[i], point[i] };
        pair step0 = PAIR(x) - at, step1 = PAIR(x + 2) - at, step2 = PAIR(x + 4) - at, step3 = PAIR(x + 6) - at;

        sum[0] += step0 * step0;
        sum[1] += step1 * step1;
        sum[2] += step2 * step2;
        sum[3] += step3 * step3;
    }
    memcpy(out, sum, sizeof(sum));
}

/* Where a search of B has been: places LOW .. HIGH - 1, whole blocks. */
struct search {
    const struct sim_balls *b;
    double centre;
    size_t low, high;
};

/* Begins with nothing, at the block around the centre. */
static struct search search_at(const struct sim_balls *b, double centre)
{
    size_t from = 0, to = b->n;

    while (from < to) {
        size_t half = from + (to - from) / 2;

        if (b->along[half] < centre)
            from = half + 1;
        else
            to = half;
    }
    return (struct search){ b, centre, from / BLOCK * BLOCK, from / BLOCK * BLOCK };
}

/* The next block, on the nearer side; *GAP: how far it is along the coordinate, at least.
 * False when there is none. */
static bool next_block(struct search *s, size_t *from, double *gap)
{
    double above = s->high < s->b->n ? s->b->along[s->high] - s->centre : INFINITY;
    double below = s->low > 0 ? s->centre - s->b->along[s->low - 1] : INFINITY;

    if (s->low == 0 && s->high >= s->b->n)
        return false;
    if (s->high < s->b->n && (above <= below || s->low == 0)) {
        *from = s->high;
        s->high += BLOCK;
        *gap = fmax(above, 0);
    } else {
        *from = s->low -= BLOCK;
        *gap = fmax(below, 0);
    }
    return true;
}

static size_t places_in_block(const struct sim_balls *b, size_t from)
{
    return b->n - from < BLOCK ? b->n - from : BLOCK;
}

/* ---- the balls of a set --------------------------------------------------------------------- */

static enum wn_status check_points(const struct sim_points *p, size_t k, struct wn_err *err)
{
    if (p->d < 1)
        return wn_fail(err, WN_BADCONF, "points of %d dimensions have no neighbours", p->d);
    if (k < 1 || p->n <= k)
        return wn_fail(err, WN_BADCONF, "%zu points have no neighbour number %zu each", p->n, k);
    for (size_t i = 0; i < p->n * (size_t)p->d; i++)
        if (!isfinite(p->x[i]))
            return wn_fail(err, WN_BADCONF, "point %zu has a coordinate that is not finite", i / (size_t)p->d);
    return WN_OK;
}

/* The coordinate with the widest range: a search along it sees the fewest points. */
static int widest_axis(const struct sim_points *p)
{
    double widest = -1;
    int axis = 0;

    for (int i = 0; i < p->d; i++) {
        double low = p->x[i], high = low;

        for (size_t j = 1; j < p->n; j++) {
            low = fmin(low, p->x[j * (size_t)p->d + (size_t)i]);
            high = fmax(high, p->x[j * (size_t)p->d + (size_t)i]);
        }
        if (high - low > widest) {
            widest = high - low;
            axis = i;
        }
    }
    return axis;
}

static int by_coordinate(const void *a, const void *b)
{
    const double *x = *(const double *const *)a, *y = *(const double *const *)b;

    if (*x != *y)
        return *x < *y ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Copies P into X and ALONG by ORDER, which has room for a pointer each. */
static void lay_out(const struct sim_points *p, int axis, double *x, double *along, const double **order)
{
    size_t d = (size_t)p->d, places = (p->n + BLOCK - 1) / BLOCK * BLOCK;

    for (size_t i = 0; i < p->n; i++)
        order[i] = p->x + i * d + axis;
    qsort(order, p->n, sizeof(*order), by_coordinate);
    for (size_t i = 0; i < places; i++) {
        double *to = x + i / BLOCK * BLOCK * d + i % BLOCK;
        const double *from = i < p->n ? order[i] - axis : NULL;

        for (size_t j = 0; j < d; j++)
            to[j * BLOCK] = from ? from[j] : INFINITY;
        if (from)
            along[i] = from[axis];
    }
}

/* NEAREST holds the K smallest so far, rising. */
static void keep_nearest(double *nearest, size_t k, double distance)
{
    size_t at = k - 1;

    for (; at > 0 && nearest[at - 1] > distance; at--)
        nearest[at] = nearest[at - 1];
    nearest[at] = distance;
}

/* Squared distance from place OWN to the K-th nearest other one. */
static double find_radius(const struct sim_balls *b, size_t own, double *point, double *nearest)
{
    struct search s = { b, b->along[own], own / BLOCK * BLOCK, own / BLOCK * BLOCK };
    double distance[BLOCK], gap;
    size_t k = b->k, from;

    for (int i = 0; i < b->d; i++)
        point[i] = coordinate(b, own, i);
    for (size_t i = 0; i < k; i++)
        nearest[i] = INFINITY;
    while (next_block(&s, &from, &gap) && !(gap * gap >= nearest[k - 1])) {
        measure_block(b, point, from, distance);
        if (own - from < BLOCK)
            distance[own - from] = INFINITY;
        for (int j = 0; j < BLOCK; j++)
            if (distance[j] < nearest[k - 1])
                keep_nearest(nearest, k, distance[j]);
    }
    return nearest[k - 1];
}

enum wn_status sim_find_balls(const struct sim_points *p, size_t k, struct wn_arena *a, struct sim_balls *out,
                              struct wn_err *err)
{
    struct sim_balls b = { .n = p->n, .k = k, .d = p->d };
    double *x, *along, *radius, *room;
    const double **order;
    size_t total;
    enum wn_status st = check_points(p, k, err);

    if (st != WN_OK)
        return st;
    b.axis = widest_axis(p);
    if (!wn_mul_ok(p->n + BLOCK, (size_t)p->d, &total) || !(x = wn_arena_calloc(a, total, sizeof(*x))) ||
        !(along = wn_arena_calloc(a, p->n, sizeof(*along))) ||
        !(radius = wn_arena_calloc(a, p->n, sizeof(*radius))) ||
        !(order = wn_arena_calloc(a, p->n, sizeof(*order))) ||
        !(room = wn_arena_calloc(a, (size_t)p->d + k, sizeof(*room))))
        return wn_fail(err, WN_NOMEM, "cannot find the neighbours of %zu points: out of memory", p->n);
    lay_out(p, b.axis, x, along, order);
    b.x = x;
    b.along = along;
    b.radius = radius;
    for (size_t i = 0; i < p->n; i++)
        radius[i] = find_radius(&b, i, room, room + p->d);
    *out = b;
    return WN_OK;
}

/* ---- two sets ----------------------------------------------------------------------------------- */

/* What the balls of one set do to the points of another; flags by place. */
struct meeting {
    bool *holds;                   /* the ball holds a point      */
    bool *held;                    /* the point lies in a ball    */
    uint64_t n_held;               /* pairs of a point and a ball */
};

/* Points of B in the ball around POINT. */
static uint64_t count_held(const struct sim_balls *b, const double *point, double radius, bool *held)
{
    struct search s = search_at(b, point[b->axis]);
    double distance[BLOCK], gap;
    uint64_t n = 0;
    size_t from;

    while (next_block(&s, &from, &gap) && !(gap * gap > radius)) {
        size_t in_block = places_in_block(b, from);

        measure_block(b, point, from, distance);
        for (size_t j = 0; j < in_block; j++) {
            bool is_held = distance[j] <= radius;

            n += is_held;
            held[from + j] |= is_held;
        }
    }
    return n;
}

static enum wn_status meet(const struct sim_balls *balls, const struct sim_balls *points, struct wn_arena *scratch,
                           struct meeting *m, struct wn_err *err)
{
    double *point = wn_arena_calloc(scratch, (size_t)balls->d, sizeof(*point));

    *m = (struct meeting){ wn_arena_calloc(scratch, balls->n, sizeof(bool)),
                           wn_arena_calloc(scratch, points->n, sizeof(bool)), 0 };
    if (!point || !m->holds || !m->held)
        return wn_fail(err, WN_NOMEM, "cannot compare %zu and %zu points: out of memory", balls->n, points->n);
    for (size_t i = 0; i < balls->n; i++) {
        uint64_t n;

        for (int j = 0; j < balls->d; j++)
            point[j] = coordinate(balls, i, j);
        n = count_held(points, point, balls->radius[i], m->held);
        m->holds[i] = n > 0;
        m->n_held += n;
    }
    return WN_OK;
}

static double share(const bool *is, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += is[i];
    return (double)count / (double)n;
}

enum wn_status sim_compare_balls(const struct sim_balls *real, const struct sim_balls *fake, struct wn_arena *scratch,
                                 struct sim_prdc *out, struct wn_err *err)
{
    struct meeting in_real, in_fake;
    enum wn_status st;

    if (real->d != fake->d)
        return wn_fail(err, WN_BADCONF, "cannot compare points of %d and %d dimensions", real->d, fake->d);
    if (real->k != fake->k)
        return wn_fail(err, WN_BADCONF, "cannot compare balls of %zu and of %zu neighbours", real->k, fake->k);
    st = meet(real, fake, scratch, &in_real, err);
    if (st == WN_OK)
        st = meet(fake, real, scratch, &in_fake, err);
    if (st != WN_OK)
        return st;
    out->precision = share(in_real.held, fake->n);
    out->recall = share(in_fake.held, real->n);
    out->density = (double)in_real.n_held / (double)real->k / (double)fake->n;
    out->coverage = share(in_real.holds, real->n);
    return WN_OK;
}

enum wn_status sim_measure_prdc(const struct sim_points *real, const struct sim_points *fake, size_t k,
                                struct wn_arena *scratch, struct sim_prdc *out, struct wn_err *err)
{
    struct sim_balls of_real, of_fake;
    enum wn_status st = sim_find_balls(real, k, scratch, &of_real, err);

    if (st == WN_OK)
        st = sim_find_balls(fake, k, scratch, &of_fake, err);
    return st == WN_OK ? sim_compare_balls(&of_real, &of_fake, scratch, out, err) : st;
}
