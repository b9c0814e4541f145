/*
 * test_lm_file_fault.c - writing, joining and opening model files while memory or the disk
 * runs out: a named failure and no file, never half of one.
 */
#include "unit/lm_write_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/fault.h"
#include "support/scratch_group.h"

static struct wn_lm *small_model(void)
{
    return fixture_model(WN_STR("a b c a b d\nb c a\nd d a b c\n"), 3, WN_TOK_WHITESPACE, NULL);
}

static void writing_survives_every_failed_allocation(void **state)
{
    static const struct write_opts ways[] = {
        { .parts = 7 }, { .parts = WN_LM_TABLES, .compact = true, .hide_left = true, .memory_bytes = 1 },
    };
    struct wn_lm *lm = small_model();

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        enum wn_status st = WN_NOMEM;
        struct wn_err err;

        for (int k = 0; st != WN_OK; k++) {
            scratch_clear(&scratch, false);
            fault_memory_left = k;
            st = try_write(lm, scratch_path(&scratch, "model"), &ways[i], &err);
            fault_memory_left = -1;
            assert_true(st == WN_OK || st == WN_NOMEM);
            assert_int_equal(scratch_count(&scratch), st == WN_OK ? 1 : 0);
            assert_true(k < 10000);
        }
    }
    wn_lm_free(lm);
}

static void joining_survives_every_failed_allocation(void **state)
{
    struct wn_lm *a = small_model(), *b = fixture_model(WN_STR("c a e\n"), 2, WN_TOK_WHITESPACE, NULL), *lm;
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (int k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_lm_join(&lm, a, b, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? lm != NULL : st == WN_NOMEM && lm == NULL);
        wn_lm_free(lm);
        assert_true(k < 10000);
    }
    st = WN_NOMEM;
    for (int k = 0; st != WN_OK; k++) {
        scratch_clear(&scratch, false);
        fault_memory_left = k;
        st = wn_lm_write_joint(a, b, scratch_path(&scratch, "joint"), NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_int_equal(scratch_count(&scratch), st == WN_OK ? 1 : 0);
    }
    wn_lm_free(a);
    wn_lm_free(b);
}

static void opening_survives_every_failed_allocation(void **state)
{
    const struct write_opts o = { .parts = 7 };
    struct wn_lm *lm = small_model();
    const char *path = scratch_path(&scratch, "model");
    enum wn_status st = WN_NOMEM;

    (void)state;
    assert_int_equal(try_write(lm, path, &o, NULL), WN_OK);
    wn_lm_free(lm);
    for (int k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_lm_open(&lm, path, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? lm != NULL : st == WN_NOMEM && lm == NULL);
        wn_lm_free(lm);
    }
}

/* Files end at N bytes, as on a disk that is full. */
static void limit_files(rlim_t n)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_an_io_error_and_no_file(void **state)
{
    static const struct write_opts ways[] = { { .parts = 7 }, { .parts = 3, .compact = true }, { .parts = 5 } };
    struct wn_lm *lm = small_model();
    struct wn_err err;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const char *path = scratch_path(&scratch, "model");
        struct wn_str whole = write_file_of(lm, path, &ways[i]);

        for (size_t n = 64; n < whole.len; n += 192) {
            enum wn_status st;

            scratch_clear(&scratch, false);
            limit_files(n);
            st = try_write(lm, path, &ways[i], &err);
            limit_files(RLIM_INFINITY);
            assert_int_equal(st, WN_IO);
            assert_non_null(strstr(err.text, "cannot write"));
            assert_int_equal(scratch_count(&scratch), 0);
        }
        fixture_drop(whole);
    }
    limit_files(64);
    assert_int_equal(wn_lm_write_joint(lm, lm, scratch_path(&scratch, "joint"), NULL, &err), WN_IO);
    limit_files(RLIM_INFINITY);
    assert_int_equal(scratch_count(&scratch), 0);
    wn_lm_free(lm);
}

static void a_disk_that_does_not_sync_keeps_the_old_file(void **state)
{
    const struct write_opts o = { .parts = 7 };
    struct wn_lm *lm = small_model();
    const char *path = scratch_file(&scratch, "model", "old", 3);
    struct wn_str kept;
    struct wn_err err;

    (void)state;
    fault_sync_left = 0;
    assert_int_equal(try_write(lm, path, &o, &err), WN_IO);
    fault_sync_left = -1;
    kept = fixture_read(path);
    assert_true(wn_str_eq(kept, WN_STR("old")));
    fixture_drop(kept);
    assert_int_equal(scratch_count(&scratch), 1);
    wn_lm_free(lm);
}

static void a_raised_flag_stops_the_writing(void **state)
{
    atomic_int stop = 1;
    struct wn_lm_room room = { .stop = &stop };
    struct wn_lm *lm = small_model();

    (void)state;
    scratch_clear(&scratch, false);
    assert_int_equal(wn_lm_write_joint(lm, lm, scratch_path(&scratch, "joint"), &room, NULL), WN_CANCELLED);
    assert_int_equal(scratch_count(&scratch), 0);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_survives_every_failed_allocation),
        cmocka_unit_test(joining_survives_every_failed_allocation),
        cmocka_unit_test(opening_survives_every_failed_allocation),
        cmocka_unit_test(a_full_disk_is_an_io_error_and_no_file),
        cmocka_unit_test(a_disk_that_does_not_sync_keeps_the_old_file),
        cmocka_unit_test(a_raised_flag_stops_the_writing),
    };

    fault_once = true;
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
