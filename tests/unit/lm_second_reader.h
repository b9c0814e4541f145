/*
 * lm_second_reader.h - a reader of model files written from docs/format/lm.md alone: it
 * shares nothing with the library but XXH3, so that the document, the writer and the
 * library's readers are held against each other.
 */
#ifndef TEST_LM_SECOND_READER_H
#define TEST_LM_SECOND_READER_H

#include "support/cm.h"

#include <math.h>

#include <winnow/hash.h>

struct second_reader {
    const unsigned char *file;
    size_t n;
};

static inline uint64_t sr_number(const unsigned char *at, unsigned bytes)
{
    uint64_t x = 0;

    for (unsigned i = bytes; i-- > 0;)                 /* tests run on little-endian machines */
        x = x << 8 | at[i];
    return x;
}

static inline uint64_t sr_u64(const struct second_reader *r, uint64_t at)
{
    return sr_number(r->file + at, 8);
}

static inline uint32_t sr_u32(const struct second_reader *r, uint64_t at)
{
    return (uint32_t)sr_number(r->file + at, 4);
}

static inline float sr_f32(const unsigned char *at)
{
    float x;

    memcpy(&x, at, 4);
    return x;
}

/* ---- sections -------------------------------------------------------------------------- */

struct sr_section {
    uint64_t offset, bytes, checksum, buckets, lines;
    uint64_t entry;            /* where its entry is                    */
};

static inline bool sr_find(const struct second_reader *r, uint32_t kind, uint32_t order, struct sr_section *s)
{
    for (uint32_t i = 0; i < sr_u32(r, 44); i++) {
        uint64_t at = 152 + 80 * (uint64_t)i;

        if (sr_u32(r, at) != kind || sr_u32(r, at + 4) != order)
            continue;
        *s = (struct sr_section){ sr_u64(r, at + 8), sr_u64(r, at + 16), sr_u64(r, at + 24), sr_u64(r, at + 32),
                                  sr_u64(r, at + 40), at };
        return true;
    }
    return false;
}

static inline uint64_t sr_checksum(const unsigned char *p, uint64_t n)
{
    uint64_t c = 0;

    for (uint64_t at = 0; at < n; at += 262144) {
        uint64_t two[2] = { c, wn_hash64((struct wn_str){ (const char *)p + at, n - at < 262144 ? n - at : 262144 },
                                         0) };

        c = wn_hash64((struct wn_str){ (const char *)two, 16 }, 0);
    }
    return c;
}

/* Front, places, paddings, checksums. */
static inline void sr_check(const struct second_reader *r)
{
    uint64_t at = 4096;

    assert_memory_equal(r->file, "winnowLM", 8);
    assert_int_equal(sr_u32(r, 8), 2);
    assert_int_equal(sr_u32(r, 12), 0x01020304);
    assert_int_equal(sr_u64(r, 48), r->n);
    assert_true(wn_hash64((struct wn_str){ (const char *)r->file, 4088 }, 0) == sr_u64(r, 4088));
    for (uint32_t i = 0; i < 48; i++) {
        uint64_t e = 152 + 80 * (uint64_t)i, align = sr_u32(r, e) == 9 ? 4096 : 64;

        if (i >= sr_u32(r, 44)) {
            for (unsigned j = 0; j < 80; j++)
                assert_int_equal(r->file[e + j], 0);
            continue;
        }
        for (; at % align != 0; at++)
            assert_int_equal(r->file[at], 0);
        assert_true(sr_u64(r, e + 8) == at);
        at += sr_u64(r, e + 16);
        assert_true(at <= r->n);
        assert_true(sr_checksum(r->file + sr_u64(r, e + 8), sr_u64(r, e + 16)) == sr_u64(r, e + 24));
    }
    for (; at % 64 != 0; at++)
        assert_int_equal(r->file[at], 0);
    assert_true(at == r->n);
}

/* ---- keys ------------------------------------------------------------------------------ */

static const uint64_t sr_a = 0x9E3779B97F4A7C15, sr_b = 0xC2B2AE3D27D4EB4F, sr_c = 0xD6E8FEB86659FD93;

