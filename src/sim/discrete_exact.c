/*
 * Batches of a discrete law as counts: exact mode.
 *
 * A batch is two words: where its entries are, and whether memory ran out for them.  The
 * entries are in stores of the run, one for each batch that was written to, found again by
 * the batch's address: the loop may zero a batch to empty it, and nothing leaks.  The bytes
 * of a batch may be copied to read it, as long as the original is not written to.
 *
 * What is new is written to the run's spare tally and then swapped with the batch's: an
 * operation may read what it replaces.
 */
#include <stdlib.h>

#include "sim/discrete.h"

struct discrete_store {
    struct discrete_store *next;
    const void *owner;             /* the batch */
    struct discrete_tally tally;
};

struct batch {
    struct discrete_store *store;  /* NULL: empty           */
    bool is_broken;                /* entries were not kept: fit() says so */
};

/* Items a state up to which drawing them one by one costs less than a binomial a state. */
enum { ALIAS_BELOW = 8 };

struct discrete_store **discrete_stores_new(void)
{
    return calloc(1, sizeof(struct discrete_store *));
}

void discrete_stores_free(struct discrete_store **stores)
{
    struct discrete_store *s = stores ? *stores : NULL;

    while (s) {
        struct discrete_store *next = s->next;

        discrete_tally_release(&s->tally);
        free(s);
        s = next;
    }
    free(stores);
}

static const struct discrete_tally *entries(const struct batch *b)
{
    static const struct discrete_tally none;

    return b->store ? &b->store->tally : &none;
}

/* B gets what NEW holds; NEW gets some other tally to write over. */
static enum wn_status replace(struct discrete_store **stores, struct batch *b, struct discrete_tally *new,
                              struct wn_err *err)
{
    struct discrete_store *s = b->store && b->store->owner == b ? b->store : *stores;

    while (s && s->owner != b)
        s = s->next;
    if (!s) {
        s = calloc(1, sizeof(*s));
        if (!s)
            return wn_fail(err, WN_NOMEM, "cannot keep a batch: out of memory");
        s->owner = b;
        s->next = *stores;
        *stores = s;
    }
    b->store = s;
    discrete_tally_swap(&s->tally, new);
    return WN_OK;
}

static size_t batch_size(const void *state)
{
    (void)state;
    return sizeof(struct batch);
}

static enum wn_status check_count(uint64_t n, struct wn_err *err)
{
    return n <= SIM_DRAW_MAX ? WN_OK
                             : wn_fail(err, WN_LIMIT, "a batch of %llu items is too large: the limit is %llu",
                                       (unsigned long long)n, (unsigned long long)SIM_DRAW_MAX);
}

/* Where N items are drawn from: K states of probability P, called STATE[i] (NULL: i). */
struct source {
    const double *p;
    const uint32_t *state;
    size_t k;
    const struct sim_alias *alias;   /* NULL: a binomial for every state */
};

