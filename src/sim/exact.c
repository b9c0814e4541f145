#include "sim/exact.h"

#include <stdlib.h>

#include "sim/blend.h"
#include "sim/draws.h"
#include "sim/ending.h"
#include "sim/screen.h"

/* Batches of statistics, by what they hold. */
enum { NOW, SYNTHETIC, REAL, FIRST, SCRATCH, RING };

struct chain {
    const struct sim_setup *setup;
    const struct sim_exact *exact;
    struct sim_run run;
    struct wn_arena arena;
    void *state;
    unsigned char *memory, **slot;       /* of each batch                 */
    size_t batch_size, n_ring;           /* WINDOW: the newest W batches, at RING + g % W */
    struct wn_rng real_rng, sample_rng, count_rng;
    struct sim_blend blend;
    struct sim_screened got;             /* of the last intake            */
    bool steady;                         /* every intake is like the last */
    uint64_t n_now, n_real;              /* items in NOW; real ones       */
    uint64_t n_all, n_all_real;          /* everything that accumulates   */
    uint64_t ring_n[1000], ring_real[1000];
    uint32_t generation;
    bool short_supply;
};

static void *batch(const struct chain *c, size_t i)
{
    return c->slot[i];
}

static void clear(struct chain *c, size_t i)
{
    memset(c->slot[i], 0, c->batch_size);
}

static void swap_batches(struct chain *c, size_t i, size_t k)
{
    unsigned char *keep = c->slot[i];

    c->slot[i] = c->slot[k];
    c->slot[k] = keep;
}

/* ---- which policies ------------------------------------------------------------------------- */

const char *sim_counts_are_mixed(const struct wn_sim_opts *o, const struct wn_policy *p)
{
    bool budget = p->budget_documents || p->budget_of_first > 0, filtered = p->filter_by != WN_FILTER_NONE;
    bool scraped = o->scraped_human_share > 0;

    if (o->first_mixed && budget)
        return "the first generation would meet the budget";
    switch (p->regime) {
    case WN_REGIME_FIXED_REAL:
        return filtered || o->n_first != 0 || o->first_mixed || scraped ? "its real share is held item by item" : NULL;
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_WEIGHTED:
        return scraped && p->mixing == WN_MIXING_STRATIFIED ? "its real share and the scrape's are held item by item" : NULL;
    case WN_REGIME_REPLACE_GROWN:
    case WN_REGIME_SCHEDULE:
        return filtered || budget ? "its size is a budget that goes item by item" : NULL;
    default:
        return NULL;
    }
}

static const char *why_not_regime(const struct sim_exact *x, const struct wn_policy *p)
{
    bool budget = p->budget_documents || p->budget_of_first > 0;
    bool meets_first = p->regime == WN_REGIME_ACCUMULATE || p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE ||
                       p->regime == WN_REGIME_WINDOW || p->regime == WN_REGIME_FIXED_REAL;

    if (meets_first && !p->trust_real && (p->filter_by == WN_FILTER_TAG || p->filter_by == WN_FILTER_IMPORTANCE))
        return "the first real data, kept whole, are filtered with later ones where they are not trusted";
    if (p->budget_tokens)
        return "a budget of tokens goes item by item";
    switch (p->regime) {
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        return x->subsample ? NULL : "a subsample of a batch is not determined by its statistics";
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_WINDOW:
    case WN_REGIME_FIXED_REAL:
        return budget ? "a budget takes items out of older batches" : NULL;
    case WN_REGIME_EDIT:
        return "edited text has no sufficient statistics";
    case WN_REGIME_GENERAL:
        return budget || p->filter_by != WN_FILTER_NONE ? "the filter of a blend of models goes item by item" : NULL;
    default:
        return p->real_from_first && !x->subsample ? "a draw from the first batch is not determined by its statistics" : NULL;
    }
}

static const char *why_not_sampling(const struct sim_generator *gen, const struct wn_sim_sampling *s)
{
    bool cut = (s->temperature > 0 && s->temperature != 1) || s->top_k || s->top_p > 0 || s->min_p > 0 || s->typical > 0;

    if (s->truncate > 0)
        return "truncated samples have no sufficient statistics";
    return cut && !(gen->takes & SIM_EXACT_BIASED) ? "the sampler's bias goes item by item" : NULL;
}

