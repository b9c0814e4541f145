/*
 * The bigram engine.  Reference means: tests/vectors/collapse/regression_kde_lm.json; the
 * rest are counts and probabilities worked out by hand next to each test.
 */
#include "unit/tokens_fixture.h"

#include "sim/bigram.h"
#include "support/vectors.h"

extern const struct sim_generator sim_bigram;

/* ---- the chain ------------------------------------------------------------------------------- */

static void blocks_of_one_call_are_one_stream_from_state_0(void **state)
{
    struct wn_sim_opts opts = { .seed = 3, .model.block = 7 };
    struct tokens_run r;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, 100);
    tokens_real(&r, 0, items, 100);
    tokens_fit(&r, 1, items, 100);
    for (int written = 0; written < 2; written++) {
        assert_int_equal(tokens_at(&r, items, 0)->before, 0);
        for (size_t i = 1; i < 100; i++)
            assert_int_equal(tokens_at(&r, items, i)->before, tokens_at(&r, items, i - 1)->token[6]);
        assert_int_equal(r.gen->tokens(tokens_at(&r, items, 99)), 7);
        tokens_sample(&r, 1, items, 100);
    }
    free(items);
    tokens_close(&r);
}

static void a_state_is_followed_with_the_weights_of_its_rotated_row(void **state)
{
    struct wn_sim_opts opts = { .seed = 4, .model = { .block = 1000, .states = 4 } };
    const double sum = 1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4;
    struct tokens_run r;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, 100);
    tokens_real(&r, 0, items, 100);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < 4; j++) {
            size_t total, hits = tokens_follow(&r, items, 100, i, j, &total);

            tokens_check_share(hits, total, 1 / (double)((j + 4 - i) % 4 + 1) / sum);
        }
    free(items);
    tokens_close(&r);
}

static const struct wn_jsonval *expected_of(const struct wn_jsonval *vectors, const char *id)
{
    const struct wn_jsonval *cases = wn_jsonval_get(vectors, "cases");

    for (size_t i = 0; i < wn_jsonval_size(cases); i++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, i), "id"), id) == 0)
            return wn_jsonval_get(wn_jsonval_at(cases, i), "expected");
    fail_msg("no vector '%s'", id);
    return NULL;
}

static void check_mean(const struct wn_jsonval *vectors, const char *id, const double *mean, unsigned n_runs)
{
    const struct wn_jsonval *expected = expected_of(vectors, id);

    assert_int_equal(wn_jsonval_size(expected), 5);
    for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, i);
        unsigned n = (unsigned)vectors_num(e, "n");
        double bound = 4 * vectors_num(e, "sd") / sqrt(n_runs) + 4 * vectors_num(e, "se");

        if (!(fabs(mean[n] - vectors_num(e, "value")) <= bound))
            fail_msg("%s, n = %u: mean %g, expected %g +- %g", id, n, mean[n], vectors_num(e, "value"), bound);
    }
}

/* Generation n's corpus is what model n was fitted on: n = 1 is the real one. */
static void replacing_meets_the_reference_bigrams_and_entropies(void **state)
{
    enum { RUNS = 200, GENERATIONS = 20, N = 40 };
    struct wn_jsonval *vectors = vectors_load("collapse/regression_kde_lm.json");
    struct wn_sim_opts opts = { .seed = 11, .model.block = 50 };
    double bigrams[GENERATIONS + 1] = { 0 }, entropy[GENERATIONS + 1] = { 0 };
    struct tokens_run r;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, N);
    for (uint32_t run = 0; run < RUNS; run++) {
        tokens_end(&r);
        tokens_begin(&r, run);
        tokens_real(&r, 0, items, N);
        for (uint32_t g = 1; g <= GENERATIONS; g++) {
            struct sim_metrics m;

            tokens_fit(&r, g, items, N);
            m = tokens_compare(&r, NULL, 0);
            bigrams[g] += tokens_metric(&m, "distinct_bigrams") / RUNS;
            entropy[g] += tokens_metric(&m, "cond_entropy") / RUNS;
            tokens_sample(&r, g, items, N);
        }
    }
    check_mean(vectors, "lm.bigram.E_bigrams", bigrams, RUNS);
    check_mean(vectors, "lm.bigram.E_cond_entropy", entropy, RUNS);
    free(items);
    tokens_close(&r);
    wn_jsonval_free(vectors);
}

