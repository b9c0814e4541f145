/*
 * shortest_float.h - float32 as the shortest decimal that reads back as the same number.
 */
#ifndef LM_SHORTEST_FLOAT_H
#define LM_SHORTEST_FLOAT_H

#include <winnow/str.h>

enum { SHORTEST_FLOAT_BYTES = 24 };

/* Writes X and returns the length; of the shortest decimals the nearest to X.  Plain digits for
 * 1e-6 <= |x| < 1e21 ("-0.25", "100"), else "1.5e-7"; "0" for both zeros; "inf", "-inf",
 * "nan".  No NUL; bytes behind the number may change. */
size_t shortest_float(float x, char out[SHORTEST_FLOAT_BYTES]);

#endif
