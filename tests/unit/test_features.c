#include <math.h>

#include "support/cm.h"
#include "unit/two_sources.h"

#include "detect/features.h"

static struct wn_err err;
static struct wn_lm *human, *synthetic, *joint;
static struct wn_scorer *scorer;

static int build(void **state)
{
    (void)state;
    human = two_sources_lm(false, &err);
    synthetic = two_sources_lm(true, &err);
    if (!human || !synthetic || wn_lm_join(&joint, human, synthetic, NULL, &err) != WN_OK)
        return -1;
    return features_scorer_new(&scorer, joint, &err) == WN_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    wn_scorer_free(scorer);
    wn_lm_free(joint);
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
    assert_int_equal(features_compute(joint, scorer, &tokens, &f, &err), WN_OK);
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

/* What the models say one by one, through their indexes. */
struct apart {
    struct wn_lm_score h[512], s[512];
    struct wn_tokens tokens;
    struct wn_arena arena;
};

static void score_apart(struct apart *t, struct wn_str text)
{
    struct wn_lm_sum sum;

    t->arena = (struct wn_arena){ 0 };
    assert_int_equal(wn_tokenize(WN_TOK_FOLDED, text, &t->arena, &t->tokens, &err), WN_OK);
    assert_true(t->tokens.n < 512);
    wn_lm_score_tokens(human, &t->tokens, t->h, &sum);
    wn_lm_score_tokens(synthetic, &t->tokens, t->s, &sum);
}

/* Joint tables round log10 p and back-offs to 1/65532 of their range, here some 4: below 1e-4
 * each, of which a value has at most two. */
static void language_model_features_are_means_over_both_models(void **state)
{
    struct wn_buf text = { 0 };
    struct apart *t = malloc(sizeof(*t));
    struct features f;
    double llr = 0, unigram = 0, xent = 0, known = 0, oov_h = 0, oov_s = 0, full = 0, rare = 0, likely = 0;

    (void)state;
    assert_non_null(t);
    two_sources_text(&text, true, 77, 300);
    wn_buf_addz(&text, " zzz bab qqq");
    f = compute(wn_buf_str(&text));
    score_apart(t, wn_buf_str(&text));
    for (size_t i = 0; i < t->tokens.n; i++) {
        const struct wn_lm_score *h = &t->h[i], *s = &t->s[i];

        oov_h += h->id == WN_LM_UNK;
        oov_s += s->id == WN_LM_UNK;
        full += s->matched == 2;
        rare += h->log10_p < -4;
        likely += s->log10_p >= -1;
        if (h->id == WN_LM_UNK || s->id == WN_LM_UNK)
            continue;
        llr += (double)(s->log10_p - h->log10_p) * log(10);
        unigram += (wn_lm_prob(synthetic, NULL, 0, s->id) - wn_lm_prob(human, NULL, 0, h->id)) * log(10);
        xent -= (double)h->log10_p * log(10);
        known++;
    }
    assert_true(known > 290 && oov_h >= 2 && likely > 0);
    assert_true(fabs(f.v[F_LLR] - llr / known) < 5e-4);
    assert_true(fabs(f.v[F_LLR_UNIGRAM] - unigram / known) < 1e-9);    /* words are exact */
    assert_true(fabs(f.v[F_XENT_HUMAN] - xent / known) < 5e-4);
    assert_true(f.v[F_OOV_HUMAN] == oov_h / (double)t->tokens.n);
    assert_true(f.v[F_OOV_SYNTHETIC] == oov_s / (double)t->tokens.n);
    assert_true(f.v[F_LONG_SYNTHETIC] == full / (double)t->tokens.n);
    assert_true(f.v[F_RARE_HUMAN] == rare / (double)t->tokens.n);
    assert_true(fabs(f.v[F_LIKELY_SYNTHETIC] - likely / (double)t->tokens.n) < 0.01);   /* rounding at 0.1 */
    wn_arena_release(&t->arena);
    free(t);
    wn_buf_release(&text);
}

/* One scorer serves all texts of a thread. */
static void features_do_not_depend_on_the_texts_before(void **state)
{
    struct wn_buf text = { 0 };
    struct features first, again;

    (void)state;
    two_sources_text(&text, false, 3, 2000);
    first = compute(WN_STR("bab dad kak lal bab bab dad"));
    compute(wn_buf_str(&text));
    again = compute(WN_STR("bab dad kak lal bab bab dad"));
    assert_memory_equal(&first, &again, sizeof(first));
    wn_buf_release(&text);
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
        cmocka_unit_test(language_model_features_are_means_over_both_models),
        cmocka_unit_test(features_do_not_depend_on_the_texts_before),
        cmocka_unit_test(llr_points_to_the_writer),
        cmocka_unit_test(every_feature_of_any_text_is_finite),
        cmocka_unit_test(every_feature_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
