/*
 * lm_est.c - the state of an estimate; the first scan.
 */
#include "lm/lm_est.h"

#include <stdlib.h>

/* Below this many N-grams a part, 48 bits tell contexts apart at the first try but for one
 * part in a hundred thousand or fewer; larger parts take 56. */
enum { LARGE_PART = 1 << 22 };
/* Below this many bytes blocks are smaller than they like to be. */
#define LITTLE_MEMORY (UINT64_C(48) << 20)

static enum wn_status no_memory(const struct lm_est *e, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot estimate a model of %u words: out of memory", e->vocab->n);
}

/* ---- desks -------------------------------------------------------------------------- */

static void desk_release(struct lm_desk *d)
{
    lm_run_buf_release(&d->buf);
    free(d->cut);
    lm_nodes_release(&d->below);
    lm_nodes_release(&d->here);
    lm_nodes_release(&d->above);
    lm_bench_release(&d->bench);
    lm_lane_release(&d->lane);
    free(d->p);
    free(d->p_below);
    *d = (struct lm_desk){ .next = d->next };
}

static enum wn_status desk_reserve(struct lm_est *e, struct lm_desk *d, struct wn_err *err)
{
    size_t n = lm_runs_longest(e->runs);

    if (d->cap > 0)
        return WN_OK;
    d->part.packing = e->packing;
    d->part.fields = &e->fields;
    d->cut = malloc(n + 1);
    d->p = malloc((n + 1) * sizeof(*d->p));
    d->p_below = malloc((n + 1) * sizeof(*d->p_below));
    if (!d->cut || !d->p || !d->p_below) {
        free(d->cut);
        free(d->p);
        free(d->p_below);
        d->cut = NULL;
        d->p = d->p_below = NULL;
        return no_memory(e, err);
    }
    d->cap = n + 1;
    return WN_OK;
}

struct lm_desk *lm_est_desk(struct lm_est *e)
{
    struct lm_desk *d;

    pthread_mutex_lock(&e->lock);
    d = e->free_desk;                      /* as many as threads, so there is one */
    e->free_desk = d->next;
    pthread_mutex_unlock(&e->lock);
    return d;
}

void lm_est_done(struct lm_est *e, struct lm_desk *desk)
{
    pthread_mutex_lock(&e->lock);
    desk->next = e->free_desk;
    e->free_desk = desk;
    pthread_mutex_unlock(&e->lock);
}

static enum wn_status find_cuts(struct lm_est *e, uint32_t i, struct lm_desk *d, struct wn_err *err)
{
    uint8_t *cut = d->cut;

    if (e->cut && e->cut[i]) {
        d->part.cut = e->cut[i];
        return WN_OK;
    }
    if (e->cut) {
        cut = e->cut[i] = malloc(d->part.run.n + 1);
        if (!cut)
            return no_memory(e, err);
    }
    lm_cuts(e->packing, &d->part.run, cut);
    d->part.cut = cut;
    return WN_OK;
}

static enum wn_status load_to(struct lm_est *e, uint32_t i, struct lm_desk *d, struct wn_err *err)
{
    enum wn_status st = lm_est_poll(e, err);

    if (st == WN_OK)
        st = desk_reserve(e, d, err);
    if (st == WN_OK)
        st = lm_runs_load(e->runs, i, &d->buf, &d->part.run, err);
    return st == WN_OK ? find_cuts(e, i, d, err) : st;
}

enum wn_status lm_est_load(struct lm_est *e, uint32_t i, struct lm_desk **desk, struct wn_err *err)
{
    *desk = lm_est_desk(e);
    return load_to(e, i, *desk, err);
}

enum wn_status lm_est_resend(struct lm_est *e, uint32_t to, struct wn_err *err)
{
    struct lm_desk d = { 0 };
    enum wn_status st = WN_OK;

    for (uint32_t from = 0; from < e->route.n_parts && st == WN_OK; from++) {
        st = load_to(e, from, &d, err);
        if (st == WN_OK)
            st = lm_nodes_find(&d.above, &d.part, e->items.order, err);
        if (st != WN_OK)
            break;
        lm_nodes_value(&d.above, &d.part, e->items.order, &e->rules, e->words.allowed);
        st = lm_mail_resend(&e->items, from, to, &d.part, &d.above, err);
    }
    desk_release(&d);
    return st;
}

enum wn_status lm_est_poll(const struct lm_est *e, struct wn_err *err)
{
    if (e->room.stop && atomic_load(e->room.stop))
        return wn_fail(err, WN_CANCELLED, "stopped before the end");
    return WN_OK;
}

enum wn_status lm_est_each(struct lm_est *e, size_t n, wn_each_fn *body, struct wn_err *err)
{
    /* The bodies poll: one that was begun must run, others may wait for its turn to pass. */
    return wn_parallel_each(n, e->n_desks, body, e, NULL, err);
}

