/*
 * lm_mail.c - items: send them, read back what became of them.
 */
#include <stdlib.h>

#include "lm/lm_join_key.h"

enum {
    LANE_ITEMS_MOST = 512, LANE_ITEMS_LEAST = 32,
    LANES_BYTES = 1 << 20           /* of all lanes of a worker, about */
};

static enum wn_status no_memory(size_t n, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot estimate from %zu n-grams: out of memory", n);
}

static enum wn_status reserve_lanes(struct lm_bench *b, const struct lm_mail *it, struct wn_err *err)
{
    size_t n = it->route->n_parts;

    if (n > b->cap_parts) {
        b->next = malloc(n * sizeof(*b->next));
        if (!b->next)
            return no_memory(n, err);
        b->cap_parts = n;
    }
    if (it->store.view || b->lane)
        return WN_OK;
    b->lane_items = LANES_BYTES / sizeof(*b->lane) / n;
    if (b->lane_items > LANE_ITEMS_MOST)
        b->lane_items = LANE_ITEMS_MOST;
    if (b->lane_items < LANE_ITEMS_LEAST)
        b->lane_items = LANE_ITEMS_LEAST;
    b->lane = malloc(n * b->lane_items * sizeof(*b->lane));
    b->fill = malloc(n * sizeof(*b->fill));
    b->pos = malloc(n * sizeof(*b->pos));
    if (b->lane && b->fill && b->pos)
        return WN_OK;
    free(b->lane);
    free(b->fill);
    free(b->pos);
    b->lane = NULL;                        /* that it is there says that all three are */
    b->fill = b->pos = NULL;
    return no_memory(n, err);
}

/* ---- items ----------------------------------------------------------------------------- */

/* COUNT becomes, for each destination, the running sums over the sources. */
static bool sum_places(uint64_t *base, uint32_t *count, uint32_t n)
{
    for (uint32_t to = 0; to < n; to++) {
        uint64_t sum = 0;

        for (uint32_t from = 0; from < n; from++) {
            uint32_t here = count[(size_t)from * n + to];

            count[(size_t)from * n + to] = (uint32_t)sum;
            sum += here;
        }
        if (sum > UINT32_MAX)
            return false;
        base[to + 1] = base[to] + sum;
    }
    return true;
}

enum wn_status lm_mail_open(struct lm_mail *it, unsigned order, unsigned count_bits, const struct lm_packing *p,
                             const struct lm_route *route, uint32_t *count, const uint32_t *seed, bool on_disk,
                             const char *dir, struct wn_err *err)
{
    *it = (struct lm_mail){ .order = order, .count_bits = count_bits, .packing = p, .route = route,
                             .place = count, .seed = seed };
    it->base = calloc((size_t)route->n_parts + 1, sizeof(*it->base));
    if (!it->base)
        return no_memory(route->n_parts, err);
    pthread_mutex_init(&it->lock, NULL);          /* cannot fail without attributes (glibc) */
    it->locked = true;
    if (!sum_places(it->base, count, route->n_parts))
        return wn_fail(err, WN_LIMIT, "cannot estimate order %u: more than %u n-grams with contexts of one part",
                       order, UINT32_MAX);
    return lm_store_open(&it->store, it->base[route->n_parts] * sizeof(uint64_t), on_disk, dir, err);
}

void lm_mail_close(struct lm_mail *it)
{
    lm_store_close(&it->store);
    if (it->locked)
        pthread_mutex_destroy(&it->lock);
    free(it->base);
    free(it->large);
    *it = (struct lm_mail){ 0 };
}

static enum wn_status add_large(struct lm_mail *it, uint64_t item, uint64_t value, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    pthread_mutex_lock(&it->lock);
    if (it->n_large == it->cap_large) {
        size_t cap = it->cap_large ? 2 * it->cap_large : 64;
        struct lm_large *more = realloc(it->large, cap * sizeof(*more));

        if (more) {
            it->large = more;
            it->cap_large = cap;
        } else {
            st = no_memory(cap, err);
        }
    }
    if (st == WN_OK)
        it->large[it->n_large++] = (struct lm_large){ item, value };
    pthread_mutex_unlock(&it->lock);
    return st;
}

