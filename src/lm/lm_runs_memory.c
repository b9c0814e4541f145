/*
 * lm_runs_memory.c - runs in one array in memory.
 *
 * The text is passed over twice: once to count how many records each part gets from each
 * chunk, once to write each record to its place.  So threads need no locks, and a chunk's
 * records lie where one thread would have put them.  Parts are then sorted in place.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <winnow/flow.h>

#include "lm/lm_parts.h"

enum { PART_BYTES = 1 << 20, HUGE_PAGE = 2 << 20, POLL_IDS = 1 << 16, AHEAD = 16 };

/* What one thread passes over: ids, cut where sentences begin, or blocks of N-grams. */
struct chunk {
    const uint32_t *ids, *end;
    const struct counted *counted;
    size_t block, end_block;
    uint64_t *next;          /* by part: first how many records, then where the next one goes */
};

struct scatter {
    struct lm_making *m;
    struct chunk *chunk;
    size_t n_chunks;
    uint64_t *start;         /* by part: its first record; n_parts + 1 */
    atomic_size_t part;      /* the next one to sort                  */
};

/* ---- chunks ------------------------------------------------------------------------------ */

static size_t cut_ids(struct chunk *chunk, const struct wn_counts *c, unsigned jobs)
{
    const uint32_t *at = c->ids, *end = c->ids + c->n;
    size_t n = 0;

    for (unsigned i = 1; i <= jobs && at < end; i++) {
        const uint32_t *to = i == jobs ? end : c->ids + c->n / jobs * i;

        while (to < end && *to != WN_LM_BOS)
            to++;
        if (to <= at)
            continue;
        chunk[n++] = (struct chunk){ .ids = at, .end = to };
        at = to;
    }
    return n;
}

static enum wn_status make_chunks(struct scatter *s, struct wn_err *err)
{
    const struct wn_counts *c = s->m->counts;
    const unsigned jobs = s->m->room.jobs;
    size_t most = jobs;

    for (const struct counted *d = c->counted; d; d = d->next)
        most += jobs;
    s->chunk = calloc(most, sizeof(s->chunk[0]));
    if (!s->chunk)
        return lm_sort_no_memory(err);
    if (c->n > 0)
        s->n_chunks = cut_ids(s->chunk, c, jobs);
    for (const struct counted *d = c->counted; d; d = d->next) {
        for (unsigned i = 0; i < jobs; i++)
            s->chunk[s->n_chunks++] = (struct chunk){ .counted = d, .block = d->n_blocks * i / jobs,
                                                      .end_block = d->n_blocks * (i + 1) / jobs };
    }
    for (size_t i = 0; i < s->n_chunks; i++) {
        s->chunk[i].next = calloc(s->m->runs->n_parts, sizeof(s->chunk[i].next[0]));
        if (!s->chunk[i].next)
            return lm_sort_no_memory(err);
    }
    return WN_OK;
}

/* ---- the text ------------------------------------------------------------------------------ */

/* The word AHEAD of P, whose place among the splitters should be on its way. */
static inline void prefetch_word(const struct lm_splits *splits, const uint32_t *p, const uint32_t *stop)
{
    __builtin_prefetch(&splits->first[stop - p > AHEAD ? p[AHEAD] : *p]);
}

static enum wn_status count_ids(struct scatter *s, struct chunk *k, struct wn_err *err)
{
    const struct lm_splits *splits = &s->m->runs->splits;
    const uint32_t with_before = s->m->runs->packing.order > 1 ? UINT32_MAX : 0;
    uint32_t before = 0;

    for (const uint32_t *p = k->ids; p < k->end;) {
        const uint32_t *stop = k->end - p < POLL_IDS ? k->end : p + POLL_IDS;

        if (lm_stopped(&s->m->room))
            return wn_fail(err, WN_CANCELLED, "sorting was cancelled");
        for (; p < stop; p++) {
            prefetch_word(splits, p, stop);
            if (*p != WN_LM_BOS)
                k->next[lm_splits_part(splits, *p, before & with_before)]++;
            before = *p;
        }
    }
    return WN_OK;
}

static inline __attribute__((always_inline)) void write_ids(const struct lm_splits *splits, struct lm_window *w,
                                                            const uint32_t *p, const uint32_t *stop, uint64_t *next,
                                                            uint64_t *record, unsigned stride, bool counted)
{
    const uint64_t mask = (UINT64_C(1) << w->bits) - 1;

    for (; p < stop; p++) {
        uint64_t *to;

        prefetch_word(splits, p, stop);
        if (*p == WN_LM_BOS) {
            lm_window_start(w);
            continue;
        }
        lm_window_push(w, *p, stride);
        to = record + (stride + counted) *
                          next[lm_splits_part(splits, *p, (uint32_t)(w->number[0] >> (64 - 2 * w->bits) & mask))]++;
        __builtin_prefetch((const char *)to + 64, 1);     /* the part's next line, to be written soon */
        for (unsigned j = 0; j < stride; j++)
            to[j] = w->number[j];
        if (counted)
            to[stride] = 1;
    }
}

