/*
 * runs_fixture.h - N-grams counted in the plainest way, to compare runs with.
 */
#ifndef TEST_RUNS_FIXTURE_H
#define TEST_RUNS_FIXTURE_H

#include "unit/lm_fixture.h"

#include "lm/lm_runs.h"

#include <winnow/rng.h>

/* Distinct N-grams in order: words[i * order ..], the last word first, zeros behind <s>. */
struct ngrams {
    unsigned order;
    size_t n, cap;
    uint32_t *words;
    uint64_t *count;
};

static inline void ngrams_drop(struct ngrams *g)
{
    free(g->words);
    free(g->count);
}

static inline void ngrams_push(struct ngrams *g, const uint32_t *words, uint64_t count)
{
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 64;
        g->words = realloc(g->words, g->cap * g->order * sizeof(*g->words));
        g->count = realloc(g->count, g->cap * sizeof(*g->count));
        assert_true(g->words && g->count);
    }
    memcpy(g->words + g->n * g->order, words, g->order * sizeof(*words));
    g->count[g->n++] = count;
}

static inline int ngrams_cmp(const void *a, const void *b, void *order)
{
    const uint32_t *x = a, *y = b;

    for (unsigned i = 0; i < *(const unsigned *)order; i++) {
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}

/* Ids of the words of TEXT, whose lines are sentences: <s> .. </s> .. */
static inline size_t naive_ids(struct wn_str text, uint32_t *ids)
{
    struct wn_str *word = calloc(text.len + 1, sizeof(*word));
    uint32_t n_words = 3;
    size_t n = 0;

    assert_non_null(word);
    for (size_t at = 0; at < text.len;) {
        ids[n++] = WN_LM_BOS;
        for (; at < text.len && text.ptr[at] != '\n';) {
            struct wn_str w = { text.ptr + at, 0 };
            uint32_t id = 3;

            while (at < text.len && !strchr(" \t\r\n", text.ptr[at]))
                at++, w.len++;
            if (w.len == 0) {
                at++;
                continue;
            }
            while (id < n_words && !wn_str_eq(word[id - 3], w))
                id++;
            if (id == n_words)
                word[n_words++ - 3] = w;
            ids[n++] = id;
        }
        at++;
        ids[n++] = WN_LM_EOS;
    }
    free(word);
    return n;
}

static inline struct ngrams naive_count(struct wn_str text, unsigned order)
{
    struct ngrams g = { .order = order };
    uint32_t *ids = malloc((3 * text.len + 8) * sizeof(*ids)), *all;
    size_t n = naive_ids(text, ids), m = 0;

    all = calloc(n * order + 1, sizeof(*all));
    assert_true(ids && all);
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == WN_LM_BOS)
            continue;
        for (unsigned k = 0; k < order; k++) {
            all[m * order + k] = ids[i - k];
            if (ids[i - k] == WN_LM_BOS)
                break;
        }
        m++;
    }
    qsort_r(all, m, order * sizeof(*all), ngrams_cmp, &order);
    for (size_t i = 0; i < m; i++) {
        if (g.n > 0 && ngrams_cmp(all + i * order, g.words + (g.n - 1) * order, &order) == 0)
            g.count[g.n - 1]++;
        else
            ngrams_push(&g, all + i * order, 1);
    }
    free(ids);
    free(all);
    return g;
}

/* All parts of R, one after the other; fails when an N-gram is in a wrong part. */
static inline struct ngrams runs_all(const struct lm_runs *r)
{
    const struct lm_packing *p = lm_runs_packing(r);
    struct ngrams g = { .order = p->order };
    struct lm_run_buf buf = { 0 };

    for (uint32_t i = 0; i < lm_runs_parts(r); i++) {
        struct lm_run run;
        struct wn_err err;

        if (lm_runs_load(r, i, &buf, &run, &err) != WN_OK)
            fail_msg("%s", err.text);
        assert_true(run.n <= lm_runs_longest(r));
        for (size_t j = 0; j < run.n; j++) {
            uint32_t w[WN_LM_MAX_ORDER] = { 0 };

            for (unsigned k = 0; k < p->order; k++)
                w[k] = lm_packing_word(p, run.key + j * p->stride, k);
            assert_int_equal(lm_runs_part_of(r, w[0], w[1]), i);
            ngrams_push(&g, w, run.count[j]);
        }
    }
    lm_run_buf_release(&buf);
    assert_int_equal(g.n, lm_runs_ngrams(r));
    return g;
}

static inline bool ngrams_equal(const struct ngrams *a, const struct ngrams *b)
{
    return a->order == b->order && a->n == b->n &&
           (a->n == 0 || (memcmp(a->words, b->words, a->n * a->order * sizeof(*a->words)) == 0 &&
                          memcmp(a->count, b->count, a->n * sizeof(*a->count)) == 0));
}

/* The N-grams of C, sorted within ROOM. */
static inline struct ngrams runs_of(struct wn_counts *c, bool consume, unsigned jobs, uint64_t memory_bytes)
{
    const struct lm_room room = { .jobs = jobs, .memory_bytes = memory_bytes ? memory_bytes : UINT64_MAX };
    struct lm_runs *r;
    struct wn_err err;
    struct ngrams g;

    if (lm_runs_new(&r, c, consume, &room, &err) != WN_OK)
        fail_msg("%s", err.text);
    g = runs_all(r);
    lm_runs_free(r);
    return g;
}

/* N words over SOME, the earlier ones likelier, in lines of up to LONGEST. */
static inline struct wn_str runs_text(struct wn_buf *out, uint64_t seed, uint64_t n, uint64_t some, uint64_t longest)
{
    struct wn_rng rng;
    uint64_t left = 0;

    wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
    wn_buf_reset(out);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t w = wn_rng_below(&rng, 1 + wn_rng_below(&rng, some));

        wn_buf_addf(out, w % 7 == 5 ? "a-rather-long-word-%llu" : w % 3 ? "w%llu" : "word-%llu", (unsigned long long)w);
        if (left == 0) {
            left = wn_rng_below(&rng, longest + 1);
            wn_buf_addc(out, '\n');
        } else {
            left--;
            wn_buf_addc(out, ' ');
        }
    }
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
}

#endif
