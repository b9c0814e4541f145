/*
 * The program behind `make vectors`: what it makes of an id, and that wrong values fail.
 * Expected values are closed forms: v_n = (1 - 1/M)^n for the MLE under replace, and the
 * diversity of a law falls by the same factor.
 */
#include "support/cm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collapse/ref_measure.h"
#include "collapse/ref_report.h"

/* A case of one entry, written as in the files. */
struct written {
    struct json_object *root;
    struct ref_case c;
    struct ref_entry e;
};

static struct written write_case(const char *text)
{
    struct written w = { .root = json_tokener_parse(text) };
    struct ref_file f = { .name = "test.json" };
    struct json_object *cases = json_object_new_array();

    assert_non_null(w.root);
    json_object_array_add(cases, json_object_get(w.root));
    f.cases = cases;
    w.c = ref_file_at(&f, 0);
    if (ref_case_size(&w.c) > 0)
        w.e = ref_case_at(&w.c, 0);
    json_object_put(cases);
    return w;
}

static struct ref_plan plan_of(const struct written *w)
{
    struct wn_err why = { 0 };
    struct ref_plan p;

    if (ref_plan_entry(&p, &w->c, &w->e, &why) != REF_PLANNED)
        fail_msg("%s: %s", w->c.id, why.text);
    return p;
}

static void a_plan_follows_the_words_of_the_id(void **state)
{
    struct written w = write_case("{'id': 'g1.fresh.stratified.mle.Var_mu.M40.Mr6', 'kind': 'exact', 'params': "
                                  "{'M': 40, 'M_r': 6}, 'expected': [{'n': 7, 'value': 1, 'sd': 1}]}");
    struct ref_plan p = plan_of(&w);

    (void)state;
    assert_string_equal(p.opts.engine, "gaussian");
    assert_int_equal(p.policy.regime, WN_REGIME_FRESH_REAL);
    assert_int_equal(p.policy.mixing, WN_MIXING_STRATIFIED);
    assert_true(p.policy.real_share == 0.15);
    assert_int_equal(p.opts.n, 40);
    assert_int_equal(p.generation, 7);
    assert_string_equal(p.metric[0], "mean");
    assert_true(p.statistic(&(double){ 3 }, 0) == 9);
    json_object_put(w.root);
}

static void a_detector_gets_its_intake_and_its_rates(void **state)
{
    struct written w = write_case("{'id': 'filter.fixed_intake.lambda0.9.Nr10.Ns90.tpr0.7.fpr0.1', 'kind': 'exact', "
                                  "'params': {'N_r': 10, 'N_s': 90, 'tpr': 0.7, 'fpr': 0.1, 'lambda': 0.9}, "
                                  "'expected': [{'n': 3, 'value': 1, 'sd': 1}]}");
    struct ref_plan p = plan_of(&w);

    (void)state;
    assert_int_equal(p.policy.filter_by, WN_FILTER_TAG);
    assert_true(p.policy.op.tpr == 0.7 && p.policy.op.fpr == 0.1);
    assert_true(p.opts.first_mixed && !p.policy.topup);
    assert_int_equal(p.opts.n, 100);
    assert_true(p.opts.scraped_human_share == 0.1 && p.opts.sampling.lambda == 0.9);
    json_object_put(w.root);
}

static void what_is_not_known_says_why(void **state)
{
    static const char *const text[] = {
        "{'id': 'quantum.replace.E_var.M10', 'kind': 'exact', 'expected': [{'n': 3, 'value': 1, 'sd': 1}]}",
        "{'id': 'g1.replace.mle.E_colour.M10', 'kind': 'exact', 'expected': [{'n': 3, 'value': 1, 'sd': 1}]}",
        "{'id': 'g1.barter.mle.E_var.M10', 'kind': 'exact', 'expected': [{'n': 3, 'value': 1, 'sd': 1}]}",
        "{'id': 'g1.replace.mle.E_var', 'kind': 'exact', 'expected': [{'n': 3, 'value': 1, 'sd': 1}]}",
        "{'id': 'g1.replace.mle.E_var.M10', 'kind': 'exact', 'expected': [{'key': 'x', 'value': 1, 'sd': 1}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        struct written w = write_case(text[i]);
        struct wn_err why = { 0 };
        struct ref_plan p;

        assert_int_equal(ref_plan_entry(&p, &w.c, &w.e, &why), REF_UNKNOWN);
        assert_true(strlen(why.text) > 10);
        ref_plan_release(&p);
        json_object_put(w.root);
    }
}

/* ---- verdicts ------------------------------------------------------------------------------------------ */

static struct ref_job job_of(const struct written *w, const struct ref_settings *s)
{
    struct ref_job job = { .c = w->c, .e = w->e };
    struct wn_err err = { 0 };

    ref_job_compare_closed(&job);
    ref_job_plan(&job, s);
    assert_int_equal(ref_jobs_run(&job, 1, s, &err), WN_OK);
    ref_plan_release(&job.plan);
    return job;
}

static void set_value(struct written *w, double value, double sd)
{
    w->e.value = value;
    w->e.sd = sd;
}

