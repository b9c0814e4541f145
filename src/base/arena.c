#include <winnow/arena.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_BLOCK_BYTES = 16 << 10, KEPT_BLOCK_BYTES = 4 << 20, ALIGNMENT = 16 };

/*
 *   head -> [ header | used ......... | free .... ] -> older block -> NULL
 *
 * Blocks double; reset keeps the newest one, which is the largest, unless one huge document
 * made it so: memory should follow the usual batch.
 */
struct wn_arena_block {
    struct wn_arena_block *older;
    size_t size, used;   /* of data[] */
    _Alignas(ALIGNMENT) char data[];
};

static struct wn_arena_block *push_block(struct wn_arena *a, size_t need)
{
    size_t size = a->head ? a->head->size : FIRST_BLOCK_BYTES / 2;
    struct wn_arena_block *b;

    if (need > SIZE_MAX / 4)
        return NULL;
    do {
        size *= 2;
    } while (size < need);
    b = malloc(sizeof(*b) + size);
    if (!b)
        return NULL;
    b->older = a->head;
    b->size = size;
    b->used = 0;
    POISON(b->data, b->size);
    a->head = b;
    return b;
}

void *wn_arena_alloc(struct wn_arena *a, size_t n)
{
    struct wn_arena_block *b = a->head;
    size_t padded;
    void *p;

    if (n > SIZE_MAX - ALIGNMENT)
        return NULL;
    padded = n ? (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    if (!b || b->size - b->used < padded) {
        b = push_block(a, padded);
        if (!b)
            return NULL;
    }
    p = b->data + b->used;
    b->used += padded;
    a->used_bytes += padded;
    UNPOISON(p, n ? n : 1);
    return p;
}

void *wn_arena_calloc(struct wn_arena *a, size_t count, size_t size)
{
    size_t n;
    void *p;

    if (!wn_mul_ok(count, size, &n))
        return NULL;
    p = wn_arena_alloc(a, n);
    if (p && n)
        memset(p, 0, n);
    return p;
}

struct wn_str wn_arena_copy(struct wn_arena *a, struct wn_str s)
{
    struct wn_str out = { NULL, 0 };
    char *p;

    if (s.len == SIZE_MAX)
        return out;
    p = wn_arena_alloc(a, s.len + 1);
    if (!p)
        return out;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    out.ptr = p;
    out.len = s.len;
    return out;
}

char *wn_arena_printf(struct wn_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    char *p = NULL;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0)
        p = wn_arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return p;
}

static void free_blocks(struct wn_arena_block *b)
{
    while (b) {
        struct wn_arena_block *older = b->older;

        UNPOISON(b->data, b->size);
        free(b);
        b = older;
    }
}

void wn_arena_reset(struct wn_arena *a)
{
    a->used_bytes = 0;
    if (!a->head)
        return;
    if (a->head->size > KEPT_BLOCK_BYTES) {
        wn_arena_release(a);
        return;
    }
    free_blocks(a->head->older);
    a->head->older = NULL;
    a->head->used = 0;
    POISON(a->head->data, a->head->size);
}

void wn_arena_release(struct wn_arena *a)
{
    free_blocks(a->head);
    a->head = NULL;
    a->used_bytes = 0;
}
