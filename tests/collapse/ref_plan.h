/*
 * ref_plan.h - which simulation gives the value of an entry: engine, options, policy, and the
 * statistic of one replicate whose mean the value is.
 *
 * A plan is read off the words of the case's id, its params and its quantity, never off a list of
 * ids: the same kinds of cases with other numbers are planned in the same way.
 */
#ifndef WINNOW_REF_PLAN_H
#define WINNOW_REF_PLAN_H

#include "collapse/ref_case.h"

/* The statistic of one replicate, from one or two metrics of one generation. */
typedef double ref_statistic_fn(const double *metric, double arg);

struct ref_plan {
    struct wn_sim_opts opts;      /* generations, replicates, seed and jobs are the caller's     */
    struct wn_policy policy;
    double *law;                  /* owned; opts.model.law                                       */
    char bandwidth[32];           /* opts.model.bandwidth                                        */
    const char *metric[2];        /* static; the second may be NULL                              */
    ref_statistic_fn *statistic;
    double arg;                   /* threshold, known centre ...; NAN: the mean of the metric    */
    double expect, spread;        /* mean and sd of the statistic; NAN: the entry's value and sd */
    uint32_t generation;
    uint32_t replicates;          /* enough for an ordinary statistic; more for a heavy tail     */
    uint32_t rule;                /* what the acceptance rule asks for: fewer are said           */
    bool own_spread;              /* the vectors' sd is of another statistic of the same mean    */
    bool undefined_is_late;       /* NAN: did not happen within the generations, which is an
                                     error; else it is the end of a run, left out                */
    double fit_ns;                /* about what one fit of one replicate costs                   */
};

enum ref_known {
    REF_PLANNED,
    REF_CLOSED,                   /* no random statistic: the closed form is the check */
    REF_UNKNOWN                   /* WHY says what is missing                          */
};

/* At least so many replicates for one-dimensional and discrete models, for d-dimensional ones and
 * regression. */
enum { REF_RULE = 20000, REF_RULE_ND = 2000 };
enum { REF_ITEM_NS = 100 };      /* about what one item costs that is drawn and goes through a plan */

/* The plan of entry E of C; to be released in every case. */
enum ref_known ref_plan_entry(struct ref_plan *out, const struct ref_case *c, const struct ref_entry *e,
                              struct wn_err *why);
void ref_plan_release(struct ref_plan *p);

/* What the planners of the families look at. */
struct ref_ask {
    const struct ref_case *c;
    const struct ref_entry *e;
    struct sim_theory_args a;
};

typedef enum ref_known ref_planner_fn(struct ref_plan *out, const struct ref_ask *ask, struct wn_err *why);
ref_planner_fn ref_plan_gaussian, ref_plan_filter, ref_plan_weight, ref_plan_discrete, ref_plan_counts, ref_plan_nd,
    ref_plan_linreg, ref_plan_kde, ref_plan_text, ref_plan_mixture, ref_plan_rates, ref_plan_verify;

double ref_get(const struct ref_ask *ask, const char *name, double absent);
/* REF_UNKNOWN with the reason. */
enum ref_known ref_unknown(struct wn_err *why, const char *what);
/* Regime, sizes, sampling bias and estimator, by the words of the id and the params.  The number
 * of items is called M_NAME. */
enum ref_known ref_plan_policy(struct ref_plan *out, const struct ref_ask *ask, const char *m_name,
                               struct wn_err *why);
/* The metric as it is, its square, its squared distance from ARG. */
ref_statistic_fn ref_plain, ref_square, ref_gap_squared;
void ref_take(struct ref_plan *out, const char *metric, ref_statistic_fn *statistic);
/* The closed form of the quantity that is called NAME, for the case's numbers and fits; NAN: none. */
double ref_theory(const struct ref_ask *ask, const char *name);
/* The same, for the case's id with the word FROM replaced by TO. */
double ref_sibling(const struct ref_ask *ask, const char *from, const char *to);

#endif
