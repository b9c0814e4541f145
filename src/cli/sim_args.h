/*
 * sim_args.h - what is simulated: the same options for simulate and sweep.
 */
#ifndef WINNOW_CLI_SIM_ARGS_H
#define WINNOW_CLI_SIM_ARGS_H

#include "cli.h"
#include "detectors.h"
#include "intake.h"

struct sim_args {
    const char *engine, *operating_point, *estimator, *mode, *at, *smoothing;
    uint64_t generations, seeds, seed, n, n_first, order, prompt;
    bool first_mixed, retrain;
    double scraped, watermark_share, watermark_delta;
    struct cli_list corpus;
    struct detector_args detect;
    struct intake_args in;
    /* the sampler */
    double lambda, truncate, temperature, top_p, min_p, typical, repetition_penalty;
    uint64_t top_k, beam;
    /* truths and models */
    const char *truth, *kernel, *bandwidth;
    uint64_t dims, components, states, em_rounds, block, epochs, batch;
    double separation, zipf, zipf_shift, add, rate, noise, em_tolerance, learning_rate;
    bool same_design;
};

#define SIM_ENGINES "gaussian|gaussian-nd|gmm|kde|discrete|poisson|exponential|labels|linreg|bigram|softmax|ngram"

#define SIM_LOOP_OPTS(type, m)                                                                                          \
    { .name = "engine", .letter = 'e', .kind = CLI_CHOICE, .at = offsetof(type, m.engine), .choices = SIM_ENGINES,      \
      .dflt = "gaussian", .help = "what is fitted and sampled" },                                                       \
    { .name = "generations", .letter = 'g', .kind = CLI_UINT, .at = offsetof(type, m.generations), .arg = "G",          \
      .dflt = "10", .min = 1, .max = 1e6, .help = "fits; the first one sees real data alone" },                         \
    { .name = "seeds", .letter = 's', .kind = CLI_UINT, .at = offsetof(type, m.seeds), .arg = "R", .dflt = "10",        \
      .min = 1, .max = 1e7, .help = "replicates of each policy" },                                                      \
    { .name = "seed", .kind = CLI_UINT, .at = offsetof(type, m.seed), .arg = "N", .dflt = "1",                          \
      .help = "everything random follows from it" },                                                                    \
    { .name = "size", .letter = 'n', .kind = CLI_UINT, .at = offsetof(type, m.n), .arg = "N", .dflt = "100",            \
      .min = 1, .max = 1e12, .help = "items (points, documents, blocks of tokens) of a generation" },                   \
    { .name = "first", .kind = CLI_UINT, .at = offsetof(type, m.n_first), .arg = "N", .dflt = "0", .max = 1e12,         \
      .help = "real items of generation 0; 0: as many as a generation has" },                                           \
    { .name = "first-mixed", .kind = CLI_FLAG, .at = offsetof(type, m.first_mixed),                                     \
      .help = "put generation 0 together as the later ones are, with the truth in the model's place" },                 \
    { .name = "mode", .kind = CLI_CHOICE, .at = offsetof(type, m.mode), .choices = "auto|exact|points", .dflt = "auto", \
      .help = "sufficient statistics (exact, the cost of a generation does not depend on --size) or every item; "       \
              "auto: exact where engine and policy allow it" },                                                         \
    { .name = "at", .kind = CLI_STR, .at = offsetof(type, m.at), .arg = "LIST",                                         \
      .help = "generations to record: numbers, FROM:TO:STEP, log (1, 2, 5, 10, 20, ...) or last, with commas; "         \
              "default: all" },                                                                                         \
    { .name = "scraped-human-share", .kind = CLI_REAL, .at = offsetof(type, m.scraped), .arg = "SHARE", .dflt = "0",    \
      .min = 0, .max = 1,                                                                                               \
      .help = "new data come undeclared, as in a scrape, with this share of human ones; 0: declared for what they are" }, \
    { .name = "operating-point", .kind = CLI_STR, .at = offsetof(type, m.operating_point), .arg = "FILE",               \
      .help = "report of winnow eval: the detector's rates, instead of those in the policies" },                        \
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(type, m.in.jobs), .arg = "N", .dflt = "0",        \
      .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" }

