/*
 * lm_tables_fixture.h - tables for a model that has an index, built straight from the
 * description of lines in lm_tables.h, independently of the library's writer.
 *
 * N-grams go in as a walk through the index finds them; where in a chain of lines one
 * lies does not matter to who looks for it.
 */
#ifndef TEST_LM_TABLES_FIXTURE_H
#define TEST_LM_TABLES_FIXTURE_H

#include "lm/lm_state.h"
#include "unit/lm_fixture.h"

#include <math.h>

enum tables_mode { TABLES_EXACT, TABLES_COMPACT, TABLES_JOINT };

struct tables {
    struct wn_lm lm;                       /* the model to score with; shares its words with the source */
    const struct wn_lm *from[2];
    unsigned n_models;
    enum tables_mode mode;
    unsigned char *mem[WN_LM_MAX_ORDER + 1];
    unsigned slots[WN_LM_MAX_ORDER + 1];
    float low[2][2], high[2][2];           /* [model][prob, backoff]: range of quantised values */
    int pass;                              /* 0: count and range, 1: fill, 2: left extensions    */
    uint64_t n[WN_LM_MAX_ORDER + 1];
};

/* An n-gram's values by model; has[m] is false where model m lacks it. */
struct tables_gram {
    uint64_t key, suffix_key, first_hash;  /* suffix: without the first word               */
    unsigned order;
    bool has[2];
    float prob[2], backoff[2];
};

static inline bool tables_special_quant(float x)
{
    return x == LM_LOG_ZERO || x == -INFINITY;
}

static inline unsigned tables_code16(const struct lm_quant *q, float x)
{
    if (x == LM_LOG_ZERO)
        return LM_Q16_LOG_ZERO;
    if (x == -INFINITY)
        return LM_Q16_MINUS_INF;
    return q->scale > 0.0f ? (unsigned)lrintf((x - q->offset) / q->scale) : 0;
}

static inline unsigned tables_code12(const struct lm_quant *q, float x)
{
    if (x == LM_LOG_ZERO)
        return LM_Q12_LOG_ZERO;
    if (x == -INFINITY)
        return LM_Q12_MINUS_INF;
    return q->scale > 0.0f ? (unsigned)lrintf((x - q->offset) / q->scale) : 0;
}

static inline void tables_put(unsigned char *p, uint64_t x, unsigned bytes)
{
    memcpy(p, &x, bytes);
}

static inline void tables_put_float(unsigned char *p, float x)
{
    memcpy(p, &x, sizeof(x));
}

/* Whether the slot is in use. */
static inline bool tables_slot_used(const struct lm_hash *h, const unsigned char *line, unsigned slot)
{
    uint64_t tag = 0;

    switch (h->kind) {
    case LM_TABLE_UNIGRAM:
    case LM_TABLE_UNIGRAM_JOINT:  memcpy(&tag, line + 8 * slot, 8); return tag != 0;
    case LM_TABLE_MIDDLE:         memcpy(&tag, line + 8 * slot, 8); return tag >> 16 != 0;
    case LM_TABLE_MIDDLE_COMPACT: memcpy(&tag, line + 4 * slot, 4); return tag >> 9 != 0;
    case LM_TABLE_TOP_COMPACT:    memcpy(&tag, line + 4 * slot, 4); return tag >> 13 != 0;
    case LM_TABLE_MIDDLE_JOINT:   memcpy(&tag, line + 4 * slot, 4); return tag >> 8 != 0;
    case LM_TABLE_TOP_JOINT:      memcpy(&tag, line + 4 * slot, 4); return tag >> 1 != 0;
    case LM_TABLE_TOP:            memcpy(&tag, line + 4 * slot, 4); return tag != 0;
    }
    return false;
}

static inline void tables_mark_next(const struct lm_hash *h, unsigned char *line)
{
    switch (h->kind) {
    case LM_TABLE_UNIGRAM:
    case LM_TABLE_UNIGRAM_JOINT: break;
    case LM_TABLE_TOP:           line[35] |= 0x80; break;
    case LM_TABLE_MIDDLE_JOINT:  line[60] |= 1; break;
    default:                     line[0] |= 1; break;
    }
}

