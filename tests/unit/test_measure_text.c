/*
 * Measures of texts against tests/vectors/collapse/metrics.json and hand calculations.
 */
#include "unit/measure_fixture.h"

#include <zstd.h>

/* The documents of metric.text.selfbleu4. */
static const char *const four[] = { "the cat sat on the mat", "the cat sat on the mat",
                                    "a dog sat on the log and the cat ran", "rare words vanish first" };

static void self_bleu_meets_its_case(void **state)
{
    static const char *const key[] = { "doc0", "doc1", "doc2", "doc3" };
    const struct wn_jsonval *c = measure_case(state, "metric.text.selfbleu4");
    const struct wn_jsonval *docs = measure_param(c, "docs");
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(four, 4, &a);
    double score[4], mean;

    for (size_t i = 0; i < 4; i++)
        assert_string_equal(wn_jsonval_str(wn_jsonval_at(docs, i), ""), four[i]);
    assert_int_equal(sim_self_bleu(&w, &a, score, &mean, NULL), WN_OK);
    for (size_t i = 0; i < 4; i++)
        near(score[i], measure_expected(c, key[i]));
    near(mean, measure_expected(c, "mean"));
    assert_int_equal(sim_self_bleu(&w, &a, NULL, &mean, NULL), WN_OK);
    near(mean, measure_expected(c, "mean"));
    wn_arena_release(&a);
}

/* "x" has one unigram of four factors 1, 0.1, 0.1, 0.1 against its copy, and no brevity penalty
 * below 1 - 1/1; the empty one has 0. */
static void self_bleu_of_tiny_documents_is_documented(void **state)
{
    static const char *const docs[] = { "x", "x", "" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(docs, 3, &a);
    double score[3], mean;

    (void)state;
    assert_int_equal(sim_self_bleu(&w, &a, score, &mean, NULL), WN_OK);
    near(score[0], pow(0.001, 0.25));
    near(score[1], pow(0.001, 0.25));
    near(score[2], 0);
    w.n_docs = 1;
    assert_int_equal(sim_self_bleu(&w, &a, score, &mean, NULL), WN_BADCONF);
    w.n_docs = 0;
    assert_int_equal(sim_self_bleu(&w, &a, score, &mean, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

static enum wn_status zstd_19(void *arg, struct wn_str raw, size_t *n_bytes, struct wn_err *err)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    static char out[8192];

    (void)err;
    assert_non_null(z);
    *(size_t *)arg = raw.len;
    ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, 19);
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);     /* as the command-line tool */
    *n_bytes = ZSTD_compress2(z, out, sizeof(out), raw.ptr, raw.len);
    ZSTD_freeCCtx(z);
    return ZSTD_isError(*n_bytes) ? WN_BROKEN : WN_OK;
}

static enum wn_status refuse(void *arg, struct wn_str raw, size_t *n_bytes, struct wn_err *err)
{
    (void)arg;
    (void)raw;
    *n_bytes = 1;
    return wn_fail(err, WN_LIMIT, "no");
}

static void compression_ratio_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.compression_ratio");
    double want = measure_expected(c, "raw"), size = measure_expected(c, "zstd19_bytes"), ratio;
    struct wn_str docs[200];
    size_t raw = 0;

    for (size_t i = 0; i < 200; i++)
        docs[i] = wn_str(four[i % 4]);
    assert_int_equal(sim_compression_ratio(docs, 200, zstd_19, &raw, &ratio, NULL), WN_OK);
    assert_int_equal(raw, (size_t)want);
    measure_near(want / ratio, size, 0.05 * size);
    assert_int_equal(sim_compression_ratio(docs, 0, zstd_19, &raw, &ratio, NULL), WN_BADCONF);
    docs[0] = wn_str("");
    assert_int_equal(sim_compression_ratio(docs, 1, zstd_19, &raw, &ratio, NULL), WN_BADCONF);
    assert_int_equal(sim_compression_ratio(docs, 2, refuse, NULL, &ratio, NULL), WN_LIMIT);
}

