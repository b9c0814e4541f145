/*
 * sim_rows.h - runs a simulation and keeps what a test asks of its trace.
 */
#ifndef WINNOW_TEST_SIM_ROWS_H
#define WINNOW_TEST_SIM_ROWS_H

#include "support/cm.h"

#include <math.h>

#include <winnow/sim.h>

/* Sums over replicates of one metric of one policy and generation. */
struct sim_sum {
    char policy[64], metric[32];
    unsigned generation;
    double sum, squares, smallest, largest;
    uint64_t n;
};

struct sim_rows {
    struct wn_buf text;           /* the whole trace, when keep_text */
    bool keep_text;
    struct sim_sum sum[4096];
    size_t n_sums, n_rows;
};

/* The value behind KEY up to the next ',' '}' or '"'. */
static inline void sim_rows_field(struct wn_str line, const char *key, char *out, size_t room)
{
    const char *at = memmem(line.ptr, line.len, key, strlen(key)), *end = line.ptr + line.len;
    size_t n = 0;

    assert_non_null(at);
    for (at += strlen(key); at < end && *at != ',' && *at != '}' && *at != '"' && n + 1 < room; at++)
        out[n++] = *at;
    out[n] = '\0';
}

static inline struct sim_sum *sim_rows_find(struct sim_rows *r, const char *policy, unsigned generation,
                                            const char *metric)
{
    for (size_t i = 0; i < r->n_sums; i++)
        if (r->sum[i].generation == generation && strcmp(r->sum[i].metric, metric) == 0 &&
            strcmp(r->sum[i].policy, policy) == 0)
            return &r->sum[i];
    return NULL;
}

static inline enum wn_status sim_rows_take(void *arg, struct wn_str line, struct wn_err *err)
{
    struct sim_rows *r = arg;
    char policy[64], metric[32], number[64];
    struct sim_sum *s;
    double v;

    if (r->keep_text)
        wn_buf_add(&r->text, line);
    r->n_rows++;
    if (line.len > 8 && memcmp(line.ptr, "{\"kind\":", 8) == 0)      /* header, theory: no rows of runs */
        return wn_buf_status(&r->text, err);
    sim_rows_field(line, "\"policy\":\"", policy, sizeof(policy));
    sim_rows_field(line, "\"metric\":\"", metric, sizeof(metric));
    sim_rows_field(line, "\"generation\":", number, sizeof(number));
    s = sim_rows_find(r, policy, (unsigned)atoi(number), metric);
    if (!s) {
        assert_true(r->n_sums < 4096);
        s = &r->sum[r->n_sums++];
        strcpy(s->policy, policy);
        strcpy(s->metric, metric);
        s->generation = (unsigned)atoi(number);
        s->smallest = INFINITY;
        s->largest = -INFINITY;
    }
    sim_rows_field(line, "\"value\":", number, sizeof(number));
    v = strtod(number, NULL);
    s->sum += v;
    s->squares += v * v;
    s->smallest = fmin(s->smallest, v);
    s->largest = fmax(s->largest, v);
    s->n++;
    return wn_buf_status(&r->text, err);
}

/* Runs OPTS into R, which the caller zeroed and releases. */
static inline void sim_rows_run(struct sim_rows *r, const struct wn_sim_opts *opts)
{
    struct wn_err err = { 0 };

    if (wn_simulate(opts, sim_rows_take, r, &err) != WN_OK)
        fail_msg("%s", err.text);
}

static inline void sim_rows_release(struct sim_rows *r)
{
    wn_buf_release(&r->text);
    free(r);
}

static inline struct sim_rows *sim_rows_new(bool keep_text)
{
    struct sim_rows *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    r->keep_text = keep_text;
    return r;
}

/* Mean over replicates; fails when no row has it. */
static inline double sim_rows_mean(struct sim_rows *r, const char *policy, unsigned generation, const char *metric)
{
    struct sim_sum *s = sim_rows_find(r, policy, generation, metric);

    if (!s)
        fail_msg("no row for %s, generation %u, %s", policy, generation, metric);
    return s->sum / (double)s->n;
}

static inline struct wn_policy sim_policy(const char *name, enum wn_regime regime)
{
    struct wn_policy p;

    wn_policy_init(&p);
    snprintf(p.name, sizeof(p.name), "%s", name);
    p.regime = regime;
    if (regime == WN_REGIME_ACCUMULATE_SUBSAMPLE)
        p.budget_of_first = 1;
    return p;
}

#endif
