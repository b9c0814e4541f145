#include "detect/slices.h"

#include <winnow/hash.h>

static size_t find_bucket(const struct slices *s, struct wn_str name)
{
    size_t b = wn_hash64(name, 0) % SLICES_BUCKETS;

    while (s->bucket[b] && !wn_str_eq(s->name[s->bucket[b] - 1], name))
        b = (b + 1) % SLICES_BUCKETS;
    return b;
}

enum wn_status slices_index(struct slices *s, struct wn_str name, size_t *out, struct wn_err *err)
{
    size_t b = find_bucket(s, name);
    struct wn_str copy;

    if (!s->bucket[b] && s->n >= SLICES_MAX) {
        name = WN_STR("(other)");
        b = find_bucket(s, name);
    }
    if (!s->bucket[b]) {
        copy = wn_arena_copy(&s->names, name);
        if (!copy.ptr)
            return wn_fail(err, WN_NOMEM, "out of memory for the slice '%.*s'", WN_STR_ARG(name));
        s->name[s->n++] = copy;
        s->bucket[b] = (uint16_t)s->n;
    }
    *out = (size_t)s->bucket[b] - 1;
    return WN_OK;
}

void slices_sorted(const struct slices *s, size_t *order)
{
    for (size_t i = 0; i < s->n; i++) {
        size_t k = i;

        for (; k > 0 && wn_str_cmp(s->name[order[k - 1]], s->name[i]) > 0; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

void slices_reset(struct slices *s)
{
    wn_arena_reset(&s->names);
    memset(s->bucket, 0, sizeof(s->bucket));
    s->n = 0;
}

void slices_release(struct slices *s)
{
    wn_arena_release(&s->names);
}
