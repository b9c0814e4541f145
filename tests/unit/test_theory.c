/*
 * The closed forms against the reference vectors: every value of a case that has a
 * formula, at 1e-9 relative, and which cases have none.
 * WN_THEORY_TABLE=FILE writes one line per case: file, id, kind, values met, values.
 */
#include "support/vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/theory.h"

/* Relative, 1e-9 as the vectors ask, but for these.  First those whose last digits are off
 * in the vectors themselves (30-digit arithmetic agrees with us: see below), then standard
 * deviations that the vectors measured and we know in closed form. */
static const struct {
    const char *id, *part;
    double tolerance;
} loose[] = {
    { "g1.replace.unbiased.P_collapse.", "#sd", 0.04 },
    { "g1.replace.unbiased.quantiles.", "", 1e-7 }, /* inverted at 1e-9 absolute          */
    { "g1.replace.unbiased.P_collapse.", "", 2e-7 },
    { "g1.replace.schedule.p1.5.", "", 1e-8 }, /* differences of large lgamma        */
    { "g1.replace.schedule.p2.0.", "", 5e-8 },
    { "g1.window10.mle.E_var.M20", "#asymptotic_factor", 1e-7 }, /* a ratio taken before it settled    */
    { "g1.replace.mle.E_var.", "#sd", 0.04 },
    { "g1.replace.unbiased.E_sd.", "#sd", 0.04 },
    { "g1.replace.mle.E_sd.", "#sd", 0.04 },
    { "g1.accumulate.mle.E_var.", "#sd", 0.04 },
    { "disc.replace.P_fix.K2.", "#sd", 0.04 },
    { "poisson.replace.P_extinct.", "#sd", 0.15 }, /* of rare events                     */
};

static double tolerance_of(const char *name)
{
    for (size_t i = 0; i < sizeof(loose) / sizeof(loose[0]); i++)
        if (strncmp(name, loose[i].id, strlen(loose[i].id)) == 0 && strstr(name, loose[i].part))
            return loose[i].tolerance;
    return 1e-9;
}

static FILE *table; /* NULL: not asked for */

struct tally {
    unsigned cases, covered;     /* covered: every entry's value has a formula */
    unsigned values, met, parts; /* parts: second values (sd, limits) that have one */
    unsigned wrong;
};

/* ---- from a case to named numbers ------------------------------------------------------- */

static void set(struct sim_theory_args *a, const char *name, double value)
{
    if (strlen(name) < sizeof(a->item[0].name))
        assert_true(sim_theory_set(a, name, value));
}

static void set_member(struct sim_theory_args *a, const char *name, const struct wn_jsonval *v)
{
    double sum_squares = 0;

    if (wn_jsonval_is_num(v))
        set(a, name, wn_jsonval_num(v, 0));
    else if (strcmp(wn_jsonval_str(v, ""), "inf") == 0)
        set(a, name, INFINITY);
    for (size_t i = 0; i < wn_jsonval_size(v) && wn_jsonval_is_num(wn_jsonval_at(v, i)); i++) {
        double x = wn_jsonval_num(wn_jsonval_at(v, i), 0);
        char indexed[64];

        snprintf(indexed, sizeof(indexed), "%s%zu", name, i);
        set(a, indexed, x);
        sum_squares += x * x;
    }
    if (strcmp(name, "p") == 0 && !wn_jsonval_is_num(v))
        set(a, "S0", sum_squares);
}

static void set_members(struct sim_theory_args *a, const struct wn_jsonval *object)
{
    for (size_t i = 0; i < wn_jsonval_size(object); i++)
        set_member(a, wn_jsonval_key_at(object, i), wn_jsonval_at(object, i));
}

static struct sim_theory_args args_of(const struct wn_jsonval *c, const struct wn_jsonval *entry)
{
    struct sim_theory_args a = { .n = 0 };
    const char *key = vectors_str(entry, "key");

