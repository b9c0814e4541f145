#include <winnow/flow.h>

#include "sim/check.h"
#include "sim/exact.h"
#include "sim/points.h"

static void resolve(struct wn_sim_opts *o)
{
    o->generations = o->generations ? o->generations : 10;
    o->replicates = o->replicates ? o->replicates : 10;
    o->n = o->n ? o->n : 100;
    o->jobs = o->jobs ? o->jobs : 1;
    o->order = o->order ? o->order : 3;
    o->sampling.lambda = o->sampling.lambda > 0 ? o->sampling.lambda : 1;
    o->sampling.temperature = o->sampling.temperature > 0 ? o->sampling.temperature : 1;
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

enum wn_status sim_setup_open(struct sim_setup *s, const struct wn_sim_opts *opts, struct wn_err *err)
{
    enum wn_status st;

    *s = (struct sim_setup){ .opts = *opts };
    resolve(&s->opts);
    s->gen = sim_generator_find(s->opts.engine);
    if (!s->gen)
        return unknown_engine(s->opts.engine, err);
    st = sim_check(s, err);
    return st == WN_OK && s->gen->open ? s->gen->open(&s->world, &s->opts, err) : st;
}

void sim_setup_close(struct sim_setup *s)
{
    if (s->gen && s->gen->close)
        s->gen->close(s->world);
    s->world = NULL;
}

bool sim_is_exact(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *why)
{
    if (s->opts.mode == WN_SIM_POINTS) {
        wn_fail(why, WN_BADCONF, "points were asked for");
        return false;
    }
    return sim_exact_check(s, policy, why) == WN_OK;
}

uint32_t sim_runs_a_task(const struct sim_setup *s, const struct wn_policy *policy)
{
    /* A task is some milliseconds of work, and holds no more than a few thousand rows. */
    const uint32_t most = 256, most_generations = 4096;
    size_t recorded = s->opts.record ? s->opts.n_record : s->opts.generations;
    uint32_t fair = s->opts.replicates / (4 * s->opts.jobs) + 1, held = most_generations / (uint32_t)(recorded + 1) + 1;

    if (!sim_is_exact(s, policy, NULL))
        return 1;
    fair = fair < most ? fair : most;
    return fair < held ? fair : held;
}

bool sim_is_recorded(const struct wn_sim_opts *opts, uint32_t generation)
{
    size_t low = 0, high = opts->n_record;

    if (!opts->record)
        return true;
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (opts->record[mid] < generation)
            low = mid + 1;
        else
            high = mid;
    }
    return low < opts->n_record && opts->record[low] == generation;
}

enum wn_status sim_loop_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                            const struct sim_watch *watch, struct wn_err *err)
{
    if (sim_is_exact(s, policy, NULL))
        return sim_exact_run(s, policy, replicate, watch, err);
    return sim_points_run(s, policy, replicate, watch, err);
}
