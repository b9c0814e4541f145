/*
 * test_lm_mix_prop.c - what holds for any models, mixed and pruned: seeds are tried in
 * turn, the failing one is printed.
 */
#include "unit/lm_fixture.h"

#include <math.h>

#include <winnow/rng.h>

#include "lm/lm_index.h"

enum { N_SEEDS = 30, MOST = 4 };

/* Sentences over some words, the earlier ones likelier; FROM shifts which words. */
static struct wn_str random_text(struct wn_buf *out, struct wn_rng *rng, uint64_t from)
{
    uint64_t n_sentences = 5 + wn_rng_below(rng, 120), n_words = 4 + wn_rng_below(rng, 20);

    wn_buf_reset(out);
    for (uint64_t i = 0; i < n_sentences; i++) {
        uint64_t len = wn_rng_below(rng, 9);

        for (uint64_t j = 0; j < len; j++)
            wn_buf_addf(out, "w%llu ", (unsigned long long)(from + wn_rng_below(rng, 1 + wn_rng_below(rng, n_words))));
        wn_buf_addc(out, '\n');
    }
    return wn_buf_str(out);
}

static struct wn_lm *random_model(struct wn_rng *rng)
{
    struct wn_lm_opts opts = { .smoothing = wn_rng_below(rng, 4) == 0 ? WN_SMOOTH_ML : WN_SMOOTH_KN };
    unsigned order = 1 + (unsigned)wn_rng_below(rng, 5);
    struct wn_buf text = { 0 };
    struct wn_lm *lm;

    for (unsigned k = 1; opts.smoothing != WN_SMOOTH_ML && k < WN_LM_MAX_ORDER; k++)
        opts.prune[k] = opts.prune[k - 1] + (wn_rng_below(rng, 4) == 0);
    lm = fixture_model(random_text(&text, rng, wn_rng_below(rng, 12)), order, WN_TOK_WHITESPACE, &opts);
    wn_buf_release(&text);
    return lm;
}

static struct wn_lm *random_mix(struct wn_rng *rng, struct wn_lm **lm, double *weight, size_t *n)
{
    struct wn_lm *mix;
    struct wn_err err;
    double total = 0.0;

    *n = 1 + wn_rng_below(rng, MOST);
    for (size_t i = 0; i < *n; i++) {
        lm[i] = random_model(rng);
        weight[i] = wn_rng_u01(rng) + (i == 0 ? 0.01 : 0.0);
        total += weight[i];
    }
    for (size_t i = 0; i < *n; i++)
        weight[i] /= total;
    if (wn_lm_mix(&mix, (const struct wn_lm *const *)lm, weight, *n, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    return mix;
}

static void check_sums(const struct wn_lm *lm, struct wn_rng *rng, uint64_t seed)
{
    for (int i = 0; i < 30; i++) {
        uint32_t history[8] = { WN_LM_BOS };
        size_t n = wn_rng_below(rng, 8);
        double sum = 0.0;

        for (size_t j = i % 2; j < n; j++)
            history[j] = (uint32_t)wn_rng_below(rng, wn_lm_vocab_size(lm));
        for (uint32_t w = 0; w < wn_lm_vocab_size(lm); w++)
            sum += w == WN_LM_BOS ? 0.0 : pow(10.0, wn_lm_prob(lm, history, n, w));
        if (!(fabs(sum - 1.0) <= 1e-5))
            fail_msg("seed %llu: probabilities sum to %.7f", (unsigned long long)seed, sum);
    }
}

static void mixtures_sum_to_one(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_lm *lm[MOST], *mix;
        double weight[MOST];
        struct wn_rng rng;
        size_t n;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
        mix = random_mix(&rng, lm, weight, &n);
        check_sums(mix, &rng, seed);
        wn_lm_free(mix);
        for (size_t i = 0; i < n; i++)
            wn_lm_free(lm[i]);
    }
}

/* Mixtures, pruned, still sum to one; so do mixtures of those. */
static void pruned_mixtures_sum_to_one(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_lm *lm[MOST], *mix, *small[2];
        double weight[MOST];
        struct wn_rng rng;
        struct wn_err err;
        size_t n;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 0, 0, 0);
        mix = random_mix(&rng, lm, weight, &n);
        if (wn_lm_prune(&small[0], mix, pow(10.0, -8.0 * wn_rng_u01(&rng)), NULL, NULL, &err) != WN_OK ||
            lm_check_index(small[0], "pruned", &err) != WN_OK)
            fail_msg("%s", err.text);
        check_sums(small[0], &rng, seed);
        wn_lm_free(mix);
        small[1] = lm[0];
        if (wn_lm_mix(&mix, (const struct wn_lm *const *)small, (double[]){ 0.3, 0.7 }, 2, NULL, &err) != WN_OK)
            fail_msg("%s", err.text);
        check_sums(mix, &rng, seed);
        wn_lm_free(mix);
        wn_lm_free(small[0]);
        for (size_t i = 0; i < n; i++)
            wn_lm_free(lm[i]);
    }
}

/* What comes back from a stream is what was sent, for any number of threads. */
static void streams_rebuild_any_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct lm_room room = { .jobs = 1 + seed % 3, .memory_bytes = UINT64_MAX };
        struct lm_index_builder *b;
        struct lm_consumer c;
        const struct lm_consumer *const all[] = { &c };
        struct wn_lm *lm[MOST], *mix, *again;
        double weight[MOST];
        struct wn_rng rng;
        struct wn_err err;
        size_t n;

        wn_rng_init(&rng, seed, WN_DOMAIN_SAMPLE, 0, 0, 0);
        mix = random_mix(&rng, lm, weight, &n);
        assert_int_equal(lm_index_builder_new(&b, &err), WN_OK);
        c = lm_index_builder_consumer(b);
        if (lm_index_produce(mix, all, 1, &room, &err) != WN_OK || lm_index_builder_take(b, &again, &err) != WN_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
        if (!wn_str_eq(wn_lm_image(mix), wn_lm_image(again)))
            fail_msg("seed %llu: another image", (unsigned long long)seed);
        lm_index_builder_free(b);
        wn_lm_free(again);
        wn_lm_free(mix);
        for (size_t i = 0; i < n; i++)
            wn_lm_free(lm[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixtures_sum_to_one),
        cmocka_unit_test(pruned_mixtures_sum_to_one),
        cmocka_unit_test(streams_rebuild_any_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
