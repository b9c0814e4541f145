/*
 * Where EM starts: k-means.  Lloyd's rounds are EM with equal spherical covariances and
 * undivided memberships, so they use the same pass.
 */
#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

enum { LLOYD_ROUNDS = 20 };

/* The points that the start looks at, in rows. */
struct start {
    double *item, *weight, *mass;   /* mass: weight times squared distance to the nearest centre */
    size_t n, d;
};

static void copy_item(const struct sim_cloud *c, size_t i, double *to)
{
    const double *from = c->x + i / SIM_CLOUD_BLOCK * c->d * SIM_CLOUD_BLOCK + i % SIM_CLOUD_BLOCK;

    for (size_t j = 0; j < c->d; j++)
        to[j] = from[j * SIM_CLOUD_BLOCK];
}

/* One point drawn from each of n equal stretches; all of them when there are no more. */
static enum wn_status choose(struct start *s, const struct sim_cloud *c, struct wn_rng *rng, struct wn_arena *a,
                             struct wn_err *err)
{
    s->n = c->n < SIM_START_POINTS ? c->n : SIM_START_POINTS;
    s->d = c->d;
    s->item = wn_arena_alloc(a, s->n * s->d * sizeof(double));
    s->weight = wn_arena_alloc(a, s->n * sizeof(double));
    s->mass = wn_arena_alloc(a, s->n * sizeof(double));
    if (!s->item || !s->weight || !s->mass)
        return wn_fail(err, WN_NOMEM, "cannot start a fit: out of memory");
    for (size_t i = 0; i < s->n; i++) {
        size_t from = i * c->n / s->n, to = (i + 1) * c->n / s->n;
        size_t at = s->n == c->n ? i : from + wn_rng_below(rng, to - from);

        copy_item(c, at, s->item + i * s->d);
        s->weight[i] = c->weight[at];
    }
    return WN_OK;
}

/* Index drawn in proportion to MASS, or uniformly when all of it is 0. */
static size_t draw_index(const double *mass, size_t n, struct wn_rng *rng)
{
    double total = 0, u;
    size_t last = n;

    for (size_t i = 0; i < n; i++)
        total += mass[i];
    if (!(total > 0))
        return wn_rng_below(rng, n);
    u = wn_rng_u01(rng) * total;
    for (size_t i = 0; i < n; i++) {
        if (mass[i] <= 0)
            continue;
        last = i;
        if (u < mass[i])
            break;
        u -= mass[i];
    }
    return last;
}

static void lower_masses(struct start *s, const double *centre, bool first)
{
    for (size_t i = 0; i < s->n; i++) {
        double q = 0;

        for (size_t j = 0; j < s->d; j++) {
            double step = s->item[i * s->d + j] - centre[j];

            q += step * step;
        }
        q *= s->weight[i];
        if (first || q < s->mass[i])
            s->mass[i] = q;
    }
}

static void spread_centres(struct sim_mixture *m, struct start *s, struct wn_rng *rng)
{
    for (size_t k = 0; k < m->k; k++) {
        /* The first centre by weight, the next ones by weight times squared distance. */
        size_t pick = draw_index(k == 0 ? s->weight : s->mass, s->n, rng);

        memcpy(m->mean + k * m->d, s->item + pick * s->d, s->d * sizeof(double));
        lower_masses(s, m->mean + k * m->d, k == 0);
    }
}

static void make_spheres(struct sim_mixture *m)
{
    for (size_t k = 0; k < m->k; k++) {
        m->weight[k] = 1 / (double)m->k;
        for (size_t i = 0; i < m->d * m->d; i++)
            m->cov[k * m->d * m->d + i] = i % (m->d + 1) == 0;
    }
}

enum wn_status sim_em_start(const struct sim_em *em, struct sim_mixture *m, struct wn_rng *rng, struct wn_arena *a,
                            struct wn_err *err)
{
    double before = -INFINITY, now = 0;
    struct start s;
    struct sim_em part = *em;
    enum wn_status st = choose(&s, &em->points, rng, a, err);

    if (st == WN_OK)
        st = sim_cloud_new(&part.points, s.item, s.weight, s.n, s.d, a, err);
    if (st != WN_OK)
        return st;
    spread_centres(m, &s, rng);
    for (int round = 0; round < LLOYD_ROUNDS && now > before; round++) {
        before = round == 0 ? before : now;
        make_spheres(m);
        st = sim_mixture_prepare(m, err);
        if (st != WN_OK)
            return st;
        sim_em_pass(&part, m, true, &now);
    }
    return sim_mixture_prepare(m, err);
}