enum wn_status sim_exact_check(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *err)
{
    const char *why = s->gen->exact ? NULL : "engine has no sufficient statistics";

    if (!why)
        why = sim_looks_beyond_labels(policy);
    if (!why)
        why = why_not_regime(s->gen->exact, policy);
    if (!why)
        why = sim_counts_are_mixed(&s->opts, policy);
    if (!why)
        why = why_not_sampling(s->gen, &s->opts.sampling);
    if (!why)
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "policy '%s' cannot be played exactly with engine '%s': %s", policy->name,
                   s->gen->name, why);
}

/* ---- what one generation brings ------------------------------------------------------------------ */

/* SYNTHETIC becomes N items of p_g, REAL those of them that the truth wrote. */
static enum wn_status draw_blend(struct chain *c, uint64_t n, struct wn_err *err)
{
    const struct sim_generator *gen = c->setup->gen;
    uint64_t *count = malloc((c->blend.n + 2) * sizeof(*count));
    enum wn_status st = WN_OK;

    if (!count)
        return wn_fail(err, WN_NOMEM, "cannot draw a generation: out of memory");
    sim_blend_counts(&c->blend, &c->count_rng, n, count);
    clear(c, SYNTHETIC);
    for (size_t i = 0; i < c->blend.n && st == WN_OK; i++) {
        if (count[i] == 0)
            continue;
        st = gen->model_take(c->state, c->blend.model[i], err);
        if (st == WN_OK)
            st = c->exact->sample(c->state, &c->sample_rng, count[i], batch(c, SCRATCH), err);
        if (st == WN_OK)
            c->exact->merge(c->state, batch(c, SYNTHETIC), batch(c, SCRATCH), 1);
    }
    c->got.real = count[c->blend.n];
    c->got.synthetic = n - c->got.real;
    free(count);
    if (st == WN_OK)
        st = gen->model_take(c->state, c->blend.model[c->blend.n - 1], err);
    return st == WN_OK ? c->exact->real(c->state, &c->real_rng, c->got.real, batch(c, REAL), err) : st;
}

static enum wn_status draw_synthetic(struct chain *c, uint64_t n, struct wn_err *err)
{
    if (c->generation == 0)               /* first_mixed: the truth writes for the model */
        return c->exact->real(c->state, &c->sample_rng, n, batch(c, SYNTHETIC), err);
    return c->exact->sample(c->state, &c->sample_rng, n, batch(c, SYNTHETIC), err);
}

static enum wn_status draw_real(struct chain *c, struct wn_err *err)
{
    enum wn_status st = c->exact->real(c->state, &c->real_rng, c->got.real, batch(c, REAL), err);

    if (st != WN_OK || c->got.again == 0)
        return st;
    st = c->exact->subsample(c->state, &c->real_rng, batch(c, FIRST), c->got.again, batch(c, SCRATCH), err);
    if (st == WN_OK)
        c->exact->merge(c->state, batch(c, REAL), batch(c, SCRATCH), 1);
    return st;
}

/* Whether every generation brings the same numbers, and no random number is drawn for them. */
static bool brings_the_same(const struct wn_sim_opts *o, const struct wn_policy *p)
{
    if (p->filter_by != WN_FILTER_NONE || p->topup || sim_screen_budget(o, p) != UINT64_MAX)
        return false;
    switch (p->regime) {
    case WN_REGIME_REPLACE:
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
    case WN_REGIME_WINDOW:
    case WN_REGIME_FIXED_REAL:
        return true;
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_WEIGHTED:
        return p->mixing == WN_MIXING_STRATIFIED;
    default:
        return false;
    }
}

static void count_intake(struct chain *c)
{
    const struct wn_sim_opts *o = c->run.opts;
    const struct wn_policy *p = c->run.policy;
    struct sim_inflow in = sim_inflow(o, p, c->run.replicate, c->generation);
    uint64_t most_again = sim_first_items(o, p);

    if (in.again > most_again)
        in.again = most_again;
    c->got = sim_screen_draw(o, p, &c->count_rng, &in);
    c->steady = brings_the_same(o, p);
}

static enum wn_status take_in(struct chain *c, struct wn_err *err)
{
    const struct wn_policy *p = c->run.policy;
    enum wn_status st;

