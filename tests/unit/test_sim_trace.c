/*
 * The trace as a whole: its shape, its order, and what ends a run.
 */
#include "unit/sim_rows.h"

#include <winnow/version.h>

#include "sim/inflow.h"

static struct wn_policy filtered(const char *name, enum wn_regime regime, double tpr, double fpr)
{
    struct wn_policy p = sim_policy(name, regime);

    p.filter_by = WN_FILTER_TAG;
    p.trust_real = false;
    p.op = (struct wn_operating_point){ .given = true, .tpr = tpr, .fpr = fpr };
    return p;
}

static struct wn_sim_opts small(const char *engine, const struct wn_policy *p, size_t n_policies)
{
    return (struct wn_sim_opts){ .engine = engine, .policies = p, .n_policies = n_policies, .generations = 4,
                                 .replicates = 5, .seed = 3, .n = 50, .mode = WN_SIM_POINTS };
}

static void jobs_do_not_change_a_byte(void **state)
{
    static const char *const engines[] = { "gaussian", "gmm" };
    struct wn_policy p[3] = { sim_policy("replace", WN_REGIME_REPLACE),
                              sim_policy("subsample", WN_REGIME_ACCUMULATE_SUBSAMPLE),
                              filtered("tagged", WN_REGIME_ACCUMULATE, 0.8, 0.1) };

    (void)state;
    for (size_t e = 0; e < 2; e++) {
        struct wn_sim_opts opts = small(engines[e], p, 3);
        struct sim_rows *one = sim_rows_new(true), *four = sim_rows_new(true);

        opts.jobs = 1;
        sim_rows_run(one, &opts);
        opts.jobs = 4;
        sim_rows_run(four, &opts);
        assert_true(one->n_rows > 100);
        assert_true(wn_str_eq(wn_buf_str(&one->text), wn_buf_str(&four->text)));
        sim_rows_release(one);
        sim_rows_release(four);
    }
}

/* Next line of TEXT parsed; NULL at the end. */
static struct wn_jsonval *next_row(struct wn_str *text)
{
    const char *end = memchr(text->ptr, '\n', text->len);
    struct wn_jsonval *v = NULL;
    struct wn_str line;

    if (text->len == 0)
        return NULL;
    assert_non_null(end);
    line = (struct wn_str){ text->ptr, (size_t)(end - text->ptr) };
    assert_int_equal(wn_jsonval_parse(&v, line, NULL), WN_OK);
    text->ptr = end + 1;
    text->len -= line.len + 1;
    return v;
}

static const char *str_at(const struct wn_jsonval *v, const char *key)
{
    return wn_jsonval_str(wn_jsonval_get(v, key), "");
}

static double num_at(const struct wn_jsonval *v, const char *key)
{
    return wn_jsonval_num(wn_jsonval_get(v, key), NAN);
}

/* The first line behind those of theory. */
static struct wn_jsonval *first_of_runs(struct wn_str *text)
{
    struct wn_jsonval *v;

    while ((v = next_row(text)) != NULL && wn_jsonval_get(v, "kind"))
        wn_jsonval_free(v);
    return v;
}

