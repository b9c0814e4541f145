/*
 * lm_route.h - which part of the runs has the n-grams that end in two given words.
 *
 * lm_runs_part_of answers that too; this asks it once for every word and where parts meet
 * within a word, so that the answer for an n-gram is mostly one read.
 */
#ifndef LM_ROUTE_H
#define LM_ROUTE_H

#include "lm/lm_runs.h"

struct lm_route {
    uint32_t n_parts;
    uint32_t *first;     /* by last word: its first part; one more at the end; NULL: one part */
    uint64_t *bound;     /* by part: the least last << 32 | before in it                      */
};

/* For ids below N_WORDS. */
enum wn_status lm_route_init(struct lm_route *r, const struct lm_runs *runs, uint32_t n_words, struct wn_err *err);
void lm_route_release(struct lm_route *r);

static inline uint32_t lm_route_part(const struct lm_route *r, uint32_t last, uint32_t before)
{
    uint64_t key = (uint64_t)last << 32 | before;
    uint32_t lo, hi;

    if (!r->first)
        return 0;
    lo = r->first[last];
    hi = r->first[last + 1];
    while (lo < hi) {                         /* the last part that begins at or before KEY */
        uint32_t mid = hi - (hi - lo) / 2;

        if (r->bound[mid] <= key)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

#endif
