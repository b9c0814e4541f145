/*
 * lm_est_stream.c - the phases that estimate and stream, order by order.
 */
#include <math.h>

#include "lm/lm_est.h"
#include "lm/lm_layout.h"

static inline float log_of(float p)
{
    return p > 0.0f ? log10f(p) : LM_LOG_ZERO;
}

/* Rounding can lift a probability of one above it.  Zero is -inf, as in lmplz's files, but
 * where relative frequencies make it common. */
static inline float log_prob(const struct lm_est *e, float p)
{
    float x = p > 0.0f || e->rules.smoothing != WN_SMOOTH_ML ? log10f(p) : LM_LOG_ZERO;

    return x < 0.0f ? x : 0.0f;
}

/* ---- order 1 --------------------------------------------------------------------------- */

/* Words from FROM on, up to a block of them. */
static void fill_words(const struct lm_est *e, struct lm_lane *lane, uint32_t from)
{
    const struct lm_unigrams *u = &e->words;
    uint32_t end = u->n - from < e->block ? u->n : from + (uint32_t)e->block;

    for (uint32_t w = from; w < end; w++) {
        size_t at = lane->n;

        if (lm_unigrams_id(u, w) == UINT32_MAX)
            continue;
        lane->words[at] = lm_unigrams_id(u, w);
        lane->prob[at] = log_prob(e, u->p[w]);
        if (e->order > 1) {
            lane->backoff[at] = log_of(u->weight[w].gamma);
            lane->left[at] = u->left[w];
        }
        lane->n++;
    }
}

static uint64_t first_kept(const struct lm_unigrams *u, uint32_t from)
{
    while (u->id && from < u->n && u->id[from] == UINT32_MAX)
        from++;
    return from == u->n ? u->n_kept : lm_unigrams_id(u, from);
}

static enum wn_status stream_words(void *ctx, size_t i, struct wn_err *err)
{
    struct lm_est *e = ctx;
    struct lm_desk *d = lm_est_desk(e);
    uint32_t from = (uint32_t)(i * e->block);
    enum wn_status st = lm_est_poll(e, err);

    if (st == WN_OK)
        st = lm_lane_begin(&d->lane, &e->turn, i, first_kept(&e->words, from), e->block, err);
    if (st == WN_OK)
        fill_words(e, &d->lane, from);
    st = lm_lane_end(&d->lane, &e->turn, i, st, err);
    lm_est_done(e, d);
    return st;
}

/* ---- an order above ------------------------------------------------------------------------ */

static inline void set_words(const struct lm_est *e, const uint64_t *key, unsigned k, uint32_t *to)
{
    const uint32_t *id = e->words.id;

    for (unsigned i = 0; i < k; i++) {
        uint32_t word = lm_field(&e->fields, key, i);

        to[k - 1 - i] = id ? id[word] : word;
    }
}

/* The classes of the words before node I of D->here. */
static inline uint16_t left_mask(const struct lm_est *e, const struct lm_desk *d, unsigned k, uint32_t i)
{
    unsigned mask = 0;

    for (uint32_t a = d->here.child[i]; a < d->here.child[i + 1]; a++) {
        if (!e->drops || lm_value_kept(d->above.value[a]))
            mask |= lm_unigrams_class_bit(&e->words, lm_field(&e->fields, lm_part_key(&d->part, d->above.at[a]), k));
    }
    return (uint16_t)mask;
}

/* Appends node I of D->here, of order K, to the block. */
static enum wn_status add_node(const struct lm_est *e, struct lm_desk *d, unsigned k, uint32_t i, uint64_t suffix,
                               const float *p, struct wn_err *err)
{
    struct lm_lane *lane = &d->lane;
    enum wn_status st = lm_lane_full(lane) ? lm_lane_flush(lane, err) : WN_OK;
    size_t at = lane->n;

    if (st != WN_OK)
        return st;
    set_words(e, lm_part_key(&d->part, d->here.at[i]), k, lane->words + at * k);
    lane->prob[at] = log_prob(e, p[i]);
    lane->suffix[at] = suffix;
    if (k < e->order) {
        lane->backoff[at] = log_of(d->bench.weight[i].gamma);
        lane->left[at] = left_mask(e, d, k, i);
    }
    lane->n++;
    return WN_OK;
}

