/*
 * ccnet_normalise.c - text as CCNet's perplexity filter sees it (cc_net, "text_normalizer",
 * its default arguments).
 *
 * Where Unicode's full lower case maps one letter to several, the others are marks, which
 * go anyway; only the final sigma needs a rule of its own.
 */
#include <winnow/text.h>

#include "text/char_class.h"

/* White space for Python's str.strip: bidirectional types WS, B and S, and Zs. */
static bool is_strippable(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static struct wn_str strip(struct wn_str s)
{
    size_t pos = 0, from = 0, to = 0;
    bool begun = false;

    while (pos < s.len) {
        size_t at = pos;

        if (is_strippable(wn_utf8_next(s, &pos)))
            continue;
        if (!begun)
            from = at;
        begun = true;
        to = pos;
    }
    return (struct wn_str){ s.ptr + from, to - from };
}

/* What stands for a punctuation mark in ASCII; NULL: C itself. */
static const char *ascii_punctuation(uint32_t c)
{
    switch (c) {
    case 0xFF0C: case 0x3001: return ",";               /* fullwidth and ideographic comma  */
    case 0x3002: return ".";
    case 0x201E: case 0x201D: case 0x201C:              /* curly double quotes              */
    case 0xAB: case 0xBB:                               /* guillemets                       */
    case 0x300C: case 0x300D: case 0x300A: case 0x300B: /* corner and double angle brackets */
        return "\"";
    case 0xB4: case 0x2019: return "'";
    case 0x2236: case 0xFF1A: return ":";
    case 0xFF1F: return "?";
    case 0xFF01: return "!";
    case 0xFF08: return "(";
    case 0xFF09: return ")";
    case 0xFF1B: return ";";
    case 0x2013: case 0x2501: case 0x25BA: return "-";
    case 0x2014: return " - ";
    case 0xFF0E: return ". ";
    case 0xFF5E: return "~";
    case 0x2026: return "...";
    case 0x3008: return "<";
    case 0x3009: return ">";
    case 0x3010: return "[";
    case 0x3011: return "]";
    case 0xFF05: return "%";
    default: return NULL;
    }
}

static void add_one(struct wn_buf *out, uint32_t c)
{
    const char *ascii;

    if (char_is_nonspacing(c) || c < 0x20 || (c >= 0x7F && c < 0xA0))
        return;
    if (char_is_decimal(c))
        c = '0';
    ascii = c < 0x80 ? NULL : ascii_punctuation(c);
    if (ascii)
        wn_buf_addz(out, ascii);
    else
        wn_utf8_add(out, c);
}

/* What the rule of the final sigma looks past (Unicode, "Case_Ignorable", but for rare ones). */
static bool is_case_ignorable(uint32_t c, enum char_class class)
{
    return class == CHAR_MARK || class == CHAR_FORMAT || c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2018 ||
           c == 0x2019 || c == 0x2027;
}

/* Whether a letter comes next behind POS. */
static bool letter_follows(struct wn_str s, size_t pos)
{
    while (pos < s.len) {
        uint32_t c = wn_utf8_next(s, &pos);
        enum char_class class = char_class(c);

        if (!is_case_ignorable(c, class))
            return class == CHAR_LETTER;
    }
    return false;
}

enum wn_status wn_ccnet_normalise(struct wn_str text, struct wn_buf *out, struct wn_err *err)
{
    enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };
    bool after_letter = false;
    struct wn_str s = strip(text);
    size_t pos = 0;

    while (pos < s.len) {
        uint32_t text_c = wn_utf8_next(s, &pos), c, part[CHAR_PARTS];
        enum char_class class = char_class(text_c);
        int n;

        c = text_c == SIGMA && after_letter && !letter_follows(s, pos) ? FINAL_SIGMA : char_lower(text_c);
        if (c < 0x80) {
            add_one(out, c);
        } else {
            n = char_decompose(c, part);
            for (int i = 0; i < n; i++)
                add_one(out, part[i]);
        }
        if (!is_case_ignorable(text_c, class))
            after_letter = class == CHAR_LETTER;
    }
    return wn_buf_status(out, err);
}
