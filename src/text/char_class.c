/*
 * char_class.c - general categories and lower case, from utf8proc; ASCII is answered
 * without it because nine code points of ten are ASCII.
 */
#include "text/char_class.h"

#include <utf8proc.h>

static enum char_class ascii_class(uint32_t c)
{
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return CHAR_LETTER;
    if (c >= '0' && c <= '9')
        return CHAR_DIGIT;
    return c <= ' ' || c == 0x7F ? CHAR_SPACE : CHAR_OTHER;
}

/* Marks by their category, but all they do is choose the look of the emoji or ideograph
 * before them. */
static bool is_variation_selector(uint32_t c)
{
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

enum char_class char_class(uint32_t c)
{
    if (c < 0x80)
        return ascii_class(c);
    if (is_variation_selector(c))
        return CHAR_FORMAT;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return CHAR_LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return CHAR_MARK;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return CHAR_DIGIT;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
        return CHAR_SPACE;
    case UTF8PROC_CATEGORY_CF:
        return CHAR_FORMAT;
    default:
        return CHAR_OTHER;
    }
}

uint32_t char_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

bool char_is_decimal(uint32_t c)
{
    if (c < 0x80)
        return c >= '0' && c <= '9';
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

bool char_is_nonspacing(uint32_t c)
{
    return c >= 0x80 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN;
}

int char_decompose(uint32_t c, uint32_t *out)
{
    utf8proc_int32_t part[CHAR_PARTS];
    int boundary = 0;
    utf8proc_ssize_t n = c < 0x80 ? 0 : utf8proc_decompose_char((utf8proc_int32_t)c, part, CHAR_PARTS, UTF8PROC_DECOMPOSE, &boundary);

    if (n < 1 || n > CHAR_PARTS) {
        out[0] = c;
        return 1;
    }
    for (int i = 0; i < n; i++)
        out[i] = (uint32_t)part[i];
    return (int)n;
}
