/*
 * The 1-D Gaussian: every policy, detectors, weights.
 */
#include "collapse/ref_plan.h"

#include <math.h>
#include <string.h>

/* ---- statistics of the mean (0) and the variance (1) of a model ------------------------------------ */

static double root(const double *metric, double arg)
{
    (void)arg;
    return sqrt(metric[0]);
}

/* E X^4 = 3 v^2 + 6 v mu^2 + mu^4. */
static double fourth_moment(const double *metric, double arg)
{
    double m2 = metric[0] * metric[0], v = metric[1];

    (void)arg;
    return 3 * v * v + 6 * v * m2 + m2 * m2;
}

/* E -log p_0(X), p_0 = N(0, 1). */
static double cross_entropy(const double *metric, double arg)
{
    (void)arg;
    return 0.5 * (log(2 * M_PI) + metric[1] + metric[0] * metric[0]);
}

/* P(|X| > t). */
static double tail(const double *metric, double arg)
{
    double root_2v = sqrt(2 * metric[1]);

    return 0.5 * (erfc((arg - metric[0]) / root_2v) + erfc((arg + metric[0]) / root_2v));
}

static double is_below(const double *metric, double arg)
{
    return metric[0] < arg;
}

static double is_at_most(const double *metric, double arg)
{
    return metric[0] <= arg;
}

/* ---- which statistic ----------------------------------------------------------------------------------- */

static void take_both(struct ref_plan *out, ref_statistic_fn *statistic, double arg)
{
    out->metric[0] = "mean";
    out->metric[1] = "variance";
    out->statistic = statistic;
    out->arg = arg;
}

static void take_gap(struct ref_plan *out, const char *metric, double centre)
{
    ref_take(out, metric, ref_gap_squared);
    out->arg = centre;
}

/* Var log v is the same for all estimators: an id that names none is played without bias. */
static void take_log_gap(struct ref_plan *out, const struct ref_ask *ask)
{
    double centre = ref_sibling(ask, "Var_logvar", "E_logvar");

    if (isnan(centre)) {
        centre = ref_sibling(ask, "replace.Var_logvar", "replace.unbiased.E_logvar");
        out->opts.estimator = WN_ESTIMATE_UNBIASED;
    }
    take_gap(out, "log_variance", centre);
}

static enum ref_known quantity(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    static const struct {
        const char *word, *metric;
        ref_statistic_fn *statistic;
    } plain[] = {
        { "E_var", "variance", ref_plain },    { "E_sd", "variance", root },
        { "E_logvar", "log_variance", ref_plain }, { "Var_mu", "mean", ref_square },
        { "E_mu2", "mean", ref_square },       { "E_W2sq", "w2_squared", ref_plain },
        { "E_KL_0n", "kl", ref_plain },        { "E_KL_n0", "kl_reverse", ref_plain },
    };
    const char *id = ask->c->id;

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (ref_has(id, plain[i].word))
            ref_take(out, plain[i].metric, plain[i].statistic);
    if (ref_has(id, "Var_var"))
        take_gap(out, "variance", ref_sibling(ask, "Var_var", "E_var"));
    else if (ref_has(id, "Var_logvar"))
        take_log_gap(out, ask);
    else if (ref_has(id, "E_X4"))
        take_both(out, fourth_moment, 0);
    else if (ref_has(id, "E_crossentropy"))
        take_both(out, cross_entropy, 0);
    else if (ref_has_stem(id, "E_tail"))
        take_both(out, tail, ref_get(ask, "t", NAN));
    else if (ref_has(id, "P_collapse")) {
        ref_take(out, "variance", is_below);
        out->arg = ref_get(ask, "eps", NAN);
    } else if (ref_has(id, "quantiles")) {
        ref_take(out, "variance", is_at_most);
        out->arg = ask->e->value;
        out->expect = ref_get(ask, "q", NAN);
        out->spread = sqrt(out->expect * (1 - out->expect));
    } else if (!out->metric[0] && strstr(ask->c->quantity, "E[v_n]")) {
        ref_take(out, "variance", ref_plain);
    }
    return out->metric[0] ? REF_PLANNED : ref_unknown(why, "its quantity is not known");
}

