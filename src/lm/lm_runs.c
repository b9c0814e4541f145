/*
 * lm_runs.c - sorted, counted N-grams in parts: making them, and reading them.
 */
#include <stdlib.h>

#include "lm/lm_parts.h"

static uint64_t n_records(const struct wn_counts *c)
{
    uint64_t n = counts_ids(c) - c->n_sentences;

    for (const struct counted *d = c->counted; d; d = d->next)
        n += d->n;
    return n;
}

/* Whether counts of files lie in memory, as the work there wants them. */
static bool counted_in_memory(const struct wn_counts *c)
{
    for (const struct counted *d = c->counted; d; d = d->next) {
        if (d->n_blocks && !lm_temp_view(d->temp, d->block[0].at))
            return false;
    }
    return true;
}

/* Whether the records may stay in memory: they are what an estimate holds all the time, and
 * it needs as much again for the words and for its work, parts of the usual size provided
 * (lm_make_in_memory finds out). */
static bool fits_in_memory(const struct lm_making *m)
{
    const uint64_t part = UINT64_C(8) << 20;
    uint64_t need;

    if (m->counts->n_blocks > 0 || !counted_in_memory(m->counts))
        return false;
    if (m->room.memory_bytes == UINT64_MAX)
        return true;
    need = counts_memory(m->counts) + m->n_records * (m->width * sizeof(uint64_t) + 1) + part * m->room.jobs;
    need += (uint64_t)m->counts->vocab.n * LM_WORD_BYTES;
    return need + need / 8 <= m->room.memory_bytes;
}

/* What is left for work on disk, and the threads that it is enough for. */
static enum wn_status share_memory(struct lm_making *m, struct wn_err *err)
{
    const uint64_t held = counts_memory(m->counts) + ((uint64_t)m->counts->vocab.n + 1) * sizeof(uint32_t);
    const uint64_t least = LM_ROOM_LEAST / 2;

    if (m->room.memory_bytes < held + least)
        return lm_room_afford(&m->room, held + least, "sort n-grams", err);
    m->avail = m->room.memory_bytes - held;
    if (m->room.jobs > m->avail / (LM_ROOM_LEAST / 4))
        m->room.jobs = (unsigned)(m->avail / (LM_ROOM_LEAST / 4));
    return WN_OK;
}

static void release_content(struct lm_runs *r)
{
    for (uint32_t i = 0; r->part && i < r->n_parts; i++)
        free(r->part[i].owned);
    free(r->part);
    free(r->record);
    lm_splits_release(&r->splits);
    lm_temp_free(r->temp);
    *r = (struct lm_runs){ .packing = r->packing };
}

enum wn_status lm_runs_new(struct lm_runs **out, struct wn_counts *c, bool consume, const struct lm_room *room,
                           struct wn_err *err)
{
    struct lm_making m = { .counts = c, .room = *room, .consume = consume };
    struct lm_runs *r = calloc(1, sizeof(*r));
    bool on_disk = true;
    enum wn_status st = WN_OK;

    *out = NULL;
    if (!r)
        return lm_sort_no_memory(err);
    if (c->lost)
        st = wn_fail(err, WN_IO, "cannot sort n-grams: what was counted is lost");
    else if (c->is_used)
        st = wn_fail(err, WN_BADCONF, "cannot sort n-grams: these counts were used up by a model");
    m.runs = r;
    r->packing = lm_packing_for(c->order, c->vocab.n);
    m.width = r->packing.stride + (c->counted != NULL);
    m.n_records = n_records(c);
    if (st == WN_OK && fits_in_memory(&m))
        st = lm_make_in_memory(&m, &on_disk, err);
    if (st == WN_OK && on_disk) {
        release_content(r);
        st = share_memory(&m, err);
        if (st == WN_OK)
            st = lm_make_on_disk(&m, err);
    }
    r->raw_bytes = m.n_records * m.width * sizeof(uint64_t);
    if (st == WN_OK)
        *out = r;
    else
        lm_runs_free(r);
    return st;
}

void lm_runs_free(struct lm_runs *r)
{
    if (!r)
        return;
    release_content(r);
    free(r);
}

