/*
 * shortest_float.h - float32 as the shortest decimal that reads back as the same number.
 */
#ifndef LM_SHORTEST_FLOAT_H
#define LM_SHORTEST_FLOAT_H

#include <winnow/str.h>

enum { SHORTEST_FLOAT_BYTES = 24 };

/* Writes X, finite and below 1e9 in magnitude, and returns the length: plain digits
 * for |x| >= 1e-6, else d.ddde-7.  No NUL. */
size_t shortest_float(float x, char out[SHORTEST_FLOAT_BYTES]);

#endif
