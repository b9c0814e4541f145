/*
 * The pass with vectors of 512 bits.  Fused multiply-add stays off (-ffp-contract=off).
 */
#ifdef __x86_64__
#include <float.h>
#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq")
#define VEC_BYTES 64
#include "sim/mixture_pass_body.h"
#pragma GCC pop_options

const struct sim_isa sim_isa_avx512 = { "avx512", pass, kernel_top, kernel_sum };
#endif
