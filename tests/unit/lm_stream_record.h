/*
 * lm_stream_record.h - a consumer that keeps a whole stream, for tests to look at.
 */
#ifndef TEST_LM_STREAM_RECORD_H
#define TEST_LM_STREAM_RECORD_H

#include "unit/lm_fixture.h"

#include "lm/lm_stream.h"

struct recorded_order {
    uint64_t n;
    uint32_t *words;         /* n * order */
    float *prob, *backoff;
    uint64_t *suffix;
    uint16_t *left;
};

struct stream_record {
    struct lm_shape shape;   /* vocab and word_hash are gone after end */
    uint64_t *hash;
    struct recorded_order at[WN_LM_MAX_ORDER + 1];
    unsigned order;          /* at hand                                */
    bool ended;
};

static inline void *record_room(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    assert_non_null(p);
    return p;
}

static inline enum wn_status record_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                          struct wn_err *err)
{
    struct stream_record *r = ctx;

    (void)room;
    (void)err;
    r->shape = *shape;
    r->hash = record_room(shape->n[1], sizeof(*r->hash));
    memcpy(r->hash, shape->word_hash, shape->n[1] * sizeof(*r->hash));
    for (unsigned k = 1; k <= shape->order; k++) {
        struct recorded_order *o = &r->at[k];

        o->words = record_room(shape->n[k] * k, sizeof(*o->words));
        o->prob = record_room(shape->n[k], sizeof(*o->prob));
        o->backoff = record_room(shape->n[k], sizeof(*o->backoff));
        o->suffix = record_room(shape->n[k], sizeof(*o->suffix));
        o->left = record_room(shape->n[k], sizeof(*o->left));
    }
    return WN_OK;
}

static inline void record_part(struct wn_buf *out, const void *from, size_t n)
{
    wn_buf_add(out, (struct wn_str){ from, n });
}

static inline enum wn_status record_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const struct stream_record *r = ctx;

    assert_int_equal(b->backoff != NULL, b->order < r->shape.order);
    assert_int_equal(b->left != NULL, b->order < r->shape.order);
    assert_int_equal(b->suffix != NULL, b->order > 1);
    record_part(out, b->words, b->n * b->order * sizeof(*b->words));
    record_part(out, b->prob, b->n * sizeof(*b->prob));
    if (b->backoff)
        record_part(out, b->backoff, b->n * sizeof(*b->backoff));
    if (b->suffix)
        record_part(out, b->suffix, b->n * sizeof(*b->suffix));
    if (b->left)
        record_part(out, b->left, b->n * sizeof(*b->left));
    return wn_buf_status(out, err);
}

static inline const char *record_get(void *to, const char *from, size_t n)
{
    memcpy(to, from, n);
    return from + n;
}

static inline enum wn_status record_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                         struct wn_err *err)
{
    struct stream_record *r = ctx;
    struct recorded_order *o = &r->at[order];
    const char *p = out.ptr;

    (void)err;
    assert_true(order >= r->order);
    r->order = order;
    assert_true(n > 0);
    assert_int_equal(first, o->n);
    assert_true(first + n <= r->shape.n[order]);
    p = record_get(o->words + first * order, p, n * order * sizeof(*o->words));
    p = record_get(o->prob + first, p, n * sizeof(*o->prob));
    if (order < r->shape.order)
        p = record_get(o->backoff + first, p, n * sizeof(*o->backoff));
    if (order > 1)
        p = record_get(o->suffix + first, p, n * sizeof(*o->suffix));
    if (order < r->shape.order)
        p = record_get(o->left + first, p, n * sizeof(*o->left));
    assert_ptr_equal(p, out.ptr + out.len);
    o->n += n;
    return WN_OK;
}

static inline enum wn_status record_end(void *ctx, struct wn_err *err)
{
    struct stream_record *r = ctx;

    (void)err;
    for (unsigned k = 1; k <= r->shape.order; k++)
        assert_int_equal(r->at[k].n, r->shape.n[k]);
    r->ended = true;
    return WN_OK;
}

static inline struct lm_consumer record_consumer(struct stream_record *r)
{
    memset(r, 0, sizeof(*r));
    return (struct lm_consumer){ .ctx = r, .begin = record_begin, .work = record_work, .take = record_take,
                                 .end = record_end };
}

static inline void record_release(struct stream_record *r)
{
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        free(r->at[k].words);
        free(r->at[k].prob);
        free(r->at[k].backoff);
        free(r->at[k].suffix);
        free(r->at[k].left);
    }
    free(r->hash);
    memset(r, 0, sizeof(*r));
}

/* The rank of the N-GRAM of ORDER in suffix order, or UINT64_MAX. */
static inline uint64_t record_find(const struct stream_record *r, unsigned order, const uint32_t *ngram)
{
    const struct recorded_order *o = &r->at[order];
    uint64_t lo = 0, hi = o->n;

    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        const uint32_t *w = o->words + mid * order;
        unsigned i = order;

        while (i > 0 && w[i - 1] == ngram[i - 1])
            i--;
        if (i == 0)
            return mid;
        if (w[i - 1] < ngram[i - 1])
            lo = mid + 1;
        else
            hi = mid;
    }
    return UINT64_MAX;
}

static inline bool record_same(const struct stream_record *a, const struct stream_record *b)
{
    if (a->shape.order != b->shape.order || memcmp(a->shape.n, b->shape.n, sizeof(a->shape.n)) != 0 ||
        memcmp(a->hash, b->hash, a->shape.n[1] * sizeof(*a->hash)) != 0)
        return false;
    for (unsigned k = 1; k <= a->shape.order; k++) {
        const struct recorded_order *x = &a->at[k], *y = &b->at[k];

        if (memcmp(x->words, y->words, x->n * k * sizeof(*x->words)) != 0 ||
            memcmp(x->prob, y->prob, x->n * sizeof(*x->prob)) != 0 ||
            memcmp(x->backoff, y->backoff, x->n * sizeof(*x->backoff)) != 0 ||
            memcmp(x->suffix, y->suffix, x->n * sizeof(*x->suffix)) != 0 ||
            memcmp(x->left, y->left, x->n * sizeof(*x->left)) != 0)
            return false;
    }
    return true;
}

#endif
