/*
 * Forecasts: against the reference values (tests/vectors/collapse), against the closed forms of
 * theory.h, and against the simulation itself, within 4 standard errors.
 */
#include "unit/sim_rows.h"

#include <time.h>

#include "sim/collect.h"
#include "sim/forecast.h"

enum { MOST_RUNS = 1000, LAST = 8 };

static struct wn_sim_opts options(const char *engine, uint64_t n)
{
    return (struct wn_sim_opts){ .engine = engine, .generations = LAST, .replicates = 1, .seed = 11, .n = n };
}

static struct sim_setup setup_of(struct wn_sim_opts *o, const struct wn_policy *p)
{
    struct sim_setup s;
    struct wn_err err = { 0 };

    o->policies = p;
    o->n_policies = 1;
    if (sim_setup_open(&s, o, &err) != WN_OK)
        fail_msg("%s", err.text);
    return s;
}

static struct sim_outlook outlook_of(struct wn_sim_opts o, const struct wn_policy *p)
{
    struct sim_setup s = setup_of(&o, p);
    struct sim_forecast *f;
    struct sim_outlook out;

    assert_int_equal(sim_forecast_open(&f, &s, p, NULL), WN_OK);
    out = *sim_forecast_outlook(f);
    sim_forecast_close(f);
    sim_setup_close(&s);
    return out;
}

static double named(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return NAN;
}

/* The expected value of METRIC after fit N. */
static double forecast_of(struct wn_sim_opts o, const struct wn_policy *p, const char *metric, unsigned n)
{
    struct sim_setup s = setup_of(&o, p);
    struct sim_metrics m = { .n = 0 };
    struct sim_forecast *f;

    assert_int_equal(sim_forecast_open(&f, &s, p, NULL), WN_OK);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(sim_forecast_next(f, &m, NULL), WN_OK);
    sim_forecast_close(f);
    sim_setup_close(&s);
    return named(&m, metric);
}

static void expect_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g is not %.17g", got, want);
}

/* ---- reference values ------------------------------------------------------------------------------ */

static struct wn_policy fresh(double share, enum wn_mixing mixing)
{
    struct wn_policy p = sim_policy("fresh", WN_REGIME_FRESH_REAL);

    p.real_share = share;
    p.mixing = mixing;
    return p;
}

/* A scrape with a detector in front. */
static struct wn_policy detected(double tpr, double fpr, bool topup)
{
    struct wn_policy p = sim_policy("detected", WN_REGIME_REPLACE);

    p.filter_by = WN_FILTER_TAG;
    p.trust_real = false;
    p.op = (struct wn_operating_point){ .given = true, .tpr = tpr, .fpr = fpr };
    p.keep[WN_SYNTHETIC] = 0;
    p.topup = topup;
    return p;
}

static void replacement_has_a_drift_and_a_half_life(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts o = options("gaussian", 100);
    struct sim_outlook out = outlook_of(o, &p);

    (void)state;
    /* 1000 fits of 100 points: E log v = -20.19 (Shumailov et al. 2024, the 1-D runs) */
    expect_near(out.drift_per_fit, -20.19 / 1000, 1e-3);
    assert_string_equal(out.drift_of, "log_variance");
    expect_near(out.half_life_fits * -out.drift_per_fit, log(2), 1e-12);
    expect_near(out.absorption_fits, 198, 1e-12);
    assert_true(out.lasting == 0 && out.real_per_fit == 0 && out.first == 0.99 && !*out.why_not);
    for (unsigned n = 1; n <= 8; n++) {
        expect_near(forecast_of(o, &p, "variance", n), pow(0.99, n), 1e-13);
        expect_near(forecast_of(o, &p, "mean_squared", n), sim_replace_mu2(100, 0, n), 1e-9);
        expect_near(forecast_of(o, &p, "log_variance", n), sim_replace_logvar(100, 0, n), 1e-13);
        expect_near(forecast_of(o, &p, "w2_squared", n), sim_replace_w2(100, 0, n), 1e-9);
        expect_near(forecast_of(o, &p, "kl", n), sim_replace_kl_truth_model(100, 0, n), 1e-9);
        expect_near(forecast_of(o, &p, "kl_reverse", n), sim_replace_kl_model_truth(100, 0, n), 1e-9);
    }
    o.estimator = WN_ESTIMATE_UNBIASED;
    expect_near(forecast_of(o, &p, "variance", 8), 1, 1e-12);
    expect_near(forecast_of(o, &p, "w2_squared", 8), sim_replace_w2(100, 1, 8), 1e-9);
    expect_near(outlook_of(o, &p).drift_per_fit, sim_replace_drift(100, 1), 1e-12);
}

