/* box.c - tar and zip through libarchive. */
#include "io/box.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

enum {
    ZIP_END_BYTES = 22,                         /* end of central directory, no comment       */
    ZIP_TAIL_BYTES = ZIP_END_BYTES + 0xffff,    /* with the longest comment (APPNOTE 4.3.16)  */
    TAR_TAIL_BYTES = 512                        /* at least one zero block ends a tar         */
};

struct io_box {
    struct archive *archive;
    struct io_source *below;
    struct io_facts *facts;
    enum io_kind kind;
    locale_t utf8;              /* names are converted to this thread's locale          */
    enum wn_status below_status;
    struct wn_err below_fault;
    uint64_t n_entries;
    char made_name[32];
    size_t tail_len, tail_max;
    char tail[ZIP_TAIL_BYTES];  /* the last bytes that passed                           */
};

/* Keeps the last tail_max bytes of the stream. */
static void keep_tail(struct io_box *b, struct wn_str chunk)
{
    size_t keep;

    if (chunk.len >= b->tail_max) {
        memcpy(b->tail, chunk.ptr + chunk.len - b->tail_max, b->tail_max);
        b->tail_len = b->tail_max;
        return;
    }
    keep = b->tail_max - chunk.len;
    if (keep > b->tail_len)
        keep = b->tail_len;
    memmove(b->tail, b->tail + b->tail_len - keep, keep);
    memcpy(b->tail + keep, chunk.ptr, chunk.len);
    b->tail_len = keep + chunk.len;
}

static enum wn_status draw(struct io_box *b, struct wn_str *chunk)
{
    if (b->below_status == WN_OK)
        b->below_status = io_source_next(b->below, chunk, &b->below_fault);
    if (b->below_status == WN_OK)
        keep_tail(b, *chunk);
    return b->below_status;
}

static la_ssize_t read_below(struct archive *a, void *arg, const void **block)
{
    struct io_box *b = arg;
    struct wn_str chunk;
    enum wn_status st = draw(b, &chunk);

    if (st == WN_END)
        return 0;
    if (st != WN_OK) {
        archive_set_error(a, EIO, "%s", b->below_fault.text);
        return -1;
    }
    *block = chunk.ptr;
    return (la_ssize_t)chunk.len;
}

/* What libarchive complained of, or the damage below that made it complain. */
static enum wn_status fail_archive(struct io_box *b, struct io_facts *f, struct wn_err *err)
{
    const char *text = archive_error_string(b->archive);

    if (b->below_status != WN_OK && b->below_status != WN_END) {
        if (f->reason == WN_R_NONE)
            f->reason = b->facts->reason;
        return wn_fail(err, b->below_status, "%s", b->below_fault.text);
    }
    if (archive_errno(b->archive) == ENOMEM)
        return wn_fail(err, WN_NOMEM, "out of memory for a container");
    return io_fault(f, WN_R_ARCHIVE_DAMAGED, err, "damaged %s (%s)", b->kind == IO_KIND_TAR ? "tar" : "zip",
                    text ? text : "no details");
}

enum wn_status io_box_open(struct io_box **out, struct io_source *below, enum io_kind kind, struct io_facts *f,
                           struct wn_err *err)
{
    struct io_box *b = calloc(1, sizeof(*b));
    enum wn_status st;

    *out = NULL;
    if (!b) {
        io_source_close(below);
        return wn_fail(err, WN_NOMEM, "out of memory for a container");
    }
    b->below = below;
    b->facts = f;
    b->kind = kind;
    b->tail_max = kind == IO_KIND_TAR ? TAR_TAIL_BYTES : ZIP_TAIL_BYTES;
    b->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    b->archive = archive_read_new();
    if (!b->archive) {
        st = wn_fail(err, WN_NOMEM, "out of memory for a container");
        goto done;
    }
    if (kind == IO_KIND_TAR)
        archive_read_support_format_tar(b->archive);
    else
        archive_read_support_format_zip_streamable(b->archive);
    st = WN_OK;
    if (archive_read_open2(b->archive, b, NULL, read_below, NULL, NULL) != ARCHIVE_OK)
        st = fail_archive(b, f, err);
    if (st == WN_OK) {
        *out = b;
        b = NULL;
    }
done:
    io_box_close(b);
    return st;
}

/* ---- one member ------------------------------------------------------------------- */

struct member {
    struct io_source source;
    struct io_box *box;
    struct io_facts *facts;
    uint64_t at, size;          /* size: as the header says; 0: unknown  */
    struct wn_str block;        /* comes behind the hole that is open    */
    uint64_t hole;              /* zero bytes to give first              */
    enum wn_status after;
    struct wn_err fault;
};

/* Draws one block; a gap before it is a hole of a sparse file. */
static enum wn_status draw_block(struct member *m, struct wn_err *err)
{
    const void *data = NULL;
    size_t n = 0;
    la_int64_t offset = 0;
    int rc = archive_read_data_block(m->box->archive, &data, &n, &offset);

    if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
        return fail_archive(m->box, m->facts, err);
    if (rc == ARCHIVE_EOF) {
        m->hole = m->size > m->at ? m->size - m->at : 0;
        return m->hole ? WN_OK : WN_END;
    }
    m->hole = (uint64_t)offset > m->at ? (uint64_t)offset - m->at : 0;
    m->block.ptr = data;
    m->block.len = n;
    return WN_OK;
}

