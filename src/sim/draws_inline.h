/*
 * draws_inline.h - the fast paths of draws.h for hot loops: the same numbers from the same
 * stream as the functions of the same law in draws.h, without a call in the usual case.
 *
 * A loop gains most when its stream is a local variable whose address goes nowhere else:
 * then the state stays in registers.  For that reason a rare path works on a copy.
 */
#ifndef SIM_DRAWS_INLINE_H
#define SIM_DRAWS_INLINE_H

#include <math.h>

#include "sim/draws.h"

enum { SIM_ZIG_LAYERS = 256 };

/* One layer: its width times 2^-52 (exponential: 2^-53), which turns a whole number into
 * a place in the layer, and the width of the part that lies below the density everywhere. */
struct sim_zig_layer {
    double scale;
    double inner;
};

extern const struct sim_zig_layer sim_zig_normal[SIM_ZIG_LAYERS];
extern const double sim_zig_normal_height[SIM_ZIG_LAYERS + 1];
extern const struct sim_zig_layer sim_zig_exponential[SIM_ZIG_LAYERS];
extern const double sim_zig_exponential_height[SIM_ZIG_LAYERS + 1];

/* The rest of a draw that began with BITS and did not fall inside (about 1 % of them). */
double sim_normal_rest(struct wn_rng *r, uint64_t bits);
double sim_exponential_rest(struct wn_rng *r, uint64_t bits);
/* Whether U is below the acceptance ratio of gamma's candidate d (1 + T)^3. */
bool sim_gamma_accepts(double u, double t, double d);
/* Chi-square of at most 2 degrees of freedom, 0 among them. */
double sim_chi2_small(struct wn_rng *r, const struct sim_chi2 *c);

/* wn_rng_u64, inline. */
static inline uint64_t sim_u64_fast(struct wn_rng *r)
{
    uint64_t a = r->s[0], b = r->s[1], c = r->s[2] ^ a, d = r->s[3], sum = a + d;
    uint64_t result = (sum << 23 | sum >> 41) + a;

    d ^= b;
    r->s[0] = a ^ d;
    r->s[1] = b ^ c;
    r->s[2] = c ^ b << 17;
    r->s[3] = d << 45 | d >> 19;
    return result;
}

/* wn_rng_u01, inline. */
static inline double sim_u01_fast(struct wn_rng *r)
{
    return (double)(int64_t)(sim_u64_fast(r) >> 11) * 0x1p-53;
}

/* sim_draw_normal, inline.  The layer comes from bits 0..7 and the place in it from bits
 * 11..63, so that the two are independent (Doornik 2005). */
static inline double sim_normal_fast(struct wn_rng *r)
{
    uint64_t bits = sim_u64_fast(r);
    const struct sim_zig_layer *layer = &sim_zig_normal[bits & (SIM_ZIG_LAYERS - 1)];
    double z = (double)((int64_t)bits >> 11) * layer->scale;

    if (__builtin_expect(fabs(z) >= layer->inner, 0)) {
        struct wn_rng copy = *r;

        z = sim_normal_rest(&copy, bits);
        *r = copy;
    }
    return z;
}

/* sim_draw_exponential, inline. */
static inline double sim_exponential_fast(struct wn_rng *r)
{
    uint64_t bits = sim_u64_fast(r);
    const struct sim_zig_layer *layer = &sim_zig_exponential[bits & (SIM_ZIG_LAYERS - 1)];
    double x = (double)(int64_t)(bits >> 11) * layer->scale;

    if (__builtin_expect(x >= layer->inner, 0)) {
        struct wn_rng copy = *r;

        x = sim_exponential_rest(&copy, bits);
        *r = copy;
    }
    return x;
}

/*
 * Gamma of shape d + 1/3 >= 1: d (1 + c x)^3 for a normal x (Marsaglia & Tsang 2000),
 * accepted with probability exp(h), h = d (3 log(1 + t) - 3 t + 3 t^2 / 2 - t^3), t = c x.
 * The quick test is tighter than theirs and improves with the shape: h is -3 d t^4 / 4
 * + 3 d t^5 / 5 - ..., which for t >= -1/2 is at least -3 d t^4 / 2 = -x^2 t^2 / 6 (as
 * d = 1 / (9 c^2)), and exp(h) >= 1 + h.
 */
static inline double sim_gamma_fast(struct wn_rng *r, double d, double c)
{
    for (;;) {
        double x = sim_normal_fast(r), t = c * x, v = 1 + t, xt = x * t;
        double u = sim_u01_fast(r);

        if (__builtin_expect((t >= -0.5 && u < 1 - xt * xt * (1.0 / 6)) || sim_gamma_accepts(u, t, d), 1))
            return d * (v * v * v);
    }
}

/* sim_draw_chi2_of, inline. */
static inline double sim_chi2_fast(struct wn_rng *r, const struct sim_chi2 *c)
{
    if (__builtin_expect(c->half <= 1, 0)) {
        struct wn_rng copy = *r;
        double x = sim_chi2_small(&copy, c);

        *r = copy;
        return x;
    }
    return 2 * sim_gamma_fast(r, c->d, c->c);
}

#endif
