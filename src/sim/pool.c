#include "sim/pool.h"

#include <stdlib.h>

#include <winnow/rng.h>

#include "mix/mix_plan.h"

/* Grows one of the arrays; they share a capacity. */
static bool grow(void **array, size_t count, size_t size)
{
    size_t bytes;
    void *bigger;

    if (!wn_mul_ok(count, size, &bytes))
        return false;
    bigger = realloc(*array, bytes ? bytes : 1);
    if (bigger)
        *array = bigger;
    return bigger != NULL;
}

enum wn_status sim_pool_reserve(struct sim_pool *p, size_t n, struct wn_err *err)
{
    size_t want, doubled = p->cap * 2;
    void *value = p->value, *item = p->item, *is_real = p->is_real, *print = p->print;
    bool ok;

    if (!wn_add_ok(p->n, n, &want))
        return wn_fail(err, WN_NOMEM, "cannot hold %zu more items: out of memory", n);
    if (want <= p->cap)
        return WN_OK;
    if (want < doubled)
        want = doubled;
    ok = grow(&value, want, p->item_size);
    p->value = value;
    ok = ok && grow(&item, want, sizeof(*p->item));
    p->item = item;
    ok = ok && grow(&is_real, want, sizeof(*p->is_real));
    p->is_real = is_real;
    ok = ok && grow(&print, want, sizeof(*p->print));
    p->print = print;
    if (!ok)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu items: out of memory", want);
    p->cap = want;
    return WN_OK;
}

void sim_pool_release(struct sim_pool *p)
{
    free(p->value);
    free(p->item);
    free(p->is_real);
    free(p->print);
    memset(p, 0, sizeof(*p));
}

void *sim_pool_value(const struct sim_pool *p, size_t i)
{
    return p->value + i * p->item_size;
}

static bool may_be_taken(const struct wn_policy *policy, uint32_t generation, uint32_t newest)
{
    switch (policy->regime) {
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        return true;
    case WN_REGIME_WINDOW:
        return generation + policy->window > newest;
    case WN_REGIME_FIXED_REAL:
        return generation == 0;
    default:
        return false;
    }
}

void sim_pool_forget(struct sim_pool *p, const struct wn_policy *policy, uint32_t newest)
{
    size_t kept = 0;

    if (policy->regime == WN_REGIME_ACCUMULATE || policy->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return;                                /* all of it may be, and it is much */
    for (size_t i = 0; i < p->n; i++) {
        if (!may_be_taken(policy, p->item[i].generation, newest))
            continue;
        if (kept < i) {
            memcpy(sim_pool_value(p, kept), sim_pool_value(p, i), p->item_size);
            p->item[kept] = p->item[i];
            p->is_real[kept] = p->is_real[i];
            p->print[kept] = p->print[i];
        }
        kept++;
    }
    p->n = kept;
}

/* Decided anew for the whole pool: what stayed once may be gone. */
static enum wn_status bar_copies(struct sim_pool *p, const struct wn_policy *policy, uint32_t newest, struct wn_err *err)
{
    struct wn_hash128 *content = malloc((p->n + 1) * sizeof(*content));
    enum wn_status st;

    if (!content)
        return wn_fail(err, WN_NOMEM, "cannot look for copies among %zu items: out of memory", p->n);
    for (size_t i = 0; i < p->n; i++) {
        content[i] = (struct wn_hash128){ .lo = p->print[i] };
        if (p->item[i].barred == WN_FATE_DUPLICATE)
            p->item[i].barred = WN_FATE_KEPT;
    }
    st = wn_mix_bar_copies(policy, p->item, content, p->n, newest, err);
    free(content);
    return st;
}

enum wn_status sim_pool_plan(struct sim_pool *p, const struct sim_run *run, uint32_t generation, uint64_t first_items,
                             struct wn_mix_summary *sum, struct wn_err *err)
{
    /* Without the generation a subsample would favour the parents of the newest items,
     * because one key would decide both. */
    uint32_t draw = run->policy->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE ? generation : 0;
    struct wn_policy keyed = *run->policy;

    keyed.seed = wn_keyed_u64(keyed.seed, WN_DOMAIN_SELECT, run->opts->seed, run->replicate, draw);
    if (keyed.dedup != WN_DEDUP_NONE) {
        enum wn_status st = bar_copies(p, &keyed, generation, err);

        if (st != WN_OK)
            return st;
    }
    return mix_plan_distinct(&keyed, p->item, p->n, generation, first_items, sum, err);
}

/* ---- what was kept ------------------------------------------------------------------------- */

static enum wn_status kept_reserve(struct sim_kept *k, size_t n, size_t item_size, struct wn_err *err)
{
    void *value = k->value, *is_real = k->is_real, *weight = k->weight;
    bool ok;

    if (n <= k->cap)
        return WN_OK;
    ok = grow(&value, n, item_size);
    k->value = value;
    ok = ok && grow(&is_real, n, sizeof(*k->is_real));
    k->is_real = is_real;
    ok = ok && grow(&weight, n, sizeof(*k->weight));
    k->weight = weight;
    if (!ok)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu items: out of memory", n);
    k->cap = n;
    return WN_OK;
}

/* The real items share the weight W and the others 1 - W, in units that add up to n.  A
 * side that is empty leaves all of it to the other. */
static void weigh(struct sim_kept *k, double w)
{
    double n = (double)k->n, n_real = (double)k->n_real;

    k->weighted = k->n_real > 0 && k->n_real < k->n;
    for (size_t i = 0; k->weighted && i < k->n; i++)
        k->weight[i] = k->is_real[i] ? w * n / n_real : (1 - w) * n / (n - n_real);
}

/* The COUNT items from FIRST on. */
static void append(struct sim_kept *out, const struct sim_pool *p, size_t first, size_t count)
{
    memcpy(out->value + out->n * p->item_size, sim_pool_value(p, first), count * p->item_size);
    for (size_t i = 0; i < count; i++) {
        out->is_real[out->n + i] = p->is_real[first + i];
        out->n_real += p->is_real[first + i];
    }
    out->n += count;
}

enum wn_status sim_pool_take(const struct sim_pool *p, const struct wn_policy *policy, struct sim_kept *out,
                             struct wn_err *err)
{
    enum wn_status st = kept_reserve(out, p->n, p->item_size, err);

    if (st != WN_OK)
        return st;
    out->n = out->n_real = 0;
    for (size_t i = 0, end; i < p->n; i = end) {
        bool kept = p->item[i].fate == WN_FATE_KEPT;

        for (end = i + 1; end < p->n && (p->item[end].fate == WN_FATE_KEPT) == kept; end++)
            ;
        if (kept)
            append(out, p, i, end - i);
    }
    out->weighted = false;
    if (policy->regime == WN_REGIME_WEIGHTED)
        weigh(out, policy->weight);
    return WN_OK;
}

struct sim_data sim_kept_data(const struct sim_kept *k)
{
    return (struct sim_data){ k->value, k->n, k->weighted ? k->weight : NULL, k->is_real };
}

void sim_kept_release(struct sim_kept *k)
{
    free(k->value);
    free(k->is_real);
    free(k->weight);
    memset(k, 0, sizeof(*k));
}
