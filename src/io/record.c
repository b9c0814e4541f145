/* record.c - from a line to a document; change one member, keep all other bytes. */
#include <winnow/record.h>

#include <stdio.h>

#include <winnow/json.h>

#include "base/utf8.h"
#include "io/jstring.h"
#include "io/scan.h"

enum { W_ID, W_TEXT, W_SOURCE, W_LABEL, W_GROUP, W_LANG, W_TAG, N_WANTS };

/* ---- messages --------------------------------------------------------------------- */

/* Printable ASCII of S; everything else as '?', so that a message stays one clean line. */
static void show(char *out, struct wn_str s)
{
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? s.ptr[i] : '?';
    out[s.len] = '\0';
}

/* Names the place, counted from 1, and shows what stands around it. */
static enum wn_status fail_at(struct wn_err *err, struct wn_str line, size_t at, const char *what)
{
    enum { BEFORE = 36, BEHIND = 24 };
    size_t from = at > BEFORE ? at - BEFORE : 0, to = line.len - at > BEHIND ? at + BEHIND : line.len;
    char before[BEFORE + 1], behind[BEHIND + 1];

    show(before, (struct wn_str){ line.ptr + from, at - from });
    show(behind, (struct wn_str){ line.ptr + at, to - at });
    return wn_fail(err, WN_BADDATA, "byte %zu: %s, after '%s%s' before '%s%s'", at + 1, what, from ? "..." : "", before,
                   behind, to < line.len ? "..." : "");
}

static enum wn_status fail_type(struct wn_err *err, struct wn_str line, const struct io_want *w, const char *wanted)
{
    char what[160];

    snprintf(what, sizeof(what), "member '%.*s' is no %s", WN_STR_ARG(w->key), wanted);
    return fail_at(err, line, (size_t)(w->raw.ptr - line.ptr), what);
}

static enum wn_status fail_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "out of memory for a document");
}

/* ---- checks ----------------------------------------------------------------------- */

/* The first thing that is wrong with LINE, in its structure or its UTF-8. */
static enum wn_status check_line(struct wn_str line, bool check_utf8, const struct io_scan *scan, enum wn_reason *reason,
                                 struct wn_err *err)
{
    size_t bad = check_utf8 ? wn_utf8_check(line) : line.len;
    unsigned n_bad;
    bool cut = false;

    *reason = scan->reason;
    if (bad < line.len)
        utf8_step((struct wn_str){ line.ptr + bad, line.len - bad }, &n_bad, &cut);
    if (bad < line.len && (scan->reason == WN_R_NONE || bad <= scan->at) &&
        !(cut && scan->reason == WN_R_JSON_TRUNCATED)) {
        *reason = WN_R_UTF8_INVALID;
        return fail_at(err, line, bad, "invalid UTF-8");
    }
    return scan->reason == WN_R_NONE ? WN_OK : fail_at(err, line, scan->at, scan->what);
}

static inline bool is_string(struct wn_str raw)
{
    return raw.len && raw.ptr[0] == '"';
}

static bool is_null_or_nested(struct wn_str raw)
{
    return raw.ptr[0] == 'n' || raw.ptr[0] == '{' || raw.ptr[0] == '[';
}

static struct wn_str inside(struct wn_str raw)
{
    return (struct wn_str){ raw.ptr + 1, raw.len - 2 };
}

/* A scalar as text: a string decoded, a number or boolean as it stands; empty for
 * null, objects and arrays. */
static bool read_scalar(const struct io_want *w, bool repair, struct wn_arena *a, struct wn_doc *doc, struct wn_str *out)
{
    *out = (struct wn_str){ "", 0 };
    if (!w->found || is_null_or_nested(w->raw))
        return true;
    *out = is_string(w->raw) ? io_string_decode(inside(w->raw), repair, a, &doc->n_repaired) : w->raw;
    return out->ptr;
}

