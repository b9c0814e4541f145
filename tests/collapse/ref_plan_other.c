/*
 * The other engines: d dimensions, regression, kernels, mixtures, counts, text, labels.
 */
#include "collapse/ref_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- gaussian-nd ---------------------------------------------------------------------------------------- */

/* The loop of Alemohammad et al. (2024): n_ini real points first, then n_r new real ones and
 * n_s synthetic ones. */
static enum ref_known mad(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double real = ref_get(ask, "n_r", NAN), made = ref_get(ask, "n_s", NAN), first = ref_get(ask, "n_ini", NAN);

    if (!(real >= 0 && made >= 0 && first >= 1))
        return ref_unknown(why, "'n_r', 'n_s' or 'n_ini' is missing");
    out->policy.regime = WN_REGIME_FRESH_REAL;
    out->policy.real_share = real / (real + made);
    out->opts.n = (uint64_t)llround(real + made);
    out->opts.n_first = (uint64_t)llround(first);
    out->opts.estimator = WN_ESTIMATE_UNBIASED;
    out->opts.sampling.lambda = ref_get(ask, "lambda", 1);
    return REF_PLANNED;
}

static const char *lyapunov(int i)
{
    static const char *const name[] = { "lyapunov_1", "lyapunov_2", "lyapunov_3", "lyapunov_4",
                                        "lyapunov_5", "lyapunov_6", "lyapunov_7", "lyapunov_8" };

    return i >= 1 && i <= 8 ? name[i - 1] : NULL;
}

/* Var log det is the same for all estimators: an id that names none is played without bias. */
static void log_det_gap(struct ref_plan *out, const struct ref_ask *ask)
{
    ref_take(out, "log_det", ref_gap_squared);
    out->arg = ref_sibling(ask, "Var_logdet", "E_logdet");
    if (!isnan(out->arg))
        return;
    out->arg = ref_sibling(ask, "replace.Var_logdet", "replace.unbiased.E_logdet");
    out->opts.estimator = WN_ESTIMATE_UNBIASED;
}

static void nd_quantity(struct ref_plan *out, const struct ref_ask *ask)
{
    static const struct {
        const char *word, *metric;
    } plain[] = {
        { "E_tr", "trace" },           { "E_logdet", "log_det" },        { "E_det", "det" },
        { "E_trS2", "trace_of_square" }, { "E_tr_sq", "trace_squared" },  { "E_mu2", "mean_squared" },
        { "E_W2sq", "w2_squared" },    { "E_effrank", "effective_rank" }, { "E_lmax", "largest_eigenvalue" },
    };
    const char *id = ask->c->id;

    if (ref_has(id, "mad_fresh_loop"))
        ref_take(out, "w2_squared", ref_plain);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (ref_has(id, plain[i].word))
            ref_take(out, plain[i].metric, ref_plain);
    if (ref_has(id, "Var_logdet")) {
        log_det_gap(out, ask);
    } else if (ref_has(id, "lyapunov")) {
        ref_take(out, lyapunov((int)ref_get(ask, "i", 0)), ref_plain);
        out->generation = (uint32_t)ref_get(ask, "n", 0);
    }
}

enum ref_known ref_plan_nd(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double d = ref_get(ask, "d", 0);
    enum ref_known known;

    out->opts.engine = "gaussian-nd";
    out->opts.model.dims = (unsigned)d;
    out->replicates = out->rule = REF_RULE_ND;
    out->fit_ns = 1000 + 3 * d * d * d;
    if (!(d >= 1))
        return ref_unknown(why, "the dimension 'd' is missing");
    if (ref_has(ask->c->id, "mad_fresh_loop"))
        known = mad(out, ask, why);
    else
        known = ref_plan_policy(out, ask, "M", why);
    nd_quantity(out, ask);
    return known;
}

/* ---- linreg ------------------------------------------------------------------------------------------------- */

enum ref_known ref_plan_linreg(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double real = ref_get(ask, "T_r", NAN), made = ref_get(ask, "T_s", NAN), d = ref_get(ask, "d", 0);

    out->opts.engine = "linreg";
    out->opts.model.dims = (unsigned)d;
    out->opts.model.noise = ref_get(ask, "sigma", 1);
    out->opts.model.same_design = ref_has(ask->c->id, "same_X");
    out->replicates = out->rule = REF_RULE_ND;
    out->fit_ns = 1000 + 20 * d * d * d;
    if (!(d >= 1))
        return ref_unknown(why, "the dimension 'd' is missing");
    ref_take(out, "test_error", ref_plain);
    if (ref_has(ask->c->id, "strong_collapse"))
        return ref_unknown(why, "no engine draws real data with shifted coefficients");
    if (!ref_has(ask->c->id, "fresh"))
        return ref_plan_policy(out, ask, "T", why);
    if (!(real >= 0 && made >= 0))
        return ref_unknown(why, "'T_r' or 'T_s' is missing");
    out->policy.regime = WN_REGIME_FRESH_REAL;
    out->policy.real_share = real / (real + made);
    out->opts.n = (uint64_t)llround(real + made);
    return REF_PLANNED;
}

/* ---- kde ------------------------------------------------------------------------------------------------------ */

