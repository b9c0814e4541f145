/*
 * lm_ranks.c - sorted continuations, made on demand.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_ranks.h"

/* A list: 8 bytes of word and p, 16 of sums; a context has two. */
#define WORD_BYTES ((size_t)2 * 24)
#define CONTEXT_BYTES (sizeof(struct entry) + WN_LM_MAX_ORDER * sizeof(struct ranks_link) + 2 * 16 + 12 * 8)

enum { SHORT_SORT = 48 };

struct entry {
    uint64_t key;
    bool planned;
    struct ranks own, low;
    struct ranks_plan plan;
};

struct ranks_cache {
    char *pool;
    size_t used, size;
    struct entry **slot;         /* open addressing, a power of two */
    size_t n_slots, n_entries;
    struct wn_sample_opts opts;  /* what the plans and masses are for */
    uint64_t *sort[2];           /* scratch of the longest list      */
};

/* ---- memory ----------------------------------------------------------------------------- */

static size_t chain_bytes(const struct wn_sampler *s)
{
    size_t bytes = 0;

    for (unsigned k = 1; k <= s->lm->head.order; k++)
        bytes += CONTEXT_BYTES + s->most[k] * WORD_BYTES;
    return bytes;
}

/* Of all contexts, each with and without </s>. */
static size_t model_bytes(const struct wn_sampler *s)
{
    size_t bytes = CONTEXT_BYTES + s->lm->level[1].n * WORD_BYTES;

    for (unsigned k = 2; k <= s->lm->head.order; k++)
        bytes += s->lm->level[k - 1].n * CONTEXT_BYTES + s->lm->level[k].n * WORD_BYTES;
    return 2 * bytes;
}

struct ranks_cache *ranks_cache_new(const struct wn_sampler *s, size_t most_bytes)
{
    struct ranks_cache *c = calloc(1, sizeof(*c));
    size_t chain = chain_bytes(s), most = 1;

    if (!c)
        return NULL;
    for (unsigned k = 1; k <= s->lm->head.order; k++)
        most = s->most[k] > most ? s->most[k] : most;
    c->size = model_bytes(s) < most_bytes ? model_bytes(s) : most_bytes;
    c->size = c->size > chain ? c->size : chain;
    c->n_slots = 64;
    while (c->n_slots < 2 * (c->size / sizeof(struct entry) + 1))
        c->n_slots *= 2;
    /* Large blocks cost nothing until they are touched. */
    c->pool = malloc(c->size);
    c->slot = calloc(c->n_slots, sizeof(*c->slot));
    c->sort[0] = malloc(most * sizeof(uint64_t));
    c->sort[1] = malloc(most * sizeof(uint64_t));
    if (!c->pool || !c->slot || !c->sort[0] || !c->sort[1]) {
        ranks_cache_free(c);
        return NULL;
    }
    return c;
}

void ranks_cache_free(struct ranks_cache *c)
{
    if (!c)
        return;
    free(c->pool);
    free(c->slot);
    free(c->sort[0]);
    free(c->sort[1]);
    free(c);
}

static void empty(struct ranks_cache *c)
{
    if (c->n_entries > 0)
        memset(c->slot, 0, c->n_slots * sizeof(*c->slot));
    c->n_entries = 0;
    c->used = 0;
}

/* Every size here was added up beforehand: there is room. */
static void *take(struct ranks_cache *c, size_t bytes)
{
    void *at = c->pool + c->used;

    c->used += (bytes + 7) & ~(size_t)7;
    return at;
}

/* ---- sorting -------------------------------------------------------------------------------- */

