/*
 * What a loop ends in: its fixed point, its drift, and how long things take.
 */
#include <math.h>

#include "sim/forecast_parts.h"
#include "sim/inflow.h"
#include "sim/screen.h"

static const struct sim_outlook nothing = {
    .first = NAN, .lasting = NAN, .drift_per_fit = NAN, .half_life_fits = NAN, .power = NAN, .growth_per_fit = NAN,
    .real_per_fit = NAN, .real_share = NAN, .critical_share = NAN, .critical_tpr = NAN, .absorption_fits = NAN,
};

static double identity(const void *arg, double n)
{
    (void)arg;
    return n;
}

static double inverse(const void *arg, double n)
{
    (void)arg;
    return 1 / n;
}

/* Drift of log v, or of log det S: E log of the chi2_(n-i)/(n - ddof). */
static double log_drift(const void *arg, double n)
{
    const struct forecast_fit *fit = arg;

    return sim_nd_logdet_drift(fmax(1, fit->dims), n, fit->estimator != WN_ESTIMATE_MLE);
}

static double mean_factor(const void *arg, double n)
{
    return (1 - 1 / n) * forecast_fit_factor(arg, n);
}

static void drift(struct sim_outlook *out, const char *of, double per_fit)
{
    if (!isfinite(per_fit)) {              /* one point a fit: everything is lost at once */
        out->lasting = 0;
        return;
    }
    out->drift_of = of;
    out->drift_per_fit = per_fit;
    if (per_fit < 0)
        out->half_life_fits = sim_theory_half_life(per_fit);
    out->lasting = per_fit < 0 ? 0 : out->lasting;
}

/* Pairs of lines find one parent with probability PAIR per fit: M lines need about
 * 2 (1 - 1/M) / PAIR fits (Kingman). */
static double absorption(double m, double pair)
{
    return m > 1 ? 2 * (1 - 1 / m) / pair : (double)NAN;
}

/* ---- replacement, with ever more items ---------------------------------------------------------- */

enum { FAR = 300 };

/* Sizes grow as fits^power.  Up to 1 the sum of 1/size has no end; above it the rest of the
 * sum is Euler's and Maclaurin's: f(N) (N/(power - 1) - 1/2 + power/(12 N)). */
static void growing(struct sim_outlook *out, struct forecast_loop *l)
{
    double power = l->policy->regime == WN_REGIME_SCHEDULE ? l->policy->power : 1, before = l->var, far;
    bool mle = l->fit.estimator == WN_ESTIMATE_MLE;

    if (l->fit.bias < 1) {
        drift(out, "log_variance", log(l->fit.bias));
        return;
    }
    if (power == 1)
        out->power = -(mle ? 2 : 1) * forecast_law_mean(&l->law, inverse, NULL) * l->n_fits;
    out->lasting = 0;
    if (power <= 1)
        return;
    while (l->n_fits < FAR) {
        before = l->var;
        if (!forecast_loop_next(l))
            return;
    }
    far = l->n_fits;
    out->lasting = l->var * exp(log(l->var / before) * (far / (power - 1) - 0.5 + power / (12 * far)));
}

/* ---- the newest items, and fixed real ones -------------------------------------------------------- */

static void pure(struct sim_outlook *out, const struct forecast_loop *l)
{
    bool is_normal = l->fit.is_normal && l->opts->sampling.truncate == 0;
    double dims = fmax(1, l->fit.dims);

    if (l->fit.added > 0) {
        out->lasting = l->fit.added / (1 - l->fit.bias * l->core.u.emitted);
        return;
    }
    if (is_normal && forecast_law_is_pure(&l->law, dims + 1))
        drift(out, l->fit.dims > 0 ? "log_det" : "log_variance",
              forecast_law_mean(&l->law, log_drift, &l->fit) + dims * log(l->fit.bias));
    else
        drift(out, "log_mean_variance", log(forecast_law_mean(&l->law, mean_factor, &l->fit) * l->fit.bias));
    out->absorption_fits = absorption(forecast_law_mean(&l->law, identity, NULL),
                                      forecast_law_mean(&l->law, inverse, NULL));
}

static bool is_certain(const struct forecast_law *law, double items)
{
    for (size_t i = 0; i < law->n; i++)
        if (fabs(law->item[i].real + law->item[i].synthetic - items) > 1e-9 * items)
            return false;
    return true;
}

/* What half of the variance takes; of an unbiased loop only where each fit has as many ITEMS. */
static void criticals(struct sim_outlook *out, const struct forecast_loop *l, double items)
{
    const struct wn_policy *p = l->policy;
    double pi = l->opts->scraped_human_share;

    if (l->fixed > 0 || p->regime == WN_REGIME_WEIGHTED || l->fit.kernel > 0 || l->fit.added > 0)
        return;
    if (l->fit.bias < 1)
        out->critical_share = sim_rho_critical_biased(l->fit.bias);
    else if (l->fit.estimator == WN_ESTIMATE_MLE && items > 2 && is_certain(&l->law, items))
        out->critical_share = sim_rho_critical(items);
    if (p->topup && l->fit.bias == 1 && !isnan(out->critical_share) && pi < 1)
        out->critical_tpr = sim_tpr_critical(items, pi, 1 - sim_screen_of(p).scraped);
}

