/*
 * test_sweep_fault.c - memory, disk and sync fail at every call in turn: a sweep says so, keeps
 * the rows it has, and the next try ends in the same bytes.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch.h"

#include <unistd.h>

#include <winnow/policy.h>
#include <winnow/sink.h>
#include <winnow/sweep.h>

#include "cli/cmd_sweep_csv.c"
#include "cli/cmd_sweep_file.c"
#include "cli/grid.c"
#include "report/page_sweep.h"

enum { MOST_CALLS = 3000 };

static struct scratch files;
static struct wn_policy policies[2];
static const double shares[] = { 0.1, 0.4 };
static const struct wn_sweep_axis axis = { "scraped", shares, 2 };
static const char *const metrics[] = { "variance", "kept" };

static int open_files(void **state)
{
    static const char *const yaml[] = { "name: a\nregime: replace\n", "name: b\nregime: replace\nfilter: {by: tag, trust_real: false, intake: topup, "
                                        "operating_point: {tpr: 0.9, fpr: 0.01}}\n" };

    (void)state;
    for (int i = 0; i < 2; i++)
        if (wn_policy_parse(&policies[i], "p", wn_str(yaml[i]), NULL) != WN_OK)
            return -1;
    return scratch_open(&files) ? 0 : -1;
}

static int close_files(void **state)
{
    (void)state;
    scratch_clear(&files, true);
    return 0;
}

static struct wn_sweep_opts sweep(void)
{
    return (struct wn_sweep_opts){ .sim = { .engine = "gaussian", .policies = policies, .n_policies = 2, .generations = 3,
                                            .replicates = 3, .n = 20 },
                                   .axis = &axis, .n_axes = 1, .metric = metrics, .n_metrics = 2 };
}

static enum wn_status keep(void *arg, struct wn_str row, struct wn_err *err)
{
    wn_buf_add(arg, row);
    return wn_buf_status(arg, err);
}

static enum wn_status sweep_to(struct wn_buf *out, struct wn_err *err)
{
    struct wn_sweep_opts o = sweep();
    enum wn_status st = wn_sweep_check(&o, NULL, err);

    if (st == WN_OK)
        st = wn_sweep_header(&o, out, err);
    return st == WN_OK ? wn_sweep(&o, keep, out, NULL, err) : st;
}

static enum wn_status read_page(const struct wn_buf *text, struct wn_buf *out, struct wn_err *err)
{
    struct wn_arena arena = { 0 };
    struct page p = { out, &arena, err };
    struct summary s = { .name = "s" };
    enum wn_status st = page_sweep_parse(&s.root, wn_buf_str(text), err);

    if (st == WN_OK)
        st = page_sweep(&p, &s, 0);
    if (st == WN_OK)
        st = wn_buf_status(out, err);
    wn_jsonval_free(s.root);
    wn_arena_release(&arena);
    return st;
}

static void a_sweep_survives_every_failed_allocation(void **state)
{
    struct wn_buf want = { 0 }, got = { 0 };
    struct wn_err err = { WN_OK, "" };
    enum wn_status st = WN_NOMEM;
    int k;

    (void)state;
    assert_int_equal(sweep_to(&want, &err), WN_OK);
    for (k = 0; st != WN_OK && k < MOST_CALLS; k++) {
        wn_buf_release(&got);
        fault_memory_left = k;
        st = sweep_to(&got, &err);
        fault_memory_left = -1;
        if (st != WN_OK && (st != WN_NOMEM || !err.text[0]))
            fail_msg("allocation %d: status %d: %s", k, (int)st, err.text);
    }
    assert_int_equal(st, WN_OK);
    assert_true(k > 20);
    assert_true(wn_str_eq(wn_buf_str(&want), wn_buf_str(&got)));
    wn_buf_release(&want);
    wn_buf_release(&got);
}

static void a_page_and_csv_survive_every_failed_allocation(void **state)
{
    struct wn_buf text = { 0 }, want = { 0 }, got = { 0 }, csv = { 0 };
    struct wn_err err = { WN_OK, "" };
    enum wn_status st = WN_NOMEM;
    struct sweep_csv columns = { .n_axes = 0 };
    struct wn_str header;

    (void)state;
    assert_int_equal(sweep_to(&text, &err), WN_OK);
    assert_int_equal(read_page(&text, &want, &err), WN_OK);
    for (int k = 0; st != WN_OK && k < MOST_CALLS; k++) {
        wn_buf_release(&got);
        fault_memory_left = k;
        st = read_page(&text, &got, &err);
        fault_memory_left = -1;
        /* cJSON does not tell a lack of memory from text that is no JSON */
        if (st != WN_OK && st != WN_NOMEM && st != WN_BADDATA)
            fail_msg("allocation %d: status %d: %s", k, (int)st, err.text);
    }
    assert_true(wn_str_eq(wn_buf_str(&want), wn_buf_str(&got)));
    header = (struct wn_str){ text.ptr, strcspn(text.ptr, "\n") };
    st = WN_NOMEM;
    for (int k = 0; st != WN_OK && k < MOST_CALLS; k++) {
        sweep_csv_release(&columns);
        wn_buf_release(&csv);
        fault_memory_left = k;
        st = sweep_csv_header(&columns, header, &csv, &err);
        fault_memory_left = -1;
    }
    assert_int_equal(st, WN_OK);
    assert_int_equal(columns.n_axes, 1);
    sweep_csv_release(&columns);
    wn_buf_release(&csv);
    wn_buf_release(&text);
    wn_buf_release(&want);
    wn_buf_release(&got);
}

