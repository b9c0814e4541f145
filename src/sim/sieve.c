#include "sim/sieve.h"

#include <math.h>
#include <stdlib.h>

/* An item and the number that it is ranked by. */
struct ranked {
    double score;
    size_t index;
};

/* Declared real data skip value filters as they skip the tagger, when the policy trusts them. */
static bool is_judged(const struct wn_policy *p, const struct wn_mix_item *item)
{
    return !(p->trust_real && item->origin == WN_ORIGIN_REAL);
}

static void bar(struct sim_pool *pool, size_t i, enum wn_fate fate)
{
    pool->item[i].barred = (uint8_t)fate;
}

/* One uniform number an item, whatever the policy: policies are compared on common ones. */
static double luck(const struct sim_run *run, uint32_t generation, size_t index)
{
    return wn_keyed_u01(run->opts->seed, WN_DOMAIN_SIEVE, run->replicate, generation, index);
}

/* ---- each item by itself ---------------------------------------------------------------------- */

static void verify(const struct sim_generator *gen, void *state, const struct sim_run *run, uint32_t generation,
                   struct sim_pool *pool, size_t newest)
{
    const struct wn_policy *p = run->policy;

    for (size_t i = newest; i < pool->n; i++) {
        double keep = gen->is_wrong(state, sim_pool_value(pool, i)) ? p->keep_wrong : p->keep_right;

        if (!pool->is_real[i] && luck(run, generation, i - newest) >= keep)
            bar(pool, i, WN_FATE_FILTER);
    }
}

static void by_value(const struct sim_run *run, uint32_t generation, struct sim_pool *pool, size_t newest,
                     const double *distance)
{
    const struct wn_policy *p = run->policy;

    for (size_t i = newest; i < pool->n; i++) {
        double far = distance[i - newest];
        bool flagged = p->value_tails ? far > p->value_cut : far < p->value_cut;

        if (flagged && is_judged(p, &pool->item[i]) && luck(run, generation, i - newest) < p->value_drop)
            bar(pool, i, WN_FATE_FILTER);
    }
}

/* ---- by rank ------------------------------------------------------------------------------------- */

/* Best first; equal scores in the order they came. */
static int best_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static enum wn_status by_rank(const struct sim_run *run, struct sim_pool *pool, size_t newest, const double *score,
                              struct wn_err *err)
{
    const struct wn_policy *p = run->policy;
    struct ranked *all = malloc((pool->n - newest + 1) * sizeof(*all));
    size_t n = 0, keep;

    if (!all)
        return wn_fail(err, WN_NOMEM, "cannot rank %zu items: out of memory", pool->n - newest);
    for (size_t i = newest; i < pool->n; i++)
        if (is_judged(p, &pool->item[i]))
            all[n++] = (struct ranked){ score[i - newest], i };
    qsort(all, n, sizeof(*all), best_first);
    keep = (size_t)llround(p->top_share * (double)n);
    for (size_t i = keep; i < n; i++)
        bar(pool, all[i].index, WN_FATE_FILTER);
    free(all);
    return WN_OK;
}

static enum wn_status by_score(const struct sim_generator *gen, void *state, const struct sim_run *run,
                               uint32_t generation, struct sim_pool *pool, size_t newest, struct wn_err *err)
{
    enum wn_filter_by by = run->policy->filter_by;
    size_t n = pool->n - newest;
    double *score = malloc((n + 1) * sizeof(*score));
    enum wn_status st;

    if (!score)
        return wn_fail(err, WN_NOMEM, "cannot score %zu items: out of memory", n);
    if (by == WN_FILTER_VALUE)
        st = gen->distance(state, sim_pool_value(pool, newest), n, score, err);
    else if (by == WN_FILTER_SURPRISE)
        st = gen->surprise(state, sim_pool_value(pool, newest), n, score, err);
    else
        st = gen->quality(state, sim_pool_value(pool, newest), n, score, err);
    if (st == WN_OK && by == WN_FILTER_VALUE)
        by_value(run, generation, pool, newest, score);
    else if (st == WN_OK)
        st = by_rank(run, pool, newest, score, err);
    free(score);
    return st;
}

enum wn_status sim_sieve_values(const struct sim_generator *gen, void *state, const struct sim_run *run,
                                uint32_t generation, struct sim_pool *pool, size_t newest, struct wn_err *err)
{
    /* Real data of generation 0 stay, and no model is there to look at them with. */
    if (generation == 0 && !run->opts->first_mixed)
        return WN_OK;
    switch (run->policy->filter_by) {
    case WN_FILTER_VERIFY:
        verify(gen, state, run, generation, pool, newest);
        return WN_OK;
    case WN_FILTER_VALUE:
    case WN_FILTER_TOP_FRACTION:
    case WN_FILTER_SURPRISE:
        return pool->n > newest ? by_score(gen, state, run, generation, pool, newest, err) : WN_OK;
    default:
        return WN_OK;
    }
}

/* ---- copies --------------------------------------------------------------------------------------- */

/* A near copy takes the fingerprint of what it repeats, and so they meet as copies. */
static enum wn_status near_copies(const struct sim_generator *gen, void *state, struct sim_pool *pool, size_t newest,
                                  struct wn_err *err)
{
    size_t n = pool->n - newest, *copy_of = malloc((n + 1) * sizeof(*copy_of));
    enum wn_status st;

    if (!copy_of)
        return wn_fail(err, WN_NOMEM, "cannot compare %zu items: out of memory", n);
    st = gen->near_copies(state, sim_pool_value(pool, newest), n, copy_of, err);
    for (size_t i = 0; i < n && st == WN_OK; i++)
        pool->print[newest + i] = pool->print[newest + copy_of[i]];
    free(copy_of);
    return st;
}

enum wn_status sim_sieve_prints(const struct sim_generator *gen, void *state, const struct sim_run *run,
                                struct sim_pool *pool, size_t newest, struct wn_err *err)
{
    enum wn_dedup dedup = run->policy->dedup;
    enum wn_status st;

    if (dedup == WN_DEDUP_NONE || pool->n == newest)
        return WN_OK;
    st = gen->fingerprint(state, sim_pool_value(pool, newest), pool->n - newest, pool->print + newest, err);
    return st == WN_OK && dedup == WN_DEDUP_NEAR ? near_copies(gen, state, pool, newest, err) : st;
}