static inline uint64_t sr_mix(uint64_t a, uint64_t b)
{
    /* four 32-bit products, so as not to depend on 128-bit types */
    uint64_t a0 = a & 0xFFFFFFFF, a1 = a >> 32, b0 = b & 0xFFFFFFFF, b1 = b >> 32;
    uint64_t low = a0 * b0, x = a1 * b0 + (low >> 32), y = a0 * b1 + (x & 0xFFFFFFFF);

    return (a1 * b1 + (x >> 32) + (y >> 32)) ^ (y << 32 | (low & 0xFFFFFFFF));
}

static inline uint64_t sr_high(uint64_t a, uint64_t b)
{
    uint64_t low = a * b;

    return sr_mix(a, b) ^ low;
}

static inline uint64_t sr_step(uint64_t x, uint64_t y, uint64_t n, uint64_t s)
{
    return sr_mix(x ^ s ^ sr_a, y ^ (s << 32 | s >> 32) ^ n * sr_c ^ sr_b);
}

static inline uint64_t sr_word(struct wn_str w, uint64_t seed)
{
    const unsigned char *p = (const unsigned char *)w.ptr;
    size_t left = w.len;
    uint64_t h = seed;

    for (; left > 16; left -= 16, p += 16)
        h = sr_step(sr_number(p, 8), sr_number(p + 8, 8), 16, h);
    return sr_step(sr_number(p, left < 8 ? (unsigned)left : 8), left > 8 ? sr_number(p + 8, (unsigned)left - 8) : 0,
                   w.len, h);
}

/* The key of words W[0 .. k). */
static inline uint64_t sr_key(const struct second_reader *r, const struct wn_str *w, unsigned k)
{
    uint64_t seed = sr_u64(r, 144), key = sr_word(w[k - 1], seed);

    for (unsigned i = k - 1; i-- > 0;)
        key = sr_mix(key ^ sr_b, sr_word(w[i], seed) ^ sr_c);
    return key;
}

static inline unsigned sr_class(const struct second_reader *r, struct wn_str w)
{
    return (unsigned)(sr_word(w, sr_u64(r, 144)) >> 20 & 15);
}

/* ---- tables ---------------------------------------------------------------------------- */

struct sr_found {
    bool in[2];                /* by model                                     */
    float prob[2], backoff[2];
    unsigned mask, mask_bits;  /* mask_bits 0: no mask                          */
    uint64_t line;             /* where it was found                          */
};

static inline float sr_code(const struct second_reader *r, const struct sr_section *s, unsigned what, unsigned model,
                            unsigned code, unsigned bits)
{
    uint64_t at = s->entry + 48 + 16 * what + 8 * model;
    float scale = sr_f32(r->file + at + 4) * (float)code;

    if (code >= (bits == 16 ? 65534u : 4094u))
        return code % 2 ? -99.0f : -INFINITY;
    return sr_f32(r->file + at) + scale;
}

