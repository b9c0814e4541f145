/* Any bytes as one record.  What is accepted must survive set, get and decode. */
#include "fuzz/driver.h"

#include <winnow/record.h>

#include "base/utf8.h"

static void require(int ok)
{
    if (!ok)
        abort();
}

static void check(struct wn_str line, bool replace, struct wn_arena *a)
{
    struct wn_fields f = { .utf8_replace = replace };
    struct wn_item item = { .kind = WN_ITEM_RECORD, .line = line, .place = { "fuzz", 1, 0 } };
    struct wn_buf changed = { 0 };
    struct wn_doc doc;
    enum wn_reason reason;
    struct wn_err err;
    struct wn_str raw;
    enum wn_status st = wn_record_parse(&f, &item, a, &doc, &reason, &err);

    require((st == WN_OK) == (reason == WN_R_NONE));
    if (st == WN_OK) {
        require(wn_utf8_check(doc.text) == doc.text.len && wn_utf8_check(doc.id) == doc.id.len);
        require(wn_record_set(&changed, line, "winnow", WN_STR("{\"v\":1}"), &err) == WN_OK);
        require(wn_record_get(wn_buf_str(&changed), "winnow", &raw) && wn_str_eq(raw, WN_STR("{\"v\":1}")));
        require(wn_record_get(line, "text", &raw) && wn_record_decode(raw, a, &raw));
        require(replace || wn_str_eq(raw, doc.text));
    } else {
        require(err.text[0] != '\0');
    }
    wn_record_decode(line, a, &raw);
    wn_buf_release(&changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_arena a = { 0 };
    struct wn_str line = { size ? (const char *)data : "", size };

    check(line, false, &a);
    check(line, true, &a);
    wn_arena_release(&a);
    return 0;
}