    if (!c->steady)
        count_intake(c);
    if (p->regime == WN_REGIME_GENERAL && c->generation > 0) {
        st = sim_blend_step(&c->blend, c->setup->gen, c->state, p, err);
        return st == WN_OK ? draw_blend(c, c->got.synthetic, err) : st;
    }
    st = draw_synthetic(c, c->got.synthetic, err);
    return st == WN_OK && c->got.real + c->got.again > 0 ? draw_real(c, err) : st;
}

/* ---- what the next model is fitted on --------------------------------------------------------------- */

/* NOW becomes the new items alone. */
static void use_new(struct chain *c, double factor_synthetic, double factor_real)
{
    uint64_t real = c->got.real + c->got.again;

    c->n_now = c->got.synthetic + real;
    c->n_real = real;
    if (real == 0 && factor_synthetic == 1) {
        swap_batches(c, NOW, SYNTHETIC);
        return;
    }
    clear(c, NOW);
    if (c->got.synthetic > 0 && factor_synthetic > 0)
        c->exact->merge(c->state, batch(c, NOW), batch(c, SYNTHETIC), factor_synthetic);
    if (real > 0 && factor_real > 0)
        c->exact->merge(c->state, batch(c, NOW), batch(c, REAL), factor_real);
}

/* The total weight W on what is real, in units that add up to the number of items. */
static void use_weighted(struct chain *c)
{
    double real = (double)(c->got.real + c->got.again), synthetic = (double)c->got.synthetic, n = real + synthetic;
    double w = c->run.policy->weight;

    if (real == 0 || synthetic == 0)
        use_new(c, 1, 1);
    else
        use_new(c, (1 - w) * n / synthetic, w * n / real);
}

static void add_new(struct chain *c, size_t to)
{
    if (c->got.synthetic > 0)
        c->exact->merge(c->state, batch(c, to), batch(c, SYNTHETIC), 1);
    if (c->got.real + c->got.again > 0)
        c->exact->merge(c->state, batch(c, to), batch(c, REAL), 1);
}

/* NOW itself is what accumulates. */
static void accumulate(struct chain *c)
{
    add_new(c, NOW);
    c->n_real += c->got.real + c->got.again;
    c->n_now += c->got.synthetic + c->got.real + c->got.again;
}

static enum wn_status subsample(struct chain *c, struct wn_err *err)
{
    const struct wn_policy *p = c->run.policy;
    uint64_t want = sim_screen_budget(c->run.opts, p);

    add_new(c, FIRST);
    c->n_all_real += c->got.real;
    c->n_all += c->got.synthetic + c->got.real;
    c->short_supply = c->n_all < want && !p->short_ok;
    c->n_now = want < c->n_all ? want : c->n_all;
    c->got.dropped_budget = c->n_all - c->n_now;
    c->n_real = sim_draw_hypergeometric(&c->count_rng, c->n_all_real, c->n_all - c->n_all_real, c->n_now);
    return c->exact->subsample(c->state, &c->count_rng, batch(c, FIRST), c->n_now, batch(c, NOW), err);
}

static void window(struct chain *c)
{
    size_t at = c->generation % c->n_ring;

    use_new(c, 1, 1);
    swap_batches(c, NOW, RING + at);
    c->ring_n[at] = c->n_now;
    c->ring_real[at] = c->n_real;
    clear(c, NOW);
    c->n_now = c->n_real = 0;
    for (size_t i = 0; i < c->n_ring; i++) {
        if (c->ring_n[i] == 0)
            continue;
        c->exact->merge(c->state, batch(c, NOW), batch(c, RING + i), 1);
        c->n_now += c->ring_n[i];
        c->n_real += c->ring_real[i];
    }
}

static void fixed_real(struct chain *c)
{
    use_new(c, 1, 1);
    c->exact->merge(c->state, batch(c, NOW), batch(c, FIRST), 1);
    c->n_now += c->n_all;
    c->n_real += c->n_all;
}

static enum wn_status arrange(struct chain *c, struct wn_err *err)
{
    uint64_t budget = sim_screen_budget(c->run.opts, c->run.policy);

