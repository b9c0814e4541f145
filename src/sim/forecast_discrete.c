/*
 * Forecasts for discrete laws: Simpson diversity has the factors of the Gaussian variance.
 * Numbers of states, entropy and lost mass come from the chain of one state's count, where
 * that is cheap enough.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/discrete.h"
#include "sim/forecast_parts.h"
#include "sim/theory.h"

/* Multiplications that the chain may take: a few milliseconds. */
static const double most_work = 5e6;

/* ---- sums over states ---------------------------------------------------------------------- */

enum { N_SUMS = 3 };     /* states alive, entropy, mass of the truth that is lost */

struct forecast_states {
    struct sim_theory_chain *chain;
    const double *p;
    size_t n_states, m;
    double *f[N_SUMS];   /* m + 1 each */
};

void forecast_states_free(struct forecast_states *s)
{
    if (!s)
        return;
    sim_theory_chain_free(s->chain);
    for (int i = 0; i < N_SUMS; i++)
        free(s->f[i]);
    free(s);
}

/* Terms of a binomial sum: 16 standard deviations, about. */
static double terms(double m, double p)
{
    return fmin(m + 1, 16 * sqrt(m * p * (1 - p)) + 4);
}

static double work_of(const struct sim_forecast *f, const struct discrete_world *w, double m)
{
    const struct wn_sim_opts *o = &f->setup->opts;
    double recorded = o->record ? (double)o->n_record : o->generations, each = 0, sum = 0;

    for (size_t i = 0; i < w->n_states; i++)
        if (i == 0 || w->p[i] != w->p[i - 1])
            each += terms(m, w->p[i]);
    sum = m * terms(m, 0.5) * (8 + N_SUMS * (double)o->generations);
    return sum + 8 * N_SUMS * recorded * each;
}

static enum wn_status states_new(struct sim_forecast *f, const struct discrete_world *w, size_t m, struct wn_err *err)
{
    struct forecast_states *s = calloc(1, sizeof(*s));
    enum wn_status st;

    if (!s)
        return forecast_no_memory(err);
    f->states = s;
    s->p = w->p;
    s->n_states = w->n_states;
    s->m = m;
    st = sim_theory_chain_new(&s->chain, (double)m, err);
    for (int i = 0; i < N_SUMS && st == WN_OK; i++) {
        s->f[i] = calloc(m + 1, sizeof(double));
        if (!s->f[i])
            return forecast_no_memory(err);
    }
    for (size_t k = 0; k <= m && st == WN_OK; k++) {
        double x = (double)k / (double)m;

        s->f[0][k] = k > 0;
        s->f[1][k] = k > 0 ? -x * log(x) : 0;
        s->f[2][k] = k == 0;
    }
    return st;
}

static void states_next(struct forecast_states *s)
{
    for (int i = 0; i < N_SUMS; i++)
        sim_theory_chain_back(s->chain, s->f[i], 1);
}

static void states_values(const struct forecast_states *s, struct sim_metrics *out)
{
    double mean[N_SUMS] = { 0 }, sum[N_SUMS] = { 0 };

    for (size_t i = 0; i < s->n_states; i++) {
        for (int k = 0; k < N_SUMS && (i == 0 || s->p[i] != s->p[i - 1]); k++)
            mean[k] = sim_theory_binomial_mean((double)s->m, s->p[i], s->f[k]);
        sum[0] += mean[0];
        sum[1] += mean[1];
        sum[2] += s->p[i] * mean[2];
    }
    sim_metrics_add(out, "states", sum[0], 0);
    sim_metrics_add(out, "entropy", sum[1], 0);
    sim_metrics_add(out, "lost_mass", sum[2], 0);
}

/* ---- a biased sampler: infinitely many items ------------------------------------------------------ */

static bool is_cut(const struct wn_sim_sampling *s)
{
    return s->top_k || (s->top_p > 0 && s->top_p < 1) || s->min_p > 0 || (s->typical > 0 && s->typical < 1);
}

static bool is_flat(const struct discrete_world *w)
{
    for (size_t i = 1; i < w->n_states; i++)
        if (w->p[i] != w->p[0])
            return false;
    return true;
}

