/*
 * test_arpa_fault.c - memory, disk or input fail at every call in turn while ARPA files are
 * read and written; nothing leaks, nothing half done stays.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch_group.h"
#include "unit/lm_arpa_source.h"

/* Of a read, so that there are some. */
enum { READ_BYTES = 4096 };

/* Trigrams in no order, some twice, and most of the bigrams below them missing. */
static struct wn_str unruly_file(struct wn_buf *out)
{
    wn_buf_addz(out, "\\data\\\nngram 1=403\nngram 2=2\nngram 3=600\n\n\\1-grams:\n-1\t<unk>\n-99\t<s>\t-1\n-1\t</s>\n");
    for (unsigned i = 0; i < 400; i++)
        wn_buf_addf(out, "-2.%u\tword-number-%u\t-0.%u\n", i, i, i);
    wn_buf_addz(out, "\n\\2-grams:\n-1\tword-number-9 word-number-8\t-0.5\n-1\tword-number-7 word-number-8\n\n\\3-grams:\n");
    for (unsigned i = 0; i < 600; i++)
        wn_buf_addf(out, "-1\tword-number-%u word-number-%u word-number-%u\n", i % 7, i * 31 % 400, i * 17 % 5);
    wn_buf_addz(out, "\n\\end\\\n");
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
}

/* FAILS_AT: which read fails, from 1 on; 0: none. */
static enum wn_status import(struct wn_str text, long fails_at)
{
    struct arpa_source s = { text, READ_BYTES, fails_at };
    struct wn_err err = { 0 };
    struct wn_lm *lm;
    enum wn_status st = wn_lm_import_from(&lm, arpa_source_read, &s, "x.arpa", NULL, NULL, &err);

    assert_true((st == WN_OK) == (lm != NULL));
    assert_true((st == WN_OK) == (err.text[0] == '\0'));
    wn_lm_free(lm);
    return st;
}

static void reading_survives_every_failed_allocation(void **state)
{
    struct wn_buf text = { 0 };
    enum wn_status st = WN_NOMEM;
    long k;

    (void)state;
    unruly_file(&text);
    for (k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = import(wn_buf_str(&text), 0);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_true(k < 2000);
    }
    assert_true(k > 20);
    wn_buf_release(&text);
}

static void a_broken_input_is_its_own_error(void **state)
{
    struct wn_buf text = { 0 };
    enum wn_status st = WN_IO;
    long k;

    (void)state;
    unruly_file(&text);
    for (k = 0; st != WN_OK; k++) {
        st = import(wn_buf_str(&text), k + 1);
        assert_true(st == WN_OK || st == WN_IO);
        assert_true(k < 100);
    }
    assert_true(k > 5);
    wn_buf_release(&text);
}

/* LEFT: which calls fail, one after the other. */
static void check_writing(int *left, enum wn_status failure)
{
    struct wn_buf text = { 0 };
    enum wn_status st = failure;
    int k;

    unruly_file(&text);
    for (k = 0; st != WN_OK; k++) {
        const char *path = scratch_path(&scratch, "out.arpa");

        *left = k;
        st = arpa_source_write((struct arpa_source){ wn_buf_str(&text), READ_BYTES, 0 }, path);
        *left = -1;
        assert_true(st == WN_OK || st == failure);
        assert_int_equal(scratch_count(&scratch), st == WN_OK);
        assert_true(k < 2000);
    }
    assert_true(k > 1);
    scratch_clear(&scratch, false);
    wn_buf_release(&text);
}

static void a_file_that_fails_is_not_there(void **state)
{
    (void)state;
    check_writing(&fault_write_left, WN_IO);
    check_writing(&fault_memory_left, WN_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_survives_every_failed_allocation),
        cmocka_unit_test(a_broken_input_is_its_own_error),
        cmocka_unit_test(a_file_that_fails_is_not_there),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
