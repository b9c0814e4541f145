#include <winnow/policy.h>

/* What only a simulation can do, and what to do about it; NULL when there is nothing. */

static const char *regime_fault(const struct wn_policy *p)
{
    switch (p->regime) {
    case WN_REGIME_GENERAL:
        return "'regime: general' draws from models, and winnow mix has none; use accumulate or window";
    case WN_REGIME_EDIT:
        return "'regime: edit' rewrites tokens with a model, and winnow mix has none; use fresh_real";
    case WN_REGIME_WEIGHTED:
        return "'regime: weighted' gives real documents a weight in a fit, and winnow mix fits nothing; use fresh_real";
    case WN_REGIME_FRESH_REAL:
        return p->mixing == WN_MIXING_IID
                   ? "'mixing: iid' draws how many documents are real, and winnow mix meets shares exactly; use "
                     "stratified"
                   : NULL;
    default:
        return NULL;
    }
}

static const char *filter_fault(const struct wn_policy *p)
{
    switch (p->filter_by) {
    case WN_FILTER_VERIFY:
        return "'by: verify' needs to know which items are right, and winnow mix does not; use tag or importance";
    case WN_FILTER_VALUE:
        return "'by: value' judges numbers, and winnow mix has documents; use tag or importance";
    case WN_FILTER_TOP_FRACTION:
        return "'by: top_fraction' needs a quality score, and winnow mix has none; use tag or importance";
    case WN_FILTER_SURPRISE:
        return "'by: surprise' asks the model of the newest generation, and winnow mix has none; use tag or importance";
    default:
        return p->topup ? "'intake: topup' draws new documents until enough are kept, and winnow mix has those it is "
                          "given; use a budget"
                        : NULL;
    }
}

enum wn_status wn_policy_check_mix(const struct wn_policy *p, struct wn_err *err)
{
    const char *fault = regime_fault(p);

    if (!fault)
        fault = filter_fault(p);
    if (!fault && p->dedup == WN_DEDUP_NEAR)
        fault = "'dedup: near' compares texts with each other, which only simulations do; use exact";
    if (!fault)
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "policy '%s' can be simulated but not applied to a corpus: %s", p->name, fault);
}
