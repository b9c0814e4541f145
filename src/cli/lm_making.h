/*
 * lm_making.h - what the lm commands that write models have in common: the options of
 * estimation, of outputs and of what a job may use, and the report at the end.
 */
#ifndef WINNOW_CLI_LM_MAKING_H
#define WINNOW_CLI_LM_MAKING_H

#include "outputs.h"

/* ---- what a job may use ----------------------------------------------------------- */

struct lm_room_args {
    uint64_t memory;           /* 0: three quarters of what is free */
    const char *tmp;
};

#define LM_ROOM_OPTS(type, member)                                                                                      \
    { .name = "memory", .letter = 'S', .kind = CLI_BYTES, .at = offsetof(type, member.memory), .arg = "SIZE",           \
      .max = 1.8e19, .help = "most memory to use; beyond it the job works in --tmp; the output does not depend on it "  \
      "[3/4 of what is free]" },                                                                                        \
    { .name = "tmp", .letter = 'T', .kind = CLI_STR, .at = offsetof(type, member.tmp), .arg = "DIR",                    \
      .help = "folder for temporary files [$TMPDIR or /tmp]" }

/* What the library gets: the rest of the process takes a share of --memory. */
struct wn_lm_room lm_room(const struct lm_room_args *args, unsigned jobs);

/* ---- outputs ------------------------------------------------------------------------- */

struct lm_output_args {
    const char *model, *arpa, *mode, *purpose;
};

#define LM_MODEL_OPTS(type, member)                                                                                     \
    { .name = "mode", .kind = CLI_CHOICE, .at = offsetof(type, member.mode), .choices = "exact|compact",                \
      .dflt = "exact", .help = "float32 values, or values in 12 to 16 bits at less than half the size (totals within "  \
      "1e-5)" },                                                                                                        \
    { .name = "for", .kind = CLI_CHOICE, .at = offsetof(type, member.purpose), .choices = "all|scoring|sampling",       \
      .dflt = "all", .help = "what the file must serve: scoring alone needs no index, sampling (and export, mix, "      \
      "prune) no tables; the index takes memory for the whole model while it is made" }

#define LM_OUTPUT_OPTS(type, member)                                                                                    \
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(type, member.model), .arg = "FILE",              \
      .help = "the model file [model.wlm, unless another output is named]" },                                           \
    { .name = "arpa", .kind = CLI_STR, .at = offsetof(type, member.arpa), .arg = "FILE",                                \
      .help = "write the model as ARPA; - is standard output, .gz and .zst compress" },                                 \
    LM_MODEL_OPTS(type, member)

/* WN_LM_WORDS | .. for --for. */
unsigned lm_parts_of(const char *purpose);

/* WN_BADCONF when PATH cannot be a model file, which is mapped; NULL is fine.  ARPA_TOO: the
 * command has --arpa. */
enum wn_status lm_model_check(const char *path, bool arpa_too, struct wn_err *err);
/* The same for count files, which are read again. */
enum wn_status lm_counts_check(const char *option, const char *path, struct wn_err *err);

/* The files of one run, which appear together when all of them are complete. */
struct lm_files {
    struct wn_lm_output to;       /* for the library's writers */
    struct wn_lm_file *model, *counts;
    struct wn_sink *arpa, *json;
};
/* Opens what TO's write needs.  Close in any case. */
enum wn_status lm_files_open(struct lm_files *f, const struct lm_output_args *args, struct wn_err *err);
/* Writes TEXT, to be published with the others. */
enum wn_status lm_files_json(struct lm_files *f, const char *path, const struct wn_buf *text, struct wn_err *err);
enum wn_status lm_files_publish(struct lm_files *f, struct wn_err *err);
void lm_files_close(struct lm_files *f);
/* Writes LM to what ARGS names, both files in one pass. */
enum wn_status lm_store(const struct wn_lm *lm, const struct lm_output_args *args, const struct wn_lm_room *room,
                        struct wn_err *err);

/* ---- estimation -------------------------------------------------------------------------- */

