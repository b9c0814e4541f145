/*
 * grid.h - the values of an axis, as the user writes them.
 *
 *     0.1,0.5,0.9       these
 *     0:1:0.25          FROM:TO:STEP: 0, 0.25, 0.5, 0.75, 1
 *     10:1000:x5        FROM:TO:xN: N values, each the same factor above the last
 *
 * Items stand in any order; lists and ranges may be mixed.
 */
#ifndef WINNOW_CLI_GRID_H
#define WINNOW_CLI_GRID_H

#include <winnow/status.h>

#include <stdbool.h>
#include <stddef.h>

enum { GRID_MAX_VALUES = 1000000 };

struct grid_values {
    double *value;
    size_t n, cap;
};

/* Appends the values of LIST.  Those of ranges are rounded to 12 digits, so that 0:1:0.1 has
 * 0.3 and not 0.30000000000000004; with IS_WHOLE those of xN to whole numbers, and what is then
 * there twice comes once.  OPTION is for messages.  WN_BADCONF: what is no number, not finite, a
 * range that never ends; WN_LIMIT: more than GRID_MAX_VALUES; WN_NOMEM. */
enum wn_status grid_parse(struct grid_values *out, const char *option, const char *list, bool is_whole,
                          struct wn_err *err);
void grid_release(struct grid_values *g);

#endif
