#include <winnow/watermark.h>
#include <winnow/tails.h>

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "detect/torch_rng.h"

/*
 * Lists are bitmaps, one a previous id.
 *
 *     kept[0..V)   filled once, published by compare-and-swap, never dropped
 *                  until together they reach KEPT_MAX_BYTES
 *     spill[0..S)  after that: small sets of lists under a lock, least recently
 *                  used first out
 *
 * A list is a pure function of (key, previous id), so which of the two holds it
 * changes speed only.  Short of memory, one id is looked up without a list.
 */
#define KEPT_MAX_BYTES  ((uint64_t)256 << 20)
#define SPILL_MAX_BYTES ((uint64_t)32 << 20)

enum { SPILL_SETS = 64, SPILL_WAYS = 4 };

struct way {
    uint8_t *bits;      /* NULL: not in use */
    uint32_t previous;
    uint64_t used;      /* the set's clock when it was last asked */
};

struct spill {
    pthread_mutex_t lock;
    uint64_t clock;
    struct way way[SPILL_WAYS];
};

struct wn_kgw {
    uint64_t key;
    double gamma, delta_nats;
    uint32_t vocab, green;          /* green = int(gamma V): the length of a list */
    size_t list_bytes;
    _Atomic(uint8_t *) *kept;
    atomic_uint_fast64_t kept_bytes;
    struct spill spill[SPILL_SETS];
    unsigned n_spill;
};

enum wn_status wn_kgw_new(struct wn_kgw **out, const struct wn_kgw_opts *opts, struct wn_err *err)
{
    double gamma = opts->gamma == 0 ? 0.25 : opts->gamma;
    double delta = opts->delta_nats == 0 ? 2 : opts->delta_nats;
    uint64_t sets;
    struct wn_kgw *k;

    *out = NULL;
    if (!(gamma > 0 && gamma < 1))
        return wn_fail(err, WN_BADCONF, "watermark: gamma must lie between 0 and 1, not %g", gamma);
    if (!(delta > 0 && delta < INFINITY))
        return wn_fail(err, WN_BADCONF, "watermark: delta must be positive, not %g", delta);
    if (opts->vocab_size < 2 || opts->vocab_size > WN_RANDPERM_MAX)
        return wn_fail(err, WN_BADCONF, "watermark: the vocabulary must have 2 to %d ids, not %lu", WN_RANDPERM_MAX,
                       (unsigned long)opts->vocab_size);
    k = calloc(1, sizeof(*k));
    if (!k)
        return wn_fail(err, WN_NOMEM, "watermark: out of memory");
    k->key = opts->key ? opts->key : 15485863;
    k->gamma = gamma;
    k->delta_nats = delta;
    k->vocab = opts->vocab_size;
    k->green = (uint32_t)(k->vocab * gamma);
    k->list_bytes = ((size_t)k->vocab + 7) / 8;
    sets = SPILL_MAX_BYTES / (SPILL_WAYS * (uint64_t)k->list_bytes);
    sets = sets < 1 ? 1 : sets > SPILL_SETS ? SPILL_SETS : sets;
    for (; k->n_spill < sets; k->n_spill++)
        pthread_mutex_init(&k->spill[k->n_spill].lock, NULL);
    k->kept = calloc(k->vocab, sizeof(*k->kept));
    if (!k->kept) {
        wn_kgw_free(k);
        return wn_fail(err, WN_NOMEM, "watermark: out of memory");
    }
    *out = k;
    return WN_OK;
}

void wn_kgw_free(struct wn_kgw *k)
{
    if (!k)
        return;
    for (uint32_t i = 0; k->kept && i < k->vocab; i++)
        free(atomic_load_explicit(&k->kept[i], memory_order_relaxed));
    free((void *)k->kept);
    for (unsigned s = 0; s < k->n_spill; s++) {
        for (int w = 0; w < SPILL_WAYS; w++)
            free(k->spill[s].way[w].bits);
        pthread_mutex_destroy(&k->spill[s].lock);
    }
    free(k);
}

/* (key * previous) mod (2^64 - 1), as unbounded integers: 2^64 = 1 there. */
static uint64_t seed_of(const struct wn_kgw *k, uint32_t previous)
{
    unsigned __int128 x = (unsigned __int128)k->key * previous;

    return (uint64_t)(x % UINT64_MAX);
}

static bool has_bit(const uint8_t *bits, uint32_t id)
{
    return bits[id >> 3] >> (id & 7) & 1;
}

/* Fills BITS; false when memory for the shuffle is short. */
static bool fill_list(const struct wn_kgw *k, uint32_t previous, uint8_t *bits)
{
    uint32_t *perm = malloc(k->vocab * sizeof(*perm));

    if (!perm)
        return false;
    wn_torch_randperm(seed_of(k, previous), k->vocab, k->green, perm);
    memset(bits, 0, k->list_bytes);
    for (uint32_t i = 0; i < k->green; i++)
        bits[perm[i] >> 3] |= (uint8_t)(1u << (perm[i] & 7));
    free(perm);
    return true;
}

