/*
 * test_arpa_fault.c - memory, disk or input fail at every call in turn while ARPA files are
 * read and written; nothing leaks, nothing half done stays.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch.h"

#include <winnow/lmbuild.h>

#include "lm/lm_arpa.h"
#include "lm/lm_arpa_read.h"

struct source {
    struct wn_str left;
    long fail_at;              /* the read that fails; -1: none */
};

static enum wn_status read_source(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    struct source *s = arg;

    if (s->fail_at >= 0 && s->fail_at-- == 0)
        return wn_fail(err, WN_IO, "cannot read 'x.arpa': broken");
    *got = s->left.len < room ? s->left.len : room;
    *got = *got < 4096 ? *got : 4096;
    memcpy(to, s->left.ptr, *got);
    s->left = (struct wn_str){ s->left.ptr + *got, s->left.len - *got };
    return WN_OK;
}

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

static enum wn_status import(struct wn_str text, long fail_read_at)
{
    struct source s = { text, fail_read_at };
    struct wn_err err = { 0 };
    struct wn_lm *lm;
    enum wn_status st = wn_lm_import_from(&lm, read_source, &s, "x.arpa", NULL, NULL, &err);

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
        st = import(wn_buf_str(&text), -1);
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
        st = import(wn_buf_str(&text), k);
        assert_true(st == WN_OK || st == WN_IO);
        assert_true(k < 100);
    }
    assert_true(k > 5);
    wn_buf_release(&text);
}

static enum wn_status write_to(const char *path, struct wn_str text)
{
    static const struct wn_arpa_opts opts = { 0 };
    struct source s = { text, -1 };
    struct lm_arpa_writer *w;
    enum wn_status st = lm_arpa_writer_to_path(&w, path, NULL);

    assert_true((st == WN_OK) == (w != NULL));
    if (st == WN_OK) {
        struct lm_consumer consumer = lm_arpa_writer_consumer(w);
        const struct lm_consumer *list[] = { &consumer };

        st = lm_arpa_read(read_source, &s, "x.arpa", &opts, NULL, list, 1, NULL);
    }
    lm_arpa_writer_free(w);
    return st;
}

/* LEFT: which calls fail, one after the other. */
static void check_writing(struct scratch *s, int *left, enum wn_status failure)
{
    struct wn_buf text = { 0 };
    enum wn_status st = failure;
    int k;

    unruly_file(&text);
    for (k = 0; st != WN_OK; k++) {
        const char *path = scratch_path(s, "out.arpa");

        *left = k;
        st = write_to(path, wn_buf_str(&text));
        *left = -1;
        assert_true(st == WN_OK || st == failure);
        assert_int_equal(scratch_count(s), st == WN_OK);
        assert_true(k < 2000);
    }
    assert_true(k > 1);
    scratch_clear(s, false);
    wn_buf_release(&text);
}

static void a_file_that_fails_is_not_there(void **state)
{
    check_writing(*state, &fault_write_left, WN_IO);
    check_writing(*state, &fault_memory_left, WN_NOMEM);
}

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));

    *state = s;
    return s && scratch_open(s) ? 0 : -1;
}

static int tear_down(void **state)
{
    scratch_clear(*state, true);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_survives_every_failed_allocation),
        cmocka_unit_test(a_broken_input_is_its_own_error),
        cmocka_unit_test_setup_teardown(a_file_that_fails_is_not_there, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
