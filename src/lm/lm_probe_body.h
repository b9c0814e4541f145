/*
 * lm_probe_body.h - the stages of a batch, compiled once for each instruction set.
 *
 * Who includes this has defined ISA, the attribute of functions for that set, ISA_INLINE, the same
 * for functions that must melt into their callers, and match4 (u64), match8 and match16 (u32): a
 * bit for each slot of a line whose tag, under the mask SELECT, is WANT.  Everything here is free of branches
 * that depend on the data, but for lines that overflow and for quantised infinities.
 */
#ifndef LM_PROBE_BODY_H
#define LM_PROBE_BODY_H

#include "lm/lm_batch.h"
#include "lm/lm_load.h"

/* What differs between the kinds of table; constant wherever it is used. */
struct shape {
    enum lm_table_kind kind;
    unsigned bits;             /* of the fingerprint                             */
    unsigned shift;            /* below it in the tag                            */
    unsigned left_shift;       /* below the mask of left extensions; 0 at the top  */
    unsigned last_class;       /* of left extensions                             */
};

/* Which slots of LINE hold KEY. */
static ISA_INLINE uint32_t line_match(const struct shape *s, const unsigned char *line, uint64_t key)
{
    uint64_t want = lm_fingerprint(key, s->bits) << s->shift;

    switch (s->kind) {
    case LM_TABLE_MIDDLE:
        return match4(line, want, ~UINT64_C(0) << s->shift);
    case LM_TABLE_TOP_COMPACT:
        return match16(line, (uint32_t)want, ~UINT32_C(0) << s->shift);
    case LM_TABLE_MIDDLE_JOINT:
        return match8(line, (uint32_t)want, ~UINT32_C(0) << s->shift) & 0x1f;
    default:
        return match8(line, (uint32_t)want, ~UINT32_C(0) << s->shift);
    }
}

/* Whether a line sent n-grams on to the next one. */
static ISA_INLINE uint32_t line_goes_on(const struct shape *s, const unsigned char *line)
{
    switch (s->kind) {
    case LM_TABLE_TOP:
        return lm_load_u32(line + 32) >> 31;
    case LM_TABLE_MIDDLE_JOINT:
        return line[60] & 1;
    default:
        return line[0] & 1;
    }
}

/* Compares all lines of the list; those that must be looked for further come last, when the
 * lines behind theirs are on their way too. */
static ISA_INLINE void match_list(struct lm_batch *b, const struct lm_hash *h, const struct shape *s)
{
    const unsigned char *end = h->line + h->n_lines * LM_LINE_BYTES;
    const uint32_t n_list = b->n_list;
    uint32_t n_late = 0;

    for (uint32_t j = 0; j < n_list; j++) {
        const unsigned char *line = b->line[j];
        uint32_t hit = line_match(s, line, b->key[b->list[j]]);

        b->hit[j] = (uint16_t)hit;
        b->late[n_late] = (uint16_t)j;
        n_late += (hit == 0) & line_goes_on(s, line);
    }
    for (uint32_t k = 0; k < n_late; k++)
        __builtin_prefetch(b->line[b->late[k]] + LM_LINE_BYTES);
    for (uint32_t k = 0; k < n_late; k++) {
        uint32_t j = b->late[k], hit = 0;
        const unsigned char *line = b->line[j];

        while (hit == 0 && line_goes_on(s, line) && line + LM_LINE_BYTES < end) {
            line += LM_LINE_BYTES;
            hit = line_match(s, line, b->key[b->list[j]]);
        }
        b->hit[j] = (uint16_t)hit;
        b->line[j] = line;
    }
}

/* A where FOUND (1), else B. */
static inline uint32_t choose(uint32_t found, uint32_t a, uint32_t b)
{
    return b ^ ((a ^ b) & (0u - found));
}

/* Whether the n-gram with tag TAG that ends at I may be found with one word more. */
static ISA_INLINE uint32_t goes_left(const struct lm_batch *b, const struct shape *s, const uint8_t *any, uint64_t tag,
                                     uint32_t i, unsigned n)
{
    uint32_t class = lm_key_left_class(b->hash[i - n]);

    if (s->last_class == 14)
        class = class < 14 ? class : 14;
    else
        class &= 7;
    return (uint32_t)(tag >> (s->left_shift + class)) & (b->limit[i] > n) & (any[i - 1] >= n);
}

