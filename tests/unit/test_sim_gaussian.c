/*
 * The 1-D Gaussian loop against exact moments.  Expected values: closed forms and
 * recursions in tests/vectors/collapse/gaussian.json ("formula" of each case), which
 * were derived and checked by Monte-Carlo outside this project.
 */
#include "unit/sim_rows.h"

#include "sim/forecast.h"

enum { REPLICATES = 2000, GENERATIONS = 5 };

static char *read_all(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *text = malloc(1 << 20);

    assert_non_null(f);
    assert_non_null(text);
    *len = fread(text, 1, 1 << 20, f);
    fclose(f);
    return text;
}

static int load_vectors(void **state)
{
    size_t len;
    char *text = read_all(WN_TEST_DATA "/collapse/gaussian.json", &len);
    struct wn_jsonval *v = NULL;
    enum wn_status st = wn_jsonval_parse(&v, (struct wn_str){ text, len }, NULL);

    free(text);
    *state = v;
    return st == WN_OK ? 0 : -1;
}

static int free_vectors(void **state)
{
    wn_jsonval_free(*state);
    return 0;
}

static const struct wn_jsonval *expected_of(const struct wn_jsonval *vectors, const char *id)
{
    const struct wn_jsonval *cases = wn_jsonval_get(vectors, "cases");

    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);

        if (strcmp(wn_jsonval_str(wn_jsonval_get(c, "id"), ""), id) == 0)
            return wn_jsonval_get(c, "expected");
    }
    fail_msg("no vector '%s'", id);
    return NULL;
}

/* E of METRIC (of its square, when SQUARED) within 4 standard errors, for every n of the
 * vector that lies in FROM..GENERATIONS. */
static void check_mean(struct sim_rows *r, const struct wn_jsonval *vectors, const char *id, const char *policy,
                       const char *metric, bool squared, unsigned from)
{
    const struct wn_jsonval *expected = expected_of(vectors, id);
    size_t n_checked = 0;

    for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, i);
        unsigned n = (unsigned)wn_jsonval_num(wn_jsonval_get(e, "n"), 0);
        double value = wn_jsonval_num(wn_jsonval_get(e, "value"), NAN);
        double sd = wn_jsonval_num(wn_jsonval_get(e, "sd"), NAN), mean;
        struct sim_sum *s;

        if (n < from || n > GENERATIONS)
            continue;
        s = sim_rows_find(r, policy, n, metric);
        assert_non_null(s);
        assert_int_equal(s->n, REPLICATES);
        mean = (squared ? s->squares : s->sum) / REPLICATES;
        if (!(fabs(mean - value) <= 4 * sd / sqrt(REPLICATES)))
            fail_msg("%s, n = %u: mean %.6f, expected %.6f, z = %.2f", id, n, mean, value,
                     (mean - value) * sqrt(REPLICATES) / sd);
        n_checked++;
    }
    assert_true(n_checked > 0);
}

static struct sim_rows *run(const struct wn_policy *policies, size_t n_policies, uint64_t n, enum wn_estimator e)
{
    struct wn_sim_opts opts = {
        .engine = "gaussian", .policies = policies, .n_policies = n_policies, .generations = GENERATIONS,
        .replicates = REPLICATES, .seed = 20, .n = n, .jobs = 2, .estimator = e,
    };
    struct sim_rows *r = sim_rows_new(false);

    sim_rows_run(r, &opts);
    return r;
}

static void replace_and_fresh_real_meet_the_exact_means_for_mle(void **state)
{
    struct wn_policy p[2] = { sim_policy("replace", WN_REGIME_REPLACE), sim_policy("fresh", WN_REGIME_FRESH_REAL) };
    struct sim_rows *r;

    p[1].real_share = 0.1;
    r = run(p, 2, 10, WN_ESTIMATE_MLE);
    check_mean(r, *state, "g1.replace.mle.E_var.M10", "replace", "variance", false, 1);
    check_mean(r, *state, "g1.replace.mle.E_logvar.M10", "replace", "log_variance", false, 1);
    check_mean(r, *state, "g1.replace.mle.E_W2sq.M10", "replace", "w2_squared", false, 1);
    check_mean(r, *state, "g1.fresh.stratified.mle.E_var.M10.Mr1", "fresh", "variance", false, 1);
    check_mean(r, *state, "g1.fresh.stratified.mle.Var_mu.M10.Mr1", "fresh", "mean", true, 1);
    sim_rows_release(r);
}

