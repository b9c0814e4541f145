#include <winnow/json.h>
#include <winnow/text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void add_escaped(struct wn_buf *out, unsigned char c)
{
    switch (c) {
    case '"': wn_buf_addz(out, "\\\""); break;
    case '\\': wn_buf_addz(out, "\\\\"); break;
    case '\n': wn_buf_addz(out, "\\n"); break;
    case '\r': wn_buf_addz(out, "\\r"); break;
    case '\t': wn_buf_addz(out, "\\t"); break;
    default: wn_buf_addf(out, "\\u%04x", c);
    }
}

/* Valid UTF-8: only quotes, backslashes and control characters need care. */
static void add_valid(struct wn_buf *out, struct wn_str s)
{
    size_t from = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        wn_buf_add(out, (struct wn_str){ s.ptr + from, i - from });
        add_escaped(out, c);
        from = i + 1;
    }
    wn_buf_add(out, (struct wn_str){ s.ptr + from, s.len - from });
}

void wn_json_str(struct wn_buf *out, struct wn_str s)
{
    wn_buf_addc(out, '"');
    for (;;) {
        size_t good = wn_utf8_check(s);

        add_valid(out, (struct wn_str){ s.ptr, good });
        if (good == s.len)
            break;
        wn_buf_addz(out, "\xef\xbf\xbd");
        s.ptr += good + 1;
        s.len -= good + 1;
    }
    wn_buf_addc(out, '"');
}

void wn_json_num(struct wn_buf *out, double v)
{
    char text[40];

    if (!isfinite(v)) {
        wn_buf_addz(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    wn_buf_addz(out, text);
    /* A reader that infers types must see a float in every row. */
    if (!strpbrk(text, ".e"))
        wn_buf_addz(out, ".0");
}

void wn_json_int(struct wn_buf *out, int64_t v)
{
    wn_buf_addf(out, "%lld", (long long)v);
}

void wn_json_uint(struct wn_buf *out, uint64_t v)
{
    wn_buf_addf(out, "%llu", (unsigned long long)v);
}

void wn_json_init(struct wn_json *j, struct wn_buf *out)
{
    j->out = out;
    j->has_item = 0;
    j->depth = 0;
}

/* The comma before and the key of the next value. */
static void begin(struct wn_json *j, const char *key)
{
    if (j->has_item >> j->depth & 1)
        wn_buf_addc(j->out, ',');
    j->has_item |= (uint64_t)1 << j->depth;
    if (key) {
        wn_json_str(j->out, wn_str(key));
        wn_buf_addc(j->out, ':');
    }
}

void wn_json_open(struct wn_json *j, const char *key, char brace)
{
    begin(j, key);
    wn_buf_addc(j->out, brace);
    j->depth++;
    j->has_item &= ~((uint64_t)1 << j->depth);
}

void wn_json_close(struct wn_json *j, char brace)
{
    wn_buf_addc(j->out, brace);
    j->depth--;
}

void wn_json_add_str(struct wn_json *j, const char *key, struct wn_str s)
{
    begin(j, key);
    wn_json_str(j->out, s);
}

void wn_json_add_strz(struct wn_json *j, const char *key, const char *z)
{
    wn_json_add_str(j, key, wn_str(z));
}

void wn_json_add_num(struct wn_json *j, const char *key, double v)
{
    begin(j, key);
    wn_json_num(j->out, v);
}

void wn_json_add_uint(struct wn_json *j, const char *key, uint64_t v)
{
    begin(j, key);
    wn_json_uint(j->out, v);
}

void wn_json_add_bool(struct wn_json *j, const char *key, bool v)
{
    begin(j, key);
    wn_buf_addz(j->out, v ? "true" : "false");
}

void wn_json_add_raw(struct wn_json *j, const char *key, struct wn_str raw)
{
    begin(j, key);
    wn_buf_add(j->out, raw);
}
