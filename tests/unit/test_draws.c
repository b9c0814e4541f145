/* Continuous variates against their distribution functions. */
#include "draws_fixture.h"

enum { MANY = 40000 };

static double u[MANY];

static void inline_stream_is_that_of_wn_rng(void **state)
{
    struct wn_rng a = draws_stream(1), b = a;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        assert_true(sim_u64_fast(&a) == wn_rng_u64(&b));
        assert_true(sim_u01_fast(&a) == wn_rng_u01(&b));
    }
    assert_true(draws_same_state(&a, &b));
}

static void inline_draws_are_those_of_the_functions(void **state)
{
    struct wn_rng a = draws_stream(2), b = a;
    static const double df[] = { 0, 0.3, 1, 1.7, 2, 3, 50 };

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct sim_chi2 c = sim_chi2_of(df[i % 7]);

        assert_true(sim_normal_fast(&a) == sim_draw_normal(&b));
        assert_true(sim_exponential_fast(&a) == sim_draw_exponential(&b));
        assert_true(sim_chi2_fast(&a, &c) == sim_draw_chi2_of(&b, &c));
        assert_true(sim_chi2_fast(&a, &c) == sim_draw_chi2(&b, df[i % 7]));
    }
    assert_true(draws_same_state(&a, &b));
}

/* The formulas at the head of draws_ziggurat.c, from its r. */
static void ziggurat_constants_follow_from_their_formulas(void **state)
{
    long double rn = 3.65415288536100877165L, re = 7.69711747013104971404L;
    long double vn = rn * expl(-rn * rn / 2) + sqrtl(acosl(-1) / 2) * erfcl(rn / sqrtl(2));
    long double ve = (re + 1) * expl(-re), n = vn / expl(-rn * rn / 2), e = ve / expl(-re);

    (void)state;
    assert_true(fabsl(vn - 0.00492867323397465535L) < 1e-18L && fabsl(ve - 0.00394965982258155722L) < 1e-18L);
    for (int i = 0; i < SIM_ZIG_LAYERS; i++) {
        long double fn = expl(-n * n / 2), fe = expl(-e);

        assert_true(fabs(sim_zig_normal[i].scale * 0x1p52 - (double)n) <= 1e-14);
        assert_true(fabs(sim_zig_exponential[i].scale * 0x1p53 - (double)e) <= 1e-14);
        if (i > 0) {
            assert_true(fabs(sim_zig_normal_height[i] - (double)fn) <= 1e-14);
            assert_true(fabs(sim_zig_exponential_height[i] - (double)fe) <= 1e-14);
        }
        n = i == 0 ? rn : i < 255 ? sqrtl(-2 * logl(vn / n + fn)) : fabsl(vn / n + fn - 1);
        e = i == 0 ? re : i < 255 ? -logl(ve / e + fe) : fabsl(ve / e + fe - 1);
        assert_true(fabs(sim_zig_normal[i].inner - (double)n) <= 1e-14);
        assert_true(fabs(sim_zig_exponential[i].inner - (double)e) <= 1e-14);
    }
    assert_true(sim_zig_normal_height[0] == 0 && sim_zig_normal_height[SIM_ZIG_LAYERS] == 1);
    assert_true(sim_zig_exponential_height[0] == 0 && sim_zig_exponential_height[SIM_ZIG_LAYERS] == 1);
}

/* Counts of a distribution function at draws, in 1,000 cells of equal probability. */
struct cells {
    double count[1000];
    int n;
};

static void cells_add(struct cells *c, double at)
{
    c->count[(int)(at * (1000 - 1e-9))]++;
    c->n++;
}

static void cells_fit(const struct cells *c, const char *what)
{
    double x2 = 0, want = c->n / 1000.0;

    for (int i = 0; i < 1000; i++)
        x2 += (c->count[i] - want) * (c->count[i] - want) / want;
    draws_assert_fits(x2, 999, what);
}