static void a_right_value_passes_and_a_wrong_one_fails_twice(void **state)
{
    const struct ref_settings s = { .fast = true, .jobs = 1, .seed = 1 };
    struct written w = write_case("{'id': 'g1.replace.mle.E_var.M13', 'kind': 'exact', 'params': {'M': 13}, "
                                  "'expected': [{'n': 4, 'value': 1, 'sd': 1}]}");
    struct ref_job job;

    (void)state;
    set_value(&w, pow(12.0 / 13, 4), 0.67);
    job = job_of(&w, &s);
    assert_true(job.has_closed && job.simulated && !job.failed);
    assert_int_equal(job.n_used, 2000);
    set_value(&w, pow(12.0 / 13, 4) * 1.2, 0.67);
    job = job_of(&w, &s);
    assert_true(job.failed && strstr(job.why, "closed form"));
    assert_true(job.z < -4);
    json_object_put(w.root);
}

static void another_policy_is_noticed(void **state)
{
    const struct ref_settings s = { .fast = true, .jobs = 1, .seed = 1 };
    struct written w = write_case("{'id': 'disc.accumulate.E_H.uniform_K30.M20', 'kind': 'mc_reference', 'params': "
                                  "{'K': 30, 'M': 20}, 'expected': [{'n': 6, 'value': 1, 'sd': 0.03}]}");
    struct ref_job job;

    (void)state;
    set_value(&w, (1 - 1 / 30.0) * pow(0.95, 6), 0.03);   /* of replace */
    job = job_of(&w, &s);
    assert_true(job.failed && job.simulated && job.z > 4);
    json_object_put(w.root);
}

static void results_do_not_depend_on_the_number_of_threads(void **state)
{
    struct ref_settings s = { .fast = true, .jobs = 1, .seed = 1 };
    struct written w = write_case("{'id': 'g1.accumulate.mle.E_var.M9', 'kind': 'exact', 'params': {'M': 9}, "
                                  "'expected': [{'n': 5, 'value': 1, 'sd': 0.4}]}");
    struct ref_job one = job_of(&w, &s), two, other;

    (void)state;
    s.jobs = 3;
    two = job_of(&w, &s);
    assert_true(one.mean == two.mean);
    s.seed = 2;
    other = job_of(&w, &s);
    assert_true(one.mean != other.mean);
    json_object_put(w.root);
}

/* One real and one synthetic point, flagged with certainty: nothing is left, and every run ends. */
static void runs_that_end_are_no_values(void **state)
{
    const struct ref_settings s = { .fast = true, .jobs = 1, .seed = 1 };
    struct written w = write_case("{'id': 'filter.fixed_intake.E_var.Nr1.Ns1', 'kind': 'exact', 'params': {'N_r': 1, "
                                  "'N_s': 1, 'tpr': 1, 'fpr': 1}, 'expected': [{'n': 2, 'value': 1, 'sd': 1}]}");
    struct ref_job job;

    (void)state;
    job = job_of(&w, &s);
    assert_true(job.failed && job.n_used == 0);
    json_object_put(w.root);
}

/* ---- files ------------------------------------------------------------------------------------------------ */

static void a_file_that_cannot_be_read_is_named(void **state)
{
    char path[] = "/tmp/collapse-XXXXXX";
    struct wn_err err = { 0 };
    struct ref_file f;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "{\"cases\": [", 11), 11);
    close(fd);
    assert_int_equal(ref_file_open(&f, path, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, path));
    ref_file_close(&f);
    unlink(path);
    assert_int_equal(ref_file_open(&f, path, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, path));
    ref_file_close(&f);
}

static void words_of_an_id_are_whole(void **state)
{
    struct sim_theory_args a;
    struct written w = write_case("{'id': 'g1.window3.mle.E_var.M20', 'params': {'W': 4, 'real_conf_beta': [2, 5]}}");

    (void)state;
    assert_true(ref_has("g1.replace.mle.E_var.M20", "E_var"));
    assert_false(ref_has("g1.replace.mle.E_var.M20", "E_v"));
    assert_false(ref_has("g1.replace_grown.mle", "replace"));
    assert_true(ref_has_stem(w.c.id, "window"));
    assert_true(ref_args(&w.c, NULL, &a));
    assert_true(ref_arg(&a, "window", 0) == 3 && ref_arg(&a, "W", 0) == 4 && ref_arg(&a, "M", 0) == 20);
    assert_true(ref_arg(&a, "real_conf_beta1", 0) == 5);
    json_object_put(w.root);
}

/* KL of N(0, 1) from N(0, 4): log 2 + 1/8 - 1/2. */
static void a_measure_is_found_by_its_id(void **state)
{
    struct wn_arena arena = { 0 };
    struct ref_measure m = { .c = { .id = "metric.kl.gauss1d" }, .arena = &arena };
    double got;

    (void)state;
    assert_int_equal(ref_measure_line(&m, "0,1|0,2", &got, NULL), WN_OK);
    assert_true(fabs(got - (log(2) + 0.125 - 0.5)) < 1e-12);
    assert_int_equal(ref_measure_line(&m, "v", &got, NULL), WN_END);
    wn_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_follows_the_words_of_the_id),
        cmocka_unit_test(a_detector_gets_its_intake_and_its_rates),
        cmocka_unit_test(what_is_not_known_says_why),
        cmocka_unit_test(a_right_value_passes_and_a_wrong_one_fails_twice),
        cmocka_unit_test(another_policy_is_noticed),
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(runs_that_end_are_no_values),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(words_of_an_id_are_whole),
        cmocka_unit_test(a_measure_is_found_by_its_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
