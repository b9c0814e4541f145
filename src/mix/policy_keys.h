/*
 * policy_keys.h - the keys of a policy file as one table, and their typed reading.
 *
 * A new key is one row in policy_keys.c, one name here, and its use in policy.c.
 */
#ifndef MIX_POLICY_KEYS_H
#define MIX_POLICY_KEYS_H

#include "mix/yamltree.h"

enum policy_key {
    KEY_NAME, KEY_REGIME, KEY_SEED, KEY_FRESH_REAL, KEY_FIXED_REAL, KEY_WEIGHTED, KEY_WINDOW, KEY_SCHEDULE, KEY_GENERAL,
    KEY_EDIT, KEY_DEDUP, KEY_FILTER, KEY_BUDGET, KEY_MAX_SYNTHETIC,
    KEY_FRESH_SHARE, KEY_FRESH_MIXING, KEY_FRESH_SOURCE,             /* fresh_real      */
    KEY_FIXED_SHARE,                                                 /* fixed_real      */
    KEY_WEIGHTED_SHARE, KEY_WEIGHTED_WEIGHT, KEY_WEIGHTED_MIXING, KEY_WEIGHTED_SOURCE,
    KEY_GENERATIONS,                                                 /* window          */
    KEY_SCHEDULE_POWER,                                              /* schedule        */
    KEY_ALPHA, KEY_BETA, KEY_GAMMA,                                  /* general         */
    KEY_ABOVE,                                                       /* edit            */
    KEY_BY, KEY_KEEP, KEY_TRUST_REAL, KEY_INTAKE, KEY_IMPORTANCE, KEY_VERIFY, KEY_VALUE, KEY_TOP_FRACTION, KEY_SURPRISE,
    KEY_OPERATING_POINT,                                             /* filter          */
    KEY_KEEP_HUMAN, KEY_KEEP_UNKNOWN, KEY_KEEP_SYNTHETIC,            /* filter.keep     */
    KEY_IMPORTANCE_POWER, KEY_LAW_HUMAN, KEY_LAW_SYNTHETIC,          /* .importance     */
    KEY_RIGHT, KEY_WRONG,                                            /* .verify         */
    KEY_FLAGS, KEY_BEYOND, KEY_DROP,                                 /* .value          */
    KEY_TOP_SHARE,                                                   /* .top_fraction   */
    KEY_SURPRISE_SHARE,                                              /* .surprise       */
    KEY_TPR, KEY_FPR, KEY_UNKNOWN_SYNTHETIC, KEY_UNKNOWN_HUMAN,      /* operating_point */
    KEY_TPR_LOW, KEY_TPR_HIGH, KEY_FPR_LOW, KEY_FPR_HIGH,
    KEY_D_PRIME, KEY_THRESHOLD, KEY_MARKED, KEY_MARK_POWER, KEY_MARK_ALPHA,
    KEY_DOCUMENTS, KEY_TOKENS, KEY_OF_FIRST, KEY_SHORT,              /* budget          */
    KEY_COUNT,
    KEY_TOP = KEY_COUNT                                              /* the file itself */
};

/* What was read.  NODE is NULL for a key that is not in the file; one of the others
 * holds its value, by the key's type. */
struct policy_value {
    const struct yamltree_node *node;
    double real;
    double pair[2];
    uint64_t whole;
    bool flag;
    unsigned word;         /* index into the key's words */
};

struct policy_file {
    const char *name;      /* for messages */
    struct policy_value value[KEY_COUNT];
};

/* Reads the tree under ROOT into F.  WN_BADCONF for an unknown key, a wrong type, a
 * word that is none of the key's, or a number out of range. */
enum wn_status policy_keys_read(struct policy_file *f, const struct yamltree_node *root, struct wn_err *err);

static inline bool policy_given(const struct policy_file *f, enum policy_key k)
{
    return f->value[k].node != NULL;
}

const char *policy_key_name(enum policy_key k);
/* The section that K stands in; KEY_TOP for the file itself. */
enum policy_key policy_key_parent(enum policy_key k);
/* The words of a key that takes one of several, in the order of their enum. */
const char *const *policy_key_words(enum policy_key k);

#endif
