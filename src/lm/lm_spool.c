/*
 * lm_spool.c - chunks of ranges.
 */
#include "lm/lm_spool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lm_spool_range {
    uint64_t *at;              /* full chunks, in order           */
    size_t n_chunks, cap;
    size_t open_bytes;         /* in the chunk that is being filled */
};

enum wn_status lm_spool_init(struct lm_spool *s, size_t n_ranges, size_t record_bytes, size_t chunk, bool on_disk,
                             const char *dir, struct wn_err *err)
{
    *s = (struct lm_spool){ .record_bytes = record_bytes, .n_ranges = n_ranges };
    s->chunk_bytes = chunk / record_bytes * record_bytes;
    s->range = calloc(n_ranges, sizeof(*s->range));
    s->open = malloc(n_ranges * s->chunk_bytes);
    if (!s->range || !s->open) {
        lm_spool_release(s);
        return wn_fail(err, WN_NOMEM, "cannot sort n-grams into %zu ranges: out of memory", n_ranges);
    }
    return lm_temp_new(&s->temp, on_disk, dir, err);
}

static enum wn_status put_chunk(struct lm_spool *s, struct lm_spool_range *r, const char *chunk, struct wn_err *err)
{
    enum wn_status st;

    if (r->n_chunks == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16;
        uint64_t *at = realloc(r->at, cap * sizeof(*at));

        if (!at)
            return wn_fail(err, WN_NOMEM, "cannot sort n-grams: out of memory");
        r->at = at;
        r->cap = cap;
    }
    st = lm_temp_put(s->temp, chunk, s->chunk_bytes, &r->at[r->n_chunks], err);
    r->n_chunks += st == WN_OK;
    return st;
}

enum wn_status lm_spool_add(struct lm_spool *s, size_t range, const void *records, size_t n, struct wn_err *err)
{
    struct lm_spool_range *r = &s->range[range];
    char *open = s->open + range * s->chunk_bytes;
    size_t left = n * s->record_bytes;
    const char *from = records;

    while (left > 0) {
        size_t room = s->chunk_bytes - r->open_bytes, take = left < room ? left : room;

        memcpy(open + r->open_bytes, from, take);
        r->open_bytes += take;
        from += take;
        left -= take;
        if (r->open_bytes == s->chunk_bytes) {
            enum wn_status st = put_chunk(s, r, open, err);

            if (st != WN_OK)
                return st;
            r->open_bytes = 0;
        }
    }
    return WN_OK;
}

size_t lm_spool_count(const struct lm_spool *s, size_t range)
{
    const struct lm_spool_range *r = &s->range[range];

    return (r->n_chunks * s->chunk_bytes + r->open_bytes) / s->record_bytes;
}

enum wn_status lm_spool_load(const struct lm_spool *s, size_t range, void *to, struct wn_err *err)
{
    const struct lm_spool_range *r = &s->range[range];
    enum wn_status st = WN_OK;
    char *at = to;

    for (size_t i = 0; st == WN_OK && i < r->n_chunks; i++, at += s->chunk_bytes)
        st = lm_temp_get(s->temp, r->at[i], at, s->chunk_bytes, err);
    if (r->open_bytes > 0)
        memcpy(at, s->open + range * s->chunk_bytes, r->open_bytes);
    return st;
}

void lm_spool_release(struct lm_spool *s)
{
    for (size_t i = 0; s->range && i < s->n_ranges; i++)
        free(s->range[i].at);
    free(s->range);
    free(s->open);
    lm_temp_free(s->temp);
    *s = (struct lm_spool){ 0 };
}
