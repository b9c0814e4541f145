/*
 * points.h - a run in which every item is drawn.
 */
#ifndef SIM_POINTS_H
#define SIM_POINTS_H

#include "sim/loop.h"

enum wn_status sim_points_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                              const struct sim_watch *watch, struct wn_err *err);

/* Where verdicts come from. */
enum sim_source {
    SIM_FROM_NOTHING,      /* all unknown; the policy does not look */
    SIM_FROM_TAGGER,       /* the real detectors read the text      */
    SIM_FROM_RATES,        /* drawn from the operating point        */
    SIM_FROM_ORIGIN        /* the oracle                            */
};
enum sim_source sim_verdict_source(const struct sim_setup *s, const struct wn_policy *p);

#endif
