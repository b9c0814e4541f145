/*
 * lm_counted.c - N-grams with counts that came from a count file.
 */
#include <stdlib.h>

#include "lm/lm_counts.h"

enum wn_status counted_new(struct counted **out, const struct wn_counts *c, struct wn_err *err)
{
    struct counted *d = calloc(1, sizeof(*d));
    enum wn_status st;

    *out = NULL;
    if (!d)
        return wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
    st = lm_temp_new(&d->temp, c->spill_ids > 0, c->tmp_dir, err);
    if (st == WN_OK)
        *out = d;
    else
        counted_free(d);
    return st;
}

void counted_free(struct counted *d)
{
    if (!d)
        return;
    lm_temp_free(d->temp);
    free(d->block);
    free(d);
}

enum wn_status counted_put(struct counted *d, unsigned order, const uint64_t *count, const uint32_t *words,
                           uint32_t n, struct wn_err *err)
{
    const size_t count_bytes = n * sizeof(*count), word_bytes = (size_t)n * order * sizeof(*words);
    enum wn_status st;
    uint64_t at;

    if (d->n_blocks == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 16;
        struct counted_block *more = realloc(d->block, cap * sizeof(*more));

        if (!more)
            return wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
        d->block = more;
        d->cap = cap;
    }
    st = lm_temp_room(d->temp, count_bytes + word_bytes, &at, err);
    if (st == WN_OK)
        st = lm_temp_set(d->temp, at, count, count_bytes, err);
    if (st == WN_OK)
        st = lm_temp_set(d->temp, at + count_bytes, words, word_bytes, err);
    if (st != WN_OK)
        return st;
    d->block[d->n_blocks++] = (struct counted_block){ at, n };
    d->n += n;
    return WN_OK;
}

enum wn_status counted_get(const struct counted *d, unsigned order, size_t i, uint64_t *count, uint32_t *words,
                           struct wn_err *err)
{
    const struct counted_block *b = &d->block[i];
    const size_t count_bytes = b->n * sizeof(*count);
    enum wn_status st = lm_temp_get(d->temp, b->at, count, count_bytes, err);

    return st != WN_OK ? st
                       : lm_temp_get(d->temp, b->at + count_bytes, words, (size_t)b->n * order * sizeof(*words), err);
}

bool counted_walk_init(struct counted_walk *w, const struct wn_counts *c)
{
    *w = (struct counted_walk){ .file = c->counted, .order = c->order };
    if (!c->counted)
        return true;
    w->count = malloc(COUNTED_BLOCK * sizeof(*w->count));
    w->words = malloc((size_t)COUNTED_BLOCK * c->order * sizeof(*w->words));
    return w->count && w->words;
}

enum wn_status counted_walk_next(struct counted_walk *w, struct wn_err *err)
{
    while (w->file && w->block == w->file->n_blocks) {
        w->file = w->file->next;
        w->block = 0;
    }
    if (!w->file)
        return WN_END;
    w->n = w->file->block[w->block].n;
    return counted_get(w->file, w->order, w->block++, w->count, w->words, err);
}

void counted_walk_release(struct counted_walk *w)
{
    free(w->count);
    free(w->words);
}

enum wn_status counted_take(struct wn_counts *c, struct counted *d, struct wn_err *err)
{
    if (d->tokens > (uint64_t)INT64_MAX || wn_counts_tokens(c) > (uint64_t)INT64_MAX - d->tokens)
        return wn_fail(err, WN_LIMIT, "cannot merge counts: more than %lld tokens", (long long)INT64_MAX);
    c->tokens_counted += d->tokens;
    d->next = c->counted;
    c->counted = d;
    return WN_OK;
}
