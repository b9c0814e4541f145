/*
 * str.h - views of bytes, and a growing byte buffer.
 *
 * struct wn_str never owns: whoever hands one out says how long it lives.  It may
 * hold any bytes, NUL included.  struct wn_buf owns its memory and has a ceiling.
 */
#ifndef WINNOW_STR_H
#define WINNOW_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <winnow/status.h>

struct wn_str {
    const char *ptr;
    size_t len;
};

/* The view of a string literal. */
#define WN_STR(lit) ((struct wn_str){ (lit), sizeof(lit) - 1 })

/* printf("%.*s", WN_STR_ARG(s)); bytes beyond INT_MAX are not shown. */
#define WN_STR_ARG(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr

/* The view of a NUL-terminated string; NULL gives an empty view. */
static inline struct wn_str wn_str(const char *z)
{
    struct wn_str s = { z ? z : "", z ? strlen(z) : 0 };
    return s;
}

static inline bool wn_str_eq(struct wn_str a, struct wn_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Order of unsigned bytes; a prefix comes first. */
int wn_str_cmp(struct wn_str a, struct wn_str b);

/* Growing bytes.  Zero-initialised it is empty and has no ceiling. */
struct wn_buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max_bytes;  /* 0: no ceiling but memory */
};

/* Makes room for EXTRA more bytes.  WN_NOMEM, or WN_LIMIT above max_bytes; the
 * contents stay as they were. */
enum wn_status wn_buf_reserve(struct wn_buf *b, size_t extra, struct wn_err *err);

/* Append; on failure nothing is appended and the buffer remembers the failure, so
 * that a run of appends may be checked once with wn_buf_status(). */
void wn_buf_add(struct wn_buf *b, struct wn_str s);
void wn_buf_addz(struct wn_buf *b, const char *z);
void wn_buf_addc(struct wn_buf *b, char c);
void wn_buf_addf(struct wn_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* WN_OK, or the first failure since init/reset (WN_NOMEM or WN_LIMIT). */
enum wn_status wn_buf_status(const struct wn_buf *b, struct wn_err *err);

/* Forgets the contents and any failure; keeps the memory. */
void wn_buf_reset(struct wn_buf *b);
/* Gives the memory back; safe on a zeroed buffer. */
void wn_buf_release(struct wn_buf *b);

static inline struct wn_str wn_buf_str(const struct wn_buf *b)
{
    struct wn_str s = { b->ptr ? b->ptr : "", b->len };
    return s;
}

#endif
