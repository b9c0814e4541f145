#include <winnow/policy.h>

#include "mix/operating_point.h"
#include "mix/policy_keys.h"

const char *wn_regime_name(enum wn_regime r)
{
    return policy_key_words(KEY_REGIME)[r];
}

const char *wn_filter_name(enum wn_filter_by f)
{
    return policy_key_words(KEY_BY)[f];
}

void wn_policy_init(struct wn_policy *out)
{
    *out = (struct wn_policy){
        .name = "policy",
        .regime = WN_REGIME_REPLACE,
        .seed = 1,
        .filter_by = WN_FILTER_NONE,
        .keep = { [WN_UNKNOWN] = 1, [WN_HUMAN] = 1, [WN_SYNTHETIC] = 0 },
        .trust_real = true,
        .max_synthetic = 1,
    };
}

/* The file name without folder and extension; names that this leaves nothing of (standard
 * input) stay with the default. */
static void name_from_file(char out[64], const char *path)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base);

    if (n == 0 || (n == 1 && *base == '-'))
        return;
    if (n > 63) {
        n = 63;
        while (n > 0 && ((unsigned char)base[n] & 0xc0) == 0x80)   /* no half code point */
            n--;
    }
    memcpy(out, base, n);
    out[n] = '\0';
}

/* "name:line:column: " of key K, which is in the file. */
static enum wn_status clash(const struct policy_file *f, enum policy_key k, const char *what, struct wn_err *err)
{
    struct yamltree_place at = f->value[k].node->key_at;

    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' %s", f->name, at.line, at.column, policy_key_name(k), what);
}

static bool given(const struct policy_file *f, enum policy_key k)
{
    return f->value[k].node != NULL;
}

static void take_real(double *out, const struct policy_file *f, enum policy_key k)
{
    if (given(f, k))
        *out = f->value[k].real;
}

/* Keys of which one rules out or calls for another. */
static enum wn_status check_regime(const struct policy_file *f, enum wn_regime regime, struct wn_err *err)
{
    if (regime == WN_REGIME_FRESH_REAL && !given(f, KEY_SHARE))
        return clash(f, KEY_REGIME, "is fresh_real, which needs 'fresh_real: {share: ...}'", err);
    if (regime != WN_REGIME_FRESH_REAL && given(f, KEY_FRESH_REAL))
        return clash(f, KEY_FRESH_REAL, "belongs to 'regime: fresh_real'; the regime here is another one", err);
    return WN_OK;
}

static enum wn_status check_filter(const struct policy_file *f, struct wn_err *err)
{
    bool by_tag = f->value[KEY_BY].word == WN_FILTER_TAG;

    if (!given(f, KEY_FILTER))
        return WN_OK;
    if (!given(f, KEY_BY))
        return clash(f, KEY_FILTER, "needs 'by': none, tag or oracle", err);
    if (given(f, KEY_KEEP) && !by_tag)
        return clash(f, KEY_KEEP, "belongs to 'by: tag'; the filter here goes by something else", err);
    if (given(f, KEY_TRUST_REAL) && !by_tag)
        return clash(f, KEY_TRUST_REAL, "belongs to 'by: tag'; the filter here goes by something else", err);
    /* max_synthetic counts verdicts as well, so in a simulation it needs them too. */
    if (given(f, KEY_OPERATING_POINT) && !by_tag && !given(f, KEY_MAX_SYNTHETIC))
        return clash(f, KEY_OPERATING_POINT, "belongs to 'by: tag' or 'max_synthetic'; there is neither here", err);
    return WN_OK;
}

static enum wn_status check_budget(const struct policy_file *f, enum wn_regime regime, struct wn_err *err)
{
    static const enum policy_key amounts[] = { KEY_DOCUMENTS, KEY_TOKENS, KEY_OF_FIRST };
    const struct yamltree_node *seen = NULL;

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        const struct yamltree_node *n = f->value[amounts[i]].node;

        if (n && seen)
            return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: 'budget' has both '%.*s' and '%.*s'; give one of them",
                           f->name, n->key_at.line, n->key_at.column, WN_STR_ARG(seen->key), WN_STR_ARG(n->key));
        seen = n ? n : seen;
    }
    if (given(f, KEY_BUDGET) && !seen && regime != WN_REGIME_ACCUMULATE_SUBSAMPLE)
        return clash(f, KEY_BUDGET, "needs one of 'documents', 'tokens', 'of_first'", err);
    return WN_OK;
}

static enum wn_status resolve_operating_point(struct wn_operating_point *op, const struct policy_file *f,
                                              struct wn_err *err)
{
    const char *fault;

