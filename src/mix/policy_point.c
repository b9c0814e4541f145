#include "mix/policy_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mix/operating_point.h"

/* The three ways to give an operating point.  The first N_MUST keys of a form are needed. */
struct form {
    unsigned n_must, n_keys;
    enum policy_key key[8];
    const char *must;
};
enum { FORM_RATES, FORM_BINORMAL, FORM_MARK, N_FORMS };

static const struct form forms[N_FORMS] = {
    { 2, 8, { KEY_TPR, KEY_FPR, KEY_UNKNOWN_SYNTHETIC, KEY_UNKNOWN_HUMAN, KEY_TPR_LOW, KEY_TPR_HIGH, KEY_FPR_LOW,
              KEY_FPR_HIGH }, "both 'tpr' and 'fpr'" },
    { 2, 2, { KEY_D_PRIME, KEY_THRESHOLD }, "both 'd_prime' and 'threshold'" },
    { 3, 3, { KEY_MARKED, KEY_MARK_POWER, KEY_MARK_ALPHA }, "'marked', 'power' and 'alpha'" },
};

/* The first key of FORM that is in the file; KEY_COUNT when there is none. */
static enum policy_key first_given(const struct policy_file *f, const struct form *form)
{
    for (unsigned i = 0; i < form->n_keys; i++)
        if (policy_given(f, form->key[i]))
            return form->key[i];
    return KEY_COUNT;
}

static enum wn_status choose_form(const struct policy_file *f, int *out, struct wn_err *err)
{
    enum policy_key first = KEY_COUNT;

    for (int i = 0; i < N_FORMS; i++) {
        enum policy_key k = first_given(f, &forms[i]);

        if (k == KEY_COUNT)
            continue;
        if (first != KEY_COUNT)
            return policy_clash(err, f, k, "cannot stand beside '%s': 'operating_point' is either %s, or %s, or %s",
                                policy_key_name(first), forms[FORM_RATES].must, forms[FORM_BINORMAL].must,
                                forms[FORM_MARK].must);
        first = k;
        *out = i;
    }
    if (first == KEY_COUNT)
        return policy_clash(err, f, KEY_OPERATING_POINT, "needs %s, or %s, or %s", forms[FORM_RATES].must,
                            forms[FORM_BINORMAL].must, forms[FORM_MARK].must);
    for (unsigned i = 0; i < forms[*out].n_must; i++)
        if (!policy_given(f, forms[*out].key[i]))
            return policy_clash(err, f, KEY_OPERATING_POINT, "needs %s", forms[*out].must);
    return WN_OK;
}

/* P(N(0,1) > x), to 12 digits: the rates are part of the policy's digest, and the last bits
 * of erfc may differ between mathematical libraries and processors. */
static double upper_tail(double x)
{
    char text[40];

    snprintf(text, sizeof(text), "%.11e", 0.5 * erfc(x * sqrt(0.5)));
    return strtod(text, NULL);
}

static void take(double *out, const struct policy_file *f, enum policy_key k)
{
    if (policy_given(f, k))
        *out = f->value[k].real;
}

enum wn_status policy_point_resolve(struct wn_operating_point *op, const struct policy_file *f, struct wn_err *err)
{
    int form = FORM_RATES;
    const char *fault;
    enum wn_status st;

    if (!policy_given(f, KEY_OPERATING_POINT))
        return WN_OK;
    st = choose_form(f, &form, err);
    if (st != WN_OK)
        return st;
    op->given = true;
    if (form == FORM_RATES) {
        op->tpr = f->value[KEY_TPR].real;
        op->fpr = f->value[KEY_FPR].real;
    } else if (form == FORM_BINORMAL) {
        op->tpr = upper_tail(f->value[KEY_THRESHOLD].real - f->value[KEY_D_PRIME].real);
        op->fpr = upper_tail(f->value[KEY_THRESHOLD].real);
    } else {
        op->tpr = f->value[KEY_MARKED].real * f->value[KEY_MARK_POWER].real;
        op->fpr = f->value[KEY_MARK_ALPHA].real;
    }
    op->tpr_low = op->tpr_high = op->tpr;
    op->fpr_low = op->fpr_high = op->fpr;
    take(&op->unknown_synthetic, f, KEY_UNKNOWN_SYNTHETIC);
    take(&op->unknown_human, f, KEY_UNKNOWN_HUMAN);
    take(&op->tpr_low, f, KEY_TPR_LOW);
    take(&op->tpr_high, f, KEY_TPR_HIGH);
    take(&op->fpr_low, f, KEY_FPR_LOW);
    take(&op->fpr_high, f, KEY_FPR_HIGH);
    fault = operating_point_fault(op);
    if (fault) {
        struct yamltree_place at = f->value[KEY_OPERATING_POINT].node->key_at;

        return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: %s", f->name, at.line, at.column, fault);
    }
    return WN_OK;
}
