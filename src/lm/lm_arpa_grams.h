/*
 * lm_arpa_grams.h - the n-grams of an ARPA file: as read, then sorted, then closed.
 */
#ifndef LM_ARPA_GRAMS_H
#define LM_ARPA_GRAMS_H

#include <stdatomic.h>

#include <winnow/lm.h>

enum { ARPA_MOST_GRAMS = 0xFFFFFFFE };   /* of one order */

/* N-grams of one order, row by row.  Zeroed but for k it is empty. */
struct arpa_grams {
    unsigned k;
    size_t n, cap;
    uint32_t *words;           /* n * k                                                */
    float *prob, *backoff;     /* NAN in prob: a hole, to be given its back-off value   */
    bool unsorted;             /* not strictly ascending                              */
    uint32_t *suffix;          /* after arpa_link: rank one order below; NULL for k = 1 */
    uint16_t *left;            /* after arpa_link: lm_block's masks; NULL at the top    */
};

static inline uint32_t *arpa_row(const struct arpa_grams *g, size_t i)
{
    return g->words + i * g->k;
}

/* Less than 0, 0, more: A before, as, behind B in suffix order. */
static inline int arpa_compare(const uint32_t *a, const uint32_t *b, unsigned k)
{
    while (k-- > 0)
        if (a[k] != b[k])
            return a[k] < b[k] ? -1 : 1;
    return 0;
}

/* The words of a new n-gram, to be filled in and then counted by arpa_grams_added; NULL when
 * memory is short. */
uint32_t *arpa_grams_room(struct arpa_grams *g);
/* The words in the room are an n-gram. */
static inline void arpa_grams_added(struct arpa_grams *g, float prob, float backoff)
{
    uint32_t *row = arpa_row(g, g->n);

    if (g->n > 0 && !g->unsorted && arpa_compare(row - g->k, row, g->k) >= 0)
        g->unsorted = true;
    g->prob[g->n] = prob;
    g->backoff[g->n++] = backoff;
}
void arpa_grams_release(struct arpa_grams *g);

/* Sorts; of equal n-grams the first stays, as in KenLM, the others add to *N_DUPLICATES. */
enum wn_status arpa_grams_sort(struct arpa_grams *g, uint32_t n_words, uint64_t *n_duplicates,
                               const atomic_int *stop, struct wn_err *err);

/* Adds the n-grams that others need (without their first word, without their last) to the
 * sorted ORDERS[1 .. order], counted in *N_HOLES, and gives them the probability that backing
 * off gives, and no back-off weight: no probability of the model changes. */
enum wn_status arpa_close(struct arpa_grams *orders, unsigned order, uint64_t *n_holes, const atomic_int *stop,
                          struct wn_err *err);
/* Sets suffix and left of closed orders; WORD_HASH by id. */
enum wn_status arpa_link(struct arpa_grams *orders, unsigned order, const uint64_t *word_hash, struct wn_err *err);

#endif
