/*
 * shortest_float.c - decimals for ARPA files.
 *
 * Nine significant digits always identify a float32 and correct rounding keeps digits
 * monotone: if n digits read back, n + 1 do.  So digits are taken away from nine while
 * the number still reads back.
 */
#include "lm/shortest_float.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_DIGITS = 9 };

/* The N digits of X > 0 that are nearest to it, and the power of ten of the first. */
struct decimal {
    char digit[MOST_DIGITS + 1];
    int n;
    int exponent;
};

static void round_to(struct decimal *d, float x, int n)
{
    char text[32];                                 /* d.ddddddde-XX */

    snprintf(text, sizeof(text), "%.*e", n - 1, (double)x);
    d->digit[0] = text[0];
    if (n > 1)
        memcpy(d->digit + 1, text + 2, (size_t)n - 1);
    d->n = n;
    d->exponent = atoi(strchr(text, 'e') + 1);
}

static bool reads_back(float x, int n)
{
    char text[32];

    snprintf(text, sizeof(text), "%.*e", n - 1, (double)x);
    return strtof(text, NULL) == x;
}

/* Half way between two floats: there rounding twice, to double and to float, may go
 * wrong. */
static bool is_between_floats(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (bits & 0x1FFFFFFF) == 0x10000000;
}

/* The usual case without the C library: 1e-6 <= x < 10.  Scaling by a power of ten is
 * one rounding in double, 29 bits finer than a float, so the digits are right unless x
 * lies within 1e-6 of a last digit of a tie; those cases are left to the general one. */
static bool round_fast(struct decimal *d, float x)
{
    static const double power[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    int exponent = x >= 1.0f ? 0 : -1;

    while (exponent < 0 && (double)x * power[-exponent] < 1.0)
        exponent--;
    for (int n = MOST_DIGITS;; n--) {
        double scale = power[n - 1 - exponent], scaled = (double)x * scale;
        double whole = rint(scaled);
        uint64_t digits = (uint64_t)whole;

        if (fabs(fabs(scaled - whole) - 0.5) < 1e-6 || whole >= power[n] || is_between_floats(whole / scale))
            return false;
        if ((float)(whole / scale) != x)
            return n < MOST_DIGITS;                /* d holds one digit more */
        d->n = n;
        d->exponent = exponent;
        for (int i = n; i-- > 0; digits /= 10)
            d->digit[i] = (char)('0' + digits % 10);
        if (n == 1)
            return true;
    }
}

static void shortest(struct decimal *d, float x)
{
    int n = MOST_DIGITS;

    if (x >= 1e-6f && x < 10.0f && round_fast(d, x))
        return;
    while (n > 1 && reads_back(x, n - 1))
        n--;
    round_to(d, x, n);
}

static size_t put(char *out, size_t at, const char *s, int n)
{
    memcpy(out + at, s, (size_t)n);
    return at + (size_t)n;
}

static size_t put_plain(char *out, size_t at, const struct decimal *d)
{
    if (d->exponent < 0) {
        at = put(out, at, "0.", 2);
        for (int i = -1; i > d->exponent; i--)
            out[at++] = '0';
        return put(out, at, d->digit, d->n);
    }
    for (int i = 0; i <= d->exponent || i < d->n; i++) {
        if (i == d->exponent + 1)
            out[at++] = '.';
        out[at++] = i < d->n ? d->digit[i] : '0';
    }
    return at;
}

static size_t put_scientific(char *out, size_t at, const struct decimal *d)
{
    out[at++] = d->digit[0];
    if (d->n > 1) {
        out[at++] = '.';
        at = put(out, at, d->digit + 1, d->n - 1);
    }
    return at + (size_t)snprintf(out + at, 6, "e%d", d->exponent);
}

size_t shortest_float(float x, char out[SHORTEST_FLOAT_BYTES])
{
    struct decimal d;
    size_t at = 0;

    if (x == 0.0f) {
        out[0] = '0';
        return 1;
    }
    if (x < 0.0f)
        out[at++] = '-';
    shortest(&d, fabsf(x));
    return d.exponent >= -6 ? put_plain(out, at, &d) : put_scientific(out, at, &d);
}
