/*
 * encoder.h - compress a stream into frames.
 *
 * A frame is a gzip member or a zstd frame; files of several are one stream to every
 * reader.  Plain bytes have no frames.
 */
#ifndef IO_ENCODER_H
#define IO_ENCODER_H

#include <winnow/str.h>

/* Receives compressed bytes, which live for the call. */
typedef enum wn_status io_emit_fn(void *arg, struct wn_str bytes, struct wn_err *err);

struct io_encoder;
struct io_encoder_ops {
    /* Adds to the frame in hand, or starts one; LAST ends it. */
    enum wn_status (*add)(struct io_encoder *e, struct wn_str bytes, bool last, io_emit_fn *emit, void *arg,
                          struct wn_err *err);
    /* Forgets the frame in hand. */
    void (*drop)(struct io_encoder *e);
    void (*close)(struct io_encoder *e);
};
/* Each encoder has this as its first member. */
struct io_encoder {
    const struct io_encoder_ops *ops;
};

/* LEVEL 0: the default of sink.h. */
enum wn_status io_gz_encoder_open(struct io_encoder **out, int level, struct wn_err *err);
enum wn_status io_zst_encoder_open(struct io_encoder **out, int level, struct wn_err *err);

#endif
