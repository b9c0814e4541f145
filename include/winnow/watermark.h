/*
 * watermark.h - keyed watermark tests on token ids.
 *
 * KGW "lefthash" (Kirchenbauer et al. 2023; scheme simple_1 of lm-watermarking,
 * additive PRF, context width 1): the green list of a position is the first
 * k = int(gamma V) entries of torch.randperm(V) on a CPU generator seeded with
 * (key * previous id) mod (2^64 - 1), of which mt19937 takes the low 32 bits.
 */
#ifndef WINNOW_WATERMARK_H
#define WINNOW_WATERMARK_H

#include <winnow/doc.h>
#include <winnow/lmsample.h>

struct wn_kgw_opts {
    uint64_t key;          /* 0: 15485863                                            */
    double gamma;          /* green share; 0: 0.25                                   */
    double delta_nats;     /* bias when sampling; 0: 2                               */
    uint32_t vocab_size;   /* V as used at generation; at least 2                    */
};

/* The lists of one key and vocabulary, computed when first asked for and kept as
 * bitmaps of V/8 bytes, together up to 256 MiB and 8 V bytes of index; beyond that the
 * most recently used ones in another 32 MiB (four lists at least).  Results do not
 * depend on what is kept.  Safe to share between threads. */
struct wn_kgw;
/* WN_BADCONF for gamma outside (0, 1), delta <= 0, or a vocabulary of fewer than 2 or
 * more than 214,748,363 ids (torch.randperm shuffles larger ones in another way). */
enum wn_status wn_kgw_new(struct wn_kgw **out, const struct wn_kgw_opts *opts, struct wn_err *err);
void wn_kgw_free(struct wn_kgw *k);
/* Never fails: short of memory it follows ID alone through the shuffle. */
bool wn_kgw_green(struct wn_kgw *k, uint32_t previous_id, uint32_t id);
/* For wn_sample_opts.bias; lives as long as K. */
struct wn_lm_bias wn_kgw_bias(struct wn_kgw *k);

struct wn_kgw_result {
    uint64_t n_scored;       /* distinct bigrams                                          */
    uint64_t n_green;
    uint64_t n_bigrams;      /* all tested positions, repeats included                    */
    double z;                /* (G - gamma T) / sqrt(T gamma (1 - gamma)); 0 when T = 0   */
    double log10_p;          /* exact binomial tail P[Bin(T, gamma) >= G]; 0 when T = 0   */
};
/* Tests IDS; each distinct (previous, id) counts once.  Ids >= V are not green.  Null:
 * "every distinct bigram is green with probability gamma, independently".  SKIP_ID
 * (an unknown word): bigrams that hold it are not tested; UINT32_MAX: none. */
enum wn_status wn_kgw_detect(struct wn_kgw *k, const uint32_t *ids, size_t n, uint32_t skip_id,
                             struct wn_kgw_result *out, struct wn_err *err);

#endif
