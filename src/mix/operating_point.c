#include "mix/operating_point.h"

#include <math.h>

/* Rates are counts divided by n, so their sums may miss 1 by rounding. */
static const double slack = 1e-9;

const char *operating_point_fault(const struct wn_operating_point *op)
{
    if (op->tpr + op->unknown_synthetic > 1 + slack)
        return "'tpr' and 'unknown_synthetic' add up to more than 1";
    if (op->fpr + op->unknown_human > 1 + slack)
        return "'fpr' and 'unknown_human' add up to more than 1";
    if (op->tpr_low > op->tpr + slack || op->tpr_high < op->tpr - slack)
        return "'tpr' is outside 'tpr_low' to 'tpr_high'";
    if (op->fpr_low > op->fpr + slack || op->fpr_high < op->fpr - slack)
        return "'fpr' is outside 'fpr_low' to 'fpr_high'";
    return NULL;
}

/* The rate KEY of OBJECT; DFLT when it is not there, NAN when there is no default. */
static enum wn_status take_rate(double *out, const struct wn_jsonval *object, const char *key, double dflt,
                                const char *name, struct wn_err *err)
{
    const struct wn_jsonval *v = wn_jsonval_get(object, key);

    *out = dflt;
    if (!v && !isnan(dflt))
        return WN_OK;
    if (!v)
        return wn_fail(err, WN_BADCONF, "%s: 'operating_point' has no '%s'", name, key);
    *out = wn_jsonval_num(v, -1);
    if (!(*out >= 0 && *out <= 1))
        return wn_fail(err, WN_BADCONF, "%s: '%s' of 'operating_point' must be a number between 0 and 1", name, key);
    return WN_OK;
}

static enum wn_status take_rates(struct wn_operating_point *op, const struct wn_jsonval *object, const char *name,
                                 struct wn_err *err)
{
    /* An interval that was not measured is the rate itself: FALLBACK comes before it. */
    const struct {
        const char *key;
        double *at;
        const double *fallback;
        bool required;
    } rates[] = {
        { "tpr", &op->tpr, NULL, true },
        { "fpr", &op->fpr, NULL, true },
        { "unknown_synthetic", &op->unknown_synthetic, NULL, false },
        { "unknown_human", &op->unknown_human, NULL, false },
        { "tpr_low", &op->tpr_low, &op->tpr, false },
        { "tpr_high", &op->tpr_high, &op->tpr, false },
        { "fpr_low", &op->fpr_low, &op->fpr, false },
        { "fpr_high", &op->fpr_high, &op->fpr, false },
    };

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        double dflt = rates[i].required ? (double)NAN : rates[i].fallback ? *rates[i].fallback : 0;
        enum wn_status st = take_rate(rates[i].at, object, rates[i].key, dflt, name, err);

        if (st != WN_OK)
            return st;
    }
    op->given = true;
    return WN_OK;
}

enum wn_status wn_operating_point_parse(struct wn_operating_point *out, const char *name, struct wn_str json,
                                        struct wn_err *err)
{
    struct wn_operating_point op = { .given = false };
    const struct wn_jsonval *object;
    struct wn_jsonval *root;
    const char *fault;
    enum wn_status st = wn_jsonval_parse(&root, json, err);

    if (st != WN_OK) {
        if (err)
            wn_err_prefix(err, "%s: ", name);
        return st;
    }
    object = wn_jsonval_get(root, "operating_point");
    if (!object)
        st = wn_fail(err, WN_BADCONF, "%s: there is no 'operating_point' in it; winnow eval writes one", name);
    else
        st = take_rates(&op, object, name, err);
    wn_jsonval_free(root);
    if (st != WN_OK)
        return st;
    fault = operating_point_fault(&op);
    if (fault)
        return wn_fail(err, WN_BADCONF, "%s: operating_point: %s", name, fault);
    *out = op;
    return WN_OK;
}
