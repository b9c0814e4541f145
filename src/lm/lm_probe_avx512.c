/*
 * lm_probe_avx512.c - the stages of a batch with 512-bit vectors and masks.
 */
#ifdef __x86_64__
#include <immintrin.h>

#include "lm/lm_batch.h"

#define ISA __attribute__((target("avx2,bmi,bmi2,avx512f,avx512bw,avx512vl")))
#define ISA_INLINE ISA __attribute__((always_inline)) inline

static ISA_INLINE uint32_t match4(const unsigned char *line, uint64_t want, uint64_t select)
{
    __m256i tag = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)line),
                                   _mm256_set1_epi64x((long long)select));

    return _mm256_cmpeq_epi64_mask(tag, _mm256_set1_epi64x((long long)want));
}

static ISA_INLINE uint32_t match8(const unsigned char *line, uint32_t want, uint32_t select)
{
    __m256i tag = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)line),
                                   _mm256_set1_epi32((int)select));

    return _mm256_cmpeq_epi32_mask(tag, _mm256_set1_epi32((int)want));
}

static ISA_INLINE uint32_t match16(const unsigned char *line, uint32_t want, uint32_t select)
{
    __m512i tag = _mm512_and_si512(_mm512_loadu_si512(line), _mm512_set1_epi32((int)select));

    return _mm512_cmpeq_epi32_mask(tag, _mm512_set1_epi32((int)want));
}

static ISA_INLINE void classify(const char *p, uint64_t *sep, uint64_t *lf)
{
    __m512i x = _mm512_loadu_si512(p);

    *lf = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\n'));
    *sep = *lf | _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(' ')) | _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\t')) |
           _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\r')) | _mm512_testn_epi8_mask(x, x);
}

static ISA_INLINE __m512i widen(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static ISA void values(struct lm_batch *b)
{
    for (unsigned m = 0; m < b->n_models; m++) {
        for (uint32_t i = LM_BATCH_PAST; i < b->n; i += 16) {
            __m512i len = widen(b->len[m] + i), before = widen(b->len[m] + i - 1);
            __m512 p = _mm512_loadu_ps(b->prob[m] + i);

            for (unsigned n = 1; n < b->order; n++) {
                __m512i k = _mm512_set1_epi32((int)n);
                __mmask16 on = _mm512_cmple_epi32_mask(len, k) & _mm512_cmple_epi32_mask(k, before);

                p = _mm512_mask_add_ps(p, on, p, _mm512_loadu_ps(b->backoff[m][n] + i - 1));
            }
            _mm512_storeu_ps(b->value[m] + i, _mm512_add_ps(p, _mm512_setzero_ps()));   /* no -0 */
        }
    }
}

#include "lm/lm_probe_body.h"
#include "lm/lm_words_scan.h"

const struct lm_isa lm_isa_avx512 = { "avx512", WN_SIMD_AVX512, scan, probe, words, values };
#endif
