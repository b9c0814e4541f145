#include "support/cm.h"

#include <math.h>
#include <winnow/rng.h>

/* Known answers of philox4x32-10 from the Random123 distribution (kat_vectors). */
static void philox_equals_random123(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } kat[] = {
        { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
          { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kat) / sizeof(kat[0]); i++) {
        uint32_t out[4];

        wn_philox4x32(kat[i].counter, kat[i].key, out);
        assert_memory_equal(out, kat[i].out, sizeof(out));
    }
}

/* First outputs of xoshiro256++ from state 1, 2, 3, 4, as its authors' C code prints. */
static void xoshiro_equals_its_reference(void **state)
{
    static const uint64_t want[] = { 41943041u, 58720359u, 3588806011781223u, 3591011842654386u,
                                     9228616714210784205u, 9973669472204895162u };
    struct wn_rng r = { .s = { 1, 2, 3, 4 } };

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        assert_true(wn_rng_u64(&r) == want[i]);
}

static void each_of_the_five_numbers_matters(void **state)
{
    uint64_t base = wn_keyed_u64(1, WN_DOMAIN_SELECT, 2, 3, 4);

    (void)state;
    assert_true(base == wn_keyed_u64(1, WN_DOMAIN_SELECT, 2, 3, 4));
    assert_true(base != wn_keyed_u64(2, WN_DOMAIN_SELECT, 2, 3, 4));
    assert_true(base != wn_keyed_u64(1, WN_DOMAIN_WEIGHT, 2, 3, 4));
    assert_true(base != wn_keyed_u64(1, WN_DOMAIN_SELECT, 3, 3, 4));
    assert_true(base != wn_keyed_u64(1, WN_DOMAIN_SELECT, 2, 4, 4));
    assert_true(base != wn_keyed_u64(1, WN_DOMAIN_SELECT, 2, 3, 5));
}

/* Moments of 400,000 draws against the standard normal, at four standard errors:
 * Var(mean) = 1/N, Var(x^2) = 2, Var(x^4) = 96. */
static void normal_has_the_moments_of_the_normal(void **state)
{
    enum { N = 400000 };
    double m1 = 0, m2 = 0, m4 = 0;
    struct wn_rng r;

    (void)state;
    wn_rng_init(&r, 7, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        double x = wn_rng_normal(&r);

        m1 += x;
        m2 += x * x;
        m4 += x * x * x * x;
    }
    assert_true(fabs(m1 / N) < 4 * sqrt(1.0 / N));
    assert_true(fabs(m2 / N - 1) < 4 * sqrt(2.0 / N));
    assert_true(fabs(m4 / N - 3) < 4 * sqrt(96.0 / N));
}

/* Chi-square with 6 degrees of freedom: 22.46 is exceeded with probability 0.001. */
static void below_is_uniform(void **state)
{
    enum { K = 7, N = 70000 };
    double count[K] = { 0 }, chi2 = 0;
    struct wn_rng r;

    (void)state;
    wn_rng_init(&r, 3, WN_DOMAIN_METRIC, 1, 0, 0);
    for (int i = 0; i < N; i++) {
        uint64_t x = wn_rng_below(&r, K);

        assert_true(x < K);
        count[x]++;
    }
    for (int k = 0; k < K; k++)
        chi2 += (count[k] - N / K) * (count[k] - N / K) / (N / K);
    assert_true(chi2 < 22.46);
    for (int i = 0; i < 100; i++)
        assert_true(wn_rng_below(&r, 1) == 0);
}

static void u01_stays_below_one(void **state)
{
    struct wn_rng r;

    (void)state;
    wn_rng_init(&r, 5, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int i = 0; i < 100000; i++) {
        double u = wn_rng_u01(&r);

        assert_true(u >= 0 && u < 1);
    }
    r = (struct wn_rng){ .s = { 0, 0, 0, UINT64_MAX } };
    assert_true(wn_rng_u01(&r) < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_equals_random123),
        cmocka_unit_test(xoshiro_equals_its_reference),
        cmocka_unit_test(each_of_the_five_numbers_matters),
        cmocka_unit_test(normal_has_the_moments_of_the_normal),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(u01_stays_below_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
