/*
 * status.h - how every call of winnow says what happened.
 *
 * A function that can fail returns a status and fills the caller's error object.
 * The library never prints and never exits; only the tool does.  The status says
 * what is still possible, the text says what happened, to what, and where.
 */
#ifndef WINNOW_STATUS_H
#define WINNOW_STATUS_H

#include <stdarg.h>

enum wn_status {
    WN_OK = 0,
    WN_END,        /* nothing more to come; not an error                           */
    WN_NOMEM,      /* out of memory                                                */
    WN_IO,         /* the operating system refused: open, read, write, rename      */
    WN_BADDATA,    /* this record or file is malformed; its neighbours may be fine */
    WN_BADCONF,    /* an option, policy, rule or model does not make sense         */
    WN_LIMIT,      /* a documented ceiling was reached                             */
    WN_BROKEN,     /* totals do not add up, or an input changed while it was read  */
    WN_CANCELLED   /* the caller's stop flag was raised (a signal)                 */
};

enum { WN_ERR_TEXT = 768 };

/* What went wrong, for a person: lower case, names in quotes, no full stop, then
 * the place.  Zero-initialise it, or leave it to the first failing call.  A NULL
 * error object is allowed everywhere: only the status is returned then. */
struct wn_err {
    enum wn_status status;
    char text[WN_ERR_TEXT];
};

/* Fills ERR and returns STATUS, so that failing is one statement. */
enum wn_status wn_fail(struct wn_err *err, enum wn_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As wn_fail with WN_IO (WN_NOMEM for ENOMEM), adding ": " and the text of errno. */
enum wn_status wn_fail_sys(struct wn_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts more context in front of what ERR holds: "cannot read 'x': " + old text. */
void wn_err_prefix(struct wn_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A short lower-case name of STATUS ("out of memory"); never NULL. */
const char *wn_status_name(enum wn_status status);

#endif
