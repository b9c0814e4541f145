#include <winnow/policy.h>

#include "mix/policy_keys.h"
#include "mix/policy_rules.h"

const char *wn_regime_name(enum wn_regime r)
{
    return policy_key_words(KEY_REGIME)[r];
}

const char *wn_filter_name(enum wn_filter_by f)
{
    return policy_key_words(KEY_BY)[f];
}

const char *wn_mixing_name(enum wn_mixing m)
{
    return policy_key_words(KEY_FRESH_MIXING)[m];
}

const char *wn_dedup_name(enum wn_dedup d)
{
    return policy_key_words(KEY_DEDUP)[d];
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

static void take_real(double *out, const struct policy_file *f, enum policy_key k)
{
    if (policy_given(f, k))
        *out = f->value[k].real;
}

static void take_pair(double out[2], const struct policy_file *f, enum policy_key k)
{
    if (policy_given(f, k))
        memcpy(out, f->value[k].pair, sizeof(f->value[k].pair));
}

/* Of two keys for one setting, in the sections of two regimes, at most one is in the file;
 * word 0 is the default. */
static unsigned word_of_either(const struct policy_file *f, enum policy_key a, enum policy_key b)
{
    return policy_given(f, a) ? f->value[a].word : f->value[b].word;
}

static void resolve_regime(struct wn_policy *p, const struct policy_file *f)
{
    p->regime = (enum wn_regime)f->value[KEY_REGIME].word;
    take_real(&p->real_share, f, KEY_FRESH_SHARE);
    take_real(&p->real_share, f, KEY_FIXED_SHARE);
    take_real(&p->real_share, f, KEY_WEIGHTED_SHARE);
    p->mixing = (enum wn_mixing)word_of_either(f, KEY_FRESH_MIXING, KEY_WEIGHTED_MIXING);
    p->real_from_first = word_of_either(f, KEY_FRESH_SOURCE, KEY_WEIGHTED_SOURCE) == 1;
    take_real(&p->weight, f, KEY_WEIGHTED_WEIGHT);
    p->window = (unsigned)f->value[KEY_GENERATIONS].whole;
    p->power = p->regime == WN_REGIME_REPLACE_GROWN ? 1 : 0;
    take_real(&p->power, f, KEY_SCHEDULE_POWER);
    take_real(&p->alpha, f, KEY_ALPHA);
    take_real(&p->beta, f, KEY_BETA);
    take_real(&p->gamma, f, KEY_GAMMA);
    take_real(&p->edit_above, f, KEY_ABOVE);
    p->dedup = (enum wn_dedup)f->value[KEY_DEDUP].word;
}

static void resolve_filter(struct wn_policy *p, const struct policy_file *f)
{
    p->filter_by = (enum wn_filter_by)f->value[KEY_BY].word;
    p->topup = f->value[KEY_INTAKE].word == 1;
    take_real(&p->keep[WN_HUMAN], f, KEY_KEEP_HUMAN);
    take_real(&p->keep[WN_UNKNOWN], f, KEY_KEEP_UNKNOWN);
    take_real(&p->keep[WN_SYNTHETIC], f, KEY_KEEP_SYNTHETIC);
    if (policy_given(f, KEY_TRUST_REAL))
        p->trust_real = f->value[KEY_TRUST_REAL].flag;
    take_real(&p->importance_power, f, KEY_IMPORTANCE_POWER);
    take_pair(p->human_confidence, f, KEY_LAW_HUMAN);
    take_pair(p->synthetic_confidence, f, KEY_LAW_SYNTHETIC);
    take_real(&p->keep_right, f, KEY_RIGHT);
    take_real(&p->keep_wrong, f, KEY_WRONG);
    p->value_tails = policy_given(f, KEY_FLAGS) && f->value[KEY_FLAGS].word == 0;
    take_real(&p->value_cut, f, KEY_BEYOND);
    take_real(&p->value_drop, f, KEY_DROP);
    take_real(&p->top_share, f, KEY_TOP_SHARE);
    take_real(&p->top_share, f, KEY_SURPRISE_SHARE);
}

static void resolve_budget(struct wn_policy *p, const struct policy_file *f)
{
    if (policy_given(f, KEY_DOCUMENTS))
        p->budget_documents = f->value[KEY_DOCUMENTS].whole;
    else if (policy_given(f, KEY_TOKENS))
        p->budget_tokens = f->value[KEY_TOKENS].whole;
    else if (policy_given(f, KEY_OF_FIRST))
        p->budget_of_first = f->value[KEY_OF_FIRST].real;
    else if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        p->budget_of_first = 1;   /* Kazdan et al.: every fit sees as many points as the first */
    p->short_ok = f->value[KEY_SHORT].word == 1;
}

static enum wn_status resolve(struct wn_policy *p, const struct policy_file *f, struct wn_err *err)
{
    enum wn_status st = policy_rules_check(f, err);

    if (st == WN_OK)
        st = policy_point_resolve(&p->op, f, err);
    if (st != WN_OK)
        return st;
    if (policy_given(f, KEY_NAME)) {
        struct wn_str name = f->value[KEY_NAME].node->text;

        memcpy(p->name, name.ptr, name.len);
        p->name[name.len] = '\0';
    }
    if (policy_given(f, KEY_SEED))
        p->seed = f->value[KEY_SEED].whole;
    resolve_regime(p, f);
    resolve_filter(p, f);
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
    if (st == WN_OK && !policy_given(&file, KEY_REGIME))
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
