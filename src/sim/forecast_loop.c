/*
 * The expected variance of the fitted model, fit by fit, whatever the regime.
 */
#include <math.h>

#include "sim/exact.h"
#include "sim/forecast_parts.h"
#include "sim/inflow.h"
#include "sim/screen.h"

double forecast_fit_factor(const struct forecast_fit *fit, double n)
{
    if (fit->kernel > 0)
        return 1 + fit->kernel * pow(n, -0.4) * n / (n - 1);
    return fit->estimator == WN_ESTIMATE_UNBIASED ? n / (n - 1) : 1;
}

/* ---- which loop ----------------------------------------------------------------------------- */

static enum forecast_kind kind_of(const struct wn_policy *p)
{
    switch (p->regime) {
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        return FORECAST_POOL;
    case WN_REGIME_WINDOW:
        return FORECAST_WINDOW;
    case WN_REGIME_GENERAL:
        return FORECAST_GENERAL;
    default:
        return FORECAST_CORE;
    }
}

static const char *why_not(const struct forecast_loop *l)
{
    const struct wn_policy *p = l->policy;
    bool filtered = p->filter_by != WN_FILTER_NONE;
    bool keeps = l->kind != FORECAST_CORE || p->regime == WN_REGIME_FIXED_REAL;

    if (sim_counts_are_mixed(l->opts, p))
        return sim_counts_are_mixed(l->opts, p);
    if (p->regime == WN_REGIME_EDIT)
        return "edited items are real in part";
    if (l->kind == FORECAST_GENERAL && (filtered || sim_screen_budget(l->opts, p) != UINT64_MAX))
        return "a blend of models is filtered or has a budget";
    if (l->kind != FORECAST_CORE && l->fit.estimator == WN_ESTIMATE_BY_SOURCE)
        return "sources that pile up are estimated apart";
    if (l->kind == FORECAST_GENERAL && (l->fit.kernel > 0 || l->fit.added > 0))
        return "a kernel widens every model of a blend";
    if (keeps && filtered && p->filter_by != WN_FILTER_ORACLE && sim_screen_of(p).fresh < 1)
        return "the filter meets the first data again";
    if (p->regime == WN_REGIME_FIXED_REAL && l->opts->first_mixed)
        return "the first data are mixed, and kept for ever";
    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE && !p->short_ok &&
        (double)sim_screen_budget(l->opts, p) > (double)sim_first_items(l->opts, p))
        return "the supply may be below the budget";
    return NULL;
}

/* ---- fit 1 -------------------------------------------------------------------------------------- */

static const char *first_law(struct forecast_loop *l)
{
    double n = (double)sim_first_items(l->opts, l->policy);

    if (l->policy->regime == WN_REGIME_FIXED_REAL) {
        l->fixed = n;
        return forecast_law_real(&l->law, 0);
    }
    if (l->opts->first_mixed)
        return forecast_law_make(&l->law, l->opts, l->policy, 0, l->fit.least);
    return forecast_law_real(&l->law, n);
}

static void start(struct forecast_loop *l)
{
    double n = l->law.item[0].real + l->law.item[0].synthetic;

    l->v = l->rp = l->tp = l->x = l->second = 1;
    switch (l->kind) {
    case FORECAST_CORE:
        forecast_core_law(l);
        forecast_core_step(l, 1);
        break;
    case FORECAST_POOL:
        forecast_pool_start(l);
        break;
    case FORECAST_WINDOW:
        forecast_window_add(l->window, n, 0, 1);
        l->var = forecast_window_var(l->window) * forecast_fit_factor(&l->fit, n) + l->fit.added;
        l->mu2 = forecast_window_mu2(l->window);
        break;
    case FORECAST_GENERAL:
        l->v = 1 - 1 / n;
        l->var = l->v * forecast_fit_factor(&l->fit, n);
        l->mu2 = 1 / n;
        break;
    }
}

