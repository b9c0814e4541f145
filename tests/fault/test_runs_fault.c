/*
 * test_runs_fault.c - memory and disk run out at every call in turn, between text, runs and
 * count files; nothing leaks, nothing is half done, and the next try succeeds.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch_group.h"
#include "support/words.h"

#include <winnow/lmbuild.h>

#include "lm/lm_runs.h"

enum { MANY = 20000 };

/* Enough words that every table grows at least once. */
static struct wn_str many_words(struct wn_buf *out, unsigned n)
{
    return words_text(out, "word", n, 2500);
}

static struct wn_counts *counts_of(struct wn_str text, uint64_t memory_bytes)
{
    const struct wn_counts_opts opts = { .order = 3, .room = { .memory_bytes = memory_bytes, .tmp_dir = "/tmp" } };
    struct wn_counts *c;

    assert_int_equal(wn_counts_open(&c, &opts, NULL), WN_OK);
    assert_int_equal(wn_counts_add_text(c, text, NULL), WN_OK);
    return c;
}

static void opening_survives_every_failed_allocation(void **state)
{
    const struct wn_counts_opts opts = { .order = 3, .room = { .memory_bytes = 32 << 20, .tmp_dir = "/tmp" } };
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        struct wn_counts *c;

        fault_memory_left = k;
        st = wn_counts_open(&c, &opts, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? c != NULL : st == WN_NOMEM && c == NULL);
        wn_counts_free(c);
        assert_true(k < MANY);
    }
}

/* Sorted in memory and, ids being on disk, on disk. */
static void sorting_survives_every_failed_allocation(void **state)
{
    struct wn_buf b = { 0 };

    (void)state;
    for (unsigned disk = 0; disk < 2; disk++) {
        const struct lm_room room = { .jobs = 1, .memory_bytes = disk ? 16 << 20 : UINT64_MAX };
        struct wn_counts *c = counts_of(many_words(&b, disk ? 600000 : 9000), disk ? 16 << 20 : 0);
        const uint64_t tokens = wn_counts_tokens(c);
        enum wn_status st = WN_NOMEM;

        for (long k = 0; st != WN_OK; k++) {
            struct lm_runs *r;

            fault_memory_left = k;
            st = lm_runs_new(&r, c, false, &room, NULL);
            fault_memory_left = -1;
            assert_true(st == WN_OK ? r != NULL : st == WN_NOMEM && r == NULL);
            if (r)
                assert_int_equal(wn_counts_tokens(c), tokens);
            lm_runs_free(r);
            assert_true(k < MANY);
        }
        wn_counts_free(c);
    }
    wn_buf_release(&b);
}

/* LEFT: which calls fail.  A file that was there stays; the name has no half-written file. */
static void save_until_it_works(struct wn_counts *c, const char *path, int *left, enum wn_status failure)
{
    enum wn_status st = failure;

    for (int k = 0; st != WN_OK; k++) {
        *left = k;
        st = wn_counts_save(c, path, NULL, NULL);
        *left = -1;
        assert_true(st == WN_OK || st == failure);
        assert_int_equal(scratch_count(&scratch), 1);
        assert_true(k < MANY);
    }
}

static void saving_survives_every_failure(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(many_words(&b, 9000), 0);
    const char *path = scratch_file(&scratch, "counts", "old", 3);

    (void)state;
    save_until_it_works(c, path, &fault_memory_left, WN_NOMEM);
    save_until_it_works(c, path, &fault_write_left, WN_IO);
    fault_sync_left = 0;
    assert_int_equal(wn_counts_save(c, path, NULL, NULL), WN_IO);
    fault_sync_left = -1;
    assert_int_equal(scratch_count(&scratch), 1);
    wn_counts_free(c);
    wn_buf_release(&b);
}

/* A count file of *TOKENS tokens. */
static const char *many_counts(uint64_t *tokens)
{
    const char *path = scratch_path(&scratch, "counts");
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(many_words(&b, 9000), 0);

    assert_int_equal(wn_counts_save(c, path, NULL, NULL), WN_OK);
    *tokens = wn_counts_tokens(c);
    wn_counts_free(c);
    wn_buf_release(&b);
    return path;
}

/* Adds FROM, or when that is NULL the file at PATH, to other counts; returns the tokens that came. */
static uint64_t add_until_it_works(const struct wn_counts *from, const char *path)
{
    struct wn_counts *into = counts_of(WN_STR("word1 x\n"), 0);
    const uint64_t tokens = wn_counts_tokens(into), types = wn_counts_types(into);
    enum wn_status st = WN_NOMEM;
    uint64_t came;

    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = from ? wn_counts_merge(into, from, NULL) : wn_counts_add_file(into, path, NULL);
        fault_memory_left = -1;
        if (st == WN_OK)
            break;
        assert_int_equal(st, WN_NOMEM);
        assert_int_equal(wn_counts_tokens(into), tokens);
        assert_int_equal(wn_counts_types(into), types);
        assert_true(k < MANY);
    }
    came = wn_counts_tokens(into) - tokens;
    wn_counts_free(into);
    return came;
}

static void reading_is_whole_or_not_at_all(void **state)
{
    uint64_t tokens;
    const char *path = many_counts(&tokens);

    (void)state;
    assert_int_equal(add_until_it_works(NULL, path), tokens);
}

static void merging_files_is_whole_or_not_at_all(void **state)
{
    struct wn_counts *from = counts_of(WN_STR("p q\n"), 0);
    const uint64_t before = wn_counts_tokens(from);
    uint64_t tokens;

    (void)state;
    assert_int_equal(wn_counts_add_file(from, many_counts(&tokens), NULL), WN_OK);
    assert_int_equal(add_until_it_works(from, NULL), before + tokens);
    wn_counts_free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_survives_every_failed_allocation),
        cmocka_unit_test(sorting_survives_every_failed_allocation),
        cmocka_unit_test_teardown(saving_survives_every_failure, scratch_empty),
        cmocka_unit_test_teardown(reading_is_whole_or_not_at_all, scratch_empty),
        cmocka_unit_test_teardown(merging_files_is_whole_or_not_at_all, scratch_empty),
    };
    fault_once = true;
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
