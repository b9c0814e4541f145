/*
 * quality.h - how train and eval print what they measured.
 */
#ifndef WINNOW_CLI_QUALITY_H
#define WINNOW_CLI_QUALITY_H

#include "cli.h"

/* A table for people: every rate with its 95 % interval and n. */
void quality_print(FILE *out, const struct wn_quality *q);
void quality_json(struct wn_json *j, const char *key, const struct wn_quality *q);

#endif
