/*
 * test_scorer.c - scoring texts in batches.  Expected values: KenLM's query (commit 4cb443e), on
 * models of the same texts and on a hand-made ARPA file.  The tables come from the fixture, not
 * from the library's writer, where nothing else is said.
 */
#include "unit/lm_query_fixture.h"
#include "unit/lm_tables_fixture.h"

#include "support/scratch.h"

#include <winnow/lmscore.h>

static const enum wn_simd simds[] = { WN_SIMD_NONE, WN_SIMD_AVX2, WN_SIMD_AVX512, WN_SIMD_AUTO };
enum { N_SIMDS = sizeof(simds) / sizeof(simds[0]) };

/* NULL when this machine lacks SIMD. */
static struct wn_scorer *scorer(const struct wn_lm *lm, enum wn_simd simd, bool no_markers)
{
    struct wn_scorer_opts opts = { .per_token = true, .no_markers = no_markers, .simd = simd };
    struct wn_scorer *s;
    enum wn_status st = wn_scorer_new(&s, lm, &opts, NULL);

    assert_true(st == WN_OK || (st == WN_BADCONF && simd > WN_SIMD_NONE));
    return s;
}

static void add(struct wn_scorer *s, struct wn_str text, struct wn_lm_sum *sum)
{
    assert_int_equal(wn_scorer_add(s, text, sum, NULL), WN_OK);
}

static const struct wn_scored *flush(struct wn_scorer *s, size_t *n)
{
    assert_int_equal(wn_scorer_flush(s, NULL), WN_OK);
    return wn_scorer_tokens(s, n);
}

static void compare_rows(const struct query_case *c, const struct wn_lm *lm, enum wn_simd simd, bool bare, double slack)
{
    struct wn_scorer *s = scorer(lm, simd, bare);
    struct wn_str text = query_text(c);
    struct wn_lm_sum sum[2] = { { 0 } };
    const struct wn_scored *got;
    size_t n_rows, n;
    struct row *rows = query_rows(c, bare, &n_rows);

    if (s) {
        add(s, text, sum);
        got = flush(s, &n);
        assert_int_equal(n, n_rows);
        for (size_t i = 0; i < n; i++)
            if (fabs((double)got[i].log10_p[0] - rows[i].log10_p) > slack || got[i].matched[0] != rows[i].matched)
                fail_msg("%s row %zu: %g by %u, want %g by %u", c->model, i, (double)got[i].log10_p[0],
                         got[i].matched[0], rows[i].log10_p, rows[i].matched);
        if (slack < 1e-4)
            query_check_sum(c, bare, sum);
    }
    wn_scorer_free(s);
    fixture_drop(text);
    free(rows);
}

static void exact_tables_and_index_score_as_kenlm(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_QUERY_CASES; i++) {
        struct wn_lm *lm = query_model(&query_cases[i]);
        struct tables t;

        tables_make(&t, lm, NULL, TABLES_EXACT, 0.9);
        for (int bare = 0; bare < 2; bare++) {
            compare_rows(&query_cases[i], lm, WN_SIMD_AUTO, bare, 1e-5);
            for (size_t k = 0; k < N_SIMDS; k++)
                compare_rows(&query_cases[i], &t.lm, simds[k], bare, 1e-5);
        }
        tables_release(&t);
        wn_lm_free(lm);
    }
}

/* A probability in 4,094 steps, a back-off in 65,533, each rounded to the next. */
static void compact_tables_are_off_by_half_a_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_QUERY_CASES; i++) {
        struct wn_lm *lm = query_model(&query_cases[i]);
        struct tables t;
        double slack;

        tables_make(&t, lm, NULL, TABLES_COMPACT, 0.9);
        slack = (double)(t.high[0][0] - t.low[0][0]) / 2 / LM_Q12_MAX + 4e-4;
        for (size_t k = 0; k < N_SIMDS; k++)
            compare_rows(&query_cases[i], &t.lm, simds[k], false, slack);
        tables_release(&t);
        wn_lm_free(lm);
    }
}

/* What stands in both is as near to each model's own exact score as 16 bits allow. */
static void check_joint_tables(const struct wn_lm *joint, const struct wn_lm *const lm[2], struct wn_str text,
                               enum wn_simd simd, bool bare)
{
    struct wn_lm_sum both[2] = { { 0 } };
    struct wn_scorer *s = scorer(joint, simd, bare);
    const struct wn_scored *got;
    size_t n, n_one;

