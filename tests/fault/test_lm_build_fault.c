/*
 * test_lm_build_fault.c - memory runs out at every allocation of an estimate in turn: a named
 * failure, nothing leaks, no half file is left, and the next try succeeds.
 */
#include "support/cm.h"
#include "support/fault.h"
#include "support/scratch_group.h"

#include <unistd.h>

#include <winnow/lmbuild.h>

#include "lm/lm_join.h"

static struct wn_counts *counts_of(unsigned n_tokens, unsigned n_words)
{
    struct wn_counts *c;
    struct wn_buf b = { 0 };

    for (unsigned i = 0; i < n_tokens; i++)
        wn_buf_addf(&b, "w%u%c", i * i % n_words, i % 17 ? ' ' : '\n');
    assert_int_equal(wn_buf_status(&b, NULL), WN_OK);
    assert_int_equal(wn_counts_new(&c, 4, WN_TOK_WHITESPACE, NULL), WN_OK);
    assert_int_equal(wn_counts_add_text(c, wn_buf_str(&b), NULL), WN_OK);
    wn_buf_release(&b);
    return c;
}

/* Until it succeeds; every STEP-th call fails. */
static void try_estimate(const struct wn_counts *c, const struct wn_lm_opts *opts, long step)
{
    enum wn_status st = WN_NOMEM;

    for (long k = 0; st != WN_OK; k += step) {
        struct wn_lm *lm;
        struct wn_err err;

        fault_memory_left = k;
        st = wn_lm_estimate(&lm, c, opts, NULL, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_int_equal(st == WN_OK, lm != NULL);
        wn_lm_free(lm);
        assert_true(k < 20000);
    }
}

static void an_estimate_survives_every_failed_allocation(void **state)
{
    struct wn_counts *c = counts_of(900, 211);
    struct wn_tokens limit = { (struct wn_str[]){ WN_STR("w1"), WN_STR("w4"), WN_STR("w9") }, 3 };
    struct wn_lm_opts opts = { .prune = { 0, 1, 1, 1 }, .limit_vocab = &limit };

    (void)state;
    for (int once = 0; once <= 1; once++) {
        fault_once = once;
        try_estimate(c, NULL, 1);
        try_estimate(c, &opts, 1);
    }
    fault_once = false;
    wn_counts_free(c);
}

static void an_estimate_on_disk_survives_failed_allocations(void **state)
{
    struct wn_counts *c = counts_of(120000, 4001);
    struct wn_lm_opts opts = { .room = { .memory_bytes = UINT64_C(16) << 20, .tmp_dir = scratch.dir } };

    (void)state;
    try_estimate(c, &opts, 9);
    assert_int_equal(scratch_count(&scratch), 0);
    wn_counts_free(c);
}

/* A worker's lanes are there or not, never in part: another part of the same order may come to
 * the worker whose allocation just failed. */
static void a_worker_without_lanes_gets_them_the_next_time(void **state)
{
    const struct lm_packing packing = { .order = 4, .bits = 8, .per = 4, .stride = 1 };
    const struct lm_route route = { .n_parts = 3 };
    const struct lm_part part = { .packing = &packing };
    const struct lm_nodes nodes = { 0 };
    uint32_t count[9] = { 0 }, seed[3] = { 0 };
    struct lm_mail mail;

    (void)state;
    assert_int_equal(lm_mail_open(&mail, 3, 16, &packing, &route, count, seed, true, scratch.dir, NULL), WN_OK);
    fault_once = true;
    for (int k = 0; k < 4; k++) {                /* cursors, lanes, how full, how far */
        struct lm_bench b = { 0 };

        fault_memory_left = k;
        assert_int_equal(lm_mail_send(&mail, 0, &part, &nodes, &b, NULL), WN_NOMEM);
        assert_int_equal(fault_memory_left, -1);
        assert_int_equal(lm_mail_send(&mail, 0, &part, &nodes, &b, NULL), WN_OK);
        lm_bench_release(&b);
    }
    fault_once = false;
    lm_mail_close(&mail);
}

/* Each file is whole or not there; the first may be done when the second fails. */
static void a_build_leaves_no_half_files(void **state)
{
    struct wn_lm_output to = { .arpa = scratch_path(&scratch, "x.arpa"), .model = scratch_path(&scratch, "x.wlm") };
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        struct wn_counts *c = counts_of(400, 101);
        int whole;

        fault_memory_left = k;
        st = wn_lm_build(c, NULL, &to, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        whole = (access(to.arpa, F_OK) == 0) + (access(to.model, F_OK) == 0);
        assert_int_equal(scratch_count(&scratch), whole);
        assert_true(st != WN_OK || whole == 2);
        scratch_clear(&scratch, false);
        wn_counts_free(c);
        assert_true(k < 20000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_estimate_survives_every_failed_allocation),
        cmocka_unit_test(an_estimate_on_disk_survives_failed_allocations),
        cmocka_unit_test(a_worker_without_lanes_gets_them_the_next_time),
        cmocka_unit_test(a_build_leaves_no_half_files),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