static void the_header_says_what_was_run(void **state)
{
    struct wn_policy p[2] = { sim_policy("a \"b\"", WN_REGIME_REPLACE), sim_policy("c", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = { .engine = "gaussian", .policies = p, .n_policies = 2, .seed = 9, .generations = 1,
                                .replicates = 1 };
    struct sim_rows *r = sim_rows_new(true);
    struct wn_jsonval *v;
    struct wn_str text;

    (void)state;
    sim_rows_run(r, &opts);
    text = wn_buf_str(&r->text);
    v = next_row(&text);
    assert_string_equal(str_at(v, "kind"), "trace");
    assert_true(num_at(v, "version") == 2);
    assert_string_equal(str_at(v, "winnow"), WN_VERSION);
    assert_string_equal(str_at(v, "engine"), "gaussian");
    assert_true(num_at(wn_jsonval_get(v, "settings"), "n") == 100);      /* the default, resolved */
    assert_true(num_at(wn_jsonval_get(v, "settings"), "seed") == 9);
    assert_string_equal(str_at(wn_jsonval_get(v, "settings"), "estimator"), "mle");
    assert_int_equal(wn_jsonval_size(wn_jsonval_get(v, "policies")), 2);
    assert_string_equal(str_at(wn_jsonval_at(wn_jsonval_get(v, "policies"), 0), "name"), "a \"b\"");
    assert_string_equal(str_at(wn_jsonval_get(v, "played"), "a \"b\""), "exact");
    wn_jsonval_free(v);
    v = first_of_runs(&text);
    assert_string_equal(str_at(v, "run"), "a \"b\"/0");
    assert_string_equal(str_at(v, "policy"), "a \"b\"");
    wn_jsonval_free(v);
    sim_rows_release(r);
}

/* Lines that are no rows go to the text alone. */
static enum wn_status add_text(void *arg, struct wn_str line, struct wn_err *err)
{
    struct sim_rows *r = arg;

    wn_buf_add(&r->text, line);
    return wn_buf_status(&r->text, err);
}

/* Fixed keys in a fixed order, every value a number, runs in (policy, replicate,
 * generation) order. */
static void every_row_has_the_same_keys_in_order(void **state)
{
    static const char *const keys[] = { "run", "policy", "replicate", "generation", "metric", "value", "n" };
    struct wn_policy p[2] = { sim_policy("first", WN_REGIME_REPLACE), sim_policy("second", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);
    struct sim_rows *r = sim_rows_new(true);
    struct wn_jsonval *v;
    struct wn_str text;
    double last = -1;

    (void)state;
    sim_rows_run(r, &opts);
    text = wn_buf_str(&r->text);
    wn_jsonval_free(next_row(&text));
    for (v = first_of_runs(&text); v; v = next_row(&text)) {
        double at = (strcmp(str_at(v, "policy"), "second") == 0) * 1e6 + num_at(v, "replicate") * 1e3 +
                    num_at(v, "generation");

        assert_int_equal(wn_jsonval_size(v), 7);
        for (size_t k = 0; k < 7; k++)
            assert_string_equal(wn_jsonval_key_at(v, k), keys[k]);
        assert_true(wn_jsonval_is_num(wn_jsonval_get(v, "value")));
        assert_true(at >= last);
        last = at;
        wn_jsonval_free(v);
    }
    assert_true(last == 1e6 + 4e3 + 4);
    sim_rows_release(r);
}

/* The traces must agree but for the policy's name and definition. */
static void a_perfect_operating_point_equals_the_oracle(void **state)
{
    struct wn_policy op = filtered("p", WN_REGIME_ACCUMULATE, 1, 0), oracle = sim_policy("p", WN_REGIME_ACCUMULATE);
    struct wn_sim_opts opts = small("gaussian", &op, 1);
    struct sim_rows *a = sim_rows_new(true), *b = sim_rows_new(true);
    const char *rows_a, *rows_b;

    (void)state;
    oracle.filter_by = WN_FILTER_ORACLE;
    sim_rows_run(a, &opts);
    opts.policies = &oracle;
    sim_rows_run(b, &opts);
    wn_buf_addc(&a->text, '\0');
    wn_buf_addc(&b->text, '\0');
    rows_a = strstr(a->text.ptr, "{\"run\"");
    rows_b = strstr(b->text.ptr, "{\"run\"");
    assert_true(wn_str_eq((struct wn_str){ rows_a, (size_t)(a->text.ptr + a->text.len - rows_a) },
                          (struct wn_str){ rows_b, (size_t)(b->text.ptr + b->text.len - rows_b) }));
    assert_true(sim_rows_mean(a, "p", 4, "real_share") == 1);
    assert_true(sim_rows_mean(a, "p", 4, "kept") == 50);
    assert_true(sim_rows_mean(a, "p", 4, "pool") == 250);
    assert_true(sim_rows_mean(a, "p", 4, "dropped_filter") == 200);
    sim_rows_release(a);
    sim_rows_release(b);
}

/* An item keeps its verdict: what generation 1 lost stays lost in generation 4. */
static void an_item_keeps_its_verdict(void **state)
{
    struct wn_policy p = filtered("p", WN_REGIME_ACCUMULATE, 0.5, 0.3);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    double first;

    (void)state;
    opts.replicates = 1;
    sim_rows_run(r, &opts);
    first = sim_rows_mean(r, "p", 1, "achieved_fpr");
    for (unsigned g = 2; g <= 4; g++)      /* the same 50 real points in every pool */
        assert_true(sim_rows_mean(r, "p", g, "achieved_fpr") == first);
    assert_true(first > 0.05 && first < 0.6);
    sim_rows_release(r);
}

/* Verdicts unknown have their own rate and weight: all of the synthetic items are unknown,
 * and none of the unknown is kept, so nothing is left. */
static void unknown_is_a_verdict_of_its_own(void **state)
{
    struct wn_policy p = filtered("p", WN_REGIME_ACCUMULATE, 0, 0);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(false);

    (void)state;
    p.op.unknown_synthetic = 1;
    p.keep[WN_UNKNOWN] = 0;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "p", 4, "real_share") == 1);
    assert_true(sim_rows_mean(r, "p", 4, "achieved_tpr") == 0);
    assert_true(sim_rows_mean(r, "p", 4, "dropped_filter") == 200);
    sim_rows_release(r);
}

/* Half of the intake is declared fresh data; the scrape is the other half. */
static void an_intake_adds_up(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_FRESH_REAL);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_inflow in;

    (void)state;
    p.real_share = 0.5;
    opts.n = 101;
    opts.scraped_human_share = 0.2;
    in = sim_inflow(&opts, &p, 0, 1);
    assert_int_equal(in.fresh, 51);
    assert_int_equal(in.scraped, 10);
    assert_int_equal(in.synthetic, 40);
    p.regime = WN_REGIME_REPLACE;
    in = sim_inflow(&opts, &p, 0, 1);
    assert_int_equal(in.fresh, 0);
    assert_int_equal(in.scraped, 20);
    assert_int_equal(in.synthetic, 81);
}

