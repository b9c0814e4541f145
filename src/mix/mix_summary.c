#include "mix/mix_summary.h"

static const char *const fate_names[WN_FATE_COUNT] = { "kept",  "regime", "filter",   "weight",
                                                        "quota", "budget", "duplicate" };
static const char *const origin_names[3] = { "real", "synthetic", "scraped" };

const char *wn_fate_name(enum wn_fate f)
{
    return fate_names[f];
}

const char *wn_origin_name(enum wn_origin o)
{
    return origin_names[o];
}

/* Copies are the last fate. */
static void fates_json(struct wn_json *j, const char *key, const uint64_t n[WN_FATE_COUNT], bool with_copies)
{
    wn_json_open(j, key, '{');
    for (int f = 0; f < (with_copies ? WN_FATE_COUNT : WN_FATE_DUPLICATE); f++)
        wn_json_add_uint(j, fate_names[f], n[f]);
    wn_json_close(j, '}');
}

void wn_mix_summary_json(struct wn_json *j, const char *key, const struct wn_mix_summary *s)
{
    mix_summary_json(j, key, s, s->n[WN_FATE_DUPLICATE] > 0);
}

void mix_summary_json(struct wn_json *j, const char *key, const struct wn_mix_summary *s, bool with_copies)
{
    wn_json_open(j, key, '{');
    fates_json(j, "documents", s->n, with_copies);
    fates_json(j, "tokens", s->tokens, with_copies);
    wn_json_open(j, "by_origin", '{');
    for (int o = 0; o < 3; o++)
        fates_json(j, origin_names[o], s->by_origin[o], with_copies);
    wn_json_close(j, '}');
    wn_json_open(j, "by_verdict", '{');
    for (int v = 0; v < 3; v++)
        fates_json(j, wn_verdict_name((enum wn_verdict)v), s->by_verdict[v], with_copies);
    wn_json_close(j, '}');
    wn_json_open(j, "budget", '{');
    wn_json_add_uint(j, "want_documents", s->want_documents);
    wn_json_add_uint(j, "want_tokens", s->want_tokens);
    wn_json_add_uint(j, "short_documents", s->short_documents);
    wn_json_add_uint(j, "short_tokens", s->short_tokens);
    wn_json_close(j, '}');
    wn_json_add_uint(j, "duplicate_keys", s->n_duplicate_keys);
    wn_json_close(j, '}');
}
