/*
 * lm_probe_avx2.c - the stages of a batch with 256-bit vectors.
 */
#ifdef __x86_64__
#include <immintrin.h>

#include "lm/lm_batch.h"

#define ISA __attribute__((target("avx2,bmi,bmi2")))
#define ISA_INLINE ISA __attribute__((always_inline)) inline

static ISA_INLINE uint32_t match4(const unsigned char *line, uint64_t want, uint64_t select)
{
    __m256i tag = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)line),
                                   _mm256_set1_epi64x((long long)select));

    return (uint32_t)_mm256_movemask_pd(
        _mm256_castsi256_pd(_mm256_cmpeq_epi64(tag, _mm256_set1_epi64x((long long)want))));
}

static ISA_INLINE uint32_t match8(const unsigned char *line, uint32_t want, uint32_t select)
{
    __m256i tag = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)line),
                                   _mm256_set1_epi32((int)select));

    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(tag, _mm256_set1_epi32((int)want))));
}

static ISA_INLINE uint32_t match16(const unsigned char *line, uint32_t want, uint32_t select)
{
    return match8(line, want, select) | match8(line + 32, want, select) << 8;
}

static ISA_INLINE uint32_t bytes_equal(__m256i x, char c)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)));
}

static ISA_INLINE void classify(const char *p, uint64_t *sep, uint64_t *lf)
{
    *sep = *lf = 0;
    for (unsigned half = 0; half < 2; half++) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32 * half));
        uint32_t ends = bytes_equal(x, '\n');
        uint32_t blank = bytes_equal(x, ' ') | bytes_equal(x, '\t') | bytes_equal(x, '\r') | bytes_equal(x, '\0');

        *lf |= (uint64_t)ends << 32 * half;
        *sep |= (uint64_t)(blank | ends) << 32 * half;
    }
}

static ISA_INLINE __m256i widen(const uint8_t *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

static ISA void values(struct lm_batch *b)
{
    for (unsigned m = 0; m < b->n_models; m++) {
        for (uint32_t i = LM_BATCH_PAST; i < b->n; i += 8) {
            __m256i len = widen(b->len[m] + i), before = widen(b->len[m] + i - 1);
            __m256 p = _mm256_loadu_ps(b->prob[m] + i);

            for (unsigned n = 1; n < b->order; n++) {
                __m256i k = _mm256_set1_epi32((int)n);
                __m256i off = _mm256_or_si256(_mm256_cmpgt_epi32(len, k), _mm256_cmpgt_epi32(k, before));
                __m256 with = _mm256_add_ps(p, _mm256_loadu_ps(b->backoff[m][n] + i - 1));

                p = _mm256_blendv_ps(with, p, _mm256_castsi256_ps(off));
            }
            _mm256_storeu_ps(b->value[m] + i, _mm256_add_ps(p, _mm256_setzero_ps()));   /* no -0 */
        }
    }
}

#include "lm/lm_probe_body.h"
#include "lm/lm_words_scan.h"

const struct lm_isa lm_isa_avx2 = { "avx2", WN_SIMD_AVX2, scan, probe, words, values };
#endif
