/*
 * test_lm_score.c - scoring.  Expected values: KenLM's query (commit 4cb443e) on models
 * that its lmplz made; ours come from the same texts.  Per token 1e-5, perplexities 1e-4.
 */
#include "unit/lm_query_fixture.h"
#include "unit/lm_tables_fixture.h"
#include "unit/lm_texts.h"

/* Scores one line with sentence markers and compares it with the rows from *AT on. */
static void compare_line(const struct query_case *c, const struct wn_lm *lm, struct wn_str line,
                         const struct row *rows, size_t *at, struct wn_lm_sum *total)
{
    struct wn_arena a = { 0 };
    struct wn_lm_score *score;
    struct wn_tokens t;
    struct wn_lm_sum sum;

    assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, line, &a, &t, NULL), WN_OK);
    score = wn_arena_calloc(&a, t.n + 1, sizeof(*score));
    assert_non_null(score);
    wn_lm_score_tokens(lm, &t, score, &sum);
    for (size_t i = 0; i <= t.n; i++, (*at)++) {
        if (fabs((double)score[i].log10_p - rows[*at].log10_p) > 1e-5 || score[i].matched != rows[*at].matched)
            fail_msg("%s row %zu: %g by %u, want %g by %u", c->model, *at, (double)score[i].log10_p,
                     score[i].matched, rows[*at].log10_p, rows[*at].matched);
    }
    total->log10_p += sum.log10_p;
    total->log10_p_oov += sum.log10_p_oov;
    total->n_tokens += sum.n_tokens;
    total->n_oov += sum.n_oov;
    wn_arena_release(&a);
}

/* Without markers, word by word: wn_lm_prob with what stands before. */
static void compare_line_bare(const struct query_case *c, const struct wn_lm *lm, struct wn_str line,
                              const struct row *rows, size_t *at)
{
    struct wn_arena a = { 0 };
    struct wn_tokens t;
    uint32_t *ids;

    assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, line, &a, &t, NULL), WN_OK);
    ids = wn_arena_calloc(&a, t.n + 1, sizeof(*ids));
    assert_non_null(ids);
    for (size_t i = 0; i < t.n; i++, (*at)++) {
        double got;

        ids[i] = wn_lm_id(lm, t.item[i]);
        got = wn_lm_prob(lm, ids, i, ids[i]);
        if (fabs(got - rows[*at].log10_p) > 1e-5)
            fail_msg("%s bare row %zu: %g, want %g", c->model, *at, got, rows[*at].log10_p);
    }
    wn_arena_release(&a);
}

static void run_case(const struct query_case *c, bool bare, bool by_tables)
{
    struct wn_lm *lm = query_model(c);
    struct wn_lm_sum total = { 0 };
    struct wn_str text = query_text(c), left = text, line;
    struct tables t = { 0 };
    size_t n_rows, at = 0;
    struct row *rows = query_rows(c, bare, &n_rows);

    if (by_tables)
        tables_make(&t, lm, NULL, TABLES_EXACT, 0.8);
    while (texts_line(&left, &line)) {
        if (bare)
            compare_line_bare(c, by_tables ? &t.lm : lm, line, rows, &at);
        else
            compare_line(c, by_tables ? &t.lm : lm, line, rows, &at, &total);
    }
    assert_int_equal(at, n_rows);
    if (!bare)
        query_check_sum(c, false, &total);
    fixture_drop(text);
    free(rows);
    tables_release(&t);
    wn_lm_free(lm);
}

static void sentences_score_as_kenlm_scores_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_QUERY_CASES; i++)
        for (int by_tables = 0; by_tables < 2; by_tables++)
            run_case(&query_cases[i], false, by_tables);
}

static void words_without_markers_score_as_kenlm_scores_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_QUERY_CASES; i++)
        for (int by_tables = 0; by_tables < 2; by_tables++)
            run_case(&query_cases[i], true, by_tables);
}

static void order_1_models_score(void **state)
{
    struct wn_lm *lm = fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 1, NULL);
    uint32_t the = wn_lm_id(lm, WN_STR("the"));
    struct wn_str word = WN_STR("the");
    struct wn_tokens t = { &word, 1 };
    struct wn_lm_score score[2];
    struct wn_lm_sum sum;

    (void)state;
    wn_lm_score_tokens(lm, &t, score, &sum);
    assert_float_equal(score[0].log10_p, -0.61646473, 1e-6);       /* arpa/t1_o1_fb.arpa */
    assert_float_equal(score[1].log10_p, -0.83535194, 1e-6);
    assert_int_equal(score[0].matched, 1);
    assert_float_equal(wn_lm_prob(lm, &the, 1, the), -0.61646473, 1e-6);
    wn_lm_free(lm);
}

static void ids_from_elsewhere_are_unknown_words(void **state)
{
    struct wn_lm *lm = fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 3, NULL);
    uint32_t odd[] = { UINT32_MAX, 1000000 }, unk[] = { WN_LM_UNK, WN_LM_UNK };

    (void)state;
    assert_float_equal(wn_lm_prob(lm, odd, 2, UINT32_MAX), wn_lm_prob(lm, unk, 2, WN_LM_UNK), 0.0);
    assert_true(wn_str_eq(wn_lm_word(lm, UINT32_MAX), WN_STR("<unk>")));
    wn_lm_free(lm);
}

static void perplexity_of_nothing_is_not_a_number(void **state)
{
    struct wn_lm_sum none = { 0 };

    (void)state;
    assert_true(isnan(wn_lm_perplexity(&none, true)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_score_as_kenlm_scores_them),
        cmocka_unit_test(words_without_markers_score_as_kenlm_scores_them),
        cmocka_unit_test(order_1_models_score),
        cmocka_unit_test(ids_from_elsewhere_are_unknown_words),
        cmocka_unit_test(perplexity_of_nothing_is_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
