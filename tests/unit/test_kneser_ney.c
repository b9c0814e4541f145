/*
 * test_kneser_ney.c - estimation.  The ARPA files were written by KenLM's lmplz (commit
 * 4cb443e, stock x86-64 build) with --discount_fallback; ours must equal them in every
 * byte.  Numbers of the small texts are worked out by hand.
 */
#include "unit/lm_fixture.h"

#include <math.h>

#include <winnow/rng.h>

#include "lm/shortest_float.h"

static const struct arpa_case {
    const char *arpa, *text;
    unsigned order;
    struct wn_lm_opts opts;
} arpa_cases[] = {
    { "t1_o1_fb", "t1_toy", 1, { 0 } },
    { "t1_o2_fb", "t1_toy", 2, { 0 } },
    { "t1_o3_fb", "t1_toy", 3, { 0 } },
    { "t1_o4_fb", "t1_toy", 4, { 0 } },
    { "t1_o5_fb", "t1_toy", 5, { 0 } },
    { "t1_o3_p1", "t1_toy", 3, { .prune = { 0, 1, 1 } } },
    { "t1_o3_fbx", "t1_toy", 3, { .fallback = { 0.3f, 0.8f, 1.2f } } },
    { "t1_o3_iu0", "t1_toy", 3, { .no_unigram_interpolation = true } },
    { "t1_o3_pad", "t1_toy", 3, { .vocab_pad = 1000 } },
    { "t2_o1", "t2_phrases", 1, { 0 } },
    { "t2_o2", "t2_phrases", 2, { 0 } },
    { "t2_o3", "t2_phrases", 3, { 0 } },
    { "t2_o3_p1", "t2_phrases", 3, { .prune = { 1, 1, 1 } } },
    { "t2_o3_p5", "t2_phrases", 3, { .prune = { 5, 5, 5 } } },
    { "t2_o5_p0012", "t2_phrases", 5, { .prune = { 0, 0, 1, 2, 2 } } },
    { "t2_o5_p0123", "t2_phrases", 5, { .prune = { 0, 1, 2, 3, 3 } } },
    { "t3_o2", "t3_unicode", 2, { 0 } },
    { "t3_o3", "t3_unicode", 3, { 0 } },
    { "t3_o5", "t3_unicode", 5, { 0 } },
    { "t4_o5_p001", "t4_zipf", 5, { .prune = { 0, 0, 1, 1, 1 } } },
    { "t5_o1", "t5_edges", 1, { 0 } },
    { "t5_o2", "t5_edges", 2, { 0 } },
    { "t5_o3", "t5_edges", 3, { 0 } },
    { "t7_o5", "t7_oneword", 5, { 0 } },
    { "t8_o2", "t8_repeat", 2, { 0 } },
    { "t8_o3", "t8_repeat", 3, { 0 } },
    { "t11_o2", "t11_blankline", 2, { 0 } },
    { "t12_o3_eol", "t12_eol", 3, { 0 } },
};

static void check_arpa(const char *name, const struct wn_lm *lm)
{
    struct wn_buf got = { 0 };
    struct wn_str want;
    char path[256];

    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &got, NULL), WN_OK);
    snprintf(path, sizeof(path), NGRAM_DATA "arpa/%s.arpa", name);
    want = fixture_read(path);
    if (!wn_str_eq(wn_buf_str(&got), want))
        fail_msg("%s differs", name);
    fixture_drop(want);
    wn_buf_release(&got);
}

static void arpa_equals_lmplz_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(arpa_cases) / sizeof(arpa_cases[0]); i++) {
        const struct arpa_case *c = &arpa_cases[i];
        struct wn_lm *lm;
        char path[256];

        snprintf(path, sizeof(path), NGRAM_DATA "text/%s.txt", c->text);
        lm = fixture_model_of(path, c->order, &c->opts);
        check_arpa(c->arpa, lm);
        wn_lm_free(lm);
    }
}

