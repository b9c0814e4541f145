/*
 * lm_estimate.c - from counts to a model in memory.
 */
#include "lm/lm_build.h"
#include "lm/lm_index.h"

enum wn_status wn_lm_estimate(struct wn_lm **out, const struct wn_counts *c, const struct wn_lm_opts *opts,
                              unsigned *fell_back, struct wn_err *err)
{
    struct lm_index_builder *b;
    struct wn_lm_made made;
    enum wn_status st = lm_index_builder_new(&b, err);

    *out = NULL;
    if (st == WN_OK) {
        const struct lm_consumer consumer = lm_index_builder_consumer(b), *list[] = { &consumer };

        /* Not consumed, so nothing of C changes. */
        st = lm_estimate_stream((struct wn_counts *)(uintptr_t)c, false, opts, list, 1, &made, err);
    }
    if (st == WN_OK)
        st = lm_index_builder_take(b, out, err);
    if (st == WN_OK && fell_back)
        *fell_back = made.fell_back;
    lm_index_builder_free(b);
    return st;
}
