/*
 * lm_fill.c - ranges of a table, made by several threads and joined in order.
 */
#include "lm/lm_fill.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/flow.h>

#include "lm/lm_quant.h"

uint64_t lm_buckets_for(enum lm_table_kind kind, uint64_t n)
{
    static const unsigned percent[] = {
        [LM_TABLE_UNIGRAM] = 60,     [LM_TABLE_MIDDLE] = 79,        [LM_TABLE_TOP] = 80,
        [LM_TABLE_MIDDLE_COMPACT] = 80, [LM_TABLE_TOP_COMPACT] = 85, [LM_TABLE_UNIGRAM_JOINT] = 60,
        [LM_TABLE_MIDDLE_JOINT] = 80, [LM_TABLE_TOP_JOINT] = 80,
    };
    uint64_t per_100 = (uint64_t)lm_table_slots(kind) * percent[kind];
    uint64_t n_buckets = n / per_100 * 100 + (n % per_100 * 100 + per_100 - 1) / per_100;

    return n_buckets ? n_buckets : 1;
}

/* ---- slots ---------------------------------------------------------------------------- */

static inline void or_u32(unsigned char *line, unsigned at, uint32_t bits)
{
    uint32_t x;

    memcpy(&x, line + at, sizeof(x));
    x |= bits;
    memcpy(line + at, &x, sizeof(x));
}

static inline unsigned code16(const struct lm_quant *q, float x)
{
    if (x == LM_LOG_ZERO)
        return LM_Q16_LOG_ZERO;
    return x == -INFINITY ? LM_Q16_MINUS_INF : lm_quant_code(q, x, LM_Q16_MAX);
}

static inline unsigned code12(const struct lm_quant *q, float x)
{
    if (x == LM_LOG_ZERO)
        return LM_Q12_LOG_ZERO;
    return x == -INFINITY ? LM_Q12_MINUS_INF : lm_quant_code(q, x, LM_Q12_MAX);
}

static inline unsigned fold_mask_8(uint32_t left)
{
    return (left | left >> 8) & 0xFF;
}

/* Class 15 shares the bit of class 14. */
static inline unsigned fold_mask_15(uint32_t left)
{
    return (left | (left >> 1 & 0x4000)) & 0x7FFF;
}

static inline void put_u16(unsigned char *line, unsigned at, unsigned x)
{
    uint16_t v = (uint16_t)x;

    memcpy(line + at, &v, sizeof(v));
}

static inline void put_u32(unsigned char *line, unsigned at, uint32_t x)
{
    memcpy(line + at, &x, sizeof(x));
}

static inline void put_u64(unsigned char *line, unsigned at, uint64_t x)
{
    memcpy(line + at, &x, sizeof(x));
}

/* The four codes of a slot of a joint table's line from AT on, or the two of a top one. */
static inline void put_joint_codes(unsigned char *line, unsigned at, const struct lm_hash *t, const uint32_t *item,
                                   bool top)
{
    for (unsigned m = 0; m < 2; m++) {
        float prob = lm_item_float(item[2 + m]);
        bool absent = prob == LM_PROB_ABSENT;

        put_u16(line, at + 2 * m, absent ? LM_Q16_ABSENT : code16(&t->prob[m], prob));
        if (!top)
            put_u16(line, at + 4 + 2 * m,
                    absent ? LM_Q16_ABSENT : code16(&t->backoff[m], lm_item_float(item[4 + m])));
    }
}

