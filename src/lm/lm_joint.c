/*
 * lm_joint.c - two models in one set of tables.
 *
 * Each model's stream is put aside by range of the keys of its n-grams; ranges are then
 * sorted by key, the two halves of an n-gram merged, and what came out is put aside again,
 * by range of the table that its number asks for.  Keys know no vocabulary; the hash seed
 * is one with which no two words of both are alike.
 */
#include <stdlib.h>

#include "lm/lm_front.h"
#include "lm/lm_index.h"
#include "lm/lm_items.h"

#define SECOND_MODEL (UINT32_C(1) << 16)   /* in the last word of an item, above the mask */

struct joint_order {
    struct lm_cut cut;                 /* for ranges of all n-grams of both models */
    struct lm_spool items, masks;
    struct lm_extent prob[2], backoff[2];
    uint64_t n;                        /* after merging                            */
    bool has_left[2];
};

struct joint {
    const char *name;                  /* for messages                    */
    const struct wn_lm *lm[2];
    unsigned model;                    /* whose stream comes              */
    bool own_seed;                     /* with hashes under another seed  */
    uint64_t *word_hash[2];            /* by id of that model             */
    struct lm_room room;
    bool on_disk;
    struct lm_draft draft;
    struct joint_order order[WN_LM_MAX_ORDER + 1];
};

static enum wn_status no_memory(const struct joint *j, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot join models into %s: out of memory", j->name);
}

/* ---- words --------------------------------------------------------------------------- */

static enum wn_status add_words(struct vocab *into, const struct wn_lm *lm, struct wn_err *err)
{
    enum wn_status st = WN_OK;
    uint32_t id;

    for (uint32_t i = 0; st == WN_OK && i < wn_lm_vocab_size(lm); i++)
        st = vocab_intern(into, wn_lm_word(lm, i), &id, err);
    return st;
}

static enum wn_status hash_words(struct joint *j, struct wn_err *err)
{
    struct vocab both = { .n = 0 };
    uint64_t *hash = NULL, seed = 0;
    enum wn_status st = vocab_init(&both, err);

    for (unsigned m = 0; st == WN_OK && m < 2; m++)
        st = add_words(&both, j->lm[m], err);
    if (st == WN_OK)
        st = lm_word_hashes(&both, &seed, &hash, err);
    free(hash);
    vocab_release(&both);
    j->draft.head.hash_seed = seed;
    for (unsigned m = 0; st == WN_OK && m < 2; m++) {
        uint32_t n = wn_lm_vocab_size(j->lm[m]);

        j->word_hash[m] = malloc(n * sizeof(uint64_t));
        if (!j->word_hash[m])
            return no_memory(j, err);
        for (uint32_t i = 0; i < n; i++) {
            struct wn_str w = wn_lm_word(j->lm[m], i);

            j->word_hash[m][i] = lm_word_hash(w.ptr, w.len, seed);
        }
    }
    return st;
}

/* ---- the models' streams -------------------------------------------------------------- */

static enum wn_status joint_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                  struct wn_err *err)
{
    struct joint *j = ctx;

    (void)room;
    (void)err;
    j->own_seed = shape->hash_seed != j->draft.head.hash_seed;
    return WN_OK;
}

static enum wn_status joint_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const struct joint *j = ctx;
    struct lm_cut cut = j->order[b->order].cut;
    struct lm_block block = *b;

    if (j->own_seed)
        block.left = NULL;             /* classes of other hashes: masks are made here */
    cut.word_hash = j->word_hash[j->model];
    cut.mark = j->model == 1 ? SECOND_MODEL : 0;
    return lm_items_cut(&cut, &block, out, err);
}

static enum wn_status joint_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                 struct wn_err *err)
{
    struct joint *j = ctx;
    struct joint_order *o = &j->order[order];
    bool with_masks = order >= 3 && !j->order[order - 1].has_left[j->model];
    struct lm_items head;

    (void)first;
    (void)n;
    memcpy(&head, out.ptr, sizeof(head));
    lm_extent_join(&o->prob[j->model], &head.prob);
    lm_extent_join(&o->backoff[j->model], &head.backoff);
    o->has_left[j->model] |= head.has_left != 0;
    j->draft.head.unk_extends |= head.has_unk;
    return lm_items_add(&o->cut, out.ptr, &o->items, with_masks ? &j->order[order - 1].masks : NULL, err);
}

static enum wn_status joint_end(void *ctx, struct wn_err *err)
{
    (void)ctx;
    (void)err;
    return WN_OK;
}

