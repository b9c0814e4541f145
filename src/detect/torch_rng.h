/*
 * torch_rng.h - the draws of a PyTorch CPU generator that green lists are made of.
 *
 * Matsumoto and Nishimura's mt19937, seeded by init_genrand with the low 32 bits of
 * the seed, and torch.randperm for fewer than 2^32/20 items (PyTorch 1.x and 2.x).
 */
#ifndef DETECT_TORCH_RNG_H
#define DETECT_TORCH_RNG_H

#include <stdbool.h>
#include <stdint.h>

enum { WN_MT_WORDS = 624, WN_RANDPERM_MAX = 214748363 };

struct wn_mt {
    uint32_t word[WN_MT_WORDS];
    unsigned next;
};

void wn_mt_seed(struct wn_mt *mt, uint64_t seed);
uint32_t wn_mt_u32(struct wn_mt *mt);

/* The first K entries of torch.randperm(N) into OUT[0..K); OUT has room for N and its
 * rest holds the items not drawn yet.  K <= N <= WN_RANDPERM_MAX. */
void wn_torch_randperm(uint64_t seed, uint32_t n, uint32_t k, uint32_t *out);

/* Whether ITEM is among the first K entries of torch.randperm(N): follows the one
 * item through the shuffle, so it needs no memory. */
bool wn_torch_randperm_has(uint64_t seed, uint32_t n, uint32_t k, uint32_t item);

#endif