/* COUNT, zeroed, gets N items of S. */
static void draw_counts(struct wn_rng *rng, uint64_t n, const struct source *s, uint64_t *count)
{
    if (!s->alias) {
        sim_draw_multinomial(rng, n, s->p, s->k, count);
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        count[sim_alias_draw(s->alias, rng)]++;
}

/* OUT becomes N items of S. */
static enum wn_status draw_tally(struct wn_rng *rng, uint64_t n, const struct source *s, struct discrete_tally *out,
                                 struct wn_err *err)
{
    enum wn_status st = discrete_tally_reserve(out, n < s->k ? (size_t)n : s->k, err);
    uint64_t *count;

    if (st != WN_OK)
        return st;
    count = calloc(s->k, sizeof(*count));
    if (!count)
        return wn_fail(err, WN_NOMEM, "cannot draw from %zu states: out of memory", s->k);
    draw_counts(rng, n, s, count);
    out->n = 0;
    for (size_t i = 0; i < s->k; i++) {
        if (count[i] > 0) {
            out->state[out->n] = s->state ? s->state[i] : (uint32_t)i;
            out->x[out->n++] = (double)count[i];
        }
    }
    free(count);
    return WN_OK;
}

/* Far fewer items than states: no work on the others. */
static enum wn_status draw_items(struct wn_rng *rng, size_t n, const struct sim_alias *alias,
                                 struct discrete_tally *out, struct wn_err *err)
{
    uint32_t *item = calloc(n ? n : 1, sizeof(*item));
    enum wn_status st;

    if (!item)
        return wn_fail(err, WN_NOMEM, "cannot draw %zu items: out of memory", n);
    for (size_t i = 0; i < n; i++)
        item[i] = (uint32_t)sim_alias_draw(alias, rng);
    st = discrete_tally_items(out, item, NULL, n, err);
    free(item);
    return st;
}

static enum wn_status draw_new(struct discrete *d, uint64_t n, struct discrete_tally *out, struct wn_err *err)
{
    uint32_t first = 0;
    enum wn_status st = discrete_take_new(d, n, &first, err);

    if (st == WN_OK)
        st = discrete_tally_reserve(out, (size_t)n, err);
    if (st != WN_OK)
        return st;
    out->n = (size_t)n;
    for (size_t i = 0; i < out->n; i++) {
        out->state[i] = first + (uint32_t)i;
        out->x[i] = 1;
    }
    return WN_OK;
}

static enum wn_status exact_real(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    struct discrete *d = state;
    const struct discrete_world *w = d->world;
    struct source s = { .p = w->p, .k = w->n_states, .alias = n / ALIAS_BELOW < w->n_states ? w->alias : NULL };
    enum wn_status st = check_count(n, err);

    if (st != WN_OK)
        return st;
    if (w->truth == DISCRETE_DISTINCT)
        st = draw_new(d, n, &d->spare, err);
    else if (n < w->n_states)
        st = draw_items(rng, (size_t)n, w->alias, &d->spare, err);
    else
        st = draw_tally(rng, n, &s, &d->spare, err);
    return st == WN_OK ? replace(d->stores, out, &d->spare, err) : st;
}

static enum wn_status exact_sample(void *state, struct wn_rng *rng, uint64_t n, void *out, struct wn_err *err)
{
    struct discrete *d = state;
    struct source s = { .state = d->law.state, .k = d->law.n };
    enum wn_status st = check_count(n, err);

    if (st == WN_OK)
        st = discrete_emission(d, &s.p, err);
    if (st == WN_OK && n / ALIAS_BELOW < s.k)
        st = discrete_emission_alias(d, &s.alias, err);
    if (st == WN_OK)
        st = draw_tally(rng, n, &s, &d->spare, err);
    return st == WN_OK ? replace(d->stores, out, &d->spare, err) : st;
}

static void exact_merge(const void *state, void *into, const void *from, double factor)
{
    const struct discrete *d = state;
    struct batch *b = into;
    const struct batch *other = from;
    struct discrete_tally sum = { .n = 0 };

    b->is_broken |= other->is_broken;
    if (discrete_tally_add(&sum, entries(b), entries(other), factor, NULL) != WN_OK ||
        replace(d->stores, b, &sum, NULL) != WN_OK)
        b->is_broken = true;
    discrete_tally_release(&sum);
}

static enum wn_status exact_subsample(void *state, struct wn_rng *rng, const void *from, uint64_t n, void *out,
                                      struct wn_err *err)
{
    struct discrete *d = state;
    const struct discrete_tally *pool = entries(from);
    enum wn_status st = discrete_tally_reserve(&d->spare, pool->n, err);
    uint64_t *count;

    if (st != WN_OK)
        return st;
    count = calloc(pool->n ? pool->n : 1, sizeof(*count));
    if (!count)
        return wn_fail(err, WN_NOMEM, "cannot draw from %zu states: out of memory", pool->n);
    for (size_t i = 0; i < pool->n; i++)
        count[i] = (uint64_t)pool->x[i];
    sim_draw_multivariate_hypergeometric(rng, count, pool->n, n, count);
    d->spare.n = 0;
    for (size_t i = 0; i < pool->n; i++) {
        if (count[i] > 0) {
            d->spare.state[d->spare.n] = pool->state[i];
            d->spare.x[d->spare.n++] = (double)count[i];
        }
    }
    free(count);
    ((struct batch *)out)->is_broken = ((const struct batch *)from)->is_broken;
    return replace(d->stores, out, &d->spare, err);
}

static enum wn_status exact_fit(void *state, uint32_t generation, const void *batch, uint64_t n, struct wn_err *err)
{
    const struct batch *b = batch;

    if (b->is_broken)
        return wn_fail(err, WN_NOMEM, "cannot keep the counts of a batch: out of memory");
    return discrete_set_model(state, generation, entries(b), n, err);
}

const struct sim_exact discrete_exact = {
    .batch_size = batch_size,
    .real = exact_real,
    .sample = exact_sample,
    .merge = exact_merge,
    .subsample = exact_subsample,
    .fit = exact_fit,
};