/* ---- open and release --------------------------------------------------------------------- */

static bool alloc_order(struct lm_est *e, unsigned k)
{
    size_t n = e->route.n_parts;

    e->first[k] = calloc(n + 1, sizeof(*e->first[k]));
    e->rank[k] = calloc(n + 1, sizeof(*e->rank[k]));
    e->seed[k] = calloc(n, sizeof(*e->seed[k]));
    if (k >= 3)
        e->n_items[k] = calloc(n * n, sizeof(*e->n_items[k]));
    return e->first[k] && e->rank[k] && e->seed[k] && (k < 3 || e->n_items[k]);
}

/* A loaded part with cuts and p, p_below; three lists of nodes; a table at 1.5 slots a node,
 * sums, addresses; blocks and what consumers make of one; items on their way. */
uint64_t lm_est_desk_bytes(const struct lm_est *e)
{
    uint64_t n = lm_runs_longest(e->runs), part = (e->packing->stride + 1) * sizeof(uint64_t) + 2 + 2 * sizeof(float);
    uint64_t block = e->block * (4 * (uint64_t)e->order + 20 + 128);

    return n * (part + 3 * 16 + 3 * 12 / 2 + 32 + 8 * e->drops + 8) + block + (UINT64_C(3) << 20) / 2 +
           e->route.n_parts * (uint64_t)272;
}

/* The words, and what there is for each part: several numbers, and one for each other part. */
static uint64_t fixed_bytes(const struct lm_est *e)
{
    uint64_t n = e->route.n_parts;

    return e->held_bytes + (uint64_t)e->words.n * (LM_WORD_BYTES + (e->drops ? 64 : 0)) +
           n * n * sizeof(uint32_t) * (e->order > 2 ? e->order - 2 : 0) + n * 20 * e->order;
}

/* What is left of the memory beside what is fixed. */
static uint64_t free_bytes(const struct lm_est *e)
{
    uint64_t fixed = fixed_bytes(e);

    return fixed < e->room.memory_bytes ? e->room.memory_bytes - fixed : 0;
}

/* While a desk waits for its turn, what consumers made of its part waits too. */
static uint64_t waiting_bytes(const struct lm_est *e)
{
    return lm_runs_longest(e->runs) * (uint64_t)96;
}

/* A quarter is for consumers. */
static bool alloc_desks(struct lm_est *e)
{
    uint64_t fit = free_bytes(e) / 4 * 3 / (lm_est_desk_bytes(e) + waiting_bytes(e));

    e->n_desks = e->room.jobs > 1 ? e->room.jobs : 1;
    if (e->n_desks > fit)
        e->n_desks = fit > 1 ? (unsigned)fit : 1;
    if (e->n_desks > e->route.n_parts && e->order > 1)
        e->n_desks = e->route.n_parts;
    e->all_desks = e->n_desks;
    e->desk = calloc(e->n_desks, sizeof(*e->desk));
    for (unsigned i = 0; e->desk && i < e->n_desks; i++) {
        e->desk[i].next = e->free_desk;
        e->free_desk = &e->desk[i];
    }
    return e->desk != NULL;
}

static uint64_t desks_bytes(const struct lm_est *e, unsigned n)
{
    return n * lm_est_desk_bytes(e) + (n > 1 ? n * waiting_bytes(e) : 0);
}

/* What is left beside N desks. */
static uint64_t spare_bytes(const struct lm_est *e, unsigned n)
{
    uint64_t desks = desks_bytes(e, n), bytes = free_bytes(e);

    return bytes > desks ? bytes - desks : 0;
}

void lm_est_plan(struct lm_est *e, uint64_t least, struct lm_room *consumers)
{
    unsigned n = e->n_desks;
    uint64_t spare, most = 0;

    *consumers = e->room;
    if (e->room.memory_bytes == UINT64_MAX)
        return;
    while (n > 1 && spare_bytes(e, n) < least)
        n--;
    for (; e->n_desks > n; e->n_desks--) {
        desk_release(e->free_desk);
        e->free_desk = e->free_desk->next;
    }
    spare = spare_bytes(e, n);
    for (unsigned k = 2; k <= e->order; k++) {
        uint64_t bytes = 12 * e->tally[k].n + (k < e->order ? 12 * e->tally[k + 1].n : 0);

        most = bytes > most ? bytes : most;
    }
    e->on_disk = most > spare / 2 || spare - most < least;
    if (!e->on_disk)
        spare -= most;
    consumers->jobs = e->n_desks;
    lm_room_give(consumers, fixed_bytes(e) + desks_bytes(e, n) + (e->on_disk ? 0 : most));
    /* With as much as they ask for, the runs would be in memory. */
    if (desks_bytes(e, 1) + least > lm_runs_on_disk(e->runs))
        consumers->outside_bytes += lm_runs_on_disk(e->runs) / 2 * 3;
}