enum ref_known ref_plan_kde(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    const char *rule = ref_text(ask->c->params, "rule"), *kernel = ref_text(ask->c->params, "kernel");

    out->opts.engine = "kde";
    out->opts.model.truth = "normal";
    out->opts.model.kernel = strcmp(kernel, "tophat") == 0 ? "tophat" : "gaussian";
    if (strcmp(rule, "scott") == 0 || ref_has(ask->c->id, "scott"))
        out->opts.model.bandwidth = "scott";
    else if (strcmp(rule, "silverman") == 0 || ref_has(ask->c->id, "silverman"))
        out->opts.model.bandwidth = "silverman";
    else
        snprintf(out->bandwidth, sizeof(out->bandwidth), "%.17g", ref_get(ask, "h", NAN));
    out->fit_ns = 40 * ref_get(ask, "M", 0) + 250000;
    if (ref_has(ask->c->id, "E_var"))
        ref_take(out, "variance", ref_plain);
    return ref_plan_policy(out, ask, "M", why);
}

/* ---- gmm: components so far apart that none shares a point --------------------------------------------------- */

enum ref_known ref_plan_mixture(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    out->opts.engine = "gmm";
    out->opts.model.truth = "separated";
    out->fit_ns = 1000 * ref_get(ask, "M", 0) + 250000;
    if (!ref_has(ask->c->id, "separated"))
        return ref_unknown(why, "only the separated mixture has known values");
    if (ref_get(ask, "pi", ref_get(ask, "pi0", 0.5)) != 0.5)
        return ref_unknown(why, "the separated mixture of the engine has equal weights");
    if (ref_has(ask->c->id, "E_weight_H"))
        ref_take(out, "pi_variance", ref_plain);
    else if (ref_has(ask->c->id, "E_compvar"))
        ref_take(out, "component_variance_1", ref_plain);
    return ref_plan_policy(out, ask, "M", why);
}

/* ---- poisson, exponential --------------------------------------------------------------------------------------- */

/* The log of a rate is minus the log of its scale. */
static double negative(const double *metric, double arg)
{
    (void)arg;
    return -metric[0];
}

static void exponential(struct ref_plan *out, const struct ref_ask *ask, double rate)
{
    const char *q = ask->c->quantity;
    bool log = strstr(ask->c->id, "log") != NULL, var = strstr(ask->c->id, "Var") != NULL;
    bool of_rate = strstr(q, "lambda") || strstr(q, "rate");

    ref_take(out, log ? "log_scale" : "scale", var ? ref_gap_squared : log && of_rate ? negative : ref_plain);
    out->arg = log ? (double)NAN : 1 / rate;
}

enum ref_known ref_plan_rates(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    bool counts = strncmp(ask->c->id, "poisson", 7) == 0;
    double rate = ref_get(ask, "lambda0", ref_get(ask, "lam", 1));

    out->opts.engine = counts ? "poisson" : "exponential";
    out->opts.model.rate = rate;
    if (!counts)
        exponential(out, ask, rate);
    else if (ref_has(ask->c->id, "P_extinct"))
        ref_take(out, "extinct", ref_plain);
    else if (ref_has(ask->c->id, "Var"))
        ref_take(out, "rate", ref_gap_squared);
    else if (ref_has(ask->c->id, "E_rate") || ref_has(ask->c->id, "E_lambda"))
        ref_take(out, "rate", ref_plain);
    if (counts)
        out->arg = rate;
    return ref_plan_policy(out, ask, "M", why);
}

/* ---- bigrams ------------------------------------------------------------------------------------------------------ */

/* A generation is one item: a text of T tokens behind state 0. */
enum ref_known ref_plan_text(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double v = ref_get(ask, "V", 0), t = ref_get(ask, "T", 0);

    out->opts.engine = "bigram";
    out->opts.model.truth = "chain";
    out->opts.model.states = (uint64_t)v;
    out->opts.model.block = (unsigned)t;
    out->opts.model.add = ref_get(ask, "addk", 0);
    out->opts.n = 1;
    out->fit_ns = 200 * t;
    if (!ref_has(ask->c->id, "bigram") || !(v >= 1 && t >= 1))
        return ref_unknown(why, "it is not the bigram chain, or 'V' or 'T' is missing");
    if (ref_has(ask->c->id, "E_bigrams"))
        ref_take(out, "distinct_bigrams", ref_plain);
    else if (ref_has(ask->c->id, "E_cond_entropy"))
        ref_take(out, "cond_entropy", ref_plain);
    else if (ref_has(ask->c->id, "E_types"))
        ref_take(out, "types", ref_plain);
    else if (ref_has(ask->c->id, "E_entropy") || ref_has(ask->c->id, "E_unigram_entropy"))
        ref_take(out, "unigram_entropy", ref_plain);
    return ref_plan_policy(out, ask, "none", why);
}

/* ---- labels ---------------------------------------------------------------------------------------------------------- */

enum ref_known ref_plan_verify(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    out->opts.engine = "labels";
    out->opts.model.rate = ref_get(ask, "e", NAN);
    out->policy.filter_by = WN_FILTER_VERIFY;
    out->policy.keep_right = ref_get(ask, "phi", NAN);
    out->policy.keep_wrong = ref_get(ask, "psi", NAN);
    out->opts.n = (uint64_t)ref_get(ask, "M", 20000);
    out->replicates = 100;
    out->own_spread = true;
    out->fit_ns = REF_ITEM_NS * (double)out->opts.n;
    if (isnan(out->opts.model.rate + out->policy.keep_right + out->policy.keep_wrong))
        return ref_unknown(why, "'e', 'phi' or 'psi' is missing");
    ref_take(out, "wrong_rate", ref_plain);
    return REF_PLANNED;
}
