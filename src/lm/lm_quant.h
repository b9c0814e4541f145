/*
 * lm_quant.h - the writer's side of quantised values (lm_tables.h has the reader's).
 */
#ifndef LM_QUANT_H
#define LM_QUANT_H

#include "lm/lm_tables.h"

/* The least and the most of the finite values of a table, LM_LOG_ZERO apart. */
struct lm_extent {
    float min, max;        /* min > max: none so far */
};
#define LM_EXTENT_NONE ((struct lm_extent){ __builtin_inff(), -__builtin_inff() })

void lm_extent_join(struct lm_extent *into, const struct lm_extent *x);

/* Code 0 is the largest value and the scale is negative: so a back-off weight of 0, by far
 * the most frequent, stays exact where there are none above it. */
struct lm_quant lm_quant_for(const struct lm_extent *x, unsigned max_code);

static inline unsigned lm_quant_code(const struct lm_quant *q, float x, unsigned max_code)
{
    double code = q->scale != 0.0f ? ((double)x - (double)q->offset) / (double)q->scale + 0.5 : 0.0;

    return code <= 0.0 ? 0 : code >= (double)max_code ? max_code : (unsigned)code;
}

#endif
