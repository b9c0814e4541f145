/*
 * test_lm_beam.c - beam search finds what trying all texts finds, and a beam of one is
 * greedy.
 */
#include "unit/lm_fixture.h"
#include "unit/lm_arpa_source.h"

#include <math.h>

#include <winnow/lmsample.h>

enum { N_MAX = 5, MOST_START = 3, WIDE = 20000 };

struct search {
    const struct wn_lm *lm;
    double length_penalty;
    size_t max_tokens, min_tokens;
    size_t n_before;               /* <s> and the start's words */
    uint32_t history[MOST_START + N_MAX + 2], best[N_MAX];
    size_t n_best;
    double best_score, best_log10_p;
};

static void consider(struct search *s, size_t n, size_t length, double log10_p)
{
    double score = log10_p / pow((double)length, s->length_penalty);

    if (score <= s->best_score + 1e-12)
        return;
    s->best_score = score;
    s->best_log10_p = log10_p;
    s->n_best = n;
    memcpy(s->best, s->history + s->n_before, n * sizeof(s->best[0]));
}

/* All texts, by direct computation from wn_lm_prob. */
static void try_all(struct search *s, size_t n, double log10_p)
{
    if (n == s->max_tokens) {
        consider(s, n, n, log10_p);
        return;
    }
    for (uint32_t w = WN_LM_EOS; w < wn_lm_vocab_size(s->lm); w++) {
        double p = log10_p + wn_lm_prob(s->lm, s->history, s->n_before + n, w);

        if (w == WN_LM_EOS && n >= s->min_tokens)
            consider(s, n, n + 1, p);
        if (w == WN_LM_EOS || p < -90.0)
            continue;
        s->history[s->n_before + n] = w;
        try_all(s, n + 1, p);
    }
}

/* START may be NULL. */
static void check_against_all(const struct wn_lm *lm, double length_penalty, size_t min_tokens,
                              const struct wn_sample_start *start)
{
    struct search all = { .lm = lm, .length_penalty = length_penalty, .max_tokens = 4, .min_tokens = min_tokens,
                          .n_before = 1, .history = { WN_LM_BOS }, .best_score = -INFINITY };
    struct wn_sample_opts opts = { .max_tokens = 4, .min_tokens = min_tokens, .start = start };
    struct wn_sampler *s;
    uint32_t ids[4];
    double log10_p;
    size_t n;

    for (size_t i = 0; start && i < start->n; i++)
        all.history[all.n_before++] = start->ids[i];
    try_all(&all, 0, 0.0);
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, WIDE, length_penalty, &opts, ids, &n, &log10_p, NULL), WN_OK);
    assert_int_equal(n, all.n_best);
    assert_memory_equal(ids, all.best, n * sizeof(ids[0]));
    assert_float_equal(log10_p, all.best_log10_p, 1e-6);
    wn_sampler_free(s);
}

static struct wn_lm *tiny_model(enum wn_smoothing smoothing, unsigned order)
{
    struct wn_lm_opts opts = { .smoothing = smoothing };

    return fixture_model(WN_STR("a b c a b\nb c d d\na c a\na b d e\nc c b e a\na b c\n"), order,
                         WN_TOK_WHITESPACE, &opts);
}

static void wide_beam_finds_the_best_of_all_texts(void **state)
{
    (void)state;
    for (unsigned order = 1; order <= 4; order++) {
        struct wn_lm *lm = tiny_model(WN_SMOOTH_KN, order);

        check_against_all(lm, 0.0, 0, NULL);
        check_against_all(lm, 1.0, 2, NULL);
        check_against_all(lm, 0.6, 4, NULL);
        wn_lm_free(lm);
    }
}

/* Known words, one that nothing follows ("x" is <unk>), fewer and more than the order takes. */
static void wide_beam_behind_a_start_finds_the_best_continuation(void **state)
{
    static const char *const word[][MOST_START + 1] = { { "c" }, { "b", "d" }, { "a", "x" }, { "a", "a", "b" } };

    (void)state;
    for (unsigned order = 1; order <= 4; order++) {
        struct wn_lm *lm = tiny_model(WN_SMOOTH_KN, order);

        for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
            uint32_t ids[MOST_START];
            struct wn_sample_start start = { ids, 0 };

            for (; word[i][start.n]; start.n++)
                ids[start.n] = wn_lm_id(lm, wn_str(word[i][start.n]));
            check_against_all(lm, 0.0, 0, &start);
            check_against_all(lm, 0.6, 4, &start);
        }
        wn_lm_free(lm);
    }
}