/* The fixed points of the reference values, as test_theory.c has them. */
static void fixed_points_are_those_of_the_closed_forms(void **state)
{
    struct wn_policy p = fresh(0.1, WN_MIXING_STRATIFIED), q = detected(0.9, 0.01, true);
    struct wn_sim_opts o = options("gaussian", 100);
    struct sim_outlook out = outlook_of(o, &p);

    (void)state;
    expect_near(out.lasting, 0.949748743718593, 1e-12);
    expect_near(out.real_per_fit, 10, 1e-12);
    expect_near(out.critical_share, 0.005063323673817899, 1e-12);
    p = fresh(0.01, WN_MIXING_IID);
    expect_near(outlook_of(o, &p).lasting, 0.6633109996296421, 1e-10);
    p = sim_policy("p", WN_REGIME_FIXED_REAL);
    p.real_share = 0.1;
    out = outlook_of(o, &p);
    expect_near(out.lasting, 0.8592964824120606, 1e-12);
    expect_near(out.first, 0.9, 1e-12);
    o.scraped_human_share = 0.01;
    out = outlook_of(o, &q);
    expect_near(out.lasting, 0.945, 1e-9);
    expect_near(out.real_per_fit, 9.090909090909093, 1e-9);
    expect_near(out.critical_tpr, sim_tpr_critical(100, 0.01, 0.01), 1e-12);
    q.topup = false;           /* fits of random sizes have no such number */
    assert_true(isnan(outlook_of(o, &q).critical_share));
    o.n = 1000;
    o.scraped_human_share = 0.02;
    o.sampling.lambda = 0.8;
    q = detected(0.977, 0.5, false);
    o.first_mixed = true;
    out = outlook_of(o, &q);
    expect_near(out.lasting, 0.6639465170604718, 1e-4);    /* the closed form redraws sets of 1 point */
    expect_near(out.first, 0.9684392774799752, 1e-3);
    expect_near(out.critical_share, 0.2 / 1.2, 1e-12);
}

static void accumulation_and_windows_end_where_theory_says(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_ACCUMULATE);
    struct wn_sim_opts o = options("gaussian", 10);
    struct sim_outlook out = outlook_of(o, &p);

    (void)state;
    expect_near(out.lasting, 0.843435857215594, 1e-12);    /* sin(pi/sqrt 10)/(pi/sqrt 10) */
    assert_true(isnan(out.drift_per_fit) && isnan(out.half_life_fits) && out.real_per_fit == 10);
    o.estimator = WN_ESTIMATE_UNBIASED;
    expect_near(outlook_of(o, &p).lasting, sim_accumulate_var(10, 1, INFINITY), 1e-12);
    o.n_first = 11;            /* no closed form: the limit of the recursion */
    expect_near(outlook_of(o, &p).lasting, forecast_of(o, &p, "variance", 100000), 2e-6);
    o.n_first = 0;
    o.estimator = WN_ESTIMATE_MLE;
    o.sampling.lambda = 0.5;
    out = outlook_of(o, &p);
    assert_true(out.lasting == 0 && out.power == -0.5);
    expect_near(forecast_of(o, &p, "variance", 8), sim_accumulate_lambda_var(10, 0.5, 8), 1e-12);
    o.sampling.lambda = 0;
    p = sim_policy("p", WN_REGIME_ACCUMULATE_SUBSAMPLE);
    expect_near(forecast_of(o, &p, "variance", 8), sim_subsample_var(10, 8), 1e-12);
    expect_near(outlook_of(o, &p).lasting, sim_subsample_var(10, INFINITY), 1e-9);
    o.n = 20;
    p = sim_policy("p", WN_REGIME_WINDOW);
    p.window = 2;
    out = outlook_of(o, &p);
    expect_near(out.drift_per_fit, log(0.9776523918469964), 1e-9);
    assert_string_equal(out.drift_of, "log_mean_variance");
    for (unsigned w = 1; w <= 5; w += 2) {
        p.window = w;
        expect_near(forecast_of(o, &p, "variance", 8), sim_window_var(20, w, 8), 1e-12);
        expect_near(outlook_of(o, &p).drift_per_fit, log(sim_window_rate(20, w)), 1e-8);
    }
    p.window = 400;            /* loss per fit ~ 4/((W + 1)^2 M) */
    expect_near(outlook_of(o, &p).drift_per_fit, -4.0 / (401 * 401 * 20), 0.02);
}