    assert_true(sim_theory_set_from(&a, vectors_str(c, "id")));
    set_members(&a, wn_jsonval_get(c, "params"));
    if (!entry)
        return a;
    for (size_t i = 0; i < wn_jsonval_size(entry); i++)
        if (strcmp(wn_jsonval_key_at(entry, i), "n") != 0)
            set_member(&a, wn_jsonval_key_at(entry, i), wn_jsonval_at(entry, i));
    assert_true(sim_theory_set_from(&a, key));
    if (wn_jsonval_get(entry, "n"))
        set(&a, "fits", vectors_num(entry, "n"));
    if (strcmp(key, "inf") == 0)
        set(&a, "fits", INFINITY);
    return a;
}

/* ---- one value ------------------------------------------------------------------------------ */

static bool compare(struct tally *t, const char *name, const struct sim_theory_args *a, double want)
{
    struct wn_err err = { 0 };
    double got = 0;
    enum wn_status st = sim_theory_value(name, a, &got, &err);

    if (st == WN_END)
        return false;
    if (st != WN_OK) {
        t->wrong++;
        print_error("%s: %s\n", name, err.text);
    } else if (!(fabs(got - want) <= tolerance_of(name) * fabs(want))) {
        t->wrong++;
        print_error("%s: %.17g, expected %.17g (relative %.2g)\n", name, got, want, got / want - 1);
    }
    return true;
}

/* Other numbers beside the value, each under the name "id#member". */
static void compare_parts(struct tally *t, const char *id, const struct sim_theory_args *a, const struct wn_jsonval *of)
{
    char name[160];

    for (size_t i = 0; i < wn_jsonval_size(of); i++) {
        const char *member = wn_jsonval_key_at(of, i);

        if (strcmp(member, "value") == 0 || !wn_jsonval_is_num(wn_jsonval_at(of, i)))
            continue;
        snprintf(name, sizeof(name), "%s#%s", id, member);
        t->parts += compare(t, name, a, wn_jsonval_num(wn_jsonval_at(of, i), 0));
    }
}

static bool compare_entry(struct tally *t, const struct wn_jsonval *c, const struct wn_jsonval *entry)
{
    struct sim_theory_args a = args_of(c, entry);
    const char *id = vectors_str(c, "id");
    double want = vectors_num(entry, "value");
    char name[160];

    compare_parts(t, id, &a, entry);
    snprintf(name, sizeof(name), "%s#%s", id, vectors_str(entry, "key"));
    return compare(t, name, &a, want) || compare(t, id, &a, want);
}

/* ---- a file ------------------------------------------------------------------------------------ */

static void compare_case(struct tally *t, const char *file, const struct wn_jsonval *c)
{
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected");
    struct sim_theory_args a = args_of(c, NULL);
    unsigned met = 0, all = (unsigned)wn_jsonval_size(expected);

    for (size_t i = 0; i < all; i++)
        met += compare_entry(t, c, wn_jsonval_at(expected, i));
    compare_parts(t, vectors_str(c, "id"), &a, wn_jsonval_get(c, "params"));
    t->cases++;
    t->covered += met == all;
    t->values += all;
    t->met += met;
    if (table)
        fprintf(table, "%s\t%s\t%s\t%u\t%u\n", file, vectors_str(c, "id"), vectors_str(c, "kind"), met, all);
    if (met < all && strcmp(vectors_str(c, "kind"), "mc_reference") != 0)
        print_error("no formula: %s (%u of %u)\n", vectors_str(c, "id"), met, all);
}

/* Every case of FILE has a formula, but the ones that the vectors themselves know only
 * from simulation. */
static void compare_file(const char *file, unsigned want_covered, unsigned want_cases)
{
    struct wn_jsonval *all;
    const struct wn_jsonval *cases;
    struct tally t = { 0 };
    char path[96];

    snprintf(path, sizeof(path), "collapse/%s.json", file);
    all = vectors_load(path);
    cases = wn_jsonval_get(all, "cases");
    for (size_t i = 0; i < wn_jsonval_size(cases); i++)
        compare_case(&t, file, wn_jsonval_at(cases, i));
    print_message("%-20s %3u of %3u cases, %3u of %3u values, %u second values, %u wrong\n", file, t.covered, t.cases,
                  t.met, t.values, t.parts, t.wrong);
    wn_jsonval_free(all);
    assert_int_equal(t.wrong, 0);
    assert_int_equal(t.cases, want_cases);
    assert_int_equal(t.covered, want_covered);
}