static void accumulating_keeps_more_bigrams_than_replacing(void **state)
{
    enum { N = 40, GENERATIONS = 8 };
    struct wn_sim_opts opts = { .seed = 12, .model.block = 50 };
    double left[2];
    struct tokens_run r;
    char *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, N * GENERATIONS);
    for (int keep = 0; keep < 2; keep++) {
        size_t size = N * r.gen->item_size(&r.opts), kept = 0;
        struct sim_metrics m;

        tokens_real(&r, 0, items, N);
        for (uint32_t g = 1; g < GENERATIONS; g++) {
            tokens_fit(&r, g, items, N * (kept + 1));
            kept = keep ? g : 0;
            tokens_sample(&r, g, items + kept * size, N);
        }
        tokens_fit(&r, GENERATIONS, items, N * (kept + 1));
        m = tokens_compare(&r, NULL, 0);
        left[keep] = tokens_metric(&m, "lost_mass");
    }
    assert_true(left[1] < 0.2 * left[0]);
    free(items);
    tokens_close(&r);
}

/* ---- the model ---------------------------------------------------------------------------------- */

/* The stream 0 | 1 2 1 3 1 2 0 1 over four types, in two blocks. */
static void *small_text(const struct tokens_run *r)
{
    void *items = tokens_items(r, 2);

    tokens_set(r, items, 0, 0, (const uint32_t[]){ 1, 2, 1, 3 });
    tokens_set(r, items, 1, 3, (const uint32_t[]){ 1, 2, 0, 1 });
    return items;
}

static const struct wn_sim_opts small = { .seed = 5, .model = { .block = 4, .states = 4 } };

/* Contexts: 0 -> 1 1; 1 -> 2 3 2; 2 -> 1 0; 3 -> 1.  Tokens: 0 once, 1 four times, 2 twice, 3 once. */
static void measures_of_a_small_text_are_those_counted_by_hand(void **state)
{
    struct tokens_run r;
    struct sim_metrics m;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = small_text(&r);
    tokens_fit(&r, 1, items, 2);
    m = tokens_compare(&r, items, 2);
    assert_true(tokens_metric(&m, "types") == 4);
    assert_true(tokens_metric(&m, "distinct_bigrams") == 6);
    assert_true(fabs(tokens_metric(&m, "unigram_entropy") - (2 * log(8) / 8 + log(2) / 2 + log(4) / 4)) < 1e-12);
    assert_true(fabs(tokens_metric(&m, "cond_entropy") -
                     (3.0 / 8 * (2.0 / 3 * log(1.5) + log(3) / 3) + 2.0 / 8 * log(2))) < 1e-12);
    assert_true(tokens_metric(&m, "distinct_1") == 4.0 / 8);
    assert_true(tokens_metric(&m, "distinct_2") == 6.0 / 8);
    assert_true(isnan(tokens_metric(&m, "kl")));          /* pairs of the truth are lost: infinite */
    assert_true(tokens_metric(&m, "lost_mass") > 0);
    assert_true(tokens_metric(&m, "tv") > tokens_metric(&m, "lost_mass") - 1e-12);
    free(items);
    tokens_close(&r);
}

