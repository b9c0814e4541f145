/*
 * lm_index_produce.c - an index becomes a stream, order by order.
 *
 * The suffix order of a level is a stable counting sort, by last word, of the continuations
 * of the level below taken in that level's suffix order.  First words travel along.
 * Suffixes ascend with the n-grams, so their ranks come from walking both levels together;
 * and the words of an n-gram are the first words of itself, its suffix, the suffix of that
 * and so on, all read in ascending order.
 */
#include <stdlib.h>

#include <winnow/flow.h>

#include "lm/lm_feed.h"
#include "lm/lm_index.h"

enum {
    CHUNK_NGRAMS = 1 << 16,     /* linked to their suffixes by one thread at a time */
    AHEAD = 16                  /* n-grams between a prefetch and its use           */
};

struct source {
    const struct wn_lm *lm;
    struct lm_room room;
    uint8_t *left_class;                      /* by word                                  */
    unsigned linked;                          /* the order that is linked now             */
    /* By rank; [1] is NULL: there rank, place and word are the same. */
    uint32_t *node[WN_LM_MAX_ORDER + 1];      /* place; of the order at hand and the next  */
    uint32_t *first[WN_LM_MAX_ORDER + 1];     /* first word                               */
    uint32_t *suffix[WN_LM_MAX_ORDER + 1];    /* rank in the order below                  */
    uint16_t *left[WN_LM_MAX_ORDER + 1];      /* masks; of the order at hand              */
};

static void source_release(struct source *s)
{
    free(s->left_class);
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        free(s->node[k]);
        free(s->first[k]);
        free(s->suffix[k]);
        free(s->left[k]);
    }
}

struct vocab lm_index_vocab(const struct wn_lm *lm)
{
    struct vocab v = { 0 };

    v.bytes = (char *)(uintptr_t)lm->vocab_bytes;
    v.n_bytes = v.cap_bytes = (size_t)lm->head.vocab_bytes;
    v.start = (uint32_t *)(uintptr_t)lm->vocab_start;
    v.n = v.cap = (uint32_t)lm->head.n_ngrams[0];
    return v;
}

enum wn_status lm_index_usable(const struct wn_lm *lm, const char *what, struct wn_err *err)
{
    unsigned need = WN_LM_WORDS | WN_LM_INDEX;
    enum wn_status st;

    if ((wn_lm_parts(lm) & need) != need)
        return wn_fail(err, WN_BADCONF, "cannot %s: the model has no %s; write it with both words and index", what,
                       wn_lm_parts(lm) & WN_LM_WORDS ? "index" : "words");
    st = lm_need_index(lm, err);
    if (st != WN_OK)
        wn_err_prefix(err, "cannot %s: ", what);
    return st;
}

/* ---- suffix order -------------------------------------------------------------------- */

static uint32_t node_at(const struct source *s, unsigned k, uint32_t rank)
{
    return k == 1 ? rank : s->node[k][rank];
}

/* Sets bucket[w] to where the n-grams of level T that end in w start. */
static void count_words(const struct lm_table *t, uint32_t *bucket, uint32_t n_words)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < t->n; i++)
        bucket[t->word[i]]++;
    for (uint32_t w = 0; w < n_words; w++) {
        uint32_t n = bucket[w];

        bucket[w] = at;
        at += n;
    }
}

static enum wn_status sort_level(struct source *s, unsigned k, struct wn_err *err)
{
    const struct lm_table *below = &s->lm->level[k - 1], *t = &s->lm->level[k];
    uint32_t *bucket = calloc((size_t)s->lm->level[1].n + 1, sizeof(*bucket));
    uint32_t *node = s->node[k] = malloc(((size_t)t->n + 1) * sizeof(uint32_t));
    uint32_t *first = s->first[k] = malloc(((size_t)t->n + 1) * sizeof(uint32_t));

    if (!bucket || !node || !first) {
        free(bucket);
        return wn_fail(err, WN_NOMEM, "cannot sort %u n-grams of order %u: out of memory", t->n, k);
    }
    count_words(t, bucket, s->lm->level[1].n);
    for (uint32_t i = 0; i < below->n; i++) {
        uint32_t c = node_at(s, k - 1, i), word = k == 2 ? c : s->first[k - 1][i];

        if (i + 2 * AHEAD < below->n)
            __builtin_prefetch(&below->child[node_at(s, k - 1, i + 2 * AHEAD)]);
        if (i + AHEAD < below->n)
            __builtin_prefetch(&t->word[below->child[node_at(s, k - 1, i + AHEAD)]]);
        for (uint32_t j = below->child[c]; j < below->child[c + 1]; j++) {
            uint32_t to = bucket[t->word[j]]++;

            node[to] = j;
            first[to] = word;
        }
    }
    free(bucket);
    return WN_OK;
}

/* ---- suffixes ------------------------------------------------------------------------- */

