/*
 * lm_runs_disk.c - runs within a memory limit.
 *
 * One pass over the text appends each record to its part's buffer, full buffers go to a
 * file.  Then each part is read, sorted and written to a second file.  A part that does not
 * fit (a pair of words can be as frequent as it likes) is read in pieces, whose
 * equal N-grams are added up before the next piece comes.
 */
#include <stdlib.h>

#include <winnow/flow.h>

#include "lm/lm_parts.h"

enum { LEAST_BUFFER = 4096, MOST_BUFFER = 65536, READ_IDS = 1 << 14 };
enum { LEAST_PART = 1 << 18, MOST_PART = 4 << 20 };

/* One part's records on their way to the file. */
struct pile {
    char *buffer;            /* of buffer_bytes                                       */
    size_t used;
    uint64_t *at;            /* full buffers in the file                              */
    size_t n, cap;
    uint64_t rest;           /* the last, partly full one                             */
};

struct spill {
    struct lm_making *m;
    struct lm_temp *temp;
    struct pile *pile;
    size_t record_bytes, buffer_bytes;   /* the second a multiple of the first       */
    char *buffers;
    uint64_t share;          /* a worker's memory for records and their sorting       */
    size_t from, most;       /* sizes of the parts to sort now, in records            */
    atomic_size_t part;
};

/* ---- the first pass -------------------------------------------------------------------- */

static enum wn_status put_buffer(struct spill *s, struct pile *p, struct wn_err *err)
{
    enum wn_status st;

    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap + p->cap / 2 : 16;
        uint64_t *more = realloc(p->at, cap * sizeof(*more));

        if (!more)
            return lm_sort_no_memory(err);
        p->at = more;
        p->cap = cap;
    }
    st = lm_temp_put(s->temp, p->buffer, s->buffer_bytes, &p->at[p->n], err);
    p->n += st == WN_OK;
    p->used = 0;
    return st;
}

static inline enum wn_status put_record(struct spill *s, uint32_t part, const uint64_t *record, unsigned width,
                                        struct wn_err *err)
{
    struct pile *p = &s->pile[part];
    uint64_t *to = (uint64_t *)(void *)(p->buffer + p->used);

    for (unsigned j = 0; j < width; j++)
        to[j] = record[j];
    p->used += s->record_bytes;
    return p->used == s->buffer_bytes ? put_buffer(s, p, err) : WN_OK;
}

static enum wn_status spill_ids(struct spill *s, struct lm_window *w, const uint32_t *ids, size_t n,
                                struct wn_err *err)
{
    const struct lm_runs *r = s->m->runs;
    const uint64_t mask = (UINT64_C(1) << w->bits) - 1;
    const unsigned width = s->m->width;
    enum wn_status st = lm_stopped(&s->m->room) ? wn_fail(err, WN_CANCELLED, "sorting was cancelled") : WN_OK;

    for (size_t i = 0; st == WN_OK && i < n; i++) {
        uint64_t record[5];
        uint32_t before;

        if (ids[i] == WN_LM_BOS) {
            lm_window_start(w);
            continue;
        }
        lm_window_push(w, ids[i], w->stride);
        before = (uint32_t)(w->number[0] >> (64 - 2 * w->bits) & mask);
        memcpy(record, w->number, sizeof(w->number));
        if (width > w->stride)
            record[w->stride] = 1;
        st = put_record(s, lm_splits_part(&r->splits, ids[i], before), record, width, err);
    }
    return st;
}

static enum wn_status spill_text(struct spill *s, struct wn_err *err)
{
    const struct wn_counts *c = s->m->counts;
    uint32_t *ids = malloc(READ_IDS * sizeof(*ids));
    enum wn_status st = ids ? WN_OK : lm_sort_no_memory(err);
    struct lm_window w;

    lm_window_init(&w, &s->m->runs->packing);
    for (uint64_t at = 0; st == WN_OK && at < counts_spilled(c);) {
        size_t n = READ_IDS;

        st = counts_read(c, at, ids, &n, err);
        if (st == WN_OK)
            st = spill_ids(s, &w, ids, n, err);
        at += n;
    }
    for (size_t at = 0; st == WN_OK && at < c->n; at += READ_IDS)
        st = spill_ids(s, &w, c->ids + at, c->n - at < READ_IDS ? c->n - at : READ_IDS, err);
    free(ids);
    return st;
}