const char *forecast_loop_open(struct forecast_loop *l, const struct wn_sim_opts *o, const struct wn_policy *p,
                               const struct forecast_fit *fit)
{
    uint64_t budget = sim_screen_budget(o, p);
    const char *why;

    *l = (struct forecast_loop){ .opts = o, .policy = p, .fit = *fit, .kind = kind_of(p), .var = (double)NAN,
                                 .mu2 = (double)NAN, .subsample = INFINITY };
    l->law_varies = p->regime == WN_REGIME_REPLACE_GROWN || p->regime == WN_REGIME_SCHEDULE;
    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE && budget != UINT64_MAX)
        l->subsample = (double)budget;
    why = why_not(l);
    if (!why)                        /* of later fits; fit 1 has its own */
        why = forecast_law_make(&l->law, o, p, 1, l->kind == FORECAST_CORE && p->regime != WN_REGIME_FIXED_REAL ?
                                                      fit->least : 0);
    if (!why && l->law.n > 1 && l->kind == FORECAST_WINDOW)
        why = "a window of batches of random sizes";
    if (!why)
        why = first_law(l);
    if (!why && l->law.n > 1 && (l->kind == FORECAST_WINDOW || l->kind == FORECAST_GENERAL))
        why = "the first data have a random size";
    if (!why && l->kind == FORECAST_WINDOW) {
        l->window = forecast_window_new(p->window);
        l->law.no_memory = !l->window;
        why = l->window ? NULL : "out of memory";
    }
    return why;
}

void forecast_loop_close(struct forecast_loop *l)
{
    forecast_law_release(&l->law);
    forecast_window_free(l->window);
    l->window = NULL;
}

/* ---- the next fits -------------------------------------------------------------------------------- */

static void window_step(struct forecast_loop *l)
{
    const struct forecast_count *c = &l->law.item[0];

    forecast_window_add(l->window, c->real, c->synthetic, l->fit.bias * l->var);
    l->var = forecast_window_var(l->window) * forecast_fit_factor(&l->fit, forecast_window_items(l->window)) +
             l->fit.added;
    l->mu2 = forecast_window_mu2(l->window);
}

/* p_g = alpha model + beta p_(g-1) + gamma truth.  A point of the model stands for a training
 * point: their mean is one, and the variances differ by MORE. */
static void general_step(struct forecast_loop *l)
{
    const struct wn_policy *p = l->policy;
    double a = p->alpha, b = p->beta, c = p->gamma, n = l->law.item[0].real + l->law.item[0].synthetic;
    double emitted = l->fit.bias * l->var, more = emitted - l->v, x = l->x, s = l->second;

    l->x = a * a * emitted + 2 * a * b * (x + more / 2) + b * b * x + c * c + c * a * (s + more + 1) + c * b * (s + 1);
    l->second = a * (s + more) + b * s + c;
    l->v = (1 - 1 / n) * l->x;
    l->var = l->v * forecast_fit_factor(&l->fit, n);
    l->mu2 = l->second - l->v;
}

static bool next_law(struct forecast_loop *l)
{
    double least = l->kind == FORECAST_CORE && l->fixed == 0 ? l->fit.least : 0;

    if (!forecast_loop_has_new_law(l))
        return true;
    if (forecast_law_make(&l->law, l->opts, l->policy, l->n_fits, least))
        return false;
    if (l->kind == FORECAST_CORE)
        forecast_core_law(l);
    return true;
}

bool forecast_loop_has_new_law(const struct forecast_loop *l)
{
    return l->n_fits <= 1 || l->law_varies;
}

bool forecast_loop_next(struct forecast_loop *l)
{
    if (l->n_fits == 0) {
        start(l);
        l->n_fits = 1;
        return true;
    }
    if (!next_law(l))
        return false;
    switch (l->kind) {
    case FORECAST_CORE:
        forecast_core_step(l, l->fit.bias * l->var);
        break;
    case FORECAST_POOL:
        forecast_pool_step(l);
        break;
    case FORECAST_WINDOW:
        window_step(l);
        break;
    case FORECAST_GENERAL:
        general_step(l);
        break;
    }
    l->n_fits++;
    return true;
}

bool forecast_loop_is_pure(const struct forecast_loop *l)
{
    return l->kind == FORECAST_CORE && l->fixed == 0 && (l->n_fits < 2 || !forecast_law_has_real(&l->law));
}