static enum wn_status scatter_ids(struct scatter *s, struct chunk *k, struct wn_err *err)
{
    const struct lm_runs *r = s->m->runs;
    const bool counted = s->m->width > r->packing.stride;
    struct lm_window w;

    lm_window_init(&w, &r->packing);
    for (const uint32_t *p = k->ids, *stop; p < k->end; p = stop) {
        stop = k->end - p < POLL_IDS ? k->end : p + POLL_IDS;
        if (lm_stopped(&s->m->room))
            return wn_fail(err, WN_CANCELLED, "sorting was cancelled");
        if (counted)
            write_ids(&r->splits, &w, p, stop, k->next, r->record, w.stride, true);
        else if (w.stride == 1)
            write_ids(&r->splits, &w, p, stop, k->next, r->record, 1, false);
        else if (w.stride == 2)
            write_ids(&r->splits, &w, p, stop, k->next, r->record, 2, false);
        else
            write_ids(&r->splits, &w, p, stop, k->next, r->record, w.stride, false);
    }
    return WN_OK;
}

/* ---- N-grams with counts ---------------------------------------------------------------------- */

static uint32_t part_of_words(const struct scatter *s, const uint32_t *words)
{
    return lm_splits_part(&s->m->runs->splits, words[0], s->m->runs->packing.order > 1 ? words[1] : 0);
}

static enum wn_status pass_counted(struct scatter *s, struct chunk *k, bool write, struct wn_err *err)
{
    const struct lm_runs *r = s->m->runs;
    const unsigned order = r->packing.order, width = s->m->width;

    for (size_t b = k->block; b < k->end_block; b++) {
        const uint64_t *count = lm_temp_view(k->counted->temp, k->counted->block[b].at);
        const uint32_t *words = (const uint32_t *)(count + k->counted->block[b].n);

        if (lm_stopped(&s->m->room))
            return wn_fail(err, WN_CANCELLED, "sorting was cancelled");
        for (size_t i = 0; i < k->counted->block[b].n; i++, words += order) {
            uint64_t *next = &k->next[part_of_words(s, words)];

            if (write) {
                lm_pack_words(r->record + *next * width, &r->packing, words);
                r->record[*next * width + width - 1] = count[i];
            }
            ++*next;
        }
    }
    return WN_OK;
}

static enum wn_status count_chunk(void *ctx, size_t i, struct wn_err *err)
{
    struct scatter *s = ctx;
    struct chunk *k = &s->chunk[i];

    return k->counted ? pass_counted(s, k, false, err) : count_ids(s, k, err);
}

static enum wn_status write_chunk(void *ctx, size_t i, struct wn_err *err)
{
    struct scatter *s = ctx;
    struct chunk *k = &s->chunk[i];

    return k->counted ? pass_counted(s, k, true, err) : scatter_ids(s, k, err);
}

/* ---- places ------------------------------------------------------------------------------------ */

static void place_records(struct scatter *s)
{
    uint64_t at = 0;

    for (uint32_t p = 0; p < s->m->runs->n_parts; p++) {
        s->start[p] = at;
        for (size_t i = 0; i < s->n_chunks; i++) {
            uint64_t here = s->chunk[i].next[p];

            s->chunk[i].next[p] = at;
            at += here;
        }
    }
    s->start[s->m->runs->n_parts] = at;
}

static enum wn_status alloc_records(struct lm_making *m, struct wn_err *err)
{
    struct lm_runs *r = m->runs;
    uintptr_t from;

    if (m->n_records > SIZE_MAX / 64 || !(r->record = malloc(m->n_records * m->width * sizeof(*r->record))))
        return wn_fail(err, WN_NOMEM, "cannot sort %llu n-grams: out of memory", (unsigned long long)m->n_records);
    r->record_bytes = m->n_records * m->width * sizeof(*r->record);
    /* Many streams into one large array: with small pages each would miss the TLB.  It is
     * advice only. */
    from = ((uintptr_t)r->record + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    if (r->record_bytes > 8 * HUGE_PAGE)
        madvise((void *)from, r->record_bytes - 2 * HUGE_PAGE, MADV_HUGEPAGE);
    return WN_OK;
}

/* ---- sorting ------------------------------------------------------------------------------------- */

size_t lm_counts_bytes(const struct lm_squeezed *s)
{
    return s->ones ? 0 : s->n_wide * sizeof(uint64_t) + s->n;
}

/* Counts go behind the keys, where equal records have left room, or else elsewhere. */
static enum wn_status keep_counts(struct lm_part *part, const struct lm_sorter *s, uint64_t *rec, uint64_t *end,
                                  struct wn_err *err)
{
    uint64_t *to = rec + part->size.n * s->stride;
    const size_t bytes = lm_counts_bytes(&part->size), wide = part->size.n_wide * sizeof(uint64_t);