static enum wn_status spill_block(struct spill *s, const uint64_t *count, const uint32_t *words, size_t n,
                                  struct wn_err *err)
{
    const struct lm_runs *r = s->m->runs;
    const unsigned order = r->packing.order;
    enum wn_status st = lm_stopped(&s->m->room) ? wn_fail(err, WN_CANCELLED, "sorting was cancelled") : WN_OK;

    for (size_t i = 0; st == WN_OK && i < n; i++, words += order) {
        uint64_t record[5];

        lm_pack_words(record, &r->packing, words);
        record[r->packing.stride] = count[i];
        st = put_record(s, lm_splits_part(&r->splits, words[0], order > 1 ? words[1] : 0), record, s->m->width, err);
    }
    return st;
}

static enum wn_status spill_counted(struct spill *s, struct wn_err *err)
{
    struct counted_walk w;
    enum wn_status st = counted_walk_init(&w, s->m->counts) ? WN_OK : lm_sort_no_memory(err);

    while (st == WN_OK && (st = counted_walk_next(&w, err)) == WN_OK)
        st = spill_block(s, w.count, w.words, w.n, err);
    counted_walk_release(&w);
    return st == WN_END ? WN_OK : st;
}

static enum wn_status spill_rests(struct spill *s, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; st == WN_OK && i < s->m->runs->n_parts; i++) {
        struct pile *p = &s->pile[i];

        if (p->used > 0)
            st = lm_temp_put(s->temp, p->buffer, p->used, &p->rest, err);
    }
    free(s->buffers);
    s->buffers = NULL;
    return st;
}

/* ---- the second pass ---------------------------------------------------------------------- */

/* One worker's memory. */
struct bench {
    struct lm_sorter sorter;
    uint64_t *record;
    size_t cap;                          /* numbers */
};

/* Records of WIDTH numbers that fit into a worker's share: themselves, as many again to
 * sort them, a count byte each (and one in 255 a wide count). */
static size_t most_records(const struct spill *s, unsigned width)
{
    return (size_t)(s->share / (2 * width * sizeof(uint64_t) + 2));
}

static size_t pile_records(const struct spill *s, const struct pile *p)
{
    return (p->n * s->buffer_bytes + p->used) / s->record_bytes;
}

/* Room for N records of WIDTH numbers. */
static enum wn_status reserve_bench(struct bench *b, size_t n, unsigned width, struct wn_err *err)
{
    b->sorter.width = width;
    if (n * width > b->cap) {
        free(b->record);
        b->record = malloc(n * width * sizeof(b->record[0]));
        b->cap = b->record ? n * width : 0;
        if (!b->record)
            return lm_sort_no_memory(err);
    }
    return lm_sorter_reserve(&b->sorter, n, err);
}

/* Reads records FROM .. FROM + N of a pile, in file order. */
static enum wn_status read_pile(const struct spill *s, const struct pile *p, size_t from, size_t n, uint64_t *to,
                                struct wn_err *err)
{
    const size_t per = s->buffer_bytes / s->record_bytes;

    while (n > 0) {
        const size_t i = from / per, skip = from % per;
        const size_t here = i < p->n ? per - skip : p->used / s->record_bytes - skip;
        const size_t take = here < n ? here : n;
        enum wn_status st = lm_temp_get(s->temp, (i < p->n ? p->at[i] : p->rest) + skip * s->record_bytes, to,
                                        take * s->record_bytes, err);

        if (st != WN_OK)
            return st;
        to += take * s->m->width;
        from += take;
        n -= take;
    }
    return WN_OK;
}

/* Gives N records that have none a count of 1, from the last one on, in place. */
static void give_counts(uint64_t *rec, size_t n, unsigned stride)
{
    for (size_t i = n; i-- > 0;) {
        for (unsigned j = stride; j-- > 0;)
            rec[i * (stride + 1) + j] = rec[i * stride + j];
        rec[i * (stride + 1) + stride] = 1;
    }
}