/* p* = rho p_0 + (1 - rho) T(p*), iterated from the truth as far as the work allows. */
static enum wn_status rest_of(const struct discrete_world *w, double rho, double tau, double *diversity,
                              struct wn_err *err)
{
    size_t k = w->n_states;
    double *p = malloc(2 * k * sizeof(*p)), change = 1, squares;

    *diversity = (double)NAN;
    if (!p)
        return forecast_no_memory(err);
    memcpy(p, w->p, k * sizeof(*p));
    for (double work = 0; work < most_work / 50 && change > 1e-12; work += (double)k) {
        double total = 0;

        change = squares = 0;
        for (size_t i = 0; i < k; i++)
            total += p[k + i] = pow(p[i], 1 / tau);
        for (size_t i = 0; i < k; i++) {
            double now = rho * w->p[i] + (1 - rho) * p[k + i] / total;

            change += fabs(now - p[i]);
            squares += now * now;
            p[i] = now;
        }
        *diversity = 1 - squares;
    }
    if (change > 1e-12)
        *diversity = (double)NAN;
    free(p);
    return WN_OK;
}

/* A flat law is at rest, but stays so only where sampling noise does not grow. */
static double flat_rest(double k, double rho, double tau)
{
    double x;

    if (tau >= 1 || (1 - rho) / tau < 1)
        return 1 - 1 / k;
    x = sim_theory_flat_rest(k, rho, tau).first;
    return 1 - x * x - (1 - x) * (1 - x) / (k - 1);
}

static enum wn_status biased(struct sim_forecast *f, const struct discrete_world *w, struct wn_err *err)
{
    const struct wn_sim_sampling *s = &f->setup->opts.sampling;
    struct sim_outlook *o = &f->outlook;
    double rho = f->policy->regime == WN_REGIME_WEIGHTED ? f->policy->weight : o->real_share, diversity = NAN;
    enum wn_status st = WN_OK;

    f->is_open = false;
    o->drift_of = NULL;
    o->lasting = o->drift_per_fit = o->half_life_fits = o->power = o->critical_share = o->absorption_fits = (double)NAN;
    forecast_refuse(f, "a sampler's bias is followed for infinitely many items only");
    if (is_cut(s) || f->loop.kind != FORECAST_CORE || f->loop.law_varies || w->n_states < 2 || isnan(rho))
        return WN_OK;
    if (is_flat(w))
        diversity = flat_rest((double)w->n_states, rho, s->temperature);
    else if (rho == 0)
        diversity = s->temperature < 1 ? 0 : 1 - 1 / (double)w->support;
    else
        st = rest_of(w, rho, s->temperature, &diversity, err);
    o->lasting = diversity;
    o->is_unlimited = !isnan(diversity);
    return st;
}

/* ---- smoothing --------------------------------------------------------------------------------------- */

/* Add-k smoothing is mutation at rate u = k K / (n + k K); same' = E sum p^2. */
static void smoothing(struct sim_forecast *f, const struct discrete_world *w)
{
    double k = (double)w->n_states, add = f->setup->opts.model.add;

    f->step_same = f->same_floor = 0;
    for (size_t i = 0; i < f->loop.law.n; i++) {
        const struct forecast_count *c = &f->loop.law.item[i];
        double n = c->real + c->synthetic, u = add * k / (n + add * k), keep = (1 - u) * (1 - u);

        f->step_same += c->weight * keep * (1 - 1 / n);
        f->same_floor += c->weight * (keep / n + (2 * u * (1 - u) + u * u) / k);
    }
}

static void smoothed_outlook(struct sim_forecast *f, const struct discrete_world *w)
{
    struct sim_outlook *o = &f->outlook;
    struct forecast_law *law = &f->loop.law;

    o->drift_of = NULL;
    o->drift_per_fit = o->half_life_fits = o->absorption_fits = o->lasting = (double)NAN;
    if (forecast_law_real(law, (double)sim_first_items(&f->setup->opts, f->policy)) == NULL) {
        smoothing(f, w);
        o->first = 1 - (f->step_same * w->sum_squares + f->same_floor);
    }
    if (!f->loop.law_varies && !forecast_law_make(law, &f->setup->opts, f->policy, 1, f->loop.fit.least)) {
        smoothing(f, w);
        o->lasting = 1 - f->same_floor / (1 - f->step_same);
    }
    if (forecast_law_real(law, (double)sim_first_items(&f->setup->opts, f->policy)))   /* of fit 1 again */
        f->is_open = false;
}

