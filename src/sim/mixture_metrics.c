/*
 * How far a fitted mixture is from its truth.
 */
#include <math.h>
#include <string.h>

#include "sim/measure.h"
#include "sim/mixture_engine.h"

enum { EVALUATION_POINTS = 1000, CLOUD_POINTS = 500, NEIGHBOUR = 5 };
static const double covered_share = 0.1;     /* of a mode's own mass: the mode is alive */

static double *room(struct wn_arena *a, size_t n, struct wn_err *err)
{
    double *at = wn_arena_alloc(a, n * sizeof(*at));

    if (!at)
        wn_fail(err, WN_NOMEM, "cannot compare mixtures: out of memory");
    return at;
}

/* The same points of the truth in every generation. */
static enum wn_status make_evaluation(struct sim_gmm_state *g, struct wn_err *err)
{
    struct sim_draw_key key = { g->run.opts->seed, WN_DOMAIN_METRIC, g->run.replicate, 0 };
    double *at = g->evaluation;

    if (at)
        return WN_OK;
    at = room(g->run.arena, EVALUATION_POINTS * g->model.d, err);
    if (!at)
        return WN_NOMEM;
    sim_mixture_draw(&g->world->truth, &key, 1, 0, at, EVALUATION_POINTS);
    g->evaluation = at;
    return WN_OK;
}

/* Mean negative log-likelihood of the evaluation points, nats. */
static enum wn_status heldout_nll(struct sim_gmm_state *g, double *out, struct wn_err *err)
{
    double *log_density = room(&g->scratch, EVALUATION_POINTS, err), sum = 0;
    struct sim_cloud c;
    enum wn_status st;

    if (!log_density)
        return WN_NOMEM;
    st = sim_cloud_new(&c, g->evaluation, NULL, EVALUATION_POINTS, g->model.d, &g->scratch, err);
    if (st == WN_OK)
        st = sim_cloud_log_density(&c, &g->model, &g->scratch, log_density, err);
    for (size_t i = 0; st == WN_OK && i < EVALUATION_POINTS; i++)
        sum -= log_density[i];
    *out = sum / EVALUATION_POINTS;
    return st;
}

/* A point belongs to the true component with the largest posterior.  A mode is covered
 * when the model puts at least a tenth of the mode's weight there. */
static double modes_covered(const struct sim_gmm_state *g, const double *drawn)
{
    const struct sim_mixture *truth = &g->world->truth;
    double term[SIM_MAX_COMPONENTS];
    size_t hits[SIM_MAX_COMPONENTS] = { 0 }, covered = 0;

    for (size_t i = 0; i < EVALUATION_POINTS; i++) {
        size_t best = 0;

        sim_mixture_terms(truth, drawn + i * truth->d, term);
        for (size_t k = 1; k < truth->k; k++)
            if (term[k] > term[best])
                best = k;
        hits[best]++;
    }
    for (size_t k = 0; k < truth->k; k++)
        covered += (double)hits[k] >= covered_share * truth->weight[k] * EVALUATION_POINTS;
    return (double)covered / (double)truth->k;
}

static enum wn_status l2_first(struct sim_gmm_state *g, double *out, struct wn_err *err)
{
    const struct sim_mixture *m = &g->model, *f = &g->first;
    struct sim_gmm now = { m->k, (int)m->d, m->weight, m->mean, m->cov };
    struct sim_gmm first = { f->k, (int)f->d, f->weight, f->mean, f->cov };
    enum wn_status st = sim_gmm_l2_squared(&now, &first, &g->scratch, out, err);

    if (st == WN_OK)
        *out = sqrt(*out);
    return st;
}

/* Those of the truth stay the same. */
static enum wn_status find_real_balls(struct sim_gmm_state *g, struct wn_err *err)
{
    struct sim_points real = { g->evaluation, CLOUD_POINTS, (int)g->model.d };
    struct sim_balls *balls;
    enum wn_status st;

    if (g->real_balls)
        return WN_OK;
    balls = wn_arena_alloc(g->run.arena, sizeof(*balls));
    if (!balls)
        return wn_fail(err, WN_NOMEM, "cannot compare mixtures: out of memory");
    st = sim_find_balls(&real, NEIGHBOUR, g->run.arena, balls, err);
    if (st == WN_OK)
        g->real_balls = balls;
    return st;
}

/* Precision and recall of the first 500 points of each set, k = 5. */
static enum wn_status add_cloud(struct sim_gmm_state *g, const double *drawn, struct sim_metrics *out,
                                struct wn_err *err)
{
    struct sim_points fake = { drawn, CLOUD_POINTS, (int)g->model.d };
    struct sim_balls fake_balls;
    struct sim_prdc prdc;
    enum wn_status st = find_real_balls(g, err);