/* With more memory parts get larger (plan in lm_runs_disk.c), and with them a desk: by up to a
 * quarter of what is more, which is asked for on top. */
enum wn_status lm_est_afford(const struct lm_est *e, struct wn_err *err)
{
    uint64_t least = fixed_bytes(e) + lm_est_desk_bytes(e) + LM_EST_CONSUMERS_LEAST;

    if (least <= e->room.memory_bytes)
        return WN_OK;
    return lm_room_afford(&e->room, least + (least - e->room.memory_bytes) / 8 * 3, "estimate a model", err);
}

enum wn_status lm_est_open(struct lm_est *e, struct wn_err *err)
{
    size_t most = lm_runs_longest(e->runs) > e->vocab->n ? lm_runs_longest(e->runs) : e->vocab->n;
    enum wn_status st;

    pthread_mutex_init(&e->lock, NULL);           /* cannot fail without attributes (glibc) */
    e->locked = true;
    e->packing = lm_runs_packing(e->runs);
    e->order = e->packing->order;
    e->count_bits = lm_runs_longest(e->runs) > LARGE_PART ? 8 : 16;
    e->block = e->room.memory_bytes < LITTLE_MEMORY ? LM_BLOCK_NGRAMS / 4 : LM_BLOCK_NGRAMS;
    e->block = most < e->block ? most : e->block;
    e->drops = e->rules.prune[e->order] > 0 || e->limit_vocab;
    lm_fields_set(&e->fields, e->packing);
    st = lm_route_init(&e->route, e->runs, e->vocab->n, err);
    if (st == WN_OK)
        st = lm_unigrams_init(&e->words, e->vocab, e->drops, e->order > 1, e->limit_vocab, err);
    if (st != WN_OK)
        return st;
    if (!alloc_desks(e))
        return no_memory(e, err);
    for (unsigned k = 2; k <= e->order; k++) {
        if (!alloc_order(e, k))
            return no_memory(e, err);
    }
    if (e->room.memory_bytes == UINT64_MAX) {
        e->cut = calloc(e->route.n_parts, sizeof(*e->cut));
        if (!e->cut)
            return no_memory(e, err);
    }
    return WN_OK;
}

void lm_est_release(struct lm_est *e)
{
    for (unsigned k = 0; k <= WN_LM_MAX_ORDER; k++) {
        free(e->first[k]);
        free(e->rank[k]);
        free(e->n_items[k]);
        free(e->seed[k]);
    }
    for (uint32_t i = 0; e->cut && i < e->route.n_parts; i++)
        free(e->cut[i]);
    free(e->cut);
    for (unsigned i = 0; e->desk && i < e->all_desks; i++)
        desk_release(&e->desk[i]);
    free(e->desk);
    lm_mail_close(&e->items);
    lm_mail_close(&e->next_items);
    lm_store_close(&e->p);
    lm_store_close(&e->next_p);
    lm_unigrams_release(&e->words);
    lm_route_release(&e->route);
    if (e->locked)
        pthread_mutex_destroy(&e->lock);
}

/* ---- the scan -------------------------------------------------------------------------------- */

static enum wn_status scan_words(struct lm_est *e, struct lm_desk *d, struct wn_err *err)
{
    const bool top = e->order == 1;
    enum wn_status st = lm_nodes_find(&d->here, &d->part, 1, err);

    for (uint32_t i = 0; st == WN_OK && i < d->here.n; i++) {
        uint32_t word = lm_field(&e->fields, lm_part_key(&d->part, d->here.at[i]), 0);
        uint64_t raw = lm_nodes_raw(&d->here, &d->part, 1, i);

        atomic_fetch_add_explicit(&e->words.raw[word], raw, memory_order_relaxed);
        atomic_fetch_add_explicit(&e->words.count[word], top ? raw : d->here.child[i + 1] - d->here.child[i],
                                  memory_order_relaxed);
    }
    return st;
}

static void scan_bigrams(struct lm_est *e, const struct lm_desk *d)
{
    for (uint32_t i = 0; i < d->here.n; i++) {
        const uint64_t *key = lm_part_key(&d->part, d->here.at[i]);
        uint64_t value = d->here.value[i];

        lm_unigrams_bigram(&e->words, lm_field(&e->fields, key, 1), lm_field(&e->fields, key, 0),
                           lm_value_count(value), lm_value_kept(value));
    }
}

static enum wn_status scan_order(struct lm_est *e, struct lm_desk *d, uint32_t part, unsigned k,
                                 struct lm_tally *tally, struct lm_last *last, struct wn_err *err)
{
    enum wn_status st = lm_nodes_find(&d->here, &d->part, k, err);
    struct lm_nodes nodes;

