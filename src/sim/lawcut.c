#include "sim/lawcut.h"

#include <math.h>
#include <stdlib.h>

/* Sums of laws round to about this: a border that is met up to it is met. */
#define ROUNDING 1e-12

/* A state and what it is sorted by. */
struct place {
    double key;
    uint32_t state;
};

static bool is_mass(double x)
{
    return x > 0 && x < 1;
}

static bool has_temperature(const struct wn_sim_sampling *s)
{
    return s->temperature > 0 && s->temperature != 1;
}

bool sim_law_is_cut(const struct wn_sim_sampling *s)
{
    return has_temperature(s) || s->top_k > 0 || is_mass(s->top_p) || s->min_p > 0 || is_mass(s->typical);
}

static void normalise(double *p, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += p[i];
    for (size_t i = 0; i < k; i++)
        p[i] /= sum;
}

/* Relative to the largest, every exponent is at most 0: the worst is an underflow to 0. */
static void heat(double *p, size_t k, double temperature)
{
    double top = 0, log_top;

    for (size_t i = 0; i < k; i++)
        top = fmax(top, p[i]);
    log_top = log(top);
    for (size_t i = 0; i < k; i++)
        if (p[i] > 0)
            p[i] = exp((log(p[i]) - log_top) / temperature);
    normalise(p, k);
}

/* Rising key, then rising index. */
static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->state < y->state ? -1 : x->state > y->state;
}

/* The states of positive probability; how many. */
static size_t list(const double *p, size_t k, struct place *out)
{
    size_t n = 0;

    for (size_t i = 0; i < k; i++)
        if (p[i] > 0)
            out[n++] = (struct place){ .key = -p[i], .state = (uint32_t)i };
    return n;
}

/* The shortest prefix of the N places with at least MASS; >= 1. */
static size_t prefix(const double *p, const struct place *at, size_t n, double mass)
{
    double sum = 0;
    size_t i = 0;

    while (i < n && sum < mass - ROUNDING)
        sum += p[at[i++].state];
    return i > 0 ? i : 1;
}

/* Keeps the first KEEP of N places and renormalises; returns how many are left. */
static size_t keep_first(double *p, const struct place *at, size_t n, size_t keep)
{
    double sum = 0;

    if (keep >= n)
        return n;
    for (size_t i = keep; i < n; i++)
        p[at[i].state] = 0;
    for (size_t i = 0; i < keep; i++)
        sum += p[at[i].state];
    for (size_t i = 0; i < keep; i++)
        p[at[i].state] /= sum;
    return keep;
}

/* The cuts that take a prefix of the falling order. */
static size_t cut_falling(const struct wn_sim_sampling *s, double *p, const struct place *at, size_t n)
{
    if (s->top_k > 0)
        n = keep_first(p, at, n, s->top_k);
    if (is_mass(s->top_p))
        n = keep_first(p, at, n, prefix(p, at, n, s->top_p));
    if (s->min_p > 0) {
        double floor = s->min_p * p[at[0].state];
        size_t keep = 1;

        while (keep < n && p[at[keep].state] >= floor * (1 - ROUNDING))
            keep++;
        n = keep_first(p, at, n, keep);
    }
    return n;
}

static void cut_typical(const struct wn_sim_sampling *s, double *p, struct place *at, size_t n)
{
    double entropy = 0;

    for (size_t i = 0; i < n; i++)
        entropy -= p[at[i].state] * log(p[at[i].state]);
    for (size_t i = 0; i < n; i++)
        at[i].key = fabs(-log(p[at[i].state]) - entropy);
    qsort(at, n, sizeof(*at), by_key);
    keep_first(p, at, n, prefix(p, at, n, s->typical));
}

enum wn_status sim_law_cut(const struct wn_sim_sampling *s, double *p, size_t k, struct wn_arena *scratch,
                           struct wn_err *err)
{
    struct place *at;
    size_t n;

    if (k > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot cut a law of %zu states: the limit is %u", k, UINT32_MAX);
    if (has_temperature(s))
        heat(p, k, s->temperature);
    if (s->top_k == 0 && !is_mass(s->top_p) && !(s->min_p > 0) && !is_mass(s->typical))
        return WN_OK;
    at = wn_arena_calloc(scratch, k, sizeof(*at));
    if (!at)
        return wn_fail(err, WN_NOMEM, "cannot cut a law of %zu states: out of memory", k);
    n = list(p, k, at);
    qsort(at, n, sizeof(*at), by_key);
    n = cut_falling(s, p, at, n);
    if (is_mass(s->typical))
        cut_typical(s, p, at, n);
    return WN_OK;
}
