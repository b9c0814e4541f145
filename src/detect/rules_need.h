/*
 * rules_need.h - what a text must hold for a pattern to match it.
 *
 * Read off the pattern, and only where that is safe: whatever the reader does not
 * know for certain gives no need, and a pattern without a need is always run.
 *
 *     need    = branch or branch or ...        (the pattern's outer alternatives)
 *     branch  = set and set and ...
 *     set     = literal or literal or ...
 *
 * A literal is at least NEED_MIN_BYTES long, ASCII letters in lower case; it stands
 * for every ASCII case.  Code points that have a case outside ASCII are never part of
 * one.  The two foreign letters that fold into ASCII under Unicode rules, U+017F (s)
 * and U+212A (k), are the caller's to look out for.
 */
#ifndef DETECT_RULES_NEED_H
#define DETECT_RULES_NEED_H

#include <winnow/arena.h>

enum { NEED_MIN_BYTES = 3, NEED_MAX_SETS = 3, NEED_MAX_LITERALS = 64 };

struct need_literal {
    struct wn_str text;
    struct need_literal *next;
};
struct need_set {
    struct need_literal *first;
    size_t n, min_len;
    struct need_set *next;
};
struct need_branch {
    struct need_set *sets;       /* the most telling ones, at most NEED_MAX_SETS */
    struct need_branch *next;
};

/* *OUT is NULL when PATTERN (one that PCRE2 compiles, in UTF mode, without extended
 * syntax) has no need that can be told.  Everything lives in A.  WN_NOMEM. */
enum wn_status need_of_pattern(struct wn_str pattern, struct wn_arena *a, struct need_branch **out);

#endif
