#include "sim/screen.h"

#include <math.h>

#include "sim/draws.h"
#include "sim/loop.h"

/* lgamma() itself writes to a global. */
static double log_gamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

/* E (1 - C)^power for C ~ Beta(a, b): B(a, b + power) / B(a, b). */
static double mean_weight(const double law[2], double power)
{
    double a = law[0], b = law[1];

    return exp(log_gamma(b + power) - log_gamma(a + b + power) - log_gamma(b) + log_gamma(a + b));
}

static double kept_by_verdict(const struct wn_policy *p, double flagged, double unsure)
{
    return flagged * p->keep[WN_SYNTHETIC] + unsure * p->keep[WN_UNKNOWN] + (1 - flagged - unsure) * p->keep[WN_HUMAN];
}

struct sim_screen sim_screen_of(const struct wn_policy *p)
{
    struct sim_screen s = { 1, 1, 1 };
    bool trusted = p->trust_real;
    switch (p->filter_by) {
    case WN_FILTER_TAG:
        s.synthetic = kept_by_verdict(p, p->op.tpr, p->op.unknown_synthetic);
        s.scraped = kept_by_verdict(p, p->op.fpr, p->op.unknown_human);
        s.fresh = trusted ? 1 : s.scraped;
        break;
    case WN_FILTER_ORACLE:
        s.synthetic = 0;
        break;
    case WN_FILTER_IMPORTANCE:
        s.synthetic = mean_weight(p->synthetic_confidence, p->importance_power);
        s.scraped = mean_weight(p->human_confidence, p->importance_power);
        s.fresh = trusted ? 1 : s.scraped;
        break;
    default:
        break;
    }
    return s;
}

const char *sim_looks_beyond_labels(const struct wn_policy *p)
{
    switch (p->filter_by) {
    case WN_FILTER_NONE:
    case WN_FILTER_ORACLE:
        break;
    case WN_FILTER_TAG:
        if (!p->op.given)
            return "the filter reads texts";
        break;
    case WN_FILTER_IMPORTANCE:
        if (!(p->human_confidence[0] > 0))
            return "the filter reads texts";
        break;
    default:
        return "the filter looks at values";
    }
    if (p->dedup != WN_DEDUP_NONE)
        return "removing copies looks at values";
    if (p->max_synthetic < 1)
        return "max_synthetic decides item by item";
    return NULL;
}

uint64_t sim_screen_budget(const struct wn_sim_opts *opts, const struct wn_policy *p)
{
    if (p->budget_documents)
        return p->budget_documents;
    if (p->budget_of_first > 0)
        return (uint64_t)llround(p->budget_of_first * (double)sim_first_items(opts, p));
    return UINT64_MAX;
}

/* ---- shares and budget ----------------------------------------------------------------------- */

/* The largest T of which round(share T) are real and the others not. */
static uint64_t largest_total(double share, uint64_t real, uint64_t other)
{
    uint64_t low = 0, high = real + other;

    while (low < high) {
        uint64_t t = low + (high - low + 1) / 2, want = (uint64_t)floor(share * (double)t + 0.5);

        if (want <= real && t - want <= other)
            low = t;
        else
            high = t - 1;
    }
    return low;
}

/* Stratified shares hold among what is kept; the excess of one side goes. */
static void hold_share(const struct wn_policy *p, uint64_t budget, struct sim_screened *s)
{
    uint64_t kept = s->real + s->again + s->synthetic, real;
    uint64_t total = largest_total(p->real_share, s->real + s->again, s->synthetic);

    s->dropped_quota = kept - total;
    s->dropped_budget = total < budget ? 0 : total - budget;
    total = total < budget ? total : budget;
    real = (uint64_t)floor(p->real_share * (double)total + 0.5);
    s->synthetic = total - real;
    s->again = s->again < real ? s->again : real;
    s->real = real - s->again;
}

static void hold_budget(struct wn_rng *rng, uint64_t budget, struct sim_screened *s)
{
    uint64_t kept = s->real + s->again + s->synthetic, real;

    if (kept <= budget)
        return;
    s->dropped_budget = kept - budget;
    real = sim_draw_hypergeometric(rng, s->real + s->again, s->synthetic, budget);
    s->synthetic = budget - real;
    s->again = s->again < real ? s->again : real;
    s->real = real - s->again;
}

/* ---- the filter ---------------------------------------------------------------------------------- */

/* Screened until N are kept: each of them is real with the share that the filter leaves.
 * What is dropped meanwhile is negative binomial: Poisson with a gamma mean. */
static void top_up(const struct wn_sim_opts *opts, const struct sim_screen *q, struct wn_rng *rng, uint64_t n,
                   struct sim_screened *s)
{
    double pi = opts->scraped_human_share, real = pi * q->scraped, other = (1 - pi) * q->synthetic;

    s->starved = !(real + other > 0) || real + other < 1e-3;
    if (s->starved)
        return;
    s->real = sim_draw_binomial(rng, n, real / (real + other));
    s->synthetic = n - s->real;
    s->pool = n;
    if (real + other < 1)
        s->pool += sim_draw_poisson(rng, sim_draw_gamma(rng, (double)n) * (1 - real - other) / (real + other));
}

struct sim_screened sim_screen_draw(const struct wn_sim_opts *opts, const struct wn_policy *p, struct wn_rng *rng,
                                    const struct sim_inflow *in)
{
    bool stratified = (p->regime == WN_REGIME_FRESH_REAL || p->regime == WN_REGIME_WEIGHTED) &&
                      p->mixing == WN_MIXING_STRATIFIED;
    struct sim_screened s = { .synthetic = in->synthetic, .real = in->scraped };
    uint64_t budget = sim_screen_budget(opts, p);
    struct sim_screen q = { 1, 1, 1 };

    s.pool = in->synthetic + in->scraped;
    if (p->filter_by != WN_FILTER_NONE)
        q = sim_screen_of(p);
    if (p->topup) {
        top_up(opts, &q, rng, in->synthetic + in->scraped, &s);
    } else if (p->filter_by != WN_FILTER_NONE) {
        s.synthetic = sim_draw_binomial(rng, in->synthetic, q.synthetic);
        s.real = sim_draw_binomial(rng, in->scraped, q.scraped);
    }
    s.real += sim_draw_binomial(rng, in->fresh, q.fresh);
    s.again = sim_draw_binomial(rng, in->again, q.fresh);
    s.pool += in->fresh + in->again;
    s.dropped_filter = s.pool - s.synthetic - s.real - s.again;
    if (stratified)
        hold_share(p, budget, &s);
    else if (p->regime != WN_REGIME_ACCUMULATE_SUBSAMPLE && budget != UINT64_MAX)
        hold_budget(rng, budget, &s);
    return s;
}