/* As lm_unquant16; what stands for "absent" gives a number that nobody reads. */
static inline float unquant16(const struct lm_quant *q, unsigned code)
{
    float x = q->offset + q->scale * (float)code;

    return __builtin_expect(code >= LM_Q16_MINUS_INF, 0) ? lm_unquant16(q, code, LM_LOG_ZERO) : x;
}

/* Takes the values of a middle order of one model, and leaves in the list what goes on. */
static ISA_INLINE void take_middle(struct lm_batch *b, const struct lm_hash *h, const struct shape *s, unsigned n)
{
    const struct lm_quant of_prob = h->prob[0], of_backoff = h->backoff[0];
    const uint32_t n_list = b->n_list;
    uint32_t n_next = 0;
    float *prob = b->prob[0], *backoff = b->backoff[0][n];
    uint8_t *len = b->len[0];

    for (uint32_t j = 0; j < n_list; j++) {
        const unsigned char *line = b->line[j];
        uint32_t i = b->list[j], hit = b->hit[j], found = hit != 0;
        uint32_t slot = (uint32_t)__builtin_ctz(hit | 0x10000) & 7, to = choose(found, i, LM_BATCH_DUMP);
        uint64_t tag;

        len[to] = (uint8_t)n;
        if (s->kind == LM_TABLE_MIDDLE) {
            tag = lm_load_u64(line + 8 * slot);
            prob[to] = lm_load_f32(line + 32 + 4 * slot);
            backoff[to] = lm_load_f32(line + 48 + 4 * slot);
        } else {
            tag = lm_load_u32(line + 4 * slot);
            prob[to] = unquant16(&of_prob, lm_load_u16(line + 32 + 2 * slot));
            backoff[to] = unquant16(&of_backoff, lm_load_u16(line + 48 + 2 * slot));
        }
        b->list[n_next] = (uint16_t)i;
        n_next += found & goes_left(b, s, len, tag, i, n);
    }
    b->n_list = n_next;
}

static ISA_INLINE void take_top(struct lm_batch *b, const struct lm_hash *h, const struct shape *s, unsigned n)
{
    const struct lm_quant of_prob = h->prob[0];
    const uint32_t n_list = b->n_list;

    for (uint32_t j = 0; j < n_list; j++) {
        const unsigned char *line = b->line[j];
        uint32_t i = b->list[j], hit = b->hit[j];
        uint32_t slot = (uint32_t)__builtin_ctz(hit | 0x10000) & 15, to = choose(hit != 0, i, LM_BATCH_DUMP);

        b->len[0][to] = (uint8_t)n;
        if (s->kind == LM_TABLE_TOP)
            b->prob[0][to] = -__builtin_fabsf(lm_load_f32(line + 32 + 4 * (slot & 7)));
        else
            b->prob[0][to] = lm_unquant12(&of_prob, lm_load_u32(line + 4 * slot) >> 1 & 0xfff, LM_LOG_ZERO);
    }
    b->n_list = 0;
}

/* One model's part of a joint slot. */
static ISA_INLINE void take_share(struct lm_batch *b, const struct lm_hash *h, unsigned m, unsigned n, uint32_t to,
                                  unsigned prob)
{
    uint32_t has = prob != LM_Q16_ABSENT;

    to = choose(has, to, LM_BATCH_DUMP);
    b->len[m][to] = (uint8_t)n;
    b->prob[m][to] = unquant16(&h->prob[m], prob);
}

static ISA_INLINE void take_joint(struct lm_batch *b, const struct lm_hash *h, const struct shape *s, unsigned n)
{
    const bool is_top = s->kind == LM_TABLE_TOP_JOINT;
    const uint32_t n_list = b->n_list;
    uint32_t n_next = 0;

    for (uint32_t j = 0; j < n_list; j++) {
        const unsigned char *line = b->line[j];
        uint32_t i = b->list[j], hit = b->hit[j], found = hit != 0;
        uint32_t slot = (uint32_t)__builtin_ctz(hit | 0x10000) & 7, to = choose(found, i, LM_BATCH_DUMP);
        const unsigned char *at = is_top ? line + 32 + 4 * slot : line + 20 + 8 * slot;

        b->any[to] = (uint8_t)n;
        for (unsigned m = 0; m < 2; m++) {
            take_share(b, h, m, n, to, lm_load_u16(at + 2 * m));
            if (!is_top)
                b->backoff[m][n][to] = unquant16(&h->backoff[m], lm_load_u16(at + 4 + 2 * m));
        }
        if (is_top)
            continue;
        b->list[n_next] = (uint16_t)i;
        n_next += found & goes_left(b, s, b->any, lm_load_u32(line + 4 * slot), i, n);
    }
    b->n_list = n_next;
}

