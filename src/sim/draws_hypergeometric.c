/*
 * draws_hypergeometric.c - hypergeometric variates.
 *
 * With g <= b of the two kinds and s <= (g + b) / 2 draws (the other cases are mirror
 * images): an urn when one of the numbers is tiny, inversion below a mean of 10
 * (Kachitvichyanukul & Schmeiser 1985, J. Stat. Comput. Simul. 22, algorithm HIN), ratio
 * of uniforms above (Stadlober 1990, algorithm HRUA*).
 */
#include <assert.h>

#include "sim/draws_inline.h"
#include "sim/draws_pmf.h"

#define INVERSION_BELOW 10
enum { URN_MOST = 6, FACTORS_MOST = 32 };
enum { INVERSION_MOST = 150 };   /* P(X > 150) < 1e-100 for a mean of 10 */

/* Takes DRAWS balls of TOTAL one after the other, by whole numbers; O(DRAWS). */
static uint64_t from_urn(struct wn_rng *r, uint64_t good, uint64_t total, uint64_t draws)
{
    uint64_t left = good;

    for (; draws > 0 && left > 0; draws--, total--)
        left -= wn_rng_below(r, total) < left;
    return good - left;
}

/* GOOD <= BAD and DRAWS <= (GOOD + BAD) / 2, all at least 1. */
struct hyper {
    double good, bad, draws;
    double p, mean;   /* draws / (good + bad); good p */
};

/* log P(X = k) but for a constant: X given X + Y = draws, for two binomials of one p
 * (Loader 2000). */
static double log_weight(const struct hyper *h, double k)
{
    return draws_log_two_binomials(k, h->good, h->draws - k, h->bad, h->p);
}

/* P(X = 0): while it has few factors, those of the good that all stay in the pool. */
static double none(const struct hyper *h)
{
    double total = h->good + h->bad, fewer = fmin(h->good, h->draws), other = fmax(h->good, h->draws), p = 1;

    if (fewer > FACTORS_MOST)
        return exp(draws_log_binomial(0, h->good, h->p, 1 - h->p) -
                   draws_log_binomial(h->draws, total, h->p, 1 - h->p) +
                   draws_log_binomial(h->draws, h->bad, h->p, 1 - h->p));
    for (double i = 0; i < fewer; i++)
        p *= (total - other - i) / (total - i);
    return p;
}

static uint64_t invert(struct wn_rng *r, const struct hyper *h)
{
    double u = sim_u01_fast(r), most = fmin(fmin(h->good, h->draws), INVERSION_MOST), first;

    if (u < 1 - h->mean)   /* P(X > 0) <= mean: states of small count need no more */
        return 0;
    first = none(h);
    /* The sum of the probabilities may round to less than u, 1e-15 of the time: again. */
    for (;; u = sim_u01_fast(r)) {
        double term = first;

        for (double k = 0; k <= most; k++) {
            if (u < term)
                return (uint64_t)(int64_t)k;
            u -= term;
            term *= (h->good - k) * (h->draws - k) / ((k + 1) * (h->bad - h->draws + k + 1));
        }
    }
}

/* Points (u, v) with u^2 <= f(floor(x)), x = centre + width (v - 1/2) / u, f the law over
 * its highest value; the two tests in front of log u are Stadlober's squeezes. */
static uint64_t reject(struct wn_rng *r, const struct hyper *h)
{
    double total = h->good + h->bad, centre = h->mean + 0.5, most = fmin(h->good, h->draws);
    double variance = (total - h->draws) * h->mean * (h->bad / total) / (total - 1);
    double width = 1.7155277699214135 * sqrt(variance + 0.5) + 0.8989161620588988; /* 2 sqrt(2/e), 3 - 2 sqrt(3/e) */
    double log_mode = log_weight(h, floor((h->draws + 1) * ((h->good + 1) / (total + 2))));

    for (;;) {
        double u = sim_u01_fast(r), v = sim_u01_fast(r), x = centre + width * (v - 0.5) / u, t;

        if (!(x >= 0 && x < most + 1))   /* u = 0 ends here, whatever x is */
            continue;
        t = log_weight(h, floor(x)) - log_mode;
        if (u * (4 - u) - 3 <= t)
            return (uint64_t)(int64_t)x;
        if (u * (u - t) < 1 && 2 * log(u) <= t)
            return (uint64_t)(int64_t)x;
    }
}

/* The mirror images are dealt with: GOOD <= BAD, DRAWS <= half. */
static uint64_t draw_least(struct wn_rng *r, uint64_t good, uint64_t bad, uint64_t draws)
{
    struct hyper h = { .good = (double)good, .bad = (double)bad, .draws = (double)draws };

    if (draws <= URN_MOST)
        return from_urn(r, good, good + bad, draws);
    if (good <= URN_MOST)   /* the law is the same with GOOD and DRAWS exchanged */
        return from_urn(r, draws, good + bad, good);
    h.p = h.draws / (h.good + h.bad);
    h.mean = h.good * h.p;
    return h.mean < INVERSION_BELOW ? invert(r, &h) : reject(r, &h);
}

uint64_t sim_draw_hypergeometric(struct wn_rng *r, uint64_t good, uint64_t bad, uint64_t draws)
{
    uint64_t total = good + bad, few = draws, k;

    assert(good <= SIM_DRAW_MAX && bad <= SIM_DRAW_MAX - good && draws <= total);
    if (draws > total / 2)
        few = total - draws;   /* those that stay behind */
    k = good <= bad ? draw_least(r, good, bad, few) : few - draw_least(r, bad, good, few);
    return few == draws ? k : good - k;
}