static void surprise_is_the_mean_log_of_count_ratios(void **state)
{
    struct tokens_run r;
    void *items, *other;
    double nats;
    struct wn_err err = { 0 };

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = small_text(&r);
    other = tokens_items(&r, 1);
    tokens_fit(&r, 1, items, 2);
    /* p: 1 given 0: 1; 2 given 1: 2/3; 1 given 2: 1/2; 3 given 1: 1/3 */
    assert_true(fabs(tokens_surprise(&r, items) - (log(1.5) + log(2) + log(3)) / 4) < 1e-12);
    assert_int_equal(r.gen->quality(r.state, items, 1, &nats, &err), WN_OK);
    assert_true(nats == -tokens_surprise(&r, items));
    tokens_set(&r, other, 0, 0, (const uint32_t[]){ 1, 2, 2, 1 });     /* 2 given 2 is impossible */
    assert_true(fabs(tokens_surprise(&r, other) - (log(1.5) + SIM_IMPOSSIBLE_NATS + log(2)) / 4) < 1e-12);
    free(items);
    free(other);
    tokens_close(&r);
}

static void quality_is_asked_of_the_first_model(void **state)
{
    struct tokens_run r;
    void *items, *again;
    double before, after;
    struct wn_err err = { 0 };

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = small_text(&r);
    again = tokens_items(&r, 1);
    tokens_set(&r, again, 0, 0, (const uint32_t[]){ 2, 2, 2, 2 });
    tokens_fit(&r, 1, items, 2);
    assert_int_equal(r.gen->quality(r.state, items, 1, &before, &err), WN_OK);
    tokens_fit(&r, 2, again, 1);
    assert_int_equal(r.gen->quality(r.state, items, 1, &after, &err), WN_OK);
    assert_true(before == after);
    assert_true(tokens_surprise(&r, items) > 0 - after);
    free(items);
    free(again);
    tokens_close(&r);
}

static void what_is_drawn_has_the_count_ratios(void **state)
{
    enum { N = 20000 };
    struct tokens_run r;
    void *items, *drawn;
    size_t total, hits;

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = small_text(&r);
    drawn = tokens_items(&r, N);
    tokens_fit(&r, 1, items, 2);
    tokens_sample(&r, 1, drawn, N);
    hits = tokens_follow(&r, drawn, N, 1, 2, &total);
    tokens_check_share(hits, total, 2.0 / 3);
    hits = tokens_follow(&r, drawn, N, 2, 0, &total);
    tokens_check_share(hits, total, 0.5);
    assert_int_equal(tokens_follow(&r, drawn, N, 1, 1, &total), 0);
    hits = tokens_follow(&r, drawn, N, 3, 1, &total);
    assert_int_equal(hits, total);
    free(items);
    free(drawn);
    tokens_close(&r);
}

/* Type 3 ends the text and is a context nowhere. */
static void behind_an_unseen_context_all_types_are_equally_likely(void **state)
{
    enum { N = 20000 };
    struct wn_sim_opts opts = small;
    struct tokens_run r;
    void *items, *drawn;

    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        size_t total, hits;

        opts.sampling.min_p = cut ? 0.5 : 0;     /* keeps 1/4 of 1/4 and 3/8 of 3/8 */
        tokens_open(&r, &sim_bigram, &opts);
        items = tokens_items(&r, 1);
        drawn = tokens_items(&r, N);
        tokens_set(&r, items, 0, 0, (const uint32_t[]){ 0, 1, 0, 3 });
        tokens_fit(&r, 1, items, 1);
        tokens_sample(&r, 1, drawn, N);
        for (uint32_t j = 0; j < 4; j++) {
            hits = tokens_follow(&r, drawn, N, 3, j, &total);
            tokens_check_share(hits, total, 0.25);
        }
        tokens_set(&r, items, 0, 3, (const uint32_t[]){ 3, 3, 3, 3 });
        assert_true(fabs(tokens_surprise(&r, items) - log(4)) < 1e-12);
        free(items);
        free(drawn);
        tokens_close(&r);
    }
}

