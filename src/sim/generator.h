/*
 * generator.h - what the generational loop asks of an engine.
 *
 * An engine is one file that exports one const table of functions and has one line in
 * generators.c.  It knows a truth, fits a model to items, draws items from the model
 * and says how far the model is from the truth.  What is kept of the items is the
 * loop's and the policy's business.
 *
 * world: made once for all runs, const afterwards, shared by threads.
 * state: of one run (one policy, one replicate), one thread at a time; holds the model.
 * items: an array of values of item_size() bytes each; only the engine knows what they
 * are.  The loop copies them as bytes; what they point to lives as long as the run.
 *
 * Functions marked "may be NULL" say by being NULL that the engine has no such thing;
 * sim_check (check.c) then refuses the policy or option that asks for it.
 */
#ifndef SIM_GENERATOR_H
#define SIM_GENERATOR_H

#include <winnow/rng.h>
#include <winnow/sim.h>

#include "sim/metrics.h"

/* Which run this is.  Draws are keyed by (seed, replicate, generation, index) and not
 * by the policy: policies are compared on common random numbers. */
struct sim_run {
    const struct wn_sim_opts *opts;     /* defaults resolved         */
    const struct wn_policy *policy;
    uint32_t replicate;
    struct wn_arena *arena;             /* lives as long as the run  */
};

/* What the next model is fitted to. */
struct sim_data {
    const void *item;
    size_t n;
    const double *weight;   /* one an item, > 0; NULL: 1 each.  Only for engines that
                               take weights                                              */
    const bool *is_real;    /* one an item: by true origin                               */
};

/* What compare() looks at beside the model. */
struct sim_view {
    uint32_t generation;
    const struct wn_policy *policy;
    const void *generated;               /* what the model of this generation wrote; NULL and
                                            0 in exact mode                              */
    size_t n_generated;
    bool sparse;                         /* exact mode: only what costs O(1) or O(model)  */
};

/* What a detector says of one item. */
struct sim_judgement {
    enum wn_verdict verdict;
    double p_synthetic;
};

/* Parts of struct wn_sim_sampling that an engine obeys: the bits of .takes. */
enum {
    SIM_TAKES_LAMBDA = 1,
    SIM_TAKES_TRUNCATE = 2,
    SIM_TAKES_TEMPERATURE = 4,
    SIM_TAKES_CUTS = 8,          /* top_k, top_p, min_p, typical                          */
    SIM_TAKES_BEAM = 16,
    SIM_TAKES_PENALTY = 32,
    SIM_TAKES_WEIGHTS = 64,      /* sim_data.weight                                       */
    SIM_TAKES_BY_SOURCE = 128,   /* WN_ESTIMATE_BY_SOURCE                                 */
    SIM_TAKES_UNBIASED = 256,    /* WN_ESTIMATE_UNBIASED                                  */
    SIM_EXACT_BIASED = 512,      /* exact mode obeys what the engine takes of temperature,
                                    cuts (lambda always is)                               */
    SIM_TAKES_TEXT = 1024        /* needs opts->texts                                     */
};

/*
 * Exact mode: batches of items of which only the sufficient statistics are kept.  A
 * batch is batch_size() bytes, aligned for double, zeroed before its first use; N counts
 * its items.  RNG is one stream for each purpose of a run, so equal calls give equal
 * draws whatever the policy.
 */
struct sim_exact {
    size_t (*batch_size)(const void *state);
    /* OUT becomes a batch of N new items of the truth, or of the model. n may be 0. */
    enum wn_status (*real)(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err);
    enum wn_status (*sample)(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err);
    /* Adds the items of FROM to INTO, each with weight FACTOR > 0 (1: plain union). */
    void (*merge)(const void *state, void *into, const void *from, double factor);
    /* OUT becomes N items drawn without replacement from FROM, n at most FROM's; may be
     * NULL: the statistics do not determine it. */
    enum wn_status (*subsample)(void *state, struct wn_rng *rng, const void *from, uint64_t n, void *out,
                                struct wn_err *err);
    /* Replaces the model by the one that fits BATCH, of N items in all. */
    enum wn_status (*fit)(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err);
    /* FITS times: fit BATCH, then BATCH becomes N new items of the model.  The same draws
     * and the same roundings as fit and sample called in turn, but faster; may be NULL. */
    void (*stretch)(void *state, struct wn_rng *rng, uint64_t n, uint32_t fits, void *batch);
};

