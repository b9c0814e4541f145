/* wholefile.c - small files in one piece. */
#include <errno.h>
#include <unistd.h>

#include <winnow/sink.h>

#include "io/source.h"

enum wn_status wn_file_publish(const char *path, struct wn_str bytes, struct wn_err *err)
{
    struct wn_sink *s;
    enum wn_status st = wn_sink_open(&s, path, &(struct wn_sink_opts){ .make_folders = true }, err);

    if (st == WN_OK)
        st = wn_sink_write(s, bytes, err);
    if (st == WN_OK)
        st = wn_sink_publish(s, err);
    wn_sink_close(s);
    return st;
}

static bool is_stopped(void *arg)
{
    return atomic_load((const atomic_int *)arg) != 0;
}

static enum wn_status read_all(int fd, const char *path, uint64_t max_bytes, const atomic_int *stop, struct wn_buf *out,
                               struct wn_err *err)
{
    enum { STEP = 64 << 10 };
    uint64_t n_read = 0;

    for (;;) {
        enum wn_status st = wn_buf_reserve(out, STEP, err);
        ssize_t n;

        if (st != WN_OK) {
            wn_err_prefix(err, "cannot read '%s': ", path);
            return st;
        }
        st = io_wait_readable(fd, stop ? is_stopped : NULL, (void *)(uintptr_t)stop, err);
        if (st != WN_OK)
            return st;
        n = read(fd, out->ptr + out->len, STEP);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return wn_fail_sys(err, "cannot read '%s'", path);
        if (n == 0)
            return WN_OK;
        n_read += (uint64_t)n;
        if (n_read > max_bytes)
            return wn_fail(err, WN_LIMIT, "cannot read '%s': larger than %llu bytes", path,
                           (unsigned long long)max_bytes);
        out->len += (size_t)n;
    }
}

enum wn_status wn_file_read(const char *path, uint64_t max_bytes, struct wn_buf *out, struct wn_err *err)
{
    return wn_file_read_until(path, max_bytes, NULL, out, err);
}

enum wn_status wn_file_read_until(const char *path, uint64_t max_bytes, const atomic_int *stop, struct wn_buf *out,
                                  struct wn_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : io_open_read(path);
    enum wn_status st;

    if (fd < 0)
        return wn_fail_sys(err, "cannot read '%s'", path);
    st = read_all(fd, path, max_bytes, stop, out, err);
    if (!is_stdin)
        close(fd);
    return st;
}
