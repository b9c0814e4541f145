/*
 * collect.h - the values of some metrics over many replicates of one policy, as numbers.
 *
 * What summaries, sweeps and the comparison with reference vectors are made from.
 */
#ifndef SIM_COLLECT_H
#define SIM_COLLECT_H

#include "sim/loop.h"

struct sim_wanted {
    const char *const *metric;      /* names as in the trace                                */
    size_t n_metrics;
    const uint32_t *generation;     /* rising; all recorded by the setup                    */
    size_t n_generations;
    uint32_t first_replicate, n_replicates;
};

/* VALUE[(g * n_metrics + m) * n_replicates + r] of wanted generation g, metric m and
 * replicate first_replicate + r; NAN where the run had ended or the metric was undefined.
 * ENDED[r], when not NULL, gets the generation in which a run ended, 0: it did not.
 * Runs replicates on opts.jobs threads; the values do not depend on how many. */
enum wn_status sim_collect(const struct sim_setup *s, const struct wn_policy *policy, const struct sim_wanted *w,
                           double *value, uint32_t *ended, struct wn_err *err);

/* Statistics of N values, those that are NAN left out. */
struct sim_summary {
    uint64_t n;                                  /* values                                  */
    double mean, sd, se;                         /* sd with N - 1; se = sd / sqrt n          */
    double q05, q25, median, q75, q95;           /* type 7 quantiles (Hyndman and Fan 1996)  */
    double log_mean, log_sd;                     /* of log values; NAN unless all are > 0    */
};
/* SCRATCH has room for N values. */
void sim_summarize(const double *value, size_t n, double *scratch, struct sim_summary *out);

#endif