static void growing_sets_and_blends_have_their_recursions(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_SCHEDULE);
    struct wn_sim_opts o = options("gaussian", 40);

    (void)state;
    p.power = 1.5;
    expect_near(forecast_of(o, &p, "variance", 8), sim_schedule_var(40, 1.5, 0, 8), 1e-12);
    /* what follows fit 1e5 is the integral of 1/(40 k^1.5) */
    expect_near(outlook_of(o, &p).lasting, sim_schedule_var(40, 1.5, 0, 1e5) * exp(-2 / (40 * sqrt(1e5))), 1e-6);
    p = sim_policy("p", WN_REGIME_REPLACE_GROWN);
    expect_near(forecast_of(o, &p, "variance", 8), sim_schedule_var(40, 1, 0, 8), 1e-12);
    assert_true(outlook_of(o, &p).lasting == 0);
    expect_near(outlook_of(o, &p).power, -2.0 / 40, 1e-9);
    p = sim_policy("p", WN_REGIME_GENERAL);
    p.alpha = 0.7;
    p.beta = 0.2;
    p.gamma = 0.1;
    expect_near(forecast_of(o, &p, "variance", 8), sim_general_var(40, 0.7, 0.2, 0.1, 8), 1e-12);
    expect_near(outlook_of(o, &p).lasting, sim_general_var(40, 0.7, 0.2, 0.1, INFINITY), 1e-10);
    p.alpha = 0.8;
    p.gamma = 0;
    expect_near(outlook_of(o, &p).drift_per_fit, log1p(-0.64 / 40), 1e-9);
    p = sim_policy("p", WN_REGIME_WEIGHTED);
    p.real_share = 0.5;
    p.weight = 0.618;
    o.first_mixed = true;      /* E mu^2 = 1 - E v */
    expect_near(forecast_of(o, &p, "mean_squared", 8), sim_weight_mu2(20, 20, 0.618, 8), 1e-9);
}

static void many_dimensions_and_states_share_the_factors(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts o = options("gaussian-nd", 30), d = options("discrete", 50);
    struct sim_theory_law law;
    double *zipf, want;

    (void)state;
    o.model.dims = 4;
    expect_near(forecast_of(o, &p, "trace", 8), sim_nd_trace(4, 30, 0, 8), 1e-12);
    expect_near(forecast_of(o, &p, "log_det", 8), sim_nd_logdet(4, 30, 0, 8), 1e-12);
    expect_near(outlook_of(o, &p).drift_per_fit, sim_nd_logdet_drift(4, 30, 0), 1e-12);
    assert_string_equal(outlook_of(o, &p).drift_of, "log_det");
    o.estimator = WN_ESTIMATE_UNBIASED;
    expect_near(forecast_of(o, &p, "trace_of_square", 8), sim_nd_trace_of_square(4, 30, 8), 1e-12);
    expect_near(forecast_of(o, &p, "trace_squared", 8), sim_nd_trace_squared(4, 30, 8), 1e-12);
    expect_near(forecast_of(o, &p, "det", 8), sim_nd_det(4, 30, 1, 8), 1e-12);
    expect_near(forecast_of(o, &p, "mean_squared", 8), sim_nd_mu2(4, 30, 8), 1e-9);

    d.model.states = 40;
    d.model.zipf = 1;
    assert_int_equal(sim_theory_zipf_new(1, 0, 40, &zipf, NULL), WN_OK);
    law = (struct sim_theory_law){ zipf, 40 };
    expect_near(forecast_of(d, &p, "simpson", 8), sim_theory_simpson(&law) * pow(0.98, 8), 1e-12);
    for (int k = 0; k < 3; k++) {
        static const char *const name[] = { "states", "entropy", "lost_mass" };
        static const enum sim_theory_state_sum what[] = { SIM_SUM_STATES, SIM_SUM_ENTROPY, SIM_SUM_LOST };

        assert_int_equal(sim_theory_state_sum(&law, 50, 8, what[k], &want, NULL), WN_OK);
        expect_near(forecast_of(d, &p, name[k], 8), want, 1e-12);
    }
    d.model.add = 0.5;
    expect_near(forecast_of(d, &p, "simpson", 8), sim_smoothed_diversity(&law, 50, 0.5, 8), 1e-12);
    expect_near(outlook_of(d, &p).lasting, sim_smoothed_diversity(&law, 50, 0.5, 5000), 1e-9);
    d.model.add = 0;
    d.model.states = 2;
    d.model.zipf = 0;
    expect_near(outlook_of(d, &p).absorption_fits, sim_absorption_two_diffusion(50, 0.5), 1e-9);
    free(zipf);
}

