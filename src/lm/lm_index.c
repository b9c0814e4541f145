/*
 * lm_index.c - a stream becomes an index, order by order.
 *
 * Columns are gathered as blocks come; lm_index_place.c does the rest.
 */
#include "lm/lm_index_place.h"

#include <stdio.h>
#include <stdlib.h>

struct lm_index_builder {
    struct lm_shape shape;
    struct lm_index_order o;     /* at hand; order 0 before the stream */
    uint64_t taken;              /* n-grams of it so far               */
    struct wn_lm *lm;
    bool ended;
};

enum wn_status lm_index_builder_new(struct lm_index_builder **out, struct wn_err *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? WN_OK : wn_fail(err, WN_NOMEM, "cannot build an index: out of memory");
}

void lm_index_builder_free(struct lm_index_builder *b)
{
    if (!b)
        return;
    lm_index_order_release(&b->o);
    wn_lm_free(b->lm);
    free(b);
}

enum wn_status lm_index_alloc(struct wn_lm **out, const struct lm_shape *shape, struct wn_err *err)
{
    struct lm_header head = { .order = shape->order, .tokenizer = (uint32_t)shape->tokenizer };
    enum wn_status st;

    head.smoothing = (uint32_t)shape->smoothing;
    head.train_tokens = shape->train_tokens;
    for (unsigned k = 1; k <= shape->order; k++)
        head.n_ngrams[k - 1] = shape->n[k];
    head.vocab_bytes = shape->vocab->n_bytes;
    st = lm_image_new(out, &head, err);
    if (st == WN_OK)
        lm_image_words(*out, shape->vocab);
    return st;
}

/* ---- the consumer ------------------------------------------------------------------------ */

static enum wn_status begin_order(struct lm_index_builder *b, unsigned k, struct wn_err *err)
{
    size_t n = (size_t)b->shape.n[k];
    bool has_next = k < b->shape.order, fits = true;

    lm_index_next(&b->o, k, (uint32_t)n);
    b->taken = 0;
    if (k == 1)
        return WN_OK;
    n++;
    fits = fits && (b->o.at.spot = malloc(n * sizeof(*b->o.at.spot)));
    fits = fits && (b->o.at.left = malloc(((size_t)b->o.below.n + 1) * sizeof(uint32_t)));
    fits = fits && (!has_next || (b->o.at.context = malloc(n * sizeof(uint32_t))));
    fits = fits && (b->o.word = malloc(n * sizeof(uint32_t)));
    fits = fits && (b->o.suffix = malloc(n * sizeof(uint32_t)));
    fits = fits && (b->o.context_place = malloc(n * sizeof(uint32_t)));
    fits = fits && (b->o.prob = malloc(n * sizeof(float)));
    fits = fits && (!has_next || (b->o.backoff = malloc(n * sizeof(float))));
    return fits ? WN_OK : lm_index_no_memory(n - 1, k, err);
}

static enum wn_status end_order(struct lm_index_builder *b, struct wn_err *err)
{
    if (b->taken != b->shape.n[b->o.order])
        return wn_fail(err, WN_BADDATA, "cannot build an index: %llu n-grams of order %u came, %llu were announced",
                       (unsigned long long)b->taken, b->o.order, (unsigned long long)b->shape.n[b->o.order]);
    return b->o.order >= 2 ? lm_index_place(&b->o, err) : WN_OK;
}

/* The image has up to five numbers an n-gram; an order takes its columns, its movers and what
 * it knows of the order below besides (lm_index_place.h). */
uint64_t lm_index_bytes(const struct lm_shape *shape)
{
    uint64_t all = shape->vocab->n_bytes + 8 * vocab_slots_for(shape->n[1]) + 4096, most = 0;

    for (unsigned k = 1; k <= shape->order; k++) {
        uint64_t here = k > 1 ? 64 * shape->n[k] + 16 * shape->n[k - 1] : 0;

        all += 20 * shape->n[k];
        most = here > most ? here : most;
    }
    return all + most;
}

static uint64_t index_least(void *ctx, const struct lm_shape *shape)
{
    (void)ctx;
    return lm_index_bytes(shape);
}

static enum wn_status check_room(const struct lm_shape *shape, const struct lm_room *room, struct wn_err *err)
{
    uint64_t bytes = lm_index_bytes(shape);
    char what[128];

    if (bytes <= room->memory_bytes || bytes <= LM_ROOM_SMALL)
        return WN_OK;
    snprintf(what, sizeof(what), "build an index, %llu bytes (a model file --for scoring has none),",
             (unsigned long long)bytes);
    return lm_room_afford(room, bytes, what, err);
}

