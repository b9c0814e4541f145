#include "mix/policy_rules.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum wn_status policy_clash(struct wn_err *err, const struct policy_file *f, enum policy_key k, const char *what, ...)
{
    struct yamltree_place at = f->value[k].node->key_at;
    char text[512];
    va_list args;

    va_start(args, what);
    vsnprintf(text, sizeof(text), what, args);
    va_end(args);
    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' %s", f->name, at.line, at.column, policy_key_name(k), text);
}

/* ---- sections that belong to one regime or one filter ------------------------------------- */

/* SECTION is for the word VALUE alone, and then the keys of MUST have no default. */
struct rule {
    enum policy_key section;
    unsigned value;
    unsigned n_must;
    enum policy_key must[3];
};

static const struct rule regime_rules[] = {
    { KEY_FRESH_REAL, WN_REGIME_FRESH_REAL, 1, { KEY_FRESH_SHARE } },
    { KEY_FIXED_REAL, WN_REGIME_FIXED_REAL, 1, { KEY_FIXED_SHARE } },
    { KEY_WEIGHTED, WN_REGIME_WEIGHTED, 2, { KEY_WEIGHTED_SHARE, KEY_WEIGHTED_WEIGHT } },
    { KEY_WINDOW, WN_REGIME_WINDOW, 1, { KEY_GENERATIONS } },
    { KEY_SCHEDULE, WN_REGIME_SCHEDULE, 1, { KEY_SCHEDULE_POWER } },
    { KEY_GENERAL, WN_REGIME_GENERAL, 3, { KEY_ALPHA, KEY_BETA, KEY_GAMMA } },
    { KEY_EDIT, WN_REGIME_EDIT, 1, { KEY_ABOVE } },
};

static const struct rule filter_rules[] = {
    { KEY_KEEP, WN_FILTER_TAG, 0, { KEY_TOP } },
    { KEY_IMPORTANCE, WN_FILTER_IMPORTANCE, 1, { KEY_IMPORTANCE_POWER } },
    { KEY_VERIFY, WN_FILTER_VERIFY, 2, { KEY_RIGHT, KEY_WRONG } },
    { KEY_VALUE, WN_FILTER_VALUE, 3, { KEY_FLAGS, KEY_BEYOND, KEY_DROP } },
    { KEY_TOP_FRACTION, WN_FILTER_TOP_FRACTION, 1, { KEY_TOP_SHARE } },
    { KEY_SURPRISE, WN_FILTER_SURPRISE, 1, { KEY_SURPRISE_SHARE } },
};

/* "name: {a: ..., b: ...}": what a rule asks for, as one would write it. */
static void show_section(char *out, size_t size, const struct rule *r)
{
    size_t n = (size_t)snprintf(out, size, "%s: {", policy_key_name(r->section));

    for (unsigned i = 0; i < r->n_must && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s: ...", i ? ", " : "", policy_key_name(r->must[i]));
    if (n < size)
        snprintf(out + n, size - n, "}");
}

/* KIND is the key whose word decides, OTHER the end of a message about another word. */
static enum wn_status check_rule(const struct policy_file *f, const struct rule *r, enum policy_key kind,
                                 const char *other, struct wn_err *err)
{
    const char *word = policy_key_words(kind)[r->value];
    char shown[96];

    if (f->value[kind].word != r->value)
        return policy_given(f, r->section)
                   ? policy_clash(err, f, r->section, "belongs to '%s: %s'; %s", policy_key_name(kind), word, other)
                   : WN_OK;
    for (unsigned i = 0; i < r->n_must; i++) {
        if (policy_given(f, r->must[i]))
            continue;
        if (policy_given(f, r->section))
            return policy_clash(err, f, r->section, "needs '%s'", policy_key_name(r->must[i]));
        show_section(shown, sizeof(shown), r);
        return policy_clash(err, f, kind, "is %s, which needs '%s'", word, shown);
    }
    return WN_OK;
}

/* ---- the regime ----------------------------------------------------------------------------- */

static enum wn_status check_general(const struct policy_file *f, struct wn_err *err)
{
    double sum = f->value[KEY_ALPHA].real + f->value[KEY_BETA].real + f->value[KEY_GAMMA].real;

    if (!policy_given(f, KEY_GENERAL) || fabs(sum - 1) <= 1e-9)
        return WN_OK;
    return policy_clash(err, f, KEY_GENERAL,
                        "has 'alpha', 'beta' and 'gamma' that add up to %.10g; they must add up to 1", sum);
}

/* A weight needs documents to lie on. */
static enum wn_status check_weight(const struct policy_file *f, struct wn_err *err)
{
    double share = f->value[KEY_WEIGHTED_SHARE].real, weight = f->value[KEY_WEIGHTED_WEIGHT].real;

    if (!policy_given(f, KEY_WEIGHTED))
        return WN_OK;
    if (share == 0 && weight > 0)
        return policy_clash(err, f, KEY_WEIGHTED_WEIGHT,
                            "is above 0, but with 'share: 0' no real document can carry it; raise 'share'");
    if (share == 1 && weight < 1)
        return policy_clash(err, f, KEY_WEIGHTED_WEIGHT,
                            "is below 1, but with 'share: 1' no other document can carry the rest; lower 'share'");
    return WN_OK;
}

static enum wn_status check_regime(const struct policy_file *f, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < sizeof(regime_rules) / sizeof(regime_rules[0]) && st == WN_OK; i++)
        st = check_rule(f, &regime_rules[i], KEY_REGIME, "the regime here is another one", err);
    if (st == WN_OK)
        st = check_general(f, err);
    return st == WN_OK ? check_weight(f, err) : st;
}

