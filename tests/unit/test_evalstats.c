#include <math.h>

#include "support/cm.h"

#include <winnow/tagger.h>
#include <winnow/tails.h>

#include "detect/ranking.h"

static struct wn_err err;

static double auroc(struct ranked *r, size_t n)
{
    ranking_sort(r, n);
    return ranking_auroc(r, n);
}

/* By hand, over the pairs (synthetic, human). */
static void auroc_of_hand_cases(void **state)
{
    struct ranked apart[4] = { { 0.9, true }, { 0.8, true }, { 0.2, false }, { 0.1, false } };
    struct ranked reversed[2] = { { 0.1, true }, { 0.9, false } };
    struct ranked mixed[4] = { { 0.9, true }, { 0.7, false }, { 0.5, true }, { 0.3, false } };
    struct ranked tied[3] = { { 0.5, true }, { 0.5, false }, { 0.2, false } };
    struct ranked equal[4] = { { 1, true }, { 1, false }, { 1, true }, { 1, false } };
    struct ranked one_class[1] = { { 0.5, true } };

    (void)state;
    assert_true(auroc(apart, 4) == 1);
    assert_true(auroc(reversed, 2) == 0);
    assert_true(auroc(mixed, 4) == 0.75);        /* 3 of 4 pairs        */
    assert_true(auroc(tied, 3) == 0.75);         /* 1 tie, 1 win of 2   */
    assert_true(auroc(equal, 4) == 0.5);
    assert_true(isnan(auroc(one_class, 1)));
    assert_true(isnan(ranking_auroc(NULL, 0)));
}

static void threshold_at_a_fixed_rate_takes_ties_together(void **state)
{
    struct ranked r[6] = { { 0.9, true }, { 0.8, true }, { 0.8, false }, { 0.6, true }, { 0.5, false }, { 0.1, false } };
    struct roc_point p;

    (void)state;
    ranking_sort(r, 6);
    p = ranking_at_fpr(r, 6, 3, 0.0);      /* above 0.8 only */
    assert_int_equal(p.hits, 1);
    p = ranking_at_fpr(r, 6, 3, 0.34);     /* one of three humans */
    assert_int_equal(p.hits, 3);
    assert_int_equal(p.false_alarms, 1);
    assert_true(p.threshold == 0.6);
}

/* Two documents at p = 0.9 (one synthetic), two at p = 0.2 (none): Brier by hand
 * (0.01 + 0.81 + 0.04 + 0.04) / 4 = 0.225; ECE = (|0.9-0.5| + |0.2-0|) / 2 = 0.3. */
static void brier_and_calibration_error_by_hand(void **state)
{
    struct ranked r[4] = { { 0.9, true }, { 0.9, false }, { 0.2, false }, { 0.2, false } };
    struct calibration c;

    (void)state;
    ranking_sort(r, 4);
    ranking_calibration(r, 4, 0, &c);
    assert_true(fabs(c.brier - 0.225) < 1e-15);
    assert_true(fabs(c.ece - 0.3) < 1e-15);
    assert_int_equal(c.bin[9].n, 2);
    assert_true(c.bin[9].share == 0.5);
}

/* The same at a prior of 1/2: the synthetic document weighs 1/2, each human 1/6.  Brier =
 * 0.005 + (0.81 + 0.04 + 0.04)/6; top bin: weight 2/3, synthetic share 3/4, so
 * ECE = 2/3 * 0.15 + 1/3 * 0.2. */
static void prior_weighs_the_classes(void **state)
{
    struct ranked r[4] = { { 0.9, true }, { 0.9, false }, { 0.2, false }, { 0.2, false } };
    struct calibration c;

    (void)state;
    ranking_sort(r, 4);
    ranking_calibration(r, 4, 0.5, &c);
    assert_true(fabs(c.brier - (0.005 + 0.89 / 6)) < 1e-15);
    assert_true(fabs(c.bin[9].share - 0.75) < 1e-15);
    assert_true(fabs(c.ece - (0.1 + 0.2 / 3)) < 1e-15);
}

static void add(struct wn_eval *e, double p, enum wn_verdict v, bool is_synthetic, const char *slice)
{
    struct wn_tag tag = { .verdict = v, .p_synthetic = p };

    assert_int_equal(wn_eval_add(e, &tag, is_synthetic, slice, &err), WN_OK);
}

static struct wn_eval *small_eval(void)
{
    struct wn_eval *e = wn_eval_new();

