/*
 * lines.h - cut a stream of bytes into lines, wherever the chunks fall.
 *
 * Only '\n' ends a line.  A '\r' before it and a BOM at the start of the stream are
 * taken off; lines of blanks (space, tab, '\r') are counted and left out.  Holds the
 * begun line, at most max_bytes of it; of a longer line only the first bytes are kept.
 *
 * With group_bytes whole lines come together, as they are, blank ones too: a group ends
 * with the line that makes it group_bytes long, before a line that is too long, and with
 * the stream.
 *
 *     part  | whole lines of the group | begun line |
 *           0                      group_len      part.len
 */
#ifndef IO_LINES_H
#define IO_LINES_H

#include <winnow/str.h>

enum { IO_HEAD_BYTES = 4096 };   /* what a refused line shows of itself */

struct io_lines {
    uint64_t max_bytes;     /* of a line without its end                          */
    bool whole;             /* the stream is one text: nothing is cut, nothing blank */
    uint64_t group_bytes;   /* 0: one line at a time                              */
    /* so far */
    uint64_t n_lines, n_blank, n_bytes;
    bool bom;
    /* the begun line */
    struct wn_buf part;
    uint64_t part_bytes;    /* all of it; more than part.len when it is too long  */
    uint64_t part_at;       /* where it starts in the stream                      */
    char last;              /* its last byte                                      */
    /* the group: PART_AT is where it starts, PART_BYTES still the begun line's   */
    size_t group_len, given; /* GIVEN: bytes of part that were handed out         */
    uint64_t group_lines;
    bool too_long;          /* the begun line is, and only its head is kept       */
};

enum io_cut {
    IO_CUT_NONE,       /* the chunk is used up            */
    IO_CUT_LINE,
    IO_CUT_TOO_LONG,   /* TEXT has the first bytes        */
    IO_CUT_NUL_TAIL    /* the stream ended in NUL bytes   */
};

struct io_line {
    struct wn_str text;
    uint64_t number;    /* from 1; of a group its first                      */
    uint64_t n_lines;
    uint64_t offset;    /* of text in the stream                             */
    uint64_t n_bytes;   /* that this line stands for: BOM and line end too   */
};

/* Takes the next line off the front of *CHUNK, which it shortens.  The view in LINE
 * lives until the next call and as long as the chunk.  WN_NOMEM. */
enum wn_status io_lines_cut(struct io_lines *l, struct wn_str *chunk, enum io_cut *what, struct io_line *line,
                            struct wn_err *err);
/* At the end of the stream: what was begun and has no line end.  Call once. */
void io_lines_end(struct io_lines *l, enum io_cut *what, struct io_line *line);
/* Where the stream breaks off: the whole lines of the group, if any. */
void io_lines_rescue(struct io_lines *l, enum io_cut *what, struct io_line *line);
void io_lines_release(struct io_lines *l);

#endif
