/* Counts against their probabilities. */
#include "draws_fixture.h"

#include "sim/draws_pmf.h"

enum { MANY = 40000, MOST = 2000, LARGE_CHECKS = 20000 };

static double u[MANY];

static double binomial(double k, double n, double p)
{
    return p <= 0 ? k == 0 : p >= 1 ? k == n : exp(draws_log_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
}

static double hypergeometric(double k, double good, double bad, double draws)
{
    if (k > good || k > draws || draws - k > bad)
        return 0;
    return exp(draws_log_choose(good, k) + draws_log_choose(bad, draws - k) - draws_log_choose(good + bad, draws));
}

/* By Pascal's rule in whole numbers against the exact quotient of neighbours beyond them:
 * f(k + 1) / f(k) = (n - k) p / ((k + 1) q). */
static void log_binomial_is_exact_for_small_and_large_counts(void **state)
{
    static const double ks[] = { 1, 14, 15, 1e3, 1e6 };

    (void)state;
    for (double n = 1; n <= 40; n++) {
        double choose = 1;

        for (double k = 0; k <= n; k++) {
            double want = choose * pow(0.3, k) * pow(0.7, n - k), got = exp(draws_log_binomial(k, n, 0.3, 0.7));

            assert_true(fabs(got - want) <= 1e-13 * want);
            choose = choose * (n - k) / (k + 1);
        }
    }
    for (double n = 1e7; n <= 1e15; n *= 100) {
        for (int i = 0; i < 5; i++) {
            double p = ks[i] / n, k = ks[i] + floor(2 * sqrt(ks[i]));
            double step = draws_log_binomial(k + 1, n, p, 1 - p) - draws_log_binomial(k, n, p, 1 - p);

            assert_true(fabs(step - log((n - k) * p / ((k + 1) * (1 - p)))) < 1e-12);
        }
        double step = draws_log_binomial(n / 2 + 1, n, 0.5, 0.5) - draws_log_binomial(n / 2, n, 0.5, 0.5);

        assert_true(fabs(step - log(n / (n + 2))) < 1e-12);
    }
}

/* Both binomials together, at the ends of their ranges too. */
static void log_of_two_binomials_differs_by_a_constant(void **state)
{
    double m = 5, n = 40, p = 0.2, shift = 0;

    (void)state;
    for (double j = 0; j <= m; j++)
        for (double k = 0; k <= n; k++) {
            double apart = draws_log_binomial(j, m, p, 1 - p) + draws_log_binomial(k, n, p, 1 - p) -
                           draws_log_two_binomials(j, m, k, n, p);

            shift = j + k > 0 ? shift : apart;
            assert_true(fabs(apart - shift) < 1e-12);
        }
}

static void log_poisson_is_exact_for_small_and_large_counts(void **state)
{
    (void)state;
    for (double mean = 0.5; mean < 1e15; mean *= 7) {
        double k = floor(mean + 3 * sqrt(mean));

        assert_true(fabs(draws_log_poisson(0, mean) + mean) <= 0);
        assert_true(fabs(draws_log_poisson(k + 1, mean) - draws_log_poisson(k, mean) - log(mean / (k + 1))) < 1e-12);
        if (mean < 30)
            assert_true(fabs(draws_log_poisson(k, mean) - (k * log(mean) - mean - lgamma(k + 1))) < 1e-12);
    }
}

static void check_binomial(uint64_t n, double p, int draws)
{
    static double count[MOST], pmf[MOST];
    struct wn_rng r = draws_stream(n * 1000 + (uint64_t)(p * 1000));
    char name[64];

    for (uint64_t k = 0; k <= n; k++) {
        count[k] = 0;
        pmf[k] = binomial((double)k, (double)n, p);
    }
    for (int i = 0; i < draws; i++) {
        uint64_t k = sim_draw_binomial(&r, n, p);

        assert_true(k <= n);
        count[k]++;
    }
    snprintf(name, sizeof(name), "binomial %u %g", (unsigned)n, p);
    draws_assert_counts(count, pmf, (int)n + 1, name);
}

static void binomial_fits_its_law(void **state)
{
    static const uint64_t n[] = { 0, 1, 2, 5, 19, 64, 65, 200, 1500 };
    static const double p[] = { 0, 1e-9, 1e-3, 0.05, 0.3, 0.5, 0.501, 0.8, 0.999, 1 };

    (void)state;
    for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++)
        for (size_t j = 0; j < sizeof(p) / sizeof(p[0]); j++)
            check_binomial(n[i], p[j], 10000);
    /* Where rejection begins its hat is tightest. */
    check_binomial(20, 0.5, 400000);
    check_binomial(33, 0.31, 400000);
    check_binomial(1000, 0.0101, 400000);
    check_binomial(25, 0.6, 400000);
    check_binomial(1500, 0.5, 1000000);
}

