/*
 * The engines "poisson" and "exponential": recursive means against the branching process
 * of Suresh et al. (2024) and against the moments of log Gamma.
 */
#include "unit/sim_drive.h"

#include "sim/theory.h"

extern const struct sim_generator sim_poisson, sim_exponential;

static int load(void **state)
{
    *state = vectors_load("collapse/extra.json");
    return 0;
}

static int unload(void **state)
{
    wn_jsonval_free(*state);
    return 0;
}

static double extinct(const struct sim_metrics *m)
{
    return drive_metric(m, "extinct");
}

static double gap_squared(const struct sim_metrics *m, double rate)
{
    double gap = drive_metric(m, "rate") - rate;

    return gap * gap;
}

static double gap_from_005(const struct sim_metrics *m)
{
    return gap_squared(m, 0.05);
}

static double gap_from_05(const struct sim_metrics *m)
{
    return gap_squared(m, 0.5);
}

static void the_rate_dies_out_as_the_branching_process_does(void **state)
{
    struct wn_sim_opts opts = { .n = 100, .model = { .rate = 0.05 } };
    struct drive d;

    drive_open(&d, &sim_poisson, &opts);
    drive_meets(&d, *state, "poisson.replace.P_extinct.M100.lam0.05", extinct, 100, 6000);
    drive_meets(&d, *state, "poisson.replace.Var.M100.lam0.05", gap_from_005, 20, 6000);
    drive_close(&d);
    opts = (struct wn_sim_opts){ .n = 20, .model = { .rate = 0.5 } };
    drive_open(&d, &sim_poisson, &opts);
    drive_meets(&d, *state, "poisson.replace.P_extinct.M20.lam0.5", extinct, 100, 6000);
    drive_meets(&d, *state, "poisson.replace.Var.M20.lam0.5", gap_from_05, 20, 6000);
    drive_close(&d);
}

/* An extinct rate has no logarithm and stays 0. */
static bool stays_extinct(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    bool *was = arg;
    bool is = drive_metric(m, "extinct") == 1;

    (void)generation;
    assert_true(is || !*was);
    assert_true(is == (drive_metric(m, "rate") == 0) && is == isnan(drive_metric(m, "log_rate")));
    *was = is;
    return true;
}

static void an_extinct_rate_stays_extinct(void **state)
{
    struct wn_sim_opts opts = { .n = 5, .model = { .rate = 0.2 } };
    struct drive d;
    bool exact = false, points = false;

    (void)state;
    drive_open(&d, &sim_poisson, &opts);
    drive_exact(&d, 0, 400, stays_extinct, &exact);
    drive_points(&d, 0, 400, stays_extinct, &points);
    assert_true(exact && points);
    drive_close(&d);
}

/* ---- exponential ------------------------------------------------------------------------ */

struct logs {
    double sum, squares;
    uint32_t at;
};

static bool add_log(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    struct logs *s = arg;

    if (generation == s->at) {
        double x = drive_metric(m, "log_scale");

        s->sum += x;
        s->squares += x * x;
    }
    return true;
}

/* A mean of M exponential times is scale Gamma(M) / M, so each fit adds psi(M) - log M to E log
 * scale and psi'(M) to its variance. */
static void the_log_scale_drifts_by_the_digamma_function(void **state)
{
    enum { M = 5, R = 4000, FITS = 20 };
    struct wn_sim_opts opts = { .n = M, .model = { .rate = 4 } };
    double mean, variance, want = FITS * sim_theory_trigamma(M);
    struct logs s = { .at = FITS };
    struct drive d;

    (void)state;
    drive_open(&d, &sim_exponential, &opts);
    for (uint32_t i = 0; i < R; i++)
        drive_exact(&d, i, FITS, add_log, &s);
    mean = s.sum / R;
    variance = s.squares / R - mean * mean;
    drive_near("E log scale", mean, FITS * sim_theory_digamma_excess(M) - log(4), sqrt(want), R);
    drive_near("Var log scale", variance, want, want * M_SQRT2 * 1.05, R);
    drive_close(&d);
}

