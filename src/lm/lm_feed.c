/*
 * lm_feed.c - blocks through wn_flow.  A slot is one block's memory on its way; slots go
 * round between the reader and the writer, so that long streams allocate only a few.
 */
#include "lm/lm_feed.h"

#include <pthread.h>
#include <stdlib.h>

#include <winnow/flow.h>

struct slot {
    struct slot *next_free, *next_made;
    struct lm_block block;
    struct lm_feed_arrays arrays;
    struct wn_buf *out;               /* one for each consumer */
};

struct lm_feed {
    const struct lm_shape *shape;
    const struct lm_consumer *const *consumers;
    size_t n_consumers;
    struct lm_room room;
    pthread_mutex_t lock;             /* of the list of free slots */
    struct slot *free, *made;
    /* The order at hand. */
    unsigned order;
    bool has_left;
    uint64_t next;
    lm_feed_fill_fn *fill;
    void *fill_ctx;
};

static void slot_free(const struct lm_feed *f, struct slot *s)
{
    for (size_t i = 0; s->out && i < f->n_consumers; i++)
        wn_buf_release(&s->out[i]);
    free(s->out);
    free(s->arrays.words);
    free(s->arrays.prob);
    free(s->arrays.backoff);
    free(s->arrays.suffix);
    free(s->arrays.left);
    free(s);
}

static struct slot *slot_new(const struct lm_feed *f)
{
    struct slot *s = calloc(1, sizeof(*s));
    size_t n = LM_BLOCK_NGRAMS;

    if (!s)
        return NULL;
    s->out = calloc(f->n_consumers + 1, sizeof(*s->out));
    s->arrays.words = malloc(n * f->shape->order * sizeof(uint32_t));
    s->arrays.prob = malloc(n * sizeof(float));
    s->arrays.backoff = malloc(n * sizeof(float));
    s->arrays.suffix = malloc(n * sizeof(uint64_t));
    s->arrays.left = malloc(n * sizeof(uint16_t));
    if (s->out && s->arrays.words && s->arrays.prob && s->arrays.backoff && s->arrays.suffix && s->arrays.left)
        return s;
    slot_free(f, s);
    return NULL;
}

/* A slot that nobody uses, or NULL when memory is short. */
static struct slot *slot_get(struct lm_feed *f)
{
    struct slot *s;

    pthread_mutex_lock(&f->lock);
    s = f->free;
    if (s)
        f->free = s->next_free;
    pthread_mutex_unlock(&f->lock);
    if (s)
        return s;
    s = slot_new(f);
    if (s) {
        s->next_made = f->made;       /* only the reader makes slots */
        f->made = s;
    }
    return s;
}

static enum wn_status feed_read(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct lm_feed *f = ctx;
    uint64_t left = f->shape->n[f->order] - f->next;
    size_t n = left < LM_BLOCK_NGRAMS ? (size_t)left : LM_BLOCK_NGRAMS;
    bool is_top = f->order == f->shape->order;
    struct slot *s;

    if (left == 0)
        return WN_END;
    s = slot_get(f);
    if (!s)
        return wn_fail(err, WN_NOMEM, "cannot stream a model: out of memory");
    s->block = (struct lm_block){ .order = f->order, .first = f->next, .n = n };
    s->block.words = s->arrays.words;
    s->block.prob = s->arrays.prob;
    s->block.backoff = is_top ? NULL : s->arrays.backoff;
    s->block.suffix = f->order == 1 ? NULL : s->arrays.suffix;
    s->block.left = is_top || !f->has_left ? NULL : s->arrays.left;
    f->next += n;
    b->data = s;
    return WN_OK;
}

static enum wn_status feed_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct lm_feed *f = ctx;
    struct slot *s = b->data;
    enum wn_status st = f->fill(f->fill_ctx, s->block.order, s->block.first, s->block.n, &s->arrays, err);

    for (size_t i = 0; st == WN_OK && i < f->n_consumers; i++) {
        wn_buf_reset(&s->out[i]);
        st = lm_consumer_work(f->consumers[i], &s->block, &s->out[i], err);
    }
    return st;
}

static enum wn_status feed_write(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct lm_feed *f = ctx;
    struct slot *s = b->data;
    enum wn_status st = WN_OK;

    for (size_t i = 0; st == WN_OK && i < f->n_consumers; i++)
        st = f->consumers[i]->take(f->consumers[i]->ctx, s->block.order, s->block.first, s->block.n,
                                   wn_buf_str(&s->out[i]), err);
    pthread_mutex_lock(&f->lock);
    s->next_free = f->free;
    f->free = s;
    pthread_mutex_unlock(&f->lock);
    return st;
}

enum wn_status lm_feed_begin(struct lm_feed **out, const struct lm_shape *shape,
                             const struct lm_consumer *const *consumers, size_t n, const struct lm_room *room,
                             struct wn_err *err)
{
    struct lm_feed *f = calloc(1, sizeof(*f));
    enum wn_status st = WN_OK;

    *out = NULL;
    if (!f)
        return wn_fail(err, WN_NOMEM, "cannot stream a model: out of memory");
    f->shape = shape;
    f->consumers = consumers;
    f->n_consumers = n;
    f->room = *room;
    pthread_mutex_init(&f->lock, NULL);
    for (size_t i = 0; st == WN_OK && i < n; i++)
        st = consumers[i]->begin(consumers[i]->ctx, shape, room, err);
    if (st == WN_OK) {
        *out = f;
        f = NULL;
    }
    lm_feed_free(f);
    return st;
}

enum wn_status lm_feed_order(struct lm_feed *f, unsigned order, bool has_left, lm_feed_fill_fn *fill, void *ctx,
                             struct wn_err *err)
{
    static const struct wn_flow flow = { feed_read, feed_work, feed_write };

    f->order = order;
    f->has_left = has_left;
    f->next = 0;
    f->fill = fill;
    f->fill_ctx = ctx;
    /* One block needs no threads. */
    return wn_flow_run(&flow, f, f->shape->n[order] <= LM_BLOCK_NGRAMS ? 1 : f->room.jobs, f->room.stop, err);
}

enum wn_status lm_feed_end(struct lm_feed *f, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; st == WN_OK && i < f->n_consumers; i++)
        st = f->consumers[i]->end(f->consumers[i]->ctx, err);
    return st;
}

void lm_feed_free(struct lm_feed *f)
{
    if (!f)
        return;
    while (f->made) {
        struct slot *s = f->made;

        f->made = s->next_made;
        slot_free(f, s);
    }
    pthread_mutex_destroy(&f->lock);
    free(f);
}
