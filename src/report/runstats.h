/*
 * runstats.h - the figures over the runs.
 */
#ifndef REPORT_RUNSTATS_H
#define REPORT_RUNSTATS_H

#include <stdint.h>

#include "report/trace_read.h"

/* An estimate with its 95 % interval; the ends are NAN where there is none. */
struct estimate {
    double value, low, high;
    uint64_t n; /* runs behind it */
};

/* Fills all but generation and rows, q05, q95 and log_mean with NAN, from the N >= 1 values; SORTED is room for N. */
void runstats_figure(struct figure *f, const struct trace_row *rows, size_t n, double *sorted);

/* Quantile P of N >= 1 rising values, interpolated (Hyndman and Fan 1996, type 7). */
double runstats_quantile(const double *sorted, size_t n, double p);
/* Mean with its t interval. */
struct estimate runstats_mean(const double *v, size_t n);
/* Median with the narrowest pair of symmetric order statistics that covers it in at
 * least 95 % of samples, whatever the distribution; none below 6 values.  Sorts V. */
struct estimate runstats_median(double *v, size_t n);

#endif