static void kl_of_two_scales_is_the_closed_form(void **state)
{
    static const double x[] = { 1, 2, 3 }, weight[] = { 3, 1, 1 };
    struct wn_sim_opts opts = { .n = 3, .model = { .rate = 0.5 } };
    struct sim_data data = { .item = x, .n = 3, .weight = weight };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    struct drive d;

    (void)state;
    drive_open(&d, &sim_exponential, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_exponential.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_exponential.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(fabs(drive_metric(&m, "scale") - 1.6) < 1e-15);
    /* E[log p0 - log p] = log(1.6 / 2) + 2 / 1.6 - 1. */
    assert_true(fabs(drive_metric(&m, "kl") - (log(0.8) + 1.25 - 1)) < 1e-15);
    drive_end(&d);
    drive_close(&d);
}

/* ---- both ------------------------------------------------------------------------------- */

static bool take_last(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    (void)generation;
    *(struct sim_metrics *)arg = *m;
    return true;
}

static void points_and_statistics_agree(const struct sim_generator *gen, const char *metric, double rate)
{
    enum { R = 2000 };
    static double points[R], exact[R];
    struct wn_sim_opts opts = { .n = 12, .model = { .rate = rate } };
    struct sim_metrics m;
    struct drive d;
    double ks;

    drive_open(&d, gen, &opts);
    for (uint32_t i = 0; i < R; i++) {
        drive_points(&d, i, 5, take_last, &m);
        points[i] = drive_metric(&m, metric);
        drive_exact(&d, R + i, 5, take_last, &m);
        exact[i] = drive_metric(&m, metric);
    }
    drive_close(&d);
    ks = drive_ks(points, exact, R);
    if (!(ks < 1.95))
        fail_msg("%s: Kolmogorov-Smirnov %.2f", metric, ks);
}

static void both_modes_have_one_law(void **state)
{
    (void)state;
    points_and_statistics_agree(&sim_poisson, "rate", 3);
    points_and_statistics_agree(&sim_exponential, "scale", 3);
}

static void draws_depend_on_generation_and_index_alone(void **state)
{
    const struct sim_generator *gen[2] = { &sim_poisson, &sim_exponential };
    struct wn_sim_opts opts = { .n = 50, .model = { .rate = 2 } };
    double a[50], b[50];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct sim_data data = { .item = a, .n = 50 };
        struct drive d;

        drive_open(&d, gen[i], &opts);
        drive_begin(&d, 7);
        assert_int_equal(gen[i]->real(d.state, 1, 0, a, 50, NULL), WN_OK);
        assert_int_equal(gen[i]->real(d.state, 1, 20, b, 30, NULL), WN_OK);
        assert_memory_equal(a + 20, b, 30 * sizeof(*a));
        assert_int_equal(gen[i]->fit(d.state, 1, &data, NULL), WN_OK);
        assert_int_equal(gen[i]->sample(d.state, 1, 0, a, 50, NULL), WN_OK);
        assert_int_equal(gen[i]->sample(d.state, 1, 45, b, 5, NULL), WN_OK);
        assert_memory_equal(a + 45, b, 5 * sizeof(*a));
        drive_end(&d);
        drive_close(&d);
    }
}

static void policies_see_values_distances_and_densities(void **state)
{
    static const double x[] = { 2, 2, 5, 0 };
    struct wn_sim_opts opts = { .n = 4, .model = { .rate = 4 } };
    struct sim_data data = { .item = x, .n = 3 };
    uint64_t print[4];
    double out[4];
    struct drive d;

    (void)state;
    drive_open(&d, &sim_poisson, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_poisson.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_poisson.quality(d.state, x, 4, out, NULL), WN_OK);
    assert_memory_equal(out, x, sizeof(x));
    assert_int_equal(sim_poisson.distance(d.state, x, 4, out, NULL), WN_OK);
    assert_true(out[0] == 1 && out[2] == 0.5);
    assert_int_equal(sim_poisson.surprise(d.state, x, 4, out, NULL), WN_OK);   /* mean 3: e^-3 3^5 / 120 */
    assert_true(fabs(out[2] + log(exp(-3) * 243 / 120)) < 1e-14 && fabs(out[3] - 3) < 1e-15);
    assert_int_equal(sim_poisson.fingerprint(d.state, x, 4, print, NULL), WN_OK);
    assert_true(print[0] == print[1] && print[0] != print[2]);
    data = (struct sim_data){ .item = x + 3, .n = 1 };
    assert_int_equal(sim_poisson.fit(d.state, 2, &data, NULL), WN_OK);
    assert_int_equal(sim_poisson.surprise(d.state, x, 4, out, NULL), WN_OK);
    assert_true(isinf(out[0]) && out[3] == 0);
    drive_end(&d);
    drive_close(&d);

    opts.model.rate = 0.25;
    drive_open(&d, &sim_exponential, &opts);
    drive_begin(&d, 0);
    data = (struct sim_data){ .item = x, .n = 3 };
    assert_int_equal(sim_exponential.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_exponential.distance(d.state, x, 4, out, NULL), WN_OK);   /* mean and sd 4 */
    assert_true(out[0] == 0.5 && out[2] == 0.25);
    assert_int_equal(sim_exponential.surprise(d.state, x, 4, out, NULL), WN_OK);
    assert_true(fabs(out[2] - log(3) - 5.0 / 3) < 1e-14);
    drive_end(&d);
    drive_close(&d);
}

