/*
 * test_scorer_fault.c - memory runs out at every allocation in turn: scoring fails by status,
 * nothing leaks, and the scorer can be used for other texts.
 */
#include "unit/lm_tables_fixture.h"

#include "support/fault.h"
#include "support/words.h"

#include <winnow/lmscore.h>

static enum wn_status score(const struct wn_lm *lm, struct wn_str text, struct wn_lm_sum *sum, struct wn_err *err)
{
    struct wn_scorer_opts opts = { .per_token = true };
    struct wn_scorer *s;
    enum wn_status st = wn_scorer_new(&s, lm, &opts, err);

    sum[0] = sum[1] = (struct wn_lm_sum){ 0 };
    if (st == WN_OK)
        st = wn_scorer_add(s, text, sum, err);
    if (st == WN_OK)
        st = wn_scorer_flush(s, err);
    if (s && st != WN_OK) {                     /* what failed is forgotten; the next text counts */
        struct wn_lm_sum again[2] = { { 0 } };

        fault_memory_left = -1;
        wn_scorer_clear(s);
        assert_int_equal(wn_scorer_add(s, WN_STR("Word1 Word2"), again, NULL), WN_OK);
        assert_int_equal(wn_scorer_flush(s, NULL), WN_OK);
        assert_int_equal(again[0].n_tokens, 3);
        assert_int_equal(again[1].n_tokens, wn_lm_models(lm) == 2 ? 3 : 0);
    }
    wn_scorer_free(s);
    return st;
}

static void fail_everywhere(const struct wn_lm *lm, struct wn_str text)
{
    struct wn_lm_sum want[2], got[2];
    enum wn_status st = WN_NOMEM;

    assert_int_equal(score(lm, text, want, NULL), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        struct wn_err err = { 0 };

        fault_memory_left = k;
        st = score(lm, text, got, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_true(st == WN_OK || strstr(err.text, "out of memory"));
        assert_true(k < 1000);
    }
    assert_memory_equal(want, got, sizeof(want));
}

static void scoring_survives_every_failed_allocation(void **state)
{
    static const enum wn_tokenizer tokenizers[] = { WN_TOK_WHITESPACE, WN_TOK_FOLDED };
    struct wn_buf b = { 0 };
    struct wn_str text = words_text(&b, "Word", 3000, 37);    /* more than a batch: some are scored before the end */

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct wn_lm *lm = fixture_model(text, 3, tokenizers[i], NULL);
        struct tables t;

        fail_everywhere(lm, text);
        tables_make(&t, lm, NULL, TABLES_EXACT, 0.8);
        fail_everywhere(&t.lm, text);
        tables_release(&t);
        tables_make(&t, lm, lm, TABLES_JOINT, 0.8);
        t.lm.unk_extends = true;                    /* one batch for each model */
        fail_everywhere(&t.lm, text);
        tables_release(&t);
        wn_lm_free(lm);
    }
    wn_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scoring_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
