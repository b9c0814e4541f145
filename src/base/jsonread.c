#include <winnow/json.h>
#include <winnow/text.h>

#include <cjson/cJSON.h>   /* the only file that sees it */

/* struct wn_jsonval is never defined: a value is cJSON's own node behind our name. */
static const cJSON *node(const struct wn_jsonval *v)
{
    return (const cJSON *)(const void *)v;
}

static const struct wn_jsonval *val(const cJSON *n)
{
    return (const struct wn_jsonval *)(const void *)n;
}

enum { MAX_TEXT_BYTES = 64 << 20 };

static bool only_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p == end;
}

enum wn_status wn_jsonval_parse(struct wn_jsonval **out, struct wn_str text, struct wn_err *err)
{
    const char *stop = text.ptr;
    unsigned long line = 1, column = 1;
    cJSON *root;

    *out = NULL;
    if (text.len > MAX_TEXT_BYTES)
        return wn_fail(err, WN_LIMIT, "JSON text of %zu bytes is above the limit of %d", text.len, MAX_TEXT_BYTES);
    if (wn_utf8_check(text) < text.len)
        return wn_fail(err, WN_BADDATA, "not valid UTF-8: byte %zu", wn_utf8_check(text));
    root = text.len ? cJSON_ParseWithLengthOpts(text.ptr, text.len, &stop, 0) : NULL;
    if (root && only_blanks(stop, text.ptr + text.len)) {
        *out = (struct wn_jsonval *)(void *)root;
        return WN_OK;
    }
    cJSON_Delete(root);
    for (const char *p = text.ptr; p < stop && p < text.ptr + text.len; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    return wn_fail(err, WN_BADDATA, "%s: line %lu, column %lu",
                   root ? "text after the end of the JSON value" : text.len ? "not valid JSON" : "empty, not JSON", line, column);
}

void wn_jsonval_free(struct wn_jsonval *v)
{
    cJSON_Delete((cJSON *)(void *)v);
}

const struct wn_jsonval *wn_jsonval_get(const struct wn_jsonval *v, const char *key)
{
    return val(v ? cJSON_GetObjectItemCaseSensitive(node(v), key) : NULL);
}

size_t wn_jsonval_size(const struct wn_jsonval *v)
{
    return v && (cJSON_IsArray(node(v)) || cJSON_IsObject(node(v))) ? (size_t)cJSON_GetArraySize(node(v)) : 0;
}

const struct wn_jsonval *wn_jsonval_at(const struct wn_jsonval *v, size_t i)
{
    return val(i < wn_jsonval_size(v) ? cJSON_GetArrayItem(node(v), (int)i) : NULL);
}

const char *wn_jsonval_key_at(const struct wn_jsonval *v, size_t i)
{
    const struct wn_jsonval *item = v && cJSON_IsObject(node(v)) ? wn_jsonval_at(v, i) : NULL;

    return item ? node(item)->string : NULL;
}

double wn_jsonval_num(const struct wn_jsonval *v, double dflt)
{
    return wn_jsonval_is_num(v) ? node(v)->valuedouble : dflt;
}

bool wn_jsonval_bool(const struct wn_jsonval *v, bool dflt)
{
    return v && cJSON_IsBool(node(v)) ? cJSON_IsTrue(node(v)) : dflt;
}

const char *wn_jsonval_str(const struct wn_jsonval *v, const char *dflt)
{
    return wn_jsonval_is_str(v) ? node(v)->valuestring : dflt;
}

bool wn_jsonval_is_num(const struct wn_jsonval *v)
{
    return v && cJSON_IsNumber(node(v));
}

bool wn_jsonval_is_str(const struct wn_jsonval *v)
{
    return v && cJSON_IsString(node(v));
}