static inline __attribute__((always_inline)) void put_slot(const struct lm_hash *t, enum lm_table_kind kind,
                                                           unsigned char *line, unsigned i, const uint32_t *item)
{
    uint64_t key = lm_item_key(item);

    switch (kind) {
    case LM_TABLE_UNIGRAM:
        put_u64(line, 8 * i, key);
        put_u32(line, 32 + 4 * i, item[2]);
        put_u32(line, 48 + 4 * i, item[3]);
        break;
    case LM_TABLE_MIDDLE:
        put_u64(line, 8 * i, lm_fingerprint(key, 48) << 16 | (uint64_t)fold_mask_15(item[4]) << 1);
        put_u32(line, 32 + 4 * i, item[2]);
        put_u32(line, 48 + 4 * i, item[3]);
        break;
    case LM_TABLE_TOP:
        put_u32(line, 4 * i, (uint32_t)lm_fingerprint(key, 32));
        put_u32(line, 32 + 4 * i, item[2] & 0x7FFFFFFF);       /* |prob|: prob is at most 0 */
        break;
    case LM_TABLE_MIDDLE_COMPACT:
        put_u32(line, 4 * i, (uint32_t)lm_fingerprint(key, 23) << 9 | fold_mask_8(item[4]) << 1);
        put_u16(line, 32 + 2 * i, code16(&t->prob[0], lm_item_float(item[2])));
        put_u16(line, 48 + 2 * i, code16(&t->backoff[0], lm_item_float(item[3])));
        break;
    case LM_TABLE_TOP_COMPACT:
        put_u32(line, 4 * i,
                (uint32_t)lm_fingerprint(key, 19) << 13 | code12(&t->prob[0], lm_item_float(item[2])) << 1);
        break;
    case LM_TABLE_UNIGRAM_JOINT:
        put_u64(line, 8 * i, key);
        memcpy(line + 16 + 8 * i, item + 2, 8);
        memcpy(line + 32 + 8 * i, item + 4, 8);
        break;
    case LM_TABLE_MIDDLE_JOINT:
        put_u32(line, 4 * i, (uint32_t)lm_fingerprint(key, 24) << 8 | fold_mask_8(item[6]));
        put_joint_codes(line, 20 + 8 * i, t, item, false);
        break;
    case LM_TABLE_TOP_JOINT:
        put_u32(line, 4 * i, (uint32_t)lm_fingerprint(key, 31) << 1);
        put_joint_codes(line, 32 + 4 * i, t, item, true);
        break;
    }
}

static inline void put_go_on(enum lm_table_kind kind, unsigned char *line)
{
    uint64_t first;

    switch (kind) {
    case LM_TABLE_UNIGRAM:
    case LM_TABLE_UNIGRAM_JOINT:
        break;                                   /* a full line says it */
    case LM_TABLE_MIDDLE:
        memcpy(&first, line, sizeof(first));
        put_u64(line, 0, first | 1);
        break;
    case LM_TABLE_TOP:
        or_u32(line, 32, UINT32_C(1) << 31);
        break;
    case LM_TABLE_MIDDLE_JOINT:
        line[60] |= 1;
        break;
    case LM_TABLE_MIDDLE_COMPACT:
    case LM_TABLE_TOP_COMPACT:
    case LM_TABLE_TOP_JOINT:
        or_u32(line, 0, 1);
        break;
    }
}

/* ---- lines ----------------------------------------------------------------------------- */

/* What waits for a line: first what the lines before sent on, then the range's own. */
struct queue {
    const uint32_t *carry;
    size_t n_carry, at_carry;
    const uint32_t *own;
    size_t at_own;
};

/* Makes lines 0 .. n-1 where own n-grams up to end[b] belong to lines up to b.  With PATCH it
 * stops behind the first line that sends nothing on.  Returns how many were made. */
static inline __attribute__((always_inline)) uint32_t sweep_kind(const struct lm_hash *t, enum lm_table_kind kind,
                                                                 unsigned words, unsigned slots, struct queue *q,
                                                                 const uint32_t *end, uint32_t n,
                                                                 unsigned char *line, bool patch)
{
    for (uint32_t b = 0; b < n; b++, line += LM_LINE_BYTES) {
        unsigned i = 0;

        memset(line, 0, LM_LINE_BYTES);
        for (; i < slots && q->at_carry < q->n_carry; i++)
            put_slot(t, kind, line, i, q->carry + words * q->at_carry++);
        for (; i < slots && q->at_own < end[b]; i++)
            put_slot(t, kind, line, i, q->own + words * q->at_own++);
        if (q->at_carry < q->n_carry || q->at_own < end[b])
            put_go_on(kind, line);
        else if (patch)
            return b + 1;
    }
    return n;
}