static ISA void probe(struct lm_batch *b, unsigned n)
{
    static const struct shape middle = { LM_TABLE_MIDDLE, 48, 16, 1, 14 };
    static const struct shape top = { LM_TABLE_TOP, 32, 0, 0, 0 };
    static const struct shape middle_compact = { LM_TABLE_MIDDLE_COMPACT, 23, 9, 1, 7 };
    static const struct shape top_compact = { LM_TABLE_TOP_COMPACT, 19, 13, 0, 0 };
    static const struct shape middle_joint = { LM_TABLE_MIDDLE_JOINT, 24, 8, 0, 7 };
    static const struct shape top_joint = { LM_TABLE_TOP_JOINT, 31, 1, 0, 0 };
    const struct lm_hash *h = &b->lm->hash[n];

    switch (h->kind) {
    case LM_TABLE_MIDDLE:
        match_list(b, h, &middle);
        take_middle(b, h, &middle, n);
        break;
    case LM_TABLE_MIDDLE_COMPACT:
        match_list(b, h, &middle_compact);
        take_middle(b, h, &middle_compact, n);
        break;
    case LM_TABLE_TOP:
        match_list(b, h, &top);
        take_top(b, h, &top, n);
        break;
    case LM_TABLE_TOP_COMPACT:
        match_list(b, h, &top_compact);
        take_top(b, h, &top_compact, n);
        break;
    case LM_TABLE_MIDDLE_JOINT:
        match_list(b, h, &middle_joint);
        take_joint(b, h, &middle_joint, n);
        break;
    case LM_TABLE_TOP_JOINT:
        match_list(b, h, &top_joint);
        take_joint(b, h, &top_joint, n);
        break;
    case LM_TABLE_UNIGRAM:
    case LM_TABLE_UNIGRAM_JOINT:
        b->n_list = 0;
        break;
    }
}

/* The slot of the word with this hash, *LINE moving to where it is; -1: there is none. */
static ISA_INLINE int find_word(const struct lm_hash *h, const unsigned char **line, uint64_t hash)
{
    const unsigned char *end = h->line + h->n_lines * LM_LINE_BYTES;
    const uint32_t slots = h->kind == LM_TABLE_UNIGRAM_JOINT ? 3 : 15;

    for (;;) {
        uint32_t hit = match4(*line, hash, ~UINT64_C(0)) & slots;

        if (hit != 0 && hash != 0)                /* 0 marks an empty slot */
            return __builtin_ctz(hit);
        if ((match4(*line, 0, ~UINT64_C(0)) & slots) != 0 || end - *line <= LM_LINE_BYTES)
            return -1;
        *line += LM_LINE_BYTES;
    }
}

/* Model M's values of the word at I, which is in SLOT of LINE, or in none (-1). */
static ISA_INLINE void take_word(struct lm_batch *b, unsigned m, uint32_t i, int slot, const unsigned char *line)
{
    float prob = LM_PROB_ABSENT, backoff = 0.0f;
    bool own = b->len[m][i] == 1;                 /* not only for the word behind it */

    if (slot >= 0 && b->n_models == 1) {
        prob = lm_load_f32(line + 32 + 4 * slot);
        backoff = lm_load_f32(line + 48 + 4 * slot);
    } else if (slot >= 0) {
        prob = lm_load_f32(line + 16 + 8 * slot + 4 * (int)m);
        backoff = lm_load_f32(line + 32 + 8 * slot + 4 * (int)m);
    }
    if (prob == LM_PROB_ABSENT || b->hash[i] == b->special.unk) {
        prob = b->special.unk_prob[m];
        backoff = b->special.unk_backoff[m];
        if (own && i >= LM_BATCH_PAST && !b->oov_known)
            b->oov[m][b->n_oov[m]++] = (uint16_t)i;
    }
    b->prob[m][own ? i : LM_BATCH_DUMP] = prob;
    b->backoff[m][1][i] = backoff;
}

static ISA void words(struct lm_batch *b)
{
    const struct lm_hash *h = &b->lm->hash[1];

    for (uint32_t j = 0; j < b->n_words; j++) {
        uint32_t i = b->word_list[j];
        const unsigned char *line = b->word_line[j];
        int slot = find_word(h, &line, b->hash[i]);

        for (unsigned m = 0; m < b->n_models; m++)
            take_word(b, m, i, slot, line);
    }
}

#endif
