/*
 * lm_tune.c - weights for a mixture by expectation maximisation on held-out text
 * (Dempster, Laird and Rubin 1977; for n-gram models Jelinek and Mercer 1980).
 *
 * Of each token only p_i / max_j p_j is kept, in float32: EM needs no more than ratios, and
 * no probability is too small for one.  The likelihood adds the logs of the maxima.
 */
#include <math.h>
#include <stdlib.h>

#include <winnow/lmbuild.h>

#include "lm/lm_mix.h"

enum { DEFAULT_STEPS = 1000, FIRST_TOKENS = 1024 };

struct wn_lm_tuner {
    const struct wn_lm **lm;
    size_t n;
    double *unk_share;             /* log10 of a word's share of <unk>, by model (lm_mix.h)   */
    float *ratio;                  /* [token * n + model]                                     */
    size_t n_tokens, cap;
    double log10_best;             /* sum over tokens of the largest log10 p                 */
    struct wn_lm_score *score;     /* of the sentence at hand, [model * its tokens]           */
    size_t score_cap;
};

void wn_lm_tuner_free(struct wn_lm_tuner *t)
{
    if (!t)
        return;
    free(t->lm);
    free(t->unk_share);
    free(t->ratio);
    free(t->score);
    free(t);
}

enum wn_status wn_lm_tuner_new(struct wn_lm_tuner **out, const struct wn_lm *const *lm, size_t n, struct wn_err *err)
{
    struct wn_lm_tuner *t = NULL;
    struct lm_mix_words words = { 0 };
    enum wn_status st;

    *out = NULL;
    if (n == 0)
        return wn_fail(err, WN_BADCONF, "cannot tune weights: there are no models");
    st = lm_mix_words_init(&words, lm, n, err);
    if (st != WN_OK)
        goto done;
    t = calloc(1, sizeof(*t));
    if (t) {
        t->n = n;
        t->lm = calloc(n, sizeof(*t->lm));
        t->unk_share = calloc(n, sizeof(*t->unk_share));
    }
    if (!t || !t->lm || !t->unk_share) {
        st = wn_fail(err, WN_NOMEM, "cannot tune weights: out of memory");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        t->lm[i] = lm[i];
        t->unk_share[i] = -log10((double)words.n_unknown[i] + 1.0);
    }
    *out = t;
    t = NULL;
done:
    lm_mix_words_release(&words);
    wn_lm_tuner_free(t);
    return st;
}

static enum wn_status make_room(struct wn_lm_tuner *t, size_t n, struct wn_err *err)
{
    size_t cap = t->cap ? t->cap : FIRST_TOKENS, bytes, n_scores;

    if (n > SIZE_MAX / 4 - t->n_tokens || !wn_mul_ok(n, t->n, &n_scores) ||
        !wn_mul_ok(n_scores, sizeof(*t->score), &bytes))
        return wn_fail(err, WN_LIMIT, "cannot tune weights on more than %zu tokens", t->n_tokens);
    if (n_scores > t->score_cap) {
        struct wn_lm_score *score = realloc(t->score, bytes);

        if (!score)
            return wn_fail(err, WN_NOMEM, "cannot tune weights on %zu tokens: out of memory", t->n_tokens + n);
        t->score = score;
        t->score_cap = n_scores;
    }
    while (cap < t->n_tokens + n)
        cap *= 2;
    if (cap > t->cap) {
        float *ratio = wn_mul_ok(cap, t->n * sizeof(*ratio), &bytes) ? realloc(t->ratio, bytes) : NULL;

        if (!ratio)
            return wn_fail(err, WN_NOMEM, "cannot tune weights on %zu tokens: out of memory", t->n_tokens + n);
        t->ratio = ratio;
        t->cap = cap;
    }
    return WN_OK;
}

/* log10 of what model I gives to the word that S scores. */
static double log_of(const struct wn_lm_tuner *t, size_t i, const struct wn_lm_score *s)
{
    double x = (double)s->log10_p + (s->id == WN_LM_UNK ? t->unk_share[i] : 0.0);

    return x > -1e6 ? x : -1e6;           /* minus infinity would leave no ratio */
}

static void add_token(struct wn_lm_tuner *t, const struct wn_lm_score *score, size_t stride)
{
    float *ratio = t->ratio + t->n_tokens * t->n;
    double best = -1e6;

    for (size_t i = 0; i < t->n; i++)
        best = fmax(best, log_of(t, i, &score[i * stride]));
    for (size_t i = 0; i < t->n; i++)
        ratio[i] = (float)exp((log_of(t, i, &score[i * stride]) - best) * M_LN10);
    t->log10_best += best;
    t->n_tokens++;
}

enum wn_status wn_lm_tuner_add(struct wn_lm_tuner *t, const struct wn_tokens *sentence, struct wn_err *err)
{
    size_t n = sentence->n + 1;
    enum wn_status st = make_room(t, n, err);

    if (st != WN_OK)
        return st;
    for (size_t i = 0; i < t->n; i++) {
        struct wn_lm_sum sum;

        wn_lm_score_tokens(t->lm[i], sentence, t->score + i * n, &sum);
    }
    for (size_t j = 0; j < n; j++)
        add_token(t, t->score + j, n);
    return WN_OK;
}

/* One pass: SHARE (not NULL) gets each model's expected share of the tokens; returns the
 * log10-likelihood under WEIGHT. */
static double pass(const struct wn_lm_tuner *t, const double *weight, double *share)
{
    double log10_p = 0.0, product = 1.0;

    for (size_t i = 0; share && i < t->n; i++)
        share[i] = 0.0;
    for (size_t j = 0; j < t->n_tokens; j++) {
        const float *ratio = t->ratio + j * t->n;
        double p = 0.0;

        for (size_t i = 0; i < t->n; i++)
            p += weight[i] * (double)ratio[i];
        for (size_t i = 0; share && i < t->n; i++)
            share[i] += weight[i] * (double)ratio[i] / p;
        product *= p;
        if (!(product > 1e-100)) {            /* one log for many tokens */
            log10_p += log10(product);
            product = 1.0;
        }
    }
    return t->log10_best + log10_p + log10(product);
}

enum wn_status wn_lm_tuner_run(struct wn_lm_tuner *t, double tolerance, unsigned max_steps, double *weight,
                               struct wn_lm_tuned *out, struct wn_err *err)
{
    double *share, moved = INFINITY;
    unsigned step = 0;

    if (t->n_tokens == 0)
        return wn_fail(err, WN_BADDATA, "cannot tune weights: no text was added");
    if (!(tolerance >= 0.0))
        return wn_fail(err, WN_BADCONF, "cannot tune weights: the tolerance is %g, not 0 or more", tolerance);
    share = calloc(t->n, sizeof(*share));
    if (!share)
        return wn_fail(err, WN_NOMEM, "cannot tune weights: out of memory");
    tolerance = tolerance > 0.0 ? tolerance : 1e-6;
    max_steps = max_steps ? max_steps : DEFAULT_STEPS;
    for (size_t i = 0; i < t->n; i++)
        weight[i] = 1.0 / (double)t->n;
    for (; step < max_steps && moved > tolerance; step++) {
        pass(t, weight, share);
        moved = 0.0;
        for (size_t i = 0; i < t->n; i++) {
            double w = share[i] / (double)t->n_tokens;

            moved = fmax(moved, fabs(w - weight[i]));
            weight[i] = w;
        }
    }
    if (out)
        *out = (struct wn_lm_tuned){ t->n_tokens, step, pass(t, weight, NULL) };
    free(share);
    return WN_OK;
}
