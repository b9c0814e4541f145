#include "keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* A 64-bit key in decimal, or in hex after 0x; 0 would mean the library's default. */
static enum wn_status parse_key(const char *text, uint64_t *key, struct wn_err *err)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end = NULL;

    errno = 0;
    *key = strtoull(text, &end, hex ? 16 : 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno || !*key)
        return wn_fail(err, WN_BADCONF, "'%s' is not a key: a number from 1 to 2^64 - 1, decimal or hex after 0x", text);
    return WN_OK;
}

enum wn_status keys_open(struct key_set *k, const struct key_opts *opts, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (opts->n_keys > WN_MAX_KEYS)
        return wn_fail(err, WN_BADCONF, "%zu watermark keys; %d can be tested at once", opts->n_keys, WN_MAX_KEYS);
    for (size_t i = 0; i < opts->n_keys && st == WN_OK; i++)
        st = parse_key(opts->keys[i], &k->key[i], err);
    if (st == WN_OK)
        st = wn_lm_open(&k->lm, opts->lm_path, err);
    for (size_t i = 0; i < opts->n_keys && st == WN_OK; i++) {
        struct wn_kgw_opts o = { .key = k->key[i], .gamma = opts->gamma, .delta_nats = opts->delta_nats,
                                 .vocab_size = wn_lm_vocab_size(k->lm) };

        st = wn_kgw_new(&k->kgw[i], &o, err);
        snprintf(k->name[i], sizeof(k->name[i]), "%.39s", opts->keys[i]);
        k->n = i + 1;
    }
    return st;
}

void keys_close(struct key_set *k)
{
    for (size_t i = 0; i < WN_MAX_KEYS; i++)
        wn_kgw_free(k->kgw[i]);
    wn_lm_free(k->lm);
    memset(k, 0, sizeof(*k));
}
