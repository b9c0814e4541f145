#include "sim/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/forecast_parts.h"

static const struct forecast_engine *const engines[] = { &forecast_gaussian, &forecast_gaussian_nd, &forecast_discrete,
                                                         &forecast_linreg,   &forecast_kde,         &forecast_poisson,
                                                         &forecast_exponential, &forecast_labels };

static const char no_theory[] = "no theory is built in for this engine";

void forecast_refuse(struct sim_forecast *f, const char *why)
{
    snprintf(f->outlook.why_not, sizeof(f->outlook.why_not), "%s", why);
}

enum wn_status forecast_no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot make a forecast: out of memory");
}

enum wn_status forecast_start(struct sim_forecast *f, const struct forecast_fit *fit, struct wn_err *err)
{
    const char *why = forecast_loop_open(&f->loop, &f->setup->opts, f->policy, fit);
    bool no_memory = f->loop.law.no_memory;

    if (!why) {
        forecast_outlook(&f->outlook, &f->loop, f->scale);
        no_memory = f->loop.law.no_memory;
        forecast_loop_close(&f->loop);
        why = forecast_loop_open(&f->loop, &f->setup->opts, f->policy, fit);
    }
    if (no_memory || f->loop.law.no_memory)
        return forecast_no_memory(err);
    if (why) {
        f->outlook.metric = NULL;
        forecast_refuse(f, why);
    }
    f->is_open = !why;
    return WN_OK;
}

static const struct forecast_engine *engine_of(const char *name)
{
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}

enum wn_status sim_forecast_open(struct sim_forecast **out, const struct sim_setup *s, const struct wn_policy *policy,
                                 struct wn_err *err)
{
    struct sim_forecast *f = calloc(1, sizeof(*f));
    enum wn_status st = WN_OK;

    *out = NULL;
    if (!f)
        return forecast_no_memory(err);
    f->setup = s;
    f->policy = policy;
    f->scale = 1;
    forecast_outlook(&f->outlook, NULL, 1);
    f->engine = engine_of(s->gen->name);
    if (f->engine)
        st = f->engine->open(f, err);
    else
        forecast_refuse(f, no_theory);
    if (st == WN_OK) {
        *out = f;
        f = NULL;
    }
    sim_forecast_close(f);
    return st;
}

void sim_forecast_close(struct sim_forecast *f)
{
    if (!f)
        return;
    forecast_loop_close(&f->loop);
    forecast_states_free(f->states);
    free(f);
}

enum wn_status sim_forecast_shares(const struct wn_sim_opts *o, const struct wn_policy *policy, struct sim_outlook *out,
                                   struct wn_err *err)
{
    const struct forecast_engine *e = engine_of(o->engine);
    struct forecast_loop loop = { .law = { .n = 0 } };
    struct forecast_fit fit;
    const char *why = e && e->fit ? e->fit(o, &fit) : no_theory;
    bool no_memory;

    *out = (struct sim_outlook){ .metric = NULL };
    forecast_outlook(out, NULL, 1);
    if (!why)
        why = forecast_loop_open(&loop, o, policy, &fit);
    if (!why) {
        out->metric = "share";
        forecast_outlook(out, &loop, 1);
    }
    no_memory = loop.law.no_memory;
    forecast_loop_close(&loop);
    if (no_memory)
        return forecast_no_memory(err);
    snprintf(out->why_not, sizeof(out->why_not), "%s", why ? why : "");
    return WN_OK;
}

const struct sim_outlook *sim_forecast_outlook(const struct sim_forecast *f)
{
    return &f->outlook;
}

enum wn_status sim_forecast_next(struct sim_forecast *f, struct sim_metrics *out, struct wn_err *err)
{
    bool new_law;

    if (out)
        out->n = 0;
    if (!f->is_open || f->is_over)
        return WN_OK;
    new_law = forecast_loop_has_new_law(&f->loop);
    if (!forecast_loop_next(&f->loop)) {
        f->is_over = true;
        return f->loop.law.no_memory ? forecast_no_memory(err) : WN_OK;
    }
    if (f->engine->next)
        f->engine->next(f, new_law);
    if (out)
        f->engine->values(f, out);
    return WN_OK;
}
