/*
 * lm_drawer.h - a model and all that drawing from it takes.
 */
#ifndef TEST_LM_DRAWER_H
#define TEST_LM_DRAWER_H

#include "support/cm.h"

#include <winnow/lmsample.h>

struct drawer {
    struct wn_lm *lm;
    struct wn_sampler *sampler;
    struct wn_sampler_scratch *scratch;
};

/* LM belongs to the drawer from now on. */
static inline struct drawer drawer_open(struct wn_lm *lm)
{
    struct drawer d = { .lm = lm };

    assert_int_equal(wn_sampler_new(&d.sampler, lm, NULL), WN_OK);
    d.scratch = wn_sampler_scratch_new(d.sampler);
    assert_non_null(d.scratch);
    return d;
}

static inline void drawer_close(struct drawer *d)
{
    wn_sampler_scratch_free(d->scratch);
    wn_sampler_free(d->sampler);
    wn_lm_free(d->lm);
}

#endif
