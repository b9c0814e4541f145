/*
 * classifier.h - the numbers between features and a calibrated probability.
 *
 *     features -> standardise, clip -> linear score -> Platt map -> log-odds
 *                                           |
 *                                           +-> conformal p-values (conformal.h)
 */
#ifndef DETECT_CLASSIFIER_H
#define DETECT_CLASSIFIER_H

#include "detect/features.h"

struct classifier {
    uint64_t min_tokens;         /* shorter texts are not scored                            */
    double fpr, fnr;             /* promised error rates of the two verdicts                */
    double prior;                /* P(synthetic) that the log-odds start from               */
    double max_oov;              /* beyond this share of unknown words: out of domain       */
    double max_xent_nats;        /* beyond this cross-entropy: out of domain                */
    double mean[N_FEATURES], sd[N_FEATURES];
    double beta[N_FEATURES + 1]; /* [0] is the intercept                                    */
    double platt_slope, platt_offset;   /* log-odds = slope * score + offset; slope > 0     */
};

/* A labelled row for training. */
struct classifier_row {
    const struct features *f;
    bool is_synthetic;
};

/* Fits mean, sd and beta; both classes weigh the same, whatever their numbers. */
enum wn_status classifier_fit(struct classifier *c, const struct classifier_row *rows, size_t n, double ridge,
                              struct wn_err *err);
/* Fits the Platt map at C's prior from calibration scores (Platt 1999: soft targets keep
 * it finite on separable data). */
enum wn_status classifier_calibrate(struct classifier *c, const double *human, size_t n_human,
                                    const double *synthetic, size_t n_synthetic, struct wn_err *err);

double classifier_score(const struct classifier *c, const struct features *f);
/* Log-odds of synthetic, in nats, at C's prior. */
double classifier_log_odds(const struct classifier *c, double score);
/* Whether F lies beyond what calibration documents look like. */
bool classifier_is_foreign(const struct classifier *c, const struct features *f);

#endif