/* Notes in the n-gram with KEY, which is there, that the word with hash LEFT stands before it. */
static inline void tables_set_left(struct lm_hash *h, unsigned char *line, uint64_t key, uint64_t left)
{
    unsigned class = lm_key_left_class(left), bytes = h->kind == LM_TABLE_MIDDLE ? 8 : 4, slots = 8, low = 9;
    uint64_t want = lm_fingerprint(key, 23), tag;

    if (h->kind == LM_TABLE_MIDDLE) {
        slots = 4;
        low = 16;
        want = lm_fingerprint(key, 48);
    } else if (h->kind == LM_TABLE_MIDDLE_JOINT) {
        slots = 5;
        low = 8;
        want = lm_fingerprint(key, 24);
    }
    for (line += lm_key_bucket(key, h->n_buckets) * LM_LINE_BYTES;; line += LM_LINE_BYTES) {
        assert_true(line < h->line + h->n_lines * LM_LINE_BYTES);
        for (unsigned s = 0; s < slots; s++) {
            tag = 0;
            memcpy(&tag, line + bytes * s, bytes);
            if (tag >> low != want)
                continue;
            tag |= UINT64_C(1) << ((low != 8) + (low == 16 ? (class < 14 ? class : 14) : class & 7));
            memcpy(line + bytes * s, &tag, bytes);
            return;
        }
    }
}

static inline void tables_fill_slot(const struct lm_hash *h, unsigned char *line, unsigned s,
                                    const struct tables_gram *g)
{
    unsigned char *at;

    switch (h->kind) {
    case LM_TABLE_UNIGRAM:
        tables_put(line + 8 * s, g->key, 8);
        tables_put_float(line + 32 + 4 * s, g->prob[0]);
        tables_put_float(line + 48 + 4 * s, g->backoff[0]);
        break;
    case LM_TABLE_UNIGRAM_JOINT:
        tables_put(line + 8 * s, g->key, 8);
        for (unsigned m = 0; m < 2; m++) {
            tables_put_float(line + 16 + 8 * s + 4 * m, g->has[m] ? g->prob[m] : LM_PROB_ABSENT);
            tables_put_float(line + 32 + 8 * s + 4 * m, g->has[m] ? g->backoff[m] : 0.0f);
        }
        break;
    case LM_TABLE_MIDDLE:
        tables_put(line + 8 * s, lm_fingerprint(g->key, 48) << 16, 8);
        tables_put_float(line + 32 + 4 * s, g->prob[0]);
        tables_put_float(line + 48 + 4 * s, g->backoff[0]);
        break;
    case LM_TABLE_TOP:
        tables_put(line + 4 * s, lm_fingerprint(g->key, 32), 4);
        tables_put_float(line + 32 + 4 * s, fabsf(g->prob[0]));
        break;
    case LM_TABLE_MIDDLE_COMPACT:
        tables_put(line + 4 * s, lm_fingerprint(g->key, 23) << 9, 4);
        tables_put(line + 32 + 2 * s, tables_code16(&h->prob[0], g->prob[0]), 2);
        tables_put(line + 48 + 2 * s, tables_code16(&h->backoff[0], g->backoff[0]), 2);
        break;
    case LM_TABLE_TOP_COMPACT:
        tables_put(line + 4 * s, lm_fingerprint(g->key, 19) << 13 | tables_code12(&h->prob[0], g->prob[0]) << 1, 4);
        break;
    case LM_TABLE_MIDDLE_JOINT:
    case LM_TABLE_TOP_JOINT:
        if (h->kind == LM_TABLE_TOP_JOINT) {
            tables_put(line + 4 * s, lm_fingerprint(g->key, 31) << 1, 4);
            at = line + 32 + 4 * s;
        } else {
            tables_put(line + 4 * s, lm_fingerprint(g->key, 24) << 8, 4);
            at = line + 20 + 8 * s;
        }
        for (unsigned m = 0; m < 2; m++) {
            tables_put(at + 2 * m, g->has[m] ? tables_code16(&h->prob[m], g->prob[m]) : LM_Q16_ABSENT, 2);
            if (h->kind == LM_TABLE_MIDDLE_JOINT)
                tables_put(at + 4 + 2 * m, g->has[m] ? tables_code16(&h->backoff[m], g->backoff[m]) : LM_Q16_ABSENT, 2);
        }
        break;
    }
}

