/*
 * lm_resident.c - a model file read into memory with large pages, instead of mapped.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <winnow/lmscore.h>

#include "lm/lm_infile.h"
#include "lm/lm_layout.h"

enum { LARGE_PAGE = 2 << 20 };

/* BYTES of fresh memory that begin at a large page; NULL when there is not so much. */
static char *large_memory(size_t bytes)
{
    size_t room, head;
    char *at;

    if (!wn_add_ok(bytes, LARGE_PAGE, &room))
        return NULL;
    at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    head = (LARGE_PAGE - (uintptr_t)at % LARGE_PAGE) % LARGE_PAGE;
    if (head > 0)
        munmap(at, head);
    at += head;
    /* what is left behind the last page of BYTES */
    bytes = (bytes + 4095) / 4096 * 4096;
    if (room - head > bytes)
        munmap(at + bytes, room - head - bytes);
    madvise(at, bytes, MADV_HUGEPAGE);             /* a wish: without it all is as with plain pages */
    return at;
}

static enum wn_status read_all(int fd, char *to, size_t n, const char *path, struct wn_err *err)
{
    while (n > 0) {
        ssize_t got = read(fd, to, n < (size_t)1 << 30 ? n : (size_t)1 << 30);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wn_fail_sys(err, "cannot read model '%s'", path);
        if (got == 0)
            return wn_fail(err, WN_BROKEN, "cannot read model '%s': it became shorter meanwhile", path);
        to += got;
        n -= (size_t)got;
    }
    return WN_OK;
}

enum wn_status wn_lm_open_resident(struct wn_lm **out, const char *path, struct wn_err *err)
{
    int fd;
    size_t bytes = 0;
    char *at = NULL;
    enum wn_status st;

    *out = NULL;
    st = lm_infile_open_model(&fd, &bytes, path, err);
    if (st != WN_OK)
        return st;
    at = large_memory(bytes);
    if (!at) {
        st = wn_fail(err, WN_NOMEM, "cannot read model '%s' into memory: out of memory", path);
        goto done;
    }
    st = read_all(fd, at, bytes, path, err);
    if (st == WN_OK)
        st = bytes <= LM_VERIFY_BYTES ? wn_lm_view(out, (struct wn_str){ at, bytes }, path, err)
                                      : wn_lm_view_head(out, (struct wn_str){ at, bytes }, path, err);
    if (st == WN_OK) {
        (*out)->map_bytes = bytes;                 /* the model gives the memory back, as a map */
        at = NULL;
    }
done:
    if (at)
        munmap(at, bytes);
    close(fd);
    return st;
}
