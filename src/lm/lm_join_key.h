/*
 * lm_join_key.h - what an item says of its context, and which part the context is in.
 */
#ifndef LM_JOIN_KEY_H
#define LM_JOIN_KEY_H

#include "lm/lm_join.h"
#include "lm/lm_key.h"

/* How far ahead memory is fetched. */
enum { LM_JOIN_AHEAD = 16 };

/* Whether contexts of K words fit into an item, so that no hash is needed. */
static inline bool lm_join_exact(const struct lm_packing *p, unsigned count_bits, unsigned k)
{
    return k <= p->per && k * p->bits <= 64 - count_bits;
}

/* How contexts of one order become the upper bits of an item. */
struct lm_keying {
    const struct lm_packing *packing;
    unsigned words, skip;
    bool exact;
    uint64_t mask;
};

static inline struct lm_keying lm_keying_of(const struct lm_packing *p, unsigned count_bits, unsigned words,
                                            unsigned skip)
{
    return (struct lm_keying){ p, words, skip, lm_join_exact(p, count_bits, words), ~UINT64_C(0) << count_bits };
}

static inline uint64_t lm_context_key(const struct lm_keying *g, const uint64_t *key, uint32_t seed)
{
    uint64_t x[4], h = seed;
    unsigned n = lm_key_words(g->packing, key, g->words, g->skip, x);

    if (g->exact)
        return x[0];
    for (unsigned i = 0; i < n; i++)
        h = lm_key_mix(h ^ x[i] ^ LM_KEY_B, LM_KEY_A);
    return h & g->mask;
}

/* Contexts of neighbours mostly end in the same two words. */
struct lm_way {
    const struct lm_route *route;
    unsigned bits, per;
    uint64_t pair;
    uint32_t part;
};

static inline struct lm_way lm_way_of(const struct lm_route *route, const struct lm_packing *p)
{
    return (struct lm_way){ route, p->bits, p->per, UINT64_MAX, 0 };
}

static inline uint32_t lm_way_to(struct lm_way *w, const uint64_t *key)
{
    uint64_t pair;

    if (w->route->n_parts == 1)
        return 0;
    pair = w->per > 2 ? key[0] << w->bits >> (64 - 2 * w->bits) : key[0] << 32 | key[1] >> 32;
    if (pair != w->pair) {
        w->pair = pair;
        w->part = lm_route_part(w->route, (uint32_t)(pair >> w->bits),
                                (uint32_t)(pair & ((UINT64_C(1) << w->bits) - 1)));
    }
    return w->part;
}

#endif
