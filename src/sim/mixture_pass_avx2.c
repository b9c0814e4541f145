/*
 * The pass with vectors of 256 bits.  Fused multiply-add stays off (-ffp-contract=off).
 */
#ifdef __x86_64__
#include <float.h>
#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

#pragma GCC push_options
#pragma GCC target("avx2")
#define VEC_BYTES 32
#include "sim/mixture_pass_body.h"
#pragma GCC pop_options

const struct sim_isa sim_isa_avx2 = { "avx2", pass, kernel_top, kernel_sum };
#endif