    if (s)
        add(s, text, both);
    for (unsigned m = 0; s && m < 2; m++) {
        struct wn_scorer *one = scorer(lm[m], WN_SIMD_AUTO, bare);
        struct wn_lm_sum sum = { 0 };
        const struct wn_scored *want;

        add(one, text, &sum);
        want = flush(one, &n_one);
        got = flush(s, &n);
        assert_int_equal(n, n_one);
        for (size_t i = 0; i < n; i++) {
            if (fabsf(got[i].log10_p[m] - want[i].log10_p[0]) > 1e-3f || got[i].matched[m] != want[i].matched[0] ||
                got[i].is_oov[m] != want[i].is_oov[0] || got[i].is_end != want[i].is_end)
                fail_msg("model %u token %zu '%.*s': %g by %u, want %g by %u", m, i, WN_STR_ARG(want[i].word),
                         (double)got[i].log10_p[m], got[i].matched[m], (double)want[i].log10_p[0], want[i].matched[0]);
        }
        assert_int_equal(both[m].n_tokens, sum.n_tokens);
        assert_int_equal(both[m].n_oov, sum.n_oov);
        assert_true(fabs(both[m].log10_p - sum.log10_p) < 1e-3 * (double)n);
        assert_true(fabs(both[m].log10_p_oov - sum.log10_p_oov) < 1e-3 * (double)n);
        wn_scorer_free(one);
    }
    wn_scorer_free(s);
}