struct lm_estimate_args {
    const char *prune, *smoothing, *fallback, *limit_vocab, *interpolate;
    uint64_t vocab_pad;
    bool strict_discounts, kenlm_compat, exact_last;
};

#define LM_ESTIMATE_OPTS(type, member)                                                                                  \
    { .help = "Estimation" },                                                                                           \
    { .name = "smoothing", .kind = CLI_CHOICE, .at = offsetof(type, member.smoothing), .choices = "kneser-ney|ml",      \
      .dflt = "kneser-ney", .help = "interpolated modified Kneser-Ney, or plain relative frequencies" },                \
    { .name = "prune", .kind = CLI_STR, .at = offsetof(type, member.prune), .arg = "T1,T2,...", .dflt = "0",            \
      .help = "drop n-grams of order k with a count of Tk or less; the last one repeats" },                             \
    { .name = "limit-vocab", .kind = CLI_STR, .at = offsetof(type, member.limit_vocab), .arg = "FILE",                  \
      .help = "drop n-grams with a word that is not in FILE (words separated by white space)" },                        \
    { .name = "discount-fallback", .kind = CLI_STR, .at = offsetof(type, member.fallback), .arg = "D1,D2,D3",           \
      .dflt = "0.5,1,1.5", .help = "discounts of an order whose counts give none in closed form; fewer values: the "    \
      "last repeats; used with a warning" },                                                                            \
    { .name = "strict-discounts", .kind = CLI_FLAG, .at = offsetof(type, member.strict_discounts),                      \
      .help = "fail there instead" },                                                                                   \
    { .name = "vocab-pad", .kind = CLI_UINT, .at = offsetof(type, member.vocab_pad), .arg = "N", .dflt = "0",           \
      .max = 1e18, .help = "size of the vocabulary, where that is more than the words of the text: the uniform "        \
      "distribution below order 1 is over N words" },                                                                   \
    { .name = "interpolate-unigrams", .kind = CLI_CHOICE, .at = offsetof(type, member.interpolate),                     \
      .choices = "yes|no|1|0", .dflt = "yes", .help = "no: <unk> gets the whole back-off mass of order 1, as in SRILM" }, \
    { .name = "kenlm-compat", .kind = CLI_FLAG, .at = offsetof(type, member.kenlm_compat),                              \
      .help = "bytes as lmplz's also where that copies a quirk of it that moves last digits; this is the default" },    \
    { .name = "exact-last", .kind = CLI_FLAG, .at = offsetof(type, member.exact_last),                                  \
      .help = "without that quirk: count the suffixes of the last n-gram as all others are counted" }

/* ARGS as the library takes them; owns the list of words. */
struct lm_estimate {
    struct wn_lm_opts opts;
    struct wn_arena arena;
    struct wn_tokens words;
};
/* Checks everything that can be checked before anything is read.  Release in any case. */
enum wn_status lm_estimate_init(struct lm_estimate *e, const struct lm_estimate_args *args, const struct wn_lm_room *room,
                                struct wn_err *err);
void lm_estimate_release(struct lm_estimate *e);

/* ---- the report ----------------------------------------------------------------------------- */

struct lm_report {
    unsigned order;
    enum wn_tokenizer tokenizer;
    uint64_t n_types;
    bool has_model;
    struct wn_lm_made made;    /* without a model only train_tokens */
    double started;            /* cli_seconds() */
};
/* Warns about fall-back discounts and prints a table for people. */
void lm_report_print(const struct lm_report *r);
/* Adds it as a line of JSON; without a model (counts alone) the list of orders is empty. */
void lm_report_json(const struct lm_report *r, struct wn_buf *out);

/* ---- models by name ---------------------------------------------------------------------------- */

/* Opens PATH; WN_BADCONF, with what to do, when it lacks one of PARTS that WHAT needs. */
enum wn_status lm_open_with(struct wn_lm **out, const char *path, unsigned parts, const char *what, struct wn_err *err);
/* One line of the head, and one an order. */
void lm_print(FILE *out, const struct wn_lm *lm);

#endif
