/*
 * lm_sink.h - where a model file goes: to a file, or to memory.
 */
#ifndef LM_SINK_H
#define LM_SINK_H

#include <winnow/str.h>

#include "lm/lm_publish.h"

/* Zeroed: memory. */
struct lm_sink {
    struct wn_lm_file *file;   /* NULL: memory                                     */
    void *heap;                /* what to free                                     */
    char *image;               /* in it, aligned to 64 bytes                       */
    size_t cap;
};

/* Makes room for an image of N bytes, zeroed.  Not while others write. */
enum wn_status lm_sink_reserve(struct lm_sink *s, uint64_t n, struct wn_err *err);
/* Writes N bytes at AT, which was reserved; what is never written reads as zeros.  Any
 * thread. */
enum wn_status lm_sink_set(struct lm_sink *s, uint64_t at, const void *bytes, size_t n, struct wn_err *err);
/* Throws away what was not committed or taken. */
void lm_sink_release(struct lm_sink *s);

#endif
