/*
 * sim_drive.h - plays an engine by its table alone, without the loop: a few regimes in a
 * few lines each, by statistics and item by item.
 */
#ifndef WINNOW_TEST_SIM_DRIVE_H
#define WINNOW_TEST_SIM_DRIVE_H

#include "support/vectors.h"

#include <math.h>

#include "sim/draws.h"
#include "sim/generator.h"

enum { DRIVE_NOW, DRIVE_NEW, DRIVE_REAL, DRIVE_FIRST, DRIVE_SLOTS };

struct drive {
    const struct sim_generator *gen;
    struct wn_sim_opts opts;
    struct wn_policy policy;
    void *world, *state;
    struct wn_arena arena;
    struct wn_rng real, sample, count;
    void *batch[DRIVE_SLOTS];
    uint64_t n_now, n_all;
};

/* Sees the model of GENERATION; false ends the run. */
typedef bool drive_fn(void *arg, uint32_t generation, const struct sim_metrics *m);

static inline void drive_open(struct drive *d, const struct sim_generator *gen, const struct wn_sim_opts *opts)
{
    struct wn_err err = { 0 };

    *d = (struct drive){ .gen = gen, .opts = *opts };
    d->opts.seed = d->opts.seed ? d->opts.seed : 1;
    wn_policy_init(&d->policy);
    if (gen->open && gen->open(&d->world, &d->opts, &err) != WN_OK)
        fail_msg("%s", err.text);
}

static inline void drive_close(struct drive *d)
{
    if (d->gen->close)
        d->gen->close(d->world);
    wn_arena_release(&d->arena);
}

static inline void drive_begin(struct drive *d, uint32_t replicate)
{
    struct sim_run run = { &d->opts, &d->policy, replicate, &d->arena };

    assert_int_equal(d->gen->begin(&d->state, d->world, &run, NULL), WN_OK);
    wn_rng_init(&d->real, d->opts.seed, WN_DOMAIN_REAL, replicate, 0, UINT64_MAX);
    wn_rng_init(&d->sample, d->opts.seed, WN_DOMAIN_SAMPLE, replicate, 0, UINT64_MAX);
    wn_rng_init(&d->count, d->opts.seed, WN_DOMAIN_SELECT, replicate, 0, 0);
    for (int i = 0; i < DRIVE_SLOTS && d->gen->exact; i++) {
        d->batch[i] = wn_arena_calloc(&d->arena, 1, d->gen->exact->batch_size(d->state));
        assert_non_null(d->batch[i]);
    }
}

static inline void drive_end(struct drive *d)
{
    if (d->gen->end)
        d->gen->end(d->state);
    wn_arena_reset(&d->arena);
}

static inline void drive_ok(enum wn_status st, const struct wn_err *err)
{
    if (st != WN_OK)
        fail_msg("%s", err->text);
}

static inline void drive_clear(struct drive *d, int slot)
{
    memset(d->batch[slot], 0, d->gen->exact->batch_size(d->state));
}

static inline void drive_merge(struct drive *d, int into, int from)
{
    d->gen->exact->merge(d->state, d->batch[into], d->batch[from], 1);
}

static inline void drive_swap(struct drive *d, int a, int b)
{
    void *keep = d->batch[a];

    d->batch[a] = d->batch[b];
    d->batch[b] = keep;
}

/* The data of the next fit, from N new items. */
static inline void drive_next(struct drive *d, uint64_t n, struct wn_err *err)
{
    const struct sim_exact *x = d->gen->exact;
    const struct wn_policy *p = &d->policy;
    uint64_t n_real = p->regime == WN_REGIME_FRESH_REAL ? sim_draw_binomial(&d->count, n, p->real_share) : 0;

    drive_ok(x->sample(d->state, &d->sample, n - n_real, d->batch[DRIVE_NEW], err), err);
    d->n_all += n;
    if (p->regime == WN_REGIME_ACCUMULATE) {
        drive_merge(d, DRIVE_NOW, DRIVE_NEW);
        d->n_now = d->n_all;
    } else if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE) {
        drive_merge(d, DRIVE_FIRST, DRIVE_NEW);
        drive_ok(x->subsample(d->state, &d->count, d->batch[DRIVE_FIRST], n, d->batch[DRIVE_NOW], err), err);
        d->n_now = n;
    } else {
        drive_swap(d, DRIVE_NOW, DRIVE_NEW);
        d->n_now = n;
        if (p->regime == WN_REGIME_FRESH_REAL) {
            drive_ok(x->real(d->state, &d->real, n_real, d->batch[DRIVE_REAL], err), err);
            drive_merge(d, DRIVE_NOW, DRIVE_REAL);
        } else if (p->regime == WN_REGIME_FIXED_REAL) {
            drive_merge(d, DRIVE_NOW, DRIVE_FIRST);
            d->n_now += d->opts.n_first;
        }
    }
}

/* FIT after FIT of one replicate by statistics; opts.n_first real items, then opts.n a
 * generation. */
