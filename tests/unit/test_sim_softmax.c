/*
 * The softmax engine: gradient steps worked out by hand, and count ratios as its limit.
 */
#include "unit/tokens_fixture.h"

#include "sim/softmax.h"

extern const struct sim_generator sim_softmax;

/* The stream 0 | 1 2 1 3 1 2 0 1 over four types, in two blocks. */
static void *small_text(const struct tokens_run *r)
{
    void *items = tokens_items(r, 2);

    tokens_set(r, items, 0, 0, (const uint32_t[]){ 1, 2, 1, 3 });
    tokens_set(r, items, 1, 3, (const uint32_t[]){ 1, 2, 0, 1 });
    return items;
}

static const struct wn_sim_opts small = { .seed = 5, .model = { .block = 4, .states = 4 } };

/* From zero, one step over both items moves row c, of n tokens, by rate / n times (its counts
 * less their mean): row 1 has the counts (0, 0, 2, 1). */
static void one_step_is_the_gradient_times_the_rate(void **state)
{
    struct wn_sim_opts opts = small;
    struct tokens_run r;
    void *items, *twos;
    double w0 = -0.3 / 4, w2 = w0 + 0.2, w3 = w0 + 0.1;

    (void)state;
    opts.model.learning_rate = 0.3;
    opts.model.epochs = 1;
    tokens_open(&r, &sim_softmax, &opts);
    items = small_text(&r);
    twos = tokens_items(&r, 1);
    tokens_fit(&r, 1, items, 2);
    tokens_set(&r, twos, 0, 1, (const uint32_t[]){ 2, 1, 2, 1 });
    /* row 2 has the counts (1, 1, 0, 0) */
    assert_true(fabs(tokens_surprise(&r, twos) -
                     (log(2 * exp(w0) + exp(w2) + exp(w3)) - w2 + log(2 * exp(0.15) + 2) - 0.15) / 2) < 1e-12);
    free(items);
    free(twos);
    tokens_close(&r);
}

/* With one item a step and a rate that falls to 0, two epochs on one item: rates r and r / 2. */
static void the_rate_falls_linearly_over_the_steps(void **state)
{
    struct wn_sim_opts opts = { .model = { .block = 2, .states = 2, .learning_rate = 1, .epochs = 2, .batch = 1 } };
    struct tokens_run r;
    void *items;
    double w = 0.5, p;

    (void)state;
    tokens_open(&r, &sim_softmax, &opts);
    items = tokens_items(&r, 1);
    tokens_set(&r, items, 0, 0, (const uint32_t[]){ 1, 0 });     /* 0 -> 1, 1 -> 0 */
    tokens_fit(&r, 1, items, 1);
    p = 1 / (1 + exp(-2 * w));                                   /* logits -w and w after the first */
    w += 0.5 * (1 - p);
    assert_true(fabs(tokens_surprise(&r, items) - log(1 + exp(-2 * w))) < 1e-12);
    free(items);
    tokens_close(&r);
}

static struct sim_metrics train(const struct wn_sim_opts *opts, unsigned epochs)
{
    struct wn_sim_opts longer = *opts;
    struct tokens_run r;
    struct sim_metrics m;
    void *items;

    longer.model.epochs = epochs;
    tokens_open(&r, &sim_softmax, &longer);
    items = tokens_items(&r, 40);
    tokens_real(&r, 0, items, 40);
    tokens_fit(&r, 1, items, 40);
    m = tokens_compare(&r, NULL, 0);
    free(items);
    tokens_close(&r);
    return m;
}

