/*
 * json.h - write JSON of our own, and read small JSON files (configuration,
 * manifests, summaries, traces).  Records of a corpus go through record.h instead.
 */
#ifndef WINNOW_JSON_H
#define WINNOW_JSON_H

#include <winnow/str.h>

/* Appends S as a JSON string with quotes.  S should be valid UTF-8; other bytes
 * become U+FFFD, so the output is always valid JSON. */
void wn_json_str(struct wn_buf *out, struct wn_str s);
/* Appends a short decimal that reads back as the same double, always with a '.'
 * or an exponent; null for NAN and infinities. */
void wn_json_num(struct wn_buf *out, double v);
void wn_json_int(struct wn_buf *out, int64_t v);
void wn_json_uint(struct wn_buf *out, uint64_t v);

/* Small writer that puts the commas.  Objects and arrays nest up to 60 deep. */
struct wn_json {
    struct wn_buf *out;
    uint64_t has_item;      /* bit d: level d holds something already */
    unsigned depth;
};
void wn_json_init(struct wn_json *j, struct wn_buf *out);
/* KEY is NULL inside arrays and at the top. */
void wn_json_open(struct wn_json *j, const char *key, char brace);   /* '{' or '[' */
void wn_json_close(struct wn_json *j, char brace);                   /* '}' or ']' */
void wn_json_add_str(struct wn_json *j, const char *key, struct wn_str s);
void wn_json_add_strz(struct wn_json *j, const char *key, const char *z);
void wn_json_add_num(struct wn_json *j, const char *key, double v);
void wn_json_add_uint(struct wn_json *j, const char *key, uint64_t v);
void wn_json_add_bool(struct wn_json *j, const char *key, bool v);
void wn_json_add_raw(struct wn_json *j, const char *key, struct wn_str raw);

/* A parsed value; opaque (a node of cJSON).  At most 64 MiB and 1,000 levels deep;
 * a string ends at \\u0000. */
struct wn_jsonval;
/* WN_BADDATA names line and column.  *OUT is the caller's; its parts live in it. */
enum wn_status wn_jsonval_parse(struct wn_jsonval **out, struct wn_str text, struct wn_err *err);
void wn_jsonval_free(struct wn_jsonval *v);
/* NULL when V is NULL, not an object, or has no such key. */
const struct wn_jsonval *wn_jsonval_get(const struct wn_jsonval *v, const char *key);
/* Items of an array or members of an object; 0 for anything else. */
size_t wn_jsonval_size(const struct wn_jsonval *v);
const struct wn_jsonval *wn_jsonval_at(const struct wn_jsonval *v, size_t i);
/* The name of member I of an object; NULL otherwise. */
const char *wn_jsonval_key_at(const struct wn_jsonval *v, size_t i);
/* DFLT when V is NULL or of another type. */
double wn_jsonval_num(const struct wn_jsonval *v, double dflt);
bool wn_jsonval_bool(const struct wn_jsonval *v, bool dflt);
const char *wn_jsonval_str(const struct wn_jsonval *v, const char *dflt);
bool wn_jsonval_is_num(const struct wn_jsonval *v);
bool wn_jsonval_is_str(const struct wn_jsonval *v);

#endif