static void add_k_moves_mass_to_every_type(void **state)
{
    enum { N = 20000 };
    struct wn_sim_opts opts = small;
    struct tokens_run r;
    struct sim_metrics m;
    void *items, *drawn;
    size_t total, hits;
    double h1, h0, h2, h3;

    (void)state;
    opts.model.add = 0.5;                        /* context 1: (2, 1 of 3) -> 2.5, 1.5, 0.5, 0.5 of 5 */
    tokens_open(&r, &sim_bigram, &opts);
    items = small_text(&r);
    drawn = tokens_items(&r, N);
    tokens_fit(&r, 1, items, 2);
    tokens_sample(&r, 1, drawn, N);
    hits = tokens_follow(&r, drawn, N, 1, 2, &total);
    tokens_check_share(hits, total, 0.5);
    hits = tokens_follow(&r, drawn, N, 1, 1, &total);
    tokens_check_share(hits, total, 0.1);
    m = tokens_compare(&r, NULL, 0);
    assert_false(isnan(tokens_metric(&m, "kl")));
    assert_true(tokens_metric(&m, "lost_mass") == 0);
    h0 = 2.5 / 4 * log(4 / 2.5) + 3 * 0.125 * log(8);
    h1 = 0.5 * log(2) + 0.3 * log(5 / 1.5) + 0.2 * log(10);
    h2 = 2 * 1.5 / 4 * log(4 / 1.5) + 2 * 0.125 * log(8);
    h3 = 0.5 * log(2) + 3.0 / 6 * log(6);
    assert_true(fabs(tokens_metric(&m, "cond_entropy") - (2 * h0 + 3 * h1 + 2 * h2 + h3) / 8) < 1e-12);
    free(items);
    free(drawn);
    tokens_close(&r);
}

static void a_temperature_and_cuts_bend_every_row(void **state)
{
    enum { N = 20000 };
    struct wn_sim_opts opts = small;
    struct tokens_run r;
    void *items, *drawn;
    size_t total, hits;

    (void)state;
    for (int with_add = 0; with_add < 2; with_add++) {
        opts.model.add = with_add ? 0.5 : 0;
        opts.sampling = (struct wn_sim_sampling){ .temperature = 0.5 };
        tokens_open(&r, &sim_bigram, &opts);
        items = small_text(&r);
        drawn = tokens_items(&r, N);
        tokens_fit(&r, 1, items, 2);
        tokens_sample(&r, 1, drawn, N);
        hits = tokens_follow(&r, drawn, N, 1, 2, &total);
        tokens_check_share(hits, total, with_add ? 6.25 / (6.25 + 2.25 + 0.5) : 4.0 / 5);
        tokens_close(&r);
        opts.sampling = (struct wn_sim_sampling){ .top_k = 1 };       /* ties go to the lower id */
        tokens_open(&r, &sim_bigram, &opts);
        tokens_fit(&r, 1, items, 2);
        tokens_sample(&r, 1, drawn, N);
        assert_memory_equal(tokens_at(&r, drawn, 0)->token, ((uint32_t[]){ 1, 2, 0, 1 }), 16);
        assert_memory_equal(tokens_at(&r, drawn, N - 1)->token + 1, tokens_at(&r, drawn, N - 4)->token + 1, 12);
        free(items);
        free(drawn);
        tokens_close(&r);
    }
}

static void equal_keys_are_equal_draws_and_others_differ(void **state)
{
    struct wn_sim_opts opts = { .seed = 6 };
    struct tokens_run r;
    size_t size;
    void *real, *a, *b;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    real = tokens_items(&r, 50);
    a = tokens_items(&r, 50);
    b = tokens_items(&r, 50);
    size = 50 * r.gen->item_size(&r.opts);
    tokens_real(&r, 0, real, 50);
    tokens_fit(&r, 1, real, 50);
    tokens_sample(&r, 1, a, 50);
    (void)tokens_compare(&r, a, 50);             /* looking does not change a draw */
    tokens_sample(&r, 1, b, 50);
    assert_memory_equal(a, b, size);
    tokens_sample(&r, 2, b, 50);
    assert_memory_not_equal(a, b, size);
    tokens_end(&r);
    tokens_begin(&r, 1);
    tokens_real(&r, 0, b, 50);
    assert_memory_not_equal(real, b, size);
    free(real);
    free(a);
    free(b);
    tokens_close(&r);
}

