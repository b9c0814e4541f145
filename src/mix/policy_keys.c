#include "mix/policy_keys.h"

#include <stdio.h>

#include <winnow/suggest.h>

#include "mix/policy_number.h"

/* Of the ranges below: REAL is MIN to MAX, ABOVE leaves MIN out, WHOLE without a MAX has MIN
 * only, TEXT counts bytes, and both numbers of a PAIR are ABOVE. */
enum type { TYPE_TEXT, TYPE_WORD, TYPE_WHOLE, TYPE_REAL, TYPE_ABOVE, TYPE_PAIR, TYPE_BOOL, TYPE_SECTION };

struct row {
    const char *name;
    enum policy_key parent;
    enum type type;
    double min, max;
    const char *const *words;    /* TYPE_WORD */
};

static const char *const regimes[] = { "replace", "accumulate", "accumulate_subsample", "fresh_real", "replace_grown",
                                       "schedule", "window", "fixed_real", "weighted", "general", "edit", NULL };
static const char *const filters[] = { "none", "tag", "oracle", "importance", "verify", "value", "top_fraction",
                                       "surprise", NULL };
static const char *const mixings[] = { "stratified", "iid", NULL };
static const char *const sources[] = { "new", "first", NULL };
static const char *const dedups[] = { "none", "exact", "near", NULL };
static const char *const intakes[] = { "fixed", "topup", NULL };
static const char *const flags[] = { "tails", "centre", NULL };
static const char *const shorts[] = { "error", "accept", NULL };

