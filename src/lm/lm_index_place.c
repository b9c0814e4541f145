/*
 * lm_index_place.c - n-grams move from suffix order to their places in an index.
 *
 * An n-gram g = w1 .. wk comes with s, the rank of its suffix w2 .. wk.  Its context w1 ..
 * w(k-1) is the one among the left extensions of s's context that begins with w1; those
 * are neighbours in the order below, ascending by first word.  So one short binary search
 * finds it, without hashing and without the way from the root.  (Merging the two lists, or
 * searching on from the last place, was slower: most lists on one side have one n-gram.)
 *
 * Then n-grams move from suffix order to their places: first to one of some hundred
 * buckets by the place of the context, in sequential writes, then within their bucket,
 * whose part of the index stays in the cache.  Both steps are stable, so the continuations of
 * a context stay ascending by word.  Chunks and buckets go to threads as they are free.
 */
#include "lm/lm_index_place.h"

#include <stdlib.h>

#include <winnow/flow.h>

enum {
    CHUNK_NGRAMS = 1 << 16,      /* resolved and dealt out by one thread at a time     */
    BUCKET_NGRAMS = 1 << 16,     /* 16 bytes each in the index: about a cache of 1 MiB */
    MAX_BUCKETS = 512,           /* streams that are written at a time                 */
    SMALL_NGRAMS = 1 << 17,      /* up to here a cache holds all: no need of buckets   */
    GROUP = 32                   /* searches that go on together                       */
};

/* An n-gram on its way to its bucket. */
struct lm_mover {
    uint32_t context;            /* its place */
    uint32_t word, suffix, rank;
    float prob, backoff;
};

void lm_index_columns_release(struct lm_index_order *o)
{
    free(o->word);
    free(o->suffix);
    free(o->context_place);
    free(o->prob);
    free(o->backoff);
    o->word = o->suffix = o->context_place = NULL;
    o->prob = o->backoff = NULL;
}

static void ranked_release(struct lm_ranked *r)
{
    free(r->spot);
    free(r->context);
    free(r->left);
    *r = (struct lm_ranked){ 0 };
}

static void movers_release(struct lm_index_order *o)
{
    free(o->mover);
    free(o->start);
    o->mover = NULL;
    o->start = NULL;
}

void lm_index_order_release(struct lm_index_order *o)
{
    lm_index_columns_release(o);
    movers_release(o);
    ranked_release(&o->at);
    ranked_release(&o->below);
}

void lm_index_next(struct lm_index_order *o, unsigned k, uint32_t n)
{
    ranked_release(&o->below);
    o->below = o->at;
    o->at = (struct lm_ranked){ .n = n };
    o->order = k;
}

enum wn_status lm_index_refuse(unsigned k, uint64_t rank, struct wn_err *err, const char *what)
{
    return wn_fail(err, WN_BADDATA, "cannot build an index: n-gram %llu of order %u %s", (unsigned long long)rank + 1,
                   k, what);
}

enum wn_status lm_index_no_memory(size_t n, unsigned k, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot build an index of %zu n-grams of order %u: out of memory", n, k);
}

/* ---- one order, resolved ----------------------------------------------------------------- */

/* Sets where the left extensions of the suffixes after BEFORE (or from 0 on) up to S start. */
static void mark_left(uint32_t *left, bool has_before, uint32_t before, uint32_t s, uint32_t at)
{
    for (uint32_t i = has_before ? before + 1 : 0; i <= s; i++)
        left[i] = at;
}

/* Whether n-gram G is not behind the one before: by its suffix, then by its first word. */
static inline bool is_out_of_order(const struct lm_index_order *o, uint32_t g)
{
    uint32_t s = o->suffix[g], before = g > 0 ? o->suffix[g - 1] : 0;

    return g > 0 && (s < before || (s == before && o->at.spot[g].first <= o->at.spot[g - 1].first));
}

