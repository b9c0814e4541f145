/*
 * test_lm_index_fault.c - memory runs out at every allocation in turn while models are
 * streamed, rebuilt, mixed, tuned and pruned; nothing leaks, and the next try succeeds.
 */
#include "unit/lm_fixture.h"

#include "support/fault.h"

#include "lm/lm_index.h"

static struct wn_lm *model(unsigned order, unsigned from)
{
    struct wn_buf b = { 0 };
    struct wn_lm *lm;

    for (unsigned i = 0; i < 900; i++)
        wn_buf_addf(&b, "word%u%c", from + i * i % 400, i % 13 ? ' ' : '\n');
    lm = fixture_model(wn_buf_str(&b), order, WN_TOK_WHITESPACE, NULL);
    wn_buf_release(&b);
    return lm;
}

static enum wn_status rebuild(struct wn_lm **out, const struct wn_lm *lm, unsigned jobs)
{
    struct lm_room room = { .jobs = jobs, .memory_bytes = UINT64_MAX };
    struct lm_index_builder *b = NULL;
    struct lm_consumer c;
    const struct lm_consumer *const all[] = { &c };
    enum wn_status st = lm_index_builder_new(&b, NULL);

    *out = NULL;
    if (st == WN_OK) {
        c = lm_index_builder_consumer(b);
        st = lm_index_produce(lm, all, 1, &room, NULL);
    }
    if (st == WN_OK)
        st = lm_index_builder_take(b, out, NULL);
    lm_index_builder_free(b);
    return st;
}

static void streaming_survives_every_failed_allocation(void **state)
{
    struct wn_lm *lm = model(3, 0), *out = NULL;
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = (int)k;
        st = rebuild(&out, lm, 1);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? out != NULL : st == WN_NOMEM && !out);
        assert_true(k < 1000);
    }
    assert_true(wn_str_eq(wn_lm_image(out), wn_lm_image(lm)));
    wn_lm_free(out);
    wn_lm_free(lm);
}

static void mixing_survives_every_failed_allocation(void **state)
{
    struct wn_lm *lm[] = { model(3, 0), model(2, 100) }, *out;
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = (int)k;
        st = wn_lm_mix(&out, (const struct wn_lm *const *)lm, (double[]){ 0.5, 0.5 }, 2, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? out != NULL : st == WN_NOMEM && !out);
        wn_lm_free(out);
        assert_true(k < 1000);
    }
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

static void pruning_survives_every_failed_allocation(void **state)
{
    struct wn_lm *lm = model(3, 0), *out;
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = (int)k;
        st = wn_lm_prune(&out, lm, 1e-5, NULL, NULL, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? out != NULL : st == WN_NOMEM && !out);
        wn_lm_free(out);
        assert_true(k < 1000);
    }
    wn_lm_free(lm);
}

static enum wn_status tune(const struct wn_lm *const *lm, double *weight)
{
    struct wn_str word[3] = { WN_STR("word1"), WN_STR("word5"), WN_STR("word200") };
    struct wn_tokens sentence = { .item = word, .n = 3 };
    struct wn_lm_tuner *t = NULL;
    enum wn_status st = wn_lm_tuner_new(&t, lm, 2, NULL);

    for (int i = 0; st == WN_OK && i < 600; i++)          /* enough to grow its memory twice */
        st = wn_lm_tuner_add(t, &sentence, NULL);
    if (st == WN_OK)
        st = wn_lm_tuner_run(t, 0.0, 10, weight, NULL, NULL);
    wn_lm_tuner_free(t);
    return st;
}

static void tuning_survives_every_failed_allocation(void **state)
{
    struct wn_lm *lm[] = { model(3, 0), model(2, 100) };
    enum wn_status st = WN_NOMEM;
    double weight[2], again[2];

    (void)state;
    assert_int_equal(tune((const struct wn_lm *const *)lm, again), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        fault_memory_left = (int)k;
        st = tune((const struct wn_lm *const *)lm, weight);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_true(k < 1000);
    }
    assert_memory_equal(weight, again, sizeof(weight));
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streaming_survives_every_failed_allocation),
        cmocka_unit_test(mixing_survives_every_failed_allocation),
        cmocka_unit_test(pruning_survives_every_failed_allocation),
        cmocka_unit_test(tuning_survives_every_failed_allocation),
    };
    fault_once = true;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
