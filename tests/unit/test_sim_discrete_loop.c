/*
 * The engines "discrete", "poisson", "exponential" and "labels" inside the loop: both modes
 * have one law under every regime, and value-looking policies see what they should.
 */
#include "unit/sim_drive.h"

#include "sim/collect.h"
#include "sim/theory.h"

/* Values of METRIC after FITS fits of N_RUNS replicates from FIRST. */
static void collect(const struct wn_sim_opts *opts, const char *metric, uint32_t first, uint32_t n_runs, double *out)
{
    struct sim_wanted w = { .metric = &metric, .n_metrics = 1, .generation = &opts->generations, .n_generations = 1,
                            .first_replicate = first, .n_replicates = n_runs };
    struct sim_setup s;
    struct wn_err err = { 0 };

    drive_ok(sim_setup_open(&s, opts, &err), &err);
    drive_ok(sim_collect(&s, &s.opts.policies[0], &w, out, NULL, &err), &err);
    sim_setup_close(&s);
    for (uint32_t i = 0; i < n_runs; i++)
        if (isnan(out[i]))
            fail_msg("%s: run %u has no %s", wn_regime_name(opts->policies[0].regime), first + i, metric);
}

static void modes_agree(struct wn_sim_opts opts, const struct wn_policy *p, const char *metric)
{
    enum { RUNS = 300 };
    static double points[RUNS], exact[RUNS];
    double ks;

    opts.policies = p;
    opts.n_policies = 1;
    opts.mode = WN_SIM_POINTS;
    collect(&opts, metric, 0, RUNS, points);
    opts.mode = WN_SIM_EXACT;
    collect(&opts, metric, RUNS, RUNS, exact);
    ks = drive_ks(points, exact, RUNS);
    if (!(ks < 1.95))
        fail_msg("%s, %s: Kolmogorov-Smirnov %.2f", opts.engine, wn_regime_name(p->regime), ks);
}

static struct wn_policy policy(enum wn_regime regime)
{
    struct wn_policy p;

    wn_policy_init(&p);
    strcpy(p.name, "p");
    p.regime = regime;
    p.real_share = 0.3;
    p.window = 3;
    p.weight = 0.6;
    p.power = regime == WN_REGIME_REPLACE_GROWN ? 1 : 0.5;
    p.alpha = 0.5;
    p.beta = 0.3;
    p.gamma = 0.2;
    p.budget_of_first = regime == WN_REGIME_ACCUMULATE_SUBSAMPLE ? 1 : 0;
    return p;
}

static const struct wn_sim_opts flat = {
    .engine = "discrete", .n = 20, .generations = 5, .seed = 11, .model = { .states = 12 }
};

static void both_modes_have_one_law_under_every_regime(void **state)
{
    static const enum wn_regime regimes[] = { WN_REGIME_REPLACE, WN_REGIME_ACCUMULATE, WN_REGIME_ACCUMULATE_SUBSAMPLE,
                                              WN_REGIME_FRESH_REAL, WN_REGIME_REPLACE_GROWN, WN_REGIME_SCHEDULE,
                                              WN_REGIME_WINDOW, WN_REGIME_FIXED_REAL, WN_REGIME_WEIGHTED,
                                              WN_REGIME_GENERAL };

    (void)state;
    for (size_t i = 0; i < sizeof(regimes) / sizeof(regimes[0]); i++) {
        struct wn_policy p = policy(regimes[i]);

        modes_agree(flat, &p, "simpson");
    }
}

static void both_modes_have_one_law_with_real_data_from_the_first(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FRESH_REAL);

    (void)state;
    p.real_from_first = true;
    p.mixing = WN_MIXING_IID;
    modes_agree(flat, &p, "simpson");
}

static void both_modes_have_one_law_for_numbers_and_labels(void **state)
{
    struct wn_policy replace = policy(WN_REGIME_REPLACE), general = policy(WN_REGIME_GENERAL);
    struct wn_policy weighted = policy(WN_REGIME_WEIGHTED), subsample = policy(WN_REGIME_ACCUMULATE_SUBSAMPLE);
    struct wn_sim_opts opts = { .engine = "poisson", .n = 20, .generations = 5, .seed = 12, .model = { .rate = 1.5 } };

    (void)state;
    modes_agree(opts, &replace, "rate");
    modes_agree(opts, &general, "rate");
    opts.engine = "exponential";
    modes_agree(opts, &weighted, "scale");
    modes_agree(opts, &general, "kl");
    opts.engine = "labels";
    opts.model.rate = 0.1;
    modes_agree(opts, &weighted, "data_wrong");
    modes_agree(opts, &subsample, "data_wrong");
}

static void results_do_not_depend_on_threads(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE_SUBSAMPLE);
    struct wn_sim_opts opts = flat;
    double one[40], four[40];

    (void)state;
    opts.policies = &p;
    opts.n_policies = 1;
    opts.sampling.temperature = 0.9;
    collect(&opts, "entropy", 0, 40, one);
    opts.jobs = 4;
    collect(&opts, "entropy", 0, 40, four);
    assert_memory_equal(one, four, sizeof(one));
}

/* p is carried on by (1 - e) psi / phi; see test_sim_labels.c for the size of chance. */
static void verification_in_the_loop_meets_the_theory(void **state)
{
    enum { N = 20000, FITS = 12 };
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_sim_opts opts = { .engine = "labels", .n = N, .generations = FITS, .seed = 3,
                                .policies = &p, .n_policies = 1 };
    double wrong, sd = sqrt(0.11 * 0.89 / (0.9 * N)) / (1 - 0.95 * 0.5 / 0.95);

    (void)state;
    p.filter_by = WN_FILTER_VERIFY;
    p.keep_right = 0.95;
    p.keep_wrong = 0.5;
    collect(&opts, "wrong_rate", 0, 1, &wrong);
    drive_near("wrong rate", wrong, sim_verify_wrong(0.05, 0.95, 0.5, FITS), sd, 1);
}

/* The likeliest tenth under the truth is state 1 alone: it has 0.13 of the mass. */
static void the_best_fraction_is_the_likeliest_state(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_sim_opts opts = { .engine = "discrete", .n = 3000, .generations = 2, .policies = &p, .n_policies = 1,
                                .model = { .states = 1000, .zipf = 1 } };
    double first;

    (void)state;
    p.filter_by = WN_FILTER_TOP_FRACTION;
    p.top_share = 0.1;
    p.short_ok = true;
    collect(&opts, "p_first", 0, 1, &first);
    assert_true(first == 1);
}

/* Without copies every state counts once: the next law is flat on what is left. */
static void a_law_without_copies_is_flat(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_sim_opts opts = { .engine = "discrete", .n = 500, .generations = 2, .policies = &p, .n_policies = 1,
                                .model = { .states = 100, .zipf = 1 } };
    double states, effective;

    (void)state;
    p.dedup = WN_DEDUP_EXACT;
    collect(&opts, "states", 0, 1, &states);
    collect(&opts, "effective_states", 0, 1, &effective);
    assert_true(states > 50 && fabs(effective / states - 1) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_modes_have_one_law_under_every_regime),
        cmocka_unit_test(both_modes_have_one_law_with_real_data_from_the_first),
        cmocka_unit_test(both_modes_have_one_law_for_numbers_and_labels),
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(verification_in_the_loop_meets_the_theory),
        cmocka_unit_test(the_best_fraction_is_the_likeliest_state),
        cmocka_unit_test(a_law_without_copies_is_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