/* Bigrams: the context is the first word, the suffix the last. */
static enum wn_status resolve_pairs(struct lm_index_order *o, uint32_t from, uint32_t to, struct wn_err *err)
{
    uint32_t n_words = o->lm->level[1].n;

    for (uint32_t g = from; g < to; g++) {
        uint32_t first = o->at.spot[g].first, s = o->suffix[g];

        if (first >= n_words || s >= n_words || is_out_of_order(o, g))
            return lm_index_refuse(2, g, err, "is out of order");
        if (g == 0 || s != o->suffix[g - 1])
            mark_left(o->at.left, g > 0, g > 0 ? o->suffix[g - 1] : 0, s, g);
        o->context_place[g] = first;
        if (o->at.context)
            o->at.context[g] = first;
    }
    return WN_OK;
}

/* Some n-grams and where their contexts can be: below.spot[at .. at + n - 1]. */
struct group {
    uint32_t count;
    uint32_t at[GROUP], n[GROUP];
};

static enum wn_status open_group(struct lm_index_order *o, struct group *grp, uint32_t from, struct wn_err *err)
{
    for (uint32_t i = 0; i < grp->count; i++) {
        uint32_t g = from + i, s = o->suffix[g], c;

        if (s >= o->below.n || is_out_of_order(o, g))
            return lm_index_refuse(o->order, g, err, "is out of order");
        c = o->below.context[s];
        grp->at[i] = o->below.left[c];
        grp->n[i] = o->below.left[c + 1] - o->below.left[c];
        if (grp->n[i] == 0)
            return lm_index_refuse(o->order, g, err, "came without its context");
        if (g == 0 || s != o->suffix[g - 1])
            mark_left(o->at.left, g > 0, g > 0 ? o->suffix[g - 1] : 0, s, g);
    }
    return WN_OK;
}

/* All searches go on together, so that a processor waits for all their lines at once; those
 * that have come to their end (n = 1) stay there. */
static void search_group(const struct lm_index_order *o, struct group *grp, uint32_t from)
{
    const struct lm_spot *spot = o->below.spot;
    uint32_t longest = 1;

    for (uint32_t i = 0; i < grp->count; i++)
        longest = grp->n[i] > longest ? grp->n[i] : longest;
    for (; longest > 1; longest -= longest / 2) {
        for (uint32_t i = 0; i < grp->count; i++) {
            uint32_t half = grp->n[i] / 2;

            grp->at[i] += spot[grp->at[i] + half].first <= o->at.spot[from + i].first ? half : 0;
            grp->n[i] -= half;
        }
    }
}

static enum wn_status resolve_longer(struct lm_index_order *o, uint32_t from, uint32_t to, struct wn_err *err)
{
    struct group grp;

    for (; from < to; from += grp.count) {
        enum wn_status st;

        grp.count = to - from < GROUP ? to - from : GROUP;
        st = open_group(o, &grp, from, err);
        if (st != WN_OK)
            return st;
        search_group(o, &grp, from);
        for (uint32_t i = 0; i < grp.count; i++) {
            const struct lm_spot *spot = &o->below.spot[grp.at[i]];

            if (spot->first != o->at.spot[from + i].first)
                return lm_index_refuse(o->order, from + i, err, "came without its context");
            o->context_place[from + i] = spot->place;
            if (o->at.context)
                o->at.context[from + i] = grp.at[i];
        }
    }
    return WN_OK;
}

static uint32_t chunk_end(const struct lm_index_order *o, size_t chunk)
{
    uint64_t end = ((uint64_t)chunk + 1) * CHUNK_NGRAMS;

    return end < o->at.n ? (uint32_t)end : o->at.n;
}

static enum wn_status resolve_chunk(void *ctx, size_t chunk, struct wn_err *err)
{
    struct lm_index_order *o = ctx;
    uint32_t from = (uint32_t)chunk * CHUNK_NGRAMS, to = chunk_end(o, chunk);
    uint32_t *start = o->start + chunk * o->n_buckets;
    enum wn_status st = o->order == 2 ? resolve_pairs(o, from, to, err) : resolve_longer(o, from, to, err);

