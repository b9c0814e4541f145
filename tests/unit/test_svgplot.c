#include "support/cm.h"

#include <math.h>

#include "report/axis.h"
#include "report/markup.h"
#include "report/runstats.h"
#include "report/svgplot.h"
#include "unit/report_markup.h"

static void expect_text(struct wn_buf *b, const char *want)
{
    wn_buf_addc(b, '\0');
    assert_int_equal(wn_buf_status(b, NULL), WN_OK);
    assert_string_equal(b->ptr, want);
    wn_buf_release(b);
}

static void expect_num(double v, int n, const char *want)
{
    struct wn_buf b = { 0 };

    markup_num(&b, v, n);
    expect_text(&b, want);
}

static void expect_interval(double v, double low, double high, const char *want)
{
    struct wn_buf b = { 0 };

    markup_interval(&b, v, low, high);
    expect_text(&b, want);
}

static void expect_labels(const struct axis *a, const char *want)
{
    struct wn_buf b = { 0 };

    for (size_t i = 0; i < a->n_ticks; i++) {
        if (i)
            wn_buf_addc(&b, ' ');
        axis_label(a, i, &b);
    }
    expect_text(&b, want);
}

/* ---- numbers ---------------------------------------------------------------------------- */

static void numbers_are_short_and_rounded(void **state)
{
    (void)state;
    expect_num(0, 3, "0");
    expect_num(0.01234, 3, "0.0123");
    expect_num(1.5, 3, "1.50");
    expect_num(-0.5, 2, "-0.50");
    expect_num(12717.8, 3, "12,718");
    expect_num(1234, 3, "1234");
    expect_num(9.996, 3, "10.0");
    expect_num(0.99951, 3, "1.00");
    expect_num(3.21e-7, 2, "3.2e-7");
    expect_num(9.99e12, 2, "1.0e13");
    expect_num(5e-324, 2, "4.9e-324"); /* the smallest double is 4.94e-324 */
    expect_num(1.7e308, 2, "1.7e308");
    expect_num(NAN, 3, "\xe2\x80\x93");
    expect_num(-INFINITY, 3, "\xe2\x80\x93");
}

static void an_interval_sets_the_precision_of_its_value(void **state)
{
    (void)state;
    expect_interval(0.5293, 0.4111, 0.7822, "0.53 [0.41, 0.78]");
    expect_interval(0.98732, 0.96301, 1.05501, "0.987 [0.963, 1.055]");
    expect_interval(12717.8, 12000, 14000, "12,718 [12,000, 14,000]");
    expect_interval(2, 2, 2, "2.00 [2.00, 2.00]");
    expect_interval(2, NAN, NAN, "2.00");
    expect_interval(2, -INFINITY, INFINITY, "2.00");
}

static void percentages_have_the_decimals_that_help(void **state)
{
    struct wn_buf b = { 0 };

    (void)state;
    markup_percent(&b, 0.401);
    markup_percent(&b, 0.0094);
    markup_percent(&b, 0);
    markup_percent(&b, 1);
    markup_percent(&b, NAN);
    expect_text(&b, "40.1\xc2\xa0%0.94\xc2\xa0%0\xc2\xa0%100\xc2\xa0%\xe2\x80\x93");
}

/* ---- statistics ------------------------------------------------------------------------------ */

/* numpy.quantile([1, 2, 4, 8], p) by hand: (n - 1) p = 0.3, 1.5, 2.7. */
static void quantiles_interpolate(void **state)
{
    const double v[] = { 1, 2, 4, 8 };

    (void)state;
    assert_true(fabs(runstats_quantile(v, 4, 0.1) - 1.3) < 1e-12);
    assert_true(fabs(runstats_quantile(v, 4, 0.5) - 3) < 1e-12);
    assert_true(fabs(runstats_quantile(v, 4, 0.9) - 6.8) < 1e-12);
    assert_true(runstats_quantile(v, 4, 1) == 8 && runstats_quantile(v, 1, 0.5) == 1);
}

/* Published tables of the sign test's interval: ranks 1 and 6 of 6, 2 and 9 of 10, 14 and
 * 27 of 40; none of 5. */
