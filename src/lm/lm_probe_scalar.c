/*
 * lm_probe_scalar.c - the stages of a batch on any machine.
 */
#include "lm/lm_batch.h"
#include "lm/lm_load.h"

#define ISA
#define ISA_INLINE __attribute__((always_inline)) inline

static inline uint32_t match4(const unsigned char *line, uint64_t want, uint64_t select)
{
    uint32_t hit = 0;

    for (unsigned i = 0; i < 4; i++)
        hit |= (uint32_t)((lm_load_u64(line + 8 * i) & select) == want) << i;
    return hit;
}

static inline uint32_t match_some(const unsigned char *line, uint32_t want, uint32_t select, unsigned n)
{
    uint32_t hit = 0;

    for (unsigned i = 0; i < n; i++)
        hit |= (uint32_t)((lm_load_u32(line + 4 * i) & select) == want) << i;
    return hit;
}

static inline uint32_t match8(const unsigned char *line, uint32_t want, uint32_t select)
{
    return match_some(line, want, select, 8);
}

static inline uint32_t match16(const unsigned char *line, uint32_t want, uint32_t select)
{
    return match_some(line, want, select, 16);
}

static inline void classify(const char *p, uint64_t *sep, uint64_t *lf)
{
    static const unsigned char class[256] = { ['\0'] = 1, ['\t'] = 1, ['\r'] = 1, [' '] = 1, ['\n'] = 3 };

    *sep = *lf = 0;
    for (unsigned i = 0; i < 64; i++) {
        uint64_t c = class[(unsigned char)p[i]];

        *sep |= (c & 1) << i;
        *lf |= (c >> 1) << i;
    }
}

static void values(struct lm_batch *b)
{
    for (unsigned m = 0; m < b->n_models; m++) {
        for (uint32_t i = LM_BATCH_PAST; i < b->n; i++) {
            float p = b->prob[m][i];

            for (unsigned n = b->len[m][i]; n <= b->len[m][i - 1] && n < b->order; n++)
                p += b->backoff[m][n][i - 1];
            b->value[m][i] = p + 0.0f;              /* no -0 */
        }
    }
}

#include "lm/lm_probe_body.h"
#include "lm/lm_words_scan.h"

const struct lm_isa lm_isa_scalar = { "scalar", WN_SIMD_NONE, scan, probe, words, values };

const struct lm_isa *lm_isa_find(enum wn_simd simd)
{
#ifdef __x86_64__
    bool has_256 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool has_512 = has_256 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");

    if (has_512 && (simd == WN_SIMD_AUTO || simd == WN_SIMD_AVX512))
        return &lm_isa_avx512;
    if (has_256 && (simd == WN_SIMD_AUTO || simd == WN_SIMD_AVX2))
        return &lm_isa_avx2;
#endif
    return simd == WN_SIMD_AUTO || simd == WN_SIMD_NONE ? &lm_isa_scalar : NULL;
}
