/*
 * lm_route.c - find where the parts meet.
 */
#include "lm/lm_route.h"

#include <stdlib.h>

/* The greatest number that a word can have. */
static uint32_t most_id(const struct lm_runs *runs)
{
    return (uint32_t)((UINT64_C(1) << lm_runs_packing(runs)->bits) - 1);
}

/* The least word before LAST that is in part PART or behind it; there is one. */
static uint32_t first_before(const struct lm_runs *runs, uint32_t last, uint32_t part)
{
    uint32_t lo = 0, hi = most_id(runs);

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (lm_runs_part_of(runs, last, mid) >= part)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static void find_bounds(struct lm_route *r, const struct lm_runs *runs)
{
    uint32_t word = 0;

    r->bound[0] = 0;
    for (uint32_t part = 1; part < r->n_parts; part++) {
        while (r->first[word + 1] < part)        /* the last one is the last part */
            word++;
        r->bound[part] = lm_runs_part_of(runs, word, most_id(runs)) >= part
                             ? (uint64_t)word << 32 | first_before(runs, word, part)
                             : ((uint64_t)word + 1) << 32;
    }
}

enum wn_status lm_route_init(struct lm_route *r, const struct lm_runs *runs, uint32_t n_words, struct wn_err *err)
{
    *r = (struct lm_route){ .n_parts = lm_runs_parts(runs) };
    if (r->n_parts == 1)
        return WN_OK;
    r->first = malloc(((size_t)n_words + 1) * sizeof(*r->first));
    r->bound = malloc(r->n_parts * sizeof(*r->bound));
    if (!r->first || !r->bound)
        return wn_fail(err, WN_NOMEM, "cannot estimate a model of %u words: out of memory", n_words);
    for (uint32_t w = 0; w < n_words; w++)
        r->first[w] = lm_runs_part_of(runs, w, 0);
    r->first[n_words] = r->n_parts - 1;
    find_bounds(r, runs);
    return WN_OK;
}

void lm_route_release(struct lm_route *r)
{
    free(r->first);
    free(r->bound);
    *r = (struct lm_route){ 0 };
}