/* lmplz --limit_vocab_file text/t2_limit_vocab.txt --prune 0 0 1 */
static void a_limited_vocabulary_equals_lmplz_byte_for_byte(void **state)
{
    struct wn_str words = fixture_read(NGRAM_DATA "text/t2_limit_vocab.txt");
    struct wn_lm_opts opts = { .prune = { 0, 0, 1 } };
    struct wn_arena arena = { 0 };
    struct wn_tokens limit;
    struct wn_lm *lm;
    struct wn_buf flat = { 0 };

    (void)state;
    for (size_t i = 0; i < words.len; i++)
        wn_buf_addc(&flat, words.ptr[i] == '\n' ? ' ' : words.ptr[i]);
    assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, wn_buf_str(&flat), &arena, &limit, NULL), WN_OK);
    opts.limit_vocab = &limit;
    lm = fixture_model_of(NGRAM_DATA "text/t2_phrases.txt", 3, &opts);
    check_arpa("t2_o3_lvp", lm);
    wn_lm_free(lm);
    wn_arena_release(&arena);
    wn_buf_release(&flat);
    fixture_drop(words);
}

/* In "a\n" there are <s> a, a </s>: one of each, so no order has n-grams with counts 2
 * and 3, and the closed form divides by zero. */
static void orders_that_fell_back_are_told(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a\n"), 2, WN_TOK_WHITESPACE);
    struct wn_lm_opts strict = { .strict_discounts = true };
    unsigned fell_back = 0;
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, NULL, &fell_back, &err), WN_OK);
    assert_int_equal(fell_back, 3);
    wn_lm_free(lm);
    assert_int_equal(wn_lm_estimate(&lm, c, &strict, NULL, &err), WN_BADDATA);
    assert_null(lm);
    assert_string_equal(err.text,
                        "cannot estimate discounts for order 1: 2, 0, 0 and 0 n-grams with counts 1 to 4");
    wn_counts_free(c);
}

/* Left neighbours: c 1, </s> 3, b 2, z 1; but z, the last in suffix order, enters the
 * discounts with its 3 occurrences.  So n1 = 1, n2 = 1, n3 = 2, n4 = 0; y = 1/3;
 * D = 1/3, 0, 3; gamma = (2/3 + 0 + 3) / 7; p(<unk>) = gamma / 5 = 11/105.  (With z as 1
 * it would be 9/70.)  None of the lmplz files above tells the two apart. */
static void last_ngram_enters_the_discounts_with_its_raw_count(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("c\nb\nb b\nb\nc\nb\nc z\nc z\nc z\n"), 2, WN_TOK_WHITESPACE, NULL);

    (void)state;
    assert_float_equal(pow(10.0, wn_lm_prob(lm, NULL, 0, WN_LM_UNK)), 11.0 / 105.0, 1e-6);
    wn_lm_free(lm);
}

/* The same text with the last one's count as all others': 9/70, as worked out above. */
static void exact_last_counts_the_last_ngram_as_all_others(void **state)
{
    struct wn_lm_opts exact = { .exact_last = true };
    struct wn_lm *lm =
        fixture_model(WN_STR("c\nb\nb b\nb\nc\nb\nc z\nc z\nc z\n"), 2, WN_TOK_WHITESPACE, &exact);

    (void)state;
    assert_float_equal(pow(10.0, wn_lm_prob(lm, NULL, 0, WN_LM_UNK)), 9.0 / 70.0, 1e-6);
    wn_lm_free(lm);
}

/* Too many for the 15 bits that a count has on its way to its context.  All orders fall
 * back.  p(b) = 0.5/3 + 0.5/4 = 7/24; p(b|a) = 0.5 + 0.5 * 7/24 = 31/48; and "<s> a b" comes
 * 40,000 times: p = (40000 - 1.5 + 1.5 * 31/48) / 40000. */
static void counts_beyond_sixteen_bits_are_exact(void **state)
{
    struct wn_buf text = { 0 };
    struct wn_lm *lm;
    uint32_t h[2] = { WN_LM_BOS };

    (void)state;
    for (int i = 0; i < 40000; i++)
        wn_buf_addz(&text, "a b\n");
    lm = fixture_model(wn_buf_str(&text), 3, WN_TOK_WHITESPACE, NULL);
    h[1] = wn_lm_id(lm, WN_STR("a"));
    assert_float_equal(wn_lm_prob(lm, h, 2, wn_lm_id(lm, WN_STR("b"))),
                       log10((40000.0 - 1.5 + 1.5 * 31.0 / 48.0) / 40000.0), 1e-7);
    wn_lm_free(lm);
    wn_buf_release(&text);
}

