/*
 * metrics.h - the quantities a trace reports, each a pure function of small inputs.
 *
 * All logarithms are natural.  A quantity that is undefined or infinite for a model
 * (log variance of a point mass) is left out of the trace, never written as a number.
 */
#ifndef SIM_METRICS_H
#define SIM_METRICS_H

#include <winnow/arena.h>

enum { SIM_MAX_METRICS = 96 };

/* The metrics of one generation, in the order of their rows. */
struct sim_metrics {
    struct {
        const char *name;    /* static */
        double value;
        uint64_t n;          /* observations behind the value */
    } item[SIM_MAX_METRICS];
    size_t n;
};

/* Leaves out values that are not finite. */
void sim_metrics_add(struct sim_metrics *m, const char *name, double value, uint64_t n);

/* ---- normal distributions: N(m, s^2) ---------------------------------------------- */

/* Squared 2-Wasserstein distance, (m1 - m2)^2 + (s1 - s2)^2. */
double sim_gauss_w2_squared(double m1, double s1, double m2, double s2);
/* KL(N1 || N2); INFINITY when exactly one of them is a point mass. */
double sim_gauss_kl(double m1, double s1, double m2, double s2);
/* P(|X| > z) under N(m, s^2); 0 or 1 for a point mass. */
double sim_gauss_tail(double m, double s, double z);

/* ---- discrete laws ------------------------------------------------------------------ */

/* Shannon entropy of N probabilities; 0 log 0 = 0. */
double sim_entropy(const double *p, size_t n);

/* ---- text ----------------------------------------------------------------------------- */

/* Documents as hashes of their tokens: those of document d are hash[start[d]] up to
 * hash[start[d + 1]].  Two different n-grams with one 64-bit hash count as one (chance
 * below 1e-7 for a million n-grams). */
struct sim_words {
    const uint64_t *hash;
    const size_t *start;     /* n_docs + 1 of them */
    size_t n_docs;
};

struct sim_ngrams {
    uint64_t total;          /* n-grams inside documents, none across a border */
    uint64_t distinct;
    double entropy_nats;     /* plug-in entropy of the n-gram counts           */
};
/* Counts the n-grams of ORDER >= 1; scratch memory comes from A. */
enum wn_status sim_count_ngrams(const struct sim_words *w, size_t order, struct wn_arena *a, struct sim_ngrams *out,
                                struct wn_err *err);

/* rep-n: the mean over documents of 1 - distinct/total n-grams of the document.
 * *N_DOCS: documents that have an n-gram at all; *REP is NAN when none has. */
enum wn_status sim_repetition(const struct sim_words *w, size_t order, struct wn_arena *a, double *rep,
                              uint64_t *n_docs, struct wn_err *err);

/* The parts that other measures of text are made of. */

/* Hashes the n-grams of tokens FROM..TO into OUT, in their order; returns how many
 * (0 when there are fewer than ORDER tokens).  An n-gram of one token is that token. */
size_t sim_hash_ngrams(const uint64_t *token, size_t from, size_t to, size_t order, uint64_t *out);
/* Rising order, in place; linear in N (radix sort). */
void sim_sort_hashes(uint64_t *h, size_t n);
/* Length of the run of equal values that begins at I < N. */
uint64_t sim_run_length(const uint64_t *h, size_t i, size_t n);

#endif