static inline void tables_take(struct tables *t, const struct tables_gram *g)
{
    struct lm_hash *h = &t->lm.hash[g->order];
    unsigned char *line;

    t->n[g->order]++;
    for (unsigned m = 0; t->pass == 0 && g->order > 1 && m < t->n_models; m++) {
        for (unsigned v = 0; g->has[m] && v < 2; v++) {
            float x = v ? g->backoff[m] : g->prob[m];

            if (!tables_special_quant(x)) {
                t->low[m][v] = fminf(t->low[m][v], x);
                t->high[m][v] = fmaxf(t->high[m][v], x);
            }
        }
    }
    if (t->pass == 2 && g->order > 2)
        tables_set_left(&t->lm.hash[g->order - 1], t->mem[g->order - 1], g->suffix_key, g->first_hash);
    if (t->pass != 1)
        return;
    line = t->mem[g->order] + lm_key_bucket(g->key, h->n_buckets) * LM_LINE_BYTES;
    for (;; line += LM_LINE_BYTES) {
        for (unsigned s = 0; s < t->slots[g->order]; s++) {
            if (!tables_slot_used(h, line, s)) {
                tables_fill_slot(h, line, s, g);
                return;
            }
        }
        tables_mark_next(h, line);
        assert_true(line + 2 * LM_LINE_BYTES <= t->mem[g->order] + h->n_lines * LM_LINE_BYTES);
    }
}

/* Finds WORDS (text) in the index of LM. */
static inline bool tables_find(const struct wn_lm *lm, const struct wn_str *words, unsigned n, uint32_t *node)
{
    struct lm_state at = { 0, 0 };

    if (n > lm->head.order)
        return false;
    for (unsigned k = 0; k < n; k++) {
        uint32_t id = wn_lm_id(lm, words[k]);

        if ((id == WN_LM_UNK && !wn_str_eq(words[k], WN_STR("<unk>"))) || !lm_find(lm, at, id, &at.node))
            return false;
        at.length = k + 1;
    }
    *node = at.node;
    return true;
}

static inline void tables_values(struct tables *t, struct tables_gram *g, unsigned m, const struct wn_str *words)
{
    const struct lm_table *l = &t->from[m]->level[g->order];
    uint32_t node;

    g->has[m] = tables_find(t->from[m], words, g->order, &node);
    if (!g->has[m])
        return;
    g->prob[m] = l->prob[node];
    g->backoff[m] = g->order < t->from[m]->head.order ? l->backoff[node] : 0.0f;
}

/* Everything at and below node AT of level N of model M; WORDS[0..N) are its words. */
static inline void tables_walk(struct tables *t, unsigned m, struct wn_str *words, unsigned n, uint32_t at)
{
    const struct lm_table *l = &t->from[m]->level[n];
    struct tables_gram g = { .order = n };

    tables_values(t, &g, 0, words);
    if (t->n_models == 2)
        tables_values(t, &g, 1, words);
    if (m == 0 || !g.has[0]) {
        for (unsigned i = n; i-- > 0;) {
            uint64_t hash = lm_word_hash(words[i].ptr, words[i].len, t->lm.hash_seed);

            g.suffix_key = g.key;
            g.first_hash = hash;
            g.key = i == n - 1 ? hash : lm_key_extend(g.key, hash);
        }
        tables_take(t, &g);
    }
    if (n == t->from[m]->head.order)
        return;
    for (uint32_t c = l->child[at]; c < l->child[at + 1]; c++) {
        words[n] = wn_lm_word(t->from[m], t->from[m]->level[n + 1].word[c]);
        tables_walk(t, m, words, n + 1, c);
    }
}

static inline void tables_walk_all(struct tables *t)
{
    struct wn_str words[WN_LM_MAX_ORDER];

    memset(t->n, 0, sizeof(t->n));
    for (unsigned m = 0; m < t->n_models; m++) {
        for (uint32_t id = 0; id < t->from[m]->level[1].n; id++) {
            words[0] = wn_lm_word(t->from[m], id);
            tables_walk(t, m, words, 1, id);
        }
    }
}

