/*
 * Forecasts for kernel densities, linear regression, counts, waiting times and labels.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/forecast_parts.h"
#include "sim/linreg.h"

/* Keeps what the loop says of real items: the rest of its outlook is about a variance. */
static void only_shares(struct sim_forecast *f, const char *metric)
{
    double real = f->outlook.real_per_fit, share = f->outlook.real_share;

    forecast_outlook(&f->outlook, NULL, 1);
    f->outlook.metric = metric;
    f->outlook.real_per_fit = real;
    f->outlook.real_share = share;
}

static void drop_curves(struct sim_forecast *f, const char *why)
{
    f->is_open = false;
    f->outlook.metric = NULL;
    forecast_refuse(f, why);
}

static enum wn_status start_plain(struct sim_forecast *f, const char *metric, struct wn_err *err)
{
    struct forecast_fit fit = { .estimator = WN_ESTIMATE_MLE, .bias = 1,
                                .least = (double)f->setup->gen->min_items(&f->setup->opts) };
    enum wn_status st;

    f->outlook.metric = metric;
    st = forecast_start(f, &fit, err);
    if (st == WN_OK && f->is_open)
        only_shares(f, metric);
    return st;
}

/* Real data reach the first fit alone. */
static bool never_real(const struct sim_forecast *f)
{
    return f->loop.kind == FORECAST_CORE && f->outlook.real_share == 0;
}

/* ---- kernel densities, on the line ------------------------------------------------------------ */

static enum wn_status kde_open(struct sim_forecast *f, struct wn_err *err)
{
    const struct wn_sim_opts *o = &f->setup->opts;
    const struct wn_sim_model *m = &o->model;
    bool tophat = m->kernel && strcmp(m->kernel, "tophat") == 0;
    double own = tophat ? 1.0 / 3 : 1;      /* variance of a kernel of width 1 */
    struct forecast_fit fit = { .estimator = WN_ESTIMATE_MLE, .bias = 1, .least = (double)f->setup->gen->min_items(o) };

    if (m->truth && strcmp(m->truth, "normal") != 0) {
        drop_curves(f, "a truth in the plane has no closed form");
        return WN_OK;
    }
    if (!m->bandwidth || strcmp(m->bandwidth, "scott") == 0)
        fit.kernel = own;
    else if (strcmp(m->bandwidth, "silverman") == 0)
        fit.kernel = own * pow(4.0 / 3, 0.4);
    else
        fit.added = own * pow(strtod(m->bandwidth, NULL), 2);
    f->outlook.metric = "variance";
    return forecast_start(f, &fit, err);
}

static void kde_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    sim_metrics_add(out, "mean_squared", f->loop.mu2, 0);
    sim_metrics_add(out, "variance", f->loop.var, 0);
}

const struct forecast_engine forecast_kde = { "kde", NULL, kde_open, NULL, kde_values };

/* ---- linear regression ---------------------------------------------------------------------------- */

struct linear {
    double dims, noise;      /* sigma^2 */
    double lambda;
    bool same_design;
};

static struct linear linear_of(const struct sim_forecast *f)
{
    const struct wn_sim_opts *o = &f->setup->opts;
    double noise = o->model.noise != 0 ? o->model.noise : 1;

    return (struct linear){ (double)sim_linreg_dims(o), noise * noise, o->sampling.lambda, o->model.same_design };
}

/* E tr (X'X)^-1 of n rows, X standard normal (inverse Wishart). */
static double design(const void *arg, double n)
{
    double d = *(const double *)arg;

    return n > d + 1 ? d / (n - d - 1) : INFINITY;
}

/* d = 1: the share of X'X that is synthetic is Beta(s/2, (n - s)/2), and independent of X'X. */
static void one_dimension(struct sim_forecast *f, const struct linear *m)
{
    f->step_value = f->gain = 0;
    for (size_t i = 0; i < f->loop.law.n; i++) {
        const struct forecast_count *c = &f->loop.law.item[i];
        double all = (c->real + c->synthetic) / 2, a = c->synthetic / 2, share = a / all;

        f->step_value += c->weight * a * (a + 1) / (all * (all + 1));
        f->gain += c->weight * m->noise * design(&m->dims, 2 * all) * (1 - (1 - m->lambda) * share);
    }
}

/* error' = step error + gain, under the law at hand. */
static void linear_law(struct sim_forecast *f)
{
    struct linear m = linear_of(f);
    double lambda = f->loop.n_fits <= 1 ? 1 : m.lambda;

    if (f->loop.n_fits > 1 && forecast_law_has_real(&f->loop.law)) {
        one_dimension(f, &m);
        return;
    }
    f->step_value = 1;
    f->gain = lambda * m.noise * forecast_law_mean(&f->loop.law, design, &m.dims);
}

