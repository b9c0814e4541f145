#include "collapse/ref_job.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ref_job_fail(struct ref_job *job, const char *format, ...)
{
    va_list ap;

    if (job->failed)
        return;
    job->failed = true;
    va_start(ap, format);
    vsnprintf(job->why, sizeof(job->why), format, ap);
    va_end(ap);
}

/* ---- closed forms -------------------------------------------------------------------------------- */

/* Relative 1e-9, but where the last digits of the vectors themselves are off (30-digit
 * arithmetic agrees with us: tests/unit/test_theory.c). */
static double tolerance_of(const char *id)
{
    static const struct {
        const char *begin, *word;
        double tolerance;
    } loose[] = {
        { "g1.replace.", "quantiles", 1e-7 },   /* inverted at 1e-9 absolute          */
        { "g1.replace.", "P_collapse", 2e-7 },
        { "g1.replace.", "schedule", 1e-7 },    /* differences of large lgamma        */
    };

    for (size_t i = 0; i < sizeof(loose) / sizeof(loose[0]); i++)
        if (strncmp(id, loose[i].begin, strlen(loose[i].begin)) == 0 && ref_has(id, loose[i].word))
            return loose[i].tolerance;
    return 1e-9;
}

void ref_job_compare_closed(struct ref_job *job)
{
    struct sim_theory_args a;
    struct wn_err err = { 0 };
    char name[160];
    enum wn_status st;

    if (!ref_args(&job->c, &job->e, &a))
        return;
    snprintf(name, sizeof(name), "%s#%s", job->c.id, job->e.key);
    st = sim_theory_value(name, &a, &job->closed, &err);
    if (st == WN_END)
        st = sim_theory_value(job->c.id, &a, &job->closed, &err);
    if (st == WN_END)
        return;
    if (st != WN_OK) {
        ref_job_fail(job, "closed form: %s", err.text);
        return;
    }
    job->has_closed = true;
    job->closed_error = fabs(job->closed - job->e.value) / fabs(job->e.value);
    if (job->e.value == 0)
        job->closed_error = fabs(job->closed);
    if (!(job->closed_error <= tolerance_of(job->c.id)))
        ref_job_fail(job, "closed form %.12g, relative error %.2g", job->closed, job->closed_error);
}

/* ---- plans and their price ------------------------------------------------------------------------- */

enum { MOST_REPLICATES = 200000, SLOW_REPLICATES = 400, LEAST_REPLICATES = 20 };
static const double dearest_ns = 2e10;   /* of replicates beyond the usual number    */
static const double too_dear_ns = 3e11;  /* of all: fewer replicates where it is met */

/* A mean that rare replicates carry needs more of them: 9 (sd/value)^2, so that some nine
 * occurrences of a rare event are seen. */
static uint32_t enough(const struct ref_job *job)
{
    const struct ref_plan *p = &job->plan;
    double want = p->replicates, ratio = job->e.sd / fabs(job->e.value), one = p->fit_ns * p->generation;

    if (want * one > too_dear_ns)
        return (uint32_t)fmax(fmin(want, SLOW_REPLICATES), too_dear_ns / one);
    if (!(ratio > 3) || isinf(ratio) || p->own_spread)
        return p->replicates;
    want = fmax(20000, fmin(9 * ratio * ratio, MOST_REPLICATES));
    want = fmin(want, fmax(p->replicates, dearest_ns / one));
    return (uint32_t)want;
}

void ref_job_plan(struct ref_job *job, const struct ref_settings *s)
{
    struct wn_err why = { 0 };

    job->known = ref_plan_entry(&job->plan, &job->c, &job->e, &why);
    if (job->known == REF_UNKNOWN)
        ref_job_fail(job, "not known: %s", why.text);
    else if (job->known == REF_CLOSED && !job->has_closed)
        ref_job_fail(job, "not known: no closed form, and nothing random to simulate");
    if (job->known != REF_PLANNED)
        return;
    job->replicates = enough(job);
    job->is_short = !s->fast && job->replicates < job->plan.rule;
    if (s->fast && job->replicates / 10 >= LEAST_REPLICATES)
        job->replicates /= 10;
}