static enum wn_status too_many(const struct spill *s, size_t n, struct wn_err *err)
{
    /* All at once, twice over: more than enough. */
    const uint64_t more = n * (s->m->width + 1) * sizeof(uint64_t) * 4;

    return lm_room_afford(&s->m->room, s->m->room.memory_bytes + more, "sort n-grams", err);
}

/* A part in pieces: what is left of the pieces before, then as many as fit. */
static enum wn_status squeeze_pieces(struct spill *s, struct bench *b, const struct pile *p, size_t n,
                                     struct lm_squeezed *out, struct wn_err *err)
{
    const unsigned stride = s->m->runs->packing.stride;
    const size_t most = most_records(s, stride + 1);
    enum wn_status st = reserve_bench(b, most, stride + 1, err);
    size_t held = 0;

    for (size_t from = 0; st == WN_OK && from < n;) {
        const size_t take = n - from < most - held ? n - from : most - held;
        uint64_t *to = b->record + held * (stride + 1);

        st = read_pile(s, p, from, take, to, err);
        if (st != WN_OK)
            break;
        if (s->m->width == stride)
            give_counts(to, take, stride);
        held = lm_sorter_sum(&b->sorter, b->record, held + take);
        from += take;
        if (from < n && held > most / 2)
            st = too_many(s, n, err);
    }
    return st == WN_OK ? lm_sorter_squeeze(&b->sorter, b->record, held, out, err) : st;
}

static enum wn_status write_part(struct spill *s, const struct bench *b, struct lm_part *part, struct wn_err *err)
{
    const struct lm_sorter *sorter = &b->sorter;
    const size_t keys = part->size.n * sorter->stride * sizeof(uint64_t), all = lm_counts_bytes(&part->size);
    const size_t wide = all ? part->size.n_wide * sizeof(uint64_t) : 0;
    enum wn_status st = lm_temp_room(s->m->runs->temp, keys + all, &part->at, err);

    if (st == WN_OK)
        st = lm_temp_set(s->m->runs->temp, part->at, b->record, keys, err);
    if (st == WN_OK)
        st = lm_temp_set(s->m->runs->temp, part->at + keys, sorter->wide, wide, err);
    if (st == WN_OK && all)
        st = lm_temp_set(s->m->runs->temp, part->at + keys + wide, sorter->count, part->size.n, err);
    return st;
}

static enum wn_status sort_pile(struct spill *s, struct bench *b, uint32_t i, struct wn_err *err)
{
    struct pile *p = &s->pile[i];
    struct lm_part *part = &s->m->runs->part[i];
    const size_t n = pile_records(s, p);
    enum wn_status st;

    if (n > most_records(s, s->m->width)) {
        st = squeeze_pieces(s, b, p, n, &part->size, err);
    } else {
        st = reserve_bench(b, n, s->m->width, err);
        if (st == WN_OK)
            st = read_pile(s, p, 0, n, b->record, err);
        if (st == WN_OK)
            st = lm_sorter_squeeze(&b->sorter, b->record, n, &part->size, err);
    }
    return st == WN_OK ? write_part(s, b, part, err) : st;
}

/* One worker: takes in turn the parts of the sizes that are meant now. */
static enum wn_status sort_piles(void *ctx, size_t worker, struct wn_err *err)
{
    struct spill *s = ctx;
    const struct lm_runs *r = s->m->runs;
    struct bench b = { 0 };
    enum wn_status st = lm_sorter_init(&b.sorter, &r->packing, s->m->counts->vocab.n, false, err);

    (void)worker;
    while (st == WN_OK) {
        size_t i = atomic_fetch_add(&s->part, 1), n;

        if (i >= r->n_parts)
            break;
        n = pile_records(s, &s->pile[i]);
        if (n < s->from || n > s->most)
            continue;
        st = lm_stopped(&s->m->room) ? wn_fail(err, WN_CANCELLED, "sorting was cancelled")
                                     : sort_pile(s, &b, (uint32_t)i, err);
    }
    lm_sorter_release(&b.sorter);
    free(b.record);
    return st;
}

/* ---- the whole --------------------------------------------------------------------------------- */

/* Parts of a size that leaves an estimator with all its threads room, buffers for all of
 * them in half of the memory. */
