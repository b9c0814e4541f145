/*
 * segment.h - documents into sentences, one a line, for the commands that take sentences.
 */
#ifndef WINNOW_CLI_SEGMENT_H
#define WINNOW_CLI_SEGMENT_H

#include "cli.h"

#define SEGMENT_OPT(type, member)                                                                                       \
    { .name = "segment", .kind = CLI_CHOICE, .at = offsetof(type, member), .choices = "none|sentences",                 \
      .dflt = "none", .help = "sentences: cut each document into sentences by punctuation and blank lines, and take "   \
                              "each as a sequence of its own; plain lines stay what they are" }

/* Whether DOC is to be cut. */
bool segment_wanted(const char *how, const struct wn_doc *doc);
/* Appends the sentences of TEXT to OUT, each with an end of line behind it and none inside. */
void segment_lines(struct wn_str text, struct wn_buf *out);

#endif
