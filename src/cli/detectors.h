/*
 * detectors.h - the detectors a user configured, as one tagger: the same options for
 * tag, eval and simulate.
 */
#ifndef WINNOW_CLI_DETECTORS_H
#define WINNOW_CLI_DETECTORS_H

#include "keys.h"
#include "outputs.h"

struct detector_args {
    const char *model;
    struct cli_list rules;
    bool no_rules, no_marks;
    struct cli_list watermark_keys;
    const char *watermark_lm;
    double gamma;
    double fpr;
    double watermark_p;
};

#define DETECTOR_OPTS(type, member)                                                                                     \
    { .help = "Detectors" },                                                                                            \
    { .name = "model", .letter = 'm', .kind = CLI_STR, .at = offsetof(type, member.model), .arg = "FILE",               \
      .help = "classifier made by winnow train: two language models, calibration and rules" },                          \
    { .name = "rules", .kind = CLI_LIST, .at = offsetof(type, member.rules), .arg = "PATH",                             \
      .help = "rule file or folder, instead of the model's own rules" },                                                \
    { .name = "no-rules", .kind = CLI_FLAG, .at = offsetof(type, member.no_rules), .help = "run no rules" },            \
    { .name = "no-marks", .kind = CLI_FLAG, .at = offsetof(type, member.no_marks),                                      \
      .help = "do not look for marks in the characters" },                                                              \
    { .name = "watermark-key", .kind = CLI_LIST, .at = offsetof(type, member.watermark_keys), .arg = "KEY",             \
      .help = "test for a KGW lefthash watermark with this key over the vocabulary of --watermark-lm" },                \
    { .name = "watermark-lm", .kind = CLI_STR, .at = offsetof(type, member.watermark_lm), .arg = "FILE",                \
      .help = "the language model whose token ids were watermarked" },                                                  \
    { .name = "watermark-gamma", .kind = CLI_REAL, .at = offsetof(type, member.gamma), .arg = "SHARE", .dflt = "0.25",  \
      .min = 0.001, .max = 0.999, .help = "green share of the watermark" },                                             \
    { .name = "watermark-p", .kind = CLI_REAL, .at = offsetof(type, member.watermark_p), .arg = "P", .dflt = "1e-6",    \
      .min = 1e-300, .max = 0.5, .help = "p-value, corrected for the number of keys, below which a mark decides" },     \
    { .name = "fpr", .kind = CLI_REAL, .at = offsetof(type, member.fpr), .arg = "RATE", .min = 1e-6, .max = 0.5,        \
      .help = "false-positive rate on human text that is accepted, instead of the model's" }

struct detectors {
    struct wn_model *model;
    struct wn_rules *rules;
    struct key_set keys;
    double fpr, watermark_p;              /* as configured; fpr 0: the model's */
    struct wn_hash128 rules_digest;       /* of --rules */
    struct wn_tagger *tagger;
    struct wn_tagger_scratch **scratch;   /* one a worker */
    unsigned n_workers;
};

/* Whether anything at all was configured. */
bool detectors_wanted(const struct detector_args *a);
/* WN_BADCONF when an output is one of the files that A names. */
enum wn_status detectors_apart(const struct detector_args *a, const struct cli_outputs *o, struct wn_err *err);
enum wn_status detectors_open(struct detectors *d, const struct detector_args *a, unsigned workers, struct wn_err *err);
void detectors_close(struct detectors *d);
/* An object: what ran, with everything that can change a verdict; keys are counted, not
 * told. */
void detectors_json(struct wn_json *j, const char *key, const struct detectors *d);

#endif
