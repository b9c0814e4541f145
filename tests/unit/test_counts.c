/*
 * test_counts.c - counting, and merging counts.
 */
#include "unit/lm_fixture.h"

static void tokens_and_types_are_counted(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b a\n\nc a"), 3, WN_TOK_WHITESPACE);

    (void)state;
    assert_int_equal(wn_counts_tokens(c), 3 + 2 + 3);      /* words and one </s> a line */
    assert_int_equal(wn_counts_types(c), 3 + 3);
    wn_counts_free(c);
}

static void last_line_counts_with_or_without_newline(void **state)
{
    struct wn_counts *with = fixture_counts(WN_STR("a b\nc\n"), 2, WN_TOK_WHITESPACE);
    struct wn_counts *without = fixture_counts(WN_STR("a b\nc"), 2, WN_TOK_WHITESPACE);

    (void)state;
    assert_int_equal(wn_counts_tokens(with), 5);
    assert_int_equal(wn_counts_tokens(without), 5);
    wn_counts_free(with);
    wn_counts_free(without);
}

static void a_text_of_words_is_one_sentence(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("One. Two\nthree."), 2, WN_TOK_WORDS);

    (void)state;
    assert_int_equal(wn_counts_tokens(c), 6);              /* One . Two three . </s> */
    wn_counts_free(c);
}

static void reserved_words_are_refused_and_leave_no_trace(void **state)
{
    static const char *const bad[] = { "x <s> y", "x </s>", "<unk>" };
    struct wn_counts *c = fixture_counts(WN_STR("a b\n"), 2, WN_TOK_WHITESPACE);
    struct wn_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(wn_counts_add_text(c, wn_str(bad[i]), &err), WN_BADDATA);
        assert_non_null(strstr(err.text, "line 1: "));
        assert_non_null(strstr(err.text, "reserved word '<"));
        assert_int_equal(wn_counts_tokens(c), 3);
        assert_int_equal(wn_counts_types(c), 5);
    }
    assert_int_equal(wn_counts_add_text(c, WN_STR("<s/> <unk <S>"), &err), WN_OK);
    wn_counts_free(c);
}

static void orders_outside_1_to_8_are_refused(void **state)
{
    struct wn_counts *c;

    (void)state;
    assert_int_equal(wn_counts_new(&c, 0, WN_TOK_WORDS, NULL), WN_BADCONF);
    assert_null(c);
    assert_int_equal(wn_counts_new(&c, 9, WN_TOK_WORDS, NULL), WN_BADCONF);
    assert_int_equal(wn_counts_new(&c, 8, WN_TOK_WORDS, NULL), WN_OK);
    wn_counts_free(c);
}

static void counts_of_different_kinds_do_not_merge(void **state)
{
    struct wn_counts *a = fixture_counts(WN_STR("a"), 2, WN_TOK_WHITESPACE);
    struct wn_counts *b = fixture_counts(WN_STR("a"), 3, WN_TOK_WHITESPACE);
    struct wn_counts *w = fixture_counts(WN_STR("a"), 2, WN_TOK_WORDS);
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_counts_merge(a, b, &err), WN_BADCONF);
    assert_int_equal(wn_counts_merge(a, w, &err), WN_BADCONF);
    assert_string_equal(err.text, "cannot merge counts: order 2 of whitespace and order 2 of words");
    wn_counts_free(a);
    wn_counts_free(b);
    wn_counts_free(w);
}

static void merging_halves_equals_counting_the_whole(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t4_zipf.txt");
    size_t cut = (size_t)((const char *)memchr(text.ptr + text.len / 2, '\n', text.len / 2) + 1 - text.ptr);
    struct wn_counts *whole = fixture_counts(text, 3, WN_TOK_WHITESPACE);
    struct wn_counts *a = fixture_counts((struct wn_str){ text.ptr, cut }, 3, WN_TOK_WHITESPACE);
    struct wn_counts *b = fixture_counts((struct wn_str){ text.ptr + cut, text.len - cut }, 3, WN_TOK_WHITESPACE);
    struct wn_lm *lm_whole, *lm_merged;

    (void)state;
    assert_int_equal(wn_counts_merge(a, b, NULL), WN_OK);
    assert_int_equal(wn_counts_tokens(a), wn_counts_tokens(whole));
    assert_int_equal(wn_counts_types(a), wn_counts_types(whole));
    assert_int_equal(wn_lm_estimate(&lm_whole, whole, NULL, NULL, NULL), WN_OK);
    assert_int_equal(wn_lm_estimate(&lm_merged, a, NULL, NULL, NULL), WN_OK);
    assert_true(wn_str_eq(wn_lm_image(lm_whole), wn_lm_image(lm_merged)));
    wn_lm_free(lm_whole);
    wn_lm_free(lm_merged);
    wn_counts_free(whole);
    wn_counts_free(a);
    wn_counts_free(b);
    fixture_drop(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_and_types_are_counted),
        cmocka_unit_test(last_line_counts_with_or_without_newline),
        cmocka_unit_test(a_text_of_words_is_one_sentence),
        cmocka_unit_test(reserved_words_are_refused_and_leave_no_trace),
        cmocka_unit_test(orders_outside_1_to_8_are_refused),
        cmocka_unit_test(counts_of_different_kinds_do_not_merge),
        cmocka_unit_test(merging_halves_equals_counting_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
