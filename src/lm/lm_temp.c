/*
 * lm_temp.c - pieces of memory, or extents of an unlinked file.
 *
 * In memory a piece's place is its address, so finding it takes no search.  On disk
 * pieces follow each other; pread and pwrite need no shared position.
 */
#include "lm/lm_temp.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A piece of memory. */
struct piece {
    struct piece *next;
    _Alignas(16) char bytes[];
};

struct lm_temp {
    pthread_mutex_t lock;
    struct piece *pieces;
    uint64_t n_bytes;
    int fd;                  /* -1: in memory */
    char *dir;
};

static enum wn_status open_file(struct lm_temp *t, const char *dir, struct wn_err *err)
{
    char *name;

    if (!dir)
        dir = getenv("TMPDIR");
    t->dir = strdup(dir && *dir ? dir : "/tmp");
    if (!t->dir)
        return wn_fail(err, WN_NOMEM, "cannot make a temporary file: out of memory");
    t->fd = open(t->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (t->fd >= 0)
        return WN_OK;
    if (asprintf(&name, "%s/winnow-XXXXXX", t->dir) < 0)      /* a file system without O_TMPFILE */
        return wn_fail(err, WN_NOMEM, "cannot make a temporary file: out of memory");
    t->fd = mkostemp(name, O_CLOEXEC);
    if (t->fd >= 0)
        unlink(name);
    free(name);
    return t->fd >= 0 ? WN_OK : wn_fail_sys(err, "cannot make a temporary file in '%s'", t->dir);
}

enum wn_status lm_temp_new(struct lm_temp **out, bool on_disk, const char *dir, struct wn_err *err)
{
    struct lm_temp *t = calloc(1, sizeof(*t));
    enum wn_status st = WN_OK;

    *out = NULL;
    if (!t)
        return wn_fail(err, WN_NOMEM, "cannot put bytes aside: out of memory");
    t->fd = -1;
    pthread_mutex_init(&t->lock, NULL);       /* cannot fail without attributes (glibc) */
    if (on_disk)
        st = open_file(t, dir, err);
    if (st == WN_OK)
        *out = t;
    else
        lm_temp_free(t);
    return st;
}

void lm_temp_free(struct lm_temp *t)
{
    if (!t)
        return;
    while (t->pieces) {
        struct piece *next = t->pieces->next;

        free(t->pieces);
        t->pieces = next;
    }
    if (t->fd >= 0)
        close(t->fd);
    pthread_mutex_destroy(&t->lock);
    free(t->dir);
    free(t);
}

enum wn_status lm_temp_room(struct lm_temp *t, size_t n, uint64_t *at, struct wn_err *err)
{
    struct piece *p = NULL;

    if (t->fd < 0) {
        p = n <= SIZE_MAX - sizeof(*p) ? malloc(sizeof(*p) + n) : NULL;
        if (!p)
            return wn_fail(err, WN_NOMEM, "cannot put %zu bytes aside: out of memory", n);
    }
    pthread_mutex_lock(&t->lock);
    if (p) {
        p->next = t->pieces;
        t->pieces = p;
        *at = (uint64_t)(uintptr_t)p->bytes;
    } else {
        *at = t->n_bytes;
    }
    t->n_bytes += n;
    pthread_mutex_unlock(&t->lock);
    return WN_OK;
}

enum wn_status lm_temp_put(struct lm_temp *t, const void *bytes, size_t n, uint64_t *at, struct wn_err *err)
{
    enum wn_status st = lm_temp_room(t, n, at, err);

    return st == WN_OK ? lm_temp_set(t, *at, bytes, n, err) : st;
}

void *lm_temp_view(const struct lm_temp *t, uint64_t at)
{
    return t->fd < 0 ? (void *)(uintptr_t)at : NULL;
}

enum wn_status lm_temp_set(struct lm_temp *t, uint64_t at, const void *bytes, size_t n, struct wn_err *err)
{
    const char *p = bytes;

    if (t->fd < 0) {
        if (n > 0)
            memcpy(lm_temp_view(t, at), bytes, n);
        return WN_OK;
    }
    while (n > 0) {
        ssize_t done = pwrite(t->fd, p, n, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = ENOSPC;
        if (done <= 0)
            return wn_fail_sys(err, "cannot write to a temporary file in '%s'", t->dir);
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return WN_OK;
}

enum wn_status lm_temp_get(const struct lm_temp *t, uint64_t at, void *to, size_t n, struct wn_err *err)
{
    char *p = to;

    if (t->fd < 0) {
        if (n > 0)
            memcpy(to, lm_temp_view(t, at), n);
        return WN_OK;
    }
    while (n > 0) {
        ssize_t done = pread(t->fd, p, n, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return wn_fail_sys(err, "cannot read a temporary file in '%s'", t->dir);
        if (done == 0)
            return wn_fail(err, WN_IO, "cannot read a temporary file in '%s': it ends early", t->dir);
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return WN_OK;
}

uint64_t lm_temp_bytes(const struct lm_temp *t)
{
    return t->n_bytes;
}
