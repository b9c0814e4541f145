/*
 * The loop itself: exact mode against points, stretches against steps, and what each
 * regime and filter keeps.
 */
#include "support/cm.h"

#include <math.h>

#include "sim/collect.h"
#include "sim/loop.h"
#include "unit/sim_rows.h"

static struct wn_policy detector(const char *name, double tpr, double fpr)
{
    struct wn_policy p = sim_policy(name, WN_REGIME_REPLACE);

    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ .given = true, .tpr = tpr, .fpr = fpr };
    return p;
}

/* Values of METRIC at generation G for R replicates under OPTS, which has one policy. */
static void values(const struct wn_sim_opts *opts, const char *metric, uint32_t g, uint32_t r, double *out)
{
    struct sim_wanted want = { &metric, 1, &g, 1, 0, r };
    struct wn_sim_opts o = *opts;
    struct sim_setup s;
    struct wn_err err = { 0 };

    o.record = &g;
    o.n_record = 1;
    o.generations = g;
    if (sim_setup_open(&s, &o, &err) != WN_OK || sim_collect(&s, &o.policies[0], &want, out, NULL, &err) != WN_OK)
        fail_msg("%s: %s", o.policies[0].name, err.text);
    sim_setup_close(&s);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* P value of the two-sample Kolmogorov-Smirnov statistic (Kolmogorov's limit with
 * Stephens' correction). */
static double ks_p(double *a, double *b, size_t n)
{
    double d = 0, x, sum = 0;
    size_t i = 0, k = 0;

    qsort(a, n, sizeof(*a), rising);
    qsort(b, n, sizeof(*b), rising);
    while (i < n && k < n) {
        double at = a[i] < b[k] ? a[i] : b[k];

        while (i < n && a[i] <= at)
            i++;
        while (k < n && b[k] <= at)
            k++;
        d = fmax(d, fabs((double)i - (double)k) / (double)n);
    }
    x = sqrt((double)n / 2);
    x = (x + 0.12 + 0.11 / x) * d;
    for (int j = 1; j <= 100; j++)
        sum += (j % 2 ? 2 : -2) * exp(-2.0 * j * j * x * x);
    return x < 0.2 ? 1 : sum;
}

enum { R = 3000 };

static void check_law(const struct wn_policy *p, struct wn_sim_opts o, const char *metric)
{
    static double exact[R], points[R];
    double pv;

    o.engine = "gaussian";
    o.policies = p;
    o.n_policies = 1;
    o.jobs = 2;
    o.mode = WN_SIM_EXACT;
    values(&o, metric, 6, R, exact);
    o.mode = WN_SIM_POINTS;
    o.seed += 1000;
    values(&o, metric, 6, R, points);
    pv = ks_p(exact, points, R);
    if (!(pv > 1e-3))
        fail_msg("%s, %s: exact and points differ, p = %g", p->name, metric, pv);
}

static void sufficient_statistics_have_the_law_of_points_under_every_regime(void **state)
{
    struct wn_policy p[] = {
        sim_policy("replace", WN_REGIME_REPLACE),       sim_policy("accumulate", WN_REGIME_ACCUMULATE),
        sim_policy("grown", WN_REGIME_REPLACE_GROWN),   sim_policy("schedule", WN_REGIME_SCHEDULE),
        sim_policy("window", WN_REGIME_WINDOW),         sim_policy("fixed", WN_REGIME_FIXED_REAL),
        sim_policy("stratified", WN_REGIME_FRESH_REAL), sim_policy("iid", WN_REGIME_FRESH_REAL),
        sim_policy("weighted", WN_REGIME_WEIGHTED),     sim_policy("general", WN_REGIME_GENERAL),
    };
    struct wn_sim_opts o = { .n = 12, .seed = 4 };

    (void)state;
    for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
        p[i].power = 0.5;
        p[i].window = 3;
        p[i].real_share = 0.25;
        p[i].weight = 0.6;
        p[i].alpha = 0.7;
        p[i].beta = 0.2;
        p[i].gamma = 0.1;
        p[i].mixing = i == 7 ? WN_MIXING_IID : WN_MIXING_STRATIFIED;
        check_law(&p[i], o, "variance");
        check_law(&p[i], o, "mean");
    }
}

static void they_have_it_under_every_label_only_filter(void **state)
{
    struct wn_policy tag = detector("tag", 0.8, 0.3), topup = detector("topup", 0.8, 0.3);
    struct wn_policy partly = detector("partly", 0.8, 0.3), kept = detector("accumulate", 0.6, 0.1);
    struct wn_policy doubt = sim_policy("importance", WN_REGIME_REPLACE), budget = detector("budget", 0.2, 0.1);
    struct wn_sim_opts o = { .n = 40, .seed = 5, .scraped_human_share = 0.3 };

    (void)state;
    topup.topup = true;
    partly.keep[WN_SYNTHETIC] = 0.25;
    partly.op.unknown_human = 0.2;
    partly.keep[WN_UNKNOWN] = 0.5;
    kept.regime = WN_REGIME_ACCUMULATE;
    doubt.filter_by = WN_FILTER_IMPORTANCE;
    doubt.importance_power = 2;
    doubt.human_confidence[0] = 1;
    doubt.human_confidence[1] = 3;
    doubt.synthetic_confidence[0] = 3;
    doubt.synthetic_confidence[1] = 1;
    budget.budget_documents = 20;
    check_law(&tag, o, "variance");
    check_law(&tag, o, "real_share");
    check_law(&topup, o, "variance");
    check_law(&topup, o, "real_share");
    check_law(&partly, o, "variance");
    check_law(&kept, o, "variance");
    check_law(&doubt, o, "variance");
    check_law(&doubt, o, "kept");
    check_law(&budget, o, "real_share");
}

static void they_have_it_for_biased_samplers_first_data_and_estimators(void **state)
{
    struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE), w = sim_policy("weighted", WN_REGIME_WEIGHTED);
    struct wn_sim_opts o = { .n = 12, .seed = 6, .estimator = WN_ESTIMATE_UNBIASED, .sampling.lambda = 0.8 };

    (void)state;
    check_law(&p, o, "variance");
    o.n_first = 30;
    check_law(&p, o, "variance");
    w.real_share = 0.5;
    w.weight = 0.7;
    o.sampling.lambda = 1;
    o.estimator = WN_ESTIMATE_BY_SOURCE;
    check_law(&w, o, "variance");
    o.first_mixed = true;
    o.n_first = 0;
    check_law(&w, o, "mean");
}

