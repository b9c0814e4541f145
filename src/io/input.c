/* input.c - put the layers of one input together. */
#include "io/input.h"

#include <stdio.h>

enum { MAX_LAYERS = 4 };   /* of compression around each other; more is a trick, not a corpus */

enum wn_status io_input_init(struct io_input *in, bool digest, _Atomic uint64_t *progress, struct wn_err *err)
{
    memset(in, 0, sizeof(*in));
    in->facts.fd = -1;
    in->facts.progress = progress;
    if (!digest)
        return WN_OK;
    in->facts.digest = wn_digest_new();
    return in->facts.digest ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for a digest");
}

void io_input_release(struct io_input *in)
{
    io_source_close(in->top);
    wn_digest_free(in->facts.digest);
    in->top = NULL;
    in->facts.digest = NULL;
}

/* Replaces the top layer by the one that open makes of it. */
static enum wn_status peek_on_top(struct io_input *in, struct wn_err *err)
{
    struct io_source *below = in->top;

    in->top = NULL;
    return io_peek_open(&in->top, below, err);
}

static enum wn_status decode_on_top(struct io_input *in, enum io_kind kind, uint64_t window_max, struct wn_err *err)
{
    struct io_source *below = in->top;

    in->top = NULL;
    if (kind == IO_KIND_GZ)
        return io_gz_open(&in->top, below, &in->facts, err);
    return io_zst_open(&in->top, below, window_max, &in->facts, err);
}

/* The outermost layer against what the name promises. */
static void compare_name(struct io_input *in, const char *name, enum io_kind found, const char *found_name, bool empty)
{
    enum io_kind said = io_kind_of_name(name);

    if (empty)
        snprintf(in->note, sizeof(in->note), "the file is empty");
    else if (said != IO_KIND_LINES && said != found)
        snprintf(in->note, sizeof(in->note), "the name promises something else, the file holds %s", found_name);
}

static bool looks_like_json(struct wn_str head)
{
    if (head.len >= 3 && memcmp(head.ptr, "\xef\xbb\xbf", 3) == 0)
        head = (struct wn_str){ head.ptr + 3, head.len - 3 };
    while (head.len && strchr(" \t\r\n", head.ptr[0]) && head.ptr[0]) {
        head.ptr++;
        head.len--;
    }
    return head.len && head.ptr[0] == '{';
}

static enum wn_status judge_shape(struct io_input *in, struct wn_str head, struct wn_err *err)
{
    if (in->format == WN_FORMAT_LINES)
        return WN_OK;
    switch (io_shape(head, head.len < IO_PEEK_BYTES)) {
    case IO_SHAPE_UTF16:
        return io_fault(&in->facts, WN_R_ENCODING_UTF16, err,
                        "the file is UTF-16 or UTF-32: convert it first, for example iconv -f UTF-16 -t UTF-8");
    case IO_SHAPE_ARRAY:
        if (in->is_text || in->is_plain)
            return WN_OK;
        return io_fault(&in->facts, WN_R_NOT_JSONL, err,
                        "the file is one JSON array, not one object a line: convert it first, for example jq -c '.[]'");
    case IO_SHAPE_PRETTY:
        if (!in->is_text && !in->is_plain)
            snprintf(in->note, sizeof(in->note),
                     "looks like pretty-printed JSON, an object over several lines: convert it first, for example jq -c .");
        return WN_OK;
    case IO_SHAPE_LINES:
        break;
    }
    return WN_OK;
}

enum wn_status io_input_open(struct io_input *in, struct io_source *raw, const char *name, uint64_t window_max,
                             struct wn_err *err)
{
    enum wn_status st = io_tap_open(&in->top, raw, &in->facts, err);
    const char *kind_name;
    struct wn_str head = { "", 0 };
    bool text_name = io_name_is_text(name) && in->format != WN_FORMAT_JSONL;

    in->is_text = in->format == WN_FORMAT_TEXT || (in->format == WN_FORMAT_AUTO && text_name);
    in->is_plain = in->format == WN_FORMAT_LINES;
    for (int layer = 0; st == WN_OK; layer++) {
        st = peek_on_top(in, err);
        if (st == WN_OK)
            st = io_peek_head(in->top, IO_PEEK_BYTES, &head, err);
        if (st != WN_OK)
            return st;
        in->kind = io_sniff(head, &kind_name);
        if (in->kind == IO_KIND_FOREIGN && (in->is_text || in->is_plain || text_name))
            in->kind = IO_KIND_LINES;
        if (layer == 0)
            compare_name(in, name, in->kind, kind_name, head.len == 0);
        if (in->kind != IO_KIND_GZ && in->kind != IO_KIND_ZST)
            break;
        if (layer == MAX_LAYERS)
            return io_fault(&in->facts, WN_R_UNSUPPORTED, err, "compressed more than %d times over", MAX_LAYERS);
        st = decode_on_top(in, in->kind, window_max, err);
    }
    if (st != WN_OK)
        return st;
    if (in->kind == IO_KIND_FOREIGN)
        return io_fault(&in->facts, WN_R_UNSUPPORTED, err, "%s is not read: convert it first", kind_name);
    if (in->kind == IO_KIND_OWN)
        return io_fault(&in->facts, WN_R_UNSUPPORTED, err, "it is no text but %s", kind_name);
    if (in->format == WN_FORMAT_SNIFF)
        in->is_plain = !looks_like_json(head);
    return in->kind == IO_KIND_LINES ? judge_shape(in, head, err) : WN_OK;
}
