/*
 * reader.c - from paths to records: one file after another, one line after another.
 *
 * The items come flat: FILE_BEGIN, lines, FILE_END, never one file inside another.  A
 * container's members come first, each as a file; then the container itself, with its
 * bytes, digest and damage and no lines.
 */
#include <winnow/reader.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/box.h"
#include "io/input.h"
#include "io/lines.h"
#include "io/reading.h"
#include "io/walk.h"

enum reader_at {
    AT_NEXT,        /* between two files                            */
    AT_LINES,       /* in a file or member                          */
    AT_END          /* only the file's end is left to tell          */
};

struct wn_reader {
    struct io_walk walk;
    size_t next;                     /* entry to open, step n_shards  */
    size_t stride;
    uint64_t max_doc_bytes, window_max, group_bytes;
    enum wn_reader_format format;
    bool digest;
    struct io_source *given;         /* instead of the first file     */

    enum reader_at at;
    struct io_input file;            /* the file in hand, or the container in hand  */
    const char *file_name;
    const char *stdin_path;
    struct io_box *box;              /* over FILE; NULL outside a container         */
    struct io_input member;
    const char *member_name;
    struct io_input *in;             /* whose lines are cut: FILE or MEMBER         */
    struct io_lines lines;
    struct wn_str chunk;             /* what is left of IN's last chunk             */
    enum wn_status fault;            /* of the file in hand; WN_END: none           */
    struct wn_err fault_text;

    struct wn_arena names;           /* of members: a place outlives its file       */
    _Atomic uint64_t raw_done;
    uint64_t raw_total;
    bool (*stop)(void *arg);
    void *stop_arg;
};

/* ---- open and close --------------------------------------------------------------- */

static void apply_opts(struct wn_reader *r, const struct wn_reader_opts *opts)
{
    r->max_doc_bytes = opts->max_doc_bytes ? opts->max_doc_bytes : 64ull << 20;
    if (r->max_doc_bytes > SIZE_MAX / 8)
        r->max_doc_bytes = SIZE_MAX / 8;
    r->window_max = opts->zstd_window_max ? opts->zstd_window_max : 128ull << 20;
    r->digest = opts->digest;
    r->format = opts->format;
    r->group_bytes = opts->group_bytes < SIZE_MAX / 8 ? opts->group_bytes : SIZE_MAX / 8;
    r->stdin_path = opts->stdin_path;
    r->stop = opts->stop;
    r->stop_arg = opts->stop_arg;
    r->stride = opts->n_shards > 1 ? opts->n_shards : 1;
    r->next = opts->n_shards > 1 ? opts->shard : 0;
    r->file.facts.fd = -1;
    r->member.facts.fd = -1;
    r->fault = WN_END;
}

static enum wn_status check_opts(const struct wn_reader_opts *opts, struct wn_err *err)
{
    if (!opts->n_paths)
        return wn_fail(err, WN_BADCONF, "no input paths");
    if (opts->n_shards > 1 && opts->shard >= opts->n_shards)
        return wn_fail(err, WN_BADCONF, "shard %u of %u: the first is 0", opts->shard, opts->n_shards);
    return WN_OK;
}

enum wn_status wn_reader_open(struct wn_reader **out, const struct wn_reader_opts *opts, struct wn_err *err)
{
    struct wn_reader *r;
    enum wn_status st = check_opts(opts, err);

    *out = NULL;
    if (st != WN_OK)
        return st;
    r = calloc(1, sizeof(*r));
    if (!r)
        return wn_fail(err, WN_NOMEM, "out of memory for a reader");
    apply_opts(r, opts);
    for (size_t i = 0; st == WN_OK && i < opts->n_paths; i++)
        st = io_walk_add(&r->walk, opts->paths[i], err);
    if (st != WN_OK) {
        wn_reader_close(r);
        return st;
    }
    for (size_t i = r->next; i < r->walk.n; i += r->stride)
        r->raw_total += r->walk.entry[i].size;
    *out = r;
    return WN_OK;
}