/* Runs by points cost per item, and a subsample looks at the whole pool. */
static void price(struct ref_plan *out)
{
    double n = (double)out->opts.n, fits = out->generation;

    if (out->opts.sampling.truncate > 0)
        out->fit_ns = REF_ITEM_NS * n;
    if (out->policy.regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        out->fit_ns = REF_ITEM_NS * n * fits / 2;
}

enum ref_known ref_plan_gaussian(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    enum ref_known known;

    out->opts.engine = "gaussian";
    known = ref_plan_policy(out, ask, "M", why);
    if (known == REF_PLANNED)
        known = quantity(out, ask, why);
    price(out);
    return known;
}

/* ---- detectors ------------------------------------------------------------------------------------------- */

static void detector(struct ref_plan *out, double tpr, double fpr)
{
    out->policy.filter_by = WN_FILTER_TAG;
    out->policy.op = (struct wn_operating_point){
        .given = true, .tpr = tpr, .fpr = fpr, .tpr_low = tpr, .tpr_high = tpr, .fpr_low = fpr, .fpr_high = fpr };
}

/* One draw of the share is a ratio over a large intake: the spread is our own. */
static enum ref_known importance(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    struct wn_policy *p = &out->policy;

    p->filter_by = WN_FILTER_IMPORTANCE;
    p->importance_power = ref_get(ask, "bias_factor", ref_get(ask, "beta", NAN));
    p->human_confidence[0] = ref_get(ask, "real_conf_beta0", NAN);
    p->human_confidence[1] = ref_get(ask, "real_conf_beta1", NAN);
    p->synthetic_confidence[0] = ref_get(ask, "syn_conf_beta0", NAN);
    p->synthetic_confidence[1] = ref_get(ask, "syn_conf_beta1", NAN);
    if (!(p->importance_power > 0 && p->human_confidence[0] > 0 && p->synthetic_confidence[0] > 0))
        return ref_unknown(why, "the laws of the confidence are missing");
    out->opts.n = 20000;
    out->opts.mode = WN_SIM_POINTS;
    out->opts.scraped_human_share = ref_get(ask, "pi", NAN);
    out->generation = 1;
    out->replicates = 100;
    out->own_spread = true;
    out->fit_ns = REF_ITEM_NS * (double)out->opts.n;
    ref_take(out, "real_share", ref_plain);
    return REF_PLANNED;
}

enum ref_known ref_plan_filter(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    const char *id = ask->c->id;
    double real = ref_get(ask, "N_r", NAN), made = ref_get(ask, "N_s", NAN);

    out->opts.engine = "gaussian";
    out->opts.sampling.lambda = ref_get(ask, "lambda", 1);
    if (ref_has(id, "importance"))
        return importance(out, ask, why);
    detector(out, ref_get(ask, "tpr", NAN), ref_get(ask, "fpr", NAN));
    if (ref_has(id, "topup")) {
        out->policy.topup = true;
        out->opts.scraped_human_share = ref_get(ask, "pi", NAN);
        out->opts.n = (uint64_t)ref_get(ask, "M", 0);
    } else if (ref_has(id, "fixed_intake")) {
        out->opts.first_mixed = true;
        out->opts.n = (uint64_t)llround(real + made);
        out->opts.scraped_human_share = real / (real + made);
    } else {
        return ref_unknown(why, "its filter is not known");
    }
    if (!(out->opts.scraped_human_share > 0) || out->opts.n == 0 || isnan(out->policy.op.tpr + out->policy.op.fpr))
        return ref_unknown(why, "the intake ('pi' and 'M', or 'N_r' and 'N_s') or the rates are missing");
    if (ref_has(id, "Var_mu") || ref_has(id, "E_mu2"))
        ref_take(out, "mean", ref_square);
    else
        ref_take(out, "variance", ref_plain);
    return REF_PLANNED;
}

/* ---- weights ----------------------------------------------------------------------------------------------- */

enum ref_known ref_plan_weight(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    bool published = ref_has(ask->c->id, "published");
    double real = ref_get(ask, published ? "n_real" : "n_r", NAN);
    double made = ref_get(ask, published ? "m_synth" : "n_s", NAN);

    out->opts.engine = "gaussian";
    out->policy.regime = WN_REGIME_WEIGHTED;
    out->policy.weight = ref_get(ask, "w", NAN);
    if (!(real >= 1 && made >= 1 && out->policy.weight >= 0))
        return ref_unknown(why, "the sizes or the weight 'w' are missing");
    out->policy.real_share = real / (real + made);
    out->opts.n = (uint64_t)llround(real + made);
    if (published) {
        out->opts.estimator = WN_ESTIMATE_BY_SOURCE;
        out->opts.n_first = (uint64_t)llround(real);
    } else {
        out->opts.first_mixed = true;
    }
    if (ref_has(ask->c->id, "E_mu2") || ref_has(ask->c->id, "E_mean_err")) {
        ref_take(out, "mean", ref_square);
    } else if (ref_has(ask->c->id, "E_var_err")) {
        ref_take(out, "variance", ref_gap_squared);
        out->arg = 1;
    } else if (ref_has(ask->c->id, "E_var")) {
        ref_take(out, "variance", ref_plain);
    }
    return REF_PLANNED;
}