    switch (c->run.policy->regime) {
    case WN_REGIME_ACCUMULATE:
        accumulate(c);
        return WN_OK;
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        return subsample(c, err);
    case WN_REGIME_WINDOW:
        window(c);
        return WN_OK;
    case WN_REGIME_FIXED_REAL:
        fixed_real(c);
        return WN_OK;
    case WN_REGIME_WEIGHTED:
        use_weighted(c);
        break;
    default:
        use_new(c, 1, 1);
        break;
    }
    c->short_supply = budget != UINT64_MAX && c->n_now < budget && !c->run.policy->short_ok;
    return WN_OK;
}

/* ---- generation 0 ------------------------------------------------------------------------------------- */

/* Regimes that come back to the first data keep them in FIRST (and SUBSAMPLE all data). */
static void keep_first(struct chain *c)
{
    const struct wn_policy *p = c->run.policy;

    if (p->regime == WN_REGIME_WINDOW) {
        size_t at = 0;

        c->exact->merge(c->state, batch(c, RING + at), batch(c, NOW), 1);
        c->ring_n[at] = c->n_now;
        c->ring_real[at] = c->n_real;
    } else if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE || p->regime == WN_REGIME_FIXED_REAL || p->real_from_first) {
        c->exact->merge(c->state, batch(c, FIRST), batch(c, NOW), 1);
        c->n_all = c->n_now;
        c->n_all_real = c->n_real;
    }
}

static enum wn_status first_data(struct chain *c, struct wn_err *err)
{
    enum wn_status st;

    if (c->run.opts->first_mixed) {
        st = take_in(c, err);
        if (st == WN_OK && c->run.policy->regime == WN_REGIME_WEIGHTED)
            use_weighted(c);
        else if (st == WN_OK)
            use_new(c, 1, 1);
    } else {
        c->n_now = c->n_real = sim_first_items(c->run.opts, c->run.policy);
        c->got.pool = c->n_now;
        st = c->exact->real(c->state, &c->real_rng, c->n_now, batch(c, NOW), err);
    }
    if (st == WN_OK)
        keep_first(c);
    return st;
}

/* ---- the turns ------------------------------------------------------------------------------------------ */

/* What older generations brought stands in the pool beside what was screened now. */
static void pool_metrics(const struct chain *c, struct sim_metrics *m)
{
    uint64_t pool = c->n_now + c->got.dropped_filter + c->got.dropped_quota + c->got.dropped_budget;

    sim_metrics_add(m, "pool", (double)pool, pool);
    sim_metrics_add(m, "kept", (double)c->n_now, pool);
    sim_metrics_add(m, "dropped_filter", (double)c->got.dropped_filter, pool);
    sim_metrics_add(m, "dropped_quota", (double)c->got.dropped_quota, pool);
    sim_metrics_add(m, "dropped_budget", (double)c->got.dropped_budget, pool);
    if (c->n_now > 0)
        sim_metrics_add(m, "real_share", (double)c->n_real / (double)c->n_now, c->n_now);
}

static enum wn_status turn(struct chain *c, const struct sim_watch *watch, struct wn_err *err)
{
    struct sim_view view = { c->generation, c->run.policy, NULL, 0, true };
    struct sim_row row = { c->run.policy, c->run.replicate, c->generation };
    bool recorded = sim_is_recorded(c->run.opts, c->generation);
    struct sim_metrics m;
    enum wn_status st = c->exact->fit(c->state, c->generation, batch(c, NOW), c->n_now, err);

    m.n = 0;
    if (st == WN_OK && recorded)
        st = c->setup->gen->compare(c->state, &view, &m, err);
    if (st == WN_OK)
        st = take_in(c, err);
    if (st == WN_OK)
        st = arrange(c, err);
    if (st != WN_OK || !recorded)
        return st;
    pool_metrics(c, &m);
    return watch->metrics(watch->arg, &row, &m, err);
}

/* Plain replacement brings the same number of items every time: nothing but fits and draws
 * happens between two generations that are recorded. */
static bool can_stretch(const struct chain *c)
{
    const struct wn_policy *p = c->run.policy;

    return c->exact->stretch && p->regime == WN_REGIME_REPLACE && p->filter_by == WN_FILTER_NONE && !p->topup &&
           c->run.opts->scraped_human_share == 0 && sim_screen_budget(c->run.opts, p) == UINT64_MAX;
}