static void normal_and_exponential_fit_their_laws(void **state)
{
    static struct cells normal, exponential;
    struct wn_rng r = draws_stream(3);

    (void)state;
    for (int i = 0; i < 3000000; i++) {
        cells_add(&normal, draws_normal_cdf(sim_draw_normal(&r)));
        cells_add(&exponential, exp(-sim_draw_exponential(&r)));
    }
    cells_fit(&normal, "normal");
    cells_fit(&exponential, "exponential");
}

/* Bits that begin a draw at the end of the base strip: always the tail. */
static void tails_fit_their_laws(void **state)
{
    double rn = sim_zig_normal[0].inner, re = sim_zig_exponential[0].inner;
    struct wn_rng r = draws_stream(4);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        double z = sim_normal_rest(&r, i % 2 ? 0x7fffffffffffff00 : 0x8000000000000000);

        assert_true(i % 2 ? z > 0 : z < 0);
        u[i] = draws_normal_cdf(-fabs(z)) / draws_normal_cdf(-rn);
    }
    draws_assert_uniform(u, MANY, "normal tail");
    for (int i = 0; i < MANY; i++)
        u[i] = exp(re - sim_exponential_rest(&r, 0xffffffffffffff00));
    draws_assert_uniform(u, MANY, "exponential tail");
}

/* A point in layer I at place x beyond the inner part stays with probability
 * (f(x) - f(x[i])) / (f(x[i + 1]) - f(x[i])). */
static void wedges_accept_as_often_as_the_density_says(void **state)
{
    static const unsigned layer[] = { 1, 2, 40, 128, 200, 254, 255 };
    enum { N = 20000 };
    struct wn_rng r = draws_stream(5);

    (void)state;
    for (int k = 0; k < 7; k++) {
        unsigned i = layer[k];
        double zn = sim_zig_normal[i].scale * 0x1p52, xe = sim_zig_exponential[i].scale * 0x1p53, kept = 0, kept_e = 0;
        uint64_t mn = (uint64_t)(0x1p52 * (0.4 + 0.6 * sim_zig_normal[i].inner / zn));
        uint64_t me = (uint64_t)(0x1p53 * (0.4 + 0.6 * sim_zig_exponential[i].inner / xe));
        const double *hn = sim_zig_normal_height, *he = sim_zig_exponential_height;
        double pn, pe;

        zn = (double)mn * sim_zig_normal[i].scale;
        xe = (double)me * sim_zig_exponential[i].scale;
        pn = (exp(-zn * zn / 2) - hn[i]) / (hn[i + 1] - hn[i]);
        pe = (exp(-xe) - he[i]) / (he[i + 1] - he[i]);
        for (int j = 0; j < N; j++) {
            kept += sim_normal_rest(&r, mn << 11 | i) == zn;
            kept_e += sim_exponential_rest(&r, me << 11 | i) == xe;
        }
        assert_true(fabs(kept / N - pn) < 4 * sqrt(pn * (1 - pn) / N));
        assert_true(fabs(kept_e / N - pe) < 4 * sqrt(pe * (1 - pe) / N));
    }
}

/* Var of the mean of z^k is (E z^2k - (E z^k)^2) / N, E z^2k = 1 3 5 ... (2k - 1). */
static void normal_has_the_moments_of_the_normal(void **state)
{
    enum { N = 1000000 };
    static const double even[] = { 1, 1, 3, 15, 105, 945, 10395 };   /* E z^(2k) */
    struct wn_rng r = draws_stream(5);
    double m[7] = { 0 };

    (void)state;
    for (int i = 0; i < N; i++) {
        double z = sim_draw_normal(&r), power = 1;

        for (int k = 0; k < 7; k++, power *= z)
            m[k] += power;
    }
    for (int k = 1; k < 7; k++) {
        double want = k % 2 ? 0 : even[k / 2];

        assert_true(fabs(m[k] / N - want) < 4 * sqrt((even[k] - want * want) / N));
    }
}

