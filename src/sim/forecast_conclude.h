/*
 * forecast_conclude.h - a policy's forecast beside what its runs did in the end.
 */
#ifndef SIM_FORECAST_CONCLUDE_H
#define SIM_FORECAST_CONCLUDE_H

#include "sim/forecast.h"

/* What theory said of one policy. */
struct sim_told {
    struct sim_outlook outlook;
    struct sim_metrics expected;     /* of the last recorded generation */
};

/* Writes the lines of POLICY's forecast to OUT and keeps the rest in TOLD. */
enum wn_status sim_tell(struct sim_told *told, const struct sim_setup *s, const struct wn_policy *policy,
                        struct wn_buf *out, struct wn_err *err);

/* The leading metric of the last recorded generation over a policy's runs, 8 bytes a run. */
struct sim_concluding {
    const struct sim_setup *setup;
    const struct wn_policy *policy;
    const struct sim_told *told;
    const char *metric;              /* NULL: no run has one yet */
    double *value;
    uint64_t n, ended;
};

uint32_t sim_last_recorded(const struct wn_sim_opts *opts);
enum wn_status sim_concluding_init(struct sim_concluding *c, const struct sim_setup *s, const struct wn_policy *policy,
                                   const struct sim_told *told, struct wn_err *err);
void sim_concluding_release(struct sim_concluding *c);
/* One more run; LAST: its metrics of the last recorded generation, NULL: it has none. */
void sim_concluding_take(struct sim_concluding *c, const struct sim_metrics *last, bool has_ended);
/* Calls opts.conclusion, if there is one. */
enum wn_status sim_concluding_tell(const struct sim_concluding *c, struct wn_err *err);

#endif
