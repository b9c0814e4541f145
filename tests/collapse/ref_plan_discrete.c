/*
 * Laws over states: Zipf, flat, given, or without two equal draws.
 */
#include "collapse/ref_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double is_alive(const double *metric, double arg)
{
    (void)arg;
    return metric[0] > 0;
}

/* Simpson's diversity the other way round: sum p^2. */
static double from_one(const double *metric, double arg)
{
    (void)arg;
    return 1 - metric[0];
}

/* ---- the truth --------------------------------------------------------------------------------------- */

static enum ref_known law_of_two(struct ref_plan *out, double p, struct wn_err *why)
{
    if (!(p > 0 && p < 1))
        return ref_unknown(why, "the share 'p' is missing");
    out->law = malloc(2 * sizeof(*out->law));
    if (!out->law)
        return ref_unknown(why, "out of memory");
    out->law[0] = p;
    out->law[1] = 1 - p;
    out->opts.model.law = out->law;
    out->opts.model.states = 2;
    return REF_PLANNED;
}

static enum ref_known truth(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    struct wn_sim_model *m = &out->opts.model;
    const char *id = ask->c->id;

    if (ref_has(id, "alldistinct")) {
        m->truth = "distinct";
        return REF_PLANNED;
    }
    if (ref_has(id, "suresh") || (ref_has(id, "K2") && !isnan(ref_get(ask, "p", NAN))))
        return law_of_two(out, ref_get(ask, "p", NAN), why);
    m->zipf = ref_get(ask, "zipf", ref_get(ask, "s", 0));
    m->zipf_shift = ref_get(ask, "shift", 0);
    m->add = ref_get(ask, "addk", 0);
    m->states = (uint64_t)ref_get(ask, "K", 0);
    return m->states > 0 ? REF_PLANNED : ref_unknown(why, "the number of states 'K' is missing");
}

/* ---- what is measured ----------------------------------------------------------------------------------- */

/* Until one state is left: the share of runs that are not there falls by (1 - 1/M) a fit, to
 * 2e-9 at the end. */
static void until_absorbed(struct ref_plan *out, const char *metric)
{
    ref_take(out, metric, ref_plain);
    out->generation = (uint32_t)(20 * out->opts.n);
    out->undefined_is_late = true;
}

static double first_probability(const struct ref_plan *out)
{
    const struct wn_sim_model *m = &out->opts.model;
    double sum = 0;

    if (m->law)
        return m->law[0];
    for (uint64_t i = m->states; i > 0; i--)
        sum += pow(((double)i + m->zipf_shift) / (1 + m->zipf_shift), -m->zipf);
    return 1 / sum;
}

static enum ref_known quantity(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    static const struct {
        const char *word, *metric;
    } plain[] = {
        { "E_H", "simpson" },      { "E_unique", "states" },  { "E_entropy", "entropy" },
        { "E_TV", "tv" },          { "E_lostmass", "lost_mass" }, { "E_p1", "p_first" },
        { "E_hill2", "hill_2" },
    };
    const char *id = ask->c->id;

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (ref_has(id, plain[i].word))
            ref_take(out, plain[i].metric, ref_plain);
    if (ref_has(id, "Var_p1")) {
        ref_take(out, "p_first", ref_gap_squared);
        out->arg = first_probability(out);
    } else if (ref_has(id, "E_absorb") || ref_has(id, "E_TMRCA") || ref_has(id, "T_fix")) {
        until_absorbed(out, "absorbed_at");
    } else if (ref_has(id, "P_fix")) {
        until_absorbed(out, "absorbed_first");
    } else if (ref_has(id, "suresh")) {
        ref_take(out, "p_first", is_alive);
    }
    return out->metric[0] ? REF_PLANNED : ref_unknown(why, "its quantity is not known");
}

/* A model of T real points; or of T points of a model of T0 real ones. */
static enum ref_known tail(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    bool twice = ref_has(ask->c->id, "twostage");
    double t = ref_get(ask, "T", 0), t0 = ref_get(ask, "T0", 0);

    if (!(t >= 1) || (twice && !(t0 >= 1)))
        return ref_unknown(why, "the number of points 'T' (and 'T0') is missing");
    out->opts.n = (uint64_t)t;
    out->opts.n_first = twice ? (uint64_t)t0 : 0;
    out->generation = twice ? 2 : 1;
    ref_take(out, "lost_mass", ref_plain);
    out->fit_ns = 30 * t + 1000;
    return REF_PLANNED;
}

static void price(struct ref_plan *out)
{
    double n = (double)out->opts.n, k = out->opts.model.states > 0 ? (double)out->opts.model.states : n;

    out->fit_ns = 40 * fmin(n, k) + 300;
    if (out->undefined_is_late)
        out->fit_ns = 300;
}

enum ref_known ref_plan_discrete(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    enum ref_known known;

    out->opts.engine = "discrete";
    known = truth(out, ask, why);
    if (known != REF_PLANNED || ref_has(ask->c->id, "tail"))
        return known == REF_PLANNED ? tail(out, ask, why) : known;
    if (ref_has(ask->c->id, "suresh"))
        out->opts.n = (uint64_t)ref_get(ask, "M", 0);
    else
        known = ref_plan_policy(out, ask, "M", why);
    if (known == REF_PLANNED && out->opts.n == 0)
        return ref_unknown(why, "the number of items 'M' is missing");
    price(out);
    return known == REF_PLANNED ? quantity(out, ask, why) : known;
}

/* ---- counts of words (Seddik et al. 2024) ------------------------------------------------------------------- */

enum ref_known ref_plan_counts(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why)
{
    double made = ref_get(ask, "n", NAN), real = ref_get(ask, "N", NAN);
    size_t k;

    out->opts.engine = "discrete";
    out->law = ref_numbers(ref_member(ask->c->params, "p"), &k);
    if (!out->law || !(made >= 1))
        return ref_unknown(why, "the law 'p' or the number of items 'n' is missing");
    out->opts.model.law = out->law;
    out->opts.model.states = k;
    out->opts.n = (uint64_t)made;
    if (ref_has(ask->c->id, "fully_synthetic")) {
        ref_take(out, "simpson", from_one);
        return REF_PLANNED;
    }
    if (!ref_has(ask->c->id, "partially_synthetic") || !(real >= 1))
        return ref_unknown(why, "it is neither fully nor partially synthetic");
    out->policy.regime = WN_REGIME_FIXED_REAL;
    out->policy.real_share = real / (real + made);
    out->opts.n = (uint64_t)llround(real + made);
    ref_take(out, "l2_first", ref_plain);
    return REF_PLANNED;
}
