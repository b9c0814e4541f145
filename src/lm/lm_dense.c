/*
 * lm_dense.c - one draw through the weights of all words: slower, but any change of the
 * distribution is possible.
 */
#include <math.h>

#include "lm/lm_sampler.h"

/* p(. | AT) from the tables, the empty context first. */
static void fill(const struct wn_sampler *s, struct lm_state at, double *p)
{
    uint32_t n_words = s->lm->level[1].n;
    struct sampler_range r;
    const uint32_t *word;

    if (at.length == 0) {
        double total = s->sum[1][n_words - 1];

        for (uint32_t i = 0; i < n_words; i++)
            p[i] = (s->sum[1][i] - (i > 0 ? s->sum[1][i - 1] : 0.0)) / total;
        return;
    }
    fill(s, lm_shorter(s->lm, at), p);
    r = sampler_range(s, at);
    word = s->lm->level[at.length + 1].word;
    if (r.sum <= 0.0)
        return;
    for (uint32_t i = 0; i < n_words; i++)
        p[i] *= 1.0 - r.sum;
    for (uint32_t i = r.from; i < r.to; i++)
        p[word[i]] += s->sum[at.length + 1][i] - (i > r.from ? s->sum[at.length + 1][i - 1] : 0.0);
}

static void add_bias(double *p, uint32_t n_words, const struct wn_lm_bias *bias, uint32_t previous)
{
    double factor = exp(-bias->delta_nats);          /* the rest falls: no overflow for a large delta */

    for (uint32_t i = 0; i < n_words; i++) {
        if (p[i] > 0.0 && !bias->boosted(bias->arg, previous, i))
            p[i] *= factor;
    }
}

static double heat(double *p, uint32_t n_words, double temperature)
{
    double total = 0.0, top = 0.0;

    for (uint32_t i = 0; i < n_words; i++)
        top = p[i] > top ? p[i] : top;
    for (uint32_t i = 0; i < n_words; i++) {
        if (p[i] > 0.0 && temperature != 1.0)
            p[i] = pow(p[i] / top, 1.0 / temperature);
        total += p[i];
    }
    return total;
}

/* ---- a heap of words, the likeliest on top, equal ones by id ---------------------------- */

static bool is_above(const double *p, uint32_t a, uint32_t b)
{
    return p[a] > p[b] || (p[a] == p[b] && a < b);
}

static void sift_down(uint32_t *heap, uint32_t n, uint32_t i, const double *p)
{
    for (;;) {
        uint32_t top = i, child = 2 * i + 1, held = heap[i];

        if (child < n && is_above(p, heap[child], heap[top]))
            top = child;
        if (child + 1 < n && is_above(p, heap[child + 1], heap[top]))
            top = child + 1;
        if (top == i)
            return;
        heap[i] = heap[top];
        heap[top] = held;
        i = top;
    }
}

/* Moves the likeliest word to the heap's end, out of it. */
static uint32_t pop(uint32_t *heap, uint32_t *n, const double *p)
{
    uint32_t top = heap[0];

    (*n)--;
    heap[0] = heap[*n];
    heap[*n] = top;
    sift_down(heap, *n, 0, p);
    return top;
}

/* Sorts the likeliest words, at most TOP_K (0: all) of those possible, to the end of
 * HEAP, last first; returns how many. */
static uint32_t sort_top(uint32_t *heap, uint32_t n_words, const double *p, uint32_t top_k, double enough)
{
    uint32_t n = n_words, taken = 0;
    double mass = 0.0;

    for (uint32_t i = 0; i < n_words; i++)
        heap[i] = i;
    for (uint32_t i = n_words / 2; i-- > 0;)
        sift_down(heap, n_words, i, p);
    while (n > 0 && (top_k == 0 || taken < top_k) && mass < enough) {
        uint32_t word = pop(heap, &n, p);

        if (p[word] <= 0.0)
            break;
        mass += p[word];
        taken++;
    }
    return taken;
}

/* top-k first, then top-p of what is left, as text generators do. */
static uint32_t draw_truncated(const double *p, double total, uint32_t *heap, uint32_t n_words,
                               const struct wn_sample_opts *opts, struct wn_rng *rng)
{
    bool by_mass = opts->top_p > 0.0 && opts->top_p < 1.0;
    double enough = by_mass && opts->top_k == 0 ? opts->top_p * total : INFINITY, mass = 0.0, x;
    uint32_t n = sort_top(heap, n_words, p, opts->top_k, enough), use = 0;

    for (uint32_t i = 0; i < n; i++)
        mass += p[heap[n_words - 1 - i]];
    enough = by_mass && opts->top_k > 0 ? opts->top_p * mass : mass;
    for (mass = 0.0; use < n && mass < enough; use++)
        mass += p[heap[n_words - 1 - use]];
    x = wn_rng_u01(rng) * mass;
    for (uint32_t i = 0; i + 1 < use; i++) {
        uint32_t word = heap[n_words - 1 - i];

        if (x < p[word])
            return word;
        x -= p[word];
    }
    return heap[n_words - use];
}

static uint32_t draw_from(const double *p, double total, uint32_t n_words, struct wn_rng *rng)
{
    double x = wn_rng_u01(rng) * total;
    uint32_t last = WN_LM_EOS;

    for (uint32_t i = 0; i < n_words; i++) {
        if (p[i] <= 0.0)
            continue;
        last = i;
        if (x < p[i])
            break;
        x -= p[i];
    }
    return last;
}

uint32_t sampler_draw_dense(const struct wn_sampler *s, struct wn_sampler_scratch *w,
                            const struct wn_sample_opts *opts, struct lm_state at, uint32_t previous, bool no_end,
                            struct wn_rng *rng)
{
    double *p = w->weight, total;
    uint32_t n_words = s->lm->level[1].n;

    for (;; at = lm_shorter(s->lm, at)) {
        fill(s, at, p);
        p[WN_LM_UNK] = p[WN_LM_BOS] = 0.0;
        if (no_end)
            p[WN_LM_EOS] = 0.0;
        if (opts->bias)
            add_bias(p, n_words, opts->bias, previous);
        total = heat(p, n_words, opts->temperature > 0.0 ? opts->temperature : 1.0);
        if (total > 0.0)
            break;
        if (at.length == 0)
            return WN_LM_EOS;       /* nothing but </s> is possible at all */
    }
    if (opts->top_k > 0 || (opts->top_p > 0.0 && opts->top_p < 1.0))
        return draw_truncated(p, total, w->heap, n_words, opts, rng);
    return draw_from(p, total, n_words, rng);
}
