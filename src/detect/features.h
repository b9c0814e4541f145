/*
 * features.h - what the classifier sees of a text: fifteen numbers.
 *
 * Some come from the two language models, some from the surface of the words.  All are
 * rates, means or deviations, so that they do not grow with the text; all are finite
 * for any text, the empty one included.  docs/design/classifier.md lists them.
 */
#ifndef DETECT_FEATURES_H
#define DETECT_FEATURES_H

#include <winnow/lmscore.h>

/* The models of joint tables, and the labels of documents. */
enum { HUMAN = 0, SYNTHETIC = 1 };

enum feature {
    /* language models; "known": the word is in both vocabularies */
    F_LLR,                /* mean ln pS - ln pH of known tokens, nats/token             */
    F_LLR_UNIGRAM,        /* the same of the unigram probabilities, nats/token          */
    F_LLR_WINDOW_SD,      /* sd of the mean llr of windows of 20 tokens, nats/token     */
    F_XENT_HUMAN,         /* ln of the human perplexity, known tokens, nats/token       */
    F_XENT_SD,            /* sd of a known token's surprisal (mean of both), nats       */
    F_XENT_WINDOW_SD,     /* sd of its mean in windows of 20 (burstiness), nats/token   */
    F_OOV_HUMAN,          /* share of tokens unknown to the human model                 */
    F_OOV_SYNTHETIC,      /* share of tokens unknown to the synthetic model             */
    F_LONG_SYNTHETIC,     /* share of tokens whose match in the synthetic model is full */
    F_LIKELY_HUMAN,       /* share of tokens with pH >= 0.1                             */
    F_LIKELY_SYNTHETIC,   /* share of tokens with pS >= 0.1                             */
    F_RARE_HUMAN,         /* share of tokens with pH < 1e-4                             */
    /* surface */
    F_SENTENCE_LENGTH,    /* ln of the mean tokens per sentence                         */
    F_COMMAS,             /* commas per token                                           */
    F_APOSTROPHES,        /* words with an apostrophe per token                         */
    N_FEATURES
};

/* The name used in model files and notes. */
const char *feature_name(enum feature f);

struct features {
    double v[N_FEATURES];
    uint64_t n_tokens;
    double oov_both;        /* share of tokens that neither model knows            */
    double xent_synthetic;  /* ln of the synthetic perplexity, nats/token          */
    double xent_nats;       /* the smaller of the two, nats/token                  */
};

/* A scorer for features_compute: one a thread; JOINT must outlive it. */
enum wn_status features_scorer_new(struct wn_scorer **out, const struct wn_lm *joint, struct wn_err *err);
/* Fills OUT from the FOLDED tokens of a text.  JOINT: tables of the human and the synthetic
 * model. */
enum wn_status features_compute(const struct wn_lm *joint, struct wn_scorer *scorer, const struct wn_tokens *tokens,
                                struct features *out, struct wn_err *err);

#endif