    if (st == WN_OK)
        st = sim_find_balls(&fake, NEIGHBOUR, &g->scratch, &fake_balls, err);
    if (st == WN_OK)
        st = sim_compare_balls(g->real_balls, &fake_balls, &g->scratch, &prdc, err);
    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "precision", prdc.precision, CLOUD_POINTS);
    sim_metrics_add(out, "recall", prdc.recall, CLOUD_POINTS);
    return WN_OK;
}

/* The component nearest to the truth's first mode, among those alive; where the fit
 * starts at the truth, the one that started there. */
static size_t first_component(const struct sim_gmm_state *g)
{
    const struct sim_mixture *m = &g->model;
    double nearest = INFINITY;
    size_t best = 0;

    if (g->world->plan.starts_at_truth)
        return 0;
    for (size_t k = 0; k < m->k; k++) {
        double q = 0;

        for (size_t i = 0; i < m->d; i++) {
            double step = m->mean[k * m->d + i] - g->world->truth.mean[i];

            q += step * step;
        }
        if (m->weight[k] > 0 && q < nearest) {
            nearest = q;
            best = k;
        }
    }
    return best;
}

static void add_weights(const struct sim_gmm_state *g, struct sim_metrics *out)
{
    const struct sim_mixture *m = &g->model;
    size_t first = first_component(g);

    sim_metrics_add(out, "weight_1", m->weight[first], g->n);
    sim_metrics_add(out, "weight_diversity", sim_simpson(m->weight, m->k), g->n);
    if (m->k == 2)
        sim_metrics_add(out, "pi_variance", m->weight[0] * m->weight[1], g->n);
    if (m->d == 1)
        sim_metrics_add(out, "component_variance_1", m->weight[first] > 0 ? m->cov[first] : 0, g->n);
}

static void add_ranks(const struct sim_gmm_state *g, struct sim_metrics *out)
{
    const struct sim_mixture *m = &g->model;
    double smallest = INFINITY, sum = 0;
    size_t n = 0;

    for (size_t k = 0; k < m->k; k++) {
        double rank = sim_effective_rank(m->cov + k * m->d * m->d, (int)m->d);

        if (!(m->weight[k] > 0))
            continue;
        smallest = fmin(smallest, rank);
        sum += rank;
        n++;
    }
    sim_metrics_add(out, "effective_rank_min", smallest, g->n);
    sim_metrics_add(out, "effective_rank_mean", sum / (double)n, g->n);
}

/* Trace of the covariance of the whole mixture. */
static double total_variance(const struct sim_mixture *m)
{
    double mean[SIM_MAX_MIXTURE_DIMS], cov[SIM_MAX_MIXTURE_DIMS * SIM_MAX_MIXTURE_DIMS], trace = 0;

    sim_mixture_moments(m, mean, cov);
    for (size_t i = 0; i < m->d; i++)
        trace += cov[i * m->d + i];
    return trace;
}

static void add_shape(const struct sim_gmm_state *g, const double *drawn, double nll, struct sim_metrics *out)
{
    const struct sim_mixture *m = &g->model;
    double smallest = 1;

    for (size_t k = 0; k < m->k; k++)
        smallest = fmin(smallest, m->weight[k]);
    sim_metrics_add(out, "heldout_nll", nll, EVALUATION_POINTS);
    sim_metrics_add(out, "min_weight", smallest, g->n);
    sim_metrics_add(out, "effective_components", exp(sim_entropy(m->weight, m->k)), g->n);
    sim_metrics_add(out, "total_variance", total_variance(m), g->n);
    sim_metrics_add(out, "modes_covered", modes_covered(g, drawn), EVALUATION_POINTS);
}

enum wn_status sim_gmm_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                               struct wn_err *err)
{
    struct sim_gmm_state *g = state;
    struct sim_draw_key key = { g->run.opts->seed, WN_DOMAIN_METRIC, g->run.replicate, view->generation };
    double *drawn, nll, l2;
    enum wn_status st;

    wn_arena_reset(&g->scratch);
    drawn = room(&g->scratch, EVALUATION_POINTS * g->model.d, err);
    st = drawn ? make_evaluation(g, err) : WN_NOMEM;
    if (st == WN_OK)
        st = heldout_nll(g, &nll, err);
    if (st == WN_OK)
        st = l2_first(g, &l2, err);
    if (st != WN_OK)
        return st;
    sim_mixture_draw(&g->model, &key, 1, 0, drawn, EVALUATION_POINTS);
    add_shape(g, drawn, nll, out);
    sim_metrics_add(out, "l2_first", l2, g->n);
    add_weights(g, out);
    add_ranks(g, out);
    sim_metrics_add(out, "em_rounds", g->rounds, g->n);
    /* The exact truth of far modes is played 20,000 times; its weights say it all. */
    return g->world->plan.starts_at_truth ? WN_OK : add_cloud(g, drawn, out, err);
}
