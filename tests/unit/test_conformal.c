#include <math.h>

#include "support/cm.h"

#include "detect/conformal.h"

static const double sorted[4] = { 1, 2, 2, 5 };

/* By hand: (1 + how many are as extreme) / (4 + 1). */
static void p_counts_the_scores_as_extreme_and_itself(void **state)
{
    (void)state;
    assert_true(conformal_p_upper(sorted, 4, 6) == 1.0 / 5);
    assert_true(conformal_p_upper(sorted, 4, 5) == 2.0 / 5);
    assert_true(conformal_p_upper(sorted, 4, 2) == 4.0 / 5);
    assert_true(conformal_p_upper(sorted, 4, 0) == 1);
    assert_true(conformal_p_lower(sorted, 4, 0) == 1.0 / 5);
    assert_true(conformal_p_lower(sorted, 4, 2) == 4.0 / 5);
    assert_true(conformal_p_lower(sorted, 4, 9) == 1);
}

static void nothing_to_compare_with_gives_one(void **state)
{
    (void)state;
    assert_true(conformal_p_upper(NULL, 0, 3) == 1);
    assert_true(conformal_p_lower(NULL, 0, 3) == 1);
}

/* 1/(n+1) <= 0.01 first at n = 99; <= 0.05 at 19; <= 0.3 at 3 (1/4). */
static void fewest_scores_for_a_level(void **state)
{
    (void)state;
    assert_int_equal(conformal_needed(0.01), 99);
    assert_int_equal(conformal_needed(0.05), 19);
    assert_int_equal(conformal_needed(0.3), 3);
    assert_int_equal(conformal_needed(0.001), 999);
}

static void one_score_fewer_never_reaches_the_level(void **state)
{
    static const double levels[] = { 0.5, 0.3, 0.1, 0.07, 0.05, 0.03, 0.01, 0.003, 0.001 };

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        uint64_t n = conformal_needed(levels[i]);

        assert_true(1 / (double)(n + 1) <= levels[i]);
        assert_true(n == 0 || 1 / (double)n > levels[i]);
    }
}

static void limit_leaves_the_tail_above_it(void **state)
{
    (void)state;
    assert_true(conformal_upper_limit(sorted, 4, 0) == 5);
    assert_true(conformal_upper_limit(sorted, 4, 0.25) == 2);
    assert_true(isinf(conformal_upper_limit(NULL, 0, 0.25)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p_counts_the_scores_as_extreme_and_itself),
        cmocka_unit_test(nothing_to_compare_with_gives_one),
        cmocka_unit_test(fewest_scores_for_a_level),
        cmocka_unit_test(one_score_fewer_never_reaches_the_level),
        cmocka_unit_test(limit_leaves_the_tail_above_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
