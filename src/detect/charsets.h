/*
 * charsets.h - the code points that marks.c asks about, as tables of ranges
 * (Unicode 15).
 */
#ifndef DETECT_CHARSETS_H
#define DETECT_CHARSETS_H

#include <stdbool.h>
#include <stdint.h>

/* Scripts whose spelling needs U+200C and U+200D: Arabic and its kin, Indic ones. */
bool charset_joins(uint32_t c);
/* Scripts written without spaces, where U+200B marks a place to break a line. */
bool charset_breaks_at_zwsp(uint32_t c);
/* Pictographs and symbols that an emoji sequence is made of (a superset of
 * Extended_Pictographic). */
bool charset_emoji(uint32_t c);
/* Code points after which a variation selector selects something. */
bool charset_varies(uint32_t c);
/* Scripts set on a grid, for which U+3000 is the ordinary space, and that space. */
bool charset_grid(uint32_t c);
/* Spaces other than U+0020 and U+00A0 that look like one, U+2800 included. */
bool charset_space(uint32_t c);
bool charset_latin(uint32_t c);
bool charset_cyrillic_or_greek(uint32_t c);
/* Cyrillic and Greek letters drawn like a Latin letter.  Greek minuscules that serve
 * as symbols beside Latin letters (TNF-alpha, nu, mu) are left out. */
bool charset_looks_latin(uint32_t c);
/* Latin minuscules drawn like a Cyrillic one. */
bool charset_looks_cyrillic(uint32_t c);

#endif