/* The kept list, made when there is none yet; NULL at the ceiling or out of memory. */
static const uint8_t *kept_list(struct wn_kgw *k, uint32_t previous)
{
    uint8_t *bits = atomic_load_explicit(&k->kept[previous], memory_order_acquire), *other = NULL;

    if (bits)
        return bits;
    if (atomic_load_explicit(&k->kept_bytes, memory_order_relaxed) + k->list_bytes > KEPT_MAX_BYTES)
        return NULL;
    bits = malloc(k->list_bytes);
    if (!bits || !fill_list(k, previous, bits)) {
        free(bits);
        return NULL;
    }
    if (!atomic_compare_exchange_strong_explicit(&k->kept[previous], &other, bits, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        free(bits);     /* another thread made the same list meanwhile */
        return other;
    }
    atomic_fetch_add_explicit(&k->kept_bytes, k->list_bytes, memory_order_relaxed);
    return bits;
}

static struct way *find_way(struct spill *s, uint32_t previous)
{
    struct way *oldest = &s->way[0];

    for (int w = 0; w < SPILL_WAYS; w++) {
        if (s->way[w].bits && s->way[w].previous == previous)
            return &s->way[w];
        if (!s->way[w].bits || s->way[w].used < oldest->used)
            oldest = &s->way[w];
    }
    return oldest;
}

/* Looks ID up in a spilled list, which the lock keeps in place meanwhile. */
static bool spilled_green(struct wn_kgw *k, uint32_t previous, uint32_t id)
{
    struct spill *s = &k->spill[previous % k->n_spill];
    struct way *w;
    bool ready, green = false;

    pthread_mutex_lock(&s->lock);
    w = find_way(s, previous);
    ready = w->bits && w->previous == previous;
    if (!ready) {
        if (!w->bits)
            w->bits = malloc(k->list_bytes);
        ready = w->bits && fill_list(k, previous, w->bits);
        if (!ready) {
            free(w->bits);
            w->bits = NULL;
        }
        w->previous = previous;
    }
    if (ready) {
        w->used = ++s->clock;
        green = has_bit(w->bits, id);
    }
    pthread_mutex_unlock(&s->lock);
    return ready ? green : wn_torch_randperm_has(seed_of(k, previous), k->vocab, k->green, id);
}

bool wn_kgw_green(struct wn_kgw *k, uint32_t previous_id, uint32_t id)
{
    const uint8_t *bits;

    if (id >= k->vocab)
        return false;
    bits = previous_id < k->vocab ? kept_list(k, previous_id) : NULL;
    return bits ? has_bit(bits, id) : spilled_green(k, previous_id, id);
}

static bool boosted(void *arg, uint32_t previous_id, uint32_t word_id)
{
    return wn_kgw_green(arg, previous_id, word_id);
}

struct wn_lm_bias wn_kgw_bias(struct wn_kgw *k)
{
    struct wn_lm_bias b = { boosted, k, k->delta_nats };

    return b;
}

/* Bigrams seen so far; open addressing, at most half full.  A bigram is kept plus
 * one, so that 0 is an empty slot: (2^32-1, 2^32-1) would wrap, hence USED. */
struct bigrams {
    uint64_t *slot;
    uint64_t mask, salt;
    bool has_last;
};

static enum wn_status bigrams_init(struct bigrams *b, size_t n, uint64_t salt, struct wn_err *err)
{
    uint64_t size = 16;

    while (size < 2 * (uint64_t)n)
        size *= 2;
    b->slot = calloc(size, sizeof(*b->slot));
    b->mask = size - 1;
    b->salt = salt;
    b->has_last = false;
    return b->slot ? WN_OK : wn_fail(err, WN_NOMEM, "watermark: out of memory for %zu tokens", n);
}

/* The mixing of MurmurHash3's 64-bit end; the key as salt keeps a text from being
 * written so that all of its bigrams meet in one slot. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

/* True when the bigram is new. */
static bool bigrams_add(struct bigrams *b, uint32_t previous, uint32_t id)
{
    uint64_t stored = ((uint64_t)previous << 32 | id) + 1, i;

    if (stored == 0) {
        bool is_new = !b->has_last;

        b->has_last = true;
        return is_new;
    }
    for (i = mix(stored ^ b->salt) & b->mask; b->slot[i]; i = (i + 1) & b->mask)
        if (b->slot[i] == stored)
            return false;
    b->slot[i] = stored;
    return true;
}

enum wn_status wn_kgw_detect(struct wn_kgw *k, const uint32_t *ids, size_t n, uint32_t skip_id,
                             struct wn_kgw_result *out, struct wn_err *err)
{
    struct wn_kgw_result r = { 0 };
    struct bigrams seen;
    enum wn_status st;
    double expected;

    st = bigrams_init(&seen, n, mix(k->key), err);
    if (st != WN_OK)
        return st;
    for (size_t i = 1; i < n; i++) {
        if (skip_id != UINT32_MAX && (ids[i - 1] == skip_id || ids[i] == skip_id))
            continue;
        r.n_bigrams++;
        if (!bigrams_add(&seen, ids[i - 1], ids[i]))
            continue;
        r.n_scored++;
        r.n_green += wn_kgw_green(k, ids[i - 1], ids[i]);
    }
    free(seen.slot);
    if (r.n_scored) {
        expected = k->gamma * (double)r.n_scored;
        r.z = ((double)r.n_green - expected) / sqrt(expected * (1 - k->gamma));
        r.log10_p = wn_log_binomial_sf(r.n_green, r.n_scored, k->gamma) / M_LN10;
    }
    *out = r;
    return WN_OK;
}