/* Doornik's test of the first ziggurats: neighbours on a 32 x 32 grid of equal cells. */
static void neighbours_are_independent(void **state)
{
    enum { N = 400000, SIDE = 32 };
    static double cell[SIDE * SIDE];
    double x2 = 0, want = (double)N / (SIDE * SIDE);
    struct wn_rng r = draws_stream(6);

    (void)state;
    for (int i = 0; i < N; i++) {
        int a = (int)(draws_normal_cdf(sim_draw_normal(&r)) * SIDE);
        int b = (int)(draws_normal_cdf(sim_draw_normal(&r)) * SIDE);

        cell[a * SIDE + b]++;
    }
    for (int i = 0; i < SIDE * SIDE; i++)
        x2 += (cell[i] - want) * (cell[i] - want) / want;
    draws_assert_fits(x2, SIDE * SIDE - 1, "pairs of normals");
}

static void gamma_fits_its_law(void **state)
{
    static const double shape[] = { 0.05, 0.3, 0.9, 1, 1.1, 1.5, 4, 30, 1000 };

    (void)state;
    for (size_t k = 0; k < sizeof(shape) / sizeof(shape[0]); k++) {
        struct wn_rng r = draws_stream(10 + k);
        char name[32];

        for (int i = 0; i < MANY; i++)
            u[i] = draws_gamma_cdf(shape[k], sim_draw_gamma(&r, shape[k]));
        snprintf(name, sizeof(name), "gamma %g", shape[k]);
        draws_assert_uniform(u, MANY, name);
    }
}

/* A million draws of the shapes where candidates are refused most often. */
static void gamma_of_shape_one_and_two_fits_its_law(void **state)
{
    static struct cells one, two;
    struct wn_rng r = draws_stream(20);

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        double x = sim_draw_gamma(&r, 2);

        cells_add(&one, exp(-sim_draw_gamma(&r, 1)));
        cells_add(&two, (1 + x) * exp(-x));
    }
    cells_fit(&one, "gamma 1");
    cells_fit(&two, "gamma 2");
}

/* The ratio is exp(d (3 log(1 + t) - 3 t + 3 t^2 / 2 - t^3)); the quick test of the inline
 * path, with x t = 3 t^2 sqrt(d), is never above it. */
static void gamma_accepts_by_the_ratio_of_the_densities(void **state)
{
    static const double d[] = { 2.0 / 3, 1, 5, 300 };

    (void)state;
    for (int k = 0; k < 4; k++) {
        for (double t = -0.99; t < 4; t += 0.01) {
            double h = d[k] * (3 * log1p(t) - 3 * t + 1.5 * t * t - t * t * t), ratio = exp(h);

            if (h < -600 || h > -1e-6)
                continue;
            assert_true(sim_gamma_accepts(ratio * (1 - 1e-9), t, d[k]));
            assert_false(sim_gamma_accepts(ratio * (1 + 1e-9), t, d[k]));
            assert_true(t < -0.5 || 1 - 9 * d[k] * t * t * t * t / 6 <= ratio);
        }
        assert_false(sim_gamma_accepts(0, -1, d[k]));
    }
    /* For d = 1e15 the terms cancel to 1e-13 of themselves; 36 digits give this. */
    assert_true(sim_gamma_accepts(exp(-0.07499400049995715) * (1 - 1e-13), 1e-4, 1e15));
    assert_false(sim_gamma_accepts(exp(-0.07499400049995715) * (1 + 1e-13), 1e-4, 1e15));
}

