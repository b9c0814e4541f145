/* sink.c - outputs that are complete or absent. */
#include <winnow/sink.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/encoder.h"
#include "io/folder.h"

/* What the encoder is fed with at a time.  Fixed, since the encoders' output depends on
 * how their input is divided. */
enum { BLOCK_BYTES = 256 << 10 };

struct wn_sink {
    int fd;
    char *path;                    /* as given, for messages                     */
    char *final;                   /* where it will be; NULL: written directly   */
    char *temp;                    /* exists while not NULL                      */
    struct io_encoder *encoder;    /* NULL: plain                                */
    bool in_frame;
    bool finished;                 /* all bytes are in the file, since then none  */
    uint64_t file_bytes;           /* written to fd                              */
    uint64_t n_bytes;              /* given to write                             */
    uint64_t mark_file, mark_bytes;
    enum wn_status failed;         /* the first failure, which stays             */
    bool reader_gone;
    struct wn_err why;
    size_t n_block;
    char block[BLOCK_BYTES];
};

/* ---- failing ---------------------------------------------------------------------- */

/* Keeps the first failure. */
static enum wn_status remember(struct wn_sink *s, enum wn_status st)
{
    if (st != WN_OK && s->failed == WN_OK)
        s->failed = st;
    return st;
}

static enum wn_status fail_write(struct wn_sink *s, const char *verb)
{
    s->reader_gone = errno == EPIPE;
    return remember(s, wn_fail_sys(&s->why, "cannot %s '%s'", verb, s->path));
}

/* The status of the sink, with its words in ERR. */
static enum wn_status tell(const struct wn_sink *s, struct wn_err *err)
{
    return s->failed == WN_OK ? WN_OK : wn_fail(err, s->failed, "%s", s->why.text);
}

/* ---- bytes on their way ----------------------------------------------------------- */

static enum wn_status write_out(void *arg, struct wn_str bytes, struct wn_err *err)
{
    struct wn_sink *s = arg;

