/*
 * shortest_float.c - decimals for ARPA files.
 *
 * After R. Giulietti, "The Schubfach way to render doubles" (2020), for float32.  All
 * decimals that read back as x = c 2^q lie between the middles to its neighbours.  With
 * 10^k no wider than that interval, and 10^(k+1) wider, at most one multiple of 10^(k+1)
 * is inside, and is the shortest; else it is one of the two multiples of 10^k around x.
 * The three points are compared in units of 10^k / 4, each from one 64 x 32 bit product
 * with a rounded power of ten; what is lost below stays as a sticky last bit.  No
 * branch depends on digits: a processor could not foresee them.
 */
#include "lm/shortest_float.h"

enum { FRACTION_BITS = 23, MIN_EXPONENT = -149, LEAST_POWER = -31 };

/* floor(10^e 2^(62 - floor(log2 10^e))) + 1 for e = -31 .. 45: 63 bits. */
static const uint64_t power_of_ten[] = {
    0x40E7599625A1FE7B, 0x51212FFBAF0A7E19, 0x65697BFA9ACD1DA0, 0x7EC3DAF941806507,
    0x4F3A68DBC8F03F25, 0x63090312BB2C4EEE, 0x7BCB43D769F762A9, 0x4D5F0A66A23A9DAA,
    0x60B6CD004AC94514, 0x78E480405D7B9659, 0x4B8ED0283A6D3DF8, 0x5E72843249088D76,
    0x760F253EDB4AB0D3, 0x49C97747490EAE84, 0x5C3BD5191B525A25, 0x734ACA5F6226F0AE,
    0x480EBE7B9D58566D, 0x5A126E1A84AE6C08, 0x709709A125DA070A, 0x465E6604B7A84466,
    0x57F5FF85E5925580, 0x6DF37F675EF6EAE0, 0x44B82FA09B5A52CC, 0x55E63B88C230E77F,
    0x6B5FCA6AF2BD215F, 0x431BDE82D7B634DB, 0x53E2D6238DA3C212, 0x68DB8BAC710CB296,
    0x4189374BC6A7EF9E, 0x51EB851EB851EB86, 0x6666666666666667, 0x4000000000000001,
    0x5000000000000001, 0x6400000000000001, 0x7D00000000000001, 0x4E20000000000001,
    0x61A8000000000001, 0x7A12000000000001, 0x4C4B400000000001, 0x5F5E100000000001,
    0x7735940000000001, 0x4A817C8000000001, 0x5D21DBA000000001, 0x746A528800000001,
    0x48C2739500000001, 0x5AF3107A40000001, 0x71AFD498D0000001, 0x470DE4DF82000001,
    0x58D15E1762800001, 0x6F05B59D3B200001, 0x4563918244F40001, 0x56BC75E2D6310001,
    0x6C6B935B8BBD4001, 0x43C33C1937564801, 0x54B40B1F852BDA01, 0x69E10DE76676D081,
    0x422CA8B0A00A4251, 0x52B7D2DCC80CD2E5, 0x6765C793FA10079E, 0x409F9CBC7C4A04C3,
    0x50C783EB9B5C85F3, 0x64F964E68233A770, 0x7E37BE2022C0914C, 0x4EE2D6D415B85ACF,
    0x629B8C891B267183, 0x7B426FAB61F00DE4, 0x4D0985CB1D3608AF, 0x604BE73DE4838ADA,
    0x785EE10D5DA46D91, 0x4B3B4CA85A86C47B, 0x5E0A1FD271287599, 0x758CA7C70D7292FF,
    0x4977E8DC68679BE0, 0x5BD5E313828182D7, 0x72CB5BD86321E38D, 0x47BF19673DF52E38,
    0x59AEDFC10D7279C6,
};

/* S 10^exponent, S below 10^9. */
struct decimal {
    uint32_t s;
    int exponent;
};

/* floor(log10(2^q)), floor(log10(3/4 2^q)) and floor(log2(10^e)) for |q| < 200, |e| < 60:
 * the constants are log10(2), log10(3/4) and log2(10) in units of 2^-20. */
static int log10_pow2(int q)
{
    return (q * 315653) >> 20;
}

static int log10_three_quarters_pow2(int q)
{
    return (q * 315653 - 131008) >> 20;
}

static int log2_pow10(int e)
{
    return (e * 3483294) >> 20;
}

/* G times C, above bit 64; odd when something but the error of G is below. */
static uint32_t times(uint64_t g, uint32_t c)
{
    unsigned __int128 p = (unsigned __int128)g * c;

    return (uint32_t)(p >> 64) | ((uint64_t)p >> 32 != 0);
}

