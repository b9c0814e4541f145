/*
 * lm_truncate.c - which words top-k, top-p (Holtzman et al. 2020), min-p (Nguyen et al.
 * 2024) and typical sampling (Meister et al. 2023, "Locally typical sampling") keep, and
 * draws among them, without visiting the words.
 *
 * Words are ordered by falling p, equal ones by id.  All four keep a stretch of that
 * order: from the first word, or for typical from the first that is not too likely.
 */
#include <math.h>

#include "lm/lm_ranks.h"

enum { MAX_STEPS = 200, MAX_TRIES = 256 };

/* Below any log10 p that is a sum of 8 weights; above any. */
#define LOWEST (-2000.0)
#define HIGHEST 1.0

/* Keeps words with log10 p >= SURE, and those >= EDGE whose id is below IDS. */
struct cut {
    double sure, edge;
    uint32_t ids;
};

struct tally {
    int64_t n;
    double mass, moment;   /* of log10 p */
};

/* What has to be reached: WORDS of them, or MASS. */
struct goal {
    bool by_mass;
    int64_t words;
    double mass;
};

uint32_t ranks_at_least(const struct ranks *r, double off, double t)
{
    uint32_t lo = 0, n = r->n;

    while (n > 0) {
        uint32_t half = n / 2;

        if (off + (double)r->log10_p[lo + half] >= t) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}

/* Where the words end that C keeps; those between sure and edge have one p. */
static uint32_t end_of(const struct ranks *r, double off, const struct cut *c)
{
    uint32_t lo = ranks_at_least(r, off, c->sure), n;

    if (c->edge == c->sure)
        return lo;
    n = ranks_at_least(r, off, c->edge) - lo;
    while (n > 0) {
        uint32_t half = n / 2;

        if (r->id[lo + half] < c->ids) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}

static void add_part(struct tally *sum, const struct ranks_link *l, const struct ranks *r, const struct cut *c,
                     int sign)
{
    uint32_t n = end_of(r, l->off, c);

    sum->n += sign * (int64_t)n;
    sum->mass += sign * l->scale * r->mass[n];
    sum->moment += sign * l->scale * (r->moment[n] + l->off * r->mass[n]);
}

static struct tally count(const struct ranks_plan *plan, const struct cut *c)
{
    struct tally sum = { 0, 0.0, 0.0 };

    for (unsigned i = 0; i < plan->n; i++) {
        const struct ranks_link *l = &plan->link[i];

        add_part(&sum, l, l->own, c, 1);
        if (l->low)
            add_part(&sum, l, l->low, c, -1);
    }
    return sum;
}

static struct cut plain_cut(double t)
{
    return (struct cut){ t, t, 0 };
}

static bool reached(const struct tally *t, const struct goal *g)
{
    return g->by_mass ? t->mass >= g->mass : t->n >= g->words;
}

/* Takes the first of the equally likely words between HI and LO, which are more than one. */
static struct cut cut_ties(const struct ranks_plan *plan, const struct goal *g, double lo, double hi,
                           uint32_t n_words)
{
    struct cut c = { hi, lo, 0 };
    uint32_t n = n_words;

    while (n > 0) {                              /* the least ids that reach the goal */
        uint32_t half = n / 2;
        struct cut tried = { hi, lo, c.ids + half };
        struct tally t = count(plan, &tried);

        if (reached(&t, g)) {
            n = half;
        } else {
            c.ids += half + 1;
            n -= half + 1;
        }
    }
    return c;
}

/* The shortest stretch from the first word on that reaches G; all words if none does. */
static struct cut cut_at(const struct ranks_plan *plan, const struct goal *g, uint32_t n_words)
{
    double lo = LOWEST, hi = HIGHEST;
    int64_t n_hi = 0, n_lo;
    struct cut c = plain_cut(lo);
    struct tally t = count(plan, &c);

    n_lo = t.n;
    if (!reached(&t, g))
        return c;
    for (int i = 0; i < MAX_STEPS && n_lo - n_hi > 1; i++) {
        double mid = lo + (hi - lo) / 2.0;

        if (mid <= lo || mid >= hi)
            return cut_ties(plan, g, lo, hi, n_words);
        c = plain_cut(mid);
        t = count(plan, &c);
        if (reached(&t, g)) {
            lo = mid;
            n_lo = t.n;
        } else {
            hi = mid;
            n_hi = t.n;
        }
    }
    return plain_cut(lo);
}

/* log10 p of the likeliest word: of each link, the first that the link before has not. */
static double highest(const struct ranks_plan *plan)
{
    double lo = LOWEST, hi = HIGHEST;

    for (;;) {
        double mid = lo + (hi - lo) / 2.0;
        struct cut c = plain_cut(mid);

        if (mid <= lo || mid >= hi)
            return lo;
        if (count(plan, &c).n > 0)
            lo = mid;
        else
            hi = mid;
    }
}

/* As in lm_dense.c: a sum that is equal but for rounding counts as reached. */
static double share_of(double share, double mass)
{
    return share * mass * (1.0 - 1e-12);
}

static struct cut raise_to(struct cut c, double t)
{
    if (c.sure < t)
        c.sure = t;
    if (c.edge < t)
        c.edge = t;
    return c;
}

static struct cut cut_by(const struct ranks_plan *plan, const struct wn_sample_opts *o, uint32_t n_words)
{
    struct cut c = plain_cut(LOWEST);

    if (o->top_k > 0) {
        struct goal g = { false, o->top_k, 0.0 };

        c = cut_at(plan, &g, n_words);
    }
    if (sampler_fraction(o->top_p)) {
        struct goal g = { true, 0, share_of(o->top_p, count(plan, &c).mass) };

        c = cut_at(plan, &g, n_words);
    }
    if (o->min_p > 0.0)
        c = raise_to(c, highest(plan) + fmin(0.0, log10(o->min_p)) * sampler_temperature(o) - 1e-12);
    return c;
}

static double mass_within(const struct ranks_plan *plan, struct cut c, double mean, double d)
{
    struct cut above = plain_cut(nextafter(mean + d, (double)INFINITY));
    struct cut low = raise_to(c, mean - d);

    return count(plan, &low).mass - count(plan, &above).mass;
}

/* -log p - entropy is (mean of log p) - log p, whatever the total mass; so the words nearest
 * to the mean are the typical ones.  Equally near ones stay together. */
static double typical_distance(const struct ranks_plan *plan, struct cut c, double mean, double share, double mass)
{
    double lo = 0.0, hi = -LOWEST;

    for (int i = 0; i < MAX_STEPS; i++) {
        double mid = lo + (hi - lo) / 2.0;

        if (mid <= lo || mid >= hi || hi - lo < 1e-13)
            break;
        if (mass_within(plan, c, mean, mid) >= share_of(share, mass))
            hi = mid;
        else
            lo = mid;
    }
    return hi;
}

/* The mass between from and to that the link before has not. */
static double valid_mass(const struct ranks_link *l, uint32_t low_from, uint32_t low_to)
{
    double mass = l->own->mass[l->to] - l->own->mass[l->from];

    if (l->low) {
        if (l->to - l->from == low_to - low_from)
            return 0.0;
        mass -= l->low->mass[low_to] - l->low->mass[low_from];
    }
    return mass > 0.0 ? mass * l->scale : 0.0;
}

void ranks_cut(struct ranks_plan *plan, const struct wn_sample_opts *opts, uint32_t n_words)
{
    struct cut c = plain_cut(LOWEST);
    double top = HIGHEST;
    struct tally all = count(plan, &c);

    plan->share = 0.0;
    if (plan->n == 0 || !(all.mass > 0.0))
        return;
    if (sampler_truncates(opts))
        c = cut_by(plan, opts, n_words);
    if (sampler_fraction(opts->typical)) {
        double mean, d;

        all = count(plan, &c);
        mean = all.moment / all.mass;
        d = typical_distance(plan, c, mean, opts->typical, all.mass);
        c = raise_to(c, mean - d - 1e-12);
        top = mean + d + 1e-12;
    }
    for (unsigned i = 0; i < plan->n; i++) {
        struct ranks_link *l = &plan->link[i];
        uint32_t low_from = 0, low_to = 0;

        l->from = top < HIGHEST ? ranks_at_least(l->own, l->off, top) : 0;
        l->to = end_of(l->own, l->off, &c);
        l->to = l->to > l->from ? l->to : l->from;
        if (l->low) {
            low_from = top < HIGHEST ? ranks_at_least(l->low, l->off, top) : 0;
            low_to = end_of(l->low, l->off, &c);
            low_to = low_to > low_from ? low_to : low_from;
        }
        l->share = valid_mass(l, low_from, low_to);
        plan->share += l->share;
    }
}

/* ---- draws ------------------------------------------------------------------------------------ */

static bool is_covered(const struct ranks_link *l, const struct wn_lm *lm, uint32_t word)
{
    uint32_t node;

    return l->low && lm_find(lm, l->cover, word, &node);
}

/* The first of FROM..TO-1 where the running sum behind it is above X. */
static uint32_t first_above(const double *sum, uint32_t from, uint32_t to, double x)
{
    uint32_t n = to - from;

    while (n > 1) {
        uint32_t half = n / 2;

        from += sum[from + half] <= x ? half : 0;
        n -= half;
    }
    return from;
}

/* Word by word, when nearly all of the link's mass is the link before's. */
static uint32_t draw_slowly(const struct ranks_link *l, const struct wn_lm *lm, struct wn_rng *rng)
{
    double total = 0.0, x;
    uint32_t last = l->own->id[l->from];

    for (uint32_t i = l->from; i < l->to; i++)
        total += is_covered(l, lm, l->own->id[i]) ? 0.0 : l->own->mass[i + 1] - l->own->mass[i];
    x = wn_rng_u01(rng) * total;
    for (uint32_t i = l->from; i < l->to; i++) {
        double mass = l->own->mass[i + 1] - l->own->mass[i];

        if (mass <= 0.0 || is_covered(l, lm, l->own->id[i]))
            continue;
        last = l->own->id[i];
        if (x < mass)
            break;
        x -= mass;
    }
    return last;
}

uint32_t ranks_draw(const struct ranks_plan *plan, const struct wn_lm *lm, struct wn_rng *rng)
{
    double x = wn_rng_u01(rng) * plan->share;
    const struct ranks_link *l = NULL;
    const double *mass;

    for (unsigned i = 0; i < plan->n; i++) {
        if (plan->link[i].share <= 0.0)
            continue;
        l = &plan->link[i];
        if (x < l->share)
            break;
        x -= l->share;
    }
    mass = l->own->mass;
    for (int i = 0; i < MAX_TRIES; i++) {
        double y = mass[l->from] + wn_rng_u01(rng) * (mass[l->to] - mass[l->from]);
        uint32_t word = l->own->id[first_above(mass, l->from, l->to, y)];

        if (!is_covered(l, lm, word))
            return word;
    }
    return draw_slowly(l, lm, rng);
}
