/*
 * source.h - bytes that come in chunks.
 *
 * Layers are stacked: file -> tap -> peek -> gz or zst -> peek -> cutter or container.
 * A source owns the one it draws from.  Chunks may have any size; nothing above may
 * depend on where they end.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <stdatomic.h>
#include <sys/stat.h>

#include <winnow/hash.h>
#include <winnow/reader.h>

enum {
    IO_BLOCK_BYTES = 256 << 10,  /* of the file, and of what a decoder gives at a time        */
    IO_PEEK_BYTES = 64 << 10     /* what is looked at before a stream's nature is decided on  */
};

/* What is known of one input, shared by all its layers.  Whoever fails first sets REASON. */
struct io_facts {
    enum wn_reason reason;
    bool gz_trailing;
    uint64_t raw_bytes;             /* as stored                                          */
    struct wn_digest *digest;       /* of the raw bytes; NULL: not asked for              */
    _Atomic uint64_t *progress;     /* raw bytes of all inputs; NULL: not counted here    */
    int fd;                         /* -1 when there is none                              */
    bool (*stop)(void *arg);        /* the caller's, see wn_reader_opts; NULL: never      */
    void *stop_arg;
    struct stat at_open;
};

struct io_source;
struct io_source_ops {
    /* The next chunk, at least one byte, valid until the next call or close.  WN_END;
     * WN_BADDATA or WN_IO with facts->reason set; WN_NOMEM.  What was decoded before a
     * damage comes first.  After WN_END or a failure the same comes again. */
    enum wn_status (*next)(struct io_source *s, struct wn_str *chunk, struct wn_err *err);
    void (*close)(struct io_source *s);
};
/* Each kind of source has this as its first member. */
struct io_source {
    const struct io_source_ops *ops;
};

static inline enum wn_status io_source_next(struct io_source *s, struct wn_str *chunk, struct wn_err *err)
{
    return s->ops->next(s, chunk, err);
}
void io_source_close(struct io_source *s);   /* NULL is fine */

/* Notes REASON, unless a lower layer was first, and returns the failure. */
enum wn_status io_fault(struct io_facts *f, enum wn_reason reason, struct wn_err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- the layers; each takes BELOW, even when it fails ----------------------------- */

/* A file, FIFO or "-".  LISTED: it existed a moment ago, so its absence is a change. */
enum wn_status io_fd_open(struct io_source **out, const char *path, bool listed, struct io_facts *f, struct wn_err *err);
/* A descriptor for reading, or -1 with errno.  A FIFO without a writer does not block here:
 * the first io_wait_readable waits for the writer (Linux reports no hang-up before one came). */
int io_open_read(const char *path);
/* Waits until FD gives something, an end or an error, and asks STOP (may be NULL) now and
 * then: a reader that sleeps in open(2) or read(2) would not notice that it should stop.
 * WN_CANCELLED when STOP says so. */
enum wn_status io_wait_readable(int fd, bool (*stop)(void *arg), void *stop_arg, struct wn_err *err);
/* Whether the file is no longer what it was when it was opened. */
bool io_fd_changed(const struct io_facts *f);

/* Counts and digests what passes. */
enum wn_status io_tap_open(struct io_source **out, struct io_source *below, struct io_facts *f, struct wn_err *err);

/* Lets the first bytes be seen before they are drawn. */
enum wn_status io_peek_open(struct io_source **out, struct io_source *below, struct wn_err *err);
/* The first WANT bytes (at most IO_PEEK_BYTES), fewer only where the stream ends or is
 * damaged.  Only before the first next, on a source of io_peek_open. */
enum wn_status io_peek_head(struct io_source *peek, size_t want, struct wn_str *head, struct wn_err *err);

/* gzip: all members, each with its CRC and length checked; zero padding is skipped,
 * other bytes after the last member set facts->gz_trailing. */
enum wn_status io_gz_open(struct io_source **out, struct io_source *below, struct io_facts *f, struct wn_err *err);

/* zstd: all frames, skippable ones included; windows of at most WINDOW_MAX bytes. */
enum wn_status io_zst_open(struct io_source **out, struct io_source *below, uint64_t window_max, struct io_facts *f,
                           struct wn_err *err);

#endif
