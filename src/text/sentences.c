/*
 * sentences.c - cut running text into sentences, by rules that hold for most languages.
 *
 * A sentence ends at a blank line, behind an ideographic full stop, or behind . ! ? and
 * the like when white space follows and no small letter after it.  A full stop behind a
 * single letter ("J. Doe") or one of a few abbreviations ends none.
 */
#include <winnow/text.h>

#include "text/char_class.h"
#include "text/codepoint.h"

static bool is_stop(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x203D || c == 0x061F || c == 0x06D4 || c == 0x0964;
}

/* These need no white space behind them. */
static bool is_full_width_stop(uint32_t c)
{
    return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF0E;
}

static bool is_closer(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x201D || c == 0x2019 || c == 0xBB || c == 0x300D ||
           c == 0x300F;
}

static bool is_small(uint32_t c)
{
    return char_class(c) == CHAR_LETTER && char_lower(c) == c;
}

/* Scripts without case have only letters that are their own lower case: they start sentences. */
static bool has_case(uint32_t c)
{
    return c < 0x0590 || (c >= 0x1E00 && c < 0x2000);
}

static bool is_abbreviation(struct wn_str word)
{
    static const char *const known[] = { "Mr",  "Mrs", "Ms",  "Dr",   "St",  "Prof", "vs",   "cf",  "al",  "No",
                                         "Fig", "fig", "e.g", "i.e",  "approx", "Jr", "Sr", "Mme", "Mlle", "Hrsg",
                                         "bzw", "z.B", "Vol", "vol",  "pp",  "ed",   "eds" };
    size_t pos = 0;

    if (word.len > 0 && char_class(codepoint_next(word, &pos)) == CHAR_LETTER && pos == word.len)
        return true;                                     /* an initial */
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (wn_str_eq(word, wn_str(known[i])))
            return true;
    return false;
}

/* The word that ends at AT, back to white space or an opening bracket or quote. */
static struct wn_str word_before(struct wn_str text, size_t from, size_t at)
{
    size_t begin = at;

    while (begin > from && !strchr(" \t\r\n(\"'[", text.ptr[begin - 1]))
        begin--;
    return (struct wn_str){ text.ptr + begin, at - begin };
}

/* Skips white space from *POS on; true when there was a blank line in it. */
static bool skip_space(struct wn_str text, size_t *pos)
{
    unsigned lines = 0;

    while (*pos < text.len) {
        size_t next = *pos;
        uint32_t c = codepoint_next(text, &next);

        if (char_class(c) != CHAR_SPACE)
            break;
        lines += c == '\n';
        *pos = next;
    }
    return lines > 1;
}

/* Whether the sentence that began at FROM ends behind the stop C, which began at AT and
 * ended at POS; moves POS behind what closes with it. */
static bool ends_here(struct wn_str text, size_t from, size_t at, uint32_t c, size_t *pos)
{
    size_t next = *pos;

    for (size_t p = *pos; p < text.len; *pos = p) {      /* "?!", "...", closing quotes */
        uint32_t d = codepoint_next(text, &p);

        if (!is_stop(d) && !is_closer(d) && !is_full_width_stop(d))
            break;
    }
    if (is_full_width_stop(c) || *pos == text.len)
        return true;
    next = *pos;
    if (c == '.' && next == at + 1 && is_abbreviation(word_before(text, from, at)))
        return false;
    skip_space(text, &next);
    if (next == *pos)
        return false;                                    /* 3.14, example.org */
    if (next == text.len)
        return true;
    c = codepoint_next(text, &next);
    return !(is_small(c) && has_case(c));
}

bool wn_sentence_next(struct wn_str text, size_t *pos, struct wn_str *out)
{
    size_t from, end;

    skip_space(text, pos);
    from = end = *pos;
    if (from == text.len)
        return false;
    while (*pos < text.len) {
        size_t at = *pos;
        uint32_t c = codepoint_next(text, pos);

        if (char_class(c) == CHAR_SPACE) {
            *pos = at;
            if (skip_space(text, pos))
                break;
            continue;
        }
        end = *pos;
        if (!is_stop(c) && !is_full_width_stop(c))
            continue;
        if (ends_here(text, from, at, c, pos)) {
            end = *pos;
            break;
        }
        end = *pos;
    }
    *out = (struct wn_str){ text.ptr + from, end - from };
    return true;
}
