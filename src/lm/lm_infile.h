/*
 * lm_infile.h - open a stored file to read it: regular files, and what can stand for one.
 */
#ifndef LM_INFILE_H
#define LM_INFILE_H

#include <sys/stat.h>

#include <winnow/lm.h>

/* *FD: the file at PATH, read only, the caller's to close; *INFO: what it is.  A pipe is
 * refused without waiting for its other end (WN_BADDATA), as is a folder (WN_IO): WHAT, such
 * as "cannot use model", begins their message and that of the system. */
enum wn_status lm_infile_open(int *fd, struct stat *info, const char *path, const char *what, struct wn_err *err);
/* The same for a model file, *BYTES long; an empty one, and what is no regular file, is
 * WN_BADDATA. */
enum wn_status lm_infile_open_model(int *fd, size_t *bytes, const char *path, struct wn_err *err);

#endif
