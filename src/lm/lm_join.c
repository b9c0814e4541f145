/*
 * lm_join.c - where items meet their contexts: add up, share out.
 */
#include <stdlib.h>

#include "lm/lm_join_key.h"

enum { CHUNK_ITEMS = 8192, MAX_SEEDS = 64 };

/* ---- scratch ---------------------------------------------------------------------- */

void lm_bench_release(struct lm_bench *b)
{
    free(b->key);
    free(b->node);
    free(b->sum);
    free(b->dropped);
    free(b->weight);
    free(b->to);
    free(b->to_below);
    free(b->chunk);
    free(b->next);
    free(b->lane);
    free(b->fill);
    free(b->pos);
    *b = (struct lm_bench){ 0 };
}

static enum wn_status no_memory(size_t n, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot estimate from %zu n-grams: out of memory", n);
}

/* An empty table for N keys, two thirds full at most. */
static enum wn_status reserve_table(struct lm_bench *b, size_t n, struct wn_err *err)
{
    b->n_slots = n + n / 2 + 1;
    if (b->n_slots > b->cap_slots) {
        free(b->key);
        free(b->node);
        b->cap_slots = 0;
        b->key = malloc(b->n_slots * sizeof(*b->key));
        b->node = malloc(b->n_slots * sizeof(*b->node));
        if (!b->key || !b->node)
            return no_memory(n, err);
        b->cap_slots = b->n_slots;
    }
    memset(b->key, 0, b->n_slots * sizeof(*b->key));
    return WN_OK;
}

static enum wn_status reserve_sums(struct lm_bench *b, size_t n, bool drops, struct wn_err *err)
{
    if (n > b->cap_nodes) {
        free(b->sum);
        free(b->dropped);
        free(b->weight);
        b->cap_nodes = 0;
        b->sum = malloc(n * sizeof(*b->sum));
        b->dropped = malloc(n * sizeof(*b->dropped));
        b->weight = malloc(n * sizeof(*b->weight));
        if (!b->sum || !b->dropped || !b->weight)
            return no_memory(n, err);
        b->cap_nodes = n;
    }
    if (n > 0)
        memset(b->sum, 0, n * sizeof(*b->sum));
    if (n > 0 && drops)
        memset(b->dropped, 0, n * sizeof(*b->dropped));
    return WN_OK;
}

/* ---- the table of contexts ------------------------------------------------------------ */

static inline uint64_t home_of(const struct lm_bench *b, uint64_t key)
{
    return lm_key_bucket(key * LM_KEY_A, b->n_slots);
}

/* False when KEY is there already, or is what marks an empty slot. */
static inline bool enter(struct lm_bench *b, uint64_t key, uint32_t node)
{
    uint64_t at = home_of(b, key);

    while (b->key[at] != 0) {
        if (b->key[at] == key)
            return false;
        at = at + 1 < b->n_slots ? at + 1 : 0;
    }
    b->key[at] = key;
    b->node[at] = node;
    return key != 0;
}

/* UINT32_MAX: not there. */
static inline uint32_t look_up(const struct lm_bench *b, uint64_t key)
{
    uint64_t at = home_of(b, key);

    while (b->key[at] != key) {
        if (b->key[at] == 0)
            return UINT32_MAX;
        at = at + 1 < b->n_slots ? at + 1 : 0;
    }
    return b->node[at];
}

/* Enters all nodes; false when two look the same. */
static bool enter_all(struct lm_bench *b, const struct lm_keying *g, const struct lm_part *part,
                      const struct lm_nodes *nodes, uint32_t seed)
{
    uint64_t key[LM_JOIN_AHEAD];

    for (uint32_t i = 0; i < nodes->n; i += LM_JOIN_AHEAD) {
        uint32_t n = nodes->n - i < LM_JOIN_AHEAD ? nodes->n - i : LM_JOIN_AHEAD;

        for (uint32_t j = 0; j < n; j++) {
            key[j] = lm_context_key(g, lm_part_key(part, nodes->at[i + j]), seed);
            __builtin_prefetch(&b->key[home_of(b, key[j])], 1);
            __builtin_prefetch(&b->node[home_of(b, key[j])], 1);
        }
        for (uint32_t j = 0; j < n; j++) {
            if (!enter(b, key[j], i + j))
                return false;
        }
    }
    return true;
}

enum wn_status lm_join_seed(uint32_t *seed, const struct lm_part *part, const struct lm_nodes *nodes, unsigned k,
                            unsigned count_bits, struct lm_bench *b, struct wn_err *err)
{
    struct lm_keying g = lm_keying_of(part->packing, count_bits, k, 0);

    while (*seed < MAX_SEEDS) {
        enum wn_status st = reserve_table(b, nodes->n, err);

        if (st != WN_OK || enter_all(b, &g, part, nodes, *seed))
            return st;
        ++*seed;
    }
    return wn_fail(err, WN_LIMIT, "cannot estimate from %u n-grams of order %u in one part", nodes->n, k);
}

/* ---- add up -------------------------------------------------------------------------------- */

