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
    line->n_lines = 1;
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

/* ---- groups ----------------------------------------------------------------------- */

/* Hands out the first LEN bytes of part. */
static void give_group(struct io_lines *l, size_t len, uint64_t n_lines, enum io_cut *what, struct io_line *line)
{
    *what = IO_CUT_LINE;
    *line = (struct io_line){ .text = { l->part.ptr, len }, .number = l->n_lines + 1, .n_lines = n_lines,
                              .offset = l->part_at, .n_bytes = len };
    if (l->n_lines == 0 && len >= 3 && memcmp(l->part.ptr, "\xef\xbb\xbf", 3) == 0) {
        line->text.ptr += 3;
        line->text.len -= 3;
        line->offset += 3;
        l->bom = true;
    }
    l->n_lines += n_lines;
    l->part_at += len;
    l->given = len;
    l->group_len = 0;
    l->group_lines = 0;
}

/* The head of the begun line, which is too long and of which nothing more comes. */
static void give_head(struct io_lines *l, bool ended, enum io_cut *what, struct io_line *line)
{
    *what = IO_CUT_TOO_LONG;
    *line = (struct io_line){ .text = wn_buf_str(&l->part), .number = ++l->n_lines, .n_lines = 1, .offset = l->part_at,
                              .n_bytes = l->part_bytes + ended };
    l->part_at += line->n_bytes;
    l->part_bytes = 0;
    l->given = l->part.len;
    l->too_long = false;
}

static void drop_given(struct io_lines *l)
{
    if (l->given) {
        l->part.len -= l->given;
        memmove(l->part.ptr, l->part.ptr + l->given, l->part.len);
        l->given = 0;
    }
}

static enum wn_status take(struct io_lines *l, struct wn_str *chunk, size_t n, struct wn_err *err)
{
    enum wn_status st = wn_buf_reserve(&l->part, n, err);

    if (st != WN_OK)
        return st;
    wn_buf_add(&l->part, (struct wn_str){ chunk->ptr, n });
    chunk->ptr += n;
    chunk->len -= n;
    l->n_bytes += n;
    return WN_OK;
}

/* Counts on through the begun line, which is too long; keeps only its head. */
static enum wn_status skip_long(struct io_lines *l, struct wn_str *chunk, enum io_cut *what, struct io_line *line,
                                struct wn_err *err)
{
    const char *nl = memchr(chunk->ptr, '\n', chunk->len);
    size_t n = nl ? (size_t)(nl - chunk->ptr) : chunk->len, more;
    enum wn_status st;

    if (l->part.len > IO_HEAD_BYTES)
        l->part.len = IO_HEAD_BYTES;
    more = IO_HEAD_BYTES - l->part.len < n ? IO_HEAD_BYTES - l->part.len : n;
    st = wn_buf_reserve(&l->part, more, err);
    if (st != WN_OK)
        return st;
    wn_buf_add(&l->part, (struct wn_str){ chunk->ptr, more });
    l->part_bytes += n;
    n += nl != NULL;
    l->n_bytes += n;
    chunk->ptr += n;
    chunk->len -= n;
    if (nl)
        give_head(l, true, what, line);
    return WN_OK;
}

/* Bytes of CHUNK that the group can take: up to the line that makes it full, or up to where
 * the begun line becomes too long. */
static size_t group_reach(struct io_lines *l, struct wn_str chunk)
{
    const char *p = chunk.ptr, *end = p + chunk.len;

    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((nl ? nl : end) - p);

        if (n > l->max_bytes || l->part_bytes > l->max_bytes - n) {
            l->too_long = true;
            return (size_t)(p - chunk.ptr);
        }
        l->part_bytes += n;
        p += n;
        if (!nl)
            break;
        p++;
        l->part_bytes = 0;
        l->group_lines++;
        l->group_len = l->part.len + (size_t)(p - chunk.ptr);
        if (l->group_len >= l->group_bytes)
            break;
    }
    return (size_t)(p - chunk.ptr);
}

static enum wn_status cut_group(struct io_lines *l, struct wn_str *chunk, enum io_cut *what, struct io_line *line,
                                struct wn_err *err)
{
    drop_given(l);
    while (chunk->len && *what == IO_CUT_NONE) {
        enum wn_status st = WN_OK;

        if (!l->too_long)
            st = take(l, chunk, group_reach(l, *chunk), err);
        if (st != WN_OK)
            return st;
        if (l->group_len && (l->too_long || l->group_len >= l->group_bytes)) {
            give_group(l, l->group_len, l->group_lines, what, line);
        } else if (l->too_long) {
            st = skip_long(l, chunk, what, line, err);
            if (st != WN_OK)
                return st;
        }
    }
    return WN_OK;
}

static void end_group(struct io_lines *l, enum io_cut *what, struct io_line *line)
{
    drop_given(l);
    if (l->too_long)
        give_head(l, false, what, line);
    else if (l->part.len)
        give_group(l, l->part.len, l->group_lines + (l->group_len < l->part.len), what, line);
}

void io_lines_rescue(struct io_lines *l, enum io_cut *what, struct io_line *line)
{
    *what = IO_CUT_NONE;
    drop_given(l);
    if (l->group_len)
        give_group(l, l->group_len, l->group_lines, what, line);
}

/* ---- one line at a time ------------------------------------------------------------- */

enum wn_status io_lines_cut(struct io_lines *l, struct wn_str *chunk, enum io_cut *what, struct io_line *line,
                            struct wn_err *err)
{
    *what = IO_CUT_NONE;
    if (l->group_bytes)
        return cut_group(l, chunk, what, line, err);
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
    if (l->group_bytes) {
        end_group(l, what, line);
        return;
    }
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