/* ---- every combination that exact mode accepts ---------------------------------------------- */

enum { FEW = 120 };

static void moments(const double *v, double *mean, double *se)
{
    double sum = 0, squares = 0;
    int n = 0;

    for (int i = 0; i < FEW; i++)
        if (!isnan(v[i])) {
            sum += v[i];
            n++;
        }
    *mean = n ? sum / n : 0;
    for (int i = 0; i < FEW; i++)
        if (!isnan(v[i]))
            squares += (v[i] - *mean) * (v[i] - *mean);
    *se = n > 1 ? sqrt(squares / n / n) : 0;
}

/* Whether setup and policy are accepted, and then as exact. */
static bool is_exact(const struct wn_sim_opts *o)
{
    struct sim_setup s;
    bool ok = sim_setup_open(&s, o, NULL) == WN_OK && sim_is_exact(&s, &o->policies[0], NULL);

    sim_setup_close(&s);
    return ok;
}

static void compare_counts(struct wn_sim_opts o, const char *what)
{
    static const char *const metric[] = { "kept", "real_share", "variance" };

    o.mode = WN_SIM_AUTO;
    if (!is_exact(&o))
        return;
    for (size_t k = 0; k < 3; k++) {
        double exact[FEW], points[FEW], a, b, se_a, se_b;

        o.mode = WN_SIM_EXACT;
        values(&o, metric[k], 3, FEW, exact);
        o.mode = WN_SIM_POINTS;
        values(&o, metric[k], 3, FEW, points);
        moments(exact, &a, &se_a);
        moments(points, &b, &se_b);
        if (fabs(a - b) > 5 * sqrt(se_a * se_a + se_b * se_b) + 1e-9)
            fail_msg("%s, %s, %s: exact %g +- %g, points %g +- %g", o.policies[0].name, what, metric[k], a, se_a, b, se_b);
    }
}

