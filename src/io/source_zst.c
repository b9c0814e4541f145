/*
 * source_zst.c - zstd by libzstd, all frames of it.
 *
 * A window beyond the ceiling is refused by libzstd without saying how large it is;
 * the first bytes of each frame are kept to name it.
 */
#include "io/source.h"

#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

enum { HEADER_BYTES = 18 };   /* the longest frame header (RFC 8878, 3.1.1.1) */

struct zst_source {
    struct io_source source;
    struct io_source *below;
    struct io_facts *facts;
    ZSTD_DCtx *ctx;
    uint64_t window_max;
    struct wn_str in;
    bool below_ended;
    bool more_inside;             /* the block was full: libzstd may hold more output  */
    unsigned char header[HEADER_BYTES];
    uint64_t n_frame_in;          /* bytes taken of the frame in hand; 0: between two  */
    uint64_t n_frames;
    enum wn_status after;
    struct wn_err fault;
    size_t n_out;
    char block[IO_BLOCK_BYTES];
};

/* The window a frame asks for (RFC 8878, 3.1.1.1); 0 when N bytes do not tell. */
static uint64_t frame_window(const unsigned char *h, size_t n)
{
    static const unsigned char dict_bytes[4] = { 0, 1, 2, 4 };
    unsigned size_flag, at, len;
    uint64_t size = 0, base;

    if (n < 6)
        return 0;
    if (!(h[4] & 0x20)) {
        base = 1ull << (10 + (h[5] >> 3));
        return base + base / 8 * (h[5] & 7);
    }
    size_flag = h[4] >> 6;
    at = 5 + dict_bytes[h[4] & 3];
    len = 1u << size_flag;
    if (at + len > n)
        return 0;
    for (unsigned i = len; i-- > 0;)
        size = size << 8 | h[at + i];
    return size_flag == 1 ? size + 256 : size;
}

static enum wn_status fail_window(struct zst_source *z, size_t n_header, struct wn_err *err)
{
    uint64_t window = frame_window(z->header, n_header);

    return io_fault(z->facts, WN_R_ZST_WINDOW, err,
                    "zstd frame %llu needs a window of %llu MiB of memory, more than the %llu MiB allowed: "
                    "raise --zstd-window-max",
                    (unsigned long long)z->n_frames + 1, (unsigned long long)((window + 0xfffff) >> 20),
                    (unsigned long long)(z->window_max >> 20));
}

static enum wn_status fail_decode(struct zst_source *z, size_t rc, size_t n_header, struct wn_err *err)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(rc);

    if (code == ZSTD_error_frameParameter_windowTooLarge)
        return fail_window(z, n_header, err);
    if (code == ZSTD_error_memory_allocation)
        return wn_fail(err, WN_NOMEM, "out of memory for a zstd window");
    if (code == ZSTD_error_prefix_unknown && z->n_frames > 0)
        return io_fault(z->facts, WN_R_ZST_CORRUPT, err, "bytes behind zstd frame %llu are no zstd",
                        (unsigned long long)z->n_frames);
    return io_fault(z->facts, WN_R_ZST_CORRUPT, err, "zstd frame %llu is corrupt (%s)",
                    (unsigned long long)z->n_frames + 1, ZSTD_getErrorName(rc));
}

static enum wn_status refill(struct zst_source *z, struct wn_err *err)
{
    enum wn_status st;

    if (z->in.len || z->more_inside)
        return WN_OK;
    if (!z->below_ended) {
        st = io_source_next(z->below, &z->in, err);
        z->below_ended = st == WN_END;
        if (st != WN_END)
            return st;
    }
    if (z->n_frame_in > 0)
        return io_fault(z->facts, WN_R_ZST_TRUNCATED, err, "zstd data ends inside frame %llu",
                        (unsigned long long)z->n_frames + 1);
    return WN_END;
}

/* Copies what IN holds of the frame's header; returns how much of it is known. */
static size_t keep_header(struct zst_source *z)
{
    size_t n;

    if (z->n_frame_in >= HEADER_BYTES)
        return HEADER_BYTES;
    n = HEADER_BYTES - (size_t)z->n_frame_in;
    if (n > z->in.len)
        n = z->in.len;
    if (n)
        memcpy(z->header + z->n_frame_in, z->in.ptr, n);
    return (size_t)z->n_frame_in + n;
}

static enum wn_status step(struct zst_source *z, struct wn_err *err)
{
    ZSTD_outBuffer out = { z->block, sizeof(z->block), z->n_out };
    ZSTD_inBuffer in = { NULL, 0, 0 };
    size_t n_header, rc;
    enum wn_status st = refill(z, err);

    if (st != WN_OK)
        return st;
    n_header = keep_header(z);
    in.src = z->in.ptr;
    in.size = z->in.len;
    rc = ZSTD_decompressStream(z->ctx, &out, &in);
    z->n_out = out.pos;
    z->in.ptr += in.pos;
    z->in.len -= in.pos;
    z->n_frame_in += in.pos;
    z->more_inside = false;
    if (ZSTD_isError(rc))
        return fail_decode(z, rc, n_header, err);
    if (rc == 0) {
        z->n_frames += z->n_frame_in > 0;
        z->n_frame_in = 0;
    } else {
        z->more_inside = out.pos == out.size;
    }
    return WN_OK;
}

static enum wn_status zst_next(struct io_source *source, struct wn_str *chunk, struct wn_err *err)
{
    struct zst_source *z = (struct zst_source *)source;

    z->n_out = 0;
    while (z->after == WN_OK && z->n_out < sizeof(z->block))
        z->after = step(z, &z->fault);
    chunk->ptr = z->block;
    chunk->len = z->n_out;
    if (chunk->len)
        return WN_OK;
    return z->after == WN_END ? WN_END : wn_fail(err, z->after, "%s", z->fault.text);
}

static void zst_close(struct io_source *source)
{
    struct zst_source *z = (struct zst_source *)source;

    io_source_close(z->below);
    ZSTD_freeDCtx(z->ctx);
    free(z);
}

/* The largest power of two that is at most BYTES, within what libzstd takes. */
static int window_log(uint64_t bytes)
{
    ZSTD_bounds b = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    int log = b.lowerBound;

    while (log < b.upperBound && (2ull << log) <= bytes)
        log++;
    return log;
}

enum wn_status io_zst_open(struct io_source **out, struct io_source *below, uint64_t window_max, struct io_facts *f,
                           struct wn_err *err)
{
    static const struct io_source_ops ops = { zst_next, zst_close };
    struct zst_source *z = malloc(sizeof(*z));

    *out = NULL;
    if (z) {
        memset(z, 0, offsetof(struct zst_source, block));
        z->ctx = ZSTD_createDCtx();
    }
    if (!z || !z->ctx) {
        free(z);
        io_source_close(below);
        return wn_fail(err, WN_NOMEM, "out of memory for a zstd decoder");
    }
    z->source.ops = &ops;
    z->below = below;
    z->facts = f;
    z->window_max = 1ull << window_log(window_max);
    ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax, window_log(window_max));
    *out = &z->source;
    return WN_OK;
}
