#include <winnow/lmbuild.h>

#include <math.h>

#include "support/cm.h"
#include "unit/two_sources.h"

#include "detect/features.h"

static struct wn_err err;
static struct wn_lm *human, *synthetic;

static struct wn_lm *small_lm(bool machine)
{
    struct wn_counts *c = NULL;
    struct wn_lm *lm = NULL;

    assert_int_equal(wn_counts_new(&c, 2, WN_TOK_FOLDED, &err), WN_OK);
    for (uint64_t i = 0; i < 30; i++) {
        struct wn_buf text = { 0 };

        two_sources_text(&text, machine, i, 100);
        assert_int_equal(wn_counts_add_text(c, wn_buf_str(&text), &err), WN_OK);
        wn_buf_release(&text);
    }
    assert_int_equal(wn_lm_estimate(&lm, c, &(struct wn_lm_opts){ 0 }, NULL, &err), WN_OK);
    wn_counts_free(c);
    return lm;
}

static int build(void **state)
{
    (void)state;
    human = small_lm(false);
    synthetic = small_lm(true);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    wn_lm_free(human);
    wn_lm_free(synthetic);
    return 0;
}

static struct features compute(struct wn_str text)
{
    struct wn_arena a = { 0 };
    struct wn_tokens tokens;
    struct features f;

    assert_int_equal(wn_tokenize(WN_TOK_FOLDED, text, &a, &tokens, &err), WN_OK);
    assert_int_equal(features_compute(human, synthetic, &tokens, &a, &f, &err), WN_OK);
    wn_arena_release(&a);
    return f;
}

/* By hand: sentences of 9 and 4 tokens. */
static void surface_features_of_a_hand_counted_text(void **state)
{
    struct features f = compute(WN_STR("Yes, it's a dog, isn't it? He ran on."));

    (void)state;
    assert_int_equal(f.n_tokens, 13);   /* yes , it's a dog , isn't it ? he ran on . */
    assert_true(f.v[F_COMMAS] == 2.0 / 13);
    assert_true(f.v[F_APOSTROPHES] == 2.0 / 13);
    assert_true(fabs(f.v[F_SENTENCE_LENGTH] - log((9 + 4) / 2.0)) < 1e-15);
}

static void repeated_full_stops_end_one_sentence(void **state)
{
    struct features f = compute(WN_STR("Well ... we go."));

    (void)state;
    assert_int_equal(f.n_tokens, 7);    /* well . . . we go . : sentences of 2 and 5 tokens */
    assert_true(fabs(f.v[F_SENTENCE_LENGTH] - log(3.5)) < 1e-15);
}

static void unknown_words_count_as_unknown_and_nothing_else(void **state)
{
    struct features f = compute(WN_STR("qqq www eee xyzzy"));

    (void)state;
    assert_true(f.v[F_OOV_HUMAN] == 1 && f.v[F_OOV_SYNTHETIC] == 1 && f.oov_both == 1);
    assert_true(f.v[F_LLR] == 0 && f.v[F_XENT_HUMAN] == 0);
}

/* The mean of the two models' own per-token scores, recomputed from wn_lm_score_tokens. */
static void llr_is_the_difference_of_the_models_scores(void **state)
{
    struct wn_str text = WN_STR("bab dad kak lal bab bab dad");
    struct features f = compute(text);
    struct wn_arena a = { 0 };
    struct wn_tokens tokens;
    struct wn_lm_score h[16], s[16];
    struct wn_lm_sum sum;
    double llr = 0;
    size_t known = 0;

    (void)state;
    assert_int_equal(wn_tokenize(WN_TOK_FOLDED, text, &a, &tokens, &err), WN_OK);
    wn_lm_score_tokens(human, &tokens, h, &sum);
    wn_lm_score_tokens(synthetic, &tokens, s, &sum);
    for (size_t i = 0; i < tokens.n; i++) {
        if (h[i].id == WN_LM_UNK || s[i].id == WN_LM_UNK)
            continue;
        llr += (s[i].log10_p - h[i].log10_p) * log(10);
        known++;
    }
    assert_true(fabs(f.v[F_LLR] - (known ? llr / (double)known : 0)) < 1e-6);
    wn_arena_release(&a);
}

static void llr_points_to_the_writer(void **state)
{
    struct wn_buf h = { 0 }, s = { 0 };

    (void)state;
    two_sources_text(&h, false, 999, 300);
    two_sources_text(&s, true, 999, 300);
    assert_true(compute(wn_buf_str(&s)).v[F_LLR] > compute(wn_buf_str(&h)).v[F_LLR] + 0.1);
    wn_buf_release(&h);
    wn_buf_release(&s);
}

static void every_feature_of_any_text_is_finite(void **state)
{
    const struct wn_str texts[] = {
        WN_STR(""), WN_STR(" "), WN_STR("\0"), WN_STR("a"), WN_STR("."), WN_STR("\xe2\x80\x8b"),
        WN_STR("\xf0\x9f\x98\x80 \xd0\x96 \xe4\xb8\xad\xe6\x96\x87"), WN_STR("0 1 2 3 ,,,,,, '''' \"\""),
    };
    struct wn_buf longest = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct features f = compute(texts[i]);

        for (int j = 0; j < N_FEATURES; j++)
            assert_true(isfinite(f.v[j]));
    }
    for (int i = 0; i < 5000; i++)
        wn_buf_addz(&longest, i % 3 ? "bab," : "!? ");
    for (int j = 0; j < N_FEATURES; j++)
        assert_true(isfinite(compute(wn_buf_str(&longest)).v[j]));
    wn_buf_release(&longest);
}

static void every_feature_has_its_own_name(void **state)
{
    (void)state;
    for (int i = 0; i < N_FEATURES; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(feature_name((enum feature)i), feature_name((enum feature)j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surface_features_of_a_hand_counted_text),
        cmocka_unit_test(repeated_full_stops_end_one_sentence),
        cmocka_unit_test(unknown_words_count_as_unknown_and_nothing_else),
        cmocka_unit_test(llr_is_the_difference_of_the_models_scores),
        cmocka_unit_test(llr_points_to_the_writer),
        cmocka_unit_test(every_feature_of_any_text_is_finite),
        cmocka_unit_test(every_feature_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
