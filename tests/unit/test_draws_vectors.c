/* Vectors of counts, the Wishart factor and the alias table; and that keys decide. */
#include "draws_fixture.h"

/* The joint law of 3 states and n = 3: n! prod p^x / x!. */
static void multinomial_fits_its_joint_law(void **state)
{
    static const double weight[] = { 2, 0, 5, 1 };   /* add up to 8 */
    double count[16] = { 0 }, pmf[16] = { 0 };
    struct wn_rng r = draws_stream(7);

    (void)state;
    for (int a = 0; a <= 3; a++)
        for (int b = 0; a + b <= 3; b++)
            pmf[4 * a + b] = 6 / (tgamma(a + 1) * tgamma(b + 1) * tgamma(4 - a - b)) * pow(0.25, a) *
                             pow(0.625, b) * pow(0.125, 3 - a - b);
    for (int i = 0; i < 100000; i++) {
        uint64_t out[4];

        sim_draw_multinomial(&r, 3, weight, 4, out);
        assert_true(out[1] == 0 && out[0] + out[2] + out[3] == 3);
        count[4 * out[0] + out[2]]++;
    }
    draws_assert_counts(count, pmf, 16, "multinomial");
}

/* Each state alone is binomial, the last of 2,000 as well as the first. */
static void multinomial_of_many_states_keeps_its_sum_and_its_margins(void **state)
{
    enum { K = 2000, N = 100000 };
    static double weight[K];
    static uint64_t out[K];
    struct wn_rng r = draws_stream(8);
    double sum = 0, x2 = 0;
    int n_used = 0;

    (void)state;
    for (int i = 0; i < K; i++) {
        weight[i] = i % 4 == 1 ? 0 : 1 + i % 7;
        sum += weight[i];
    }
    for (int t = 0; t < 20; t++) {
        uint64_t total = 0;

        sim_draw_multinomial(&r, N, weight, K, out);
        for (int i = 0; i < K; i++) {
            double want = N * weight[i] / sum;

            total += out[i];
            n_used += weight[i] > 0;
            if (weight[i] > 0)
                x2 += ((double)out[i] - want) * ((double)out[i] - want) / want;
            else
                assert_true(out[i] == 0);
        }
        assert_true(total == N);
    }
    draws_assert_fits(x2, n_used - 20, "margins");
}

static void multinomial_knows_its_edges(void **state)
{
    const double one[] = { 7 }, far[] = { 1, 1e-30, 0, 3e-30, 0 }, tail[] = { 1e-30, 0, 1 };
    struct wn_rng r = draws_stream(9), before = r;
    uint64_t out[5];

    (void)state;
    sim_draw_multinomial(&r, 12, one, 1, out);
    assert_true(out[0] == 12);
    sim_draw_multinomial(&r, 0, far, 5, out);
    for (int i = 0; i < 5; i++)
        assert_true(out[i] == 0);
    assert_true(draws_same_state(&r, &before));
    sim_draw_multinomial(&r, 1000000, far, 5, out);
    assert_true(out[0] == 1000000 && out[1] + out[2] + out[3] + out[4] == 0);
    sim_draw_multinomial(&r, SIM_DRAW_MAX, tail, 3, out);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == SIM_DRAW_MAX);
}

/* What is left after the large states keeps its proportions: 1 : 3 : 1e18. */
static void multinomial_shares_a_tiny_rest_rightly(void **state)
{
    const double weight[] = { 1e18, 1, 3 };
    struct wn_rng r = draws_stream(10);
    double first = 0, both = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t out[3];

        sim_draw_multinomial(&r, SIM_DRAW_MAX, weight, 3, out);
        first += (double)out[1];
        both += (double)(out[1] + out[2]);
    }
    assert_true(fabs(both - 80) < 4 * sqrt(80));   /* 20,000 x 1e15 x 4e-18 */
    assert_true(fabs(first - both / 4) < 4 * sqrt(both * 3 / 16));
}

static void multivariate_hypergeometric_fits_its_joint_law(void **state)
{
    static const uint64_t pool[] = { 2, 0, 4, 3 };
    double count[16] = { 0 }, pmf[16] = { 0 };
    struct wn_rng r = draws_stream(11);

    (void)state;
    for (int a = 0; a <= 2; a++)
        for (int b = 0; a + b <= 3; b++)
            pmf[4 * a + b] = exp(draws_log_choose(2, a) + draws_log_choose(4, b) + draws_log_choose(3, 3 - a - b) -
                                  draws_log_choose(9, 3));
    for (int i = 0; i < 100000; i++) {
        uint64_t out[4];

        sim_draw_multivariate_hypergeometric(&r, pool, 4, 3, out);
        assert_true(out[1] == 0 && out[0] + out[2] + out[3] == 3);
        count[4 * out[0] + out[2]]++;
    }
    draws_assert_counts(count, pmf, 16, "multivariate hypergeometric");
}

