/* utf8.c - check UTF-8, fast where it is ASCII. */
#include "base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
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

size_t wn_utf8_check(struct wn_str s)
{
    size_t i = 0;
    unsigned n, bad;
    bool cut;

    while ((i = skip_ascii(s, i)) < s.len) {
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
