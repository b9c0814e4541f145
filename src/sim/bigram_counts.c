#include "sim/bigram.h"

#include <stdlib.h>

enum wn_status sim_bigrams_init(struct sim_bigrams *b, uint32_t n_types, struct wn_err *err)
{
    *b = (struct sim_bigrams){ .n_types = n_types };
    b->start = calloc((size_t)n_types + 1, sizeof(*b->start));
    b->seen = calloc(n_types, sizeof(*b->seen));
    b->pair_start = calloc((size_t)n_types + 1, sizeof(*b->pair_start));
    if (!b->start || !b->seen || !b->pair_start)
        return wn_fail(err, WN_NOMEM, "cannot count bigrams of %u types: out of memory", n_types);
    return WN_OK;
}

void sim_bigrams_release(struct sim_bigrams *b)
{
    free(b->start);
    free(b->next);
    free(b->seen);
    free(b->pair_start);
    free(b->pair);
    free(b->column);
}

static enum wn_status no_memory(size_t n_tokens, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot count the bigrams of %zu tokens: out of memory", n_tokens);
}

/* Room for N tokens; what was there is gone. */
static enum wn_status make_room(struct sim_bigrams *b, size_t n, struct wn_err *err)
{
    if (n > UINT32_MAX)
        return wn_fail(err, WN_LIMIT,
                       "cannot count the bigrams of %zu tokens: the limit is %u; fewer or smaller blocks are needed, "
                       "or a policy that keeps less", n, UINT32_MAX);
    if (n <= b->room)
        return WN_OK;
    free(b->next);
    b->room = 0;
    b->next = malloc(n * sizeof(*b->next));
    if (!b->next)
        return no_memory(n, err);
    b->room = n;
    return WN_OK;
}

static const struct sim_block *block_of(const struct sim_blocks *text, size_t i)
{
    return sim_block_at(text->item, sim_block_size(text->block), text->order ? text->order[i] : i);
}

enum wn_status sim_bigrams_count(struct sim_bigrams *b, const struct sim_blocks *text, struct wn_err *err)
{
    enum wn_status st = make_room(b, text->n * text->block, err);
    uint32_t *start = b->start, *next = b->next, sum = 0;

    if (st != WN_OK)
        return st;
    b->has_pairs = false;
    b->n_tokens = text->n * text->block;
    memset(start, 0, ((size_t)b->n_types + 1) * sizeof(*start));
    for (size_t i = 0; i < text->n; i++) {
        const struct sim_block *item = block_of(text, i);

        start[item->before]++;
        for (uint32_t k = 0; k + 1 < text->block; k++)
            start[item->token[k]]++;
    }
    for (size_t c = 0; c <= b->n_types; c++)
        start[c] = sum += start[c];
    /* Each slice is filled from its end, which leaves start at its beginning. */
    for (size_t i = 0; i < text->n; i++) {
        const struct sim_block *item = block_of(text, i);
        uint32_t before = item->before;

        for (uint32_t k = 0; k < text->block; k++) {
            next[--start[before]] = item->token[k];
            before = item->token[k];
        }
    }
    return WN_OK;
}

static enum wn_status make_pair_room(struct sim_bigrams *b, struct wn_err *err)
{
    if (b->n_tokens <= b->pair_room)
        return WN_OK;
    free(b->pair);
    free(b->column);
    b->pair_room = 0;
    b->pair = malloc(b->n_tokens * sizeof(*b->pair));
    b->column = malloc(b->n_tokens * sizeof(*b->column));
    if (!b->pair || !b->column)
        return no_memory(b->n_tokens, err);
    b->pair_room = b->n_tokens;
    return WN_OK;
}

/* The contexts of each successor, rising, one slice of column after the other.  Uses
 * pair_start for the places; afterwards slice s ends at pair_start[s]. */