/* of_first: a millionth of generation 0 up to a million times its size. */
static const struct row rows[KEY_COUNT] = {
    [KEY_NAME] = { "name", KEY_TOP, TYPE_TEXT, 1, 63, NULL },
    [KEY_REGIME] = { "regime", KEY_TOP, TYPE_WORD, 0, 0, regimes },
    [KEY_SEED] = { "seed", KEY_TOP, TYPE_WHOLE, 0, 0, NULL },
    [KEY_FRESH_REAL] = { "fresh_real", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_FIXED_REAL] = { "fixed_real", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_WEIGHTED] = { "weighted", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_WINDOW] = { "window", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_SCHEDULE] = { "schedule", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_GENERAL] = { "general", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_EDIT] = { "edit", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_DEDUP] = { "dedup", KEY_TOP, TYPE_WORD, 0, 0, dedups },
    [KEY_FILTER] = { "filter", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_BUDGET] = { "budget", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_MAX_SYNTHETIC] = { "max_synthetic", KEY_TOP, TYPE_REAL, 0, 1, NULL },
    [KEY_FRESH_SHARE] = { "share", KEY_FRESH_REAL, TYPE_REAL, 0, 1, NULL },
    [KEY_FRESH_MIXING] = { "mixing", KEY_FRESH_REAL, TYPE_WORD, 0, 0, mixings },
    [KEY_FRESH_SOURCE] = { "source", KEY_FRESH_REAL, TYPE_WORD, 0, 0, sources },
    [KEY_FIXED_SHARE] = { "share", KEY_FIXED_REAL, TYPE_REAL, 0, 1, NULL },
    [KEY_WEIGHTED_SHARE] = { "share", KEY_WEIGHTED, TYPE_REAL, 0, 1, NULL },
    [KEY_WEIGHTED_WEIGHT] = { "weight", KEY_WEIGHTED, TYPE_REAL, 0, 1, NULL },
    [KEY_WEIGHTED_MIXING] = { "mixing", KEY_WEIGHTED, TYPE_WORD, 0, 0, mixings },
    [KEY_WEIGHTED_SOURCE] = { "source", KEY_WEIGHTED, TYPE_WORD, 0, 0, sources },
    [KEY_GENERATIONS] = { "generations", KEY_WINDOW, TYPE_WHOLE, 1, 1000, NULL },
    [KEY_SCHEDULE_POWER] = { "power", KEY_SCHEDULE, TYPE_REAL, 0, 4, NULL },
    [KEY_ALPHA] = { "alpha", KEY_GENERAL, TYPE_ABOVE, 0, 1, NULL },
    [KEY_BETA] = { "beta", KEY_GENERAL, TYPE_REAL, 0, 1, NULL },
    [KEY_GAMMA] = { "gamma", KEY_GENERAL, TYPE_REAL, 0, 1, NULL },
    [KEY_ABOVE] = { "above", KEY_EDIT, TYPE_REAL, 0, 1, NULL },
    [KEY_BY] = { "by", KEY_FILTER, TYPE_WORD, 0, 0, filters },
    [KEY_KEEP] = { "keep", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_TRUST_REAL] = { "trust_real", KEY_FILTER, TYPE_BOOL, 0, 0, NULL },
    [KEY_INTAKE] = { "intake", KEY_FILTER, TYPE_WORD, 0, 0, intakes },
    [KEY_IMPORTANCE] = { "importance", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_VERIFY] = { "verify", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_VALUE] = { "value", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_TOP_FRACTION] = { "top_fraction", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_SURPRISE] = { "surprise", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_OPERATING_POINT] = { "operating_point", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_KEEP_HUMAN] = { "human", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_KEEP_UNKNOWN] = { "unknown", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_KEEP_SYNTHETIC] = { "synthetic", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_IMPORTANCE_POWER] = { "power", KEY_IMPORTANCE, TYPE_ABOVE, 0, 1000, NULL },
    [KEY_LAW_HUMAN] = { "human", KEY_IMPORTANCE, TYPE_PAIR, 0, 1e6, NULL },
    [KEY_LAW_SYNTHETIC] = { "synthetic", KEY_IMPORTANCE, TYPE_PAIR, 0, 1e6, NULL },
    [KEY_RIGHT] = { "right", KEY_VERIFY, TYPE_REAL, 0, 1, NULL },
    [KEY_WRONG] = { "wrong", KEY_VERIFY, TYPE_REAL, 0, 1, NULL },
    [KEY_FLAGS] = { "flags", KEY_VALUE, TYPE_WORD, 0, 0, flags },
    [KEY_BEYOND] = { "beyond", KEY_VALUE, TYPE_ABOVE, 0, 1000, NULL },
    [KEY_DROP] = { "drop", KEY_VALUE, TYPE_REAL, 0, 1, NULL },
    [KEY_TOP_SHARE] = { "share", KEY_TOP_FRACTION, TYPE_ABOVE, 0, 1, NULL },
    [KEY_SURPRISE_SHARE] = { "share", KEY_SURPRISE, TYPE_ABOVE, 0, 1, NULL },
    [KEY_TPR] = { "tpr", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR] = { "fpr", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_UNKNOWN_SYNTHETIC] = { "unknown_synthetic", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_UNKNOWN_HUMAN] = { "unknown_human", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_TPR_LOW] = { "tpr_low", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_TPR_HIGH] = { "tpr_high", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR_LOW] = { "fpr_low", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR_HIGH] = { "fpr_high", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_D_PRIME] = { "d_prime", KEY_OPERATING_POINT, TYPE_REAL, 0, 100, NULL },
    [KEY_THRESHOLD] = { "threshold", KEY_OPERATING_POINT, TYPE_REAL, -100, 100, NULL },
    [KEY_MARKED] = { "marked", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_MARK_POWER] = { "power", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_MARK_ALPHA] = { "alpha", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_DOCUMENTS] = { "documents", KEY_BUDGET, TYPE_WHOLE, 1, 0, NULL },
    [KEY_TOKENS] = { "tokens", KEY_BUDGET, TYPE_WHOLE, 1, 0, NULL },
    [KEY_OF_FIRST] = { "of_first", KEY_BUDGET, TYPE_REAL, 1e-6, 1e6, NULL },
    [KEY_SHORT] = { "short", KEY_BUDGET, TYPE_WORD, 0, 0, shorts },
};

const char *policy_key_name(enum policy_key k)
{
    return rows[k].name;
}

enum policy_key policy_key_parent(enum policy_key k)
{
    return rows[k].parent;
}

const char *const *policy_key_words(enum policy_key k)
{
    return rows[k].words;
}

