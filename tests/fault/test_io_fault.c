/* Input and output when memory or the disk runs out at the k-th call: nothing is left
 * half-written, nothing leaks (under AddressSanitizer), the status tells. */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch_group.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <winnow/reader.h>
#include <winnow/record.h>
#include <winnow/sink.h>

/* What a reader gave. */
struct seen {
    uint64_t n_records, n_lines, n_rejects;
};

/* Reads whole and parses each record; WN_END, or the failure. */
static enum wn_status read_all(const struct wn_reader_opts *opts, struct seen *seen)
{
    struct wn_fields fields = { 0 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    struct wn_err err;
    enum wn_status st = wn_reader_open(&r, opts, &err);

    *seen = (struct seen){ 0 };
    while (st == WN_OK) {
        enum wn_reason reason;
        struct wn_doc doc = { .n_lines = 0 };

        st = wn_reader_next(r, &a, &item, &err);
        if (st == WN_OK && item.kind == WN_ITEM_RECORD) {
            st = wn_record_parse(&fields, &item, &a, &doc, &reason, &err);
            seen->n_records += st == WN_OK;
        }
        seen->n_lines += doc.n_lines;
        seen->n_rejects += st == WN_OK && item.kind == WN_ITEM_REJECT;
        if (st == WN_OK && item.kind == WN_ITEM_FILE_END && item.reason != WN_R_NONE)
            st = WN_BADDATA;
    }
    wn_reader_close(r);
    wn_arena_release(&a);
    return st;
}

/* What the first reading without a failure gave. */
static struct seen survive_memory_faults(const struct wn_reader_opts *opts)
{
    enum wn_status st = WN_NOMEM;
    struct seen seen;
    int k;

    for (k = 0; st == WN_NOMEM; k++) {
        fault_memory_left = k;
        st = read_all(opts, &seen);
        fault_memory_left = -1;
        assert_true(st == WN_NOMEM || st == WN_END);
    }
    assert_true(k > 5);
    return seen;
}

static void expect_memory_faults_survived(const char *path, uint64_t n_records)
{
    const struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .digest = true };

    assert_int_equal(survive_memory_faults(&opts).n_records, n_records);
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
        const char *path = scratch_path(&scratch, names[i]);

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
    scratch_file(&scratch, "d/x.tar", box, n);
    scratch_file(&scratch, "d/e/y.jsonl", "{\"text\":\"y\"}", 12);
    expect_memory_faults_survived(scratch_path(&scratch, "d"), 3);
}

static void groups_of_plain_lines_survive_every_failing_allocation(void **state)
{
    struct wn_buf text = { 0 };
    const char *path;
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .format = WN_FORMAT_SNIFF, .group_bytes = 300,
                                   .max_doc_bytes = 400 };
    struct seen seen;
    (void)state;

    for (int i = 0; i < 60; i++) {
        for (int n = 0; n < (i == 30 ? 9000 : i); n++)
            wn_buf_addc(&text, 'x');
        wn_buf_addc(&text, '\n');
    }
    assert_int_equal(wn_buf_status(&text, NULL), WN_OK);
    path = scratch_file(&scratch, "a.txt", text.ptr, text.len);
    wn_buf_release(&text);
    seen = survive_memory_faults(&opts);
    assert_int_equal(seen.n_lines, 59);
    assert_int_equal(seen.n_rejects, 1);
}

static void writing_survives_every_failing_allocation(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        enum wn_status st = WN_NOMEM;
        struct wn_err err;

        for (int k = 0; st != WN_OK; k++) {
            scratch_clear(&scratch, false);
            fault_memory_left = k;
            st = write_records(scratch_path(&scratch, names[i]), 30, &err);
            fault_memory_left = -1;
            assert_true(st == WN_NOMEM || st == WN_OK);
            assert_int_equal(scratch_count(&scratch), st == WN_OK);
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

            scratch_clear(&scratch, false);
            fault_write_left = k;
            st = write_records(scratch_path(&scratch, names[i]), 60, &err);
            fault_write_left = -1;
            assert_true(st == WN_OK || (st == WN_IO && strstr(err.text, "No space left on device")));
            assert_int_equal(scratch_count(&scratch), st == WN_OK);
        }
        assert_true(k > 2);
    }
}

static void failing_sync_of_the_file_leaves_nothing(void **state)
{
    struct wn_err err;
    (void)state;

    fault_sync_left = 0;
    assert_int_equal(write_records(scratch_path(&scratch, "a.jsonl"), 3, &err), WN_IO);
    assert_int_equal(scratch_count(&scratch), 0);
    fault_sync_left = 1;                                  /* the folder: the file is there, whole, and it is told */
    assert_int_equal(write_records(scratch_path(&scratch, "a.jsonl"), 3, &err), WN_IO);
    fault_sync_left = -1;
    assert_non_null(strstr(err.text, "sync the folder"));
    assert_int_equal(scratch_count(&scratch), 1);
}

static void old_file_outlives_a_failed_rewrite(void **state)
{
    const char *path = scratch_file(&scratch, "a.json", "old", 3);
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
#define TEST(f) cmocka_unit_test_teardown(f, scratch_empty)
    const struct CMUnitTest tests[] = {
        TEST(reading_survives_every_failing_allocation),
        TEST(reading_folders_and_containers_survives_every_failing_allocation),
        TEST(groups_of_plain_lines_survive_every_failing_allocation),
        TEST(writing_survives_every_failing_allocation),
        TEST(full_disk_at_any_write_leaves_nothing),
        TEST(failing_sync_of_the_file_leaves_nothing),
        TEST(old_file_outlives_a_failed_rewrite),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
