/*
 * lm_levels.c - sort a text's n-grams by N - 1 stable counting sorts.
 *
 * Take the positions of a text in the suffix order of the (k-1)-grams that end there.
 * Step each one word to the right and distribute them, stably, by the word they now
 * stand on: that is the suffix order of the k-grams.  Equal k-grams are neighbours, and
 * two positions hold the same one if they hold the same word and the positions before
 * them the same (k-1)-gram, so no n-gram is ever compared, hashed or copied.
 * A position whose next word is <s> drops out: n-grams do not reach over sentences.
 */
#include "lm/lm_levels.h"

#include <stdlib.h>

struct work {
    const uint32_t *ids;
    size_t n;
    uint32_t n_words;
    uint32_t *order, *next_order;   /* positions in suffix order                          */
    uint32_t n_order;
    uint32_t *gram, *next_gram;     /* which n-gram of the level ends at a position       */
    uint32_t *bucket;               /* per word: where its positions start; n_words + 1   */
};

static void work_release(struct work *w)
{
    free(w->order);
    free(w->next_order);
    free(w->gram);
    free(w->next_gram);
    free(w->bucket);
}

static bool work_init(struct work *w)
{
    w->order = malloc(w->n * sizeof(uint32_t));
    w->next_order = malloc(w->n * sizeof(uint32_t));
    w->gram = malloc(w->n * sizeof(uint32_t));
    w->next_gram = malloc(w->n * sizeof(uint32_t));
    w->bucket = malloc(((size_t)w->n_words + 1) * sizeof(uint32_t));
    return w->order && w->next_order && w->gram && w->next_gram && w->bucket;
}

/* Sets bucket[w] to the number of positions on words below w, and returns how many
 * positions end a K-gram. */
static uint32_t make_buckets(struct work *w, unsigned k)
{
    uint32_t sum = 0, depth = 0;

    memset(w->bucket, 0, ((size_t)w->n_words + 1) * sizeof(uint32_t));
    for (size_t p = 0; p < w->n; p++) {
        depth = w->ids[p] == WN_LM_BOS ? 1 : depth + 1;
        if (depth >= k)
            w->bucket[w->ids[p]]++;
    }
    for (uint32_t i = 0; i <= w->n_words; i++) {
        uint32_t here = w->bucket[i];

        w->bucket[i] = sum;
        sum += here;
    }
    return sum;
}

static void sort_first(struct work *w)
{
    w->n_order = make_buckets(w, 1);
    for (size_t p = 0; p < w->n; p++) {
        w->order[w->bucket[w->ids[p]]++] = (uint32_t)p;
        w->gram[p] = w->ids[p];
    }
}

/* From the order of the (K-1)-grams to that of the K-grams. */
static void sort_next(struct work *w, unsigned k)
{
    uint32_t n_next = make_buckets(w, k), *swap;

    for (uint32_t i = 0; i < w->n_order; i++) {
        size_t p = (size_t)w->order[i] + 1;

        if (p < w->n && w->ids[p] != WN_LM_BOS)
            w->next_order[w->bucket[w->ids[p]]++] = (uint32_t)p;
    }
    swap = w->order;
    w->order = w->next_order;
    w->next_order = swap;
    w->n_order = n_next;
}

/* Numbers the n-grams: gram[p] becomes that of order K for every position in order. */
static uint32_t number_grams(struct work *w)
{
    uint32_t n = 0, word = UINT32_MAX, context = UINT32_MAX, *swap;

    for (uint32_t i = 0; i < w->n_order; i++) {
        uint32_t p = w->order[i];

        if (w->ids[p] != word || w->gram[p - 1] != context) {
            word = w->ids[p];
            context = w->gram[p - 1];
            n++;
        }
        w->next_gram[p] = n - 1;
    }
    swap = w->gram;
    w->gram = w->next_gram;
    w->next_gram = swap;
    return n;
}

static bool level_alloc(struct lm_level *l, uint32_t n, bool first)
{
    size_t bytes = ((size_t)n + 1) * sizeof(uint32_t);   /* + 1: never zero bytes */

    l->n = n;
    l->raw = calloc(1, bytes);
    l->adjusted = calloc(1, bytes);
    if (first)
        return l->raw && l->adjusted;
    l->word = malloc(bytes);
    l->context = malloc(bytes);
    l->suffix = malloc(bytes);
    return l->raw && l->adjusted && l->word && l->context && l->suffix;
}

/* Fills level K from the sorted positions, and counts left extensions in BELOW.
 * next_gram still holds the numbers of the level below. */
static void fill_level(struct lm_level *l, struct lm_level *below, const struct work *w)
{
    for (uint32_t i = 0; i < w->n_order; i++) {
        uint32_t p = w->order[i], g = w->gram[p];

        if (l->raw[g]++ > 0)
            continue;
        l->word[g] = w->ids[p];
        l->context[g] = w->next_gram[p - 1];
        l->suffix[g] = w->next_gram[p];
        below->adjusted[l->suffix[g]]++;
    }
}

/* Where nothing stands to the left of an n-gram its raw count stands in. */
static void finish_adjusted(struct lm_levels *out)
{
    for (unsigned k = 1; k <= out->order; k++) {
        struct lm_level *l = &out->level[k];

        for (uint32_t g = 0; g < l->n; g++) {
            if (l->adjusted[g] == 0)
                l->adjusted[g] = l->raw[g];
        }
    }
    out->level[1].adjusted[WN_LM_BOS] = 0;
}

enum wn_status lm_levels_build(struct lm_levels *out, const uint32_t *ids, size_t n, uint32_t n_words,
                               unsigned order, struct wn_err *err)
{
    struct work w = { .ids = ids, .n = n, .n_words = n_words };
    enum wn_status st = WN_OK;
    bool fits;

    memset(out, 0, sizeof(*out));
    out->order = order;
    fits = work_init(&w) && level_alloc(&out->level[1], n_words, true);
    if (fits) {
        sort_first(&w);
        for (size_t p = 0; p < n; p++)
            out->level[1].raw[ids[p]]++;
    }
    for (unsigned k = 2; fits && k <= order; k++) {
        sort_next(&w, k);
        fits = level_alloc(&out->level[k], number_grams(&w), false);
        if (fits)
            fill_level(&out->level[k], &out->level[k - 1], &w);
    }
    if (fits)
        finish_adjusted(out);
    else
        st = wn_fail(err, WN_NOMEM, "cannot sort the n-grams of %zu tokens: out of memory", n);
    work_release(&w);
    if (st != WN_OK)
        lm_levels_release(out);
    return st;
}

uint32_t lm_levels_last(const struct lm_levels *l, unsigned k)
{
    uint32_t last = l->level[1].n - 1;

    for (unsigned j = 2; j <= k; j++) {
        const struct lm_level *v = &l->level[j];

        if (v->n == 0 || v->suffix[v->n - 1] != last)
            return UINT32_MAX;
        last = v->n - 1;
    }
    return last;
}

void lm_levels_release(struct lm_levels *l)
{
    for (unsigned k = 0; k <= WN_LM_MAX_ORDER; k++) {
        struct lm_level *v = &l->level[k];

        free(v->word);
        free(v->context);
        free(v->suffix);
        free(v->raw);
        free(v->adjusted);
    }
    memset(l, 0, sizeof(*l));
}
