#include "sim/simtrace.h"

#include <math.h>
#include <stdio.h>

#include <winnow/version.h>

static void add_sampling(struct wn_json *j, const struct wn_sim_sampling *s)
{
    wn_json_open(j, "sampling", '{');
    wn_json_add_num(j, "lambda", s->lambda);
    wn_json_add_num(j, "truncate", s->truncate);
    wn_json_add_num(j, "temperature", s->temperature);
    wn_json_add_uint(j, "top_k", s->top_k);
    wn_json_add_num(j, "top_p", s->top_p);
    wn_json_add_num(j, "min_p", s->min_p);
    wn_json_add_num(j, "typical", s->typical);
    wn_json_add_uint(j, "beam", s->beam);
    wn_json_add_num(j, "repetition_penalty", s->repetition_penalty);
    wn_json_close(j, '}');
}

static void add_record(struct wn_json *j, const struct wn_sim_opts *o)
{
    if (!o->record)
        return;
    wn_json_open(j, "recorded", '[');
    for (size_t i = 0; i < o->n_record; i++)
        wn_json_add_uint(j, NULL, o->record[i]);
    wn_json_close(j, ']');
}

void sim_trace_header(struct wn_buf *out, const struct sim_setup *s)
{
    const struct wn_sim_opts *o = &s->opts;
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "trace");
    wn_json_add_uint(&j, "version", 2);
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_json_add_strz(&j, "engine", s->gen->name);
    wn_json_open(&j, "settings", '{');
    wn_json_add_uint(&j, "generations", o->generations);
    wn_json_add_uint(&j, "replicates", o->replicates);
    wn_json_add_uint(&j, "seed", o->seed);
    wn_json_add_uint(&j, "n", o->n);
    wn_json_add_uint(&j, "n_first", o->n_first);
    wn_json_add_bool(&j, "first_mixed", o->first_mixed);
    wn_json_add_num(&j, "scraped_human_share", o->scraped_human_share);
    add_record(&j, o);
    add_sampling(&j, &o->sampling);
    if (s->gen->settings)
        s->gen->settings(&j, o);
    wn_json_close(&j, '}');
    wn_json_open(&j, "played", '{');
    for (size_t i = 0; i < o->n_policies; i++)
        wn_json_add_strz(&j, o->policies[i].name, sim_is_exact(s, &o->policies[i], NULL) ? "exact" : "points");
    wn_json_close(&j, '}');
    wn_json_open(&j, "policies", '[');
    for (size_t i = 0; i < o->n_policies; i++)
        wn_policy_json(&j, NULL, &o->policies[i]);
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

/* A statistic that is not a number (the log mean of values that are not all positive, a drift
 * that is not there) is
 * left out. */
static void add_stat(struct wn_json *j, const char *name, double v)
{
    if (isfinite(v))
        wn_json_add_num(j, name, v);
}

/* ---- theory ------------------------------------------------------------------------------ */

void sim_trace_prediction(struct wn_buf *out, const struct wn_policy *policy, const struct sim_outlook *o)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "prediction");
    wn_json_add_strz(&j, "policy", policy->name);
    if (o->metric)
        wn_json_add_strz(&j, "metric", o->metric);
    add_stat(&j, "first", o->first);
    add_stat(&j, "lasting", o->lasting);
    if (o->is_unlimited)
        wn_json_add_bool(&j, "unlimited", true);
    if (o->drift_of)
        wn_json_add_strz(&j, "drift_of", o->drift_of);
    add_stat(&j, "drift_per_fit", o->drift_per_fit);
    add_stat(&j, "half_life_fits", o->half_life_fits);
    add_stat(&j, "power", o->power);
    add_stat(&j, "growth_per_fit", o->growth_per_fit);
    add_stat(&j, "real_per_fit", o->real_per_fit);
    add_stat(&j, "real_share", o->real_share);
    add_stat(&j, "critical_share", o->critical_share);
    add_stat(&j, "critical_tpr", o->critical_tpr);
    add_stat(&j, "absorption_fits", o->absorption_fits);
    if (o->why_not[0])
        wn_json_add_strz(&j, "why_not", o->why_not);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

