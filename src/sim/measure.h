/*
 * measure.h - how far a law, a sample or a text has moved: the metrics of a collapse.
 *
 * Pure functions.  Logarithms are natural, entropies and divergences in nats.  Distances
 * named _squared are the squares of metrics; their roots obey the triangle inequality.
 * Results do not depend on the order of points or documents unless that is said.
 *
 * Scratch memory comes from the arena of the call and stays there until its owner
 * rewinds it.  Functions with a status give WN_NOMEM, or WN_BADCONF for an input that
 * has no value; then *OUT is not written.  A double may be NAN or infinite only where
 * its comment says so (sim_metrics_add leaves such values out of a trace).
 *
 * More of them in metrics.h: distinct-n (sim_count_ngrams: distinct / total), rep-n,
 * entropy, and the first measures of normal distributions.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include <winnow/arena.h>

#include "sim/metrics.h"

/* ---- two normal distributions on the line: N(m1, s1^2), N(m2, s2^2) --------------------
 * s = 0 is a point mass: the same as an equal one, singular to every other law.
 * sim_gauss_w2_squared and sim_gauss_kl are in metrics.h. */

/* Total variation, 0..1, from the points where the densities cross. */
double sim_gauss_total_variation(double m1, double s1, double m2, double s2);
/* 1 - integral sqrt(f1 f2), 0..1. */
double sim_gauss_hellinger_squared(double m1, double s1, double m2, double s2);
/* Jensen-Shannon divergence with weights 1/2, 0..log 2 nats; by quadrature (there is no
 * closed form), absolute error below 1e-8. */
double sim_gauss_js(double m1, double s1, double m2, double s2);

/* Mass below a low and above a high threshold, 0..1 each.  Points on a threshold are in
 * neither tail. */
struct sim_tails {
    double low, high;
};
/* Mass of N(m, s^2) beyond the A and 1 - A quantiles of the truth N(m0, s0^2): the truth
 * itself has A in each tail.  0 < A < 1, else NAN.  s0 = 0: both quantiles are m0. */
struct sim_tails sim_gauss_tails(double m, double s, double m0, double s0, double a);

/* ---- normal distributions in D dimensions ------------------------------------------------
 * Covariances are D x D, row-major, symmetric (the lower triangle is read) and positive
 * semidefinite; WN_BADCONF for one with an eigenvalue below -1e-9 of the largest, for
 * values that are not finite, for D outside 1..4096 and for two different D.  Call sim_linalg_start
 * first where several threads measure. */
struct sim_normal {
    int d;
    const double *mean;   /* D     */
    const double *cov;    /* D x D */
};

/* |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2), in squared units of the data
 * (Olkin and Pukelsheim 1982; FID is this value on features).  Any rank is allowed.  The
 * error is about 1e-15 of tr(S1 + S2), and 1e-8 of it where a law is singular: a variance
 * is known to 1e-16 of the largest, and its root enters. */
enum wn_status sim_normal_w2_squared(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch,
                                     double *out, struct wn_err *err);
/* KL(A || B) = (tr(S2^-1 S1) - d + (m2-m1)' S2^-1 (m2-m1) + log det S2/det S1) / 2, >= 0.
 * INFINITY when either is singular, 0 when both are and are equal number by number. */
enum wn_status sim_normal_kl(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch,
                             double *out, struct wn_err *err);
/* 1 - integral sqrt(f1 f2), 0..1.  1 when either is singular, 0 when both are and are
 * equal number by number. */
enum wn_status sim_normal_hellinger_squared(const struct sim_normal *a, const struct sim_normal *b,
                                            struct wn_arena *scratch, double *out, struct wn_err *err);
/* log det of a covariance; -INFINITY when it is singular. */
enum wn_status sim_log_det(const double *cov, int d, struct wn_arena *scratch, double *out, struct wn_err *err);
/* (tr S)^2 / tr S^2: the number of directions that share the variance, 1..D.  NAN for the
 * zero matrix, for D < 1 and for entries that are not finite. */
double sim_effective_rank(const double *cov, int d);

/* K components in D dimensions, one after the other. */
struct sim_gmm {
    size_t k;
    int d;
    const double *weight;   /* K, >= 0     */
    const double *mean;     /* K x D       */
    const double *cov;      /* K x (D x D) */
};
/* Integral of (f1 - f2)^2 = sum a_i a_j N(m_i - m_j; 0, C_i + C_j) over the pairs 11 and
 * 22 less twice 12 (the distance of Shumailov et al., Nature 2024), in units of one over
 * a volume; >= 0, with an error of 1e-15 of the term 11.  INFINITY when a component of
 * positive weight is singular: its density has no square integral.  WN_BADCONF for K = 0, a
 * negative weight and what struct sim_normal forbids. */
