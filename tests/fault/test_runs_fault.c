/*
 * test_runs_fault.c - memory and disk run out at every call in turn, between text, runs and
 * count files; nothing leaks, nothing is half done, and the next try succeeds.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch.h"

#include <winnow/lmbuild.h>

#include "lm/lm_runs.h"

enum { MANY = 20000 };

/* Enough words that every table grows at least once. */
static struct wn_str many_words(struct wn_buf *out, unsigned n)
{
    wn_buf_reset(out);
    for (unsigned i = 0; i < n; i++)
        wn_buf_addf(out, "word%u%c", i % 2500, i % 13 ? ' ' : '\n');
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
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

/* A file that was there stays; the name has no half-written file. */
static void saving_survives_every_failure(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(many_words(&b, 9000), 0);
    struct scratch s;
    const char *path;
    enum wn_status st = WN_NOMEM;

    (void)state;
    assert_true(scratch_open(&s));
    path = scratch_file(&s, "counts", "old", 3);
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_counts_save(c, path, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_int_equal(scratch_count(&s), 1);
        assert_true(k < MANY);
    }
    st = WN_IO;
    for (long k = 0; st != WN_OK; k++) {
        fault_write_left = k;
        st = wn_counts_save(c, path, NULL, NULL);
        fault_write_left = -1;
        assert_true(st == WN_OK || st == WN_IO);
        assert_int_equal(scratch_count(&s), 1);
        assert_true(k < MANY);
    }
    fault_sync_left = 0;
    assert_int_equal(wn_counts_save(c, path, NULL, NULL), WN_IO);
    fault_sync_left = -1;
    assert_int_equal(scratch_count(&s), 1);
    scratch_clear(&s, true);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void reading_is_whole_or_not_at_all(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(many_words(&b, 9000), 0), *into = counts_of(WN_STR("word1 x\n"), 0);
    const uint64_t tokens = wn_counts_tokens(into), types = wn_counts_types(into);
    enum wn_status st = WN_NOMEM;
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "counts"), NULL, NULL), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_counts_add_file(into, scratch_path(&s, "counts"), NULL);
        fault_memory_left = -1;
        if (st == WN_OK)
            break;
        assert_int_equal(st, WN_NOMEM);
        assert_int_equal(wn_counts_tokens(into), tokens);
        assert_int_equal(wn_counts_types(into), types);
        assert_true(k < MANY);
    }
    assert_int_equal(wn_counts_tokens(into), tokens + wn_counts_tokens(c));
    scratch_clear(&s, true);
    wn_counts_free(c);
    wn_counts_free(into);
    wn_buf_release(&b);
}

static void merging_files_is_whole_or_not_at_all(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = counts_of(many_words(&b, 9000), 0), *from = counts_of(WN_STR("p q\n"), 0),
                     *into = counts_of(WN_STR("word1 x\n"), 0);
    const uint64_t tokens = wn_counts_tokens(into), types = wn_counts_types(into);
    enum wn_status st = WN_NOMEM;
    struct scratch s;

    (void)state;
    assert_true(scratch_open(&s));
    assert_int_equal(wn_counts_save(c, scratch_path(&s, "counts"), NULL, NULL), WN_OK);
    assert_int_equal(wn_counts_add_file(from, scratch_path(&s, "counts"), NULL), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_counts_merge(into, from, NULL);
        fault_memory_left = -1;
        if (st == WN_OK)
            break;
        assert_int_equal(st, WN_NOMEM);
        assert_int_equal(wn_counts_tokens(into), tokens);
        assert_int_equal(wn_counts_types(into), types);
        assert_true(k < MANY);
    }
    assert_int_equal(wn_counts_tokens(into), tokens + wn_counts_tokens(from));
    scratch_clear(&s, true);
    wn_counts_free(c);
    wn_counts_free(from);
    wn_counts_free(into);
    wn_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_survives_every_failed_allocation),
        cmocka_unit_test(sorting_survives_every_failed_allocation),
        cmocka_unit_test(saving_survives_every_failure),
        cmocka_unit_test(reading_is_whole_or_not_at_all),
        cmocka_unit_test(merging_files_is_whole_or_not_at_all),
    };
    fault_once = true;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
