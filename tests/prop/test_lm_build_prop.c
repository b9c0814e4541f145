/*
 * test_lm_build_prop.c - what holds for an estimate of any text, in one part or many, on one
 * thread or three, in memory or on disk: seeds are tried in turn, the failing one is printed.
 */
#include "unit/lm_stream_record.h"

#include <math.h>

#include <winnow/rng.h>

#include "lm/lm_build.h"
#include "lm/lm_key.h"
#include "lm/lm_layout.h"

/* N_TOKENS words of N_WORDS, the earlier ones likelier, with some repeated phrases. */
static struct wn_counts *random_counts(uint64_t seed, uint64_t n_tokens, uint64_t n_words, unsigned order)
{
    struct wn_buf text = { 0 };
    struct wn_counts *c;
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
    for (uint64_t done = 0; done < n_tokens;) {
        uint64_t len = wn_rng_below(&rng, 20), phrase = wn_rng_below(&rng, n_words);

        for (uint64_t j = 0; j < len; j++) {
            uint64_t word = wn_rng_below(&rng, 3) ? phrase + j * j % 7
                                                  : wn_rng_below(&rng, 1 + wn_rng_below(&rng, n_words));

            wn_buf_addf(&text, "w%llu ", (unsigned long long)word);
        }
        wn_buf_addc(&text, '\n');
        done += len + 1;
    }
    c = fixture_counts(wn_buf_str(&text), order, WN_TOK_WHITESPACE);
    wn_buf_release(&text);
    return c;
}

static void record(struct stream_record *r, struct wn_counts *c, const struct wn_lm_opts *opts)
{
    const struct lm_consumer consumer = record_consumer(r), *list[] = { &consumer };
    struct wn_err err;

    if (lm_estimate_stream(c, false, opts, list, 1, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_true(r->ended);
}

/* Strictly ascending by last word, then the one before. */
static void check_order(const struct recorded_order *o, unsigned k)
{
    for (uint64_t i = 1; i < o->n; i++) {
        const uint32_t *a = o->words + (i - 1) * k, *b = o->words + i * k;
        unsigned j = k - 1;

        while (j > 0 && a[j] == b[j])
            j--;
        assert_true(a[j] < b[j]);
    }
}

/* Suffixes by rank, contexts there, left masks those of the n-grams above. */
static void check_links(const struct stream_record *r, unsigned k)
{
    const struct recorded_order *o = &r->at[k], *below = &r->at[k - 1];
    uint16_t *left = record_room(below->n, sizeof(*left));

    for (uint64_t i = 0; i < o->n; i++) {
        const uint32_t *w = o->words + i * k;

        assert_true(o->suffix[i] < below->n);
        assert_memory_equal(below->words + o->suffix[i] * (k - 1), w + 1, (k - 1) * sizeof(*w));
        assert_true(record_find(r, k - 1, w) != UINT64_MAX);
        left[o->suffix[i]] |= (uint16_t)(1u << lm_key_left_class(r->hash[w[0]]));
    }
    assert_memory_equal(left, below->left, below->n * sizeof(*left));
    free(left);
}

static void check_values(const struct stream_record *r, unsigned k)
{
    const struct recorded_order *o = &r->at[k];

    for (uint64_t i = 0; i < o->n; i++) {
        assert_true(o->prob[i] <= 0.0f && o->prob[i] >= LM_LOG_ZERO);
        assert_true(k == r->shape.order || (isfinite(o->backoff[i]) && o->backoff[i] >= LM_LOG_ZERO));
    }
}

static void streams_are_sorted_closed_and_linked(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        unsigned order = 1 + seed % WN_LM_MAX_ORDER;
        struct wn_lm_opts opts = { .smoothing = seed % 5 == 4 ? WN_SMOOTH_ML : WN_SMOOTH_KN };
        struct wn_counts *c = random_counts(seed, 200 + 200 * seed, 5 + 10 * seed, order);
        struct stream_record r;

        for (unsigned k = 2; opts.smoothing != WN_SMOOTH_ML && seed % 3 == 1 && k <= order; k++)
            opts.prune[k - 1] = opts.prune[k - 2] + (k + seed) % 2;
        record(&r, c, &opts);
        for (unsigned k = 1; k <= order; k++) {
            check_order(&r.at[k], k);
            check_values(&r, k);
            if (k > 1)
                check_links(&r, k);
        }
        record_release(&r);
        wn_counts_free(c);
    }
}

/* Enough N-grams for several parts; on disk with the least memory there can be. */
static void threads_and_memory_change_nothing(void **state)
{
    const struct wn_lm_room rooms[] = { { .jobs = 3 }, { .jobs = 2, .memory_bytes = UINT64_C(24) << 20 },
                                        { .jobs = 1, .memory_bytes = UINT64_C(16) << 20 } };
    struct wn_counts *c = random_counts(1, 200000, 3000, 5);
    struct wn_lm_opts opts = { .prune = { 0, 0, 0, 1, 1 } };
    struct stream_record want;

    (void)state;
    record(&want, c, &opts);
    for (unsigned k = 2; k <= 5; k++)
        check_links(&want, k);
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        struct stream_record got;

        opts.room = rooms[i];
        record(&got, c, &opts);
        if (!record_same(&got, &want))
            fail_msg("room %zu changes the stream", i);
        record_release(&got);
    }
    record_release(&want);
    wn_counts_free(c);
}

static double p_of(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word)
{
    return pow(10.0, wn_lm_prob(lm, history, n, word));
}

/* p(w | h) over all words but <s>, which no context predicts. */
static void probabilities_sum_to_one(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        unsigned order = 2 + seed % 6;
        struct wn_lm_opts opts = { .exact_last = seed % 2, .vocab_pad = 0,
                                   .no_unigram_interpolation = seed % 4 == 3 };
        struct wn_counts *c = random_counts(seed, 3000, 60, order);
        struct wn_lm *lm;
        struct wn_rng rng;

        for (unsigned k = 3; seed % 3 == 0 && k <= order; k++)
            opts.prune[k - 1] = 1;
        assert_int_equal(wn_lm_estimate(&lm, c, &opts, NULL, NULL), WN_OK);
        wn_rng_init(&rng, seed, WN_DOMAIN_SAMPLE, 0, 0, 0);
        for (int i = 0; i < 20; i++) {
            uint32_t h[WN_LM_MAX_ORDER];
            double sum = 0.0;

            for (unsigned j = 0; j + 1 < order; j++)
                h[j] = WN_LM_EOS + 1 + (uint32_t)wn_rng_below(&rng, wn_lm_vocab_size(lm) - WN_LM_EOS - 1);
            for (uint32_t w = 0; w < wn_lm_vocab_size(lm); w++)
                sum += w == WN_LM_BOS ? 0.0 : p_of(lm, h, order - 1, w);
            if (fabs(sum - 1.0) > 1e-5)
                fail_msg("seed %llu: probabilities sum to %.7f", (unsigned long long)seed, sum);
        }
        wn_lm_free(lm);
        wn_counts_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_sorted_closed_and_linked),
        cmocka_unit_test(threads_and_memory_change_nothing),
        cmocka_unit_test(probabilities_sum_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
