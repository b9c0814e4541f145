/*
 * ref_report.h - lines and tallies of what was compared.
 */
#ifndef WINNOW_REF_REPORT_H
#define WINNOW_REF_REPORT_H

#include "collapse/ref_job.h"

/* Of one file, or of all. */
struct ref_tally {
    unsigned passed, total;             /* cases                              */
    unsigned values, n_closed, n_sims;  /* entries; by closed form, simulated */
    unsigned left_out, cases_left_out;  /* entries that --fast does not simulate; cases with one */
    unsigned n_z;
    double max_z, sum_z_squares;
    double max_closed;                  /* largest relative error of a closed form that passed */
};

void ref_tally_z(struct ref_tally *t, double z);
void ref_tally_add(struct ref_tally *into, const struct ref_tally *from);
/* A case of N entries; all of them must have passed. */
void ref_tally_case(struct ref_tally *t, const struct ref_job *job, size_t n);
/* Prints the failed entries, or with VERBOSE all. */
void ref_print_jobs(const struct ref_job *job, size_t n, bool verbose);
/* "FILE passed/total (max |z| = .., rms z = ..)" and what was compared how. */
void ref_print_tally(const char *name, const struct ref_tally *t);

/* One value that is compared outside the jobs: prints when it failed or with VERBOSE.  True when
 * it is met within TOLERANCE (absolute). */
bool ref_check_value(struct ref_tally *t, bool verbose, const char *id, const char *key, double want, double got,
                     double tolerance);

/* Each of these handles one kind of file; WN_OK also when values failed. */
enum wn_status ref_run_cases(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                             struct wn_err *err);
enum wn_status ref_run_equivalence(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                   struct wn_err *err);
enum wn_status ref_run_external(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                struct wn_err *err);
enum wn_status ref_run_measures(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                struct wn_err *err);

bool ref_is_wanted(const struct ref_settings *s, const char *id);

#endif