/* Ascending in this is descending in p; p <= 1, and -0 counts as 0. */
static uint32_t order_of(float log10_p)
{
    float f = fminf(log10_p, 0.0f) + 0.0f;
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

static float order_back(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

static void sort_short(uint64_t *v, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint64_t held = v[i];
        uint32_t j = i;

        for (; j > 0 && v[j - 1] > held; j--)
            v[j] = v[j - 1];
        v[j] = held;
    }
}

/* By the upper half, a byte at a time; ids ascend already and stay so. */
static void sort_long(uint64_t *v, uint64_t *other, uint32_t n)
{
    for (unsigned shift = 32; shift < 64; shift += 8) {
        uint32_t place[256] = { 0 }, sum = 0;
        uint64_t *held = v;

        for (uint32_t i = 0; i < n; i++)
            place[v[i] >> shift & 255]++;
        for (unsigned b = 0; b < 256; b++) {
            uint32_t k = place[b];

            place[b] = sum;
            sum += k;
        }
        for (uint32_t i = 0; i < n; i++)
            other[place[v[i] >> shift & 255]++] = v[i];
        v = other;
        other = held;
    }
}

/* ---- lists ------------------------------------------------------------------------------------ */

/* Sorts N keys in c->sort[0] into R.  UNIT: of the masses; NAN: the highest. */
static void make_list(struct ranks_cache *c, struct ranks *r, uint32_t n, double unit)
{
    double temperature = sampler_temperature(&c->opts), mass = 0.0, moment = 0.0;

    if (n <= SHORT_SORT)
        sort_short(c->sort[0], n);
    else
        sort_long(c->sort[0], c->sort[1], n);
    r->n = n;
    r->id = take(c, n * sizeof(*r->id));
    r->log10_p = take(c, n * sizeof(*r->log10_p));
    r->mass = take(c, (n + (size_t)1) * sizeof(*r->mass));
    r->moment = take(c, (n + (size_t)1) * sizeof(*r->moment));
    r->unit = !isnan(unit) ? unit : n > 0 ? (double)order_back((uint32_t)(c->sort[0][0] >> 32)) : 0.0;
    for (uint32_t i = 0; i < n; i++) {
        double log10_p = (double)order_back((uint32_t)(c->sort[0][i] >> 32)), weight;

        r->id[i] = (uint32_t)c->sort[0][i];
        r->log10_p[i] = (float)log10_p;
        r->mass[i] = mass;
        r->moment[i] = moment;
        weight = log10_p > (double)LM_LOG_ZERO ? lm_pow10((log10_p - r->unit) / temperature) : 0.0;
        mass += weight;
        moment += weight * log10_p;
    }
    r->mass[n] = mass;
    r->moment[n] = moment;
}

static bool may_come(uint32_t word, bool no_end)
{
    return word > WN_LM_BOS && !(word == WN_LM_EOS && no_end);
}

static void list_words(struct ranks_cache *c, struct entry *e, const struct wn_sampler *s, bool no_end)
{
    const struct lm_table *t = &s->lm->level[1];
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n; i++) {
        if (may_come(i, no_end))
            c->sort[0][n++] = (uint64_t)order_of(t->prob[i]) << 32 | i;
    }
    make_list(c, &e->own, n, (double)NAN);
}

/* BELOW: the entry of the context without its first word. */
static void list_context(struct ranks_cache *c, struct entry *e, const struct wn_sampler *s, struct lm_state at,
                         bool no_end, const struct entry *below)
{
    const struct lm_table *t = &s->lm->level[at.length + 1], *lower = &s->lm->level[at.length];
    const uint32_t *child = lower->child;
    uint32_t from = child[at.node], to = child[at.node + 1], n = 0;

    for (uint32_t i = from; i < to; i++) {
        if (may_come(t->word[i], no_end))
            c->sort[0][n++] = (uint64_t)order_of(t->prob[i]) << 32 | t->word[i];
    }
    make_list(c, &e->own, n, (double)NAN);
    n = 0;
    for (uint32_t i = from; i < to; i++) {
        if (may_come(t->word[i], no_end))
            c->sort[0][n++] = (uint64_t)order_of(lower->prob[at.length == 1 ? t->word[i] : t->suffix[i]]) << 32 |
                              t->word[i];
    }
    make_list(c, &e->low, n, below->own.unit);
}

/* ---- the cache --------------------------------------------------------------------------------- */

static struct entry **find_slot(struct ranks_cache *c, uint64_t key)
{
    size_t i = (key * 0x9e3779b97f4a7c15u) >> 32 & (c->n_slots - 1);

    while (c->slot[i] && c->slot[i]->key != key)
        i = (i + 1) & (c->n_slots - 1);
    return &c->slot[i];
}

