/*
 * tokens_fixture.h - drives a token engine through its table, without the loop.
 */
#ifndef WINNOW_TEST_TOKENS_FIXTURE_H
#define WINNOW_TEST_TOKENS_FIXTURE_H

#include "support/cm.h"

#include <math.h>

#include "sim/tokens.h"

struct tokens_run {
    const struct sim_generator *gen;
    struct wn_sim_opts opts;
    struct sim_run run;
    struct wn_arena arena;
    void *world, *state;
};

static inline void tokens_begin(struct tokens_run *r, uint32_t replicate)
{
    struct wn_err err = { 0 };

    r->run = (struct sim_run){ &r->opts, NULL, replicate, &r->arena };
    if (r->gen->begin(&r->state, r->world, &r->run, &err) != WN_OK)
        fail_msg("begin: %s", err.text);
}

static inline void tokens_end(struct tokens_run *r)
{
    r->gen->end(r->state);
    r->state = NULL;
    wn_arena_reset(&r->arena);
}

/* R must not move afterwards. */
static inline void tokens_open(struct tokens_run *r, const struct sim_generator *gen, const struct wn_sim_opts *opts)
{
    struct wn_err err = { 0 };

    *r = (struct tokens_run){ .gen = gen, .opts = *opts };
    if (gen->open(&r->world, &r->opts, &err) != WN_OK)
        fail_msg("open: %s", err.text);
    tokens_begin(r, 0);
}

static inline void tokens_close(struct tokens_run *r)
{
    r->gen->end(r->state);
    r->gen->close(r->world);
    wn_arena_release(&r->arena);
}

/* The status and the message of an open that must fail. */
static inline enum wn_status tokens_refused(const struct sim_generator *gen, const struct wn_sim_opts *opts,
                                            struct wn_err *err)
{
    void *world = NULL;
    enum wn_status st = gen->open(&world, opts, err);

    assert_null(world);
    return st;
}

static inline void *tokens_items(const struct tokens_run *r, size_t n)
{
    void *items = calloc(n, r->gen->item_size(&r->opts));

    assert_non_null(items);
    return items;
}

static inline struct sim_block *tokens_at(const struct tokens_run *r, void *items, size_t i)
{
    return (struct sim_block *)((char *)items + i * r->gen->item_size(&r->opts));
}

static inline void tokens_real(struct tokens_run *r, uint32_t generation, void *items, size_t n)
{
    struct wn_err err = { 0 };

    if (r->gen->real(r->state, generation, 0, items, n, &err) != WN_OK)
        fail_msg("real: %s", err.text);
}

static inline void tokens_fit(struct tokens_run *r, uint32_t generation, const void *items, size_t n)
{
    struct sim_data data = { .item = items, .n = n };
    struct wn_err err = { 0 };

    if (r->gen->fit(r->state, generation, &data, &err) != WN_OK)
        fail_msg("fit: %s", err.text);
}

static inline void tokens_sample(struct tokens_run *r, uint32_t generation, void *items, size_t n)
{
    struct wn_err err = { 0 };

    if (r->gen->sample(r->state, generation, 0, items, n, &err) != WN_OK)
        fail_msg("sample: %s", err.text);
}

/* What compare says of the model, and of N items when GENERATED is not NULL. */
static inline struct sim_metrics tokens_compare(struct tokens_run *r, const void *generated, size_t n)
{
    struct sim_view view = { .generation = 1, .generated = generated, .n_generated = n, .sparse = !generated };
    struct sim_metrics m = { .n = 0 };
    struct wn_err err = { 0 };

    if (r->gen->compare(r->state, &view, &m, &err) != WN_OK)
        fail_msg("compare: %s", err.text);
    return m;
}

/* NAN when there is no such metric. */
static inline double tokens_metric(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return NAN;
}

static inline double tokens_surprise(struct tokens_run *r, const void *item)
{
    struct wn_err err = { 0 };
    double nats;

    if (r->gen->surprise(r->state, item, 1, &nats, &err) != WN_OK)
        fail_msg("surprise: %s", err.text);
    return nats;
}

/* An item by hand, as long as the run's blocks are. */
static inline void tokens_set(const struct tokens_run *r, void *items, size_t i, uint32_t before, const uint32_t *token)
{
    struct sim_block *b = tokens_at(r, items, i);

    b->before = before;
    b->n = sim_tokens_block(&r->opts);
    memcpy(b->token, token, b->n * sizeof(*token));
}

/* How often TO follows FROM in N items; *TOTAL: how often FROM is followed by anything. */
static inline size_t tokens_follow(const struct tokens_run *r, void *items, size_t n, uint32_t from, uint32_t to,
                                   size_t *total)
{
    size_t hits = 0;

    *total = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sim_block *b = tokens_at(r, items, i);
        uint32_t before = b->before;

        for (uint32_t k = 0; k < b->n; k++) {
            *total += before == from;
            hits += before == from && b->token[k] == to;
            before = b->token[k];
        }
    }
    return hits;
}

/* A share of TOTAL draws within 5 standard errors of P. */
static inline void tokens_check_share(size_t hits, size_t total, double p)
{
    double se = sqrt(p * (1 - p) / (double)total);

    if (!(fabs((double)hits / (double)total - p) <= 5 * se + 1e-12))
        fail_msg("%zu of %zu, expected a share of %g", hits, total, p);
}

#endif
