/* jstring.c - decode JSON strings. */
#include "io/jstring.h"

#include "base/utf8.h"
#include "io/bytescan.h"

enum { REPLACEMENT = 0xfffd };

static uint32_t hex4(const char *p)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 | (uint32_t)io_hex_digit(p[i]);
    return v;
}

/* The code point of the \u escape whose digits start at raw[*at]; moves *AT behind it,
 * and behind the second half of a pair. */
static uint32_t unicode_escape(struct wn_str raw, size_t *at, uint32_t *n_repaired)
{
    uint32_t c = hex4(raw.ptr + *at), low;

    *at += 4;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c < 0xdc00 && raw.len - *at >= 6 && raw.ptr[*at] == '\\' && raw.ptr[*at + 1] == 'u') {
        low = hex4(raw.ptr + *at + 2);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *at += 6;
            return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    ++*n_repaired;
    return REPLACEMENT;
}

/* The character of the escape at raw[*at] (behind the backslash); moves *AT. */
static uint32_t escape(struct wn_str raw, size_t *at, uint32_t *n_repaired)
{
    char c = raw.ptr[(*at)++];

    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return unicode_escape(raw, at, n_repaired);
    default:
        return (unsigned char)c;
    }
}

/* Copies S, with each maximal ill-formed part replaced; at most three times its length. */
static size_t copy_repaired(char *out, struct wn_str s, uint32_t *n_repaired)
{
    size_t n = 0;

    while (s.len) {
        size_t good = wn_utf8_check(s);
        unsigned bad;
        bool cut;

        memcpy(out + n, s.ptr, good);
        n += good;
        s.ptr += good;
        s.len -= good;
        if (!s.len)
            break;
        utf8_step(s, &bad, &cut);
        s.ptr += bad;
        s.len -= bad;
        n += utf8_put(out + n, REPLACEMENT);
        ++*n_repaired;
    }
    return n;
}

struct wn_str io_string_repair(struct wn_str s, struct wn_arena *a, uint32_t *n_repaired)
{
    struct wn_str out = { NULL, 0 };
    size_t room;
    char *p;

    if (wn_utf8_check(s) == s.len)
        return s;
    p = wn_mul_ok(s.len, 3, &room) ? wn_arena_alloc(a, room) : NULL;
    if (p)
        out.len = copy_repaired(p, s, n_repaired);
    out.ptr = p;
    return out;
}

/* Decodes RAW to OUT, which has room for all of RAW and BYTESCAN_SLACK: the decoded
 * bytes never outnumber the raw ones. */
static size_t decode_plain(char *out, struct wn_str raw, uint32_t *n_repaired)
{
    size_t at = 0, n = 0;

    for (;;) {
        size_t plain = bytescan_copy(out + n, raw.ptr + at, raw.len - at);

        n += plain;
        at += plain;
        if (at == raw.len)
            return n;
        at++;
        n += utf8_put(out + n, escape(raw, &at, n_repaired));
    }
}

/* The same with repairs; OUT has room for three times RAW. */
static size_t decode_repaired(char *out, struct wn_str raw, uint32_t *n_repaired)
{
    size_t at = 0, n = 0;

    while (at < raw.len) {
        const char *slash = memchr(raw.ptr + at, '\\', raw.len - at);
        struct wn_str plain = { raw.ptr + at, slash ? (size_t)(slash - raw.ptr) - at : raw.len - at };

        n += copy_repaired(out + n, plain, n_repaired);
        at += plain.len;
        if (slash) {
            at++;
            n += utf8_put(out + n, escape(raw, &at, n_repaired));
        }
    }
    return n;
}

struct wn_str io_string_decode(struct wn_str raw, bool repair, struct wn_arena *a, uint32_t *n_repaired)
{
    struct wn_str out = { NULL, 0 };
    size_t room;
    char *p;

    repair = repair && wn_utf8_check(raw) < raw.len;
    if (!repair && !(raw.len && memchr(raw.ptr, '\\', raw.len)))
        return raw;
    if (!wn_mul_ok(raw.len, repair ? 3 : 1, &room) || !wn_add_ok(room, BYTESCAN_SLACK, &room))
        return out;
    p = wn_arena_alloc(a, room);
    if (!p)
        return out;
    out.len = repair ? decode_repaired(p, raw, n_repaired) : decode_plain(p, raw, n_repaired);
    out.ptr = p;
    return out;
}

bool io_string_equals(struct wn_str raw, struct wn_str plain)
{
    size_t at = 0, used = 0;
    uint32_t ignored = 0;
    char c[4];

    while (at < raw.len) {
        unsigned n = 1;

        c[0] = raw.ptr[at++];
        if (c[0] == '\\')
            n = utf8_put(c, escape(raw, &at, &ignored));
        if (n > plain.len - used || memcmp(plain.ptr + used, c, n) != 0)
            return false;
        used += n;
    }
    return used == plain.len;
}
