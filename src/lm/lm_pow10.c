/*
 * lm_pow10.c - 10^x for whole tables, four at a time.
 *
 * x = k log10(2) + r with log10(2) in two parts, the first short enough that its products
 * with k are exact (Cody and Waite 1980); then e^(r ln 10) by its Taylor polynomial on
 * |r ln 10| <= 0.35, whose first term left out is 0.35^8 / 8! = 6e-9.  Compilers turn the
 * vectors into what the machine has; the values are the same everywhere.
 */
#include "lm/lm_pow10.h"

/* The exponent of 10^MOST is one that float32 has. */
#define MOST 38.0f

typedef float vec_float __attribute__((vector_size(16)));
typedef int32_t vec_int __attribute__((vector_size(16)));

static vec_float splat(float f)
{
    return (vec_float){ f, f, f, f };
}

/* Where MASK is set A, else B. */
static vec_float choose(vec_int mask, vec_float a, vec_float b)
{
    return (vec_float)(((vec_int)a & mask) | ((vec_int)b & ~mask));
}

static vec_float pow10_of(vec_float x, vec_float least)
{
    vec_int positive = x > least, n;
    vec_float half, k, r, y;

    x = choose(positive, x, splat(0.0f));
    x = choose(x > splat(MOST), splat(MOST), x);
    half = choose(x < splat(0.0f), splat(-0.5f), splat(0.5f));
    n = __builtin_convertvector(x * splat(3.32192809488736f) + half, vec_int);
    k = __builtin_convertvector(n, vec_float);
    r = (x - k * splat(0.30078125f)) - k * splat(0.000248745663981195f);     /* 77 / 256 + the rest */
    r *= splat(2.30258509299404568f);
    y = splat(1.0f / 5040.0f);
    y = y * r + splat(1.0f / 720.0f);
    y = y * r + splat(1.0f / 120.0f);
    y = y * r + splat(1.0f / 24.0f);
    y = y * r + splat(1.0f / 6.0f);
    y = y * r + splat(0.5f);
    y = y * r + splat(1.0f);
    y = y * r + splat(1.0f);
    return choose(positive, (vec_float)((vec_int)y + n * (1 << 23)), splat(0.0f));
}

void lm_pow10_many(float *out, const float *x, size_t n, float least)
{
    for (size_t i = 0; i < n; i += 4) {
        vec_float v = splat(-100.0f);
        size_t m = n - i < 4 ? n - i : 4;

        memcpy(&v, x + i, m * sizeof(*x));
        v = pow10_of(v, splat(least));
        memcpy(out + i, &v, m * sizeof(*out));
    }
}
