/*
 * input.h - one thing to read: its layers put together, its nature known.
 */
#ifndef IO_INPUT_H
#define IO_INPUT_H

#include "io/sniff.h"
#include "io/source.h"

struct io_input {
    struct io_facts facts;      /* the layers point here: do not move an open input */
    struct io_source *top;      /* decoded bytes                                     */
    enum io_kind kind;          /* LINES, TAR or ZIP                                 */
    enum wn_reader_format format;  /* what the caller says; set before open          */
    bool is_text;               /* one document, not lines                           */
    bool is_plain;              /* plain lines, not JSON                             */
    char note[160];             /* a warning for people; "" for none                 */
};

/* Zeroed and ready; DIGEST: compute one.  WN_NOMEM. */
enum wn_status io_input_init(struct io_input *in, bool digest, _Atomic uint64_t *progress, struct wn_err *err);
/* Puts the layers on RAW, which it takes, and looks at the first bytes.  NAME is the
 * file's.  WN_NOMEM, or a failure with facts.reason: not JSON Lines, UTF-16, ... */
enum wn_status io_input_open(struct io_input *in, struct io_source *raw, const char *name, uint64_t window_max,
                             struct wn_err *err);
/* Gives back everything; safe after init, and on a zeroed input. */
void io_input_release(struct io_input *in);

#endif