enum wn_status sim_gmm_l2_squared(const struct sim_gmm *a, const struct sim_gmm *b, struct wn_arena *scratch,
                                  double *out, struct wn_err *err);

/* ---- discrete laws: N >= 1 probabilities -------------------------------------------------- */

/* WN_BADCONF unless P is a law: N >= 1, finite, none negative, sum 1 within 1e-9.  The
 * functions below expect laws; they do not check. */
enum wn_status sim_check_law(const double *p, size_t n, struct wn_err *err);
/* Relative frequencies.  WN_BADCONF when every count is 0. */
enum wn_status sim_law_of_counts(const uint64_t *count, size_t n, double *p, struct wn_err *err);

/* KL(P || Q) >= 0; 0 log 0 = 0; INFINITY when P has mass where Q has none. */
double sim_kl(const double *p, const double *q, size_t n);
/* Jensen-Shannon divergence, weights 1/2: 0..log 2. */
double sim_js(const double *p, const double *q, size_t n);
/* Half the sum of |p - q|: 0..1. */
double sim_total_variation(const double *p, const double *q, size_t n);
/* 1 - sum sqrt(p q): 0..1. */
double sim_hellinger_squared(const double *p, const double *q, size_t n);
/* 1 - sum p^2: 0 (one state, or K = 1) .. 1 - 1/K. */
double sim_simpson(const double *p, size_t n);
/* Hill number of order Q >= 0, the effective number of states: 1..K.  Q = 0: support,
 * 1: exp of the entropy, 2: 1 / sum p^2, INFINITY: 1 / max p (Hill 1973). */
double sim_hill(const double *p, size_t n, double q);
/* States that have mass. */
size_t sim_support(const double *p, size_t n);
/* Mass under the truth P0 of the states that Q has lost: 0..1. */
double sim_lost_mass(const double *p0, const double *q, size_t n);
/* Area under the divergence frontier of Pillutla et al. (MAUVE, 2021): 25 mixtures
 * R = l P + (1 - l) Q, points (exp(-c KL(Q||R)), exp(-c KL(P||R))), and the corners (0, 1)
 * and (1, 0).  0 (no common state, up to 1e-6) .. 1 (equal).  C > 0, usually 5; else NAN. */
double sim_frontier_area(const double *p, const double *q, size_t n, double c);

/* ---- samples of numbers ---------------------------------------------------------------------
 * WN_BADCONF for an empty sample and for values that are not finite. */

/* The Q quantile of N numbers in rising order, linear between order statistics (type 7 of
 * Hyndman and Fan 1996); N = 1: that number.  NAN for N = 0 and Q outside 0..1. */
double sim_quantile(const double *sorted, size_t n, double q);

/* Distances of two empirical laws on the line, whose sizes may differ: the monotone
 * coupling of the sorted samples, in units and squared units of the data. */
struct sim_transport {
    double w1, w2_squared;
};
enum wn_status sim_empirical_transport(const double *x, size_t n, const double *y, size_t m, struct wn_arena *scratch,
                                       struct sim_transport *out, struct wn_err *err);
/* Shares of the sample below LOW and above HIGH; NAN both when N = 0. */
struct sim_tails sim_sample_tails(const double *x, size_t n, double low, double high);

/* Summary of a histogram, made for log-likelihoods (or log-perplexities) of documents
 * under one model, against the same of real documents. */
enum { SIM_N_SPREAD = 5 };
extern const double sim_spread_at[SIM_N_SPREAD];   /* 0.01 0.05 0.50 0.95 0.99 */
struct sim_spread {
    size_t n;
    double mean, sd;                 /* sd with n - 1; 0 for n = 1                   */
    double quantile[SIM_N_SPREAD];
    struct sim_tails reference;      /* shares below the reference's 5% quantile and
                                        above its 99% quantile (0.05 and 0.01 for a
                                        sample of the same law)                      */
};
enum wn_status sim_measure_spread(const double *x, size_t n, const double *reference, size_t n_reference,
                                  struct wn_arena *scratch, struct sim_spread *out, struct wn_err *err);

/* exp of minus the mean of N natural log probabilities: >= 1 for probabilities.  NAN for
 * N = 0; INFINITY when one of them is -INFINITY, or on overflow. */
double sim_perplexity(const double *logp_nats, size_t n);

/* ---- replicates: one number a run, independent and alike -------------------------------------- */

