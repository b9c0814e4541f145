#include "detectors.h"

#include <stdlib.h>

bool detectors_wanted(const struct detector_args *a)
{
    return a->model || (a->rules.n && !a->no_rules) || a->watermark_keys.n;
}

enum wn_status detectors_apart(const struct detector_args *a, const struct cli_outputs *o, struct wn_err *err)
{
    const char *const files[] = { a->model, a->watermark_lm };
    enum wn_status st = cli_outputs_apart(o, files, 2, err);

    return st == WN_OK ? cli_outputs_apart(o, a->rules.item, a->rules.n, err) : st;
}

static enum wn_status open_keys(struct detectors *d, const struct detector_args *a, struct wn_tagger_opts *opts,
                                struct wn_err *err)
{
    struct key_opts k = { .lm_path = a->watermark_lm, .keys = a->watermark_keys.item, .n_keys = a->watermark_keys.n,
                          .gamma = a->gamma };
    enum wn_status st;

    if (!a->watermark_keys.n && a->watermark_lm)
        return wn_fail(err, WN_BADCONF, "--watermark-lm without --watermark-key tests nothing: give the key");
    if (!a->watermark_keys.n)
        return WN_OK;
    if (!a->watermark_lm)
        return wn_fail(err, WN_BADCONF, "--watermark-key needs --watermark-lm: a key works on the token ids of one vocabulary");
    st = keys_open(&d->keys, &k, err);
    for (size_t i = 0; i < d->keys.n; i++) {
        opts->keys[i].kgw = d->keys.kgw[i];
        opts->keys[i].lm = d->keys.lm;
        opts->keys[i].name = d->keys.name[i];
    }
    opts->n_keys = d->keys.n;
    return st;
}

static enum wn_status open_rules(struct detectors *d, const struct detector_args *a, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    enum wn_status st = wn_rules_load(&d->rules, a->rules.item, a->rules.n, err);

    if (st == WN_OK)
        st = wn_rules_dump(d->rules, &text, err);
    if (st == WN_OK)
        d->rules_digest = wn_hash128(wn_buf_str(&text), 0);
    wn_buf_release(&text);
    return st;
}

enum wn_status detectors_open(struct detectors *d, const struct detector_args *a, unsigned workers, struct wn_err *err)
{
    struct wn_tagger_opts opts = { .no_rules = a->no_rules, .no_marks = a->no_marks, .fpr = a->fpr,
                                   .watermark_p = a->watermark_p };
    enum wn_status st = WN_OK;

    memset(d, 0, sizeof(*d));
    d->fpr = a->fpr;
    d->watermark_p = a->watermark_p;
    if (a->model)
        st = wn_model_open(&d->model, a->model, err);
    if (st == WN_OK && a->rules.n && !a->no_rules)
        st = open_rules(d, a, err);
    if (st == WN_OK)
        st = open_keys(d, a, &opts, err);
    opts.model = d->model;
    opts.rules = d->rules;
    if (st == WN_OK)
        st = wn_tagger_new(&d->tagger, &opts, err);
    if (st != WN_OK)
        return st;
    d->scratch = calloc(workers, sizeof(struct wn_tagger_scratch *));
    for (d->n_workers = 0; d->scratch && d->n_workers < workers; d->n_workers++) {
        d->scratch[d->n_workers] = wn_tagger_scratch_new(d->tagger);
        if (!d->scratch[d->n_workers])
            break;
    }
    return d->n_workers == workers ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for %u workers", workers);
}

void detectors_close(struct detectors *d)
{
    for (unsigned i = 0; i < d->n_workers; i++)
        wn_tagger_scratch_free(d->scratch[i]);
    free(d->scratch);
    wn_tagger_free(d->tagger);
    keys_close(&d->keys);
    wn_rules_free(d->rules);
    wn_model_free(d->model);
    memset(d, 0, sizeof(*d));
}

void detectors_json(struct wn_json *j, const char *key, const struct detectors *d)
{
    wn_json_open(j, key, '{');
    if (d->model)
        wn_model_json(j, "model", d->model);
    if (d->rules) {
        char hex[33];

        wn_hash128_hex(d->rules_digest, hex);
        wn_json_add_uint(j, "rules", wn_rules_count(d->rules));
        wn_json_add_strz(j, "rules_digest", hex);
    }
    if (d->fpr > 0)
        wn_json_add_num(j, "fpr", d->fpr);
    wn_json_add_uint(j, "n_watermark_keys", d->keys.n);
    if (d->keys.n) {
        char hex[33];

        /* Keys are secrets: say how many were tested and over what, not which. */
        wn_hash128_hex(wn_hash128(wn_lm_image(d->keys.lm), 0), hex);
        wn_json_add_strz(j, "watermark_lm_digest", hex);
        wn_json_add_num(j, "watermark_p", d->watermark_p);
    }
    wn_json_close(j, '}');
}
