/*
 * lm_quant.c - steps that span what there is.
 */
#include "lm/lm_quant.h"

void lm_extent_join(struct lm_extent *into, const struct lm_extent *x)
{
    into->min = x->min < into->min ? x->min : into->min;
    into->max = x->max > into->max ? x->max : into->max;
}

struct lm_quant lm_quant_for(const struct lm_extent *x, unsigned max_code)
{
    if (x->min > x->max)
        return (struct lm_quant){ 0.0f, 0.0f };
    return (struct lm_quant){ x->max, (float)(((double)x->min - (double)x->max) / max_code) };
}