/* "name:line:column: " of every message about a value. */
static enum wn_status bad(const struct policy_file *f, const struct yamltree_node *n, const char *key,
                          const char *must, struct wn_err *err)
{
    static const char *const kinds[] = { "", "a section", "a list" };

    if (n->kind != YAMLTREE_SCALAR)
        return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' must be %s, not %s", f->name, n->at.line, n->at.column, key,
                       must, kinds[n->kind]);
    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' must be %s, not '%s'%s", f->name, n->at.line, n->at.column, key,
                   must, yamltree_show(n->text).text, n->plain ? "" : " in quotes");
}

static enum wn_status read_whole(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    char must[64];

    if (!policy_number_whole(v->node, &v->whole))
        return bad(f, v->node, r->name, "a whole number", err);
    if (v->whole >= (uint64_t)r->min && (r->max == 0 || v->whole <= (uint64_t)r->max))
        return WN_OK;
    snprintf(must, sizeof(must), r->max == 0 ? "at least %g" : "between %g and %g", r->min, r->max);
    return bad(f, v->node, r->name, must, err);
}

static bool in_range(const struct row *r, double x)
{
    return (r->type == TYPE_REAL ? x >= r->min : x > r->min) && x <= r->max;
}

static enum wn_status read_real(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    char must[64];

    if (!policy_number_real(v->node, &v->real))
        return bad(f, v->node, r->name, "a number", err);
    if (in_range(r, v->real))
        return WN_OK;
    snprintf(must, sizeof(must), r->type == TYPE_REAL ? "between %g and %g" : "above %g and at most %g", r->min, r->max);
    return bad(f, v->node, r->name, must, err);
}

static enum wn_status read_pair(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    static const char must[] = "a list of two numbers above 0, [a, b]";
    const struct yamltree_node *at = v->node;
    unsigned n = 0;

    if (at->kind != YAMLTREE_LIST)
        return bad(f, at, r->name, must, err);
    for (const struct yamltree_node *item = at->first; item; item = item->next, n++) {
        if (n < 2 && !policy_number_real(item, &v->pair[n]))
            return bad(f, item, r->name, must, err);
        if (n < 2 && !in_range(r, v->pair[n]))
            return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: the numbers of '%s' must be above %g and at most %g, not '%s'",
                           f->name, item->at.line, item->at.column, r->name, r->min, r->max,
                           yamltree_show(item->text).text);
    }
    return n == 2 ? WN_OK
                  : wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' must be %s; this one has %u", f->name, at->at.line,
                            at->at.column, r->name, must, n);
}

static enum wn_status read_bool(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    bool is_plain = v->node->kind == YAMLTREE_SCALAR && v->node->plain;

    v->flag = is_plain && wn_str_eq(v->node->text, WN_STR("true"));
    if (v->flag || (is_plain && wn_str_eq(v->node->text, WN_STR("false"))))
        return WN_OK;
    return bad(f, v->node, r->name, "true or false", err);
}

static enum wn_status read_text(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    struct wn_str s = v->node->text;
    bool good = v->node->kind == YAMLTREE_SCALAR && s.len >= (size_t)r->min && s.len <= (size_t)r->max;

    for (size_t i = 0; good && i < s.len; i++)
        good = (unsigned char)s.ptr[i] >= 0x20 && s.ptr[i] != 0x7f;
    return good ? WN_OK : bad(f, v->node, r->name, "1 to 63 bytes of text on one line", err);
}

static enum wn_status read_word(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    struct wn_suggest s = wn_suggest_for(v->node->text);
    char must[256];      /* the regimes need about half of it */
    size_t n = 0;
    enum wn_status st;

    for (unsigned i = 0; r->words[i]; i++) {
        if (v->node->kind == YAMLTREE_SCALAR && wn_str_eq(v->node->text, wn_str(r->words[i]))) {
            v->word = i;
            return WN_OK;
        }
        wn_suggest_offer(&s, r->words[i]);
        n += (size_t)snprintf(must + n, sizeof(must) - n, "%s%s", i == 0 ? "one of " : ", ", r->words[i]);
    }
    st = bad(f, v->node, r->name, must, err);
    if (s.best && err) {
        n = strlen(err->text);
        snprintf(err->text + n, sizeof(err->text) - n, "; did you mean '%s'?", s.best);
    }
    return st;
}

