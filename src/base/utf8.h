/*
 * utf8.h - well-formed UTF-8 (RFC 3629; Unicode 15, table 3-7): no overlong forms,
 * no surrogates, nothing above U+10FFFF.
 *
 * Shared by io, which checks records, and text, whose public wn_utf8_check it is.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <winnow/str.h>

/* The offset of the first invalid byte, or s.len when S is valid. */
size_t wn_utf8_check(struct wn_str s);

/* What stands at the start of S (not empty): the length 1..4 of a well-formed
 * sequence, or 0.  Then *BAD is how many bytes one U+FFFD replaces (the maximal
 * subpart of an ill-formed sequence), and *CUT tells that S merely ends too early. */
unsigned utf8_step(struct wn_str s, unsigned *bad, bool *cut);

/* Writes scalar value C at OUT (room for 4) and returns the number of bytes. */
unsigned utf8_put(char *out, uint32_t c);

#endif