/* The first large value at or behind ITEM. */
static const struct lm_large *large_from(const struct lm_mail *it, uint64_t item)
{
    size_t lo = 0, n = it->n_large;

    while (n > 0) {
        size_t half = n / 2;

        if (it->large[lo + half].item < item) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return it->large + lo;
}

static inline uint64_t value_of(uint64_t item, uint64_t large, uint64_t at, const struct lm_large **from)
{
    uint64_t value = item & large;

    if (value == large) {
        while ((*from)->item < at)
            ++*from;
        value = (*from)->value;
    }
    return value;
}

/* Adds an item to context NODE. */
static inline void add_item(struct lm_bench *b, uint32_t node, uint64_t value)
{
    struct lm_context *c = &b->sum[node];
    uint64_t count = lm_value_count(value);

    c->all += count;
    if (lm_value_kept(value))
        c->kept[count < 3 ? count - 1 : 2]++;
    else
        b->dropped[node] += count;
}

/* Adds N items up; in place of the context's key each gets its number.  False when a
 * context is missing, as it can be in a forged count file. */
static bool add_chunk(const struct lm_mail *it, uint64_t *item, size_t n, uint64_t first, struct lm_bench *b)
{
    const uint64_t large = (UINT64_C(1) << it->count_bits) - 1;
    const struct lm_large *next = large_from(it, first);
    uint32_t node[LM_JOIN_AHEAD];

    for (size_t i = 0; i < n; i += LM_JOIN_AHEAD) {
        size_t m = n - i < LM_JOIN_AHEAD ? n - i : LM_JOIN_AHEAD;

        for (size_t j = 0; j < m; j++) {
            uint64_t home = home_of(b, item[i + j] & ~large);

            __builtin_prefetch(&b->key[home]);
            __builtin_prefetch(&b->node[home]);
        }
        for (size_t j = 0; j < m; j++) {
            node[j] = look_up(b, item[i + j] & ~large);
            if (node[j] == UINT32_MAX)
                return false;
            __builtin_prefetch(&b->sum[node[j]], 1);
        }
        for (size_t j = 0; j < m; j++) {
            uint64_t *at = &item[i + j];

            add_item(b, node[j], value_of(*at, large, first + i + j, &next));
            *at = (uint64_t)node[j] << it->count_bits | (*at & large);
        }
    }
    return true;
}

static void share_chunk(const struct lm_mail *it, uint64_t *item, size_t n, uint64_t first,
                        const struct lm_discounts *d, const struct lm_bench *b)
{
    const uint64_t large = (UINT64_C(1) << it->count_bits) - 1;
    const struct lm_large *next = large_from(it, first);

    for (size_t i = 0; i < n; i++) {
        uint64_t value = value_of(item[i], large, first + i, &next);
        struct lm_weight w = b->weight[item[i] >> it->count_bits];
        struct lm_share share = { lm_uninterpolated(lm_value_count(value), w.all, d), w.gamma };

        memcpy(&item[i], &share, sizeof(share));
    }
}

/* Once over the items of part TO; D is NULL on the way that adds up. */
static enum wn_status go_over(struct lm_mail *it, uint32_t to, const struct lm_discounts *d, struct lm_bench *b,
                              struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (uint64_t at = it->base[to], end = it->base[to + 1]; at < end && st == WN_OK;) {
        size_t n = end - at < CHUNK_ITEMS ? (size_t)(end - at) : CHUNK_ITEMS;
        void *item;

        st = lm_store_get(&it->store, at * sizeof(uint64_t), n * sizeof(uint64_t), b->chunk, &item, err);
        if (st != WN_OK)
            break;
        if (d)
            share_chunk(it, item, n, at, d, b);
        else if (!add_chunk(it, item, n, at, b))
            return wn_fail(err, WN_BADDATA, "cannot estimate order %u: an n-gram's context was not counted",
                           it->order);
        st = lm_store_put(&it->store, at * sizeof(uint64_t), n * sizeof(uint64_t), item, err);
        at += n;
    }
    return st;
}

enum wn_status lm_mail_join(struct lm_mail *it, uint32_t to, const struct lm_part *part,
                             const struct lm_nodes *contexts, const struct lm_discounts *d, bool drops,
                             bool *again, struct lm_bench *b, struct wn_err *err)
{
    const struct lm_keying g = lm_keying_of(it->packing, it->count_bits, it->order - 1, 0);
    enum wn_status st = reserve_table(b, contexts->n, err);

    if (st == WN_OK)
        st = reserve_sums(b, contexts->n, drops, err);
    if (st == WN_OK && !it->store.view && !b->chunk) {
        b->chunk = malloc(CHUNK_ITEMS * sizeof(*b->chunk));
        st = b->chunk ? WN_OK : no_memory(CHUNK_ITEMS, err);
    }
    if (st != WN_OK)
        return st;
    *again = !enter_all(b, &g, part, contexts, it->seed[to]);
    if (*again)
        return WN_OK;
    st = go_over(it, to, NULL, b, err);
    for (uint32_t i = 0; i < contexts->n; i++)
        b->weight[i] = (struct lm_weight){ (float)b->sum[i].all, lm_gamma(&b->sum[i], drops ? b->dropped[i] : 0, d) };
    return st == WN_OK ? go_over(it, to, d, b, err) : st;
}
