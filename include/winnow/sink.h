/*
 * sink.h - outputs that are complete or absent.
 *
 * A sink writes to "<path>.tmp-<pid>" in the same folder; publish flushes, syncs and
 * renames it.  Close without publish removes it.  "-" is standard output, where
 * bytes leave as they come; so it is with a path that is a pipe or a device.  A link to
 * a file is followed; one that leads nowhere is refused.  Compression goes by the name: .gz, .zst, or none.  The same bytes
 * written give the same file, however they were divided into writes.
 *
 * After a failure (a full disk, a reader that went away) every further call fails with
 * the same words.  SIGPIPE is the program's to ignore.
 */
#ifndef WINNOW_SINK_H
#define WINNOW_SINK_H

#include <stdatomic.h>

#include <winnow/hash.h>

struct wn_sink;

struct wn_sink_opts {
    int level;          /* compression level; 0: zstd 3, gzip 1 (of libisal's 0..3) */
    bool make_folders;  /* create missing folders of the path                         */
};

enum wn_status wn_sink_open(struct wn_sink **out, const char *path, const struct wn_sink_opts *opts, struct wn_err *err);
enum wn_status wn_sink_write(struct wn_sink *s, struct wn_str bytes, struct wn_err *err);

/* A point to come back to: ends the current compression frame.  Rollback drops what
 * was written since the mark.  WN_BADCONF on standard output or a pipe. */
enum wn_status wn_sink_mark(struct wn_sink *s, struct wn_err *err);
enum wn_status wn_sink_rollback(struct wn_sink *s, struct wn_err *err);
/* Whether rollback is possible (a file) or not (standard output). */
bool wn_sink_can_rollback(const struct wn_sink *s);

/* Writes and syncs all of it, and leaves only the new name to publish: where several outputs
 * belong together, finish all of them before any is published.  (What goes to standard
 * output, a pipe or a device is there now.) */
enum wn_status wn_sink_finish(struct wn_sink *s, struct wn_err *err);
/* Makes the output visible under its name; on standard output, flushes.  After an
 * error nothing is visible (but where only the last step, syncing the folder, failed:
 * then the whole file is there, and may not outlive a power cut).  The sink still needs
 * close. */
enum wn_status wn_sink_publish(struct wn_sink *s, struct wn_err *err);
/* Whether it failed because the reader of a pipe went away (EPIPE): no reason to shout. */
bool wn_sink_reader_gone(const struct wn_sink *s);
/* Bytes given to write since open (uncompressed, after rollbacks). */
uint64_t wn_sink_bytes(const struct wn_sink *s);
/* Releases; removes the temporary file if it was not published.  NULL is fine. */
void wn_sink_close(struct wn_sink *s);

/* Writes a whole small file that way, missing folders included. */
enum wn_status wn_file_publish(const char *path, struct wn_str bytes, struct wn_err *err);
/* Reads a whole small file ("-": standard input) of at most MAX_BYTES into OUT. */
enum wn_status wn_file_read(const char *path, uint64_t max_bytes, struct wn_buf *out, struct wn_err *err);
/* The same, of what may be a pipe that nobody writes to: WN_CANCELLED soon after *STOP (may be
 * NULL) is no longer 0. */
enum wn_status wn_file_read_until(const char *path, uint64_t max_bytes, const atomic_int *stop, struct wn_buf *out,
                                  struct wn_err *err);

#endif
