#include "support/rude.h"

#include <stdlib.h>

struct rude {
    struct io_source source;
    struct wn_str left;
    size_t sizes[RUDE_SIZES], n_sizes, turn;
    char *block;
    size_t n_block;
};

static void spoil(struct rude *r)
{
    if (r->block)
        memset(r->block, 0xaa, r->n_block);
    free(r->block);
    r->block = NULL;
}

static enum wn_status rude_next(struct io_source *s, struct wn_str *chunk, struct wn_err *err)
{
    struct rude *r = (struct rude *)s;

    spoil(r);
    if (!r->left.len)
        return WN_END;
    r->n_block = r->sizes[r->turn++ % r->n_sizes];
    if (r->n_block > r->left.len)
        r->n_block = r->left.len;
    r->block = malloc(r->n_block);
    if (!r->block)
        return wn_fail(err, WN_NOMEM, "out of memory for a chunk");
    memcpy(r->block, r->left.ptr, r->n_block);
    r->left.ptr += r->n_block;
    r->left.len -= r->n_block;
    chunk->ptr = r->block;
    chunk->len = r->n_block;
    return WN_OK;
}

static void rude_close(struct io_source *s)
{
    spoil((struct rude *)s);
    free(s);
}

struct io_source *rude_source(struct wn_str bytes, const size_t sizes[RUDE_SIZES])
{
    static const struct io_source_ops ops = { rude_next, rude_close };
    struct rude *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->source.ops = &ops;
    r->left = bytes;
    while (r->n_sizes < RUDE_SIZES && sizes[r->n_sizes]) {
        r->sizes[r->n_sizes] = sizes[r->n_sizes];
        r->n_sizes++;
    }
    return &r->source;
}
