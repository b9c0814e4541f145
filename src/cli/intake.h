/*
 * intake.h - how every command reads documents: the same options, the same
 * accounting, the same rejects, the same exit code.
 */
#ifndef WINNOW_CLI_INTAKE_H
#define WINNOW_CLI_INTAKE_H

#include "cli.h"

/* The options; part of a command's args struct. */
struct intake_args {
    const char *id_key, *text_key, *source_key, *label_key, *group_key, *lang_key;
    const char *utf8;          /* "quarantine" or "replace" */
    uint64_t max_doc, zstd_window_max;
    const char *format;        /* "auto", "jsonl", "text" or "lines" */
    bool lines;                /* the command takes plain lines by the megabyte: auto means JSON Lines
                                  or LINES by the first byte, and documents may have n_lines */
    double max_bad;
    bool strict, salvage;
    bool again;                /* a second pass over the same files: no warnings, no rejects */
    const char *rejects;
    const char *stdin_path;    /* see wn_reader_opts */
    const char *shard;
    uint64_t jobs;             /* 0: all processors */
};

#define INTAKE_OPTS(type, member)                                                                                       \
    { .help = "Input" },                                                                                                \
    { .name = "format", .kind = CLI_CHOICE, .at = offsetof(type, member.format), .choices = "auto|jsonl|text|lines",    \
      .dflt = "auto", .help = "JSON Lines, one text document a file, or one document a line of plain text; auto: "      \
      "text for names that end in .txt, else jsonl (lm with whitespace tokens: see its description)" },                 \
    { .name = "text-key", .kind = CLI_STR, .at = offsetof(type, member.text_key), .arg = "NAME", .dflt = "text",        \
      .help = "the record's member that holds the text" },                                                              \
    { .name = "id-key", .kind = CLI_STR, .at = offsetof(type, member.id_key), .arg = "NAME", .dflt = "id",              \
      .help = "the member that holds the document's id; a record without one is named FILE:LINE" },                    \
    { .name = "source-key", .kind = CLI_STR, .at = offsetof(type, member.source_key), .arg = "NAME", .dflt = "source",  \
      .help = "the member that names the document's source" },                                                          \
    { .name = "utf8", .kind = CLI_CHOICE, .at = offsetof(type, member.utf8), .choices = "quarantine|replace",           \
      .dflt = "quarantine", .help = "what happens to invalid UTF-8: quarantine the record, or put U+FFFD" },            \
    { .name = "max-doc", .kind = CLI_BYTES, .at = offsetof(type, member.max_doc), .arg = "SIZE", .dflt = "64M",         \
      .min = 1024, .max = 4294967296.0, .help = "quarantine longer records" },                                          \
    { .name = "zstd-window-max", .kind = CLI_BYTES, .at = offsetof(type, member.zstd_window_max), .arg = "SIZE",        \
      .dflt = "128M", .min = 1024, .max = 2147483648.0, .help = "memory allowed for the window of a .zst file" },       \
    { .name = "salvage", .kind = CLI_FLAG, .at = offsetof(type, member.salvage),                                        \
      .help = "of a damaged file, keep the whole records before the damage" },                                          \
    { .name = "rejects", .kind = CLI_STR, .at = offsetof(type, member.rejects), .arg = "FILE",                          \
      .help = "write what could not be read to FILE: {reason, message, file, line, offset, raw} a line" },                       \
    { .name = "max-bad", .kind = CLI_REAL, .at = offsetof(type, member.max_bad), .arg = "SHARE", .dflt = "1", .min = 0, \
      .max = 1, .help = "exit 3 when a larger share of the records was quarantined" },                                  \
    { .name = "strict", .kind = CLI_FLAG, .at = offsetof(type, member.strict),                                          \
      .help = "exit 3 when anything was quarantined or repaired" }

#define INTAKE_JOBS(type, member)                                                                                       \
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(type, member.jobs), .arg = "N", .dflt = "0",      \
      .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" }

#define INTAKE_SHARD(type, member)                                                                                      \
    { .name = "shard", .kind = CLI_STR, .at = offsetof(type, member.shard), .arg = "I/N",                               \
      .help = "only every N-th file, from the I-th (0-based)" }

/* What a command does with documents. */
struct intake_visitor {
    void *ctx;
    /* Any thread; WORKER is 0..jobs-1.  *RESULT is handed to keep.  May be NULL.
     * WN_BADDATA quarantines the record as tag_bad. */
    enum wn_status (*work)(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                           struct wn_arena *scratch, void **result, struct wn_err *err);
    /* After the last of some documents, on the same thread: what WORK began must be done, and
     * its results complete.  May be NULL. */
    enum wn_status (*work_done)(void *ctx, unsigned worker, struct wn_arena *batch, struct wn_err *err);
    /* One thread, input order.  A reason in *REASON (and a message in ERR) with
     * WN_BADDATA quarantines the record after all; plain lines then come again, one by one. */
    enum wn_status (*keep)(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes, enum wn_reason *reason,
                           struct wn_err *err);
    /* Around each file, in order; may be NULL.  DROP: what was kept of it must go. */
    enum wn_status (*file_begin)(void *ctx, const struct wn_item *item, struct wn_err *err);
    enum wn_status (*file_end)(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err);
    struct wn_sink *rejects;   /* of a command that reads in several runs, which opens and publishes
                                  it; NULL: this run's own                                     */
    bool cannot_drop;          /* what was kept is gone already (standard output): salvage */
};

/* A file as it was read, for manifests and for reading it again. */
struct intake_file {
    const char *path;
    uint64_t raw_bytes, lines, kept;
    struct wn_hash128 digest;
    enum wn_reason reason;
    bool dropped;              /* damaged, and nothing of it was kept */
};

struct intake_result {
    struct wn_account account;
    struct intake_file *files;
    size_t n_files;
    double seconds;
    uint64_t raw_bytes;
};

unsigned intake_jobs(const struct intake_args *args);

/* Reads all PATHS (none: standard input) through V.  Damage to a file is reported and
 * counted, not returned.  The account has been checked when this returns WN_OK. */
enum wn_status intake_run(const struct intake_args *args, const char *const *paths, size_t n_paths,
                          const struct intake_visitor *v, const char *what, struct intake_result *res, struct wn_err *err);
void intake_release(struct intake_result *res);
/* WN_BADCONF when a document of --max-doc could not be held in MEMORY bytes, an option's value
 * (0: not given).  The default of --max-doc is always accepted. */
enum wn_status intake_check_room(const struct intake_args *args, uint64_t memory, struct wn_err *err);
/* The sink of --rejects, or NULL when it was not given. */
enum wn_status intake_open_rejects(struct wn_sink **out, const struct intake_args *args, struct wn_err *err);

/* WN_BADDATA when not one of the inputs could be read: then there is nothing to publish, and
 * an older output stays. */
enum wn_status intake_any(const struct intake_result *res, struct wn_err *err);
/* CLI_OK, CLI_BAD_RECORDS or CLI_DAMAGED, with a warning that says why. */
/* Whether there were records and not one could be used. */
bool intake_none(const struct intake_result *res);
enum cli_exit intake_exit(const struct intake_args *args, const struct intake_result *res);
/* What to say of a damaged file where a set with a hole is no set. */
enum wn_status intake_damaged(const struct wn_item *item, const char *what, struct wn_err *err);
/* The accounting lines for people, on standard error unless -q. */
void intake_print(const struct intake_result *res);
/* "inputs": an array of files with size, digest, lines. */
void intake_files_json(struct wn_json *j, const char *key, const struct intake_result *res);

#endif
