#include "support/vectors.h"

#include <math.h>
#include <pthread.h>
#include <winnow/rng.h>
#include <winnow/tails.h>
#include <winnow/watermark.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "detect/torch_rng.h"

static struct wn_kgw *make(uint64_t key, double gamma, uint32_t vocab)
{
    struct wn_kgw_opts o = { .key = key, .gamma = gamma, .vocab_size = vocab };
    struct wn_kgw *k = NULL;
    struct wn_err err = { 0 };

    if (wn_kgw_new(&k, &o, &err) != WN_OK)
        fail_msg("%s", err.text);
    return k;
}

static struct wn_kgw_result detect(struct wn_kgw *k, const uint32_t *ids, size_t n, uint32_t skip)
{
    struct wn_kgw_result r;
    struct wn_err err = { 0 };

    assert_int_equal(wn_kgw_detect(k, ids, n, skip, &r, &err), WN_OK);
    return r;
}

static void expect_lists(const struct wn_jsonval *c, struct wn_kgw *k, uint32_t vocab)
{
    const struct wn_jsonval *lists = wn_jsonval_get(c, "greenlists");
    uint8_t *bits = malloc(vocab / 8 + 1);
    char hex[17];

    assert_non_null(bits);
    for (size_t l = 0; l < wn_jsonval_size(lists); l++) {
        const struct wn_jsonval *list = wn_jsonval_at(lists, l);
        uint32_t previous = (uint32_t)vectors_num(list, "prefix"), n = 0;

        memset(bits, 0, vocab / 8 + 1);
        for (uint32_t id = 0; id < vocab; id++)
            if (wn_kgw_green(k, previous, id)) {
                bits[id / 8] |= (uint8_t)(1u << id % 8);
                n++;
            }
        assert_int_equal(n, vectors_num(list, "greenlist_size"));
        snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)XXH64(bits, (vocab + 7) / 8, 0));
        assert_string_equal(hex, vectors_str(list, "bitmap_lsb_xxh64"));
    }
    free(bits);
}

/* The counts of the file, with repeats counted or not. */
static void expect_counts(const struct wn_jsonval *c, const struct wn_kgw_result *r)
{
    double want = vectors_num(c, "p_value_binomial_sf");

    assert_int_equal(r->n_bigrams, vectors_num(c, "num_ngrams"));
    assert_int_equal(r->n_scored, vectors_num(c, "num_unique_ngrams"));
    if (!wn_jsonval_bool(wn_jsonval_get(c, "ignore_repeated_ngrams"), true))
        return;     /* the reference scored repeats there; winnow never does */
    assert_int_equal(r->n_scored, vectors_num(c, "num_tokens_scored"));
    assert_int_equal(r->n_green, vectors_num(c, "num_green_tokens"));
    assert_true(fabs(r->z - vectors_num(c, "z_score")) <= 1e-9 * fabs(r->z) + 1e-15);
    assert_true(fabs(pow(10, r->log10_p) - want) <= 1e-9 * want);
}

/* lm-watermarking's WatermarkDetector, scheme simple_1, run unmodified. */
static void detection_equals_the_reference(void **state)
{
    struct wn_jsonval *file = vectors_load("watermark/kgw_simple_1.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");

    (void)state;
    assert_true(wn_jsonval_size(cases) >= 11);
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i), *ids = wn_jsonval_get(c, "token_ids");
        const char *mask = vectors_str(c, "green_mask");
        uint32_t vocab = (uint32_t)vectors_num(c, "vocab_size"), id[512];
        struct wn_kgw *k = make((uint64_t)vectors_num(c, "hash_key"), vectors_num(c, "gamma"), vocab);
        size_t n = wn_jsonval_size(ids);
        struct wn_kgw_result r;

        assert_true(n <= 512 && strlen(mask) == n - 1);
        for (size_t t = 0; t < n; t++)
            id[t] = (uint32_t)wn_jsonval_num(wn_jsonval_at(ids, t), -1);
        for (size_t t = 1; t < n; t++)
            if (wn_kgw_green(k, id[t - 1], id[t]) != (mask[t - 1] == '1'))
                fail_msg("%s: bigram %zu", vectors_str(c, "id"), t - 1);
        r = detect(k, id, n, UINT32_MAX);
        expect_counts(c, &r);
        expect_lists(c, k, vocab);
        wn_kgw_free(k);
    }
    wn_jsonval_free(file);
}