/* One copy of the loop for each kind. */
static uint32_t sweep(const struct lm_hash *t, struct queue *q, const uint32_t *end, uint32_t n, unsigned char *line,
                      bool patch)
{
    switch (t->kind) {
    case LM_TABLE_UNIGRAM:        return sweep_kind(t, LM_TABLE_UNIGRAM, 5, 4, q, end, n, line, patch);
    case LM_TABLE_MIDDLE:         return sweep_kind(t, LM_TABLE_MIDDLE, 5, 4, q, end, n, line, patch);
    case LM_TABLE_TOP:            return sweep_kind(t, LM_TABLE_TOP, 3, 8, q, end, n, line, patch);
    case LM_TABLE_MIDDLE_COMPACT: return sweep_kind(t, LM_TABLE_MIDDLE_COMPACT, 5, 8, q, end, n, line, patch);
    case LM_TABLE_TOP_COMPACT:    return sweep_kind(t, LM_TABLE_TOP_COMPACT, 3, 16, q, end, n, line, patch);
    case LM_TABLE_UNIGRAM_JOINT:  return sweep_kind(t, LM_TABLE_UNIGRAM_JOINT, 7, 2, q, end, n, line, patch);
    case LM_TABLE_MIDDLE_JOINT:   return sweep_kind(t, LM_TABLE_MIDDLE_JOINT, 7, 5, q, end, n, line, patch);
    case LM_TABLE_TOP_JOINT:      return sweep_kind(t, LM_TABLE_TOP_JOINT, 7, 8, q, end, n, line, patch);
    }
    return n;
}

/* ---- ranges ---------------------------------------------------------------------------- */

struct range {
    size_t index;
    struct lm_bucket_sort sort;
    unsigned char *line;
    size_t rest;               /* own n-grams from here on go to the next range */
};

struct filling {
    const struct lm_fill *f;
    unsigned words;
    size_t n_ranges, next;
    uint32_t *carry, *spare;   /* what the ranges so far sent on, and its successor */
    size_t n_carry, carry_cap, spare_cap;
    uint64_t hash, n_lines;
};

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot fill a table of n-grams: out of memory");
}

static enum wn_status read_range(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct filling *g = ctx;
    struct range *r = wn_arena_calloc(&b->arena, 1, sizeof(*r));

    if (g->next == g->n_ranges)
        return WN_END;
    if (!r)
        return no_memory(err);
    r->index = g->next++;
    b->data = r;
    return WN_OK;
}

/* One block, which the arena can keep for the next range. */
static bool alloc_range(const struct filling *g, struct range *r, struct wn_arena *a)
{
    size_t items = r->sort.n * g->words * sizeof(uint32_t), lines = (size_t)r->sort.n_lines * LM_LINE_BYTES;
    char *at = wn_arena_alloc(a, 2 * items + lines + r->sort.n_lines * sizeof(uint32_t));

    r->line = (unsigned char *)at;
    if (!at)
        return false;
    r->sort.end = (uint32_t *)(void *)(at + lines);
    r->sort.raw = r->sort.end + r->sort.n_lines;
    r->sort.own = r->sort.raw + r->sort.n * g->words;
    return true;
}

static inline __attribute__((always_inline)) void sort_words(const struct lm_bucket_sort *s, unsigned words)
{
    uint32_t *start = s->end, sum = 0;

    for (size_t i = 0; i < s->n; i++)
        start[lm_key_bucket(lm_item_key(s->raw + i * words), s->n_buckets) - s->first]++;
    for (uint32_t b = 0; b < s->n_lines; b++) {
        uint32_t n = start[b];

        start[b] = sum;
        sum += n;
    }
    for (size_t i = 0; i < s->n; i++) {            /* afterwards start[b] is where bucket b ends */
        const uint32_t *from = s->raw + i * words;
        uint32_t *to = s->own + (size_t)start[lm_key_bucket(lm_item_key(from), s->n_buckets) - s->first]++ * words;

        for (unsigned w = 0; w < words; w++)
            to[w] = from[w];
    }
}

