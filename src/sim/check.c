#include "sim/check.h"

#include <math.h>

#include "sim/exact.h"
#include "sim/inflow.h"
#include "sim/points.h"

/* ---- the sampler ------------------------------------------------------------------------------ */

static enum wn_status no_sampling(const struct sim_setup *s, const char *what, struct wn_err *err)
{
    return wn_fail(err, WN_BADCONF, "engine '%s' has no use for %s", s->gen->name, what);
}

static enum wn_status in_range(double v, double low, double high, const char *what, struct wn_err *err)
{
    if (v >= low && v <= high)
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "%s must be between %g and %g, not %g", what, low, high, v);
}

static enum wn_status check_ranges(const struct wn_sim_sampling *a, struct wn_err *err)
{
    enum wn_status st = in_range(a->lambda, 0, 1, "lambda", err);

    if (st == WN_OK)
        st = in_range(a->truncate, 0, 1e6, "the truncation", err);
    if (st == WN_OK && a->temperature != 0)
        st = in_range(a->temperature, 0.01, 100, "the temperature", err);
    if (st == WN_OK)
        st = in_range(a->top_p, 0, 1, "top-p", err);
    if (st == WN_OK)
        st = in_range(a->min_p, 0, 1, "min-p", err);
    if (st == WN_OK)
        st = in_range(a->typical, 0, 1, "typical", err);
    if (st == WN_OK && a->repetition_penalty != 0)
        st = in_range(a->repetition_penalty, 1, 100, "the repetition penalty", err);
    return st;
}

static enum wn_status check_sampling(const struct sim_setup *s, struct wn_err *err)
{
    const struct wn_sim_sampling *a = &s->opts.sampling;
    unsigned takes = s->gen->takes;
    enum wn_status st = check_ranges(a, err);

    if (st != WN_OK)
        return st;
    if (a->lambda > 0 && a->lambda < 1 && !(takes & SIM_TAKES_LAMBDA))
        return no_sampling(s, "lambda: it scales a variance", err);
    if (a->truncate > 0 && !(takes & SIM_TAKES_TRUNCATE))
        return no_sampling(s, "a truncation in standard deviations", err);
    if (a->temperature > 0 && a->temperature != 1 && !(takes & SIM_TAKES_TEMPERATURE))
        return no_sampling(s, "a temperature: use lambda", err);
    if ((a->top_k || (a->top_p > 0 && a->top_p < 1) || a->min_p > 0 || a->typical > 0) && !(takes & SIM_TAKES_CUTS))
        return no_sampling(s, "top-k, top-p, min-p or typical sampling", err);
    if (a->beam && !(takes & SIM_TAKES_BEAM))
        return no_sampling(s, "beam search", err);
    if (a->repetition_penalty > 1 && !(takes & SIM_TAKES_PENALTY))
        return no_sampling(s, "a repetition penalty", err);
    return WN_OK;
}

static enum wn_status check_estimator(const struct sim_setup *s, struct wn_err *err)
{
    enum wn_estimator e = s->opts.estimator;

    if (e == WN_ESTIMATE_UNBIASED && !(s->gen->takes & SIM_TAKES_UNBIASED))
        return wn_fail(err, WN_BADCONF, "engine '%s' has one estimator: leave 'unbiased' out", s->gen->name);
    if (e == WN_ESTIMATE_BY_SOURCE && !(s->gen->takes & SIM_TAKES_BY_SOURCE))
        return wn_fail(err, WN_BADCONF, "estimator 'by-source' is for engine 'gaussian'");
    return WN_OK;
}

/* ---- one policy -------------------------------------------------------------------------------- */

static enum wn_status cannot(const struct sim_setup *s, const struct wn_policy *p, const char *why, struct wn_err *err)
{
    return wn_fail(err, WN_BADCONF, "policy '%s' with engine '%s': %s", p->name, s->gen->name, why);
}

static enum wn_status check_verdicts(const struct sim_setup *s, const struct wn_policy *p, struct wn_err *err)
{
    bool looks = p->filter_by == WN_FILTER_TAG || p->max_synthetic < 1;

