/*
 * test_counts.c - counting, and merging counts.
 */
#include "unit/lm_fixture.h"

#include "support/scratch.h"

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

static void counts_are_not_merged_with_themselves(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b\nc\n"), 2, WN_TOK_WHITESPACE);
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_counts_merge(c, c, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "themselves"));
    assert_int_equal(wn_counts_tokens(c), 5);
    wn_counts_free(c);
}

/* What white space cuts has no token like these, nor has a count file. */
static void tokens_that_white_space_cannot_give_are_refused(void **state)
{
    static const char *const bad[] = { "a b", "", "a\n", "\tb", "a\rb" };
    struct wn_counts *c = fixture_counts(WN_STR("x"), 2, WN_TOK_WHITESPACE);
    struct wn_counts *words = fixture_counts(WN_STR("x"), 2, WN_TOK_WORDS);
    struct wn_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wn_str item[] = { WN_STR("good"), wn_str(bad[i]) };

        assert_int_equal(wn_counts_add(c, &(struct wn_tokens){ item, 2 }, &err), WN_BADDATA);
        assert_non_null(strstr(err.text, "token 2"));
        assert_int_equal(wn_counts_types(c), 4);
        assert_int_equal(wn_counts_tokens(c), 2);
    }
    assert_int_equal(wn_counts_add(words, &(struct wn_tokens){ &WN_STR("a b"), 1 }, NULL), WN_OK);
    wn_counts_free(c);
    wn_counts_free(words);
}

/* A model took the text: all that could be done with what is left would be wrong. */
static void used_up_counts_are_refused(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b\nc\n"), 2, WN_TOK_WHITESPACE);
    struct wn_counts *other = fixture_counts(WN_STR("a b\nc\n"), 2, WN_TOK_WHITESPACE);
    struct wn_str item = WN_STR("a");
    struct wn_lm_output to = { 0 };
    struct scratch s;
    struct wn_lm *lm;

    (void)state;
    assert_true(scratch_open(&s));
    to.model = scratch_path(&s, "model");
    assert_int_equal(wn_counts_save(other, scratch_path(&s, "counts"), NULL, NULL), WN_OK);
    assert_int_equal(wn_lm_build(c, NULL, &to, NULL, NULL), WN_OK);
    assert_int_equal(wn_counts_add(c, &(struct wn_tokens){ &item, 1 }, NULL), WN_BADCONF);
    assert_int_equal(wn_counts_add_text(c, WN_STR("a b\n"), NULL), WN_BADCONF);
    assert_int_equal(wn_counts_add_file(c, scratch_path(&s, "counts"), NULL), WN_BADCONF);
    assert_int_equal(wn_counts_merge(c, other, NULL), WN_BADCONF);
    assert_int_equal(wn_counts_merge(other, c, NULL), WN_BADCONF);
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "again"), NULL, NULL), WN_BADCONF);
    assert_int_equal(wn_lm_build(c, NULL, &to, NULL, NULL), WN_BADCONF);
    assert_int_equal(wn_lm_estimate(&lm, c, NULL, NULL, NULL), WN_BADCONF);
    assert_null(lm);
    scratch_clear(&s, true);
    wn_counts_free(c);
    wn_counts_free(other);
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

static void specials_can_be_passed_over(void **state)
{
    const struct wn_counts_opts opts = { .order = 2, .skip_specials = true };
    struct wn_tokens t;
    struct wn_str words[] = { WN_STR("<s>"), WN_STR("a"), WN_STR("<unk>"), WN_STR("</s>") };
    struct wn_counts *c;

    (void)state;
    assert_int_equal(wn_counts_open(&c, &opts, NULL), WN_OK);
    assert_int_equal(wn_counts_add_text(c, WN_STR("<s> a b </s>\n<unk>\n"), NULL), WN_OK);
    assert_int_equal(wn_counts_tokens(c), 3 + 1);
    t = (struct wn_tokens){ words, 4 };
    assert_int_equal(wn_counts_add(c, &t, NULL), WN_OK);
    assert_int_equal(wn_counts_tokens(c), 3 + 1 + 2);
    assert_int_equal(wn_counts_types(c), 5);
    wn_counts_free(c);
}

