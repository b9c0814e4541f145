/*
 * The mixture engine: its linear algebra, EM, and what replacement does to modes.
 */
#include "unit/sim_rows.h"

#include "sim/linalg.h"
#include "sim/mixture.h"

/* A = [[4,2],[2,3]] = L L' with L = [[2,0],[1,sqrt 2]], by hand. */
static void cholesky_of_a_known_matrix(void **state)
{
    const double a[4] = { 4, 2, 2, 3 }, indefinite[4] = { 1, 2, 2, 1 };
    double l[4];

    (void)state;
    assert_true(sim_cholesky(a, 2, l));
    assert_true(fabs(l[0] - 2) < 1e-14 && fabs(l[2] - 1) < 1e-14 && fabs(l[3] - M_SQRT2) < 1e-14);
    assert_true(l[1] == 0);
    assert_false(sim_cholesky(indefinite, 2, l));
}

/* [[2,1],[1,2]] has eigenvalues 3 and 1 with vectors (1,1)/sqrt 2 and (1,-1)/sqrt 2; with
 * the 1 lifted to 2 it is [[2.5,0.5],[0.5,2.5]], by hand. */
static void eigenvalues_below_the_floor_are_lifted(void **state)
{
    double a[4] = { 2, 1, 1, 2 }, point[4] = { 0, 0, 0, 0 }, bad[4] = { NAN, 0, 0, 1 };

    (void)state;
    assert_true(sim_floor_eigenvalues(a, 2, 0.5));
    assert_true(a[0] == 2 && a[1] == 1 && a[3] == 2);            /* above the floor: untouched */
    assert_true(sim_floor_eigenvalues(a, 2, 2));
    assert_true(fabs(a[0] - 2.5) < 1e-14 && fabs(a[1] - 0.5) < 1e-14 && fabs(a[3] - 2.5) < 1e-14);
    assert_true(sim_floor_eigenvalues(point, 2, 1e-6));
    assert_true(fabs(point[0] - 1e-6) < 1e-18 && fabs(point[3] - 1e-6) < 1e-18);
    assert_false(sim_floor_eigenvalues(bad, 2, 1e-6));
}

/* Standard normal in the plane at (1, 2): -ln 2 pi - 5/2.  Two equal components at +-1
 * on x with unit covariance at the origin: each e^(-1/2)/(2 pi), posterior 1/2. */
static void density_of_known_mixtures(void **state)
{
    struct sim_mixture one = { 1, { { 1, { 0, 0 }, { 1, 0, 0, 1 }, { 0 }, 0 } } };
    struct sim_mixture two = { 2, { { 0.5, { -1, 0 }, { 1, 0, 0, 1 }, { 0 }, 0 },
                                    { 0.5, { 1, 0 }, { 1, 0, 0, 1 }, { 0 }, 0 } } };
    const double x[2] = { 1, 2 }, origin[2] = { 0, 0 };
    double posterior[2];

    (void)state;
    assert_int_equal(sim_mixture_prepare(&one, NULL), WN_OK);
    assert_int_equal(sim_mixture_prepare(&two, NULL), WN_OK);
    assert_true(fabs(sim_mixture_log_density(&one, x, NULL) + log(2 * M_PI) + 2.5) < 1e-12);
    assert_true(fabs(sim_mixture_log_density(&two, origin, posterior) + log(2 * M_PI) + 0.5) < 1e-12);
    assert_true(fabs(posterior[0] - 0.5) < 1e-12 && fabs(posterior[1] - 0.5) < 1e-12);
    /* trace = 1 + 1 within, 1 between */
    assert_true(fabs(sim_mixture_total_variance(&two) - 3) < 1e-12);
}

/* With one component one round of EM is the sample mean and covariance, wherever it
 * starts: by hand on four points. */
static void one_component_is_fitted_exactly(void **state)
{
    union sim_value data[4] = { { { 0, 0 } }, { { 2, 0 } }, { { 0, 4 } }, { { 2, 4 } } };
    struct sim_mixture m = { 1, { { 1, { 5, -5 }, { 1, 0, 0, 1 }, { 0 }, 0 } } };
    double ll;

    (void)state;
    assert_int_equal(sim_mixture_prepare(&m, NULL), WN_OK);
    assert_int_equal(sim_em_round(&m, data, 4, &ll, NULL), WN_OK);
    assert_true(fabs(m.part[0].weight - 1) < 1e-14);
    assert_true(fabs(m.part[0].mean[0] - 1) < 1e-14 && fabs(m.part[0].mean[1] - 2) < 1e-14);
    assert_true(fabs(m.part[0].cov[0] - 1) < 1e-14 && fabs(m.part[0].cov[1]) < 1e-14 &&
                fabs(m.part[0].cov[3] - 4) < 1e-14);
    /* squared distances to (5, -5): 25 or 9 on x, 25 or 81 on y */
    assert_true(fabs(ll + log(2 * M_PI) + 0.5 * ((25 + 9) / 2.0 + (25 + 81) / 2.0)) < 1e-12);
}