static void filters_shares_sizes_and_first_data_agree_wherever_exact_mode_is_taken(void **state)
{
    (void)state;
    for (int regime = WN_REGIME_REPLACE; regime <= WN_REGIME_GENERAL; regime++)
        for (int filter = WN_FILTER_NONE; filter <= WN_FILTER_IMPORTANCE; filter++)
            for (int option = 0; option < 7; option++) {
                struct wn_policy p = sim_policy(wn_regime_name((enum wn_regime)regime), (enum wn_regime)regime);
                struct wn_sim_opts o = { .engine = "gaussian", .policies = &p, .n_policies = 1, .n = 30, .seed = 8,
                                         .generations = 3, .jobs = 2 };
                char what[64];

                p.power = p.weight = 0.5;
                p.window = 2;
                p.real_share = 0.3;
                p.alpha = 0.8;
                p.gamma = 0.2;
                p.filter_by = (enum wn_filter_by)filter;
                p.op = (struct wn_operating_point){ .given = true, .tpr = 0.6, .fpr = 0.1 };
                p.importance_power = 1;
                p.human_confidence[0] = p.synthetic_confidence[1] = 1;
                p.human_confidence[1] = p.synthetic_confidence[0] = 2;
                o.n_first = option == 1 ? 12 : 0;
                o.first_mixed = option == 2;
                o.scraped_human_share = option >= 3 ? 0.4 : 0;
                p.trust_real = option != 4;
                p.topup = option == 5;
                p.short_ok = option == 6;
                if (option == 6)
                    p.budget_documents = 15;
                snprintf(what, sizeof(what), "filter %d, option %d", filter, option);
                compare_counts(o, what);
            }
}

static void a_stretch_of_fits_is_the_same_as_one_after_the_other(void **state)
{
    struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE);
    uint32_t some[] = { 3, 40 };
    struct wn_sim_opts o = { .engine = "gaussian", .policies = &p, .n_policies = 1, .n = 10, .generations = 40,
                             .replicates = 3, .seed = 9, .sampling.lambda = 0.9 };
    struct sim_rows *all = sim_rows_new(false), *few = sim_rows_new(false);

    (void)state;
    sim_rows_run(all, &o);
    o.record = some;
    o.n_record = 2;
    sim_rows_run(few, &o);
    for (size_t i = 0; i < 2; i++)
        assert_true(sim_rows_mean(all, "replace", some[i], "log_variance") ==
                    sim_rows_mean(few, "replace", some[i], "log_variance"));
    assert_null(sim_rows_find(few, "replace", 4, "variance"));
    sim_rows_release(all);
    sim_rows_release(few);
}

/* E log v = n (psi((M-1)/2) - log((M-1)/2) + log((M-1)/M)): -0.98268 a fit for M = 3. */
static void a_variance_of_1e_minus_427_still_has_a_logarithm(void **state)
{
    struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "gaussian", .n = 3, .seed = 2 };
    double v[200], sum = 0;

    (void)state;
    values(&o, "log_variance", 1000, 200, v);
    for (int i = 0; i < 200; i++)
        sum += v[i];
    /* sd of one log v after 1000 fits: sqrt(1000 psi'(1)) = 40.6 */
    assert_true(fabs(sum / 200 - -982.6807730096973) < 4 * 40.6 / sqrt(200));
}

static void the_trace_has_the_same_bytes_for_any_number_of_jobs(void **state)
{
    struct wn_policy p[] = { sim_policy("replace", WN_REGIME_REPLACE), sim_policy("sub", WN_REGIME_ACCUMULATE_SUBSAMPLE) };
    struct wn_sim_opts o = { .engine = "gaussian", .policies = p, .n_policies = 2, .n = 20, .generations = 5,
                             .replicates = 9, .seed = 3 };

    (void)state;
    for (int summary = 0; summary <= 1; summary++) {
        struct sim_rows *one = sim_rows_new(true), *four = sim_rows_new(true);

        o.summary_only = summary;
        o.jobs = 1;
        sim_rows_run(one, &o);
        o.jobs = 4;
        sim_rows_run(four, &o);
        assert_int_equal(one->text.len, four->text.len);
        assert_memory_equal(one->text.ptr, four->text.ptr, one->text.len);
        sim_rows_release(one);
        sim_rows_release(four);
    }
}

