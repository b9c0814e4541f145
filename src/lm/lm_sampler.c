/*
 * lm_sampler.c - draw text from a model.
 *
 * A watermark's bias and the words that must not come (<unk>, and </s> before the least
 * length) are handled by rejection, which is exact: a draw from p that is accepted with
 * probability e^-delta unless boosted has p'(w) proportional to p(w) e^(delta boosted).
 * Every try is independent, so giving up after some and drawing from the same p' by the
 * dense way leaves the distribution as it is; only the time is bounded.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_sampler.h"

enum { MAX_TRIES = 64, DEFAULT_MAX_TOKENS = 1000 };

static double ten_to(float log10_p)
{
    return log10_p > LM_LOG_ZERO ? exp((double)log10_p * 2.302585092994045684) : 0.0;
}

static bool alloc_sums(struct wn_sampler *s)
{
    size_t total = 0;

    for (unsigned k = 1; k <= s->lm->head.order; k++)
        total += s->lm->level[k].n;
    s->heap = malloc(total * sizeof(double));
    if (!s->heap)
        return false;
    total = 0;
    for (unsigned k = 1; k <= s->lm->head.order; k++) {
        s->sum[k] = s->heap + total;
        total += s->lm->level[k].n;
    }
    return true;
}

/* Turns the p of one context's continuations FROM..TO of level K into running sums of
 * u that end at 1 - gamma; the sums of the level below are still its p. */
static void sum_context(struct wn_sampler *s, unsigned k, uint32_t from, uint32_t to, double gamma)
{
    const struct lm_table *t = &s->lm->level[k];
    double *sum = s->sum[k], total = 0.0, scale;

    for (uint32_t i = from; i < to; i++) {
        uint32_t suffix = k == 2 ? t->word[i] : t->suffix[i];
        double u = sum[i] - gamma * s->sum[k - 1][suffix];

        total += u > 0.0 ? u : 0.0;
        sum[i] = total;
    }
    /* What float32 rounding left over goes to all words evenly, so that a context with
     * gamma 0 never backs off. */
    scale = total > 0.0 && gamma < 1.0 ? (1.0 - gamma) / total : 0.0;
    for (uint32_t i = from; i < to; i++)
        sum[i] *= scale;
    if (gamma == 0.0 && total > 0.0)
        sum[to - 1] = 1.0;
}

static void fill_sums(struct wn_sampler *s)
{
    const struct wn_lm *lm = s->lm;
    double total = 0.0;

    for (unsigned k = 1; k <= lm->head.order; k++) {
        for (uint32_t i = 0; i < lm->level[k].n; i++)
            s->sum[k][i] = ten_to(lm->level[k].prob[i]);
    }
    s->sum[1][WN_LM_BOS] = 0.0;
    for (unsigned k = lm->head.order; k >= 2; k--) {
        const struct lm_table *below = &lm->level[k - 1];

        for (uint32_t c = 0; c < below->n; c++)
            sum_context(s, k, below->child[c], below->child[c + 1], ten_to(below->backoff[c]));
    }
    for (uint32_t i = 0; i < lm->level[1].n; i++) {
        total += s->sum[1][i];
        s->sum[1][i] = total;
    }
}

enum wn_status wn_sampler_new(struct wn_sampler **out, const struct wn_lm *lm, struct wn_err *err)
{
    struct wn_sampler *s = calloc(1, sizeof(*s));

    *out = NULL;
    if (s)
        s->lm = lm;
    if (!s || !alloc_sums(s)) {
        wn_sampler_free(s);
        return wn_fail(err, WN_NOMEM, "cannot prepare a model for sampling: out of memory");
    }
    fill_sums(s);
    *out = s;
    return WN_OK;
}

void wn_sampler_free(struct wn_sampler *s)
{
    if (!s)
        return;
    free(s->heap);
    free(s);
}

