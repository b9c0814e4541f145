/*
 * lm_line.c - reading lines, one kind after the other.
 */
#include "lm/lm_line.h"

#include "lm/lm_layout.h"
#include "lm/lm_load.h"

bool lm_line_goes_on(enum lm_table_kind kind, const unsigned char *line)
{
    switch (kind) {
    case LM_TABLE_UNIGRAM:
        return lm_load_u64(line + 24) != 0;
    case LM_TABLE_UNIGRAM_JOINT:
        return lm_load_u64(line + 8) != 0;
    case LM_TABLE_TOP:
        return lm_load_u32(line + 32) >> 31 != 0;
    case LM_TABLE_MIDDLE_JOINT:
        return (line[60] & 1) != 0;
    case LM_TABLE_MIDDLE:
        return (lm_load_u64(line) & 1) != 0;
    case LM_TABLE_MIDDLE_COMPACT:
    case LM_TABLE_TOP_COMPACT:
    case LM_TABLE_TOP_JOINT:
        return (lm_load_u32(line) & 1) != 0;
    }
    return false;
}

/* Values of 16 bits of model M; false for a code without meaning. */
static bool read16(const struct lm_hash *h, unsigned m, unsigned prob, unsigned backoff, struct lm_slot *s)
{
    if (prob == LM_Q16_ABSENT && s->n_models == 2) {
        s->absent[m] = true;
        return backoff == LM_Q16_ABSENT || h->kind == LM_TABLE_TOP_JOINT;
    }
    s->prob[m] = lm_unquant16(&h->prob[m], prob, LM_LOG_ZERO);
    s->backoff[m] = lm_unquant16(&h->backoff[m], backoff, LM_LOG_ZERO);
    return prob != LM_Q16_ABSENT && backoff != LM_Q16_ABSENT;
}

/* False when a half that is absent has a back-off weight. */
static bool read_joint_unigram(const unsigned char *line, unsigned i, struct lm_slot *s)
{
    bool sound = true;

    s->tag = lm_load_u64(line + 8 * i);
    for (unsigned m = 0; m < 2; m++) {
        s->prob[m] = lm_load_f32(line + 16 + 8 * i + 4 * m);
        s->backoff[m] = lm_load_f32(line + 32 + 8 * i + 4 * m);
        s->absent[m] = s->prob[m] == LM_PROB_ABSENT;
        if (s->absent[m]) {
            sound = sound && s->backoff[m] == 0.0f;
            s->prob[m] = s->backoff[m] = 0.0f;
        }
    }
    return sound;
}

static bool read_slot(const struct lm_hash *h, const unsigned char *line, unsigned i, struct lm_slot *s)
{
    uint64_t x;

    switch (h->kind) {
    case LM_TABLE_UNIGRAM:
        s->tag = lm_load_u64(line + 8 * i);
        s->prob[0] = lm_load_f32(line + 32 + 4 * i);
        s->backoff[0] = lm_load_f32(line + 48 + 4 * i);
        return true;
    case LM_TABLE_MIDDLE:
        x = lm_load_u64(line + 8 * i);
        s->tag = x >> 16;
        s->left = (unsigned)(x >> 1) & 0x7FFF;
        s->prob[0] = lm_load_f32(line + 32 + 4 * i);
        s->backoff[0] = lm_load_f32(line + 48 + 4 * i);
        return true;
    case LM_TABLE_TOP:
        s->tag = lm_load_u32(line + 4 * i);
        s->prob[0] = -__builtin_fabsf(lm_load_f32(line + 32 + 4 * i));
        return true;
    case LM_TABLE_MIDDLE_COMPACT:
        x = lm_load_u32(line + 4 * i);
        s->tag = x >> 9;
        s->left = (unsigned)(x >> 1) & 0xFF;
        return read16(h, 0, lm_load_u16(line + 32 + 2 * i), lm_load_u16(line + 48 + 2 * i), s);
    case LM_TABLE_TOP_COMPACT:
        x = lm_load_u32(line + 4 * i);
        s->tag = x >> 13;
        s->prob[0] = lm_unquant12(&h->prob[0], (unsigned)(x >> 1) & 0xFFF, LM_LOG_ZERO);
        return true;
    case LM_TABLE_UNIGRAM_JOINT:
        return read_joint_unigram(line, i, s);
    case LM_TABLE_MIDDLE_JOINT:
        x = lm_load_u32(line + 4 * i);
        s->tag = x >> 8;
        s->left = (unsigned)x & 0xFF;
        return read16(h, 0, lm_load_u16(line + 20 + 8 * i), lm_load_u16(line + 24 + 8 * i), s) &&
               read16(h, 1, lm_load_u16(line + 22 + 8 * i), lm_load_u16(line + 26 + 8 * i), s);
    case LM_TABLE_TOP_JOINT:
        s->tag = lm_load_u32(line + 4 * i) >> 1;
        return read16(h, 0, lm_load_u16(line + 32 + 4 * i), 0, s) && read16(h, 1, lm_load_u16(line + 34 + 4 * i), 0, s);
    }
    return false;
}

/* Whether no bit is set but those that "go on" may use where slot I is empty. */
static bool is_clear(const struct lm_hash *h, const unsigned char *line, unsigned i)
{
    struct lm_hash raw = { .kind = h->kind, .prob = { { 0, 1 }, { 0, 1 } }, .backoff = { { 0, 1 }, { 0, 1 } } };
    struct lm_slot s = { .n_models = h->kind >= LM_TABLE_UNIGRAM_JOINT ? 2 : 1 };

    return read_slot(&raw, line, i, &s) && s.left == 0 && s.prob[0] == 0 && s.prob[1] == 0 && s.backoff[0] == 0 &&
           s.backoff[1] == 0 && !s.absent[0] && !s.absent[1];
}

static bool tail_is_clear(enum lm_table_kind kind, const unsigned char *line)
{
    if (kind == LM_TABLE_UNIGRAM_JOINT)
        return lm_load_u64(line + 48) == 0 && lm_load_u64(line + 56) == 0;
    return kind != LM_TABLE_MIDDLE_JOINT || (lm_load_u32(line + 60) & ~(uint32_t)1) == 0;
}

unsigned lm_line_read(const struct lm_hash *h, const unsigned char *line, struct lm_slot *out)
{
    unsigned n = lm_table_slots(h->kind), used = 0, malformed = n + 1;

    if (!tail_is_clear(h->kind, line))
        return malformed;
    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct lm_slot){ .n_models = h->kind >= LM_TABLE_UNIGRAM_JOINT ? 2 : 1 };
        if (!read_slot(h, line, i, &out[i]))
            return malformed;
        if (out[i].tag == 0 && !is_clear(h, line, i))
            return malformed;
        if (out[i].tag != 0 && i != used++)
            return malformed;
    }
    return used;
}
