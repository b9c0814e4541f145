/*
 * lm_pow10.h - 10^x, the same bits on every machine and faster than libm's.
 *
 * 2^f by its Taylor polynomial of degree 10 on |f| <= 1/2: the first term left out is
 * (ln 2 / 2)^11 / 11! = 2e-13.
 */
#ifndef LM_POW10_H
#define LM_POW10_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 0 below 10^-300; X is at most 300. */
static inline double lm_pow10(double x)
{
    double y = x * 3.32192809488736234787, f, r;
    int64_t k;
    uint64_t bits;

    if (!(x > -300.0))
        return 0.0;
    k = (int64_t)(y + (y < 0.0 ? -0.5 : 0.5));
    f = (y - (double)k) * 0.69314718055994530942;
    r = 1.0 / 3628800.0;
    r = r * f + 1.0 / 362880.0;
    r = r * f + 1.0 / 40320.0;
    r = r * f + 1.0 / 5040.0;
    r = r * f + 1.0 / 720.0;
    r = r * f + 1.0 / 120.0;
    r = r * f + 1.0 / 24.0;
    r = r * f + 1.0 / 6.0;
    r = r * f + 0.5;
    r = r * f + 1.0;
    r = r * f + 1.0;
    memcpy(&bits, &r, sizeof(bits));
    bits += (uint64_t)k << 52;                  /* r is within [0.7, 1.42], K within +-1000 */
    memcpy(&r, &bits, sizeof(r));
    return r;
}

/* The same in float32 for N numbers, to 3 units in the last place (lm_pow10.c): 0 for those at
 * or below LEAST, which is at least -37; those above 38 count as 38. */
void lm_pow10_many(float *out, const float *x, size_t n, float least);

#endif
