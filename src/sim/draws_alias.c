/*
 * draws_alias.c - alias tables in whole numbers (Walker 1977; Vose 1991).
 *
 * K slots of one capacity are filled with the weights: a slot that its own state does not
 * fill takes the rest from one other state.  Whole numbers add up exactly, so the filling
 * ends with every slot full, and a state of weight 0 is never left with a slot.
 */
#include <stdlib.h>

#include "sim/draws_inline.h"
#include "sim/draws_sum.h"

#define CAPACITY ((__uint128_t)1 << 63)

struct slot {
    uint64_t keep;    /* the slot's own state while the fraction, of 2^64, is below this */
    uint32_t other;
};

struct sim_alias {
    size_t k;
    struct slot slot[];
};

static enum wn_status add_up(const double *weight, size_t k, double *sum, size_t *heaviest, struct wn_err *err)
{
    struct draws_sum s = { 0, 0 };

    if (k == 0)
        return wn_fail(err, WN_BADCONF, "cannot draw from no states: give at least one weight");
    if (k > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot draw from %zu states: the limit is %u", k, UINT32_MAX);
    for (size_t i = 0; i < k; i++) {
        if (!(weight[i] >= 0) || !isfinite(weight[i]))
            return wn_fail(err, WN_BADCONF, "weight %zu is %g: weights must be finite and not negative", i, weight[i]);
        draws_sum_add(&s, weight[i]);
        if (weight[i] > weight[*heaviest])
            *heaviest = i;
    }
    *sum = draws_sum_value(&s);
    if (!(*sum > 0) || !isfinite(*sum))
        return wn_fail(err, WN_BADCONF, "the weights add up to %g: their sum must be positive and finite", *sum);
    return WN_OK;
}

/* LEFT[i] = K CAPACITY weight / sum, whole, and exactly K CAPACITY in all: the heaviest
 * state, which has at least CAPACITY, takes the roundings (below 2^-52 of the total). */
static void portion(const double *weight, size_t k, double sum, size_t heaviest, __uint128_t *left)
{
    __uint128_t rest = k * CAPACITY;

    for (size_t i = 0; i < k; i++) {
        if (i == heaviest)
            continue;
        left[i] = (__uint128_t)(weight[i] / sum * (double)k * 0x1p63);
        rest -= left[i];
    }
    left[heaviest] = rest;
}

/* QUEUE holds K: the states below capacity from its start, the others from its end. */
static void fill(struct sim_alias *a, __uint128_t *left, uint32_t *queue)
{
    size_t n_below = 0, top = a->k;

    for (uint32_t i = 0; i < a->k; i++) {
        if (left[i] < CAPACITY)
            queue[n_below++] = i;
        else
            queue[--top] = i;
    }
    while (n_below > 0) {   /* one is below the average, so one is above it */
        uint32_t taker = queue[--n_below], giver = queue[top];

        a->slot[taker] = (struct slot){ .keep = (uint64_t)(left[taker] << 1), .other = giver };
        left[giver] -= CAPACITY - left[taker];
        if (left[giver] < CAPACITY) {
            top++;
            queue[n_below++] = giver;
        }
    }
    for (; top < a->k; top++)
        a->slot[queue[top]] = (struct slot){ .keep = UINT64_MAX, .other = queue[top] };
}

enum wn_status sim_alias_new(struct sim_alias **out, const double *weight, size_t k, struct wn_err *err)
{
    struct sim_alias *a;
    __uint128_t *left;
    uint32_t *queue;
    size_t heaviest = 0;
    double sum = 0;
    enum wn_status st;

    *out = NULL;
    st = add_up(weight, k, &sum, &heaviest, err);
    if (st != WN_OK)
        return st;
    a = malloc(sizeof(*a) + k * sizeof(a->slot[0]));   /* k < 2^32: no overflow */
    left = malloc(k * sizeof(*left));
    queue = malloc(k * sizeof(*queue));
    if (a && left && queue) {
        a->k = k;
        portion(weight, k, sum, heaviest, left);
        fill(a, left, queue);
        *out = a;
        a = NULL;
    } else {
        st = wn_fail(err, WN_NOMEM, "cannot prepare draws from %zu states: out of memory", k);
    }
    free(queue);
    free(left);
    free(a);
    return st;
}

/* The product's upper half is the slot, its lower half the place in the slot. */
size_t sim_alias_draw(const struct sim_alias *a, struct wn_rng *r)
{
    __uint128_t x = (__uint128_t)sim_u64_fast(r) * a->k;
    const struct slot *s = &a->slot[(size_t)(x >> 64)];

    return (uint64_t)x < s->keep ? (size_t)(x >> 64) : s->other;
}

void sim_alias_free(struct sim_alias *a)
{
    free(a);
}