    if (st != WN_OK)
        return st;
    lm_nodes_value(&d->here, &d->part, k, &e->rules, e->words.allowed);
    for (uint32_t i = 0; i < d->here.n; i++)
        lm_tally_add(tally, lm_value_count(d->here.value[i]), lm_value_kept(d->here.value[i]));
    e->first[k][part + 1] = tally->n;
    e->rank[k][part + 1] = tally->kept;
    if (k <= last->n_words) {
        last->count[k] = lm_value_count(d->here.value[d->here.n - 1]);
        last->raw[k] = lm_nodes_raw(&d->here, &d->part, k, d->here.n - 1);
    }
    if (k == 2)
        scan_bigrams(e, d);
    else
        st = lm_mail_address(&e->route, &d->part, &d->here, k > 3 ? &d->below : NULL, &d->bench, err);
    if (st == WN_OK && k > 2)
        lm_mail_count(e->n_items[k] + (size_t)part * e->route.n_parts, &d->here, &d->bench);
    nodes = d->below;
    d->below = d->here;
    d->here = nodes;
    return st;
}

static void add_scanned(struct lm_est *e, const struct lm_tally *tally, const struct lm_last *last)
{
    pthread_mutex_lock(&e->lock);
    for (unsigned k = 2; k <= e->order; k++) {
        e->tally[k].n += tally[k].n;
        e->tally[k].kept += tally[k].kept;
        for (unsigned j = 0; j <= 4; j++)
            e->tally[k].with[j] += tally[k].with[j];
    }
    if (last->n_words > 0 && (e->last.n_words == 0 || last->part > e->last.part))
        e->last = *last;
    pthread_mutex_unlock(&e->lock);
}

static enum wn_status scan_part(void *ctx, size_t i, struct wn_err *err)
{
    struct lm_est *e = ctx;
    struct lm_tally tally[WN_LM_MAX_ORDER + 1] = { 0 };
    struct lm_last last = { .part = (uint32_t)i };
    struct lm_desk *d;
    enum wn_status st = lm_est_load(e, (uint32_t)i, &d, err);

    if (st == WN_OK)
        st = scan_words(e, d, err);
    if (st == WN_OK && d->part.run.n > 0) {
        uint32_t end = (uint32_t)d->part.run.n - 1;

        last.word = lm_field(&e->fields, lm_part_key(&d->part, end), 0);
        last.n_words = d->part.cut[end] >> 4;
    }
    for (unsigned k = 2; st == WN_OK && k <= e->order; k++)
        st = scan_order(e, d, (uint32_t)i, k, &tally[k], &last, err);
    if (st == WN_OK)
        add_scanned(e, tally, &last);
    lm_est_done(e, d);
    return st;
}

enum wn_status lm_est_scan(struct lm_est *e, struct wn_err *err)
{
    enum wn_status st = lm_est_each(e, e->route.n_parts, scan_part, err);

    for (unsigned k = 2; st == WN_OK && k <= e->order; k++) {
        for (uint32_t i = 0; i < e->route.n_parts; i++) {
            e->first[k][i + 1] += e->first[k][i];
            e->rank[k][i + 1] += e->rank[k][i];
        }
    }
    return st;
}

/* ---- discounts ---------------------------------------------------------------------------------- */

/* lmplz takes the raw count for the suffixes of the last N-gram in suffix order (the end of
 * its AdjustCounts::Run); so does this, or discounts could differ from its own. */
static void count_last_raw(struct lm_est *e)
{
    e->last.count[1] = e->words.count[e->last.word];
    e->last.raw[1] = e->words.raw[e->last.word];
    for (unsigned k = 1; k < e->order && k <= e->last.n_words; k++) {
        if (e->last.count[k] <= 4)
            e->tally[k].with[e->last.count[k]]--;
        if (e->last.raw[k] <= 4)
            e->tally[k].with[e->last.raw[k]]++;
    }
}

enum wn_status lm_est_words(struct lm_est *e, struct wn_err *err)
{
    enum wn_status st = lm_unigrams_settle(&e->words, e->vocab, &e->rules, &e->tally[1], err);

    if (st == WN_OK && !e->rules.exact_last && e->rules.smoothing == WN_SMOOTH_KN)
        count_last_raw(e);
    for (unsigned k = 1; st == WN_OK && k <= e->order; k++) {
        bool fell;

        st = lm_discounts_set(&e->d[k], &fell, &e->tally[k], k, &e->rules, err);
        e->fell_back |= fell ? 1u << (k - 1) : 0;
    }
    if (st == WN_OK)
        lm_unigrams_estimate(&e->words, &e->rules, &e->d[1], e->order > 1 ? &e->d[2] : NULL);
    return st;
}
