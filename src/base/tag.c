#include <winnow/doc.h>
#include <winnow/json.h>
#include <winnow/version.h>

#include <math.h>
#include <stdio.h>

static const char *const verdict_names[] = { "unknown", "human", "synthetic" };
static const char *const tier_names[] = { "unclear", "likely", "certain" };

const char *wn_verdict_name(enum wn_verdict v)
{
    return verdict_names[v];
}

const char *wn_tier_name(enum wn_tier t)
{
    return tier_names[t];
}

static int name_index(const char *const *names, int n, struct wn_str s)
{
    for (int i = 0; i < n; i++)
        if (wn_str_eq(s, wn_str(names[i])))
            return i;
    return -1;
}

bool wn_verdict_parse(struct wn_str s, enum wn_verdict *out)
{
    int i = name_index(verdict_names, 3, s);

    if (i >= 0)
        *out = (enum wn_verdict)i;
    return i >= 0;
}

/* Six significant digits say all that a score knows, and keep rows short. */
static void add_score(struct wn_json *j, const char *key, double v)
{
    char text[32];

    snprintf(text, sizeof(text), "%.6g", isfinite(v) ? v : 0.0);
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
    wn_json_add_raw(j, key, wn_str(text));
}

static void add_evidence(struct wn_json *j, const struct wn_evidence *e)
{
    wn_json_open(j, NULL, '{');
    wn_json_add_strz(j, "detector", e->detector);
    wn_json_add_strz(j, "statistic", e->statistic);
    add_score(j, "value", e->value);
    add_score(j, "n", e->n);
    add_score(j, "log10_p", e->log10_p);
    wn_json_add_strz(j, "null", e->null_name ? e->null_name : "");
    add_score(j, "log_odds_nats", e->log_odds_nats);
    wn_json_add_strz(j, "reason", e->reason ? e->reason : "");
    wn_json_open(j, "spans", '[');
    for (size_t i = 0; i < e->n_spans; i++) {
        wn_json_open(j, NULL, '[');
        wn_json_add_uint(j, NULL, e->spans[i].start);
        wn_json_add_uint(j, NULL, e->spans[i].end);
        add_score(j, NULL, e->spans[i].score);
        wn_json_close(j, ']');
    }
    wn_json_close(j, ']');
    wn_json_close(j, '}');
}

void wn_tag_write_json(struct wn_buf *out, const struct wn_tag *tag)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "version", wn_version());
    wn_json_add_strz(&j, "verdict", wn_verdict_name(tag->verdict));
    wn_json_add_strz(&j, "tier", wn_tier_name(tag->tier));
    /* Exactly: a ranking of tagged documents must equal that of their tagger. */
    wn_json_add_num(&j, "p_synthetic", tag->p_synthetic);
    wn_json_add_num(&j, "p_human_null", tag->p_human_null);
    wn_json_add_uint(&j, "n_tokens", tag->n_tokens);
    wn_json_add_strz(&j, "why", tag->why ? tag->why : "");
    wn_json_add_strz(&j, "untested", tag->untested ? tag->untested : "");
    wn_json_open(&j, "evidence", '[');
    for (size_t i = 0; i < tag->n_evidence; i++)
        add_evidence(&j, &tag->evidence[i]);
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
}

static enum wn_status read_rate(const struct wn_jsonval *v, const char *key, double *out, struct wn_err *err)
{
    double x = wn_jsonval_num(wn_jsonval_get(v, key), NAN);

    if (!(x >= 0 && x <= 1))
        return wn_fail(err, WN_BADDATA, "tag: '%s' is not a number from 0 to 1", key);
    *out = x;
    return WN_OK;
}

static enum wn_status read_name(const struct wn_jsonval *v, const char *key, const char *const *names, int *out,
                                struct wn_err *err)
{
    const char *s = wn_jsonval_str(wn_jsonval_get(v, key), NULL);
    int i = s ? name_index(names, 3, wn_str(s)) : -1;

    if (i < 0)
        return wn_fail(err, WN_BADDATA, "tag: '%s' is %s%s%s, not %s, %s or %s", key, s ? "'" : "", s ? s : "missing",
                       s ? "'" : "", names[0], names[1], names[2]);
    *out = i;
    return WN_OK;
}

enum wn_status wn_tag_read_json(struct wn_str json, struct wn_tag *out, struct wn_err *err)
{
    struct wn_jsonval *v = NULL;
    int verdict = 0, tier = 0;
    double n_tokens;
    enum wn_status st;

    memset(out, 0, sizeof(*out));
    st = wn_jsonval_parse(&v, json, err);
    if (st != WN_OK) {
        wn_err_prefix(err, "tag: ");
        return st;
    }
    st = read_name(v, "verdict", verdict_names, &verdict, err);
    if (st == WN_OK)
        st = read_name(v, "tier", tier_names, &tier, err);
    if (st == WN_OK)
        st = read_rate(v, "p_synthetic", &out->p_synthetic, err);
    if (st == WN_OK)
        st = read_rate(v, "p_human_null", &out->p_human_null, err);
    n_tokens = wn_jsonval_num(wn_jsonval_get(v, "n_tokens"), -1);
    if (st == WN_OK && !(n_tokens >= 0 && n_tokens <= 0x1p53 && n_tokens == floor(n_tokens)))
        st = wn_fail(err, WN_BADDATA, "tag: 'n_tokens' is not a count");
    if (st == WN_OK) {
        out->verdict = (enum wn_verdict)verdict;
        out->tier = (enum wn_tier)tier;
        out->n_tokens = (uint64_t)n_tokens;
    }
    wn_jsonval_free(v);
    return st;
}