enum wn_status io_reader_over(struct wn_reader **out, const struct wn_reader_opts *opts, const char *name,
                              struct io_source *raw, struct wn_err *err)
{
    struct wn_reader_opts one = *opts;
    enum wn_status st;

    one.paths = &name;
    one.n_paths = 1;
    one.n_shards = 0;
    st = wn_reader_open(out, &one, err);
    if (st == WN_OK)
        (*out)->given = raw;
    else
        io_source_close(raw);
    return st;
}

void wn_reader_close(struct wn_reader *r)
{
    if (!r)
        return;
    io_input_release(&r->member);
    io_box_close(r->box);
    io_input_release(&r->file);
    io_source_close(r->given);
    io_lines_release(&r->lines);
    io_walk_release(&r->walk);
    wn_arena_release(&r->names);
    free(r);
}

void wn_reader_progress(const struct wn_reader *r, uint64_t *raw_done, uint64_t *raw_total)
{
    *raw_done = atomic_load_explicit(&r->raw_done, memory_order_relaxed);
    *raw_total = r->raw_total;
}

/* ---- from file to file ------------------------------------------------------------ */

/* A failure that belongs to one file is told in its FILE_END; others end the reading. */
static bool is_fault(enum wn_status st, const struct io_facts *f)
{
    return st != WN_OK && st != WN_END && st != WN_NOMEM && f->reason != WN_R_NONE;
}

/* Keeps the fault for IN's FILE_END.  Damage that comes from a file still being written
 * is told as that. */
static void note_fault(struct wn_reader *r, struct io_input *in, enum wn_status st, const struct wn_err *err)
{
    r->fault = st;
    r->at = AT_END;
    if (err != &r->fault_text)
        r->fault_text = *err;
    if (in->facts.reason != WN_R_CHANGED && io_fd_changed(&r->file.facts)) {
        in->facts.reason = WN_R_CHANGED;
        wn_fail(&r->fault_text, st, "the file changed while it was read");
    }
}

/* Starts on the lines of IN, or on its end when opening it failed with ST. */
static enum wn_status start(struct wn_reader *r, struct io_input *in, enum wn_status st, struct wn_err *err)
{
    struct wn_buf keep = r->lines.part;

    r->in = in;
    r->chunk.len = 0;
    r->fault = WN_END;
    r->at = AT_LINES;
    memset(&r->lines, 0, sizeof(r->lines));
    wn_buf_reset(&keep);
    r->lines.part = keep;
    r->lines.max_bytes = r->max_doc_bytes;
    r->lines.whole = in->is_text;
    r->lines.group_bytes = in->is_plain ? r->group_bytes : 0;
    if (st == WN_OK)
        return WN_OK;
    if (!is_fault(st, &in->facts))
        return st;
    note_fault(r, in, st, err);
    return WN_OK;
}

static enum wn_status open_raw(struct wn_reader *r, const struct io_entry *e, struct io_source **raw, struct wn_err *err)
{
    bool stored = r->stdin_path && strcmp(e->path, "-") == 0;

    if (r->given) {
        *raw = r->given;
        r->given = NULL;
        return WN_OK;
    }
    if (e->fail_errno) {
        errno = e->fail_errno;
        r->file.facts.reason = WN_R_OPEN;
        return wn_fail_sys(err, "cannot open");
    }
    return io_fd_open(raw, stored ? r->stdin_path : e->path, e->listed, &r->file.facts, err);
}

static enum wn_status open_file(struct wn_reader *r, struct wn_err *err)
{
    const struct io_entry *e = &r->walk.entry[r->next];
    struct io_source *raw;
    enum wn_status st;