static void too_short_a_text_tests_nothing(void **state)
{
    struct wn_kgw *k = make(0, 0, 100);
    uint32_t one = 5;
    struct wn_kgw_result r = detect(k, &one, 1, UINT32_MAX);

    (void)state;
    assert_true(r.n_scored == 0 && r.n_bigrams == 0 && r.z == 0 && r.log10_p == 0);
    r = detect(k, NULL, 0, UINT32_MAX);
    assert_true(r.n_scored == 0 && r.log10_p == 0);
    wn_kgw_free(k);
}

static void unknown_words_are_not_tested(void **state)
{
    const uint32_t ids[] = { 7, 8, 0, 9, 10, 7, 8, 0, 0 };
    struct wn_kgw *k = make(0, 0.5, 100);
    struct wn_kgw_result r = detect(k, ids, 9, 0);

    (void)state;
    assert_int_equal(r.n_bigrams, 4);      /* 7-8, 9-10, 10-7, 7-8 */
    assert_int_equal(r.n_scored, 3);
    r = detect(k, ids, 9, UINT32_MAX);
    assert_int_equal(r.n_bigrams, 8);
    assert_int_equal(r.n_scored, 6);       /* 7-8 and 8-0 stand twice */
    wn_kgw_free(k);
}

/* Seeds by hand: (2^64 - 1) q = 0 for every q, and (2^64 - 2) q = -q. */
static void seeds_are_reduced_modulo_two_to_the_64_minus_1(void **state)
{
    struct wn_kgw *all = make(UINT64_MAX, 0.25, 64), *less = make(UINT64_MAX - 1, 0.25, 64);

    (void)state;
    for (uint32_t previous = 1; previous < 64; previous += 7)
        for (uint32_t id = 0; id < 64; id++) {
            assert_int_equal(wn_kgw_green(all, previous, id), wn_torch_randperm_has(0, 64, 16, id));
            assert_int_equal(wn_kgw_green(less, previous, id),
                             wn_torch_randperm_has(UINT64_MAX - previous, 64, 16, id));
        }
    wn_kgw_free(all);
    wn_kgw_free(less);
}

/* Ids above the vocabulary go through the lists that can be dropped. */
static void dropped_lists_come_back_the_same(void **state)
{
    struct wn_kgw *k = make(12345, 0.3, 50);

    (void)state;
    assert_false(wn_kgw_green(k, 3, 50));
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t previous = 50; previous < 50 + 64 * 7; previous++)
            for (uint32_t id = 0; id < 50; id += 11)
                assert_int_equal(wn_kgw_green(k, previous, id),
                                 wn_torch_randperm_has((uint64_t)12345 * previous, 50, 15, id));
    wn_kgw_free(k);
}

/* Under the null the p-values of random ids are uniform, apart from being discrete:
 * P[p <= alpha] <= alpha.  1,000 texts of 200 ids: the counts must lie within the
 * 99.99 % interval of a binomial, and not far below alpha. */