static void the_replace_chain_meets_its_vectors(void **state)
{
    (void)state;
    compare_file("gaussian1d_replace", 45, 47);
}

static void the_policies_meet_their_vectors(void **state)
{
    (void)state;
    compare_file("gaussian1d_policies", 53, 53);
}

static void the_filters_meet_their_vectors(void **state)
{
    (void)state;
    compare_file("filters", 28, 28);
}

static void discrete_laws_meet_their_vectors(void **state)
{
    (void)state;
    compare_file("discrete", 40, 41);
}

static void the_other_families_meet_their_vectors(void **state)
{
    (void)state;
    compare_file("extra", 23, 23);
    compare_file("regression_kde_lm", 19, 21);
}

static void the_covariance_chain_meets_its_vectors(void **state)
{
    (void)state;
    compare_file("gaussian_nd", 25, 32);
}

/* ---- beyond the vectors --------------------------------------------------------------------------- */

static void expect_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}

/* Whole arguments: psi(n) = H_{n-1} - gamma and psi1(n) = pi^2/6 - sum 1/k^2.  Two successive
 * c4 multiply to sqrt((m - 1)/m). */
static void special_functions_meet_their_identities(void **state)
{
    double harmonic = 0, squares = 0;

    (void)state;
    for (double n = 1; n <= 40; n++) {
        expect_near(sim_theory_digamma_excess(n), harmonic - 0.57721566490153286061 - log(n), 1e-13);
        expect_near(sim_theory_trigamma(n), M_PI * M_PI / 6 - squares, 1e-13);
        harmonic += 1 / n;
        squares += 1 / (n * n);
    }
    for (double m = 2; m < 1e6; m = floor(m * 1.2) + 1)
        expect_near(sim_theory_log_c4(m) + sim_theory_log_c4(m + 1), 0.5 * log1p(-1 / m), 2e-13);
    for (double z = -3; z <= 6; z += 0.5)
        assert_true(fabs(sim_theory_normal_upper_quantile(sim_theory_normal_above(z)) - z) < 1e-12);
}

/* 30-digit quadrature of the inversion integral (mpmath 1.3). */
static void the_law_of_the_variance_meets_30_digit_arithmetic(void **state)
{
    (void)state;
    expect_near(sim_replace_cdf(10, 1, 10, 0.1), 0.228767439792634701, 1e-11);
    expect_near(sim_replace_cdf(10, 1, 10, 0.01), 0.0178580409488325242, 1e-11);
    expect_near(sim_replace_cdf(10, 1, 50, 0.5), 0.926490338095450972, 1e-11);
    expect_near(sim_replace_cdf(100, 1, 100, 0.1), 0.183307954901533525, 1e-11);
    expect_near(sim_replace_cdf(100, 1, 500, 0.5), 0.914711746847889864, 1e-11);
    expect_near(sim_schedule_w2(100, 1.5, 100), 0.0362117905573130607, 1e-13);
    expect_near(sim_schedule_w2(100, 2, 100), 0.0245623932482278367, 1e-13);
}

/* Three points, one fit: v is exponential. */
static void one_fit_of_three_points_is_exponential(void **state)
{
    (void)state;
    for (double eps = 0.05; eps < 4; eps *= 1.5)
        expect_near(sim_replace_cdf(3, 1, 1, eps), -expm1(-eps), 1e-12);
    expect_near(sim_replace_quantile(3, 1, 1, 0.5), log(2), 1e-12);
    expect_near(sim_replace_quantile(3, 0, 1, 0.5), log(2) * 2 / 3, 1e-12);
}

