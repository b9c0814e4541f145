#include <winnow/rng.h>

#include <math.h>

static uint32_t mulhilo(uint32_t a, uint32_t b, uint32_t *hi)
{
    uint64_t p = (uint64_t)a * b;

    *hi = (uint32_t)(p >> 32);
    return (uint32_t)p;
}

void wn_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        uint32_t hi0, hi1;
        uint32_t lo0 = mulhilo(0xD2511F53u, c0, &hi0);
        uint32_t lo1 = mulhilo(0xCD9E8D57u, c2, &hi1);

        c0 = hi1 ^ c1 ^ k0;
        c2 = hi0 ^ c3 ^ k1;
        c1 = lo1;
        c3 = lo0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* 128 bits of (hi, lo) under KEY. */
static void block(uint64_t lo, uint64_t hi, uint64_t key, uint64_t out[2])
{
    const uint32_t c[4] = { (uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi, (uint32_t)(hi >> 32) };
    const uint32_t k[2] = { (uint32_t)key, (uint32_t)(key >> 32) };
    uint32_t w[4];

    wn_philox4x32(c, k, w);
    out[0] = w[0] | (uint64_t)w[1] << 32;
    out[1] = w[2] | (uint64_t)w[3] << 32;
}

/*
 * (seed; domain, c) -> two keys; each key enciphers the counter (a, b).  So the five
 * numbers, 320 bits, select a stream through two blocks of 128 bits.
 */
static void derive(uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c, uint64_t out[4], int halves)
{
    uint64_t keys[2];

    block(c, (uint64_t)domain, seed, keys);
    block(a, b, keys[0], out);
    if (halves > 1)
        block(a, b, keys[1], out + 2);
}

uint64_t wn_keyed_u64(uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t w[4];

    derive(seed, domain, a, b, c, w, 1);
    return w[0];
}

static double to_u01(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

double wn_keyed_u01(uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c)
{
    return to_u01(wn_keyed_u64(seed, domain, a, b, c));
}

void wn_rng_init(struct wn_rng *r, uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c)
{
    derive(seed, domain, a, b, c, r->s, 2);
    /* xoshiro must not start from all zeros; no cipher output is worth the risk. */
    if (!(r->s[0] | r->s[1] | r->s[2] | r->s[3]))
        r->s[0] = 1;
    r->has_spare = false;
    r->spare_normal = 0;
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t wn_rng_u64(struct wn_rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double wn_rng_u01(struct wn_rng *r)
{
    return to_u01(wn_rng_u64(r));
}

uint64_t wn_rng_below(struct wn_rng *r, uint64_t n)
{
    __uint128_t m = (__uint128_t)wn_rng_u64(r) * n;
    uint64_t low = (uint64_t)m;

    if (low < n) {
        uint64_t floor = (0 - n) % n;

        while (low < floor) {
            m = (__uint128_t)wn_rng_u64(r) * n;
            low = (uint64_t)m;
        }
    }
    return (uint64_t)(m >> 64);
}

double wn_rng_normal(struct wn_rng *r)
{
    double x, y, q, f;

    if (r->has_spare) {
        r->has_spare = false;
        return r->spare_normal;
    }
    do {
        x = 2 * wn_rng_u01(r) - 1;
        y = 2 * wn_rng_u01(r) - 1;
        q = x * x + y * y;
    } while (q >= 1 || q == 0);
    f = sqrt(-2 * log(q) / q);
    r->spare_normal = y * f;
    r->has_spare = true;
    return x * f;
}
