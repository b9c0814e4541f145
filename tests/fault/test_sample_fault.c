/*
 * test_sample_fault.c - memory runs out at every allocation of sampling and beam search in
 * turn; nothing leaks, and the next try succeeds.  Drawing itself allocates nothing.
 */
#include "unit/lm_drawer.h"
#include "unit/lm_fixture.h"

#include "support/fault.h"
#include "support/words.h"

static struct wn_lm *good_model(void)
{
    struct wn_buf b = { 0 };
    struct wn_lm *lm = fixture_model(words_text(&b, "word", 3000, 300), 3, WN_TOK_WHITESPACE, NULL);

    wn_buf_release(&b);
    return lm;
}

static void beam_search_survives_every_failed_allocation(void **state)
{
    const struct wn_sample_opts opts = { .max_tokens = 40, .min_tokens = 30, .repetition_penalty = 1.2 };
    struct wn_lm *lm = good_model();
    enum wn_status st = WN_NOMEM;
    struct wn_sampler *s;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    for (long k = 0; st != WN_OK; k++) {
        uint32_t ids[40];
        struct wn_err err;
        size_t n;

        fault_memory_left = k;
        st = wn_lm_beam(s, 20, 0.0, &opts, ids, &n, NULL, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? n >= 30 : st == WN_NOMEM && n == 0);
        assert_true(k < 100);
    }
    wn_sampler_free(s);
    wn_lm_free(lm);
}

static void samplers_are_whole_or_not_at_all(void **state)
{
    struct wn_lm *lm = good_model();
    struct wn_sampler_scratch *w = NULL;

    (void)state;
    for (long k = 0; !w; k++) {
        struct wn_sampler *s;
        struct wn_err err;
        enum wn_status st;

        fault_memory_left = k;
        st = wn_sampler_new(&s, lm, &err);
        w = st == WN_OK ? wn_sampler_scratch_new(s) : NULL;
        fault_memory_left = -1;
        assert_true(st == WN_OK ? s != NULL : st == WN_NOMEM && s == NULL);
        wn_sampler_scratch_free(w);
        wn_sampler_free(s);
        assert_true(k < 100);
    }
    wn_lm_free(lm);
}

static void drawing_allocates_nothing(void **state)
{
    static const struct wn_sample_opts ways[] = {
        { .max_tokens = 30 }, { .max_tokens = 30, .top_p = 0.8, .temperature = 0.7 },
        { .max_tokens = 30, .typical = 0.9 }, { .max_tokens = 30, .repetition_penalty = 1.3, .top_k = 9 },
    };
    struct drawer d = drawer_open(good_model());
    struct wn_rng rng;
    uint32_t ids[30];

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        for (uint64_t j = 0; j < 20; j++) {
            wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, j, 0, 0);
            fault_memory_left = 0;
            assert_true(wn_sample(d.sampler, d.scratch, &ways[i], &rng, ids) <= 30);
            assert_int_equal(fault_memory_left, 0);
            fault_memory_left = -1;
        }
    }
    drawer_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beam_search_survives_every_failed_allocation),
        cmocka_unit_test(samplers_are_whole_or_not_at_all),
        cmocka_unit_test(drawing_allocates_nothing),
    };
    fault_once = true;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