static void limits_are_where_long_runs_go(void **state)
{
    (void)state;
    for (double m = 2; m < 200; m *= 3) {
        expect_near(sim_accumulate_var(m, 0, INFINITY), sim_accumulate_var(m, 0, 1e6), 1e-5);
        expect_near(sim_accumulate_var(m, 1, INFINITY), sim_accumulate_var(m, 1, 1e6), 1e-5);
        expect_near(sim_subsample_var(m, INFINITY), sim_subsample_var(m, 1e6), 1e-5);
        expect_near(sim_fresh_var(m, 1, 0.9, INFINITY), sim_fresh_var(m, 1, 0.9, 1e5), 1e-9);
        expect_near(sim_fresh_mu2(m, 0, 0.9, INFINITY), sim_fresh_mu2(m, 0, 0.9, 1e5), 1e-9);
        expect_near(sim_fixed_real_var(2, m, INFINITY), sim_fixed_real_var(2, m, 1e5), 1e-9);
        expect_near(sim_weight_var_error(m + 1, m + 1, 0.9, INFINITY), sim_weight_var_error(m + 1, m + 1, 0.9, 1e4),
                    1e-9);
    }
    expect_near(1 - sim_subsample_var(1e6, INFINITY), (M_PI * M_PI / 2 - 2) / 1e6, 1e-5);
    /* window W loses about 4 / ((W + 1)^2 M) per fit */
    expect_near(1 - sim_window_rate(1e5, 20), 4 / (21.0 * 21 * 1e5), 0.01);
    assert_true(sim_accumulate_lambda_var(10, 0.9, INFINITY) == 0);
}

/* A window of one batch is `replace`; full share of real data is a first fit for ever. */
static void policies_meet_at_their_corners(void **state)
{
    (void)state;
    for (double n = 1; n <= 40; n *= 2) {
        expect_near(sim_window_var(20, 1, n), sim_replace_var(20, 0, n), 1e-12);
        expect_near(sim_window_var(20, 64, n), sim_accumulate_var(20, 0, n), 1e-12);
        expect_near(sim_fresh_var(20, 0, 1, n), sim_replace_var(20, 0, n), 1e-12);
        expect_near(sim_fresh_var(20, 20, 1, n), 1 - 1.0 / 20, 1e-12);
        expect_near(sim_fresh_iid_var(20, 0, n), sim_replace_var(20, 0, n), 1e-12);
        expect_near(sim_accumulate_lambda_var(20, 1, n), sim_accumulate_var(20, 0, n), 1e-12);
        expect_near(sim_general_var(20, 1, 0, 0, n), sim_replace_var(20, 0, n), 1e-12);
        expect_near(sim_schedule_var(20, 0, 0, n), sim_replace_var(20, 0, n), 1e-12);
    }
}

/* Supports 1000, 688, 250, 64, 11, 7 of Zipf's law with exponent 1 under top-p 0.95: a
 * published table of the states that are left. */
static void top_p_shrinks_again_with_every_fit(void **state)
{
    static const unsigned fits[] = { 1, 2, 5, 10, 20, 50 }, left[] = { 1000, 688, 250, 64, 11, 7 };
    struct sim_theory_args a = { .n = 0 };

    (void)state;
    set(&a, "zipf", 1);
    set(&a, "K", 1000);
    set(&a, "topp", 0.95);
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        double got = 0;

        set(&a, "fits", fits[i]);
        assert_int_equal(sim_theory_value("disc.bias.topp.zipf1", &a, &got, NULL), WN_OK);
        assert_int_equal(got, left[i]);
    }
}

/* Suresh et al.: 1000 states, 1000 points, p ~ 1/(rank + b)^a: states alive after 1, 2, 3
 * and 10 fits; and p = 0.2 among 100 points: 98.27 fits to absorption on average. */
static void published_settings_give_their_figures(void **state)
{
    static const double a[] = { 1, 2 }, b[] = { 2.7, 5 }, fits[] = { 1, 2, 3, 10 };
    static const double alive[2][4] = { { 390.1, 292.6, 239.4, 115.4 }, { 121.0, 96.0, 0, 48.4 } };
    double got = 0, *p;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sim_theory_zipf_new(a[i], b[i], 1000, &p, NULL), WN_OK);
        for (int k = 0; k < 4; k++) {
            struct sim_theory_law law = { p, 1000 };

            assert_int_equal(sim_theory_state_sum(&law, 1000, fits[k], SIM_SUM_STATES, &got, NULL), WN_OK);
            if (alive[i][k] > 0)
                assert_true(fabs(got - alive[i][k]) <= 0.05);
        }
        free(p);
    }
    assert_int_equal(sim_absorption_two(100, 0.2, &got, NULL), WN_OK);
    assert_true(fabs(got - 98.27) <= 0.005);
}