    (void)err;   /* the sink keeps the words itself */
    while (bytes.len) {
        ssize_t n = write(s->fd, bytes.ptr, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_write(s, "write");
        s->file_bytes += (uint64_t)n;
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return WN_OK;
}

/* Sends what the block holds; LAST ends the frame. */
static enum wn_status send_block(struct wn_sink *s, bool last)
{
    struct wn_str bytes = { s->block, s->n_block };
    enum wn_status st;

    s->n_block = 0;
    if (!s->encoder)
        return write_out(s, bytes, NULL);
    if (last && !s->in_frame && !bytes.len)
        return WN_OK;
    s->in_frame = !last;
    st = s->encoder->ops->add(s->encoder, bytes, last, write_out, s, &s->why);
    return remember(s, st);
}

enum wn_status wn_sink_write(struct wn_sink *s, struct wn_str bytes, struct wn_err *err)
{
    enum wn_status st = s->failed;

    s->n_bytes += bytes.len;
    s->finished = false;
    while (st == WN_OK && bytes.len) {
        size_t n = BLOCK_BYTES - s->n_block;

        if (n > bytes.len)
            n = bytes.len;
        memcpy(s->block + s->n_block, bytes.ptr, n);
        s->n_block += n;
        bytes.ptr += n;
        bytes.len -= n;
        if (s->n_block == BLOCK_BYTES)
            st = send_block(s, false);
    }
    return tell(s, err);
}

/* ---- mark and rollback ------------------------------------------------------------ */

bool wn_sink_can_rollback(const struct wn_sink *s)
{
    return s->final != NULL;
}

static enum wn_status refuse_rollback(const struct wn_sink *s, struct wn_err *err)
{
    return wn_fail(err, WN_BADCONF, "cannot go back in '%s': it is no file", s->path);
}

enum wn_status wn_sink_mark(struct wn_sink *s, struct wn_err *err)
{
    if (!wn_sink_can_rollback(s))
        return refuse_rollback(s, err);
    if (s->failed == WN_OK && send_block(s, true) == WN_OK) {
        s->mark_file = s->file_bytes;
        s->mark_bytes = s->n_bytes;
    }
    return tell(s, err);
}

enum wn_status wn_sink_rollback(struct wn_sink *s, struct wn_err *err)
{
    if (!wn_sink_can_rollback(s))
        return refuse_rollback(s, err);
    if (s->failed != WN_OK)
        return tell(s, err);
    if (s->encoder && s->in_frame)
        s->encoder->ops->drop(s->encoder);
    s->in_frame = false;
    s->finished = false;
    s->n_block = 0;
    if (ftruncate(s->fd, (off_t)s->mark_file) != 0 || lseek(s->fd, (off_t)s->mark_file, SEEK_SET) < 0)
        fail_write(s, "shorten");
    s->file_bytes = s->mark_file;
    s->n_bytes = s->mark_bytes;
    return tell(s, err);
}

/* ---- open ------------------------------------------------------------------------- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

static enum wn_status open_encoder(struct wn_sink *s, int level, struct wn_err *err)
{
    if (ends_with(s->path, ".gz"))
        return io_gz_encoder_open(&s->encoder, level, err);
    if (ends_with(s->path, ".zst") || ends_with(s->path, ".zstd"))
        return io_zst_encoder_open(&s->encoder, level, err);
    return WN_OK;
}

/* Standard output, a pipe, a device: nothing that could be renamed over. */
static enum wn_status open_direct(struct wn_sink *s, struct wn_err *err)
{
    if (strcmp(s->path, "-") == 0) {
        s->fd = STDOUT_FILENO;
        return WN_OK;
    }
    s->fd = open(s->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (s->fd < 0 && errno == EINTR)      /* while it waited for a reader */
        return wn_fail(err, WN_CANCELLED, "cannot open '%s' for writing: stopped by a signal", s->path);
    return s->fd >= 0 ? WN_OK : wn_fail_sys(err, "cannot open '%s' for writing", s->path);
}

/* A leftover of the same name is taken over, unless somebody holds it: process ids come
 * again, in containers at once. */
static enum wn_status open_temp(struct wn_sink *s, struct wn_err *err)
{
    char *temp = NULL;

    if (asprintf(&temp, "%s.tmp-%ld", s->final, (long)getpid()) < 0)
        return wn_fail(err, WN_NOMEM, "out of memory for the name of '%s'", s->path);
    s->fd = open(temp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (s->fd < 0) {
        enum wn_status st = wn_fail_sys(err, "cannot create '%s'", s->path);

        free(temp);
        return st;
    }
    if (flock(s->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        free(temp);
        return wn_fail(err, WN_IO, "cannot create '%s': it is being written already", s->path);
    }
    s->temp = temp;
    return ftruncate(s->fd, 0) == 0 ? WN_OK : wn_fail_sys(err, "cannot empty '%s'", temp);
}

static enum wn_status open_target(struct wn_sink *s, bool make_folders, struct wn_err *err)
{
    struct stat st;
    enum wn_status rc = WN_OK;
    bool exists;

    if (strcmp(s->path, "-") == 0)
        return open_direct(s, err);
    exists = stat(s->path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return wn_fail(err, WN_IO, "cannot write '%s': it is a folder", s->path);
    if (exists && !S_ISREG(st.st_mode))
        return open_direct(s, err);
    if (!exists && lstat(s->path, &st) == 0)
        return wn_fail(err, WN_IO, "cannot write '%s': it is a link that leads nowhere", s->path);
    if (!exists && make_folders)
        rc = io_folder_make(s->path, err);
    if (rc != WN_OK)
        return rc;
    s->final = exists ? realpath(s->path, NULL) : strdup(s->path);
    if (!s->final)
        return wn_fail_sys(err, "cannot write '%s'", s->path);
    return open_temp(s, err);
}

enum wn_status wn_sink_open(struct wn_sink **out, const char *path, const struct wn_sink_opts *opts, struct wn_err *err)
{
    static const struct wn_sink_opts dflt = { 0 };
    struct wn_sink *s = malloc(sizeof(*s));
    enum wn_status st;

    *out = NULL;
    if (!s)
        return wn_fail(err, WN_NOMEM, "out of memory for an output");
    if (!*path) {
        free(s);
        return wn_fail(err, WN_BADCONF, "an output has an empty name");
    }
    memset(s, 0, offsetof(struct wn_sink, block));
    if (!opts)
        opts = &dflt;
    s->fd = -1;
    s->path = strdup(path);
    st = s->path ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for an output");
    if (st == WN_OK)
        st = open_encoder(s, opts->level, err);
    if (st == WN_OK)
        st = open_target(s, opts->make_folders, err);
    if (st == WN_OK) {
        *out = s;
        s = NULL;
    }
    wn_sink_close(s);
    return st;
}

/* ---- publish and close ------------------------------------------------------------ */

/* A file system that cannot sync (EINVAL, ENOTSUP) does not hold what it has not got. */
static bool sync_fd(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

static enum wn_status finish_bytes(struct wn_sink *s)
{
    enum wn_status st = send_block(s, true);

    if (st == WN_OK && s->encoder && s->file_bytes == 0)    /* an empty stream has one empty frame */
        st = remember(s, s->encoder->ops->add(s->encoder, WN_STR(""), true, write_out, s, &s->why));
    return st;
}

enum wn_status wn_sink_finish(struct wn_sink *s, struct wn_err *err)
{
    if (s->failed == WN_OK && s->fd >= 0 && !s->finished && finish_bytes(s) == WN_OK) {
        s->finished = true;
        if (s->temp && !sync_fd(s->fd))
            fail_write(s, "sync");
    }
    return tell(s, err);
}

static enum wn_status move_in_place(struct wn_sink *s)
{
    int fd = s->fd;

    /* Renamed while the lock is held: nobody can take the name in between. */
    if (rename(s->temp, s->final) != 0)
        return fail_write(s, "rename to");
    s->fd = -1;
    if (close(fd) != 0)
        return fail_write(s, "close");
    free(s->temp);
    s->temp = NULL;
    return io_folder_sync(s->final) ? WN_OK : fail_write(s, "sync the folder of");
}

enum wn_status wn_sink_publish(struct wn_sink *s, struct wn_err *err)
{
    if (wn_sink_finish(s, err) == WN_OK && s->temp)
        move_in_place(s);
    return tell(s, err);
}

uint64_t wn_sink_bytes(const struct wn_sink *s)
{
    return s->n_bytes;
}

bool wn_sink_reader_gone(const struct wn_sink *s)
{
    return s->reader_gone;
}

void wn_sink_close(struct wn_sink *s)
{
    if (!s)
        return;
    if (s->temp)
        unlink(s->temp);
    if (s->fd >= 0 && s->fd != STDOUT_FILENO)
        close(s->fd);
    if (s->encoder)
        s->encoder->ops->close(s->encoder);
    free(s->temp);
    free(s->final);
    free(s->path);
    free(s);
}
