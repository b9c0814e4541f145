/*
 * test_text.c - tokenizers and code points.  Expected tokens follow from the rules in
 * text.h by hand.
 */
#include "unit/lm_fixture.h"

/* Tokens of TEXT, joined by '|'. */
static void expect_tokens(enum wn_tokenizer t, const char *text, const char *want)
{
    struct wn_arena a = { 0 };
    struct wn_tokens tok;
    struct wn_buf got = { 0 };

    assert_int_equal(wn_tokenize(t, wn_str(text), &a, &tok, NULL), WN_OK);
    for (size_t i = 0; i < tok.n; i++) {
        if (i > 0)
            wn_buf_addc(&got, '|');
        wn_buf_add(&got, tok.item[i]);
    }
    wn_buf_addc(&got, '\0');
    assert_string_equal(got.ptr, want);
    wn_buf_release(&got);
    wn_arena_release(&a);
}

static void words_are_runs_of_letters_marks_and_digits(void **state)
{
    (void)state;
    expect_tokens(WN_TOK_WORDS, "Hello, world! 42nd (2.5%)", "Hello|,|world|!|42nd|(|2|.|5|%|)");
    expect_tokens(WN_TOK_WORDS, "na\xC3\xAFve cafe\xCC\x81.", "na\xC3\xAFve|cafe\xCC\x81|.");
    expect_tokens(WN_TOK_WORDS, "\xD0\xBA\xD0\xBE\xD1\x82\xE2\x80\x94\xF0\x9F\x99\x82",
                  "\xD0\xBA\xD0\xBE\xD1\x82|\xE2\x80\x94|\xF0\x9F\x99\x82");
    expect_tokens(WN_TOK_WORDS, "", "");
    expect_tokens(WN_TOK_WORDS, " \t\n\xC2\xA0", "");
}

static void connectors_join_letters_only(void **state)
{
    (void)state;
    expect_tokens(WN_TOK_WORDS, "don't mother-in-law rock'n'roll", "don't|mother-in-law|rock'n'roll");
    expect_tokens(WN_TOK_WORDS, "it\xE2\x80\x99s", "it\xE2\x80\x99s");
    expect_tokens(WN_TOK_WORDS, "1990-1995 a--b 'tis dogs' x-1 4-fold",
                  "1990|-|1995|a|-|-|b|'|tis|dogs|'|x|-|1|4|-|fold");
}

static void invisible_code_points_do_not_cut_words(void **state)
{
    (void)state;
    expect_tokens(WN_TOK_WORDS, "ze\xE2\x80\x8Bro \xE2\x80\x8B x\xE2\x80\x8B.", "ze\xE2\x80\x8Bro|x|.");
    expect_tokens(WN_TOK_FOLDED, "ze\xE2\x80\x8Bro \xC2\xADq", "zero|q");
    expect_tokens(WN_TOK_WORDS, "\xE2\x9D\xA4\xEF\xB8\x8F!", "\xE2\x9D\xA4|!");    /* variation selector */
}

static void folding_lowers_case_digits_and_quotes(void **state)
{
    (void)state;
    expect_tokens(WN_TOK_FOLDED, "It\xE2\x80\x99S \xE2\x80\x9C" "2019\xE2\x80\x9D", "it's|\"|0000|\"");
    expect_tokens(WN_TOK_FOLDED, "\xC3\x89T\xC3\x89 \xD9\xA3", "\xC3\xA9t\xC3\xA9|0");   /* Arabic-Indic 3 */
    expect_tokens(WN_TOK_FOLDED, "\xC8\xBA", "\xE2\xB1\xA5");          /* U+023A grows from 2 bytes to 3 */
}

static void whitespace_splits_on_four_bytes_and_newlines(void **state)
{
    (void)state;
    expect_tokens(WN_TOK_WHITESPACE, " one\ttwo\r\nthree  four ", "one|two|three|four");
    expect_tokens(WN_TOK_WHITESPACE, "vt\x0Bword ff\x0C.", "vt\x0Bword|ff\x0C.");
}

static void nul_separates_and_any_byte_is_allowed(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_tokens tok;

    (void)state;
    assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, (struct wn_str){ "a\0\xFF\xFE", 4 }, &a, &tok, NULL), WN_OK);
    assert_int_equal(tok.n, 2);
    assert_int_equal(tok.item[1].len, 2);
    wn_arena_release(&a);
}

static void malformed_utf8_stays_inside_the_text(void **state)
{
    static const char *const bad[] = { "\xE2\x80", "a\xF0\x9F", "\xC3", "\xFF\xFE", "\xC0\xAF", "\xE2x\x80" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t len = strlen(bad[i]);
        char *exact = malloc(len);
        struct wn_arena a = { 0 };
        struct wn_tokens tok;

        assert_non_null(exact);
        memcpy(exact, bad[i], len);
        assert_int_equal(wn_tokenize(WN_TOK_FOLDED, (struct wn_str){ exact, len }, &a, &tok, NULL), WN_OK);
        wn_arena_release(&a);
        free(exact);
    }
}

static void unknown_tokenizers_are_refused(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_tokens tok;
    enum wn_tokenizer t;

    (void)state;
    assert_int_equal(wn_tokenize((enum wn_tokenizer)9, WN_STR("x"), &a, &tok, NULL), WN_BADCONF);
    assert_true(wn_tokenizer_parse(WN_STR("words"), &t) && t == WN_TOK_WORDS);
    assert_true(wn_tokenizer_parse(wn_str(wn_tokenizer_name(WN_TOK_FOLDED)), &t) && t == WN_TOK_FOLDED);
    assert_false(wn_tokenizer_parse(WN_STR("bpe"), &t));
    wn_arena_release(&a);
}

static void join_leaves_out_spaces_around_punctuation(void **state)
{
    struct wn_str t[] = { WN_STR("Hello"), WN_STR(","), WN_STR("("), WN_STR("see"), WN_STR("1"),
                          WN_STR(")"),     WN_STR("-"), WN_STR("x"), WN_STR(".") };
    struct wn_buf out = { 0 };

    (void)state;
    wn_words_join(&out, t, sizeof(t) / sizeof(t[0]));
    wn_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, "Hello, (see 1) - x.");
    wn_buf_release(&out);
}

static void code_points_come_back_as_they_were_added(void **state)
{
    static const uint32_t c[] = { 0x00, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF };
    struct wn_buf b = { 0 };
    size_t pos = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
        wn_utf8_add(&b, c[i]);
    assert_int_equal(wn_utf8_count(wn_buf_str(&b)), sizeof(c) / sizeof(c[0]));
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
        assert_int_equal(wn_utf8_next(wn_buf_str(&b), &pos), c[i]);
    assert_int_equal(pos, b.len);
    wn_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_runs_of_letters_marks_and_digits),
        cmocka_unit_test(connectors_join_letters_only),
        cmocka_unit_test(invisible_code_points_do_not_cut_words),
        cmocka_unit_test(folding_lowers_case_digits_and_quotes),
        cmocka_unit_test(whitespace_splits_on_four_bytes_and_newlines),
        cmocka_unit_test(nul_separates_and_any_byte_is_allowed),
        cmocka_unit_test(malformed_utf8_stays_inside_the_text),
        cmocka_unit_test(unknown_tokenizers_are_refused),
        cmocka_unit_test(join_leaves_out_spaces_around_punctuation),
        cmocka_unit_test(code_points_come_back_as_they_were_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
