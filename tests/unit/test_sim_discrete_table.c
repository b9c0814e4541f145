/*
 * The table of the engine "discrete": metrics against those of whole laws, draws, what
 * policies see, models put away, batches, and what is refused.
 */
#include "unit/sim_drive.h"

#include "sim/measure.h"
#include "sim/theory.h"

extern const struct sim_generator sim_discrete;

static struct wn_sim_opts zipf(double s, uint64_t states, uint64_t n)
{
    return (struct wn_sim_opts){ .n = n, .model = { .states = states, .zipf = s } };
}

static struct drive opened(const struct wn_sim_opts *opts)
{
    struct drive d;

    drive_open(&d, &sim_discrete, opts);
    return d;
}

/* ---- metrics ---------------------------------------------------------------------------- */

enum { K = 40 };

static void metrics_are_those_of_the_whole_law(void **state)
{
    static const uint32_t item[] = { 0, 0, 0, 0, 1, 1, 2, 7, 7, 7, 39, 38, 38, 0, 3, 1 };
    enum { N = sizeof(item) / sizeof(item[0]) };
    struct wn_sim_opts opts = zipf(1.2, K, N);
    struct sim_data data = { .item = item, .n = N };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    double *p0, p[K] = { 0 }, l2 = 0;
    struct drive d;

    (void)state;
    opts.model.zipf_shift = 2.7;
    d = opened(&opts);
    assert_int_equal(sim_theory_zipf_new(1.2, 2.7, K, &p0, NULL), WN_OK);
    drive_begin(&d, 0);
    assert_int_equal(sim_discrete.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &m, NULL), WN_OK);
    for (size_t i = 0; i < N; i++)
        p[item[i]] += 1.0 / N;
    for (size_t i = 0; i < K; i++)
        l2 += (p[i] - p0[i]) * (p[i] - p0[i]);
    assert_true(fabs(drive_metric(&m, "simpson") - sim_simpson(p, K)) < 1e-14);
    assert_true(drive_metric(&m, "states") == sim_support(p, K));
    assert_true(fabs(drive_metric(&m, "entropy") - sim_entropy(p, K)) < 1e-14);
    assert_true(fabs(drive_metric(&m, "tv") - sim_total_variation(p, p0, K)) < 1e-14);
    assert_true(fabs(drive_metric(&m, "lost_mass") - sim_lost_mass(p0, p, K)) < 1e-14);
    assert_true(fabs(drive_metric(&m, "hill_2") - sim_hill(p, K, 2)) < 1e-12);
    assert_true(fabs(drive_metric(&m, "effective_states") - sim_hill(p, K, 1)) < 1e-12);
    assert_true(fabs(drive_metric(&m, "kl_reverse") - sim_kl(p, p0, K)) < 1e-13);
    assert_true(fabs(drive_metric(&m, "l2_truth") - l2) < 1e-14);
    assert_true(drive_metric(&m, "p_first") == 5.0 / 16 && drive_metric(&m, "l2_first") == 0);
    assert_true(isnan(drive_metric(&m, "kl")) && isnan(drive_metric(&m, "absorbed_at")));
    free(p0);
    drive_end(&d);
    drive_close(&d);
}

static void a_smoothed_law_has_both_divergences(void **state)
{
    static const uint32_t item[] = { 0, 0, 1 };
    const double weight[] = { 1, 0.5, 2.5 }, law[3] = { 0.5, 0.25, 0.25 }, p[3] = { 2.0 / 5.5, 3.0 / 5.5, 0.5 / 5.5 };
    struct wn_sim_opts opts = { .n = 3, .model = { .states = 3, .law = law, .add = 0.5 } };
    struct sim_data data = { .item = item, .n = 3, .weight = weight };
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };
    struct drive d = opened(&opts);

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(sim_discrete.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(fabs(drive_metric(&m, "kl") - sim_kl(law, p, 3)) < 1e-14);
    assert_true(fabs(drive_metric(&m, "kl_reverse") - sim_kl(p, law, 3)) < 1e-14);
    assert_true(fabs(drive_metric(&m, "tv") - sim_total_variation(law, p, 3)) < 1e-14);
    assert_true(drive_metric(&m, "lost_mass") == 0);
    drive_end(&d);
    drive_close(&d);
}

/* ---- the table's other functions -------------------------------------------------------- */

static void draws_depend_on_generation_and_index_alone(void **state)
{
    struct wn_sim_opts opts = zipf(1, 50, 100);
    struct drive d = opened(&opts);
    uint32_t a[100], b[100], c[100];
    struct sim_data data = { .item = a, .n = 100 };

    (void)state;
    drive_begin(&d, 3);
    assert_int_equal(sim_discrete.real(d.state, 2, 0, a, 100, NULL), WN_OK);
    assert_int_equal(sim_discrete.real(d.state, 2, 40, b, 60, NULL), WN_OK);
    assert_memory_equal(a + 40, b, 60 * sizeof(*a));
    assert_int_equal(sim_discrete.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.sample(d.state, 1, 0, b, 100, NULL), WN_OK);
    assert_int_equal(sim_discrete.sample(d.state, 1, 7, c, 93, NULL), WN_OK);
    assert_memory_equal(b + 7, c, 93 * sizeof(*c));
    assert_int_equal(sim_discrete.sample(d.state, 2, 0, c, 100, NULL), WN_OK);
    assert_memory_not_equal(b, c, sizeof(b));
    drive_end(&d);
    drive_close(&d);
}