/* ---- the filter ------------------------------------------------------------------------------- */

static bool is_zero(const struct policy_file *f, enum policy_key k)
{
    return policy_given(f, k) && f->value[k].real == 0;
}

static enum wn_status check_intake(const struct policy_file *f, enum wn_filter_by by, struct wn_err *err)
{
    if (!policy_given(f, KEY_INTAKE))
        return WN_OK;
    if (by != WN_FILTER_TAG && by != WN_FILTER_ORACLE && by != WN_FILTER_IMPORTANCE)
        return policy_clash(err, f, KEY_INTAKE,
                            "belongs to 'by: tag', 'oracle' or 'importance'; the filter here goes by something else");
    if (f->value[KEY_INTAKE].word == 1 && is_zero(f, KEY_KEEP_HUMAN) && is_zero(f, KEY_KEEP_UNKNOWN) &&
        !(f->value[KEY_KEEP_SYNTHETIC].real > 0))
        return policy_clash(err, f, KEY_INTAKE,
                            "is topup, but 'keep' keeps nothing, so it would never end; raise one of 'human', 'unknown', "
                            "'synthetic'");
    return WN_OK;
}

static enum wn_status check_laws(const struct policy_file *f, struct wn_err *err)
{
    bool human = policy_given(f, KEY_LAW_HUMAN), synthetic = policy_given(f, KEY_LAW_SYNTHETIC);

    if (human == synthetic)
        return WN_OK;
    return policy_clash(err, f, KEY_IMPORTANCE, "has '%s' but not '%s'; give both or neither",
                        human ? "human" : "synthetic", human ? "synthetic" : "human");
}

static enum wn_status check_filter(const struct policy_file *f, struct wn_err *err)
{
    enum wn_filter_by by = (enum wn_filter_by)f->value[KEY_BY].word;
    enum wn_status st = WN_OK;

    if (!policy_given(f, KEY_FILTER))
        return WN_OK;
    if (!policy_given(f, KEY_BY))
        return policy_clash(err, f, KEY_FILTER,
                            "needs 'by': none, tag, oracle, importance, verify, value, top_fraction or surprise");
    for (size_t i = 0; i < sizeof(filter_rules) / sizeof(filter_rules[0]) && st == WN_OK; i++)
        st = check_rule(f, &filter_rules[i], KEY_BY, "the filter here goes by something else", err);
    if (st == WN_OK)
        st = check_laws(f, err);
    if (st == WN_OK)
        st = check_intake(f, by, err);
    if (st != WN_OK)
        return st;
    if (policy_given(f, KEY_TRUST_REAL) &&
        (by == WN_FILTER_NONE || by == WN_FILTER_ORACLE || by == WN_FILTER_VERIFY))
        return policy_clash(err, f, KEY_TRUST_REAL, "belongs to a filter that judges items: tag, importance, value, "
                            "top_fraction, surprise");
    /* max_synthetic counts verdicts as well, so in a simulation it needs them too. */
    if (policy_given(f, KEY_OPERATING_POINT) && by != WN_FILTER_TAG && !policy_given(f, KEY_MAX_SYNTHETIC))
        return policy_clash(err, f, KEY_OPERATING_POINT,
                            "belongs to 'by: tag' or 'max_synthetic'; there is neither here");
    return WN_OK;
}

/* ---- the budget ------------------------------------------------------------------------------- */

static enum wn_status check_budget(const struct policy_file *f, struct wn_err *err)
{
    static const enum policy_key amounts[] = { KEY_DOCUMENTS, KEY_TOKENS, KEY_OF_FIRST };
    enum wn_regime regime = (enum wn_regime)f->value[KEY_REGIME].word;
    bool grows = regime == WN_REGIME_REPLACE_GROWN || regime == WN_REGIME_SCHEDULE;
    const struct yamltree_node *seen = NULL;

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        const struct yamltree_node *n = f->value[amounts[i]].node;

        if (n && seen)
            return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: 'budget' has both '%.*s' and '%.*s'; give one of them",
                           f->name, n->key_at.line, n->key_at.column, WN_STR_ARG(seen->key), WN_STR_ARG(n->key));
        if (n && grows)
            return policy_clash(err, f, amounts[i],
                                "contradicts 'regime: %s', which says itself how many documents there are; leave it out",
                                wn_regime_name(regime));
        seen = n ? n : seen;
    }
    if (policy_given(f, KEY_BUDGET) && !seen && grows && !policy_given(f, KEY_SHORT))
        return policy_clash(err, f, KEY_BUDGET, "needs 'short': error or accept");
    if (policy_given(f, KEY_BUDGET) && !seen && !grows && regime != WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return policy_clash(err, f, KEY_BUDGET, "needs one of 'documents', 'tokens', 'of_first'");
    return WN_OK;
}

enum wn_status policy_rules_check(const struct policy_file *f, struct wn_err *err)
{
    enum wn_status st = check_regime(f, err);

    if (st == WN_OK)
        st = check_filter(f, err);
    return st == WN_OK ? check_budget(f, err) : st;
}