/* The fixture's tables and the library's. */
static void check_joint(const struct wn_lm *first, const struct wn_lm *second, struct wn_str text, enum wn_simd simd,
                        bool bare)
{
    const struct wn_lm *const lm[2] = { first, second };
    struct wn_lm *joined;
    struct wn_err err;
    struct tables t;

    tables_make(&t, first, second, TABLES_JOINT, 0.9);
    check_joint_tables(&t.lm, lm, text, simd, bare);
    tables_release(&t);
    if (wn_lm_join(&joined, first, second, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    check_joint_tables(joined, lm, text, simd, bare);
    wn_lm_free(joined);
}

static void joint_tables_score_as_two_models(void **state)
{
    const size_t pairs[][2] = { { 0, 3 }, { 5, 2 }, { 8, 6 }, { 9, 4 } };

    (void)state;
    for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
        struct wn_lm *first = query_model(&query_cases[pairs[p][0]]), *second = query_model(&query_cases[pairs[p][1]]);
        struct wn_str text = query_text(&query_cases[pairs[p][1]]);

        for (size_t k = 0; k < N_SIMDS; k++)
            check_joint(first, second, text, simds[k], k == 1);
        fixture_drop(text);
        wn_lm_free(first);
        wn_lm_free(second);
    }
}

static struct wn_lm *import(const char *path)
{
    struct wn_arpa_opts opts = { .tokenizer = WN_TOK_WHITESPACE };
    struct wn_lm *lm;
    struct wn_err err;

    if (wn_lm_import(&lm, path, &opts, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    return lm;
}

/* KenLM on unk_in_ngrams.arpa, from the reference vectors' arpa_corner/results.tsv. */
static void unknown_words_take_the_ngrams_of_unk(void **state)
{
    static const char text[] = "a b c\nb c\nc a\nzzz b\na zzz b\n\na b\n";
    static const double totals[] = { -1.1, -2.15, -4.1000004, -3.97, -2.53, -1.5, -1.45 };
    static const char lengths[] = "23331231111222232" "1" "232";
    struct wn_lm *lm = import(NGRAM_DATA "arpa_corner/unk_in_ngrams.arpa");
    struct tables t;

    (void)state;
    tables_make(&t, lm, NULL, TABLES_EXACT, 0.9);
    assert_true(t.lm.unk_extends);
    for (size_t k = 0; k <= N_SIMDS; k++) {
        struct wn_scorer *s = scorer(k < N_SIMDS ? &t.lm : lm, k < N_SIMDS ? simds[k] : WN_SIMD_AUTO, false);
        struct wn_lm_sum sum = { 0 };
        const struct wn_scored *got;
        double total = 0.0;
        size_t n, line = 0;

        if (!s)
            continue;
        add(s, WN_STR(text), &sum);
        got = flush(s, &n);
        assert_int_equal(n, strlen(lengths));
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(got[i].matched[0], lengths[i] - '0');
            assert_int_equal(got[i].is_oov[0], wn_str_eq(got[i].word, WN_STR("zzz")));
            total += (double)got[i].log10_p[0];
            if (got[i].is_end) {
                assert_float_equal(total, totals[line++], 1e-5);
                total = 0.0;
            }
        }
        assert_int_equal(line, 7);
        assert_int_equal(sum.n_oov, 2);
        wn_scorer_free(s);
    }
    tables_release(&t);
    wn_lm_free(lm);
}

static void unknown_words_of_one_joint_model_take_its_ngrams_of_unk(void **state)
{
    struct wn_lm *first = import(NGRAM_DATA "arpa_corner/unk_in_ngrams.arpa");
    struct wn_lm *second = fixture_model(WN_STR("a zzz b\nzzz b c\na b zzz\nb\n"), 3, WN_TOK_WHITESPACE, NULL);
    struct wn_str text = WN_STR("a b c\nb c\nc a\nzzz b\na zzz b\n\na b\na <unk> b yyy b zzz\nzzz");

    (void)state;
    for (size_t k = 0; k < N_SIMDS; k++) {
        check_joint(first, second, text, simds[k], false);
        check_joint(second, first, text, simds[k], true);
    }
    wn_lm_free(first);
    wn_lm_free(second);
}

/* Opens what the library writes of LM. */
static struct wn_lm *written(struct scratch *dir, const struct wn_lm *lm, unsigned parts, bool compact)
{
    const char *path = scratch_path(dir, compact ? "compact.wlm" : "exact.wlm");
    struct wn_lm_output to = { .model = path, .parts = parts, .compact = compact };
    struct wn_lm *file;
    struct wn_err err;

    if (wn_lm_write(lm, &to, NULL, &err) != WN_OK || wn_lm_open(&file, path, &err) != WN_OK)
        fail_msg("%s", err.text);
    return file;
}

static void files_score_as_kenlm(void **state)
{
    struct scratch dir;

    (void)state;
    assert_true(scratch_open(&dir));
    for (size_t i = 0; i < N_QUERY_CASES; i++) {
        struct wn_lm *lm = query_model(&query_cases[i]);
        struct wn_lm *exact = written(&dir, lm, WN_LM_TABLES, false);
        struct wn_lm *compact = written(&dir, lm, WN_LM_WORDS | WN_LM_TABLES, true);

        struct wn_lm *resident;

        assert_int_equal(wn_lm_open_resident(&resident, scratch_path(&dir, "exact.wlm"), NULL), WN_OK);
        compare_rows(&query_cases[i], resident, WN_SIMD_AUTO, false, 1e-5);
        wn_lm_free(resident);
        for (size_t k = 0; k < N_SIMDS; k++) {
            compare_rows(&query_cases[i], exact, simds[k], k % 2, 1e-5);
            compare_rows(&query_cases[i], compact, simds[k], k % 2, 1e-3);   /* 4,094 steps over some units */
        }
        wn_lm_free(lm);
        wn_lm_free(exact);
        wn_lm_free(compact);
    }
    scratch_clear(&dir, true);
}

static void files_that_are_no_models_are_not_read_into_memory(void **state)
{
    struct wn_lm *lm;
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_lm_open_resident(&lm, NGRAM_DATA "text/t1_toy.txt", &err), WN_BADDATA);
    assert_null(lm);
    assert_int_equal(wn_lm_open_resident(&lm, NGRAM_DATA "none", &err), WN_IO);
    assert_string_equal(err.text, "cannot open model '" NGRAM_DATA "none': No such file or directory");
    assert_int_equal(wn_lm_open_resident(&lm, NGRAM_DATA, &err), WN_IO);
}

static void lines_are_sentences(void **state)
{
    static const struct {
        const char *text;
        unsigned n_tokens, n_bare;      /* counted by hand */
    } cases[] = {
        { "", 0, 0 }, { "\n", 1, 0 }, { "a", 2, 1 }, { "a\n", 2, 1 }, { " \t\r a  b ", 3, 2 }, { "a\n\n\nb", 6, 2 },
        { "\n\n", 2, 0 }, { " ", 1, 0 }, { "a\n ", 3, 1 },
    };
    struct wn_lm *lm = query_model(&query_cases[1]);
    struct tables t;

    (void)state;
    tables_make(&t, lm, NULL, TABLES_EXACT, 0.7);
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        for (int bare = 0; bare < 2; bare++) {
            struct wn_scorer *s = scorer(i % 2 ? lm : &t.lm, WN_SIMD_AUTO, bare);
            struct wn_lm_sum sum = { 0 };

            add(s, wn_str(cases[i / 2].text), &sum);
            assert_int_equal(wn_scorer_flush(s, NULL), WN_OK);
            assert_int_equal(sum.n_tokens, bare ? cases[i / 2].n_bare : cases[i / 2].n_tokens);
            wn_scorer_free(s);
        }
    }
    tables_release(&t);
    wn_lm_free(lm);
}

