#include <stdlib.h>

#include <winnow/flow.h>

#include "sim/forecast_conclude.h"
#include "sim/simtrace.h"
#include "sim/summaries.h"

/* The runs on their way through the flow: policy by policy, replicate by replicate. */
struct pipeline {
    struct sim_setup setup;
    struct sim_told *told;               /* one a policy */
    struct sim_concluding concluding;    /* the policy whose runs are written */
    uint64_t next, total;
    wn_trace_fn *write;
    void *arg;
};

/* What one run left; rows live in the batch's arena. */
struct run {
    struct wn_str rows;
    bool has_last, has_ended;
    struct sim_metrics last;             /* of the last recorded generation */
};

/* Some runs of one policy, in a row, as a batch of the flow. */
struct job {
    const struct wn_policy *policy;
    uint32_t replicate, n;               /* the first one, how many */
    struct run *run;
};

static enum wn_status next_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct pipeline *p = ctx;
    const struct wn_sim_opts *o = &p->setup.opts;
    struct job *job;

    if (p->next == p->total)
        return WN_END;
    job = wn_arena_calloc(&b->arena, 1, sizeof(*job));
    if (!job)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    job->policy = &o->policies[p->next / o->replicates];
    job->replicate = (uint32_t)(p->next % o->replicates);
    job->n = sim_runs_a_task(&p->setup, job->policy);
    if (job->n > o->replicates - job->replicate)
        job->n = o->replicates - job->replicate;
    job->run = wn_arena_calloc(&b->arena, job->n, sizeof(*job->run));
    if (!job->run)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    p->next += job->n;
    b->data = job;
    return WN_OK;
}

/* Writes a run's rows, and keeps what the conclusion is made from. */
struct writing {
    struct wn_buf rows;
    struct run *run;
    uint32_t last;
};

static enum wn_status see_metrics(void *arg, const struct sim_row *row, const struct sim_metrics *m, struct wn_err *err)
{
    struct writing *w = arg;

    if (row->generation == w->last) {
        w->run->has_last = true;
        w->run->last = *m;
    }
    return sim_trace_rows(&w->rows, row, m, err);
}

static enum wn_status see_end(void *arg, const struct sim_row *row, uint64_t kept, const char *reason,
                              struct wn_err *err)
{
    struct writing *w = arg;

    w->run->has_ended = true;
    sim_trace_ended(&w->rows, row, kept, reason);
    return wn_buf_status(&w->rows, err);
}

static enum wn_status do_run(const struct pipeline *p, const struct job *job, uint32_t i, struct wn_arena *a,
                             struct wn_err *err)
{
    struct writing w = { .run = &job->run[i], .last = sim_last_recorded(&p->setup.opts) };
    struct sim_watch watch = { &w, see_metrics, see_end };
    enum wn_status st = sim_loop_run(&p->setup, job->policy, job->replicate + i, &watch, err);

    if (st == WN_OK) {
        w.run->rows = wn_arena_copy(a, wn_buf_str(&w.rows));
        if (!w.run->rows.ptr)
            st = wn_fail(err, WN_NOMEM, "cannot hold a run's trace: out of memory");
    } else {
        wn_err_prefix(err, "policy '%s', replicate %u: ", job->policy->name, job->replicate + i);
    }
    wn_buf_release(&w.rows);
    return st;
}

static enum wn_status do_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct job *job = b->data;
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; i < job->n && st == WN_OK; i++)
        st = do_run(ctx, job, i, &b->arena, err);
    return st;
}

static enum wn_status each_line(const struct pipeline *p, struct wn_str text, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    while (text.len > 0 && st == WN_OK) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct wn_str line = { text.ptr, end ? (size_t)(end - text.ptr) + 1 : text.len };

        st = p->write(p->arg, line, err);
        text.ptr += line.len;
        text.len -= line.len;
    }
    return st;
}

/* Runs come policy by policy, replicate by replicate. */
static enum wn_status conclude(struct pipeline *p, const struct job *job, uint32_t i, struct wn_err *err)
{
    const struct run *run = &job->run[i];
    const struct wn_sim_opts *o = &p->setup.opts;
    enum wn_status st = WN_OK;

