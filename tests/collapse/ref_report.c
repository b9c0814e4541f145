#include "collapse/ref_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ref_tally_z(struct ref_tally *t, double z)
{
    t->n_z++;
    t->sum_z_squares += z * z;
    t->max_z = fmax(t->max_z, fabs(z));
}

void ref_tally_add(struct ref_tally *into, const struct ref_tally *from)
{
    into->passed += from->passed;
    into->total += from->total;
    into->values += from->values;
    into->n_closed += from->n_closed;
    into->n_sims += from->n_sims;
    into->left_out += from->left_out;
    into->cases_left_out += from->cases_left_out;
    into->n_z += from->n_z;
    into->sum_z_squares += from->sum_z_squares;
    into->max_z = fmax(into->max_z, from->max_z);
    into->max_closed = fmax(into->max_closed, from->max_closed);
}

void ref_tally_case(struct ref_tally *t, const struct ref_job *job, size_t n)
{
    bool failed = n == 0, left_out = false;

    for (size_t i = 0; i < n; i++) {
        t->values++;
        t->n_closed += job[i].has_closed;
        t->n_sims += job[i].simulated;
        t->left_out += job[i].left_out;
        left_out = left_out || job[i].left_out;
        if (job[i].simulated && isfinite(job[i].z))
            ref_tally_z(t, job[i].z);
        if (job[i].has_closed && !job[i].failed)
            t->max_closed = fmax(t->max_closed, job[i].closed_error);
        failed = failed || job[i].failed;
    }
    t->total++;
    t->passed += !failed;
    t->cases_left_out += left_out;
}

/* ---- lines ------------------------------------------------------------------------------------------ */

static void print_where(const struct ref_job *job)
{
    printf("%s  %s", job->failed ? "FAIL" : "ok  ", job->c.id);
    if (!isnan(job->e.fits) && !isinf(job->e.fits))
        printf("  n %g", job->e.fits);
    if (job->e.key[0])
        printf("  %s", job->e.key);
    printf("  value %.12g", job->e.value);
}

static void print_job(const struct ref_job *job)
{
    print_where(job);
    if (job->has_closed)
        printf("  closed form %.12g (relative error %.1e)", job->closed, job->closed_error);
    if (job->simulated)
        printf("  simulated %.9g (z %.2f, R %u)", job->mean, job->z, job->n_used);
    if (job->simulated && job->n_used < job->replicates)
        printf("  %u runs had ended", job->replicates - job->n_used);
    if (job->left_out)
        printf("  simulation left out");
    if (job->is_short)
        printf("  fewer replicates than %u", job->plan.rule);
    printf("%s%s\n", job->failed ? "  : " : "", job->why);
}

void ref_print_jobs(const struct ref_job *job, size_t n, bool verbose)
{
    for (size_t i = 0; i < n; i++)
        if (verbose || job[i].failed || job[i].is_short)
            print_job(&job[i]);
}

void ref_print_tally(const char *name, const struct ref_tally *t)
{
    printf("%s %u/%u", name, t->passed, t->total);
    if (t->n_z > 0)
        printf(" (max |z| = %.2f, rms z = %.2f)", t->max_z, sqrt(t->sum_z_squares / t->n_z));
    printf(": %u values, %u by closed form (largest error %.1e), %u simulated", t->values, t->n_closed, t->max_closed,
           t->n_sims);
    if (t->left_out > 0)
        printf(", %u simulations left out", t->left_out);
    printf("\n");
}

bool ref_check_value(struct ref_tally *t, bool verbose, const char *id, const char *key, double want, double got,
                     double tolerance)
{
    bool ok = fabs(got - want) <= tolerance;
    double relative = want != 0 ? fabs(got / want - 1) : fabs(got);

    t->values++;
    t->n_closed++;
    if (ok && tolerance <= 1e-8 * fabs(want))
        t->max_closed = fmax(t->max_closed, relative);
    if (!ok || verbose)
        printf("%s  %s  %s  value %.12g  ours %.12g (relative error %.1e)\n", ok ? "ok  " : "FAIL", id, key, want, got,
               relative);
    return ok;
}

/* ---- a file of cases ------------------------------------------------------------------------------------ */

bool ref_is_wanted(const struct ref_settings *s, const char *id)
{
    return !s->only || strncmp(id, s->only, strlen(s->only)) == 0;
}

static size_t count_entries(const struct ref_file *f)
{
    size_t n = 0;

    for (size_t i = 0; i < ref_file_size(f); i++) {
        struct ref_case c = ref_file_at(f, i);

        n += ref_case_size(&c);
    }
    return n;
}

/* The jobs of all cases that are wanted, one case after the other. */
static size_t make_jobs(const struct ref_file *f, const struct ref_settings *s, struct ref_job *job)
{
    size_t n = 0;

    for (size_t i = 0; i < ref_file_size(f); i++) {
        struct ref_case c = ref_file_at(f, i);

        for (size_t k = 0; ref_is_wanted(s, c.id) && k < ref_case_size(&c); k++) {
            job[n] = (struct ref_job){ .c = c, .e = ref_case_at(&c, k) };
            ref_job_compare_closed(&job[n]);
            ref_job_plan(&job[n], s);
            n++;
        }
    }
    return n;
}

static void report(const struct ref_file *f, const struct ref_settings *s, const struct ref_job *job,
                   struct ref_tally *t)
{
    for (size_t i = 0; i < ref_file_size(f); i++) {
        struct ref_case c = ref_file_at(f, i);
        size_t n = ref_case_size(&c);

        if (!ref_is_wanted(s, c.id))
            continue;
        if (n == 0)
            printf("FAIL  %s  : not known: it has no list of expected values\n", c.id);
        ref_print_jobs(job, n, s->verbose);
        ref_tally_case(t, job, n);
        job += n;
    }
}

enum wn_status ref_run_cases(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                             struct wn_err *err)
{
    struct ref_job *job = calloc(count_entries(f) + 1, sizeof(*job));
    enum wn_status st;
    size_t n;

    if (!job)
        return wn_fail(err, WN_NOMEM, "cannot hold the cases of '%s': out of memory", f->name);
    n = make_jobs(f, s, job);
    st = ref_jobs_run(job, n, s, err);
    if (st == WN_OK)
        report(f, s, job, t);
    for (size_t i = 0; i < n; i++)
        ref_plan_release(&job[i].plan);
    free(job);
    return st;
}
