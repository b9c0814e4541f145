/*
 * policy_number.h - the numbers of a policy file: decimal and nothing else.
 *
 * Digits may have single underscores between them.  A number in quotes is text.
 */
#ifndef MIX_POLICY_NUMBER_H
#define MIX_POLICY_NUMBER_H

#include "mix/yamltree.h"

/* Digits only; false for anything else, and for 2^64 and more. */
bool policy_number_whole(const struct yamltree_node *n, uint64_t *out);
/* A sign, digits, perhaps a fraction, perhaps an exponent: no hexadecimal, no nan, none
 * of the octal and base-60 numbers of YAML 1.1. */
bool policy_number_real(const struct yamltree_node *n, double *out);

#endif
