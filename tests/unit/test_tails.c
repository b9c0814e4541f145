#include "support/vectors.h"

#include <math.h>
#include <winnow/tails.h>

/* |got - want| <= tol |want|, or both equal (infinities, 0). */
static bool near(double got, double want, double tol)
{
    return got == want || fabs(got - want) <= tol * fabs(want);
}

static void expect(const char *id, double got, double want, double tol)
{
    if (!near(got, want, tol))
        fail_msg("%s: got %.17g, want %.17g", id, got, want);
}

/* Either p or log p, whichever the file has; "nan" and absent ones are skipped. */
static void expect_tail(const struct wn_jsonval *c, double got, const char *p_key, const char *log_key)
{
    const char *id = vectors_str(c, "id");
    double p = vectors_num(c, p_key), log_p = vectors_num(c, log_key);

    assert_true(p == p || log_p == log_p);
    if (log_p == log_p)
        expect(id, got, log_p, 1e-12);
    if (p == p && p > 1e-280)
        expect(id, exp(got), p, 1e-9);
}

static double tail_of(const struct wn_jsonval *c, const char *kind)
{
    uint64_t n = (uint64_t)vectors_num(c, "n"), k = (uint64_t)wn_jsonval_num(wn_jsonval_get(c, "k"), 0);

    if (strcmp(kind, "normal") == 0)
        return wn_log_normal_sf(vectors_num(c, "z"));
    if (strcmp(kind, "binomial") == 0)
        return wn_log_binomial_sf(k, n, vectors_num(c, "gamma"));
    if (strcmp(kind, "gamma") == 0)
        return wn_log_gamma_sf(n, vectors_num(c, "score"));
    return wn_log_hypergeometric_sf(k, (uint64_t)vectors_num(c, "N"), (uint64_t)vectors_num(c, "K"), n);
}

/* scipy 1.10.1 and mpmath at 40 digits. */
static void all_tails_equal_the_reference(void **state)
{
    struct wn_jsonval *file = vectors_load("watermark/statistics.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");
    size_t n = wn_jsonval_size(cases);

    (void)state;
    assert_true(n > 40);
    for (size_t i = 0; i < n; i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);
        const char *kind = vectors_str(c, "kind");
        double got = tail_of(c, kind);

        if (strcmp(kind, "gamma") == 0)
            expect_tail(c, got, "gammaincc", "log_gamma_sf");
        else if (strcmp(kind, "normal") == 0)
            expect_tail(c, got, "sf", "log_sf");
        else
            expect_tail(c, got, "sf_ge_k", "log_sf_ge_k");
    }
    wn_jsonval_free(file);
}

/* mpmath 1.3.0 at 40 digits: ln of the first term by loggamma, and the sum of the
 * ratios of the following terms until they fall below 1e-25. */
static void a_thousand_million_trials_are_exact(void **state)
{
    const uint64_t n = 1000000000;

    (void)state;
    expect("at the mean", wn_log_binomial_sf(250000001, n, 0.25), -0.693181171533233007, 1e-12);
    expect("0.7 sd", wn_log_binomial_sf(250010000, n, 0.25), -1.45837184669896893, 1e-12);
    expect("73 sd", wn_log_binomial_sf(251000000, n, 0.25), -2669.50914298258618, 1e-12);
    expect("far", wn_log_binomial_sf(400000000, n, 0.25), -54115330.7836344682, 1e-12);
    expect("rare", wn_log_binomial_sf(10, n, 1e-9), -16.0099098615950308, 1e-12);
    expect("gamma, mean", wn_log_gamma_sf(n, 1e9), -0.693155591037053387, 2e-12);
    expect("gamma, 3 sd", wn_log_gamma_sf(n, 1000100000), -7.15243385082264773, 1e-12);
    expect("gamma, far", wn_log_gamma_sf(n, 2e9), -306852830.720626144, 1e-12);
    expect("urn, mean", wn_log_hypergeometric_sf(125000000, n, 250000000, 500000000), -0.693088913007963635, 1e-12);
    expect("urn, 10 sd", wn_log_hypergeometric_sf(125100000, n, 250000000, 500000000), -110.270604171951912, 1e-12);
    expect("small urn", wn_log_hypergeometric_sf(25000, n, 250000000, 100000), -0.690722023439729671, 1e-12);
    expect("normal, 100 sd", wn_log_normal_sf(100), -5005.52420869420509, 1e-14);
}

static void the_two_branches_of_the_normal_tail_meet(void **state)
{
    (void)state;
    /* mpmath, as above; the switch lies at 20 */
    expect("below", wn_log_normal_sf(19.999999), -203.917135321344674, 1e-14);
    expect("above", wn_log_normal_sf(20.000001), -203.917175420850852, 1e-14);
}

/* n = 40 is small enough to add up the definition in long double. */
static void a_small_binomial_equals_its_sum(void **state)
{
    const double rates[] = { 1e-6, 0.01, 0.25, 0.5, 0.75, 0.999 };

    (void)state;
    for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
        long double p = rates[r], term = powl(1 - p, 40), below = 0;
        long double tail[42] = { 0 }, pmf[41];

        for (int k = 0; k <= 40; k++) {
            pmf[k] = term;
            term *= (40 - k) * p / ((k + 1) * (1 - p));
        }
        for (int k = 40; k >= 0; k--)
            tail[k] = tail[k + 1] + pmf[k];
        for (int k = 0; k <= 40; below += pmf[k++]) {
            double want = below < 0.5 ? (double)log1pl(-below) : (double)logl(tail[k]);

            expect("binomial", wn_log_binomial_sf((uint64_t)k, 40, rates[r]), want, 1e-12);
        }
    }
}