static enum wn_status stream_both(struct joint *j, struct wn_err *err)
{
    const struct lm_consumer consumer = { .ctx = j, .begin = joint_begin, .work = joint_work, .take = joint_take,
                                          .end = joint_end };
    const struct lm_consumer *one = &consumer;
    enum wn_status st = WN_OK;

    for (unsigned m = 0; st == WN_OK && m < 2; m++) {
        j->model = m;
        st = lm_index_produce(j->lm[m], &one, 1, &j->room, err);
    }
    return st;
}

/* ---- merging --------------------------------------------------------------------------- */

static bool comes_first(const uint32_t *a, const uint32_t *b)
{
    uint64_t x = lm_item_key(a), y = lm_item_key(b);

    return x != y ? x < y : (a[4] & SECOND_MODEL) < (b[4] & SECOND_MODEL);
}

/* Items FROM .. TO-1, few, by key, then by model. */
static void sort_bucket(uint32_t *item, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        uint32_t moved[LM_ITEM_WORDS];
        size_t at = i;

        memcpy(moved, item + i * LM_ITEM_WORDS, sizeof(moved));
        for (; at > from && comes_first(moved, item + (at - 1) * LM_ITEM_WORDS); at--)
            memcpy(item + at * LM_ITEM_WORDS, item + (at - 1) * LM_ITEM_WORDS, sizeof(moved));
        memcpy(item + at * LM_ITEM_WORDS, moved, sizeof(moved));
    }
}

/* The halves of an n-gram, of which there are N, 1 or 2, as one record. */
static void merge_item(uint32_t *to, const uint32_t *half, size_t n)
{
    const float absent[4] = { LM_PROB_ABSENT, LM_PROB_ABSENT, 0.0f, 0.0f };

    memcpy(to, half, sizeof(uint64_t));
    memcpy(to + 2, absent, sizeof(absent));
    to[6] = 0;
    for (size_t i = 0; i < n; i++, half += LM_ITEM_WORDS) {
        unsigned m = half[4] & SECOND_MODEL ? 1 : 0;

        to[2 + m] = half[2];
        to[4 + m] = half[3];
        to[6] |= half[4] & (SECOND_MODEL - 1);
    }
}

/* The sorted items of a range become records in place of the unsorted ones; returns how many. */
static size_t merge_range(const struct lm_bucket_sort *s, uint32_t *to)
{
    size_t n = 0;

    for (uint32_t b = 0; b < s->n_lines; b++)
        sort_bucket(s->own, b > 0 ? s->end[b - 1] : 0, s->end[b]);
    for (size_t i = 0; i < s->n; n++) {
        const uint32_t *half = s->own + i * LM_ITEM_WORDS;
        size_t halves = i + 1 < s->n && lm_item_key(half) == lm_item_key(half + LM_ITEM_WORDS) ? 2 : 1;

        merge_item(to + n * LM_JOINT_WORDS, half, halves);
        i += halves;
    }
    return n;
}

static enum wn_status merge_one(struct joint *j, unsigned k, size_t range, struct lm_spool *merged,
                                struct wn_arena *a, struct wn_err *err)
{
    struct joint_order *o = &j->order[k];
    struct lm_bucket_sort s = { .n = lm_spool_count(&o->items, range) };
    size_t n_masks = lm_spool_count(&o->masks, range);
    enum wn_status st;
    uint32_t *mask, *to;

    wn_arena_reset(a);
    lm_range_place(&s, range, o->cut.n_buckets);
    s.raw = wn_arena_alloc(a, s.n * LM_ITEM_WORDS * sizeof(uint32_t));
    s.own = wn_arena_alloc(a, s.n * LM_ITEM_WORDS * sizeof(uint32_t));
    s.end = wn_arena_alloc(a, s.n_lines * sizeof(uint32_t));
    to = wn_arena_alloc(a, s.n * LM_JOINT_WORDS * sizeof(uint32_t));
    mask = wn_arena_alloc(a, n_masks * LM_MASK_WORDS * sizeof(uint32_t));
    if (!s.raw || !s.own || !s.end || !to || !mask)
        return no_memory(j, err);
    st = lm_spool_load(&o->items, range, s.raw, err);
    if (st == WN_OK)
        st = lm_spool_load(&o->masks, range, mask, err);
    if (st != WN_OK)
        return st;
    lm_bucket_sort(&s, LM_ITEM_WORDS);
    lm_fill_masks(&s, LM_ITEM_WORDS, mask, n_masks);
    s.n = merge_range(&s, to);
    o->n += s.n;
    return lm_spool_add(merged, range, to, s.n, err);
}

