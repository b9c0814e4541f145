/*
 * labelled.h - documents whose origin is known: --human and --synthetic name files by
 * origin, other inputs carry a label member.
 */
#ifndef WINNOW_CLI_LABELLED_H
#define WINNOW_CLI_LABELLED_H

#include "intake.h"

struct labelled_args {
    struct cli_list human, synthetic;
};

#define LABELLED_OPTS(type, member, in)                                                                                 \
    { .help = "Labels" },                                                                                               \
    { .name = "human", .kind = CLI_LIST, .at = offsetof(type, member.human), .arg = "PATH",                             \
      .help = "documents that people wrote" },                                                                          \
    { .name = "synthetic", .kind = CLI_LIST, .at = offsetof(type, member.synthetic), .arg = "PATH",                     \
      .help = "documents that a model wrote" },                                                                         \
    { .name = "label-key", .kind = CLI_STR, .at = offsetof(type, in.label_key), .arg = "NAME", .dflt = "label",         \
      .help = "the member of other inputs that says human or synthetic" },                                             \
    { .name = "group-key", .kind = CLI_STR, .at = offsetof(type, in.group_key), .arg = "NAME", .dflt = "group",         \
      .help = "the member that ties documents which must not be split (a prompt and its answers)" }

/* Receives each document with its label, in input order, from one thread; WORK of V
 * (may be NULL) runs before on any thread, as in intake.h. */
struct labelled_visitor {
    void *ctx;
    enum wn_status (*work)(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                           struct wn_arena *scratch, void **result, struct wn_err *err);
    enum wn_status (*keep)(void *ctx, const struct wn_doc *doc, bool is_synthetic, void *result, struct wn_err *err);
};

/* Reads --human, --synthetic and then the labelled PATHS.  A damaged file is an error
 * (WN_BADDATA) unless --salvage: a training or evaluation set with a hole is not the
 * one that was asked for. */
enum wn_status labelled_run(const struct labelled_args *labels, const struct intake_args *in, const char *const *paths,
                            size_t n_paths, const struct labelled_visitor *v, const char *what,
                            struct intake_result *res, struct wn_err *err);

#endif