static void chi2_fits_its_law(void **state)
{
    static const double df[] = { 0.2, 1, 1.5, 2, 2.5, 3, 9, 99, 1999 };

    (void)state;
    for (size_t k = 0; k < sizeof(df) / sizeof(df[0]); k++) {
        struct wn_rng r = draws_stream(30 + k);
        struct sim_chi2 c = sim_chi2_of(df[k]);
        char name[32];

        for (int i = 0; i < MANY; i++)
            u[i] = draws_gamma_cdf(df[k] / 2, sim_draw_chi2_of(&r, &c) / 2);
        snprintf(name, sizeof(name), "chi-square %g", df[k]);
        draws_assert_uniform(u, MANY, name);
    }
}

/* Wilson and Hilferty: (X / a)^(1/3) is normal but for terms of order 1 / a. */
static void gamma_of_a_large_shape_keeps_its_digits(void **state)
{
    (void)state;
    for (double a = 1e9; a <= 1e15; a *= 1000) {
        struct wn_rng r = draws_stream(50);

        for (int i = 0; i < MANY; i++) {
            double t = sim_draw_gamma(&r, a) / a;

            u[i] = draws_normal_cdf((cbrt(t) - 1 + 1 / (9 * a)) * 3 * sqrt(a));
        }
        draws_assert_uniform(u, MANY, "large gamma");
    }
    assert_true(isfinite(sim_draw_gamma(&(struct wn_rng){ .s = { 1, 2, 3, 4 } }, SIM_DRAW_SHAPE_MAX)));
}

/* P(X < x) = x^a / Gamma(a + 1) for tiny x; a double is 0 below half the smallest one. */
static void gamma_of_a_tiny_shape_is_zero_as_often_as_the_law_says(void **state)
{
    static const double shape[] = { 1e-2, 1e-3, 1e-4 };
    struct wn_rng r = draws_stream(51);

    (void)state;
    for (int k = 0; k < 3; k++) {
        double p = exp(shape[k] * -1075 * log(2) - lgamma(shape[k] + 1)), zeros = 0, low = 0;
        double p_low = exp(shape[k] * log(1e-300) - lgamma(shape[k] + 1));

        for (int i = 0; i < MANY; i++) {
            double x = sim_draw_gamma(&r, shape[k]);

            zeros += x <= 0;
            low += x < 1e-300;
        }
        assert_true(fabs(zeros - MANY * p) < 4 * sqrt(MANY * p * (1 - p)));
        assert_true(fabs(low - MANY * p_low) < 4 * sqrt(MANY * p_low * (1 - p_low)));
    }
    assert_true(sim_draw_gamma(&r, 1e-308) >= 0);
}

static void chi2_of_no_freedom_is_zero(void **state)
{
    struct wn_rng r = draws_stream(52), before = r;
    struct sim_chi2 c = sim_chi2_of(0);

    (void)state;
    assert_true(sim_draw_chi2(&r, 0) == 0 && sim_draw_chi2_of(&r, &c) == 0);
    assert_true(draws_same_state(&r, &before));
}

static double beta_cdf(double a, double b, double x)
{
    if (b == 1)
        return pow(x, a);
    if (a == 1)
        return -expm1(b * log1p(-x));
    if (a == 0.5 && b == 0.5)
        return 2 / acos(-1) * asin(sqrt(x));
    if (a == 0.5 && b == 1.5)   /* the derivative is (2 / pi) sqrt((1 - x) / x) */
        return 2 / acos(-1) * (asin(sqrt(x)) + sqrt(x * (1 - x)));
    return x * x * (6 - 8 * x + 3 * x * x);   /* a = 2, b = 3 */
}

static void beta_fits_its_law(void **state)
{
    static const double ab[][2] = { { 2, 3 }, { 0.5, 0.5 }, { 0.5, 1.5 }, { 0.1, 1 }, { 1, 0.3 }, { 50, 1 }, { 1, 1 } };

    (void)state;
    for (size_t k = 0; k < sizeof(ab) / sizeof(ab[0]); k++) {
        struct wn_rng r = draws_stream(60 + k);
        char name[32];

        for (int i = 0; i < MANY; i++)
            u[i] = beta_cdf(ab[k][0], ab[k][1], sim_draw_beta(&r, ab[k][0], ab[k][1]));
        snprintf(name, sizeof(name), "beta %g %g", ab[k][0], ab[k][1]);
        draws_assert_uniform(u, MANY, name);
    }
}

