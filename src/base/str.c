#include <winnow/str.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int wn_str_cmp(struct wn_str a, struct wn_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

    if (c)
        return c;
    return (a.len > b.len) - (a.len < b.len);
}

/* A failed buffer is marked by a capacity that no allocation can have; the memory it
 * had stays in ptr and is released as usual. */
enum { FAILED_NOMEM = 1, FAILED_LIMIT = 2 };

static int failure(const struct wn_buf *b)
{
    return b->cap == SIZE_MAX ? FAILED_NOMEM : b->cap == SIZE_MAX - 1 ? FAILED_LIMIT : 0;
}

static enum wn_status grow(struct wn_buf *b, size_t extra)
{
    size_t need, cap;
    char *ptr;

    if (failure(b))
        return failure(b) == FAILED_LIMIT ? WN_LIMIT : WN_NOMEM;
    if (__builtin_add_overflow(b->len, extra, &need) || need > SIZE_MAX / 4)
        return WN_NOMEM;
    if (b->max_bytes && need > b->max_bytes)
        return WN_LIMIT;
    if (need <= b->cap)
        return WN_OK;
    cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    ptr = realloc(b->ptr, cap);
    if (!ptr)
        return WN_NOMEM;
    b->ptr = ptr;
    b->cap = cap;
    return WN_OK;
}

enum wn_status wn_buf_reserve(struct wn_buf *b, size_t extra, struct wn_err *err)
{
    enum wn_status st = grow(b, extra);

    if (st == WN_LIMIT)
        return wn_fail(err, st, "buffer would exceed its limit of %zu bytes", b->max_bytes);
    if (st != WN_OK)
        return wn_fail(err, st, "out of memory for a buffer of %zu + %zu bytes", b->len, extra);
    return WN_OK;
}

/* Room for EXTRA bytes, or false after marking the buffer as failed. */
static bool room(struct wn_buf *b, size_t extra)
{
    enum wn_status st;

    if (!failure(b) && extra <= b->cap - b->len && (!b->max_bytes || b->len + extra <= b->max_bytes))
        return true;
    st = grow(b, extra);
    if (st == WN_OK)
        return true;
    b->cap = st == WN_LIMIT ? SIZE_MAX - 1 : SIZE_MAX;
    return false;
}

void wn_buf_add(struct wn_buf *b, struct wn_str s)
{
    if (!s.len || !room(b, s.len))
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}

void wn_buf_addz(struct wn_buf *b, const char *z)
{
    wn_buf_add(b, wn_str(z));
}

void wn_buf_addc(struct wn_buf *b, char c)
{
    if (room(b, 1))
        b->ptr[b->len++] = c;
}

void wn_buf_addf(struct wn_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0 && room(b, (size_t)n + 1)) {
        vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

enum wn_status wn_buf_status(const struct wn_buf *b, struct wn_err *err)
{
    switch (failure(b)) {
    case FAILED_LIMIT:
        return wn_fail(err, WN_LIMIT, "buffer reached its limit of %zu bytes", b->max_bytes);
    case FAILED_NOMEM:
        return wn_fail(err, WN_NOMEM, "out of memory after %zu bytes", b->len);
    }
    return WN_OK;
}

void wn_buf_reset(struct wn_buf *b)
{
    /* The size of a failed buffer's block is not known any more. */
    if (failure(b))
        wn_buf_release(b);
    b->len = 0;
}

void wn_buf_release(struct wn_buf *b)
{
    free(b->ptr);
    b->ptr = NULL;
    b->len = 0;
    b->cap = 0;
}
