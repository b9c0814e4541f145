/* folder.c - make and sync folders. */
#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum wn_status io_folder_make(const char *path, struct wn_err *err)
{
    char *copy = strdup(path);
    enum wn_status st = WN_OK;

    if (!copy)
        return wn_fail(err, WN_NOMEM, "out of memory for a path");
    for (char *slash = copy[0] ? strchr(copy + 1, '/') : NULL; slash && st == WN_OK; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            st = wn_fail_sys(err, "cannot make the folder '%s'", copy);
        *slash = '/';
    }
    free(copy);
    return st;
}

bool io_folder_sync(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd, keep;
    bool ok;

    if (!folder)
        return false;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return false;
    ok = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    keep = errno;
    close(fd);
    errno = keep;
    return ok;
}