/* C 2^Q > 0; NARROW: the neighbour below is half as far as the one above. */
static struct decimal shortest(uint32_t c, int q, bool narrow)
{
    int k = narrow ? log10_three_quarters_pow2(q) : log10_pow2(q), shift = q + log2_pow10(-k) + 2;
    uint64_t g = power_of_ten[-k - LEAST_POWER];
    uint32_t open = c & 1;                         /* ends read back as x only when c is even */
    uint32_t low = times(g, (4 * c - (narrow ? 1 : 2)) << shift) + open;
    uint32_t mid = times(g, (4 * c) << shift);
    uint32_t high = times(g, (4 * c + 2) << shift) - open;
    uint32_t s = mid / 4, tens = s / 10 * 10;
    uint32_t below = low <= 4 * tens, above = 4 * (tens + 10) <= high;
    uint32_t short_one = tens + 10 * (1 - below), is_short = below ^ above;
    int32_t beyond = (int32_t)(mid - 4 * s) - 2;   /* from the middle of s and s + 1 */
    uint32_t nearer = (beyond > 0) | ((beyond == 0) & s);

    below = low <= 4 * s;
    above = 4 * (s + 1) <= high;
    s += (above & ~below) | (nearer & ~(below ^ above));
    return (struct decimal){ s ^ ((s ^ short_one) & -is_short), k };
}

static unsigned count_digits(uint32_t s)
{
    static const uint32_t power[] = { 0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
    unsigned about = (unsigned)(32 - __builtin_clz(s | 1)) * 1233 >> 12;

    return about + (s >= power[about]);
}

/* The 8 digits of S < 10^8 as numbers 0..9, the first in the lowest byte. */
static uint64_t eight_digits(uint32_t s)
{
    uint64_t fours = s / 10000 | (uint64_t)(s % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007F0000007F;
    uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = (twos * 103 >> 10) & 0x000F000F000F000F;

    return tens | (twos - 10 * tens) << 8;
}

/* Characters of a number, the first in the lowest byte: kept in registers, as a store that
 * the next load only overlaps would hold that load up. */
struct spelt {
    uint64_t first8, from2;     /* digits 1..8, and 2..9 */
    unsigned n;                 /* without zeros at the end */
    int exponent;
};

static struct spelt spell(const struct decimal *d)
{
    static const uint32_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
    unsigned n = count_digits(d->s);
    uint32_t nine = d->s * power[9 - n], first = nine / 100000000;
    uint64_t rest = eight_digits(nine - first * 100000000), text = rest + 0x3030303030303030;

    return (struct spelt){ text << 8 | ('0' + first), text, (79 - (unsigned)__builtin_clzll(rest | 1)) / 8 - (rest == 0),
                           d->exponent + (int)n - 1 };
}

/* Writes the digits from number FROM (0 .. 8) on, and then 7 bytes of no meaning. */
static void put_digits(char *out, const struct spelt *d, unsigned from)
{
    uint64_t text = from == 0 ? d->first8 : d->from2 >> 8 * (from - 1);

    memcpy(out, &text, 8);
}

static size_t put_plain(char *out, const struct spelt *d)
{
    unsigned whole = (unsigned)d->exponent + 1;    /* digits before the point */

    if (d->exponent < 0) {
        memcpy(out, "0.000000", 8);
        put_digits(out + 1 - d->exponent, d, 0);
        out[9 - d->exponent] = (char)(d->from2 >> 56);
        return (size_t)(1 - d->exponent) + d->n;
    }
    put_digits(out, d, 0);
    if (whole >= d->n) {
        out[8] = (char)(d->from2 >> 56);
        memset(out + 9, '0', 12);
        return whole;
    }
    out[whole] = '.';
    put_digits(out + whole + 1, d, whole);
    return (size_t)d->n + 1;
}

static size_t put_scientific(char *out, const struct spelt *d)
{
    unsigned e = (unsigned)(d->exponent < 0 ? -d->exponent : d->exponent);
    size_t at = 1;

    out[0] = (char)d->first8;
    if (d->n > 1) {
        out[at++] = '.';
        put_digits(out + at, d, 1);
        at += d->n - 1;
    }
    out[at++] = 'e';
    if (d->exponent < 0)
        out[at++] = '-';
    if (e >= 10)
        out[at++] = (char)('0' + e / 10);
    out[at++] = (char)('0' + e % 10);
    return at;
}

static size_t put_word(char *out, const char *word, size_t n)
{
    memcpy(out, word, n);
    return n;
}

size_t shortest_float(float x, char out[SHORTEST_FLOAT_BYTES])
{
    uint32_t bits, fraction, biased;
    struct decimal d;
    struct spelt text;
    unsigned sign;

    memcpy(&bits, &x, sizeof(bits));
    sign = bits >> 31;
    fraction = bits & ((1u << FRACTION_BITS) - 1);
    biased = bits >> FRACTION_BITS & 0xFF;
    if (biased == 0 && fraction == 0)
        return put_word(out, "0", 1);
    if (biased == 0xFF)
        return fraction ? put_word(out, "nan", 3) : put_word(out, "-inf" + 1 - sign, 3 + sign);
    d = biased == 0 ? shortest(fraction, MIN_EXPONENT, false)
                    : shortest(fraction | 1u << FRACTION_BITS, (int)biased + MIN_EXPONENT - 1,
                               fraction == 0 && biased > 1);
    text = spell(&d);
    out[0] = '-';
    if (text.exponent >= -6 && text.exponent < 21)
        return sign + put_plain(out + sign, &text);
    return sign + put_scientific(out + sign, &text);
}
