/*
 * lm_dense.c - one draw through the weights of all words: slow, but any change of the
 * distribution is possible.
 */
#include <math.h>

#include "lm/lm_sampler.h"

/* The chain of contexts from AT down; [i].length falls by one a step. */
static unsigned chain_of(const struct wn_lm *lm, struct lm_state at, struct lm_state chain[WN_LM_MAX_ORDER])
{
    unsigned n = 0;

    for (; at.length > 0; at = lm_shorter(lm, at))
        chain[n++] = at;
    return n;
}

void sampler_fill(const struct wn_sampler *s, struct lm_state at, double *p)
{
    const struct wn_lm *lm = s->lm;
    struct lm_state chain[WN_LM_MAX_ORDER];
    double off[WN_LM_MAX_ORDER + 1], all;
    unsigned n = chain_of(lm, at, chain);

    off[0] = 0.0;                /* off[i]: log10 of the back-off weights before chain[i] */
    for (unsigned i = 0; i < n; i++)
        off[i + 1] = off[i] + (double)lm->level[chain[i].length].backoff[chain[i].node];
    all = sampler_p(off[n]);
    for (uint32_t i = 0; i < lm->level[1].n; i++)
        p[i] = s->unigram[i] * all;
    for (unsigned i = n; i-- > 0;) {
        const struct lm_table *t = &lm->level[chain[i].length + 1];
        const uint32_t *child = lm->level[chain[i].length].child;

        for (uint32_t c = child[chain[i].node]; c < child[chain[i].node + 1]; c++)
            p[t->word[c]] = sampler_p(off[i] + (double)t->prob[c]);
    }
    p[WN_LM_BOS] = 0.0;
}

enum wn_status wn_lm_distribution(const struct wn_sampler *s, const uint32_t *history, size_t n, double *p,
                                  struct wn_err *err)
{
    const struct wn_lm *lm = s->lm;
    size_t use = n < lm->head.order - 1 ? n : lm->head.order - 1;
    struct lm_state at = { 0, 0 };

    (void)err;
    for (size_t i = n - use; i < n; i++)
        lm_advance(lm, &at, history[i] < lm->level[1].n ? history[i] : WN_LM_UNK);
    sampler_fill(s, at, p);
    return WN_OK;
}

/* ---- what may come, penalty, bias ------------------------------------------------------------ */

static void punish(struct wn_sampler_scratch *w, uint32_t n_words, const struct wn_sample_opts *opts, size_t n)
{
    double penalty = sampler_penalty(opts);

    for (uint32_t i = 0; i < n_words; i++) {
        if (w->weight[i] > 0.0 && sampler_repeats(w, opts, n, i))
            w->weight[i] = fmax(pow(w->weight[i], penalty), 1e-300);   /* still possible */
    }
}

static void add_bias(double *p, uint32_t n_words, const struct wn_lm_bias *bias, uint32_t previous)
{
    double factor = exp(-bias->delta_nats);          /* the rest falls: no overflow for a large delta */

    for (uint32_t i = 0; i < n_words; i++) {
        if (p[i] > 0.0 && !bias->boosted(bias->arg, previous, i))
            p[i] *= factor;
    }
}

bool sampler_weigh(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                   struct sampler_place place)
{
    uint32_t n_words = s->lm->level[1].n;
    double *p = w->weight, top = 0.0;

    for (;; place.at = lm_shorter(s->lm, place.at)) {
        sampler_fill(s, place.at, p);
        p[WN_LM_UNK] = 0.0;
        if (place.no_end)
            p[WN_LM_EOS] = 0.0;
        for (uint32_t i = 0; i < n_words; i++)
            top = p[i] > top ? p[i] : top;
        if (top > 0.0)
            break;
        if (place.at.length == 0)
            return false;
    }
    if (sampler_penalty(opts) != 1.0)
        punish(w, n_words, opts, place.n);
    if (opts->bias)
        add_bias(p, n_words, opts->bias, place.previous);
    return true;
}

/* ---- a heap of words, the highest key on top, equal ones by id ---------------------------------- */

static bool is_above(const double *key, uint32_t a, uint32_t b)
{
    return key[a] > key[b] || (key[a] == key[b] && a < b);
}

static void sift_down(uint32_t *heap, uint32_t n, uint32_t i, const double *key)
{
    for (;;) {
        uint32_t top = i, child = 2 * i + 1, held = heap[i];

        if (child < n && is_above(key, heap[child], heap[top]))
            top = child;
        if (child + 1 < n && is_above(key, heap[child + 1], heap[top]))
            top = child + 1;
        if (top == i)
            return;
        heap[i] = heap[top];
        heap[top] = held;
        i = top;
    }
}

static void heapify(uint32_t *heap, uint32_t n, const double *key)
{
    for (uint32_t i = n / 2; i-- > 0;)
        sift_down(heap, n, i, key);
}