static const char *linear_refuses(const struct sim_forecast *f, const struct linear *m)
{
    const struct wn_sim_opts *o = &f->setup->opts;
    const struct forecast_loop *l = &f->loop;
    bool whole = sim_first_items(o, f->policy) == o->n;

    if (o->first_mixed)
        return "the first data are mixed";
    if (l->kind == FORECAST_POOL) {
        bool plain = f->policy->regime == WN_REGIME_ACCUMULATE && f->policy->filter_by == WN_FILTER_NONE && whole &&
                     f->outlook.real_share == 0 && m->lambda == 1;

        return plain ? NULL : "regression on accumulated data: only all of them, unfiltered and unbiased";
    }
    if (l->kind != FORECAST_CORE || l->fixed > 0 || f->policy->regime == WN_REGIME_WEIGHTED)
        return "regression on data that were seen before";
    if (f->outlook.real_share > 0 && (m->dims > 1 || m->same_design))
        return "regression on real and synthetic data, with more than one dimension or one design";
    if (m->same_design && (l->law_varies || !whole || f->policy->filter_by != WN_FILTER_NONE))
        return "one design for sets of several sizes";
    return NULL;
}

static double accumulated(const struct linear *m, double t, double i)
{
    return m->noise * m->dims / (m->same_design ? i * i * (t - m->dims - 1) : i * (i * t - m->dims - 1));
}

/* The rest of a sum of about 1/(t i^2) is close to 1/(t (n + 1/2)). */
static double accumulated_limit(const struct linear *m, double t)
{
    enum { FAR = 4000 };
    double sum = 0;

    for (double i = FAR; i >= 1; i--)
        sum += accumulated(m, t, i);
    return sum + accumulated(m, t, FAR + 0.5) * (FAR + 0.5);
}

static enum wn_status linear_open(struct sim_forecast *f, struct wn_err *err)
{
    struct linear m = linear_of(f);
    double t = (double)f->setup->opts.n;
    enum wn_status st = start_plain(f, "test_error", err);
    const char *why = st == WN_OK && f->is_open ? linear_refuses(f, &m) : NULL;

    if (why)
        drop_curves(f, why);
    if (st != WN_OK || !f->is_open)
        return st;
    linear_law(f);
    f->outlook.first = isfinite(f->gain) ? f->gain : (double)NAN;
    if (f->loop.kind == FORECAST_POOL) {
        f->outlook.lasting = t > m.dims + 1 ? accumulated_limit(&m, t) : (double)NAN;
    } else if (!f->loop.law_varies) {
        struct sim_forecast late = *f;      /* has a law of its own; the rest is only read */

        late.loop.law = (struct forecast_law){ .n = 0 };
        late.loop.n_fits = 2;
        if (!forecast_law_make(&late.loop.law, &f->setup->opts, f->policy, 1, f->loop.fit.least)) {
            linear_law(&late);
            if (late.step_value < 1)
                f->outlook.lasting = isfinite(late.gain) ? late.gain / (1 - late.step_value) : (double)NAN;
            else
                f->outlook.growth_per_fit = isfinite(late.gain) ? late.gain : (double)NAN;
        }
        if (late.loop.law.no_memory)
            st = forecast_no_memory(err);
        forecast_law_release(&late.loop.law);
    }
    return st;
}

static void linear_next(struct sim_forecast *f, bool new_law)
{
    if (f->loop.kind == FORECAST_POOL) {
        struct linear m = linear_of(f);
        double t = (double)f->setup->opts.n;

        f->value += t > m.dims + 1 ? accumulated(&m, t, f->loop.n_fits) : INFINITY;
        return;
    }
    if (new_law)
        linear_law(f);
    f->value = f->step_value * f->value + f->gain;
}

static void linear_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    sim_metrics_add(out, "test_error", f->value, 0);
}

const struct forecast_engine forecast_linreg = { "linreg", NULL, linear_open, linear_next, linear_values };

/* ---- counts and waiting times: the mean of means stays, nearly every run dies ------------------------ */

static double rate_of(const struct sim_forecast *f)
{
    double rate = f->setup->opts.model.rate;

    return rate != 0 ? rate : 1;
}

static enum wn_status poisson_open(struct sim_forecast *f, struct wn_err *err)
{
    enum wn_status st = start_plain(f, "rate", err);

    if (st != WN_OK || !f->is_open)
        return st;
    f->outlook.first = rate_of(f);
    f->outlook.lasting = never_real(f) && !f->loop.law_varies ? 0 : rate_of(f);
    if (f->loop.kind != FORECAST_CORE && !(f->outlook.real_share > 0))
        f->outlook.lasting = (double)NAN;
    return WN_OK;
}

/* Survival of a critical branching process, g' = 1 - exp(-g). */
static void poisson_next(struct sim_forecast *f, bool new_law)
{
    double first = (double)sim_first_items(&f->setup->opts, f->policy);
    bool same_size = f->loop.law.n == 1 && !f->loop.law_varies && never_real(f) && !f->setup->opts.first_mixed &&
                     f->loop.law.item[0].real + f->loop.law.item[0].synthetic == first;

    (void)new_law;
    if (!same_size)
        f->value = (double)NAN;
    else
        f->value = f->loop.n_fits == 1 ? 1 : -expm1(-f->value);
}