static void impossible_fallback_discounts_are_refused(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b\n"), 3, WN_TOK_WHITESPACE);
    struct wn_lm_opts opts = { .fallback = { 0.5f, 2.5f, 1.0f } };
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, &opts, NULL, &err), WN_BADCONF);
    assert_string_equal(err.text, "cannot take 2.5 off n-grams with count 2: a discount is 0 to 2");
    wn_counts_free(c);
}

/* The t4 text's discounts are all in closed form (lmplz runs without fall-back there). */
static void closed_form_discounts_are_used_where_they_exist(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t4_zipf.txt");
    struct wn_counts *c = fixture_counts(text, 5, WN_TOK_WHITESPACE);
    struct wn_lm_opts strict = { .strict_discounts = true };
    unsigned fell_back = 99;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, &strict, &fell_back, NULL), WN_OK);
    assert_int_equal(fell_back, 0);
    wn_lm_free(lm);
    wn_counts_free(c);
    fixture_drop(text);
}

static double p_of(const struct wn_lm *lm, const char *history, const char *word)
{
    uint32_t h = wn_lm_id(lm, wn_str(history));

    return pow(10.0, wn_lm_prob(lm, &h, 1, wn_lm_id(lm, wn_str(word))));
}

/* a: 3 times, followed by b twice and by </s> once; b is followed by a, then </s>. */
static void maximum_likelihood_is_relative_frequency(void **state)
{
    struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct wn_lm *lm = fixture_model(WN_STR("a b a\na b\n"), 2, WN_TOK_WHITESPACE, &ml);

    (void)state;
    assert_float_equal(p_of(lm, "a", "b"), 2.0 / 3.0, 1e-6);
    assert_float_equal(p_of(lm, "a", "</s>"), 1.0 / 3.0, 1e-6);
    assert_float_equal(p_of(lm, "b", "a"), 0.5, 1e-6);
    assert_float_equal(p_of(lm, "<s>", "a"), 1.0, 1e-6);
    assert_true(p_of(lm, "b", "b") < 1e-90);
    assert_true(p_of(lm, "a", "never seen") < 1e-90);
    assert_float_equal(pow(10.0, wn_lm_prob(lm, NULL, 0, wn_lm_id(lm, WN_STR("a")))), 3.0 / 7.0, 1e-6);
    wn_lm_free(lm);
}

static void relative_frequencies_are_not_pruned(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b c\na b d\na c\n"), 3, WN_TOK_WHITESPACE);
    struct wn_tokens limit = { (struct wn_str[]){ WN_STR("a") }, 1 };
    const struct wn_lm_opts opts[] = {
        { .smoothing = WN_SMOOTH_ML, .prune = { 0, 1, 1 } },
        { .smoothing = WN_SMOOTH_ML, .limit_vocab = &limit },
        { .smoothing = WN_SMOOTH_ML, .prune = { 0, 0, 0, 1 } },      /* above the order */
    };
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(wn_lm_estimate(&lm, c, &opts[i], NULL, &err), WN_BADCONF);
        assert_non_null(strstr(err.text, "relative frequencies"));
    }
    assert_int_equal(wn_lm_estimate(&lm, c, &opts[2], NULL, NULL), WN_OK);
    wn_lm_free(lm);
    wn_counts_free(c);
}

static void dropped_words_leave_the_vocabulary(void **state)
{
    struct wn_lm_opts opts = { .prune = { 1, 1 } };
    struct wn_lm *lm = fixture_model(WN_STR("x a a b\na b\n"), 2, WN_TOK_WHITESPACE, &opts);

    (void)state;
    assert_int_equal(wn_lm_vocab_size(lm), 5);
    assert_int_equal(wn_lm_id(lm, WN_STR("x")), WN_LM_UNK);
    assert_int_equal(wn_lm_id(lm, WN_STR("a")), 3);
    assert_int_equal(wn_lm_id(lm, WN_STR("b")), 4);
    assert_int_equal(wn_lm_ngrams(lm, 2), 2);              /* a b, b </s> */
    wn_lm_free(lm);
}

