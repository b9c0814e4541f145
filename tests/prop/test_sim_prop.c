/*
 * What must hold for every seed.
 */
#include "unit/sim_rows.h"

#include "sim/mixture.h"

/* Also when mixtures have as many dimensions as data are short of. */
static void em_never_lowers_the_likelihood(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        size_t k = 1 + seed % 4, d = 1 + seed % 3;
        double data[60 * 3], before = -INFINITY, now;
        struct sim_mixture m;
        struct sim_em em;
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
        for (size_t i = 0; i < 60 * d; i++)
            data[i] = wn_rng_normal(&rng) + (i % d == 0 ? (double)(4 * wn_rng_below(&rng, 3)) : 0);
        assert_int_equal(sim_em_open(&em, data, NULL, 60, d, k, &a, NULL), WN_OK);
        assert_int_equal(sim_mixture_new(&m, k, d, &a, NULL), WN_OK);
        assert_int_equal(sim_em_start(&em, &m, &rng, &a, NULL), WN_OK);
        for (int round = 0; round < 30; round++) {
            assert_int_equal(sim_em_round(&em, &m, &now, NULL), WN_OK);
            if (now < before - 1e-12 * fabs(before))
                fail_msg("seed %llu, k %zu, round %d: %.15g after %.15g", (unsigned long long)seed, k, round, now,
                         before);
            before = now;
        }
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* Whatever the policy, the pool adds up: pool = kept + dropped, and every row is finite. */
static void pools_add_up(void **state)
{
    static const char *const dropped[] = { "dropped_regime", "dropped_filter", "dropped_weight", "dropped_quota",
                                           "dropped_budget" };

    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct wn_policy p = sim_policy("p", (enum wn_regime)(seed % 4));
        struct wn_sim_opts opts = { .engine = seed % 3 ? "gaussian" : "gmm", .policies = &p, .n_policies = 1,
                                    .generations = 4, .replicates = 3, .seed = seed, .n = 10 + seed };
        struct sim_rows *r = sim_rows_new(true);
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
        p.real_share = wn_rng_u01(&rng);
        p.filter_by = WN_FILTER_TAG;
        p.trust_real = seed % 2;
        p.keep[WN_UNKNOWN] = wn_rng_u01(&rng);
        p.short_ok = true;
        p.op = (struct wn_operating_point){ .given = true, .tpr = 0.6 * wn_rng_u01(&rng), .fpr = 0.3,
                                            .unknown_synthetic = 0.2, .unknown_human = 0.1 };
        if (seed % 5 == 0)
            p.max_synthetic = 0.3;
        opts.scraped_human_share = seed % 7 == 0 ? 0.3 : 0;
        sim_rows_run(r, &opts);
        for (unsigned g = 1; g <= 4; g++) {
            struct sim_sum *pool = sim_rows_find(r, "p", g, "pool"), *kept = sim_rows_find(r, "p", g, "kept");
            double sum = 0;

            if (!pool)
                continue;        /* every replicate has ended */
            for (size_t i = 0; i < 5; i++) {
                const struct sim_sum *d = sim_rows_find(r, "p", g, dropped[i]);

                sum += d ? d->sum : 0;     /* exact mode counts three reasons */
            }
            if (pool->sum != kept->sum + sum)
                fail_msg("seed %llu, generation %u: %g items, %g kept, %g dropped", (unsigned long long)seed, g,
                         pool->sum, kept->sum, sum);
        }
        wn_buf_addc(&r->text, '\0');
        if (strstr(r->text.ptr, "null"))
            fail_msg("seed %llu: a value is null", (unsigned long long)seed);
        sim_rows_release(r);
    }
}

/* A fresh share of s gives round(s n) real items in each pool of n, and the kept share is
 * the same when nothing is filtered. */
static void the_fresh_share_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct wn_policy p = sim_policy("p", WN_REGIME_FRESH_REAL);
        struct wn_sim_opts opts = { .engine = "gaussian", .policies = &p, .n_policies = 1, .generations = 2,
                                    .replicates = 1, .seed = seed, .n = 7 + 3 * seed };
        struct sim_rows *r = sim_rows_new(false);
        double want;

        p.real_share = (double)seed / 20;
        want = floor(p.real_share * (double)opts.n + 0.5) / (double)opts.n;
        sim_rows_run(r, &opts);
        if (fabs(sim_rows_mean(r, "p", 2, "real_share") - want) > 1e-12 ||
            sim_rows_mean(r, "p", 2, "kept") != (double)opts.n)
            fail_msg("seed %llu: share %g of %g kept, expected %g", (unsigned long long)seed,
                     sim_rows_mean(r, "p", 2, "real_share"), sim_rows_mean(r, "p", 2, "kept"), want);
        sim_rows_release(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(em_never_lowers_the_likelihood),
        cmocka_unit_test(pools_add_up),
        cmocka_unit_test(the_fresh_share_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