    if (!given(f, KEY_OPERATING_POINT))
        return WN_OK;
    if (!given(f, KEY_TPR) || !given(f, KEY_FPR))
        return clash(f, KEY_OPERATING_POINT, "needs both 'tpr' and 'fpr'", err);
    op->given = true;
    op->tpr = op->tpr_low = op->tpr_high = f->value[KEY_TPR].real;
    op->fpr = op->fpr_low = op->fpr_high = f->value[KEY_FPR].real;
    take_real(&op->unknown_synthetic, f, KEY_UNKNOWN_SYNTHETIC);
    take_real(&op->unknown_human, f, KEY_UNKNOWN_HUMAN);
    take_real(&op->tpr_low, f, KEY_TPR_LOW);
    take_real(&op->tpr_high, f, KEY_TPR_HIGH);
    take_real(&op->fpr_low, f, KEY_FPR_LOW);
    take_real(&op->fpr_high, f, KEY_FPR_HIGH);
    fault = operating_point_fault(op);
    if (fault) {
        struct yamltree_place at = f->value[KEY_OPERATING_POINT].node->key_at;

        return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: %s", f->name, at.line, at.column, fault);
    }
    return WN_OK;
}

static void resolve_budget(struct wn_policy *p, const struct policy_file *f)
{
    if (given(f, KEY_DOCUMENTS))
        p->budget_documents = f->value[KEY_DOCUMENTS].whole;
    else if (given(f, KEY_TOKENS))
        p->budget_tokens = f->value[KEY_TOKENS].whole;
    else if (given(f, KEY_OF_FIRST))
        p->budget_of_first = f->value[KEY_OF_FIRST].real;
    else if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        p->budget_of_first = 1;   /* Kazdan et al.: every fit sees as many points as the first */
    p->short_ok = f->value[KEY_SHORT].word == 1;
}

static enum wn_status resolve(struct wn_policy *p, const struct policy_file *f, struct wn_err *err)
{
    enum wn_status st;

    p->regime = (enum wn_regime)f->value[KEY_REGIME].word;
    st = check_regime(f, p->regime, err);
    if (st == WN_OK)
        st = check_filter(f, err);
    if (st == WN_OK)
        st = check_budget(f, p->regime, err);
    if (st == WN_OK)
        st = resolve_operating_point(&p->op, f, err);
    if (st != WN_OK)
        return st;
    if (given(f, KEY_NAME)) {
        struct wn_str name = f->value[KEY_NAME].node->text;

        memcpy(p->name, name.ptr, name.len);
        p->name[name.len] = '\0';
    }
    if (given(f, KEY_SEED))
        p->seed = f->value[KEY_SEED].whole;
    take_real(&p->fresh_share, f, KEY_SHARE);
    p->filter_by = (enum wn_filter_by)f->value[KEY_BY].word;
    take_real(&p->keep[WN_HUMAN], f, KEY_KEEP_HUMAN);
    take_real(&p->keep[WN_UNKNOWN], f, KEY_KEEP_UNKNOWN);
    take_real(&p->keep[WN_SYNTHETIC], f, KEY_KEEP_SYNTHETIC);
    if (given(f, KEY_TRUST_REAL))
        p->trust_real = f->value[KEY_TRUST_REAL].flag;
    take_real(&p->max_synthetic, f, KEY_MAX_SYNTHETIC);
    resolve_budget(p, f);
    return WN_OK;
}

enum wn_status wn_policy_parse(struct wn_policy *out, const char *name, struct wn_str yaml, struct wn_err *err)
{
    struct policy_file file = { .name = name };
    struct wn_arena arena = { 0 };
    const struct yamltree_node *root;
    struct wn_policy p;
    enum wn_status st = yamltree_parse(&root, &arena, name, yaml, err);

    if (st != WN_OK)
        goto done;
    if (!root) {
        st = wn_fail(err, WN_BADCONF, "%s:1:1: the policy is empty; it needs at least 'regime'", name);
        goto done;
    }
    st = policy_keys_read(&file, root, err);
    if (st == WN_OK && !given(&file, KEY_REGIME))
        st = wn_fail(err, WN_BADCONF, "%s:%lu:%lu: the policy has no 'regime'", name, root->at.line, root->at.column);
    if (st != WN_OK)
        goto done;
    wn_policy_init(&p);
    name_from_file(p.name, name);
    st = resolve(&p, &file, err);
    if (st == WN_OK)
        *out = p;
done:
    wn_arena_release(&arena);
    return st;
}