double ref_job_cost(const struct ref_job *job)
{
    return job->plan.fit_ns * job->plan.generation * job->replicates;
}

/* ---- the verdict -------------------------------------------------------------------------------------- */

struct sums {
    uint32_t n, n_undefined;
    double mean, sd;
};

/* The statistic of replicate R; NAN when a metric is undefined. */
static double statistic(const struct ref_plan *p, const double *const value[2], size_t r)
{
    double metric[2] = { value[0][r], value[1] ? value[1][r] : 0 };

    if (isnan(metric[0]) || isnan(metric[1]))
        return (double)NAN;
    return p->statistic(metric, p->arg);
}

/* Welford's updates, in the order of the replicates.  A run that ended has no value and is left
 * out; a run that goes on must have one. */
static struct sums add_up(const struct ref_job *job, const double *const value[2], const uint32_t *ended)
{
    struct sums s = { 0, 0, 0, 0 };
    double squares = 0;

    for (size_t r = 0; r < job->replicates; r++) {
        double x = statistic(&job->plan, value, r), step = x - s.mean;

        if (isnan(x)) {
            s.n_undefined += ended[r] == 0 || ended[r] > job->plan.generation || job->plan.undefined_is_late;
            continue;
        }
        s.n++;
        s.mean += step / s.n;
        squares += step * (x - s.mean);
    }
    s.sd = s.n > 1 ? sqrt(squares / (s.n - 1)) : (double)NAN;
    return s;
}

static double mean_of(const double *value, size_t n)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) {
            sum += value[i];
            count++;
        }
    return sum / count;
}

/* The share of replicates up to the vectors' median, which has a sampling error itself. */
static void judge_median(struct ref_job *job, const double *const value[2])
{
    double below = 0, n = 0, z;

    if (isnan(job->e.median))
        return;
    for (size_t r = 0; r < job->replicates; r++) {
        double x = statistic(&job->plan, value, r);

        n += !isnan(x);
        below += x <= job->e.median;
    }
    z = (below / n - 0.5) / sqrt(0.25 / n + (job->e.replicates > 0 ? 0.25 / job->e.replicates : 0));
    if (!(fabs(z) <= 4))
        ref_job_fail(job, "median: a share of %.4f lies below %.6g, z %.2f", below / n, job->e.median, z);
}

void ref_job_judge(struct ref_job *job, const double *const value[2], const uint32_t *ended)
{
    struct ref_plan *p = &job->plan;
    double want = isnan(p->expect) ? job->e.value : p->expect, sd, bound;
    struct sums s;

    if (isnan(p->arg))
        p->arg = mean_of(value[0], job->replicates);
    s = add_up(job, value, ended);
    job->simulated = true;
    job->n_used = s.n;
    job->mean = s.mean;
    if (s.n_undefined > 0 || s.n < LEAST_REPLICATES) {
        ref_job_fail(job, "metric '%s' is undefined in %u of %u replicates", p->metric[0],
                     job->replicates - s.n, job->replicates);
        return;
    }
    sd = !isnan(p->spread) ? p->spread : !isnan(job->e.sd) && !p->own_spread ? job->e.sd : s.sd;
    bound = sqrt(sd * sd / s.n + (job->e.se > 0 ? job->e.se * job->e.se : 0));
    if (bound > 0)
        job->z = (s.mean - want) / bound;
    if (bound > 0 ? !(fabs(job->z) <= 4) : !(fabs(s.mean - want) <= 1e-9 * fabs(want)))
        ref_job_fail(job, "simulated %.9g, z %.2f, R %u", s.mean, job->z, s.n);
    judge_median(job, value);
}
