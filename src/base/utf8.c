/*
 * utf8.c - check UTF-8: ASCII by blocks, the rest by blocks of 16 where the processor
 * has SSSE3, else character by character.  All ways agree on the first bad byte.
 */
#include "base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#include <tmmintrin.h>
#endif

/* The second byte's range depends on the first: that is where overlong forms,
 * surrogates and too large values are shut out.  LEAD >= 0xc2. */
static unsigned sequence_need(unsigned char lead, unsigned char *lo, unsigned char *hi)
{
    *lo = 0x80;
    *hi = 0xbf;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    if (lead < 0xe0)
        return 2;
    if (lead < 0xf0) {
        if (lead == 0xe0)
            *lo = 0xa0;
        if (lead == 0xed)
            *hi = 0x9f;
        return 3;
    }
    if (lead == 0xf0)
        *lo = 0x90;
    if (lead == 0xf4)
        *hi = 0x8f;
    return 4;
}

unsigned utf8_step(struct wn_str s, unsigned *bad, bool *cut)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char lo, hi;
    unsigned need, i;

    *bad = 1;
    *cut = false;
    if (p[0] < 0x80)
        return 1;
    need = sequence_need(p[0], &lo, &hi);
    if (need == 0)
        return 0;
    for (i = 1; i < need; i++) {
        if (i >= s.len) {
            *cut = true;
            break;
        }
        if (p[i] < lo || p[i] > hi)
            break;
        lo = 0x80;
        hi = 0xbf;
    }
    if (i == need)
        return need;
    *bad = i;
    return 0;
}

unsigned utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Skips ASCII from I on. */
static size_t skip_ascii(struct wn_str s, size_t i)
{
#ifdef __SSE2__
    while (s.len - i >= 32) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i + 16));

        if (_mm_movemask_epi8(_mm_or_si128(a, b)))
            break;
        i += 32;
    }
#endif
    while (s.len - i >= 8) {
        uint64_t w;

        memcpy(&w, s.ptr + i, 8);
        if (w & 0x8080808080808080u)
            break;
        i += 8;
    }
    while (i < s.len && (unsigned char)s.ptr[i] < 0x80)
        i++;
    return i;
}

/* The length of a well-formed sequence of 2 to 4 bytes that starts the four bytes of
 * W (little endian), or 0.  The masks test all lead and continuation bits at once. */
static inline unsigned quick_step(uint32_t w)
{
    if ((w & 0x00c0c0f0) == 0x008080e0) {
        uint32_t second = w & 0x0000200f;   /* 0: overlong; 0x200d: surrogate */
        return second != 0 && second != 0x200d ? 3 : 0;
    }
    if ((w & 0x0000c0e0) == 0x000080c0)
        return (w & 0x1e) ? 2 : 0;
    if ((w & 0xc0c0c0f8) == 0x808080f0) {
        bool overlong = !(w & 0x3007);
        bool too_large = (w & 0x04) && (w & 0x3003);
        return overlong || too_large ? 0 : 4;
    }
    return 0;
}

#ifdef __SSE2__
/* What a pair of neighbouring bytes can be guilty of (Keiser and Lemire, "Validating
 * UTF-8 in less than one instruction per byte", 2021, section 5). */
enum {
    TOO_SHORT = 1 << 0,       /* 11______ 0_______ or 11______ 11______ */
    TOO_LONG = 1 << 1,        /* 0_______ 10______                      */
    OVERLONG_3 = 1 << 2,      /* 11100000 100_____                      */
    SURROGATE = 1 << 4,       /* 11101101 101_____                      */
    OVERLONG_2 = 1 << 5,      /* 1100000_ 10______                      */
    TWO_CONTS = 1 << 7,       /* 10______ 10______                      */
    TOO_LARGE = 1 << 3,       /* 11110100 1001____ and above            */
    TOO_LARGE_1000 = 1 << 6,  /* 11110101 1000____ and above            */
    OVERLONG_4 = 1 << 6,      /* 11110000 1000____                      */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS
};