#define SIM_SAMPLER_OPTS(type, m)                                                                                       \
    { .help = "Sampling bias: what a model emits is not what it fitted" },                                              \
    { .name = "lambda", .kind = CLI_REAL, .at = offsetof(type, m.lambda), .arg = "F", .dflt = "1", .min = 1e-9,         \
      .max = 1, .help = "factor on the variance (gaussian, gaussian-nd, gmm)" },                                        \
    { .name = "truncate", .kind = CLI_REAL, .at = offsetof(type, m.truncate), .arg = "C", .dflt = "0", .max = 1e6,      \
      .help = "only within C standard deviations of the model (gaussian); 0: off" },                                    \
    { .name = "temperature", .kind = CLI_REAL, .at = offsetof(type, m.temperature), .arg = "T", .dflt = "1",            \
      .min = 0.01, .max = 100, .help = "p^(1/T), renormalised (discrete, bigram, softmax, ngram)" },                    \
    { .name = "top-k", .kind = CLI_UINT, .at = offsetof(type, m.top_k), .arg = "K", .dflt = "0", .max = 4e9,            \
      .help = "only the K likeliest states or words; 0: all" },                                                         \
    { .name = "top-p", .kind = CLI_REAL, .at = offsetof(type, m.top_p), .arg = "P", .dflt = "1", .min = 1e-6, .max = 1, \
      .help = "only the likeliest that together have mass P" },                                                         \
    { .name = "min-p", .kind = CLI_REAL, .at = offsetof(type, m.min_p), .arg = "P", .dflt = "0", .max = 1,              \
      .help = "only those at least P times as likely as the likeliest; 0: all" },                                       \
    { .name = "typical", .kind = CLI_REAL, .at = offsetof(type, m.typical), .arg = "P", .dflt = "1", .min = 1e-6,       \
      .max = 1, .help = "only those whose -log p is nearest to the entropy, up to mass P" },                            \
    { .name = "beam", .kind = CLI_UINT, .at = offsetof(type, m.beam), .arg = "N", .dflt = "0", .max = 1e5,              \
      .help = "beam search of this width instead of drawing (ngram); 0: off" },                                         \
    { .name = "repetition-penalty", .kind = CLI_REAL, .at = offsetof(type, m.repetition_penalty), .arg = "X",           \
      .dflt = "1", .min = 1, .max = 100, .help = "multiply log p of words that the document has already by X (ngram)" }

#define SIM_MODEL_OPTS(type, m)                                                                                         \
    { .help = "Truths and models; 0: the engine's default" },                                                           \
    { .name = "estimator", .kind = CLI_CHOICE, .at = offsetof(type, m.estimator), .choices = "mle|unbiased|by-source",  \
      .dflt = "mle", .help = "variance over N, over N-1 (gaussian, gaussian-nd), or by source and then averaged (gaussian)" },     \
    { .name = "dims", .letter = 'd', .kind = CLI_UINT, .at = offsetof(type, m.dims), .arg = "D", .dflt = "0",           \
      .max = 1000, .help = "dimensions (gaussian-nd 2, gmm 2, linreg 5)" },                                             \
    { .name = "truth", .kind = CLI_STR, .at = offsetof(type, m.truth), .arg = "NAME",                                   \
      .help = "gmm: three, blob, pair, separated, unequal; kde: normal, blobs, circles, moons, swiss-roll; "            \
              "discrete: zipf, distinct" },                                                                             \
    { .name = "components", .letter = 'k', .kind = CLI_UINT, .at = offsetof(type, m.components), .arg = "K",            \
      .dflt = "0", .max = 64, .help = "components of the fitted mixture (gmm three 3, else 2)" },                                     \
    { .name = "separation", .kind = CLI_REAL, .at = offsetof(type, m.separation), .arg = "X", .dflt = "0", .max = 1e6,  \
      .help = "distance of the means from 0 (gmm pair, separated)" },                                                   \
    { .name = "em-rounds", .kind = CLI_UINT, .at = offsetof(type, m.em_rounds), .arg = "N", .dflt = "0", .max = 1e6,    \
      .help = "most rounds of EM (gmm 200)" },                                                                          \
    { .name = "em-tolerance", .kind = CLI_REAL, .at = offsetof(type, m.em_tolerance), .arg = "NATS", .dflt = "0",       \
      .max = 1, .help = "gain a point at which EM stops (gmm 1e-7)" },                                                  \
    { .name = "kernel", .kind = CLI_STR, .at = offsetof(type, m.kernel), .arg = "NAME",                                 \
      .help = "kde: gaussian, tophat" },                                                                                \
    { .name = "bandwidth", .kind = CLI_STR, .at = offsetof(type, m.bandwidth), .arg = "H",                              \
      .help = "kde: scott, silverman or a number" },                                                                    \
    { .name = "states", .kind = CLI_UINT, .at = offsetof(type, m.states), .arg = "K", .dflt = "0", .max = 1e7,          \
      .help = "states of the truth (discrete 1000; bigram and softmax without a corpus 20)" },                          \
    { .name = "zipf", .kind = CLI_REAL, .at = offsetof(type, m.zipf), .arg = "S", .dflt = "0", .max = 20,               \
      .help = "p_i ~ (i + shift)^-S (discrete); 0: flat" },                                                             \
    { .name = "zipf-shift", .kind = CLI_REAL, .at = offsetof(type, m.zipf_shift), .arg = "B", .dflt = "0", .max = 1e6,  \
      .help = "that shift" },                                                                                           \
    { .name = "add", .kind = CLI_REAL, .at = offsetof(type, m.add), .arg = "K", .dflt = "0", .max = 1e6,                \
      .help = "add-k smoothing of the fit (discrete, bigram)" },                                                        \
    { .name = "rate", .kind = CLI_REAL, .at = offsetof(type, m.rate), .arg = "X", .dflt = "0", .max = 1e12,             \
      .help = "mean of poisson, rate of exponential (1), error of a fit of labels (0.05)" },                            \
    { .name = "noise", .kind = CLI_REAL, .at = offsetof(type, m.noise), .arg = "SD", .dflt = "0", .max = 1e6,           \
      .help = "noise of linreg (1)" },                                                                                  \
    { .name = "same-design", .kind = CLI_FLAG, .at = offsetof(type, m.same_design),                                     \
      .help = "linreg: one design for all generations instead of new ones" },                                           \
    { .name = "block", .kind = CLI_UINT, .at = offsetof(type, m.block), .arg = "N", .dflt = "0", .max = 1e6,            \
      .help = "tokens of an item (bigram, softmax 64)" },                                                               \
    { .name = "learning-rate", .kind = CLI_REAL, .at = offsetof(type, m.learning_rate), .arg = "X", .dflt = "0",        \
      .max = 1000, .help = "of SGD (softmax 2)" },                                                                    \
    { .name = "epochs", .kind = CLI_UINT, .at = offsetof(type, m.epochs), .arg = "N", .dflt = "0", .max = 1e6,          \
      .help = "passes of SGD over the data (softmax 5)" },                                                              \
    { .name = "batch", .kind = CLI_UINT, .at = offsetof(type, m.batch), .arg = "N", .dflt = "0", .max = 1e6,            \
      .help = "items a step of SGD (softmax 32)" }

