/* Plain lines in groups, while every allocation fails once. */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch.h"

#include <winnow/record.h>

static struct scratch dir;

static int setup(void **state)
{
    (void)state;
    return scratch_open(&dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    scratch_clear(&dir, true);
    return 0;
}

/* Reads PATH; WN_END, or the failure. */
static enum wn_status read_all(const char *path, uint64_t *n_lines, uint64_t *n_rejects)
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .format = WN_FORMAT_SNIFF, .group_bytes = 300,
                                   .max_doc_bytes = 400 };
    struct wn_fields fields = { 0 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    struct wn_err err;
    enum wn_status st = wn_reader_open(&r, &opts, &err);

    *n_lines = *n_rejects = 0;
    while (st == WN_OK) {
        enum wn_reason reason;
        struct wn_doc doc = { .n_lines = 0 };

        st = wn_reader_next(r, &a, &item, &err);
        if (st == WN_OK && item.kind == WN_ITEM_RECORD)
            st = wn_record_parse(&fields, &item, &a, &doc, &reason, &err);
        *n_lines += doc.n_lines;
        *n_rejects += st == WN_OK && item.kind == WN_ITEM_REJECT;
    }
    wn_reader_close(r);
    wn_arena_release(&a);
    return st;
}

static void groups_survive_every_failing_allocation(void **state)
{
    struct wn_buf text = { 0 };
    enum wn_status st = WN_NOMEM;
    uint64_t n_lines = 0, n_rejects = 0;
    const char *path;
    int k;
    (void)state;

    for (int i = 0; i < 60; i++) {
        for (int n = 0; n < (i == 30 ? 9000 : i); n++)
            wn_buf_addc(&text, 'x');
        wn_buf_addc(&text, '\n');
    }
    assert_int_equal(wn_buf_status(&text, NULL), WN_OK);
    path = scratch_file(&dir, "a.txt", text.ptr, text.len);
    wn_buf_release(&text);
    for (k = 0; st == WN_NOMEM; k++) {
        fault_memory_left = k;
        st = read_all(path, &n_lines, &n_rejects);
        fault_memory_left = -1;
        assert_true(st == WN_NOMEM || st == WN_END);
    }
    assert_int_equal(n_lines, 59);
    assert_int_equal(n_rejects, 1);
    assert_true(k > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(groups_survive_every_failing_allocation) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