static void training_longer_comes_nearer_to_the_count_ratios(void **state)
{
    struct wn_sim_opts opts = { .seed = 9, .model.block = 50 };
    const unsigned epochs[] = { 1, 5, 25, 2000 };
    double gap = INFINITY, entropy = INFINITY;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sim_metrics m = train(&opts, epochs[i]);

        assert_true(tokens_metric(&m, "cross_entropy_gap") >= 0);
        assert_true(tokens_metric(&m, "cross_entropy_gap") < gap);
        assert_true(tokens_metric(&m, "cond_entropy") < entropy);
        assert_true(tokens_metric(&m, "cond_entropy") < log(20));
        gap = tokens_metric(&m, "cross_entropy_gap");
        entropy = tokens_metric(&m, "cond_entropy");
        assert_true(tokens_metric(&m, "lost_mass") == 0);        /* a softmax never forgets */
    }
    assert_true(gap < 4e-3);      /* pairs that never occur fade like 1 / steps */
}

static void a_model_that_stopped_early_keeps_more_bigrams(void **state)
{
    enum { N = 40, GENERATIONS = 6 };
    double left[2];

    (void)state;
    for (int longer = 0; longer < 2; longer++) {
        struct wn_sim_opts opts = { .seed = 13, .model = { .block = 50, .epochs = longer ? 300 : 1 } };
        struct tokens_run r;
        struct sim_metrics m;
        void *items;

        tokens_open(&r, &sim_softmax, &opts);
        items = tokens_items(&r, N);
        tokens_real(&r, 0, items, N);
        for (uint32_t g = 1; g <= GENERATIONS; g++) {
            tokens_fit(&r, g, items, N);
            m = tokens_compare(&r, NULL, 0);
            tokens_sample(&r, g, items, N);
        }
        left[longer] = tokens_metric(&m, "distinct_bigrams");
        free(items);
        tokens_close(&r);
    }
    assert_true(left[0] > 1.2 * left[1]);
}

static void what_is_drawn_has_the_model_s_probabilities(void **state)
{
    enum { N = 20000 };
    struct wn_sim_opts opts = small;
    struct tokens_run r;
    void *items, *drawn, *ask;
    size_t total, hits;

    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        double p;

        opts.sampling.temperature = cut ? 0.5 : 0;
        opts.model.epochs = 20;
        tokens_open(&r, &sim_softmax, &opts);
        items = small_text(&r);
        drawn = tokens_items(&r, N);
        ask = tokens_items(&r, 1);
        tokens_fit(&r, 1, items, 2);
        tokens_sample(&r, 1, drawn, N);
        for (uint32_t j = 0; j < 4; j++) {
            double q[4], sum = 0;

            for (uint32_t i = 0; i < 4; i++) {      /* p(i | j) and p(j | j), each twice */
                tokens_set(&r, ask, 0, j, (const uint32_t[]){ j, j, j, j });
                q[j] = exp(-tokens_surprise(&r, ask));
                tokens_set(&r, ask, 0, j, (const uint32_t[]){ j, j, j, i });
                q[i] = exp(-4 * tokens_surprise(&r, ask)) / pow(q[j], 3);
            }
            for (uint32_t i = 0; i < 4; i++)
                sum += cut ? q[i] * q[i] : q[i];
            for (uint32_t i = 0; i < 4; i++) {
                p = (cut ? q[i] * q[i] : q[i]) / sum;
                hits = tokens_follow(&r, drawn, N, j, i, &total);
                tokens_check_share(hits, total, p);
            }
        }
        free(items);
        free(drawn);
        free(ask);
        tokens_close(&r);
    }
}

/* Rows of logits 0, -x: p = 1 / (1 + e^x). */
static void probabilities_are_those_of_libm_to_1e_13(void **state)
{
    struct sim_softmax m = { 0 };

    (void)state;
    assert_int_equal(sim_softmax_init(&m, 2, NULL), WN_OK);
    for (double x = 1e-9; x < 690; x = x * 1.01 + 1e-3) {
        double logit[4] = { 0, -x, 3, 3 - x }, p[2], exact = exp(-x) / (1 + exp(-x));

        sim_softmax_set(&m, logit);
        sim_softmax_row(&m, 1, p);
        if (!(fabs(sim_softmax_p(&m, 0, 1) / exact - 1) < 1e-13) || !(fabs(p[0] + p[1] - 1) < 1e-15))
            fail_msg("x = %.17g: %.17g, expected %.17g", x, sim_softmax_p(&m, 0, 1), exact);
    }
    sim_softmax_release(&m);
}

