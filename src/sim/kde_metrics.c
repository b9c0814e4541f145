/*
 * How far a kernel density is from its truth, and what policies see of its points.
 */
#include <math.h>

#include "sim/kde_engine.h"

enum { TEST_POINTS = 500 };

static enum wn_status make_test(struct sim_kde_state *k, struct wn_err *err)
{
    struct sim_draw_key key = { k->run.opts->seed, WN_DOMAIN_METRIC, k->run.replicate, 0 };

    if (k->test)
        return WN_OK;
    k->test = wn_arena_alloc(k->run.arena, TEST_POINTS * k->model.d * sizeof(*k->test));
    if (!k->test)
        return wn_fail(err, WN_NOMEM, "cannot make test points: out of memory");
    sim_kde_draw_truth(k, &key, 0, k->test, TEST_POINTS);
    return WN_OK;
}

/* Points that no kernel reaches are counted, not averaged. */
static void add_heldout(const struct sim_kde_state *k, const double *log_density, struct sim_metrics *out)
{
    size_t possible = 0;
    double sum = 0;

    for (size_t i = 0; i < TEST_POINTS; i++) {
        if (isinf(log_density[i]))
            continue;
        sum -= log_density[i];
        possible++;
    }
    sim_metrics_add(out, "heldout_nll", possible ? sum / (double)possible : NAN, possible);
    if (k->model.tophat)
        sim_metrics_add(out, "impossible_share", (double)(TEST_POINTS - possible) / TEST_POINTS, TEST_POINTS);
}

/* A kernel adds its own variance: h^2 on each axis, for the ball h^2/(d + 2). */
static void add_moments(const struct sim_kde *m, struct sim_metrics *out)
{
    double mean[2], cov[4], own = m->width * m->width / (m->tophat ? (double)m->d + 2 : 1);

    sim_kde_moments(m->centre, m->n, m->d, mean, cov);
    if (m->d == 1) {
        sim_metrics_add(out, "mean", mean[0], m->n);
        sim_metrics_add(out, "variance", cov[0] + own, m->n);
    } else {
        sim_metrics_add(out, "total_variance", cov[0] + cov[3] + 2 * own, m->n);
    }
    sim_metrics_add(out, "bandwidth", m->width, m->n);
}

enum wn_status sim_kde_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                  struct wn_err *err)
{
    struct sim_kde_state *k = state;
    double log_density[TEST_POINTS];
    enum wn_status st = make_test(k, err);

    (void)view;
    wn_arena_reset(&k->scratch);
    if (st == WN_OK)
        st = sim_kde_log_density(&k->model, k->test, TEST_POINTS, &k->scratch, log_density, err);
    if (st != WN_OK)
        return st;
    add_moments(&k->model, out);
    add_heldout(k, log_density, out);
    return WN_OK;
}

/* ---- what policies see ---------------------------------------------------------------------------------- */

/* The truth is a kernel density around its nodes. */
enum wn_status sim_kde_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_kde_state *k = state;
    const struct sim_shape *s = k->world->set.shape;
    struct sim_kde truth = { k->world->node, s->n_nodes, s->d, s->noise, false };

    wn_arena_reset(&k->scratch);
    return sim_kde_log_density(&truth, item, n, &k->scratch, out, err);
}

/* A point that no kernel reaches is more surprising than any other. */
enum wn_status sim_kde_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    struct sim_kde_state *k = state;
    enum wn_status st;

    wn_arena_reset(&k->scratch);
    st = sim_kde_log_density(&k->model, item, n, &k->scratch, out, err);
    for (size_t i = 0; st == WN_OK && i < n; i++)
        out[i] = isinf(out[i]) ? 1e300 : -out[i];
    return st;
}

enum wn_status sim_kde_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct sim_kde_state *k = state;
    const struct sim_kde_world *w = k->world;
    size_t d = k->model.d;
    const double *x = item;

    (void)err;
    for (size_t i = 0; i < n; i++, x += d) {
        double square = 0;

        for (size_t row = 0; row < d; row++) {
            double z = 0;

            for (size_t j = 0; j <= row; j++)
                z += w->whiten[row * d + j] * (x[j] - w->mean[j]);
            square += z * z;
        }
        out[i] = sqrt(square);
    }
    return WN_OK;
}
