/*
 * policy_keys.h - the keys of a policy file as one table, and their typed reading.
 *
 * A new key is one row in policy_keys.c, one name here, and its use in policy.c.
 */
#ifndef MIX_POLICY_KEYS_H
#define MIX_POLICY_KEYS_H

#include "mix/yamltree.h"

enum policy_key {
    KEY_NAME, KEY_REGIME, KEY_SEED, KEY_FRESH_REAL, KEY_FILTER, KEY_BUDGET, KEY_MAX_SYNTHETIC,
    KEY_SHARE,                                                       /* fresh_real      */
    KEY_BY, KEY_KEEP, KEY_TRUST_REAL, KEY_OPERATING_POINT,           /* filter          */
    KEY_KEEP_HUMAN, KEY_KEEP_UNKNOWN, KEY_KEEP_SYNTHETIC,            /* filter.keep     */
    KEY_TPR, KEY_FPR, KEY_UNKNOWN_SYNTHETIC, KEY_UNKNOWN_HUMAN,      /* operating_point */
    KEY_TPR_LOW, KEY_TPR_HIGH, KEY_FPR_LOW, KEY_FPR_HIGH,
    KEY_DOCUMENTS, KEY_TOKENS, KEY_OF_FIRST, KEY_SHORT,              /* budget          */
    KEY_COUNT,
    KEY_TOP = KEY_COUNT                                              /* the file itself */
};

/* What was read.  NODE is NULL for a key that is not in the file; one of the others
 * holds its value, by the key's type. */
struct policy_value {
    const struct yamltree_node *node;
    double real;
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

const char *policy_key_name(enum policy_key k);
/* The words of KEY_REGIME, KEY_BY or KEY_SHORT, in the order of their enums. */
const char *const *policy_key_words(enum policy_key k);

#endif
