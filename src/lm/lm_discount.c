/*
 * lm_discount.c - options to rules, counts of counts to discounts.
 */
#include "lm/lm_discount.h"

static enum wn_status set_fallback(struct lm_rules *r, const float fallback[3], struct wn_err *err)
{
    static const float usual[4] = { 0.0f, 0.5f, 1.0f, 1.5f };
    bool given = fallback[0] != 0.0f || fallback[1] != 0.0f || fallback[2] != 0.0f;

    memcpy(r->fallback, usual, sizeof(usual));
    for (int j = 1; given && j <= 3; j++) {
        r->fallback[j] = fallback[j - 1];
        if (!(r->fallback[j] >= 0.0f && r->fallback[j] <= (float)j))
            return wn_fail(err, WN_BADCONF, "cannot take %g off n-grams with count %d: a discount is 0 to %d",
                           (double)r->fallback[j], j, j);
    }
    return WN_OK;
}

enum wn_status lm_rules_set(struct lm_rules *r, const struct wn_lm_opts *opts, unsigned order, struct wn_err *err)
{
    static const struct wn_lm_opts none = { 0 };

    *r = (struct lm_rules){ 0 };
    if (!opts)
        opts = &none;
    if ((unsigned)opts->smoothing > WN_SMOOTH_ML)
        return wn_fail(err, WN_BADCONF, "cannot estimate: no smoothing has the number %u", (unsigned)opts->smoothing);
    r->smoothing = opts->smoothing;
    r->strict_discounts = opts->strict_discounts;
    r->unigram_interpolation = !opts->no_unigram_interpolation;
    r->exact_last = opts->exact_last;
    r->vocab_pad = opts->vocab_pad;
    for (unsigned k = 1; k <= order; k++) {
        r->prune[k] = opts->prune[k - 1];
        if (r->prune[k] < r->prune[k - 1])      /* else a kept n-gram could lose its context */
            return wn_fail(err, WN_BADCONF, "cannot prune order %u less (%llu) than order %u (%llu)", k,
                           (unsigned long long)r->prune[k], k - 1, (unsigned long long)r->prune[k - 1]);
    }
    /* Their back-off weights would need the shorter context's probabilities of what is kept. */
    if (r->smoothing == WN_SMOOTH_ML && (r->prune[order] > 0 || opts->limit_vocab))
        return wn_fail(err, WN_BADCONF, "cannot drop n-grams while relative frequencies are estimated: what they had "
                       "could not be given to others so that they sum to one (prune the finished model)");
    return set_fallback(r, opts->fallback, err);
}

static bool closed_form(struct lm_discounts *out, const uint64_t n[5])
{
    float y;

    if (n[1] == 0 || n[2] == 0 || n[3] == 0)
        return false;
    y = (float)n[1] / (float)((double)n[1] + 2.0 * (double)n[2]);
    for (int j = 1; j <= 3; j++) {
        out->d[j] = (float)j - (float)(j + 1) * y * (float)n[j + 1] / (float)n[j];
        if (out->d[j] < 0.0f || out->d[j] > (float)j)
            return false;
    }
    return true;
}

enum wn_status lm_discounts_set(struct lm_discounts *out, bool *fell_back, const struct lm_tally *t, unsigned k,
                                const struct lm_rules *r, struct wn_err *err)
{
    *fell_back = false;
    *out = (struct lm_discounts){ { 0 } };
    if (r->smoothing == WN_SMOOTH_ML || closed_form(out, t->with))
        return WN_OK;
    if (r->strict_discounts)
        return wn_fail(err, WN_BADDATA,
                       "cannot estimate discounts for order %u: %llu, %llu, %llu and %llu n-grams with counts 1 to 4",
                       k, (unsigned long long)t->with[1], (unsigned long long)t->with[2],
                       (unsigned long long)t->with[3], (unsigned long long)t->with[4]);
    *fell_back = true;
    memcpy(out->d, r->fallback, sizeof(out->d));
    return WN_OK;
}