static void poisson_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    double first = (double)sim_first_items(&f->setup->opts, f->policy);

    sim_metrics_add(out, "rate", rate_of(f), 0);
    sim_metrics_add(out, "extinct", exp(-first * rate_of(f) * f->value), 0);
}

const struct forecast_engine forecast_poisson = { "poisson", NULL, poisson_open, poisson_next, poisson_values };

/* E log of the mean of n standard exponentials. */
static double log_mean(const void *arg, double n)
{
    (void)arg;
    return sim_theory_digamma_excess(n);
}

static double inverse_mean(const void *arg, double n)
{
    (void)arg;
    return n > 1 ? n / (n - 1) : INFINITY;
}

static enum wn_status exponential_open(struct sim_forecast *f, struct wn_err *err)
{
    enum wn_status st = start_plain(f, "scale", err);
    struct forecast_law late = { .n = 0 };

    if (st != WN_OK || !f->is_open)
        return st;
    f->outlook.first = 1 / rate_of(f);
    f->outlook.lasting = f->loop.kind == FORECAST_CORE || f->outlook.real_share > 0 ? 1 / rate_of(f) : (double)NAN;
    f->value = -log(rate_of(f));
    f->inverse = 1;
    if (never_real(f) && !f->loop.law_varies &&
        !forecast_law_make(&late, &f->setup->opts, f->policy, 1, f->loop.fit.least)) {
        f->outlook.lasting = 0;
        f->outlook.drift_of = "log_scale";
        f->outlook.drift_per_fit = forecast_law_mean(&late, log_mean, NULL);
        f->outlook.half_life_fits = sim_theory_half_life(f->outlook.drift_per_fit);
    }
    if (late.no_memory)
        st = forecast_no_memory(err);
    forecast_law_release(&late);
    return st;
}

static void exponential_next(struct sim_forecast *f, bool new_law)
{
    const struct forecast_law *law = &f->loop.law;

    if (f->loop.n_fits > 1 && !never_real(f)) {
        f->value = f->inverse = (double)NAN;
        return;
    }
    if (new_law) {
        f->step_value = forecast_law_mean(law, log_mean, NULL);
        f->step_inverse = forecast_law_mean(law, inverse_mean, NULL);
    }
    f->value += f->step_value;
    f->inverse *= f->step_inverse;
}

static void exponential_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    sim_metrics_add(out, "scale", 1 / rate_of(f), 0);
    sim_metrics_add(out, "log_scale", f->value, 0);
    sim_metrics_add(out, "kl", f->value + log(rate_of(f)) + f->inverse - 1, 0);
}

const struct forecast_engine forecast_exponential = { "exponential", NULL, exponential_open, exponential_next,
                                                      exponential_values };

/* ---- labels: each fit copies the errors of its data and adds its own --------------------------------- */

static double error_of(const struct sim_forecast *f)
{
    double rate = f->setup->opts.model.rate;

    return rate != 0 ? rate : 0.05;
}

/* wrong' = e + (1 - e) share wrong; SHARE: of what is fitted, by weight, that is synthetic. */
static enum wn_status labels_open(struct sim_forecast *f, struct wn_err *err)
{
    const struct wn_policy *p = f->policy;
    double e = error_of(f);
    enum wn_status st = start_plain(f, "wrong_rate", err);

    if (st != WN_OK)
        return st;
    if (p->filter_by == WN_FILTER_VERIFY && p->regime == WN_REGIME_REPLACE && f->setup->opts.scraped_human_share == 0) {
        f->outlook.metric = "wrong_rate";
        f->outlook.first = e;
        f->outlook.lasting = sim_verify_wrong(e, p->keep_right, p->keep_wrong, 10000);
        f->outlook.is_unlimited = true;
        return WN_OK;
    }
    if (f->is_open && f->loop.kind != FORECAST_CORE)
        drop_curves(f, "labels that pile up");
    if (!f->is_open)
        return WN_OK;
    f->outlook.first = e;
    if (!f->loop.law_varies) {
        double share = f->outlook.real_share;

        if (p->regime == WN_REGIME_WEIGHTED)
            share = p->weight;
        f->outlook.lasting = e / (1 - (1 - e) * (1 - share));
    }
    return WN_OK;
}

static void labels_next(struct sim_forecast *f, bool new_law)
{
    double e = error_of(f);

    (void)new_law;
    f->value = f->loop.n_fits == 1 ? e : e + (1 - e) * f->loop.core.tp.to_truth * f->value;
}

static void labels_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    sim_metrics_add(out, "wrong_rate", f->value, 0);
}

const struct forecast_engine forecast_labels = { "labels", NULL, labels_open, labels_next, labels_values };
