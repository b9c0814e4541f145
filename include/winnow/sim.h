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

/* How the mean and variance of a Gaussian are estimated from N points. */
enum wn_estimator {
    WN_ESTIMATE_MLE = 0,       /* centred squares over N                                   */
    WN_ESTIMATE_UNBIASED = 1,  /* over N - 1                                               */
    WN_ESTIMATE_BY_SOURCE = 2  /* unbiased mean and variance of the real and of the
                                  synthetic part, averaged with their weights (He, Xu,
                                  Cheng 2025); gaussian only                                */
};

/* How a run is played. */
enum wn_sim_mode {
    WN_SIM_AUTO = 0,   /* exact where engine, policy and sampler allow it, else points      */
    WN_SIM_POINTS = 1, /* every item is drawn and goes through the policy's plan            */
    WN_SIM_EXACT = 2   /* sufficient statistics: a generation costs the same for any n;
                          WN_BADCONF, with the reason, where that is not possible           */
};

/* The sampler T between a model and what it emits.  All zero: none.  An engine refuses
 * what has no meaning for it. */
struct wn_sim_sampling {
    double lambda;             /* continuous engines: factor on the variance, (0, 1]; 0: 1  */
    double truncate;           /* continuous: only |z| < this many standard deviations of
                                  the model; 0: off                                         */
    double temperature;        /* laws over states and words: p^(1/temperature); 0: 1       */
    uint32_t top_k;            /* the k likeliest; 0: off                                   */
    double top_p;              /* the shortest prefix with this mass, (0, 1]; 0: off        */
    double min_p;              /* at least this share of the likeliest; 0: off              */
    double typical;            /* locally typical sampling, mass (0, 1); 0: off             */
    unsigned beam;             /* text: beam search of this width; 0: off                   */
    double repetition_penalty; /* text: above 1; 0: off                                     */
};

/* What the numeric engines take as their truth and model; each engine reads its own
 * part, and 0 is the default named here. */
struct wn_sim_model {
    unsigned dims;             /* gaussian-nd, linreg, kde, gmm: d; 0: 2 (linreg: 5; kde
                                  normal and gmm separated: 1)                              */
    const char *truth;         /* name of the engine's built-in truth; NULL: its first one:
                                  gmm "three", "blob", "pair", "separated", "unequal";
                                  kde "normal", "blobs", "circles", "moons", "swiss-roll";
                                  discrete "zipf", "distinct" (every real item a state of
                                  its own); others have one                                 */
    unsigned components;       /* gmm: K of the fitted mixture; 0: 3 (three), 2 (others)    */
    double separation;         /* gmm pair, unequal, separated: distance of the means from
                                  0; 0: 3, 3, 100                                           */
    uint64_t states;           /* discrete: K; 0: 1000.  bigram, softmax: states of the
                                  chain, 0: 20; with a corpus the most types kept, 0: all
                                  (softmax: 1000)                                           */
    double zipf, zipf_shift;   /* discrete: p_i ~ (i + shift)^-zipf, i from 1; zipf 0: flat */
    double add;                /* discrete, bigram: add-k smoothing in the fit              */
    const double *law;         /* discrete: the truth itself, STATES probabilities, instead
                                  of zipf; NULL: none.  A view.                             */
    double rate;               /* poisson: mean; exponential: rate; labels: error added by
                                  each fit; 0: 1 (labels: 0.05)                             */
    double noise;              /* linreg: sd of the noise; 0: 1                             */
    bool same_design;          /* linreg: one design X for all generations                  */
    const char *kernel;        /* kde: "gaussian" (NULL), "tophat"                          */
    const char *bandwidth;     /* kde: "scott" (NULL), "silverman", or a number             */
    unsigned em_rounds;        /* gmm: most rounds of EM; 0: 200                            */
    double em_tolerance;       /* gmm: gain in nats a point at which EM stops; 0: 1e-7      */
    unsigned block;            /* bigram, softmax: tokens of an item; 0: 64                 */
    double learning_rate;      /* softmax: of SGD; 0: 2                                   */
    unsigned epochs, batch;    /* softmax: passes over the data, items a step; 0: 5, 32     */
};

/* What one policy's runs came to, beside what theory says of it.  Numbers that are not known
 * are NAN.  Strings live as long as the call. */
