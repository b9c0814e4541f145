/*
 * The engine "labels": wrong items copied and added, and verification against the
 * recursion p <- e + (1 - e) p psi / (p psi + (1 - p) phi) of filters.json.
 */
#include "unit/sim_drive.h"

#include "sim/theory.h"

extern const struct sim_generator sim_labels;

enum { N = 20000 };

/* ---- verification: is_wrong() decides which items are kept ------------------------------ */

/* Keeps right items with probability PHI, wrong ones with PSI; how many are left. */
static size_t verify(struct drive *d, uint8_t *item, size_t n, double phi, double psi)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        bool wrong = sim_labels.is_wrong(d->state, &item[i]);

        if (wn_rng_u01(&d->count) < (wrong ? psi : phi))
            item[kept++] = item[i];
    }
    return kept;
}

/* Each fit moves p by chance (sd about sqrt(p(1 - p)/n)) and carries the rest on by the slope
 * (1 - e) psi / phi < 1 at most: the sum of all is below that of a geometric series. */
static void verification_meets_its_recursion(void **state)
{
    struct wn_jsonval *file = vectors_load("collapse/filters.json");
    const struct wn_jsonval *c = drive_case(file, "verify.loop"), *params = wn_jsonval_get(c, "params");
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected");
    double e = vectors_num(params, "e"), phi = vectors_num(params, "phi"), psi = vectors_num(params, "psi");
    struct wn_sim_opts opts = { .n = N, .model = { .rate = e } };
    double sd = sqrt(0.11 * 0.89 / (0.9 * N)) / (1 - (1 - e) * psi / phi);
    uint8_t *item = calloc(N, 1);
    size_t n = N;
    struct drive d;

    (void)state;
    drive_open(&d, &sim_labels, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_labels.real(d.state, 0, 0, item, N, NULL), WN_OK);
    for (uint32_t g = 1; g <= 50; g++) {
        struct sim_data data = { .item = item, .n = n };
        struct sim_view view = { .generation = g };
        struct sim_metrics m = { .n = 0 };

        assert_int_equal(sim_labels.fit(d.state, g, &data, NULL), WN_OK);
        assert_int_equal(sim_labels.compare(d.state, &view, &m, NULL), WN_OK);
        drive_near("theory", drive_metric(&m, "wrong_rate"), sim_verify_wrong(e, phi, psi, g), g > 1 ? sd : 0, 1);
        for (size_t i = 0; i < wn_jsonval_size(expected); i++)
            if (vectors_num(wn_jsonval_at(expected, i), "n") == g)
                drive_near("verify.loop", drive_metric(&m, "wrong_rate"),
                           vectors_num(wn_jsonval_at(expected, i), "value"), g > 1 ? sd : 0, 1);
        assert_int_equal(sim_labels.sample(d.state, g, 0, item, N, NULL), WN_OK);
        n = verify(&d, item, N, phi, psi);
    }
    drive_end(&d);
    drive_close(&d);
    free(item);
    wn_jsonval_free(file);
}

/* ---- without a filter ------------------------------------------------------------------- */

static bool take_last(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    (void)generation;
    *(struct sim_metrics *)arg = *m;
    return true;
}

/* Nothing heals: E[1 - p_n] = (1 - e)^n. */
static void errors_pile_up_when_nothing_verifies(void **state)
{
    enum { R = 200, FITS = 8 };
    struct wn_sim_opts opts = { .n = 100 };   /* the default error, 0.05 */
    double exact = 0, points = 0, want = 1 - pow(0.95, FITS);
    struct sim_metrics m;
    struct drive d;

    (void)state;
    drive_open(&d, &sim_labels, &opts);
    for (uint32_t i = 0; i < R; i++) {
        drive_exact(&d, i, FITS, take_last, &m);
        exact += drive_metric(&m, "wrong_rate") / R;
        assert_true(fabs(drive_metric(&m, "wrong_rate") - 0.05 - 0.95 * drive_metric(&m, "data_wrong")) < 1e-15);
        drive_points(&d, i, FITS, take_last, &m);
        points += drive_metric(&m, "wrong_rate") / R;
    }
    /* sd of one run: below that of FITS independent draws of 100. */
    drive_near("exact", exact, want, sqrt(FITS * 0.25 / 100), R);
    drive_near("points", points, want, sqrt(FITS * 0.25 / 100), R);
    drive_close(&d);
}