static void transpose(struct sim_bigrams *b)
{
    uint32_t *place = b->pair_start, sum = 0;

    memset(b->seen, 0, b->n_types * sizeof(*b->seen));
    for (size_t i = 0; i < b->n_tokens; i++)
        b->seen[b->next[i]]++;
    for (uint32_t s = 0; s < b->n_types; s++) {
        place[s] = sum;
        sum += b->seen[s];
    }
    for (uint32_t c = 0; c < b->n_types; c++)
        for (uint32_t i = b->start[c]; i < b->start[c + 1]; i++)
            b->column[place[b->next[i]]++] = c;
}

/* Back again: successors come in rising order now, equal ones together.  Row c is written
 * from pair[start[c]] on and ends at pair_start[c]. */
static void collect_pairs(struct sim_bigrams *b)
{
    uint32_t *end = b->pair_start, i = 0;

    memcpy(end, b->start, b->n_types * sizeof(*end));
    for (uint32_t s = 0; s < b->n_types; s++)
        for (uint32_t stop = i + b->seen[s]; i < stop; i++) {
            uint32_t c = b->column[i];

            if (end[c] > b->start[c] && b->pair[end[c] - 1].token == s)
                b->pair[end[c] - 1].count++;
            else
                b->pair[end[c]++] = (struct sim_pair){ s, 1 };
        }
}

/* Closes the gaps that merged pairs have left. */
static void close_gaps(struct sim_bigrams *b)
{
    uint32_t to = 0;

    for (uint32_t c = 0; c < b->n_types; c++) {
        uint32_t from = b->start[c], stop = b->pair_start[c];

        b->pair_start[c] = to;
        memmove(b->pair + to, b->pair + from, (stop - from) * sizeof(*b->pair));
        to += stop - from;
    }
    b->pair_start[b->n_types] = to;
}

enum wn_status sim_bigrams_index(struct sim_bigrams *b, struct wn_err *err)
{
    enum wn_status st;

    if (b->has_pairs)
        return WN_OK;
    st = make_pair_room(b, err);
    if (st != WN_OK)
        return st;
    transpose(b);
    collect_pairs(b);
    close_gaps(b);
    b->has_pairs = true;
    return WN_OK;
}

uint32_t sim_bigrams_of(const struct sim_bigrams *b, uint32_t before, uint32_t token)
{
    uint32_t low = b->pair_start[before], high = b->pair_start[before + 1], stop = high;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (b->pair[mid].token < token)
            low = mid + 1;
        else
            high = mid;
    }
    return low < stop && b->pair[low].token == token ? b->pair[low].count : 0;
}

/* A model that was put away: n_tokens, then start, then next. */
struct kept {
    size_t n_tokens;
    uint32_t number[];
};

void *sim_bigrams_put(const struct sim_bigrams *b, struct wn_arena *a)
{
    size_t n_start = (size_t)b->n_types + 1;
    struct kept *k = wn_arena_alloc(a, sizeof(*k) + (n_start + b->n_tokens) * sizeof(uint32_t));

    if (!k)
        return NULL;
    k->n_tokens = b->n_tokens;
    memcpy(k->number, b->start, n_start * sizeof(uint32_t));
    if (b->n_tokens)
        memcpy(k->number + n_start, b->next, b->n_tokens * sizeof(uint32_t));
    return k;
}

enum wn_status sim_bigrams_take(struct sim_bigrams *b, const void *kept, struct wn_err *err)
{
    const struct kept *k = kept;
    size_t n_start = (size_t)b->n_types + 1;
    enum wn_status st = make_room(b, k->n_tokens, err);

    if (st != WN_OK)
        return st;
    b->has_pairs = false;
    b->n_tokens = k->n_tokens;
    memcpy(b->start, k->number, n_start * sizeof(uint32_t));
    if (k->n_tokens)
        memcpy(b->next, k->number + n_start, k->n_tokens * sizeof(uint32_t));
    return WN_OK;
}
