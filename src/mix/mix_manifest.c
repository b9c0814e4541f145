#include <winnow/mix.h>

#include <winnow/version.h>

#include "mix/mix_summary.h"

static void file_json(struct wn_json *j, const struct wn_manifest_file *f)
{
    char hex[33];

    wn_hash128_hex(f->digest, hex);
    wn_json_add_strz(j, "path", f->path);
    wn_json_add_uint(j, "bytes", f->bytes);
    wn_json_add_uint(j, "records", f->records);
    wn_json_add_strz(j, "xxh3_128", hex);
}

static void inputs_json(struct wn_json *j, const struct wn_manifest *m)
{
    wn_json_open(j, "inputs", '[');
    for (size_t i = 0; i < m->n_inputs; i++) {
        wn_json_open(j, NULL, '{');
        file_json(j, &m->inputs[i]);
        wn_json_add_strz(j, "origin", wn_origin_name(m->inputs[i].origin));
        wn_json_add_uint(j, "generation", m->inputs[i].generation);
        wn_json_add_strz(j, "failed", m->inputs[i].failed ? m->inputs[i].failed : "");
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}

static void outputs_json(struct wn_json *j, const struct wn_manifest *m)
{
    wn_json_open(j, "outputs", '[');
    for (size_t i = 0; i < m->n_outputs; i++) {
        wn_json_open(j, NULL, '{');
        file_json(j, &m->outputs[i]);
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}

void wn_manifest_write(struct wn_buf *out, const struct wn_manifest *m)
{
    char digest[33];
    struct wn_json j;

    wn_policy_digest(m->policy, digest);
    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "mix");
    wn_json_add_uint(&j, "format", 1);
    wn_json_add_strz(&j, "winnow", WN_VERSION);
    wn_policy_json(&j, "policy", m->policy);
    wn_json_add_strz(&j, "policy_digest", digest);
    inputs_json(&j, m);
    outputs_json(&j, m);
    wn_account_json(&j, "account", m->account);
    mix_summary_json(&j, "mix", m->mix, m->policy->dedup != WN_DEDUP_NONE || m->mix->n[WN_FATE_DUPLICATE] > 0);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}
