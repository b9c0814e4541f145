/*
 * conformal.h - split-conformal p-values: how unusual is a score among calibration
 * scores that no model has seen?
 *
 * With n exchangeable calibration scores, p = (1 + #{as extreme}) / (n + 1) satisfies
 * P[p <= a] <= a for a new exchangeable score, whatever its distribution (Vovk,
 * Gammerman and Shafer 2005, prop. 2.8).  So p < 1/(n+1) never happens.
 */
#ifndef DETECT_CONFORMAL_H
#define DETECT_CONFORMAL_H

#include <stddef.h>
#include <stdint.h>

/* SORTED ascending.  p of a score this high or higher; 1 when N = 0. */
double conformal_p_upper(const double *sorted, size_t n, double score);
/* p of a score this low or lower; 1 when N = 0. */
double conformal_p_lower(const double *sorted, size_t n, double score);
/* The fewest calibration scores with which some p can be <= LEVEL. */
uint64_t conformal_needed(double level);
/* The smallest sorted value that at most a share TAIL of N values exceeds. */
double conformal_upper_limit(const double *sorted, size_t n, double tail);

/* Ascending order of doubles, for qsort. */
int conformal_order(const void *a, const void *b);

#endif