/* Merges order K; MERGED has the ranges of cut. */
static enum wn_status merge_order(struct joint *j, unsigned k, struct lm_spool *merged, struct wn_err *err)
{
    struct joint_order *o = &j->order[k];
    struct wn_arena a = { 0 };
    enum wn_status st = WN_OK;

    for (size_t r = 0; st == WN_OK && r < merged->n_ranges; r++) {
        st = lm_index_poll(&j->room, err);
        if (st == WN_OK)
            st = merge_one(j, k, r, merged, &a, err);
    }
    wn_arena_release(&a);
    lm_spool_release(&o->items);
    lm_spool_release(&o->masks);
    return st;
}

/* From the ranges of both models' number to those of N_BUCKETS; the order stays. */
static enum wn_status spread(struct joint *j, const struct lm_spool *merged, struct lm_spool *to, uint64_t n_buckets,
                             struct wn_err *err)
{
    struct wn_arena a = { 0 };
    enum wn_status st = WN_OK;

    for (size_t r = 0; st == WN_OK && r < merged->n_ranges; r++) {
        size_t n = lm_spool_count(merged, r);
        uint32_t *item;

        wn_arena_reset(&a);
        item = wn_arena_alloc(&a, n * LM_JOINT_WORDS * sizeof(*item));
        st = item ? lm_spool_load(merged, r, item, err) : no_memory(j, err);
        for (size_t i = 0; st == WN_OK && i < n; i++, item += LM_JOINT_WORDS)
            st = lm_spool_add(to, lm_range_of(lm_item_key(item), n_buckets), item, 1, err);
    }
    wn_arena_release(&a);
    return st;
}

static enum wn_status spool_new(const struct joint *j, struct lm_spool *s, uint64_t n_buckets, unsigned words,
                                struct wn_err *err)
{
    return lm_spool_init(s, lm_ranges_for(n_buckets), words * sizeof(uint32_t), LM_SPOOL_MOST, j->on_disk,
                         j->room.tmp_dir, err);
}

static enum wn_status fill_order(struct joint *j, unsigned k, const struct lm_spool *items, uint64_t n_buckets,
                                 struct wn_err *err)
{
    struct joint_order *o = &j->order[k];
    struct lm_section *s = &j->draft.table[k];
    struct lm_fill fill = { .items = items, .sink = &j->draft.sink, .jobs = j->room.jobs, .stop = j->room.stop,
                            .offset = lm_draft_offset(&j->draft, LM_LINES, k) };
    enum wn_status st;

    fill.table.kind = lm_table_kind_of(&j->draft.head, k);
    fill.table.n_buckets = s->n_buckets = n_buckets;
    for (unsigned m = 0; k >= 2 && m < 2; m++) {
        s->prob[m] = fill.table.prob[m] = lm_quant_for(&o->prob[m], LM_Q16_MAX);
        if (fill.table.kind == LM_TABLE_MIDDLE_JOINT)
            s->backoff[m] = fill.table.backoff[m] = lm_quant_for(&o->backoff[m], LM_Q16_MAX);
    }
    st = lm_fill_table(&fill, &s->n_lines, &s->hash, err);
    j->draft.n_lines[k] = s->n_lines;
    return st;
}

static enum wn_status make_order(struct joint *j, unsigned k, struct wn_err *err)
{
    struct lm_spool merged = { 0 }, items = { 0 };
    uint64_t n_buckets = 0;
    enum wn_status st = spool_new(j, &merged, j->order[k].cut.n_buckets, LM_JOINT_WORDS, err);

    if (st == WN_OK)
        st = merge_order(j, k, &merged, err);
    if (st == WN_OK) {
        j->draft.head.n_ngrams[k - 1] = j->order[k].n;
        n_buckets = lm_buckets_for(lm_table_kind_of(&j->draft.head, k), j->order[k].n);
        st = spool_new(j, &items, n_buckets, LM_JOINT_WORDS, err);
    }
    if (st == WN_OK)
        st = spread(j, &merged, &items, n_buckets, err);
    lm_spool_release(&merged);
    if (st == WN_OK)
        st = fill_order(j, k, &items, n_buckets, err);
    lm_spool_release(&items);
    return st;
}

/* ---- the whole ------------------------------------------------------------------------ */