static void policies_see_the_law_of_the_truth_and_of_the_model(void **state)
{
    static const uint32_t item[] = { 0, 0, 0, 2 };
    const double law[3] = { 0.5, 0.3, 0.2 };
    struct wn_sim_opts opts = { .n = 4, .model = { .states = 3, .law = law } };
    struct sim_data data = { .item = item, .n = 4 };
    struct drive d = opened(&opts);
    uint32_t other[3] = { 0, 1, 2 };
    uint64_t print[4];
    double x[4];

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(sim_discrete.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.quality(d.state, item, 4, x, NULL), WN_OK);
    assert_true(x[0] == 0.5 && x[3] == 0.2);
    assert_int_equal(sim_discrete.surprise(d.state, other, 3, x, NULL), WN_OK);
    assert_true(fabs(x[0] + log(0.75)) < 1e-15 && fabs(x[2] + log(0.25)) < 1e-15 && isinf(x[1]) && x[1] > 0);
    assert_int_equal(sim_discrete.fingerprint(d.state, item, 4, print, NULL), WN_OK);
    assert_true(print[0] == print[1] && print[0] != print[3]);
    drive_end(&d);
    drive_close(&d);
}

static void a_model_that_was_put_away_comes_back(void **state)
{
    static const uint32_t early[] = { 0, 0, 1, 2 }, late[] = { 3, 3, 3, 3 };
    struct wn_sim_opts opts = zipf(0, 4, 4);
    struct sim_data data = { .item = early, .n = 4 };
    struct sim_view view = { .generation = 2 };
    struct sim_metrics m = { .n = 0 };
    struct drive d = opened(&opts);
    uint32_t before[20], after[20];
    void *kept;

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(sim_discrete.fit(d.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.sample(d.state, 1, 0, before, 20, NULL), WN_OK);
    kept = sim_discrete.model_put(d.state);
    assert_non_null(kept);
    data.item = late;
    assert_int_equal(sim_discrete.fit(d.state, 2, &data, NULL), WN_OK);
    assert_int_equal(sim_discrete.sample(d.state, 1, 0, after, 20, NULL), WN_OK);
    assert_true(after[0] == 3 && after[19] == 3);
    assert_int_equal(sim_discrete.model_take(d.state, kept, NULL), WN_OK);
    assert_int_equal(sim_discrete.sample(d.state, 1, 0, after, 20, NULL), WN_OK);
    assert_memory_equal(before, after, sizeof(before));
    assert_int_equal(sim_discrete.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "states") == 3);
    /* That a single state was left belongs to the run, and it was not state 1. */
    assert_true(drive_metric(&m, "absorbed_at") == 2 && drive_metric(&m, "absorbed_first") == 0);
    drive_end(&d);
    drive_close(&d);
}

/* ---- batches ---------------------------------------------------------------------------- */

static void batches_add_up_with_their_weights(void **state)
{
    const struct sim_exact *x = sim_discrete.exact;
    struct wn_sim_opts opts = zipf(0.5, 300, 100);
    struct drive d = opened(&opts);
    struct sim_view view = { .generation = 1 };
    struct sim_metrics one = { .n = 0 }, both = { .n = 0 };

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(x->real(d.state, &d.real, 100, d.batch[0], NULL), WN_OK);
    assert_int_equal(x->real(d.state, &d.real, 300, d.batch[1], NULL), WN_OK);
    assert_int_equal(x->fit(d.state, 1, d.batch[0], 100, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &one, NULL), WN_OK);
    x->merge(d.state, d.batch[2], d.batch[0], 0.25);
    x->merge(d.state, d.batch[2], d.batch[0], 0.5);
    assert_int_equal(x->fit(d.state, 1, d.batch[2], 200, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &both, NULL), WN_OK);
    assert_true(fabs(drive_metric(&one, "entropy") - drive_metric(&both, "entropy")) < 1e-12);
    /* 300 items, and 100 that count three times: the frequencies of both weigh 1/2. */
    x->merge(d.state, d.batch[3], d.batch[1], 1);
    x->merge(d.state, d.batch[3], d.batch[0], 3);
    one.n = both.n = 0;
    assert_int_equal(x->fit(d.state, 2, d.batch[1], 300, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &one, NULL), WN_OK);
    assert_int_equal(x->fit(d.state, 3, d.batch[3], 400, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &both, NULL), WN_OK);
    assert_true(fabs(sqrt(drive_metric(&both, "l2_first")) - 0.5 * sqrt(drive_metric(&one, "l2_first"))) < 1e-12);
    drive_end(&d);
    drive_close(&d);
}

