/*
 * sample_reference.h - what sampling must draw from, computed the plain way: all words,
 * wn_lm_prob, one sort a rule.
 */
#ifndef TEST_SAMPLE_REFERENCE_H
#define TEST_SAMPLE_REFERENCE_H

#include "unit/lm_fixture.h"

#include <math.h>

#include <winnow/lmsample.h>

struct reference {
    const struct wn_lm *lm;
    const struct wn_sample_opts *opts;
    const uint32_t *history;      /* <s> first */
    size_t n;
    double *want;                 /* by word; sums to 1, or all 0 where nothing is possible */
};

static inline void reference_normalise(double *p, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += p[i];
    for (uint32_t i = 0; i < n && sum > 0.0; i++)
        p[i] /= sum;
}

/* The word with the highest key that is not taken; N when there is none. */
static inline uint32_t reference_best(const double *key, const bool *taken, const double *p, uint32_t n)
{
    uint32_t best = n;

    for (uint32_t i = 0; i < n; i++) {
        if (!taken[i] && p[i] > 0.0 && (best == n || key[i] > key[best]))
            best = i;
    }
    return best;
}

/* Keeps the words with the highest keys: MOST of them, or until their mass reaches SHARE. */
static inline void reference_keep(double *p, const double *key, uint32_t n, uint32_t most, double share, bool ties)
{
    bool *taken = calloc(n, sizeof(*taken));
    double mass = 0.0, last = INFINITY;
    uint32_t best;

    assert_non_null(taken);
    for (uint32_t i = 0; i < most; i++) {
        best = reference_best(key, taken, p, n);
        if (best == n || (mass >= share - 1e-12 && !(ties && key[best] >= last - 1e-12)))
            break;
        taken[best] = true;
        mass += p[best];
        last = key[best];
    }
    for (uint32_t i = 0; i < n; i++)
        p[i] = taken[i] ? p[i] : 0.0;
    free(taken);
    reference_normalise(p, n);
}

static inline void reference_typical(double *p, uint32_t n, double share)
{
    double *key = calloc(n, sizeof(*key)), entropy = 0.0;

    assert_non_null(key);
    for (uint32_t i = 0; i < n; i++)
        entropy -= p[i] > 0.0 ? p[i] * log(p[i]) : 0.0;
    for (uint32_t i = 0; i < n; i++)
        key[i] = p[i] > 0.0 ? -fabs(-log(p[i]) - entropy) : 0.0;
    reference_keep(p, key, n, n, share, true);
    free(key);
}

static inline bool reference_repeats(const struct reference *r, uint32_t word)
{
    size_t window = r->opts->repetition_window ? r->opts->repetition_window : r->n;

    for (size_t i = r->n; i > 1 && r->n - i < window; i--) {
        if (r->history[i - 1] == word)
            return true;
    }
    return false;
}

static inline void reference_model(const struct reference *r, uint32_t n)
{
    const struct wn_sample_opts *o = r->opts;

    for (uint32_t w = 0; w < n; w++) {
        double log10_p = wn_lm_prob(r->lm, r->history, r->n, w);
        bool may = w > WN_LM_BOS && !(w == WN_LM_EOS && r->n - 1 < o->min_tokens);

        if (o->repetition_penalty > 0.0 && reference_repeats(r, w))
            log10_p *= o->repetition_penalty;
        r->want[w] = may && log10_p > -90.0 ? pow(10.0, log10_p) : 0.0;
        if (o->bias && o->bias->boosted(o->bias->arg, r->history[r->n - 1], w))
            r->want[w] *= exp(o->bias->delta_nats);
        if (o->temperature > 0.0)
            r->want[w] = pow(r->want[w], 1.0 / o->temperature);
    }
    reference_normalise(r->want, n);
}

static inline void reference_distribution(const struct reference *r)
{
    const struct wn_sample_opts *o = r->opts;
    uint32_t n = wn_lm_vocab_size(r->lm);
    double top = 0.0;

    reference_model(r, n);
    if (o->top_k > 0 || (o->top_p > 0.0 && o->top_p < 1.0)) {
        double *key = malloc(n * sizeof(*key));

        /* Equally likely words must compare as equal after pow and exp, too. */
        assert_non_null(key);
        for (uint32_t i = 0; i < n; i++)
            key[i] = r->want[i] > 0.0 ? round(log(r->want[i]) * 1e9) : 0.0;
        if (o->top_k > 0)
            reference_keep(r->want, key, n, o->top_k, 2.0, false);
        if (o->top_p > 0.0 && o->top_p < 1.0)
            reference_keep(r->want, key, n, n, o->top_p, false);
        free(key);
    }
    for (uint32_t i = 0; i < n; i++)
        top = r->want[i] > top ? r->want[i] : top;
    for (uint32_t i = 0; i < n; i++)
        r->want[i] = r->want[i] < o->min_p * top * (1.0 - 1e-9) ? 0.0 : r->want[i];
    reference_normalise(r->want, n);
    if (o->typical > 0.0 && o->typical < 1.0)
        reference_typical(r->want, n, o->typical);
}

#endif
