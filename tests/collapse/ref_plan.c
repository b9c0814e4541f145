#include "collapse/ref_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- statistics ---------------------------------------------------------------------------------- */

double ref_plain(const double *metric, double arg)
{
    (void)arg;
    return metric[0];
}

double ref_square(const double *metric, double arg)
{
    (void)arg;
    return metric[0] * metric[0];
}

double ref_gap_squared(const double *metric, double arg)
{
    return (metric[0] - arg) * (metric[0] - arg);
}

void ref_take(struct ref_plan *out, const char *metric, ref_statistic_fn *statistic)
{
    out->metric[0] = metric;
    out->statistic = statistic;
}

/* ---- numbers and names ----------------------------------------------------------------------------- */

double ref_get(const struct ref_ask *ask, const char *name, double absent)
{
    return ref_arg(&ask->a, name, absent);
}

enum ref_known ref_unknown(struct wn_err *why, const char *what)
{
    wn_fail(why, WN_BADCONF, "%s", what);
    return REF_UNKNOWN;
}

double ref_theory(const struct ref_ask *ask, const char *name)
{
    double out;

    return sim_theory_value(name, &ask->a, &out, NULL) == WN_OK ? out : (double)NAN;
}

double ref_sibling(const struct ref_ask *ask, const char *from, const char *to)
{
    const char *at = strstr(ask->c->id, from);
    char name[160];

    if (!at)
        return (double)NAN;
    snprintf(name, sizeof(name), "%.*s%s%s", (int)(at - ask->c->id), ask->c->id, to, at + strlen(from));
    return ref_theory(ask, name);
}

/* ---- policies ----------------------------------------------------------------------------------------- */

static bool says(const struct ref_ask *ask, const char *policy)
{
    return ref_has(ask->c->id, policy) || strcmp(ref_text(ask->c->params, "policy"), policy) == 0;
}

static enum ref_known mixed_with_real(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    struct wn_policy *p = &out->policy;
    double m = ref_get(ask, "M", NAN), real = ref_get(ask, "M_r", NAN), rho = ref_get(ask, "rho", real / m);
    bool iid = ref_has(ask->c->id, "iid") || strcmp(ref_text(ask->c->params, "mixing"), "iid") == 0;

    if (!(rho >= 0 && rho <= 1))
        return ref_unknown(why, "the real share 'rho' (or 'M_r' and 'M') is missing");
    p->regime = WN_REGIME_FRESH_REAL;
    p->real_share = rho;
    p->mixing = iid ? WN_MIXING_IID : WN_MIXING_STRATIFIED;
    return REF_PLANNED;
}

static enum ref_known fixed_real(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double real = ref_get(ask, "M_r", ref_get(ask, "Mr", NAN)), made = ref_get(ask, "M_s", ref_get(ask, "Ms", NAN));

    if (!(real >= 1 && made >= 1))
        return ref_unknown(why, "'M_r' and 'M_s' are missing");
    out->policy.regime = WN_REGIME_FIXED_REAL;
    out->policy.real_share = real / (real + made);
    out->opts.n = (uint64_t)llround(real + made);
    return REF_PLANNED;
}

static enum ref_known general(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    struct wn_policy *p = &out->policy;

    p->regime = WN_REGIME_GENERAL;
    p->alpha = ref_get(ask, "alpha", NAN);
    p->beta = ref_get(ask, "beta", 0);
    p->gamma = ref_get(ask, "gamma", 0);
    return p->alpha > 0 ? REF_PLANNED : ref_unknown(why, "'alpha' is missing");
}

static enum ref_known regime(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    const char *id = ask->c->id;
    struct wn_policy *p = &out->policy;

    if (says(ask, "accumulate_subsample")) {
        p->regime = WN_REGIME_ACCUMULATE_SUBSAMPLE;
        p->budget_of_first = 1;
    } else if (says(ask, "accumulate")) {
        p->regime = WN_REGIME_ACCUMULATE;
    } else if (says(ask, "window") || ref_has_stem(id, "window")) {
        p->regime = WN_REGIME_WINDOW;
        p->window = (unsigned)ref_get(ask, "W", ref_get(ask, "window", 1));
    } else if (ref_has(id, "schedule")) {
        p->regime = WN_REGIME_SCHEDULE;
        p->power = ref_get(ask, "p", NAN);
        out->opts.n = (uint64_t)ref_get(ask, "M0", (double)out->opts.n);
    } else if (says(ask, "replace_grown")) {
        p->regime = WN_REGIME_REPLACE_GROWN;
    } else if (says(ask, "fixed_real")) {
        return fixed_real(out, ask, why);
    } else if (says(ask, "fresh") || says(ask, "fresh_real")) {
        return mixed_with_real(out, ask, why);
    } else if (says(ask, "general") || says(ask, "general_alpha_beta_gamma")) {
        return general(out, ask, why);
    } else if (!says(ask, "replace")) {
        return ref_unknown(why, "its policy is not known");
    }
    return REF_PLANNED;
}

