#include "support/cm.h"

#include <winnow/flow.h>

/* A run over the numbers 0..n-1: work squares them, write notes them. */
struct probe {
    uint64_t n, next;
    int64_t fail_read, fail_work, fail_write;   /* at which number; -1: never */
    uint64_t written[4096];
    size_t n_written;
    atomic_int *stop;
};

static enum wn_status probe_read(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct probe *p = ctx;
    uint64_t *x;

    if (p->next == p->n)
        return WN_END;
    if ((int64_t)p->next == p->fail_read)
        return wn_fail(err, WN_IO, "read %d", (int)p->next);
    x = wn_arena_alloc(&b->arena, sizeof(*x));
    *x = p->next++;
    b->data = x;
    return WN_OK;
}

static enum wn_status probe_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct probe *p = ctx;
    uint64_t *x = b->data;
    char *scratch = wn_arena_alloc(b->scratch, 100);

    memset(scratch, 1, 100);
    for (volatile unsigned spin = 0; spin < (*x * 7919) % 5000; spin++)
        ;                                       /* batches finish out of order */
    /* Later batches fail too: only the first in input order may be reported. */
    if (p->fail_work >= 0 && (int64_t)*x >= p->fail_work)
        return wn_fail(err, WN_BADDATA, "work %d", (int)*x);
    *x *= *x;
    return WN_OK;
}

static enum wn_status probe_write(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct probe *p = ctx;

    if ((int64_t)p->n_written == p->fail_write)
        return wn_fail(err, WN_IO, "write %d", (int)p->n_written);
    p->written[p->n_written++] = *(uint64_t *)b->data;
    if (p->stop && p->n_written == 10)
        atomic_store(p->stop, 1);
    return WN_OK;
}

static const struct wn_flow flow = { probe_read, probe_work, probe_write };

static struct probe fresh(uint64_t n)
{
    return (struct probe){ .n = n, .fail_read = -1, .fail_work = -1, .fail_write = -1 };
}

static void output_is_in_input_order_for_any_jobs(void **state)
{
    static const unsigned jobs[] = { 1, 2, 4, 13 };

    (void)state;
    for (size_t j = 0; j < 4; j++) {
        struct probe p = fresh(1000);
        struct wn_err err = { 0 };

        assert_int_equal(wn_flow_run(&flow, &p, jobs[j], NULL, &err), WN_OK);
        assert_int_equal(p.n_written, 1000);
        for (uint64_t i = 0; i < 1000; i++)
            assert_true(p.written[i] == i * i);
    }
}

static void first_failure_in_input_order_wins(void **state)
{
    static const unsigned jobs[] = { 1, 2, 4, 13 };

    (void)state;
    for (size_t j = 0; j < 4; j++) {
        struct probe p = fresh(500);
        struct wn_err err = { 0 };

        p.fail_work = 123;
        assert_int_equal(wn_flow_run(&flow, &p, jobs[j], NULL, &err), WN_BADDATA);
        assert_string_equal(err.text, "work 123");
        assert_int_equal(p.n_written, 123);   /* all before it, nothing after it */

        p = fresh(500);
        p.fail_read = 77;
        assert_int_equal(wn_flow_run(&flow, &p, jobs[j], NULL, &err), WN_IO);
        assert_string_equal(err.text, "read 77");
        assert_int_equal(p.n_written, 77);

        p = fresh(500);
        p.fail_write = 50;
        p.fail_work = 60;
        assert_int_equal(wn_flow_run(&flow, &p, jobs[j], NULL, &err), WN_IO);
        assert_string_equal(err.text, "write 50");
    }
}

static void empty_input_is_ok(void **state)
{
    struct probe p = fresh(0);

    (void)state;
    assert_int_equal(wn_flow_run(&flow, &p, 1, NULL, NULL), WN_OK);
    assert_int_equal(wn_flow_run(&flow, &p, 3, NULL, NULL), WN_OK);
    assert_int_equal(p.n_written, 0);
}

static void stop_flag_cancels(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        atomic_int stop = 0;
        struct probe p = fresh(4000);
        struct wn_err err = { 0 };

        p.stop = &stop;
        assert_int_equal(wn_flow_run(&flow, &p, jobs, &stop, &err), WN_CANCELLED);
        assert_true(p.n_written >= 10 && p.n_written < 4000);
    }
}

struct each_probe {
    atomic_uint seen[300];
    size_t fail_from;
};

static enum wn_status each_body(void *ctx, size_t i, struct wn_err *err)
{
    struct each_probe *p = ctx;

    atomic_fetch_add(&p->seen[i], 1);
    return i >= p->fail_from ? wn_fail(err, WN_IO, "item %zu", i) : WN_OK;
}

static void parallel_each_visits_once_and_reports_the_smallest(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 5; jobs++) {
        struct each_probe *p = calloc(1, sizeof(*p));
        struct wn_err err = { 0 };

        p->fail_from = SIZE_MAX;
        assert_int_equal(wn_parallel_each(300, jobs, each_body, p, NULL, &err), WN_OK);
        for (int i = 0; i < 300; i++)
            assert_int_equal(atomic_load(&p->seen[i]), 1);
        p->fail_from = 41;
        assert_int_equal(wn_parallel_each(300, jobs, each_body, p, NULL, &err), WN_IO);
        assert_string_equal(err.text, "item 41");
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_in_input_order_for_any_jobs),
        cmocka_unit_test(first_failure_in_input_order_wins),
        cmocka_unit_test(empty_input_is_ok),
        cmocka_unit_test(stop_flag_cancels),
        cmocka_unit_test(parallel_each_visits_once_and_reports_the_smallest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