    if (bytes == 0)
        return WN_OK;
    if (bytes > (size_t)(end - to) * sizeof(*to)) {
        to = part->owned = malloc(bytes);
        if (!to)
            return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    }
    if (wide)
        memcpy(to, s->wide, wide);
    memcpy((char *)to + wide, s->count, part->size.n);
    part->wide = to;
    part->count = (const uint8_t *)to + wide;
    return WN_OK;
}

static enum wn_status sort_part(struct scatter *s, struct lm_sorter *sorter, uint32_t i, struct wn_err *err)
{
    struct lm_part *part = &s->m->runs->part[i];
    const size_t n = (size_t)(s->start[i + 1] - s->start[i]);
    uint64_t *rec = s->m->runs->record + s->start[i] * s->m->width;
    enum wn_status st = lm_sorter_reserve(sorter, n, err);

    if (st == WN_OK)
        st = lm_sorter_squeeze(sorter, rec, n, &part->size, err);
    part->key = rec;
    return st == WN_OK ? keep_counts(part, sorter, rec, rec + n * s->m->width, err) : st;
}

/* One worker; parts are taken in turn. */
static enum wn_status sort_parts(void *ctx, size_t worker, struct wn_err *err)
{
    struct scatter *s = ctx;
    const struct lm_runs *r = s->m->runs;
    struct lm_sorter sorter;
    enum wn_status st = lm_sorter_init(&sorter, &r->packing, s->m->counts->vocab.n,
                                       s->m->width > r->packing.stride, err);

    (void)worker;
    while (st == WN_OK) {
        size_t i = atomic_fetch_add(&s->part, 1);

        if (i >= r->n_parts)
            break;
        st = lm_stopped(&s->m->room) ? wn_fail(err, WN_CANCELLED, "sorting was cancelled")
                                     : sort_part(s, &sorter, (uint32_t)i, err);
    }
    lm_sorter_release(&sorter);
    return st;
}

static enum wn_status cut_parts(struct lm_making *m, struct wn_err *err)
{
    struct lm_runs *r = m->runs;
    uint64_t n = m->n_records * m->width * sizeof(uint64_t) / PART_BYTES + 1;
    enum wn_status st = lm_splits_new(&r->splits, m->counts, &r->packing, n < 1 << 16 ? (uint32_t)n : 1 << 16, err);

    if (st != WN_OK)
        return st;
    r->n_parts = r->splits.n + 1;
    r->part = calloc(r->n_parts, sizeof(r->part[0]));
    return r->part ? WN_OK : lm_sort_no_memory(err);
}

/* Whether the largest part leaves an estimate's first thread room to work on it. */
static bool parts_fit(const struct scatter *s)
{
    const struct lm_making *m = s->m;
    uint64_t most = 0, held = counts_memory(m->counts) + m->runs->record_bytes;

    for (uint32_t p = 0; p < m->runs->n_parts; p++)
        most = s->start[p + 1] - s->start[p] > most ? s->start[p + 1] - s->start[p] : most;
    held += most * LM_AT_HAND_BYTES + (uint64_t)m->counts->vocab.n * LM_WORD_BYTES;
    return held + held / 8 <= m->room.memory_bytes;
}

static enum wn_status scatter_all(struct scatter *s, bool *on_disk, struct wn_err *err)
{
    const unsigned jobs = s->m->room.jobs;
    enum wn_status st = wn_parallel_each(s->n_chunks, jobs, count_chunk, s, s->m->room.stop, err);

    if (st != WN_OK)
        return st;
    place_records(s);
    *on_disk = !parts_fit(s);
    if (*on_disk)
        return WN_OK;
    st = wn_parallel_each(s->n_chunks, jobs, write_chunk, s, s->m->room.stop, err);
    if (st != WN_OK)
        return st;
    if (s->m->consume)
        counts_drop_text(s->m->counts);
    return wn_parallel_each(jobs, jobs, sort_parts, s, NULL, err);
}

enum wn_status lm_make_in_memory(struct lm_making *m, bool *on_disk, struct wn_err *err)
{
    struct scatter s = { .m = m };
    enum wn_status st = cut_parts(m, err);

    atomic_init(&s.part, 0);
    if (st == WN_OK)
        st = alloc_records(m, err);
    if (st == WN_OK) {
        s.start = malloc(((size_t)m->runs->n_parts + 1) * sizeof(s.start[0]));
        st = s.start ? make_chunks(&s, err) : lm_sort_no_memory(err);
    }
    if (st == WN_OK)
        st = scatter_all(&s, on_disk, err);
    for (size_t i = 0; i < s.n_chunks; i++)
        free(s.chunk[i].next);
    free(s.chunk);
    free(s.start);
    return st;
}
