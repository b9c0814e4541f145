/*
 * lm_texts.h - the texts of the vectors, line by line and as models; a line is a sentence of
 * words between white space.
 */
#ifndef TEST_LM_TEXTS_H
#define TEST_LM_TEXTS_H

#include "unit/lm_fixture.h"

/* The text NAME; fixture_drop it. */
static inline struct wn_str texts_read(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), NGRAM_DATA "text/%s.txt", name);
    return fixture_read(path);
}

/* A model of it; PRUNE by order. */
static inline struct wn_lm *texts_model_pruned(const char *name, unsigned order, const uint64_t prune[WN_LM_MAX_ORDER])
{
    struct wn_lm_opts opts = { 0 };
    struct wn_str text = texts_read(name);
    struct wn_lm *lm;

    memcpy(opts.prune, prune, sizeof(opts.prune));
    lm = fixture_model(text, order, WN_TOK_WHITESPACE, &opts);
    fixture_drop(text);
    return lm;
}

static inline struct wn_lm *texts_model(const char *name, unsigned order)
{
    static const uint64_t nothing[WN_LM_MAX_ORDER];

    return texts_model_pruned(name, order, nothing);
}

/* Takes a line off LEFT, the last one with or without its end; false: there is none. */
static inline bool texts_line(struct wn_str *left, struct wn_str *line)
{
    const char *nl = left->len > 0 ? memchr(left->ptr, '\n', left->len) : NULL;
    size_t n = nl ? (size_t)(nl - left->ptr) : left->len;

    if (left->len == 0)
        return false;
    *line = (struct wn_str){ left->ptr, n };
    n += nl != NULL;
    *left = (struct wn_str){ left->ptr + n, left->len - n };
    return true;
}

static inline struct wn_tokens texts_tokens(struct wn_str line, struct wn_arena *a)
{
    struct wn_tokens t;

    assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, line, a, &t, NULL), WN_OK);
    return t;
}

/* log10 p of TEXT under LM. */
static inline double texts_log10_p(const struct wn_lm *lm, struct wn_str text)
{
    struct wn_str line;
    double total = 0.0;

    while (texts_line(&text, &line)) {
        struct wn_arena a = { 0 };
        struct wn_tokens t = texts_tokens(line, &a);
        struct wn_lm_sum sum;

        wn_lm_score_tokens(lm, &t, NULL, &sum);
        total += sum.log10_p;
        wn_arena_release(&a);
    }
    return total;
}

#endif