static int by_item(const void *a, const void *b)
{
    const struct lm_large *x = a, *y = b;

    return (x->item > y->item) - (x->item < y->item);
}

void lm_mail_complete(struct lm_mail *it)
{
    if (it->n_large > 1)
        qsort(it->large, it->n_large, sizeof(*it->large), by_item);
}

/* ---- send -------------------------------------------------------------------------------- */

/* Room for the addresses of N nodes; those that are there move to to_below. */
static enum wn_status next_addresses(struct lm_bench *b, size_t n, struct wn_err *err)
{
    uint32_t *swap = b->to;

    if (n > b->cap_to) {                      /* the same for all orders of a part */
        free(b->to);
        free(b->to_below);
        b->cap_to = 0;
        b->to = malloc(n * sizeof(*b->to));
        b->to_below = malloc(n * sizeof(*b->to_below));
        if (!b->to || !b->to_below)
            return no_memory(n, err);
        b->cap_to = n;
        return WN_OK;
    }
    b->to = b->to_below;
    b->to_below = swap;
    return WN_OK;
}

static inline void fetch_route(const struct lm_route *route, const struct lm_part *part, uint32_t at)
{
    __builtin_prefetch(&route->first[lm_field(part->fields, lm_part_key(part, at), 1)]);
}

enum wn_status lm_mail_address(const struct lm_route *route, const struct lm_part *part, const struct lm_nodes *nodes,
                               const struct lm_nodes *below, struct lm_bench *b, struct wn_err *err)
{
    struct lm_way way = lm_way_of(route, part->packing);
    enum wn_status st = next_addresses(b, part->run.n, err);

    if (st != WN_OK)
        return st;
    if (!below) {
        for (uint32_t i = 0; i < nodes->n; i++) {
            if (route->first && i + LM_JOIN_AHEAD < nodes->n)
                fetch_route(route, part, nodes->at[i + LM_JOIN_AHEAD]);
            b->to[i] = lm_way_to(&way, lm_part_key(part, nodes->at[i]));
        }
        return WN_OK;
    }
    for (uint32_t j = 0; j < below->n; j++) {
        for (uint32_t i = below->child[j]; i < below->child[j + 1]; i++)
            b->to[i] = b->to_below[j];
    }
    return WN_OK;
}

void lm_mail_count(uint32_t *count, const struct lm_nodes *nodes, const struct lm_bench *b)
{
    for (uint32_t i = 0; i < nodes->n; i++)
        count[b->to[i]]++;
}

static void set_cursors(const struct lm_mail *it, uint32_t from, struct lm_bench *b)
{
    size_t n = it->route->n_parts;

    for (size_t to = 0; to < n; to++)
        b->next[to] = it->base[to] + it->place[from * n + to];
    if (!it->store.view) {
        memset(b->fill, 0, n * sizeof(*b->fill));
        memset(b->pos, 0, n * sizeof(*b->pos));
    }
}

/* Item AT of one of hundreds of sequences, which no hardware follows: the first item of a
 * cache line fetches the next line. */
static inline const uint64_t *follow(const uint64_t *view, uint64_t at)
{
    if (((uintptr_t)(view + at) & 63) == 0)
        __builtin_prefetch(view + at + 8);
    return view + at;
}

static enum wn_status flush(struct lm_mail *it, uint32_t to, struct lm_bench *b, struct wn_err *err)
{
    uint32_t n = b->fill[to];
    enum wn_status st = lm_store_put(&it->store, b->next[to] * sizeof(uint64_t), n * sizeof(uint64_t),
                                     b->lane + to * b->lane_items, err);

    b->next[to] += n;
    b->fill[to] = 0;
    return st;
}

static enum wn_status send_to_disk(struct lm_mail *it, uint32_t to, uint64_t item, struct lm_bench *b,
                                   struct wn_err *err)
{
    b->lane[to * b->lane_items + b->fill[to]++] = item;
    return b->fill[to] < b->lane_items ? WN_OK : flush(it, to, b, err);
}

