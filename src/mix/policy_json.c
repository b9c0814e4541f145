#include <winnow/policy.h>

#include <assert.h>

#include <winnow/hash.h>

static void filter_json(struct wn_json *j, const struct wn_policy *p)
{
    wn_json_open(j, "filter", '{');
    wn_json_add_strz(j, "by", wn_filter_name(p->filter_by));
    if (p->filter_by == WN_FILTER_TAG) {
        wn_json_open(j, "keep", '{');
        wn_json_add_num(j, "human", p->keep[WN_HUMAN]);
        wn_json_add_num(j, "unknown", p->keep[WN_UNKNOWN]);
        wn_json_add_num(j, "synthetic", p->keep[WN_SYNTHETIC]);
        wn_json_close(j, '}');
        wn_json_add_bool(j, "trust_real", p->trust_real);
    }
    if (p->op.given) {
        wn_json_open(j, "operating_point", '{');
        wn_json_add_num(j, "tpr", p->op.tpr);
        wn_json_add_num(j, "fpr", p->op.fpr);
        wn_json_add_num(j, "unknown_synthetic", p->op.unknown_synthetic);
        wn_json_add_num(j, "unknown_human", p->op.unknown_human);
        wn_json_add_num(j, "tpr_low", p->op.tpr_low);
        wn_json_add_num(j, "tpr_high", p->op.tpr_high);
        wn_json_add_num(j, "fpr_low", p->op.fpr_low);
        wn_json_add_num(j, "fpr_high", p->op.fpr_high);
        wn_json_close(j, '}');
    }
    wn_json_close(j, '}');
}

static void budget_json(struct wn_json *j, const struct wn_policy *p)
{
    if (!p->budget_documents && !p->budget_tokens && !(p->budget_of_first > 0))
        return;
    wn_json_open(j, "budget", '{');
    if (p->budget_documents)
        wn_json_add_uint(j, "documents", p->budget_documents);
    if (p->budget_tokens)
        wn_json_add_uint(j, "tokens", p->budget_tokens);
    if (p->budget_of_first > 0)
        wn_json_add_num(j, "of_first", p->budget_of_first);
    wn_json_add_strz(j, "short", p->short_ok ? "accept" : "error");
    wn_json_close(j, '}');
}

/* What does nothing under this policy is left out, as the parser would refuse it. */
static void members_json(struct wn_json *j, const struct wn_policy *p)
{
    wn_json_add_strz(j, "regime", wn_regime_name(p->regime));
    wn_json_add_uint(j, "seed", p->seed);
    if (p->regime == WN_REGIME_FRESH_REAL) {
        wn_json_open(j, "fresh_real", '{');
        wn_json_add_num(j, "share", p->fresh_share);
        wn_json_close(j, '}');
    }
    filter_json(j, p);
    wn_json_add_num(j, "max_synthetic", p->max_synthetic);
    budget_json(j, p);
}

void wn_policy_json(struct wn_json *j, const char *key, const struct wn_policy *p)
{
    wn_json_open(j, key, '{');
    wn_json_add_strz(j, "name", p->name);
    members_json(j, p);
    wn_json_close(j, '}');
}

void wn_policy_digest(const struct wn_policy *p, char out[33])
{
    /* Fixed keys and at most 20 numbers of 24 characters: no policy comes near the size of
     * ROOM, so the buffer never allocates and cannot fail. */
    char room[4096];
    struct wn_buf text = { .ptr = room, .cap = sizeof(room), .max_bytes = sizeof(room) };
    struct wn_json j;

    wn_json_init(&j, &text);
    wn_json_open(&j, NULL, '{');
    members_json(&j, p);
    wn_json_close(&j, '}');
    assert(wn_buf_status(&text, NULL) == WN_OK);
    wn_hash128_hex(wn_hash128(wn_buf_str(&text), 0), out);
}