struct wn_sampler_scratch *wn_sampler_scratch_new(const struct wn_sampler *s)
{
    struct wn_sampler_scratch *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->weight = malloc((size_t)s->lm->level[1].n * sizeof(*w->weight));
    w->heap = malloc((size_t)s->lm->level[1].n * sizeof(*w->heap));
    if (!w->weight || !w->heap) {
        wn_sampler_scratch_free(w);
        return NULL;
    }
    return w;
}

void wn_sampler_scratch_free(struct wn_sampler_scratch *w)
{
    if (!w)
        return;
    free(w->weight);
    free(w->heap);
    free(w);
}

/* The first of FROM..TO-1 whose running sum is above X; the last when none is. */
static uint32_t first_above(const double *sum, uint32_t from, uint32_t to, double x)
{
    uint32_t n = to - from;

    while (n > 1) {
        uint32_t half = n / 2;

        from += sum[from + half - 1] <= x ? half : 0;
        n -= half;
    }
    return from;
}

/* A word from p(. | AT), <unk> included. */
static uint32_t draw_word(const struct wn_sampler *s, struct lm_state at, struct wn_rng *rng)
{
    uint32_t n_words = s->lm->level[1].n;

    for (; at.length > 0; at = lm_shorter(s->lm, at)) {
        struct sampler_range r = sampler_range(s, at);
        double x;

        if (r.sum <= 0.0)
            continue;
        x = wn_rng_u01(rng);
        if (x < r.sum)
            return s->lm->level[at.length + 1].word[first_above(s->sum[at.length + 1], r.from, r.to, x)];
    }
    return first_above(s->sum[1], 0, n_words, wn_rng_u01(rng) * s->sum[1][n_words - 1]);
}

static bool is_accepted(const struct wn_lm_bias *bias, double keep, uint32_t previous, uint32_t word,
                        struct wn_rng *rng)
{
    return !bias || bias->boosted(bias->arg, previous, word) || wn_rng_u01(rng) < keep;
}

static bool needs_dense(const struct wn_sample_opts *o)
{
    return (o->temperature > 0.0 && o->temperature != 1.0) || o->top_k > 0 || (o->top_p > 0.0 && o->top_p < 1.0);
}

size_t wn_sample(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                 struct wn_rng *rng, uint32_t *ids)
{
    uint64_t max_tokens = opts->max_tokens ? opts->max_tokens : DEFAULT_MAX_TOKENS;
    double keep = opts->bias ? exp(-opts->bias->delta_nats) : 1.0;
    struct lm_state at = lm_start(s->lm);
    unsigned max_tries = needs_dense(opts) ? 0 : MAX_TRIES;
    uint32_t previous = WN_LM_BOS;
    size_t n = 0;

    while (n < max_tokens) {
        bool no_end = n < opts->min_tokens, found = false;
        uint32_t word = WN_LM_UNK;

        for (unsigned i = 0; i < max_tries && !found; i++) {
            word = draw_word(s, at, rng);
            found = word > WN_LM_BOS && !(word == WN_LM_EOS && no_end) &&
                    is_accepted(opts->bias, keep, previous, word, rng);
        }
        if (!found)
            word = sampler_draw_dense(s, w, opts, at, previous, no_end, rng);
        if (word == WN_LM_EOS)
            break;
        ids[n++] = word;
        lm_advance(s->lm, &at, word);
        previous = word;
    }
    return n;
}

void wn_lm_render(const struct wn_lm *lm, const uint32_t *ids, size_t n, struct wn_buf *out)
{
    bool words = wn_lm_tokenizer(lm) == WN_TOK_WORDS;
    struct wn_str left = { "", 0 };

    for (size_t i = 0; i < n; i++) {
        struct wn_str word = wn_lm_word(lm, ids[i]);

        if (i > 0 && (!words || wn_words_space(left, word)))
            wn_buf_addc(out, ' ');
        wn_buf_add(out, word);
        left = word;
    }
}