/* Sixteen answers, looked up by a nibble; three of them are anded. */
static const unsigned char by_first_high[16] = {
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    TWO_CONTS, TWO_CONTS, TWO_CONTS, TWO_CONTS,
    TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
};
#define LARGE (CARRY | TOO_LARGE | TOO_LARGE_1000)
static const unsigned char by_first_low[16] = {
    CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
    LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE | SURROGATE, LARGE, LARGE,
};
#undef LARGE
#define CONT (TOO_LONG | OVERLONG_2 | TWO_CONTS)
static const unsigned char by_second_high[16] = {
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    CONT | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4, CONT | OVERLONG_3 | TOO_LARGE, CONT | SURROGATE | TOO_LARGE,
    CONT | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
};
#undef CONT

#define SSSE3 __attribute__((target("ssse3")))

SSSE3 static inline __m128i load16(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Non-zero bytes where V, which follows PREV, is wrong. */
SSSE3 static inline __m128i block_errors(__m128i v, __m128i prev)
{
    const __m128i low = _mm_set1_epi8(0x0f);
    __m128i p1 = _mm_alignr_epi8(v, prev, 15), p2 = _mm_alignr_epi8(v, prev, 14), p3 = _mm_alignr_epi8(v, prev, 13);
    __m128i a = _mm_shuffle_epi8(load16(by_first_high), _mm_and_si128(_mm_srli_epi16(p1, 4), low));
    __m128i b = _mm_shuffle_epi8(load16(by_first_low), _mm_and_si128(p1, low));
    __m128i c = _mm_shuffle_epi8(load16(by_second_high), _mm_and_si128(_mm_srli_epi16(v, 4), low));
    __m128i special = _mm_and_si128(_mm_and_si128(a, b), c);
    __m128i third = _mm_subs_epu8(p2, _mm_set1_epi8((char)(0xe0 - 0x80)));
    __m128i fourth = _mm_subs_epu8(p3, _mm_set1_epi8((char)(0xf0 - 0x80)));
    __m128i must = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8((char)0x80));

    return _mm_xor_si128(must, special);
}

/* Bytes from the start of S on that are valid, in whole characters; stops at the first
 * bad block or short of the end, for the slow way to go on from there. */
SSSE3 static size_t check_blocks(struct wn_str s)
{
    __m128i prev = _mm_setzero_si128();
    size_t i = 0;

    for (; s.len - i >= 16; i += 16) {
        __m128i v = load16(s.ptr + i);

        if (_mm_movemask_epi8(_mm_or_si128(v, prev))) {
            __m128i bad = block_errors(v, prev);

            if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad, _mm_setzero_si128())) != 0xffff)
                break;
        }
        prev = v;
    }
    for (size_t back = 1; back <= 3 && back <= i; back++)
        if ((unsigned char)s.ptr[i - back] >= 0xc0)
            return i - back;
    return i;
}
#endif

/* Where the fast way ends; always at the start of a character. */
static size_t check_fast(struct wn_str s, size_t i)
{
#ifdef __SSE2__
    if (s.len - i >= 32 && __builtin_cpu_supports("ssse3"))
        return i + check_blocks((struct wn_str){ s.ptr + i, s.len - i });
#endif
    return i;
}

size_t wn_utf8_check(struct wn_str s)
{
    size_t i = skip_ascii(s, 0);
    unsigned n, bad;
    bool cut;

    for (i = check_fast(s, i); (i = skip_ascii(s, i)) < s.len;) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (s.len - i >= 4) {
            uint32_t w;

            memcpy(&w, s.ptr + i, 4);
            n = quick_step(w);
            if (n == 0)
                break;
            i += n;
        }
        if (i == s.len || (unsigned char)s.ptr[i] < 0x80)
            continue;
#endif
        n = utf8_step((struct wn_str){ s.ptr + i, s.len - i }, &bad, &cut);
        if (n == 0)
            return i;
        i += n;
    }
    return i;
}
