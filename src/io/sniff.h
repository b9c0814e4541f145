/*
 * sniff.h - what a stream is, by its first bytes.
 */
#ifndef IO_SNIFF_H
#define IO_SNIFF_H

#include <winnow/str.h>

enum io_kind {
    IO_KIND_LINES,      /* anything else: JSON Lines, or a text by its name */
    IO_KIND_GZ,
    IO_KIND_ZST,
    IO_KIND_TAR,
    IO_KIND_ZIP,
    IO_KIND_FOREIGN,    /* known, and not read: xz, parquet, ...            */
    IO_KIND_OWN         /* what winnow lm writes: never meant as a text     */
};

/* The kind of a stream that starts with HEAD; *NAME is its name for people. */
enum io_kind io_sniff(struct wn_str head, const char **name);

/* What the end of a file name promises; IO_KIND_LINES when it promises nothing. */
enum io_kind io_kind_of_name(const char *path);
/* Whether PATH, a compression suffix taken off, ends in ".txt". */
bool io_name_is_text(const char *path);

enum io_shape {
    IO_SHAPE_LINES,
    IO_SHAPE_UTF16,     /* or UTF-32                                    */
    IO_SHAPE_ARRAY,     /* one JSON array of objects                    */
    IO_SHAPE_PRETTY     /* starts with one object over several lines    */
};
/* The shape of a stream of text; HEAD is all of it when it is shorter than
 * IO_PEEK_BYTES. */
enum io_shape io_shape(struct wn_str head, bool is_all);

#endif