static void replace_meets_the_exact_means_for_unbiased(void **state)
{
    struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE);
    struct sim_rows *r = run(&p, 1, 10, WN_ESTIMATE_UNBIASED);

    check_mean(r, *state, "g1.replace.unbiased.E_var.M10", "replace", "variance", false, 1);
    check_mean(r, *state, "g1.replace.unbiased.E_logvar.M10", "replace", "log_variance", false, 1);
    check_mean(r, *state, "g1.replace.unbiased.E_KL_0n.M10", "replace", "kl", false, 1);
    sim_rows_release(r);
}

static void accumulate_and_its_subsample_meet_the_exact_means_for_mle(void **state)
{
    const struct wn_policy p[2] = { sim_policy("accumulate", WN_REGIME_ACCUMULATE),
                                    sim_policy("subsample", WN_REGIME_ACCUMULATE_SUBSAMPLE) };
    struct sim_rows *r = run(p, 2, 5, WN_ESTIMATE_MLE);

    check_mean(r, *state, "g1.accumulate.mle.E_var.M5", "accumulate", "variance", false, 1);
    check_mean(r, *state, "g1.accumulate_subsample.mle.E_var.M5", "subsample", "variance", false, 1);
    sim_rows_release(r);
}

static void accumulate_meets_the_exact_means_for_unbiased(void **state)
{
    const struct wn_policy p = sim_policy("accumulate", WN_REGIME_ACCUMULATE);
    struct sim_rows *r = run(&p, 1, 5, WN_ESTIMATE_UNBIASED);

    check_mean(r, *state, "g1.accumulate.unbiased.E_var.M5", "accumulate", "variance", false, 1);
    sim_rows_release(r);
}

/* 20 human points hide among 180 synthetic ones in every intake; the filter finds 99 % of
 * the synthetic and loses 20 % of the human.  The vector filters its first data as well;
 * ours are real and kept whole, and the recursion forgets that by a factor 0.0086 a fit
 * (E_pair of the case), so that n = 5 must agree. */
static void a_detector_at_its_operating_point_meets_the_exact_mean(void **state)
{
    struct wn_policy p = sim_policy("detector", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = {
        .engine = "gaussian", .policies = &p, .n_policies = 1, .generations = GENERATIONS, .replicates = REPLICATES,
        .seed = 21, .n = 200, .jobs = 2, .scraped_human_share = 0.1, .mode = WN_SIM_POINTS,
    };
    struct sim_rows *r = sim_rows_new(false);
    struct sim_sum *tpr, *fpr;

    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ .given = true, .tpr = 0.99, .fpr = 0.2 };
    sim_rows_run(r, &opts);
    check_mean(r, *state, "filter.fixed_intake.E_var.Nr20.Ns180.tpr0.99.fpr0.2", "detector", "variance", false, 5);
    /* Binomial rates: within 4 standard errors of what was asked for. */
    tpr = sim_rows_find(r, "detector", 5, "achieved_tpr");
    fpr = sim_rows_find(r, "detector", 5, "achieved_fpr");
    assert_true(fabs(tpr->sum / REPLICATES - 0.99) < 4 * sqrt(0.99 * 0.01 / (180.0 * REPLICATES)));
    assert_true(fabs(fpr->sum / REPLICATES - 0.2) < 4 * sqrt(0.2 * 0.8 / (20.0 * REPLICATES)));
    sim_rows_release(r);
}