static struct sim_outlook shares_of(const struct wn_sim_opts *o, const struct wn_policy *p)
{
    struct sim_outlook out;

    assert_int_equal(sim_forecast_shares(o, p, &out, NULL), WN_OK);
    return out;
}

static void expect_same(double a, double b)
{
    assert_true((isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12 * fabs(a));
}

/* What a sweep is told of a cell is what a run is told, over the truth's diversity. */
static void shares_are_the_outlook_in_units_of_the_truth(void **state)
{
    struct wn_policy p[] = { sim_policy("a", WN_REGIME_REPLACE),     sim_policy("b", WN_REGIME_ACCUMULATE),
                             sim_policy("c", WN_REGIME_FIXED_REAL),  fresh(0.2, WN_MIXING_STRATIFIED),
                             detected(0.8, 0.1, true),               sim_policy("d", WN_REGIME_WINDOW) };
    struct wn_sim_opts o = options("gaussian", 30);

    (void)state;
    p[2].real_share = 0.2;
    p[5].window = 3;
    o.model.states = 9;
    o.model.zipf = 1;
    for (int engine = 0; engine < 2; engine++) {
        for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
            struct sim_outlook whole, share;
            double truth = 1;

            o.engine = engine ? "discrete" : "gaussian";
            o.scraped_human_share = i == 4 ? 0.1 : 0;
            whole = outlook_of(o, &p[i]);
            share = shares_of(&o, &p[i]);
            if (engine)
                truth = whole.first / share.first;     /* 1 - sum p^2 of 1/k over 9 states */
            expect_near(truth, engine ? 1 - 1.5397677311665408 / (2.828968253968254 * 2.828968253968254) : 1, 1e-12);
            expect_same(whole.lasting, truth * share.lasting);
            expect_same(whole.drift_per_fit, share.drift_per_fit);
            expect_same(whole.real_share, share.real_share);
            expect_same(whole.critical_share, share.critical_share);
            expect_same(whole.critical_tpr, share.critical_tpr);
        }
    }
    o.sampling.temperature = 0.9;
    assert_string_equal(shares_of(&o, &p[0]).why_not, "a sampler's bias has no one factor");
    o.sampling.temperature = 0;
    o.model.add = 1;
    assert_null(shares_of(&o, &p[0]).metric);
    assert_null(shares_of(&(struct wn_sim_opts){ .engine = "kde", .n = 30 }, &p[0]).metric);
    p[0].filter_by = WN_FILTER_TOP_FRACTION;
    o = options("gaussian", 30);
    assert_string_equal(shares_of(&o, &p[0]).why_not, "the filter looks at values");
}

/* p* = rho p_0 + (1 - rho) T(p*) at infinitely many items. */
static void a_temperature_has_its_fixed_point(void **state)
{
    struct wn_policy p = fresh(0.3, WN_MIXING_STRATIFIED), q = sim_policy("q", WN_REGIME_REPLACE);
    struct wn_sim_opts o = options("discrete", 100000);
    struct sim_outlook out;

    (void)state;
    o.model.states = 20;
    o.model.zipf = 1;
    o.sampling.temperature = 0.8;
    out = outlook_of(o, &p);
    assert_true(out.is_unlimited && out.lasting > 0.05 && out.lasting < 0.9 && *out.why_not);
    o.generations = 60;
    {
        struct sim_setup s = setup_of(&o, &p);
        const char *metric = "simpson";
        uint32_t at = 60;
        struct sim_wanted w = { &metric, 1, &at, 1, 0, 1 };
        double value;

        assert_int_equal(sim_collect(&s, &p, &w, &value, NULL, NULL), WN_OK);
        expect_near(value, out.lasting, 0.01);
        sim_setup_close(&s);
    }
    assert_true(outlook_of(o, &q).lasting == 0);
}

