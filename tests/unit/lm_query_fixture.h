/*
 * lm_query_fixture.h - what KenLM's query (commit 4cb443e) printed for models that its
 * lmplz made; ours come from the same texts.
 */
#ifndef TEST_LM_QUERY_FIXTURE_H
#define TEST_LM_QUERY_FIXTURE_H

#include "unit/lm_fixture.h"

#include <math.h>

static const struct query_case {
    const char *model, *text, *heldout;
    unsigned order;
    uint64_t prune[WN_LM_MAX_ORDER];
} query_cases[] = {
    { "t1_o2_fb", "t1_toy", "t1_heldout", 2, { 0 } },
    { "t1_o3_fb", "t1_toy", "t1_heldout", 3, { 0 } },
    { "t1_o4_fb", "t1_toy", "t1_heldout", 4, { 0 } },
    { "t1_o5_fb", "t1_toy", "t1_heldout", 5, { 0 } },
    { "t1_o3_p1", "t1_toy", "t1_heldout", 3, { 0, 1, 1 } },
    { "t2_o2", "t2_phrases", "t2_heldout", 2, { 0 } },
    { "t2_o3", "t2_phrases", "t2_heldout", 3, { 0 } },
    { "t2_o3_p5", "t2_phrases", "t2_heldout", 3, { 5, 5, 5 } },
    { "t2_o5_p0012", "t2_phrases", "t2_heldout", 5, { 0, 0, 1, 2, 2 } },
    { "t3_o3", "t3_unicode", "t3_heldout", 3, { 0 } },
};
enum { N_QUERY_CASES = sizeof(query_cases) / sizeof(query_cases[0]) };

/* One row of a query file that is a token. */
struct row {
    unsigned matched;
    double log10_p;
};

static inline struct row *query_rows(const struct query_case *c, bool bare, size_t *n)
{
    struct row *rows = NULL;
    char line[4096], path[256];
    FILE *f;

    snprintf(path, sizeof(path), NGRAM_DATA "query/%s__%s%s.tsv", c->model, c->heldout, bare ? "__n" : "");
    f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open '%s'", path);
    *n = 0;
    assert_non_null(fgets(line, sizeof(line), f));           /* names of the columns */
    while (fgets(line, sizeof(line), f)) {
        struct row r;

        if (sscanf(line, "%*u\t%*u\t%u\t%lf", &r.matched, &r.log10_p) != 2)
            continue;                                        /* a line's total */
        rows = realloc(rows, (*n + 1) * sizeof(*rows));
        assert_non_null(rows);
        rows[(*n)++] = r;
    }
    fclose(f);
    return rows;
}

/* Compares the figures of a whole text with KenLM's: counts, and perplexities to 1e-4. */
static inline void query_check_sum(const struct query_case *c, bool bare, const struct wn_lm_sum *got)
{
    char line[512], m[64], t[64];
    double with_oov, without_oov;
    unsigned long oov, tokens;
    int no_markers;
    FILE *f = fopen(NGRAM_DATA "query/summary.tsv", "rb");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%63[^\t]\t%63[^.].txt\t%d\t%lf\t%lf\t%lu\t%lu", m, t, &no_markers, &with_oov, &without_oov,
                   &oov, &tokens) != 7 || no_markers != bare || strcmp(m, c->model) != 0 || strcmp(t, c->heldout) != 0)
            continue;
        fclose(f);
        assert_int_equal(got->n_oov, oov);
        assert_int_equal(got->n_tokens, tokens);
        assert_true(fabs(wn_lm_perplexity(got, true) / with_oov - 1.0) < 1e-4);
        assert_true(fabs(wn_lm_perplexity(got, false) / without_oov - 1.0) < 1e-4);
        return;
    }
    fclose(f);
    fail_msg("no summary of %s on %s", c->model, c->heldout);
}

static inline struct wn_lm *query_model(const struct query_case *c)
{
    struct wn_lm_opts opts = { 0 };
    char path[256];

    memcpy(opts.prune, c->prune, sizeof(opts.prune));
    snprintf(path, sizeof(path), NGRAM_DATA "text/%s.txt", c->text);
    return fixture_model_of(path, c->order, &opts);
}

static inline struct wn_str query_text(const struct query_case *c)
{
    char path[256];

    snprintf(path, sizeof(path), NGRAM_DATA "text/%s.txt", c->heldout);
    return fixture_read(path);
}

#endif
