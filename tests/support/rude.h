/*
 * rude.h - a byte source that keeps no promise beyond its contract: chunks of odd sizes,
 * each in a block of exactly its size, overwritten and freed when the next is drawn.
 */
#ifndef WINNOW_TEST_RUDE_H
#define WINNOW_TEST_RUDE_H

#include "io/source.h"

enum { RUDE_SIZES = 8 };

/* Gives BYTES (which must outlive it) in chunks of SIZES, again and again; a size of 0
 * ends the list.  NULL when memory is short. */
struct io_source *rude_source(struct wn_str bytes, const size_t sizes[RUDE_SIZES]);

#endif