/* ---- parse ------------------------------------------------------------------------ */

static bool make_id(struct wn_doc *doc, struct wn_arena *a)
{
    char *id;

    if (doc->id.len)
        return true;
    id = wn_arena_printf(a, "%s:%llu", doc->place.file, (unsigned long long)doc->place.line);
    doc->id = wn_str(id);
    doc->id_made = true;
    return id;
}

static enum wn_status read_text(const struct wn_fields *f, struct wn_str line, const struct io_want *w, struct wn_arena *a,
                                struct wn_doc *doc, enum wn_reason *reason, struct wn_err *err)
{
    if (!w->found) {
        *reason = WN_R_TEXT_MISSING;
        return wn_fail(err, WN_BADDATA, "the record has no member '%.*s'", WN_STR_ARG(w->key));
    }
    if (!is_string(w->raw)) {
        *reason = WN_R_TEXT_TYPE;
        return fail_type(err, line, w, "string");
    }
    doc->text = io_string_decode(inside(w->raw), f->utf8_replace, a, &doc->n_repaired);
    return doc->text.ptr ? WN_OK : fail_memory(err);
}

static enum wn_status read_members(const struct wn_fields *f, struct wn_str line, const struct io_want *want,
                                   struct wn_arena *a, struct wn_doc *doc, enum wn_reason *reason, struct wn_err *err)
{
    bool repair = f->utf8_replace;
    enum wn_status st;

    if (want[W_ID].found && (want[W_ID].raw.ptr[0] == '{' || want[W_ID].raw.ptr[0] == '[')) {
        *reason = WN_R_ID_TYPE;
        return fail_type(err, line, &want[W_ID], "string or number");
    }
    st = read_text(f, line, &want[W_TEXT], a, doc, reason, err);
    if (st != WN_OK)
        return st;
    if (!read_scalar(&want[W_ID], repair, a, doc, &doc->id) || !make_id(doc, a) ||
        !read_scalar(&want[W_SOURCE], repair, a, doc, &doc->source) ||
        !read_scalar(&want[W_LABEL], repair, a, doc, &doc->label) ||
        !read_scalar(&want[W_GROUP], repair, a, doc, &doc->group) ||
        !read_scalar(&want[W_LANG], repair, a, doc, &doc->lang))
        return fail_memory(err);
    doc->tag_raw = want[W_TAG].found ? want[W_TAG].raw : (struct wn_str){ "", 0 };
    return WN_OK;
}

/* A whole text gets the record that stands for it downstream. */
static enum wn_status make_record(struct wn_doc *doc, struct wn_arena *a, struct wn_err *err)
{
    struct wn_buf b = { 0 };
    struct wn_json j;
    enum wn_status st;

    wn_json_init(&j, &b);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", doc->id);
    wn_json_add_str(&j, "text", doc->text);
    wn_json_add_strz(&j, "source", doc->place.file);
    wn_json_close(&j, '}');
    st = wn_buf_status(&b, err);
    if (st == WN_OK) {
        doc->record = wn_arena_copy(a, wn_buf_str(&b));
        if (!doc->record.ptr)
            st = fail_memory(err);
    }
    wn_buf_release(&b);
    return st;
}

static enum wn_status parse_text(const struct wn_fields *f, const struct wn_item *item, struct wn_arena *a,
                                 struct wn_doc *doc, enum wn_reason *reason, struct wn_err *err)
{
    size_t bad;

    if (item->is_lines) {
        doc->text = item->line;
        doc->record = (struct wn_str){ "", 0 };
        doc->id = wn_str(item->place.file);
        doc->n_lines = item->n_lines;
        return WN_OK;
    }
    bad = f->utf8_replace ? item->line.len : wn_utf8_check(item->line);
    if (bad < item->line.len) {
        *reason = WN_R_UTF8_INVALID;
        return fail_at(err, item->line, bad, "invalid UTF-8");
    }
    doc->text = io_string_repair(item->line, a, &doc->n_repaired);
    if (!doc->text.ptr || !make_id(doc, a))
        return fail_memory(err);
    return make_record(doc, a, err);
}