    r->next += r->stride;
    r->file_name = e->path;
    io_input_release(&r->file);
    st = io_input_init(&r->file, r->digest, &r->raw_done, err);
    if (st != WN_OK)
        return st;
    r->file.format = r->format;
    r->file.facts.stop = r->stop;
    r->file.facts.stop_arg = r->stop_arg;
    st = open_raw(r, e, &raw, err);
    if (st == WN_OK)
        st = io_input_open(&r->file, raw, e->path, r->window_max, err);
    return start(r, &r->file, st, err);
}

/* The container's own pair of items comes behind its members. */
static enum wn_status close_box(struct wn_reader *r, enum wn_status st, struct wn_err *err)
{
    r->file.is_text = r->file.is_plain = false;
    st = start(r, &r->file, st == WN_END ? WN_OK : st, err);
    io_box_close(r->box);
    r->box = NULL;
    return st;
}

static enum wn_status open_box(struct wn_reader *r, struct wn_err *err)
{
    struct io_source *below = r->file.top;
    enum wn_status st;

    r->file.top = NULL;
    st = io_box_open(&r->box, below, r->file.kind, &r->file.facts, err);
    return st == WN_OK ? WN_OK : close_box(r, st, err);
}

static enum wn_status open_member(struct wn_reader *r, struct wn_err *err)
{
    const char *name;
    struct io_source *raw;
    enum wn_status st;

    io_input_release(&r->member);
    st = io_input_init(&r->member, r->digest, NULL, err);
    if (st != WN_OK)
        return st;
    r->member.format = r->format;
    st = io_box_next(r->box, &name, &raw, &r->member.facts, err);
    if (st != WN_OK)
        return close_box(r, st, err);
    r->member_name = wn_arena_printf(&r->names, "%s!%s", r->file_name, name);
    if (!r->member_name) {
        io_source_close(raw);
        return wn_fail(err, WN_NOMEM, "out of memory for a member's name");
    }
    st = io_input_open(&r->member, raw, name, r->window_max, err);
    if (st == WN_OK && r->member.kind != IO_KIND_LINES)
        st = io_fault(&r->member.facts, WN_R_UNSUPPORTED, err, "a container inside a container is not read");
    return start(r, &r->member, st, err);
}

/* ---- items ------------------------------------------------------------------------ */

static bool is_container(const struct wn_reader *r)
{
    return r->in == &r->file && (r->file.kind == IO_KIND_TAR || r->file.kind == IO_KIND_ZIP);
}

static void init_item(const struct wn_reader *r, enum wn_item_kind kind, struct wn_item *item)
{
    memset(item, 0, sizeof(*item));
    item->kind = kind;
    item->line.ptr = "";
    item->is_member = r->in == &r->member;
    item->is_container = is_container(r);
    item->place.file = item->is_member ? r->member_name : r->file_name;
}

/* A copy in A for the item; "" gives NULL. */
static enum wn_status set_message(struct wn_item *item, const char *text, struct wn_arena *a, struct wn_err *err)
{
    if (!text[0])
        return WN_OK;
    item->message = wn_arena_copy(a, wn_str(text)).ptr;
    return item->message ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for a message");
}

static enum wn_status begin_item(struct wn_reader *r, struct wn_arena *a, struct wn_item *item, struct wn_err *err)
{
    init_item(r, WN_ITEM_FILE_BEGIN, item);
    return set_message(item, r->in->note, a, err);
}

static enum wn_status line_item(struct wn_reader *r, enum io_cut what, const struct io_line *line, struct wn_arena *a,
                                struct wn_item *item, struct wn_err *err)
{
    char text[128] = "";

