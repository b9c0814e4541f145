/*
 * sim.h - the generational loop: what a policy does to the models trained under it.
 *
 *     D0 = real(n0)
 *     for g = 1..G:  M = fit(D);  S = sample(M, ns);  R = real(nr);
 *                    pool = regime(history, S, R);  D = keep(policy, tag(pool));
 *                    record metrics(M, D, truth)
 *
 * Generation g counts fits: the model of generation 1 was fitted on real data alone.
 * Every choice is keyed by (seed, replicate, generation, index), so a trace has the
 * same bytes for any number of threads.
 */
#ifndef WINNOW_SIM_H
#define WINNOW_SIM_H

#include <stdatomic.h>

#include <winnow/json.h>
#include <winnow/mix.h>
#include <winnow/tagger.h>

struct wn_sim_text {
    struct wn_str id, text;
};

enum wn_estimator { WN_ESTIMATE_MLE = 0, WN_ESTIMATE_UNBIASED = 1 };

struct wn_sim_opts {
    const char *engine;                /* "gaussian", "gmm", "ngram"                        */
    const struct wn_policy *policies;
    size_t n_policies;
    unsigned generations;              /* fits; 0: 10                                       */
    unsigned replicates;               /* seeds; 0: 10                                      */
    uint64_t seed;
    uint64_t n;                        /* points (documents, for ngram) a generation; 0: 100 */
    unsigned jobs;                     /* 0: 1; parallel over (policy, replicate)           */
    const atomic_int *stop;
    void (*progress)(void *arg, uint64_t done, uint64_t total);   /* may be NULL; from one thread at a time */
    void *progress_arg;

    double scraped_human_share;        /* 0: every new item is declared for what it is.  Else
                                          new items come as a scrape does, undeclared, with
                                          this share of human ones: what the filter has to
                                          find (an oracle still knows)                      */

    enum wn_estimator estimator;       /* gaussian                                          */
    unsigned components;               /* gmm: K of the fitted model; 0: 3 (the truth has 3) */

    /* ngram: the user's own corpus and the real tagger */
    const struct wn_sim_text *texts;   /* human documents; the first n are D0, the next ones
                                          fresh data, the last tenth is held out            */
    size_t n_texts;
    const struct wn_tagger *tagger;    /* NULL: filter by operating point                   */
    struct wn_str detectors_json;      /* what the tagger is made of, for the trace's header:
                                          one JSON object; may be empty                     */
    unsigned order;                    /* 0: 3                                              */
    enum wn_smoothing smoothing;
    double temperature;                /* 0: 1                                              */
    double top_p;                      /* 0: off                                            */
    double watermark_share;            /* share of synthetic documents that carry the mark  */
    uint64_t watermark_key;            /* 0: the default of watermark.h                     */
    double watermark_delta;            /* 0: the default                                    */
    const struct wn_lm *watermark_lm;  /* the vocabulary the mark is keyed over: the LM that the
                                          tagger's key is given with; NULL: the words of the
                                          first n documents, which no tagger knows           */
};

/* Receives whole lines of the trace in their final order. */
typedef enum wn_status wn_trace_fn(void *arg, struct wn_str line, struct wn_err *err);

/* Runs every policy for every replicate.  WN_BADCONF when engine, policy and data do not
 * fit together (says what is missing); a pool that is empty after filtering ends that
 * run with the row "ended" and the reason, and the others go on. */
enum wn_status wn_simulate(const struct wn_sim_opts *opts, wn_trace_fn *write, void *arg, struct wn_err *err);

/* Names of the engines, NULL at the end. */
const char *const *wn_sim_engines(void);

/* Exact mean of the fitted variance after n fits for the 1-D Gaussian (MLE, truth
 * variance 1, m points a fit) under REPLACE: (1 - 1/m)^n, ACCUMULATE: prod_{k<=n}
 * (1 - 1/(m k^2)); NAN where no closed form is built in.  UNBIASED replace: 1. */
double wn_theory_gaussian_variance(const struct wn_policy *p, enum wn_estimator e, uint64_t m, unsigned n);

#endif
