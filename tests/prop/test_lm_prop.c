/*
 * test_lm_prop.c - what holds for any text: seeds are tried in turn, the failing one is
 * printed.
 */
#include <winnow/rng.h>

#include "unit/lm_fixture.h"

#include <math.h>

enum { N_SEEDS = 40 };

/* N sentences over SOME words, the earlier ones likelier. */
static struct wn_str random_text(struct wn_buf *out, uint64_t seed, uint64_t n_sentences, uint64_t n_words)
{
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
    wn_buf_reset(out);
    for (uint64_t i = 0; i < n_sentences; i++) {
        uint64_t len = wn_rng_below(&rng, 9);

        for (uint64_t j = 0; j < len; j++)
            wn_buf_addf(out, "w%llu ", (unsigned long long)wn_rng_below(&rng, 1 + wn_rng_below(&rng, n_words)));
        wn_buf_addc(out, '\n');
    }
    return wn_buf_str(out);
}

static struct wn_lm_opts random_opts(uint64_t seed)
{
    struct wn_lm_opts opts = { .smoothing = seed % 3 == 2 ? WN_SMOOTH_ML : WN_SMOOTH_KN };

    for (unsigned k = 1; opts.smoothing != WN_SMOOTH_ML && seed % 2 && k < WN_LM_MAX_ORDER; k++)
        opts.prune[k] = opts.prune[k - 1] + (k % 2 ? seed % 4 / 2 : 0);
    if (seed % 5 == 4)
        opts = (struct wn_lm_opts){ .prune = { 2, 2, 2, 2, 2, 2, 2, 2 } };
    return opts;
}

/* Over all words but <s>, which no context predicts. */
static void check_sum(const struct wn_lm *lm, const uint32_t *history, size_t n, uint64_t seed)
{
    double sum = 0.0;

    for (uint32_t w = 0; w < wn_lm_vocab_size(lm); w++)
        sum += w == WN_LM_BOS ? 0.0 : pow(10.0, wn_lm_prob(lm, history, n, w));
    if (fabs(sum - 1.0) > 1e-5)
        fail_msg("seed %llu: probabilities sum to %.7f", (unsigned long long)seed, sum);
}

static void probabilities_sum_to_one(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_lm_opts opts = random_opts(seed);
        unsigned order = 1 + seed % WN_LM_MAX_ORDER;
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 30 + seed * 7, 4 + seed % 20), order,
                                         WN_TOK_WHITESPACE, &opts);
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 0, 0, 0);
        for (int i = 0; i < 40; i++) {
            uint32_t history[8] = { WN_LM_BOS };
            size_t n = 1 + wn_rng_below(&rng, 7);

            for (size_t j = i % 2; j < n; j++)
                history[j] = (uint32_t)wn_rng_below(&rng, wn_lm_vocab_size(lm));
            check_sum(lm, history, i == 0 ? 0 : n, seed);
        }
        wn_lm_free(lm);
    }
    wn_buf_release(&text);
}

static void merging_any_split_equals_counting_the_whole(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_str t = random_text(&text, seed, 20 + seed, 12);
        struct wn_counts *whole = fixture_counts(t, 3, WN_TOK_WHITESPACE), *sum;
        struct wn_lm *a, *b;
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_SPLIT, 0, 0, 0);
        assert_int_equal(wn_counts_new(&sum, 3, WN_TOK_WHITESPACE, NULL), WN_OK);
        while (t.len > 0) {
            size_t n = 1 + wn_rng_below(&rng, t.len);
            struct wn_counts *part;

            while (t.ptr[n - 1] != '\n')
                n++;
            part = fixture_counts((struct wn_str){ t.ptr, n }, 3, WN_TOK_WHITESPACE);
            assert_int_equal(wn_counts_merge(sum, part, NULL), WN_OK);
            wn_counts_free(part);
            t = (struct wn_str){ t.ptr + n, t.len - n };
        }
        assert_int_equal(wn_lm_estimate(&a, whole, NULL, NULL, NULL), WN_OK);
        assert_int_equal(wn_lm_estimate(&b, sum, NULL, NULL, NULL), WN_OK);
        if (!wn_str_eq(wn_lm_image(a), wn_lm_image(b)))
            fail_msg("seed %llu: merged counts give another model", (unsigned long long)seed);
        wn_lm_free(a);
        wn_lm_free(b);
        wn_counts_free(whole);
        wn_counts_free(sum);
    }
    wn_buf_release(&text);
}

static void a_sentence_is_the_sum_of_its_words(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        unsigned order = 1 + seed % 6;
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 60, 15), order, WN_TOK_WHITESPACE, NULL);
        struct wn_arena a = { 0 };
        uint32_t ids[64] = { WN_LM_BOS };
        struct wn_tokens t;
        struct wn_lm_sum sum;
        double by_word = 0.0;

        assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, WN_STR("w0 w3 w1 w99 w0 w0 w2 w7"), &a, &t, NULL), WN_OK);
        wn_lm_score_tokens(lm, &t, NULL, &sum);
        for (size_t i = 0; i <= t.n; i++) {
            ids[i + 1] = i < t.n ? wn_lm_id(lm, t.item[i]) : WN_LM_EOS;
            by_word += wn_lm_prob(lm, ids, i + 1, ids[i + 1]);
        }
        if (fabs(by_word - sum.log10_p) > 1e-9 || sum.n_tokens != t.n + 1 || sum.n_oov < 1)
            fail_msg("seed %llu: %.9f by word, %.9f by sentence", (unsigned long long)seed, by_word, sum.log10_p);
        wn_arena_release(&a);
        wn_lm_free(lm);
    }
    wn_buf_release(&text);
}

