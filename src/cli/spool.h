/*
 * spool.h - standard input, stored, for a command that must read it twice.
 */
#ifndef WINNOW_CLI_SPOOL_H
#define WINNOW_CLI_SPOOL_H

#include "cli.h"

/* Copies standard input to a new file under $TMPDIR (or /tmp) and puts its name into PATH
 * (ROOM bytes); "" when none was made.  The caller unlinks it. */
enum wn_status spool_stdin(char *path, size_t room, struct wn_err *err);

#endif