/* SE is the standard error of VALUE over the replicates; NAN with too few of them. */
struct sim_estimate {
    double value, se;
    size_t n;             /* numbers behind it */
};
/* Mean; se = sd / sqrt(n) for n >= 2. */
enum wn_status sim_estimate_mean(const double *x, size_t n, struct sim_estimate *out, struct wn_err *err);
/* The Q quantile, 0 < Q < 1; the median for Q = 0.5.  SE is half the distance of the
 * quantiles at Q -+ sqrt(Q (1 - Q) / n), which needs no density (Woodruff 1952); NAN where
 * these leave 0..1. */
enum wn_status sim_estimate_quantile(const double *x, size_t n, double q, struct wn_arena *scratch,
                                     struct sim_estimate *out, struct wn_err *err);
/* Moments of log x over the positive numbers, for quantities whose mean is carried by a few
 * runs (collapse-type products).  Variance with n - 1; its se is
 * sqrt((m4 - m2^2 (n - 3)/(n - 1)) / n).  n_zero: numbers that are 0, which have no
 * logarithm.  WN_BADCONF for a negative one, or when none is positive. */
struct sim_log_moments {
    struct sim_estimate mean, variance;
    size_t n_zero;
};
enum wn_status sim_measure_log_moments(const double *x, size_t n, struct wn_arena *scratch,
                                       struct sim_log_moments *out, struct wn_err *err);

/* ---- clouds of points ---------------------------------------------------------------------------- */

struct sim_points {
    const double *x;      /* N x D, row-major */
    size_t n;
    int d;
};
/* Precision and recall of Kynkaanniemi et al. (2019), density and coverage of Naeem et al.
 * (2020).  The ball of a point reaches to its K-th nearest OTHER point of its own set,
 * border included.  Exact, by at most N^2 Euclidean distances; few of them are needed in few
 * dimensions.  Equal points have balls of radius 0 that hold their copies.  WN_BADCONF: K < 1,
 * a set of K points or fewer, two different D, a value that is not finite. */
struct sim_prdc {
    double precision;     /* fakes inside a real ball, 0..1                     */
    double recall;        /* reals inside a fake ball, 0..1                     */
    double density;       /* real balls around a fake / k, 0..n_real / k        */
    double coverage;      /* real balls that hold a fake, 0..1                  */
};
enum wn_status sim_measure_prdc(const struct sim_points *real, const struct sim_points *fake, size_t k,
                                struct wn_arena *scratch, struct sim_prdc *out, struct wn_err *err);

/* The same in two steps, for a set that is compared again and again.  Its balls are found once
 * and are const then; they do not refer to the points they were made of. */
struct sim_balls {
    size_t n, k;
    int d;
    int axis;               /* the points stand in rising order of this coordinate           */
    const double *along;    /* n: the points' values of it                                   */
    const double *x;        /* blocks of 8 points, d rows of 8 each; the last one is filled up
                               with INFINITY                                                 */
    const double *radius;   /* n, squared                                                    */
};
/* *OUT lives in A. */
enum wn_status sim_find_balls(const struct sim_points *p, size_t k, struct wn_arena *a, struct sim_balls *out,
                              struct wn_err *err);
/* WN_BADCONF: two different D or K. */
enum wn_status sim_compare_balls(const struct sim_balls *real, const struct sim_balls *fake, struct wn_arena *scratch,
                                 struct sim_prdc *out, struct wn_err *err);

/* ---- texts ------------------------------------------------------------------------------------------
 * struct sim_words (metrics.h) holds documents of token ids or of hashes of words; no
 * n-gram and no window crosses from one document into the next. */

/* The vocabulary as it is used. */
struct sim_lexical {
    uint64_t n_tokens, n_types, n_hapaxes;   /* hapax: a type that occurs once                */
    double ttr;              /* types / tokens: 0 < ttr <= 1                                  */
    double hapax_share;      /* hapaxes / types, 0..1                                         */
    double mattr;            /* moving-average TTR (Covington and McFall 2010): the mean over
                                all windows of the given length; a shorter document is one
                                window of its own length                                      */
    double zipf_ols;         /* minus the slope of log count over log rank, every rank with
                                the same weight; >= 0                                         */
    double zipf_ml;          /* s of p(rank) ~ rank^-s, ranks 1..types, of greatest
                                likelihood; >= 0.  Both are NAN with one type                 */
    double heaps;            /* slope of log types over log tokens, read at the 1st, 2nd, 4th,
                                8th ... and last token: about 0..1.  It depends on the order
                                of the documents.  NAN with one token                         */
};
/* WINDOW >= 1, usually 50.  WN_BADCONF when there is no token at all. */
enum wn_status sim_measure_lexical(const struct sim_words *w, size_t window, struct wn_arena *scratch,
                                   struct sim_lexical *out, struct wn_err *err);

