/*
 * measure_fixture.h - the cases of metrics.json, and texts as lists of words.
 */
#ifndef WINNOW_TEST_MEASURE_FIXTURE_H
#define WINNOW_TEST_MEASURE_FIXTURE_H

#include "support/vectors.h"

#include <math.h>

#include <winnow/hash.h>

#include "sim/measure.h"

static inline void measure_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.15g, want %.15g", got, want);
}

/* Relative to 1e-9, as the vectors ask; 1e-14 where 0 is wanted. */
static inline void near(double got, double want)
{
    measure_near(got, want, 1e-9 * fabs(want) + 1e-14);
}

static inline int measure_load(void **state)
{
    *state = vectors_load("collapse/metrics.json");
    return 0;
}

static inline int measure_unload(void **state)
{
    wn_jsonval_free(*state);
    return 0;
}

static inline const struct wn_jsonval *measure_case(void **state, const char *id)
{
    const struct wn_jsonval *cases = wn_jsonval_get(*state, "cases");

    for (size_t i = 0; i < wn_jsonval_size(cases); i++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, i), "id"), id) == 0)
            return wn_jsonval_at(cases, i);
    fail_msg("no case '%s'", id);
    return NULL;
}

static inline double measure_expected(const struct wn_jsonval *c, const char *key)
{
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected");

    for (size_t i = 0; i < wn_jsonval_size(expected); i++)
        if (strcmp(vectors_str(wn_jsonval_at(expected, i), "key"), key) == 0)
            return vectors_num(wn_jsonval_at(expected, i), "value");
    fail_msg("no expected value '%s'", key);
    return NAN;
}

static inline const struct wn_jsonval *measure_param(const struct wn_jsonval *c, const char *key)
{
    return wn_jsonval_get(wn_jsonval_get(c, "params"), key);
}

/* The numbers of an array, or of an array of rows, one after the other into OUT; how many. */
static inline size_t measure_numbers(const struct wn_jsonval *array, double *out)
{
    size_t n = 0;

    for (size_t i = 0; i < wn_jsonval_size(array); i++) {
        const struct wn_jsonval *item = wn_jsonval_at(array, i);

        if (wn_jsonval_is_num(item))
            out[n++] = wn_jsonval_num(item, NAN);
        else
            n += measure_numbers(item, out + n);
    }
    return n;
}

/* Documents of words between single spaces; at most 4000 words. */
static inline struct sim_words measure_words(const char *const *docs, size_t n, struct wn_arena *a)
{
    uint64_t *hash = wn_arena_calloc(a, 4000, sizeof(*hash));
    size_t *start = wn_arena_calloc(a, n + 1, sizeof(*start)), at = 0;

    for (size_t d = 0; d < n; d++) {
        for (const char *p = docs[d]; *p;) {
            size_t len = strcspn(p, " ");

            assert_true(at < 4000);
            hash[at++] = wn_hash64((struct wn_str){ p, len }, 0);
            p += len + (p[len] == ' ');
        }
        start[d + 1] = at;
    }
    return (struct sim_words){ hash, start, n };
}

#endif
