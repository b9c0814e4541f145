#include "mix/mix_order.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/rng.h>

/* Below this many entries a plain sort beats clearing the buckets. */
enum { BUCKETS = MIX_CLASSES * 256, SMALL = 2048 };

static int cmp_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int cmp_key(const struct wn_mix_item *a, const struct wn_mix_item *b)
{
    int c = cmp_u64(a->key.hi, b->key.hi);

    return c ? c : cmp_u64(a->key.lo, b->key.lo);
}

uint64_t mix_order_draw(const struct wn_policy *p, const struct wn_mix_item *it)
{
    return wn_keyed_u64(p->seed, WN_DOMAIN_SELECT, it->key.hi, it->key.lo, 0);
}

/* wn_keyed_u64 enciphers (key.hi, key.lo) under a key that is the first half of the block
 * (0, domain) under the seed: tests/unit/test_mix_order.c holds the two to each other. */
struct mix_draws mix_draws_of(const struct wn_policy *p)
{
    const uint32_t counter[4] = { 0, 0, WN_DOMAIN_SELECT, 0 };
    const uint32_t seed[2] = { (uint32_t)p->seed, (uint32_t)(p->seed >> 32) };
    uint32_t block[4];

    wn_philox4x32(counter, seed, block);
    return (struct mix_draws){ { block[0], block[1] } };
}

uint64_t mix_draw(const struct mix_draws *d, const struct wn_mix_item *it)
{
    const uint32_t counter[4] = { (uint32_t)it->key.hi, (uint32_t)(it->key.hi >> 32), (uint32_t)it->key.lo,
                                  (uint32_t)(it->key.lo >> 32) };
    uint32_t block[4];

    wn_philox4x32(counter, d->key, block);
    return block[0] | (uint64_t)block[1] << 32;
}

/* Not measured stands behind every confidence. */
static int cmp_confidence(float a, float b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return (a > b) - (a < b);
}

/* The fields behind the key decide between documents that share it; the index decides
 * only between items that nothing tells apart. */
static int cmp_tied(const struct mix_entry *a, const struct mix_entry *b, const struct wn_mix_item *items)
{
    const struct wn_mix_item *x = &items[mix_entry_index(a)], *y = &items[mix_entry_index(b)];
    int c = cmp_key(x, y);

    if (!c)
        c = cmp_u64(x->generation, y->generation);
    if (!c)
        c = cmp_u64(x->origin, y->origin);
    if (!c)
        c = cmp_u64(x->verdict, y->verdict);
    if (!c)
        c = cmp_u64(x->n_tokens, y->n_tokens);
    if (!c)
        c = cmp_confidence(x->p_synthetic, y->p_synthetic);
    return c ? c : cmp_u64(mix_entry_index(a), mix_entry_index(b));
}

int mix_entry_cmp(const struct mix_entry *a, const struct mix_entry *b, const struct wn_mix_item *items)
{
    return a->draw != b->draw ? cmp_u64(a->draw, b->draw) : cmp_tied(a, b, items);
}

static unsigned class_of(const struct mix_entry *e)
{
    return (unsigned)(e->where >> 56);
}

static int cmp_for_qsort(const void *a, const void *b, void *items)
{
    const struct mix_entry *x = a, *y = b;

    return class_of(x) != class_of(y) ? cmp_u64(class_of(x), class_of(y)) : mix_entry_cmp(x, y, items);
}

static void sort_range(struct mix_entry *e, size_t n, const struct wn_mix_item *items)
{
    if (n > 1)
        qsort_r(e, n, sizeof(*e), cmp_for_qsort, (void *)items);
}

static unsigned bucket_of(const struct mix_entry *e)
{
    return class_of(e) * 256 + (unsigned)(e->draw >> 56);
}

/* Swaps every entry into the bucket of its class and leading byte (McIlroy, Bostic and
 * McIlroy, "Engineering radix sort", 1993), so that the sort proper works on pieces that
 * fit a cache and its scratch space is a 256th. */