static void random_ids_are_called_at_the_nominal_rate(void **state)
{
    enum { TEXTS = 1000, LEN = 200, VOCAB = 2000 };
    const double levels[] = { 0.01, 0.1, 0.5 };
    int below[3] = { 0 }, deciles[10] = { 0 };
    struct wn_kgw *k = make(0, 0, VOCAB);
    uint32_t ids[LEN];
    struct wn_rng rng;
    double chi2 = 0;

    (void)state;
    for (int t = 0; t < TEXTS; t++) {
        struct wn_kgw_result r;
        double p, step;

        wn_rng_init(&rng, 1, WN_DOMAIN_WATERMARK, (uint64_t)t, 0, 0);
        for (int i = 0; i < LEN; i++)
            ids[i] = (uint32_t)wn_rng_below(&rng, VOCAB);
        r = detect(k, ids, LEN, UINT32_MAX);
        p = pow(10, r.log10_p);
        for (int l = 0; l < 3; l++)
            below[l] += p <= levels[l];
        /* a randomised p is exactly uniform: spread each step of the tail evenly */
        step = p - exp(wn_log_binomial_sf(r.n_green + 1, r.n_scored, 0.25));
        deciles[(int)(10 * (p - step * wn_rng_u01(&rng)))]++;
    }
    for (int l = 0; l < 3; l++) {
        struct wn_interval ci = wn_rate_interval((uint64_t)below[l], TEXTS, 0.9999);

        if (ci.low > levels[l] || ci.high < 0.6 * levels[l])
            fail_msg("%d of %d texts have p <= %g", below[l], TEXTS, levels[l]);
    }
    for (int d = 0; d < 10; d++)
        chi2 += (deciles[d] - TEXTS / 10.0) * (deciles[d] - TEXTS / 10.0) / (TEXTS / 10.0);
    assert_true(chi2 < 33.7);       /* chi-square, 9 degrees of freedom, p = 1e-4 */
    wn_kgw_free(k);
}

struct crew {
    struct wn_kgw *k;
    uint32_t seed;
    uint64_t green;
};

static void *ask_many(void *arg)
{
    struct crew *c = arg;
    struct wn_rng rng;

    wn_rng_init(&rng, c->seed, WN_DOMAIN_WATERMARK, 0, 0, 0);
    for (int i = 0; i < 20000; i++)
        c->green += wn_kgw_green(c->k, (uint32_t)wn_rng_below(&rng, 400), (uint32_t)wn_rng_below(&rng, 300));
    return NULL;
}

/* Kept lists (previous id < 300) and dropped ones (>= 300), asked by four threads. */
static void threads_share_the_lists(void **state)
{
    struct wn_kgw *k = make(0, 0.5, 300), *alone = make(0, 0.5, 300);
    pthread_t thread[4];
    struct crew crew[4];

    (void)state;
    for (uint32_t t = 0; t < 4; t++) {
        crew[t] = (struct crew){ k, t / 2, 0 };
        assert_int_equal(pthread_create(&thread[t], NULL, ask_many, &crew[t]), 0);
    }
    for (int t = 0; t < 4; t++) {
        struct crew one = { alone, crew[t].seed, 0 };

        pthread_join(thread[t], NULL);
        ask_many(&one);
        assert_int_equal(crew[t].green, one.green);
    }
    wn_kgw_free(k);
    wn_kgw_free(alone);
}

static void the_bias_boosts_green_words(void **state)
{
    struct wn_kgw *k = make(0, 0.25, 100);
    struct wn_lm_bias b = wn_kgw_bias(k);

    (void)state;
    assert_true(b.delta_nats == 2);
    for (uint32_t id = 0; id < 100; id++)
        assert_int_equal(b.boosted(b.arg, 17, id), wn_kgw_green(k, 17, id));
    wn_kgw_free(k);
}

static void senseless_options_are_refused(void **state)
{
    const struct wn_kgw_opts bad[] = {
        { .gamma = 1, .vocab_size = 10 },         { .gamma = -0.1, .vocab_size = 10 },
        { .gamma = NAN, .vocab_size = 10 },       { .vocab_size = 1 },
        { .vocab_size = 0 },                      { .vocab_size = 300000000 },
        { .delta_nats = -1, .vocab_size = 10 },   { .delta_nats = INFINITY, .vocab_size = 10 },
    };
    struct wn_kgw *k;
    struct wn_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(wn_kgw_new(&k, &bad[i], &err), WN_BADCONF);
        assert_null(k);
    }
    wn_kgw_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detection_equals_the_reference),
        cmocka_unit_test(too_short_a_text_tests_nothing),
        cmocka_unit_test(unknown_words_are_not_tested),
        cmocka_unit_test(seeds_are_reduced_modulo_two_to_the_64_minus_1),
        cmocka_unit_test(dropped_lists_come_back_the_same),
        cmocka_unit_test(random_ids_are_called_at_the_nominal_rate),
        cmocka_unit_test(threads_share_the_lists),
        cmocka_unit_test(the_bias_boosts_green_words),
        cmocka_unit_test(senseless_options_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