static void both_modes_have_one_law(void **state)
{
    enum { R = 2000 };
    static double points[R], exact[R];
    struct wn_sim_opts opts = { .n = 200, .model = { .rate = 0.1 } };
    struct sim_metrics m;
    struct drive d;

    (void)state;
    drive_open(&d, &sim_labels, &opts);
    for (uint32_t i = 0; i < R; i++) {
        drive_points(&d, i, 3, take_last, &m);
        points[i] = drive_metric(&m, "data_wrong");
        drive_exact(&d, R + i, 3, take_last, &m);
        exact[i] = drive_metric(&m, "data_wrong");
    }
    drive_close(&d);
    assert_true(drive_ks(points, exact, R) < 1.95);
}

/* ---- the table -------------------------------------------------------------------------- */

static void policies_see_right_and_wrong(void **state)
{
    static const uint8_t item[] = { 0, 1, 0, 0 };
    const double weight[] = { 1, 2, 0.5, 0.5 };
    struct wn_sim_opts opts = { .n = 4, .model = { .rate = 0.2 } };
    struct sim_data data = { .item = item, .n = 4, .weight = weight };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    double x[4];
    struct drive d;
    void *kept;

    (void)state;
    drive_open(&d, &sim_labels, &opts);
    drive_begin(&d, 0);
    assert_int_equal(sim_labels.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_labels.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "data_wrong") == 0.5 && fabs(drive_metric(&m, "wrong_rate") - 0.6) < 1e-15);
    assert_int_equal(sim_labels.quality(d.state, item, 4, x, NULL), WN_OK);
    assert_true(x[0] == 1 && x[1] == 0);
    assert_int_equal(sim_labels.surprise(d.state, item, 4, x, NULL), WN_OK);
    assert_true(fabs(x[0] + log(0.4)) < 1e-15 && fabs(x[1] + log(0.6)) < 1e-15);
    kept = sim_labels.model_put(d.state);
    data.weight = NULL;
    assert_int_equal(sim_labels.fit(d.state, 2, &data, NULL), WN_OK);
    assert_int_equal(sim_labels.model_take(d.state, kept, NULL), WN_OK);
    m.n = 0;
    assert_int_equal(sim_labels.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "data_wrong") == 0.5);
    drive_end(&d);
    drive_close(&d);
}

static void batches_add_up_and_are_drawn_from(void **state)
{
    const struct sim_exact *x = sim_labels.exact;
    struct wn_sim_opts opts = { .n = 100, .model = { .rate = 1 } };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    struct drive d;
    double sum = 0;

    (void)state;
    drive_open(&d, &sim_labels, &opts);   /* rate 1: every generated item is wrong */
    drive_begin(&d, 0);
    assert_int_equal(x->real(d.state, &d.real, 30, d.batch[0], NULL), WN_OK);
    assert_int_equal(x->sample(d.state, &d.sample, 10, d.batch[1], NULL), WN_OK);
    x->merge(d.state, d.batch[0], d.batch[1], 1);
    assert_int_equal(x->fit(d.state, 1, d.batch[0], 40, NULL), WN_OK);
    assert_int_equal(sim_labels.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "data_wrong") == 0.25 && drive_metric(&m, "wrong_rate") == 1);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(x->subsample(d.state, &d.count, d.batch[0], 8, d.batch[2], NULL), WN_OK);
        assert_int_equal(x->fit(d.state, 2, d.batch[2], 8, NULL), WN_OK);
        m.n = 0;
        assert_int_equal(sim_labels.compare(d.state, &view, &m, NULL), WN_OK);
        sum += drive_metric(&m, "data_wrong");
    }
    /* Hypergeometric: variance 8 (1/4)(3/4)(32/39) / 8^2. */
    drive_near("subsample", sum / 500, 0.25, sqrt(0.1875 * 32 / 39 / 8), 500);
    drive_end(&d);
    drive_close(&d);
}

static void errors_outside_0_to_1_are_refused(void **state)
{
    struct wn_err err = { 0 };
    void *world;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct wn_sim_opts opts = { .n = 10, .model = { .rate = (double[]){ -0.1, 1.5, NAN }[i] } };

        assert_int_equal(sim_labels.open(&world, &opts, &err), WN_BADCONF);
        assert_non_null(strstr(err.text, "above 0 and at most 1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verification_meets_its_recursion),
        cmocka_unit_test(errors_pile_up_when_nothing_verifies),
        cmocka_unit_test(both_modes_have_one_law),
        cmocka_unit_test(policies_see_right_and_wrong),
        cmocka_unit_test(batches_add_up_and_are_drawn_from),
        cmocka_unit_test(errors_outside_0_to_1_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
