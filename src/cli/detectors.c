#include "detectors.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

bool detectors_wanted(const struct detector_args *a)
{
    return a->model || a->rules.n || a->watermark_keys.n;
}

enum wn_status cli_parse_key(const char *text, uint64_t *key, struct wn_err *err)
{
    char *end = NULL;

    errno = 0;
    *key = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)text[0]) || *end || errno)
        return wn_fail(err, WN_BADCONF, "'%s' is not a 64-bit key (decimal, or hex after 0x)", text);
    return WN_OK;
}

static enum wn_status open_keys(struct detectors *d, const struct detector_args *a, struct wn_tagger_opts *opts,
                                struct wn_err *err)
{
    enum wn_status st;

    if (!a->watermark_keys.n)
        return WN_OK;
    if (!a->watermark_lm)
        return wn_fail(err, WN_BADCONF, "--watermark-key needs --watermark-lm: a key works on the token ids of one vocabulary");
    if (a->watermark_keys.n > WN_MAX_KEYS)
        return wn_fail(err, WN_BADCONF, "%zu watermark keys; %d can be tested at once", a->watermark_keys.n, WN_MAX_KEYS);
    st = wn_lm_open(&d->watermark_lm, a->watermark_lm, err);
    for (size_t i = 0; i < a->watermark_keys.n && st == WN_OK; i++) {
        struct wn_kgw_opts k = { .gamma = a->gamma };

        st = cli_parse_key(a->watermark_keys.item[i], &k.key, err);
        if (st != WN_OK)
            break;
        k.vocab_size = wn_lm_vocab_size(d->watermark_lm);
        st = wn_kgw_new(&d->kgw[i], &k, err);
        snprintf(d->key_names[i], sizeof(d->key_names[i]), "key %.32s", a->watermark_keys.item[i]);
        opts->keys[i].kgw = d->kgw[i];
        opts->keys[i].lm = d->watermark_lm;
        opts->keys[i].name = d->key_names[i];
        opts->n_keys = d->n_keys = i + 1;
    }
    return st;
}

enum wn_status detectors_open(struct detectors *d, const struct detector_args *a, unsigned workers, struct wn_err *err)
{
    struct wn_tagger_opts opts = { .no_rules = a->no_rules, .no_marks = a->no_marks, .fpr = a->fpr,
                                   .watermark_p = a->watermark_p };
    enum wn_status st = WN_OK;

    memset(d, 0, sizeof(*d));
    if (a->model)
        st = wn_model_open(&d->model, a->model, err);
    if (st == WN_OK && a->rules.n && !a->no_rules)
        st = wn_rules_load(&d->rules, a->rules.item, a->rules.n, err);
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
    for (size_t i = 0; i < WN_MAX_KEYS; i++)
        wn_kgw_free(d->kgw[i]);
    wn_lm_free(d->watermark_lm);
    wn_rules_free(d->rules);
    wn_model_free(d->model);
    memset(d, 0, sizeof(*d));
}

void detectors_json(struct wn_json *j, const char *key, const struct detectors *d)
{
    wn_json_open(j, key, '{');
    if (d->model)
        wn_model_json(j, "model", d->model);
    wn_json_add_uint(j, "rules", d->rules ? wn_rules_count(d->rules) : 0);
    /* Keys are secrets: say how many were tested, not which. */
    wn_json_add_uint(j, "n_watermark_keys", d->n_keys);
    wn_json_close(j, '}');
}
