/*
 * arena.h - memory with one lifetime.
 *
 * Allocations are freed together, by reset.  Three lifetimes are used throughout:
 * run (models, policies), batch (documents and tags), scratch (one document).
 * Not thread-safe: one owner at a time.  Memory is not zeroed unless it says so.
 */
#ifndef WINNOW_ARENA_H
#define WINNOW_ARENA_H

#include <winnow/str.h>

struct wn_arena_block;

/* Zero-initialised it is empty and ready. */
struct wn_arena {
    struct wn_arena_block *head;   /* the block in use; older ones behind it */
    size_t used_bytes;             /* handed out since the last reset        */
};

/* N bytes aligned for any type, or NULL when memory is short.  N = 0 gives a
 * valid pointer. */
void *wn_arena_alloc(struct wn_arena *a, size_t n);
/* COUNT objects of SIZE bytes, zeroed; NULL when memory is short or the product
 * does not fit in size_t. */
void *wn_arena_calloc(struct wn_arena *a, size_t count, size_t size);
/* A NUL-terminated copy of S; the view excludes the NUL.  ptr is NULL when memory
 * is short. */
struct wn_str wn_arena_copy(struct wn_arena *a, struct wn_str s);
/* A formatted string; NULL when memory is short. */
char *wn_arena_printf(struct wn_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets everything; keeps one block of at most 4 MiB for what comes next. */
void wn_arena_reset(struct wn_arena *a);
/* Gives the memory back; safe on a zeroed arena. */
void wn_arena_release(struct wn_arena *a);

/* Checked arithmetic for sizes that meet user data: true when it fits. */
static inline bool wn_add_ok(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}
static inline bool wn_mul_ok(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

#endif