static uint64_t key_of(struct lm_state at, bool no_end)
{
    return (uint64_t)at.node << 8 | at.length << 1 | no_end;
}

static struct entry *get(struct ranks_cache *c, const struct wn_sampler *s, struct lm_state at, bool no_end)
{
    struct entry **slot = find_slot(c, key_of(at, no_end)), *e;

    if (*slot)
        return *slot;
    if (at.length == 0) {
        e = take(c, sizeof(*e));
        *e = (struct entry){ .key = key_of(at, no_end) };
        list_words(c, e, s, no_end);
    } else {
        const struct entry *below = get(c, s, lm_shorter(s->lm, at), no_end);

        e = take(c, sizeof(*e));
        *e = (struct entry){ .key = key_of(at, no_end) };
        list_context(c, e, s, at, no_end, below);
    }
    slot = find_slot(c, key_of(at, no_end));    /* the shorter ones may have taken that place */
    *slot = e;
    c->n_entries++;
    return e;
}

/* Room that the chain from AT needs at most. */
static size_t room_for(const struct wn_sampler *s, struct lm_state at)
{
    size_t bytes = CONTEXT_BYTES + s->lm->level[1].n * WORD_BYTES;

    for (; at.length > 0; at = lm_shorter(s->lm, at)) {
        const uint32_t *child = s->lm->level[at.length].child + at.node;

        bytes += CONTEXT_BYTES + (child[1] - child[0]) * WORD_BYTES;
    }
    return bytes;
}

static bool same_rules(const struct wn_sample_opts *a, const struct wn_sample_opts *b)
{
    return a->temperature == b->temperature && a->top_k == b->top_k && a->top_p == b->top_p &&
           a->min_p == b->min_p && a->typical == b->typical;
}

/* Sets the units of the links: the likeliest word of any has a mass of about 1. */
static void set_scales(struct ranks_plan *plan, double temperature)
{
    double unit = -(double)INFINITY;

    for (unsigned i = 0; i < plan->n; i++)
        unit = fmax(unit, plan->link[i].off + plan->link[i].own->unit);
    for (unsigned i = 0; i < plan->n; i++)
        plan->link[i].scale = lm_pow10((plan->link[i].off + plan->link[i].own->unit - unit) / temperature);
}

static void link_chain(struct ranks_cache *c, const struct wn_sampler *s, struct lm_state at, bool no_end,
                       struct ranks_plan *plan)
{
    const struct ranks *low = NULL;
    struct lm_state cover = at;
    double off = 0.0;

    plan->n = 0;
    plan->at = at;
    plan->link = take(c, (at.length + 1) * sizeof(*plan->link));
    for (;; at = lm_shorter(s->lm, at)) {
        struct entry *e = get(c, s, at, no_end);

        if (e->own.n > 0) {
            plan->link[plan->n++] = (struct ranks_link){ .own = &e->own, .low = low, .cover = cover, .off = off };
            low = &e->low;
            cover = at;
        }
        if (at.length == 0)
            break;
        off += (double)s->lm->level[at.length].backoff[at.node];
        if (off <= (double)LM_LOG_ZERO)          /* never backs off */
            break;
    }
    set_scales(plan, sampler_temperature(&c->opts));
}

const struct ranks_plan *ranks_plan(struct ranks_cache *c, const struct wn_sampler *s,
                                    const struct wn_sample_opts *opts, struct lm_state at, bool no_end)
{
    if (!same_rules(&c->opts, opts)) {
        empty(c);
        c->opts = *opts;
        c->opts.bias = NULL;
    }
    for (;;) {
        struct entry **slot = find_slot(c, key_of(at, no_end)), *e = *slot;

        if (!e || !e->planned) {
            if (c->used + room_for(s, at) > c->size)
                empty(c);
            e = get(c, s, at, no_end);
            link_chain(c, s, at, no_end, &e->plan);
            ranks_cut(&e->plan, opts, s->lm->level[1].n);
            e->planned = true;
        }
        if (e->plan.share > 0.0 || at.length == 0)
            return &e->plan;
        at = lm_shorter(s->lm, at);
    }
}