static enum wn_status index_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                  struct wn_err *err)
{
    struct lm_index_builder *b = ctx;
    enum wn_status st;

    if (b->o.order)
        return wn_fail(err, WN_BROKEN, "cannot build an index: it has been built");
    b->shape = *shape;
    b->o.room = *room;
    st = check_room(shape, room, err);
    if (st == WN_OK)
        st = lm_index_alloc(&b->lm, shape, err);
    b->o.lm = b->lm;
    return st == WN_OK ? begin_order(b, 1, err) : st;
}

/* Columns, one after the other: first, last, suffix (order 2 and more), prob, backoff. */
static enum wn_status index_work(void *ctx, const struct lm_block *blk, struct wn_buf *out, struct wn_err *err)
{
    size_t n = blk->n, k = blk->order, column = n * sizeof(uint32_t);
    enum wn_status st = wn_buf_reserve(out, 5 * column, err);
    char *to;

    (void)ctx;
    if (st != WN_OK)
        return st;
    to = out->ptr + out->len;
    if (k >= 2) {
        for (size_t i = 0; i < n; i++) {
            uint32_t suffix = (uint32_t)blk->suffix[i];

            memcpy(to + i * sizeof(uint32_t), &blk->words[i * k], sizeof(uint32_t));
            memcpy(to + column + i * sizeof(uint32_t), &blk->words[i * k + k - 1], sizeof(uint32_t));
            memcpy(to + 2 * column + i * sizeof(uint32_t), &suffix, sizeof(suffix));
        }
        to += 3 * column;
    }
    memcpy(to, blk->prob, column);
    to += column;
    if (blk->backoff) {
        memcpy(to, blk->backoff, column);
        to += column;
    }
    out->len = (size_t)(to - out->ptr);
    return WN_OK;
}

static const char *take_words(struct lm_index_builder *b, const char *from, size_t at, size_t n)
{
    size_t column = n * sizeof(uint32_t);

    for (size_t i = 0; i < n; i++)
        memcpy(&b->o.at.spot[at + i].first, from + i * sizeof(uint32_t), sizeof(uint32_t));
    memcpy(b->o.word + at, from + column, column);
    memcpy(b->o.suffix + at, from + 2 * column, column);
    return from + 3 * column;
}

static enum wn_status index_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                 struct wn_err *err)
{
    struct lm_index_builder *b = ctx;
    const struct lm_table *t;
    const char *from = out.ptr;
    size_t column = n * sizeof(float), at = (size_t)first;
    enum wn_status st = WN_OK;

    while (st == WN_OK && b->o.order < order) {
        st = end_order(b, err);
        if (st == WN_OK)
            st = begin_order(b, b->o.order + 1, err);
    }
    if (st != WN_OK)
        return st;
    if (order != b->o.order || first != b->taken || n > b->shape.n[order] - b->taken)
        return lm_index_refuse(order, first, err, "is out of order");
    t = &b->lm->level[order];
    if (order >= 2)
        from = take_words(b, from, at, n);
    memcpy(order >= 2 ? b->o.prob + at : (float *)lm_image_at(b->lm, t->prob) + at, from, column);
    if (t->backoff)
        memcpy(order >= 2 ? b->o.backoff + at : (float *)lm_image_at(b->lm, t->backoff) + at, from + column, column);
    b->taken += n;
    return WN_OK;
}

static enum wn_status index_end(void *ctx, struct wn_err *err)
{
    struct lm_index_builder *b = ctx;
    enum wn_status st = end_order(b, err);

    while (st == WN_OK && b->o.order < b->shape.order) {
        st = begin_order(b, b->o.order + 1, err);
        if (st == WN_OK)
            st = end_order(b, err);
    }
    if (st != WN_OK)
        return st;
    lm_index_order_release(&b->o);
    lm_image_seal(lm_image_at(b->lm, b->lm->image.ptr));
    b->ended = true;
    return WN_OK;
}

struct lm_consumer lm_index_builder_consumer(struct lm_index_builder *b)
{
    return (struct lm_consumer){ b, index_begin, index_work, index_take, index_end, index_least };
}

enum wn_status lm_index_builder_take(struct lm_index_builder *b, struct wn_lm **lm, struct wn_err *err)
{
    *lm = NULL;
    if (!b->ended || !b->lm)
        return wn_fail(err, WN_BROKEN, "cannot take an index: its stream has not ended");
    *lm = b->lm;
    b->lm = NULL;
    return WN_OK;
}
