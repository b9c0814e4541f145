/*
 * rng.h - random numbers keyed by what the choice is about.
 *
 * A counter-based generator (Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011) turns (seed, domain, a, b, c) into
 * the state of a stream; inside the stream xoshiro256++ (Blackman and Vigna 2021)
 * runs.  Nothing depends on a thread, a process or the order of calls elsewhere.
 */
#ifndef WINNOW_RNG_H
#define WINNOW_RNG_H

#include <winnow/str.h>

/* What a random choice is about.  The numbers are part of the outputs' contract:
 * never renumber, only add. */
enum wn_domain {
    WN_DOMAIN_SELECT = 1,     /* mix: order of documents under a budget   */
    WN_DOMAIN_WEIGHT = 2,     /* mix: keep a document with probability w  */
    WN_DOMAIN_SPLIT = 3,      /* train, demo: which part a document falls in */
    WN_DOMAIN_REAL = 4,       /* simulate: draws from the truth           */
    WN_DOMAIN_SAMPLE = 5,     /* simulate, lm: draws from a model         */
    WN_DOMAIN_FIT = 6,        /* simulate: starts of an iterative fit     */
    WN_DOMAIN_OPERATE = 7,    /* simulate: verdicts of an operating point */
    WN_DOMAIN_METRIC = 8,     /* simulate: evaluation points              */
    WN_DOMAIN_BOOTSTRAP = 9,  /* eval: resampling                         */
    WN_DOMAIN_WATERMARK = 10, /* simulate: which outputs carry the mark   */
    WN_DOMAIN_SHUFFLE = 11,   /* simulate: order of the user's corpus     */
    WN_DOMAIN_CONFIDENCE = 12, /* simulate: confidences of a detector known by its laws */
    WN_DOMAIN_SIEVE = 13      /* simulate: what a value filter lets pass  */
};

/* One block: COUNTER under KEY, 10 rounds, into OUT. */
void wn_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* 64 random bits that depend on the five numbers and nothing else. */
uint64_t wn_keyed_u64(uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c);
/* The same as a real in [0, 1), a multiple of 2^-53. */
double wn_keyed_u01(uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c);

/* A stream.  Cheap to make: make one per (replicate, generation, index). */
struct wn_rng {
    uint64_t s[4];
    double spare_normal;
    bool has_spare;
};

void wn_rng_init(struct wn_rng *r, uint64_t seed, enum wn_domain domain, uint64_t a, uint64_t b, uint64_t c);
uint64_t wn_rng_u64(struct wn_rng *r);
/* Uniform in [0, 1), a multiple of 2^-53. */
double wn_rng_u01(struct wn_rng *r);
/* Uniform in 0..n-1 without bias (Lemire's multiply and reject); n >= 1. */
uint64_t wn_rng_below(struct wn_rng *r, uint64_t n);
/* Standard normal (Marsaglia's polar method). */
double wn_rng_normal(struct wn_rng *r);

#endif