/* The stop flag is read between stretches. */
enum { LONGEST_STRETCH = 100000 };

/* The first generation >= FROM that is recorded, LIMIT at most. */
static uint32_t next_recorded(const struct wn_sim_opts *o, uint32_t from, uint32_t limit)
{
    size_t low = 0, high = o->n_record;

    if (!o->record)
        return from;
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (o->record[mid] < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low < o->n_record && o->record[low] < limit ? o->record[low] : limit;
}

/* Plays the generations from the current one up to the next that is recorded. */
static void stretch(struct chain *c)
{
    const struct wn_sim_opts *o = c->run.opts;
    uint32_t limit = o->generations - c->generation < LONGEST_STRETCH ? o->generations : c->generation + LONGEST_STRETCH;
    uint32_t to = next_recorded(o, c->generation, limit);

    if (to == c->generation)
        return;
    c->exact->stretch(c->state, &c->sample_rng, o->n, to - c->generation, batch(c, NOW));
    c->generation = to;
}

static bool over(const struct chain *c, char *reason)
{
    struct sim_left left = { c->n_now, c->got.pool, c->got.starved,
                             c->short_supply ? "the supply is below the budget" : NULL };

    return sim_is_over(c->setup, &left, reason);
}

static enum wn_status generations(struct chain *c, const struct sim_watch *watch, struct wn_err *err)
{
    const struct wn_sim_opts *o = c->run.opts;
    enum wn_status st = first_data(c, err);
    char reason[WN_ERR_TEXT];

    for (c->generation = 1; st == WN_OK && c->generation <= o->generations; c->generation++) {
        if (o->stop && atomic_load(o->stop))
            return wn_fail(err, WN_CANCELLED, "cancelled in generation %u", c->generation);
        if (c->generation == 1 && over(c, reason))
            break;
        if (c->generation > 1 && can_stretch(c))
            stretch(c);
        st = turn(c, watch, err);
        if (st == WN_OK && over(c, reason))
            break;
    }
    if (st == WN_OK && c->generation <= o->generations) {
        struct sim_row row = { c->run.policy, c->run.replicate, c->generation };

        st = watch->ended(watch->arg, &row, c->n_now, reason, err);
    }
    return st;
}

static enum wn_status reserve(struct chain *c, struct wn_err *err)
{
    size_t count, bytes;

    c->batch_size = (c->exact->batch_size(c->state) + 63) / 64 * 64;
    c->n_ring = c->run.policy->regime == WN_REGIME_WINDOW ? c->run.policy->window : 0;
    count = RING + c->n_ring;
    c->slot = calloc(count, sizeof(*c->slot));
    if (c->slot && wn_mul_ok(count, c->batch_size, &bytes))
        c->memory = calloc(1, bytes);
    for (size_t i = 0; c->memory && i < count; i++)
        c->slot[i] = c->memory + i * c->batch_size;
    return c->memory ? WN_OK : wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
}

enum wn_status sim_exact_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                             const struct sim_watch *watch, struct wn_err *err)
{
    struct chain *c = calloc(1, sizeof(*c));
    uint64_t seed = s->opts.seed;
    enum wn_status st;

    if (!c)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    c->setup = s;
    c->exact = s->gen->exact;
    c->run = (struct sim_run){ &s->opts, policy, replicate, &c->arena };
    /* No generation has this number: the streams are apart from those of items. */
    wn_rng_init(&c->real_rng, seed, WN_DOMAIN_REAL, replicate, UINT64_MAX, 0);
    wn_rng_init(&c->sample_rng, seed, WN_DOMAIN_SAMPLE, replicate, UINT64_MAX, 0);
    wn_rng_init(&c->count_rng, seed, WN_DOMAIN_OPERATE, replicate, UINT64_MAX, 0);
    st = s->gen->begin(&c->state, s->world, &c->run, err);
    if (st == WN_OK)
        st = reserve(c, err);
    if (st == WN_OK)
        st = generations(c, watch, err);
    if (s->gen->end)
        s->gen->end(c->state);
    sim_blend_release(&c->blend);
    wn_arena_release(&c->arena);
    free(c->slot);
    free(c->memory);
    free(c);
    return st;
}