/* An oracle under replace keeps nothing: the run ends, the other policy goes on. */
static void an_empty_pool_ends_its_run_and_no_other(void **state)
{
    struct wn_policy p[2] = { sim_policy("nothing", WN_REGIME_REPLACE), sim_policy("all", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);
    struct sim_rows *r = sim_rows_new(true);
    static const char want[] = "\"metric\":\"ended\",\"value\":0.0,\"n\":0,\"reason\":\"the pool is empty: none of 50 ";
    const char *row;

    (void)state;
    p[0].filter_by = WN_FILTER_ORACLE;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_find(r, "nothing", 1, "ended")->n == 5);
    assert_null(sim_rows_find(r, "nothing", 2, "variance"));
    assert_null(sim_rows_find(r, "nothing", 1, "real_share"));       /* undefined, so left out */
    assert_int_equal(sim_rows_find(r, "all", 4, "variance")->n, 5);
    wn_buf_addc(&r->text, '\0');
    row = strstr(r->text.ptr, "\"metric\":\"ended\"");
    assert_non_null(row);
    assert_memory_equal(row, want, sizeof(want) - 1);
    sim_rows_release(r);
}

static void a_supply_below_the_budget_ends_the_run_with_the_plans_words(void **state)
{
    struct wn_policy p = filtered("p", WN_REGIME_REPLACE, 0.5, 0);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(true);

    (void)state;
    p.budget_of_first = 1;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_find(r, "p", 1, "ended")->n == 5);
    wn_buf_addc(&r->text, '\0');
    assert_non_null(strstr(r->text.ptr, "\"reason\":\"policy 'p' wants 50 documents"));
    sim_rows_release(r);
}

static void a_point_mass_has_no_log_variance_row(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(true);

    (void)state;
    opts.n = 1;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "p", 1, "variance") == 0);
    assert_null(sim_rows_find(r, "p", 1, "log_variance"));
    assert_null(sim_rows_find(r, "p", 1, "kl"));
    wn_buf_addc(&r->text, '\0');
    assert_null(strstr(r->text.ptr, "null"));
    sim_rows_release(r);
}

static void refused(const struct wn_sim_opts *opts, const char *say)
{
    struct sim_rows *r = sim_rows_new(true);
    struct wn_err err = { 0 };

    assert_int_equal(wn_simulate(opts, sim_rows_take, r, &err), WN_BADCONF);
    if (!strstr(err.text, say))
        fail_msg("'%s' does not say '%s'", err.text, say);
    assert_int_equal(r->n_rows, 0);
    sim_rows_release(r);
}

