/*
 * mixture_vec.h - vectors of doubles of VEC_BYTES (16, 32 or 64), which the includer
 * defines, and exp on them.
 *
 * Vectors go through pointers: passing them by value would depend on the target's ABI.
 */
#include <stdint.h>

typedef double vec __attribute__((vector_size(VEC_BYTES), aligned(8), may_alias));
typedef int64_t vec_bits __attribute__((vector_size(VEC_BYTES), aligned(8), may_alias));

#define VEC_INLINE static inline __attribute__((always_inline))
#define VEC_SIZE ((size_t)VEC_BYTES / sizeof(double))
#define VEC(p) (*(vec *)(p))
#define VEC_READ(p) (*(const vec *)(p))
/* Lanes of A where MASK is all ones, else of B. */
#define VEC_SELECT(mask, a, b) ((vec)(((vec_bits)(a) & (mask)) | ((vec_bits)(b) & ~(mask))))
#define VEC_KEEP(mask, a) ((vec)((vec_bits)(a) & (mask)))

/*
 * X := exp(X) for X in -40..0, 0 below.  exp(x) = 2^n exp(r), n = round(x / log 2), with
 * log 2 in two parts, the first of 35 bits, so that the reduction costs one rounding of r;
 * exp(r) is the Taylor polynomial of degree 13, whose remainder for |r| <= log(2)/2 is
 * r^14/14! < 5e-18.  Rounding adds less than 4 * 2^-53 (tested against libm).
 */
VEC_INLINE void vec_exp(vec *x)
{
    const double shift = 0x1.8p52;   /* adding it leaves a whole number in the low bits */
    vec_bits keep = *x >= -40.0;
    vec v = VEC_SELECT(keep, *x, (vec){ 0 } - 40.0);
    vec whole = v * 0x1.71547652b82fep0 + shift;
    vec_bits n = (vec_bits)whole;
    vec r, s, low, mid, high;

    whole -= shift;
    r = v - whole * 0x1.62e42fefa0000p-1;
    r -= whole * 0x1.cf79abc9e3b3ap-40;
    s = r * r;
    low = (1.0 / 2 + r * (1.0 / 6)) + s * (1.0 / 24 + r * (1.0 / 120));
    mid = (1.0 / 720 + r * (1.0 / 5040)) + s * (1.0 / 40320 + r * (1.0 / 362880));
    high = (1.0 / 3628800 + r * (1.0 / 39916800)) + s * (1.0 / 479001600 + r * (1.0 / 6227020800.0));
    low += s * s * (mid + s * s * high);
    v = 1.0 + (r + s * low);
    *x = VEC_KEEP(keep, (vec)((vec_bits)v + (n << 52)));
}
