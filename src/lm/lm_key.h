/*
 * lm_key.h - what the tables of a model file are looked up by (docs/format/lm.md).
 *
 * A word is hashed from its bytes, an n-gram from the hashes of its words, last word
 * first; so the keys of all orders that end in a word follow from each other, and need no
 * vocabulary.  One 64 x 64 -> 128 bit multiplication a step, its halves folded together.
 * The high bits of a key choose the bucket, the low bits are its fingerprint.
 */
#ifndef LM_KEY_H
#define LM_KEY_H

#include <winnow/str.h>

#define LM_KEY_A UINT64_C(0x9E3779B97F4A7C15)   /* 2^64 / golden ratio, odd          */
#define LM_KEY_B UINT64_C(0xC2B2AE3D27D4EB4F)   /* odd, half of its bits set         */
#define LM_KEY_C UINT64_C(0xD6E8FEB86659FD93)

static inline uint64_t lm_key_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Up to 8 bytes as a little-endian number, reading nothing beyond them. */
static inline uint64_t lm_key_bytes(const char *p, size_t n)
{
    uint64_t x = 0;

    if (n >= 8) {
        memcpy(&x, p, 8);
    } else if (n >= 4) {
        uint32_t lo, hi;

        memcpy(&lo, p, 4);
        memcpy(&hi, p + n - 4, 4);
        x = (uint64_t)lo | (uint64_t)hi << (8 * (n - 4));
    } else if (n > 0) {
        x = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << (8 * (n / 2)) |
            (uint64_t)(unsigned char)p[n - 1] << (8 * (n - 1));
    }
    return x;
}

/* The hash of a word whose bytes 0..7 are A and 8..15 are B, zero behind the end.  The seed
 * is in both factors, so that no ending of a word makes one of them zero under every seed. */
static inline uint64_t lm_word_hash16(uint64_t a, uint64_t b, size_t n, uint64_t seed)
{
    return lm_key_mix(a ^ seed ^ LM_KEY_A, b ^ (seed << 32 | seed >> 32) ^ (uint64_t)n * LM_KEY_C ^ LM_KEY_B);
}

/* The hash of a word; SEED is the file's.  Longer words take 16 bytes a step. */
static inline uint64_t lm_word_hash(const char *p, size_t n, uint64_t seed)
{
    size_t left = n;
    uint64_t h = seed;

    for (; left > 16; left -= 16, p += 16)
        h = lm_word_hash16(lm_key_bytes(p, 8), lm_key_bytes(p + 8, 8), 16, h);
    return lm_word_hash16(lm_key_bytes(p, left), left > 8 ? lm_key_bytes(p + 8, left - 8) : 0, n, h);
}

/* The key of an n-gram of two words or more: KEY is that of the n-gram without its first
 * word (of one word: its hash), LEFT the hash of the first word. */
static inline uint64_t lm_key_extend(uint64_t key, uint64_t left)
{
    return lm_key_mix(key ^ LM_KEY_B, left ^ LM_KEY_C);
}

/* Which of 16 classes the word with this hash is in, for the masks of left extensions:
 * exact tables use min(class, 14), tables with 8 bits class & 7. */
static inline unsigned lm_key_left_class(uint64_t word_hash)
{
    return (unsigned)(word_hash >> 20) & 15;
}

static inline uint64_t lm_key_bucket(uint64_t key, uint64_t n_buckets)
{
    return (uint64_t)((unsigned __int128)key * n_buckets >> 64);
}

#endif