static inline enum lm_table_kind tables_kind(enum tables_mode mode, unsigned k, unsigned order)
{
    static const enum lm_table_kind kinds[3][3] = {
        { LM_TABLE_UNIGRAM, LM_TABLE_MIDDLE, LM_TABLE_TOP },
        { LM_TABLE_UNIGRAM, LM_TABLE_MIDDLE_COMPACT, LM_TABLE_TOP_COMPACT },
        { LM_TABLE_UNIGRAM_JOINT, LM_TABLE_MIDDLE_JOINT, LM_TABLE_TOP_JOINT },
    };

    return kinds[mode][k == 1 ? 0 : k < order ? 1 : 2];
}

static inline void tables_layout(struct tables *t, double load)
{
    static const unsigned slots[] = { 0, 4, 4, 8, 8, 16, 2, 5, 8 };
    unsigned order = t->lm.head.order;

    for (unsigned k = 1; k <= order; k++) {
        struct lm_hash *h = &t->lm.hash[k];

        h->kind = tables_kind(t->mode, k, order);
        t->slots[k] = slots[h->kind];
        h->n_buckets = 1 + (uint64_t)((double)t->n[k] / load / t->slots[k]);
        h->n_lines = h->n_buckets + t->n[k] / t->slots[k] + 2;
        t->mem[k] = calloc(h->n_lines, LM_LINE_BYTES);
        assert_non_null(t->mem[k]);
        h->line = t->mem[k];
        for (unsigned m = 0; m < t->n_models; m++) {
            float steps = h->kind == LM_TABLE_TOP_COMPACT ? LM_Q12_MAX : LM_Q16_MAX;

            h->prob[m] = (struct lm_quant){ t->low[m][0], (t->high[m][0] - t->low[m][0]) / steps };
            h->backoff[m] = (struct lm_quant){ t->low[m][1], (t->high[m][1] - t->low[m][1]) / steps };
        }
    }
}

/* Tables over FIRST, or joint ones over both; LOAD: how full the lines are on average (up to
 * 1, when many overflow). */
static inline void tables_make(struct tables *t, const struct wn_lm *first, const struct wn_lm *second,
                               enum tables_mode mode, double load)
{
    *t = (struct tables){ .lm = *first, .from = { first, second }, .n_models = second ? 2 : 1, .mode = mode };
    for (unsigned m = 0; m < 2; m++)
        for (unsigned v = 0; v < 2; v++) {
            t->low[m][v] = 0.0f;
            t->high[m][v] = -INFINITY;
        }
    t->lm.n_models = t->n_models;
    t->lm.hash_seed = 5;
    if (second && second->head.order > t->lm.head.order)
        t->lm.head.order = second->head.order;
    tables_walk_all(t);
    for (unsigned m = 0; m < 2; m++)
        for (unsigned v = 0; v < 2; v++)
            t->high[m][v] = fmaxf(t->high[m][v], t->low[m][v]);
    tables_layout(t, load);
    for (t->pass = 1; t->pass <= 2; t->pass++)
        tables_walk_all(t);
    for (uint32_t k = 2; k <= t->lm.head.order; k++)       /* what the writer finds out */
        for (unsigned m = 0; m < t->n_models; m++)
            for (uint32_t i = 0; k <= t->from[m]->head.order && i < t->from[m]->level[k].n; i++)
                t->lm.unk_extends |= t->from[m]->level[k].word[i] == WN_LM_UNK;
    for (unsigned m = 0; m < t->n_models; m++) {
        const uint32_t *child = t->from[m]->level[1].child;

        if (t->from[m]->head.order > 1 && child[WN_LM_UNK] < child[WN_LM_UNK + 1])
            t->lm.unk_extends = true;
    }
    t->lm.parts = WN_LM_WORDS | WN_LM_TABLES;
    memset(t->lm.level + 2, 0, sizeof(t->lm.level) - 2 * sizeof(t->lm.level[0]));
}

static inline void tables_release(struct tables *t)
{
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++)
        free(t->mem[k]);
}

#endif
