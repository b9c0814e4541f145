#include <math.h>

#include "support/cm.h"

#include <winnow/rng.h>

#include "detect/logistic.h"

static struct wn_err err;

/* Closed form of the 2x2 table (x=1: 30 yes, 10 no; x=0: 20 yes, 40 no): the slope is the
 * log odds ratio ln(30*40/(10*20)) = ln 6, the intercept the log odds at x=0, ln(20/40). */
static void slope_of_a_two_by_two_table_is_the_log_odds_ratio(void **state)
{
    double x[4] = { 1, 1, 0, 0 }, y[4] = { 1, 0, 1, 0 }, w[4] = { 30, 10, 20, 40 }, beta[2];
    struct logistic_data data = { x, y, w, 4, 1 };

    (void)state;
    assert_int_equal(logistic_fit(beta, &data, 1e-12, &err), WN_OK);
    assert_true(fabs(beta[1] - log(6)) < 1e-9);
    assert_true(fabs(beta[0] + log(2)) < 1e-9);
}

static void soft_target_equals_weighted_hard_ones(void **state)
{
    double x1[2] = { -1, 2 }, y1[2] = { 0.3, 0.8 };
    double x2[4] = { -1, -1, 2, 2 }, y2[4] = { 1, 0, 1, 0 }, w2[4] = { 0.3, 0.7, 0.8, 0.2 };
    double b1[2], b2[2];

    (void)state;
    assert_int_equal(logistic_fit(b1, &(struct logistic_data){ x1, y1, NULL, 2, 1 }, 0.1, &err), WN_OK);
    assert_int_equal(logistic_fit(b2, &(struct logistic_data){ x2, y2, w2, 4, 1 }, 0.1, &err), WN_OK);
    assert_true(fabs(b1[0] - b2[0]) < 1e-9 && fabs(b1[1] - b2[1]) < 1e-9);
}

/* Perfectly separated at 0: the ridge keeps the slope finite.  By symmetry the intercept is
 * 0, and the slope b solves 2/(1 + e^b) = b (two rows at -1 and +1, ridge 1), found here by
 * bisection. */
static void separable_data_converges_under_the_ridge(void **state)
{
    double x[2] = { -1, 1 }, y[2] = { 0, 1 }, beta[2], low = 0, high = 1;

    (void)state;
    for (int i = 0; i < 60; i++) {
        double b = (low + high) / 2;

        if (2 / (1 + exp(b)) > b)
            low = b;
        else
            high = b;
    }
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ x, y, NULL, 2, 1 }, 1, &err), WN_OK);
    assert_true(fabs(beta[0]) < 1e-9);
    assert_true(fabs(beta[1] - low) < 1e-9);
}

static void separable_data_without_ridge_is_refused(void **state)
{
    double x[2] = { -1, 1 }, y[2] = { 0, 1 }, beta[2];

    (void)state;
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ x, y, NULL, 2, 1 }, 0, &err), WN_BADCONF);
}

static void nothing_and_too_many_inputs_are_refused(void **state)
{
    double v[1] = { 0 }, beta[LOGISTIC_MAX_INPUTS + 2];

    (void)state;
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ v, v, NULL, 0, 1 }, 1, &err), WN_BADCONF);
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ v, v, NULL, 1, LOGISTIC_MAX_INPUTS + 1 }, 1, &err),
                     WN_BADCONF);
}

/* At the optimum the gradient sum w (p - t) x + ridge b vanishes (here recomputed). */
static void gradient_vanishes_at_the_solution(void **state)
{
    enum { N = 300, D = 12 };
    static double x[N * D], y[N];
    double beta[D + 1];
    struct wn_rng r;

    (void)state;
    wn_rng_init(&r, 7, WN_DOMAIN_FIT, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < D; j++)
            x[i * D + j] = wn_rng_normal(&r) * (j + 1);
        y[i] = wn_rng_u01(&r) < logistic_sigmoid(x[i * D] - 0.3 * x[i * D + 5] + 0.5);
    }
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ x, y, NULL, N, D }, 2, &err), WN_OK);
    for (int j = 0; j <= D; j++) {
        double g = j ? 2 * beta[j] : 0;

        for (int i = 0; i < N; i++) {
            double z = beta[0];

            for (int k = 0; k < D; k++)
                z += beta[k + 1] * x[i * D + k];
            g += (logistic_sigmoid(z) - y[i]) * (j ? x[i * D + j - 1] : 1);
        }
        assert_true(fabs(g) < 1e-6);
    }
}

static void constant_input_does_no_harm(void **state)
{
    double x[8] = { 0, 1, 0, 2, 0, -1, 0, 3 }, y[4] = { 0, 1, 0, 1 }, beta[3];

    (void)state;
    assert_int_equal(logistic_fit(beta, &(struct logistic_data){ x, y, NULL, 4, 2 }, 0.5, &err), WN_OK);
    assert_true(beta[1] == 0 && isfinite(beta[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_of_a_two_by_two_table_is_the_log_odds_ratio),
        cmocka_unit_test(soft_target_equals_weighted_hard_ones),
        cmocka_unit_test(separable_data_converges_under_the_ridge),
        cmocka_unit_test(separable_data_without_ridge_is_refused),
        cmocka_unit_test(nothing_and_too_many_inputs_are_refused),
        cmocka_unit_test(gradient_vanishes_at_the_solution),
        cmocka_unit_test(constant_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
