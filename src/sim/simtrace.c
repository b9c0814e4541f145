#include "sim/simtrace.h"

#include <stdio.h>

#include <winnow/version.h>

void sim_trace_header(struct wn_buf *out, const struct sim_generator *gen, const struct wn_sim_opts *opts)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "trace");
    wn_json_add_uint(&j, "version", 1);
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_json_add_strz(&j, "engine", gen->name);
    wn_json_open(&j, "settings", '{');
    wn_json_add_uint(&j, "generations", opts->generations);
    wn_json_add_uint(&j, "replicates", opts->replicates);
    wn_json_add_uint(&j, "seed", opts->seed);
    wn_json_add_uint(&j, "n", opts->n);
    wn_json_add_num(&j, "scraped_human_share", opts->scraped_human_share);
    if (gen->settings)
        gen->settings(&j, opts);
    wn_json_close(&j, '}');
    wn_json_open(&j, "policies", '[');
    for (size_t i = 0; i < opts->n_policies; i++)
        wn_policy_json(&j, NULL, &opts->policies[i]);
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

/* The keys that come first in every row, up to the metric. */
static void add_prefix(struct wn_buf *out, const struct sim_row *row)
{
    wn_buf_addz(out, "{\"run\":");
    wn_json_str(out, wn_str(row->run));
    wn_buf_addz(out, ",\"policy\":");
    wn_json_str(out, wn_str(row->policy));
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