static void a_model_that_was_put_away_draws_the_same_again(void **state)
{
    struct wn_sim_opts opts = { .seed = 7 };
    struct tokens_run r;
    struct wn_err err = { 0 };
    void *a, *b, *c, *model;

    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        opts.sampling.top_p = cut ? 0.9 : 0;
        tokens_open(&r, &sim_bigram, &opts);
        a = tokens_items(&r, 30);
        b = tokens_items(&r, 30);
        c = tokens_items(&r, 60);
        tokens_real(&r, 0, a, 30);
        tokens_fit(&r, 1, a, 30);
        tokens_sample(&r, 1, a, 30);
        model = r.gen->model_put(r.state);
        assert_non_null(model);
        tokens_real(&r, 1, c, 60);
        tokens_fit(&r, 2, c, 60);
        tokens_sample(&r, 1, b, 30);
        assert_memory_not_equal(a, b, 30 * r.gen->item_size(&r.opts));
        assert_int_equal(r.gen->model_take(r.state, model, &err), WN_OK);
        tokens_sample(&r, 1, b, 30);
        assert_memory_equal(a, b, 30 * r.gen->item_size(&r.opts));
        free(a);
        free(b);
        free(c);
        tokens_close(&r);
    }
}

/* Probabilities in the first block: 1, 2/3, 1/2, 1/3; in the second: 1, 2/3, 1/2, 1. */
static void an_edit_redraws_the_likely_tokens_only(void **state)
{
    struct tokens_run r;
    struct wn_err err = { 0 };
    struct sim_block *in, *out;
    void *items, *edited;
    bool changed = false, from_old_context = false;

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = small_text(&r);
    edited = tokens_items(&r, 2);
    tokens_fit(&r, 1, items, 2);
    for (uint32_t g = 1; g < 40; g++) {
        assert_int_equal(r.gen->edit(r.state, g, 0, items, 2, 0.6, edited, &err), WN_OK);
        for (size_t i = 0; i < 2; i++) {
            in = tokens_at(&r, items, i);
            out = tokens_at(&r, edited, i);
            assert_int_equal(out->before, in->before);
            assert_int_equal(out->n, 4);
            assert_int_equal(out->token[2], in->token[2]);
            assert_true(out->token[1] == 2 || out->token[1] == 3);
            changed |= out->token[1] != in->token[1];
        }
        assert_int_equal(tokens_at(&r, edited, 0)->token[3], 3);
        /* with 1/2 the third goes too: behind the old 2 it may be 0, behind a new 3 it may not */
        assert_int_equal(r.gen->edit(r.state, g, 0, items, 1, 0.5, edited, &err), WN_OK);
        out = tokens_at(&r, edited, 0);
        from_old_context |= out->token[1] == 3 && out->token[2] == 0;
    }
    assert_true(changed);
    assert_true(from_old_context);
    free(items);
    free(edited);
    tokens_close(&r);
}

static void copies_have_equal_fingerprints_whatever_stood_in_front(void **state)
{
    struct tokens_run r;
    struct wn_err err = { 0 };
    uint64_t print[3];
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &small);
    items = tokens_items(&r, 3);
    tokens_set(&r, items, 0, 0, (const uint32_t[]){ 1, 2, 3, 0 });
    tokens_set(&r, items, 1, 2, (const uint32_t[]){ 1, 2, 3, 0 });
    tokens_set(&r, items, 2, 0, (const uint32_t[]){ 1, 2, 3, 1 });
    assert_int_equal(r.gen->fingerprint(r.state, items, 3, print, &err), WN_OK);
    assert_true(print[0] == print[1]);
    assert_true(print[0] != print[2]);
    free(items);
    tokens_close(&r);
}

