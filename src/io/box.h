/*
 * box.h - the members of a tar or zip, one after the other.
 *
 * libarchive reads the containers and nothing else: compression around them and in
 * their members is ours.  What libarchive lets pass is checked here: a zip without its
 * directory or with another number of members than it lists, a tar without its end.
 */
#ifndef IO_BOX_H
#define IO_BOX_H

#include "io/sniff.h"
#include "io/source.h"

struct io_box;

/* Over BELOW, which it takes, even on failure; KIND is IO_KIND_TAR or IO_KIND_ZIP. */
enum wn_status io_box_open(struct io_box **out, struct io_source *below, enum io_kind kind, struct io_facts *f,
                           struct wn_err *err);
/* The next member that is a file.  NAME lives until the next call; MEMBER, whose facts
 * are MF, until the next call or close and is the caller's to close.  WN_END after the
 * last, when all was sound; WN_BADDATA with the box's facts->reason. */
enum wn_status io_box_next(struct io_box *b, const char **name, struct io_source **member, struct io_facts *mf,
                           struct wn_err *err);
void io_box_close(struct io_box *b);

#endif
