/*
 * ref_job.h - one entry of one case: what is checked, and what came out.
 */
#ifndef WINNOW_REF_JOB_H
#define WINNOW_REF_JOB_H

#include "collapse/ref_plan.h"

struct ref_settings {
    bool fast;              /* a tenth of the replicates, and only what costs little */
    bool verbose;
    unsigned jobs;
    uint64_t seed;
    const char *only;       /* cases whose id begins so; NULL: all                   */
};

struct ref_job {
    struct ref_case c;
    struct ref_entry e;
    struct ref_plan plan;
    enum ref_known known;
    uint32_t replicates;    /* that are asked for          */

    bool has_closed;        /* a closed form was compared  */
    double closed, closed_error;   /* relative             */

    bool simulated;
    bool left_out;          /* too slow for --fast         */
    bool is_short;          /* fewer replicates than the rule, and not because of --fast */
    uint32_t n_used;        /* replicates behind the mean  */
    double mean, z;

    bool failed;
    char why[256];          /* "" when it passed           */
};

/* Marks JOB as failed, for the first reason only. */
void ref_job_fail(struct ref_job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The closed form of the entry, when there is one, at 1e-9 relative. */
void ref_job_compare_closed(struct ref_job *job);
/* Plans the entry and sets the number of replicates. */
void ref_job_plan(struct ref_job *job, const struct ref_settings *s);
/* Nanoseconds, roughly. */
double ref_job_cost(const struct ref_job *job);
/* VALUE: N numbers for each of the plan's metrics, one row a metric; ENDED: the generation in
 * which a run ended, 0: it did not. */
void ref_job_judge(struct ref_job *job, const double *const value[2], const uint32_t *ended);

/* Simulates all jobs; those that need the same run share it.  The result of a job depends
 * on the job and the seed alone. */
enum wn_status ref_jobs_run(struct ref_job *job, size_t n, const struct ref_settings *s, struct wn_err *err);

#endif