static void beam_of_one_is_greedy(void **state)
{
    struct wn_lm *lm = fixture_model_of(NGRAM_DATA "text/t2_phrases.txt", 3, NULL);
    struct wn_sample_opts opts = { .max_tokens = 12 };
    uint32_t ids[12], history[14] = { WN_LM_BOS };
    struct wn_sampler *s;
    size_t n;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 1, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    for (size_t i = 0; i <= n && i < 12; i++) {
        uint32_t best = WN_LM_EOS;

        for (uint32_t w = best; w < wn_lm_vocab_size(lm); w++) {
            if (wn_lm_prob(lm, history, i + 1, w) > wn_lm_prob(lm, history, i + 1, best))
                best = w;
        }
        assert_int_equal(i < n ? ids[i] : WN_LM_EOS, best);
        history[i + 1] = best;
    }
    wn_sampler_free(s);
    wn_lm_free(lm);
}

static void stopped_search_is_cancelled(void **state)
{
    struct wn_lm *lm = tiny_model(WN_SMOOTH_KN, 2);
    const atomic_int stop = 1;
    struct wn_sample_opts opts = { .max_tokens = 1, .stop = &stop };
    struct wn_sampler *s;
    uint32_t ids[1];
    size_t n;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 2, 0.0, &opts, ids, &n, NULL, NULL), WN_CANCELLED);
    wn_sampler_free(s);
    wn_lm_free(lm);
}

/* Words a, b, c are alike in every way: the text with the lowest ids comes first. */
static void equal_texts_go_by_their_ids(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("a\nb\nc\n"), 2, WN_TOK_WHITESPACE, NULL);
    struct wn_sample_opts opts = { .min_tokens = 1, .max_tokens = 1 };
    struct wn_sampler *s;
    uint32_t ids[1];

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    for (unsigned beam = 1; beam < 5; beam++) {
        size_t n;

        assert_int_equal(wn_lm_beam(s, beam, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
        assert_int_equal(n, 1);
        assert_int_equal(ids[0], wn_lm_id(lm, WN_STR("a")));
    }
    wn_sampler_free(s);
    wn_lm_free(lm);
}

/* The best text of an ARPA file with these unigrams and BIGRAMS. */
static void expect_best(const char *unigrams, const char *bigrams, unsigned n_bigrams, const char *const *best)
{
    struct wn_buf arpa = { 0 };
    struct wn_sampler *s;
    uint32_t ids[1000];
    struct arpa_source text;
    struct wn_lm *lm;
    size_t n, i;

    wn_buf_addf(&arpa, "\\data\\\nngram 1=7\nngram 2=%u\n\n\\1-grams:\n-99\t<s>\t-9\n-2\t</s>\n-99\t<unk>\n", n_bigrams);
    wn_buf_addf(&arpa, "%s\n\\2-grams:\n%s\n\\end\\\n", unigrams, bigrams);
    text = (struct arpa_source){ .left = wn_buf_str(&arpa) };
    assert_int_equal(wn_lm_import_from(&lm, arpa_source_read, &text, "text", NULL, NULL, NULL), WN_OK);
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 8, 0.0, NULL, ids, &n, NULL, NULL), WN_OK);
    for (i = 0; i < n && best[i]; i++)
        assert_int_equal(ids[i], wn_lm_id(lm, wn_str(best[i])));
    assert_true(i == n && !best[i]);
    wn_sampler_free(s);
    wn_lm_free(lm);
    wn_buf_release(&arpa);
}

/* "a x" and "b y" are equal, b is likelier than a; "a" and "b y" are equal, "a" ends first.  Ids,
 * which go by the order of the unigrams, must not matter. */
static void of_equal_texts_the_earlier_then_the_likelier_beginning_comes_first(void **state)
{
    static const char likelier[] = "-0.4\t<s> a\n-0.3\t<s> b\n-0.3\ta x\n-0.4\tb y\n-0.1\tx </s>\n-0.1\ty </s>\n";
    static const char earlier[] = "-0.3\t<s> a\n-0.3\t<s> b\n-0.1\ta </s>\n0\tb y\n-0.1\ty </s>\n";
    static const char *const unigrams[] = { "-1\ta\t-9\n-1\tb\t-9\n-1\tx\t-9\n-1\ty\t-9\n",
                                            "-1\tb\t-9\n-1\ta\t-9\n-1\tx\t-9\n-1\ty\t-9\n" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        expect_best(unigrams[i], likelier, 6, (const char *const[]){ "b", "y", NULL });
        expect_best(unigrams[i], earlier, 5, (const char *const[]){ "a", NULL });
    }
}

