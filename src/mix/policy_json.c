#include <winnow/policy.h>

#include <assert.h>

#include <winnow/hash.h>

/* Settings that came after the first version are written only where they are not at their
 * default, so that the digest of an older policy stays what it was. */

/* The real share and how it is met; left open for more. */
static void open_share_json(struct wn_json *j, const char *key, const struct wn_policy *p)
{
    wn_json_open(j, key, '{');
    wn_json_add_num(j, "share", p->real_share);
    if (p->mixing != WN_MIXING_STRATIFIED)
        wn_json_add_strz(j, "mixing", wn_mixing_name(p->mixing));
    if (p->real_from_first)
        wn_json_add_strz(j, "source", "first");
}

/* A section with one number. */
static void one_num_json(struct wn_json *j, const char *section, const char *key, double v)
{
    wn_json_open(j, section, '{');
    wn_json_add_num(j, key, v);
    wn_json_close(j, '}');
}

static void regime_json(struct wn_json *j, const struct wn_policy *p)
{
    switch (p->regime) {
    case WN_REGIME_REPLACE:
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
    case WN_REGIME_REPLACE_GROWN:
        break;
    case WN_REGIME_FRESH_REAL:
        open_share_json(j, "fresh_real", p);
        wn_json_close(j, '}');
        break;
    case WN_REGIME_WEIGHTED:
        open_share_json(j, "weighted", p);
        wn_json_add_num(j, "weight", p->weight);
        wn_json_close(j, '}');
        break;
    case WN_REGIME_FIXED_REAL:
        one_num_json(j, "fixed_real", "share", p->real_share);
        break;
    case WN_REGIME_SCHEDULE:
        one_num_json(j, "schedule", "power", p->power);
        break;
    case WN_REGIME_EDIT:
        one_num_json(j, "edit", "above", p->edit_above);
        break;
    case WN_REGIME_WINDOW:
        wn_json_open(j, "window", '{');
        wn_json_add_uint(j, "generations", p->window);
        wn_json_close(j, '}');
        break;
    case WN_REGIME_GENERAL:
        wn_json_open(j, "general", '{');
        wn_json_add_num(j, "alpha", p->alpha);
        wn_json_add_num(j, "beta", p->beta);
        wn_json_add_num(j, "gamma", p->gamma);
        wn_json_close(j, '}');
        break;
    }
}

static void keep_json(struct wn_json *j, const struct wn_policy *p)
{
    wn_json_open(j, "keep", '{');
    wn_json_add_num(j, "human", p->keep[WN_HUMAN]);
    wn_json_add_num(j, "unknown", p->keep[WN_UNKNOWN]);
    wn_json_add_num(j, "synthetic", p->keep[WN_SYNTHETIC]);
    wn_json_close(j, '}');
    wn_json_add_bool(j, "trust_real", p->trust_real);
}

static void law_json(struct wn_json *j, const char *key, const double law[2])
{
    if (!(law[0] > 0))
        return;
    wn_json_open(j, key, '[');
    wn_json_add_num(j, NULL, law[0]);
    wn_json_add_num(j, NULL, law[1]);
    wn_json_close(j, ']');
}

static void importance_json(struct wn_json *j, const struct wn_policy *p)
{
    wn_json_open(j, "importance", '{');
    wn_json_add_num(j, "power", p->importance_power);
    law_json(j, "human", p->human_confidence);
    law_json(j, "synthetic", p->synthetic_confidence);
    wn_json_close(j, '}');
    wn_json_add_bool(j, "trust_real", p->trust_real);
}

static void point_json(struct wn_json *j, const struct wn_operating_point *op)
{
    if (!op->given)
        return;
    wn_json_open(j, "operating_point", '{');
    wn_json_add_num(j, "tpr", op->tpr);
    wn_json_add_num(j, "fpr", op->fpr);
    wn_json_add_num(j, "unknown_synthetic", op->unknown_synthetic);
    wn_json_add_num(j, "unknown_human", op->unknown_human);
    wn_json_add_num(j, "tpr_low", op->tpr_low);
    wn_json_add_num(j, "tpr_high", op->tpr_high);
    wn_json_add_num(j, "fpr_low", op->fpr_low);
    wn_json_add_num(j, "fpr_high", op->fpr_high);
    wn_json_close(j, '}');
}

static void filter_json(struct wn_json *j, const struct wn_policy *p)
{
    wn_json_open(j, "filter", '{');
    wn_json_add_strz(j, "by", wn_filter_name(p->filter_by));
    switch (p->filter_by) {
    case WN_FILTER_NONE:
    case WN_FILTER_ORACLE:
        break;
    case WN_FILTER_TAG:
        keep_json(j, p);
        break;
    case WN_FILTER_IMPORTANCE:
        importance_json(j, p);
        break;
    case WN_FILTER_VERIFY:
        wn_json_open(j, "verify", '{');
        wn_json_add_num(j, "right", p->keep_right);
        wn_json_add_num(j, "wrong", p->keep_wrong);
        wn_json_close(j, '}');
        break;
    case WN_FILTER_VALUE:
        wn_json_open(j, "value", '{');
        wn_json_add_strz(j, "flags", p->value_tails ? "tails" : "centre");
        wn_json_add_num(j, "beyond", p->value_cut);
        wn_json_add_num(j, "drop", p->value_drop);
        wn_json_close(j, '}');
        break;
    case WN_FILTER_TOP_FRACTION:
    case WN_FILTER_SURPRISE:
        one_num_json(j, wn_filter_name(p->filter_by), "share", p->top_share);
        break;
    }
    /* The default is left out here: digests of old policies stay. */
    if (!p->trust_real && p->filter_by >= WN_FILTER_VALUE)
        wn_json_add_bool(j, "trust_real", false);
    if (p->topup)
        wn_json_add_strz(j, "intake", "topup");
    point_json(j, &p->op);
    wn_json_close(j, '}');
}

static void budget_json(struct wn_json *j, const struct wn_policy *p)
{
    bool grows = p->regime == WN_REGIME_REPLACE_GROWN || p->regime == WN_REGIME_SCHEDULE;

    if (!p->budget_documents && !p->budget_tokens && !(p->budget_of_first > 0) && !grows)
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
    regime_json(j, p);
    if (p->dedup != WN_DEDUP_NONE)
        wn_json_add_strz(j, "dedup", wn_dedup_name(p->dedup));
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
    /* Fixed keys and words, some 600 characters where they are most, and at most 20 numbers
     * of 24: no policy comes near the size of ROOM, so the buffer never allocates and cannot
     * fail. */
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