    for (uint32_t g = from; st == WN_OK && o->n_buckets > 1 && g < to; g++)
        start[o->context_place[g] >> o->shift]++;
    return st;
}

/* ---- and put in its place --------------------------------------------------------------- */

/* CHILD[c], counts, become where each context's range starts, the first at BASE. */
static void sum_children(uint32_t *child, uint32_t n, uint32_t base)
{
    for (uint32_t c = 0; c < n; c++) {
        uint32_t count = child[c];

        child[c] = base;
        base += count;
    }
}

/* CHILD[c] is where c's range ends, which is where the next one starts. */
static void shift_children(uint32_t *child, uint32_t n, uint32_t base)
{
    memmove(child + 1, child, (n - 1) * sizeof(*child));
    child[0] = base;
}

/* The arrays of the order at hand in the image; NULL: it has no such. */
struct columns {
    uint32_t *word, *suffix;
    float *prob, *backoff;
};

static struct columns columns_of(const struct lm_index_order *o)
{
    const struct lm_table *t = &o->lm->level[o->order];

    return (struct columns){ .word = lm_image_at(o->lm, t->word),
                             .suffix = t->suffix ? lm_image_at(o->lm, t->suffix) : NULL,
                             .prob = lm_image_at(o->lm, t->prob),
                             .backoff = t->backoff ? lm_image_at(o->lm, t->backoff) : NULL };
}

/* A small order, in one go. */
static void place_small(struct lm_index_order *o)
{
    const struct lm_table *below = &o->lm->level[o->order - 1];
    uint32_t *child = lm_image_at(o->lm, below->child);
    struct columns c = columns_of(o);

    for (uint32_t g = 0; g < o->at.n; g++)
        child[o->context_place[g]]++;
    sum_children(child, below->n, 0);
    for (uint32_t g = 0; g < o->at.n; g++) {
        uint32_t to = child[o->context_place[g]]++;

        c.word[to] = o->word[g];
        c.prob[to] = o->prob[g];
        if (c.suffix)
            c.suffix[to] = o->below.spot[o->suffix[g]].place;
        if (c.backoff)
            c.backoff[to] = o->backoff[g];
        o->at.spot[g].place = to;
    }
    shift_children(child, below->n, 0);
}

static enum wn_status deal_chunk(void *ctx, size_t chunk, struct wn_err *err)
{
    struct lm_index_order *o = ctx;
    uint32_t from = (uint32_t)chunk * CHUNK_NGRAMS, to = chunk_end(o, chunk);
    uint32_t *start = o->start + chunk * o->n_buckets;

    (void)err;
    for (uint32_t g = from; g < to; g++) {
        struct lm_mover *m = &o->mover[start[o->context_place[g] >> o->shift]++];

        m->context = o->context_place[g];
        m->word = o->word[g];
        m->suffix = o->order >= 3 ? o->below.spot[o->suffix[g]].place : 0;
        m->rank = g;
        m->prob = o->prob[g];
        m->backoff = o->backoff ? o->backoff[g] : 0.0f;
    }
    return WN_OK;
}

/* Movers FROM to TO_END - 1; CHILD[c - LO] is where the next continuation of context c goes. */
static void place_bucket(struct lm_index_order *o, uint32_t *child, uint32_t from, uint32_t to_end, uint32_t lo)
{
    const struct lm_mover *m = o->mover;
    struct columns c = columns_of(o);
    bool has_next = o->order < o->lm->head.order;

    for (uint32_t i = from; i < to_end; i++) {
        uint32_t to = child[m[i].context - lo]++;

        c.word[to] = m[i].word;
        c.prob[to] = m[i].prob;
        if (c.suffix)
            c.suffix[to] = m[i].suffix;
        if (c.backoff)
            c.backoff[to] = m[i].backoff;
        if (has_next)
            o->at.spot[m[i].rank].place = to;
    }
}