void sim_trace_theory(struct wn_buf *out, const struct sim_row *row, const struct sim_metrics *m)
{
    for (size_t i = 0; i < m->n; i++) {
        wn_buf_addz(out, "{\"kind\":\"theory\",\"policy\":");
        wn_json_str(out, wn_str(row->policy->name));
        wn_buf_addf(out, ",\"generation\":%u,\"metric\":\"%s\",\"value\":", row->generation, m->item[i].name);
        wn_json_num(out, m->item[i].value);
        wn_buf_addz(out, "}\n");
    }
}

/* ---- rows -------------------------------------------------------------------------------- */

/* The keys that come first in every row, up to the metric. */
static void add_prefix(struct wn_buf *out, const struct sim_row *row)
{
    char run[sizeof(row->policy->name) + 16];

    snprintf(run, sizeof(run), "%s/%u", row->policy->name, row->replicate);
    wn_buf_addz(out, "{\"run\":");
    wn_json_str(out, wn_str(run));
    wn_buf_addz(out, ",\"policy\":");
    wn_json_str(out, wn_str(row->policy->name));
    wn_buf_addf(out, ",\"replicate\":%u,\"generation\":%u,\"metric\":\"", row->replicate, row->generation);
}

/* Up to the closing brace.  METRIC is one of our own names: plain letters. */
static void add_value(struct wn_buf *out, const char *metric, double value, uint64_t n)
{
    wn_buf_addz(out, metric);
    wn_buf_addz(out, "\",\"value\":");
    wn_json_num(out, value);
    wn_buf_addz(out, ",\"n\":");
    wn_json_uint(out, n);
}

enum wn_status sim_trace_rows(struct wn_buf *out, const struct sim_row *row, const struct sim_metrics *m,
                              struct wn_err *err)
{
    struct wn_buf prefix = { 0 };
    enum wn_status st;

    add_prefix(&prefix, row);
    for (size_t i = 0; i < m->n; i++) {
        wn_buf_add(out, wn_buf_str(&prefix));
        add_value(out, m->item[i].name, m->item[i].value, m->item[i].n);
        wn_buf_addz(out, "}\n");
    }
    st = wn_buf_status(wn_buf_status(&prefix, NULL) == WN_OK ? out : &prefix, err);
    wn_buf_release(&prefix);
    return st;
}

void sim_trace_ended(struct wn_buf *out, const struct sim_row *row, uint64_t kept, const char *reason)
{
    add_prefix(out, row);
    add_value(out, "ended", (double)kept, kept);
    wn_buf_addz(out, ",\"reason\":");
    wn_json_str(out, wn_str(reason));
    wn_buf_addz(out, "}\n");
}

void sim_trace_summary(struct wn_buf *out, const struct sim_row *row, const char *metric, const struct sim_summary *s,
                       uint64_t runs)
{
    struct wn_json j;

    if (s->n == 0)
        return;
    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "summary");
    wn_json_add_strz(&j, "policy", row->policy->name);
    wn_json_add_uint(&j, "generation", row->generation);
    wn_json_add_strz(&j, "metric", metric);
    wn_json_add_uint(&j, "n", s->n);
    wn_json_add_uint(&j, "runs", runs);
    add_stat(&j, "mean", s->mean);
    add_stat(&j, "sd", s->sd);
    add_stat(&j, "se", s->se);
    add_stat(&j, "q05", s->q05);
    add_stat(&j, "q25", s->q25);
    add_stat(&j, "median", s->median);
    add_stat(&j, "q75", s->q75);
    add_stat(&j, "q95", s->q95);
    add_stat(&j, "log_mean", s->log_mean);
    add_stat(&j, "log_sd", s->log_sd);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

void sim_trace_summary_ended(struct wn_buf *out, const struct wn_policy *policy, uint64_t ended, uint64_t runs)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "ended");
    wn_json_add_strz(&j, "policy", policy->name);
    wn_json_add_uint(&j, "runs_ended", ended);
    wn_json_add_uint(&j, "runs", runs);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}
