/* source_fd.c - bytes of a file, a FIFO or standard input. */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct fd_source {
    struct io_source source;
    struct io_facts *facts;
    uint64_t n_read;
    bool owns_fd;
    char block[IO_BLOCK_BYTES];
};

static bool same_stat(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool io_fd_changed(const struct io_facts *f)
{
    struct stat now;

    if (f->fd < 0 || !S_ISREG(f->at_open.st_mode))
        return false;
    return fstat(f->fd, &now) != 0 || !same_stat(&f->at_open, &now);
}

/* Files of /proc say that they have no bytes; only where a size was given must it hold. */
static enum wn_status check_end(const struct fd_source *s, struct wn_err *err)
{
    uint64_t size = (uint64_t)s->facts->at_open.st_size;
    bool whole = s->owns_fd && S_ISREG(s->facts->at_open.st_mode);   /* "-" may start anywhere */

    if (io_fd_changed(s->facts))
        return io_fault(s->facts, WN_R_CHANGED, err, "the file changed while it was read");
    if (whole && size > 0 && size != s->n_read)
        return io_fault(s->facts, WN_R_CHANGED, err, "the file gave %llu bytes instead of %llu",
                        (unsigned long long)s->n_read, (unsigned long long)size);
    return WN_END;
}

int io_open_read(const char *path)
{
    struct stat info;
    bool is_fifo = stat(path, &info) == 0 && S_ISFIFO(info.st_mode);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (is_fifo ? O_NONBLOCK : 0));
    int flags = fd >= 0 && is_fifo ? fcntl(fd, F_GETFL) : -1;

    if (flags >= 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

enum wn_status io_wait_readable(int fd, bool (*stop)(void *arg), void *stop_arg, struct wn_err *err)
{
    enum { LOOK_UP_MS = 100 };
    struct pollfd p = { .fd = fd, .events = POLLIN };

    for (;;) {
        int rc;

        if (stop && stop(stop_arg))
            return wn_fail(err, WN_CANCELLED, "stopped before the end");
        rc = poll(&p, 1, stop ? LOOK_UP_MS : -1);
        if (rc > 0 || (rc < 0 && errno != EINTR))
            return WN_OK;
    }
}

static enum wn_status fd_next(struct io_source *source, struct wn_str *chunk, struct wn_err *err)
{
    struct fd_source *s = (struct fd_source *)source;
    ssize_t got;
    enum wn_status st = io_wait_readable(s->facts->fd, s->facts->stop, s->facts->stop_arg, err);

    if (st != WN_OK)
        return st;
    do {
        got = read(s->facts->fd, s->block, sizeof(s->block));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        s->facts->reason = WN_R_READ;
        return wn_fail_sys(err, "read error after %llu bytes", (unsigned long long)s->n_read);
    }
    if (got == 0)
        return check_end(s, err);
    s->n_read += (uint64_t)got;
    chunk->ptr = s->block;
    chunk->len = (size_t)got;
    return WN_OK;
}

static void fd_close(struct io_source *source)
{
    struct fd_source *s = (struct fd_source *)source;

    if (s->owns_fd && s->facts->fd >= 0)
        close(s->facts->fd);
    s->facts->fd = -1;
    free(s);
}

static enum wn_status fail_open(struct io_facts *f, bool listed, struct wn_err *err)
{
    if (listed && errno == ENOENT)
        return io_fault(f, WN_R_CHANGED, err, "the file has vanished since it was listed");
    f->reason = WN_R_OPEN;
    return wn_fail_sys(err, "cannot open");
}

enum wn_status io_fd_open(struct io_source **out, const char *path, bool listed, struct io_facts *f, struct wn_err *err)
{
    static const struct io_source_ops ops = { fd_next, fd_close };
    struct fd_source *s;
    bool is_stdin = strcmp(path, "-") == 0;
    enum wn_status st = WN_OK;

    *out = NULL;
    f->fd = -1;
    s = malloc(sizeof(*s));
    if (!s)
        return wn_fail(err, WN_NOMEM, "out of memory for an input");
    s->source.ops = &ops;
    s->facts = f;
    s->n_read = 0;
    s->owns_fd = !is_stdin;
    f->fd = is_stdin ? STDIN_FILENO : io_open_read(path);
    if (f->fd < 0 || fstat(f->fd, &f->at_open) != 0) {
        st = fail_open(f, listed, err);
    } else if (S_ISDIR(f->at_open.st_mode)) {
        errno = EISDIR;
        st = fail_open(f, listed, err);
    }
    if (st != WN_OK) {
        fd_close(&s->source);
        return st;
    }
    *out = &s->source;
    return WN_OK;
}