    init_item(r, what == IO_CUT_LINE ? WN_ITEM_RECORD : WN_ITEM_REJECT, item);
    item->line = wn_arena_copy(a, line->text);
    if (!item->line.ptr)
        return wn_fail(err, WN_NOMEM, "out of memory for a record of %zu bytes", line->text.len);
    item->is_text = r->in->is_text || r->in->is_plain;
    item->is_lines = what == IO_CUT_LINE && r->lines.group_bytes;
    item->n_lines = line->n_lines;
    item->place.line = line->number;
    item->place.offset = line->offset;
    item->n_bytes = line->n_bytes;
    if (what == IO_CUT_TOO_LONG) {
        item->reason = WN_R_DOC_TOO_LARGE;
        snprintf(text, sizeof(text), "%llu bytes, more than the %llu allowed (--max-doc)",
                 (unsigned long long)line->n_bytes, (unsigned long long)r->max_doc_bytes);
    } else if (what == IO_CUT_NUL_TAIL) {
        item->reason = WN_R_NUL_TAIL;
        snprintf(text, sizeof(text), "the file ends in NUL bytes, as a full disk or a hole leaves them");
    }
    return set_message(item, text, a, err);
}

static enum wn_status end_item(struct wn_reader *r, struct wn_arena *a, struct wn_item *item, struct wn_err *err)
{
    const struct io_facts *f = &r->in->facts;
    enum wn_status st = WN_OK;

    init_item(r, WN_ITEM_FILE_END, item);
    item->file_lines = r->lines.n_lines;
    item->file_blank = r->lines.n_blank;
    item->file_bytes = r->lines.n_bytes;
    item->file_bom = r->lines.bom;
    item->file_gz_trailing = f->gz_trailing;
    item->file_raw_bytes = item->is_member ? 0 : f->raw_bytes;
    if (f->digest)
        item->file_digest = wn_digest_value(f->digest);
    if (r->fault != WN_END) {
        item->reason = f->reason;
        st = set_message(item, r->fault_text.text, a, err);
    }
    r->at = AT_NEXT;
    io_input_release(r->in);
    return st;
}

/* The next line, or WN_END with WHAT = IO_CUT_NONE when the file is done. */
static enum wn_status next_line(struct wn_reader *r, enum io_cut *what, struct io_line *line, struct wn_err *err)
{
    enum wn_status st;

    for (;;) {
        st = io_lines_cut(&r->lines, &r->chunk, what, line, err);
        if (st != WN_OK || *what != IO_CUT_NONE)
            return st;
        if (!r->in->top)
            return WN_END;                      /* a container: no lines of its own */
        st = io_source_next(r->in->top, &r->chunk, &r->fault_text);
        if (st == WN_OK)
            continue;
        r->chunk.len = 0;
        if (st != WN_END && !is_fault(st, &r->in->facts))
            return wn_fail(err, st, "%s", r->fault_text.text);
        if (st != WN_END) {
            note_fault(r, r->in, st, &r->fault_text);
            io_lines_rescue(&r->lines, what, line);
            return *what == IO_CUT_NONE ? WN_END : WN_OK;   /* a begun line is lost with the file */
        }
        r->at = AT_END;
        io_lines_end(&r->lines, what, line);
        return *what == IO_CUT_NONE ? WN_END : WN_OK;
    }
}

/* Goes to the next file or member; WN_END after the last. */
static enum wn_status next_file(struct wn_reader *r, struct wn_err *err)
{
    enum wn_status st;

    if (r->box)
        return open_member(r, err);
    if (r->next >= r->walk.n)
        return WN_END;
    st = open_file(r, err);
    if (st != WN_OK || r->at == AT_END || !is_container(r))
        return st;
    st = open_box(r, err);
    return st == WN_OK && r->box ? open_member(r, err) : st;
}

enum wn_status wn_reader_next(struct wn_reader *r, struct wn_arena *a, struct wn_item *item, struct wn_err *err)
{
    struct wn_err own;
    struct io_line line;
    enum io_cut what;
    enum wn_status st;

    if (!err)
        err = &own;
    if (r->at == AT_NEXT) {
        st = next_file(r, err);
        return st == WN_OK ? begin_item(r, a, item, err) : st;
    }
    if (r->at == AT_END)
        return end_item(r, a, item, err);
    st = next_line(r, &what, &line, err);
    if (st == WN_END)
        return end_item(r, a, item, err);
    return st == WN_OK ? line_item(r, what, &line, a, item, err) : st;
}
