/*
 * Samplers T(p) on one law: cuts by hand, temperature in closed form.
 */
#include "support/cm.h"

#include <math.h>

#include "sim/lawcut.h"

static void cut_is(struct wn_sim_sampling s, const double *p, size_t k, const double *want)
{
    struct wn_arena scratch = { 0 };
    double q[8];

    memcpy(q, p, k * sizeof(*p));
    assert_true(sim_law_is_cut(&s));
    assert_int_equal(sim_law_cut(&s, q, k, &scratch, NULL), WN_OK);
    for (size_t i = 0; i < k; i++)
        if (!(fabs(q[i] - want[i]) <= 1e-12))
            fail_msg("state %zu: got %.15g, want %.15g", i, q[i], want[i]);
    wn_arena_release(&scratch);
}

static void each_cut_keeps_what_its_definition_says(void **state)
{
    const double p[5] = { 0.1, 0.4, 0.2, 0.2, 0.1 };

    (void)state;
    cut_is((struct wn_sim_sampling){ .temperature = 0.5 }, p, 5,
           (double[]){ 1. / 26, 16. / 26, 4. / 26, 4. / 26, 1. / 26 });
    cut_is((struct wn_sim_sampling){ .top_k = 2 }, p, 5, (double[]){ 0, 2. / 3, 1. / 3, 0, 0 });
    cut_is((struct wn_sim_sampling){ .top_k = 9 }, p, 5, p);
    cut_is((struct wn_sim_sampling){ .top_p = 0.6 }, p, 5, (double[]){ 0, 2. / 3, 1. / 3, 0, 0 });
    cut_is((struct wn_sim_sampling){ .top_p = 0.61 }, p, 5, (double[]){ 0, 0.5, 0.25, 0.25, 0 });
    cut_is((struct wn_sim_sampling){ .top_p = 0.9 }, p, 5, (double[]){ 1. / 9, 4. / 9, 2. / 9, 2. / 9, 0 });
    cut_is((struct wn_sim_sampling){ .min_p = 0.5 }, p, 5, (double[]){ 0, 0.5, 0.25, 0.25, 0 });
    cut_is((struct wn_sim_sampling){ .min_p = 0.51 }, p, 5, (double[]){ 0, 1, 0, 0, 0 });
    /* H = 1.4708 nats; -log p = 2.3026, 0.9163, 1.6094: gaps 0.832, 0.554, 0.139. */
    cut_is((struct wn_sim_sampling){ .typical = 0.4 }, p, 5, (double[]){ 0, 0, 0.5, 0.5, 0 });
    cut_is((struct wn_sim_sampling){ .typical = 0.5 }, p, 5, (double[]){ 0, 0.5, 0.25, 0.25, 0 });
    cut_is((struct wn_sim_sampling){ .typical = 0.81 }, p, 5, (double[]){ 1. / 9, 4. / 9, 2. / 9, 2. / 9, 0 });
}

static void a_cold_law_is_its_likeliest_states_and_nothing_overflows(void **state)
{
    const double p[4] = { 1e-300, 0.45, 0.45, 0.1 };
    const double half[4] = { 0, 0.5, 0.5, 0 };
    double flat = (4 * 0.25) / 4;

    (void)state;
    cut_is((struct wn_sim_sampling){ .temperature = 1e-3 }, p, 4, half);
    cut_is((struct wn_sim_sampling){ .temperature = 5e-324 }, p, 4, half);
    cut_is((struct wn_sim_sampling){ .temperature = 1e300 }, p, 4, (double[]){ flat, flat, flat, flat });
}

/* Squares are 1, 16, 4, 4, 1 of 26: the likeliest has 0.615. */
static void cuts_are_applied_in_their_order(void **state)
{
    const double p[5] = { 0.1, 0.4, 0.2, 0.2, 0.1 };

    (void)state;
    cut_is((struct wn_sim_sampling){ .temperature = 0.5, .top_p = 0.61 }, p, 5, (double[]){ 0, 1, 0, 0, 0 });
    cut_is((struct wn_sim_sampling){ .top_k = 3, .top_p = 0.5 }, p, 5, (double[]){ 0, 1, 0, 0, 0 });
    cut_is((struct wn_sim_sampling){ .top_k = 3, .min_p = 0.5, .top_p = 0.7 }, p, 5,
           (double[]){ 0, 2. / 3, 1. / 3, 0, 0 });
    /* Left 2/3, 1/3: H = 0.6365, gaps 0.231 and 0.462. */
    cut_is((struct wn_sim_sampling){ .top_k = 2, .typical = 0.5 }, p, 5, (double[]){ 0, 1, 0, 0, 0 });
}

static void a_sampler_that_is_off_cuts_nothing(void **state)
{
    const struct wn_sim_sampling off[] = {
        { 0 }, { .temperature = 1 }, { .top_p = 1 }, { .typical = 1 }, { .lambda = 0.5 }
    };

    (void)state;
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        assert_false(sim_law_is_cut(&off[i]));
}

/* Cutting twice: top-k changes nothing any more, top-p cuts again (and leaves one state in the end). */
static void top_k_is_idempotent_and_top_p_is_not(void **state)
{
    double p[100], q[100];
    struct wn_arena scratch = { 0 };
    const struct wn_sim_sampling k = { .top_k = 30 }, mass = { .top_p = 0.9 };
    size_t before = 100, left = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        p[i] = (i + 1) / 5050.0;
    assert_int_equal(sim_law_cut(&k, p, 100, &scratch, NULL), WN_OK);
    memcpy(q, p, sizeof(p));
    assert_int_equal(sim_law_cut(&k, q, 100, &scratch, NULL), WN_OK);
    assert_memory_equal(p, q, sizeof(p));
    for (int round = 0; round < 60 && left != 1; round++) {
        double sum = 0;

        assert_int_equal(sim_law_cut(&mass, q, 100, &scratch, NULL), WN_OK);
        left = 0;
        for (int i = 0; i < 100; i++) {
            left += q[i] > 0;
            sum += q[i];
        }
        assert_true(left <= before && fabs(sum - 1) < 1e-12);
        before = left;
    }
    assert_true(left < 15);
    wn_arena_release(&scratch);
}

static void a_single_state_stays_under_every_cut(void **state)
{
    const double one[3] = { 0, 1, 0 };

    (void)state;
    cut_is((struct wn_sim_sampling){ .temperature = 0.1, .top_k = 1, .top_p = 1e-9, .min_p = 1, .typical = 1e-9 },
           one, 3, one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cut_keeps_what_its_definition_says),
        cmocka_unit_test(a_cold_law_is_its_likeliest_states_and_nothing_overflows),
        cmocka_unit_test(cuts_are_applied_in_their_order),
        cmocka_unit_test(a_sampler_that_is_off_cuts_nothing),
        cmocka_unit_test(top_k_is_idempotent_and_top_p_is_not),
        cmocka_unit_test(a_single_state_stays_under_every_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
