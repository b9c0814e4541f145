/*
 * lm_runs_split.c - how N-grams are packed, and where parts begin.
 *
 * Parts are cut by a sample of the text: its quantiles are the splitters.  A pair of words
 * that fills more than one quantile by itself gets one part.
 */
#include <stdlib.h>

#include "lm/lm_parts.h"

/* 256 samples a part keep parts within some 20 % of their mean (3 sigma of 1/sqrt(256)). */
enum { SAMPLES_A_PART = 256, MOST_SAMPLES = 1 << 19 };

struct lm_packing lm_packing_for(unsigned order, uint32_t n_words)
{
    unsigned bits = n_words <= 1u << 16 ? 16 : n_words <= 1u << 21 ? 21 : 32;
    unsigned per = 64 / bits;

    return (struct lm_packing){ order, bits, per, (order + per - 1) / per };
}

void lm_window_init(struct lm_window *w, const struct lm_packing *p)
{
    *w = (struct lm_window){ .bits = p->bits, .low = 64 - p->bits * p->per, .stride = p->stride };
    for (unsigned j = 0; j < p->stride; j++) {
        unsigned fields = p->order - j * p->per < p->per ? p->order - j * p->per : p->per;

        w->keep[j] = ~UINT64_C(0) << (64 - p->bits * fields);
    }
}

void lm_pack_words(uint64_t *record, const struct lm_packing *p, const uint32_t *words)
{
    memset(record, 0, p->stride * sizeof(*record));
    for (unsigned i = 0; i < p->order; i++)
        record[i / p->per] |= (uint64_t)words[i] << (64 - p->bits * (i % p->per + 1));
}

/* ---- the sample ----------------------------------------------------------------------- */

struct sample {
    uint64_t *pair;
    size_t n, cap;
    unsigned bits, order;
    uint64_t every;          /* one of so many is taken                     */
    uint64_t next;           /* how many to pass over until then             */
    uint64_t dice;
};

static uint64_t pair_of(const struct sample *s, uint32_t last, uint32_t before)
{
    return (uint64_t)last << s->bits | (s->order > 1 ? before : 0);
}

/* Gaps are random, EVERY on the mean: a text may have a period. */
static void roll(struct sample *s)
{
    s->dice = lm_key_mix(s->dice + LM_KEY_A, LM_KEY_B);
    s->next = s->dice % (2 * s->every - 1);
}

static void take_ids(struct sample *s, const uint32_t *ids, size_t n, uint32_t before)
{
    size_t i = 0;

    for (; s->next < n - i && s->n < s->cap; roll(s)) {
        i += s->next;
        if (ids[i] != WN_LM_BOS)
            s->pair[s->n++] = pair_of(s, ids[i], i > 0 ? ids[i - 1] : before);
        i++;
    }
    s->next -= s->next < n - i ? s->next : n - i;
}

/* *BEFORE: the last id. */
static enum wn_status sample_spilled(struct sample *s, const struct wn_counts *c, uint32_t *before, struct wn_err *err)
{
    enum { PIECE = 1 << 14 };
    uint32_t *ids;
    enum wn_status st = WN_OK;

    if (c->n_blocks == 0)
        return WN_OK;
    ids = malloc(PIECE * sizeof(*ids));
    if (!ids)
        return lm_sort_no_memory(err);
    for (uint64_t at = 0; st == WN_OK && at < counts_spilled(c);) {
        size_t n = PIECE;

        st = counts_read(c, at, ids, &n, err);
        if (st == WN_OK) {
            take_ids(s, ids, n, *before);
            *before = ids[n - 1];
        }
        at += n;
    }
    free(ids);
    return st;
}

static enum wn_status sample_counted(struct sample *s, const struct wn_counts *c, struct wn_err *err)
{
    struct counted_walk w;
    enum wn_status st = counted_walk_init(&w, c) ? WN_OK : lm_sort_no_memory(err);

    while (st == WN_OK && (st = counted_walk_next(&w, err)) == WN_OK) {
        for (size_t i = s->next; i < w.n && s->n < s->cap; i += s->every)
            s->pair[s->n++] = pair_of(s, w.words[i * c->order], c->order > 1 ? w.words[i * c->order + 1] : 0);
    }
    counted_walk_release(&w);
    return st == WN_END ? WN_OK : st;
}

/* ---- splitters ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Distinct quantiles of the sorted sample, 0 apart. */
static void choose(struct lm_splits *s, const struct sample *sample, uint32_t n_parts)
{
    for (uint32_t i = 1; i < n_parts; i++) {
        uint64_t pair = sample->pair[(size_t)((unsigned __int128)i * sample->n / n_parts)];

        if (pair > 0 && (s->n == 0 || s->at[s->n - 1] < pair))
            s->at[s->n++] = pair;
    }
}

static void index_words(struct lm_splits *s)
{
    uint32_t at = 0;

    for (uint32_t w = 0; w < s->n_words; w++) {
        while (at < s->n && s->at[at] <= (uint64_t)w << s->bits)
            at++;
        s->first[w] = at;
    }
    s->first[s->n_words] = s->n;
}

static uint64_t n_counted(const struct wn_counts *c)
{
    uint64_t n = 0;

    for (const struct counted *d = c->counted; d; d = d->next)
        n += d->n;
    return n;
}

static enum wn_status take_sample(struct sample *s, const struct wn_counts *c, struct wn_err *err)
{
    const uint64_t n = counts_ids(c) + n_counted(c);
    uint32_t before = 0;
    enum wn_status st;

    s->every = n / s->cap + n / s->cap / 16 + 1;
    roll(s);
    st = sample_spilled(s, c, &before, err);
    if (st != WN_OK)
        return st;
    take_ids(s, c->ids, c->n, before);
    s->next = 0;
    return sample_counted(s, c, err);
}

enum wn_status lm_splits_new(struct lm_splits *s, const struct wn_counts *c, const struct lm_packing *p,
                             uint32_t n_parts, struct wn_err *err)
{
    struct sample sample = { .bits = p->bits, .order = p->order };
    enum wn_status st = WN_OK;

    *s = (struct lm_splits){ .bits = p->bits, .n_words = c->vocab.n };
    sample.cap = (uint64_t)n_parts * SAMPLES_A_PART < MOST_SAMPLES ? (size_t)n_parts * SAMPLES_A_PART : MOST_SAMPLES;
    s->at = malloc(n_parts * sizeof(s->at[0]));
    s->first = malloc(((size_t)s->n_words + 1) * sizeof(s->first[0]));
    if (!s->at || !s->first)
        return lm_sort_no_memory(err);
    if (n_parts > 1) {
        sample.pair = malloc(sample.cap * sizeof(sample.pair[0]));
        st = sample.pair ? take_sample(&sample, c, err) : lm_sort_no_memory(err);
    }
    if (st == WN_OK && sample.n > 0) {
        qsort(sample.pair, sample.n, sizeof(sample.pair[0]), by_value);
        choose(s, &sample, n_parts);
    }
    if (st == WN_OK)
        index_words(s);
    free(sample.pair);
    return st;
}

void lm_splits_release(struct lm_splits *s)
{
    free(s->at);
    free(s->first);
    memset(s, 0, sizeof(*s));
}