/* The same bytes viewed elsewhere are the same model, and a view changes nothing. */
static void images_are_position_independent(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_lm_opts opts = random_opts(seed);
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 10 * seed, 9), 1 + seed % 8, WN_TOK_WHITESPACE,
                                         &opts);
        struct wn_str image = wn_lm_image(lm);
        char *copy = malloc(image.len);
        struct wn_buf a = { 0 }, b = { 0 };
        struct wn_lm *view;
        struct wn_err err;

        assert_non_null(copy);
        memcpy(copy, image.ptr, image.len);
        if (wn_lm_view(&view, (struct wn_str){ copy, image.len }, "copy", &err) != WN_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
        assert_int_equal(wn_lm_arpa(lm, fixture_collect, &a, NULL), WN_OK);
        assert_int_equal(wn_lm_arpa(view, fixture_collect, &b, NULL), WN_OK);
        assert_true(wn_str_eq(wn_buf_str(&a), wn_buf_str(&b)));
        wn_buf_release(&a);
        wn_buf_release(&b);
        wn_lm_free(view);
        wn_lm_free(lm);
        free(copy);
    }
    wn_buf_release(&text);
}

/* Letters, digits, marks, invisible ones, connectors, brackets, spaces, wide ones. */
static const uint32_t odd[] = { 'a', 'B', 'z', '0', '7', '\'', '-', 0x2019, '.', ',', '(', ')', '[', ']', '!', '?',
                                ':', ';', '"', 0x201C, ' ', '\n', 0xA0, 0xE9, 0x301, 0x200B, 0x200D, 0xFE0F, 0xAD,
                                0x4E2D, 0x1F642, 0x3C1, 0x660, 0x2014, '<', '>', '/', 's', 0xFEFF, 0x10FFFF };

static void random_odd_text(struct wn_buf *out, struct wn_rng *rng, size_t n)
{
    wn_buf_reset(out);
    for (size_t i = 0; i < n; i++)
        wn_utf8_add(out, odd[wn_rng_below(rng, sizeof(odd) / sizeof(odd[0]))]);
}

/* Tokens of random texts, shuffled, since a model may put any after any. */
static void any_sequence_of_tokens_joins_and_splits_into_itself(void **state)
{
    struct wn_buf text = { 0 }, joined = { 0 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct wn_tokens t, back;
        struct wn_rng rng;
        bool same;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 1, 0, 0);
        random_odd_text(&text, &rng, 1 + wn_rng_below(&rng, 60));
        wn_arena_reset(&a);
        assert_int_equal(wn_tokenize(WN_TOK_WORDS, wn_buf_str(&text), &a, &t, NULL), WN_OK);
        for (size_t i = t.n; i > 1; i--) {
            size_t j = wn_rng_below(&rng, i);
            struct wn_str held = t.item[i - 1];

            t.item[i - 1] = t.item[j];
            t.item[j] = held;
        }
        wn_buf_reset(&joined);
        wn_words_join(&joined, t.item, t.n);
        assert_int_equal(wn_tokenize(WN_TOK_WORDS, wn_buf_str(&joined), &a, &back, NULL), WN_OK);
        same = back.n == t.n;
        for (size_t i = 0; same && i < t.n; i++)
            same = wn_str_eq(back.item[i], t.item[i]);
        if (!same)
            fail_msg("seed %llu: '%.*s'", (unsigned long long)seed, WN_STR_ARG(wn_buf_str(&joined)));
    }
    wn_buf_release(&text);
    wn_buf_release(&joined);
    wn_arena_release(&a);
}

static void folding_twice_is_folding_once(void **state)
{
    struct wn_buf text = { 0 }, joined = { 0 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct wn_tokens t, again;
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 2, 0, 0);
        random_odd_text(&text, &rng, 1 + wn_rng_below(&rng, 60));
        wn_arena_reset(&a);
        assert_int_equal(wn_tokenize(WN_TOK_FOLDED, wn_buf_str(&text), &a, &t, NULL), WN_OK);
        wn_buf_reset(&joined);
        wn_words_join(&joined, t.item, t.n);
        assert_int_equal(wn_tokenize(WN_TOK_FOLDED, wn_buf_str(&joined), &a, &again, NULL), WN_OK);
        if (again.n != t.n)
            fail_msg("seed %llu: %zu tokens, then %zu", (unsigned long long)seed, t.n, again.n);
        for (size_t i = 0; i < t.n; i++)
            assert_true(wn_str_eq(again.item[i], t.item[i]));
    }
    wn_buf_release(&text);
    wn_buf_release(&joined);
    wn_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_sum_to_one),
        cmocka_unit_test(merging_any_split_equals_counting_the_whole),
        cmocka_unit_test(a_sentence_is_the_sum_of_its_words),
        cmocka_unit_test(images_are_position_independent),
        cmocka_unit_test(any_sequence_of_tokens_joins_and_splits_into_itself),
        cmocka_unit_test(folding_twice_is_folding_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