static enum wn_status plan(struct spill *s, struct wn_err *err)
{
    struct lm_making *m = s->m;
    struct lm_runs *r = m->runs;
    const uint64_t bytes = m->n_records * m->width * sizeof(uint64_t);
    uint64_t part = m->avail / (32 * (uint64_t)m->room.jobs), n, buffer;
    enum wn_status st;

    part = part < LEAST_PART ? LEAST_PART : part > MOST_PART ? MOST_PART : part;
    n = bytes / part + 1;
    if (n > m->avail / 4 / LEAST_BUFFER)
        n = m->avail / 4 / LEAST_BUFFER;
    /* An estimate counts what goes from every part to every other, order by order. */
    while (n > 1 && n * n * sizeof(uint32_t) * r->packing.order > m->avail / 8)
        n -= n / 16 + 1;
    st = lm_splits_new(&r->splits, m->counts, &r->packing, (uint32_t)n, err);
    if (st != WN_OK)
        return st;
    r->n_parts = r->splits.n + 1;
    r->part = calloc(r->n_parts, sizeof(r->part[0]));
    s->pile = calloc(r->n_parts, sizeof(s->pile[0]));
    buffer = m->avail / 4 / r->n_parts;
    buffer = buffer > MOST_BUFFER ? MOST_BUFFER : buffer;
    s->record_bytes = m->width * sizeof(uint64_t);
    s->buffer_bytes = buffer / s->record_bytes * s->record_bytes;
    s->buffers = malloc(r->n_parts * s->buffer_bytes);
    if (!r->part || !s->pile || !s->buffers)
        return lm_sort_no_memory(err);
    for (uint32_t i = 0; i < r->n_parts; i++)
        s->pile[i].buffer = s->buffers + i * s->buffer_bytes;
    return WN_OK;
}

/* Each of JOBS workers gets its share of the memory. */
static void share_out(struct spill *s, unsigned jobs)
{
    uint64_t avail = s->m->avail, lists = 0, fixed = lm_sorter_bytes();

    for (uint32_t i = 0; i < s->m->runs->n_parts; i++)
        lists += s->pile[i].cap * sizeof(s->pile[i].at[0]);
    avail = avail / 8 * 7 > lists ? avail / 8 * 7 - lists : 0;
    s->share = avail / jobs > fixed + LEAST_PART ? avail / jobs - fixed : LEAST_PART;
    atomic_store(&s->part, 0);
}

/* Parts that are too large for one of several workers come first, with all the memory. */
static enum wn_status sort_all(struct spill *s, struct wn_err *err)
{
    const unsigned jobs = s->m->room.jobs;
    enum wn_status st = WN_OK;

    share_out(s, jobs);
    s->from = jobs > 1 ? most_records(s, s->m->width) + 1 : 0;
    s->most = SIZE_MAX;
    if (jobs > 1) {
        share_out(s, 1);
        st = sort_piles(s, 0, err);
        s->most = s->from - 1;
        s->from = 0;
        share_out(s, jobs);
    }
    return st == WN_OK ? wn_parallel_each(jobs, jobs, sort_piles, s, NULL, err) : st;
}

static enum wn_status spill_all(struct spill *s, struct wn_err *err)
{
    enum wn_status st = spill_text(s, err);

    if (st == WN_OK)
        st = spill_counted(s, err);
    if (st == WN_OK)
        st = spill_rests(s, err);
    if (st != WN_OK)
        return st;
    if (s->m->consume)
        counts_drop_text(s->m->counts);
    return sort_all(s, err);
}

enum wn_status lm_make_on_disk(struct lm_making *m, struct wn_err *err)
{
    struct spill s = { .m = m };
    enum wn_status st = plan(&s, err);

    atomic_init(&s.part, 0);
    if (st == WN_OK)
        st = lm_temp_new(&s.temp, true, m->room.tmp_dir, err);
    if (st == WN_OK)
        st = lm_temp_new(&m->runs->temp, true, m->room.tmp_dir, err);
    if (st == WN_OK)
        st = spill_all(&s, err);
    for (uint32_t i = 0; s.pile && i < m->runs->n_parts; i++)
        free(s.pile[i].at);
    free(s.pile);
    free(s.buffers);
    lm_temp_free(s.temp);
    return st;
}