static void core(struct sim_outlook *out, struct forecast_loop *l)
{
    double real = 0, share = 0, items = l->fixed + forecast_law_mean(&l->law, identity, NULL);

    for (size_t i = 0; i < l->law.n; i++) {
        const struct forecast_count *c = &l->law.item[i];

        real += c->weight * (l->fixed + c->real);
        share += c->weight * (l->fixed + c->real) / (l->fixed + c->real + c->synthetic);
    }
    out->real_share = share;
    if (!l->law_varies || real == 0)
        out->real_per_fit = real;
    if (forecast_loop_is_pure(l)) {
        if (l->law_varies)
            growing(out, l);
        else
            pure(out, l);
        return;
    }
    if (l->law_varies) {
        out->lasting = sim_fresh_biased_limit(share, l->fit.bias);
        return;
    }
    out->lasting = forecast_core_rest(l);
    criticals(out, l, items);
}

/* ---- everything so far --------------------------------------------------------------------------------- */

enum { LEVELS = 6 };

/* A remainder that is a power series in 1/n: Romberg's table over fits 8, 16, 32, ... 256. */
static double pool_limit(struct forecast_loop *l)
{
    double t[LEVELS];

    for (int i = 0; i < LEVELS; i++) {
        double power = 2;

        while (l->n_fits < 8U << i)
            if (!forecast_loop_next(l))
                return NAN;
        t[i] = l->var;
        for (int j = i - 1; j >= 0; j--, power *= 2)
            t[j] = t[j + 1] + (t[j + 1] - t[j]) / (power - 1);
    }
    return t[0];
}

/* Every batch is whole and of one size, and none is real but the first. */
static bool is_even_pool(const struct forecast_loop *l, double first)
{
    return l->law.n == 1 && !l->opts->first_mixed && isinf(l->subsample) && first == l->law.item[0].synthetic &&
           first >= 2;
}

static void pool(struct sim_outlook *out, struct forecast_loop *l)
{
    double first = (double)sim_first_items(l->opts, l->policy), m = l->subsample, items, share = 0;

    items = forecast_law_mean(&l->law, identity, NULL);
    for (size_t i = 0; i < l->law.n && items > 0; i++)
        share += l->law.item[i].weight * l->law.item[i].real / items;
    out->real_share = share;
    if (share == 0)
        out->real_per_fit = isinf(m) ? first : 0;
    else if (isfinite(m))
        out->real_per_fit = share * m;
    if (l->fit.kernel > 0 || l->fit.added > 0)
        return;
    if (share > 0 || items == 0) {
        double thinned = isfinite(m) ? (1 - 1 / m) * forecast_fit_factor(&l->fit, m) : 1;

        out->lasting = items == 0 ? l->var : sim_fresh_biased_limit(share, l->fit.bias) * thinned;
    } else if (l->fit.bias < 1) {
        out->lasting = 0;
        out->power = l->fit.bias - 1;
    } else {
        out->lasting = is_even_pool(l, first)
                           ? sim_accumulate_var(first, l->fit.estimator != WN_ESTIMATE_MLE, INFINITY)
                           : pool_limit(l);
    }
}

/* ---- windows and blends ------------------------------------------------------------------------------------ */

/* The recursions are linear: after enough fits one eigenvalue is left. */
static double rate_after(struct forecast_loop *l, uint32_t fits)
{
    double rate = NAN;

    while (l->n_fits < fits && l->var > 1e-290) {
        double before = l->var;

        if (!forecast_loop_next(l))
            return NAN;
        rate = l->var / before;
    }
    return rate;
}

static double settled(struct forecast_loop *l, uint32_t most)
{
    double before = INFINITY;

    while (l->n_fits < most && fabs(l->var - before) > 1e-15 * l->var) {
        before = l->var;
        if (!forecast_loop_next(l))
            return NAN;
    }
    return l->n_fits < most ? l->var : NAN;
}

static void window(struct sim_outlook *out, struct forecast_loop *l)
{
    double n = l->law.item[0].real + l->law.item[0].synthetic, held = n * l->policy->window, rate;

    out->real_share = l->law.item[0].real / n;
    out->real_per_fit = l->law.item[0].real * l->policy->window;
    if (out->real_share > 0) {
        out->lasting = settled(l, 50000);
        return;
    }
    rate = rate_after(l, 16 * l->policy->window + 60);
    drift(out, "log_mean_variance", log(rate));
    if (l->fit.bias == 1 && l->fit.estimator == WN_ESTIMATE_MLE && l->fit.kernel == 0)
        out->absorption_fits = absorption(held, 1 - rate);
}

static void general(struct sim_outlook *out, struct forecast_loop *l)
{
    const struct wn_policy *p = l->policy;
    double n = l->law.item[0].real + l->law.item[0].synthetic;

    out->real_share = p->beta < 1 ? p->gamma / (1 - p->beta) : 0;
    out->real_per_fit = out->real_share * n;
    if (p->gamma > 0 && l->fit.bias == 1 && l->fit.estimator == WN_ESTIMATE_MLE)
        out->lasting = sim_general_var(n, p->alpha, p->beta, p->gamma, INFINITY);
    else if (p->gamma > 0)
        out->lasting = settled(l, 100000);
    else
        drift(out, "log_mean_variance", log(rate_after(l, 60)));
}

void forecast_outlook(struct sim_outlook *out, struct forecast_loop *l, double scale)
{
    const char *metric = out->metric;

    *out = nothing;
    out->metric = metric;
    if (!l || !forecast_loop_next(l))
        return;
    out->first = scale * l->var;
    if (!forecast_loop_next(l))
        return;
    switch (l->kind) {
    case FORECAST_CORE:
        core(out, l);
        break;
    case FORECAST_POOL:
        pool(out, l);
        break;
    case FORECAST_WINDOW:
        window(out, l);
        break;
    case FORECAST_GENERAL:
        general(out, l);
        break;
    }
    out->lasting *= scale;
}
