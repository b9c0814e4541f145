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
 */
#ifndef SIM_GENERATOR_H
#define SIM_GENERATOR_H

#include <winnow/sim.h>

#include "sim/metrics.h"

/* One item: a point or a document.  Texts live as long as the run. */
union sim_value {
    double x[2];
    struct {
        struct wn_str str;
        uint64_t n_tokens;
    } text;
};

/* Which run this is.  Draws are keyed by (seed, replicate, generation, index) and not
 * by the policy: policies are compared on common random numbers. */
struct sim_run {
    const struct wn_sim_opts *opts;
    uint32_t replicate;
    struct wn_arena *arena;        /* lives as long as the run */
};

/* What compare() looks at beside the model. */
struct sim_view {
    uint32_t generation;
    const struct wn_policy *policy;
    const union sim_value *generated;    /* what the model of this generation wrote */
    size_t n_generated;
};

/* What a detector says of one item. */
struct sim_judgement {
    enum wn_verdict verdict;
    double p_synthetic;
};

struct sim_generator {
    const char *name;

    /* OPTS has every default resolved and outlives the world.  WN_BADCONF says what is
     * missing.  open, close and end may be NULL. */
    enum wn_status (*open)(void **world, const struct wn_sim_opts *opts, struct wn_err *err);
    void (*close)(void *world);
    /* Adds the engine's own settings to the trace's header. */
    void (*settings)(struct wn_json *j, const struct wn_sim_opts *opts);
    /* The fewest items that fit() can work with. */
    size_t (*min_items)(const struct wn_sim_opts *opts);

    enum wn_status (*begin)(void **state, const void *world, const struct sim_run *run, struct wn_err *err);
    void (*end)(void *state);

    /* Draws N items from the truth; FIRST is the index of the first in its generation. */
    enum wn_status (*real)(void *state, uint32_t generation, size_t first, union sim_value *out, size_t n,
                           struct wn_err *err);
    /* Replaces the model by one fitted to DATA, n >= min_items. */
    enum wn_status (*fit)(void *state, uint32_t generation, const union sim_value *data, size_t n, struct wn_err *err);
    enum wn_status (*sample)(void *state, uint32_t generation, union sim_value *out, size_t n, struct wn_err *err);
    /* The real detector; NULL where items have no text. */
    enum wn_status (*tag)(void *state, const union sim_value *item, struct sim_judgement *out, struct wn_err *err);
    /* Size of an item in tokens; NULL: 1. */
    uint64_t (*tokens)(const union sim_value *item);
    enum wn_status (*compare)(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err);
};

/* NULL when no engine has this name. */
const struct sim_generator *sim_generator_find(const char *name);

#endif