static void every_token_knows_its_word_and_its_sentence(void **state)
{
    struct wn_lm *lm = query_model(&query_cases[1]);
    struct tables t;

    (void)state;
    tables_make(&t, lm, NULL, TABLES_EXACT, 0.7);
    for (int bare = 0; bare < 2; bare++) {
        struct wn_scorer *s = scorer(&t.lm, WN_SIMD_AUTO, bare);
        struct wn_lm_sum sum = { 0 };
        struct wn_buf said = { 0 };
        const struct wn_scored *got;
        size_t n;

        add(s, WN_STR("the\tcat\n\nzzz\n"), &sum);
        add(s, WN_STR("sat on"), &sum);
        got = flush(s, &n);
        for (size_t i = 0; i < n; i++)
            wn_buf_addf(&said, "%.*s%s%s ", WN_STR_ARG(got[i].word), got[i].is_oov[0] ? "?" : "",
                        got[i].is_end ? "." : "");
        wn_buf_addc(&said, '\0');
        assert_string_equal(said.ptr, bare ? "the cat. zzz?. sat on. " : "the cat . . zzz? . sat on . ");
        wn_scorer_clear(s);
        wn_scorer_tokens(s, &n);
        assert_int_equal(n, 0);
        wn_buf_release(&said);
        wn_scorer_free(s);
    }
    tables_release(&t);
    wn_lm_free(lm);
}

static void other_tokenizers_make_one_sentence_of_a_text(void **state)
{
    struct wn_str text = WN_STR("The cat, the dog.\nThe END 1984!");
    struct wn_lm *lm = fixture_model(text, 3, WN_TOK_FOLDED, NULL);
    struct tables t;

    (void)state;
    tables_make(&t, lm, NULL, TABLES_EXACT, 0.7);
    for (int by_index = 0; by_index < 2; by_index++) {
        struct wn_scorer *s = scorer(by_index ? lm : &t.lm, WN_SIMD_AUTO, false);
        struct wn_lm_sum sum = { 0 };
        const struct wn_scored *got;
        size_t n;

        add(s, text, &sum);
        got = flush(s, &n);
        assert_int_equal(n, 11);
        assert_true(wn_str_eq(got[6].word, WN_STR("the")) && wn_str_eq(got[8].word, WN_STR("0000")));
        assert_true(got[10].is_end && !got[9].is_end);
        assert_int_equal(sum.n_oov, 0);
        wn_scorer_free(s);
    }
    tables_release(&t);
    wn_lm_free(lm);
}

static void order_1_tables_score(void **state)
{
    struct wn_lm *lm = fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 1, NULL);
    struct wn_lm_sum sum = { 0 };
    const struct wn_scored *got;
    struct wn_scorer *s;
    struct tables t;
    size_t n;

    (void)state;
    tables_make(&t, lm, NULL, TABLES_EXACT, 0.7);
    s = scorer(&t.lm, WN_SIMD_AUTO, false);
    add(s, WN_STR("the"), &sum);
    got = flush(s, &n);
    assert_int_equal(n, 2);
    assert_float_equal(got[0].log10_p[0], -0.61646473, 1e-6);       /* arpa/t1_o1_fb.arpa */
    assert_float_equal(got[1].log10_p[0], -0.83535194, 1e-6);
    wn_scorer_free(s);
    tables_release(&t);
    wn_lm_free(lm);
}

static void simd_that_is_not_there_is_refused(void **state)
{
    struct wn_lm *lm = query_model(&query_cases[0]);
    struct wn_scorer_opts opts = { .simd = (enum wn_simd)99 };
    struct wn_scorer *s;
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_scorer_new(&s, lm, &opts, &err), WN_BADCONF);
    assert_null(s);
    assert_string_equal(err.text, "cannot score with such SIMD: this machine lacks it");
    assert_int_equal(wn_scorer_new(&s, lm, NULL, &err), WN_OK);
    assert_string_equal(wn_scorer_simd(s), "scalar");               /* the index has no other */
    wn_scorer_free(s);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_tables_and_index_score_as_kenlm),
        cmocka_unit_test(compact_tables_are_off_by_half_a_step),
        cmocka_unit_test(joint_tables_score_as_two_models),
        cmocka_unit_test(unknown_words_take_the_ngrams_of_unk),
        cmocka_unit_test(unknown_words_of_one_joint_model_take_its_ngrams_of_unk),
        cmocka_unit_test(files_score_as_kenlm),
        cmocka_unit_test(files_that_are_no_models_are_not_read_into_memory),
        cmocka_unit_test(lines_are_sentences),
        cmocka_unit_test(every_token_knows_its_word_and_its_sentence),
        cmocka_unit_test(other_tokenizers_make_one_sentence_of_a_text),
        cmocka_unit_test(order_1_tables_score),
        cmocka_unit_test(simd_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