enum wn_status lm_mail_send(struct lm_mail *it, uint32_t from, const struct lm_part *part,
                             const struct lm_nodes *nodes, struct lm_bench *b, struct wn_err *err)
{
    const struct lm_keying g = lm_keying_of(it->packing, it->count_bits, it->order - 1, 1);
    const uint64_t large = ~g.mask;
    uint64_t *view = (uint64_t *)(void *)it->store.view;
    enum wn_status st = reserve_lanes(b, it, err);

    if (st != WN_OK)
        return st;
    set_cursors(it, from, b);
    for (uint32_t i = 0; i < nodes->n && st == WN_OK; i++) {
        const uint64_t *key = lm_part_key(part, nodes->at[i]);
        uint32_t to = b->to[i];
        uint64_t value = nodes->value[i], item = lm_context_key(&g, key, it->seed[to]);

        if (value >= large) {
            st = add_large(it, b->next[to] + (view ? 0 : b->fill[to]), value, err);
            value = large;
        }
        if (view)
            view[b->next[to]++] = item | value;
        else if (st == WN_OK)
            st = send_to_disk(it, to, item | value, b, err);
    }
    for (uint32_t to = 0; !view && to < it->route->n_parts && st == WN_OK; to++)
        st = flush(it, to, b, err);
    return st;
}

enum wn_status lm_mail_resend(struct lm_mail *it, uint32_t from, uint32_t to, const struct lm_part *part,
                              const struct lm_nodes *nodes, struct wn_err *err)
{
    const struct lm_keying g = lm_keying_of(it->packing, it->count_bits, it->order - 1, 1);
    const uint64_t large = ~g.mask;
    uint64_t at = it->base[to] + it->place[(size_t)from * it->route->n_parts + to];
    struct lm_way way = lm_way_of(it->route, it->packing);
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; i < nodes->n && st == WN_OK; i++) {
        const uint64_t *key = lm_part_key(part, nodes->at[i]);
        uint64_t value = nodes->value[i], buf, *item = lm_store_room(&it->store, at * sizeof(*item), &buf);

        if (lm_way_to(&way, key) != to)
            continue;
        *item = lm_context_key(&g, key, it->seed[to]) | (value < large ? value : large);
        st = lm_store_put(&it->store, at++ * sizeof(*item), sizeof(*item), item, err);
    }
    return st;
}

/* ---- read back ------------------------------------------------------------------------------ */

static enum wn_status refill(const struct lm_mail *it, uint32_t to, struct lm_bench *b, struct wn_err *err)
{
    uint64_t left = it->base[it->route->n_parts] - b->next[to];
    size_t n = left < b->lane_items ? (size_t)left : b->lane_items;
    void *at;

    b->pos[to] = 0;
    b->fill[to] = (uint32_t)n;
    b->next[to] += n;
    return lm_store_get(&it->store, (b->next[to] - n) * sizeof(uint64_t), n * sizeof(uint64_t),
                        b->lane + to * b->lane_items, &at, err);
}

enum wn_status lm_mail_probabilities(const struct lm_mail *it, uint32_t from, const struct lm_nodes *below,
                                    const float *p_below, float *p, struct lm_bench *b, struct wn_err *err)
{
    const uint64_t *view = (const uint64_t *)(const void *)it->store.view;
    enum wn_status st = reserve_lanes(b, it, err);

    if (st != WN_OK)
        return st;
    set_cursors(it, from, b);
    for (uint32_t to = 0; view && to < it->route->n_parts; to++)
        __builtin_prefetch(view + b->next[to]);
    for (uint32_t j = 0; j < below->n && st == WN_OK; j++) {
        for (uint32_t i = below->child[j]; i < below->child[j + 1] && st == WN_OK; i++) {
            uint32_t to = b->to[i];
            struct lm_share share;
            const uint64_t *item;

            if (view) {
                item = follow(view, b->next[to]++);
            } else {
                if (b->pos[to] == b->fill[to])
                    st = refill(it, to, b, err);
                item = &b->lane[to * b->lane_items + b->pos[to]++];
            }
            memcpy(&share, item, sizeof(share));
            p[i] = share.own + share.gamma * p_below[j];
        }
    }
    return st;
}
