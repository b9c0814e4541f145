/*
 * draws_normal.c - normal and exponential variates: what the inline fast paths leave over.
 *
 * A point of layer i whose place x is beyond the next layer's width is under the density
 * with a probability that one more uniform number decides; a point of the base strip
 * beyond its rectangle stands for the tail.
 */
#include "sim/draws_inline.h"

#include <assert.h>

/* Whether a uniform height between those of LAYER's bottom and top is below DENSITY. */
static bool under(struct wn_rng *r, const double *height, unsigned layer, double density)
{
    double low = height[layer], high = height[layer + 1];

    return low + (high - low) * sim_u01_fast(r) < density;
}

/* |z| given |z| >= FROM: exponential proposals of rate FROM, accepted with probability
 * exp(-x^2 / 2) (Marsaglia 1964, "Generating a variable from the tail of the normal
 * distribution", Technometrics 6). */
static double normal_tail(struct wn_rng *r, double from)
{
    double x, y;

    do {
        x = sim_exponential_fast(r) / from;
        y = sim_exponential_fast(r);
    } while (2 * y < x * x);
    return from + x;
}

double sim_normal_rest(struct wn_rng *r, uint64_t bits)
{
    for (;;) {
        unsigned layer = bits & (SIM_ZIG_LAYERS - 1);
        const struct sim_zig_layer *zig = &sim_zig_normal[layer];
        double z = (double)((int64_t)bits >> 11) * zig->scale;

        if (fabs(z) < zig->inner)
            return z;
        if (layer == 0)
            return copysign(normal_tail(r, zig->inner), z);
        if (under(r, sim_zig_normal_height, layer, exp(-0.5 * z * z)))
            return z;
        bits = sim_u64_fast(r);
    }
}

double sim_exponential_rest(struct wn_rng *r, uint64_t bits)
{
    double before = 0;   /* how much of the tail has been left behind: it has no memory */

    for (;;) {
        unsigned layer = bits & (SIM_ZIG_LAYERS - 1);
        const struct sim_zig_layer *zig = &sim_zig_exponential[layer];
        double x = (double)(int64_t)(bits >> 11) * zig->scale;

        if (x < zig->inner)
            return before + x;
        if (layer == 0)
            before += zig->inner;
        else if (under(r, sim_zig_exponential_height, layer, exp(-x)))
            return before + x;
        bits = sim_u64_fast(r);
    }
}

double sim_draw_normal(struct wn_rng *r)
{
    return sim_normal_fast(r);
}

double sim_draw_exponential(struct wn_rng *r)
{
    return sim_exponential_fast(r);
}

/* Rejection from the uniform law on [-c, c] (Robert 1995, section 2.2) while c is small,
 * from the normal law otherwise; at the border either accepts more than two thirds. */
double sim_draw_truncated_normal(struct wn_rng *r, double c)
{
    double z, half_square;

    assert(c > 0);
    if (c > 1) {
        do
            z = sim_normal_fast(r);
        while (fabs(z) >= c);
        return z;
    }
    do {
        z = (double)((int64_t)sim_u64_fast(r) >> 11) * 0x1p-52 * c;
        half_square = 0.5 * z * z;
        /* An exponential number is above y with probability exp(-y). */
    } while (fabs(z) >= c || sim_exponential_fast(r) < half_square);
    return z;
}