static void estimator(struct ref_plan *out, const struct ref_ask *ask)
{
    const char *named = ref_text(ask->c->params, "estimator");

    if (ref_has(ask->c->id, "unbiased") || strcmp(named, "unbiased") == 0)
        out->opts.estimator = WN_ESTIMATE_UNBIASED;
}

static void sampling(struct ref_plan *out, const struct ref_ask *ask)
{
    struct wn_sim_sampling *s = &out->opts.sampling;

    s->lambda = ref_get(ask, "lambda", 1);
    if (ref_has_stem(ask->c->id, "truncate"))
        s->truncate = ref_get(ask, "c", ref_get(ask, "truncate", 0));
    s->temperature = ref_get(ask, "tau", ref_get(ask, "temperature", 1));
    s->top_p = ref_get(ask, "topp", 0);
    s->top_k = (uint32_t)ref_get(ask, "topk", 0);
}

enum ref_known ref_plan_policy(struct ref_plan *out, const struct ref_ask *ask, const char *m_name, struct wn_err *why)
{
    double m = ref_get(ask, m_name, NAN);
    enum ref_known known;

    if (m >= 1 && m < 1e12)
        out->opts.n = (uint64_t)llround(m);
    known = regime(out, ask, why);
    if (known == REF_PLANNED && out->opts.n == 0)
        return ref_unknown(why, "the number of items a generation is missing");
    estimator(out, ask);
    sampling(out, ask);
    return known;
}

/* ---- families -------------------------------------------------------------------------------------------- */

static const struct {
    const char *word[2];          /* the id's first word, and its second one; NULL: any */
    ref_planner_fn *plan;
} families[] = {
    { { "g1", NULL }, ref_plan_gaussian },
    { { "filter", NULL }, ref_plan_filter },
    { { "weight", NULL }, ref_plan_weight },
    { { "verify", NULL }, ref_plan_verify },
    { { "disc", NULL }, ref_plan_discrete },
    { { "gnd", NULL }, ref_plan_nd },
    { { "linreg", NULL }, ref_plan_linreg },
    { { "kde", NULL }, ref_plan_kde },
    { { "lm", "seddik" }, ref_plan_counts },
    { { "lm", NULL }, ref_plan_text },
    { { "gmm", NULL }, ref_plan_mixture },
    { { "poisson", NULL }, ref_plan_rates },
    { { "exponential", NULL }, ref_plan_rates },
};

static ref_planner_fn *family_of(const char *id)
{
    char word[2][64];

    for (size_t i = 0; i < 2; i++)
        ref_word(id, i, word[i], sizeof(word[i]));
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strcmp(families[i].word[0], word[0]) == 0 &&
            (!families[i].word[1] || strcmp(families[i].word[1], word[1]) == 0))
            return families[i].plan;
    return NULL;
}

/* A fixed point has no generation, and what is deterministic no spread. */
static bool is_random(const struct ref_case *c, const struct ref_entry *e)
{
    if (strcmp(c->kind, "deterministic") == 0 || isinf(e->fits))
        return false;
    return strcmp(c->kind, "asymptotic") != 0 || e->sd > 0;
}

enum ref_known ref_plan_entry(struct ref_plan *out, const struct ref_case *c, const struct ref_entry *e,
                              struct wn_err *why)
{
    struct ref_ask ask = { .c = c, .e = e };
    ref_planner_fn *plan = family_of(c->id);
    enum ref_known known;

    *out = (struct ref_plan){ .statistic = ref_plain, .replicates = REF_RULE, .rule = REF_RULE, .fit_ns = 60 };
    out->expect = out->spread = (double)NAN;
    wn_policy_init(&out->policy);
    if (!is_random(c, e))
        return REF_CLOSED;
    if (!plan)
        return ref_unknown(why, "no engine is known for its id");
    if (!ref_args(c, e, &ask.a))
        return ref_unknown(why, "it has too many named numbers");
    if (e->fits >= 1 && e->fits <= SIM_MAX_FITS)
        out->generation = (uint32_t)e->fits;
    known = plan(out, &ask, why);
    if (known == REF_PLANNED && out->generation == 0)
        return ref_unknown(why, "it names no number of fits");
    if (known == REF_PLANNED && !out->metric[0])
        return ref_unknown(why, "its quantity is not known");
    return known;
}

void ref_plan_release(struct ref_plan *p)
{
    free(p->law);
    p->law = NULL;
}
