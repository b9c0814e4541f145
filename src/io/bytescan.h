/*
 * bytescan.h - where a stretch of plain string bytes ends, 16 at a time.
 */
#ifndef IO_BYTESCAN_H
#define IO_BYTESCAN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__) && !defined(IO_SCALAR)
#include <emmintrin.h>
#define IO_SSE2 1
#endif

static inline int bytescan_stops(unsigned char c)
{
    return c == '"' || c == '\\' || c < 0x20;
}

#ifdef IO_SSE2
/* Bit i: byte i of V is a quote, a backslash or a control character. */
static inline unsigned bytescan_mask(__m128i v)
{
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control));
}

static inline __m128i bytescan_load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
#endif

/* The first byte from P on that is no plain string byte; END when there is none. */
static inline const char *bytescan_plain(const char *p, const char *end)
{
#ifdef IO_SSE2
    while (end - p >= 32) {
        uint32_t mask = bytescan_mask(bytescan_load(p)) | (uint32_t)bytescan_mask(bytescan_load(p + 16)) << 16;

        if (mask)
            return p + __builtin_ctz(mask);
        p += 32;
    }
    if (end - p >= 16) {
        unsigned mask = bytescan_mask(bytescan_load(p));

        if (mask)
            return p + __builtin_ctz(mask);
        p += 16;
    }
#endif
    while (p < end && !bytescan_stops((unsigned char)*p))
        p++;
    return p;
}

enum { BYTESCAN_SLACK = 16 };

/* Copies bytes of FROM up to the first backslash; OUT has BYTESCAN_SLACK bytes more room
 * than it needs.  Returns how many were copied. */
static inline size_t bytescan_copy(char *out, const char *from, size_t n)
{
    size_t i = 0;

#ifdef IO_SSE2
    for (; n - i >= 16; i += 16) {
        __m128i v = bytescan_load(from + i);
        int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

        _mm_storeu_si128((__m128i *)(void *)(out + i), v);
        if (mask)
            return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    for (; i < n && from[i] != '\\'; i++)
        out[i] = from[i];
    return i;
}

#endif
