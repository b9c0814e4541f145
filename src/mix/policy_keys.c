#include "mix/policy_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include <winnow/suggest.h>

enum type { TYPE_TEXT, TYPE_WORD, TYPE_WHOLE, TYPE_REAL, TYPE_BOOL, TYPE_SECTION };

struct row {
    const char *name;
    enum policy_key parent;
    enum type type;
    double min, max;             /* TYPE_REAL; TYPE_WHOLE has MIN only, TYPE_TEXT MAX bytes */
    const char *const *words;    /* TYPE_WORD */
};

static const char *const regimes[] = { "replace", "accumulate", "accumulate_subsample", "fresh_real", NULL };
static const char *const filters[] = { "none", "tag", "oracle", NULL };
static const char *const shorts[] = { "error", "accept", NULL };

/* of_first: a millionth of generation 0 up to a million times its size. */
static const struct row rows[KEY_COUNT] = {
    [KEY_NAME] = { "name", KEY_TOP, TYPE_TEXT, 1, 63, NULL },
    [KEY_REGIME] = { "regime", KEY_TOP, TYPE_WORD, 0, 0, regimes },
    [KEY_SEED] = { "seed", KEY_TOP, TYPE_WHOLE, 0, 0, NULL },
    [KEY_FRESH_REAL] = { "fresh_real", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_FILTER] = { "filter", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_BUDGET] = { "budget", KEY_TOP, TYPE_SECTION, 0, 0, NULL },
    [KEY_MAX_SYNTHETIC] = { "max_synthetic", KEY_TOP, TYPE_REAL, 0, 1, NULL },
    [KEY_SHARE] = { "share", KEY_FRESH_REAL, TYPE_REAL, 0, 1, NULL },
    [KEY_BY] = { "by", KEY_FILTER, TYPE_WORD, 0, 0, filters },
    [KEY_KEEP] = { "keep", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_TRUST_REAL] = { "trust_real", KEY_FILTER, TYPE_BOOL, 0, 0, NULL },
    [KEY_OPERATING_POINT] = { "operating_point", KEY_FILTER, TYPE_SECTION, 0, 0, NULL },
    [KEY_KEEP_HUMAN] = { "human", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_KEEP_UNKNOWN] = { "unknown", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_KEEP_SYNTHETIC] = { "synthetic", KEY_KEEP, TYPE_REAL, 0, 1, NULL },
    [KEY_TPR] = { "tpr", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR] = { "fpr", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_UNKNOWN_SYNTHETIC] = { "unknown_synthetic", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_UNKNOWN_HUMAN] = { "unknown_human", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_TPR_LOW] = { "tpr_low", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_TPR_HIGH] = { "tpr_high", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR_LOW] = { "fpr_low", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_FPR_HIGH] = { "fpr_high", KEY_OPERATING_POINT, TYPE_REAL, 0, 1, NULL },
    [KEY_DOCUMENTS] = { "documents", KEY_BUDGET, TYPE_WHOLE, 1, 0, NULL },
    [KEY_TOKENS] = { "tokens", KEY_BUDGET, TYPE_WHOLE, 1, 0, NULL },
    [KEY_OF_FIRST] = { "of_first", KEY_BUDGET, TYPE_REAL, 1e-6, 1e6, NULL },
    [KEY_SHORT] = { "short", KEY_BUDGET, TYPE_WORD, 0, 0, shorts },
};

