/*
 * The engine "discrete": drift of counts against the reference vectors, and biased
 * sampling by its fixed points.
 */
#include "unit/sim_drive.h"

#include "sim/theory.h"

extern const struct sim_generator sim_discrete;

static int load(void **state)
{
    *state = vectors_load("collapse/discrete.json");
    return 0;
}

static int unload(void **state)
{
    wn_jsonval_free(*state);
    return 0;
}

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

/* ---- what the cases ask for ------------------------------------------------------------- */

static double diversity(const struct sim_metrics *m)
{
    return drive_metric(m, "simpson");
}

static double repeats(const struct sim_metrics *m)
{
    return 1 - drive_metric(m, "simpson");
}

static double states(const struct sim_metrics *m)
{
    return drive_metric(m, "states");
}

static double entropy(const struct sim_metrics *m)
{
    return drive_metric(m, "entropy");
}

static double variation(const struct sim_metrics *m)
{
    return drive_metric(m, "tv");
}

static double lost(const struct sim_metrics *m)
{
    return drive_metric(m, "lost_mass");
}

static double first_alive(const struct sim_metrics *m)
{
    return drive_metric(m, "p_first") > 0;
}

static double from_first(const struct sim_metrics *m)
{
    return drive_metric(m, "l2_first");
}

static double harmonic(int k)
{
    double sum = 0;

    for (int i = k; i > 0; i--)
        sum += 1.0 / i;
    return sum;
}

static double gap_squared(const struct sim_metrics *m, double p)
{
    double gap = drive_metric(m, "p_first") - p;

    return gap * gap;
}

static double first_gap_flat10(const struct sim_metrics *m)
{
    return gap_squared(m, 0.1);
}

static double first_gap_zipf100(const struct sim_metrics *m)
{
    return gap_squared(m, 1 / harmonic(100));
}

static double first_gap_zipf1000(const struct sim_metrics *m)
{
    return gap_squared(m, 1 / harmonic(1000));
}

/* ---- replace ---------------------------------------------------------------------------- */

static void replace_meets(const struct wn_jsonval *file, const struct wn_sim_opts *opts, const char *law,
                          drive_value *first_gap, unsigned r)
{
    const struct {
        const char *name;
        drive_value *value;
    } what[] = { { "E_H", diversity }, { "E_entropy", entropy }, { "E_TV", variation },
                 { "Var_p1", first_gap }, { "E_lostmass", lost } };
    struct drive d = opened(opts);

    for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
        char id[80];

        snprintf(id, sizeof(id), "disc.replace.%s.%s", what[i].name, law);
        drive_meets(&d, file, id, what[i].value, 50, r);
    }
    drive_close(&d);
}

static void drift_of_a_flat_law_meets_its_cases(void **state)
{
    struct wn_sim_opts opts = zipf(0, 10, 20);
    struct drive d = opened(&opts);

    replace_meets(*state, &opts, "uniform_K10.M20", first_gap_flat10, 1000);
    drive_meets(&d, *state, "disc.replace.E_unique.uniform_K10.M20", states, 50, 1000);
    drive_close(&d);
}

static void drift_of_a_zipf_law_meets_its_cases(void **state)
{
    struct wn_sim_opts opts = zipf(1, 100, 50);

    replace_meets(*state, &opts, "zipf1_K100.M50", first_gap_zipf100, 600);
    opts = zipf(1, 1000, 1000);
    replace_meets(*state, &opts, "zipf1_K1000.M1000", first_gap_zipf1000, 40);
}

