/*
 * source_gz.c - gzip by libisal, all members of it.
 *
 * libisal stops after each member; between members this file decides what follows:
 * the end, padding, another member, or bytes that are no gzip.  It checks CRC and
 * length of each member itself.
 */
#include "io/source.h"

#include <stdlib.h>

#include <isa-l/igzip_lib.h>

enum gz_at { GZ_BETWEEN, GZ_HALF_MAGIC, GZ_INSIDE, GZ_GARBAGE };

struct gz_source {
    struct io_source source;
    struct io_source *below;
    struct io_facts *facts;
    struct inflate_state state;
    struct wn_str in;            /* what is left of the chunk below           */
    enum gz_at at;
    bool below_ended;
    bool more_inside;            /* libisal may hold output without new input */
    uint64_t n_members;
    enum wn_status after;        /* an end or failure that comes after the chunk given */
    struct wn_err fault;
    char block[IO_BLOCK_BYTES];
};

/* Draws below when IN is empty.  WN_END only after the last byte. */
static enum wn_status refill(struct gz_source *g, struct wn_err *err)
{
    enum wn_status st;

    if (g->in.len)
        return WN_OK;
    if (g->below_ended)
        return WN_END;
    st = io_source_next(g->below, &g->in, err);
    g->below_ended = st == WN_END;
    return st;
}

static enum wn_status fail_inflate(struct gz_source *g, int rc, struct wn_err *err)
{
    unsigned long long member = g->n_members + 1;

    if (rc == ISAL_INCORRECT_CHECKSUM)
        return io_fault(g->facts, WN_R_GZ_CRC, err, "gzip member %llu: its checksum or length does not match", member);
    return io_fault(g->facts, WN_R_GZ_CORRUPT, err, "gzip member %llu is corrupt (%s)", member,
                    rc == ISAL_INVALID_WRAPPER || rc == ISAL_UNSUPPORTED_METHOD ? "bad header" : "bad deflate data");
}

/* Feeds N bytes at P to libisal; *USED says how many it took. */
static int inflate_some(struct gz_source *g, const char *p, size_t n, size_t *used)
{
    uint32_t fed = n > (1u << 30) ? 1u << 30 : (uint32_t)n;
    int rc;

    g->state.next_in = (uint8_t *)(uintptr_t)p;
    g->state.avail_in = fed;
    rc = isal_inflate(&g->state);
    *used = fed - g->state.avail_in;
    return rc;
}

static enum wn_status start_member(struct gz_source *g, struct wn_err *err)
{
    static const char magic[2] = { '\x1f', '\x8b' };
    size_t used;
    int rc;

    isal_inflate_reset(&g->state);
    g->state.crc_flag = ISAL_GZIP;
    g->at = GZ_INSIDE;
    g->more_inside = false;
    rc = inflate_some(g, magic, sizeof(magic), &used);
    return rc < 0 ? fail_inflate(g, rc, err) : WN_OK;
}

/* One byte at a place where a member may start. */
static enum wn_status between(struct gz_source *g, struct wn_err *err)
{
    unsigned char c = (unsigned char)g->in.ptr[0];

    if (g->at == GZ_HALF_MAGIC && c != 0x8b) {
        g->at = GZ_GARBAGE;
    } else if (g->at == GZ_HALF_MAGIC || c == 0x1f || c == 0) {
        g->in.ptr++;
        g->in.len--;
        if (g->at == GZ_HALF_MAGIC)
            return start_member(g, err);
        if (c == 0x1f)
            g->at = GZ_HALF_MAGIC;
    } else {
        g->at = GZ_GARBAGE;
    }
    if (g->at == GZ_GARBAGE)
        g->facts->gz_trailing = true;
    return WN_OK;
}

/* Inflates what IN holds, as far as the block has room. */
static enum wn_status inside(struct gz_source *g, struct wn_err *err)
{
    uint32_t room = g->state.avail_out;
    size_t used;
    int rc = inflate_some(g, g->in.ptr, g->in.len, &used);

    g->in.ptr += used;
    g->in.len -= used;
    if (rc < 0)
        return fail_inflate(g, rc, err);
    g->more_inside = g->state.avail_out == 0;
    if (g->state.block_state == ISAL_BLOCK_FINISH) {
        g->n_members++;
        g->at = GZ_BETWEEN;
    } else if (used == 0 && g->state.avail_out == room && g->in.len) {
        return fail_inflate(g, ISAL_INVALID_BLOCK, err);   /* no progress: never spin */
    }
    return WN_OK;
}

static enum wn_status ended(struct gz_source *g, struct wn_err *err)
{
    if (g->at == GZ_INSIDE)
        return io_fault(g->facts, WN_R_GZ_TRUNCATED, err, "gzip data ends inside member %llu",
                        (unsigned long long)g->n_members + 1);
    if (g->at == GZ_HALF_MAGIC)
        g->facts->gz_trailing = true;
    return WN_END;
}

/* One step; WN_OK as long as there may be more. */
static enum wn_status step(struct gz_source *g, struct wn_err *err)
{
    enum wn_status st;

    if (g->at == GZ_INSIDE && g->more_inside)
        return inside(g, err);
    st = refill(g, err);
    if (st == WN_END)
        return ended(g, err);
    if (st != WN_OK)
        return st;
    if (g->at == GZ_INSIDE)
        return inside(g, err);
    if (g->at == GZ_GARBAGE) {
        g->in.len = 0;
        return WN_OK;
    }
    return between(g, err);
}

static enum wn_status gz_next(struct io_source *source, struct wn_str *chunk, struct wn_err *err)
{
    struct gz_source *g = (struct gz_source *)source;

    g->state.next_out = (uint8_t *)g->block;
    g->state.avail_out = sizeof(g->block);
    while (g->after == WN_OK && g->state.avail_out > 0)
        g->after = step(g, &g->fault);
    chunk->ptr = g->block;
    chunk->len = sizeof(g->block) - g->state.avail_out;
    if (chunk->len)
        return WN_OK;
    return g->after == WN_END ? WN_END : wn_fail(err, g->after, "%s", g->fault.text);
}

static void gz_close(struct io_source *source)
{
    struct gz_source *g = (struct gz_source *)source;

    io_source_close(g->below);
    free(g);
}

enum wn_status io_gz_open(struct io_source **out, struct io_source *below, struct io_facts *f, struct wn_err *err)
{
    static const struct io_source_ops ops = { gz_next, gz_close };
    struct gz_source *g = malloc(sizeof(*g));

    *out = NULL;
    if (!g) {
        io_source_close(below);
        return wn_fail(err, WN_NOMEM, "out of memory for a gzip decoder");
    }
    memset(g, 0, offsetof(struct gz_source, block));
    g->source.ops = &ops;
    g->below = below;
    g->facts = f;
    isal_inflate_init(&g->state);
    *out = &g->source;
    return WN_OK;
}
