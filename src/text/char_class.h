/*
 * char_class.h - what a code point is, as far as words go.  The one door to utf8proc.
 */
#ifndef TEXT_CHAR_CLASS_H
#define TEXT_CHAR_CLASS_H

#include <stdbool.h>
#include <stdint.h>

enum char_class {
    CHAR_SPACE,    /* separators and controls (Z*, Cc): never part of a token      */
    CHAR_LETTER,   /* L*                                                           */
    CHAR_MARK,     /* M*: belongs to the letter before it                          */
    CHAR_DIGIT,    /* N*                                                           */
    CHAR_FORMAT,   /* Cf: invisible (zero-width, soft hyphen, direction marks)     */
    CHAR_OTHER     /* punctuation, symbols, private and unassigned                 */
};

enum char_class char_class(uint32_t c);
/* The simple (one to one) lower case of C. */
uint32_t char_lower(uint32_t c);
/* A decimal digit of any script (Nd). */
bool char_is_decimal(uint32_t c);
/* A nonspacing mark (Mn): most accents. */
bool char_is_nonspacing(uint32_t c);
/* The canonical decomposition of C (NFD, before marks are put in order): at most
 * CHAR_PARTS code points into OUT.  Returns how many. */
enum { CHAR_PARTS = 8 };
int char_decompose(uint32_t c, uint32_t *out);

#endif
