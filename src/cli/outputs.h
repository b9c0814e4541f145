/*
 * outputs.h - the files that a command will write, looked at before anything is read.
 */
#ifndef WINNOW_CLI_OUTPUTS_H
#define WINNOW_CLI_OUTPUTS_H

#include "cli.h"

enum { CLI_MAX_OUTPUTS = 6 };

/* Paths that a run reads and writes; NULL and "" entries are not there. */
struct cli_outputs {
    struct {
        const char *option;     /* "--rejects": for messages */
        const char *path;
    } out[CLI_MAX_OUTPUTS];
    size_t n;
};

void cli_outputs_add(struct cli_outputs *o, const char *option, const char *path);
/* WN_BADCONF when two outputs are one file, when more than one goes to standard output, or
 * when an output is one of the inputs IN (each list may be empty); WN_IO when an output cannot
 * be made there.  Hours of work should not end at a name. */
enum wn_status cli_outputs_check(const struct cli_outputs *o, const char *const *in, size_t n_in, struct wn_err *err);
/* Only the second part: no output is one of IN. */
enum wn_status cli_outputs_apart(const struct cli_outputs *o, const char *const *in, size_t n_in, struct wn_err *err);

#endif