static void joint_release(struct joint *j)
{
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        lm_spool_release(&j->order[k].items);
        lm_spool_release(&j->order[k].masks);
    }
    free(j->word_hash[0]);
    free(j->word_hash[1]);
    lm_sink_release(&j->draft.sink);
}

static void set_head(struct joint *j)
{
    const struct wn_lm *a = j->lm[0], *b = j->lm[1];
    struct lm_header *h = &j->draft.head;

    h->parts = WN_LM_TABLES;
    h->mode = LM_MODE_JOINT;
    h->n_models = 2;
    h->order = a->head.order > b->head.order ? a->head.order : b->head.order;
    h->tokenizer = a->head.tokenizer;
    h->smoothing = a->head.smoothing == b->head.smoothing ? a->head.smoothing : WN_SMOOTH_OTHER;
    h->train_tokens = a->head.train_tokens + b->head.train_tokens;
}

static enum wn_status set_orders(struct joint *j, struct wn_err *err)
{
    uint64_t bytes = 0;
    enum wn_status st = WN_OK;

    for (unsigned k = 1; k <= j->draft.head.order; k++)
        bytes += (wn_lm_ngrams(j->lm[0], k) + wn_lm_ngrams(j->lm[1], k)) * LM_JOINT_WORDS * sizeof(uint32_t);
    j->on_disk = bytes > j->room.memory_bytes / 4;
    for (unsigned k = 1; st == WN_OK && k <= j->draft.head.order; k++) {
        struct joint_order *o = &j->order[k];
        uint64_t both = wn_lm_ngrams(j->lm[0], k) + wn_lm_ngrams(j->lm[1], k);

        o->cut.words = LM_ITEM_WORDS;
        o->cut.n_buckets = lm_buckets_for(lm_table_kind_of(&j->draft.head, k), both);
        o->cut.n_buckets_below = k >= 3 ? j->order[k - 1].cut.n_buckets : 0;
        for (unsigned m = 0; m < 2; m++)
            o->prob[m] = o->backoff[m] = LM_EXTENT_NONE;
        st = spool_new(j, &o->items, o->cut.n_buckets, LM_ITEM_WORDS, err);
        if (st == WN_OK)
            st = spool_new(j, &o->masks, o->cut.n_buckets, LM_MASK_WORDS, err);
    }
    return st;
}

static enum wn_status check_pair(const struct joint *j, struct wn_err *err)
{
    for (unsigned m = 0; m < 2; m++) {
        enum wn_status st = lm_need_index(j->lm[m], err);

        if (st != WN_OK)
            return st;
    }
    if (j->lm[0]->head.tokenizer != j->lm[1]->head.tokenizer)
        return wn_fail(err, WN_BADCONF, "cannot join models into %s: they are over different tokens", j->name);
    return WN_OK;
}

/* Writes to j->draft's sink. */
static enum wn_status make_joint(struct joint *j, struct wn_err *err)
{
    enum wn_status st = hash_words(j, err);

    set_head(j);
    if (st == WN_OK)
        st = lm_draft_begin(&j->draft, err);
    if (st == WN_OK)
        st = set_orders(j, err);
    if (st == WN_OK)
        st = stream_both(j, err);
    for (unsigned k = 1; st == WN_OK && k <= j->draft.head.order; k++)
        st = make_order(j, k, err);
    return st == WN_OK ? lm_draft_end(&j->draft, NULL, err) : st;
}

enum wn_status wn_lm_write_joint(const struct wn_lm *first, const struct wn_lm *second, const char *path,
                                 const struct wn_lm_room *room, struct wn_err *err)
{
    struct joint j = { .name = path, .lm = { first, second }, .room = lm_room_of(room) };
    enum wn_status st = check_pair(&j, err);

    lm_room_give(&j.room, first->image.len + second->image.len);
    if (st == WN_OK)
        st = lm_publish_open(&j.draft.sink.file, path, err);
    if (st == WN_OK)
        st = make_joint(&j, err);
    joint_release(&j);
    return st;
}

enum wn_status wn_lm_join(struct wn_lm **out, const struct wn_lm *first, const struct wn_lm *second,
                          const struct wn_lm_room *room, struct wn_err *err)
{
    struct joint j = { .name = "memory", .lm = { first, second }, .room = lm_room_of(room) };
    enum wn_status st = check_pair(&j, err);

    *out = NULL;
    lm_room_give(&j.room, first->image.len + second->image.len);
    if (st == WN_OK)
        st = make_joint(&j, err);
    if (st == WN_OK)
        st = lm_draft_take(&j.draft, out, err);
    joint_release(&j);
    return st;
}