static void the_interval_of_a_median_takes_the_tabled_ranks(void **state)
{
    static const struct {
        size_t n;
        double low, high;
    } tabled[] = { { 6, 1, 6 }, { 10, 2, 9 }, { 40, 14, 27 } };
    double v[40];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct estimate e;

        for (size_t k = 0; k < tabled[i].n; k++)
            v[k] = (double)(tabled[i].n - k);
        e = runstats_median(v, tabled[i].n);
        assert_true(e.value == ((double)tabled[i].n + 1) / 2);
        assert_true(e.low == tabled[i].low && e.high == tabled[i].high);
    }
    assert_true(isnan(runstats_median(v, 5).low));
    assert_true(isnan(runstats_median(v, 0).value));
}

/* t(0.975; 2) = 4.30265273. */
static void the_interval_of_a_mean_is_students(void **state)
{
    const double v[] = { 1, 2, 3 };
    struct estimate e = runstats_mean(v, 3);

    (void)state;
    assert_true(e.value == 2 && fabs(e.high - 2 - 4.30265273 / sqrt(3)) < 1e-7);
    assert_true(isnan(runstats_mean(v, 1).low));
}

/* ---- axes ----------------------------------------------------------------------------------------- */

static void linear_axes_end_at_round_numbers(void **state)
{
    struct axis a = { 0 };

    (void)state;
    axis_linear(&a, 0.13, 0.87, 5);
    expect_labels(&a, "0.0 0.2 0.4 0.6 0.8 1.0");
    axis_linear(&a, -1.2, 0.1, 5);
    expect_labels(&a, "-1.5 -1.0 -0.5 0.0 0.5");
    axis_linear(&a, 0, 17200, 5);
    expect_labels(&a, "0 5k 10k 15k 20k");
    axis_linear(&a, 100, 100, 4);
    expect_labels(&a, "90 95 100 105 110");
    axis_linear(&a, 0, 0, 4);
    expect_labels(&a, "-1.0 -0.5 0.0 0.5 1.0");
}

static void extreme_values_still_give_an_axis(void **state)
{
    struct axis a = { .at_low = 0, .at_high = 100 };

    (void)state;
    axis_linear(&a, -1.7e308, 1.7e308, 5);
    assert_true(a.n_ticks >= 2 && isfinite(axis_place(&a, 1.7e308)) && isfinite(axis_place(&a, -INFINITY)));
    axis_log(&a, 5e-324, 1.7e308);
    assert_true(a.n_ticks >= 2 && isfinite(axis_place(&a, 0)) && isfinite(axis_place(&a, -1)));
    axis_linear(&a, 1e15, 1e15 + 1, 5);
    assert_true(a.n_ticks >= 2);
}

static void log_axes_have_whole_decades(void **state)
{
    struct axis a = { .at_low = 0, .at_high = 100 };

    (void)state;
    axis_log(&a, 0.003, 4);
    expect_labels(&a, "0.001 0.01 0.1 1 10");
    assert_true(fabs(axis_place(&a, 0.1) - 50) < 1e-9);
    axis_log(&a, 20, 3e6);
    expect_labels(&a, "10 100 1000 10k 100k 1M 10M");
}

static void whole_axes_start_at_the_first_generation(void **state)
{
    struct axis a = { 0 };

    (void)state;
    axis_whole(&a, 1, 40, 5);
    expect_labels(&a, "1 10 20 30 40");
    axis_whole(&a, 1, 6, 5);
    expect_labels(&a, "1 2 3 4 5 6");
    axis_whole(&a, 3, 3, 5);
    expect_labels(&a, "3");
}

/* ---- labels --------------------------------------------------------------------------------------------- */

static void labels_move_as_little_as_they_can(void **state)
{
    double two[] = { 50, 50 }, edge[] = { 1, 2, 90 }, many[] = { 1, 2, 3 }, three[] = { 10, 11, 40 };

    (void)state;
    assert_true(svg_spread(two, 2, 10, 0, 100) && two[0] == 45 && two[1] == 55);
    assert_true(svg_spread(edge, 3, 10, 0, 100) && edge[0] == 0 && edge[1] == 10 && edge[2] == 90);
    assert_true(svg_spread(three, 3, 10, 0, 100) && three[0] == 5.5 && three[1] == 15.5 && three[2] == 40);
    assert_false(svg_spread(many, 3, 10, 0, 19));
    assert_true(svg_spread(many, 0, 10, 0, 19));
}