/* Against a plain V x V table, for several ways to cut the same stream. */
static void counts_do_not_depend_on_the_cut_into_blocks(void **state)
{
    enum { V = 30, T = 3000 };
    uint32_t table[V][V] = { { 0 } };
    uint32_t *stream = malloc(T * sizeof(*stream));
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 8, WN_DOMAIN_REAL, 0, 0, 0);
    for (size_t i = 0; i < T; i++) {
        stream[i] = (uint32_t)(wn_rng_u01(&rng) * wn_rng_u01(&rng) * V);
        table[i ? stream[i - 1] : 0][stream[i]]++;
    }
    for (uint32_t block = 1; block <= T; block *= block < 10 ? 10 : 30) {
        struct wn_sim_opts opts = { .model = { .block = block, .states = V } };
        struct sim_bigrams b = { 0 };
        struct tokens_run r;
        void *items;

        tokens_open(&r, &sim_bigram, &opts);
        items = tokens_items(&r, T / block);
        for (size_t i = 0; i < T / block; i++)
            tokens_set(&r, items, i, i ? stream[i * block - 1] : 0, stream + i * block);
        assert_int_equal(sim_bigrams_init(&b, V, NULL), WN_OK);
        assert_int_equal(sim_bigrams_count(&b, &(struct sim_blocks){ items, T / block, block, NULL }, NULL), WN_OK);
        assert_int_equal(sim_bigrams_index(&b, NULL), WN_OK);
        for (uint32_t i = 0; i < V; i++)
            for (uint32_t j = 0; j < V; j++)
                assert_int_equal(sim_bigrams_of(&b, i, j), table[i][j]);
        sim_bigrams_release(&b);
        free(items);
        tokens_close(&r);
    }
    free(stream);
}

/* ---- the corpus -------------------------------------------------------------------------------------- */

/* 20 tokens with the ends of documents (id 0): the last two, "e" and an end, are held out. */
static const struct wn_sim_text documents[] = {
    { { "1", 1 }, { "a b a c", 7 } },
    { { "2", 1 }, { "c d a b a", 9 } },
    { { "3", 1 }, { "b b a a a a a e", 15 } },
};
static const struct wn_sim_text no_words = { { "4", 1 }, { "", 0 } };

static void a_corpus_comes_in_order_slice_after_slice(void **state)
{
    static const uint32_t stream[] = { 1, 2, 1, 3, 0, 3, 4, 1, 2, 1, 0, 2, 2, 1, 1, 1, 1 };
    struct wn_sim_opts opts = { .texts = documents, .n_texts = 3, .model.block = 4 };
    struct wn_err err = { 0 };
    struct tokens_run r;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, 4);
    tokens_real(&r, 0, items, 3);
    tokens_real(&r, 1, tokens_at(&r, items, 3), 1);
    for (size_t i = 0; i < 4; i++) {
        assert_memory_equal(tokens_at(&r, items, i)->token, stream + 4 * i, 16);
        assert_int_equal(tokens_at(&r, items, i)->before, i ? stream[4 * i - 1] : 0);
    }
    assert_int_equal(r.gen->real(r.state, 2, 0, items, 1, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "too small"));
    free(items);
    tokens_close(&r);
}

/* The held-out tokens are e (a word nobody has seen, behind a) and the end of a document
 * behind e: an unseen context, so 1/6 each over the 6 types. */
static void held_out_text_shows_what_the_model_lacks(void **state)
{
    struct wn_sim_opts opts = { .texts = documents, .n_texts = 3, .model.block = 4 };
    struct tokens_run r;
    struct sim_metrics m;
    void *items;

    (void)state;
    for (int with_add = 0; with_add < 2; with_add++) {
        opts.model.add = with_add;
        tokens_open(&r, &sim_bigram, &opts);
        items = tokens_items(&r, 4);
        tokens_real(&r, 0, items, 4);
        tokens_fit(&r, 1, items, 4);
        m = tokens_compare(&r, NULL, 0);
        assert_true(tokens_metric(&m, "oov_share") == 0.5);
        assert_true(tokens_metric(&m, "impossible_share") == (with_add ? 0 : 0.5));
        if (with_add)   /* a is a context 6 times in 16 tokens; add 1: 1/12 */
            assert_true(fabs(tokens_metric(&m, "heldout_nll") - (log(12) + log(6)) / 2) < 1e-12);
        else
            assert_true(isnan(tokens_metric(&m, "heldout_nll")));
        free(items);
        tokens_close(&r);
    }
}

