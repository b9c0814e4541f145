/* The values of an axis as the user writes them.  Expected values follow by hand from grid.h. */
#include "support/cm.h"

#include <winnow/str.h>

#include "cli/grid.c"

static struct wn_err last;

static enum wn_status parse(struct grid_values *g, const char *list, bool is_whole)
{
    grid_release(g);
    last = (struct wn_err){ WN_OK, "" };
    return grid_parse(g, "--axis", list, is_whole, &last);
}

static void expect(const char *list, bool is_whole, size_t n, const double *want)
{
    struct grid_values g = { NULL, 0, 0 };

    assert_int_equal(parse(&g, list, is_whole), WN_OK);
    assert_int_equal(g.n, n);
    for (size_t i = 0; i < n; i++)
        if (g.value[i] != want[i])
            fail_msg("'%s': value %zu is %.17g, not %.17g", list, i, g.value[i], want[i]);
    grid_release(&g);
}

#define EXPECT(list, whole, ...) \
    expect(list, whole, sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double), (const double[]){ __VA_ARGS__ })

static void expect_refusal(const char *list, const char *words)
{
    struct grid_values g = { NULL, 0, 0 };
    enum wn_status st = parse(&g, list, false);

    if (st != WN_BADCONF && st != WN_LIMIT)
        fail_msg("'%s' gives status %d", list, (int)st);
    if (!strstr(last.text, words) || strncmp(last.text, "--axis: ", 8) != 0)
        fail_msg("'%s' is refused with '%s'", list, last.text);
    grid_release(&g);
}

static void lists_are_taken_as_they_stand(void **state)
{
    (void)state;
    EXPECT("0.5", false, 0.5);
    EXPECT("0.9,0.5,1e3,-2", false, 0.9, 0.5, 1000, -2);
}

static void ranges_hit_the_decimal_numbers_that_they_name(void **state)
{
    (void)state;
    EXPECT("0:1:0.25", false, 0, 0.25, 0.5, 0.75, 1);
    EXPECT("0:0.5:0.1", false, 0, 0.1, 0.2, 0.3, 0.4, 0.5);
    EXPECT("1:2:0.4", false, 1, 1.4, 1.8);
    EXPECT("-1:1:1", false, -1, 0, 1);
    EXPECT("3:3:1", false, 3);
}

static void factors_start_and_end_exactly_at_the_ends(void **state)
{
    (void)state;
    EXPECT("1:100:x3", false, 1, 10, 100);
    EXPECT("0.001:0.3:x2", false, 0.001, 0.3);
    EXPECT("10:100000:x5", true, 10, 100, 1000, 10000, 100000);
}

static void whole_numbers_that_round_to_one_come_once(void **state)
{
    (void)state;
    EXPECT("1:4:x7", true, 1, 2, 3, 4);    /* 1, 1.26, 1.59, 2, 2.52, 3.17, 4 */
}

static void lists_and_ranges_mix(void **state)
{
    (void)state;
    EXPECT("0.05,1:3:1,7", false, 0.05, 1, 2, 3, 7);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    expect_refusal("", "empty item");
    expect_refusal("1,,2", "empty item");
    expect_refusal("1,", "empty item");
    expect_refusal("abc", "no number");
    expect_refusal("1.5x", "no number");
    expect_refusal("0x10", "no number");
    expect_refusal("nan", "not a finite number");
    expect_refusal("inf", "not a finite number");
    expect_refusal("-inf", "not a finite number");
    expect_refusal("1e999", "not a finite number");
}

static void ranges_that_never_end_are_refused(void **state)
{
    (void)state;
    expect_refusal("0:1:0", "step 0 never ends");
    expect_refusal("0:1:-0.1", "negative");
    expect_refusal("1:0:0.1", "below its start");
    expect_refusal("0:nan:1", "not a finite number");
    expect_refusal("0:inf:1", "not a finite number");
    expect_refusal("0:1:nan", "not a finite number");
    expect_refusal("0:1", "FROM:TO:STEP");
    expect_refusal("0:1:1:1", "FROM:TO:STEP");
    expect_refusal("::", "empty item");
}

static void ranges_of_factors_need_a_start_above_0_and_two_values(void **state)
{
    (void)state;
    expect_refusal("0:1:x5", "not above 0");
    expect_refusal("-1:1:x5", "not above 0");
    expect_refusal("1:10:x1", "2 values or more");
    expect_refusal("1:10:x0", "2 values or more");
    expect_refusal("1:10:x-3", "2 values or more");
    expect_refusal("1:10:x2.5", "2 values or more");
    expect_refusal("1:10:x", "empty item");
    expect_refusal("10:1:x3", "below its start");
}

static void too_many_values_are_refused_before_they_are_made(void **state)
{
    (void)state;
    expect_refusal("0:1:1e-300", "more than 1000000 values");
    expect_refusal("0:1e308:1", "more than 1000000 values");
    expect_refusal("1:2:x1e12", "more than 1000000 values");
    expect_refusal("-1e308:1e308:1e308,0:999999:1", "");    /* the width overflows, or the sum is too long */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_taken_as_they_stand),
        cmocka_unit_test(ranges_hit_the_decimal_numbers_that_they_name),
        cmocka_unit_test(factors_start_and_end_exactly_at_the_ends),
        cmocka_unit_test(whole_numbers_that_round_to_one_come_once),
        cmocka_unit_test(lists_and_ranges_mix),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(ranges_that_never_end_are_refused),
        cmocka_unit_test(ranges_of_factors_need_a_start_above_0_and_two_values),
        cmocka_unit_test(too_many_values_are_refused_before_they_are_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