static void a_subsample_of_everything_is_everything(void **state)
{
    const struct sim_exact *x = sim_discrete.exact;
    struct wn_sim_opts opts = zipf(1, 300, 100);
    struct drive d = opened(&opts);
    struct sim_view view = { .generation = 1 };
    struct sim_metrics m = { .n = 0 };

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(x->real(d.state, &d.real, 100, d.batch[0], NULL), WN_OK);
    assert_int_equal(x->fit(d.state, 1, d.batch[0], 100, NULL), WN_OK);
    assert_int_equal(x->subsample(d.state, &d.count, d.batch[0], 100, d.batch[1], NULL), WN_OK);
    assert_int_equal(x->fit(d.state, 2, d.batch[1], 100, NULL), WN_OK);
    assert_int_equal(sim_discrete.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "l2_first") == 0);
    /* A batch may be drawn from itself; one item of it is one state. */
    assert_int_equal(x->subsample(d.state, &d.count, d.batch[1], 1, d.batch[1], NULL), WN_OK);
    assert_int_equal(x->fit(d.state, 3, d.batch[1], 1, NULL), WN_OK);
    m.n = 0;
    assert_int_equal(sim_discrete.compare(d.state, &view, &m, NULL), WN_OK);
    assert_true(drive_metric(&m, "states") == 1 && drive_metric(&m, "absorbed_at") == 3);
    drive_end(&d);
    drive_close(&d);
}

static void an_empty_batch_is_a_named_error(void **state)
{
    struct wn_sim_opts opts = zipf(1, 30, 100);
    struct drive d = opened(&opts);
    struct wn_err err = { 0 };

    (void)state;
    drive_begin(&d, 0);
    assert_int_equal(sim_discrete.exact->real(d.state, &d.real, 0, d.batch[0], &err), WN_OK);
    assert_int_equal(sim_discrete.exact->fit(d.state, 1, d.batch[0], 0, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "cannot fit a law"));
    assert_int_equal(sim_discrete.exact->real(d.state, &d.real, SIM_DRAW_MAX + 1, d.batch[0], &err), WN_LIMIT);
    drive_end(&d);
    drive_close(&d);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    const double uneven[2] = { 0.5, 0.6 }, law[2] = { 0.5, 0.5 };
    const struct {
        struct wn_sim_model model;
        const char *says;
    } bad[] = {
        { { .truth = "chain" }, "has no truth 'chain'" },
        { { .truth = "distinct", .add = 0.1 }, "no add-k smoothing" },
        { { .truth = "zipf", .law = law, .states = 2 }, "contradict" },
        { { .law = law }, "number of states" },
        { { .law = uneven, .states = 2 }, "add up to 1.1" },
        { { .states = 10000001 }, "too large" },
        { { .zipf = -1 }, "zipf is -1" },
        { { .zipf = NAN }, "zipf is nan" },
        { { .zipf = 1, .zipf_shift = -1 }, "zipf_shift is -1" },
        { { .add = -0.5 }, "add is -0.5" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wn_sim_opts opts = { .n = 10, .model = bad[i].model };
        struct wn_err err = { 0 };
        void *world = &err;

        assert_int_equal(sim_discrete.open(&world, &opts, &err), WN_BADCONF);
        assert_null(world);
        if (!strstr(err.text, bad[i].says))
            fail_msg("'%s' does not say '%s'", err.text, bad[i].says);
    }
}

static void settings_are(const struct wn_sim_model *model, const char *want)
{
    struct wn_sim_opts opts = { .n = 10, .model = *model };
    struct wn_buf text = { 0 };
    struct wn_json j;

    wn_json_init(&j, &text);
    wn_json_open(&j, NULL, '{');
    sim_discrete.settings(&j, &opts);
    wn_json_close(&j, '}');
    wn_buf_addc(&text, 0);
    if (!strstr(text.ptr, want))
        fail_msg("'%s' does not hold '%s'", text.ptr, want);
    wn_buf_release(&text);
}

static void the_header_has_the_resolved_settings(void **state)
{
    const double law[2] = { 0.25, 0.75 };

    (void)state;
    settings_are(&(struct wn_sim_model){ .states = 0 },
                 "{\"truth\":\"zipf\",\"states\":1000,\"zipf\":0.0,\"zipf_shift\":0.0,\"add\":0.0}");
    settings_are(&(struct wn_sim_model){ .truth = "distinct" }, "{\"truth\":\"distinct\"}");
    settings_are(&(struct wn_sim_model){ .law = law, .states = 2 }, "{\"truth\":\"law\",\"states\":2,\"law\":\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_those_of_the_whole_law),
        cmocka_unit_test(a_smoothed_law_has_both_divergences),
        cmocka_unit_test(draws_depend_on_generation_and_index_alone),
        cmocka_unit_test(policies_see_the_law_of_the_truth_and_of_the_model),
        cmocka_unit_test(a_model_that_was_put_away_comes_back),
        cmocka_unit_test(batches_add_up_with_their_weights),
        cmocka_unit_test(a_subsample_of_everything_is_everything),
        cmocka_unit_test(an_empty_batch_is_a_named_error),
        cmocka_unit_test(settings_that_make_no_sense_are_refused),
        cmocka_unit_test(the_header_has_the_resolved_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
