/*
 * ngram_fixture.h - texts made here for the n-gram engine, and a rig that calls the
 * engine's table as the loop does.
 */
#ifndef WINNOW_TEST_NGRAM_FIXTURE_H
#define WINNOW_TEST_NGRAM_FIXTURE_H

#include "support/cm.h"

#include <math.h>
#include <stdlib.h>

#include "sim/ngram.h"

extern const struct sim_generator sim_ngram;

/* Word k is one of its own letters' names: no two below 4096 are equal. */
static inline void fixture_word(struct wn_buf *b, uint64_t k)
{
    static const char *const syllable[] = { "ba", "ke", "li", "mo", "nu", "ra", "se", "ti" };

    for (int i = 0; i < 4; i++, k /= 8)
        wn_buf_addz(b, syllable[k % 8]);
}

/* Rank r of TYPES with probability near 1/r: exp of a uniform number. */
static inline uint64_t fixture_zipf(struct wn_rng *rng, unsigned types)
{
    return (uint64_t)exp(wn_rng_u01(rng) * log(types)) - 1;
}

/* Calls on the table: one world, one run. */
struct rig {
    struct wn_sim_opts opts;
    struct wn_policy policy;
    struct wn_arena arena;
    struct sim_run run;
    void *world;
    struct sim_ngram *g;
    struct sim_text *real;         /* generation 0 */
    size_t n_real;
    struct wn_err err;
};

/* TEXTS: an array that outlives the rig; N real documents are taken. */
static inline void rig_open(struct rig *r, const struct wn_sim_text *texts, size_t n_texts, size_t n)
{
    void *state = NULL;

    wn_policy_init(&r->policy);
    r->opts.policies = &r->policy;
    r->opts.n_policies = 1;
    r->opts.generations = 1;
    r->opts.n = n;
    r->opts.texts = texts;
    r->opts.n_texts = n_texts;
    if (sim_ngram.open(&r->world, &r->opts, &r->err) != WN_OK)
        fail_msg("%s", r->err.text);
    r->run = (struct sim_run){ &r->opts, &r->policy, 0, &r->arena };
    assert_int_equal(sim_ngram.begin(&state, r->world, &r->run, &r->err), WN_OK);
    r->g = state;
    r->real = wn_arena_calloc(&r->arena, n, sizeof(*r->real));
    r->n_real = n;
    assert_int_equal(sim_ngram.real(r->g, 0, 0, r->real, n, &r->err), WN_OK);
}

static inline void rig_fit(struct rig *r, uint32_t generation, const struct sim_text *docs, size_t n)
{
    struct sim_data data = { .item = docs, .n = n };

    if (sim_ngram.fit(r->g, generation, &data, &r->err) != WN_OK)
        fail_msg("%s", r->err.text);
}

/* N documents from index FIRST on; they live as long as the rig. */
static inline struct sim_text *rig_sample(struct rig *r, uint32_t generation, size_t first, size_t n)
{
    struct sim_text *out = wn_arena_calloc(&r->arena, n, sizeof(*out));

    if (sim_ngram.sample(r->g, generation, first, out, n, &r->err) != WN_OK)
        fail_msg("%s", r->err.text);
    return out;
}

/* The metrics of DOCS as what generation GENERATION wrote. */
static inline struct sim_metrics rig_compare(struct rig *r, uint32_t generation, const struct sim_text *docs, size_t n)
{
    struct sim_view view = { .generation = generation, .policy = &r->policy, .generated = docs, .n_generated = n };
    struct sim_metrics m = { .n = 0 };

    if (sim_ngram.compare(r->g, &view, &m, &r->err) != WN_OK)
        fail_msg("%s", r->err.text);
    return m;
}

static inline double rig_metric(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    fail_msg("no metric %s", name);
    return (double)NAN;
}

static inline bool rig_has(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return true;
    return false;
}

static inline void rig_close(struct rig *r)
{
    sim_ngram.end(r->g);
    sim_ngram.close(r->world);
    wn_arena_release(&r->arena);
}

#endif