struct wn_sim_conclusion {
    const char *policy;
    bool is_exact;                 /* played by sufficient statistics                        */
    uint64_t n_runs, n_ended;      /* ended: before their last generation                    */

    /* The runs, in the last generation that is recorded. */
    const char *metric;            /* that leads: variance, log_det, simpson, perplexity ...;
                                      NULL: no run got there                                 */
    unsigned generation;
    uint64_t n_values;             /* runs that have it                                      */
    double mean, se, median, q05, q95;
    bool mean_by_rare_paths;       /* mean and median differ by more than a factor of 2: the
                                      mean says nothing of a typical run                     */

    /* Theory (docs/format/trace.md, kind "prediction"). */
    double expected;               /* exact mean of METRIC in that generation                */
    const char *predicted;         /* the metric of FIRST and LASTING; NULL: none            */
    double first, lasting;         /* after fit 1; where it ends                             */
    bool is_unlimited;             /* LASTING holds for infinitely many items a fit          */
    const char *drift_of;          /* e.g. "log_variance"; NULL: no geometric drift          */
    double drift_per_fit, half_life_fits;
    double power;                  /* metric ~ fits^power                                    */
    double growth_per_fit;         /* metric ~ growth * fits                                 */
    double real_per_fit;           /* M rho_eff: real items that reach a late fit            */
    double real_share;             /* rho_eff                                                */
    double critical_share;         /* at which half of the variance survives                 */
    const char *why_not;           /* what has no closed form; "": nothing is missing        */
};

struct wn_sim_opts {
    const char *engine;                /* one of wn_sim_engines()                           */
    const struct wn_policy *policies;
    size_t n_policies;
    unsigned generations;              /* fits; 0: 10                                       */
    unsigned replicates;               /* seeds; 0: 10                                      */
    uint64_t seed;
    uint64_t n;                        /* points (documents, for ngram) a generation; 0: 100 */
    uint64_t n_first;                  /* real items of generation 0; 0: n (FIXED_REAL: its
                                          share of n)                                       */
    bool first_mixed;                  /* generation 0 is put together as the later ones are,
                                          filter and weights included, with the truth in the
                                          model's place; else it is real data, all kept     */
    enum wn_sim_mode mode;
    unsigned jobs;                     /* 0: 1; parallel over (policy, replicate)           */
    const atomic_int *stop;
    void (*progress)(void *arg, uint64_t done, uint64_t total);   /* may be NULL; from one thread at a time */
    void *progress_arg;
    /* Is told of each policy when its last run is done, in the policies' order, from one
     * thread at a time; may be NULL. */
    void (*conclusion)(void *arg, const struct wn_sim_conclusion *c);
    void *conclusion_arg;

    const uint32_t *record;            /* rising generations that get rows; NULL: all       */
    size_t n_record;
    bool summary_only;                 /* rows of statistics over replicates, none of single
                                          replicates                                        */

    double scraped_human_share;        /* 0: every new item is declared for what it is.  Else
                                          new items come as a scrape does, undeclared, with
                                          this share of human ones: what the filter has to
                                          find (an oracle still knows)                      */

    enum wn_estimator estimator;       /* gaussian, gaussian-nd                             */
    struct wn_sim_sampling sampling;
    struct wn_sim_model model;

    /* bigram, softmax and ngram: the user's own corpus; ngram: the real tagger */
    const struct wn_sim_text *texts;   /* human documents; the first n are D0, the next ones
                                          fresh data, the last tenth is held out            */
    size_t n_texts;
    const struct wn_tagger *tagger;    /* NULL: filter by operating point                   */
    bool retrain;                      /* ngram: a tagger of its own for every generation,
                                          trained on human texts and on what the last model
                                          wrote; needs texts, refuses TAGGER                */
    struct wn_str detectors_json;      /* what the tagger is made of, for the trace's header:
                                          one JSON object; may be empty                     */
    unsigned order;                    /* ngram: 1..8; 0: 3                                 */
    enum wn_smoothing smoothing;
    unsigned prompt;                   /* ngram: words of a real document that each generated
                                          one continues; 0: free-running                    */
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

/* Whether wn_simulate would start: everything that is checked before the first run. */
enum wn_status wn_simulate_check(const struct wn_sim_opts *opts, struct wn_err *err);

/* Names of the engines, NULL at the end. */
const char *const *wn_sim_engines(void);

#endif
