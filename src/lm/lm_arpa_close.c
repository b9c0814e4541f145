/*
 * lm_arpa_close.c - holes: n-grams that others need and that the file does not have.
 *
 * From the highest order down, those missing below an order are collected and merged in;
 * they may miss others in turn.  Suffixes come in order, so they are found by walking both
 * orders together; contexts by a hash table of the order below.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_arpa_grams.h"
#include "lm/lm_tables.h"

enum { BATCH = 32 };           /* look-ups in flight at a time */

/* Ranks by n-gram: 0 is empty, else rank + 1; linear probing. */
struct table {
    const struct arpa_grams *g;
    uint32_t *slot;
    uint64_t mask;
};

static uint64_t hash_row(const uint32_t *words, unsigned k)
{
    uint64_t h = LM_KEY_A;

    for (unsigned j = 0; j < k; j++)
        h = lm_key_mix(h ^ words[j], LM_KEY_B);
    return h ^ h >> 32;
}

static bool table_find(const struct table *t, const uint32_t *words, uint64_t at)
{
    for (at &= t->mask; t->slot[at]; at = (at + 1) & t->mask)
        if (arpa_compare(arpa_row(t->g, t->slot[at] - 1), words, t->g->k) == 0)
            return true;
    return false;
}

static bool table_make(struct table *t, const struct arpa_grams *g)
{
    uint64_t hash[BATCH], n_slots = 16;

    while (n_slots < 2 * (uint64_t)g->n)
        n_slots *= 2;
    *t = (struct table){ g, calloc(n_slots, sizeof(*t->slot)), n_slots - 1 };
    for (size_t i = 0; t->slot && i < g->n; i += BATCH) {
        size_t n = g->n - i < BATCH ? g->n - i : BATCH;

        for (size_t j = 0; j < n; j++) {
            hash[j] = hash_row(arpa_row(g, i + j), g->k) & t->mask;
            __builtin_prefetch(&t->slot[hash[j]]);
        }
        for (size_t j = 0; j < n; j++) {
            uint64_t at = hash[j];

            while (t->slot[at])
                at = (at + 1) & t->mask;
            t->slot[at] = (uint32_t)(i + j) + 1;
        }
    }
    return t->slot != NULL;
}

static bool add_missing(struct arpa_grams *missing, const uint32_t *words)
{
    uint32_t *row = arpa_grams_room(missing);

    if (!row)
        return false;
    memcpy(row, words, missing->k * sizeof(*row));
    arpa_grams_added(missing, NAN, 0.0f);
    return true;
}

/* What BELOW lacks of G's n-grams without their first words. */
static bool missing_suffixes(const struct arpa_grams *g, const struct arpa_grams *below, struct arpa_grams *missing)
{
    size_t at = 0;

    for (size_t i = 0; i < g->n; i++) {
        const uint32_t *suffix = arpa_row(g, i) + 1;
        int c = 1;

        while (at < below->n && (c = arpa_compare(arpa_row(below, at), suffix, below->k)) < 0)
            at++;
        if (at < below->n && c == 0)
            continue;
        if (missing->n > 0 && arpa_compare(arpa_row(missing, missing->n - 1), suffix, below->k) == 0)
            continue;
        if (!add_missing(missing, suffix))
            return false;
    }
    return true;
}

/* What BELOW lacks of G's n-grams without their last words. */
static bool missing_contexts(const struct arpa_grams *g, const struct arpa_grams *below, struct arpa_grams *missing)
{
    uint64_t hash[BATCH];
    struct table t;
    bool fits = table_make(&t, below);

    for (size_t i = 0; fits && i < g->n; i += BATCH) {
        size_t n = g->n - i < BATCH ? g->n - i : BATCH;

        for (size_t j = 0; j < n; j++) {
            hash[j] = hash_row(arpa_row(g, i + j), below->k);
            __builtin_prefetch(&t.slot[hash[j] & t.mask]);
        }
        for (size_t j = 0; j < n; j++) {
            uint32_t first = t.slot[hash[j] & t.mask];

            if (first)
                __builtin_prefetch(arpa_row(below, first - 1));
        }
        for (size_t j = 0; fits && j < n; j++)
            if (!table_find(&t, arpa_row(g, i + j), hash[j]))
                fits = add_missing(missing, arpa_row(g, i + j));
    }
    free(t.slot);
    return fits;
}