const struct lm_packing *lm_runs_packing(const struct lm_runs *r)
{
    return &r->packing;
}

uint32_t lm_runs_parts(const struct lm_runs *r)
{
    return r->n_parts;
}

uint32_t lm_runs_part_of(const struct lm_runs *r, uint32_t last, uint32_t before)
{
    return lm_splits_part(&r->splits, last, r->packing.order > 1 ? before : 0);
}

uint64_t lm_runs_ngrams(const struct lm_runs *r)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < r->n_parts; i++)
        sum += r->part[i].size.n;
    return sum;
}

size_t lm_runs_longest(const struct lm_runs *r)
{
    size_t most = 0;

    for (uint32_t i = 0; i < r->n_parts; i++)
        most = r->part[i].size.n > most ? r->part[i].size.n : most;
    return most;
}

uint64_t lm_runs_on_disk(const struct lm_runs *r)
{
    return r->temp ? r->raw_bytes : 0;
}

uint64_t lm_runs_memory(const struct lm_runs *r)
{
    uint64_t sum = r->record_bytes + r->n_parts * (sizeof(r->part[0]) + sizeof(r->splits.at[0])) +
                   ((uint64_t)r->splits.n_words + 1) * sizeof(r->splits.first[0]);

    for (uint32_t i = 0; i < r->n_parts; i++)
        sum += r->part[i].owned ? lm_counts_bytes(&r->part[i].size) : 0;
    return sum;
}

/* ---- loading ---------------------------------------------------------------------------- */

void lm_run_buf_release(struct lm_run_buf *b)
{
    free(b->bytes);
    *b = (struct lm_run_buf){ 0 };
}

/* Room for N numbers. */
static enum wn_status reserve(struct lm_run_buf *b, size_t n, struct wn_err *err)
{
    if (n <= b->cap)
        return WN_OK;
    free(b->bytes);
    b->cap = 0;
    b->bytes = malloc(n * sizeof(b->bytes[0]));
    if (!b->bytes)
        return wn_fail(err, WN_NOMEM, "cannot load %zu n-grams: out of memory", n);
    b->cap = n;
    return WN_OK;
}

static void widen(uint64_t *to, const struct lm_squeezed *size, const uint8_t *count, const uint64_t *wide)
{
    if (size->ones) {
        for (size_t i = 0; i < size->n; i++)
            to[i] = 1;
    } else if (size->n_wide == 0) {
        for (size_t i = 0; i < size->n; i++)
            to[i] = count[i];
    } else {
        for (size_t i = 0; i < size->n; i++)
            to[i] = count[i] < UINT8_MAX ? count[i] : *wide++;
    }
}

static enum wn_status load_from_disk(const struct lm_runs *r, const struct lm_part *part, struct lm_run_buf *buf,
                                     struct lm_run *out, struct wn_err *err)
{
    const size_t n_key = part->size.n * r->packing.stride, n_count = lm_counts_bytes(&part->size);
    enum wn_status st = reserve(buf, part->size.n + n_key + n_count / sizeof(uint64_t) + 1, err);
    uint64_t *key = st == WN_OK ? buf->bytes + part->size.n : NULL;

    if (st == WN_OK)
        st = lm_temp_get(r->temp, part->at, key, n_key * sizeof(*key) + n_count, err);
    if (st != WN_OK)
        return st;
    widen(buf->bytes, &part->size, (const uint8_t *)(key + n_key + part->size.n_wide), key + n_key);
    *out = (struct lm_run){ part->size.n, key, buf->bytes };
    return WN_OK;
}

enum wn_status lm_runs_load(const struct lm_runs *r, uint32_t i, struct lm_run_buf *buf, struct lm_run *out,
                            struct wn_err *err)
{
    const struct lm_part *part = &r->part[i];
    enum wn_status st;

    if (r->temp)
        return load_from_disk(r, part, buf, out, err);
    st = reserve(buf, part->size.n, err);
    if (st != WN_OK)
        return st;
    widen(buf->bytes, &part->size, part->count, part->wide);
    *out = (struct lm_run){ part->size.n, part->key, buf->bytes };
    return WN_OK;
}
