/*
 * Simulates the jobs of a file.  Jobs with equal settings are one run, with the union of their
 * generations and metrics; each looks at the first replicates that it asked for.
 */
#include "collapse/ref_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winnow/hash.h>

#include "sim/collect.h"

enum { MOST_METRICS = 16, MOST_GENERATIONS = 64 };
static const double dearest_fast_ns = 5e7;

/* Everything that makes two runs different, but their length. */
static void write_key(const struct ref_plan *p, char *out, size_t size)
{
    const struct wn_sim_opts *o = &p->opts;
    const struct wn_sim_model *m = &o->model;
    const struct wn_policy *q = &p->policy;
    double law[2] = { 0, 0 };

    for (uint64_t i = 0; m->law && i < m->states; i++) {
        law[0] += m->law[i] * (double)(i + 1);
        law[1] += m->law[i] * m->law[i];
    }
    snprintf(out, size,
             "%s %d %llu %llu %d %.17g %d|%.17g %.17g %.17g %u %.17g|%u %s %.17g %llu %.17g %.17g %.17g %.17g %.17g %.17g "
             "%d %s %s%s %u|%d %.17g %d %.17g %u %.17g %.17g %.17g %.17g|%d %d %.17g %.17g %.17g %.17g %.17g %.17g %.17g "
             "%.17g %.17g %.17g",
             o->engine, (int)o->mode, (unsigned long long)o->n, (unsigned long long)o->n_first, o->first_mixed,
             o->scraped_human_share, (int)o->estimator, o->sampling.lambda, o->sampling.truncate,
             o->sampling.temperature, o->sampling.top_k, o->sampling.top_p, m->dims, m->truth ? m->truth : "",
             m->separation, (unsigned long long)m->states, m->zipf, m->zipf_shift, m->add, law[0], law[1] + m->rate,
             m->noise, m->same_design, m->kernel ? m->kernel : "", m->bandwidth ? m->bandwidth : "", p->bandwidth,
             m->block, (int)q->regime, q->real_share, (int)q->mixing, q->weight, q->window, q->power, q->alpha, q->beta,
             q->gamma, (int)q->filter_by, q->topup, q->op.tpr, q->op.fpr, q->importance_power, q->human_confidence[0],
             q->human_confidence[1], q->synthetic_confidence[0], q->synthetic_confidence[1], q->keep_right,
             q->keep_wrong, q->budget_of_first);
}

struct run {
    struct ref_job **job;
    size_t n_jobs;
    const char *metric[MOST_METRICS];
    size_t n_metrics;
    uint32_t generation[MOST_GENERATIONS];
    size_t n_generations;
    uint32_t replicates;
};

static bool add_metric(struct run *r, const char *name)
{
    for (size_t i = 0; name && i < r->n_metrics; i++)
        if (strcmp(r->metric[i], name) == 0)
            return true;
    if (!name || r->n_metrics == MOST_METRICS)
        return !name;
    r->metric[r->n_metrics++] = name;
    return true;
}

static bool add_generation(struct run *r, uint32_t g)
{
    size_t i = 0;

    while (i < r->n_generations && r->generation[i] < g)
        i++;
    if (i < r->n_generations && r->generation[i] == g)
        return true;
    if (r->n_generations == MOST_GENERATIONS)
        return false;
    memmove(r->generation + i + 1, r->generation + i, (r->n_generations - i) * sizeof(*r->generation));
    r->generation[i] = g;
    r->n_generations++;
    return true;
}

static bool add_job(struct run *r, struct ref_job *job)
{
    if (!add_metric(r, job->plan.metric[0]) || !add_metric(r, job->plan.metric[1]) ||
        !add_generation(r, job->plan.generation))
        return false;
    r->job[r->n_jobs++] = job;
    if (job->replicates > r->replicates)
        r->replicates = job->replicates;
    return true;
}

static const double *row_of(const struct run *r, const double *value, uint32_t generation, const char *metric)
{
    size_t g = 0, m = 0;

    if (!metric)
        return NULL;
    while (r->generation[g] != generation)
        g++;
    while (strcmp(r->metric[m], metric) != 0)
        m++;
    return value + (g * r->n_metrics + m) * r->replicates;
}

