#include "cmd_sweep_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_BYTES = 1 << 16, FLUSH_SECONDS = 1, SYNC_SECONDS = 10 };

struct sweep_file {
    int fd;
    char *path, *partial;
    struct wn_buf waiting;       /* whole rows that are not written yet */
    time_t flushed, synced;
};

static time_t seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* ---- what is there ------------------------------------------------------------------------- */

/* Row ROW of a sweep: {"cell":ROW,...} and the end of its line. */
static bool is_row(const char *line, size_t len, uint64_t row)
{
    char start[40];
    int n = snprintf(start, sizeof(start), "{\"cell\":%llu,", (unsigned long long)row);

    return len > (size_t)n + 1 && memcmp(line, start, (size_t)n) == 0 && line[len - 1] == '\n' && line[len - 2] == '}';
}

/* Whether the file starts with HEADER; a part of it is a start that was cut off. */
static enum wn_status check_header(FILE *in, const char *partial, struct wn_str header, bool *is_whole,
                                   struct wn_err *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, in);
    bool is_cut = n <= 0 || line[n - 1] != '\n';
    enum wn_status st = WN_OK;

    *is_whole = n > 0 && (size_t)n == header.len && memcmp(line, header.ptr, header.len) == 0;
    if (!*is_whole && !(is_cut && (n <= 0 || ((size_t)n < header.len && memcmp(line, header.ptr, (size_t)n) == 0))))
        st = wn_fail(err, WN_BADCONF,
                     "'%s' holds rows of another sweep (other options, policies or version): give another output, or "
                     "--restart to drop them", partial);
    free(line);
    return st;
}

/* Counts the whole rows in order; *END is the byte behind them. */
static void count_rows(FILE *in, uint64_t *n_rows, off_t *end)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, in)) > 0 && is_row(line, (size_t)n, *n_rows)) {
        ++*n_rows;
        *end += n;
    }
    free(line);
}

static enum wn_status take_rows(struct sweep_file *f, struct wn_str header, uint64_t *n_rows, struct wn_err *err)
{
    FILE *in = fopen(f->partial, "r");
    bool is_whole = false;
    off_t end = 0;
    enum wn_status st;

    if (!in)
        return wn_fail_sys(err, "cannot read '%s'", f->partial);
    st = check_header(in, f->partial, header, &is_whole, err);
    if (st == WN_OK && is_whole) {
        end = (off_t)header.len;
        count_rows(in, n_rows, &end);
    }
    if (st == WN_OK && ferror(in))
        st = wn_fail_sys(err, "cannot read '%s'", f->partial);
    fclose(in);
    if (st == WN_OK && ftruncate(f->fd, end) != 0)
        st = wn_fail_sys(err, "cannot shorten '%s'", f->partial);
    if (st == WN_OK && lseek(f->fd, end, SEEK_SET) < 0)
        st = wn_fail_sys(err, "cannot write '%s'", f->partial);
    if (st == WN_OK && !is_whole)
        st = sweep_file_add(f, header, err);
    return st;
}

/* ---- opening ------------------------------------------------------------------------------- */

static enum wn_status make_names(struct sweep_file *f, const char *path, struct wn_err *err)
{
    f->path = realpath(path, NULL);          /* a link is followed */
    if (!f->path)
        f->path = strdup(path);
    if (!f->path || asprintf(&f->partial, "%s.partial", f->path) < 0) {
        f->partial = NULL;
        return wn_fail(err, WN_NOMEM, "out of memory for the name of '%s'", path);
    }
    return WN_OK;
}

/* Opens and locks the partial file.  Between the two another process may have published it:
 * then the name leads elsewhere, and the lock is one of a finished file. */
static enum wn_status open_locked(struct sweep_file *f, struct wn_err *err)
{
    struct stat mine, named;