static void binomial_knows_its_edges(void **state)
{
    struct wn_rng r = draws_stream(1), before = r;

    (void)state;
    assert_true(sim_draw_binomial(&r, 0, 0.5) == 0);
    assert_true(sim_draw_binomial(&r, SIM_DRAW_MAX, 0) == 0);
    assert_true(sim_draw_binomial(&r, SIM_DRAW_MAX, 1) == SIM_DRAW_MAX);
    assert_true(draws_same_state(&r, &before));
    assert_true(sim_draw_binomial(&r, SIM_DRAW_MAX, 5e-324) == 0);
    assert_true(sim_draw_binomial(&r, 3, 1 - 0x1p-53) == 3);
}

/* sd 1e4 and more: the normal law holds to 1e-4, after the usual half. */
static void check_normal(double k, double mean, double sd, int i)
{
    u[i] = draws_normal_cdf((k + 0.5 - mean) / sd);
}

static void counts_of_large_numbers_fit_the_normal_law(void **state)
{
    const uint64_t tera = 1000000000000;
    struct wn_rng r = draws_stream(2);

    (void)state;
    for (int i = 0; i < LARGE_CHECKS; i++)
        check_normal((double)sim_draw_binomial(&r, tera, 0.3), 3e11, sqrt(0.21e12), i);
    draws_assert_uniform(u, LARGE_CHECKS, "binomial 1e12 0.3");
    for (int i = 0; i < LARGE_CHECKS; i++)
        check_normal((double)sim_draw_binomial(&r, SIM_DRAW_MAX, 0.999), 0.999e15, sqrt(0.999e12), i);
    draws_assert_uniform(u, LARGE_CHECKS, "binomial 1e15 0.999");
    for (int i = 0; i < LARGE_CHECKS; i++)
        check_normal((double)sim_draw_poisson(&r, 1e15), 1e15, sqrt(1e15), i);
    draws_assert_uniform(u, LARGE_CHECKS, "poisson 1e15");
    /* variance = s g/N b/N (N - s) / (N - 1) */
    for (int i = 0; i < LARGE_CHECKS; i++)
        check_normal((double)sim_draw_hypergeometric(&r, 7 * tera, 3 * tera, 8 * tera), 5.6e12,
                     sqrt(8e12 * 0.21 * 0.2), i);
    draws_assert_uniform(u, LARGE_CHECKS, "hypergeometric 1e13");
}

static void check_moments(const double *x, int n, double mean, double variance)
{
    double m = 0, v = 0;

    for (int i = 0; i < n; i++)
        m += (x[i] - mean) / n;
    for (int i = 0; i < n; i++)
        v += (x[i] - mean) * (x[i] - mean) / n;
    assert_true(fabs(m) < 4 * sqrt(variance / n));
    assert_true(fabs(v / variance - 1) < 4 * sqrt(2.0 / n));
}

static void counts_of_large_numbers_have_the_mean_and_the_variance(void **state)
{
    const uint64_t tera = 1000000000000;
    struct wn_rng r = draws_stream(3);

    (void)state;
    for (int i = 0; i < MANY; i++)
        u[i] = (double)sim_draw_binomial(&r, tera, 0.3);
    check_moments(u, MANY, 3e11, 0.21e12);
    for (int i = 0; i < MANY; i++)
        u[i] = (double)sim_draw_poisson(&r, 1e12);
    check_moments(u, MANY, 1e12, 1e12);
    for (int i = 0; i < MANY; i++)
        u[i] = (double)sim_draw_hypergeometric(&r, tera, tera, tera / 2);
    check_moments(u, MANY, 0.25e12, 0.5e12 * 0.25 * 0.75);
}

/* Many trials of a tiny probability, and few good ones in a large pool: Poisson laws to
 * 1e-6 and better. */
static void rare_events_fit_the_poisson_law(void **state)
{
    static const double means[] = { 1e-3, 0.7, 4, 9.9, 10, 30 };
    static double count[3][100], pmf[100];
    struct wn_rng r = draws_stream(4);

    (void)state;
    for (int m = 0; m < 6; m++) {
        memset(count, 0, sizeof(count));
        for (int k = 0; k < 100; k++)
            pmf[k] = exp(k * log(means[m]) - means[m] - lgamma(k + 1));
        for (int i = 0; i < 100000; i++) {
            count[0][sim_draw_poisson(&r, means[m])]++;
            count[1][sim_draw_binomial(&r, SIM_DRAW_MAX, means[m] * 1e-15)]++;
            count[2][sim_draw_hypergeometric(&r, (uint64_t)(means[m] * 1e7), 100000000000000, 10000000)]++;
        }
        draws_assert_counts(count[0], pmf, 100, "poisson");
        draws_assert_counts(count[1], pmf, 100, "binomial of tiny p");
        draws_assert_counts(count[2], pmf, 100, "hypergeometric of a large pool");
    }
    assert_true(sim_draw_poisson(&r, 0) == 0);
}