/* Slot I of the line at P; false when it is empty.  *TAG_BITS as the layout says. */
static inline bool sr_slot(const struct second_reader *r, const struct sr_section *s, const unsigned char *p,
                           unsigned i, unsigned layout, uint64_t *tag, unsigned *tag_bits, struct sr_found *f)
{
    *f = (struct sr_found){ .in = { true, false } };
    switch (layout) {
    case 10: case 11:                                                  /* unigram */
        *tag = sr_number(p + 8 * i, 8);
        *tag_bits = 64;
        f->prob[0] = sr_f32(p + 32 + 4 * i);
        f->backoff[0] = sr_f32(p + 48 + 4 * i);
        break;
    case 20:
        *tag = sr_number(p + 8 * i, 8) >> 16;
        *tag_bits = 48;
        f->mask = (unsigned)(sr_number(p + 8 * i, 2) >> 1);
        f->mask_bits = 15;
        f->prob[0] = sr_f32(p + 32 + 4 * i);
        f->backoff[0] = sr_f32(p + 48 + 4 * i);
        break;
    case 30:
        *tag = sr_number(p + 4 * i, 4);
        *tag_bits = 32;
        f->prob[0] = -fabsf(sr_f32(p + 32 + 4 * i));
        break;
    case 21:
        *tag = sr_number(p + 4 * i, 4) >> 9;
        *tag_bits = 23;
        f->mask = (unsigned)(sr_number(p + 4 * i, 2) >> 1) & 255;
        f->mask_bits = 8;
        f->prob[0] = sr_code(r, s, 0, 0, (unsigned)sr_number(p + 32 + 2 * i, 2), 16);
        f->backoff[0] = sr_code(r, s, 1, 0, (unsigned)sr_number(p + 48 + 2 * i, 2), 16);
        break;
    case 31:
        *tag = sr_number(p + 4 * i, 4) >> 13;
        *tag_bits = 19;
        f->prob[0] = sr_code(r, s, 0, 0, (unsigned)(sr_number(p + 4 * i, 4) >> 1) & 4095, 12);
        break;
    case 12:
        *tag = sr_number(p + 8 * i, 8);
        *tag_bits = 64;
        for (unsigned m = 0; m < 2; m++) {
            f->prob[m] = sr_f32(p + 16 + 8 * i + 4 * m);
            f->in[m] = f->prob[m] != 1.0f;
            f->backoff[m] = sr_f32(p + 32 + 8 * i + 4 * m);
        }
        break;
    case 22: case 32:
        *tag = sr_number(p + 4 * i, 4) >> (layout == 22 ? 8 : 1);
        *tag_bits = layout == 22 ? 24 : 31;
        f->mask = layout == 22 ? p[4 * i] : 0;
        f->mask_bits = layout == 22 ? 8 : 0;
        for (unsigned m = 0; m < 2; m++) {
            unsigned code = (unsigned)sr_number(p + (layout == 22 ? 20 + 8 * i : 32 + 4 * i) + 2 * m, 2);

            f->in[m] = code != 65533;
            f->prob[m] = sr_code(r, s, 0, m, code, 16);
            if (layout == 22)
                f->backoff[m] = sr_code(r, s, 1, m, (unsigned)sr_number(p + 24 + 8 * i + 2 * m, 2), 16);
        }
        break;
    default:
        fail_msg("no layout %u", layout);
    }
    return *tag != 0;
}

static inline bool sr_goes_on(const unsigned char *p, unsigned layout)
{
    switch (layout) {
    case 10: case 11: return sr_number(p + 24, 8) != 0;
    case 12:          return sr_number(p + 8, 8) != 0;
    case 30:          return p[35] >> 7 != 0;
    case 22:          return p[60] & 1;
    default:          return p[0] & 1;
    }
}

/* Looks W[0 .. k) up; false when it is absent. */
static inline bool sr_look_up(const struct second_reader *r, const struct wn_str *w, unsigned k, struct sr_found *f)
{
    static const unsigned slots[4][3] = { { 0 }, { 4, 4, 2 }, { 4, 8, 5 }, { 8, 16, 8 } };
    unsigned mode = sr_u32(r, 32), place = k == 1 ? 1 : k < sr_u32(r, 16) ? 2 : 3, layout = 10 * place + mode;
    uint64_t key = sr_key(r, w, k), line, tag = 0, want;
    struct sr_section s;
    unsigned bits = 0;

    assert_true(sr_find(r, 9, k, &s));
    assert_true(s.lines * 64 == s.bytes);
    for (line = sr_high(key, s.buckets);; line++) {
        const unsigned char *p = r->file + s.offset + 64 * line;

        assert_true(line < s.lines);
        for (unsigned i = 0; i < slots[place][mode] && sr_slot(r, &s, p, i, layout, &tag, &bits, f); i++) {
            want = bits == 64 ? key : key & (((uint64_t)1 << bits) - 1);
            if (tag == (want ? want : 1)) {
                f->line = line;
                return true;
            }
        }
        if (!sr_goes_on(p, layout))
            return false;
    }
}

#endif
