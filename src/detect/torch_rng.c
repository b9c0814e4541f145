#include "detect/torch_rng.h"

enum { SHIFT = 397 };   /* m of the recurrence; the other constants are mt19937's too */

void wn_mt_seed(struct wn_mt *mt, uint64_t seed)
{
    mt->word[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < WN_MT_WORDS; i++)
        mt->word[i] = 1812433253u * (mt->word[i - 1] ^ (mt->word[i - 1] >> 30)) + i;
    mt->next = WN_MT_WORDS;
}

static uint32_t twist(uint32_t upper, uint32_t lower)
{
    uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);

    return (y >> 1) ^ (-(y & 1) & 0x9908b0dfu);
}

static void next_state(struct wn_mt *mt)
{
    uint32_t *w = mt->word;
    unsigned i;

    for (i = 0; i < WN_MT_WORDS - SHIFT; i++)
        w[i] = w[i + SHIFT] ^ twist(w[i], w[i + 1]);
    for (; i < WN_MT_WORDS - 1; i++)
        w[i] = w[i + SHIFT - WN_MT_WORDS] ^ twist(w[i], w[i + 1]);
    w[i] = w[SHIFT - 1] ^ twist(w[i], w[0]);
    mt->next = 0;
}

uint32_t wn_mt_u32(struct wn_mt *mt)
{
    uint32_t y;

    if (mt->next == WN_MT_WORDS)
        next_state(mt);
    y = mt->word[mt->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

/* A permutation of n takes n-1 draws: the last place has no choice. */
static uint32_t steps_of(uint32_t n, uint32_t k)
{
    return k < n ? k : n ? n - 1 : 0;
}

void wn_torch_randperm(uint64_t seed, uint32_t n, uint32_t k, uint32_t *out)
{
    uint32_t steps = steps_of(n, k);
    struct wn_mt mt;

    for (uint32_t i = 0; i < n; i++)
        out[i] = i;
    wn_mt_seed(&mt, seed);
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t j = i + wn_mt_u32(&mt) % (n - i), swap = out[i];

        out[i] = out[j];
        out[j] = swap;
    }
}

bool wn_torch_randperm_has(uint64_t seed, uint32_t n, uint32_t k, uint32_t item)
{
    uint32_t steps = steps_of(n, k), place = item;
    struct wn_mt mt;

    if (item >= n)
        return false;
    wn_mt_seed(&mt, seed);
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t j = i + wn_mt_u32(&mt) % (n - i);

        if (j == place)
            return true;
        if (i == place)
            place = j;
    }
    return place < k;
}