/* Nothing to divide by: one point many times, and more components than points. */
static void degenerate_data_have_a_finite_fit(void **state)
{
    union sim_value data[6];
    struct wn_arena a = { 0 };
    struct sim_mixture m;
    struct wn_rng rng;
    double ll = 0, weights = 0;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        data[i].x[0] = data[i].x[1] = 7;
    wn_rng_init(&rng, 1, WN_DOMAIN_FIT, 0, 0, 0);
    assert_int_equal(sim_em_start(&m, 3, data, 6, &rng, &a, NULL), WN_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sim_em_round(&m, data, 6, &ll, NULL), WN_OK);
    for (size_t k = 0; k < 3; k++)
        weights += m.part[k].weight;
    assert_true(isfinite(ll));
    assert_true(fabs(weights - 1) < 1e-12);
    wn_arena_release(&a);
}

/* The first fit has the truth's three modes; after 60 generations of 40 points the small
 * mode is gone in most replaced runs and in no accumulating one. */
static void replacement_loses_modes_and_accumulation_does_not(void **state)
{
    const struct wn_policy p[2] = { sim_policy("replace", WN_REGIME_REPLACE),
                                    sim_policy("accumulate", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = { .engine = "gmm", .policies = p, .n_policies = 2, .generations = 60,
                                .replicates = 6, .seed = 5, .n = 40, .jobs = 2 };
    struct sim_rows *r = sim_rows_new(false);

    (void)state;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "replace", 1, "modes_covered") == 1);
    assert_true(sim_rows_mean(r, "replace", 60, "modes_covered") < 0.6);
    assert_true(sim_rows_mean(r, "accumulate", 60, "modes_covered") == 1);
    assert_true(sim_rows_mean(r, "replace", 60, "heldout_nll") > sim_rows_mean(r, "replace", 1, "heldout_nll") + 1);
    assert_true(sim_rows_mean(r, "accumulate", 60, "heldout_nll") <
                sim_rows_mean(r, "accumulate", 1, "heldout_nll") + 0.3);
    assert_true(sim_rows_mean(r, "replace", 60, "total_variance") <
                0.5 * sim_rows_mean(r, "replace", 1, "total_variance"));
    sim_rows_release(r);
}

/* 20,000 points: the fit is the truth's weights 0.6, 0.3, 0.1 (entropy 0.898 nats) and
 * total variance 1.5 + 0.08 ... computed from the truth's definition by hand:
 * within 0.6*1.5 + 0.3*1.5 + 0.1*0.8 = 1.43; between: mean (-0.9, 0.4), E|m|^2 = 9*0.9 +
 * 16*0.1 = 9.7, minus 0.81 + 0.16 = 8.73; total 10.16. */
static void a_large_sample_recovers_the_truth(void **state)
{
    const struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = { .engine = "gmm", .policies = &p, .n_policies = 1, .generations = 1,
                                .replicates = 1, .seed = 2, .n = 20000 };
    struct sim_rows *r = sim_rows_new(false);

    (void)state;
    sim_rows_run(r, &opts);
    assert_true(fabs(sim_rows_mean(r, "p", 1, "min_weight") - 0.1) < 0.01);
    assert_true(fabs(log(sim_rows_mean(r, "p", 1, "effective_components")) - 0.898) < 0.02);
    assert_true(fabs(sim_rows_mean(r, "p", 1, "total_variance") - 10.16) < 0.25);
    sim_rows_release(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky_of_a_known_matrix),
        cmocka_unit_test(eigenvalues_below_the_floor_are_lifted),
        cmocka_unit_test(density_of_known_mixtures),
        cmocka_unit_test(one_component_is_fitted_exactly),
        cmocka_unit_test(degenerate_data_have_a_finite_fit),
        cmocka_unit_test(replacement_loses_modes_and_accumulation_does_not),
        cmocka_unit_test(a_large_sample_recovers_the_truth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