static enum wn_status member_next(struct io_source *source, struct wn_str *chunk, struct wn_err *err)
{
    static const char zeros[4096];
    struct member *m = (struct member *)source;

    while (m->after == WN_OK && !m->hole && !m->block.len)
        m->after = draw_block(m, &m->fault);
    if (m->after == WN_END)
        return WN_END;
    if (m->after != WN_OK)
        return wn_fail(err, m->after, "%s", m->fault.text);
    if (m->hole) {
        chunk->ptr = zeros;
        chunk->len = m->hole < sizeof(zeros) ? (size_t)m->hole : sizeof(zeros);
        m->hole -= chunk->len;
    } else {
        *chunk = m->block;
        m->block.len = 0;
    }
    m->at += chunk->len;
    return WN_OK;
}

static void member_close(struct io_source *source)
{
    free(source);
}

static enum wn_status open_member(struct io_box *b, struct archive_entry *entry, struct io_source **out,
                                  struct io_facts *mf, struct wn_err *err)
{
    static const struct io_source_ops ops = { member_next, member_close };
    struct member *m = calloc(1, sizeof(*m));

    if (!m)
        return wn_fail(err, WN_NOMEM, "out of memory for a container member");
    m->source.ops = &ops;
    m->box = b;
    m->facts = mf;
    m->size = b->kind == IO_KIND_TAR && archive_entry_size_is_set(entry) ? (uint64_t)archive_entry_size(entry) : 0;
    if (archive_entry_is_encrypted(entry))
        m->after = io_fault(mf, WN_R_UNSUPPORTED, &m->fault, "the member is encrypted");
    *out = &m->source;
    return WN_OK;
}

/* ---- the walk over the members ---------------------------------------------------- */

/* The zip's own count of members (APPNOTE 4.3.16, field at 10); false without the
 * record. */
static bool zip_count(const struct io_box *b, unsigned *count)
{
    const unsigned char *t = (const unsigned char *)b->tail;

    for (size_t i = b->tail_len; i >= ZIP_END_BYTES; i--) {
        const unsigned char *p = t + i - ZIP_END_BYTES;

        if (memcmp(p, "PK\5\6", 4) == 0 && (p[20] | p[21] << 8) <= (int)(b->tail_len - i)) {
            *count = p[10] | (unsigned)p[11] << 8;
            return true;
        }
    }
    return false;
}

static enum wn_status check_zip_end(struct io_box *b, struct wn_err *err)
{
    unsigned count;

    if (!zip_count(b, &count))
        return io_fault(b->facts, WN_R_ARCHIVE_DAMAGED, err,
                        "the zip ends without its directory: members may be missing");
    if (count != 0xffff && count != (b->n_entries & 0xffff))   /* 0xffff: the true count is elsewhere (zip64) */
        return io_fault(b->facts, WN_R_ARCHIVE_DAMAGED, err, "the zip has %llu members and lists %u",
                        (unsigned long long)b->n_entries, count);
    return WN_END;
}

static enum wn_status check_tar_end(struct io_box *b, struct wn_err *err)
{
    for (size_t i = 0; i < b->tail_len; i++)
        if (b->tail[i] != 0)
            return io_fault(b->facts, WN_R_ARCHIVE_DAMAGED, err,
                            "the tar ends without its end mark: members may be missing");
    return WN_END;
}

/* Reads on to the end, so that the digest and every checksum below cover all bytes. */
static enum wn_status finish_box(struct io_box *b, struct wn_err *err)
{
    struct wn_str rest;
    enum wn_status st;

    while ((st = draw(b, &rest)) == WN_OK)
        ;
    if (st != WN_END)
        return fail_archive(b, b->facts, err);
    return b->kind == IO_KIND_ZIP ? check_zip_end(b, err) : check_tar_end(b, err);
}

/* Hidden names are passed over as in folders; links have no bytes of their own. */
static bool is_wanted(struct archive_entry *entry, const char *name)
{
    const char *base = strrchr(name, '/');

    base = base ? base + 1 : name;
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) && base[0] != '.' && base[0];
}

static const char *entry_name(struct io_box *b, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);

    if (name)
        return name;
    snprintf(b->made_name, sizeof(b->made_name), "member-%llu", (unsigned long long)b->n_entries);
    return b->made_name;
}

static enum wn_status next_wanted(struct io_box *b, const char **name, struct archive_entry **entry, struct wn_err *err)
{
    for (;;) {
        int rc = archive_read_next_header(b->archive, entry);

        if (rc == ARCHIVE_EOF)
            return finish_box(b, err);
        if (rc == ARCHIVE_RETRY)
            continue;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return fail_archive(b, b->facts, err);
        b->n_entries++;
        *name = entry_name(b, *entry);
        if (is_wanted(*entry, *name))
            return WN_OK;
    }
}

enum wn_status io_box_next(struct io_box *b, const char **name, struct io_source **member, struct io_facts *mf,
                           struct wn_err *err)
{
    locale_t before = b->utf8 ? uselocale(b->utf8) : (locale_t)0;
    struct archive_entry *entry;
    enum wn_status st = next_wanted(b, name, &entry, err);

    if (st == WN_OK)
        st = open_member(b, entry, member, mf, err);
    if (b->utf8)
        uselocale(before);
    return st;
}

void io_box_close(struct io_box *b)
{
    if (!b)
        return;
    if (b->archive)
        archive_read_free(b->archive);
    io_source_close(b->below);
    if (b->utf8)
        freelocale(b->utf8);
    free(b);
}
