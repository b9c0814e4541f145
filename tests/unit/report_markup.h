/*
 * report_markup.h - is a page sound: every element closed in order, nothing loaded from
 * outside, no number that is not one.
 */
#ifndef WINNOW_TEST_REPORT_MARKUP_H
#define WINNOW_TEST_REPORT_MARKUP_H

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <winnow/str.h>

enum { MARKUP_MAX_DEPTH = 64, MARKUP_MAX_NAME = 32 };

static inline bool markup_contains(struct wn_str page, const char *z)
{
    return memmem(page.ptr, page.len, z, strlen(z)) != NULL;
}

/* Whether the attribute NAME="VALUE" loads or runs something, or holds no number. */
static inline bool markup_bad_attribute(struct wn_str name, struct wn_str value)
{
    static const char *const numbers[] = { "x",  "y",  "x1", "x2",    "y1",     "y2",     "r",
                                           "cx", "cy", "d",  "width", "height", "viewBox" };

    if (name.len >= 2 && memcmp(name.ptr, "on", 2) == 0)
        return true;
    if (wn_str_eq(name, WN_STR("src")) || wn_str_eq(name, WN_STR("style")))
        return true;
    if (wn_str_eq(name, WN_STR("href")))
        return !value.len || *value.ptr != '#';
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (wn_str_eq(name, wn_str(numbers[i])))
            return memchr(value.ptr, 'n', value.len) != NULL; /* nan, inf */
    return false;
}

/* P stands behind a tag's name, END at its '>'. */
static inline bool markup_bad_attributes(const char *p, const char *end)
{
    while (p < end) {
        const char *open = memchr(p, '"', (size_t)(end - p));
        const char *close = open ? memchr(open + 1, '"', (size_t)(end - open - 1)) : NULL;
        struct wn_str name = { p, 0 };

        if (!open)
            return false;
        if (!close || open[-1] != '=')
            return true;
        while (name.ptr < open && *name.ptr == ' ')
            name.ptr++;
        name.len = (size_t)(open - 1 - name.ptr);
        if (markup_bad_attribute(name, (struct wn_str){ open + 1, (size_t)(close - open - 1) }))
            return true;
        p = close + 1;
    }
    return false;
}

static inline bool markup_may_stand(const char *name)
{
    static const char *const banned[] = { "script", "img", "link", "iframe", "object", "embed", "image", "use" };

    for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++)
        if (strcmp(name, banned[i]) == 0)
            return false;
    return true;
}

/* NULL, or what is wrong. */
static inline const char *markup_fault(struct wn_str page)
{
    char open[MARKUP_MAX_DEPTH][MARKUP_MAX_NAME];
    size_t depth = 0;
    const char *p = page.ptr, *end = page.ptr + page.len;

    while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        const char *close = memchr(p, '>', (size_t)(end - p)), *q;
        bool is_end = p + 1 < end && p[1] == '/';
        char name[MARKUP_MAX_NAME] = "";
        size_t n = 0;

        if (!close)
            return "a tag that does not end";
        for (q = p + 1 + is_end; q < close && (isalnum((unsigned char)*q) || *q == '!') && n + 1 < sizeof(name); q++)
            name[n++] = *q;
        if (!n)
            return "a '<' that starts no tag";
        if (!markup_may_stand(name) || markup_bad_attributes(q, close))
            return "an element or attribute that has no place there";
        p = close + 1;
        if (close[-1] == '/' || strcmp(name, "meta") == 0 || name[0] == '!')
            continue;
        if (is_end && (!depth || strcmp(open[depth - 1], name) != 0))
            return "an end tag without its start";
        if (is_end)
            depth--;
        else if (depth == MARKUP_MAX_DEPTH)
            return "nested too deep";
        else
            memcpy(open[depth++], name, sizeof(name));
    }
    return depth ? "an element that is not closed" : NULL;
}

#endif
