/*
 * lm_build.h - estimate a model as a stream.
 */
#ifndef LM_BUILD_H
#define LM_BUILD_H

#include "lm/lm_stream.h"

/* Estimates from C (WN_BADDATA when nothing was counted) to N consumers, from begin to end.
 * CONSUME: C's text may be used up; C can then only be freed.  OPTS and MADE may be NULL. */
enum wn_status lm_estimate_stream(struct wn_counts *c, bool consume, const struct wn_lm_opts *opts,
                                  const struct lm_consumer *const *consumers, size_t n, struct wn_lm_made *made,
                                  struct wn_err *err);

#endif
