/*
 * lm_arpa_table.h - the n-grams of an ARPA file of the vectors, for tests that look each
 * one up.  Takes what KenLM writes, nothing else.
 */
#ifndef TEST_LM_ARPA_TABLE_H
#define TEST_LM_ARPA_TABLE_H

#include "support/cm.h"

#include <stdlib.h>

#include <winnow/hash.h>
#include <winnow/lm.h>

struct arpa_line {
    unsigned order;
    float prob, backoff;
    struct wn_str words;                            /* as they stand in the line */
    struct wn_str word[WN_LM_MAX_ORDER];
};

/* The N lines of TEXT; free them. */
static inline struct arpa_line *arpa_lines(struct wn_str text, size_t *n)
{
    struct arpa_line *line = NULL;
    size_t cap = 0;
    unsigned order = 0;

    *n = 0;
    for (const char *p = text.ptr, *end = p + text.len, *nl; p < end; p = nl + 1) {
        const char *tab, *stop;
        struct arpa_line *l;

        nl = memchr(p, '\n', (size_t)(end - p));
        assert_non_null(nl);
        if (p[0] == '\\' && p[1] >= '1' && p[1] <= '9')
            order = (unsigned)(p[1] - '0');
        tab = memchr(p, '\t', (size_t)(nl - p));
        if (order == 0 || !tab)
            continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 256;
            line = realloc(line, cap * sizeof(*line));
            assert_non_null(line);
        }
        l = &line[(*n)++];
        *l = (struct arpa_line){ .order = order, .prob = strtof(p, NULL) };
        stop = memchr(tab + 1, '\t', (size_t)(nl - tab - 1));
        l->backoff = stop ? strtof(stop + 1, NULL) : 0.0f;
        l->words = (struct wn_str){ tab + 1, (size_t)((stop ? stop : nl) - tab - 1) };
        p = tab + 1;
        for (unsigned i = 0; i < order; i++) {
            const char *space = memchr(p, ' ', (size_t)(l->words.ptr + l->words.len - p));

            if (!space)
                space = l->words.ptr + l->words.len;
            l->word[i] = (struct wn_str){ p, (size_t)(space - p) };
            p = space + 1;
        }
    }
    return line;
}

/* The line with these words, or NULL; LINES are N of TEXT in any order: a hash table over them. */
struct arpa_table {
    const struct arpa_line *line;
    uint32_t *slot;
    size_t n_slots;
};

static inline const struct arpa_line *arpa_find(const struct arpa_table *t, struct wn_str words)
{
    for (size_t i = wn_hash64(words, 7) % t->n_slots; t->slot[i]; i = (i + 1) % t->n_slots) {
        if (wn_str_eq(t->line[t->slot[i] - 1].words, words))
            return &t->line[t->slot[i] - 1];
    }
    return NULL;
}

static inline void arpa_table_init(struct arpa_table *t, const struct arpa_line *line, size_t n)
{
    *t = (struct arpa_table){ line, calloc(2 * n + 1, sizeof(uint32_t)), 2 * n + 1 };
    assert_non_null(t->slot);
    for (size_t i = 0; i < n; i++) {
        size_t at = wn_hash64(line[i].words, 7) % t->n_slots;

        while (t->slot[at])
            at = (at + 1) % t->n_slots;
        t->slot[at] = (uint32_t)i + 1;
    }
}

#endif