/* The n-grams of order K in D's part, whose nodes are in D->here, to the consumers. */
static enum wn_status stream_nodes(const struct lm_est *e, struct lm_desk *d, unsigned k, uint32_t part,
                                   const float *p, struct wn_err *err)
{
    const struct lm_nodes *here = &d->here, *below = &d->below;
    uint64_t suffix = k > 2 ? e->rank[k - 1][part] : 0;
    enum wn_status st = WN_OK;

    if (k == 2) {
        for (uint32_t i = 0; i < here->n && st == WN_OK; i++) {
            uint32_t last = lm_field(&e->fields, lm_part_key(&d->part, here->at[i]), 0);

            if (!e->drops || lm_value_kept(here->value[i]))
                st = add_node(e, d, k, i, lm_unigrams_id(&e->words, last), p, err);
        }
        return st;
    }
    for (uint32_t j = 0; j < below->n && st == WN_OK; j++) {
        for (uint32_t i = below->child[j]; i < below->child[j + 1] && st == WN_OK; i++) {
            if (!e->drops || lm_value_kept(here->value[i]))
                st = add_node(e, d, k, i, suffix, p, err);
        }
        suffix += !e->drops || lm_value_kept(below->value[j]);
    }
    return st;
}

/* Finds the nodes of order K of D's part, and their values when WANTED. */
static enum wn_status find_nodes(const struct lm_est *e, const struct lm_desk *d, struct lm_nodes *nodes, unsigned k,
                                 bool wanted, struct wn_err *err)
{
    enum wn_status st = lm_nodes_find(nodes, &d->part, k, err);

    if (st == WN_OK && wanted)
        lm_nodes_value(nodes, &d->part, k, &e->rules, e->words.allowed);
    return st;
}

static size_t float_bytes(const struct lm_nodes *nodes)
{
    return (size_t)nodes->n * sizeof(float);
}

/* ---- join ------------------------------------------------------------------------------------- */

/* Order k's items meet their contexts, D->here. */
static enum wn_status join_items(struct lm_est *e, struct lm_desk *d, uint32_t part, struct wn_err *err)
{
    const unsigned k = e->k;
    bool again = true;
    enum wn_status st = WN_OK;

    while (st == WN_OK && again) {
        st = lm_mail_join(&e->items, part, &d->part, &d->here, &e->d[k], e->drops, &again, &d->bench, err);
        if (st == WN_OK && again)             /* one part in some ten thousand */
            st = lm_join_seed(&e->seed[k - 1][part], &d->part, &d->here, k - 1, e->count_bits, &d->bench, err);
        if (st == WN_OK && again)
            st = lm_est_resend(e, part, err);
    }
    return st;
}

/* Order k's items meet their contexts in D's part, and those are streamed. */
static enum wn_status join_contexts(struct lm_est *e, struct lm_desk *d, uint32_t part, struct wn_err *err)
{
    const unsigned k = e->k;
    enum wn_status st = find_nodes(e, d, &d->here, k - 1, e->drops, err);
    void *p;

    if (st == WN_OK)
        st = join_items(e, d, part, err);
    if (st == WN_OK)
        st = find_nodes(e, d, &d->above, k, e->drops, err);
    if (st == WN_OK && k > 3)
        st = find_nodes(e, d, &d->below, k - 2, e->drops, err);
    if (st == WN_OK)
        st = lm_store_get(&e->p, e->first[k - 1][part] * sizeof(float), float_bytes(&d->here), d->p, &p, err);
    if (st == WN_OK)
        st = lm_lane_begin(&d->lane, &e->turn, part, e->rank[k - 1][part], e->block, err);
    return st == WN_OK ? stream_nodes(e, d, k - 1, part, p, err) : st;
}

static enum wn_status join_part(void *ctx, size_t i, struct wn_err *err)
{
    struct lm_est *e = ctx;
    struct lm_desk *d;
    enum wn_status st = lm_est_load(e, (uint32_t)i, &d, err);

    if (st == WN_OK)
        st = join_contexts(e, d, (uint32_t)i, err);
    st = lm_lane_end(&d->lane, &e->turn, i, st, err);
    lm_est_done(e, d);
    return st;
}

/* ---- estimate ----------------------------------------------------------------------------------- */

static void estimate_bigrams(const struct lm_est *e, const struct lm_desk *d, float *p)
{
    for (uint32_t i = 0; i < d->here.n; i++) {
        const uint64_t *key = lm_part_key(&d->part, d->here.at[i]);
        struct lm_weight w = e->words.weight[lm_field(&e->fields, key, 1)];
        float own = lm_uninterpolated(lm_value_count(d->here.value[i]), w.all, &e->d[2]);

        p[i] = own + w.gamma * e->words.p[lm_field(&e->fields, key, 0)];
    }
}

static enum wn_status estimate_nodes(struct lm_est *e, struct lm_desk *d, uint32_t part, float *p, struct wn_err *err)
{
    const unsigned k = e->k;
    enum wn_status st = find_nodes(e, d, &d->here, k, k == 2 || e->drops, err);
    void *p_below;

