/*
 * test_shortest_float.c - float32 as decimals.  The definition, by the C library: digits are taken
 * away from nine (which always identify a float32) while the correctly rounded number still
 * reads back.  All 2,139,095,039 positive finite numbers were once compared with
 * std::to_chars of libstdc++ 12 (Ryu; Adams 2018) and were equal.
 */
#include "support/cm.h"

#include <math.h>

#include "lm/shortest_float.h"

static struct wn_str text_of(float x, char out[SHORTEST_FLOAT_BYTES])
{
    return (struct wn_str){ out, shortest_float(x, out) };
}

static void expect(float x, const char *want)
{
    char out[SHORTEST_FLOAT_BYTES];
    struct wn_str got = text_of(x, out);

    if (!wn_str_eq(got, wn_str(want)))
        fail_msg("%.9g: '%.*s', not '%s'", (double)x, WN_STR_ARG(got), want);
}

static float from_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* Hand calculation, and KenLM's form: plain from 1e-6 up to 1e21. */
static void notation_is_the_one_of_arpa_files(void **state)
{
    (void)state;
    expect(0.0f, "0");
    expect(-0.0f, "0");
    expect(1.0f, "1");
    expect(-99.0f, "-99");
    expect(-0.30103f, "-0.30103");
    expect(10.0f, "10");
    expect(-12.5f, "-12.5");
    expect(123456.7f, "123456.7");
    expect(16777216.0f, "16777216");
    expect(1e9f, "1000000000");
    expect(1e10f, "10000000000");
    expect(-1e20f, "-100000000000000000000");
    expect(1e21f, "1e21");
    expect(1e-6f, "0.000001");
    expect(1.5e-6f, "0.0000015");
    expect(-9.99e-7f, "-9.99e-7");
    expect(1e-7f, "1e-7");
    expect(-2.5893e-8f, "-2.5893e-8");
    expect(INFINITY, "inf");
    expect(-INFINITY, "-inf");
    expect(NAN, "nan");
}

/* The least and the greatest of each kind; powers of two, whose neighbours are unevenly far;
 * the longest plain number. */
static void extremes_are_right(void **state)
{
    (void)state;
    expect(from_bits(0x00000001), "1e-45");
    expect(from_bits(0x007FFFFF), "1.1754942e-38");
    expect(from_bits(0x00800000), "1.1754944e-38");
    expect(from_bits(0x7F7FFFFF), "3.4028235e38");
    expect(9.5367432e-7f, "9.536743e-7");                  /* 2^-20 */
    expect(8388608.0f, "8388608");
    expect(33554432.0f, "33554432");
    expect(from_bits(0x60AD78EB), "99999990000000000000");
    expect(from_bits(0x60AD78EC), "100000000000000000000");
}

static size_t by_definition(float x, char out[64])
{
    char e[32], digits[16];
    int n = 9, exponent;

    do
        snprintf(e, sizeof(e), "%.*e", --n - 1, (double)x);
    while (n > 1 && strtof(e, NULL) == x);
    if (strtof(e, NULL) != x)
        snprintf(e, sizeof(e), "%.*e", n++, (double)x);
    exponent = atoi(strchr(e, 'e') + 1);
    digits[0] = e[0];
    memcpy(digits + 1, e + 2, (size_t)n - 1);
    if (exponent < -6)
        return (size_t)(n == 1 ? sprintf(out, "%ce%d", e[0], exponent)
                               : sprintf(out, "%c.%.*se%d", e[0], n - 1, digits + 1, exponent));
    return (size_t)snprintf(out, 64, "%.*f", n - 1 > exponent ? n - 1 - exponent : 0, (double)x);
}

/* 1e-12 .. 1e6, every 1,009th number. */
static void numbers_of_models_follow_the_definition(void **state)
{
    uint32_t first, last;
    float lo = 1e-12f, hi = 1e6f;

    (void)state;
    memcpy(&first, &lo, sizeof(first));
    memcpy(&last, &hi, sizeof(last));
    for (uint32_t bits = first; bits <= last; bits += 1009) {
        float x = from_bits(bits);
        char want[64], got[SHORTEST_FLOAT_BYTES];
        size_t n = by_definition(x, want);

        if (!wn_str_eq(text_of(x, got), (struct wn_str){ want, n }))
            fail_msg("%08x: '%.*s', not '%.*s'", bits, WN_STR_ARG(text_of(x, got)), (int)n, want);
    }
}

/* Everywhere, every 20,011th number of either sign; never more than the promised bytes. */
static void every_number_reads_back(void **state)
{
    (void)state;
    for (uint64_t bits = 1; bits < UINT64_C(1) << 32; bits += 20011) {
        float x = from_bits((uint32_t)bits);
        char text[SHORTEST_FLOAT_BYTES + 1];
        size_t n;

        if (!isfinite(x))
            continue;
        n = shortest_float(x, text);
        assert_in_range(n, 1, SHORTEST_FLOAT_BYTES - 1);
        text[n] = '\0';
        if (strtof(text, NULL) != x)
            fail_msg("%08x: '%s' reads back as another number", (uint32_t)bits, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notation_is_the_one_of_arpa_files),
        cmocka_unit_test(extremes_are_right),
        cmocka_unit_test(numbers_of_models_follow_the_definition),
        cmocka_unit_test(every_number_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