/* The context of place NODE of level K. */
static uint32_t parent_of(const struct wn_lm *lm, unsigned k, uint32_t node)
{
    const uint32_t *child = lm->level[k - 1].child;
    uint32_t lo = 0, hi = lm->level[k - 1].n;

    while (hi - lo > 1) {                      /* child[lo] <= node < child[hi] */
        uint32_t mid = lo + (hi - lo) / 2;

        if (child[mid] <= node)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static void words_of_node(const struct wn_lm *lm, unsigned k, uint32_t node, uint32_t *word)
{
    for (; k >= 2; k--) {
        word[k - 1] = lm->level[k].word[node];
        node = parent_of(lm, k, node);
    }
    word[0] = node;
}

static void words_of_rank(const struct source *s, unsigned k, uint32_t rank, uint32_t *word)
{
    for (; k >= 2; k--) {
        *word++ = s->first[k][rank];
        rank = s->suffix[k][rank];
    }
    *word = rank;
}

static bool is_before(const uint32_t *a, const uint32_t *b, unsigned k)
{
    while (k > 1 && a[k - 1] == b[k - 1])
        k--;
    return a[k - 1] < b[k - 1];
}

/* The rank of place NODE of level K. */
static uint32_t rank_of(const struct source *s, unsigned k, uint32_t node)
{
    uint32_t want[WN_LM_MAX_ORDER], have[WN_LM_MAX_ORDER], lo = 0, n = s->lm->level[k].n;

    if (k == 1)
        return node;
    words_of_node(s->lm, k, node, want);
    while (n > 0) {
        uint32_t half = n / 2;

        words_of_rank(s, k, lo + half, have);
        if (is_before(have, want, k)) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}

/* Two chunks can meet in one suffix. */
static void add_left(uint16_t *left, unsigned mask)
{
    __atomic_fetch_or(left, (uint16_t)mask, __ATOMIC_RELAXED);
}

static enum wn_status link_chunk(void *ctx, size_t chunk, struct wn_err *err)
{
    struct source *s = ctx;
    unsigned k = s->linked, mask = 0;
    const struct lm_table *t = &s->lm->level[k];
    const uint32_t *of = k == 2 ? t->word : t->suffix, *node = s->node[k];
    uint64_t end = ((uint64_t)chunk + 1) * CHUNK_NGRAMS;
    uint32_t from = (uint32_t)chunk * CHUNK_NGRAMS, to = end < t->n ? (uint32_t)end : t->n;
    uint32_t n_below = s->lm->level[k - 1].n, rank = rank_of(s, k - 1, of[node[from]]);

    for (uint32_t g = from; g < to; g++) {
        uint32_t suffix = of[node[g]], before = rank;

        if (g + AHEAD < to)
            __builtin_prefetch(&of[node[g + AHEAD]]);
        while (rank < n_below && node_at(s, k - 1, rank) != suffix)
            rank++;
        if (rank >= n_below)
            return wn_fail(err, WN_BADDATA, "cannot walk the model: the suffixes of order %u are out of order", k);
        s->suffix[k][g] = rank;
        if (rank != before) {
            add_left(&s->left[k - 1][before], mask);
            mask = 0;
        }
        mask |= 1u << s->left_class[s->first[k][g]];
    }
    add_left(&s->left[k - 1][rank], mask);
    return WN_OK;
}

static enum wn_status link_level(struct source *s, unsigned k, struct wn_err *err)
{
    uint32_t n = s->lm->level[k].n;

    s->suffix[k] = malloc(((size_t)n + 1) * sizeof(uint32_t));
    s->left[k - 1] = calloc((size_t)s->lm->level[k - 1].n + 1, sizeof(uint16_t));
    if (!s->suffix[k] || !s->left[k - 1])
        return wn_fail(err, WN_NOMEM, "cannot sort %u n-grams of order %u: out of memory", n, k);
    s->linked = k;
    return wn_parallel_each(((size_t)n + CHUNK_NGRAMS - 1) / CHUNK_NGRAMS, s->room.jobs, link_chunk, s, s->room.stop,
                            err);
}

/* ---- blocks ----------------------------------------------------------------------------- */

static void fill_words(const struct source *s, unsigned k, uint32_t first, size_t n, uint32_t *words)
{
    for (size_t i = 0; i < n; i++)
        words_of_rank(s, k, first + (uint32_t)i, words + i * k);
}

static enum wn_status fill_block(void *ctx, unsigned k, uint64_t first, size_t n, const struct lm_feed_arrays *a,
                                 struct wn_err *err)
{
    const struct source *s = ctx;
    const struct lm_table *t = &s->lm->level[k];

    (void)err;
    fill_words(s, k, (uint32_t)first, n, a->words);
    for (size_t i = 0; i < n; i++) {
        uint32_t node = node_at(s, k, (uint32_t)(first + i));

        if (k >= 2 && i + AHEAD < n) {
            __builtin_prefetch(&t->prob[s->node[k][first + i + AHEAD]]);
            if (t->backoff)
                __builtin_prefetch(&t->backoff[s->node[k][first + i + AHEAD]]);
        }
        a->prob[i] = t->prob[node];
        if (t->backoff)
            a->backoff[i] = t->backoff[node];
    }
    for (size_t i = 0; k >= 2 && i < n; i++)
        a->suffix[i] = s->suffix[k][first + i];
    if (s->left[k])
        memcpy(a->left, s->left[k] + first, n * sizeof(a->left[0]));
    return WN_OK;
}

static enum wn_status send_orders(struct source *s, struct lm_feed *feed, struct wn_err *err)
{
    unsigned order = s->lm->head.order;
    enum wn_status st = WN_OK;

    for (unsigned k = 1; st == WN_OK && k <= order; k++) {
        if (k < order)
            st = sort_level(s, k + 1, err);
        if (st == WN_OK && k < order)
            st = link_level(s, k + 1, err);
        if (st == WN_OK)
            st = lm_feed_order(feed, k, true, fill_block, s, err);
        free(s->node[k]);
        free(s->left[k]);
        s->node[k] = NULL;
        s->left[k] = NULL;
    }
    return st;
}

static enum wn_status classes_of(struct source *s, const struct lm_shape *shape, struct wn_err *err)
{
    s->left_class = malloc(shape->n[1]);
    if (!s->left_class)
        return wn_fail(err, WN_NOMEM, "cannot walk the model: out of memory");
    for (uint64_t w = 0; w < shape->n[1]; w++)
        s->left_class[w] = (uint8_t)lm_key_left_class(shape->word_hash[w]);
    return WN_OK;
}

/* Suffix order, ranks and masks as lm_index.h says; words' hashes; each thread's blocks. */
static uint64_t produce_bytes(const struct wn_lm *lm, unsigned jobs)
{
    uint64_t all = 0, most = 0;

    for (unsigned k = 1; k <= lm->head.order; k++) {
        uint64_t here = lm->level[k].n + (k > 1 ? lm->level[k - 1].n : 0);

        all += 8 * (uint64_t)lm->level[k].n;
        most = here > most ? here : most;
    }
    return all + 14 * most + 40 * lm->head.n_ngrams[0] + jobs * (UINT64_C(3) << 20);
}

/* What is left of ROOM for the consumers. */
static enum wn_status take_room(struct lm_room *left, const struct wn_lm *lm, const struct lm_shape *shape,
                                const struct lm_consumer *const *consumers, size_t n, struct wn_err *err)
{
    uint64_t least = 0, own;

    for (size_t i = 0; i < n; i++)
        least += consumers[i]->least_bytes ? consumers[i]->least_bytes(consumers[i]->ctx, shape) : 0;
    while (left->jobs > 1 && produce_bytes(lm, left->jobs) + least > left->memory_bytes)
        left->jobs--;
    own = produce_bytes(lm, left->jobs);
    if (own + least > left->memory_bytes && own + least > LM_ROOM_SMALL)
        return lm_room_afford(left, own + least, "walk the model", err);
    lm_room_give(left, own);
    return WN_OK;
}

enum wn_status lm_index_produce(const struct wn_lm *lm, const struct lm_consumer *const *consumers, size_t n,
                                const struct lm_room *room, struct wn_err *err)
{
    struct source s = { .lm = lm, .room = *room };
    struct lm_shape shape = { .order = lm->head.order, .train_tokens = lm->head.train_tokens };
    struct lm_feed *feed = NULL;
    uint64_t *hash = NULL;
    struct vocab vocab;
    enum wn_status st = lm_index_usable(lm, "walk the model", err);

    if (st != WN_OK)
        return st;
    vocab = lm_index_vocab(lm);
    shape.vocab = &vocab;
    shape.tokenizer = (enum wn_tokenizer)lm->head.tokenizer;
    shape.smoothing = (enum wn_smoothing)lm->head.smoothing;
    for (unsigned k = 1; k <= shape.order; k++)
        shape.n[k] = lm->level[k].n;
    st = take_room(&s.room, lm, &shape, consumers, n, err);
    if (st == WN_OK)
        st = lm_word_hashes(&vocab, &shape.hash_seed, &hash, err);
    shape.word_hash = hash;
    if (st == WN_OK)
        st = classes_of(&s, &shape, err);
    if (st == WN_OK)
        st = lm_feed_begin(&feed, &shape, consumers, n, &s.room, err);
    if (st == WN_OK)
        st = send_orders(&s, feed, err);
    if (st == WN_OK)
        st = lm_feed_end(feed, err);
    lm_feed_free(feed);
    source_release(&s);
    free(hash);
    return st;
}