    assert_non_null(e);
    add(e, 0.95, WN_SYNTHETIC, true, "news");
    add(e, 0.90, WN_SYNTHETIC, true, "news");
    add(e, 0.40, WN_UNKNOWN, true, "fiction");
    add(e, 0.92, WN_SYNTHETIC, false, "news");
    add(e, 0.10, WN_HUMAN, false, "fiction");
    add(e, 0.05, WN_HUMAN, false, "fiction");
    add(e, 0.50, WN_UNKNOWN, false, "fiction");
    return e;
}

static void quality_counts_verdicts(void **state)
{
    struct wn_eval *e = small_eval();
    struct wn_quality q;

    (void)state;
    wn_eval_quality(e, &q);
    assert_int_equal(q.n_human, 4);
    assert_int_equal(q.n_synthetic, 3);
    assert_int_equal(q.tpr.hits, 2);
    assert_int_equal(q.tpr.n, 3);
    assert_int_equal(q.fpr.hits, 1);
    assert_int_equal(q.fpr.n, 4);
    assert_int_equal(q.unknown_h.hits, 1);
    assert_int_equal(q.unknown_s.hits, 1);
    assert_true(fabs(q.auroc - 9.0 / 12) < 1e-15);    /* wins: 0.95: 4, 0.90: 3, 0.40: 2, of 12 */
    assert_true(fabs(q.tpr_at_fpr01 - 1.0 / 3) < 1e-15);
    wn_eval_free(e);
}

static double number(const struct wn_jsonval *v, const char *a, const char *b)
{
    return wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(v, a), b), NAN);
}

static void json_holds_rates_with_intervals_and_slices(void **state)
{
    struct wn_eval *e = small_eval();
    struct wn_interval tpr = wn_rate_interval(2, 3, 0.95);
    struct wn_jsonval *v = NULL;
    const struct wn_jsonval *slices;
    struct wn_buf out = { 0 };
    struct wn_json j;

    (void)state;
    wn_json_init(&j, &out);
    wn_eval_json(e, &j, NULL);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(v, "kind"), ""), "eval");
    assert_true(number(v, "operating_point", "tpr") == 2.0 / 3);
    assert_true(number(v, "operating_point", "fpr") == 0.25);
    assert_true(number(v, "operating_point", "unknown_human") == 0.25);
    assert_true(number(v, "operating_point", "tpr_low") == tpr.low);
    assert_true(number(v, "operating_point", "tpr_high") == tpr.high);
    assert_true(number(v, "tpr", "n") == 3);
    slices = wn_jsonval_get(v, "slices");
    assert_int_equal(wn_jsonval_size(slices), 2);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(slices, 0), "slice"), ""), "fiction");
    assert_true(number(wn_jsonval_at(slices, 1), "fpr", "n") == 1);
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_eval_free(e);
}

static void one_class_gives_no_operating_point(void **state)
{
    struct wn_eval *e = wn_eval_new();
    struct wn_jsonval *v = NULL;
    struct wn_buf out = { 0 };
    struct wn_json j;

    (void)state;
    add(e, 0.5, WN_UNKNOWN, true, NULL);
    wn_json_init(&j, &out);
    wn_eval_json(e, &j, NULL);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    assert_null(wn_jsonval_get(v, "operating_point"));
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_eval_free(e);
}

static void slices_beyond_the_limit_share_one(void **state)
{
    struct wn_eval *e = wn_eval_new();
    struct wn_jsonval *v = NULL;
    struct wn_buf out = { 0 };
    struct wn_json j;
    const struct wn_jsonval *slices;

    (void)state;
    for (int i = 0; i < 1200; i++) {
        char name[16];

        snprintf(name, sizeof(name), "s%04d", i);
        add(e, 0.5, WN_UNKNOWN, true, name);
    }
    wn_json_init(&j, &out);
    wn_eval_json(e, &j, NULL);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    slices = wn_jsonval_get(v, "slices");
    assert_int_equal(wn_jsonval_size(slices), 1001);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(slices, 0), "slice"), ""), "(other)");
    assert_true(wn_jsonval_num(wn_jsonval_get(wn_jsonval_at(slices, 0), "n_synthetic"), 0) == 200);
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_eval_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auroc_of_hand_cases),
        cmocka_unit_test(threshold_at_a_fixed_rate_takes_ties_together),
        cmocka_unit_test(brier_and_calibration_error_by_hand),
        cmocka_unit_test(prior_weighs_the_classes),
        cmocka_unit_test(quality_counts_verdicts),
        cmocka_unit_test(json_holds_rates_with_intervals_and_slices),
        cmocka_unit_test(one_class_gives_no_operating_point),
        cmocka_unit_test(slices_beyond_the_limit_share_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