static void poisson_fits_its_law(void **state)
{
    static const double means[] = { 10, 10.3, 13, 100, 700 };
    static double count[MOST], pmf[MOST];
    struct wn_rng r = draws_stream(5);

    (void)state;
    for (int m = 0; m < 5; m++) {
        memset(count, 0, sizeof(count));
        for (int k = 0; k < MOST; k++)
            pmf[k] = exp(k * log(means[m]) - means[m] - lgamma(k + 1));
        for (int i = 0; i < 300000; i++)
            count[sim_draw_poisson(&r, means[m])]++;
        draws_assert_counts(count, pmf, MOST, "poisson");
    }
}

static void check_hypergeometric(uint64_t good, uint64_t bad, uint64_t draws, int n)
{
    static double count[MOST], pmf[MOST];
    struct wn_rng r = draws_stream((good * 1009 + bad) * 1009 + draws);
    uint64_t least = draws > bad ? draws - bad : 0, most = good < draws ? good : draws;
    char name[64];

    for (uint64_t k = 0; k <= most; k++) {
        count[k] = 0;
        pmf[k] = hypergeometric((double)k, (double)good, (double)bad, (double)draws);
    }
    for (int i = 0; i < n; i++) {
        uint64_t k = sim_draw_hypergeometric(&r, good, bad, draws);

        assert_true(k >= least && k <= most);
        count[k]++;
    }
    snprintf(name, sizeof(name), "hypergeometric %u %u %u", (unsigned)good, (unsigned)bad, (unsigned)draws);
    draws_assert_counts(count, pmf, (int)most + 1, name);
}

/* All 729 with up to 8 of each kind, the impossible ones left out. */
static void hypergeometric_fits_its_law_for_all_small_pools(void **state)
{
    (void)state;
    for (uint64_t good = 0; good <= 8; good++)
        for (uint64_t bad = 0; bad <= 8; bad++)
            for (uint64_t draws = 0; draws <= good + bad; draws++)
                check_hypergeometric(good, bad, draws, 1000);
}

/* Urn, inversion and ratio of uniforms, and the four mirror images of each. */
static void hypergeometric_fits_its_law(void **state)
{
    static const uint64_t c[][4] = { { 5, 900, 300, 20000 },   { 300, 900, 5, 20000 },     { 9, 11, 10, 100000 },
                                     { 30, 40, 20, 100000 },   { 100, 1000000, 10000, 20000 },
                                     { 20, 20, 20, 300000 },   { 40, 60, 26, 300000 },     { 300, 500, 200, 100000 },
                                     { 30, 970, 500, 200000 }, { 1000, 9000, 1500, 50000 } };

    (void)state;
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        uint64_t good = c[i][0], bad = c[i][1], draws = c[i][2];
        int n = (int)c[i][3] / 2;

        check_hypergeometric(good, bad, draws, n);
        if (bad > MOST)
            continue;
        check_hypergeometric(bad, good, draws, n);
        check_hypergeometric(good, bad, good + bad - draws, n);
        check_hypergeometric(bad, good, good + bad - draws, n);
    }
}

static void hypergeometric_knows_its_edges(void **state)
{
    struct wn_rng r = draws_stream(6);
    uint64_t half = SIM_DRAW_MAX / 2;

    (void)state;
    assert_true(sim_draw_hypergeometric(&r, 0, 0, 0) == 0);
    assert_true(sim_draw_hypergeometric(&r, 0, half, half) == 0);
    assert_true(sim_draw_hypergeometric(&r, half, 0, half) == half);
    assert_true(sim_draw_hypergeometric(&r, half, half, 0) == 0);
    assert_true(sim_draw_hypergeometric(&r, half, half, 2 * half) == half);
    assert_true(sim_draw_hypergeometric(&r, half, half, 2 * half - 1) >= half - 1);
    assert_true(sim_draw_hypergeometric(&r, 1, SIM_DRAW_MAX - 1, 1) <= 1);
    assert_true(sim_draw_hypergeometric(&r, half, half, half) < half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_binomial_is_exact_for_small_and_large_counts),
        cmocka_unit_test(log_of_two_binomials_differs_by_a_constant),
        cmocka_unit_test(log_poisson_is_exact_for_small_and_large_counts),
        cmocka_unit_test(binomial_fits_its_law),
        cmocka_unit_test(binomial_knows_its_edges),
        cmocka_unit_test(poisson_fits_its_law),
        cmocka_unit_test(rare_events_fit_the_poisson_law),
        cmocka_unit_test(hypergeometric_fits_its_law_for_all_small_pools),
        cmocka_unit_test(hypergeometric_fits_its_law),
        cmocka_unit_test(hypergeometric_knows_its_edges),
        cmocka_unit_test(counts_of_large_numbers_fit_the_normal_law),
        cmocka_unit_test(counts_of_large_numbers_have_the_mean_and_the_variance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