    if (looks && sim_verdict_source(s, p) == SIM_FROM_NOTHING)
        return wn_fail(err, WN_BADCONF,
                       "policy '%s' goes by tags, and engine '%s' has no %s: give the policy an operating point "
                       "(tpr and fpr, as measured by winnow eval)%s",
                       p->name, s->gen->name, s->gen->tag ? "tagger" : "text to tag",
                       s->gen->tag ? " or give a model to tag with" : "");
    return WN_OK;
}

static enum wn_status check_filter(const struct sim_setup *s, const struct wn_policy *p, struct wn_err *err)
{
    const struct sim_generator *g = s->gen;

    switch (p->filter_by) {
    case WN_FILTER_IMPORTANCE:
        if (!(p->human_confidence[0] > 0) && sim_verdict_source(s, p) != SIM_FROM_TAGGER)
            return cannot(s, p, "filter 'importance' needs a detector's confidence: give the policy its laws "
                                "(importance.human and .synthetic) or a model to tag with", err);
        return WN_OK;
    case WN_FILTER_VERIFY:
        return g->is_wrong ? WN_OK : cannot(s, p, "filter 'verify' needs items that can be wrong: engine 'labels'", err);
    case WN_FILTER_VALUE:
        return g->distance ? WN_OK : cannot(s, p, "filter 'value' needs items that lie in a space", err);
    case WN_FILTER_TOP_FRACTION:
        return g->quality ? WN_OK : cannot(s, p, "filter 'top_fraction' needs a quality score, and items have none", err);
    case WN_FILTER_SURPRISE:
        if (s->opts.first_mixed)
            return cannot(s, p, "filter 'surprise' needs a model, and generation 0 is screened before there is one: leave "
                                "first_mixed out", err);
        return g->surprise ? WN_OK : cannot(s, p, "filter 'surprise' needs a likelihood of single items", err);
    default:
        return WN_OK;
    }
}

static enum wn_status check_regime(const struct sim_setup *s, const struct wn_policy *p, struct wn_err *err)
{
    const struct sim_generator *g = s->gen;

    if (p->regime == WN_REGIME_EDIT && !g->edit)
        return cannot(s, p, "regime 'edit' replaces tokens of texts: engines 'bigram', 'softmax', 'ngram'", err);
    if (p->regime == WN_REGIME_GENERAL && !g->model_put)
        return cannot(s, p, "regime 'general' draws from older models, and this engine keeps none", err);
    if (p->regime == WN_REGIME_GENERAL && s->opts.scraped_human_share > 0)
        return cannot(s, p, "regime 'general' has its own share of human data: leave the scrape's out", err);
    if (p->regime == WN_REGIME_FIXED_REAL && s->opts.first_mixed)
        return cannot(s, p, "generation 0 is the real data that are kept for ever: leave first_mixed out", err);
    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE && !p->budget_documents && !p->budget_tokens &&
        !(p->budget_of_first > 0))
        return cannot(s, p, "a subsample needs a budget: how many items", err);
    if (p->regime == WN_REGIME_WEIGHTED && !(g->takes & SIM_TAKES_WEIGHTS))
        return cannot(s, p, "regime 'weighted' needs a fit that takes weights", err);
    if (p->dedup == WN_DEDUP_EXACT && !g->fingerprint)
        return cannot(s, p, "dedup: continuous values have no copies", err);
    if (p->dedup == WN_DEDUP_NEAR && !(g->fingerprint && g->near_copies))
        return cannot(s, p, "dedup 'near' compares texts: use 'exact'", err);
    if (p->topup && !(s->opts.scraped_human_share > 0))
        return cannot(s, p, "intake 'topup' screens a scrape: give its share of human items (scraped human share)", err);
    if (p->topup && (p->budget_documents || p->budget_tokens || p->budget_of_first > 0 || p->max_synthetic < 1))
        return cannot(s, p, "intake 'topup' fills a generation by itself: leave budget and max_synthetic out", err);
    if (p->topup && p->regime != WN_REGIME_REPLACE && p->regime != WN_REGIME_ACCUMULATE && p->regime != WN_REGIME_WINDOW)
        return cannot(s, p, "intake 'topup' goes with the regimes replace, accumulate and window; the others say "
                            "themselves how many items there are", err);
    if (p->topup && s->opts.n_texts > 0)
        return cannot(s, p, "intake 'topup' needs an endless supply of human data, and a corpus ends", err);
    return WN_OK;
}