static void what_does_not_fit_together_is_refused_with_the_remedy(void **state)
{
    struct wn_policy p[2] = { sim_policy("same", WN_REGIME_REPLACE), sim_policy("same", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);

    (void)state;
    refused(&opts, "two policies are named 'same'");
    opts.n_policies = 1;
    p[0].filter_by = WN_FILTER_TAG;
    refused(&opts, "give the policy an operating point");
    p[0].filter_by = WN_FILTER_NONE;
    p[0].max_synthetic = 0.5;
    refused(&opts, "operating point");
    p[0].max_synthetic = 1;
    opts.scraped_human_share = 1.5;
    refused(&opts, "not between 0 and 1");
    opts.scraped_human_share = 0;
    opts.engine = "vae";
    refused(&opts, "unknown engine 'vae': there are 'gaussian', 'gaussian-nd', 'gmm'");
    opts.engine = "gmm";
    opts.model.components = 99;
    refused(&opts, "99 components");
    opts.model.components = 3;
    opts.n = 2;
    refused(&opts, "needs at least 3 items for a fit, and n is 2");
    opts.engine = "gaussian";
    opts.n = 1;
    opts.estimator = WN_ESTIMATE_UNBIASED;
    refused(&opts, "needs at least 2 items for a fit, and n is 1");
    opts.n_policies = 0;
    refused(&opts, "at least one policy");
}

static enum wn_status stop_at_once(void *arg, struct wn_str line, struct wn_err *err)
{
    (void)arg;
    (void)line;
    return wn_fail(err, WN_IO, "disk full");
}

static void a_write_error_and_a_stop_flag_end_the_simulation(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    struct wn_err err = { 0 };
    atomic_int stop = 1;

    (void)state;
    assert_int_equal(wn_simulate(&opts, stop_at_once, NULL, &err), WN_IO);
    opts.stop = &stop;
    assert_int_equal(wn_simulate(&opts, sim_rows_take, r, &err), WN_CANCELLED);
    sim_rows_release(r);
}

static void count_progress(void *arg, uint64_t done, uint64_t total)
{
    uint64_t *last = arg;

    assert_int_equal(total, 10);
    assert_int_equal(done, *last + 1);
    *last = done;
}

static void progress_counts_every_run_once(void **state)
{
    struct wn_policy p[2] = { sim_policy("a", WN_REGIME_REPLACE), sim_policy("b", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);
    struct sim_rows *r = sim_rows_new(false);
    uint64_t last = 0;

    (void)state;
    opts.jobs = 3;
    opts.progress = count_progress;
    opts.progress_arg = &last;
    sim_rows_run(r, &opts);
    assert_int_equal(last, 10);
    sim_rows_release(r);
}

/* ---- theory and conclusions ----------------------------------------------------------------- */

/* Replacement: E v_n = (1 - 1/50)^n; accumulation: the product of 1 - 1/(50 k^2). */
static void theory_stands_before_the_runs(void **state)
{
    struct wn_policy p[2] = { sim_policy("a", WN_REGIME_REPLACE), sim_policy("b", WN_REGIME_ACCUMULATE) };
    static const uint32_t at[] = { 2, 4 };
    struct wn_sim_opts opts = small("gaussian", p, 2);
    struct sim_rows *r = sim_rows_new(true);
    unsigned predictions = 0, curves = 0;
    struct wn_jsonval *v;
    struct wn_str text;

    (void)state;
    opts.record = at;
    opts.n_record = 2;
    sim_rows_run(r, &opts);
    text = wn_buf_str(&r->text);
    wn_jsonval_free(next_row(&text));
    while ((v = next_row(&text)) != NULL && wn_jsonval_get(v, "kind")) {
        double g = num_at(v, "generation");
        bool replaced = strcmp(str_at(v, "policy"), "a") == 0;

        if (strcmp(str_at(v, "kind"), "prediction") == 0) {
            predictions++;
            assert_true(fabs(num_at(v, "first") - 0.98) < 1e-12);
            assert_true(replaced ? num_at(v, "lasting") == 0 : num_at(v, "lasting") > 0.96);
            assert_true(isnan(num_at(v, "drift_per_fit")) == !replaced);
        } else if (strcmp(str_at(v, "metric"), "variance") == 0) {
            double want = replaced ? pow(0.98, g) : 0.98 * (1 - 1 / 200.0);

            curves++;
            assert_string_equal(str_at(v, "kind"), "theory");
            for (double k = 3; !replaced && k <= g; k++)
                want *= 1 - 1 / (50 * k * k);
            assert_true((g == 2 || g == 4) && fabs(num_at(v, "value") - want) < 1e-12);
        }
        wn_jsonval_free(v);
    }
    assert_non_null(v);
    wn_jsonval_free(v);
    assert_int_equal(predictions, 2);
    assert_int_equal(curves, 4);
    assert_null(sim_rows_find(r, "a", 2, "theory_variance"));
    sim_rows_release(r);
}

struct told {
    struct wn_sim_conclusion last;
    unsigned n;
    char names[64];
};

static void take_conclusion(void *arg, const struct wn_sim_conclusion *c)
{
    struct told *t = arg;

    t->last = *c;
    t->n++;
    strcat(t->names, c->policy);
}

static void each_policy_is_concluded_in_its_order(void **state)
{
    struct wn_policy p[2] = { sim_policy("a", WN_REGIME_ACCUMULATE), sim_policy("b", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);

    (void)state;
    for (int summary = 0; summary < 2; summary++)
        for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
            struct sim_rows *r = sim_rows_new(true);
            struct told t = { .n = 0 };
            struct wn_err err = { 0 };

            opts.jobs = jobs;
            opts.summary_only = summary;
            opts.conclusion = take_conclusion;
            opts.conclusion_arg = &t;
            if (summary)
                assert_int_equal(wn_simulate(&opts, add_text, r, &err), WN_OK);
            else
                sim_rows_run(r, &opts);
            assert_int_equal(t.n, 2);
            assert_string_equal(t.names, "ab");
            assert_string_equal(t.last.metric, "variance");
            assert_true(t.last.generation == 4 && t.last.n_runs == 5 && t.last.n_values == 5 && !t.last.is_exact);
            assert_true(fabs(t.last.expected - pow(0.98, 4)) < 1e-12);
            if (!summary)
                assert_true(fabs(t.last.mean - sim_rows_mean(r, "b", 4, "variance")) < 1e-12);
            sim_rows_release(r);
        }
}

/* 10 points, unbiased: E v_n = 1 for ever, the median after 400 fits is about e^-44. */
static void a_mean_that_rare_runs_carry_is_called_so(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = small("gaussian", &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    static const uint32_t at = 400;
    struct told t = { .n = 0 };

    (void)state;
    opts.mode = WN_SIM_AUTO;
    opts.n = 10;
    opts.generations = 400;
    opts.replicates = 50;
    opts.record = &at;
    opts.n_record = 1;
    opts.estimator = WN_ESTIMATE_UNBIASED;
    opts.conclusion = take_conclusion;
    opts.conclusion_arg = &t;
    sim_rows_run(r, &opts);
    assert_true(t.last.mean_by_rare_paths && t.last.is_exact && t.last.median < 1e-8 && fabs(t.last.expected - 1) < 1e-9);
    assert_string_equal(t.last.drift_of, "log_variance");
    sim_rows_release(r);
}

static void summaries_and_ends_are_lines_of_their_own(void **state)
{
    struct wn_policy p[2] = { sim_policy("nothing", WN_REGIME_REPLACE), sim_policy("all", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small("gaussian", p, 2);
    struct sim_rows *r = sim_rows_new(true);
    struct wn_err err = { 0 };

    (void)state;
    p[0].filter_by = WN_FILTER_ORACLE;
    opts.summary_only = true;
    assert_int_equal(wn_simulate(&opts, add_text, r, &err), WN_OK);
    wn_buf_addc(&r->text, '\0');
    assert_non_null(strstr(r->text.ptr, "{\"kind\":\"ended\",\"policy\":\"nothing\",\"runs_ended\":5,\"runs\":5}\n"));
    assert_non_null(strstr(r->text.ptr, "{\"kind\":\"ended\",\"policy\":\"all\",\"runs_ended\":0,\"runs\":5}\n"));
    assert_non_null(strstr(r->text.ptr, "{\"kind\":\"summary\",\"policy\":\"all\",\"generation\":4,\"metric\":\"variance\",\"n\":5,"));
    assert_null(strstr(r->text.ptr, "\"replicate\""));
    assert_non_null(strstr(r->text.ptr, "\"why_not\":\"nothing is left to fit\""));
    sim_rows_release(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_do_not_change_a_byte),
        cmocka_unit_test(the_header_says_what_was_run),
        cmocka_unit_test(every_row_has_the_same_keys_in_order),
        cmocka_unit_test(a_perfect_operating_point_equals_the_oracle),
        cmocka_unit_test(an_item_keeps_its_verdict),
        cmocka_unit_test(unknown_is_a_verdict_of_its_own),
        cmocka_unit_test(an_intake_adds_up),
        cmocka_unit_test(an_empty_pool_ends_its_run_and_no_other),
        cmocka_unit_test(a_supply_below_the_budget_ends_the_run_with_the_plans_words),
        cmocka_unit_test(a_point_mass_has_no_log_variance_row),
        cmocka_unit_test(what_does_not_fit_together_is_refused_with_the_remedy),
        cmocka_unit_test(a_write_error_and_a_stop_flag_end_the_simulation),
        cmocka_unit_test(progress_counts_every_run_once),
        cmocka_unit_test(theory_stands_before_the_runs),
        cmocka_unit_test(each_policy_is_concluded_in_its_order),
        cmocka_unit_test(a_mean_that_rare_runs_carry_is_called_so),
        cmocka_unit_test(summaries_and_ends_are_lines_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
