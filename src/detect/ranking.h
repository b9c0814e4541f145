/*
 * ranking.h - how well scores separate two classes, and how well probabilities hold.
 */
#ifndef DETECT_RANKING_H
#define DETECT_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked {
    double score;            /* higher: more synthetic; for calibration a probability */
    bool is_synthetic;
};

/* One threshold: everything with a score >= it is called synthetic. */
struct roc_point {
    double threshold;
    uint64_t hits, false_alarms;
};

/* Sorts by falling score; the functions below want this order. */
void ranking_sort(struct ranked *r, size_t n);
/* P[score of a synthetic > score of a human], ties half (Mann and Whitney 1947); NAN when
 * a class is missing. */
double ranking_auroc(const struct ranked *r, size_t n);
/* Moves *I behind the ties of r[*i] and adds them to P; false at the end. */
bool ranking_next(const struct ranked *r, size_t n, size_t *i, struct roc_point *p);
/* The last threshold with at most FPR of N_HUMAN humans above it. */
struct roc_point ranking_at_fpr(const struct ranked *r, size_t n, uint64_t n_human, double fpr);

enum { CALIBRATION_BINS = 10 };
struct calibration {
    double brier, ece;                        /* NAN when there is nothing               */
    struct {
        uint64_t n;
        double weight, mean_p, share;         /* share of synthetic, mean probability    */
    } bin[CALIBRATION_BINS];
};
/* Brier (1950) score and expected calibration error over equal-width bins (Guo et al.
 * 2017), the classes weighed to a share PRIOR of synthetic; 0: as they are. */
void ranking_calibration(const struct ranked *r, size_t n, double prior, struct calibration *out);

#endif
