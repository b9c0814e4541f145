/*
 * lm_store.h - one array put aside (lm_temp.h), addressed by offset.
 */
#ifndef LM_STORE_H
#define LM_STORE_H

#include <sys/mman.h>

#include "lm/lm_stream.h"
#include "lm/lm_temp.h"

/* Starts as zeros. */
struct lm_store {
    struct lm_temp *temp;
    uint64_t at;
    char *view;          /* NULL: on disk */
};

/* Asks for large pages: a store is filled all over from the start. */
static inline void lm_store_advise(const struct lm_store *s, uint64_t bytes)
{
    const uintptr_t huge = UINT64_C(2) << 20;
    uintptr_t begin = ((uintptr_t)s->view + huge - 1) & ~(huge - 1);
    uintptr_t end = ((uintptr_t)s->view + bytes) & ~(huge - 1);

    if (s->view && begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);      /* advice: may fail */
}

static inline enum wn_status lm_store_open(struct lm_store *s, uint64_t bytes, bool on_disk, const char *dir,
                                           struct wn_err *err)
{
    enum wn_status st = lm_temp_new(&s->temp, on_disk, dir, err);

    if (st == WN_OK)
        st = lm_temp_room(s->temp, bytes ? bytes : 1, &s->at, err);
    if (st == WN_OK)
        s->view = lm_temp_view(s->temp, s->at);
    if (st == WN_OK)
        lm_store_advise(s, bytes);
    return st;
}

static inline void lm_store_close(struct lm_store *s)
{
    lm_temp_free(s->temp);
    *s = (struct lm_store){ 0 };
}

/* N bytes at OFFSET, in the store itself or read into BUF; *OUT says where. */
static inline enum wn_status lm_store_get(const struct lm_store *s, uint64_t offset, size_t n, void *buf, void **out,
                                          struct wn_err *err)
{
    *out = s->view ? s->view + offset : buf;
    return s->view ? WN_OK : lm_temp_get(s->temp, s->at + offset, buf, n, err);
}

/* Puts back what lm_store_get or lm_store_room gave. */
static inline enum wn_status lm_store_put(struct lm_store *s, uint64_t offset, size_t n, const void *bytes,
                                          struct wn_err *err)
{
    return s->view ? WN_OK : lm_temp_set(s->temp, s->at + offset, bytes, n, err);
}

/* Where to write N bytes for OFFSET, to be followed by lm_store_put. */
static inline void *lm_store_room(const struct lm_store *s, uint64_t offset, void *buf)
{
    return s->view ? s->view + offset : buf;
}

#endif
