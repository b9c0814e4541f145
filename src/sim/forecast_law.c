/*
 * How many new items of each kind a fit gets: the law of what inflow.c brings and screen.c
 * keeps.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/forecast_parts.h"
#include "sim/inflow.h"
#include "sim/screen.h"

/* A binomial with a larger standard deviation is not listed: two of them would take
 * (16 sd)^2 entries.  A law that changes from fit to fit is made again each time. */
static const double widest = 12, widest_growing = 2, widest_pool = 4, widest_pool_both = 1;
static const double negligible = 1e-15;

static void push(struct forecast_law *law, double real, double synthetic, double weight)
{
    if (law->n == law->cap) {
        size_t cap = law->cap ? 2 * law->cap : 16;
        struct forecast_count *bigger = realloc(law->item, cap * sizeof(*bigger));

        if (!bigger) {
            law->no_memory = true;
            return;
        }
        law->item = bigger;
        law->cap = cap;
    }
    law->item[law->n++] = (struct forecast_count){ real, synthetic, weight };
}

/* ---- a number of items ------------------------------------------------------------------------ */

struct number {
    double n, p;             /* Bin(n, p), and CERTAIN more */
    double certain;
};

/* Weights add up to 1. */
typedef void number_fn(void *arg, double k, double w);

struct listing {
    number_fn *f;
    void *arg;
    double certain, total;
};

static void add_weight(void *arg, double k, double w)
{
    struct listing *l = arg;

    (void)k;
    l->total += w;
}

static void pass_on(void *arg, double k, double w)
{
    const struct listing *l = arg;

    l->f(l->arg, l->certain + k, w / l->total);
}

static void number_each(const struct number *x, double limit, number_fn *f, void *arg)
{
    double mean = x->certain + x->n * x->p, sd = sqrt(x->n * x->p * (1 - x->p)), away = sqrt(3) * sd;
    bool is_skewed = x->n * fmin(x->p, 1 - x->p) < 3 * sd;      /* so sd < 3: a short list */
    struct listing l = { f, arg, x->certain, 0 };

    if (sd == 0) {
        f(arg, mean, 1);
    } else if (sd <= limit || is_skewed) {
        sim_theory_binomial_each(x->n, x->p, add_weight, &l);
        sim_theory_binomial_each(x->n, x->p, pass_on, &l);
    } else {
        f(arg, mean - away, 1.0 / 6);
        f(arg, mean, 2.0 / 3);
        f(arg, mean + away, 1.0 / 6);
    }
}

/* What the law is made from.  Either the kinds are independent (REAL, SYNTHETIC), or ALL items
 * are kept and each of them is real with RATIO. */
struct intake {
    struct forecast_law *law;
    const struct wn_policy *p;
    double limit, least, budget;
    bool is_mixed, holds_share;
    struct number real, synthetic, all;
    double ratio;
    double k, w;             /* of the outer loop */
};

/* The largest T of which round(share T) are real and the others not (screen.c). */
static double largest_total(double share, double real, double other)
{
    double low = 0, high = floor(real + other);

    while (low < high) {
        double t = ceil((low + high) / 2), want = floor(share * t + 0.5);

        if (want <= real && t - want <= other)
            low = t;
        else
            high = t - 1;
    }
    return low;
}

static void take(struct intake *in, double real, double synthetic, double w)
{
    if (w < negligible)
        return;
    if (in->holds_share) {
        double total = fmin(largest_total(in->p->real_share, real, synthetic), in->budget);

        real = floor(in->p->real_share * total + 0.5);
        synthetic = total - real;
    } else if (real == 0) {
        synthetic = fmin(synthetic, in->budget);
    }
    if (real + synthetic >= in->least)
        push(in->law, real, synthetic, w);
}

static void inner(void *arg, double k, double w)
{
    struct intake *in = arg;

    if (in->is_mixed)
        take(in, k, in->k - k, w * in->w);
    else
        take(in, in->k, k, w * in->w);
}

static void outer(void *arg, double k, double w)
{
    struct intake *in = arg;
    struct number real = { k, in->ratio, 0 };

    in->k = k;
    in->w = w;
    number_each(in->is_mixed ? &real : &in->synthetic, in->limit, inner, in);
}

static const char *list(struct intake *in)
{
    struct forecast_law *law = in->law;
    double total = 0;

    number_each(in->is_mixed ? &in->all : &in->real, in->limit, outer, in);
    for (size_t i = 0; i < law->n; i++)
        total += law->item[i].weight;
    if (law->no_memory)
        return "out of memory";
    if (!(total > 0))
        return "nothing is left to fit";
    for (size_t i = 0; i < law->n; i++)
        law->item[i].weight /= total;
    return NULL;
}

/* ---- what can be listed -------------------------------------------------------------------------- */

static const char *why_not(const struct wn_policy *p)
{
    const char *beyond = sim_looks_beyond_labels(p);

    if (beyond)
        return beyond;
    if (p->budget_tokens)
        return "the budget is one of tokens";
    return p->real_from_first ? "real items are drawn again from the first data" : NULL;
}

