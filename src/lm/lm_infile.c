/* lm_infile.c - open a stored file to read it. */
#include "lm/lm_infile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum wn_status lm_infile_open(int *fd, struct stat *info, const char *path, const char *what, struct wn_err *err)
{
    /* A FIFO without a writer would block; for a regular file the flag means nothing. */
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    enum wn_status st;

    *fd = -1;
    if (opened < 0 || fstat(opened, info) != 0) {
        st = wn_fail_sys(err, "%s '%s'", what, path);
    } else if (S_ISDIR(info->st_mode)) {
        errno = EISDIR;
        st = wn_fail_sys(err, "%s '%s'", what, path);
    } else if (S_ISFIFO(info->st_mode) || S_ISSOCK(info->st_mode)) {
        st = wn_fail(err, WN_BADDATA, "%s '%s': it is a pipe: store it in a file first", what, path);
    } else {
        *fd = opened;
        return WN_OK;
    }
    if (opened >= 0)
        close(opened);
    return st;
}

enum wn_status lm_infile_open_model(int *fd, size_t *bytes, const char *path, struct wn_err *err)
{
    struct stat info;
    enum wn_status st = lm_infile_open(fd, &info, path, "cannot open model", err);

    if (st != WN_OK)
        return st;
    *bytes = (size_t)info.st_size;
    if (S_ISREG(info.st_mode) && info.st_size > 0)
        return WN_OK;
    close(*fd);
    *fd = -1;
    return wn_fail(err, WN_BADDATA, "cannot use model '%s': not a winnow language model", path);
}
