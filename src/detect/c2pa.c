#include "detect/c2pa.h"

enum { HEADER = 13, VERSION_AT = 8, LENGTH_AT = 9 };

static const unsigned char magic[VERSION_AT] = "C2PATXT";   /* with its NUL */

/* The byte that the variation selector at AT stands for and its own length in *LEN;
 * -1 when there is none.  UTF-8: U+FE00..FE0F are EF B8 80..8F, U+E0100..E01EF are
 * F3 A0 84 80 .. F3 A0 87 AF. */
static int selector_at(struct wn_str s, size_t at, size_t *len)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at;

    if (left >= 3 && p[0] == 0xEF && p[1] == 0xB8 && p[2] <= 0x8F && p[2] >= 0x80) {
        *len = 3;
        return p[2] - 0x80;
    }
    if (left >= 4 && p[0] == 0xF3 && p[1] == 0xA0 && p[2] >= 0x84 && p[2] <= 0x87 && p[3] >= 0x80 && p[3] <= 0xBF) {
        int b = 16 + (p[2] - 0x84) * 64 + (p[3] - 0x80);

        *len = 4;
        return b <= 255 ? b : -1;
    }
    return -1;
}

/* Reads the selectors behind the U+FEFF at START; the number of them, their end, and
 * their first HEADER bytes. */
static uint64_t read_run(struct wn_str s, size_t start, size_t *end, unsigned char head[HEADER])
{
    size_t at = start + 3, len = 0;
    uint64_t n = 0;
    int b;

    while (at < s.len && (b = selector_at(s, at, &len)) >= 0) {
        if (n < HEADER)
            head[n] = (unsigned char)b;
        n++;
        at += len;
    }
    *end = at;
    return n;
}

bool c2pa_find(struct wn_str text, struct c2pa_wrapper *out)
{
    struct c2pa_wrapper w = { 0, 0, 0 };
    unsigned char head[HEADER];
    uint64_t n;
    const char *hit;
    size_t at = 0, end;
    bool found = false, good = false;

    while (at < text.len && (hit = memmem(text.ptr + at, text.len - at, "\xEF\xBB\xBF", 3))) {
        size_t start = (size_t)(hit - text.ptr);

        n = read_run(text, start, &end, head);
        at = end;
        if (n < HEADER)
            continue;
        if (found)
            return false;       /* an asset has exactly one wrapper */
        found = true;
        w.start = start;
        w.len = end - start;
        w.manifest_len = (uint64_t)head[LENGTH_AT] << 24 | head[LENGTH_AT + 1] << 16 | head[LENGTH_AT + 2] << 8 |
                         head[LENGTH_AT + 3];
        good = memcmp(head, magic, sizeof(magic)) == 0 && head[VERSION_AT] == 1 && w.manifest_len <= n - HEADER;
    }
    if (good)
        *out = w;
    return good;
}
