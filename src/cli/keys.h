/*
 * keys.h - the watermark keys of one run over one vocabulary: tag, eval, simulate and
 * the watermark commands open them alike.
 */
#ifndef WINNOW_CLI_KEYS_H
#define WINNOW_CLI_KEYS_H

#include "cli.h"

struct key_set {
    struct wn_lm *lm;
    struct wn_kgw *kgw[WN_MAX_KEYS];
    uint64_t key[WN_MAX_KEYS];
    char name[WN_MAX_KEYS][40];     /* as the user wrote it */
    size_t n;
};

struct key_opts {
    const char *lm_path;
    const char *const *keys;
    size_t n_keys;
    double gamma, delta_nats;       /* 0: the defaults of watermark.h */
};

/* Safe to close at any time after zeroing. */
enum wn_status keys_open(struct key_set *k, const struct key_opts *opts, struct wn_err *err);
void keys_close(struct key_set *k);

#endif