static void regression_kernels_counts_and_times(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE), a = sim_policy("a", WN_REGIME_ACCUMULATE);
    struct wn_policy f = fresh(0.5, WN_MIXING_STRATIFIED), g = sim_policy("g", WN_REGIME_REPLACE_GROWN);
    struct wn_sim_opts o = options("linreg", 30), k = options("kde", 50), c = options("poisson", 20);
    struct wn_sim_opts e = options("exponential", 20);

    (void)state;
    o.model.dims = 4;
    o.model.noise = 0.5;
    expect_near(forecast_of(o, &p, "test_error", 8), sim_linreg_replace(4, 30, 0.5, 8), 1e-12);
    expect_near(outlook_of(o, &p).growth_per_fit, sim_linreg_replace(4, 30, 0.5, 1), 1e-12);
    expect_near(forecast_of(o, &g, "test_error", 8), sim_linreg_grown(4, 30, 0.5, 8), 1e-12);
    expect_near(forecast_of(o, &a, "test_error", 8), sim_linreg_accumulate_new(4, 30, 0.5, 8), 1e-12);
    o.model.same_design = true;
    expect_near(forecast_of(o, &a, "test_error", 8), sim_linreg_accumulate(4, 30, 0.5, 8), 1e-12);
    expect_near(outlook_of(o, &a).lasting, sim_linreg_accumulate(4, 30, 0.5, INFINITY), 1e-9);
    o.model.same_design = false;
    o.model.dims = 1;
    o.model.noise = 1;
    expect_near(forecast_of(o, &f, "test_error", 8), sim_linreg_fresh(15, 15, 8), 1e-12);
    expect_near(outlook_of(o, &f).lasting, sim_linreg_fresh(15, 15, INFINITY), 1e-12);
    expect_near(forecast_of(k, &p, "variance", 8), sim_kde_rule_var(50, 1, 8), 1e-12);
    k.model.bandwidth = "0.2";
    expect_near(forecast_of(k, &p, "variance", 8), sim_kde_fixed_var(50, 0.2, 8), 1e-12);
    expect_near(outlook_of(k, &p).lasting, sim_kde_fixed_var(50, 0.2, INFINITY), 1e-9);
    c.model.rate = 0.3;
    expect_near(forecast_of(c, &p, "extinct", 8), sim_poisson_extinct(20, 0.3, 8), 1e-12);
    expect_near(forecast_of(e, &p, "log_scale", 8), 8 * sim_theory_digamma_excess(20), 1e-12);
}

static void what_has_no_closed_form_says_why(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts o = options("gaussian", 30), g = options("gmm", 100);
    struct sim_outlook out;

    (void)state;
    p.filter_by = WN_FILTER_TOP_FRACTION;
    p.top_share = 0.5;
    out = outlook_of(o, &p);
    assert_true(!out.metric && isnan(out.lasting) && isnan(forecast_of(o, &p, "variance", 1)));
    assert_string_equal(out.why_not, "the filter looks at values");
    p = sim_policy("p", WN_REGIME_REPLACE);
    assert_string_equal(outlook_of(g, &p).why_not, "no theory is built in for this engine");
    assert_true(isnan(forecast_of(g, &p, "variance", 1)));
}

/* ---- against the simulation ------------------------------------------------------------------------ */

static double mean_of(const double *v, size_t n, double *se)
{
    double sum = 0, squares = 0;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i])) {
            sum += v[i];
            kept++;
        }
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i]))
            squares += (v[i] - sum / (double)kept) * (v[i] - sum / (double)kept);
    *se = sqrt(squares / (double)(kept - 1) / (double)kept);
    return sum / (double)kept;
}

static const uint32_t compared_at[] = { 1, 2, 5, 8 };
enum { N_AT = 4 };

static void compare(const struct wn_policy *p, const struct sim_metrics *m, const double *value, uint32_t runs)
{
    unsigned compared = 0;

    for (size_t i = 0; i < N_AT; i++)
        for (size_t k = 0; k < m[i].n; k++) {
            double se, mean = mean_of(value + (i * m[0].n + k) * runs, runs, &se), want = m[i].item[k].value;

            if (isnan(mean) || isnan(want) || strcmp(m[i].item[k].name, "kl") == 0)
                continue;                            /* not in every trace; heavy tails */
            compared++;
            if (!(fabs(mean - want) <= 4 * se + 1e-12 * fabs(mean)))
                fail_msg("%s, %s, fit %u: forecast %.8g, runs %.8g +- %.2g (z %.2f)", p->name, m[i].item[k].name,
                         compared_at[i], want, mean, se, (mean - want) / se);
        }
    if (compared < N_AT)
        fail_msg("%s: nothing to compare", p->name);
}

