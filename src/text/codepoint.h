/*
 * codepoint.h - decode UTF-8 one code point at a time, for the tokenizers' inner loops.
 */
#ifndef TEXT_CODEPOINT_H
#define TEXT_CODEPOINT_H

#include <winnow/text.h>

enum { CODEPOINT_REPLACEMENT = 0xFFFD };

/* Decodes the code point at *POS (lead byte >= 0x80) and moves *POS behind it.  A
 * sequence that is cut off or malformed gives U+FFFD and moves one byte, so that a
 * caller who forgot to check its text stays inside it. */
uint32_t codepoint_next_multi(struct wn_str s, size_t *pos);

static inline uint32_t codepoint_next(struct wn_str s, size_t *pos)
{
    unsigned char c = (unsigned char)s.ptr[*pos];

    if (c >= 0x80)
        return codepoint_next_multi(s, pos);
    (*pos)++;
    return c;
}

#endif
