/* walk.c - directories become lists of files. */
#include "io/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The directories above, to notice a link back to one of them. */
struct above {
    const struct above *up;
    dev_t dev;
    ino_t ino;
};

static enum wn_status add_entry(struct io_walk *w, const char *path, struct io_entry e, struct wn_err *err)
{
    if (w->n == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 64;
        struct io_entry *more = realloc(w->entry, cap * sizeof(*more));

        if (!more)
            return wn_fail(err, WN_NOMEM, "out of memory for the list of inputs");
        w->entry = more;
        w->cap = cap;
    }
    e.path = wn_arena_copy(&w->arena, wn_str(path)).ptr;
    if (!e.path)
        return wn_fail(err, WN_NOMEM, "out of memory for the list of inputs");
    w->entry[w->n++] = e;
    return WN_OK;
}

/* "x.tmp-123" is what a killed run of ours leaves (sink.h). */
static bool is_own_temp(const char *name)
{
    const char *at = strstr(name, ".tmp-");

    return at && at[5] && strspn(at + 5, "0123456789") == strlen(at + 5);
}

static bool is_cycle(const struct above *up, const struct stat *st)
{
    for (; up; up = up->up)
        if (up->dev == st->st_dev && up->ino == st->st_ino)
            return true;
    return false;
}

static enum wn_status add_dir(struct io_walk *w, const char *path, const struct above *up, struct wn_err *err);

static enum wn_status add_found(struct io_walk *w, const char *path, const struct above *up, struct wn_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return add_entry(w, path, (struct io_entry){ .fail_errno = errno }, err);
    if (S_ISREG(st.st_mode))
        return add_entry(w, path, (struct io_entry){ .size = (uint64_t)st.st_size, .listed = true }, err);
    if (!S_ISDIR(st.st_mode))
        return WN_OK;
    if (is_cycle(up, &st))
        return add_entry(w, path, (struct io_entry){ .fail_errno = ELOOP }, err);
    return add_dir(w, path, &(struct above){ up, st.st_dev, st.st_ino }, err);
}

/* One name after another with a NUL behind each: the folder is closed before what is
 * in it is looked at, so that depth costs no descriptors. */
static enum wn_status list_names(const char *path, struct wn_buf *names, int *fail_errno)
{
    DIR *dir = opendir(path);
    struct dirent *d;

    *fail_errno = dir ? 0 : errno;
    if (!dir)
        return WN_OK;
    for (errno = 0; (d = readdir(dir)); errno = 0)
        if (d->d_name[0] != '.' && !is_own_temp(d->d_name))
            wn_buf_add(names, (struct wn_str){ d->d_name, strlen(d->d_name) + 1 });
    *fail_errno = errno;
    closedir(dir);
    return wn_buf_status(names, NULL);
}

static enum wn_status add_dir(struct io_walk *w, const char *path, const struct above *up, struct wn_err *err)
{
    struct wn_buf names = { 0 }, full = { 0 };
    const char *slash = path[0] && path[strlen(path) - 1] == '/' ? "" : "/";
    int fail_errno;
    enum wn_status st = list_names(path, &names, &fail_errno);

    if (st != WN_OK)
        st = wn_fail(err, st, "out of memory for the names in '%s'", path);
    else if (fail_errno)
        st = add_entry(w, path, (struct io_entry){ .fail_errno = fail_errno }, err);
    for (size_t i = 0; st == WN_OK && i < names.len; i += strlen(names.ptr + i) + 1) {
        wn_buf_reset(&full);
        wn_buf_addz(&full, path);
        wn_buf_addz(&full, slash);
        wn_buf_addz(&full, names.ptr + i);
        wn_buf_addc(&full, '\0');
        st = wn_buf_status(&full, err);
        if (st == WN_OK)
            st = add_found(w, full.ptr, up, err);
    }
    wn_buf_release(&full);
    wn_buf_release(&names);
    return st;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct io_entry *)a)->path, ((const struct io_entry *)b)->path);
}

enum wn_status io_walk_add(struct io_walk *w, const char *path, struct wn_err *err)
{
    size_t first = w->n;
    struct stat st;
    enum wn_status rc;

    if (strcmp(path, "-") == 0 || stat(path, &st) != 0)
        return add_entry(w, path, (struct io_entry){ 0 }, err);
    if (!S_ISDIR(st.st_mode)) {
        struct io_entry e = { .listed = true, .size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0 };

        return add_entry(w, path, e, err);
    }
    rc = add_dir(w, path, &(struct above){ NULL, st.st_dev, st.st_ino }, err);
    if (rc == WN_OK && w->n > first)
        qsort(w->entry + first, w->n - first, sizeof(*w->entry), by_path);
    return rc;
}

void io_walk_release(struct io_walk *w)
{
    free(w->entry);
    wn_arena_release(&w->arena);
}
