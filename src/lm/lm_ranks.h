/*
 * lm_ranks.h - the continuations of a context, likeliest first, with running sums.
 *
 * Every word whose p(.|h) is not given by h's own n-grams has gamma(h) times its p(.|h'),
 * and the words of h are among those of h'.  So any question "how many words, and how
 * much mass, are at least this likely after h" is answered by one search in each of the
 * lists of h, h', ..: words of h' that h has too are taken out again by the second list
 * that h keeps, its words by their p(.|h').
 *
 * The same holds for p^(1/T): masses are tempered, orders are not touched by it.  Lists
 * are made when they are first needed and kept in a block of fixed size, emptied when it
 * is full; what is drawn does not depend on that.
 */
#ifndef LM_RANKS_H
#define LM_RANKS_H

#include "lm/lm_sampler.h"

/* N words in falling order of log10 p, equal ones by id.  Sums run over those before i:
 * of 10^((log10_p - unit) / T), and of that times log10_p. */
struct ranks {
    uint32_t n;
    double unit;          /* log10 p */
    uint32_t *id;
    float *log10_p;
    double *mass;         /* [n + 1] */
    double *moment;       /* [n + 1] */
};

/* One context of a chain h, h', .., the empty one; contexts without continuations are
 * left out. */
struct ranks_link {
    const struct ranks *own;
    const struct ranks *low;   /* the words of the link before it, as this one has them; NULL: first */
    struct lm_state cover;     /* the link before                                                 */
    double off;                /* log10 of the back-off weights on the way                         */
    double scale;              /* to bring the masses of all links to one unit                     */
    uint32_t from, to;         /* of own: what a draw takes                                        */
    double share;              /* mass of those that the link before has not                       */
};

struct ranks_plan {
    struct lm_state at;        /* the context that it is of */
    unsigned n;
    double share;              /* of all links */
    struct ranks_link *link;
};

/* Keeps lists in MOST_BYTES, or what one chain of contexts needs.  NULL: no memory. */
struct ranks_cache *ranks_cache_new(const struct wn_sampler *s, size_t most_bytes);
void ranks_cache_free(struct ranks_cache *c);

/* The plan of draws at AT, without </s> when NO_END, by the temperature and truncations of
 * OPTS; valid until the next call.  Shorter contexts stand in where nothing is possible.
 * plan->share is 0 when nothing is possible at all. */
const struct ranks_plan *ranks_plan(struct ranks_cache *c, const struct wn_sampler *s,
                                    const struct wn_sample_opts *opts, struct lm_state at, bool no_end);

/* Cuts the links of PLAN to what OPTS keep (lm_truncate.c): sets from, to, share. */
void ranks_cut(struct ranks_plan *plan, const struct wn_sample_opts *opts, uint32_t n_words);
/* How many of R have OFF + log10 p >= T. */
uint32_t ranks_at_least(const struct ranks *r, double off, double t);
/* A word by PLAN, whose share is above 0. */
uint32_t ranks_draw(const struct ranks_plan *plan, const struct wn_lm *lm, struct wn_rng *rng);

#endif
