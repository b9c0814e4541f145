/*
 * lm_temp.h - bytes put aside for a while: in memory, or in a file without a name.
 */
#ifndef LM_TEMP_H
#define LM_TEMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <winnow/status.h>

struct lm_temp;
/* ON_DISK: in DIR (NULL: $TMPDIR or /tmp), in a file that is unlinked at once. */
enum wn_status lm_temp_new(struct lm_temp **out, bool on_disk, const char *dir, struct wn_err *err);
/* Puts N bytes aside; *AT finds them again.  Any thread.  WN_IO names a full disk. */
enum wn_status lm_temp_put(struct lm_temp *t, const void *bytes, size_t n, uint64_t *at, struct wn_err *err);
/* Room for N bytes without writing them yet, for lm_temp_set.  Any thread. */
enum wn_status lm_temp_room(struct lm_temp *t, size_t n, uint64_t *at, struct wn_err *err);
/* Overwrites bytes inside of one piece that was put or made room for. */
enum wn_status lm_temp_set(struct lm_temp *t, uint64_t at, const void *bytes, size_t n, struct wn_err *err);
/* Reads N bytes, all inside of one piece. */
enum wn_status lm_temp_get(const struct lm_temp *t, uint64_t at, void *to, size_t n, struct wn_err *err);
/* The bytes themselves (16-byte aligned) when they are in memory, else NULL. */
void *lm_temp_view(const struct lm_temp *t, uint64_t at);
/* Put aside so far; while no thread is putting. */
uint64_t lm_temp_bytes(const struct lm_temp *t);
void lm_temp_free(struct lm_temp *t);

#endif
