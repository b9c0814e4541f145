/* Input and output when memory or the disk runs out at the k-th call: nothing is left
 * half-written, nothing leaks (under AddressSanitizer), the status tells. */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <winnow/reader.h>
#include <winnow/record.h>
#include <winnow/sink.h>

static struct scratch dir;

static int setup(void **state)
{
    (void)state;
    return scratch_open(&dir) ? 0 : -1;
}

static int clear(void **state)
{
    (void)state;
    scratch_clear(&dir, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_clear(&dir, true);
    return 0;
}

/* Reads PATH whole and parses each record; WN_END, or the failure. */
static enum wn_status read_all(const char *path, int *n_records)
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .digest = true };
    struct wn_fields fields = { 0 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    struct wn_err err;
    enum wn_status st = wn_reader_open(&r, &opts, &err);

    *n_records = 0;
    while (st == WN_OK) {
        enum wn_reason reason;
        struct wn_doc doc;

        st = wn_reader_next(r, &a, &item, &err);
        if (st == WN_OK && item.kind == WN_ITEM_RECORD) {
            st = wn_record_parse(&fields, &item, &a, &doc, &reason, &err);
            *n_records += st == WN_OK;
        }
        if (st == WN_OK && item.kind == WN_ITEM_FILE_END && item.reason != WN_R_NONE)
            st = WN_BADDATA;
    }
    wn_reader_close(r);
    wn_arena_release(&a);
    return st;
}

static void expect_memory_faults_survived(const char *path, int n_records)
{
    enum wn_status st = WN_NOMEM;
    int k, n = 0;

    for (k = 0; st == WN_NOMEM; k++) {
        fault_memory_left = k;
        st = read_all(path, &n);
        fault_memory_left = -1;
        assert_true(st == WN_NOMEM || st == WN_END);
    }
    assert_int_equal(n, n_records);
    assert_true(k > 5);
}

/* N records of growing length, one of them with escapes. */
static enum wn_status write_records(const char *path, int n, struct wn_err *err)
{
    struct wn_sink *s;
    struct wn_buf line = { 0 };
    enum wn_status st = wn_sink_open(&s, path, NULL, err);

    for (int i = 0; i < n && st == WN_OK; i++) {
        wn_buf_reset(&line);
        wn_buf_addf(&line, "{\"text\":\"%s", i % 3 ? "" : "\\u00e9");
        for (int k = 0; k < i * 700; k++)
            wn_buf_addc(&line, (char)('a' + k % 23));
        wn_buf_addz(&line, "\"}\n");
        st = wn_buf_status(&line, err);
        if (st == WN_OK)
            st = wn_sink_write(s, wn_buf_str(&line), err);
        if (st == WN_OK && i == n / 2)
            st = wn_sink_mark(s, err);
    }
    if (st == WN_OK)
        st = wn_sink_publish(s, err);
    wn_sink_close(s);
    wn_buf_release(&line);
    return st;
}

static void reading_survives_every_failing_allocation(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        const char *path = scratch_path(&dir, names[i]);

        assert_int_equal(write_records(path, 40, NULL), WN_OK);
        expect_memory_faults_survived(path, 40);
    }
}

static void reading_folders_and_containers_survives_every_failing_allocation(void **state)
{
    static char box[16384];
    struct archive *a = archive_write_new();
    size_t n = 0;
    (void)state;

    archive_write_set_format_ustar(a);
    archive_write_open_memory(a, box, sizeof(box), &n);
    for (int i = 0; i < 2; i++) {
        struct archive_entry *e = archive_entry_new();

        archive_entry_set_pathname(e, i ? "b.txt" : "a.jsonl");
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, 12);
        archive_write_header(a, e);
        archive_write_data(a, "{\"text\":\"\"}\n", 12);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    scratch_file(&dir, "d/x.tar", box, n);
    scratch_file(&dir, "d/e/y.jsonl", "{\"text\":\"y\"}", 12);
    expect_memory_faults_survived(scratch_path(&dir, "d"), 3);
}

static void writing_survives_every_failing_allocation(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        enum wn_status st = WN_NOMEM;
        struct wn_err err;

        for (int k = 0; st != WN_OK; k++) {
            scratch_clear(&dir, false);
            fault_memory_left = k;
            st = write_records(scratch_path(&dir, names[i]), 30, &err);
            fault_memory_left = -1;
            assert_true(st == WN_NOMEM || st == WN_OK);
            assert_int_equal(scratch_count(&dir), st == WN_OK);
        }
    }
}

static void full_disk_at_any_write_leaves_nothing(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        enum wn_status st = WN_IO;
        int k;

        for (k = 0; st != WN_OK; k++) {
            struct wn_err err;

            scratch_clear(&dir, false);
            fault_write_left = k;
            st = write_records(scratch_path(&dir, names[i]), 60, &err);
            fault_write_left = -1;
            assert_true(st == WN_OK || (st == WN_IO && strstr(err.text, "No space left on device")));
            assert_int_equal(scratch_count(&dir), st == WN_OK);
        }
        assert_true(k > 2);
    }
}

static void failing_sync_of_the_file_leaves_nothing(void **state)
{
    struct wn_err err;
    (void)state;

    fault_sync_left = 0;
    assert_int_equal(write_records(scratch_path(&dir, "a.jsonl"), 3, &err), WN_IO);
    assert_int_equal(scratch_count(&dir), 0);
    fault_sync_left = 1;                                  /* the folder: the file is there, whole, and it is told */
    assert_int_equal(write_records(scratch_path(&dir, "a.jsonl"), 3, &err), WN_IO);
    fault_sync_left = -1;
    assert_non_null(strstr(err.text, "sync the folder"));
    assert_int_equal(scratch_count(&dir), 1);
}

static void old_file_outlives_a_failed_rewrite(void **state)
{
    const char *path = scratch_file(&dir, "a.json", "old", 3);
    struct wn_buf b = { 0 };
    (void)state;

    fault_write_left = 0;
    assert_int_equal(wn_file_publish(path, WN_STR("new"), NULL), WN_IO);
    fault_write_left = -1;
    assert_int_equal(wn_file_read(path, 100, &b, NULL), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&b), WN_STR("old")));
    wn_buf_release(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {
        TEST(reading_survives_every_failing_allocation),
        TEST(reading_folders_and_containers_survives_every_failing_allocation),
        TEST(writing_survives_every_failing_allocation),
        TEST(full_disk_at_any_write_leaves_nothing),
        TEST(failing_sync_of_the_file_leaves_nothing),
        TEST(old_file_outlives_a_failed_rewrite),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