struct sim_generator {
    const char *name;
    const char *about;           /* half a line for --help and messages                   */
    unsigned takes;              /* SIM_TAKES_ bits                                       */

    /* OPTS has every default resolved and outlives the world.  WN_BADCONF says what is
     * missing.  open, close and end may be NULL. */
    enum wn_status (*open)(void **world, const struct wn_sim_opts *opts, struct wn_err *err);
    void (*close)(void *world);
    /* Adds the engine's own settings to the trace's header; may be NULL. */
    void (*settings)(struct wn_json *j, const struct wn_sim_opts *opts);
    /* The fewest items that fit() can work with. */
    size_t (*min_items)(const struct wn_sim_opts *opts);
    size_t (*item_size)(const struct wn_sim_opts *opts);

    enum wn_status (*begin)(void **state, const void *world, const struct sim_run *run, struct wn_err *err);
    void (*end)(void *state);

    /* Draws N items from the truth; FIRST is the index of the first in its generation. */
    enum wn_status (*real)(void *state, uint32_t generation, size_t first, void *out, size_t n, struct wn_err *err);
    /* Replaces the model by one fitted to DATA, n >= min_items. */
    enum wn_status (*fit)(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err);
    /* Draws N items from the model; FIRST as above: equal (generation, index) are equal draws. */
    enum wn_status (*sample)(void *state, uint32_t generation, size_t first, void *out, size_t n, struct wn_err *err);
    enum wn_status (*compare)(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err);

    /* ---- each of these may be NULL ------------------------------------------------- */

    /* The real detector, for engines whose items are text. */
    enum wn_status (*tag)(void *state, const void *item, struct sim_judgement *out, struct wn_err *err);
    /* Size of an item in tokens; NULL: 1. */
    uint64_t (*tokens)(const void *item);
    /* What value-looking policies see; *OUT gets one number an item. */
    enum wn_status (*quality)(void *state, const void *item, size_t n, double *out, struct wn_err *err);  /* higher is better: TOP_FRACTION */
    enum wn_status (*distance)(void *state, const void *item, size_t n, double *out, struct wn_err *err); /* >= 0, from the truth's centre in its standard deviations: VALUE */
    enum wn_status (*surprise)(void *state, const void *item, size_t n, double *out, struct wn_err *err); /* -log model density, nats (text: a token): SURPRISE */
    bool (*is_wrong)(void *state, const void *item);                                                      /* VERIFY */
    /* Equal numbers: copies of each other: dedup exact. */
    enum wn_status (*fingerprint)(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err);
    /* dedup near: COPY_OF[i] becomes the smallest j <= i that item i repeats (i: none). */
    enum wn_status (*near_copies)(void *state, const void *item, size_t n, size_t *copy_of, struct wn_err *err);
    /* EDIT: OUT becomes ITEM with what the model gives at least ABOVE replaced by its draws. */
    enum wn_status (*edit)(void *state, uint32_t generation, size_t first, const void *item, size_t n, double above,
                           void *out, struct wn_err *err);
    /* GENERAL: a model that can be put away and taken up again; MODEL lives in the run's
     * arena.  model_put returns NULL when out of memory. */
    void *(*model_put)(void *state);
    enum wn_status (*model_take)(void *state, const void *model, struct wn_err *err);

    const struct sim_exact *exact;
};

/* NULL when no engine has this name. */
const struct sim_generator *sim_generator_find(const char *name);

#endif
