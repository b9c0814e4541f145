/*
 * rules_sieve.h - which rules may match a text, in one pass over it.
 *
 * Looks for the literals of all needs (rules_need.h) by a table of their rarest three
 * or four bytes.  A rule that it leaves out cannot match.
 */
#ifndef DETECT_RULES_SIEVE_H
#define DETECT_RULES_SIEVE_H

#include "detect/rules_need.h"

struct sieve;   /* const after new */

/* NEEDS[i] is what rule i needs; NULL: always let through.  Everything lives in A;
 * NULL when memory is short. */
const struct sieve *sieve_new(struct need_branch *const *needs, size_t n_rules, struct wn_arena *a);
/* How many bytes of state sieve_run wants. */
size_t sieve_state_bytes(const struct sieve *s);
/* MAY[i] = whether rule i may match TEXT. */
void sieve_run(const struct sieve *s, struct wn_str text, unsigned char *state, bool *may);

#endif
