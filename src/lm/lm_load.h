/*
 * lm_load.h - numbers of a table's line, in the machine's form, at any address.
 */
#ifndef LM_LOAD_H
#define LM_LOAD_H

#include <stdint.h>
#include <string.h>

static inline unsigned lm_load_u16(const unsigned char *p)
{
    uint16_t x;

    memcpy(&x, p, sizeof(x));
    return x;
}

static inline uint32_t lm_load_u32(const unsigned char *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof(x));
    return x;
}

static inline uint64_t lm_load_u64(const unsigned char *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof(x));
    return x;
}

static inline float lm_load_f32(const unsigned char *p)
{
    float x;

    memcpy(&x, p, sizeof(x));
    return x;
}

#endif
