/*
 * policy_rules.h - which settings of a policy file call for each other, and which rule each
 * other out; every message has the place of the setting that is wrong.
 */
#ifndef MIX_POLICY_RULES_H
#define MIX_POLICY_RULES_H

#include <winnow/policy.h>

#include "mix/policy_keys.h"

/* All rules but those of the operating point.  WN_BADCONF. */
enum wn_status policy_rules_check(const struct policy_file *f, struct wn_err *err);
/* Fills OP from the form that the file gives it in; untouched when there is none.
 * WN_BADCONF: two forms at once, half a form, or rates that make no sense together. */
enum wn_status policy_point_resolve(struct wn_operating_point *op, const struct policy_file *f, struct wn_err *err);

/* "name:line:column: 'key' WHAT" of key K, which is in the file; WHAT as in printf. */
enum wn_status policy_clash(struct wn_err *err, const struct policy_file *f, enum policy_key k, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

#endif
