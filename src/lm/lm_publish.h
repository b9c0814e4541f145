/*
 * lm_publish.h - write a file that is complete or not there.
 *
 * Bytes go to PATH.tmp-<pid>, which commit syncs and renames to PATH.  A path that
 * exists and is no regular file (a pipe, a device) is written directly.
 */
#ifndef LM_PUBLISH_H
#define LM_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include <winnow/lmbuild.h>

enum wn_status lm_publish_open(struct wn_lm_file **out, const char *path, struct wn_err *err);
/* Appends.  Not buffered: pieces of 64 KiB and more are fast. */
enum wn_status lm_publish_write(struct wn_lm_file *p, const void *bytes, size_t n, struct wn_err *err);
/* Writes N bytes at AT, over earlier ones or ahead of the end (what lies between reads
 * as zeros); the place of the next append stays.  Regular files only.  Any thread. */
enum wn_status lm_publish_set(struct wn_lm_file *p, uint64_t at, const void *bytes, size_t n, struct wn_err *err);
/* Makes the file at least N bytes long, zeros behind what was written.  Not while others
 * write. */
enum wn_status lm_publish_extend(struct wn_lm_file *p, uint64_t n, struct wn_err *err);
/* Syncs what was written, the last thing but the name. */
enum wn_status lm_publish_finish(struct wn_lm_file *p, struct wn_err *err);
/* Moves the file in place; after a failure PATH is as it was.  P stays to be closed. */
enum wn_status lm_publish_commit(struct wn_lm_file *p, struct wn_err *err);
/* Frees P; what was not committed is gone.  NULL is fine. */
void lm_publish_abandon(struct wn_lm_file *p);

#endif