static enum wn_status read_section(struct policy_file *f, const struct yamltree_node *map, enum policy_key section,
                                   struct wn_err *err);

static enum wn_status read_value(struct policy_file *f, enum policy_key k, struct wn_err *err)
{
    const struct row *r = &rows[k];
    struct policy_value *v = &f->value[k];

    switch (r->type) {
    case TYPE_TEXT: return read_text(f, r, v, err);
    case TYPE_WORD: return read_word(f, r, v, err);
    case TYPE_WHOLE: return read_whole(f, r, v, err);
    case TYPE_REAL:
    case TYPE_ABOVE: return read_real(f, r, v, err);
    case TYPE_PAIR: return read_pair(f, r, v, err);
    case TYPE_BOOL: return read_bool(f, r, v, err);
    case TYPE_SECTION: break;
    }
    if (v->node->kind != YAMLTREE_MAP)
        return bad(f, v->node, r->name, "a section of 'key: value' lines", err);
    return read_section(f, v->node, k, err);
}

/* "; it belongs under 'a', 'b' or 'c'": the sections that have a key of this name; false when
 * there is none. */
static bool sections_of(char *out, size_t size, struct wn_str key)
{
    unsigned n = 0, seen = 0;
    size_t at = 0;

    for (int k = 0; k < KEY_COUNT; k++)
        n += wn_str_eq(key, wn_str(rows[k].name));
    for (int k = 0; k < KEY_COUNT && at < size; k++) {
        if (!wn_str_eq(key, wn_str(rows[k].name)))
            continue;
        if (rows[k].parent == KEY_TOP) {
            snprintf(out, size, "; it belongs at the top level");
            return true;
        }
        at += (size_t)snprintf(out + at, size - at, "%s'%s'",
                               seen == 0 ? "; it belongs under " : seen + 1 == n ? " or " : ", ",
                               rows[rows[k].parent].name);
        seen++;
    }
    return n > 0;
}

/* An unknown key stands in the wrong section, or it is misspelt. */
static void hint_for(char *out, size_t size, struct wn_str key, enum policy_key section)
{
    struct wn_suggest s = wn_suggest_for(key);

    if (sections_of(out, size, key))
        return;
    for (int k = 0; k < KEY_COUNT; k++)
        if (rows[k].parent == section)
            wn_suggest_offer(&s, rows[k].name);
    if (s.best)
        snprintf(out, size, "; did you mean '%s'?", s.best);
}

static enum wn_status unknown_key(const struct policy_file *f, const struct yamltree_node *n, enum policy_key section,
                                  struct wn_err *err)
{
    char where[48] = "", hint[128] = "";

    hint_for(hint, sizeof(hint), n->key, section);
    if (section != KEY_TOP)
        snprintf(where, sizeof(where), " in '%s'", rows[section].name);
    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: unknown key '%s'%s%s", f->name, n->key_at.line, n->key_at.column,
                   yamltree_show(n->key).text, where, hint);
}

static enum wn_status read_section(struct policy_file *f, const struct yamltree_node *map, enum policy_key section,
                                   struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (const struct yamltree_node *n = map->first; n && st == WN_OK; n = n->next) {
        int k = 0;

        while (k < KEY_COUNT && (rows[k].parent != section || !wn_str_eq(n->key, wn_str(rows[k].name))))
            k++;
        if (k == KEY_COUNT)
            return unknown_key(f, n, section, err);
        f->value[k].node = n;
        st = read_value(f, (enum policy_key)k, err);
    }
    return st;
}

enum wn_status policy_keys_read(struct policy_file *f, const struct yamltree_node *root, struct wn_err *err)
{
    if (root->kind != YAMLTREE_MAP)
        return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: a policy is made of 'key: value' lines", f->name, root->at.line,
                       root->at.column);
    return read_section(f, root, KEY_TOP, err);
}
