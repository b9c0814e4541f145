/*
 * account.h - nothing lost, nothing silent.
 *
 *     records in = kept + excluded by policy + quarantined + failed with their file
 *
 * in records and in bytes, checked at the end of every run and printed.
 */
#ifndef WINNOW_ACCOUNT_H
#define WINNOW_ACCOUNT_H

#include <winnow/json.h>
#include <winnow/reader.h>

struct wn_count {
    uint64_t records, bytes;
};

struct wn_account {
    struct wn_count in, kept, excluded, quarantined, failed;
    struct wn_count by_reason[WN_R_COUNT];  /* quarantined, by reason               */
    uint64_t files, files_failed;           /* files_failed: damaged or unreadable  */
    uint64_t files_by_reason[WN_R_COUNT];
    uint64_t blank_lines;                   /* white space alone: not records       */
    uint64_t bom, gz_trailing, repaired, ids_made;
};

void wn_account_add(struct wn_count *c, uint64_t bytes);
/* WN_BROKEN, with both sides of the equation, when the totals do not add up. */
enum wn_status wn_account_check(const struct wn_account *a, struct wn_err *err);
/* Adds B to A. */
void wn_account_merge(struct wn_account *a, const struct wn_account *b);
/* An object with every count; KEY as in json.h. */
void wn_account_json(struct wn_json *j, const char *key, const struct wn_account *a);

#endif
