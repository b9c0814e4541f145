/*
 * lm_scan.c - find the n-grams of an order among sorted N-grams.
 */
#include "lm/lm_scan.h"

#include <stdlib.h>

void lm_fields_set(struct lm_fields *f, const struct lm_packing *p)
{
    f->mask = (UINT64_C(1) << p->bits) - 1;
    for (unsigned i = 0; i < p->order; i++) {
        f->number[i] = (uint8_t)(i / p->per);
        f->shift[i] = (uint8_t)(64 - p->bits * (i % p->per + 1));
    }
}

/* by[i]: I / bits, without a division. */
static void fill_fields(const struct lm_packing *p, uint8_t by[64])
{
    for (unsigned i = 0; i < 64; i++)
        by[i] = (uint8_t)(i / p->bits);
}

static inline unsigned words_of(const uint64_t *key, unsigned stride, unsigned per, const uint8_t *by)
{
    unsigned j = stride - 1;

    while (j > 0 && key[j] == 0)
        j--;
    return j * per + by[63 - __builtin_ctzll(key[j])] + 1;
}

static inline unsigned shared_words(const uint64_t *a, const uint64_t *b, unsigned per, const uint8_t *by)
{
    unsigned j = 0;

    while (a[j] == b[j])
        j++;
    return j * per + by[__builtin_clzll(a[j] ^ b[j])];
}

static inline void cut_all(const uint64_t *key, size_t n, unsigned stride, unsigned per, const uint8_t *by,
                           uint8_t *cut)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t *at = key + i * stride;
        unsigned shared = i ? shared_words(at - stride, at, per, by) : 0;

        cut[i] = (uint8_t)(shared | words_of(at, stride, per, by) << 4);
    }
}

void lm_cuts(const struct lm_packing *p, const struct lm_run *run, uint8_t *cut)
{
    uint8_t by[64];

    fill_fields(p, by);
    switch (p->stride) {             /* constants let the compiler unroll */
    case 1:
        cut_all(run->key, run->n, 1, p->per, by, cut);
        break;
    case 2:
        cut_all(run->key, run->n, 2, p->per, by, cut);
        break;
    default:
        cut_all(run->key, run->n, p->stride, p->per, by, cut);
    }
}

void lm_nodes_release(struct lm_nodes *nodes)
{
    free(nodes->at);
    free(nodes->child);
    free(nodes->value);
    *nodes = (struct lm_nodes){ 0 };
}

static enum wn_status reserve(struct lm_nodes *nodes, size_t n, struct wn_err *err)
{
    if (nodes->at && n <= nodes->cap)      /* a part may be empty; its arrays are not */
        return WN_OK;
    if (n > UINT32_MAX - 1)
        return wn_fail(err, WN_LIMIT, "cannot estimate from more than %u n-grams in one part", UINT32_MAX - 1);
    lm_nodes_release(nodes);
    nodes->at = malloc((n + 1) * sizeof(*nodes->at));
    nodes->child = malloc((n + 1) * sizeof(*nodes->child));
    nodes->value = malloc((n + 1) * sizeof(*nodes->value));
    if (!nodes->at || !nodes->child || !nodes->value)
        return wn_fail(err, WN_NOMEM, "cannot estimate from %zu n-grams: out of memory", n);
    nodes->cap = n;
    return WN_OK;
}

enum wn_status lm_nodes_find(struct lm_nodes *nodes, const struct lm_part *part, unsigned k, struct wn_err *err)
{
    enum wn_status st = reserve(nodes, part->run.n, err);
    uint32_t n = 0, children = 0, *at = nodes->at, *child = nodes->child;
    uint8_t begins[256], extends[256];

    if (st != WN_OK)
        return st;
    for (unsigned c = 0; c < 256; c++) {
        begins[c] = (c & 15) < k && c >> 4 >= k;
        extends[c] = (c & 15) <= k && c >> 4 > k;
    }
    /* What is written for an N-gram that begins no node is written over by the next. */
    for (uint32_t i = 0; i < part->run.n; i++) {
        uint8_t c = part->cut[i];

        at[n] = i;
        child[n] = children;
        n += begins[c];
        children += extends[c];
    }
    at[n] = (uint32_t)part->run.n;
    child[n] = children;
    nodes->n = n;
    return WN_OK;
}

uint64_t lm_nodes_raw(const struct lm_nodes *nodes, const struct lm_part *part, unsigned k, uint32_t i)
{
    uint64_t sum = 0;

    /* Shorter N-grams at the range's end belong to what comes next. */
    for (uint32_t r = nodes->at[i]; r < nodes->at[i + 1] && part->cut[r] >> 4 >= k; r++)
        sum += part->run.count[r];
    return sum;
}

static bool words_allowed(const struct lm_part *part, uint32_t at, unsigned k, const bool *allowed)
{
    for (unsigned i = 0; i < k; i++) {
        if (!allowed[lm_field(part->fields, lm_part_key(part, at), i)])
            return false;
    }
    return true;
}

/* Distinct words to the left; how often it occurs, where there can be none. */
static inline uint64_t adjusted(const struct lm_nodes *nodes, const struct lm_part *part, uint32_t i)
{
    uint32_t left = nodes->child[i + 1] - nodes->child[i];

    return left ? left : part->run.count[nodes->at[i]];
}

void lm_nodes_value(struct lm_nodes *nodes, const struct lm_part *part, unsigned k, const struct lm_rules *rules,
                    const bool *allowed)
{
    const bool top = k == part->packing->order, ml = rules->smoothing == WN_SMOOTH_ML;
    const uint64_t prune = rules->prune[k];

    if (!allowed && prune == 0 && top) {
        for (uint32_t i = 0; i < nodes->n; i++)
            nodes->value[i] = part->run.count[nodes->at[i]] << 1 | 1;
        return;
    }
    if (!allowed && prune == 0 && !ml) {
        for (uint32_t i = 0; i < nodes->n; i++)
            nodes->value[i] = adjusted(nodes, part, i) << 1 | 1;
        return;
    }
    for (uint32_t i = 0; i < nodes->n; i++) {
        uint64_t raw = lm_nodes_raw(nodes, part, k, i);
        bool kept = raw > prune && (!allowed || words_allowed(part, nodes->at[i], k, allowed));

        nodes->value[i] = (ml || top ? raw : adjusted(nodes, part, i)) << 1 | kept;
    }
}