static void looser_pruning_at_a_higher_order_is_refused(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b\n"), 3, WN_TOK_WHITESPACE);
    struct wn_lm_opts opts = { .prune = { 0, 2, 1 } };
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, &opts, NULL, &err), WN_BADCONF);
    assert_string_equal(err.text, "cannot prune order 3 less (1) than order 2 (2)");
    opts = (struct wn_lm_opts){ .smoothing = (enum wn_smoothing)7 };
    assert_int_equal(wn_lm_estimate(&lm, c, &opts, NULL, &err), WN_BADCONF);
    wn_counts_free(c);
}

static void no_text_gives_no_model(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR(""), 2, WN_TOK_WHITESPACE);
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, NULL, NULL, NULL), WN_BADDATA);
    assert_null(lm);
    wn_counts_free(c);
}

static enum wn_status refuse_bytes(void *arg, struct wn_str bytes, struct wn_err *err)
{
    (void)arg;
    (void)bytes;
    return wn_fail(err, WN_IO, "disk full");
}

static void a_failing_writer_stops_the_export(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("a b\n"), 2, WN_TOK_WHITESPACE, NULL);
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_lm_arpa(lm, refuse_bytes, NULL, &err), WN_IO);
    assert_string_equal(err.text, "disk full");
    wn_lm_free(lm);
}

/* Written by hand; 1e-6 is where the notation changes. */
static void floats_are_written_shortest(void **state)
{
    static const struct {
        float x;
        const char *want;
    } cases[] = {
        { 0.0f, "0" },          { -0.0f, "0" },         { -1.0f, "-1" },          { -99.0f, "-99" },
        { 0.1f, "0.1" },        { -0.30103f, "-0.30103" }, { 1e-6f, "0.000001" }, { 1.5e-6f, "0.0000015" },
        { 1e-7f, "1e-7" },      { -6.0216e-7f, "-6.0216e-7" }, { 16777216.0f, "16777216" }, { 100.5f, "100.5" },
        { 1e8f, "100000000" },  { 1e-30f, "1e-30" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[SHORTEST_FLOAT_BYTES + 1];

        text[shortest_float(cases[i].x, text)] = '\0';
        assert_string_equal(text, cases[i].want);
    }
}

/* Against the C library: reads back, and no precision with fewer digits does. */
static void floats_read_back_and_no_shorter_form_does(void **state)
{
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 1, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int i = 0; i < 100000; i++) {
        float x = (float)(-wn_rng_u01(&rng) * pow(10.0, (double)wn_rng_below(&rng, 10) - 8.0)), back;
        char text[SHORTEST_FLOAT_BYTES + 1], shorter[320];
        size_t n = shortest_float(x, text), digits = 0;

        text[n] = '\0';
        back = strtof(text, NULL);
        if (back != x)
            fail_msg("%s is not %.9g", text, (double)x);
        for (const char *p = text + strspn(text, "-0."); *p && *p != 'e'; p++)
            digits += *p != '.';
        if (digits < 2 || !strchr(text, '.'))
            continue;
        snprintf(shorter, sizeof(shorter), "%.*g", (int)digits - 1, (double)x);
        if (strtof(shorter, NULL) == x)
            fail_msg("%s is longer than %s", text, shorter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arpa_equals_lmplz_byte_for_byte),
        cmocka_unit_test(a_limited_vocabulary_equals_lmplz_byte_for_byte),
        cmocka_unit_test(orders_that_fell_back_are_told),
        cmocka_unit_test(last_ngram_enters_the_discounts_with_its_raw_count),
        cmocka_unit_test(exact_last_counts_the_last_ngram_as_all_others),
        cmocka_unit_test(counts_beyond_sixteen_bits_are_exact),
        cmocka_unit_test(impossible_fallback_discounts_are_refused),
        cmocka_unit_test(closed_form_discounts_are_used_where_they_exist),
        cmocka_unit_test(maximum_likelihood_is_relative_frequency),
        cmocka_unit_test(relative_frequencies_are_not_pruned),
        cmocka_unit_test(dropped_words_leave_the_vocabulary),
        cmocka_unit_test(looser_pruning_at_a_higher_order_is_refused),
        cmocka_unit_test(no_text_gives_no_model),
        cmocka_unit_test(a_failing_writer_stops_the_export),
        cmocka_unit_test(floats_are_written_shortest),
        cmocka_unit_test(floats_read_back_and_no_shorter_form_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