static void spread(struct mix_entry *e, size_t n, size_t end[BUCKETS])
{
    size_t next[BUCKETS], from = 0;

    memset(end, 0, BUCKETS * sizeof(end[0]));
    for (size_t i = 0; i < n; i++)
        end[bucket_of(&e[i])]++;
    for (unsigned b = 0; b < BUCKETS; b++) {
        next[b] = from;
        from += end[b];
        end[b] = from;
    }
    for (unsigned b = 0; b < BUCKETS; b++)
        while (next[b] < end[b]) {
            struct mix_entry x = e[next[b]];

            for (unsigned to = bucket_of(&x); to != b; to = bucket_of(&x)) {
                struct mix_entry y = e[next[to]];

                e[next[to]++] = x;
                x = y;
            }
            e[next[b]++] = x;
        }
}

void mix_order_sort(struct mix_entry *e, size_t n, const struct wn_mix_item *items)
{
    size_t end[BUCKETS], from = 0;

    if (n < SMALL) {
        sort_range(e, n, items);
        return;
    }
    spread(e, n, end);
    for (unsigned b = 0; b < BUCKETS; from = end[b++])
        sort_range(e + from, end[b] - from, items);
}

/* ---- a cut without a sort ------------------------------------------------------------------- */

enum { MOST_CUT_BITS = 10 };

/* Leading bits of a draw, so that a bucket holds about two. */
static unsigned cut_bits(size_t n)
{
    unsigned bits = 1;

    while (bits < MOST_CUT_BITS && n >> (bits + 2))
        bits++;
    return bits;
}

/* Draws are uniform: leading bits find the few entries among which the cut falls, and only
 * these are put in order. */
void mix_order_cut(struct mix_entry *e, size_t n, size_t keep, struct wn_mix_item *items, enum wn_fate fate)
{
    unsigned shift = 64 - cut_bits(n);
    size_t count[1 << MOST_CUT_BITS], before = 0, middle = 0;
    uint64_t at = 0;

    if (keep >= n)
        return;
    memset(count, 0, sizeof(count[0]) << (64 - shift));
    for (size_t i = 0; i < n; i++)
        count[e[i].draw >> shift]++;
    while (before + count[at] <= keep)
        before += count[at++];
    for (size_t i = 0; i < n; i++) {
        struct mix_entry x = e[i];
        uint8_t *out = &items[mix_entry_index(&x)].fate;

        *out = x.draw >> shift > at ? (uint8_t)fate : *out;
        e[middle] = x;
        middle += x.draw >> shift == at;
    }
    sort_range(e, middle, items);
    for (size_t i = keep - before; i < middle; i++)
        items[mix_entry_index(&e[i])].fate = (uint8_t)fate;
}

/* ---- keys that occur twice ------------------------------------------------------------------- */

/* Equal keys have equal draws, but may stand in different classes: the classes are merged. */
uint64_t mix_order_duplicates(const struct mix_entry *e, const size_t begin[MIX_CLASSES + 1],
                              const struct wn_mix_item *items)
{
    const struct mix_entry *last = NULL;
    size_t at[MIX_CLASSES];
    uint64_t n = 0;

    memcpy(at, begin, sizeof(at));
    for (;;) {
        const struct mix_entry *least = NULL;
        unsigned from = 0;

        for (unsigned c = 0; c < MIX_CLASSES; c++)
            if (at[c] < begin[c + 1] && (!least || mix_entry_cmp(&e[at[c]], least, items) < 0)) {
                least = &e[at[c]];
                from = c;
            }
        if (!least)
            return n;
        at[from]++;
        n += last && last->draw == least->draw &&
             !cmp_key(&items[mix_entry_index(last)], &items[mix_entry_index(least)]);
        last = least;
    }
}

/* The keys take the place of the draws. */
uint64_t mix_order_shared_keys(struct mix_entry *room, size_t n, const struct wn_mix_item *items)
{
    const size_t one_class[MIX_CLASSES + 1] = { 0, n, n, n, n, n };

    for (size_t i = 0; i < n; i++)
        room[i] = mix_entry(items[i].key.hi, MIX_REAL_PLAIN, i);
    mix_order_sort(room, n, items);
    return mix_order_duplicates(room, one_class, items);
}
