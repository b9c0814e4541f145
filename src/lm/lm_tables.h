/*
 * lm_tables.h - the hash tables of a model file: 64-byte lines, one cache line each
 * (docs/format/lm.md).  The writer and the scorer meet here.
 *
 * A key's home is line lm_key_bucket(key, n_buckets).  A line that is full sends what
 * it cannot hold on to the next one, first come first served, and says so; there are
 * enough lines behind the last bucket for that.  A line's content is canonical: what the
 * line before sent on, then its own n-grams, both in suffix order (joint tables: own
 * n-grams by key, as two vocabularies have no common order).  Slots fill from 0.  The last
 * line never says so: opening a model checks that, so a search needs no other bound.
 *
 *   kind            slots  per slot                                          says "go on" by
 *   unigram           4    u64 key, f32 prob, f32 backoff                    no empty slot (key 0)
 *   middle, exact     4    u64 fingerprint:48 left:15 next:1, 2 x f32        next of slot 0
 *   top, exact        8    u32 fingerprint:32, f32 -prob                     sign of slot 0's -prob
 *   middle, compact   8    u32 fingerprint:23 left:8 next:1, 2 x u16         next of slot 0
 *   top, compact     16    u32 fingerprint:19 prob:12 next:1                 next of slot 0
 *   unigram, joint    2    u64 key, 2 x f32 prob, 2 x f32 backoff            no empty slot
 *   middle, joint     5    u32 fingerprint:24 left:8, 4 x u16                bit 0 of byte 60
 *   top, joint        8    u32 fingerprint:31 next:1, 2 x u16                next of slot 0
 *
 * Fields of a number are listed from its highest bit on.  Within a line all first
 * members come first, then all second ones: u64 tag[4], f32 prob[4], f32 backoff[4].  In
 * joint lines the values of a slot stand together: prob of model 0, of model 1, backoff of
 * model 0, of model 1 (unigram: f32 prob[2][2], then f32 backoff[2][2]).
 * A fingerprint is the key's low bits; 0 is an empty slot, a key that has it takes 1.
 */
#ifndef LM_TABLES_H
#define LM_TABLES_H

#include "lm/lm_key.h"

enum { LM_LINE_BYTES = 64 };

/* Numbers are stored in the file. */
enum lm_table_kind {
    LM_TABLE_UNIGRAM = 1, LM_TABLE_MIDDLE = 2, LM_TABLE_TOP = 3,
    LM_TABLE_MIDDLE_COMPACT = 4, LM_TABLE_TOP_COMPACT = 5,
    LM_TABLE_UNIGRAM_JOINT = 6, LM_TABLE_MIDDLE_JOINT = 7, LM_TABLE_TOP_JOINT = 8
};

/* Quantised values: offset + scale * q in float32; the highest codes have a meaning.  The
 * writer's scale is negative: q = 0 is the largest value, which so is exact. */
enum {
    LM_Q16_LOG_ZERO = 65535,   /* LM_LOG_ZERO                             */
    LM_Q16_MINUS_INF = 65534,
    LM_Q16_ABSENT = 65533,     /* joint: this model does not have the n-gram; in both fields */
    LM_Q16_MAX = 65532,
    LM_Q12_LOG_ZERO = 4095, LM_Q12_MINUS_INF = 4094, LM_Q12_MAX = 4093
};
/* In prob fields of joint unigrams: not in this model; its back-off is then 0. */
#define LM_PROB_ABSENT (1.0f)

struct lm_quant {
    float offset, scale;
};

/* One order's table; [0], [1]: the models of a joint one. */
struct lm_hash {
    enum lm_table_kind kind;
    const unsigned char *line;        /* n_lines * 64 bytes, 64-byte aligned in a mapped file */
    uint64_t n_buckets, n_lines;      /* n_lines > n_buckets: spare ones at the end            */
    struct lm_quant prob[2], backoff[2];
};

static inline float lm_unquant16(const struct lm_quant *q, unsigned code, float log_zero)
{
    if (code <= LM_Q16_MAX)
        return q->offset + q->scale * (float)code;
    return code == LM_Q16_LOG_ZERO ? log_zero : -__builtin_inff();
}

static inline float lm_unquant12(const struct lm_quant *q, unsigned code, float log_zero)
{
    if (code <= LM_Q12_MAX)
        return q->offset + q->scale * (float)code;
    return code == LM_Q12_LOG_ZERO ? log_zero : -__builtin_inff();
}

static inline uint64_t lm_fingerprint(uint64_t key, unsigned bits)
{
    uint64_t f = key & ((UINT64_C(1) << bits) - 1);

    return f ? f : 1;
}

#endif