/* ---- what looks at values --------------------------------------------------------------------- */

static double mean_of(const struct wn_sim_opts *o, const char *metric, uint32_t g, uint32_t r)
{
    double *v = calloc(r, sizeof(*v)), sum = 0;

    assert_non_null(v);
    values(o, metric, g, r, v);
    for (uint32_t i = 0; i < r; i++)
        sum += v[i];
    free(v);
    return sum / r;
}

/* Of a large sample: v_2 = 1.888479291745026 (reference vector
 * filter.value_dependent.flag_centre.pi0.2.c1.0.t0.9.lam0.8, infinite samples). */
static void a_filter_that_drops_the_centre_widens_what_is_left(void **state)
{
    struct wn_policy p = sim_policy("centre", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "gaussian", .n = 40000, .seed = 2,
                             .scraped_human_share = 0.2, .sampling.lambda = 0.8 };

    (void)state;
    p.filter_by = WN_FILTER_VALUE;
    p.value_cut = 1;
    p.value_drop = 0.9;
    assert_true(fabs(mean_of(&o, "variance", 2, 20) - 1.888479291745026) < 0.02);
    p.value_tails = true;
    p.value_cut = 2;
    o.sampling.lambda = 1;
    assert_true(fabs(mean_of(&o, "variance", 2, 20) - 0.7973332698168105) < 0.01);
}

/* One-sided selection of the best p: v_2 = kappa, m_2 = h (spec g1.replace.top0.9.Minf). */
static void the_best_fraction_is_what_stays(void **state)
{
    struct wn_policy p = sim_policy("top", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "gaussian", .n = 40000, .seed = 2 };

    (void)state;
    p.filter_by = WN_FILTER_TOP_FRACTION;
    p.top_share = 0.9;
    assert_true(fabs(mean_of(&o, "mean", 2, 20) - 0.19499814659165204) < 0.005);
    assert_true(fabs(mean_of(&o, "variance", 2, 20) - 0.7120755427829935) < 0.01);
    assert_true(mean_of(&o, "kept", 2, 2) == 36000);
    p.filter_by = WN_FILTER_SURPRISE;      /* keeps both tails: the variance grows */
    assert_true(mean_of(&o, "variance", 2, 20) > 1.05);
}

/* Feng et al. 2024: p <- e + (1 - e) p psi / (p psi + (1 - p) phi), e = 0.05. */
static void a_verifier_holds_back_wrong_labels(void **state)
{
    struct wn_policy p = sim_policy("verify", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "labels", .n = 100000, .seed = 2, .model.rate = 0.05 };

    (void)state;
    p.filter_by = WN_FILTER_VERIFY;
    p.keep_right = 0.95;
    p.keep_wrong = 0.5;
    assert_true(fabs(mean_of(&o, "wrong_rate", 2, 20) - 0.07560646900269542) < 0.001);
}

static void copies_leave_one(void **state)
{
    struct wn_policy p = sim_policy("dedup", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "discrete", .n = 200, .seed = 2, .model.states = 10 };

    (void)state;
    p.dedup = WN_DEDUP_EXACT;
    /* Ten states: ten items at most, and flat over those that are left. */
    assert_true(mean_of(&o, "kept", 1, 5) <= 10);
    assert_true(mean_of(&o, "dropped_duplicate", 1, 5) >= 190);
}