static void multivariate_hypergeometric_knows_its_edges(void **state)
{
    uint64_t pool[300], out[300], total = 0, taken = 0;
    struct wn_rng r = draws_stream(12);

    (void)state;
    for (int i = 0; i < 300; i++)
        total += pool[i] = (uint64_t)(i * i % 50);
    sim_draw_multivariate_hypergeometric(&r, pool, 300, 0, out);
    for (int i = 0; i < 300; i++)
        assert_true(out[i] == 0);
    sim_draw_multivariate_hypergeometric(&r, pool, 300, total, out);
    assert_memory_equal(out, pool, sizeof(out));
    sim_draw_multivariate_hypergeometric(&r, pool, 300, total / 3, out);
    for (int i = 0; i < 300; i++) {
        assert_true(out[i] <= pool[i]);
        taken += out[i];
    }
    assert_true(taken == total / 3);
    sim_draw_multivariate_hypergeometric(&r, out, 300, taken, out);   /* in place */
    for (int i = 0; i < 300; i++)
        taken -= out[i];
    assert_true(taken == 0);
}

/* W = A A': its trace is chi-square of d df, and x' W x of df for any unit vector x; both
 * hold for the singular law too. */
static void check_bartlett(int d, double df)
{
    enum { N = 10000, MOST_D = 5 };
    static double trace[N], along[N];
    struct wn_rng r = draws_stream((uint64_t)(d * 100) + (uint64_t)(df * 7));
    double a[MOST_D * MOST_D];

    for (int i = 0; i < N; i++) {
        double sum = 0, square = 0;

        memset(a, 0xff, sizeof(a));
        sim_draw_bartlett(&r, d, df, a);
        for (int j = 0; j < d; j++) {   /* x' A, column by column, x = (1, .., 1) / sqrt(d) */
            double x = 0;

            for (int k = 0; k < d; k++) {
                sum += a[k * d + j] * a[k * d + j];
                x += a[k * d + j] / sqrt(d);
                if (k < j || j >= df)
                    assert_true(a[k * d + j] == 0);
            }
            square += x * x;
        }
        trace[i] = draws_gamma_cdf(d * df / 2, sum / 2);
        along[i] = draws_gamma_cdf(df / 2, square / 2);
    }
    if (df <= 0)
        return;
    draws_assert_uniform(trace, N, "trace of a Wishart matrix");
    draws_assert_uniform(along, N, "Wishart matrix along a vector");
}

static void bartlett_gives_the_wishart_law(void **state)
{
    (void)state;
    check_bartlett(1, 1);
    check_bartlett(1, 0.5);
    check_bartlett(2, 1.5);
    check_bartlett(3, 3);
    check_bartlett(5, 40);
}

static void bartlett_of_few_degrees_is_singular(void **state)
{
    (void)state;
    check_bartlett(1, 0);
    check_bartlett(3, 0);
    check_bartlett(3, 1);
    check_bartlett(3, 2);
    check_bartlett(5, 3);
}

/* Every law in a row from one stream, twice; and from a stream of another key. */
static double fingerprint(uint64_t key)
{
    static const double weight[] = { 1, 2, 3 };
    struct wn_rng r = draws_stream(key);
    uint64_t n[3];
    double a[4], x = 0;

    for (int i = 0; i < 200; i++) {
        x += sim_draw_normal(&r) + sim_draw_exponential(&r) + sim_draw_gamma(&r, 0.7) + sim_draw_chi2(&r, 5);
        x += sim_draw_beta(&r, 0.3, 0.4) + sim_draw_truncated_normal(&r, 0.5);
        x += (double)(sim_draw_binomial(&r, 100, 0.4) + sim_draw_poisson(&r, 15));
        x += (double)sim_draw_hypergeometric(&r, 50, 60, 40);
        sim_draw_multinomial(&r, 30, weight, 3, n);
        sim_draw_multivariate_hypergeometric(&r, n, 3, 10, n);
        sim_draw_bartlett(&r, 2, 4, a);
        x += (double)(n[0] + 2 * n[1]) + a[0] + a[2] + a[3];
    }
    return x;
}

static void the_same_key_gives_the_same_draws(void **state)
{
    (void)state;
    assert_true(fingerprint(1) == fingerprint(1));
    assert_true(fingerprint(1) != fingerprint(2));
}