/* The mean after N fits as the forecast has it; NAN: not known. */
static double forecast_variance(const struct wn_policy *p, enum wn_estimator estimator, uint64_t m, unsigned n)
{
    struct wn_sim_opts opts = { .engine = "gaussian", .policies = p, .n_policies = 1, .generations = n, .n = m,
                                .estimator = estimator };
    struct sim_metrics now = { .n = 0 };
    struct sim_setup s;
    struct sim_forecast *f;
    double got = NAN;

    assert_int_equal(sim_setup_open(&s, &opts, NULL), WN_OK);
    assert_int_equal(sim_forecast_open(&f, &s, p, NULL), WN_OK);
    for (unsigned g = 1; g <= n; g++)
        assert_int_equal(sim_forecast_next(f, g == n ? &now : NULL, NULL), WN_OK);
    for (size_t i = 0; i < now.n; i++)
        if (strcmp(now.item[i].name, "variance") == 0)
            got = now.item[i].value;
    sim_forecast_close(f);
    sim_setup_close(&s);
    return got;
}

static void forecasts_are_the_closed_forms(void **state)
{
    const struct wn_jsonval *vectors = *state;
    static const struct {
        const char *id;
        enum wn_regime regime;
        enum wn_estimator estimator;
        uint64_t m;
        double share;
    } cases[] = {
        { "g1.replace.mle.E_var.M10", WN_REGIME_REPLACE, WN_ESTIMATE_MLE, 10, 0 },
        { "g1.replace.unbiased.E_var.M10", WN_REGIME_REPLACE, WN_ESTIMATE_UNBIASED, 10, 0 },
        { "g1.accumulate.mle.E_var.M5", WN_REGIME_ACCUMULATE, WN_ESTIMATE_MLE, 5, 0 },
        { "g1.accumulate.unbiased.E_var.M5", WN_REGIME_ACCUMULATE, WN_ESTIMATE_UNBIASED, 5, 0 },
        { "g1.accumulate_subsample.mle.E_var.M5", WN_REGIME_ACCUMULATE_SUBSAMPLE, WN_ESTIMATE_MLE, 5, 0 },
        { "g1.fresh.stratified.mle.E_var.M10.Mr1", WN_REGIME_FRESH_REAL, WN_ESTIMATE_MLE, 10, 0.1 },
    };

    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        const struct wn_jsonval *expected = expected_of(vectors, cases[k].id);
        struct wn_policy p = sim_policy("p", cases[k].regime);

        p.real_share = cases[k].share;
        for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
            const struct wn_jsonval *e = wn_jsonval_at(expected, i);
            unsigned n = (unsigned)wn_jsonval_num(wn_jsonval_get(e, "n"), 0);
            double value = wn_jsonval_num(wn_jsonval_get(e, "value"), NAN);
            double got = forecast_variance(&p, cases[k].estimator, cases[k].m, n);

            if (!(fabs(got - value) <= 1e-9 * fabs(value)))
                fail_msg("%s, n = %u: %.12f, expected %.12f", cases[k].id, n, got, value);
        }
    }
}

static void forecasts_are_silent_where_nothing_is_known(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);

    (void)state;
    p.filter_by = WN_FILTER_TOP_FRACTION;
    p.top_share = 0.5;
    assert_true(isnan(forecast_variance(&p, WN_ESTIMATE_MLE, 10, 3)));
    p = sim_policy("p", WN_REGIME_REPLACE);
    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ .given = true, .tpr = 0.9, .fpr = 0.1 };
    p.max_synthetic = 0.5;
    assert_true(isnan(forecast_variance(&p, WN_ESTIMATE_MLE, 10, 3)));
    p = sim_policy("p", WN_REGIME_ACCUMULATE);
    p.budget_documents = 5;
    assert_true(isnan(forecast_variance(&p, WN_ESTIMATE_MLE, 10, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replace_and_fresh_real_meet_the_exact_means_for_mle),
        cmocka_unit_test(replace_meets_the_exact_means_for_unbiased),
        cmocka_unit_test(accumulate_and_its_subsample_meet_the_exact_means_for_mle),
        cmocka_unit_test(accumulate_meets_the_exact_means_for_unbiased),
        cmocka_unit_test(a_detector_at_its_operating_point_meets_the_exact_mean),
        cmocka_unit_test(forecasts_are_the_closed_forms),
        cmocka_unit_test(forecasts_are_silent_where_nothing_is_known),
    };

    return cmocka_run_group_tests(tests, load_vectors, free_vectors);
}
