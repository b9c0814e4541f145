/*
 * test_runs_prop.c - what holds for any text: seeds are tried in turn, the failing one is
 * printed.
 */
#include "unit/runs_fixture.h"

#include "support/scratch.h"

enum { N_SEEDS = 60, N_FILE_SEEDS = 8 };     /* each file is synced: that takes time */

static struct wn_str small_text(struct wn_buf *b, uint64_t seed)
{
    return runs_text(b, seed, 20 + seed * 31 % 1500, 3 + seed * 7 % 200, 1 + seed % 25);
}

static struct wn_counts *counts_of(struct wn_str text, unsigned order, uint64_t memory_bytes)
{
    const struct wn_counts_opts opts = { .order = order, .room = { .memory_bytes = memory_bytes } };
    struct wn_counts *c;

    assert_int_equal(wn_counts_open(&c, &opts, NULL), WN_OK);
    assert_int_equal(wn_counts_add_text(c, text, NULL), WN_OK);
    return c;
}

static void runs_equal_a_plain_count(void **state)
{
    struct wn_buf b = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        const unsigned order = 1 + seed % WN_LM_MAX_ORDER;
        struct wn_str text = small_text(&b, seed);
        struct ngrams want = naive_count(text, order);

        for (unsigned i = 0; i < 4; i++) {
            uint64_t memory = i >= 2 ? 16 << 20 : 0;
            struct wn_counts *c = counts_of(text, order, memory);
            struct ngrams got = runs_of(c, i % 2, 1 + i % 2 * 2, memory ? memory / 4 * 3 : 0);

            if (!ngrams_equal(&want, &got))
                fail_msg("seed %llu, way %u: other n-grams", (unsigned long long)seed, i);
            ngrams_drop(&got);
            wn_counts_free(c);
        }
        ngrams_drop(&want);
    }
    wn_buf_release(&b);
}

/* How a text is handed over does not matter: as one, line by line, or token by token. */
static void any_way_of_adding_gives_the_same(void **state)
{
    struct wn_buf b = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_str text = small_text(&b, seed);
        struct wn_counts *whole = counts_of(text, 3, 0), *lines = counts_of(WN_STR(""), 3, 0),
                         *tokens = counts_of(WN_STR(""), 3, 0);
        struct wn_arena a = { 0 };
        struct ngrams x = runs_of(whole, false, 1, 0), y, z;

        for (size_t at = 0; at < text.len;) {
            const char *nl = memchr(text.ptr + at, '\n', text.len - at);
            size_t n = nl ? (size_t)(nl - text.ptr) - at : text.len - at;
            char *copy = malloc(n + 1);          /* of its exact size, for a sanitizer */
            struct wn_tokens t;

            assert_non_null(copy);
            memcpy(copy, text.ptr + at, n);
            copy[n] = '\n';
            assert_int_equal(wn_counts_add_text(lines, (struct wn_str){ copy, n + 1 }, NULL), WN_OK);
            assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, (struct wn_str){ copy, n }, &a, &t, NULL), WN_OK);
            assert_int_equal(wn_counts_add(tokens, &t, NULL), WN_OK);
            free(copy);
            at += n + 1;
        }
        y = runs_of(lines, false, 1, 0);
        z = runs_of(tokens, false, 1, 0);
        if (!ngrams_equal(&x, &y) || !ngrams_equal(&x, &z))
            fail_msg("seed %llu: other n-grams", (unsigned long long)seed);
        ngrams_drop(&x);
        ngrams_drop(&y);
        ngrams_drop(&z);
        wn_arena_release(&a);
        wn_counts_free(whole);
        wn_counts_free(lines);
        wn_counts_free(tokens);
    }
    wn_buf_release(&b);
}

/* The one-pass splitter against the tokenizer, on bytes that are hard for it. */
static void any_bytes_split_as_the_tokenizer_does(void **state)
{
    static const char bytes[] = { 0, '\t', '\r', ' ', ' ', '\v', '\f', 1, 31, '!', (char)0x80, (char)0x8a, (char)0xff,
                                  'a', 'b', 'c', 'd', 'e', '\n' };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        const size_t n = seed % 90, n_kinds = 1 + seed % sizeof(bytes);
        char *text = malloc(n ? n : 1);
        struct wn_counts *c = counts_of(WN_STR(""), 2, 0), *want = counts_of(WN_STR(""), 2, 0);
        struct wn_rng rng;
        struct ngrams x, y;

        assert_non_null(text);
        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
        for (size_t i = 0; i < n; i++)
            text[i] = bytes[sizeof(bytes) - 1 - wn_rng_below(&rng, n_kinds)];
        for (size_t at = 0; at < n;) {
            const char *nl = memchr(text + at, '\n', n - at);
            size_t len = (nl ? (size_t)(nl - text) : n) - at;
            struct wn_tokens t;

            assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, (struct wn_str){ text + at, len }, &a, &t, NULL), WN_OK);
            assert_int_equal(wn_counts_add(want, &t, NULL), WN_OK);
            at += len + 1;
        }
        assert_int_equal(wn_counts_add_text(c, (struct wn_str){ text, n }, NULL), WN_OK);
        x = runs_of(want, false, 1, 0);
        y = runs_of(c, false, 1, 0);
        if (!ngrams_equal(&x, &y) || wn_counts_types(c) != wn_counts_types(want))
            fail_msg("seed %llu: split in another way", (unsigned long long)seed);
        ngrams_drop(&x);
        ngrams_drop(&y);
        wn_counts_free(c);
        wn_counts_free(want);
        free(text);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

