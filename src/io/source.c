/* source.c - what all sources share; the tap and the peek. */
#include "io/source.h"

#include <stdio.h>
#include <stdlib.h>

void io_source_close(struct io_source *s)
{
    if (s)
        s->ops->close(s);
}

enum wn_status io_fault(struct io_facts *f, enum wn_reason reason, struct wn_err *err, const char *fmt, ...)
{
    char text[WN_ERR_TEXT];
    va_list ap;

    if (f->reason == WN_R_NONE)
        f->reason = reason;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return wn_fail(err, WN_BADDATA, "%s", text);
}

/* ---- tap -------------------------------------------------------------------------- */

struct tap {
    struct io_source source;
    struct io_source *below;
    struct io_facts *facts;
};

static enum wn_status tap_next(struct io_source *s, struct wn_str *chunk, struct wn_err *err)
{
    struct tap *t = (struct tap *)s;
    enum wn_status st = io_source_next(t->below, chunk, err);

    if (st != WN_OK)
        return st;
    t->facts->raw_bytes += chunk->len;
    if (t->facts->digest)
        wn_digest_add(t->facts->digest, *chunk);
    if (t->facts->progress)
        atomic_fetch_add_explicit(t->facts->progress, chunk->len, memory_order_relaxed);
    return WN_OK;
}

static void tap_close(struct io_source *s)
{
    struct tap *t = (struct tap *)s;

    io_source_close(t->below);
    free(t);
}

enum wn_status io_tap_open(struct io_source **out, struct io_source *below, struct io_facts *f, struct wn_err *err)
{
    static const struct io_source_ops ops = { tap_next, tap_close };
    struct tap *t = calloc(1, sizeof(*t));

    *out = NULL;
    if (!t) {
        io_source_close(below);
        return wn_fail(err, WN_NOMEM, "out of memory for an input");
    }
    t->source.ops = &ops;
    t->below = below;
    t->facts = f;
    *out = &t->source;
    return WN_OK;
}

/* ---- peek ------------------------------------------------------------------------- */

struct peek {
    struct io_source source;
    struct io_source *below;
    struct wn_buf held;          /* what was drawn for head in several chunks        */
    struct wn_str ready;         /* what next gives first: in HELD, or the chunk below */
    enum wn_status after;        /* how the stream went on behind READY              */
    struct wn_err fault;
};

static enum wn_status peek_next(struct io_source *s, struct wn_str *chunk, struct wn_err *err)
{
    struct peek *p = (struct peek *)s;

    if (p->ready.len) {
        *chunk = p->ready;
        p->ready.len = 0;
        return WN_OK;
    }
    if (p->after == WN_END)
        return WN_END;
    if (p->after != WN_OK)
        return wn_fail(err, p->after, "%s", p->fault.text);
    p->after = io_source_next(p->below, chunk, &p->fault);
    if (p->after == WN_OK || p->after == WN_END)
        return p->after;
    return wn_fail(err, p->after, "%s", p->fault.text);
}

static void peek_close(struct io_source *s)
{
    struct peek *p = (struct peek *)s;

    io_source_close(p->below);
    wn_buf_release(&p->held);
    free(p);
}

enum wn_status io_peek_open(struct io_source **out, struct io_source *below, struct wn_err *err)
{
    static const struct io_source_ops ops = { peek_next, peek_close };
    struct peek *p = calloc(1, sizeof(*p));

    *out = NULL;
    if (!p) {
        io_source_close(below);
        return wn_fail(err, WN_NOMEM, "out of memory for an input");
    }
    p->source.ops = &ops;
    p->below = below;
    *out = &p->source;
    return WN_OK;
}

/* Draws one more chunk behind READY; a single chunk is not copied. */
static enum wn_status draw_more(struct peek *p, struct wn_err *err)
{
    struct wn_str chunk;
    enum wn_status st;

    if (p->ready.len && !p->held.len) {
        st = wn_buf_reserve(&p->held, p->ready.len, err);
        if (st != WN_OK)
            return st;
        wn_buf_add(&p->held, p->ready);
        p->ready = wn_buf_str(&p->held);
    }
    p->after = io_source_next(p->below, &chunk, &p->fault);
    if (p->after == WN_NOMEM)
        return wn_fail(err, WN_NOMEM, "%s", p->fault.text);
    if (p->after != WN_OK)
        return WN_OK;
    if (!p->ready.len) {
        p->ready = chunk;
        return WN_OK;
    }
    st = wn_buf_reserve(&p->held, chunk.len, err);
    if (st != WN_OK)
        return st;
    wn_buf_add(&p->held, chunk);
    p->ready = wn_buf_str(&p->held);
    return WN_OK;
}

enum wn_status io_peek_head(struct io_source *peek, size_t want, struct wn_str *head, struct wn_err *err)
{
    struct peek *p = (struct peek *)peek;

    while (p->ready.len < want && p->after == WN_OK) {
        enum wn_status st = draw_more(p, err);

        if (st != WN_OK)
            return st;
    }
    head->ptr = p->ready.len ? p->ready.ptr : "";
    head->len = p->ready.len < want ? p->ready.len : want;
    return WN_OK;
}
