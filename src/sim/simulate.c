#include <winnow/flow.h>

#include "sim/loop.h"
#include "sim/simtrace.h"

/* The runs on their way through the flow: policy by policy, replicate by replicate. */
struct pipeline {
    struct sim_setup setup;
    uint64_t next, total;
    wn_trace_fn *write;
    void *arg;
};

/* One run as a batch of the flow; rows live in the batch's arena. */
struct job {
    const struct wn_policy *policy;
    uint32_t replicate;
    struct wn_str rows;
};

static enum wn_status next_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct pipeline *p = ctx;
    const struct wn_sim_opts *o = p->setup.opts;
    struct job *job;

    if (p->next == p->total)
        return WN_END;
    job = wn_arena_calloc(&b->arena, 1, sizeof(*job));
    if (!job)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    job->policy = &o->policies[p->next / o->replicates];
    job->replicate = (uint32_t)(p->next % o->replicates);
    p->next++;
    b->data = job;
    return WN_OK;
}

static enum wn_status do_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct pipeline *p = ctx;
    struct job *job = b->data;
    struct wn_buf rows = { 0 };
    enum wn_status st = sim_loop_run(&p->setup, job->policy, job->replicate, &rows, err);

    if (st == WN_OK) {
        job->rows = wn_arena_copy(&b->arena, wn_buf_str(&rows));
        if (!job->rows.ptr)
            st = wn_fail(err, WN_NOMEM, "cannot hold a run's trace: out of memory");
    } else {
        wn_err_prefix(err, "policy '%s', replicate %u: ", job->policy->name, job->replicate);
    }
    wn_buf_release(&rows);
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

static enum wn_status write_job(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    const struct pipeline *p = ctx;
    const struct job *job = b->data;
    const struct wn_sim_opts *o = p->setup.opts;
    enum wn_status st = each_line(p, job->rows, err);

    if (st == WN_OK && o->progress)
        o->progress(o->progress_arg, b->seq + 1, p->total);
    return st;
}

static enum wn_status write_header(const struct pipeline *p, struct wn_err *err)
{
    struct wn_buf line = { 0 };
    enum wn_status st;

    sim_trace_header(&line, p->setup.gen, p->setup.opts);
    st = wn_buf_status(&line, err);
    if (st == WN_OK)
        st = p->write(p->arg, wn_buf_str(&line), err);
    wn_buf_release(&line);
    return st;
}

static void resolve(struct wn_sim_opts *o)
{
    o->generations = o->generations ? o->generations : 10;
    o->replicates = o->replicates ? o->replicates : 10;
    o->n = o->n ? o->n : 100;
    o->jobs = o->jobs ? o->jobs : 1;
    o->components = o->components ? o->components : 3;
    o->order = o->order ? o->order : 3;
    o->temperature = o->temperature > 0 ? o->temperature : 1;
    o->top_p = o->top_p > 0 ? o->top_p : 1;
}

static enum wn_status check(const struct sim_setup *s, struct wn_err *err)
{
    const struct wn_sim_opts *o = s->opts;
    enum wn_status st = WN_OK;

    if (o->n_policies == 0)
        return wn_fail(err, WN_BADCONF, "nothing to simulate: give at least one policy");
    if (o->n > UINT32_MAX)
        return wn_fail(err, WN_BADCONF, "n = %llu items a generation are too many", (unsigned long long)o->n);
    if (!(o->scraped_human_share >= 0 && o->scraped_human_share <= 1))
        return wn_fail(err, WN_BADCONF, "the human share of a scrape is not between 0 and 1");
    for (size_t i = 0; i < o->n_policies && st == WN_OK; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(o->policies[k].name, o->policies[i].name) == 0)
                return wn_fail(err, WN_BADCONF, "two policies are named '%s': a trace tells them apart by name",
                               o->policies[i].name);
        st = sim_loop_check(s, &o->policies[i], err);
    }
    return st;
}

static enum wn_status check_size(const struct sim_setup *s, struct wn_err *err)
{
    size_t least = s->gen->min_items(s->opts);

    if (s->opts->n >= least)
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "engine '%s' needs at least %zu items for a fit, and n is %llu", s->gen->name, least,
                   (unsigned long long)s->opts->n);
}

static enum wn_status unknown_engine(const char *name, struct wn_err *err)
{
    struct wn_buf names = { 0 };
    enum wn_status st;

    for (const char *const *n = wn_sim_engines(); *n; n++)
        wn_buf_addf(&names, "%s'%s'", names.len ? ", " : "", *n);
    st = wn_fail(err, WN_BADCONF, "unknown engine '%s': there are %.*s", name ? name : "", WN_STR_ARG(wn_buf_str(&names)));
    wn_buf_release(&names);
    return st;
}

enum wn_status wn_simulate(const struct wn_sim_opts *opts, wn_trace_fn *write, void *arg, struct wn_err *err)
{
    static const struct wn_flow flow = { next_job, do_job, write_job };
    struct wn_sim_opts o = *opts;
    struct pipeline p = { .setup = { .opts = &o }, .write = write, .arg = arg };
    void *world = NULL;
    enum wn_status st;

    resolve(&o);
    p.setup.gen = sim_generator_find(o.engine);
    if (!p.setup.gen)
        return unknown_engine(o.engine, err);
    st = check(&p.setup, err);
    if (st == WN_OK && p.setup.gen->open)
        st = p.setup.gen->open(&world, &o, err);
    if (st == WN_OK)
        st = check_size(&p.setup, err);
    if (st != WN_OK)
        goto done;
    p.setup.world = world;
    p.total = (uint64_t)o.n_policies * o.replicates;
    st = write_header(&p, err);
    if (st == WN_OK)
        st = wn_flow_run(&flow, &p, o.jobs, o.stop, err);
done:
    if (p.setup.gen->close)
        p.setup.gen->close(world);
    return st;
}
