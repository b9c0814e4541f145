/*
 * lm_items.c - keys first, all steps of all orders without a branch: whether a word is that
 * of the n-gram before cannot be foretold, and a hash that was just used is at hand.
 */
#include "lm/lm_items.h"

#include <assert.h>
#include <math.h>

/* What is needed only while a block is cut, behind what OUT will hold. */
struct scratch {
    uint64_t *key, *suffix;           /* suffix: of the n-gram without its first word        */
    uint32_t *range;
    uint32_t *mask, *mask_range;
};

static size_t mask_room(const struct lm_cut *cut, size_t n)
{
    return cut->n_buckets_below ? n : 0;
}

/* Bytes of counts and records of N items and as many masks, at most; a multiple of 8. */
static size_t out_bytes(const struct lm_cut *cut, size_t n)
{
    size_t ranges = lm_ranges_for(cut->n_buckets) + lm_ranges_for(cut->n_buckets_below);

    return (ranges + cut->words * n + LM_MASK_WORDS * mask_room(cut, n) + 2) / 2 * sizeof(uint64_t);
}

static size_t scratch_bytes(const struct lm_cut *cut, size_t n)
{
    return (n + mask_room(cut, n)) * sizeof(uint64_t) + (n + (LM_MASK_WORDS + 1) * mask_room(cut, n)) * sizeof(uint32_t);
}

static void place_scratch(struct scratch *s, const struct lm_cut *cut, size_t n, char *at)
{
    s->key = (uint64_t *)(void *)at;
    s->suffix = s->key + n;
    s->range = (uint32_t *)(void *)(s->suffix + mask_room(cut, n));
    s->mask = s->range + n;
    s->mask_range = s->mask + LM_MASK_WORDS * mask_room(cut, n);
}

/* ---- keys ------------------------------------------------------------------------------ */

static inline __attribute__((always_inline)) void keys_of_order(const struct lm_cut *cut, const struct lm_block *b,
                                                                unsigned order, struct scratch *s)
{
    const uint64_t *hash = cut->word_hash;

    for (size_t i = 0; i < b->n; i++) {
        const uint32_t *w = b->words + i * order;
        uint64_t key = hash[w[order - 1]];

        for (unsigned j = order - 1; j-- > 1;)
            key = lm_key_extend(key, hash[w[j]]);
        if (cut->n_buckets_below)
            s->suffix[i] = key;
        if (order > 1)
            key = lm_key_extend(key, hash[w[0]]);
        s->key[i] = key;
        s->range[i] = (uint32_t)lm_range_of(key, cut->n_buckets);
    }
}

/* One copy of the loop for each order. */
static void make_keys(const struct lm_cut *cut, const struct lm_block *b, struct scratch *s)
{
    switch (b->order) {
    case 1: keys_of_order(cut, b, 1, s); break;
    case 2: keys_of_order(cut, b, 2, s); break;
    case 3: keys_of_order(cut, b, 3, s); break;
    case 4: keys_of_order(cut, b, 4, s); break;
    case 5: keys_of_order(cut, b, 5, s); break;
    case 6: keys_of_order(cut, b, 6, s); break;
    case 7: keys_of_order(cut, b, 7, s); break;
    case 8: keys_of_order(cut, b, 8, s); break;
    }
}

/* ---- sorting by range -------------------------------------------------------------------- */

/* COUNT becomes where each range's records start. */
static void count_ranges(uint32_t *count, size_t ranges, const uint32_t *range, size_t n)
{
    uint32_t sum = 0;

    memset(count, 0, ranges * sizeof(*count));
    for (size_t i = 0; i < n; i++)
        count[range[i]]++;
    for (size_t r = 0; r < ranges; r++) {
        uint32_t c = count[r];

        count[r] = sum;
        sum += c;
    }
}

/* From where each range's records end back to how many they are. */
static void restore_counts(uint32_t *count, size_t ranges)
{
    for (size_t r = ranges; r-- > 1;)
        count[r] -= count[r - 1];
}

static inline void join_value(struct lm_extent *x, float value)
{
    bool finite = value != LM_LOG_ZERO && value != -INFINITY;
    float low = finite ? value : INFINITY, high = finite ? value : -INFINITY;

    x->min = low < x->min ? low : x->min;
    x->max = high > x->max ? high : x->max;
}

static inline __attribute__((always_inline)) void scatter_items(const struct lm_cut *cut, const struct lm_block *b,
                                                                const struct scratch *s, uint32_t *place,
                                                                uint32_t *sorted, unsigned words,
                                                                struct lm_items *head)
{
    struct lm_extent probs = LM_EXTENT_NONE, backoffs = LM_EXTENT_NONE;