/* A whole run into a file; what failed is tried again, until it is there. */
static enum wn_status sweep_file_once(const char *path, struct wn_err *err)
{
    struct wn_sweep_opts o = sweep();
    struct wn_buf header = { 0 }, rows = { 0 };
    struct sweep_file *f = NULL;
    uint64_t n_rows = 0;
    enum wn_status st = wn_sweep_header(&o, &header, err);

    if (st == WN_OK)
        st = sweep_file_open(&f, path, wn_buf_str(&header), false, &n_rows, err);
    o.first_cell = n_rows;
    if (st == WN_OK)
        st = wn_sweep(&o, keep, &rows, NULL, err);
    if (st == WN_OK)
        st = sweep_file_add(f, wn_buf_str(&rows), err);
    if (st == WN_OK)
        st = sweep_file_publish(f, false, err);
    sweep_file_close(f);
    wn_buf_release(&header);
    wn_buf_release(&rows);
    return st;
}

static void expect_file(int *left, enum wn_status want_failure)
{
    const char *path = scratch_path(&files, "out.jsonl");
    struct wn_buf want = { 0 }, got = { 0 };
    struct wn_err err = { WN_OK, "" };
    enum wn_status st = WN_NOMEM;

    assert_int_equal(sweep_to(&want, &err), WN_OK);
    unlink(path);
    for (int k = 0; st != WN_OK && k < MOST_CALLS; k++) {
        *left = k;
        st = sweep_file_once(path, &err);
        *left = -1;
        if (st != WN_OK && (st != want_failure || !err.text[0]))
            fail_msg("call %d: status %d: %s", k, (int)st, err.text);
        /* Only where the last step, syncing the folder, fails is the output there. */
        if (st != WN_OK && access(path, F_OK) == 0 && !strstr(err.text, "sync the folder"))
            fail_msg("call %d: an output after '%s'", k, err.text);
    }
    assert_int_equal(st, WN_OK);
    assert_int_equal(wn_file_read(path, 1 << 20, &got, &err), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&want), wn_buf_str(&got)));
    wn_buf_release(&want);
    wn_buf_release(&got);
}

static void a_file_survives_every_failed_allocation(void **state)
{
    (void)state;
    expect_file(&fault_memory_left, WN_NOMEM);
}

static void a_file_survives_a_full_disk(void **state)
{
    (void)state;
    expect_file(&fault_write_left, WN_IO);
}

static void a_file_survives_a_disk_that_does_not_sync(void **state)
{
    (void)state;
    expect_file(&fault_sync_left, WN_IO);
}

static void a_list_survives_every_failed_allocation(void **state)
{
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (int k = 0; st != WN_OK; k++) {
        struct grid_values g = { NULL, 0, 0 };
        struct wn_err err = { WN_OK, "" };

        fault_memory_left = k;
        st = grid_parse(&g, "--x", "1,2:40:1,0.1:1:x5", false, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? g.n == 45 : st == WN_NOMEM);
        assert_true(k < 20);
        grid_release(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_survives_every_failed_allocation),
        cmocka_unit_test(a_page_and_csv_survive_every_failed_allocation),
        cmocka_unit_test(a_file_survives_every_failed_allocation),
        cmocka_unit_test(a_file_survives_a_full_disk),
        cmocka_unit_test(a_file_survives_a_disk_that_does_not_sync),
        cmocka_unit_test(a_list_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, open_files, close_files);
}