static void a_gap_cuts_the_line_and_a_lonely_point_gets_a_dot(void **state)
{
    const double x[] = { 1, 2, 3, 4, 5, 6 }, y[] = { 1, 2, NAN, 3, NAN, 2 };
    struct plot_line line = { .label = "a", .y = y };
    struct line_plot plot = {
        .title = "t", .x_name = "x", .x = x, .n_x = 6, .line = &line, .n_lines = 1, .truth = NAN
    };
    struct wn_arena arena = { 0 };
    struct wn_buf out = { 0 };
    struct plot_notes notes;
    size_t n_paths = 0, n_dots = 0;

    (void)state;
    assert_int_equal(svg_lines(&out, &plot, &arena, &notes, NULL), WN_OK);
    assert_null(markup_fault(wn_buf_str(&out)));
    wn_buf_addc(&out, '\0');
    for (const char *p = out.ptr; (p = strstr(p, "class=\"line ")) != NULL; p++)
        n_paths++;
    for (const char *p = out.ptr; (p = strstr(p, "class=\"dot ")) != NULL; p++)
        n_dots++;
    assert_int_equal(n_paths, 1);
    assert_int_equal(n_dots, 4);
    wn_buf_release(&out);
    wn_arena_release(&arena);
}

static void a_plot_without_values_says_so(void **state)
{
    const double x[] = { 1 }, y[] = { NAN };
    struct plot_line line = { .label = "a", .y = y };
    struct line_plot plot = { .title = "t", .x_name = "x", .x = x, .n_x = 1, .line = &line, .n_lines = 1, .truth = 1 };
    struct wn_arena arena = { 0 };
    struct wn_buf out = { 0 };
    struct plot_notes notes;

    (void)state;
    assert_int_equal(svg_lines(&out, &plot, &arena, &notes, NULL), WN_OK);
    assert_true(notes.is_empty && markup_contains(wn_buf_str(&out), "No values to draw."));
    wn_buf_release(&out);
    wn_arena_release(&arena);
}

static void two_decades_and_more_are_drawn_on_a_log_axis(void **state)
{
    const double x[] = { 1, 2 }, y[] = { 0.5, 60 }, flat[] = { 1, 60 };
    struct plot_line line = { .label = "a", .y = y };
    struct line_plot plot = {
        .title = "t", .x_name = "x", .x = x, .n_x = 2, .line = &line, .n_lines = 1, .truth = NAN
    };
    struct wn_arena arena = { 0 };
    struct wn_buf out = { 0 };
    struct plot_notes notes;

    (void)state;
    assert_int_equal(svg_lines(&out, &plot, &arena, &notes, NULL), WN_OK);
    assert_true(notes.is_log);
    line.y = flat;
    assert_int_equal(svg_lines(&out, &plot, &arena, &notes, NULL), WN_OK);
    assert_false(notes.is_log);
    wn_buf_release(&out);
    wn_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_short_and_rounded),
        cmocka_unit_test(an_interval_sets_the_precision_of_its_value),
        cmocka_unit_test(percentages_have_the_decimals_that_help),
        cmocka_unit_test(quantiles_interpolate),
        cmocka_unit_test(the_interval_of_a_median_takes_the_tabled_ranks),
        cmocka_unit_test(the_interval_of_a_mean_is_students),
        cmocka_unit_test(linear_axes_end_at_round_numbers),
        cmocka_unit_test(extreme_values_still_give_an_axis),
        cmocka_unit_test(log_axes_have_whole_decades),
        cmocka_unit_test(whole_axes_start_at_the_first_generation),
        cmocka_unit_test(labels_move_as_little_as_they_can),
        cmocka_unit_test(a_gap_cuts_the_line_and_a_lonely_point_gets_a_dot),
        cmocka_unit_test(a_plot_without_values_says_so),
        cmocka_unit_test(two_decades_and_more_are_drawn_on_a_log_axis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