static void batches_add_up_with_their_weights(void **state)
{
    const struct sim_exact *x = sim_poisson.exact;
    struct wn_sim_opts opts = { .n = 10, .model = { .rate = 6 } };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m[3] = { { .n = 0 } };
    struct drive d;

    (void)state;
    drive_open(&d, &sim_poisson, &opts);
    drive_begin(&d, 0);
    assert_int_equal(x->real(d.state, &d.real, 10, d.batch[0], NULL), WN_OK);
    assert_int_equal(x->real(d.state, &d.real, 30, d.batch[1], NULL), WN_OK);
    x->merge(d.state, d.batch[2], d.batch[0], 3);
    x->merge(d.state, d.batch[2], d.batch[1], 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(x->fit(d.state, 1, d.batch[i], 10, NULL), WN_OK);
        assert_int_equal(sim_poisson.compare(d.state, &view, &m[i], NULL), WN_OK);
    }
    assert_true(fabs(drive_metric(&m[2], "rate") - (drive_metric(&m[0], "rate") + drive_metric(&m[1], "rate")) / 2) <
                1e-12);
    drive_end(&d);
    drive_close(&d);
}

static void what_has_no_mean_is_a_named_error(void **state)
{
    struct wn_sim_opts opts = { .n = 10 };
    struct wn_err err = { 0 };
    void *world;
    struct drive d;

    (void)state;
    drive_open(&d, &sim_poisson, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_poisson.exact->fit(d.state, 1, d.batch[0], 0, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "cannot fit a mean to 0 items"));
    assert_int_equal(sim_poisson.exact->real(d.state, &d.real, 2 * SIM_DRAW_MAX, d.batch[0], &err), WN_LIMIT);
    assert_non_null(strstr(err.text, "their sum would pass 1e+15"));
    drive_end(&d);
    drive_close(&d);
    for (int i = 0; i < 3; i++) {
        opts.model.rate = (double[]){ -1, NAN, INFINITY }[i];
        assert_int_equal(sim_poisson.open(&world, &opts, &err), WN_BADCONF);
        assert_int_equal(sim_exponential.open(&world, &opts, &err), WN_BADCONF);
        assert_non_null(strstr(err.text, "rate is"));
    }
}

static void a_model_that_was_put_away_comes_back(void **state)
{
    static const double early[] = { 1, 2 }, late[] = { 9, 9 };
    struct wn_sim_opts opts = { .n = 2 };
    struct sim_data data = { .item = early, .n = 2 };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    struct drive d;
    void *kept;

    (void)state;
    drive_open(&d, &sim_exponential, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_exponential.fit(d.state, 1, &data, NULL), WN_OK);
    kept = sim_exponential.model_put(d.state);
    assert_non_null(kept);
    data.item = late;
    assert_int_equal(sim_exponential.fit(d.state, 2, &data, NULL), WN_OK);
    assert_int_equal(sim_exponential.model_take(d.state, kept, NULL), WN_OK);
    assert_int_equal(sim_exponential.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "scale") == 1.5);
    drive_end(&d);
    drive_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_dies_out_as_the_branching_process_does),
        cmocka_unit_test(an_extinct_rate_stays_extinct),
        cmocka_unit_test(the_log_scale_drifts_by_the_digamma_function),
        cmocka_unit_test(kl_of_two_scales_is_the_closed_form),
        cmocka_unit_test(both_modes_have_one_law),
        cmocka_unit_test(draws_depend_on_generation_and_index_alone),
        cmocka_unit_test(policies_see_values_distances_and_densities),
        cmocka_unit_test(batches_add_up_with_their_weights),
        cmocka_unit_test(what_has_no_mean_is_a_named_error),
        cmocka_unit_test(a_model_that_was_put_away_comes_back),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