/* For tiny shapes the mass sits at 0 and 1, with b / (a + b) and a / (a + b). */
static void beta_of_tiny_shapes_has_two_points(void **state)
{
    static const double ab[][2] = { { 1e-5, 2e-5 }, { 1e-200, 2e-200 }, { 1e-295, 2e-295 }, { 5e-324, 1e-323 } };
    struct wn_rng r = draws_stream(70);

    (void)state;
    for (int k = 0; k < 4; k++) {
        double ones = 0;

        for (int i = 0; i < MANY; i++) {
            double x = sim_draw_beta(&r, ab[k][0], ab[k][1]);

            assert_true(x >= 0 && x <= 1);
            ones += x > 0.5;
        }
        assert_true(fabs(ones - MANY / 3.0) < 4 * sqrt(MANY * 2 / 9.0));
    }
    assert_true(sim_draw_beta(&r, 5e-324, 0.5) < 1e-300 && sim_draw_beta(&r, 5e-324, 2) < 1e-300);
    assert_true(sim_draw_beta(&r, 1e300, 1e300) == 0.5);
}

static void truncated_normal_fits_its_law_and_stays_inside(void **state)
{
    static const double c[] = { 1e-200, 0.1, 0.9, 1.1, 3, INFINITY };
    static struct cells at_one;
    struct wn_rng r = draws_stream(71);

    (void)state;
    for (size_t k = 0; k < sizeof(c) / sizeof(c[0]); k++) {
        for (int i = 0; i < MANY; i++) {
            double z = sim_draw_truncated_normal(&r, c[k]);

            assert_true(fabs(z) < c[k]);
            u[i] = c[k] < 1e-100 ? 0.5 + 0.5 * z / c[k]
                                 : 0.5 + 0.5 * erf(z / sqrt(2)) / erf(c[k] / sqrt(2));
        }
        draws_assert_uniform(u, MANY, "truncated normal");
    }
    for (int i = 0; i < 1000000; i++)   /* where the uniform proposals are refused most often */
        cells_add(&at_one, 0.5 + 0.5 * erf(sim_draw_truncated_normal(&r, 1) / sqrt(2)) / erf(1 / sqrt(2)));
    cells_fit(&at_one, "normal within 1");
    for (int i = 0; i < 100; i++)
        assert_true(sim_draw_truncated_normal(&r, 0x1p-1074) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inline_stream_is_that_of_wn_rng),
        cmocka_unit_test(inline_draws_are_those_of_the_functions),
        cmocka_unit_test(ziggurat_constants_follow_from_their_formulas),
        cmocka_unit_test(normal_and_exponential_fit_their_laws),
        cmocka_unit_test(tails_fit_their_laws),
        cmocka_unit_test(wedges_accept_as_often_as_the_density_says),
        cmocka_unit_test(normal_has_the_moments_of_the_normal),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(gamma_fits_its_law),
        cmocka_unit_test(gamma_of_shape_one_and_two_fits_its_law),
        cmocka_unit_test(gamma_accepts_by_the_ratio_of_the_densities),
        cmocka_unit_test(chi2_fits_its_law),
        cmocka_unit_test(gamma_of_a_large_shape_keeps_its_digits),
        cmocka_unit_test(gamma_of_a_tiny_shape_is_zero_as_often_as_the_law_says),
        cmocka_unit_test(chi2_of_no_freedom_is_zero),
        cmocka_unit_test(beta_fits_its_law),
        cmocka_unit_test(beta_of_tiny_shapes_has_two_points),
        cmocka_unit_test(truncated_normal_fits_its_law_and_stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