/* The tails of an urn of 30 items, 11 of them successes, 12 drawn: exact counts of
 * combinations. */
static void a_small_urn_equals_its_counts(void **state)
{
    double choose[31][31] = { { 0 } }, above = 0;

    (void)state;
    for (int n = 0; n <= 30; n++) {
        choose[n][0] = 1;
        for (int k = 1; k <= n; k++)
            choose[n][k] = choose[n - 1][k - 1] + (k < n ? choose[n - 1][k] : 0);
    }
    for (int k = 11; k >= 0; k--) {
        above += choose[11][k] * choose[19][12 - k];
        expect("urn", exp(wn_log_hypergeometric_sf((uint64_t)k, 30, 11, 12)), above / choose[30][12], 1e-13);
    }
}

static void edges_are_certain_or_impossible(void **state)
{
    (void)state;
    assert_true(wn_log_binomial_sf(0, 0, 0.3) == 0);
    assert_true(wn_log_binomial_sf(0, 9, 0.3) == 0);
    assert_true(wn_log_binomial_sf(10, 9, 0.3) == -INFINITY);
    expect("all of them", wn_log_binomial_sf(9, 9, 0.3), 9 * log(0.3), 1e-14);
    assert_true(wn_log_gamma_sf(5, 0) == 0);
    assert_true(wn_log_gamma_sf(5, INFINITY) == -INFINITY);
    assert_true(isnan(wn_log_gamma_sf(0, 1)) && isnan(wn_log_gamma_sf(1, -1)));
    assert_true(wn_log_hypergeometric_sf(5, 10, 7, 8) == 0);     /* 8 drawn, 3 failures: at least 5 */
    assert_true(wn_log_hypergeometric_sf(8, 10, 7, 8) == -INFINITY);
    assert_true(wn_log_hypergeometric_sf(0, 10, 0, 0) == 0);
    assert_true(isnan(wn_log_hypergeometric_sf(1, 10, 11, 2)));
    assert_true(wn_normal_isf(0) == INFINITY && wn_normal_isf(1) == -INFINITY && wn_normal_isf(0.5) == 0);
    assert_true(wn_log_normal_sf(INFINITY) == -INFINITY && wn_log_normal_sf(-INFINITY) == 0);
}

/* mpmath's findroot on erfc. */
static void the_normal_quantile_inverts_the_tail(void **state)
{
    (void)state;
    expect("0.025", wn_normal_isf(0.025), 1.95996398454005424, 1e-14);
    expect("1e-300", wn_normal_isf(1e-300), 37.0470962993611992, 1e-14);
    for (double z = -8; z < 37; z += 0.37)
        if (z > -6)
            expect("there and back", wn_normal_isf(exp(wn_log_normal_sf(z))), z, z < -2 ? 1e-7 : 1e-12);
}

/* Clopper and Pearson's ends are where each tail is 2.5 %: 3 of 10 is 0.0667 to 0.6525
 * (R: binom.test(3, 10)); none of n ends at 1 - 0.025^(1/n). */
static void rates_have_clopper_pearson_intervals(void **state)
{
    struct wn_interval r = wn_rate_interval(3, 10, 0.95);

    (void)state;
    assert_true(fabs(r.low - 0.06673951) < 1e-8 && fabs(r.high - 0.6524529) < 1e-7);
    expect("low", wn_log_binomial_sf(3, 10, r.low), log(0.025), 1e-12);
    expect("high", log(-expm1(wn_log_binomial_sf(4, 10, r.high))), log(0.025), 1e-12);
    r = wn_rate_interval(0, 1000000000, 0.95);
    assert_true(r.low == 0);
    expect("none", r.high, -expm1(log(0.025) / 1e9), 1e-12);
    r = wn_rate_interval(7, 7, 0.9);
    assert_true(r.high == 1);
    expect("all", r.low, pow(0.05, 1.0 / 7), 1e-12);
    r = wn_rate_interval(0, 0, 0.95);
    assert_true(r.low == 0 && r.high == 1);
}

/* t quantiles: mpmath's findroot on its incomplete beta function. */
static void means_have_student_intervals(void **state)
{
    struct wn_interval r = wn_mean_interval(5, 1, 2, 0.95);

    (void)state;
    expect("1 df", (r.high - 5) * sqrt(2), 12.7062047361747046, 1e-13);
    r = wn_mean_interval(5, 2, 11, 0.95);
    expect("10 df", (5 - r.low) / 2 * sqrt(11), 2.22813885198627375, 1e-13);
    r = wn_mean_interval(0, 1, 1001, 0.99);
    expect("1000 df", r.high * sqrt(1001), 2.58075469806595108, 1e-13);
    r = wn_mean_interval(3, 0, 4, 0.95);
    assert_true(r.low == 3 && r.high == 3);
    r = wn_mean_interval(3, 1, 1, 0.95);
    assert_true(r.low == -INFINITY && r.high == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_tails_equal_the_reference),
        cmocka_unit_test(a_thousand_million_trials_are_exact),
        cmocka_unit_test(the_two_branches_of_the_normal_tail_meet),
        cmocka_unit_test(a_small_binomial_equals_its_sum),
        cmocka_unit_test(a_small_urn_equals_its_counts),
        cmocka_unit_test(edges_are_certain_or_impossible),
        cmocka_unit_test(the_normal_quantile_inverts_the_tail),
        cmocka_unit_test(rates_have_clopper_pearson_intervals),
        cmocka_unit_test(means_have_student_intervals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
