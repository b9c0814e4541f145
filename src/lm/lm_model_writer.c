/*
 * lm_model_writer.c - a consumer of n-grams.
 */
#include "lm/lm_model_writer.h"

#include <stdlib.h>

#include "lm/lm_front.h"
#include "lm/lm_index.h"
#include "lm/lm_items.h"

/* What an order came to so far. */
struct order {
    struct lm_cut cut;
    struct lm_spool items, masks;      /* masks: made from the order above */
    struct lm_extent prob, backoff;
    uint64_t taken;
    bool has_left;
};

struct lm_model_writer {
    struct lm_consumer consumer;
    char *path;
    bool on_disk;
    size_t chunk;                      /* of a spool                                          */
    unsigned fill_jobs;
    struct lm_room room;
    struct lm_shape shape;
    struct lm_draft draft;
    struct order order[WN_LM_MAX_ORDER + 1];
    unsigned done;                     /* orders whose tables are written                     */
    atomic_bool has_left;              /* the producer is known to give masks: none to be made */
    bool has_unk;
    struct lm_index_builder *index;
    struct lm_consumer index_consumer;
};

static bool has(const struct lm_model_writer *w, unsigned part)
{
    return (w->draft.head.parts & part) != 0;
}

/* ---- memory ------------------------------------------------------------------------- */

/* Filling one range of a table: its lines and, twice, its n-grams. */
#define FILL_BYTES (UINT64_C(2) << 20)

/* Chunks that are being filled, and where full ones are, of all spools that are open at a
 * time: two orders' items and masks. */
static uint64_t spools_bytes(const struct lm_model_writer *w, const struct lm_shape *shape, size_t chunk)
{
    uint64_t most = 0, below = 0;

    for (unsigned k = 1; k <= shape->order; k++) {
        enum lm_table_kind kind = lm_table_kind_of(&w->draft.head, k);
        uint64_t ranges = lm_ranges_for(lm_buckets_for(kind, shape->n[k]));
        uint64_t bytes = shape->n[k] * lm_item_words(kind) * sizeof(uint32_t);
        uint64_t here = (ranges * (chunk + 128)) + bytes / chunk * 12;

        most = here + 2 * below > most ? here + 2 * below : most;
        below = here;
    }
    return most;
}

/* Threads for filling tables that room is left for beside OTHERS. */
static unsigned fill_jobs(const struct lm_room *room, uint64_t others)
{
    uint64_t left = room->memory_bytes > others ? room->memory_bytes - others : 0, fit = left / FILL_BYTES;
    unsigned jobs = room->jobs;

    /* The ring has two places for each thread, and two. */
    while (jobs > 1 && 2 * (uint64_t)jobs + 2 > fit)
        jobs--;
    return jobs;
}

/* The words' slots, or one range of a table. */
static uint64_t tables_least(const struct lm_model_writer *w, const struct lm_shape *shape)
{
    uint64_t slots = 8 * vocab_slots_for(shape->n[1]), fill = has(w, WN_LM_TABLES) ? FILL_BYTES : 0;

    fill += has(w, WN_LM_TABLES) ? spools_bytes(w, shape, LM_SPOOL_LEAST) : 0;
    return slots > fill ? slots : fill;
}

static uint64_t writer_least(void *ctx, const struct lm_shape *shape)
{
    struct lm_model_writer *w = ctx;

    w->draft.head.order = shape->order;
    return (has(w, WN_LM_INDEX) ? lm_index_bytes(shape) : 0) + tables_least(w, shape);
}

static enum wn_status share_room(struct lm_model_writer *w, const struct lm_room *room, struct wn_err *err)
{
    uint64_t tables = tables_least(w, &w->shape);

    w->room = *room;
    if (has(w, WN_LM_INDEX))
        lm_room_give(&w->room, lm_index_bytes(&w->shape));
    if (tables <= w->room.memory_bytes || tables <= LM_ROOM_SMALL)
        return WN_OK;
    return lm_room_afford(&w->room, tables, "write a model file", err);
}

/* ---- begin -------------------------------------------------------------------------- */

static void set_head(struct lm_model_writer *w)
{
    const struct lm_shape *s = &w->shape;
    struct lm_header *h = &w->draft.head;

    h->order = s->order;
    h->tokenizer = (uint32_t)s->tokenizer;
    h->smoothing = (uint32_t)s->smoothing;
    h->n_models = 1;
    h->train_tokens = s->train_tokens;
    for (unsigned k = 1; k <= s->order; k++)
        h->n_ngrams[k - 1] = s->n[k];
    h->vocab_bytes = has(w, WN_LM_WORDS) ? s->vocab->n_bytes : 0;
    h->hash_seed = has(w, WN_LM_TABLES) ? s->hash_seed : 0;
}

static size_t order_bytes(const struct lm_model_writer *w, unsigned k)
{
    return w->shape.n[k] * w->order[k].cut.words * sizeof(uint32_t);
}