/* Growing regimes bring ever larger generations. */
static enum wn_status check_largest(const struct sim_setup *s, const struct wn_policy *p, struct wn_err *err)
{
    uint64_t largest = sim_generation_items(&s->opts, p, s->opts.generations);
    struct wn_err why = { 0 };

    if (largest >= SIM_MOST_ITEMS)
        return cannot(s, p, "its generations grow above 2^40 items: ask for fewer generations", err);
    if (largest <= UINT32_MAX || sim_is_exact(s, p, &why))
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "%llu items a generation are too many to be drawn item by item (%s)",
                   (unsigned long long)largest, why.text);
}

static enum wn_status check_policy(const struct sim_setup *s, const struct wn_policy *p, struct wn_err *err)
{
    enum wn_status st = check_verdicts(s, p, err);

    if (st == WN_OK)
        st = check_filter(s, p, err);
    if (st == WN_OK)
        st = check_regime(s, p, err);
    if (st == WN_OK && s->opts.mode == WN_SIM_EXACT)
        st = sim_exact_check(s, p, err);
    return st == WN_OK ? check_largest(s, p, err) : st;
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static enum wn_status check_record(const struct wn_sim_opts *o, struct wn_err *err)
{
    for (size_t i = 0; o->record && i < o->n_record; i++)
        if (o->record[i] < 1 || o->record[i] > o->generations || (i > 0 && o->record[i] <= o->record[i - 1]))
            return wn_fail(err, WN_BADCONF, "the recorded generations must rise from 1 to %u at most: %u does not fit",
                           o->generations, o->record[i]);
    return WN_OK;
}

static enum wn_status check_sizes(const struct sim_setup *s, struct wn_err *err)
{
    const struct wn_sim_opts *o = &s->opts;
    size_t least = s->gen->min_items(o);

    if (o->n_policies == 0)
        return wn_fail(err, WN_BADCONF, "nothing to simulate: give at least one policy");
    if (o->n > (uint64_t)1 << 40 || o->n_first > (uint64_t)1 << 40)
        return wn_fail(err, WN_BADCONF, "n = %llu items a generation are too many", (unsigned long long)o->n);
    if (!(o->scraped_human_share >= 0 && o->scraped_human_share <= 1))
        return wn_fail(err, WN_BADCONF, "the human share of a scrape is not between 0 and 1");
    for (size_t i = 0; i < o->n_policies; i++) {
        uint64_t first = sim_first_items(o, &o->policies[i]);

        if (o->first_mixed && o->policies[i].real_from_first)
            return wn_fail(err, WN_BADCONF,
                           "policy '%s' draws real items from generation 0 again, and with first_mixed generation 0 is "
                           "not real: leave one of the two out", o->policies[i].name);
        if (first < least && !o->first_mixed)
            return wn_fail(err, WN_BADCONF, "engine '%s' needs at least %zu items for a fit, and n is %llu (the real items of "
                           "generation 0)", s->gen->name, least, (unsigned long long)first);
    }
    return check_record(o, err);
}

enum wn_status sim_check(const struct sim_setup *s, struct wn_err *err)
{
    const struct wn_sim_opts *o = &s->opts;
    enum wn_status st = check_sizes(s, err);

    if (st == WN_OK)
        st = check_sampling(s, err);
    if (st == WN_OK)
        st = check_estimator(s, err);
    if (st == WN_OK && o->retrain && (o->tagger || !s->gen->tag))
        st = wn_fail(err, WN_BADCONF, o->tagger ? "a tagger that is retrained cannot be given: leave one of them out"
                                                : "engine '%s' has no text to train a tagger on", s->gen->name);
    for (size_t i = 0; i < o->n_policies && st == WN_OK; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(o->policies[k].name, o->policies[i].name) == 0)
                return wn_fail(err, WN_BADCONF, "two policies are named '%s': a trace tells them apart by name",
                               o->policies[i].name);
        st = check_policy(s, &o->policies[i], err);
    }
    return st;
}