/* Every metric that is forecast and recorded, after 1, 2, 5 and 8 fits. */
static void compare_with_runs(struct wn_sim_opts o, const struct wn_policy *p, uint32_t runs)
{
    struct sim_setup s = setup_of(&o, p);
    struct sim_metrics m[N_AT] = { { .n = 0 } }, now;
    const char *names[SIM_MAX_METRICS];
    struct sim_wanted w = { names, 0, compared_at, N_AT, 0, runs };
    struct sim_forecast *f;
    double *value;

    assert_int_equal(sim_forecast_open(&f, &s, p, NULL), WN_OK);
    for (unsigned g = 1, i = 0; g <= LAST; g++) {
        assert_int_equal(sim_forecast_next(f, &now, NULL), WN_OK);
        if (g == compared_at[i])
            m[i++] = now;
    }
    /* Some metrics are known for the first fits alone: they are matched by name. */
    for (size_t k = 0; k < m[0].n; k++)
        names[w.n_metrics++] = m[0].item[k].name;
    for (size_t i = 1; i < N_AT; i++) {
        struct sim_metrics full = { .n = 0 };

        for (size_t k = 0; k < m[0].n; k++) {
            full.item[k].name = names[k];
            full.item[k].value = named(&m[i], names[k]);
        }
        full.n = m[0].n;
        m[i] = full;
    }
    value = malloc(N_AT * w.n_metrics * runs * sizeof(*value) + 1);
    assert_non_null(value);
    assert_int_equal(sim_collect(&s, p, &w, value, NULL, NULL), WN_OK);
    compare(p, m, value, runs);
    free(value);
    sim_forecast_close(f);
    sim_setup_close(&s);
}

static struct wn_policy named_policy(const char *name, enum wn_regime regime)
{
    struct wn_policy p = sim_policy(name, regime);

    p.real_share = 0.3;
    p.window = 3;
    p.power = 0.5;
    p.weight = 0.6;
    p.alpha = 0.7;
    p.beta = 0.2;
    p.gamma = 0.1;
    return p;
}

static const enum wn_regime numeric_regimes[] = {
    WN_REGIME_REPLACE,  WN_REGIME_ACCUMULATE, WN_REGIME_FRESH_REAL, WN_REGIME_REPLACE_GROWN, WN_REGIME_SCHEDULE,
    WN_REGIME_WINDOW,   WN_REGIME_FIXED_REAL, WN_REGIME_WEIGHTED,   WN_REGIME_GENERAL,
};
enum { N_REGIMES = sizeof(numeric_regimes) / sizeof(numeric_regimes[0]) };

static void every_regime_meets_its_forecast(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_REGIMES; i++) {
        struct wn_policy p = named_policy(wn_regime_name(numeric_regimes[i]), numeric_regimes[i]);
        struct wn_sim_opts o = options("gaussian", 20);

        compare_with_runs(o, &p, MOST_RUNS);
        o.n_first = 9;
        if (numeric_regimes[i] != WN_REGIME_FIXED_REAL)
            compare_with_runs(o, &p, MOST_RUNS);
    }
}

/* Real and synthetic points have one second moment, so E v + E mu^2 = 1 whatever is kept. */
static void without_a_bias_the_second_moment_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_REGIMES; i++)
        for (int scraped = 0; scraped < 2; scraped++)
            for (int first = 0; first < 2; first++) {
                struct wn_policy p = named_policy("p", numeric_regimes[i]);
                struct wn_sim_opts o = options("gaussian", 20);

                if (scraped && numeric_regimes[i] == WN_REGIME_GENERAL)
                    continue;
                /* Shares that the plan holds item by item have no forecast. */
                if (numeric_regimes[i] == WN_REGIME_FIXED_REAL && (scraped || first))
                    continue;
                if (scraped && (numeric_regimes[i] == WN_REGIME_FRESH_REAL || numeric_regimes[i] == WN_REGIME_WEIGHTED))
                    continue;
                o.scraped_human_share = scraped ? 0.3 : 0;
                o.n_first = first ? 7 : 0;
                for (unsigned n = 1; n <= LAST; n++)
                    expect_near(forecast_of(o, &p, "variance", n) + forecast_of(o, &p, "mean_squared", n), 1, 1e-12);
            }
}

