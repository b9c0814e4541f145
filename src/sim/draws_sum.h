/*
 * draws_sum.h - a sum of doubles together with what its additions rounded off (Neumaier
 * 1974): a total of a million weights, and the little that is left of it after all but
 * the last have been taken away, keep their digits.
 */
#ifndef SIM_DRAWS_SUM_H
#define SIM_DRAWS_SUM_H

#include <math.h>

struct draws_sum {
    double high, low;
};

static inline void draws_sum_add(struct draws_sum *s, double x)
{
    double sum = s->high + x;

    s->low += fabs(s->high) >= fabs(x) ? (s->high - sum) + x : (x - sum) + s->high;
    s->high = sum;
}

static inline double draws_sum_value(const struct draws_sum *s)
{
    return s->high + s->low;
}

#endif