void lm_bucket_sort(const struct lm_bucket_sort *s, unsigned words)
{
    memset(s->end, 0, s->n_lines * sizeof(*s->end));
    if (words == LM_TOP_WORDS)
        sort_words(s, LM_TOP_WORDS);
    else if (words == LM_ITEM_WORDS)
        sort_words(s, LM_ITEM_WORDS);
    else
        sort_words(s, LM_JOINT_WORDS);
}

void lm_fill_masks(const struct lm_bucket_sort *s, unsigned words, const uint32_t *mask, size_t n_masks)
{
    for (size_t i = 0; i < n_masks; i++, mask += LM_MASK_WORDS) {
        uint64_t key = lm_item_key(mask), b = lm_key_bucket(key, s->n_buckets) - s->first;

        for (uint32_t j = b > 0 ? s->end[b - 1] : 0; j < s->end[b]; j++) {
            if (lm_item_key(s->own + (size_t)j * words) == key) {
                s->own[(size_t)(j + 1) * words - 1] |= mask[2];
                break;
            }
        }
    }
}

/* The arena has the range's memory already; masks are few beside it. */
static enum wn_status apply_masks(const struct filling *g, struct range *r, struct wn_arena *a, struct wn_err *err)
{
    size_t n = lm_spool_count(g->f->masks, r->index);
    uint32_t *mask = wn_arena_alloc(a, n * LM_MASK_WORDS * sizeof(*mask));
    enum wn_status st = mask ? lm_spool_load(g->f->masks, r->index, mask, err) : no_memory(err);

    if (st == WN_OK)
        lm_fill_masks(&r->sort, g->words, mask, n);
    return st;
}

static uint64_t line_offset(const struct filling *g, uint64_t line)
{
    return g->f->offset + line * LM_LINE_BYTES;
}

