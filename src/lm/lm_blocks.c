/*
 * lm_blocks.c - work anywhere, take in order.
 */
#include "lm/lm_blocks.h"

#include <stdlib.h>

void lm_turn_init(struct lm_turn *t, const struct lm_consumer *const *consumers, size_t n, unsigned order,
                  unsigned top)
{
    *t = (struct lm_turn){ .consumers = consumers, .n_consumers = n, .order = order, .top = top };
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->moved, NULL);
}

void lm_turn_release(struct lm_turn *t)
{
    pthread_cond_destroy(&t->moved);
    pthread_mutex_destroy(&t->lock);
}

void lm_lane_release(struct lm_lane *l)
{
    free(l->words);
    free(l->prob);
    free(l->backoff);
    free(l->suffix);
    free(l->left);
    for (size_t i = 0; i < l->n_out; i++)
        wn_buf_release(&l->out[i]);
    free(l->out);
    free(l->waiting);
    free(l->end);
    *l = (struct lm_lane){ 0 };
}

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot write out n-grams: out of memory");
}

static enum wn_status reserve_block(struct lm_lane *l, size_t n, unsigned top, struct wn_err *err)
{
    if (n == l->cap && top == l->cap_order)
        return WN_OK;
    l->cap = 0;
    free(l->words);
    free(l->prob);
    free(l->backoff);
    free(l->suffix);
    free(l->left);
    l->words = malloc(n * top * sizeof(*l->words));
    l->prob = malloc(n * sizeof(*l->prob));
    l->backoff = malloc(n * sizeof(*l->backoff));
    l->suffix = malloc(n * sizeof(*l->suffix));
    l->left = malloc(n * sizeof(*l->left));
    if (!l->words || !l->prob || !l->backoff || !l->suffix || !l->left)
        return no_memory(err);
    l->cap = n;
    l->cap_order = top;
    return WN_OK;
}

enum wn_status lm_lane_begin(struct lm_lane *l, struct lm_turn *t, size_t piece, uint64_t first, size_t block,
                             struct wn_err *err)
{
    l->turn = t;
    l->piece = piece;
    l->first = first;
    l->n = l->n_waiting = 0;
    if (l->n_out < t->n_consumers) {
        struct wn_buf *more = realloc(l->out, t->n_consumers * sizeof(*more));

        if (!more)
            return no_memory(err);
        memset(more + l->n_out, 0, (t->n_consumers - l->n_out) * sizeof(*more));
        l->out = more;
        l->n_out = t->n_consumers;
    }
    for (size_t i = 0; i < l->n_out; i++)
        wn_buf_reset(&l->out[i]);
    return reserve_block(l, block, t->top, err);
}

static enum wn_status reserve_waiting(struct lm_lane *l, struct wn_err *err)
{
    size_t cap = l->cap_waiting ? 2 * l->cap_waiting : 8;
    void *more;

    if (l->n_waiting < l->cap_waiting)
        return WN_OK;
    more = realloc(l->waiting, cap * sizeof(*l->waiting));
    if (!more)
        return no_memory(err);
    l->waiting = more;
    more = realloc(l->end, cap * l->n_out * sizeof(*l->end));
    if (!more)
        return no_memory(err);
    l->end = more;
    l->cap_waiting = cap;
    return WN_OK;
}

/* Hands over what waits; it is this piece's turn. */
static enum wn_status take_waiting(struct lm_lane *l, struct wn_err *err)
{
    const struct lm_turn *t = l->turn;
    enum wn_status st = WN_OK;

    for (size_t b = 0; b < l->n_waiting && st == WN_OK; b++) {
        for (size_t c = 0; c < t->n_consumers && st == WN_OK; c++) {
            size_t begin = b ? l->end[(b - 1) * t->n_consumers + c] : 0;
            struct wn_str all = wn_buf_str(&l->out[c]);
            struct wn_str out = { all.ptr + begin, l->end[b * t->n_consumers + c] - begin };

            st = t->consumers[c]->take(t->consumers[c]->ctx, t->order, l->waiting[b].first, l->waiting[b].n, out,
                                       err);
        }
    }
    l->n_waiting = 0;
    for (size_t c = 0; c < t->n_consumers; c++)
        wn_buf_reset(&l->out[c]);
    return st;
}

static bool is_its_turn(struct lm_turn *t, size_t piece)
{
    bool mine;

    pthread_mutex_lock(&t->lock);
    mine = t->piece == piece && !t->failed;
    pthread_mutex_unlock(&t->lock);
    return mine;
}

enum wn_status lm_lane_flush(struct lm_lane *l, struct wn_err *err)
{
    const struct lm_turn *t = l->turn;
    struct lm_block b = { .order = t->order, .first = l->first, .n = l->n, .words = l->words, .prob = l->prob };
    enum wn_status st;

    if (l->n == 0)
        return WN_OK;
    b.backoff = t->order < t->top ? l->backoff : NULL;
    b.suffix = t->order > 1 ? l->suffix : NULL;
    b.left = t->order < t->top ? l->left : NULL;
    st = reserve_waiting(l, err);
    for (size_t c = 0; c < t->n_consumers && st == WN_OK; c++) {
        st = lm_consumer_work(t->consumers[c], &b, &l->out[c], err);
        l->end[l->n_waiting * t->n_consumers + c] = l->out[c].len;
    }
    if (st != WN_OK)
        return st;
    l->waiting[l->n_waiting++] = (struct lm_lane_block){ l->first, l->n };
    l->first += l->n;
    l->n = 0;
    return is_its_turn(l->turn, l->piece) ? take_waiting(l, err) : WN_OK;
}

enum wn_status lm_lane_end(struct lm_lane *l, struct lm_turn *t, size_t piece, enum wn_status st,
                           struct wn_err *err)
{
    bool failed;

    if (st == WN_OK)
        st = lm_lane_flush(l, err);
    pthread_mutex_lock(&t->lock);
    while (t->piece != piece)
        pthread_cond_wait(&t->moved, &t->lock);
    failed = t->failed;
    pthread_mutex_unlock(&t->lock);
    if (st == WN_OK && failed)                /* the earlier piece says what happened */
        st = wn_fail(err, WN_CANCELLED, "stopped before the end");
    if (st == WN_OK)
        st = take_waiting(l, err);
    pthread_mutex_lock(&t->lock);
    t->failed = t->failed || st != WN_OK;
    t->piece++;
    pthread_cond_broadcast(&t->moved);
    pthread_mutex_unlock(&t->lock);
    return st;
}
