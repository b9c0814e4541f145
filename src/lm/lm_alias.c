/*
 * lm_alias.c - alias tables: Walker, "An efficient method for generating discrete random
 * variables with general distributions", ACM TOMS 3 (1977); Vose, IEEE TSE 17 (1991).
 *
 * Two sweeps instead of two work lists: one finds the next slot that is not full, the
 * other the next that overflows.  One that gives and then is not full itself, behind the
 * first sweep, is filled at once.
 */
#include "lm/lm_sampler.h"

static uint32_t next_full(const double *u, uint32_t from, uint32_t n)
{
    while (from < n && u[from] < 1.0)
        from++;
    return from;
}

static void pair(struct sampler_slot *slot, const double *u, double total)
{
    unsigned less = u[0] < u[1] ? 0 : 1;

    slot[less].keep = (float)(2.0 * u[less] / total);
    slot[less].b = slot[1 - less].a;
}

void sampler_alias(struct sampler_slot *slot, double *u, uint32_t n, double total)
{
    double scale = (double)n / total;
    uint32_t giver;

    if (n == 2)
        pair(slot, u, total);
    if (n <= 2)
        return;
    for (uint32_t i = 0; i < n; i++)
        u[i] *= scale;
    giver = next_full(u, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t small = i;

        /* A giver in front of the sweep is met later, as any other. */
        while (giver < n && small <= i && u[small] < 1.0) {
            slot[small].keep = (float)u[small];
            slot[small].b = slot[giver].a;
            u[giver] -= 1.0 - u[small];
            if (u[giver] >= 1.0)
                break;
            small = giver;
            giver = next_full(u, giver + 1, n);
        }
    }
}