static void alias_draws_have_their_weights(void **state)
{
    static const double weight[] = { 0, 3, 1e-9, 0.5, 0, 10, 1, 1, 1, 0.25, 0 };
    enum { K = sizeof(weight) / sizeof(weight[0]) };
    double count[K] = { 0 }, p[K], sum = 0;
    struct wn_rng r = draws_stream(72);
    struct sim_alias *a;

    (void)state;
    assert_int_equal(sim_alias_new(&a, weight, K, NULL), WN_OK);
    for (int i = 0; i < 200000; i++)
        count[sim_alias_draw(a, &r)]++;
    for (int i = 0; i < K; i++)
        sum += weight[i];
    for (int i = 0; i < K; i++)
        p[i] = weight[i] / sum;
    draws_assert_counts(count, p, K, "alias table");
    sim_alias_free(a);
}

/* 20,000 weights over 20 decades, every third of them 0: about as the power law of words. */
static void alias_of_many_states_never_gives_one_of_weight_zero(void **state)
{
    enum { K = 20000 };
    static double weight[K];
    double first = 0, sum = 0, n_first = 0;
    struct wn_rng r = draws_stream(73);
    struct sim_alias *a;

    (void)state;
    for (int i = 0; i < K; i++) {
        weight[i] = i % 3 == 0 ? 0 : i < K / 2 ? 1.0 / (i + 1) : ldexp(1, -i % 70);
        sum += weight[i];
        first += i < 50 ? weight[i] : 0;
    }
    assert_int_equal(sim_alias_new(&a, weight, K, NULL), WN_OK);
    for (int i = 0; i < 200000; i++) {
        size_t at = sim_alias_draw(a, &r);

        assert_true(weight[at] > 0);
        n_first += at < 50;
    }
    assert_true(fabs(n_first / 200000 - first / sum) < 4 * 0.5 / sqrt(200000));
    sim_alias_free(a);
}

static void alias_takes_one_state_and_extreme_weights(void **state)
{
    const double one[] = { 1e-320 }, ends[] = { 5e-324, 0, 5e-324 }, large[] = { 1e307, 1e307, 0 };
    struct wn_rng r = draws_stream(74);
    struct sim_alias *a;
    int n = 0;

    (void)state;
    sim_alias_free(NULL);
    assert_int_equal(sim_alias_new(&a, one, 1, NULL), WN_OK);
    assert_int_equal(sim_alias_draw(a, &r), 0);
    sim_alias_free(a);
    assert_int_equal(sim_alias_new(&a, ends, 3, NULL), WN_OK);
    for (int i = 0; i < 10000; i++)
        n += sim_alias_draw(a, &r) == 0;
    assert_true(abs(n - 5000) < 200);
    sim_alias_free(a);
    assert_int_equal(sim_alias_new(&a, large, 3, NULL), WN_OK);
    for (int i = 0; i < 1000; i++)
        assert_true(sim_alias_draw(a, &r) < 2);
    sim_alias_free(a);
}

static void bad_weights_are_named(void **state)
{
    static const double bad[][2] = { { 1, -1e-9 }, { 1, NAN }, { INFINITY, 1 }, { 0, 0 }, { 1.5e308, 1.5e308 } };
    struct sim_alias *a;
    struct wn_err err;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sim_alias_new(&a, bad[i], 2, &err), WN_BADCONF);
        assert_null(a);
        assert_non_null(strstr(err.text, "weight"));
    }
    assert_int_equal(sim_alias_new(&a, bad[0], 0, &err), WN_BADCONF);
    assert_int_equal(sim_alias_new(&a, bad[0], (size_t)1 << 32, &err), WN_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multinomial_fits_its_joint_law),
        cmocka_unit_test(multinomial_of_many_states_keeps_its_sum_and_its_margins),
        cmocka_unit_test(multinomial_knows_its_edges),
        cmocka_unit_test(multinomial_shares_a_tiny_rest_rightly),
        cmocka_unit_test(multivariate_hypergeometric_fits_its_joint_law),
        cmocka_unit_test(multivariate_hypergeometric_knows_its_edges),
        cmocka_unit_test(bartlett_gives_the_wishart_law),
        cmocka_unit_test(bartlett_of_few_degrees_is_singular),
        cmocka_unit_test(the_same_key_gives_the_same_draws),
        cmocka_unit_test(alias_draws_have_their_weights),
        cmocka_unit_test(alias_of_many_states_never_gives_one_of_weight_zero),
        cmocka_unit_test(alias_takes_one_state_and_extreme_weights),
        cmocka_unit_test(bad_weights_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
