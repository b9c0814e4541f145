/*
 * reading.h - the reader's inside, for tests: records of a byte source of one's own.
 */
#ifndef IO_READING_H
#define IO_READING_H

#include "io/source.h"

/* A reader of RAW alone, as if it were the file NAME; takes RAW, even on failure. */
enum wn_status io_reader_over(struct wn_reader **out, const struct wn_reader_opts *opts, const char *name,
                              struct io_source *raw, struct wn_err *err);

#endif
