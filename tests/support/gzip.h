/*
 * gzip.h - gzip members for tests, by libarchive (that is, zlib): independent of libisal,
 * which the library uses.
 */
#ifndef WINNOW_TEST_GZIP_H
#define WINNOW_TEST_GZIP_H

#include <archive.h>
#include <archive_entry.h>

#include <winnow/str.h>

/* Writes PLAIN as one member to OUT; the member's size, or 0 when anything fails. */
static inline size_t gzip_member(void *out, size_t room, struct wn_str plain)
{
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    size_t n = 0;
    int ok;

    archive_write_add_filter_gzip(a);
    archive_write_set_format_raw(a);
    archive_write_set_options(a, "gzip:!timestamp");
    archive_write_set_bytes_per_block(a, 0);
    archive_write_set_bytes_in_last_block(a, 1);
    archive_entry_set_filetype(e, AE_IFREG);
    ok = archive_write_open_memory(a, out, room, &n) == ARCHIVE_OK && archive_write_header(a, e) == ARCHIVE_OK;
    if (ok && plain.len)
        ok = archive_write_data(a, plain.ptr, plain.len) == (la_ssize_t)plain.len;
    ok = archive_write_close(a) == ARCHIVE_OK && ok;
    archive_entry_free(e);
    archive_write_free(a);
    return ok ? n : 0;
}

/* Appends such a member. */
static inline bool gzip_add(struct wn_buf *out, struct wn_str plain)
{
    size_t room = plain.len + plain.len / 8 + 1000, n;

    if (wn_buf_reserve(out, room, NULL) != WN_OK)
        return false;
    n = gzip_member(out->ptr + out->len, room, plain);
    out->len += n;
    return n > 0;
}

#endif
