/*
 * lm_kn.c - interpolated modified Kneser-Ney: Chen and Goodman, "An empirical study of
 * smoothing techniques for language modeling", Harvard TR-10-98, 1998, eq. 26 and p. 20.
 *
 * Pruning is lmplz's: adjusted counts, discounts and denominators are those of all
 * n-grams; what the dropped ones would have had goes to the back-off weight, so that
 * probabilities still sum to one.
 */
#include "lm/lm_kn.h"

#include <stdlib.h>

static uint32_t count_of(const struct lm_level *l, const struct kn_rules *r, unsigned k, uint32_t g)
{
    if (r->smoothing == WN_SMOOTH_ML && !(k == 1 && g == WN_LM_BOS))
        return l->raw[g];
    return l->adjusted[g];
}

/* n[j]: n-grams with adjusted count j, 1 to 4.
 * lmplz takes the raw count for the suffixes of the last n-gram in suffix order (the
 * end of its AdjustCounts::Run); so do we, or discounts could differ from its own. */
static void counts_of_counts(uint64_t n[5], const struct lm_levels *l, unsigned k)
{
    const struct lm_level *v = &l->level[k];
    uint32_t last = k < l->order ? lm_levels_last(l, k) : UINT32_MAX;

    memset(n, 0, 5 * sizeof(n[0]));
    for (uint32_t g = 0; g < v->n; g++) {
        uint32_t a = g == last ? v->raw[g] : v->adjusted[g];

        if (a <= 4)
            n[a]++;
    }
}

static bool closed_form(struct kn_discounts *out, const uint64_t n[5])
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

enum wn_status kn_discount(struct kn_discounts *out, bool *fell_back, const struct lm_levels *l, unsigned k,
                           const struct kn_rules *r, struct wn_err *err)
{
    uint64_t n[5];

    *fell_back = false;
    *out = (struct kn_discounts){ { 0 } };
    if (r->smoothing == WN_SMOOTH_ML)
        return WN_OK;
    counts_of_counts(n, l, k);
    if (closed_form(out, n))
        return WN_OK;
    if (r->strict_discounts)
        return wn_fail(err, WN_BADDATA,
                       "cannot estimate discounts for order %u: %llu, %llu, %llu and %llu n-grams with counts 1 to 4",
                       k, (unsigned long long)n[1], (unsigned long long)n[2], (unsigned long long)n[3],
                       (unsigned long long)n[4]);
    *fell_back = true;
    *out = (struct kn_discounts){ { 0.0f, 0.5f, 1.0f, 1.5f } };
    return WN_OK;
}

/* What follows one context. */
struct context_sum {
    uint32_t all;       /* adjusted counts                 */
    uint32_t dropped;   /* the share of dropped n-grams    */
    uint32_t kept[3];   /* kept n-grams with 1, 2, 3+      */
};

static void add_up(struct context_sum *sum, const struct lm_level *l, unsigned k, const struct kn_rules *r)
{
    for (uint32_t g = 0; g < l->n; g++) {
        struct context_sum *s = &sum[k == 1 ? 0 : l->context[g]];
        uint32_t a = count_of(l, r, k, g);

        if (a == 0)
            continue;                       /* <unk> and <s> as unigrams */
        s->all += a;
        if (kn_dropped(r, l, k, g))
            s->dropped += a;
        else
            s->kept[a < 3 ? a - 1 : 2]++;
    }
}

static float backoff_weight(const struct context_sum *s, const struct kn_discounts *d)
{
    float gamma = 0.0f;

    if (s->all == 0)
        return 1.0f;
    gamma += d->d[1] * (float)s->kept[0];
    gamma += d->d[2] * (float)s->kept[1];
    gamma += d->d[3] * (float)s->kept[2];
    gamma += (float)s->dropped;
    return gamma / (float)s->all;
}

enum wn_status kn_probabilities(float *p, float *gamma, const struct lm_levels *l, unsigned k,
                                const struct kn_discounts *d, const float *p_below, float uniform,
                                const struct kn_rules *r, struct wn_err *err)
{
    const struct lm_level *v = &l->level[k];
    size_t n_contexts = k == 1 ? 1 : l->level[k - 1].n;
    struct context_sum *sum = calloc(n_contexts, sizeof(*sum));

    if (!sum)
        return wn_fail(err, WN_NOMEM, "cannot estimate order %u: out of memory", k);
    add_up(sum, v, k, r);
    for (size_t c = 0; c < n_contexts; c++)
        gamma[c] = backoff_weight(&sum[c], d);
    for (uint32_t g = 0; g < v->n; g++) {
        uint32_t c = k == 1 ? 0 : v->context[g], a = count_of(v, r, k, g);
        float u, below = k == 1 ? uniform : p_below[v->suffix[g]];

        if (kn_dropped(r, v, k, g))
            continue;
        u = ((float)a - d->d[a < 3 ? a : 3]) / (float)sum[c].all;
        p[g] = u + gamma[c] * below;
    }
    free(sum);
    if (k == 1)
        p[WN_LM_BOS] = 1.0f;                /* never predicted; log10 0 by convention */
    return WN_OK;
}
