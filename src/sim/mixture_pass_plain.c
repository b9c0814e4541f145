/*
 * The pass with what every processor has (two lanes at a time on x86-64), and the choice
 * between the versions.
 */
#include "sim/mixture_pass.h"

#define VEC_BYTES 16
#include "sim/mixture_pass_body.h"

const struct sim_isa sim_isa_plain = { "plain", pass, kernel_top, kernel_sum };

const struct sim_isa *sim_isa_at(size_t i)
{
    const struct sim_isa *known[3] = { &sim_isa_plain };
    size_t n = 1;

#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        known[n++] = &sim_isa_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        known[n++] = &sim_isa_avx512;
#endif
    return i < n ? known[i] : NULL;
}

const struct sim_isa *sim_isa_best(void)
{
    const struct sim_isa *best = sim_isa_at(0);

    for (size_t i = 1; sim_isa_at(i); i++)
        best = sim_isa_at(i);
    return best;
}

/* x = 2^n m with m in [0.70, 1.42); log m = 2 artanh s, s = (m - 1)/(m + 1), |s| < 0.18: the
 * series to s^21 leaves 2 s^23/23 < 1e-18. */
double sim_plain_log(double x)
{
    int n;
    double m = frexp(x, &n), s, z, sum = 1.0 / 21;

    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        n--;
    }
    s = (m - 1) / (m + 1);
    z = s * s;
    for (int odd = 19; odd >= 3; odd -= 2)
        sum = sum * z + 1.0 / odd;
    return n * 0x1.62e42fefa39efp-1 + 2 * (s + s * (z * sum));
}

double *sim_aligned_doubles(struct wn_arena *a, size_t n)
{
    size_t bytes;
    char *at;

    if (!wn_mul_ok(n, sizeof(double), &bytes) || !wn_add_ok(bytes, 64, &bytes))
        return NULL;
    at = wn_arena_alloc(a, bytes);
    return at ? (double *)(void *)(at + (64 - (uintptr_t)at % 64) % 64) : NULL;
}