/* Merges sorted MORE, which shares no n-gram with it, into G. */
static bool merge(struct arpa_grams *g, const struct arpa_grams *more)
{
    struct arpa_grams all = { .k = g->k };
    size_t i = 0, j = 0;

    while (i < g->n || j < more->n) {
        bool first = j == more->n || (i < g->n && arpa_compare(arpa_row(g, i), arpa_row(more, j), g->k) < 0);
        const struct arpa_grams *from = first ? g : more;
        size_t at = first ? i++ : j++;
        uint32_t *row = arpa_grams_room(&all);

        if (!row) {
            arpa_grams_release(&all);
            return false;
        }
        memcpy(row, arpa_row(from, at), g->k * sizeof(*row));
        arpa_grams_added(&all, from->prob[at], from->backoff[at]);
    }
    arpa_grams_release(g);
    *g = all;
    return true;
}

static enum wn_status close_below(struct arpa_grams *orders, unsigned k, uint64_t *n_holes, const atomic_int *stop,
                                  struct wn_err *err)
{
    struct arpa_grams *below = &orders[k - 1], missing = { .k = k - 1 };
    uint64_t twice = 0;
    enum wn_status st = WN_NOMEM;

    if (missing_suffixes(&orders[k], below, &missing) && missing_contexts(&orders[k], below, &missing)) {
        st = missing.n > ARPA_MOST_GRAMS - below->n ? WN_LIMIT : WN_OK;
        if (st == WN_OK)
            st = arpa_grams_sort(&missing, (uint32_t)orders[1].n, &twice, stop, err);
        if (st == WN_OK && missing.n > 0)
            st = merge(below, &missing) ? WN_OK : WN_NOMEM;
        *n_holes += missing.n;
    }
    arpa_grams_release(&missing);
    if (st == WN_LIMIT)
        wn_fail(err, st, "cannot fill in missing n-grams of order %u: more than %u", k - 1, ARPA_MOST_GRAMS);
    if (st == WN_NOMEM)
        wn_fail(err, st, "cannot fill in missing n-grams of order %u: out of memory", k - 1);
    return st;
}

/* The place of an n-gram that is there. */
static size_t place_of(const struct arpa_grams *g, const uint32_t *words)
{
    size_t lo = 0, n = g->n;

    if (g->k == 1)
        return words[0];
    while (n > 1) {
        size_t half = n / 2;

        lo += arpa_compare(arpa_row(g, lo + half), words, g->k) <= 0 ? half : 0;
        n -= half;
    }
    return lo;
}

/* A positive back-off weight can lift a sum above 0, where no log-probability may be. */
static void fill_holes(const struct arpa_grams *below, struct arpa_grams *g)
{
    for (size_t i = 0; i < g->n; i++) {
        if (isnan(g->prob[i])) {
            float p = below->backoff[place_of(below, arpa_row(g, i))] + below->prob[place_of(below, arpa_row(g, i) + 1)];

            g->prob[i] = p < 0.0f ? p : 0.0f;
        }
    }
}

enum wn_status arpa_close(struct arpa_grams *orders, unsigned order, uint64_t *n_holes, const atomic_int *stop,
                          struct wn_err *err)
{
    enum wn_status st = WN_OK;

    *n_holes = 0;
    for (unsigned k = order; st == WN_OK && k >= 3; k--) {
        st = close_below(orders, k, n_holes, stop, err);
        if (st == WN_OK && stop && atomic_load(stop))
            st = wn_fail(err, WN_CANCELLED, "stopped while looking for missing n-grams");
    }
    for (unsigned k = 2; st == WN_OK && *n_holes > 0 && k < order; k++)
        fill_holes(&orders[k - 1], &orders[k]);
    return st;
}

enum wn_status arpa_link(struct arpa_grams *orders, unsigned order, const uint64_t *word_hash, struct wn_err *err)
{
    for (unsigned k = 2; k <= order; k++) {
        struct arpa_grams *g = &orders[k], *below = &orders[k - 1];
        size_t at = 0;

        g->suffix = malloc((g->n + 1) * sizeof(*g->suffix));
        below->left = calloc(below->n + 1, sizeof(*below->left));
        if (!g->suffix || !below->left)
            return wn_fail(err, WN_NOMEM, "cannot link n-grams of order %u: out of memory", k);
        for (size_t i = 0; i < g->n; i++) {
            const uint32_t *words = arpa_row(g, i);

            while (arpa_compare(arpa_row(below, at), words + 1, k - 1) < 0)
                at++;
            g->suffix[i] = (uint32_t)at;
            below->left[at] |= (uint16_t)(1u << lm_key_left_class(word_hash[words[0]]));
        }
    }
    return WN_OK;
}