static void bias_and_estimators_meet_their_forecast(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_REGIMES; i++) {
        struct wn_policy p = named_policy(wn_regime_name(numeric_regimes[i]), numeric_regimes[i]);
        struct wn_sim_opts o = options("gaussian", 20);

        o.estimator = WN_ESTIMATE_UNBIASED;
        o.sampling.lambda = 0.8;
        compare_with_runs(o, &p, MOST_RUNS);
    }
    for (size_t i = 0; i < 2; i++) {
        struct wn_policy p = named_policy("by source", i ? WN_REGIME_WEIGHTED : WN_REGIME_FRESH_REAL);
        struct wn_sim_opts o = options("gaussian", 20);

        o.estimator = WN_ESTIMATE_BY_SOURCE;
        compare_with_runs(o, &p, MOST_RUNS);
    }
}

static void a_scrape_and_a_detector_meet_their_forecast(void **state)
{
    struct wn_policy pools[] = { sim_policy("accumulate, filtered", WN_REGIME_ACCUMULATE),
                                 sim_policy("subsample, filtered", WN_REGIME_ACCUMULATE_SUBSAMPLE),
                                 named_policy("fresh, filtered", WN_REGIME_FRESH_REAL),
                                 sim_policy("replace, filtered", WN_REGIME_REPLACE) };
    struct wn_sim_opts o = options("gaussian", 30);

    (void)state;
    for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
        pools[i].filter_by = WN_FILTER_TAG;
        pools[i].op = (struct wn_operating_point){ .given = true, .tpr = 0.6, .fpr = 0.1 };
        pools[i].keep[WN_SYNTHETIC] = 0;
        pools[i].trust_real = true;
        pools[i].short_ok = true;
        compare_with_runs(o, &pools[i], MOST_RUNS);
    }
    o.scraped_human_share = 0.3;
    for (size_t i = 0; i < 2; i++) {
        o.sampling.lambda = i ? 0.8 : 1;
        compare_with_runs(o, &pools[i], MOST_RUNS);
        compare_with_runs(o, &pools[1 - i], MOST_RUNS);
    }
    for (int k = 0; k < 4; k++) {
        struct wn_policy p = detected(0.7, 0.1, k & 1);

        o.sampling.lambda = k & 2 ? 0.7 : 1;
        o.first_mixed = k & 2;
        compare_with_runs(o, &p, MOST_RUNS);
    }
    o.first_mixed = false;
    o.sampling.lambda = 1;
    for (size_t i = 0; i < N_REGIMES; i++) {
        struct wn_policy p = named_policy(wn_regime_name(numeric_regimes[i]), numeric_regimes[i]);

        if (numeric_regimes[i] != WN_REGIME_GENERAL && numeric_regimes[i] != WN_REGIME_FIXED_REAL &&
            numeric_regimes[i] != WN_REGIME_FRESH_REAL && numeric_regimes[i] != WN_REGIME_WEIGHTED)
            compare_with_runs(o, &p, MOST_RUNS);
    }
}

static void fresh_data_by_chance_and_importance_weights_meet_their_forecast(void **state)
{
    struct wn_policy p = fresh(0.2, WN_MIXING_IID), q = sim_policy("importance", WN_REGIME_ACCUMULATE_SUBSAMPLE);
    struct wn_sim_opts o = options("gaussian", 20);

    (void)state;
    compare_with_runs(o, &p, MOST_RUNS);
    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ .given = true, .tpr = 0.5, .fpr = 0.2 };
    p.keep[WN_SYNTHETIC] = 0;
    p.trust_real = false;
    compare_with_runs(o, &p, MOST_RUNS);
    q.filter_by = WN_FILTER_IMPORTANCE;
    q.importance_power = 2;
    q.human_confidence[0] = 1;
    q.human_confidence[1] = 8;
    q.synthetic_confidence[0] = 8;
    q.synthetic_confidence[1] = 2;
    q.short_ok = true;
    compare_with_runs(o, &q, MOST_RUNS);
}