static void long_words_and_lines_are_counted(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c;

    (void)state;
    for (unsigned i = 0; i < 10000000; i++)      /* one word of 10 MB, at the end of the text too */
        wn_buf_addc(&b, 'x');
    c = fixture_counts(wn_buf_str(&b), 2, WN_TOK_WHITESPACE);
    assert_int_equal(wn_counts_types(c), 4);
    wn_buf_addz(&b, " y\nz");
    assert_int_equal(wn_counts_add_text(c, wn_buf_str(&b), NULL), WN_OK);
    assert_int_equal(wn_counts_types(c), 6);
    assert_int_equal(wn_counts_tokens(c), 2 + 3 + 2);
    wn_counts_free(c);
    wn_buf_release(&b);
}

/* ---- count files -------------------------------------------------------------------- */

/* A count file with PATCH put in at AT, as FILE. */
static const char *patched(struct scratch *s, const char *file, size_t at, const void *patch, size_t n)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b a\nc a\n"), 3, WN_TOK_WHITESPACE);
    struct wn_str good;
    const char *path;

    assert_int_equal(wn_counts_save(c, scratch_path(s, "good"), NULL, NULL), WN_OK);
    good = fixture_read(scratch_path(s, "good"));
    memcpy((char *)(uintptr_t)good.ptr + at, patch, n);
    path = scratch_file(s, file, good.ptr, good.len);
    fixture_drop(good);
    wn_counts_free(c);
    return path;
}

static void a_count_file_says_what_it_is(void **state)
{
    struct wn_counts_opts opts = { 0 };
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_peek(patched(&s, "f", 0, "", 0), &opts, NULL), WN_OK);
    assert_int_equal(opts.order, 3);
    assert_int_equal(opts.tokenizer, WN_TOK_WHITESPACE);
    assert_int_equal(scratch_count(&s), 2);                /* good, f: nothing left behind */
    scratch_clear(&s, true);
}

static void foreign_count_files_are_refused_by_name(void **state)
{
    static const struct { size_t at; const char *patch; size_t n; const char *why; } cases[] = {
        { 0, "winnowLM", 8, "it is no count file of winnow" },
        { 8, "\2\0\0\0", 4, "it has version 2, this program reads version 1" },
        { 12, "\1\2\3\4", 4, "it was written on a machine of the other byte order" },
        { 16, "\4", 1, "the checksum of its head is wrong" },
        { 100, "\377", 1, "the checksum of a block is wrong" },
    };
    struct wn_counts *c = fixture_counts(WN_STR("x"), 3, WN_TOK_WHITESPACE);
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wn_err err;

        assert_int_equal(wn_counts_add_file(c, patched(&s, "bad", cases[i].at, cases[i].patch, cases[i].n), &err),
                         WN_BADDATA);
        assert_non_null(strstr(err.text, "cannot read counts '"));
        assert_non_null(strstr(err.text, cases[i].why));
        assert_int_equal(wn_counts_types(c), 4);
    }
    assert_int_equal(wn_counts_add_file(c, "/nowhere/at-all", NULL), WN_IO);
    scratch_clear(&s, true);
    wn_counts_free(c);
}

static void a_count_file_of_another_kind_does_not_merge(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("x"), 2, WN_TOK_WHITESPACE);
    struct scratch s;
    struct wn_err err;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_add_file(c, patched(&s, "f", 0, "", 0), &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "order 2 of whitespace and order 3 of whitespace"));
    scratch_clear(&s, true);
    wn_counts_free(c);
}

static void an_empty_count_file_is_one(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR(""), 3, WN_TOK_WHITESPACE);
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "empty"), NULL, NULL), WN_OK);
    assert_int_equal(wn_counts_add_file(c, scratch_path(&s, "empty"), NULL), WN_OK);
    assert_int_equal(wn_counts_tokens(c), 0);
    scratch_clear(&s, true);
    wn_counts_free(c);
}