static enum wn_status make_range(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct filling *g = ctx;
    const struct lm_hash *t = &g->f->table;
    struct range *r = b->data;
    struct queue q = { 0 };
    enum wn_status st;

    lm_range_place(&r->sort, r->index, t->n_buckets);
    r->sort.n = lm_spool_count(g->f->items, r->index);
    if (r->sort.n > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot fill a table: %zu n-grams fall into one range of it", r->sort.n);
    if (!alloc_range(g, r, &b->arena))
        return no_memory(err);
    st = lm_spool_load(g->f->items, r->index, r->sort.raw, err);
    if (st != WN_OK)
        return st;
    lm_bucket_sort(&r->sort, g->words);
    if (g->f->masks)
        st = apply_masks(g, r, &b->arena, err);
    if (st != WN_OK)
        return st;
    q.own = r->sort.own;
    sweep(t, &q, r->sort.end, r->sort.n_lines, r->line, false);
    r->rest = q.at_own;
    return lm_sink_set(g->f->sink, line_offset(g, r->sort.first), r->line, (size_t)r->sort.n_lines * LM_LINE_BYTES, err);
}

/* ---- from one range to the next ------------------------------------------------------ */

/* What is left in Q becomes the carry. */
static bool keep_rest(struct filling *g, const struct queue *q, size_t n_own)
{
    size_t from_carry = q->n_carry - q->at_carry, from_own = n_own - q->at_own, n = from_carry + from_own;
    size_t item = g->words * sizeof(uint32_t), cap = g->carry_cap;
    uint32_t *old = g->carry;

    if (n > g->spare_cap) {
        uint32_t *grown = realloc(g->spare, 2 * n * item);

        if (!grown)
            return false;
        g->spare = grown;
        g->spare_cap = 2 * n;
    }
    if (from_carry > 0)
        memcpy(g->spare, q->carry + q->at_carry * g->words, from_carry * item);
    if (from_own > 0)
        memcpy(g->spare + from_carry * g->words, q->own + q->at_own * g->words, from_own * item);
    g->carry = g->spare;
    g->spare = old;
    g->carry_cap = g->spare_cap;
    g->spare_cap = cap;
    g->n_carry = n;
    return true;
}

/* Lines behind the last bucket, until one says nothing of a next. */
static enum wn_status add_tail(struct filling *g, const struct range *r, struct wn_err *err)
{
    size_t slots = lm_table_slots(g->f->table.kind);
    size_t extra = g->n_carry / slots + 1, lines = r->sort.n_lines + extra, bytes = lines * LM_LINE_BYTES;
    struct queue q = { .carry = g->carry, .n_carry = g->n_carry };
    unsigned char *all = malloc(bytes);
    uint32_t *end = calloc(extra, sizeof(*end));
    enum wn_status st = all && end ? WN_OK : no_memory(err);

    if (st == WN_OK) {
        memcpy(all, r->line, (size_t)r->sort.n_lines * LM_LINE_BYTES);
        sweep(&g->f->table, &q, end, (uint32_t)extra, all + (size_t)r->sort.n_lines * LM_LINE_BYTES, false);
        st = lm_sink_reserve(g->f->sink, line_offset(g, r->sort.first + lines), err);
    }
    if (st == WN_OK)
        st = lm_sink_set(g->f->sink, line_offset(g, r->sort.first), all, bytes, err);
    for (size_t at = 0; st == WN_OK && at < bytes; at += LM_PIECE_BYTES)
        g->hash = lm_hash_join(g->hash, (struct wn_str){ (const char *)all + at,
                                                         bytes - at < LM_PIECE_BYTES ? bytes - at : LM_PIECE_BYTES });
    g->n_lines = r->sort.first + lines;
    free(all);
    free(end);
    return st;
}

static enum wn_status join_range(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct filling *g = ctx;
    struct range *r = b->data;
    struct queue q = { .carry = g->carry, .n_carry = g->n_carry, .own = r->sort.own };
    enum wn_status st = WN_OK;

    if (q.n_carry > 0) {
        uint32_t changed = sweep(&g->f->table, &q, r->sort.end, r->sort.n_lines, r->line, true);

        st = lm_sink_set(g->f->sink, line_offset(g, r->sort.first), r->line, (size_t)changed * LM_LINE_BYTES, err);
        if (changed < r->sort.n_lines)
            q.at_own = r->rest;                  /* from there on it is as it was without the carry */
    } else {
        q.at_own = r->rest;
    }
    if (st == WN_OK && !keep_rest(g, &q, r->sort.n))
        st = no_memory(err);
    if (st != WN_OK)
        return st;
    if (r->index + 1 == g->n_ranges)
        return add_tail(g, r, err);
    g->hash = lm_hash_join(g->hash, (struct wn_str){ (const char *)r->line, (size_t)r->sort.n_lines * LM_LINE_BYTES });
    return WN_OK;
}

enum wn_status lm_fill_table(const struct lm_fill *f, uint64_t *n_lines, uint64_t *hash, struct wn_err *err)
{
    static const struct wn_flow flow = { read_range, make_range, join_range };
    struct filling g = { .f = f, .words = lm_item_words(f->table.kind),
                         .n_ranges = lm_ranges_for(f->table.n_buckets) };
    enum wn_status st = lm_sink_reserve(f->sink, f->offset + (f->table.n_buckets + 1) * LM_LINE_BYTES, err);

    if (st == WN_OK)
        st = wn_flow_run(&flow, &g, f->jobs, f->stop, err);
    free(g.carry);
    free(g.spare);
    *n_lines = g.n_lines;
    *hash = g.hash;
    return st;
}