static enum wn_status move_bucket(void *ctx, size_t bucket, struct wn_err *err)
{
    struct lm_index_order *o = ctx;
    uint32_t n_contexts = o->lm->level[o->order - 1].n;
    /* After dealing, the last chunk's start of a bucket is where the bucket ends. */
    size_t last = (o->at.n - 1) / CHUNK_NGRAMS;
    uint32_t base = bucket ? o->start[last * o->n_buckets + bucket - 1] : 0;
    uint32_t end = o->start[last * o->n_buckets + bucket];
    uint64_t above = ((uint64_t)bucket + 1) << o->shift;
    uint32_t lo = (uint32_t)bucket << o->shift, hi = above < n_contexts ? (uint32_t)above : n_contexts;
    uint32_t *child = (uint32_t *)lm_image_at(o->lm, o->lm->level[o->order - 1].child) + lo;

    (void)err;
    for (uint32_t i = base; i < end; i++)
        child[o->mover[i].context - lo]++;
    sum_children(child, hi - lo, base);
    place_bucket(o, child, base, end, lo);
    shift_children(child, hi - lo, base);
    return WN_OK;
}

/* Turns the counts of start, by chunk and bucket, into where each chunk's movers go. */
static void sum_starts(struct lm_index_order *o, size_t n_chunks)
{
    uint32_t at = 0;

    for (uint32_t bucket = 0; bucket < o->n_buckets; bucket++) {
        for (size_t chunk = 0; chunk < n_chunks; chunk++) {
            uint32_t n = o->start[chunk * o->n_buckets + bucket];

            o->start[chunk * o->n_buckets + bucket] = at;
            at += n;
        }
    }
}

/* Deals the order out to buckets and places those. */
static enum wn_status place_buckets(struct lm_index_order *o, size_t n_chunks, struct wn_err *err)
{
    const struct lm_room *r = &o->room;
    enum wn_status st;

    o->mover = malloc(((size_t)o->at.n + 1) * sizeof(*o->mover));
    if (!o->mover)
        return lm_index_no_memory(o->at.n, o->order, err);
    sum_starts(o, n_chunks);
    st = wn_parallel_each(n_chunks, r->jobs, deal_chunk, o, r->stop, err);
    lm_index_columns_release(o);
    return st == WN_OK ? wn_parallel_each(o->n_buckets, r->jobs, move_bucket, o, r->stop, err) : st;
}

enum wn_status lm_index_place(struct lm_index_order *o, struct wn_err *err)
{
    uint32_t n = o->at.n, n_contexts = o->lm->level[o->order - 1].n;
    uint32_t want = n <= SMALL_NGRAMS ? 1 : n / BUCKET_NGRAMS < MAX_BUCKETS ? n / BUCKET_NGRAMS + 1 : MAX_BUCKETS;
    size_t n_chunks = ((size_t)n + CHUNK_NGRAMS - 1) / CHUNK_NGRAMS;
    uint32_t *child = lm_image_at(o->lm, o->lm->level[o->order - 1].child);
    enum wn_status st;

    if (n == 0) {                               /* no ranges, no left extensions: all are zero */
        mark_left(o->at.left, false, 0, o->below.n, 0);
        lm_index_columns_release(o);
        return WN_OK;
    }
    for (o->shift = 0; (uint64_t)want << o->shift < n_contexts; o->shift++)
        ;
    o->n_buckets = (uint32_t)((((uint64_t)n_contexts - 1) >> o->shift) + 1);
    o->start = calloc(n_chunks * o->n_buckets + 1, sizeof(*o->start));
    if (!o->start)
        return lm_index_no_memory(n, o->order, err);
    st = wn_parallel_each(n_chunks, o->room.jobs, resolve_chunk, o, o->room.stop, err);
    if (st == WN_OK) {
        mark_left(o->at.left, true, o->suffix[n - 1], o->below.n, n);
        if (o->n_buckets == 1)
            place_small(o);
        else
            st = place_buckets(o, n_chunks, err);
    }
    child[n_contexts] = n;
    lm_index_columns_release(o);
    movers_release(o);
    return st;
}

