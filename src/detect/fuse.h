/*
 * fuse.h - one verdict from what the detectors say.
 *
 * Pure arithmetic; docs/design/classifier.md has the table of cases and what each
 * source adds to the false-positive promise.
 */
#ifndef DETECT_FUSE_H
#define DETECT_FUSE_H

#include <winnow/doc.h>

struct fuse_in {
    double prior;            /* P(synthetic) before any evidence, 0 < prior < 1                  */
    double fpr, fnr;         /* promised error rates of the classifier's two verdicts            */
    bool scored;             /* the classifier judged the text; else the next three are ignored  */
    double log_odds_nats;    /* its calibrated log-odds of synthetic, prior included             */
    double p_human;          /* conformal p of its score under "human"                           */
    double p_synthetic;      /* conformal p of its score under "synthetic"                       */
    double rule_nats;        /* sum of the weights of the rules that fired                       */
    double mark_log10_p;     /* log10 p of a keyed watermark, corrected for the keys; 0: none    */
    double watermark_p;      /* a corrected p at or below this decides                           */
};

/* What decided. */
enum fuse_reason { FUSE_NOTHING, FUSE_CLASSIFIER, FUSE_RULES, FUSE_WATERMARK, FUSE_BETWEEN, FUSE_CONFLICT };

struct fuse_out {
    enum wn_verdict verdict;
    enum wn_tier tier;
    enum fuse_reason reason;
    double p_synthetic;      /* of everything together                       */
    double rule_nats;        /* what the rules added to the log-odds: capped */
    double mark_nats;        /* what a deciding watermark added: capped      */
};

void fuse_decide(const struct fuse_in *in, struct fuse_out *out);

#endif