static void a_rare_state_survives_within_the_bounds_of_suresh(void **state)
{
    const double law[2] = { 0.02, 0.98 };
    struct wn_sim_opts opts = { .n = 100, .model = { .states = 2, .law = law } };
    struct drive d = opened(&opts);
    const struct wn_jsonval *c = drive_case(*state, "disc.suresh.bound.M100.p0.02");
    struct drive_sums s = { .expected = wn_jsonval_get(c, "expected"), .value = first_alive };
    enum { R = 2000 };

    for (uint32_t i = 0; i < R; i++)
        drive_exact(&d, i, 20, drive_add, &s);
    for (size_t i = 0; i < wn_jsonval_size(s.expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(s.expected, i);
        double mean = s.sum[i] / R, sd = vectors_num(e, "sd");

        drive_near("alive", mean, vectors_num(e, "value"), sd, R);
        assert_true(mean > vectors_num(e, "lower") - 4 * sd / sqrt(R));
        assert_true(mean < vectors_num(e, "upper") + 4 * sd / sqrt(R));
    }
    drive_close(&d);
}

/* ---- the end of drift ------------------------------------------------------------------- */

struct end {
    double at, in_first;
};

/* Until one state is left, and three fits more: the metrics stay what they were. */
static bool until_absorbed(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    struct end *e = arg;

    if (drive_metric(m, "states") > 1) {
        assert_true(isnan(drive_metric(m, "absorbed_at")) && isnan(drive_metric(m, "absorbed_first")));
        return true;
    }
    if (e->at == 0)
        *e = (struct end){ drive_metric(m, "absorbed_at"), drive_metric(m, "absorbed_first") };
    assert_true(drive_metric(m, "absorbed_at") == e->at && drive_metric(m, "entropy") == 0);
    return generation < e->at + 3;
}

static struct end mean_end(const struct wn_sim_opts *opts, unsigned r)
{
    struct drive d = opened(opts);
    struct end sum = { 0, 0 };

    for (unsigned i = 0; i < r; i++) {
        struct end e = { 0, 0 };

        drive_exact(&d, i, 100000, until_absorbed, &e);
        sum.at += e.at / r;
        sum.in_first += e.in_first / r;
    }
    drive_close(&d);
    return sum;
}

static void meets_one(const struct wn_jsonval *file, const char *id, double mean, unsigned r)
{
    const struct wn_jsonval *e = wn_jsonval_at(wn_jsonval_get(drive_case(file, id), "expected"), 0);
    double se = vectors_num(e, "se"), sd = vectors_num(e, "sd");

    /* A reference that is itself a mean of runs has an error too. */
    if (!isnan(se))
        sd += se * sqrt(r);
    drive_near(id, mean, vectors_num(e, "value"), sd, r);
}

static void two_states_are_absorbed_as_the_chain_says(void **state)
{
    static const struct {
        double p;
        uint64_t m;
        const char *name;
    } at[] = { { 0.5, 50, "K2.M50.p0.5" }, { 0.1, 50, "K2.M50.p0.1" }, { 0.5, 200, "K2.M200.p0.5" } };

    for (size_t i = 0; i < 3; i++) {
        const double law[2] = { at[i].p, 1 - at[i].p };
        struct wn_sim_opts opts = { .n = at[i].m, .model = { .states = 2, .law = law } };
        struct end mean = mean_end(&opts, 800);
        char id[80];

        snprintf(id, sizeof(id), "disc.replace.E_absorb.%s", at[i].name);
        meets_one(*state, id, mean.at, 800);
        snprintf(id, sizeof(id), "disc.replace.P_fix.%s", at[i].name);
        meets_one(*state, id, mean.in_first, 800);
    }
}

static void ten_states_are_absorbed_at_the_reference_time(void **state)
{
    struct wn_sim_opts opts = zipf(0, 10, 100);

    meets_one(*state, "disc.replace.T_fix.uniform_K10.M100", mean_end(&opts, 400).at, 400);
}

static void distinct_points_have_the_ancestors_of_the_coalescent(void **state)
{
    struct wn_sim_opts opts = { .n = 20, .model = { .truth = "distinct" } };
    struct drive d = opened(&opts);

    drive_meets(&d, *state, "disc.replace.E_unique.alldistinct.M20", states, 50, 1000);
    drive_close(&d);
    opts.n = 100;
    d = opened(&opts);
    drive_meets(&d, *state, "disc.replace.E_unique.alldistinct.M100", states, 50, 500);
    drive_close(&d);
    meets_one(*state, "disc.replace.E_TMRCA.alldistinct.M100", mean_end(&opts, 400).at, 400);
}

static bool see_distinct(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    (void)arg;
    assert_true(drive_metric(m, "states") == (generation == 1 ? 30 : drive_metric(m, "states")));
    assert_true(isnan(drive_metric(m, "tv")) && isnan(drive_metric(m, "lost_mass")) && isnan(drive_metric(m, "kl")));
    return true;
}

static void distinct_points_have_no_distance_to_their_truth(void **state)
{
    struct wn_sim_opts opts = { .n = 30, .model = { .truth = "distinct" } };
    struct drive d = opened(&opts);

    (void)state;
    drive_points(&d, 0, 3, see_distinct, NULL);
    drive_exact(&d, 0, 3, see_distinct, NULL);
    drive_close(&d);
}

/* ---- other policies --------------------------------------------------------------------- */

static void accumulation_keeps_every_state_and_meets_its_cases(void **state)
{
    struct wn_sim_opts opts = zipf(1, 100, 50);
    struct drive d = opened(&opts);

    d.policy.regime = WN_REGIME_ACCUMULATE;
    drive_meets(&d, *state, "disc.accumulate.E_H.zipf1_K100.M50", diversity, 20, 500);
    drive_meets(&d, *state, "disc.accumulate.E_unique.zipf1_K100.M50", states, 20, 500);
    d.policy.regime = WN_REGIME_ACCUMULATE_SUBSAMPLE;
    drive_meets(&d, *state, "disc.accumulate_subsample.E_H.zipf1_K100.M50", diversity, 20, 500);
    drive_close(&d);
}

static void fresh_real_data_hold_diversity_where_the_cases_say(void **state)
{
    struct wn_sim_opts opts = zipf(1, 100, 50);
    struct drive d = opened(&opts);

    d.policy.regime = WN_REGIME_FRESH_REAL;
    d.policy.real_share = 0.02;
    drive_meets(&d, *state, "disc.fresh.E_H.zipf1_K100.M50.rho0.02", diversity, 100, 300);
    d.policy.real_share = 0.2;
    drive_meets(&d, *state, "disc.fresh.E_H.zipf1_K100.M50.rho0.2", diversity, 100, 300);
    drive_close(&d);
}

static void the_loops_of_seddik_meet_their_cases(void **state)
{
    const double law[5] = { 0.4, 0.3, 0.15, 0.1, 0.05 };
    struct wn_sim_opts opts = { .n = 50, .model = { .states = 5, .law = law } };
    struct wn_jsonval *file = vectors_load("collapse/regression_kde_lm.json");
    struct drive d = opened(&opts);

    (void)state;
    drive_meets(&d, file, "lm.seddik.fully_synthetic.S_m", repeats, 100, 500);
    drive_close(&d);
    opts.n = 500;
    opts.n_first = 50;
    d = opened(&opts);
    d.policy.regime = WN_REGIME_FIXED_REAL;
    drive_meets(&d, file, "lm.seddik.partially_synthetic.N50.n500", from_first, 100, 500);
    drive_close(&d);
    wn_jsonval_free(file);
}

struct first_sums {
    const struct wn_jsonval *expected;
    double sum[8], squares[8];
};

static bool add_first(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    struct first_sums *s = arg;

    for (size_t i = 0; i < wn_jsonval_size(s->expected); i++) {
        if (vectors_num(wn_jsonval_at(s->expected, i), "n") == generation) {
            s->sum[i] += drive_metric(m, "p_first");
            s->squares[i] += drive_metric(m, "p_first") * drive_metric(m, "p_first");
        }
    }
    assert_true(drive_metric(m, "states") == 20 && drive_metric(m, "lost_mass") == 0);
    return true;
}

static void smoothing_forgets_the_truth_as_the_recursion_says(void **state)
{
    static const char *const id[] = { "disc.replace.addk0.1.E_H.zipf1_K20.M50",
                                      "disc.replace.addk1.0.E_H.zipf1_K20.M50" };
    enum { R = 300 };

    for (int k = 0; k < 2; k++) {
        struct wn_sim_opts opts = zipf(1, 20, 50);
        struct first_sums s = { .expected = wn_jsonval_get(drive_case(*state, id[k]), "expected") };
        struct drive d;

        opts.model.add = k == 0 ? 0.1 : 1;
        d = opened(&opts);
        drive_meets(&d, *state, id[k], diversity, 100, R);
        for (uint32_t i = 0; i < R; i++)
            drive_exact(&d, 1000 + i, 100, add_first, &s);
        for (size_t i = 0; i < wn_jsonval_size(s.expected); i++) {
            double mean = s.sum[i] / R, sd = sqrt(s.squares[i] / R - mean * mean);

            drive_near("E p_1", mean, vectors_num(wn_jsonval_at(s.expected, i), "E_p1"), sd, R);
        }
        drive_close(&d);
    }
}

/* ---- tails ------------------------------------------------------------------------------ */

static bool take_lost(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    (void)generation;
    *(double *)arg = drive_metric(m, "lost_mass");
    return true;
}

/* Mean over R replicates of the truth's mass that the model of fit FITS has lost, against
 * entry I of case ID. */
static void misses(const struct wn_jsonval *file, const char *id, size_t i, struct drive *d, uint32_t fits, unsigned r)
{
    const struct wn_jsonval *e = wn_jsonval_at(wn_jsonval_get(drive_case(file, id), "expected"), i);
    double sum = 0, one, squares = 0, sd = vectors_num(e, "sd");

    for (unsigned k = 0; k < r; k++) {
        drive_exact(d, k, fits, take_lost, &one);
        sum += one;
        squares += one * one;
    }
    if (isnan(sd))
        sd = sqrt(squares / r - sum / r * (sum / r));
    drive_near(id, sum / r, vectors_num(e, "value"), sd, r);
}

static void a_memoriser_misses_the_mass_that_it_did_not_see(void **state)
{
    static const char *const id[] = { "disc.tail.missingmass.zipf1.5", "disc.tail.missingmass.zipf2.0" };

    for (int k = 0; k < 2; k++) {
        struct wn_sim_opts opts = zipf(k == 0 ? 1.5 : 2, 200000, 1);
        struct drive d = opened(&opts);

        for (size_t i = 0; i < 3; i++) {
            d.opts.n_first = (uint64_t[]){ 100, 1000, 10000 }[i];
            misses(*state, id[k], i, &d, 1, 40);
        }
        if (k == 1) {
            d.opts.n_first = 1000;
            for (size_t i = 0; i < 4; i++) {
                d.opts.n = (uint64_t[]){ 100, 1000, 10000, 100000 }[i];
                misses(*state, "disc.tail.twostage.zipf2.0.T0_1000", i, &d, 2, 60);
            }
        }
        drive_close(&d);
    }
}

/* ---- samplers in the loop --------------------------------------------------------------- */

static bool take_last(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    (void)generation;
    *(struct sim_metrics *)arg = *m;
    return true;
}

/* So many items that chance is gone: 1e13 of 1,000 states. */
static void temperature_comes_to_rest_where_the_cases_say(void **state)
{
    static const struct {
        double tau, rho;
        const char *id;
    } at[] = { { 0.7, 0.1, "disc.fresh.temperature0.7.rho0.1.zipf1_K1000" },
               { 0.9, 0.5, "disc.fresh.temperature0.9.rho0.5.zipf1_K1000" },
               { 0.5, 0.5, "disc.fresh.temperature0.5.rho0.5.zipf1_K1000" } };

    for (size_t i = 0; i < 3; i++) {
        struct wn_sim_opts opts = zipf(1, 1000, 10000000000000);
        const struct wn_jsonval *e = wn_jsonval_get(drive_case(*state, at[i].id), "expected");
        struct sim_metrics m;
        struct drive d;

        opts.sampling.temperature = at[i].tau;
        d = opened(&opts);
        d.policy.regime = WN_REGIME_FRESH_REAL;
        d.policy.real_share = at[i].rho;
        drive_exact(&d, 0, 150, take_last, &m);
        assert_true(fabs(drive_metric(&m, "entropy") / vectors_num(wn_jsonval_at(e, 0), "value") - 1) < 1e-5);
        assert_true(fabs(drive_metric(&m, "p_first") / vectors_num(wn_jsonval_at(e, 1), "value") - 1) < 1e-5);
        assert_true(fabs(drive_metric(&m, "kl") / vectors_num(wn_jsonval_at(e, 2), "value") - 1) < 1e-5);
        drive_close(&d);
    }
}

struct shrink {
    struct sim_theory_law law;
    double top_p;
};

static bool shrinks(void *arg, uint32_t generation, const struct sim_metrics *m)
{
    const struct shrink *s = arg;

    assert_true(drive_metric(m, "states") == sim_top_p_states(&s->law, s->top_p, generation));
    return true;
}

/* 1000, 688, ... 250 (fit 5), 64 (10), 11 (20), 7 (50): top-p cuts again in each generation. */
static void repeated_top_p_leaves_the_states_of_the_closed_form(void **state)
{
    struct wn_sim_opts opts = zipf(1, 1000, 1000000000000000);
    double *p;
    struct drive d;

    (void)state;
    opts.sampling.top_p = 0.95;
    assert_int_equal(sim_theory_zipf_new(1, 0, 1000, &p, NULL), WN_OK);
    d = opened(&opts);
    assert_true(sim_top_p_states(&(struct sim_theory_law){ p, 1000 }, 0.95, 5) == 250);
    drive_exact(&d, 0, 50, shrinks, &(struct shrink){ { p, 1000 }, 0.95 });
    drive_close(&d);
    free(p);
}

/* ---- points and statistics -------------------------------------------------------------- */

static void points_and_statistics_agree(const struct wn_sim_opts *opts, const char *metric)
{
    enum { R = 1000 };
    static double points[R], exact[R];
    struct drive d = opened(opts);
    struct sim_metrics m;
    double ks;

    for (uint32_t i = 0; i < R; i++) {
        drive_points(&d, i, 6, take_last, &m);
        points[i] = drive_metric(&m, metric);
        drive_exact(&d, R + i, 6, take_last, &m);
        exact[i] = drive_metric(&m, metric);
    }
    drive_close(&d);
    ks = drive_ks(points, exact, R);
    if (!(ks < 1.95))
        fail_msg("%s: Kolmogorov-Smirnov %.2f", metric, ks);
}

static void both_modes_have_one_law(void **state)
{
    struct wn_sim_opts opts = zipf(0, 10, 30);

    (void)state;
    points_and_statistics_agree(&opts, "simpson");
    opts.sampling = (struct wn_sim_sampling){ .temperature = 0.8, .top_p = 0.95 };
    points_and_statistics_agree(&opts, "simpson");
    opts.sampling = (struct wn_sim_sampling){ .typical = 0.9, .min_p = 0.1, .top_k = 9 };
    points_and_statistics_agree(&opts, "states");
    opts.sampling = (struct wn_sim_sampling){ 0 };
    opts.model = (struct wn_sim_model){ .truth = "distinct" };
    points_and_statistics_agree(&opts, "states");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drift_of_a_flat_law_meets_its_cases),
        cmocka_unit_test(drift_of_a_zipf_law_meets_its_cases),
        cmocka_unit_test(a_rare_state_survives_within_the_bounds_of_suresh),
        cmocka_unit_test(two_states_are_absorbed_as_the_chain_says),
        cmocka_unit_test(ten_states_are_absorbed_at_the_reference_time),
        cmocka_unit_test(distinct_points_have_the_ancestors_of_the_coalescent),
        cmocka_unit_test(distinct_points_have_no_distance_to_their_truth),
        cmocka_unit_test(accumulation_keeps_every_state_and_meets_its_cases),
        cmocka_unit_test(fresh_real_data_hold_diversity_where_the_cases_say),
        cmocka_unit_test(the_loops_of_seddik_meet_their_cases),
        cmocka_unit_test(smoothing_forgets_the_truth_as_the_recursion_says),
        cmocka_unit_test(a_memoriser_misses_the_mass_that_it_did_not_see),
        cmocka_unit_test(temperature_comes_to_rest_where_the_cases_say),
        cmocka_unit_test(repeated_top_p_leaves_the_states_of_the_closed_form),
        cmocka_unit_test(both_modes_have_one_law),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
