/*
 * jstring.h - the inside of a JSON string: escapes become characters.
 */
#ifndef IO_JSTRING_H
#define IO_JSTRING_H

#include <winnow/arena.h>

/* 0..15, or -1. */
static inline int io_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes RAW, what stands between the quotes of a scanned string.  A lone surrogate
 * becomes U+FFFD; so does invalid UTF-8 when REPAIR says so (otherwise RAW must be
 * valid).  *N_REPAIRED grows by one for each.  Without any of it the result is RAW
 * itself, otherwise it lives in A.  ptr is NULL when memory is short. */
struct wn_str io_string_decode(struct wn_str raw, bool repair, struct wn_arena *a, uint32_t *n_repaired);

/* S with each maximal ill-formed part of UTF-8 replaced by U+FFFD, in A; S itself when
 * there is none.  ptr is NULL when memory is short. */
struct wn_str io_string_repair(struct wn_str s, struct wn_arena *a, uint32_t *n_repaired);

/* Whether RAW decodes to PLAIN. */
bool io_string_equals(struct wn_str raw, struct wn_str plain);

#endif