/* Four types: the end, a (9 of the first 18), b (4); c, d and e become the last one. */
static void rare_words_share_one_type(void **state)
{
    static const uint32_t stream[] = { 1, 2, 1, 3, 0, 3, 3, 1, 2, 1, 0, 2, 2, 1, 1, 1 };
    struct wn_sim_opts opts = { .texts = documents, .n_texts = 3, .model = { .block = 16, .states = 4 } };
    struct tokens_run r;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, 1);
    tokens_real(&r, 0, items, 1);
    assert_memory_equal(tokens_at(&r, items, 0)->token, stream, sizeof(stream));
    free(items);
    tokens_close(&r);
}

/* ---- in the loop ------------------------------------------------------------------------------------------ */

static enum wn_status keep_line(void *arg, struct wn_str line, struct wn_err *err)
{
    (void)err;
    wn_buf_add(arg, line);
    return WN_OK;
}

static void a_trace_has_the_same_bytes_for_any_number_of_jobs(void **state)
{
    static const enum wn_regime regimes[] = { WN_REGIME_REPLACE, WN_REGIME_ACCUMULATE, WN_REGIME_FRESH_REAL,
                                              WN_REGIME_GENERAL, WN_REGIME_EDIT };
    enum { N_REGIMES = 5 };
    struct wn_policy policies[N_REGIMES];
    struct wn_sim_opts opts = { .policies = policies, .n_policies = N_REGIMES, .generations = 3, .replicates = 3,
                                .seed = 14, .n = 20, .model.block = 30 };

    (void)state;
    for (size_t i = 0; i < N_REGIMES; i++) {
        wn_policy_init(&policies[i]);
        snprintf(policies[i].name, sizeof(policies[i].name), "p%zu", i);
        policies[i].regime = regimes[i];
        policies[i].real_share = 0.3;
        policies[i].alpha = 0.5;
        policies[i].beta = policies[i].gamma = 0.25;
        policies[i].edit_above = 0.2;
    }
    for (int e = 0; e < 2; e++) {
        struct wn_buf trace[2] = { { 0 }, { 0 } };
        struct wn_err err = { 0 };

        opts.engine = e ? "softmax" : "bigram";
        for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
            opts.jobs = jobs;
            if (wn_simulate(&opts, keep_line, &trace[jobs / 2], &err) != WN_OK)
                fail_msg("%s: %s", opts.engine, err.text);
        }
        assert_true(trace[0].len > 10000);
        assert_int_equal(trace[0].len, trace[1].len);
        assert_memory_equal(trace[0].ptr, trace[1].ptr, trace[0].len);
        wn_buf_release(&trace[0]);
        wn_buf_release(&trace[1]);
    }
}

/* ---- limits --------------------------------------------------------------------------------------------- */

