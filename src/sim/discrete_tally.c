/*
 * Sparse counts: entries in rising order of state.
 */
#include <stdlib.h>

#include "sim/discrete.h"

enum { DIGIT_BITS = 11, N_DIGITS = 1 << DIGIT_BITS };

enum wn_status discrete_tally_reserve(struct discrete_tally *t, size_t n, struct wn_err *err)
{
    size_t cap = n > 16 ? n + n / 2 : 24;

    if (n <= t->cap)
        return WN_OK;
    discrete_tally_release(t);
    t->state = calloc(cap, sizeof(*t->state));
    t->x = calloc(cap, sizeof(*t->x));
    if (!t->state || !t->x) {
        discrete_tally_release(t);
        return wn_fail(err, WN_NOMEM, "cannot keep the counts of %zu states: out of memory", n);
    }
    t->cap = cap;
    return WN_OK;
}

void discrete_tally_swap(struct discrete_tally *a, struct discrete_tally *b)
{
    struct discrete_tally old = *a;

    *a = *b;
    *b = old;
}

void discrete_tally_release(struct discrete_tally *t)
{
    free(t->state);
    free(t->x);
    *t = (struct discrete_tally){ .n = 0 };
}

static void push(struct discrete_tally *t, uint32_t state, double x)
{
    t->state[t->n] = state;
    t->x[t->n] = x;
    t->n++;
}

enum wn_status discrete_tally_add(struct discrete_tally *out, const struct discrete_tally *a,
                                  const struct discrete_tally *b, double factor, struct wn_err *err)
{
    size_t i = 0, j = 0;
    enum wn_status st = discrete_tally_reserve(out, a->n + b->n, err);

    if (st != WN_OK)
        return st;
    out->n = 0;
    while (i < a->n && j < b->n) {
        if (a->state[i] < b->state[j]) {
            push(out, a->state[i], a->x[i]);
            i++;
        } else if (a->state[i] > b->state[j]) {
            push(out, b->state[j], factor * b->x[j]);
            j++;
        } else {
            push(out, a->state[i], a->x[i] + factor * b->x[j]);
            i++;
            j++;
        }
    }
    for (; i < a->n; i++)
        push(out, a->state[i], a->x[i]);
    for (; j < b->n; j++)
        push(out, b->state[j], factor * b->x[j]);
    return WN_OK;
}

/* One stable pass of a radix sort by the digit above SHIFT. */
static void sort_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
    size_t start[N_DIGITS + 1] = { 0 };

    for (size_t i = 0; i < n; i++)
        start[(from[i] >> shift) % N_DIGITS + 1]++;
    for (size_t digit = 0; digit < N_DIGITS; digit++)
        start[digit + 1] += start[digit];
    for (size_t i = 0; i < n; i++)
        to[start[(from[i] >> shift) % N_DIGITS]++] = from[i];
}

/* KEY holds 2 N: sorted by the state in the upper half, items in their order; returns the
 * sorted half. */
static uint64_t *sort_keys(uint64_t *key, size_t n, uint32_t greatest)
{
    uint64_t *from = key, *to = key + n;

    for (unsigned shift = 0; shift < 32 && greatest >> shift; shift += DIGIT_BITS) {
        uint64_t *sorted = to;

        sort_digit(from, to, n, 32 + shift);
        to = from;
        from = sorted;
    }
    return from;
}

enum wn_status discrete_tally_items(struct discrete_tally *out, const uint32_t *item, const double *weight, size_t n,
                                    struct wn_err *err)
{
    uint64_t *key, *sorted;
    uint32_t greatest = 0;
    enum wn_status st;

    if (n > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot count %zu items one by one: the limit is %u", n, UINT32_MAX);
    st = discrete_tally_reserve(out, n, err);
    if (st != WN_OK)
        return st;
    key = calloc(n ? n : 1, 2 * sizeof(*key));
    if (!key)
        return wn_fail(err, WN_NOMEM, "cannot count %zu items: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        key[i] = (uint64_t)item[i] << 32 | i;
        greatest = item[i] > greatest ? item[i] : greatest;
    }
    sorted = sort_keys(key, n, greatest);
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        double x = weight ? weight[(uint32_t)sorted[i]] : 1;

        if (out->n > 0 && out->state[out->n - 1] == sorted[i] >> 32)
            out->x[out->n - 1] += x;
        else
            push(out, (uint32_t)(sorted[i] >> 32), x);
    }
    free(key);
    return WN_OK;
}

double discrete_tally_sum(const struct discrete_tally *t)
{
    double sum = 0;

    for (size_t i = 0; i < t->n; i++)
        sum += t->x[i];
    return sum;
}

double discrete_tally_find(const struct discrete_tally *t, uint32_t state)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->state[middle] < state)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n && t->state[low] == state ? t->x[low] : 0;
}
