/*
 * lm_log10.h - probabilities and their logs in double, where models are made from models.
 */
#ifndef LM_LOG10_H
#define LM_LOG10_H

#include <math.h>

#include "lm/lm_layout.h"

/* 10^LOG10_P by the C library; lm_pow10 is faster and has other last bits. */
static inline double lm_exp10(float log10_p)
{
    return exp((double)log10_p * M_LN10);
}

/* LM_LOG_ZERO where P is too small for the log of one. */
static inline float lm_log10(double p)
{
    return p > 1e-99 ? (float)(log(p) * M_LOG10E) : LM_LOG_ZERO;
}

#endif
