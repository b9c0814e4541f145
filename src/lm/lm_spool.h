/*
 * lm_spool.h - records of one size put aside by range of their keys, to be read back range
 * by range: the first half of a radix sort, in memory or on disk.
 *
 * Each range has a buffer of a few KiB; full ones go to an lm_temp.  Within a range records
 * keep their order.
 */
#ifndef LM_SPOOL_H
#define LM_SPOOL_H

#include <winnow/status.h>

#include "lm/lm_temp.h"

struct lm_spool_range;

struct lm_spool {
    size_t record_bytes, chunk_bytes;
    size_t n_ranges;
    struct lm_spool_range *range;
    char *open;                    /* n_ranges * chunk_bytes: the chunks that are being filled */
    struct lm_temp *temp;
};

enum { LM_SPOOL_LEAST = 512, LM_SPOOL_MOST = 4096 };

/* S is zeroed or released.  CHUNK: bytes of a buffer, LM_SPOOL_LEAST .. LM_SPOOL_MOST. */
enum wn_status lm_spool_init(struct lm_spool *s, size_t n_ranges, size_t record_bytes, size_t chunk, bool on_disk,
                             const char *dir, struct wn_err *err);
/* One thread at a time. */
enum wn_status lm_spool_add(struct lm_spool *s, size_t range, const void *records, size_t n, struct wn_err *err);
size_t lm_spool_count(const struct lm_spool *s, size_t range);
/* All records of a range into TO.  Any thread, after the last add. */
enum wn_status lm_spool_load(const struct lm_spool *s, size_t range, void *to, struct wn_err *err);
void lm_spool_release(struct lm_spool *s);

#endif
