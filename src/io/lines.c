/* lines.c - cut a stream of bytes into lines. */
#include "io/lines.h"

/* BOM, '\r', '\n': a line that is longer than the ceiling by more is too long for sure. */
enum { TRIM_BYTES = 3 + 2 };

static bool is_blank(struct wn_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\r')
            return false;
    return true;
}

/* Makes LINE of the bytes RAW (all of the line, or its first bytes when it is too
 * long), which stand for N_BYTES.  False for a blank line. */
static bool finish_line(struct io_lines *l, struct wn_str raw, uint64_t n_bytes, bool ended, enum io_cut *what,
                        struct io_line *line)
{
    uint64_t content = n_bytes - ended;

    line->offset = l->part_at;
    line->n_bytes = n_bytes;
    line->number = ++l->n_lines;
    l->part_at += n_bytes;
    if (raw.len > content)
        raw.len = (size_t)content;
    if (line->number == 1 && raw.len >= 3 && memcmp(raw.ptr, "\xef\xbb\xbf", 3) == 0) {
        raw.ptr += 3;
        raw.len -= 3;
        content -= 3;
        line->offset += 3;
        l->bom = true;
    }
    if (ended && raw.len == content && raw.len && raw.ptr[raw.len - 1] == '\r') {
        raw.len--;
        content--;
    }
    line->text = raw;
    if (content > l->max_bytes) {
        *what = IO_CUT_TOO_LONG;
        if (line->text.len > IO_HEAD_BYTES)
            line->text.len = IO_HEAD_BYTES;
        return true;
    }
    *what = IO_CUT_LINE;
    if (!l->whole && is_blank(raw)) {
        l->n_blank++;
        return false;
    }
    return true;
}

/* Keeps PIECE of the begun line, or only counts it once the line is too long. */
static enum wn_status keep_part(struct io_lines *l, struct wn_str piece, struct wn_err *err)
{
    uint64_t most = l->max_bytes + TRIM_BYTES;
    enum wn_status st;

    if (!piece.len)
        return WN_OK;
    l->last = piece.ptr[piece.len - 1];
    l->part_bytes += piece.len;
    if (l->part_bytes > most) {
        most = IO_HEAD_BYTES + TRIM_BYTES;
        if (l->part.len >= most)
            return WN_OK;
        if (piece.len > most - l->part.len)
            piece.len = (size_t)most - l->part.len;
    }
    st = wn_buf_reserve(&l->part, piece.len, err);
    if (st == WN_OK)
        wn_buf_add(&l->part, piece);
    return st;
}

enum wn_status io_lines_cut(struct io_lines *l, struct wn_str *chunk, enum io_cut *what, struct io_line *line,
                            struct wn_err *err)
{
    *what = IO_CUT_NONE;
    while (chunk->len) {
        const char *nl = l->whole ? NULL : memchr(chunk->ptr, '\n', chunk->len);
        struct wn_str piece = { chunk->ptr, nl ? (size_t)(nl - chunk->ptr) + 1 : chunk->len };
        bool begun = l->part_bytes > 0, found;
        enum wn_status st;

        if (begun || !nl) {
            if (!begun)
                wn_buf_reset(&l->part);
            st = keep_part(l, piece, err);
            if (st != WN_OK)
                return st;
        }
        chunk->ptr += piece.len;
        chunk->len -= piece.len;
        l->n_bytes += piece.len;
        if (!nl)
            return WN_OK;
        found = finish_line(l, begun ? wn_buf_str(&l->part) : piece, begun ? l->part_bytes : piece.len, true, what, line);
        l->part_bytes = 0;
        if (found)
            return WN_OK;
        *what = IO_CUT_NONE;
    }
    return WN_OK;
}

void io_lines_end(struct io_lines *l, enum io_cut *what, struct io_line *line)
{
    struct wn_str rest = wn_buf_str(&l->part);

    *what = IO_CUT_NONE;
    if (l->part_bytes == 0) {
        if (!l->whole)
            return;
        rest.len = 0;
    }
    if (!finish_line(l, rest, l->part_bytes, false, what, line)) {
        *what = IO_CUT_NONE;
        return;
    }
    if (!l->whole && l->last == '\0') {
        *what = IO_CUT_NUL_TAIL;
        if (line->text.len > IO_HEAD_BYTES)
            line->text.len = IO_HEAD_BYTES;
    }
}

void io_lines_release(struct io_lines *l)
{
    wn_buf_release(&l->part);
}
