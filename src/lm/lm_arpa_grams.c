/*
 * lm_arpa_grams.c - growing and sorting.
 *
 * One counting sort a word, from the first word to the last: stable, so that equal
 * n-grams stay in the order of the file.
 */
#include "lm/lm_arpa_grams.h"

#include <stdlib.h>

enum { FIRST_GRAMS = 64 };

static bool grow(void **p, size_t n, size_t size)
{
    size_t bytes;
    void *more = wn_mul_ok(n, size, &bytes) ? realloc(*p, bytes) : NULL;

    if (more)
        *p = more;
    return more != NULL;
}

uint32_t *arpa_grams_room(struct arpa_grams *g)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? 2 * g->cap : FIRST_GRAMS;
        void *words = g->words, *prob = g->prob, *backoff = g->backoff;
        bool fits = grow(&words, cap, g->k * sizeof(uint32_t));

        fits = grow(&prob, cap, sizeof(float)) && fits;
        fits = grow(&backoff, cap, sizeof(float)) && fits;
        g->words = words;
        g->prob = prob;
        g->backoff = backoff;
        if (!fits)
            return NULL;
        g->cap = cap;
    }
    return arpa_row(g, g->n);
}

void arpa_grams_release(struct arpa_grams *g)
{
    free(g->words);
    free(g->prob);
    free(g->backoff);
    free(g->suffix);
    free(g->left);
    *g = (struct arpa_grams){ .k = g->k };
}

/* One counting sort: FROM, places in G, to TO by word J. */
static void sort_by_word(const struct arpa_grams *g, unsigned j, const uint32_t *from, uint32_t *to, uint32_t *bucket,
                         uint32_t n_words)
{
    uint32_t at = 0;

    memset(bucket, 0, n_words * sizeof(*bucket));
    for (size_t i = 0; i < g->n; i++)
        bucket[arpa_row(g, i)[j]]++;
    for (uint32_t w = 0; w < n_words; w++) {
        uint32_t n = bucket[w];

        bucket[w] = at;
        at += n;
    }
    for (size_t i = 0; i < g->n; i++)
        to[bucket[arpa_row(g, from[i])[j]]++] = from[i];
}

/* G's n-grams in the order of PLACE, without repetitions. */
static enum wn_status rearrange(struct arpa_grams *g, const uint32_t *place, uint64_t *n_duplicates)
{
    struct arpa_grams sorted = { .k = g->k };

    for (size_t i = 0; i < g->n; i++) {
        const uint32_t *from = arpa_row(g, place[i]);
        uint32_t *to;

        if (sorted.n > 0 && arpa_compare(arpa_row(&sorted, sorted.n - 1), from, g->k) == 0) {
            ++*n_duplicates;
            continue;
        }
        to = arpa_grams_room(&sorted);
        if (!to) {
            arpa_grams_release(&sorted);
            return WN_NOMEM;
        }
        memcpy(to, from, g->k * sizeof(*to));
        arpa_grams_added(&sorted, g->prob[place[i]], g->backoff[place[i]]);
    }
    arpa_grams_release(g);
    *g = sorted;
    return WN_OK;
}

enum wn_status arpa_grams_sort(struct arpa_grams *g, uint32_t n_words, uint64_t *n_duplicates,
                               const atomic_int *stop, struct wn_err *err)
{
    uint32_t *place, *next, *bucket, *swap;
    enum wn_status st = WN_NOMEM;

    if (!g->unsorted)
        return WN_OK;
    place = malloc(g->n * sizeof(*place));
    next = malloc(g->n * sizeof(*next));
    bucket = malloc(n_words * sizeof(*bucket));
    if (place && next && bucket) {
        st = WN_OK;
        for (uint32_t i = 0; i < g->n; i++)
            place[i] = i;
        for (unsigned j = 0; st == WN_OK && j < g->k; j++) {
            sort_by_word(g, j, place, next, bucket, n_words);
            swap = place;
            place = next;
            next = swap;
            st = stop && atomic_load(stop) ? WN_CANCELLED : WN_OK;
        }
        if (st == WN_OK)
            st = rearrange(g, place, n_duplicates);
    }
    free(place);
    free(next);
    free(bucket);
    return st == WN_OK ? st : wn_fail(err, st, "cannot sort %zu n-grams of order %u: %s", g->n, g->k,
                                      st == WN_NOMEM ? "out of memory" : "stopped");
}