static void set_orders(struct lm_model_writer *w)
{
    uint64_t most = 0;

    for (unsigned k = 1; k <= w->shape.order; k++) {
        enum lm_table_kind kind = lm_table_kind_of(&w->draft.head, k);
        struct order *o = &w->order[k];

        o->cut.words = lm_item_words(kind);
        o->cut.n_buckets = lm_buckets_for(kind, w->shape.n[k]);
        o->cut.n_buckets_below = k >= 3 ? w->order[k - 1].cut.n_buckets : 0;
        o->cut.word_hash = w->shape.word_hash;
        o->prob = o->backoff = LM_EXTENT_NONE;
        /* without masks from the producer two orders wait at a time */
        if (order_bytes(w, k) + order_bytes(w, k - 1) > most)
            most = order_bytes(w, k) + order_bytes(w, k - 1);
    }
    w->on_disk = most > w->room.memory_bytes / 4;
    w->chunk = LM_SPOOL_MOST;
    while (w->on_disk && w->chunk > LM_SPOOL_LEAST && spools_bytes(w, &w->shape, w->chunk) > w->room.memory_bytes / 4)
        w->chunk /= 2;
    w->fill_jobs = fill_jobs(&w->room, spools_bytes(w, &w->shape, w->chunk) + (w->on_disk ? 0 : most));
}

static enum wn_status writer_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                   struct wn_err *err)
{
    struct lm_model_writer *w = ctx;
    enum wn_status st;

    w->shape = *shape;
    set_head(w);
    st = share_room(w, room, err);
    if (st == WN_OK)
        st = lm_draft_begin(&w->draft, err);
    if (st == WN_OK && has(w, WN_LM_INDEX)) {
        st = lm_index_builder_new(&w->index, err);
        if (st == WN_OK) {
            w->index_consumer = lm_index_builder_consumer(w->index);
            struct lm_room its = *room;

            lm_room_give(&its, tables_least(w, shape) > LM_ROOM_SMALL ? tables_least(w, shape) : 0);
            st = w->index_consumer.begin(w->index_consumer.ctx, shape, &its, err);
        }
    }
    if (st == WN_OK)
        st = lm_publish_open(&w->draft.sink.file, w->path, err);
    if (st == WN_OK && has(w, WN_LM_WORDS))
        st = lm_draft_words(&w->draft, shape->vocab, err);
    if (has(w, WN_LM_TABLES))
        set_orders(w);
    return st;
}

/* ---- blocks ------------------------------------------------------------------------- */

static enum wn_status writer_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    struct lm_model_writer *w = ctx;
    enum wn_status st = WN_OK;

    if (has(w, WN_LM_TABLES)) {
        struct lm_cut cut = w->order[b->order].cut;

        if (b->left)
            atomic_store_explicit(&w->has_left, true, memory_order_relaxed);
        if (atomic_load_explicit(&w->has_left, memory_order_relaxed))
            cut.n_buckets_below = 0;
        st = lm_items_cut(&cut, b, out, err);
    }
    if (st == WN_OK && w->index)
        st = w->index_consumer.work(w->index_consumer.ctx, b, out, err);
    return st;
}

static enum wn_status make_table(struct lm_model_writer *w, unsigned k, struct wn_err *err)
{
    struct order *o = &w->order[k];
    struct lm_draft *d = &w->draft;
    struct lm_section *s = &d->table[k];
    struct lm_fill fill = { .items = &o->items, .masks = o->masks.temp ? &o->masks : NULL, .sink = &d->sink,
                            .offset = lm_draft_offset(d, LM_LINES, k), .jobs = w->fill_jobs, .stop = w->room.stop };
    enum wn_status st;

    fill.table.kind = lm_table_kind_of(&d->head, k);
    fill.table.n_buckets = s->n_buckets = o->cut.n_buckets;
    if (fill.table.kind == LM_TABLE_MIDDLE_COMPACT || fill.table.kind == LM_TABLE_TOP_COMPACT) {
        bool top = fill.table.kind == LM_TABLE_TOP_COMPACT;

        s->prob[0] = fill.table.prob[0] = lm_quant_for(&o->prob, top ? LM_Q12_MAX : LM_Q16_MAX);
        s->backoff[0] = fill.table.backoff[0] = lm_quant_for(&o->backoff, LM_Q16_MAX);
    }
    st = lm_fill_table(&fill, &s->n_lines, &s->hash, err);
    d->n_lines[k] = s->n_lines;
    lm_spool_release(&o->items);
    lm_spool_release(&o->masks);
    return st;
}

static bool is_complete(const struct lm_model_writer *w, unsigned k)
{
    return w->order[k].taken == w->shape.n[k];
}

static enum wn_status ensure_spool(struct lm_model_writer *w, struct lm_spool *s, uint64_t n_buckets, unsigned words,
                                   struct wn_err *err)
{
    if (s->temp)
        return WN_OK;
    return lm_spool_init(s, lm_ranges_for(n_buckets), words * sizeof(uint32_t), w->chunk, w->on_disk,
                         w->room.tmp_dir, err);
}