/* ---- flat laws, and the table itself -------------------------------------------------------------- */

/* The table of the hysteresis case: rho, tau, and whether both ends are stable. */
static void flat_laws_are_bistable_between_two_shares(void **state)
{
    (void)state;
    assert_true(sim_flat_is_bistable(1000, 0.15, 0.9));
    assert_true(sim_flat_is_bistable(1000, 0.25, 0.9));
    assert_false(sim_flat_is_bistable(1000, 0.4, 0.9));
    assert_true(sim_flat_is_bistable(1000, 0.1, 0.95));
    assert_false(sim_flat_is_bistable(1000, 0.25, 0.95));
    assert_true(sim_flat_is_bistable(1000, 0.3, 0.8));
    assert_false(sim_flat_is_bistable(1000, 0.05, 0.9)); /* below 1 - tau the truth is unstable */
}

/* Asked without arguments, a row either needs none or says which. */
static void every_row_names_what_it_needs(void **state)
{
    struct sim_theory_args none = { .n = 0 };
    const char *pattern, *args;
    size_t i = 0;

    (void)state;
    for (; sim_theory_row(i, &pattern, &args); i++) {
        struct wn_err err = { 0 };
        double got;
        enum wn_status st = sim_theory_value(pattern, &none, &got, &err);

        assert_true(st == WN_OK || (st == WN_BADCONF && strstr(err.text, "needs")));
    }
    assert_true(i > 150);
}

static void a_missing_argument_is_named(void **state)
{
    struct sim_theory_args a = { .n = 0 };
    struct wn_err err = { 0 };
    double got;

    (void)state;
    assert_int_equal(sim_theory_value("no.such.thing", &a, &got, &err), WN_END);
    set(&a, "fits", 3);
    assert_int_equal(sim_theory_value("g1.replace.mle.E_var.M10", &a, &got, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "needs 'M'"));
    set(&a, "M", 3);
    assert_int_equal(sim_theory_value("g1.replace.unbiased.E_KL_0n.M3", &a, &got, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "not finite"));
    set(&a, "fits", INFINITY);
    assert_int_equal(sim_theory_value("g1.replace.mle.E_var.M3", &a, &got, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "no limit"));
    assert_int_equal(sim_theory_value("g1.accumulate.mle.E_var.M3", &a, &got, &err), WN_OK);
    set(&a, "fits", 0);
    assert_int_equal(sim_theory_value("g1.accumulate.mle.E_var.M3", &a, &got, &err), WN_BADCONF);
}

int main(void)
{
    const char *path = getenv("WN_THEORY_TABLE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_replace_chain_meets_its_vectors),
        cmocka_unit_test(the_policies_meet_their_vectors),
        cmocka_unit_test(the_filters_meet_their_vectors),
        cmocka_unit_test(discrete_laws_meet_their_vectors),
        cmocka_unit_test(the_other_families_meet_their_vectors),
        cmocka_unit_test(the_covariance_chain_meets_its_vectors),
        cmocka_unit_test(special_functions_meet_their_identities),
        cmocka_unit_test(the_law_of_the_variance_meets_30_digit_arithmetic),
        cmocka_unit_test(one_fit_of_three_points_is_exponential),
        cmocka_unit_test(limits_are_where_long_runs_go),
        cmocka_unit_test(policies_meet_at_their_corners),
        cmocka_unit_test(top_p_shrinks_again_with_every_fit),
        cmocka_unit_test(published_settings_give_their_figures),
        cmocka_unit_test(flat_laws_are_bistable_between_two_shares),
        cmocka_unit_test(every_row_names_what_it_needs),
        cmocka_unit_test(a_missing_argument_is_named),
    };
    int failed;

    table = path ? fopen(path, "w") : NULL;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (table)
        fclose(table);
    return failed;
}
