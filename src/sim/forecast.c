#include "sim/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/forecast_parts.h"

static const struct forecast_engine *const engines[] = { &forecast_gaussian, &forecast_gaussian_nd, &forecast_discrete,
                                                         &forecast_linreg,   &forecast_kde,         &forecast_poisson,
                                                         &forecast_exponential, &forecast_labels };

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
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
        if (strcmp(engines[i]->name, s->gen->name) == 0)
            f->engine = engines[i];
    if (f->engine)
        st = f->engine->open(f, err);
    else
        forecast_refuse(f, "no theory is built in for this engine");
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