/* The model says "a a a a"; with a penalty of 50, p^50 of a word that came already is nearly
 * nothing. */
static void penalty_stops_repetition(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("a a a a a b a a a\na a a a\nb a a a c\n"), 2, WN_TOK_WHITESPACE, NULL);
    struct wn_sample_opts opts = { .min_tokens = 3, .max_tokens = 3 };
    struct wn_sampler *s;
    uint32_t ids[3];
    size_t n;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 3, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_int_equal(n, 3);
    assert_true(ids[0] == ids[1] && ids[1] == ids[2]);
    opts.repetition_penalty = 50.0;
    assert_int_equal(wn_lm_beam(s, 3, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_int_equal(n, 3);
    assert_true(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    wn_sampler_free(s);
    wn_lm_free(lm);
}

/* "a" follows "a" most of the time, and has come already. */
static void penalty_counts_the_words_of_the_start(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("a a a a a b a a a\na a a a\nb a a a c\n"), 2, WN_TOK_WHITESPACE, NULL);
    const uint32_t b_a[2] = { wn_lm_id(lm, WN_STR("b")), wn_lm_id(lm, WN_STR("a")) };
    const struct wn_sample_start start = { b_a, 2 };
    struct wn_sample_opts opts = { .min_tokens = 2, .max_tokens = 2, .start = &start };
    struct wn_sampler *s;
    uint32_t ids[2];
    size_t n;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 3, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_true(n == 2 && ids[0] == b_a[1] && ids[1] == b_a[1]);
    opts.repetition_penalty = 50.0;
    assert_int_equal(wn_lm_beam(s, 3, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_true(n == 2 && ids[0] == wn_lm_id(lm, WN_STR("c")));
    opts.repetition_window = 1;               /* the "a" alone: "b" is allowed again, and likelier */
    assert_int_equal(wn_lm_beam(s, 3, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_true(n == 2 && ids[0] == b_a[0] && ids[1] == b_a[1]);
    wn_sampler_free(s);
    wn_lm_free(lm);
}

/* Hypotheses that repeat a word of the start are tried, and must not free it for the others. */
static void words_of_the_start_stay_penalized(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("a a a a a b a a a\na a a a\nb a a a c d a\ne\n"), 2, WN_TOK_WHITESPACE,
                                     NULL);
    const uint32_t b_a[2] = { wn_lm_id(lm, WN_STR("b")), wn_lm_id(lm, WN_STR("a")) };
    const struct wn_sample_start start = { b_a, 2 };
    struct wn_sample_opts opts = { .min_tokens = 3, .max_tokens = 3, .start = &start, .repetition_penalty = 50.0 };
    struct wn_sampler *s;
    uint32_t ids[3];
    size_t n;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 5, 0.0, &opts, ids, &n, NULL, NULL), WN_OK);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_true(ids[i] != b_a[0] && ids[i] != b_a[1]);
    wn_sampler_free(s);
    wn_lm_free(lm);
}

static void impossible_searches_are_refused(void **state)
{
    struct wn_lm *lm = tiny_model(WN_SMOOTH_ML, 2);
    struct wn_sampler *s;
    uint32_t ids[1000];
    struct wn_err err;
    size_t n = 9;

    (void)state;
    assert_int_equal(wn_sampler_new(&s, lm, NULL), WN_OK);
    assert_int_equal(wn_lm_beam(s, 0, 0.0, NULL, ids, &n, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_beam(s, 2, -1.0, NULL, ids, &n, NULL, &err), WN_BADCONF);
    assert_int_equal(n, 0);
    assert_int_equal(wn_lm_beam(s, 2, 0.0, NULL, ids, &n, NULL, &err), WN_OK);
    assert_true(n > 0);
    wn_sampler_free(s);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_beam_finds_the_best_of_all_texts),
        cmocka_unit_test(wide_beam_behind_a_start_finds_the_best_continuation),
        cmocka_unit_test(beam_of_one_is_greedy),
        cmocka_unit_test(stopped_search_is_cancelled),
        cmocka_unit_test(equal_texts_go_by_their_ids),
        cmocka_unit_test(of_equal_texts_the_earlier_then_the_likelier_beginning_comes_first),
        cmocka_unit_test(penalty_stops_repetition),
        cmocka_unit_test(penalty_counts_the_words_of_the_start),
        cmocka_unit_test(words_of_the_start_stay_penalized),
        cmocka_unit_test(impossible_searches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