#define SIM_TEXT_OPTS(type, m)                                                                                          \
    { .help = "Text (ngram; bigram and softmax take --corpus)" },                                                       \
    { .name = "corpus", .letter = 'c', .kind = CLI_LIST, .at = offsetof(type, m.corpus), .arg = "PATH",                 \
      .help = "human documents, divided by a hash of their ids: the first real data, fresh ones, a held-out tenth" },   \
    { .name = "order", .kind = CLI_UINT, .at = offsetof(type, m.order), .arg = "N", .dflt = "3", .min = 1, .max = 8,    \
      .help = "order of the language model" },                                                                          \
    { .name = "smoothing", .kind = CLI_CHOICE, .at = offsetof(type, m.smoothing), .choices = "kneser-ney|ml",           \
      .dflt = "kneser-ney", .help = "how it is estimated" },                                                            \
    { .name = "prompt", .kind = CLI_UINT, .at = offsetof(type, m.prompt), .arg = "N", .dflt = "0", .max = 1000,         \
      .help = "each document continues the first N words of a real one; 0: free-running" },                             \
    { .name = "retrain", .kind = CLI_FLAG, .at = offsetof(type, m.retrain),                                             \
      .help = "train a tagger of its own for every generation, on its model's output" },                                \
    { .name = "watermark-share", .kind = CLI_REAL, .at = offsetof(type, m.watermark_share), .arg = "SHARE",             \
      .dflt = "0", .min = 0, .max = 1, .help = "share of synthetic documents that carry the first --watermark-key" },   \
    { .name = "watermark-delta", .kind = CLI_REAL, .at = offsetof(type, m.watermark_delta), .arg = "NATS",              \
      .dflt = "2", .min = 0.01, .max = 50, .help = "strength of that mark" }

/* What the options name, read and opened: policies, corpus, detectors. */
struct sim_inputs {
    const struct sim_args *args;
    struct wn_policy *policies;
    size_t n_policies;
    struct detectors detectors;
    struct wn_arena texts_arena;
    struct wn_sim_text *texts;
    size_t n_texts, cap_texts;
    struct wn_buf detectors_json;
    uint32_t *record;
    size_t n_record;
};

/* Whether the options fit together, before anything is read. */
enum wn_status sim_args_check(const struct sim_args *a, struct wn_err *err);
/* WN_BADCONF when an output is one of the files that A names. */
enum wn_status sim_args_apart(const struct sim_args *a, const struct cli_outputs *out, struct wn_err *err);
/* Reads policies (the command's operands), corpus and detectors. */
enum wn_status sim_inputs_open(struct sim_inputs *in, const struct sim_args *a, struct cli_run *r);
/* The options as the library takes them; views of IN. */
enum wn_status sim_inputs_opts(struct sim_inputs *in, struct wn_sim_opts *out, struct wn_err *err);
void sim_inputs_close(struct sim_inputs *in);

#endif