static inline void drive_exact(struct drive *d, uint32_t replicate, uint32_t generations, drive_fn *see, void *arg)
{
    const struct sim_exact *x = d->gen->exact;
    struct wn_err err = { 0 };
    bool more = true;

    drive_begin(d, replicate);
    d->n_now = d->n_all = d->opts.n_first ? d->opts.n_first : d->opts.n;
    drive_ok(x->real(d->state, &d->real, d->n_now, d->batch[DRIVE_NOW], &err), &err);
    drive_clear(d, DRIVE_FIRST);
    drive_merge(d, DRIVE_FIRST, DRIVE_NOW);
    for (uint32_t g = 1; g <= generations && more; g++) {
        struct sim_view view = { .generation = g, .policy = &d->policy, .sparse = true };
        struct sim_metrics m = { .n = 0 };

        drive_ok(x->fit(d->state, g, d->batch[DRIVE_NOW], d->n_now, &err), &err);
        drive_ok(d->gen->compare(d->state, &view, &m, &err), &err);
        more = see(arg, g, &m);
        if (more && g < generations)
            drive_next(d, d->opts.n, &err);
    }
    drive_end(d);
}

/* The same item by item, under replace. */
static inline void drive_points(struct drive *d, uint32_t replicate, uint32_t generations, drive_fn *see, void *arg)
{
    size_t n = (size_t)d->opts.n, size = d->gen->item_size(&d->opts);
    struct wn_err err = { 0 };
    struct sim_data data;
    void *item = calloc(n, size);
    bool more = true;

    assert_non_null(item);
    drive_begin(d, replicate);
    drive_ok(d->gen->real(d->state, 0, 0, item, n, &err), &err);
    for (uint32_t g = 1; g <= generations && more; g++) {
        struct sim_view view = { .generation = g, .policy = &d->policy, .generated = item, .n_generated = n };
        struct sim_metrics m = { .n = 0 };

        data = (struct sim_data){ .item = item, .n = n };
        drive_ok(d->gen->fit(d->state, g, &data, &err), &err);
        drive_ok(d->gen->sample(d->state, g, 0, item, n, &err), &err);
        drive_ok(d->gen->compare(d->state, &view, &m, &err), &err);
        more = see(arg, g, &m);
    }
    drive_end(d);
    free(item);
}

/* NAN when it was left out. */
static inline double drive_metric(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return NAN;
}

/* ---- reference vectors -------------------------------------------------------------------- */

static inline const struct wn_jsonval *drive_case(const struct wn_jsonval *file, const char *id)
{
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");

    for (size_t i = 0; i < wn_jsonval_size(cases); i++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, i), "id"), id) == 0)
            return wn_jsonval_at(cases, i);
    fail_msg("no case '%s'", id);
    return NULL;
}

/* The mean of R values against WANT, 4 standard errors either way. */
static inline void drive_near(const char *what, double mean, double want, double sd, unsigned r)
{
    if (!(fabs(mean - want) <= 4 * sd / sqrt(r) + 1e-12))
        fail_msg("%s: mean of %u runs %.9g, expected %.9g, sd of one %.4g: z = %.2f", what, r, mean, want, sd,
                 (mean - want) * sqrt(r) / sd);
}

/* What a case asks of one model. */
typedef double drive_value(const struct sim_metrics *m);

struct drive_sums {
    const struct wn_jsonval *expected;
    drive_value *value;
    double sum[16];
};

static inline bool drive_add(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    struct drive_sums *s = arg;

    for (size_t i = 0; i < wn_jsonval_size(s->expected); i++)
        if (vectors_num(wn_jsonval_at(s->expected, i), "n") == generation)
            s->sum[i] += s->value(m);
    return true;
}

/* Means over R replicates at the fits that case ID has values for, up to LAST, with D's
 * engine, options and policy. */
static inline void drive_meets(struct drive *d, const struct wn_jsonval *file, const char *id, drive_value *value,
                               uint32_t last, unsigned r)
{
    struct drive_sums s = { .expected = wn_jsonval_get(drive_case(file, id), "expected"), .value = value };

    assert_true(wn_jsonval_size(s.expected) <= 16);
    for (unsigned i = 0; i < r; i++)
        drive_exact(d, i, last, drive_add, &s);
    for (size_t i = 0; i < wn_jsonval_size(s.expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(s.expected, i);

        if (vectors_num(e, "n") <= last)
            drive_near(id, s.sum[i] / r, vectors_num(e, "value"), vectors_num(e, "sd"), r);
    }
}

/* ---- two samples ------------------------------------------------------------------------------ */

static inline int drive_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov distance of two samples of N numbers, in units of sqrt(n / 2): above 1.95
 * one time in 1,000.  Digits beyond 1e-9 are dropped: the atoms of a discrete law are equal
 * numbers in both modes but for the order of sums. */
static inline double drive_ks(double *a, double *b, size_t n)
{
    size_t i = 0, j = 0;
    double most = 0;

    for (size_t k = 0; k < n; k++) {
        assert_true(isfinite(a[k]) && isfinite(b[k]));
        a[k] = round(a[k] * 1e9);
        b[k] = round(b[k] * 1e9);
    }
    qsort(a, n, sizeof(*a), drive_by_value);
    qsort(b, n, sizeof(*b), drive_by_value);
    while (i < n && j < n) {
        double at = a[i] < b[j] ? a[i] : b[j];

        while (i < n && a[i] == at)
            i++;
        while (j < n && b[j] == at)
            j++;
        most = fmax(most, fabs((double)i - (double)j) / (double)n);
    }
    return most * sqrt((double)n / 2);
}

#endif
