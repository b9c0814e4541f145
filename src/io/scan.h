/*
 * scan.h - one JSON object in one pass: is it sound, and where are the members we want.
 *
 * First the structure is checked and the raw values are found (this file); then only
 * what is wanted gets decoded (jstring.h).  Strings and blanks are passed over 16 bytes
 * at a time; a build without SSE2, or with -DIO_SCALAR, gives the same answers.
 */
#ifndef IO_SCAN_H
#define IO_SCAN_H

#include <winnow/reader.h>
#include <winnow/str.h>

enum { IO_MAX_DEPTH = 1000 };

/* A member of the top object to look for. */
struct io_want {
    struct wn_str key;      /* decoded                                                  */
    struct wn_str raw;      /* found: its raw value, without blanks around it           */
    bool found;             /* the last of that name                                    */
};

struct io_scan {
    enum wn_reason reason;  /* WN_R_NONE: a sound JSON object                           */
    size_t at;              /* offset of the first byte that does not fit; len: the end */
    const char *what;       /* what is wrong, for people; static                        */
    size_t body_end;        /* sound: behind the last member's value, or behind the '{' */
    bool is_empty;          /* sound: no members                                        */
};

/* Scans LINE, of any bytes; UTF-8 is not looked at. */
void io_scan_object(struct wn_str line, struct io_want *want, size_t n_want, struct io_scan *out);

#endif