    for (size_t i = 0; i < b->n; i++) {
        uint32_t *to = sorted + (size_t)place[s->range[i]]++ * words;
        float prob = b->prob[i] < 0.0f ? b->prob[i] : 0.0f, backoff = 0.0f;

        memcpy(to, &s->key[i], sizeof(uint64_t));
        memcpy(to + 2, &prob, sizeof(prob));
        join_value(&probs, prob);
        if (words == LM_TOP_WORDS)
            continue;
        if (b->backoff)
            backoff = b->backoff[i];
        memcpy(to + 3, &backoff, sizeof(backoff));
        join_value(&backoffs, backoff);
        to[4] = (b->left ? b->left[i] : 0) | cut->mark;
    }
    head->prob = probs;
    head->backoff = backoffs;
}

/* Counts and records of the items to TO; returns their end. */
static uint32_t *put_items(const struct lm_cut *cut, const struct lm_block *b, const struct scratch *s, uint32_t *to,
                           struct lm_items *head)
{
    size_t ranges = lm_ranges_for(cut->n_buckets);

    count_ranges(to, ranges, s->range, b->n);
    if (cut->words == LM_TOP_WORDS)
        scatter_items(cut, b, s, to, to + ranges, LM_TOP_WORDS, head);
    else
        scatter_items(cut, b, s, to, to + ranges, LM_ITEM_WORDS, head);
    restore_counts(to, ranges);
    return to + ranges + b->n * cut->words;
}

/* n-grams with one suffix are neighbours: a mask for each suffix.  Returns how many. */
static size_t make_masks(const struct lm_cut *cut, const struct lm_block *b, const struct scratch *s)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (i == 0 || s->suffix[i] != s->suffix[i - 1]) {
            memcpy(s->mask + n * LM_MASK_WORDS, &s->suffix[i], sizeof(uint64_t));
            s->mask[n * LM_MASK_WORDS + 2] = 0;
            s->mask_range[n++] = (uint32_t)lm_range_of(s->suffix[i], cut->n_buckets_below);
        }
        s->mask[n * LM_MASK_WORDS - 1] |= UINT32_C(1) << lm_key_left_class(cut->word_hash[b->words[i * b->order]]);
    }
    return n;
}

static uint32_t *put_masks(const struct lm_cut *cut, const struct scratch *s, size_t n, uint32_t *to)
{
    size_t ranges = lm_ranges_for(cut->n_buckets_below);
    uint32_t *sorted = to + ranges;

    count_ranges(to, ranges, s->mask_range, n);
    for (size_t i = 0; i < n; i++)
        memcpy(sorted + (size_t)to[s->mask_range[i]]++ * LM_MASK_WORDS, s->mask + i * LM_MASK_WORDS,
               LM_MASK_WORDS * sizeof(*to));
    restore_counts(to, ranges);
    return sorted + n * LM_MASK_WORDS;
}

static bool holds_unk(const struct lm_block *b)
{
    uint32_t any = 0;

    for (size_t i = 0; b->order >= 2 && i < b->n * b->order; i++)
        any |= b->words[i] == WN_LM_UNK;
    return any != 0;
}

enum wn_status lm_items_cut(const struct lm_cut *cut, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    struct lm_items head = { .n_items = b->n, .has_left = b->left != NULL, .has_unk = holds_unk(b) };
    size_t at = out->len, most = sizeof(head) + out_bytes(cut, b->n);
    enum wn_status st = wn_buf_reserve(out, most + scratch_bytes(cut, b->n), err);
    struct scratch s;
    uint32_t *to;

    assert(at % 8 == 0);
    if (st != WN_OK)
        return st;
    place_scratch(&s, cut, b->n, out->ptr + at + most);
    make_keys(cut, b, &s);
    to = put_items(cut, b, &s, (uint32_t *)(void *)(out->ptr + at + sizeof(head)), &head);
    if (cut->n_buckets_below) {
        head.n_masks = make_masks(cut, b, &s);
        to = put_masks(cut, &s, head.n_masks, to);
    }
    head.bytes = ((uint64_t)((char *)to - (out->ptr + at)) + 7) / 8 * 8;
    memcpy(out->ptr + at, &head, sizeof(head));
    out->len = at + head.bytes;
    return WN_OK;
}

static enum wn_status add_records(struct lm_spool *s, size_t ranges, unsigned words, const char **from,
                                  struct wn_err *err)
{
    const char *count = *from, *record = count + ranges * sizeof(uint32_t);
    enum wn_status st = WN_OK;

    for (size_t r = 0; st == WN_OK && r < ranges; r++) {
        uint32_t n;

        memcpy(&n, count + r * sizeof(n), sizeof(n));
        if (n > 0 && s)
            st = lm_spool_add(s, r, record, n, err);
        record += (size_t)n * words * sizeof(uint32_t);
    }
    *from = record;
    return st;
}

enum wn_status lm_items_add(const struct lm_cut *cut, const char *from, struct lm_spool *items,
                            struct lm_spool *masks, struct wn_err *err)
{
    const char *at = from + sizeof(struct lm_items);
    enum wn_status st = add_records(items, lm_ranges_for(cut->n_buckets), cut->words, &at, err);

    if (st == WN_OK && masks)
        st = add_records(masks, lm_ranges_for(cut->n_buckets_below), LM_MASK_WORDS, &at, err);
    return st;
}