/* Repetition inside documents (Su et al. 2022, as used by Drayson et al. 2025). */
struct sim_repeats {
    double rep[3];           /* rep-2, 3, 4: 1 - (sum of distinct n-grams of each document) /
                                (sum of its n-grams), 0..1; NAN when no document has one      */
    double diversity;        /* product of 1 - rep-n, 0..1; NAN when a factor is              */
    double mean_diversity;   /* the mean of that product over documents of 4 tokens or more;
                                NAN when there is none                                        */
    uint64_t n_docs;         /* documents behind mean_diversity                               */
};
enum wn_status sim_measure_repeats(const struct sim_words *w, struct wn_arena *scratch, struct sim_repeats *out,
                                   struct wn_err *err);

/* Self-BLEU (Zhu et al. 2018): BLEU-4 of each document against all the others.  Counts are
 * clipped by the largest of the references; a numerator of zero becomes 0.1 (method 1 of
 * Chen and Cherry 2014) and an empty denominator 1; the reference length is the closest, the
 * shorter of two; brevity penalty exp(1 - r/h).  0..1, 1: copies.  An empty document has 0.
 * SCORE, one a document, may be NULL; *MEAN is their mean.  WN_BADCONF: under 2 documents. */
enum wn_status sim_self_bleu(const struct sim_words *w, struct wn_arena *scratch, double *score, double *mean,
                             struct wn_err *err);

/* Shares of the n-grams of ORDER >= 1 that fall in each of N bins by their hash: a law for
 * sim_frontier_area and the divergences above.  WN_BADCONF: no n-gram, or no bin. */
enum wn_status sim_ngram_histogram(const struct sim_words *w, size_t order, struct wn_arena *scratch, size_t n,
                                   double *p, struct wn_err *err);
/* KL(real || made) and KL(made || real) of the n-gram laws, smoothed alike: with V n-grams in
 * either text, p = (count + ALPHA) / (total + ALPHA V).  Finite, >= 0, grows with V: compare
 * texts of equal size.  An empty text has the uniform law.  WN_BADCONF: ALPHA <= 0, or no
 * n-gram in either. */
struct sim_ngram_kl {
    double forward, reverse;   /* from the real text; from the made one */
    uint64_t n_types;          /* V */
};
enum wn_status sim_measure_ngram_kl(const struct sim_words *real, const struct sim_words *made, size_t order,
                                    double alpha, struct wn_arena *scratch, struct sim_ngram_kl *out,
                                    struct wn_err *err);

/* Compresses RAW and says how many bytes that takes; never 0 with WN_OK. */
typedef enum wn_status sim_compress_fn(void *arg, struct wn_str raw, size_t *n_bytes, struct wn_err *err);
/* Bytes of the documents, joined by newlines, over compressed bytes; rises as text becomes
 * repetitive.  The compressor is the caller's (zstd at level 19 by convention: its door is not
 * in this module).  WN_BADCONF when there is no byte to compress; statuses of COMPRESS. */
enum wn_status sim_compression_ratio(const struct wn_str *docs, size_t n, sim_compress_fn *compress, void *arg,
                                     double *out, struct wn_err *err);

/* Documents that have a twin among the OTHERS, or, with REFERENCE, in the reference.  Exact:
 * the same tokens.  Near: Jaccard similarity of the sets of SHINGLE-grams >= THRESHOLD (a
 * document shorter than that is one shingle; empty documents are equal).  Candidates come
 * from MinHash (Broder 1997) in 32 bands of 4, each is then checked exactly: none is wrong,
 * and a twin at similarity s is missed with chance (1 - s^4)^32, 5e-8 at s = 0.8.
 * WN_BADCONF: SHINGLE = 0, THRESHOLD outside 0.7..1, or no document in W. */
struct sim_twin_opts {
    size_t shingle;              /* usually 5   */
    double threshold;            /* usually 0.8 */
};
struct sim_twins {
    uint64_t n_docs;
    uint64_t n_exact, n_near;    /* documents with such a twin; an exact one is also near */
};
enum wn_status sim_measure_twins(const struct sim_words *w, const struct sim_words *reference,
                                 const struct sim_twin_opts *opts, struct wn_arena *scratch, struct sim_twins *out,
                                 struct wn_err *err);
/* COPY_OF[d]: the first of the documents 0..d that document d is equal to, or near to. */
enum wn_status sim_find_copies(const struct sim_words *w, const struct sim_twin_opts *opts, struct wn_arena *scratch,
                               size_t *copy_of, struct wn_err *err);

#endif