    f->fd = open(f->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (f->fd < 0)
        return wn_fail_sys(err, "cannot create '%s'", f->partial);
    if (fstat(f->fd, &mine) != 0)
        return wn_fail_sys(err, "cannot look at '%s'", f->partial);
    if (!S_ISREG(mine.st_mode))
        return wn_fail(err, WN_IO, "cannot write '%s': it is no file", f->partial);
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? wn_fail(err, WN_IO, "cannot write '%s': another process is writing it", f->partial)
                   : wn_fail_sys(err, "cannot lock '%s'", f->partial);
    if (stat(f->partial, &named) != 0 || named.st_ino != mine.st_ino || named.st_dev != mine.st_dev)
        return wn_fail(err, WN_IO, "cannot write '%s': another process has just finished it", f->partial);
    return WN_OK;
}

enum wn_status sweep_file_open(struct sweep_file **out, const char *path, struct wn_str header, bool restart,
                               uint64_t *n_rows, struct wn_err *err)
{
    struct sweep_file *f = calloc(1, sizeof(*f));
    enum wn_status st;

    *out = NULL;
    *n_rows = 0;
    if (!f)
        return wn_fail(err, WN_NOMEM, "out of memory for '%s'", path);
    f->fd = -1;
    f->flushed = f->synced = seconds();
    st = make_names(f, path, err);
    if (st == WN_OK)
        st = open_locked(f, err);
    if (st == WN_OK && restart && ftruncate(f->fd, 0) != 0)
        st = wn_fail_sys(err, "cannot empty '%s'", f->partial);
    if (st == WN_OK)
        st = take_rows(f, header, n_rows, err);
    if (st == WN_OK) {
        *out = f;
        f = NULL;
    }
    sweep_file_close(f);
    return st;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static enum wn_status write_waiting(struct sweep_file *f, struct wn_err *err)
{
    size_t done = 0;

    while (done < f->waiting.len) {
        ssize_t n = write(f->fd, f->waiting.ptr + done, f->waiting.len - done);

        if (n < 0 && errno != EINTR)
            return wn_fail_sys(err, "cannot write '%s'", f->partial);
        done += n > 0 ? (size_t)n : 0;
    }
    wn_buf_reset(&f->waiting);
    f->flushed = seconds();
    return WN_OK;
}

enum wn_status sweep_file_flush(struct sweep_file *f, struct wn_err *err)
{
    enum wn_status st = write_waiting(f, err);

    if (st == WN_OK && fsync(f->fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        st = wn_fail_sys(err, "cannot sync '%s'", f->partial);
    f->synced = seconds();
    return st;
}

enum wn_status sweep_file_add(struct sweep_file *f, struct wn_str rows, struct wn_err *err)
{
    time_t now = seconds();
    enum wn_status st;

    wn_buf_add(&f->waiting, rows);
    st = wn_buf_status(&f->waiting, err);
    if (st == WN_OK && now - f->synced >= SYNC_SECONDS)
        return sweep_file_flush(f, err);
    if (st == WN_OK && (f->waiting.len >= FLUSH_BYTES || now - f->flushed >= FLUSH_SECONDS))
        st = write_waiting(f, err);
    return st;
}

enum wn_status sweep_file_each(struct sweep_file *f, sweep_line_fn *each, void *arg, struct wn_err *err)
{
    enum wn_status st = write_waiting(f, err);
    FILE *in = st == WN_OK ? fopen(f->partial, "r") : NULL;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (st == WN_OK && !in)
        return wn_fail_sys(err, "cannot read '%s'", f->partial);
    while (st == WN_OK && (n = getline(&line, &cap, in)) > 0)
        st = each(arg, (struct wn_str){ line, (size_t)n }, err);
    if (st == WN_OK && ferror(in))
        st = wn_fail_sys(err, "cannot read '%s'", f->partial);
    free(line);
    if (in)
        fclose(in);
    return st;
}

/* The new name must outlive a power cut as well. */
static enum wn_status sync_folder(const char *path, struct wn_err *err)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);

    if (fd >= 0)
        close(fd);
    free(copy);
    return ok ? WN_OK : wn_fail_sys(err, "cannot sync the folder of '%s'", path);
}

enum wn_status sweep_file_publish(struct sweep_file *f, bool remove, struct wn_err *err)
{
    enum wn_status st = sweep_file_flush(f, err);

    if (st != WN_OK)
        return st;
    if (remove)
        return unlink(f->partial) == 0 ? WN_OK : wn_fail_sys(err, "cannot remove '%s'", f->partial);
    if (rename(f->partial, f->path) != 0)
        return wn_fail_sys(err, "cannot rename '%s' to '%s'", f->partial, f->path);
    return sync_folder(f->path, err);
}

void sweep_file_close(struct sweep_file *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);            /* gives the lock back */
    wn_buf_release(&f->waiting);
    free(f->path);
    free(f->partial);
    free(f);
}