static void settings_that_make_no_sense_are_named(void **state)
{
    const struct {
        struct wn_sim_opts opts;
        enum wn_status st;
        const char *says;
    } bad[] = {
        { { .model.truth = "torus" }, WN_BADCONF, "'torus'" },
        { { .model.add = -1 }, WN_BADCONF, "add-k" },
        { { .model.add = NAN }, WN_BADCONF, "add-k" },
        { { .model.block = SIM_MAX_BLOCK + 1 }, WN_LIMIT, "block" },
        { { .model.states = 1 << 25 }, WN_LIMIT, "states" },
        { { .texts = documents, .n_texts = 3, .model.truth = "chain" }, WN_BADCONF, "leave one" },
        { { .texts = documents, .n_texts = 3, .model.states = 1 }, WN_BADCONF, "2 states" },
        { { .texts = &no_words, .n_texts = 1 }, WN_BADCONF, "too small" },
        { { .model = { .add = 1, .states = 3000 }, .sampling.top_k = 5 }, WN_LIMIT, "add-k" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wn_err err = { 0 };

        assert_int_equal(tokens_refused(&sim_bigram, &bad[i].opts, &err), bad[i].st);
        if (!strstr(err.text, bad[i].says))
            fail_msg("'%s' does not say '%s'", err.text, bad[i].says);
    }
}

/* 18 tokens are 4 blocks of 4. */
static void a_corpus_too_small_for_the_policy_is_refused_at_the_start(void **state)
{
    struct wn_policy p;
    struct wn_sim_opts opts = { .texts = documents, .n_texts = 3, .policies = &p, .n_policies = 1, .generations = 3,
                                .n = 5, .model.block = 4 };
    struct wn_err err = { 0 };
    void *world = NULL;

    (void)state;
    wn_policy_init(&p);
    assert_int_equal(tokens_refused(&sim_bigram, &opts, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "5 blocks of 4 human tokens"));
    opts.n = 4;
    assert_int_equal(sim_bigram.open(&world, &opts, &err), WN_OK);
    sim_bigram.close(world);
    p.regime = WN_REGIME_FRESH_REAL;
    p.real_share = 0.25;
    assert_int_equal(tokens_refused(&sim_bigram, &opts, &err), WN_BADCONF);
    p.real_from_first = true;
    assert_int_equal(sim_bigram.open(&world, &opts, &err), WN_OK);
    sim_bigram.close(world);
}

static void one_state_and_one_token_are_enough(void **state)
{
    struct wn_sim_opts opts = { .model = { .block = 1, .states = 1 } };
    struct tokens_run r;
    struct sim_metrics m;
    void *items;

    (void)state;
    tokens_open(&r, &sim_bigram, &opts);
    items = tokens_items(&r, 1);
    tokens_real(&r, 0, items, r.gen->min_items(&r.opts));
    tokens_fit(&r, 1, items, 1);
    tokens_sample(&r, 1, items, 1);
    m = tokens_compare(&r, items, 1);
    assert_true(tokens_metric(&m, "types") == 1);
    assert_true(tokens_metric(&m, "cond_entropy") == 0);
    assert_true(tokens_metric(&m, "kl") == 0);
    assert_true(tokens_metric(&m, "first_nll") == 0);
    free(items);
    tokens_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_one_call_are_one_stream_from_state_0),
        cmocka_unit_test(a_state_is_followed_with_the_weights_of_its_rotated_row),
        cmocka_unit_test(replacing_meets_the_reference_bigrams_and_entropies),
        cmocka_unit_test(accumulating_keeps_more_bigrams_than_replacing),
        cmocka_unit_test(measures_of_a_small_text_are_those_counted_by_hand),
        cmocka_unit_test(surprise_is_the_mean_log_of_count_ratios),
        cmocka_unit_test(quality_is_asked_of_the_first_model),
        cmocka_unit_test(what_is_drawn_has_the_count_ratios),
        cmocka_unit_test(behind_an_unseen_context_all_types_are_equally_likely),
        cmocka_unit_test(add_k_moves_mass_to_every_type),
        cmocka_unit_test(a_temperature_and_cuts_bend_every_row),
        cmocka_unit_test(equal_keys_are_equal_draws_and_others_differ),
        cmocka_unit_test(a_model_that_was_put_away_draws_the_same_again),
        cmocka_unit_test(an_edit_redraws_the_likely_tokens_only),
        cmocka_unit_test(copies_have_equal_fingerprints_whatever_stood_in_front),
        cmocka_unit_test(counts_do_not_depend_on_the_cut_into_blocks),
        cmocka_unit_test(a_corpus_comes_in_order_slice_after_slice),
        cmocka_unit_test(held_out_text_shows_what_the_model_lacks),
        cmocka_unit_test(rare_words_share_one_type),
        cmocka_unit_test(a_trace_has_the_same_bytes_for_any_number_of_jobs),
        cmocka_unit_test(settings_that_make_no_sense_are_named),
        cmocka_unit_test(a_corpus_too_small_for_the_policy_is_refused_at_the_start),
        cmocka_unit_test(one_state_and_one_token_are_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
