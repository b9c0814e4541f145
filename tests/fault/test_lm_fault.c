/*
 * test_lm_fault.c - memory runs out at every allocation in turn; nothing leaks, nothing
 * is half done, and the next try succeeds.
 */
#include "unit/lm_texts.h"

#include "support/fault.h"
#include "support/words.h"

#include <sys/types.h>
#include <unistd.h>

#include <winnow/lmsample.h>

/* Enough words that every table grows at least once. */
static struct wn_str many_words(struct wn_buf *out)
{
    return words_text(out, "word", 6000, 1500);
}

static struct wn_counts *good_counts(struct wn_str text)
{
    return fixture_counts(text, 3, WN_TOK_WHITESPACE);
}

static void counting_survives_every_failed_allocation(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_str text = many_words(&b);
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        struct wn_counts *c;
        struct wn_err err;

        fault_memory_left = k;
        st = wn_counts_new(&c, 3, WN_TOK_WHITESPACE, &err);
        if (st == WN_OK)
            st = wn_counts_add_text(c, text, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        wn_counts_free(c);
        assert_true(k < 1000);
    }
    wn_buf_release(&b);
}

/* A sentence that failed left no trace: counting it again gives the usual model. */
static void a_failed_sentence_can_be_counted_again(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_str text = many_words(&b), line;
    struct wn_counts *good = good_counts(text), *c;
    struct wn_lm *a, *again;

    (void)state;
    assert_int_equal(wn_counts_new(&c, 3, WN_TOK_WHITESPACE, NULL), WN_OK);
    while (texts_line(&text, &line)) {
        enum wn_status st = WN_NOMEM;

        if (line.len == 0)
            assert_int_equal(wn_counts_add_text(c, WN_STR("\n"), NULL), WN_OK);
        for (long k = 0; line.len > 0 && st != WN_OK; k++) {
            fault_memory_left = k;
            st = wn_counts_add_text(c, line, NULL);
            fault_memory_left = -1;
        }
    }
    assert_int_equal(wn_lm_estimate(&a, good, NULL, NULL, NULL), WN_OK);
    assert_int_equal(wn_lm_estimate(&again, c, NULL, NULL, NULL), WN_OK);
    assert_true(wn_str_eq(wn_lm_image(a), wn_lm_image(again)));
    wn_lm_free(a);
    wn_lm_free(again);
    wn_counts_free(good);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void merging_is_whole_or_not_at_all(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_str text = many_words(&b);
    struct wn_counts *from = good_counts(text), *into = good_counts(WN_STR("x y\nz\n"));
    uint64_t tokens = wn_counts_tokens(into), types = wn_counts_types(into);
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_counts_merge(into, from, NULL);
        fault_memory_left = -1;
        if (st == WN_OK)
            break;
        assert_int_equal(st, WN_NOMEM);
        assert_int_equal(wn_counts_tokens(into), tokens);
        assert_int_equal(wn_counts_types(into), types);
    }
    assert_int_equal(wn_counts_tokens(into), tokens + wn_counts_tokens(from));
    wn_counts_free(from);
    wn_counts_free(into);
    wn_buf_release(&b);
}

static void estimating_survives_every_failed_allocation(void **state)
{
    static const struct wn_lm_opts opts = { .prune = { 3, 3, 3 } };
    struct wn_buf b = { 0 };
    struct wn_counts *c = good_counts(many_words(&b));
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        struct wn_lm *lm;

        fault_memory_left = k;
        st = wn_lm_estimate(&lm, c, &opts, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? lm != NULL : st == WN_NOMEM && lm == NULL);
        wn_lm_free(lm);
        assert_true(k < 1000);
    }
    wn_counts_free(c);
    wn_buf_release(&b);
}

static enum wn_status collect(void *arg, struct wn_str bytes, struct wn_err *err)
{
    (void)err;
    *(size_t *)arg += bytes.len;
    return WN_OK;
}

/* View, export, sample: everything that allocates and reads a model. */
static enum wn_status use_image(struct wn_str image)
{
    struct wn_sampler_scratch *w = NULL;
    struct wn_sampler *s = NULL;
    size_t n = 0;
    struct wn_lm *lm;
    enum wn_status st = wn_lm_view(&lm, image, "image", NULL);

    if (st == WN_OK)
        st = wn_lm_arpa(lm, collect, &n, NULL);
    if (st == WN_OK)
        st = wn_sampler_new(&s, lm, NULL);
    if (st == WN_OK) {
        w = wn_sampler_scratch_new(s);
        st = w ? WN_OK : WN_NOMEM;
    }
    wn_sampler_scratch_free(w);
    wn_sampler_free(s);
    wn_lm_free(lm);
    return st;
}

static void using_a_model_survives_every_failed_allocation(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c = good_counts(many_words(&b));
    enum wn_status st = WN_NOMEM;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_estimate(&lm, c, NULL, NULL, NULL), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = use_image(wn_lm_image(lm));
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_true(k < 1000);
    }
    wn_lm_free(lm);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void tokenizing_survives_every_failed_allocation(void **state)
{
    struct wn_buf b = { 0 };
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (unsigned i = 0; i < 3000; i++)
        wn_buf_addz(&b, "Wort1 ");
    for (long k = 0; st != WN_OK; k++) {
        struct wn_arena a = { 0 };
        struct wn_tokens t;

        fault_memory_left = k;
        st = wn_tokenize(WN_TOK_FOLDED, wn_buf_str(&b), &a, &t, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        wn_arena_release(&a);
    }
    wn_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_survives_every_failed_allocation),
        cmocka_unit_test(a_failed_sentence_can_be_counted_again),
        cmocka_unit_test(merging_is_whole_or_not_at_all),
        cmocka_unit_test(estimating_survives_every_failed_allocation),
        cmocka_unit_test(using_a_model_survives_every_failed_allocation),
        cmocka_unit_test(tokenizing_survives_every_failed_allocation),
    };
    fault_once = true;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