static void truncation_meets_its_forecast_point_by_point(void **state)
{
    struct wn_policy p = sim_policy("truncated", WN_REGIME_REPLACE), a = sim_policy("kept", WN_REGIME_ACCUMULATE);
    struct wn_sim_opts o = options("gaussian", 20);

    (void)state;
    o.sampling.truncate = 2;
    o.mode = WN_SIM_POINTS;
    compare_with_runs(o, &p, 500);
    compare_with_runs(o, &a, 200);
    expect_near(forecast_of(o, &p, "variance", 8), sim_truncated_var(20, 2, 8), 1e-12);
}

static void the_other_engines_meet_their_forecast(void **state)
{
    static const struct {
        const char *engine;
        uint32_t runs;
    } cases[] = { { "discrete", 1000 }, { "gaussian-nd", 500 }, { "linreg", 500 }, { "poisson", 1000 },
                  { "exponential", 1000 }, { "labels", 1000 }, { "kde", 100 } };

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++)
        for (size_t i = 0; i < N_REGIMES; i++) {
            struct wn_policy p = named_policy(cases[k].engine, numeric_regimes[i]);
            struct wn_sim_opts o = options(cases[k].engine, 20);

            o.model.states = strcmp(cases[k].engine, "discrete") == 0 ? 30 : 0;
            if (strcmp(cases[k].engine, "linreg") == 0)
                o.model.dims = 1;
            if (strcmp(cases[k].engine, "kde") == 0 && numeric_regimes[i] != WN_REGIME_REPLACE &&
                numeric_regimes[i] != WN_REGIME_FRESH_REAL && numeric_regimes[i] != WN_REGIME_WINDOW)
                continue;
            if (strcmp(cases[k].engine, "linreg") == 0 &&
                (numeric_regimes[i] >= WN_REGIME_WINDOW))
                continue;
            if (strcmp(cases[k].engine, "labels") == 0 &&
                (numeric_regimes[i] == WN_REGIME_ACCUMULATE || numeric_regimes[i] == WN_REGIME_WINDOW ||
                 numeric_regimes[i] == WN_REGIME_GENERAL))
                continue;
            if (strcmp(cases[k].engine, "poisson") == 0)
                o.model.rate = 0.05;
            compare_with_runs(o, &p, cases[k].runs);
        }
}

/* ---- cost ------------------------------------------------------------------------------------------------ */

static void a_thousand_fits_cost_milliseconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_REGIMES; i++) {
        struct wn_policy p = named_policy("p", numeric_regimes[i]);
        struct wn_sim_opts o = options("gaussian", 1000);
        struct timespec from, to;

        o.generations = 1000;
        p.window = 50;
        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_false(isnan(forecast_of(o, &p, "variance", 1000)));
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (getenv("WN_TIMES"))
            print_message("%s: %.2f ms\n", wn_regime_name(numeric_regimes[i]),
                          1e3 * (double)(to.tv_sec - from.tv_sec) + 1e-6 * (double)(to.tv_nsec - from.tv_nsec));
        assert_true(to.tv_sec - from.tv_sec < 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacement_has_a_drift_and_a_half_life),
        cmocka_unit_test(fixed_points_are_those_of_the_closed_forms),
        cmocka_unit_test(accumulation_and_windows_end_where_theory_says),
        cmocka_unit_test(growing_sets_and_blends_have_their_recursions),
        cmocka_unit_test(many_dimensions_and_states_share_the_factors),
        cmocka_unit_test(shares_are_the_outlook_in_units_of_the_truth),
        cmocka_unit_test(a_temperature_has_its_fixed_point),
        cmocka_unit_test(regression_kernels_counts_and_times),
        cmocka_unit_test(what_has_no_closed_form_says_why),
        cmocka_unit_test(every_regime_meets_its_forecast),
        cmocka_unit_test(without_a_bias_the_second_moment_stays),
        cmocka_unit_test(bias_and_estimators_meet_their_forecast),
        cmocka_unit_test(a_scrape_and_a_detector_meet_their_forecast),
        cmocka_unit_test(fresh_data_by_chance_and_importance_weights_meet_their_forecast),
        cmocka_unit_test(truncation_meets_its_forecast_point_by_point),
        cmocka_unit_test(the_other_engines_meet_their_forecast),
        cmocka_unit_test(a_thousand_fits_cost_milliseconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
