/*
 * policies.h - policy files named on the command line: mix and simulate read them alike.
 */
#ifndef WINNOW_CLI_POLICIES_H
#define WINNOW_CLI_POLICIES_H

#include "cli.h"

enum wn_status cli_read_policy(struct wn_policy *policy, const char *path, struct wn_err *err);
/* From an eval report. */
enum wn_status cli_read_operating_point(struct wn_operating_point *op, const char *path, struct wn_err *err);

#endif
