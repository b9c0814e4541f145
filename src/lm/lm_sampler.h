/*
 * lm_sampler.h - the tables over a model that draws use, and one thread's scratch.
 *
 * p(w|h) = u(w|h) + gamma(h) p(w|h'), with h' = h without its first word; u is 0 for
 * words that h has no n-gram with.  A draw takes one of the context's own continuations
 * with probability sum(u) / (sum(u) + gamma), by an alias table (Walker 1977; Vose 1991),
 * else goes on with h'.
 *
 * A model that was pruned or imported may have u < 0 for some words.  Such a context is
 * THIN: it counts them as 0, and a word that comes from h' all the same is kept with
 * probability p(w|h) / (gamma p(w|h')), else the context draws again.
 */
#ifndef LM_SAMPLER_H
#define LM_SAMPLER_H

#include <winnow/lmsample.h>

#include "lm/lm_pow10.h"
#include "lm/lm_state.h"

/* Of a text whose options name no limit. */
enum { SAMPLER_MAX_TOKENS = 1000 };

/* A context.  16 bytes, so that four share a cache line. */
struct sampler_head {
    uint32_t from;       /* its continuations in the level above: FROM .. FROM + n - 1        */
    uint32_t n_thin;     /* 2 n + whether it is thin                                          */
    float back;          /* probability of going on with LOWER                                */
    uint32_t lower;      /* the place of h' in the level below                                */
};

/* One slot of a context's alias table: A with probability KEEP, else B.  They are places
 * in the level min(k, order - 1), the new state: an n-gram of the highest order is
 * represented by its suffix. */
struct sampler_slot {
    float keep;
    uint32_t a, b;
};

struct wn_sampler {
    const struct wn_lm *lm;
    double *unigram;                                       /* p by word; <s>: 0       */
    struct sampler_head *head[WN_LM_MAX_ORDER];            /* [k], k = 1 .. order - 1 */
    struct sampler_slot *slot[WN_LM_MAX_ORDER + 1];        /* [k]: of order k         */
    uint32_t most[WN_LM_MAX_ORDER + 1];                    /* [k]: continuations of one context, at most */
    void *heap;
};

struct ranks_cache;

struct wn_sampler_scratch {
    double *weight;      /* by word; all words                                     */
    double *key;         /* by word: how typical                                   */
    uint32_t *heap;      /* words                                                  */
    uint32_t *seen;      /* by word: 1 + where it stands last, counted from the start's first
                            word; 0: nowhere                                          */
    struct ranks_cache *cache;
};

/* Where a text is. */
struct sampler_place {
    struct lm_state at;
    uint32_t previous;   /* word; <s> where there is none */
    size_t n;            /* words so far, those of the start included */
    bool no_end;
};

static inline bool sampler_fraction(double x)
{
    return x > 0.0 && x < 1.0;
}
static inline bool sampler_truncates(const struct wn_sample_opts *o)
{
    return o->top_k > 0 || sampler_fraction(o->top_p) || o->min_p > 0.0 || sampler_fraction(o->typical);
}
static inline double sampler_temperature(const struct wn_sample_opts *o)
{
    return o->temperature > 0.0 ? o->temperature : 1.0;
}
static inline double sampler_penalty(const struct wn_sample_opts *o)
{
    return o->repetition_penalty > 0.0 ? o->repetition_penalty : 1.0;
}
/* 10^LOG10_P; 0 for what stands for a probability of 0. */
static inline double sampler_p(double log10_p)
{
    return log10_p > (double)LM_LOG_ZERO ? lm_pow10(log10_p) : 0.0;
}
/* Whether WORD is among the words that the penalty falls on. */
static inline bool sampler_repeats(const struct wn_sampler_scratch *w, const struct wn_sample_opts *o, size_t n,
                                   uint32_t word)
{
    uint32_t last = w->seen[word];

    return last > 0 && (o->repetition_window == 0 || n - last < o->repetition_window);
}

/* The place behind START; NULL: behind <s>. */
struct sampler_place sampler_behind(const struct wn_sampler *s, const struct wn_sample_start *start);
/* Marks the words of START (may be NULL) as the first that the penalty falls on. */
void sampler_see(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_start *start);
/* Takes those marks off. */
void sampler_forget(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_start *start);
/* p(. | AT) into P[0 .. vocabulary), <s> at 0 (lm_dense.c). */
void sampler_fill(const struct wn_sampler *s, struct lm_state at, double *p);
/* p(. | PLACE) with the words that may not come at 0, then penalty and bias, into
 * w->weight; sums to about one unless penalty or bias say otherwise.  Shorter contexts
 * stand in where nothing is possible; false when nothing but </s> is possible at all. */
bool sampler_weigh(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                   struct sampler_place place);
/* One draw by any options through the weights of all words: slow, always possible.
 * WN_LM_EOS when no other word is possible, even if it may not come yet. */
uint32_t sampler_draw_dense(const struct wn_sampler *s, struct wn_sampler_scratch *w,
                            const struct wn_sample_opts *opts, struct sampler_place place, struct wn_rng *rng);
/* lm_alias.c: the table of N weights U, whose sum is TOTAL > 0.  Every slot keeps its a
 * with probability 1 before.  U is used up. */
void sampler_alias(struct sampler_slot *slot, double *u, uint32_t n, double total);

#endif