static size_t line_start(struct wn_str text, size_t at)
{
    const char *nl = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;

    return nl ? (size_t)(nl - text.ptr) + 1 : text.len;
}

static void expect_same_file(struct scratch *s, struct wn_counts *c, const char *want, uint64_t seed)
{
    struct wn_str a, b;
    struct wn_err err;

    if (wn_counts_save(c, scratch_path(s, "got"), NULL, &err) != WN_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    a = fixture_read(want);
    b = fixture_read(scratch_path(s, "got"));
    if (!wn_str_eq(a, b))
        fail_msg("seed %llu: the count file of the merged is another one", (unsigned long long)seed);
    fixture_drop(a);
    fixture_drop(b);
}

/* Counts of two parts, merged as text or as count files, in memory or not, are those of the
 * whole, to the byte of their count file. */
static void merged_shards_are_the_whole(void **state)
{
    struct wn_buf b = { 0 };
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    for (uint64_t seed = 1; seed <= N_FILE_SEEDS; seed++) {
        const unsigned order = 1 + seed % WN_LM_MAX_ORDER;
        const uint64_t memory = seed % 2 ? 16 << 20 : 0;
        struct wn_str text = small_text(&b, seed);
        size_t cut = line_start(text, text.len * (seed % 10) / 10);
        struct wn_str first = { text.ptr, cut }, second = { text.ptr + cut, text.len - cut };
        struct wn_counts *whole = counts_of(text, order, 0), *a = counts_of(first, order, memory),
                         *z = counts_of(second, order, 0), *files = counts_of(WN_STR(""), order, memory), *mixed;
        const char *want = scratch_path(&s, "want");

        assert_int_equal(wn_counts_save(whole, want, NULL, NULL), WN_OK);
        assert_int_equal(wn_counts_save(a, scratch_path(&s, "a"), NULL, NULL), WN_OK);
        assert_int_equal(wn_counts_save(z, scratch_path(&s, "z"), NULL, NULL), WN_OK);
        assert_int_equal(wn_counts_add_file(files, scratch_path(&s, "a"), NULL), WN_OK);
        assert_int_equal(wn_counts_add_file(files, scratch_path(&s, "z"), NULL), WN_OK);
        assert_int_equal(wn_counts_tokens(files), wn_counts_tokens(whole));
        expect_same_file(&s, files, want, seed);
        mixed = counts_of(first, order, 0);
        assert_int_equal(wn_counts_add_file(mixed, scratch_path(&s, "z"), NULL), WN_OK);
        expect_same_file(&s, mixed, want, seed);
        assert_int_equal(wn_counts_merge(a, z, NULL), WN_OK);
        assert_int_equal(wn_counts_types(a), wn_counts_types(whole));
        expect_same_file(&s, a, want, seed);
        wn_counts_free(a);
        a = counts_of(WN_STR(""), order, 0);
        assert_int_equal(wn_counts_merge(a, mixed, NULL), WN_OK);     /* text and file at once */
        expect_same_file(&s, a, want, seed);
        wn_counts_free(whole);
        wn_counts_free(a);
        wn_counts_free(z);
        wn_counts_free(files);
        wn_counts_free(mixed);
    }
    scratch_clear(&s, true);
    wn_buf_release(&b);
}

/* Any flipped byte is seen, and the counts stay as they were. */
static void a_damaged_count_file_is_refused(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(runs_text(&b, 9, 30, 9, 8), 3, 0), *into = counts_of(WN_STR("x w1\n"), 3, 0);
    struct scratch s;
    struct wn_str file;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "good"), NULL, NULL), WN_OK);
    file = fixture_read(scratch_path(&s, "good"));
    for (size_t i = 0; i < 2 * file.len; i++) {
        char *bytes = malloc(file.len);
        struct wn_err err;

        assert_non_null(bytes);
        memcpy(bytes, file.ptr, file.len);
        if (i < file.len)
            bytes[i] ^= (char)(1 + i % 255);
        scratch_file(&s, "bad", bytes, i < file.len ? file.len : i - file.len);
        if (wn_counts_add_file(into, scratch_path(&s, "bad"), &err) != WN_BADDATA)
            fail_msg("byte %zu: taken or another status", i);
        assert_non_null(strstr(err.text, "cannot read counts '"));
        assert_int_equal(wn_counts_types(into), 5);
        assert_int_equal(wn_counts_tokens(into), 3);
        free(bytes);
    }
    assert_int_equal(wn_counts_add_file(into, scratch_path(&s, "good"), NULL), WN_OK);
    fixture_drop(file);
    scratch_clear(&s, true);
    wn_counts_free(c);
    wn_counts_free(into);
    wn_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_equal_a_plain_count),
        cmocka_unit_test(any_way_of_adding_gives_the_same),
        cmocka_unit_test(any_bytes_split_as_the_tokenizer_does),
        cmocka_unit_test(merged_shards_are_the_whole),
        cmocka_unit_test(a_damaged_count_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