    if (st == WN_OK && k == 2)
        estimate_bigrams(e, d, p);
    if (st != WN_OK || k == 2)
        return st;
    st = find_nodes(e, d, &d->below, k - 1, e->drops, err);
    if (st == WN_OK)
        st = lm_store_get(&e->p, e->first[k - 1][part] * sizeof(float), float_bytes(&d->below), d->p_below, &p_below,
                          err);
    if (st == WN_OK)
        st = lm_mail_address(&e->route, &d->part, &d->here, NULL, &d->bench, err);
    return st == WN_OK ? lm_mail_probabilities(&e->items, part, &d->below, p_below, p, &d->bench, err) : st;
}

/* Below the top order. */
static enum wn_status estimate_part(void *ctx, size_t i, struct wn_err *err)
{
    struct lm_est *e = ctx;
    const unsigned k = e->k;
    uint64_t at = e->first[k][i] * sizeof(float);
    struct lm_desk *d;
    enum wn_status st = lm_est_load(e, (uint32_t)i, &d, err);
    float *p = NULL;

    if (st == WN_OK) {
        p = lm_store_room(&e->next_p, at, d->p);
        st = estimate_nodes(e, d, (uint32_t)i, p, err);
    }
    if (st == WN_OK)
        st = lm_store_put(&e->next_p, at, float_bytes(&d->here), p, err);
    if (st == WN_OK)
        st = find_nodes(e, d, &d->above, k + 1, true, err);
    if (st == WN_OK)
        st = lm_mail_address(&e->route, &d->part, &d->above, k > 2 ? &d->here : NULL, &d->bench, err);
    if (st == WN_OK)
        st = lm_mail_send(&e->next_items, (uint32_t)i, &d->part, &d->above, &d->bench, err);
    lm_est_done(e, d);
    return st;
}

static enum wn_status estimate_top(void *ctx, size_t i, struct wn_err *err)
{
    struct lm_est *e = ctx;
    struct lm_desk *d;
    enum wn_status st = lm_est_load(e, (uint32_t)i, &d, err);

    if (st == WN_OK)
        st = lm_lane_begin(&d->lane, &e->turn, i, e->rank[e->k][i], e->block, err);
    if (st == WN_OK)
        st = estimate_nodes(e, d, (uint32_t)i, d->p, err);
    if (st == WN_OK)
        st = stream_nodes(e, d, e->k, (uint32_t)i, d->p, err);
    st = lm_lane_end(&d->lane, &e->turn, i, st, err);
    lm_est_done(e, d);
    return st;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

/* Below the top: probabilities of order k, and items of the order above on their way. */
static enum wn_status estimate_order(struct lm_est *e, struct wn_err *err)
{
    const unsigned k = e->k;
    enum wn_status st = lm_store_open(&e->next_p, e->tally[k].n * sizeof(float), e->on_disk, e->room.tmp_dir, err);

    if (st == WN_OK)
        st = lm_mail_open(&e->next_items, k + 1, e->count_bits, e->packing, &e->route, e->n_items[k + 1],
                           e->seed[k], e->on_disk, e->room.tmp_dir, err);
    if (st == WN_OK)
        st = lm_est_each(e, e->route.n_parts, estimate_part, err);
    if (st != WN_OK)
        return st;
    lm_mail_complete(&e->next_items);
    lm_mail_close(&e->items);
    lm_store_close(&e->p);
    e->items = e->next_items;
    e->p = e->next_p;
    e->next_items = (struct lm_mail){ 0 };
    e->next_p = (struct lm_store){ 0 };
    return WN_OK;
}

/* Streams ORDER: N pieces, each by BODY. */
static enum wn_status stream(struct lm_est *e, const struct lm_consumer *const *consumers, size_t n_consumers,
                             unsigned order, size_t n, wn_each_fn *body, struct wn_err *err)
{
    enum wn_status st;

    lm_turn_init(&e->turn, consumers, n_consumers, order, e->order);
    st = lm_est_each(e, n, body, err);
    lm_turn_release(&e->turn);
    return st;
}

enum wn_status lm_est_stream(struct lm_est *e, const struct lm_consumer *const *consumers, size_t n,
                             struct wn_err *err)
{
    size_t n_blocks = (e->words.n + e->block - 1) / e->block;
    enum wn_status st = stream(e, consumers, n, 1, n_blocks, stream_words, err);

    for (e->k = 2; st == WN_OK && e->k <= e->order; e->k++) {
        if (e->k > 2)
            st = stream(e, consumers, n, e->k - 1, e->route.n_parts, join_part, err);
        if (st == WN_OK)
            st = e->k < e->order ? estimate_order(e, err)
                                 : stream(e, consumers, n, e->k, e->route.n_parts, estimate_top, err);
    }
    return st;
}
