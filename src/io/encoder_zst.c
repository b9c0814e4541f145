/* encoder_zst.c - zstd frames, each with a checksum. */
#include "io/encoder.h"

#include <stdlib.h>

#include <zstd.h>

enum { OUT_BYTES = 128 << 10, DEFAULT_LEVEL = 3 };

struct zst_encoder {
    struct io_encoder encoder;
    ZSTD_CCtx *ctx;
    char out[OUT_BYTES];
};

static void zst_drop(struct io_encoder *e)
{
    ZSTD_CCtx_reset(((struct zst_encoder *)e)->ctx, ZSTD_reset_session_only);
}

static enum wn_status zst_add(struct io_encoder *e, struct wn_str bytes, bool last, io_emit_fn *emit, void *arg,
                              struct wn_err *err)
{
    struct zst_encoder *z = (struct zst_encoder *)e;
    ZSTD_inBuffer in = { bytes.ptr, bytes.len, 0 };
    enum wn_status st = WN_OK;
    size_t left = 1;

    while (st == WN_OK && (last ? left != 0 : in.pos < in.size)) {
        ZSTD_outBuffer out = { z->out, sizeof(z->out), 0 };

        left = ZSTD_compressStream2(z->ctx, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return wn_fail(err, WN_IO, "zstd encoder failed (%s)", ZSTD_getErrorName(left));
        if (out.pos)
            st = emit(arg, (struct wn_str){ z->out, out.pos }, err);
    }
    return st;
}

static void zst_close(struct io_encoder *e)
{
    struct zst_encoder *z = (struct zst_encoder *)e;

    ZSTD_freeCCtx(z->ctx);
    free(z);
}

enum wn_status io_zst_encoder_open(struct io_encoder **out, int level, struct wn_err *err)
{
    static const struct io_encoder_ops ops = { zst_add, zst_drop, zst_close };
    struct zst_encoder *z;

    *out = NULL;
    if (level == 0)
        level = DEFAULT_LEVEL;
    if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel())
        return wn_fail(err, WN_BADCONF, "zstd level %d: %d to %d are possible", level, ZSTD_minCLevel(), ZSTD_maxCLevel());
    z = malloc(sizeof(*z));
    if (z)
        z->ctx = ZSTD_createCCtx();
    if (!z || !z->ctx) {
        free(z);
        return wn_fail(err, WN_NOMEM, "out of memory for a zstd encoder");
    }
    z->encoder.ops = &ops;
    ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_checksumFlag, 1);
    *out = &z->encoder;
    return WN_OK;
}