/* Makes all tables that nothing is missing for. */
static enum wn_status make_tables(struct lm_model_writer *w, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    while (st == WN_OK && w->done < w->shape.order) {
        unsigned k = w->done + 1;
        struct order *o = &w->order[k];
        bool has_masks = k == 1 || k == w->shape.order || o->has_left || is_complete(w, k + 1);

        if (!is_complete(w, k) || !has_masks)
            break;
        st = ensure_spool(w, &o->items, o->cut.n_buckets, o->cut.words, err);
        if (st == WN_OK)
            st = make_table(w, k, err);
        w->done = k;
    }
    return st;
}

static enum wn_status take_items(struct lm_model_writer *w, unsigned k, size_t n, const struct lm_items *head,
                                 const char *bytes, struct wn_err *err)
{
    struct order *o = &w->order[k], *below = &w->order[k - 1];
    bool with_masks = head->n_masks > 0 && !below->has_left;
    enum wn_status st = ensure_spool(w, &o->items, o->cut.n_buckets, o->cut.words, err);

    if (st == WN_OK && with_masks)
        st = ensure_spool(w, &below->masks, below->cut.n_buckets, LM_MASK_WORDS, err);
    if (st == WN_OK)
        st = lm_items_add(&o->cut, bytes, &o->items, with_masks ? &below->masks : NULL, err);
    if (st != WN_OK)
        return st;
    lm_extent_join(&o->prob, &head->prob);
    lm_extent_join(&o->backoff, &head->backoff);
    o->has_left |= head->has_left != 0;
    w->has_unk |= head->has_unk != 0;
    o->taken += n;
    return make_tables(w, err);
}

static enum wn_status writer_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                  struct wn_err *err)
{
    struct lm_model_writer *w = ctx;
    struct lm_items head = { .bytes = 0 };
    enum wn_status st = WN_OK;

    if (has(w, WN_LM_TABLES)) {
        memcpy(&head, out.ptr, sizeof(head));
        st = take_items(w, order, n, &head, out.ptr, err);
    }
    if (st == WN_OK && w->index)
        st = w->index_consumer.take(w->index_consumer.ctx, order, first, n,
                                    (struct wn_str){ out.ptr + head.bytes, out.len - head.bytes }, err);
    return st;
}

/* ---- end ---------------------------------------------------------------------------- */

static enum wn_status writer_end(void *ctx, struct wn_err *err)
{
    struct lm_model_writer *w = ctx;
    struct wn_lm *index = NULL;
    enum wn_status st = WN_OK;

    if (has(w, WN_LM_TABLES))
        st = make_tables(w, err);
    if (st == WN_OK && has(w, WN_LM_TABLES) && w->done < w->shape.order)
        st = wn_fail(err, WN_BROKEN, "cannot write model '%s': n-grams of order %u are missing", w->path, w->done + 1);
    w->draft.head.unk_extends = w->has_unk;
    if (st == WN_OK && w->index)
        st = w->index_consumer.end(w->index_consumer.ctx, err);
    if (st == WN_OK && w->index)
        st = lm_index_builder_take(w->index, &index, err);
    if (st == WN_OK)
        st = lm_draft_end(&w->draft, index, err);
    wn_lm_free(index);
    return st;
}

/* ---- the object ------------------------------------------------------------------------ */

enum wn_status lm_model_writer_new(struct lm_model_writer **out, const char *path, unsigned parts, bool compact,
                                   struct wn_err *err)
{
    struct lm_model_writer *w;

    *out = NULL;
    if (parts == 0)
        parts = WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX;
    if (parts > (WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX) || !(parts & (WN_LM_TABLES | WN_LM_INDEX)))
        return wn_fail(err, WN_BADCONF, "cannot write model '%s': it needs tables or an index", path);
    if ((parts & WN_LM_INDEX) && !(parts & WN_LM_WORDS))
        return wn_fail(err, WN_BADCONF, "cannot write model '%s': an index needs words", path);
    w = calloc(1, sizeof(*w));
    if (!w || !(w->path = strdup(path))) {
        free(w);
        return wn_fail(err, WN_NOMEM, "cannot write model '%s': out of memory", path);
    }
    atomic_init(&w->has_left, false);
    w->draft.head.parts = parts;
    w->draft.head.mode = compact && (parts & WN_LM_TABLES) ? LM_MODE_COMPACT : LM_MODE_EXACT;
    w->consumer = (struct lm_consumer){ w, writer_begin, writer_work, writer_take, writer_end, writer_least };
    *out = w;
    return WN_OK;
}

void lm_model_writer_hold(struct lm_model_writer *w, struct wn_lm_file **held)
{
    w->draft.held = held;
}

const struct lm_consumer *lm_model_writer_consumer(struct lm_model_writer *w)
{
    return &w->consumer;
}

void lm_model_writer_free(struct lm_model_writer *w)
{
    if (!w)
        return;
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        lm_spool_release(&w->order[k].items);
        lm_spool_release(&w->order[k].masks);
    }
    lm_index_builder_free(w->index);
    lm_sink_release(&w->draft.sink);
    free(w->path);
    free(w);
}
