#include "sim/pool.h"

#include <stdlib.h>

#include <winnow/rng.h>

/* Grows one of the arrays; they share a capacity. */
static bool grow(void **array, size_t count, size_t size)
{
    size_t bytes;
    void *bigger;

    if (!wn_mul_ok(count, size, &bytes))
        return false;
    bigger = realloc(*array, bytes);
    if (bigger)
        *array = bigger;
    return bigger != NULL;
}

enum wn_status sim_pool_reserve(struct sim_pool *p, size_t n, struct wn_err *err)
{
    size_t want, doubled = p->cap * 2;
    void *value = p->value, *item = p->item, *is_real = p->is_real;
    bool ok;

    if (!wn_add_ok(p->n, n, &want))
        return wn_fail(err, WN_NOMEM, "cannot hold %zu more items: out of memory", n);
    if (want <= p->cap)
        return WN_OK;
    if (want < doubled)
        want = doubled;
    ok = grow(&value, want, sizeof(*p->value));
    p->value = value;
    ok = ok && grow(&item, want, sizeof(*p->item));
    p->item = item;
    ok = ok && grow(&is_real, want, sizeof(*p->is_real));
    p->is_real = is_real;
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
    memset(p, 0, sizeof(*p));
}

bool sim_regime_accumulates(enum wn_regime r)
{
    return r == WN_REGIME_ACCUMULATE || r == WN_REGIME_ACCUMULATE_SUBSAMPLE;
}

enum wn_status sim_pool_plan(struct sim_pool *p, const struct wn_policy *policy, const struct sim_run *run,
                             uint32_t generation, struct wn_mix_summary *sum, struct wn_err *err)
{
    /* Without the generation a subsample would favour the parents of the newest items,
     * because one key would decide both. */
    uint32_t draw = policy->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE ? generation : 0;
    struct wn_policy keyed = *policy;

    keyed.seed = wn_keyed_u64(policy->seed, WN_DOMAIN_SELECT, run->opts->seed, run->replicate, draw);
    return wn_mix_plan(&keyed, p->item, p->n, generation, run->opts->n, sum, err);
}

size_t sim_pool_take(const struct sim_pool *p, union sim_value *out)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->item[i].fate == WN_FATE_KEPT)
            out[n++] = p->value[i];
    return n;
}