const char *policy_key_name(enum policy_key k)
{
    return rows[k].name;
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with single underscores between them, from *AT; what is copied leaves the
 * underscores out.  Returns how many digits there were. */
static size_t take_digits(struct wn_str s, size_t *at, char *out, size_t *n)
{
    size_t digits = 0;

    while (*at < s.len && (is_digit(s.ptr[*at]) || (s.ptr[*at] == '_' && digits > 0 && *at + 1 < s.len &&
                                                    is_digit(s.ptr[*at + 1])))) {
        if (is_digit(s.ptr[*at])) {
            out[(*n)++] = s.ptr[*at];
            digits++;
        }
        (*at)++;
    }
    return digits;
}

enum { MAX_NUMBER = 60 };

static bool parse_whole(const struct yamltree_node *n, uint64_t *out)
{
    char digits[MAX_NUMBER];
    size_t at = 0, n_digits = 0;
    uint64_t v = 0;

    if (n->kind != YAMLTREE_SCALAR || !n->plain || n->text.len >= MAX_NUMBER)
        return false;
    if (!take_digits(n->text, &at, digits, &n_digits) || at != n->text.len)
        return false;
    for (size_t i = 0; i < n_digits; i++)
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(digits[i] - '0'), &v))
            return false;
    *out = v;
    return true;
}

static bool take_any(struct wn_str s, size_t *at, const char *set, char *out, size_t *n)
{
    if (*at >= s.len || !s.ptr[*at] || !strchr(set, s.ptr[*at]))
        return false;
    out[(*n)++] = s.ptr[(*at)++];
    return true;
}

/* A sign, digits, perhaps a fraction, perhaps an exponent: no hexadecimal, no nan, none
 * of the octal and base-60 numbers of YAML 1.1. */
static bool parse_real(const struct yamltree_node *node, double *out)
{
    char clean[MAX_NUMBER + 1];
    struct wn_str s = node->text;
    size_t at = 0, n = 0;

    if (node->kind != YAMLTREE_SCALAR || !node->plain || s.len >= MAX_NUMBER)
        return false;
    take_any(s, &at, "+-", clean, &n);
    if (!take_digits(s, &at, clean, &n))
        return false;
    if (take_any(s, &at, ".", clean, &n) && !take_digits(s, &at, clean, &n))
        return false;
    if (take_any(s, &at, "eE", clean, &n)) {
        take_any(s, &at, "+-", clean, &n);
        if (!take_digits(s, &at, clean, &n))
            return false;
    }
    clean[n] = '\0';
    *out = strtod(clean, NULL);
    return at == s.len;
}

static enum wn_status read_whole(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    if (!parse_whole(v->node, &v->whole))
        return bad(f, v->node, r->name, "a whole number", err);
    if (v->whole < (uint64_t)r->min)
        return bad(f, v->node, r->name, "at least 1", err);
    return WN_OK;
}

static enum wn_status read_real(struct policy_file *f, const struct row *r, struct policy_value *v, struct wn_err *err)
{
    char must[64];

    if (!parse_real(v->node, &v->real))
        return bad(f, v->node, r->name, "a number", err);
    if (v->real >= r->min && v->real <= r->max)
        return WN_OK;
    snprintf(must, sizeof(must), "between %g and %g", r->min, r->max);
    return bad(f, v->node, r->name, must, err);
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
    char must[128];
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
    case TYPE_REAL: return read_real(f, r, v, err);
    case TYPE_BOOL: return read_bool(f, r, v, err);
    case TYPE_SECTION: break;
    }
    if (v->node->kind != YAMLTREE_MAP)
        return bad(f, v->node, r->name, "a section of 'key: value' lines", err);
    return read_section(f, v->node, k, err);
}

/* An unknown key stands in the wrong section, or it is misspelt. */
static void hint_for(char *out, size_t size, struct wn_str key, enum policy_key section)
{
    struct wn_suggest s = wn_suggest_for(key);

    for (int k = 0; k < KEY_COUNT; k++) {
        if (rows[k].parent == section) {
            wn_suggest_offer(&s, rows[k].name);
        } else if (wn_str_eq(key, wn_str(rows[k].name))) {
            if (rows[k].parent == KEY_TOP)
                snprintf(out, size, "; it belongs at the top level");
            else
                snprintf(out, size, "; it belongs under '%s'", rows[rows[k].parent].name);
            return;
        }
    }
    if (s.best)
        snprintf(out, size, "; did you mean '%s'?", s.best);
}

static enum wn_status unknown_key(const struct policy_file *f, const struct yamltree_node *n, enum policy_key section,
                                  struct wn_err *err)
{
    char where[48] = "", hint[64] = "";

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