static void equal_runs_are_equal_and_a_model_can_be_put_away(void **state)
{
    struct wn_sim_opts opts = { .seed = 7, .model.batch = 3 };
    struct tokens_run r;
    struct wn_err err = { 0 };
    void *real, *a, *b, *model;
    size_t size;

    (void)state;
    tokens_open(&r, &sim_softmax, &opts);
    size = 30 * r.gen->item_size(&r.opts);
    real = tokens_items(&r, 30);
    a = tokens_items(&r, 30);
    b = tokens_items(&r, 30);
    tokens_real(&r, 0, real, 30);
    tokens_fit(&r, 1, real, 30);
    tokens_sample(&r, 1, a, 30);
    model = r.gen->model_put(r.state);
    assert_non_null(model);
    tokens_fit(&r, 2, a, 30);
    tokens_sample(&r, 1, b, 30);
    assert_memory_not_equal(a, b, size);
    assert_int_equal(r.gen->model_take(r.state, model, &err), WN_OK);
    tokens_sample(&r, 1, b, 30);
    assert_memory_equal(a, b, size);
    tokens_fit(&r, 1, real, 30);
    tokens_sample(&r, 1, b, 30);
    assert_memory_equal(a, b, size);
    tokens_fit(&r, 3, real, 30);                   /* another order of the items */
    tokens_sample(&r, 1, b, 30);
    assert_memory_not_equal(a, b, size);
    free(real);
    free(a);
    free(b);
    tokens_close(&r);
}

static void settings_that_make_no_sense_are_named(void **state)
{
    const struct {
        struct wn_sim_opts opts;
        enum wn_status st;
        const char *says;
    } bad[] = {
        { { .model.states = 2001 }, WN_LIMIT, "limit of 2000" },
        { { .model.learning_rate = -0.1 }, WN_BADCONF, "learning rate" },
        { { .model.learning_rate = NAN }, WN_BADCONF, "learning rate" },
        { { .model.learning_rate = 1001 }, WN_BADCONF, "learning rate" },
        { { .model.truth = "torus" }, WN_BADCONF, "'torus'" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wn_err err = { 0 };

        assert_int_equal(tokens_refused(&sim_softmax, &bad[i].opts, &err), bad[i].st);
        if (!strstr(err.text, bad[i].says))
            fail_msg("'%s' does not say '%s'", err.text, bad[i].says);
    }
}

/* A rate far too large swings, but every probability stays one. */
static void a_rate_that_is_too_large_gives_no_nonsense(void **state)
{
    struct wn_sim_opts opts = { .seed = 2, .model = { .block = 1000, .learning_rate = 1000 } };
    struct sim_metrics m = train(&opts, 3);

    (void)state;
    assert_true(tokens_metric(&m, "cond_entropy") >= 0);
    assert_true(tokens_metric(&m, "tv") <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_is_the_gradient_times_the_rate),
        cmocka_unit_test(the_rate_falls_linearly_over_the_steps),
        cmocka_unit_test(training_longer_comes_nearer_to_the_count_ratios),
        cmocka_unit_test(a_model_that_stopped_early_keeps_more_bigrams),
        cmocka_unit_test(what_is_drawn_has_the_model_s_probabilities),
        cmocka_unit_test(probabilities_are_those_of_libm_to_1e_13),
        cmocka_unit_test(equal_runs_are_equal_and_a_model_can_be_put_away),
        cmocka_unit_test(settings_that_make_no_sense_are_named),
        cmocka_unit_test(a_rate_that_is_too_large_gives_no_nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