static bool is_smoothed(const struct sim_forecast *f)
{
    return f->setup->opts.model.add > 0;
}

/* ---- the engine ---------------------------------------------------------------------------------------- */

static enum wn_status open_states(struct sim_forecast *f, const struct discrete_world *w, struct wn_err *err)
{
    const struct wn_sim_opts *o = &f->setup->opts;
    const struct wn_policy *p = f->policy;
    bool plain = p->regime == WN_REGIME_REPLACE && p->filter_by == WN_FILTER_NONE && o->scraped_human_share == 0 &&
                 sim_first_items(o, p) == o->n && !(p->budget_documents || p->budget_of_first > 0);

    if (!plain || w->truth == DISCRETE_DISTINCT || o->n > SIM_MAX_CHAIN)
        return WN_OK;
    if (work_of(f, w, (double)o->n) > most_work) {
        forecast_refuse(f, "states, entropy and lost mass would take too long here");
        return WN_OK;
    }
    return states_new(f, w, (size_t)o->n, err);
}

static bool is_biased(const struct wn_sim_sampling *s)
{
    return (s->temperature > 0 && s->temperature != 1) || is_cut(s);
}

static struct forecast_fit plain_fit(const struct wn_sim_opts *o)
{
    return (struct forecast_fit){ .estimator = WN_ESTIMATE_MLE, .bias = 1,
                                  .least = (double)sim_generator_find(o->engine)->min_items(o) };
}

static const char *discrete_fit(const struct wn_sim_opts *o, struct forecast_fit *out)
{
    *out = plain_fit(o);
    if (is_biased(&o->sampling))
        return "a sampler's bias has no one factor";
    return o->model.add > 0 ? "smoothing has no one factor" : NULL;
}

static enum wn_status discrete_start(struct sim_forecast *f, struct wn_err *err)
{
    const struct discrete_world *w = f->setup->world;
    struct forecast_fit fit = plain_fit(&f->setup->opts);
    enum wn_status st;

    f->scale = w->truth == DISCRETE_DISTINCT ? 1 : 1 - w->sum_squares;
    f->same = w->sum_squares;
    f->outlook.metric = "simpson";
    st = forecast_start(f, &fit, err);
    if (st != WN_OK || !f->is_open)
        return st;
    if (f->outlook.drift_of)
        f->outlook.drift_of = "log_mean_simpson";
    if (is_biased(&f->setup->opts.sampling))
        return biased(f, w, err);
    if (is_smoothed(f)) {
        bool pure = f->outlook.real_share == 0 && f->loop.kind == FORECAST_CORE && !f->setup->opts.first_mixed;

        if (pure) {
            smoothed_outlook(f, w);
            return f->loop.law.no_memory ? forecast_no_memory(err) : WN_OK;
        }
        f->is_open = false;
        forecast_outlook(&f->outlook, NULL, 1);
        f->outlook.metric = NULL;
        forecast_refuse(f, "smoothing beside older or real items");
        return WN_OK;
    }
    if (w->support == 2 && !isnan(f->outlook.absorption_fits))
        f->outlook.absorption_fits = sim_absorption_two_diffusion(f->outlook.absorption_fits / 2 + 1, w->p[0]);
    return open_states(f, w, err);
}

static void discrete_next(struct sim_forecast *f, bool new_law)
{
    if (is_smoothed(f)) {
        if (new_law)
            smoothing(f, f->setup->world);
        f->same = f->step_same * f->same + f->same_floor;
    }
    if (f->states && f->loop.n_fits > 1)
        states_next(f->states);
}

static void discrete_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    const struct discrete_world *w = f->setup->world;

    if (is_smoothed(f)) {
        sim_metrics_add(out, "simpson", 1 - f->same, 0);
        return;
    }
    sim_metrics_add(out, "simpson", f->scale * f->loop.var, 0);
    if (f->states)
        states_values(f->states, out);
    if (w->truth != DISCRETE_DISTINCT) {
        sim_metrics_add(out, "p_first", w->p[0], 0);          /* a martingale */
        sim_metrics_add(out, "l2_truth", f->scale * (1 - f->loop.var), 0);
    }
}

const struct forecast_engine forecast_discrete = { "discrete", discrete_fit, discrete_start, discrete_next,
                                                  discrete_values };
