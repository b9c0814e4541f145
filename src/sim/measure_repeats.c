/*
 * Repetition inside documents.
 */
#include "sim/measure.h"

#include <math.h>

enum { FIRST_ORDER = 2, N_ORDERS = 3, LAST_ORDER = FIRST_ORDER + N_ORDERS - 1 };

struct tally {
    uint64_t total, distinct;
};

/* The n-grams of tokens FROM..TO; H has room for all of them. */
static struct tally tally_ngrams(const uint64_t *token, size_t from, size_t to, size_t order, uint64_t *h)
{
    size_t n = sim_hash_ngrams(token, from, to, order, h);
    struct tally t = { n, 0 };

    sim_sort_hashes(h, n);
    for (size_t i = 0; i < n; i += sim_run_length(h, i, n))
        t.distinct++;
    return t;
}

enum wn_status sim_measure_repeats(const struct sim_words *w, struct wn_arena *scratch, struct sim_repeats *out,
                                   struct wn_err *err)
{
    uint64_t *h = wn_arena_calloc(scratch, w->start[w->n_docs] - w->start[0], sizeof(*h));
    struct tally sum[N_ORDERS] = { { 0, 0 } };

    if (!h)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    memset(out, 0, sizeof(*out));
    for (size_t d = 0; d < w->n_docs; d++) {
        double product = 1;

        for (size_t o = 0; o < N_ORDERS; o++) {
            struct tally t = tally_ngrams(w->hash, w->start[d], w->start[d + 1], FIRST_ORDER + o, h);

            sum[o].total += t.total;
            sum[o].distinct += t.distinct;
            product *= t.total ? (double)t.distinct / (double)t.total : 1;
        }
        if (w->start[d + 1] - w->start[d] < LAST_ORDER)
            continue;
        out->mean_diversity += product;
        out->n_docs++;
    }
    out->mean_diversity = out->n_docs ? out->mean_diversity / (double)out->n_docs : NAN;
    out->diversity = 1;
    for (size_t o = 0; o < N_ORDERS; o++) {
        out->rep[o] = sum[o].total ? 1 - (double)sum[o].distinct / (double)sum[o].total : NAN;
        out->diversity *= 1 - out->rep[o];
    }
    return WN_OK;
}
