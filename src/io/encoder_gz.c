/* encoder_gz.c - gzip members by libisal. */
#include "io/encoder.h"

#include <stdlib.h>

#include <isa-l/igzip_lib.h>

enum { OUT_BYTES = 64 << 10, DEFAULT_LEVEL = 1, MAX_LEVEL = 3 };

struct gz_encoder {
    struct io_encoder encoder;
    struct isal_zstream stream;
    uint32_t level, level_buf_size;
    uint8_t *level_buf;
    uint8_t out[OUT_BYTES];
};

/* From the ground up: isal_deflate_reset in the middle of a member leaves out the next
 * one's header (libisal 2.30). */
static void gz_drop(struct io_encoder *e)
{
    struct gz_encoder *g = (struct gz_encoder *)e;

    isal_deflate_init(&g->stream);
    g->stream.gzip_flag = IGZIP_GZIP;
    g->stream.level = g->level;
    g->stream.level_buf = g->level_buf;
    g->stream.level_buf_size = g->level_buf_size;
}

static enum wn_status deflate_some(struct gz_encoder *g, io_emit_fn *emit, void *arg, struct wn_err *err)
{
    struct wn_str made = { (const char *)g->out, 0 };

    g->stream.next_out = g->out;
    g->stream.avail_out = OUT_BYTES;
    if (isal_deflate(&g->stream) != COMP_OK)
        return wn_fail(err, WN_IO, "gzip encoder failed");
    made.len = OUT_BYTES - g->stream.avail_out;
    return made.len ? emit(arg, made, err) : WN_OK;
}

static enum wn_status gz_add(struct io_encoder *e, struct wn_str bytes, bool last, io_emit_fn *emit, void *arg,
                             struct wn_err *err)
{
    struct gz_encoder *g = (struct gz_encoder *)e;
    enum wn_status st = WN_OK;

    g->stream.next_in = (uint8_t *)(uintptr_t)bytes.ptr;
    g->stream.avail_in = (uint32_t)bytes.len;
    g->stream.end_of_stream = last;
    while (st == WN_OK && (g->stream.avail_in > 0 || (last && g->stream.internal_state.state != ZSTATE_END)))
        st = deflate_some(g, emit, arg, err);
    if (last)
        gz_drop(e);
    return st;
}

static void gz_close(struct io_encoder *e)
{
    struct gz_encoder *g = (struct gz_encoder *)e;

    free(g->level_buf);
    free(g);
}

enum wn_status io_gz_encoder_open(struct io_encoder **out, int level, struct wn_err *err)
{
    static const struct io_encoder_ops ops = { gz_add, gz_drop, gz_close };
    static const uint32_t buf_bytes[MAX_LEVEL + 1] = { 0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT,
                                                       ISAL_DEF_LVL3_DEFAULT };
    struct gz_encoder *g;

    *out = NULL;
    if (level == 0)
        level = DEFAULT_LEVEL;
    if (level < 0 || level > MAX_LEVEL)
        return wn_fail(err, WN_BADCONF, "gzip level %d: 1 to %d are possible", level, MAX_LEVEL);
    g = calloc(1, sizeof(*g));
    if (g)
        g->level_buf = malloc(buf_bytes[level]);
    if (!g || !g->level_buf) {
        free(g);
        return wn_fail(err, WN_NOMEM, "out of memory for a gzip encoder");
    }
    g->encoder.ops = &ops;
    g->level = (uint32_t)level;
    g->level_buf_size = buf_bytes[level];
    gz_drop(&g->encoder);
    *out = &g->encoder;
    return WN_OK;
}