/* Moves the highest of *N words to the heap's end, out of it. */
static uint32_t pop(uint32_t *heap, uint32_t *n, const double *key)
{
    uint32_t top = heap[0];

    (*n)--;
    heap[0] = heap[*n];
    heap[*n] = top;
    sift_down(heap, *n, 0, key);
    return top;
}

/* ---- temperature and truncation ------------------------------------------------------------------- */

/* Weights to the power of 1/T, the highest 1.  The words that are possible go into the
 * heap.  Returns how many. */
static uint32_t heat(struct wn_sampler_scratch *w, uint32_t n_words, double temperature)
{
    uint32_t n = 0;
    double top = 0.0;

    for (uint32_t i = 0; i < n_words; i++)
        top = w->weight[i] > top ? w->weight[i] : top;
    for (uint32_t i = 0; i < n_words; i++) {
        if (w->weight[i] <= 0.0)
            continue;
        w->weight[i] /= top;
        if (temperature != 1.0)
            w->weight[i] = pow(w->weight[i], 1.0 / temperature);
        w->heap[n++] = i;
    }
    return n;
}

static double mass_of(const struct wn_sampler_scratch *w, const uint32_t *word, uint32_t n)
{
    double mass = 0.0;

    for (uint32_t i = 0; i < n; i++)
        mass += w->weight[word[i]];
    return mass;
}

/* Takes the highest of the N words in the heap until MOST of them are taken or their mass
 * reaches ENOUGH; they are at the heap's end then, the last taken first. */
static uint32_t take_highest(struct wn_sampler_scratch *w, uint32_t n, uint32_t most, double enough)
{
    uint32_t left = n;
    double mass = 0.0;

    heapify(w->heap, n, w->weight);
    while (left > 0 && n - left < most && mass < enough)
        mass += w->weight[pop(w->heap, &left, w->weight)];
    return n - left;
}

/* The shortest of sums are compared with a little less, so that one that is equal but for
 * rounding counts as reached. */
static double reach(double share, double mass)
{
    return share * mass * (1.0 - 1e-12);
}

static void move_to_front(struct wn_sampler_scratch *w, uint32_t n, uint32_t taken)
{
    memmove(w->heap, w->heap + (n - taken), taken * sizeof(*w->heap));
}

/* Leaves the typical ones of the N words in front of the heap; those equally near at the
 * edge stay together.  -log p - entropy is (mean of log p) - log p: the mass cancels. */
static uint32_t keep_typical(struct wn_sampler_scratch *w, uint32_t n, double share)
{
    double mass = mass_of(w, w->heap, n), mean = 0.0, sum = 0.0;
    uint32_t left = n, last = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = w->heap[i];

        w->key[word] = log(fmax(w->weight[word], 1e-300));
        mean += w->weight[word] * w->key[word] / mass;
    }
    for (uint32_t i = 0; i < n; i++)
        w->key[w->heap[i]] = -fabs(w->key[w->heap[i]] - mean);
    heapify(w->heap, n, w->key);
    while (left > 0 && (sum < reach(share, mass) || w->key[w->heap[0]] >= w->key[last] - 1e-12)) {
        last = pop(w->heap, &left, w->key);
        sum += w->weight[last];
    }
    move_to_front(w, n, n - left);
    return n - left;
}

/* Leaves what the truncations keep in front of the heap; returns how many. */
static uint32_t truncate(struct wn_sampler_scratch *w, uint32_t n, const struct wn_sample_opts *o)
{
    uint32_t taken = n;

    if (o->top_k > 0) {
        taken = take_highest(w, n, o->top_k, (double)INFINITY);
        move_to_front(w, n, taken);
        n = taken;
    }
    if (sampler_fraction(o->top_p)) {
        taken = take_highest(w, n, n, reach(o->top_p, mass_of(w, w->heap, n)));
        move_to_front(w, n, taken);
        n = taken;
    }
    if (o->min_p > 0.0) {
        taken = 0;
        for (uint32_t i = 0; i < n; i++) {           /* the highest weight of all is 1 */
            if (w->weight[w->heap[i]] >= fmin(1.0, o->min_p) * (1.0 - 1e-12))
                w->heap[taken++] = w->heap[i];
        }
        n = taken;
    }
    return sampler_fraction(o->typical) ? keep_typical(w, n, o->typical) : n;
}

uint32_t sampler_draw_dense(const struct wn_sampler *s, struct wn_sampler_scratch *w,
                            const struct wn_sample_opts *opts, struct sampler_place place, struct wn_rng *rng)
{
    uint32_t n;
    double x;

    if (!sampler_weigh(s, w, opts, place))
        return WN_LM_EOS;
    n = heat(w, s->lm->level[1].n, sampler_temperature(opts));
    n = truncate(w, n, opts);
    x = wn_rng_u01(rng) * mass_of(w, w->heap, n);
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (x < w->weight[w->heap[i]])
            return w->heap[i];
        x -= w->weight[w->heap[i]];
    }
    return w->heap[n - 1];
}