/* By hand: 26 tokens of 14 types, of which 9 occur once. */
static void types_and_hapaxes_are_counted(void **state)
{
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(four, 4, &a);
    struct sim_lexical l;

    (void)state;
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    assert_int_equal(l.n_tokens, 26);
    assert_int_equal(l.n_types, 14);
    assert_int_equal(l.n_hapaxes, 9);
    near(l.ttr, 14.0 / 26);
    near(l.hapax_share, 9.0 / 14);
    /* Every document is one short window: 5/6, 5/6, 9/10, 1. */
    near(l.mattr, (5.0 / 6 + 5.0 / 6 + 0.9 + 1) / 4);
    wn_arena_release(&a);
}

/* Windows of 3: "aab" 2, "aba" 2, "bac" 3; "dd" is one of its own, 1/2; the empty one is none. */
static void windows_stay_inside_documents(void **state)
{
    static const char *const docs[] = { "a a b a c", "", "d d" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(docs, 3, &a);
    struct sim_lexical l;

    (void)state;
    assert_int_equal(sim_measure_lexical(&w, 3, &a, &l, NULL), WN_OK);
    near(l.mattr, (2.0 / 3 + 2.0 / 3 + 1 + 0.5) / 4);
    assert_int_equal(sim_measure_lexical(&w, 1, &a, &l, NULL), WN_OK);
    near(l.mattr, 1);
    assert_int_equal(sim_measure_lexical(&w, 0, &a, &l, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* Counts 12, 6, 4, 3 are exactly rank^-1: both slopes are 1.  Counts 6 and 2: log2(3). */
static void zipf_slopes_find_an_exact_law(void **state)
{
    static const char *const one[] = { "a a a a a a a a a a a a b b b b b b c c c c d d d" };
    static const char *const two[] = { "a b a a a a b a" }, *const flat[] = { "a b c a b c" };
    static const char *const same[] = { "a a" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(one, 1, &a);
    struct sim_lexical l;

    (void)state;
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.zipf_ols, 1);
    near(l.zipf_ml, 1);
    w = measure_words(two, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.zipf_ols, log2(3));
    near(l.zipf_ml, log2(3));
    w = measure_words(flat, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.zipf_ols, 0);
    near(l.zipf_ml, 0);
    w = measure_words(same, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    assert_true(isnan(l.zipf_ols) && isnan(l.zipf_ml));
    near(l.heaps, 0);
    wn_arena_release(&a);
}

/* log V at n = 1, 2, 4: V = 1, 2, 2, so with x = 0, 1, 2 octaves y = 0, 1, 1: slope 1/2. */
static void heaps_exponent_is_the_hand_calculation(void **state)
{
    static const char *const distinct[] = { "a b c d", "e f g" }, *const bent[] = { "a b a b" }, *const one[] = { "a" };
    static const char *const third[] = { "a b b" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(distinct, 2, &a);
    struct sim_lexical l;

    (void)state;
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.heaps, 1);
    w = measure_words(bent, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.heaps, 0.5);
    /* The last token counts wherever it falls: (0, 0), (log 2, log 2), (log 3, log 2). */
    w = measure_words(third, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    near(l.heaps, (M_LN2 * (M_LN2 + log(3)) - log(6) * 2 * M_LN2 / 3) /
                      (M_LN2 * M_LN2 + log(3) * log(3) - log(6) * log(6) / 3));
    w = measure_words(one, 1, &a);
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_OK);
    assert_true(isnan(l.heaps));
    w.n_docs = 0;
    assert_int_equal(sim_measure_lexical(&w, 50, &a, &l, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* "a a a a a a": 5, 4, 3 n-grams of one type: 1/5, 1/4, 1/3.  With "b c d e": 3, 2, 1 more, all
 * distinct, product 1.  "f g" has a bigram and nothing longer. */
static void diversity_is_the_hand_calculation(void **state)
{
    static const char *const docs[] = { "a a a a a a", "b c d e", "f g" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(docs, 1, &a);
    struct sim_repeats r;

    (void)state;
    assert_int_equal(sim_measure_repeats(&w, &a, &r, NULL), WN_OK);
    near(r.rep[0], 0.8);
    near(r.rep[1], 0.75);
    near(r.rep[2], 2.0 / 3);
    near(r.diversity, 1.0 / 60);
    near(r.mean_diversity, 1.0 / 60);
    w = measure_words(docs, 3, &a);
    assert_int_equal(sim_measure_repeats(&w, &a, &r, NULL), WN_OK);
    near(r.rep[0], 1 - 5.0 / 9);
    near(r.diversity, 5.0 / 9 * (3.0 / 6) * (2.0 / 4));
    near(r.mean_diversity, 61.0 / 120);
    assert_int_equal(r.n_docs, 2);
    w = measure_words(docs + 2, 1, &a);
    assert_int_equal(sim_measure_repeats(&w, &a, &r, NULL), WN_OK);
    near(r.rep[0], 0);
    assert_true(isnan(r.rep[1]) && isnan(r.diversity) && isnan(r.mean_diversity));
    wn_arena_release(&a);
}

/* "a a b" and "a b b" with alpha 1: (3, 2)/5 and (2, 3)/5: 0.2 log 1.5 either way. */
static void ngram_kl_is_the_hand_calculation(void **state)
{
    static const char *const real[] = { "a a b" }, *const made[] = { "a", "b b" }, *const other[] = { "c c" };
    struct wn_arena a = { 0 };
    struct sim_words r = measure_words(real, 1, &a), m = measure_words(made, 2, &a), o = measure_words(other, 1, &a);
    struct sim_words none = { r.hash, r.start, 0 };
    struct sim_ngram_kl k;

    (void)state;
    assert_int_equal(sim_measure_ngram_kl(&r, &m, 1, 1, &a, &k, NULL), WN_OK);
    near(k.forward, 0.2 * log(1.5));
    near(k.reverse, 0.2 * log(1.5));
    assert_int_equal(k.n_types, 2);
    /* (3, 2, 1)/6 and (1, 1, 3)/5. */
    assert_int_equal(sim_measure_ngram_kl(&r, &o, 1, 1, &a, &k, NULL), WN_OK);
    near(k.forward, log(2.5) / 2 + log(5.0 / 3) / 3 + log(5.0 / 18) / 6);
    near(k.reverse, log(0.4) / 5 + log(0.6) / 5 + 0.6 * log(3.6));
    /* Bigrams "aa", "ab" against "bb": none crosses a border. */
    assert_int_equal(sim_measure_ngram_kl(&r, &m, 2, 1, &a, &k, NULL), WN_OK);
    assert_int_equal(k.n_types, 3);
    assert_int_equal(sim_measure_ngram_kl(&r, &none, 1, 1, &a, &k, NULL), WN_OK);
    near(k.forward, 0.6 * log(1.2) + 0.4 * log(0.8));
    assert_int_equal(sim_measure_ngram_kl(&none, &none, 1, 1, &a, &k, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_ngram_kl(&r, &m, 0, 1, &a, &k, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_ngram_kl(&r, &m, 1, 0, &a, &k, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

static void hashed_histograms_are_laws_on_the_frontier(void **state)
{
    static const char *const other[] = { "entirely new things come along in this sentence" };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(four, 4, &a), o = measure_words(other, 1, &a);
    double p[512], q[512];

    (void)state;
    assert_int_equal(sim_ngram_histogram(&w, 2, &a, 512, p, NULL), WN_OK);
    assert_int_equal(sim_ngram_histogram(&o, 2, &a, 512, q, NULL), WN_OK);
    assert_int_equal(sim_check_law(p, 512, NULL), WN_OK);
    assert_int_equal(sim_check_law(q, 512, NULL), WN_OK);
    near(sim_frontier_area(p, p, 512, 5), 1);
    assert_true(sim_frontier_area(p, q, 512, 5) < 0.1);
    assert_int_equal(sim_ngram_histogram(&w, 2, &a, 1, p, NULL), WN_OK);
    near(p[0], 1);
    assert_int_equal(sim_ngram_histogram(&w, 20, &a, 512, p, NULL), WN_BADCONF);
    assert_int_equal(sim_ngram_histogram(&w, 2, &a, 0, p, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* Shingles of 2.  Document 3 has 8 of the 10 different bigrams of document 0 and itself: 9 each,
 * 8 in common: 0.8. */
static void twins_are_found_at_the_threshold(void **state)
{
    static const char *const docs[] = {
        "a b c d e f g h i j", "x y", "x y", "a b c d e f g h i z", "y x", "a b c d e q g h i j",
    };
    static const char *const real[] = { "y x", "b c d e f g h i j", "new" };
    const struct sim_twin_opts at = { 2, 0.8 }, above = { 2, 0.81 }, same = { 2, 1 };
    const struct sim_twin_opts low = { 2, 0.5 }, none = { 0, 0.8 };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(docs, 6, &a), r = measure_words(real, 3, &a);
    struct sim_twins t;

    (void)state;
    assert_int_equal(sim_measure_twins(&w, NULL, &at, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_docs, 6);
    assert_int_equal(t.n_exact, 2);
    assert_int_equal(t.n_near, 4);      /* 1, 2 and 0, 3 */
    assert_int_equal(sim_measure_twins(&w, NULL, &above, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_near, 2);
    assert_int_equal(sim_measure_twins(&w, NULL, &same, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_near, 2);
    /* Against the reference, 1 and 2 are no twins: "y x" is 4; 0 has 8 of 9 with "b ... j". */
    assert_int_equal(sim_measure_twins(&w, &r, &at, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_exact, 1);
    assert_int_equal(t.n_near, 2);
    r.n_docs = 0;
    assert_int_equal(sim_measure_twins(&w, &r, &at, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_near, 0);
    assert_int_equal(sim_measure_twins(&w, NULL, &low, &a, &t, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_twins(&w, NULL, &none, &a, &t, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_twins(&r, NULL, &at, &a, &t, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

static void short_and_empty_documents_have_twins(void **state)
{
    static const char *const docs[] = { "", "x", "", "x", "x y" };
    const struct sim_twin_opts opts = { 5, 0.8 };
    struct wn_arena a = { 0 };
    struct sim_words w = measure_words(docs, 5, &a);
    struct sim_twins t;

    (void)state;
    assert_int_equal(sim_measure_twins(&w, NULL, &opts, &a, &t, NULL), WN_OK);
    assert_int_equal(t.n_exact, 4);
    assert_int_equal(t.n_near, 4);
    wn_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_bleu_meets_its_case),
        cmocka_unit_test(self_bleu_of_tiny_documents_is_documented),
        cmocka_unit_test(compression_ratio_meets_its_case),
        cmocka_unit_test(types_and_hapaxes_are_counted),
        cmocka_unit_test(windows_stay_inside_documents),
        cmocka_unit_test(zipf_slopes_find_an_exact_law),
        cmocka_unit_test(heaps_exponent_is_the_hand_calculation),
        cmocka_unit_test(diversity_is_the_hand_calculation),
        cmocka_unit_test(ngram_kl_is_the_hand_calculation),
        cmocka_unit_test(hashed_histograms_are_laws_on_the_frontier),
        cmocka_unit_test(twins_are_found_at_the_threshold),
        cmocka_unit_test(short_and_empty_documents_have_twins),
    };

    return cmocka_run_group_tests(tests, measure_load, measure_unload);
}