/* Merging a file with itself doubles all counts: 32 times passes 2^32, 62 times 2^63 tokens. */
static void counts_pass_32_bits_and_stop_at_63(void **state)
{
    struct scratch s;
    enum wn_status st = WN_OK;
    struct wn_err err;

    (void)state;
    assert_true(scratch_open(&s));
    for (unsigned i = 0; i <= 70 && st == WN_OK; i++) {
        struct wn_counts *c = fixture_counts(i ? WN_STR("") : WN_STR("a a\n"), 2, WN_TOK_WHITESPACE);

        for (unsigned twice = 0; i > 0 && twice < 2 && st == WN_OK; twice++)
            st = wn_counts_add_file(c, scratch_path(&s, "sum"), &err);
        if (st == WN_OK) {
            assert_int_equal(wn_counts_tokens(c), 3 * (UINT64_C(1) << i));
            assert_int_equal(wn_counts_save(c, scratch_path(&s, "sum"), NULL, NULL), WN_OK);
        } else {
            assert_int_equal(i, 62);             /* 3 * 2^61 <= 2^63 - 1 < 3 * 2^62 */
        }
        wn_counts_free(c);
    }
    assert_int_equal(st, WN_LIMIT);
    assert_non_null(strstr(err.text, "more than 9223372036854775807 tokens"));
    scratch_clear(&s, true);
}

static void a_written_file_waits_for_its_name(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b"), 2, WN_TOK_WHITESPACE);
    struct wn_counts_opts opts = { 0 };
    struct wn_lm_file *file;
    struct scratch s;
    const char *path;

    (void)state;
    assert_true(scratch_open(&s));
    path = scratch_file(&s, "f", "old", 3);
    assert_int_equal(wn_counts_write(c, path, NULL, &file, NULL), WN_OK);
    assert_int_equal(wn_counts_peek(path, &opts, NULL), WN_BADDATA);      /* the old one */
    assert_int_equal(scratch_count(&s), 2);
    wn_lm_file_close(file);
    assert_int_equal(scratch_count(&s), 1);
    assert_int_equal(wn_counts_write(c, path, NULL, &file, NULL), WN_OK);
    assert_int_equal(wn_lm_file_publish(file, NULL), WN_OK);
    wn_lm_file_close(file);
    assert_int_equal(wn_counts_peek(path, &opts, NULL), WN_OK);
    assert_int_equal(scratch_count(&s), 1);
    wn_lm_file_close(NULL);
    scratch_clear(&s, true);
    wn_counts_free(c);
}

static void saving_is_whole_or_not_at_all(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b"), 2, WN_TOK_WHITESPACE);
    struct scratch s;
    struct wn_err err;

    (void)state;
    assert_true(scratch_open(&s));
    scratch_file(&s, "folder/f", "x", 1);
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "folder"), NULL, &err), WN_IO);
    assert_non_null(strstr(err.text, "it is a folder"));
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "none/f"), NULL, NULL), WN_IO);
    assert_int_equal(wn_counts_save(c, "/dev/full", NULL, NULL), WN_IO);
    assert_int_equal(scratch_count(&s), 2);
    scratch_clear(&s, true);
    wn_counts_free(c);
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
        cmocka_unit_test(counts_are_not_merged_with_themselves),
        cmocka_unit_test(tokens_that_white_space_cannot_give_are_refused),
        cmocka_unit_test(used_up_counts_are_refused),
        cmocka_unit_test(merging_halves_equals_counting_the_whole),
        cmocka_unit_test(specials_can_be_passed_over),
        cmocka_unit_test(long_words_and_lines_are_counted),
        cmocka_unit_test(a_count_file_says_what_it_is),
        cmocka_unit_test(foreign_count_files_are_refused_by_name),
        cmocka_unit_test(a_count_file_of_another_kind_does_not_merge),
        cmocka_unit_test(an_empty_count_file_is_one),
        cmocka_unit_test(counts_pass_32_bits_and_stop_at_63),
        cmocka_unit_test(a_written_file_waits_for_its_name),
        cmocka_unit_test(saving_is_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
