/*
 * codepoint.c - decode UTF-8 (RFC 3629).  Whole texts are checked by wn_utf8_check;
 * what follows relies on that only for its answers, not for its safety.
 */
#include "text/codepoint.h"

#include "base/utf8.h"

uint32_t codepoint_next_multi(struct wn_str s, size_t *pos)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *pos;
    size_t left = s.len - *pos, need = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    uint32_t c = p[0] & (0xFFu >> (need + 1));

    if (p[0] < 0xC2 || p[0] > 0xF4 || need > left)
        goto malformed;
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80)
            goto malformed;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    *pos += need;
    return c;
malformed:
    (*pos)++;
    return CODEPOINT_REPLACEMENT;
}

uint32_t wn_utf8_next(struct wn_str s, size_t *pos)
{
    return codepoint_next(s, pos);
}

void wn_utf8_add(struct wn_buf *out, uint32_t c)
{
    char bytes[4];

    wn_buf_add(out, (struct wn_str){ bytes, utf8_put(bytes, c) });
}

uint64_t wn_utf8_count(struct wn_str s)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return n;
}
