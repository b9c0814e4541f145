#include "spool.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum wn_status spool_stdin(char *path, size_t room, struct wn_err *err)
{
    const char *folder = getenv("TMPDIR");
    struct wn_buf block = { 0 };
    ssize_t got;
    int fd;
    enum wn_status st = WN_OK;

    snprintf(path, room, "%s/winnow-stdin-XXXXXX", folder && *folder ? folder : "/tmp");
    fd = mkstemp(path);
    if (fd < 0) {
        st = wn_fail_sys(err, "cannot make a temporary file '%s' for standard input", path);
        path[0] = 0;
        return st;
    }
    st = wn_buf_reserve(&block, 1 << 16, err);
    while (st == WN_OK && (got = read(STDIN_FILENO, block.ptr, 1 << 16)) != 0) {
        if (atomic_load(&cli_stop))
            st = wn_fail(err, WN_CANCELLED, "stopped before the end");
        else if (got < 0 && errno == EINTR)
            continue;
        else if (got < 0)
            st = wn_fail_sys(err, "cannot read standard input");
        for (ssize_t done = 0; st == WN_OK && done < got;) {
            ssize_t put = write(fd, block.ptr + done, (size_t)(got - done));

            if (put < 0 && errno == EINTR)
                continue;
            if (put < 0)
                st = wn_fail_sys(err, "cannot write '%s'", path);
            else
                done += put;
        }
    }
    close(fd);
    wn_buf_release(&block);
    return st;
}
