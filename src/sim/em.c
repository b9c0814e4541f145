#include <math.h>

#include "sim/mixture.h"

enum { LLOYD_ROUNDS = 20 };

/* Weighted sums of the points given to one component. */
struct moments {
    double weight, x, y, xx, xy, yy;
};

/* Second moments are taken around C's old mean, which keeps them accurate far from
 * the origin. */
static void moments_add(struct moments *s, const struct sim_component *c, const double p[2], double w)
{
    double dx = p[0] - c->mean[0], dy = p[1] - c->mean[1];

    s->weight += w;
    s->x += w * dx;
    s->y += w * dy;
    s->xx += w * dx * dx;
    s->xy += w * dx * dy;
    s->yy += w * dy * dy;
}

/* A component that no point belongs to keeps its shape at weight 0. */
static void take_moments(struct sim_component *c, const struct moments *s, size_t n)
{
    double dx, dy;

    c->weight = s->weight / (double)n;
    if (s->weight < 1e-12 * (double)n) {
        c->weight = 0;
        return;
    }
    dx = s->x / s->weight;
    dy = s->y / s->weight;
    c->mean[0] += dx;
    c->mean[1] += dy;
    c->cov[0] = s->xx / s->weight - dx * dx;
    c->cov[1] = c->cov[2] = s->xy / s->weight - dx * dy;
    c->cov[3] = s->yy / s->weight - dy * dy;
}

enum wn_status sim_em_round(struct sim_mixture *m, const union sim_value *data, size_t n,
                            double *mean_log_likelihood, struct wn_err *err)
{
    struct moments sums[SIM_MAX_COMPONENTS] = { { 0, 0, 0, 0, 0, 0 } };
    double posterior[SIM_MAX_COMPONENTS], total = 0;

    for (size_t i = 0; i < n; i++) {
        total += sim_mixture_log_density(m, data[i].x, posterior);
        for (size_t k = 0; k < m->k; k++)
            moments_add(&sums[k], &m->part[k], data[i].x, posterior[k]);
    }
    for (size_t k = 0; k < m->k; k++)
        take_moments(&m->part[k], &sums[k], n);
    *mean_log_likelihood = total / (double)n;
    return sim_mixture_prepare(m, err);
}

static double squared_distance(const double a[2], const double b[2])
{
    return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
}

/* Index drawn in proportion to MASS, or uniformly when all mass is 0. */
static size_t draw_index(const double *mass, size_t n, struct wn_rng *rng)
{
    double total = 0, u;
    size_t last = n;

    for (size_t i = 0; i < n; i++)
        total += mass[i];
    if (total <= 0)
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

static void spread_centres(struct sim_mixture *m, const union sim_value *data, size_t n, double *nearest,
                           struct wn_rng *rng)
{
    for (size_t k = 0; k < m->k; k++) {
        size_t pick = k == 0 ? wn_rng_below(rng, n) : draw_index(nearest, n, rng);

        memcpy(m->part[k].mean, data[pick].x, sizeof(m->part[k].mean));
        for (size_t i = 0; i < n; i++) {
            double d = squared_distance(data[i].x, data[pick].x);

            if (k == 0 || d < nearest[i])
                nearest[i] = d;
        }
    }
}

static size_t nearest_centre(const struct sim_mixture *m, const double x[2])
{
    size_t best = 0;

    for (size_t k = 1; k < m->k; k++)
        if (squared_distance(x, m->part[k].mean) < squared_distance(x, m->part[best].mean))
            best = k;
    return best;
}

/* Gives every point to its nearest centre; true when one changed. */
static bool assign(const struct sim_mixture *m, const union sim_value *data, size_t n, uint32_t *owner,
                   struct moments *sums)
{
    bool changed = false;

    memset(sums, 0, SIM_MAX_COMPONENTS * sizeof(*sums));
    for (size_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)nearest_centre(m, data[i].x);

        changed |= owner[i] != k;
        owner[i] = k;
        moments_add(&sums[k], &m->part[k], data[i].x, 1);
    }
    return changed;
}

enum wn_status sim_em_start(struct sim_mixture *m, size_t k, const union sim_value *data, size_t n,
                            struct wn_rng *rng, struct wn_arena *scratch, struct wn_err *err)
{
    double *nearest = wn_arena_calloc(scratch, n, sizeof(*nearest));
    uint32_t *owner = wn_arena_calloc(scratch, n, sizeof(*owner));
    struct moments sums[SIM_MAX_COMPONENTS];
    bool changed = true;

    if (!nearest || !owner)
        return wn_fail(err, WN_NOMEM, "cannot fit a mixture: out of memory");
    memset(m, 0, sizeof(*m));
    m->k = k;
    spread_centres(m, data, n, nearest, rng);
    memset(owner, 0xff, n * sizeof(*owner));
    for (int round = 0; round < LLOYD_ROUNDS && changed; round++) {
        changed = assign(m, data, n, owner, sums);
        for (size_t i = 0; i < k; i++)
            take_moments(&m->part[i], &sums[i], n);
    }
    return sim_mixture_prepare(m, err);
}
