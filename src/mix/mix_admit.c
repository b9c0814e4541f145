#include "mix/mix_admit.h"

#include <math.h>

#include <winnow/rng.h>

static bool is_first_real(const struct wn_mix_item *it)
{
    return it->generation == 0 && it->origin == WN_ORIGIN_REAL;
}

bool mix_in_regime(const struct wn_policy *p, const struct wn_mix_item *it, uint32_t newest)
{
    switch (p->regime) {
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        return it->generation <= newest;
    case WN_REGIME_WINDOW:
        return it->generation <= newest && newest - it->generation < p->window;
    case WN_REGIME_FIXED_REAL:
        return it->generation == newest || is_first_real(it);
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_WEIGHTED:
        return it->generation == newest || (p->real_from_first && is_first_real(it));
    case WN_REGIME_REPLACE:
    case WN_REGIME_REPLACE_GROWN:
    case WN_REGIME_SCHEDULE:
    case WN_REGIME_GENERAL:
    case WN_REGIME_EDIT:
        break;
    }
    return it->generation == newest;
}

/* An item is kept with probability W; all draws of one item against weights are the same. */
static enum wn_fate weigh(const struct wn_policy *p, const struct wn_mix_item *it, double w)
{
    if (w >= 1 || wn_keyed_u01(p->seed, WN_DOMAIN_WEIGHT, it->key.hi, it->key.lo, 0) < w)
        return WN_FATE_KEPT;
    return WN_FATE_WEIGHT;
}

static enum wn_fate weigh_verdict(const struct wn_policy *p, const struct wn_mix_item *it)
{
    double w = p->keep[it->verdict];

    return w <= 0 ? WN_FATE_FILTER : weigh(p, it, w);
}

/* After Drayson et al. 2025: the weight of a text is (1 - confidence)^power.  A confidence
 * that nobody measured says nothing against the item. */
static enum wn_fate weigh_confidence(const struct wn_policy *p, const struct wn_mix_item *it)
{
    double confidence = (double)it->p_synthetic;

    if (isnan(confidence))
        return WN_FATE_KEPT;
    return confidence >= 1 ? WN_FATE_FILTER : weigh(p, it, pow(1 - confidence, p->importance_power));
}

enum wn_fate mix_admit(const struct wn_policy *p, const struct wn_mix_item *it, uint32_t newest)
{
    bool trusted = p->trust_real && it->origin == WN_ORIGIN_REAL;

    if (it->barred)
        return (enum wn_fate)it->barred;
    if (!mix_in_regime(p, it, newest))
        return WN_FATE_REGIME;
    switch (p->filter_by) {
    case WN_FILTER_ORACLE:
        return it->origin == WN_ORIGIN_REAL ? WN_FATE_KEPT : WN_FATE_FILTER;
    case WN_FILTER_TAG:
        return trusted ? WN_FATE_KEPT : weigh_verdict(p, it);
    case WN_FILTER_IMPORTANCE:
        return trusted ? WN_FATE_KEPT : weigh_confidence(p, it);
    case WN_FILTER_NONE:
    case WN_FILTER_VERIFY:          /* these four see what no item shows: they bar it */
    case WN_FILTER_VALUE:
    case WN_FILTER_TOP_FRACTION:
    case WN_FILTER_SURPRISE:
        break;
    }
    return WN_FATE_KEPT;
}

bool mix_has_share(const struct wn_policy *p)
{
    if (p->regime == WN_REGIME_FRESH_REAL || p->regime == WN_REGIME_WEIGHTED)
        return p->mixing == WN_MIXING_STRATIFIED;
    return p->regime == WN_REGIME_FIXED_REAL;
}

/* Under fixed_real the real side is the first real data; newer real data count as any other. */
static bool on_real_side(const struct wn_policy *p, const struct wn_mix_item *it)
{
    if (!mix_has_share(p))
        return false;
    return p->regime == WN_REGIME_FIXED_REAL ? is_first_real(it) : it->origin == WN_ORIGIN_REAL;
}

enum mix_class mix_class_of(const struct wn_policy *p, const struct wn_mix_item *it)
{
    bool flagged = it->verdict == WN_SYNTHETIC && p->max_synthetic < 1;

    if (it->fate != WN_FATE_KEPT)
        return MIX_OUT;
    if (on_real_side(p, it))
        return flagged ? MIX_REAL_FLAGGED : MIX_REAL_PLAIN;
    return flagged ? MIX_OTHER_FLAGGED : MIX_OTHER_PLAIN;
}
