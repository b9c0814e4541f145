#include "detect/fuse.h"

#include <math.h>

#include "detect/logistic.h"

/* Rules are written by hand: all of them together may not claim more than e^6 : 1. */
static const double rule_cap_nats = 6;
/* Rules of at least this weight turn unknown into synthetic ... */
static const double rule_raise_nats = 3;
/* ... when the probability of everything together reaches this. */
static const double rule_raise_p = 0.95;
/* No watermark claims more than e^30 : 1; the test's assumptions are not that sure. */
static const double mark_cap_nats = 30;

static const double ln10 = 2.302585092994045684;

/* The largest odds that a p-value can stand for: 1 / (-e p ln p) for p < 1/e (Sellke,
 * Bayarri and Berger 2001, eq. 2), in nats. */
static double p_value_nats(double log10_p)
{
    double ln_p = log10_p * ln10;

    return ln_p < -1 ? -1 - ln_p - log(-ln_p) : 0;
}

static double clamp(double x, double low, double high)
{
    return fmax(low, fmin(high, x));
}

static void by_classifier(const struct fuse_in *in, struct fuse_out *out)
{
    bool odd_for_human = in->p_human <= in->fpr, odd_for_synthetic = in->p_synthetic <= in->fnr;

    out->reason = FUSE_BETWEEN;
    if (odd_for_human && !odd_for_synthetic) {
        out->verdict = WN_SYNTHETIC;
        out->reason = FUSE_CLASSIFIER;
    } else if (odd_for_synthetic && !odd_for_human) {
        out->verdict = WN_HUMAN;
        out->reason = FUSE_CLASSIFIER;
    }
}

/* Rules may raise unknown and may cast doubt on human; they never clear a text. */
static void by_rules(struct fuse_out *out)
{
    if (out->rule_nats < rule_raise_nats)
        return;
    if (out->verdict == WN_UNKNOWN && out->p_synthetic >= rule_raise_p) {
        out->verdict = WN_SYNTHETIC;
        out->reason = FUSE_RULES;
    } else if (out->verdict == WN_HUMAN) {
        out->verdict = WN_UNKNOWN;
        out->reason = FUSE_CONFLICT;
    }
}

void fuse_decide(const struct fuse_in *in, struct fuse_out *out)
{
    double odds = in->scored ? in->log_odds_nats : logistic_logit(in->prior);

    *out = (struct fuse_out){ .verdict = WN_UNKNOWN, .reason = FUSE_NOTHING };
    out->rule_nats = clamp(in->rule_nats, -rule_cap_nats, rule_cap_nats);
    if (in->mark_log10_p < 0 && in->mark_log10_p <= log10(in->watermark_p))
        out->mark_nats = fmin(p_value_nats(in->mark_log10_p), mark_cap_nats);
    out->p_synthetic = logistic_sigmoid(odds + out->rule_nats + out->mark_nats);
    if (in->scored)
        by_classifier(in, out);
    by_rules(out);
    out->tier = out->verdict == WN_UNKNOWN ? WN_TIER_UNCLEAR : WN_TIER_LIKELY;
    if (out->mark_nats > 0) {
        out->verdict = WN_SYNTHETIC;
        out->tier = WN_TIER_CERTAIN;
        out->reason = FUSE_WATERMARK;
    }
}
