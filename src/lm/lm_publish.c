/*
 * lm_publish.c - temporary name, sync, rename.
 */
#include "lm/lm_publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct wn_lm_file {
    char *path;              /* as the caller wrote it, for messages           */
    char *final;             /* where links lead to; NULL: written directly     */
    char *temp;              /* NULL once it has its final name                */
    int fd;
    bool synced;
};

static enum wn_status no_memory(const char *path, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot write '%s': out of memory", path);
}

/* A leftover of the same name is taken over, unless somebody holds it: process ids come
 * again, in containers at once. */
static enum wn_status open_temp(struct wn_lm_file *p, struct wn_err *err)
{
    char *temp;

    if (asprintf(&temp, "%s.tmp-%ld", p->final, (long)getpid()) < 0)
        return no_memory(p->path, err);
    p->fd = open(temp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (p->fd < 0) {
        free(temp);
        return wn_fail_sys(err, "cannot create '%s'", p->path);
    }
    if (flock(p->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        free(temp);
        return wn_fail(err, WN_IO, "cannot create '%s': it is being written already", p->path);
    }
    p->temp = temp;
    return ftruncate(p->fd, 0) == 0 ? WN_OK : wn_fail_sys(err, "cannot empty '%s'", temp);
}

static enum wn_status open_target(struct wn_lm_file *p, struct wn_err *err)
{
    struct stat info;
    bool exists = stat(p->path, &info) == 0;

    if (exists && S_ISDIR(info.st_mode))
        return wn_fail(err, WN_IO, "cannot write '%s': it is a folder", p->path);
    if (exists && !S_ISREG(info.st_mode)) {
        p->fd = open(p->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (p->fd < 0 && errno == EINTR)     /* while it waited for a reader */
            return wn_fail(err, WN_CANCELLED, "cannot open '%s' for writing: stopped by a signal", p->path);
        return p->fd >= 0 ? WN_OK : wn_fail_sys(err, "cannot open '%s' for writing", p->path);
    }
    if (!exists && lstat(p->path, &info) == 0)
        return wn_fail(err, WN_IO, "cannot write '%s': it is a link that leads nowhere", p->path);
    p->final = exists ? realpath(p->path, NULL) : strdup(p->path);
    if (!p->final)
        return wn_fail_sys(err, "cannot write '%s'", p->path);
    return open_temp(p, err);
}

enum wn_status lm_publish_open(struct wn_lm_file **out, const char *path, struct wn_err *err)
{
    struct wn_lm_file *p = calloc(1, sizeof(*p));
    enum wn_status st;

    *out = NULL;
    if (!p)
        return no_memory(path, err);
    p->fd = -1;
    p->path = strdup(path);
    st = p->path ? open_target(p, err) : no_memory(path, err);
    if (st == WN_OK)
        *out = p;
    else
        lm_publish_abandon(p);
    return st;
}

static enum wn_status fail_write(const struct wn_lm_file *p, struct wn_err *err)
{
    return wn_fail_sys(err, "cannot write '%s'", p->path);
}

/* Writes N bytes at AT; -1: behind what was written before. */
static enum wn_status write_all(const struct wn_lm_file *p, off_t at, const char *from, size_t n, struct wn_err *err)
{
    while (n > 0) {
        ssize_t done = at < 0 ? write(p->fd, from, n) : pwrite(p->fd, from, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fail_write(p, err);
        from += done;
        n -= (size_t)done;
        at += at < 0 ? 0 : done;
    }
    return WN_OK;
}

enum wn_status lm_publish_write(struct wn_lm_file *p, const void *bytes, size_t n, struct wn_err *err)
{
    return write_all(p, -1, bytes, n, err);
}

enum wn_status lm_publish_set(struct wn_lm_file *p, uint64_t at, const void *bytes, size_t n, struct wn_err *err)
{
    return write_all(p, (off_t)at, bytes, n, err);
}

enum wn_status lm_publish_extend(struct wn_lm_file *p, uint64_t n, struct wn_err *err)
{
    struct stat now;

    if (fstat(p->fd, &now) == 0 && ((uint64_t)now.st_size >= n || ftruncate(p->fd, (off_t)n) == 0))
        return WN_OK;
    return fail_write(p, err);
}

/* A file system that cannot sync (EINVAL, ENOTSUP) does not hold what it has not got. */
static bool sync_fd(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* The new name lives in the folder, so the folder is synced too. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && sync_fd(fd);

    if (fd >= 0)
        close(fd);
    free(dir);
    return ok;
}

enum wn_status lm_publish_finish(struct wn_lm_file *p, struct wn_err *err)
{
    if (p->temp && !p->synced && !sync_fd(p->fd))
        return wn_fail_sys(err, "cannot sync '%s'", p->path);
    p->synced = true;
    return WN_OK;
}

enum wn_status lm_publish_commit(struct wn_lm_file *p, struct wn_err *err)
{
    enum wn_status st = lm_publish_finish(p, err);
    int fd = p->fd;

    if (st != WN_OK)
        return st;
    if (p->temp) {
        /* Renamed while the lock is held: nobody can take the name in between. */
        if (rename(p->temp, p->final) != 0)
            return wn_fail_sys(err, "cannot rename to '%s'", p->path);
        free(p->temp);
        p->temp = NULL;
    }
    p->fd = -1;
    if (close(fd) != 0)
        return wn_fail_sys(err, "cannot close '%s'", p->path);
    if (p->final && !sync_folder(p->final))
        return wn_fail_sys(err, "cannot sync the folder of '%s'", p->path);
    return WN_OK;
}

void lm_publish_abandon(struct wn_lm_file *p)
{
    if (!p)
        return;
    if (p->temp)
        unlink(p->temp);
    if (p->fd >= 0)
        close(p->fd);
    free(p->temp);
    free(p->final);
    free(p->path);
    free(p);
}

enum wn_status wn_lm_file_publish(struct wn_lm_file *f, struct wn_err *err)
{
    return lm_publish_commit(f, err);
}

void wn_lm_file_close(struct wn_lm_file *f)
{
    lm_publish_abandon(f);
}
