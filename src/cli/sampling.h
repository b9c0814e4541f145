/*
 * sampling.h - documents sampled from a language model, with or without a watermark:
 * shared by lm sample and watermark embed.
 */
#ifndef WINNOW_CLI_SAMPLING_H
#define WINNOW_CLI_SAMPLING_H

#include "cli.h"

struct sampling_args {
    const char *output, *prefix, *prompt;
    uint64_t documents, max_tokens, min_tokens, seed, top_k, jobs, repetition_window, beam;
    double temperature, top_p, min_p, typical, repetition_penalty, length_penalty;
};

#define SAMPLING_OPTS(type, member)                                                                                     \
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(type, member.output), .arg = "FILE",             \
      .dflt = "-", .help = "the documents, as JSON Lines" },                                                            \
    { .name = "documents", .letter = 'n', .kind = CLI_UINT, .at = offsetof(type, member.documents), .arg = "N",         \
      .dflt = "10", .max = 1e12, .help = "how many" },                                                                  \
    { .name = "max-tokens", .kind = CLI_UINT, .at = offsetof(type, member.max_tokens), .arg = "N", .dflt = "200",       \
      .min = 1, .max = 1e7, .help = "longest document" },                                                               \
    { .name = "min-tokens", .kind = CLI_UINT, .at = offsetof(type, member.min_tokens), .arg = "N", .dflt = "0",         \
      .max = 1e7, .help = "shortest document" },                                                                        \
    { .name = "temperature", .kind = CLI_REAL, .at = offsetof(type, member.temperature), .arg = "T", .dflt = "1",       \
      .min = 0.01, .max = 100, .help = "p^(1/T), renormalised" },                                                       \
    { .name = "top-k", .kind = CLI_UINT, .at = offsetof(type, member.top_k), .arg = "K", .dflt = "0", .max = 1e9,       \
      .help = "only the K most probable words; 0: all" },                                                               \
    { .name = "top-p", .kind = CLI_REAL, .at = offsetof(type, member.top_p), .arg = "P", .dflt = "1", .min = 1e-6,      \
      .max = 1, .help = "only the most probable words that together have mass P" },                                     \
    { .name = "min-p", .kind = CLI_REAL, .at = offsetof(type, member.min_p), .arg = "P", .dflt = "0", .max = 1,         \
      .help = "only words at least P times as probable as the likeliest; 0: all" },                                     \
    { .name = "typical", .kind = CLI_REAL, .at = offsetof(type, member.typical), .arg = "P", .dflt = "1", .min = 1e-6,  \
      .max = 1, .help = "only the words whose -log p is nearest to the entropy, up to mass P" },                        \
    { .name = "repetition-penalty", .kind = CLI_REAL, .at = offsetof(type, member.repetition_penalty), .arg = "X",      \
      .dflt = "1", .min = 0.01, .max = 100, .help = "multiply log p of words that the document has already by X" },     \
    { .name = "repetition-window", .kind = CLI_UINT, .at = offsetof(type, member.repetition_window), .arg = "N",        \
      .dflt = "0", .max = 1e9, .help = "only the last N words of it count; 0: all" },                                   \
    { .name = "prompt", .kind = CLI_STR, .at = offsetof(type, member.prompt), .arg = "TEXT", .dflt = "",                \
      .help = "every document goes on from these words, which are not written; empty: from its beginning" },            \
    { .name = "seed", .kind = CLI_UINT, .at = offsetof(type, member.seed), .arg = "N", .dflt = "1",                     \
      .help = "document I depends on (seed, I) alone" },                                                                \
    { .name = "id-prefix", .kind = CLI_STR, .at = offsetof(type, member.prefix), .arg = "TEXT", .dflt = "sample-",      \
      .help = "ids are TEXT and a number" },                                                                            \
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(type, member.jobs), .arg = "N", .dflt = "0",      \
      .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" }

#define SAMPLING_BEAM(type, member)                                                                                     \
    { .help = "Beam search" },                                                                                          \
    { .name = "beam", .kind = CLI_UINT, .at = offsetof(type, member.beam), .arg = "N", .dflt = "0", .max = 1e5,         \
      .help = "write the likeliest document that N hypotheses a step find, instead of drawing" },                       \
    { .name = "length-penalty", .kind = CLI_REAL, .at = offsetof(type, member.length_penalty), .arg = "A",              \
      .dflt = "0", .max = 10, .help = "by log p / length^A" }

/* Samples and writes.  KGW NULL: no watermark. */
enum wn_status sampling_run(const struct sampling_args *args, const struct wn_lm *lm, struct wn_kgw *kgw,
                            struct wn_err *err);

#endif