static bool has_fresh(const struct wn_policy *p)
{
    return p->regime == WN_REGIME_FRESH_REAL || p->regime == WN_REGIME_WEIGHTED;
}

static const char *check_budget(const struct intake *in, double whole, bool filtered)
{
    const struct wn_policy *p = in->p;

    if (isinf(in->budget) || p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return NULL;
    if (p->regime == WN_REGIME_ACCUMULATE || p->regime == WN_REGIME_WINDOW || p->regime == WN_REGIME_FIXED_REAL)
        return "a budget takes items out of older batches";
    if (!p->short_ok && (filtered || in->budget > whole))
        return "the supply may be below the budget";
    return NULL;
}

/* Kinds that are drawn and kept independently of each other. */
static const char *independent(struct intake *in, const struct sim_screen *q, double fresh, double rest, double share)
{
    double scraped = share > 0 ? (double)llround(share * rest) : 0;

    if (fresh > 0 && scraped > 0 && q->fresh < 1 && q->scraped > 0 && q->scraped < 1)
        return "two kinds of real items pass the filter at random";
    in->synthetic = (struct number){ rest - scraped, q->synthetic, 0 };
    in->real = (struct number){ scraped, q->scraped, fresh * q->fresh };
    if (fresh > 0 && q->fresh < 1)
        in->real = (struct number){ fresh, q->fresh, scraped * q->scraped };
    if (isfinite(in->budget) && !in->holds_share && (fresh > 0 || scraped > 0))
        return "the budget takes a random part of what is real";
    return NULL;
}

/* Each of the items that are kept is real with one probability. */
static const char *mixed(struct intake *in, const struct sim_screen *q, double n, double share, bool topup)
{
    double real = share * (topup ? q->scraped : q->fresh), other = (1 - share) * q->synthetic;

    in->is_mixed = true;
    if (!(real + other > 0) || (topup && real + other < 1e-3))
        return "the filter keeps nothing";
    in->ratio = real / (real + other);
    in->all = topup ? (struct number){ 0, 0, n } : (struct number){ n, real + other, 0 };
    if (isfinite(in->budget)) {
        if (in->all.p < 1 && !topup)
            return "the budget takes a random part of what is real";
        in->all = (struct number){ 0, 0, fmin(n, in->budget) };
    }
    return NULL;
}

const char *forecast_law_make(struct forecast_law *law, const struct wn_sim_opts *o, const struct wn_policy *p,
                              uint32_t generation, double least)
{
    double n = (double)sim_generation_items(o, p, generation), share = o->scraped_human_share, fresh;
    bool filtered = p->filter_by != WN_FILTER_NONE, iid = has_fresh(p) && p->mixing == WN_MIXING_IID;
    bool grows = p->regime == WN_REGIME_REPLACE_GROWN || p->regime == WN_REGIME_SCHEDULE;
    uint64_t budget = sim_screen_budget(o, p);
    struct sim_screen q = { 1, 1, 1 };
    struct intake in = { .law = law, .p = p, .limit = widest, .least = fmax(least, 0),
                         .holds_share = has_fresh(p) && !iid };
    const char *why = why_not(p);

    law->n = 0;
    if (grows)
        in.limit = widest_growing;
    else if (p->regime == WN_REGIME_ACCUMULATE || p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        in.limit = share > 0 ? widest_pool_both : widest_pool;
    in.budget = budget == UINT64_MAX || p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE ? INFINITY : (double)budget;
    if (!why && filtered)
        q = sim_screen_of(p);
    if (!why)
        why = check_budget(&in, n, filtered);
    if (!why && has_fresh(p) && (p->topup || (iid && share > 0)))
        why = "a scrape comes beside new real items";
    if (why)
        return why;
    if (p->regime == WN_REGIME_FIXED_REAL)
        n -= (double)sim_real_items(p, (uint64_t)n);
    fresh = has_fresh(p) ? (double)sim_real_items(p, (uint64_t)n) : 0;
    if (p->topup || iid)
        why = mixed(&in, &q, n, iid ? p->real_share : share, p->topup);
    else
        why = independent(&in, &q, fresh, n - fresh, share);
    return why ? why : list(&in);
}

const char *forecast_law_real(struct forecast_law *law, double n)
{
    law->n = 0;
    push(law, n, 0, 1);
    return law->no_memory ? "out of memory" : NULL;
}

void forecast_law_release(struct forecast_law *law)
{
    free(law->item);
    *law = (struct forecast_law){ .n = 0 };
}

double forecast_law_mean(const struct forecast_law *law, double (*f)(const void *arg, double n), const void *arg)
{
    double sum = 0;

    for (size_t i = 0; i < law->n; i++)
        sum += law->item[i].weight * f(arg, law->item[i].real + law->item[i].synthetic);
    return sum;
}

bool forecast_law_has_real(const struct forecast_law *law)
{
    for (size_t i = 0; i < law->n; i++)
        if (law->item[i].real > 0)
            return true;
    return false;
}

bool forecast_law_is_pure(const struct forecast_law *law, double n)
{
    for (size_t i = 0; i < law->n; i++)
        if (law->item[i].real > 0 || law->item[i].synthetic < n)
            return false;
    return law->n > 0;
}