    if (job->replicate + i == 0) {
        sim_concluding_release(&p->concluding);
        st = sim_concluding_init(&p->concluding, &p->setup, job->policy, &p->told[job->policy - o->policies], err);
    }
    if (st != WN_OK)
        return st;
    sim_concluding_take(&p->concluding, run->has_last ? &run->last : NULL, run->has_ended);
    return job->replicate + i + 1 == o->replicates ? sim_concluding_tell(&p->concluding, err) : WN_OK;
}

static enum wn_status write_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct pipeline *p = ctx;
    const struct job *job = b->data;
    const struct wn_sim_opts *o = &p->setup.opts;
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; i < job->n && st == WN_OK; i++) {
        st = each_line(p, job->run[i].rows, err);
        if (st == WN_OK)
            st = conclude(p, job, i, err);
    }
    if (st == WN_OK && o->progress)
        o->progress(o->progress_arg, (uint64_t)(job->policy - o->policies) * o->replicates + job->replicate + job->n,
                    p->total);
    return st;
}

static enum wn_status write_header(const struct pipeline *p, struct wn_err *err)
{
    struct wn_buf line = { 0 };
    enum wn_status st;

    sim_trace_header(&line, &p->setup);
    st = wn_buf_status(&line, err);
    if (st == WN_OK)
        st = p->write(p->arg, wn_buf_str(&line), err);
    wn_buf_release(&line);
    return st;
}

/* What theory says, policy by policy. */
static enum wn_status write_theory(struct pipeline *p, struct wn_err *err)
{
    const struct wn_sim_opts *o = &p->setup.opts;
    struct wn_buf lines = { 0 };
    enum wn_status st = WN_OK;

    p->told = calloc(o->n_policies, sizeof(*p->told));
    if (!p->told)
        return wn_fail(err, WN_NOMEM, "cannot make forecasts: out of memory");
    for (size_t i = 0; i < o->n_policies && st == WN_OK; i++) {
        wn_buf_reset(&lines);
        st = sim_tell(&p->told[i], &p->setup, &o->policies[i], &lines, err);
        if (st == WN_OK)
            st = each_line(p, wn_buf_str(&lines), err);
    }
    wn_buf_release(&lines);
    return st;
}

/* ---- summaries only ------------------------------------------------------------------------- */

static enum wn_status write_summaries(struct pipeline *p, struct wn_err *err)
{
    const struct wn_sim_opts *o = &p->setup.opts;
    struct wn_buf lines = { 0 };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < o->n_policies && st == WN_OK; i++) {
        wn_buf_reset(&lines);
        st = sim_concluding_init(&p->concluding, &p->setup, &o->policies[i], &p->told[i], err);
        if (st == WN_OK)
            st = sim_summaries(&p->setup, &o->policies[i], &p->concluding, &lines, err);
        if (st == WN_OK)
            st = each_line(p, wn_buf_str(&lines), err);
        if (st == WN_OK)
            st = sim_concluding_tell(&p->concluding, err);
        sim_concluding_release(&p->concluding);
        if (st == WN_OK && o->progress)
            o->progress(o->progress_arg, (i + 1) * (uint64_t)o->replicates, p->total);
    }
    wn_buf_release(&lines);
    return st;
}

enum wn_status wn_simulate(const struct wn_sim_opts *opts, wn_trace_fn *write, void *arg, struct wn_err *err)
{
    static const struct wn_flow flow = { next_job, do_job, write_job };
    struct pipeline p = { .write = write, .arg = arg };
    const struct wn_sim_opts *o = &p.setup.opts;
    enum wn_status st = sim_setup_open(&p.setup, opts, err);

    p.total = (uint64_t)o->n_policies * o->replicates;
    if (st == WN_OK)
        st = write_header(&p, err);
    if (st == WN_OK)
        st = write_theory(&p, err);
    if (st == WN_OK && o->summary_only)
        st = write_summaries(&p, err);
    else if (st == WN_OK)
        st = wn_flow_run(&flow, &p, o->jobs, o->stop, err);
    sim_concluding_release(&p.concluding);
    free(p.told);
    sim_setup_close(&p.setup);
    return st;
}

enum wn_status wn_simulate_check(const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_setup s;
    enum wn_status st = sim_setup_open(&s, opts, err);

    sim_setup_close(&s);
    return st;
}
