/*
 * lm_sink.c - one image, written in any order.
 */
#include "lm/lm_sink.h"

#include <stdlib.h>

#include "lm/lm_layout.h"

enum wn_status lm_sink_reserve(struct lm_sink *s, uint64_t n, struct wn_err *err)
{
    size_t cap = s->cap + s->cap / 2;
    char *heap, *image;

    if (s->file)
        return lm_publish_extend(s->file, n, err);
    if (n <= s->cap)
        return WN_OK;
    if (cap < n)
        cap = n;
    heap = calloc(1, cap + LM_LINE_ALIGN);
    if (!heap)
        return wn_fail(err, WN_NOMEM, "cannot hold a model of %zu bytes: out of memory", cap);
    image = heap + (LM_LINE_ALIGN - (uintptr_t)heap % LM_LINE_ALIGN);
    if (s->cap > 0)
        memcpy(image, s->image, s->cap);
    free(s->heap);
    s->heap = heap;
    s->image = image;
    s->cap = cap;
    return WN_OK;
}

enum wn_status lm_sink_set(struct lm_sink *s, uint64_t at, const void *bytes, size_t n, struct wn_err *err)
{
    if (n == 0)
        return WN_OK;
    if (s->file)
        return lm_publish_set(s->file, at, bytes, n, err);
    memcpy(s->image + at, bytes, n);
    return WN_OK;
}

void lm_sink_release(struct lm_sink *s)
{
    lm_publish_abandon(s->file);
    free(s->heap);
    *s = (struct lm_sink){ 0 };
}
