#include "support/cm.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/rng.h>

#include "mix/mix_order.h"
#include "mix/mix_plan.h"

enum { MOST = 5000 };

static struct wn_mix_item items[MOST], others[MOST];
static struct mix_entry entries[MOST];

static void number(size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++)
        items[i] = (struct wn_mix_item){ .key = { seed, i }, .n_tokens = 1, .generation = i % 3, .origin = i % 2,
                                         .verdict = i % 3, .p_synthetic = NAN };
}

static void a_plan_s_draw_is_the_keyed_draw(void **state)
{
    struct wn_policy p;

    (void)state;
    wn_policy_init(&p);
    for (uint64_t seed = 1; seed != 0; seed <<= 1) {
        struct mix_draws d;

        p.seed = seed * 0x9e3779b97f4a7c15u;
        d = mix_draws_of(&p);
        number(20, ~seed * seed);
        for (size_t i = 0; i < 20; i++)
            assert_int_equal(mix_draw(&d, &items[i]),
                             wn_keyed_u64(p.seed, WN_DOMAIN_SELECT, items[i].key.hi, items[i].key.lo, 0));
    }
}

static int by_order(const void *a, const void *b)
{
    return mix_entry_cmp(a, b, items);
}

/* Draws of MASK's bits only, so that equal draws and crowded buckets occur. */
static void check_cut(size_t n, size_t keep, uint64_t mask)
{
    static struct mix_entry sorted[MOST];

    number(n, 5);
    for (size_t i = 0; i < n; i++) {
        uint64_t draw = wn_keyed_u64(n, WN_DOMAIN_SELECT, keep, i, 0) & mask;

        sorted[i] = entries[i] = mix_entry(draw, MIX_OTHER_PLAIN, i);
    }
    qsort(sorted, n, sizeof(sorted[0]), by_order);
    mix_order_cut(entries, n, keep, items, WN_FATE_BUDGET);
    for (size_t i = 0; i < n; i++)
        if (items[mix_entry_index(&sorted[i])].fate != (i < keep ? WN_FATE_KEPT : WN_FATE_BUDGET))
            fail_msg("n %zu, keep %zu, mask %llx: rank %zu", n, keep, (unsigned long long)mask, i);
}

static void a_cut_keeps_what_a_sort_puts_in_front(void **state)
{
    static const uint64_t masks[] = { UINT64_MAX, 0, (uint64_t)7 << 61, 7, (uint64_t)0xfff << 40 };

    (void)state;
    for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
        for (size_t n = 0; n <= 9; n++)
            for (size_t keep = 0; keep <= n; keep++)
                check_cut(n, keep, masks[m]);
        for (size_t keep = 0; keep <= MOST; keep += 625)
            check_cut(MOST, keep, masks[m]);
    }
}

/* Any policy that has a use for keys, by the words of winnow/policy.h. */
static struct wn_policy random_policy(struct wn_rng *r)
{
    struct wn_policy p;

    wn_policy_init(&p);
    p.seed = wn_rng_u64(r);
    p.regime = (enum wn_regime)wn_rng_below(r, WN_REGIME_EDIT + 1);
    p.window = 2;
    p.power = 0.5;
    p.real_share = wn_rng_u01(r);
    p.short_ok = true;
    p.trust_real = false;
    p.filter_by = wn_rng_below(r, 2) ? WN_FILTER_TAG : WN_FILTER_NONE;
    for (int v = 0; v < 3; v++)
        p.keep[v] = wn_rng_below(r, 4) ? (double)wn_rng_below(r, 2) : wn_rng_u01(r);
    p.max_synthetic = wn_rng_below(r, 4) ? 1 : wn_rng_u01(r);
    if (p.regime == WN_REGIME_REPLACE_GROWN || p.regime == WN_REGIME_SCHEDULE)
        return p;
    p.budget_documents = wn_rng_below(r, 3) ? 0 : 1 + wn_rng_below(r, 60);
    return p;
}

static void keys_that_no_policy_reads_may_be_left_out(void **state)
{
    size_t n_blind = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct wn_mix_summary sum, other;
        struct wn_policy p;
        struct wn_err err;
        struct wn_rng r;
        size_t n = seed % 90;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 0, 0, 0);
        p = random_policy(&r);
        number(n, seed);
        memcpy(others, items, sizeof(items[0]) * n);
        for (size_t i = 0; i < n && !mix_looks_at_keys(&p); i++)
            others[i].key = (struct wn_hash128){ 0, 0 };
        n_blind += !mix_looks_at_keys(&p);
        assert_int_equal(wn_mix_plan(&p, items, n, 2, 10, &sum, &err), WN_OK);
        assert_int_equal(mix_plan_distinct(&p, others, n, 2, 10, &other, &err), WN_OK);
        assert_memory_equal(&sum, &other, sizeof(sum));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(items[i].fate, others[i].fate);
    }
    assert_in_range(n_blind, 20, 480);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_s_draw_is_the_keyed_draw),
        cmocka_unit_test(a_cut_keeps_what_a_sort_puts_in_front),
        cmocka_unit_test(keys_that_no_policy_reads_may_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
