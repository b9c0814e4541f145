/*
 * lm_arpa_read.h - ARPA files of any tool as a stream of n-grams (docs/format/arpa.md).
 *
 * All n-grams are in memory at a time, 4 bytes a word and 14 each.  An order
 * that is in suffix order already is not sorted.
 */
#ifndef LM_ARPA_READ_H
#define LM_ARPA_READ_H

#include "lm/lm_arpa_lines.h"
#include "lm/lm_stream.h"

/* Reads the whole file through READ, then streams it to N consumers, from begin to end.  NAME
 * is for messages; NOTES may be NULL. */
enum wn_status lm_arpa_read(lm_arpa_read_fn *read, void *arg, const char *name, const struct wn_arpa_opts *opts,
                            struct wn_arpa_notes *notes, const struct lm_consumer *const *consumers, size_t n,
                            struct wn_err *err);

#endif