static enum wn_status collect(const struct run *r, const struct wn_sim_opts *opts, double *value, uint32_t *ended,
                              struct wn_err *err)
{
    struct sim_wanted wanted = { r->metric, r->n_metrics, r->generation, r->n_generations, 0, r->replicates };
    struct sim_setup setup;
    enum wn_status st = sim_setup_open(&setup, opts, err);

    if (st != WN_OK)
        return st;
    st = sim_collect(&setup, opts->policies, &wanted, value, ended, err);
    sim_setup_close(&setup);
    return st;
}

/* A plan that an engine refuses fails its jobs, and the others go on. */
static enum wn_status play(struct run *r, const char *key, const struct ref_settings *s, struct wn_err *err)
{
    const struct ref_plan *p = &r->job[0]->plan;
    struct wn_sim_opts opts = p->opts;
    double *value = malloc(r->n_generations * r->n_metrics * r->replicates * sizeof(*value));
    uint32_t *ended = malloc(r->replicates * sizeof(*ended));
    struct wn_err why = { 0 };
    enum wn_status st = WN_OK;

    opts.policies = &p->policy;
    opts.n_policies = 1;
    opts.generations = r->generation[r->n_generations - 1];
    opts.replicates = r->replicates;
    opts.record = r->generation;
    opts.n_record = r->n_generations;
    opts.jobs = s->jobs;
    opts.seed = wn_hash64((struct wn_str){ key, strlen(key) }, s->seed);
    if (p->bandwidth[0])
        opts.model.bandwidth = p->bandwidth;
    if (!value || !ended)
        st = wn_fail(err, WN_NOMEM, "cannot keep %u replicates: out of memory", r->replicates);
    else if (collect(r, &opts, value, ended, &why) != WN_OK)
        for (size_t i = 0; i < r->n_jobs; i++)
            ref_job_fail(r->job[i], "simulation: %s", why.text);
    else
        for (size_t i = 0; i < r->n_jobs; i++) {
            const struct ref_plan *q = &r->job[i]->plan;
            const double *row[2] = { row_of(r, value, q->generation, q->metric[0]),
                                     row_of(r, value, q->generation, q->metric[1]) };

            ref_job_judge(r->job[i], row, ended);
        }
    free(value);
    free(ended);
    return st;
}

struct keyed {
    char text[1024];
    struct ref_job *job;
};

/* All jobs from FROM on that have its key; those that do not fit into one run stay for the next. */
static enum wn_status play_alike(struct keyed *k, size_t n, size_t from, const struct ref_settings *s,
                                 struct wn_err *err)
{
    struct run r = { .job = calloc(n - from, sizeof(*r.job)) };
    enum wn_status st;

    if (!r.job)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu jobs: out of memory", n);
    for (size_t i = from; i < n; i++)
        if (k[i].job && (i == from || strcmp(k[i].text, k[from].text) == 0) && add_job(&r, k[i].job) && i != from)
            k[i].job = NULL;
    k[from].job = NULL;
    st = play(&r, k[from].text, s, err);
    free(r.job);
    return st;
}

enum wn_status ref_jobs_run(struct ref_job *job, size_t n, const struct ref_settings *s, struct wn_err *err)
{
    struct keyed *k = calloc(n + 1, sizeof(*k));
    enum wn_status st = WN_OK;
    size_t count = 0;

    if (!k)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu jobs: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        if (job[i].known != REF_PLANNED)
            continue;
        job[i].left_out = s->fast && ref_job_cost(&job[i]) > dearest_fast_ns;
        if (job[i].left_out)
            continue;
        write_key(&job[i].plan, k[count].text, sizeof(k[count].text));
        k[count++].job = &job[i];
    }
    for (size_t i = 0; i < count && st == WN_OK; i++)
        if (k[i].job)
            st = play_alike(k, count, i, s, err);
    free(k);
    return st;
}
