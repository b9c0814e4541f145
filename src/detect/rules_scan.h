/*
 * rules_scan.h - the scan of rules.h with and without the sieve, for the tests that
 * compare them.
 */
#ifndef DETECT_RULES_SCAN_H
#define DETECT_RULES_SCAN_H

#include <winnow/rules.h>

/* As wn_rules_scan; without USE_SIEVE every pattern is run. */
bool rules_scan(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text, bool use_sieve,
                struct wn_arena *a, struct wn_evidence *ev);
/* Rules that the sieve can hold back; the others run on every text. */
size_t rules_sieved(const struct wn_rules *r);

#endif
