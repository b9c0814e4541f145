/*
 * test_lm_prune.c - entropy pruning against its definition, worked out word by word over
 * whole distributions.
 */
#include "unit/lm_texts.h"

#include <math.h>

#include "lm/lm_index.h"
#include "lm/lm_prune.h"

static struct wn_lm *pruned(const struct wn_lm *lm, double threshold, uint64_t *n_dropped)
{
    struct wn_err err;
    struct wn_lm *out;

    if (wn_lm_prune(&out, lm, threshold, n_dropped, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    if (lm_check_index(out, "pruned model", &err) != WN_OK)
        fail_msg("%s", err.text);
    return out;
}

static double p_of(const struct wn_lm *lm, const uint32_t *h, size_t n, uint32_t w)
{
    return pow(10.0, wn_lm_prob(lm, h, n, w));
}

/* p(h) by the chain rule; <s> is as frequent as </s>. */
static double marginal(const struct wn_lm *lm, const uint32_t *h, size_t n)
{
    double p = p_of(lm, h, 0, h[0] == WN_LM_BOS ? WN_LM_EOS : h[0]);

    for (size_t i = 1; i < n; i++)
        p *= p_of(lm, h, i, h[i]);
    return p;
}

static bool continues(const struct wn_lm *lm, unsigned k, uint32_t c, uint32_t w)
{
    for (uint32_t i = lm->level[k - 1].child[c]; i < lm->level[k - 1].child[c + 1]; i++) {
        if (lm->level[k].word[i] == w)
            return true;
    }
    return false;
}

/* exp(D) - 1 for taking W out of the context H of K - 1 words at place C: both
 * distributions in full, the new back-off weight from what they leave. */
static double direct_cost(const struct wn_lm *lm, unsigned k, uint32_t c, const uint32_t *h, uint32_t w)
{
    double left = 0.0, left_low = 0.0, alpha, d = 0.0;
    uint32_t n_words = wn_lm_vocab_size(lm);

    for (uint32_t v = 0; v < n_words; v++) {
        if (v == WN_LM_BOS || (v != w && continues(lm, k, c, v)))
            continue;
        left += p_of(lm, h, k - 1, v);
        left_low += p_of(lm, h + 1, k - 2, v);
    }
    alpha = left / left_low;
    for (uint32_t v = 0; v < n_words; v++) {
        double p = p_of(lm, h, k - 1, v);

        if (v != WN_LM_BOS && (v == w || !continues(lm, k, c, v)) && p > 0.0)
            d += p * log(p / (alpha * p_of(lm, h + 1, k - 2, v)));
    }
    return expm1(marginal(lm, h, k - 1) * d);
}

/* Compares the costs of all n-grams of order K below place C of order J, whose words H has. */
static void compare_costs(const struct wn_lm *lm, unsigned k, const double *cost, uint32_t *h, unsigned j, uint32_t c)
{
    for (uint32_t i = lm->level[j].child[c]; i < lm->level[j].child[c + 1]; i++) {
        uint32_t w = lm->level[j + 1].word[i];
        double want;

        if (j + 1 < k) {
            h[j] = w;
            compare_costs(lm, k, cost, h, j + 1, i);
            continue;
        }
        want = direct_cost(lm, k, c, h, w);
        /* The model's numbers have 24 bits, so sums over them differ by 1e-7 of p(h). */
        if (!(fabs(cost[i] - want) <= 1e-6 * fabs(want) + 2e-7 * marginal(lm, h, k - 1)))
            fail_msg("order %u place %u: %.12g, want %.12g", k, i, cost[i], want);
    }
}

static void costs_are_those_of_the_definition(void **state)
{
    struct wn_lm *lm[] = { texts_model("t1_toy", 4), texts_model("t5_edges", 3), texts_model("t8_repeat", 3) };

    (void)state;
    for (size_t m = 0; m < sizeof(lm) / sizeof(lm[0]); m++) {
        for (unsigned k = 2; k <= wn_lm_order(lm[m]); k++) {
            double *cost = calloc(wn_lm_ngrams(lm[m], k) + 1, sizeof(*cost));

            assert_int_equal(lm_prune_costs(lm[m], k, cost, NULL), WN_OK);
            for (uint32_t w = 0; w < wn_lm_vocab_size(lm[m]); w++)
                compare_costs(lm[m], k, cost, (uint32_t[WN_LM_MAX_ORDER]){ w }, 1, w);
            free(cost);
        }
        wn_lm_free(lm[m]);
    }
}

/* Hand calculation.  Counts a:2 b:1 </s>:1 </s> after b; the unsmoothed bigram model has
 * p(b|a) = 1/2, p(a|a) = 1/2, p(a|<s>) = 1, p(</s>|b) = 1 and weights of 0.  Without a b,
 * alpha'(a) = (1/2) / (1 - p(a)) = 1 with p(a) = 1/2, so p'(b|a) = p(b) = 1/4 and
 * D = p(a) 1/2 log((1/2) / (1/4)) = log(2) / 4. */
static void a_cost_by_hand(void **state)
{
    static const struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct wn_lm *lm = fixture_model(WN_STR("a a b\n"), 2, WN_TOK_WHITESPACE, &ml);
    uint32_t a = wn_lm_id(lm, WN_STR("a")), b = wn_lm_id(lm, WN_STR("b"));
    double cost[8];

    (void)state;
    assert_int_equal(wn_lm_ngrams(lm, 2), 4);
    assert_int_equal(lm_prune_costs(lm, 2, cost, NULL), WN_OK);
    for (uint32_t i = lm->level[1].child[a]; i < lm->level[1].child[a + 1]; i++) {
        if (lm->level[2].word[i] == b)
            assert_true(fabs(cost[i] - (pow(2.0, 0.25) - 1.0)) < 1e-6);
    }
    wn_lm_free(lm);
}

static void a_threshold_of_zero_keeps_everything_that_matters(void **state)
{
    struct wn_lm *lm = texts_model("t2_phrases", 3), *out;
    uint64_t dropped[WN_LM_MAX_ORDER + 1] = { 0 };

    (void)state;
    out = pruned(lm, 0.0, dropped);
    for (unsigned k = 2; k <= 3; k++) {
        double *cost = calloc(wn_lm_ngrams(lm, k), sizeof(*cost));
        uint64_t n_negative = 0;

        assert_int_equal(lm_prune_costs(lm, k, cost, NULL), WN_OK);
        for (uint64_t i = 0; i < wn_lm_ngrams(lm, k); i++)
            n_negative += cost[i] < 0.0;              /* by rounding: p(w|h) is what backing off gives */
        assert_true(dropped[k] <= n_negative);
        assert_int_equal(wn_lm_ngrams(out, k), wn_lm_ngrams(lm, k) - dropped[k]);
        free(cost);
    }
    assert_int_equal(wn_lm_smoothing(out), WN_SMOOTH_OTHER);
    wn_lm_free(out);
    wn_lm_free(lm);
}

static void a_huge_threshold_leaves_the_words(void **state)
{
    struct wn_lm *lm = texts_model("t2_phrases", 4), *out;
    uint64_t dropped[WN_LM_MAX_ORDER + 1] = { 0 };

    (void)state;
    out = pruned(lm, 1e9, dropped);
    for (unsigned k = 2; k <= 4; k++) {
        assert_int_equal(wn_lm_ngrams(out, k), 0);
        assert_int_equal(dropped[k], wn_lm_ngrams(lm, k));
    }
    assert_int_equal(wn_lm_vocab_size(out), wn_lm_vocab_size(lm));
    for (uint32_t w = 0; w < wn_lm_vocab_size(out); w++) {
        assert_true(out->level[1].prob[w] == lm->level[1].prob[w]);
        assert_true(out->level[1].backoff[w] == 0.0f);
    }
    wn_lm_free(out);
    wn_lm_free(lm);
}

static void check_sum(const struct wn_lm *lm, const uint32_t *h, size_t n)
{
    double sum = 0.0;

    for (uint32_t w = 0; w < wn_lm_vocab_size(lm); w++)
        sum += w == WN_LM_BOS ? 0.0 : p_of(lm, h, n, w);
    if (!(fabs(sum - 1.0) < 1e-5))
        fail_msg("after %u ..: probabilities sum to %.7f", h[0], sum);
}

/* Sums at contexts that are there and at others. */
static void pruned_probabilities_sum_to_one(void **state)
{
    struct wn_lm *lm = texts_model("t3_unicode", 4);
    static const double threshold[] = { 1e-9, 1e-7, 1e-6, 1e-5, 1e-3 };

    (void)state;
    for (size_t i = 0; i < sizeof(threshold) / sizeof(threshold[0]); i++) {
        struct wn_lm *out = pruned(lm, threshold[i], NULL);
        uint32_t n = out->level[2].n;

        for (uint32_t c = 0; c < out->level[1].n; c++)
            check_sum(out, &c, 1);
        for (uint32_t c = 0; c < out->level[1].n; c++) {
            for (uint32_t j = out->level[1].child[c]; j < out->level[1].child[c + 1]; j += 1 + n / 200)
                check_sum(out, (uint32_t[]){ c, out->level[2].word[j] }, 2);
        }
        wn_lm_free(out);
    }
    wn_lm_free(lm);
}

/* On the text the model was made of every n-gram counts. */
static void perplexity_rises_with_the_threshold(void **state)
{
    static const double threshold[] = { 0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-2, 1e9 };
    struct wn_str text = texts_read("t2_phrases");
    struct wn_lm *lm = texts_model("t2_phrases", 3);
    uint64_t n_before = UINT64_MAX;
    double before = texts_log10_p(lm, text);

    (void)state;
    for (size_t i = 0; i < sizeof(threshold) / sizeof(threshold[0]); i++) {
        struct wn_lm *out = pruned(lm, threshold[i], NULL);
        double now = texts_log10_p(out, text);
        uint64_t n = wn_lm_ngrams(out, 2) + wn_lm_ngrams(out, 3);

        assert_true(now <= before + 1e-3 * fabs(before));
        assert_true(n <= n_before);
        before = now;
        n_before = n;
        wn_lm_free(out);
    }
    assert_int_equal(n_before, 0);
    fixture_drop(text);
    wn_lm_free(lm);
}

/* Every n-gram that stays has its old probability, and so has its suffix. */
static void what_stays_is_closed_and_unchanged(void **state)
{
    struct wn_lm *lm = texts_model("t3_unicode", 5), *out = pruned(lm, 1e-6, NULL), *again;
    struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX };
    struct lm_index_builder *b;
    struct lm_consumer c;
    const struct lm_consumer *const all[] = { &c };
    uint32_t *old = calloc(lm->level[1].n, sizeof(*old));

    (void)state;
    for (uint32_t w = 0; w < lm->level[1].n; w++)
        old[w] = w;
    for (unsigned k = 2; k <= 5; k++) {
        uint32_t *next = calloc((size_t)out->level[k].n + 1, sizeof(*next));

        for (uint32_t p = 0; p < out->level[k - 1].n; p++) {
            uint32_t j = lm->level[k - 1].child[old[p]];

            for (uint32_t i = out->level[k - 1].child[p]; i < out->level[k - 1].child[p + 1]; i++) {
                while (lm->level[k].word[j] != out->level[k].word[i])
                    j++;
                assert_true(j < lm->level[k - 1].child[old[p] + 1]);
                assert_true(lm->level[k].prob[j] == out->level[k].prob[i]);
                if (k >= 3)
                    assert_true(lm->level[k - 1].word[lm->level[k].suffix[j]] ==
                                out->level[k - 1].word[out->level[k].suffix[i]]);
                next[i] = j;
            }
        }
        free(old);
        old = next;
    }
    free(old);
    /* A stream of it is closed, and gives the same index. */
    assert_int_equal(lm_index_builder_new(&b, NULL), WN_OK);
    c = lm_index_builder_consumer(b);
    assert_int_equal(lm_index_produce(out, all, 1, &room, NULL), WN_OK);
    assert_int_equal(lm_index_builder_take(b, &again, NULL), WN_OK);
    assert_true(wn_str_eq(wn_lm_image(out), wn_lm_image(again)));
    lm_index_builder_free(b);
    wn_lm_free(again);
    wn_lm_free(out);
    wn_lm_free(lm);
}

static void bad_requests_are_refused(void **state)
{
    struct wn_lm *lm = texts_model("t1_toy", 1), *out;
    struct wn_err err;
    atomic_int stop = 1;
    struct wn_lm_room room = { .stop = &stop };

    (void)state;
    assert_int_equal(wn_lm_prune(&out, lm, -1.0, NULL, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_prune(&out, lm, NAN, NULL, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_prune(&out, lm, 1e-7, NULL, &room, &err), WN_CANCELLED);
    room = (struct wn_lm_room){ .memory_bytes = 100 };
    assert_int_equal(wn_lm_prune(&out, lm, 1e-7, NULL, &room, &err), WN_LIMIT);
    assert_null(out);
    assert_int_equal(wn_lm_prune(&out, lm, 1e-7, NULL, NULL, &err), WN_OK);      /* nothing to prune */
    assert_int_equal(wn_lm_vocab_size(out), wn_lm_vocab_size(lm));
    wn_lm_free(out);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_those_of_the_definition),
        cmocka_unit_test(a_cost_by_hand),
        cmocka_unit_test(a_threshold_of_zero_keeps_everything_that_matters),
        cmocka_unit_test(a_huge_threshold_leaves_the_words),
        cmocka_unit_test(pruned_probabilities_sum_to_one),
        cmocka_unit_test(perplexity_rises_with_the_threshold),
        cmocka_unit_test(what_stays_is_closed_and_unchanged),
        cmocka_unit_test(bad_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
