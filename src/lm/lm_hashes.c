/*
 * lm_hashes.c - hash every word of a vocabulary, no two alike.
 */
#include <stdlib.h>

#include "lm/lm_key.h"
#include "lm/lm_stream.h"

/* Whether two of the N hashes are equal, or one is 0, which marks an empty slot; TABLE has
 * SLOTS places, a power of two above N. */
static bool has_twins(const uint64_t *hash, uint32_t n, uint64_t *table, uint64_t slots)
{
    memset(table, 0, slots * sizeof(*table));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = hash[i] >> 7 & (slots - 1);

        if (hash[i] == 0)
            return true;
        for (; table[at] != 0; at = (at + 1) & (slots - 1))
            if (table[at] == hash[i])
                return true;
        table[at] = hash[i];
    }
    return false;
}

/* Chance needs a second seed once in some ten thousand vocabularies of a million words; only
 * words made for it could need this many. */
enum { MAX_SEEDS = 64 };

enum wn_status lm_word_hashes(const struct vocab *v, uint64_t *seed, uint64_t **hash, struct wn_err *err)
{
    uint64_t slots = vocab_slots_for(v->n);
    uint64_t *h = malloc(((size_t)v->n + 1) * sizeof(*h)), *table = malloc(slots * sizeof(*table));
    bool twins = true;

    *hash = NULL;
    if (!h || !table) {
        free(h);
        free(table);
        return wn_fail(err, WN_NOMEM, "cannot hash %u words: out of memory", v->n);
    }
    for (*seed = 0; twins && *seed < MAX_SEEDS; ++*seed) {
        for (uint32_t i = 0; i < v->n; i++) {
            struct wn_str w = vocab_word(v, i);

            h[i] = lm_word_hash(w.ptr, w.len, *seed);
        }
        twins = has_twins(h, v->n, table, slots);
    }
    free(table);
    if (twins) {
        free(h);
        return wn_fail(err, WN_LIMIT, "cannot hash %u words: some have the same hash under each of %d seeds", v->n,
                       MAX_SEEDS);
    }
    --*seed;                                       /* the one that was tried last */
    *hash = h;
    return WN_OK;
}
