/*
 * record.h - one JSON record: find its members, decode what winnow owns, leave the
 * rest byte for byte.
 *
 * The scanner is strict JSON (RFC 8259) with these defined answers: duplicate keys,
 * the last one counts; a lone surrogate escape becomes U+FFFD and is counted; nesting
 * up to 1,000; NUL only as \u0000; keys are compared after decoding escapes.
 */
#ifndef WINNOW_RECORD_H
#define WINNOW_RECORD_H

#include <winnow/reader.h>

/* Names of the members to look at.  A NULL takes the default. */
struct wn_fields {
    const char *id;      /* "id"     */
    const char *text;    /* "text"   */
    const char *source;  /* "source" */
    const char *label;   /* "label"  */
    const char *group;   /* "group"  */
    const char *lang;    /* "lang"   */
    bool utf8_replace;   /* invalid UTF-8 becomes U+FFFD instead of a quarantine */
};

/* Parses ITEM (a RECORD) into DOC, allocating in A; a group of plain lines is passed on
 * unchecked and not copied.  WN_OK; WN_BADDATA with *REASON
 * and a message that names byte and a snippet; WN_NOMEM. */
enum wn_status wn_record_parse(const struct wn_fields *f, const struct wn_item *item, struct wn_arena *a,
                               struct wn_doc *doc, enum wn_reason *reason, struct wn_err *err);

/* Appends RECORD with its member KEY set to RAW_VALUE: replaced where it stands, or
 * added as the last member.  All other bytes are kept.  RECORD must have parsed. */
enum wn_status wn_record_set(struct wn_buf *out, struct wn_str record, const char *key,
                             struct wn_str raw_value, struct wn_err *err);

/* The raw JSON value of a member of RECORD (the last one of that name); false when
 * there is none. */
bool wn_record_get(struct wn_str record, const char *key, struct wn_str *raw_value);

/* Decodes a raw JSON string value into A.  false when RAW is not a string. */
bool wn_record_decode(struct wn_str raw, struct wn_arena *a, struct wn_str *out);

#endif