static void the_first_real_data_can_come_again(void **state)
{
    struct wn_policy p = sim_policy("again", WN_REGIME_FRESH_REAL);
    struct wn_sim_opts o = { .policies = &p, .n_policies = 1, .engine = "discrete", .n = 50, .seed = 2, .model.truth = "distinct" };

    (void)state;
    p.real_share = 0.5;
    p.real_from_first = true;
    /* 50 first states, none ever new: at most 50 in all, and the half that is real keeps
     * at least 25 different ones alive. */
    o.mode = WN_SIM_POINTS;
    assert_true(mean_of(&o, "states", 30, 5) <= 50 && mean_of(&o, "states", 30, 5) >= 25);
    o.mode = WN_SIM_EXACT;
    assert_true(mean_of(&o, "states", 30, 5) <= 50 && mean_of(&o, "states", 30, 5) >= 25);
    p.real_from_first = false;
    assert_true(mean_of(&o, "real_share", 30, 5) == 0.5);
}

/* ---- refusals and ends ---------------------------------------------------------------------------- */

static void refused(struct wn_sim_opts o, const char *what)
{
    struct wn_err err = { 0 };

    assert_int_equal(wn_simulate_check(&o, &err), WN_BADCONF);
    if (!strstr(err.text, what))
        fail_msg("'%s' does not say '%s'", err.text, what);
}

static void what_has_no_meaning_is_refused_in_words(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts o = { .engine = "gaussian", .policies = &p, .n_policies = 1 };
    uint32_t falling[] = { 3, 2 };

    (void)state;
    p.dedup = WN_DEDUP_EXACT;
    refused(o, "continuous values have no copies");
    p.dedup = WN_DEDUP_NONE;
    p.regime = WN_REGIME_EDIT;
    refused(o, "'ngram'");
    p.regime = WN_REGIME_REPLACE;
    p.filter_by = WN_FILTER_VERIFY;
    refused(o, "engine 'labels'");
    p.filter_by = WN_FILTER_NONE;
    p.topup = true;
    refused(o, "share of human items");
    p.topup = false;
    o.sampling.top_k = 3;
    refused(o, "no use for top-k");
    o.sampling.top_k = 0;
    o.record = falling;
    o.n_record = 2;
    refused(o, "must rise");
    o.record = NULL;
    o.mode = WN_SIM_EXACT;
    o.sampling.truncate = 1;
    refused(o, "truncated samples");
    o.sampling.truncate = 0;
    o.estimator = WN_ESTIMATE_UNBIASED;
    o.n = 1;
    refused(o, "at least 2 items");
    o.n = (uint64_t)1 << 41;
    refused(o, "too many");
}

static void a_screen_that_nothing_passes_ends_the_run(void **state)
{
    struct wn_policy p = detector("none", 1, 1);
    struct wn_sim_opts o = { .engine = "gaussian", .policies = &p, .n_policies = 1, .n = 10, .generations = 3,
                             .replicates = 2, .scraped_human_share = 0.5 };

    (void)state;
    p.topup = true;
    for (int mode = WN_SIM_POINTS; mode <= WN_SIM_EXACT; mode++) {
        struct sim_rows *r = sim_rows_new(true);

        o.mode = (enum wn_sim_mode)mode;
        sim_rows_run(r, &o);
        assert_non_null(sim_rows_find(r, "none", 1, "ended"));
        assert_null(sim_rows_find(r, "none", 2, "variance"));
        sim_rows_release(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sufficient_statistics_have_the_law_of_points_under_every_regime),
        cmocka_unit_test(they_have_it_under_every_label_only_filter),
        cmocka_unit_test(they_have_it_for_biased_samplers_first_data_and_estimators),
        cmocka_unit_test(filters_shares_sizes_and_first_data_agree_wherever_exact_mode_is_taken),
        cmocka_unit_test(a_stretch_of_fits_is_the_same_as_one_after_the_other),
        cmocka_unit_test(a_variance_of_1e_minus_427_still_has_a_logarithm),
        cmocka_unit_test(the_trace_has_the_same_bytes_for_any_number_of_jobs),
        cmocka_unit_test(a_filter_that_drops_the_centre_widens_what_is_left),
        cmocka_unit_test(the_best_fraction_is_what_stays),
        cmocka_unit_test(a_verifier_holds_back_wrong_labels),
        cmocka_unit_test(copies_leave_one),
        cmocka_unit_test(the_first_real_data_can_come_again),
        cmocka_unit_test(what_has_no_meaning_is_refused_in_words),
        cmocka_unit_test(a_screen_that_nothing_passes_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
