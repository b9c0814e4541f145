/*
 * walk.h - from the paths a user gave to the files to read.
 *
 * A path gives itself; a directory gives its files, sorted by the bytes of their
 * paths.  In directories, hidden names, winnow's own temporary files and what is no
 * regular file are passed over; symbolic links are followed, cycles are found.
 */
#ifndef IO_WALK_H
#define IO_WALK_H

#include <winnow/arena.h>

struct io_entry {
    const char *path;
    uint64_t size;       /* of a regular file; 0 for others             */
    int fail_errno;      /* known already: an unreadable directory, a cycle */
    bool listed;         /* it existed when the paths were expanded     */
};

struct io_walk {
    struct wn_arena arena;     /* the paths */
    struct io_entry *entry;
    size_t n, cap;
};

/* Adds what PATH stands for.  WN_NOMEM; all else is in the entries. */
enum wn_status io_walk_add(struct io_walk *w, const char *path, struct wn_err *err);
void io_walk_release(struct io_walk *w);

#endif