static struct wn_str name_or(const char *name, const char *dflt)
{
    return wn_str(name ? name : dflt);
}

enum wn_status wn_record_parse(const struct wn_fields *f, const struct wn_item *item, struct wn_arena *a,
                               struct wn_doc *doc, enum wn_reason *reason, struct wn_err *err)
{
    const struct wn_str none = { "", 0 };
    struct io_want want[N_WANTS] = {
        [W_ID].key = name_or(f->id, "id"),          [W_TEXT].key = name_or(f->text, "text"),
        [W_SOURCE].key = name_or(f->source, "source"), [W_LABEL].key = name_or(f->label, "label"),
        [W_GROUP].key = name_or(f->group, "group"), [W_LANG].key = name_or(f->lang, "lang"),
        [W_TAG].key = WN_STR("winnow"),
    };
    struct io_scan scan;
    enum wn_status st;

    memset(doc, 0, sizeof(*doc));
    doc->record = item->line;
    doc->place = item->place;
    doc->id = doc->text = doc->source = doc->label = doc->group = doc->lang = doc->tag_raw = none;
    *reason = WN_R_NONE;
    if (item->is_text)
        return parse_text(f, item, a, doc, reason, err);
    io_scan_object(item->line, want, N_WANTS, &scan);
    st = check_line(item->line, !f->utf8_replace, &scan, reason, err);
    if (st != WN_OK)
        return st;
    st = read_members(f, item->line, want, a, doc, reason, err);
    if (st == WN_OK && f->utf8_replace) {
        uint32_t counted_already = 0;

        /* What is written from this record must be valid as well. */
        doc->record = io_string_repair(item->line, a, &counted_already);
        if (!doc->record.ptr)
            st = fail_memory(err);
    }
    return st;
}

/* ---- single members --------------------------------------------------------------- */

bool wn_record_get(struct wn_str record, const char *key, struct wn_str *raw_value)
{
    struct io_want want = { .key = wn_str(key) };
    struct io_scan scan;

    io_scan_object(record, &want, 1, &scan);
    if (scan.reason != WN_R_NONE || !want.found)
        return false;
    *raw_value = want.raw;
    return true;
}

enum wn_status wn_record_set(struct wn_buf *out, struct wn_str record, const char *key, struct wn_str raw_value,
                             struct wn_err *err)
{
    struct io_want want = { .key = wn_str(key) };
    struct io_scan scan;
    size_t from, to;

    io_scan_object(record, &want, 1, &scan);
    if (scan.reason != WN_R_NONE)
        return fail_at(err, record, scan.at, scan.what);
    from = want.found ? (size_t)(want.raw.ptr - record.ptr) : scan.body_end;
    to = want.found ? from + want.raw.len : from;
    wn_buf_add(out, (struct wn_str){ record.ptr, from });
    if (!want.found) {
        if (!scan.is_empty)
            wn_buf_addc(out, ',');
        wn_json_str(out, wn_str(key));
        wn_buf_addc(out, ':');
    }
    wn_buf_add(out, raw_value);
    wn_buf_add(out, (struct wn_str){ record.ptr + to, record.len - to });
    return wn_buf_status(out, err);
}

bool wn_record_decode(struct wn_str raw, struct wn_arena *a, struct wn_str *out)
{
    uint32_t n_repaired = 0;
    struct io_scan scan;

    if (raw.len < 2 || raw.ptr[0] != '"' || raw.ptr[raw.len - 1] != '"')
        return false;
    io_scan_object(raw, NULL, 0, &scan);
    if (scan.reason != WN_R_JSON_NOT_OBJECT)
        return false;
    *out = io_string_decode(inside(raw), true, a, &n_repaired);
    return out->ptr;
}
