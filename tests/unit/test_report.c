#include "support/cm.h"

#include <winnow/report.h>

#include "unit/report_markup.h"

/* Of 2 generations; a policy has RUNS runs, a string. */
#define HEADER_RUNS(engine, runs, policies)                                                                            \
    "{\"kind\":\"trace\",\"version\":1,\"winnow\":\"0.1.0\",\"engine\":\"" engine                                      \
    "\",\"settings\":{\"generations\":2,"                                                                              \
    "\"replicates\":" runs ",\"seed\":7,\"n\":100},\"policies\":[" policies "]}\n"
#define HEADER_OF(engine, policies) HEADER_RUNS(engine, "3", policies)
#define POLICY(name)                                                                                                   \
    "{\"name\":\"" name "\",\"regime\":\"accumulate\",\"seed\":1,\"filter\":{\"by\":\"none\"},\"max_synthetic\":1.0}"
#define HEADER_2(policies)                                                                                             \
    "{\"kind\":\"trace\",\"version\":2,\"winnow\":\"0.1.0\",\"engine\":\"gaussian\",\"settings\":{\"generations\":2},"     \
    "\"played\":{\"a\":\"exact\"},\"policies\":[" policies "]}\n"
#define THEORY(policy, generation, metric, value)                                                                      \
    "{\"kind\":\"theory\",\"policy\":\"" policy "\",\"generation\":" #generation ",\"metric\":\"" metric                    \
    "\",\"value\":" #value "}\n"
#define SUMMARY(policy, generation, metric, rest)                                                                      \
    "{\"kind\":\"summary\",\"policy\":\"" policy "\",\"generation\":" #generation ",\"metric\":\"" metric "\"," rest "}\n"
#define ROW(policy, replicate, generation, metric, value)                                                              \
    "{\"run\":\"" policy "/" #replicate "\",\"policy\":\"" policy "\",\"replicate\":" #replicate                       \
    ",\"generation\":" #generation ",\"metric\":\"" metric "\",\"value\":" #value ",\"n\":100}\n"

struct fixture {
    struct wn_report *report;
    struct wn_buf page, csv;
    struct wn_err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return wn_report_new(&f->report, "a title", &f->err);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    wn_report_free(f->report);
    wn_buf_release(&f->page);
    wn_buf_release(&f->csv);
    free(f);
    return 0;
}

static void add_trace(struct fixture *f, const char *text)
{
    if (wn_report_add_trace(f->report, "t.jsonl", wn_str(text), &f->err) != WN_OK)
        fail_msg("%s", f->err.text);
}

static void add_summary(struct fixture *f, const char *text)
{
    if (wn_report_add_summary(f->report, "s.json", wn_str(text), &f->err) != WN_OK)
        fail_msg("%s", f->err.text);
}

/* The page, sound. */
static struct wn_str page(struct fixture *f)
{
    const char *fault;

    wn_buf_reset(&f->page);
    assert_int_equal(wn_report_html(f->report, &f->page, &f->err), WN_OK);
    fault = markup_fault(wn_buf_str(&f->page));
    if (fault)
        fail_msg("the page has: %s", fault);
    return wn_buf_str(&f->page);
}

static void expect_on_page(struct fixture *f, const char *z)
{
    if (!markup_contains(page(f), z))
        fail_msg("not on the page: %s", z);
}

static void expect_refused(struct fixture *f, const char *text, const char *message)
{
    assert_int_equal(wn_report_add_trace(f->report, "t.jsonl", wn_str(text), &f->err), WN_BADDATA);
    if (!strstr(f->err.text, message))
        fail_msg("'%s' lacks '%s'", f->err.text, message);
}

/* ---- the conclusion ---------------------------------------------------------------------- */

/* Six runs, sorted 0.2 0.3 0.4 0.6 0.8 0.9: median 0.5; for n = 6 only the extremes cover
 * the median with 95 % (1 - 2/64 = 0.97).  For 'b' 1.0 and [0.9, 1.1]. */
static void the_conclusion_gives_the_median_with_its_interval_best_policy_first(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("a") "," POLICY("b")) ROW("a", 0, 2, "variance", 0.9)
                     ROW("a", 1, 2, "variance", 0.2) ROW("a", 2, 2, "variance", 0.4) ROW("a", 3, 2, "variance", 0.6)
                         ROW("a", 4, 2, "variance", 0.3) ROW("a", 5, 2, "variance", 0.8)
                             ROW("b", 0, 2, "variance", 0.95) ROW("b", 1, 2, "variance", 0.9)
                                 ROW("b", 2, 2, "variance", 1.1) ROW("b", 3, 2, "variance", 0.98)
                                     ROW("b", 4, 2, "variance", 1.02) ROW("b", 5, 2, "variance", 1.05));
    assert_string_equal(
        wn_report_conclusion(f->report),
        "gaussian: after 2 fits the median fitted variance (truth: 1) is 1.00 [0.90, 1.10] under b, "
        "0.50 [0.20, 0.90] under a. In brackets: 95 % intervals, 6 runs a policy. Overlapping, so not told "
        "apart by these runs: b and a.");
    expect_on_page(f, "0.50 [0.20, 0.90] under a.");
}

/* Ratios within a run: 2, 2, 2 for 'a'.  exp(mean log) = 2, and no spread at all. */
static void perplexity_is_compared_within_each_run(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("ngram", POLICY("a")) ROW("a", 0, 1, "perplexity", 100) ROW("a", 1, 1, "perplexity", 200)
                     ROW("a", 2, 1, "perplexity", 400) ROW("a", 0, 2, "perplexity", 200)
                         ROW("a", 1, 2, "perplexity", 400) ROW("a", 2, 2, "perplexity", 800));
    assert_non_null(strstr(wn_report_conclusion(f->report), "is 2.00 [2.00, 2.00] times under a."));
}

static void a_perplexity_without_values_at_the_end_gives_way_to_the_vocabulary(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("ngram", POLICY("a")) ROW("a", 0, 1, "perplexity", 100) ROW("a", 0, 1, "types", 40)
                     ROW("a", 0, 2, "types", 10));
    assert_non_null(strstr(wn_report_conclusion(f->report),
                           "different words in the output, against that of the first fit, is 0.250"));
}

static void one_run_gives_no_interval_and_says_so(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_RUNS("gaussian", "1", POLICY("a")) ROW("a", 0, 2, "variance", 0.5));
    assert_string_equal(
        wn_report_conclusion(f->report),
        "gaussian: after 2 fits the median fitted variance (truth: 1) is 0.500 under a. With 1 run a policy there "
        "are no 95 % intervals, so the order may be chance.");
    expect_on_page(f, "One run, so no interval.");
}

static void runs_that_ended_are_counted_in_the_conclusion_and_listed_with_their_reason(void **state)
{
    struct fixture *f = *state;

    add_trace(
        f,
        HEADER_OF("gaussian", POLICY("a")) ROW("a", 0, 1, "variance", 1) ROW("a", 1, 1, "variance", 1)
            ROW("a", 0, 2, "variance",
                0.5) "{\"run\":\"a/"
                     "1\",\"policy\":\"a\",\"replicate\":1,\"generation\":1,\"metric\":\"ended\",\"value\":0.0,\"n\":0,"
                     "\"reason\":\"the pool is empty\"}\n");
    assert_non_null(strstr(wn_report_conclusion(f->report), "under a (over the 1 of 2 runs that have a value)."));
    expect_on_page(f, "1 run could not go on");
    expect_on_page(f, "<td>the pool is empty</td>");
}

static void without_traces_the_conclusion_is_empty(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(wn_report_conclusion(f->report), "");
    expect_on_page(f, "Nothing was given to report on.");
}

/* ---- traces that were cut ------------------------------------------------------------------ */

#define WHOLE_RUN(policy, replicate) ROW(policy, replicate, 1, "variance", 1) ROW(policy, replicate, 2, "variance", 0.9)
#define ENDED(policy, replicate, generation) ROW(policy, replicate, generation, "ended", 0)
/* HEADER_2 with more settings. */
#define HEADER_SET(settings, policies)                                                                                 \
    "{\"kind\":\"trace\",\"version\":2,\"engine\":\"gaussian\",\"settings\":{" settings "},\"policies\":[" policies "]}\n"

/* TEXT as the only trace of a new report: it lacks WHAT (NULL: nothing), page and conclusion say. */
static void expect_lacks(const char *text, const char *what)
{
    struct fixture *f;
    char sentence[512];

    assert_int_equal(set_up((void **)&f), 0);
    add_trace(f, text);
    snprintf(sentence, sizeof(sentence), "The trace is not finished: %s.", what ? what : "");
    if (what && !strstr(wn_report_conclusion(f->report), sentence))
        fail_msg("'%s' lacks '%s'", wn_report_conclusion(f->report), sentence);
    if (!what && strstr(wn_report_conclusion(f->report), "not finished"))
        fail_msg("'%s'", wn_report_conclusion(f->report));
    assert_true(markup_contains(page(f), "<p class=\"note\"><b>The trace is not finished: ") == (what != NULL));
    tear_down((void **)&f);
}

static void a_policy_with_too_few_runs_is_called_unfinished(void **state)
{
    (void)state;
    expect_lacks(HEADER_OF("gaussian", POLICY("a")) WHOLE_RUN("a", 0) WHOLE_RUN("a", 1) WHOLE_RUN("a", 2), NULL);
    expect_lacks(HEADER_OF("gaussian", POLICY("a")) WHOLE_RUN("a", 0) WHOLE_RUN("a", 1), "'a' has 2 of 3 runs");
    expect_lacks(HEADER_OF("gaussian", POLICY("a") "," POLICY("b")) WHOLE_RUN("a", 0) WHOLE_RUN("a", 1) WHOLE_RUN("a", 2),
                 "'b' has 0 of 3 runs");
    expect_lacks(HEADER_OF("gaussian", POLICY("a") "," POLICY("b") "," POLICY("c") "," POLICY("d") "," POLICY("e")),
                 "'a' has 0 of 3 runs; 'b' has 0 of 3 runs; 'c' has 0 of 3 runs; and 2 more policies lack lines");
}

/* Lines of theory are no runs, wherever they stand. */
static void a_run_that_stops_without_an_end_is_called_unfinished(void **state)
{
    (void)state;
    expect_lacks(HEADER_RUNS("gaussian", "2", POLICY("a")) ROW("a", 0, 1, "variance", 1) WHOLE_RUN("a", 1),
                 "run 0 of 'a' stops before the end of generation 2");
    expect_lacks(HEADER_RUNS("gaussian", "2", POLICY("a")) ROW("a", 0, 1, "variance", 1) ENDED("a", 0, 1) WHOLE_RUN("a", 1), NULL);
    expect_lacks(HEADER_RUNS("gaussian", "2", POLICY("a")) ENDED("a", 0, 1) ENDED("a", 1, 1), NULL);
    expect_lacks(HEADER_RUNS("gaussian", "3", POLICY("a")) ROW("a", 0, 1, "variance", 1) ROW("a", 1, 1, "variance", 1)
                     ROW("a", 0, 1, "kl", 1) ROW("a", 2, 2, "theory_variance", 1),
                 "'a' has 2 of 3 runs; 2 runs of 'a' stop before the end of generation 2");
    expect_lacks(HEADER_SET("\"generations\":9,\"replicates\":1,\"recorded\":[1,4]", POLICY("a")) ROW("a", 0, 1, "x", 1)
                     ROW("a", 0, 4, "x", 1), NULL);
    expect_lacks(HEADER_SET("\"generations\":9,\"replicates\":1,\"recorded\":[1,4]", POLICY("a")) ROW("a", 0, 1, "x", 1),
                 "run 0 of 'a' stops before the end of generation 4");
}

static void a_run_that_stops_inside_its_last_generation_is_called_unfinished(void **state)
{
    (void)state;
    expect_lacks(HEADER_SET("\"generations\":2,\"replicates\":1", POLICY("a")) ROW("a", 0, 1, "x", 1)
                     ROW("a", 0, 1, "real_share", 1) ROW("a", 0, 2, "x", 1),
                 "run 0 of 'a' stops before the end of generation 2");
    expect_lacks(HEADER_SET("\"generations\":2,\"replicates\":1", POLICY("a")) ROW("a", 0, 1, "x", 1)
                     ROW("a", 0, 1, "real_share", 1) ROW("a", 0, 2, "x", 1) ROW("a", 0, 2, "real_share", 1), NULL);
}

#define COUNTED(policy) "{\"kind\":\"ended\",\"policy\":\"" policy "\",\"runs_ended\":0,\"runs\":100}\n"
#define OF_100 "\"n\":100,\"mean\":1.0,\"sd\":0.5,\"median\":0.9"
#define SUMMED HEADER_SET("\"generations\":1,\"replicates\":100", POLICY("a") "," POLICY("b"))

static void a_policy_without_its_summary_is_called_unfinished(void **state)
{
    (void)state;
    expect_lacks(SUMMED SUMMARY("a", 1, "variance", OF_100) COUNTED("a") SUMMARY("b", 1, "variance", OF_100) COUNTED("b"), NULL);
    expect_lacks(SUMMED SUMMARY("a", 1, "variance", OF_100) COUNTED("a") SUMMARY("b", 1, "variance", OF_100),
                 "the summary of 'b' is cut short");
    expect_lacks(SUMMED SUMMARY("a", 1, "variance", OF_100) COUNTED("a"), "'b' has no summary");
    expect_lacks(SUMMED COUNTED("a") COUNTED("b"), NULL);
}

static void a_summary_says_why_its_medians_have_no_intervals(void **state)
{
    struct fixture *f = *state;

    add_trace(f, SUMMED SUMMARY("a", 1, "variance", OF_100) COUNTED("a") COUNTED("b"));
    assert_string_equal(wn_report_conclusion(f->report),
                        "gaussian: after 1 fit the median fitted variance (truth: 1) is 0.900 under a. "
                        "A summary does not tell runs apart, so there are no intervals.");
}

/* ---- the figures ---------------------------------------------------------------------------- */

/* 1, 2, 3: mean 2, sd 1, t(0.975; 2) = 4.302653, so 2 -+ 2.484138; quantiles by hand. */
static void the_csv_holds_every_figure(void **state)
{
    struct fixture *f = *state;
    double low, high;

    add_trace(f, HEADER_OF("gaussian", POLICY("a, \\\"b\\\"")) ROW("a, \\\"b\\\"", 2, 1, "x", 3)
                     ROW("a, \\\"b\\\"", 0, 1, "x", 1) ROW("a, \\\"b\\\"", 1, 1, "x", 2)
                         ROW("a, \\\"b\\\"", 0, 2, "x", 0.5));
    assert_int_equal(wn_report_csv(f->report, &f->csv, &f->err), WN_OK);
    wn_buf_addc(&f->csv, '\0');
    assert_int_equal(sscanf(f->csv.ptr,
                            "engine,policy,metric,generation,n,mean,sd,low,high,median,q10,q90,trace\n"
                            "gaussian,\"a, \"\"b\"\"\",x,1,3,2.0,1.0,%lf,%lf,2.0,1.2,2.8,t.jsonl\n",
                            &low, &high),
                     2);
    assert_true(low > -0.48414 && low < -0.48413 && high > 4.48413 && high < 4.48414);
    assert_non_null(strstr(f->csv.ptr, "2.8,t.jsonl\ngaussian,\"a, \"\"b\"\"\",x,2,1,0.5,,,,0.5,0.5,0.5,t.jsonl\n"));
}

/* Quantiles 0.1 and 0.9 of 1, 2, 3 are 1.2 and 2.8. */
static void a_skewed_figure_is_shown_as_the_median_with_the_range_of_the_runs(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("a")) ROW("a", 0, 1, "variance", 3) ROW("a", 1, 1, "variance", 1)
                     ROW("a", 2, 1, "variance", 2));
    expect_on_page(f, "Median of 3 runs; band: the middle 80 % of them.");
    expect_on_page(f, "<td class=\"n\">2.00 [1.20, 2.80]</td>");
    expect_on_page(f, "<td class=\"n\">2.00 [-0.484, 4.48]</td>"); /* the mean, as in the CSV above */
}

static void absent_values_leave_gaps_and_huge_ones_break_nothing(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("a")) ROW("a", 0, 1, "variance", 1) ROW("a", 0, 5, "variance", 0.5)
                     ROW("a", 0, 5, "kl", 1e308) ROW("a", 1, 5, "kl", 1e308) ROW("a", 2, 5, "kl", -1e308));
    expect_on_page(f, "Fitted variance, typical run");
    assert_true(markup_contains(page(f), "Surprise at real data"));
}

static void a_trace_without_figures_says_so(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("a")));
    expect_on_page(f, "This trace holds no figures");
    assert_string_equal(wn_report_conclusion(f->report), "gaussian: The trace is not finished: 'a' has 0 of 3 runs.");
}

static void an_unknown_metric_is_drawn_under_its_own_name_and_an_all_zero_one_is_named(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("else", POLICY("a")) ROW("a", 0, 1, "novelty", 1) ROW("a", 0, 2, "novelty", 2)
                     ROW("a", 0, 1, "dropped_quota", 0) ROW("a", 0, 2, "dropped_quota", 0));
    expect_on_page(f, "<figcaption><b>novelty</b>");
    expect_on_page(f, "0 for every policy in every generation: Dropped by the quota.");
}

static void a_theory_is_drawn_dashed_in_the_plot_of_its_metric(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("a")) ROW("a", 0, 1, "variance", 1) ROW("a", 0, 2, "variance", 0.9)
                     ROW("a", 0, 1, "theory_variance", 0.99) ROW("a", 0, 2, "theory_variance", 0.98));
    expect_on_page(f, "class=\"theory p0\"");
    assert_false(markup_contains(page(f), "<figcaption><b>theory_variance</b>"));
}

/* Two plots show the variance: of a typical run and of the mean. */
static void theory_lines_are_drawn_over_medians_and_means(void **state)
{
    struct fixture *f = *state;
    struct wn_str html;
    unsigned n = 0;

    add_trace(f, HEADER_2(POLICY("a")) THEORY("a", 1, "variance", 0.99) THEORY("a", 2, "variance", 0.98)
                     THEORY("a", 1, "mean_squared", 0.01) ROW("a", 0, 1, "variance", 1) ROW("a", 0, 2, "variance", 0.9));
    html = page(f);
    for (const char *at = html.ptr; (at = memmem(at, html.len - (size_t)(at - html.ptr), "Dashed: the exact mean", 22)); at++)
        n++;
    assert_int_equal(n, 2);
    assert_false(markup_contains(html, "theory_mean_squared"));
    assert_non_null(strstr(wn_report_conclusion(f->report), "after 2 fits the median fitted variance (truth: 1) is 0.900"));
}

/* Runs end in generation 1, theory goes on: the conclusion is about the runs. */
static void theory_alone_is_no_figure(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_2(POLICY("a")) THEORY("a", 1, "variance", 0.99) THEORY("a", 9, "variance", 0.98));
    expect_on_page(f, "This trace holds no figures");
    assert_string_equal(wn_report_conclusion(f->report), "");
}

static void predictions_stand_in_a_table(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_2(POLICY("a") "," POLICY("b"))
              "{\"kind\":\"prediction\",\"policy\":\"a\",\"metric\":\"variance\",\"first\":0.99,\"lasting\":0.0,"
              "\"drift_of\":\"log_variance\",\"drift_per_fit\":-0.0202,\"half_life_fits\":34.3}\n"
              "{\"kind\":\"prediction\",\"policy\":\"b\",\"why_not\":\"the filter looks at <values>\"}\n"
              ROW("a", 0, 1, "variance", 1));
    expect_on_page(f, "What theory says beforehand");
    expect_on_page(f, "<td>a</td><td>exact</td><td>variance</td><td class=\"n\">0.990</td>");
    expect_on_page(f, "-0.0202</td><td class=\"n\">34.3</td>");
    expect_on_page(f, "drift of log_variance");
    expect_on_page(f, "the filter looks at &lt;values&gt;");
    assert_false(markup_contains(page(f), "critical TPR"));
}

/* 25 runs, sd 0.5: the mean has t(0.975; 24) = 2.0639 times 0.1 on each side. */
static void summaries_take_the_place_of_runs(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_2(POLICY("a")) SUMMARY("a", 1, "variance", "\"n\":25,\"mean\":1.0,\"sd\":0.5,\"q05\":0.3,\"median\":0.9,\"q95\":1.9")
              SUMMARY("a", 2, "variance", "\"n\":25,\"mean\":0.8,\"sd\":0.5,\"q05\":0.2,\"median\":0.7,\"q95\":1.7")
              "{\"kind\":\"ended\",\"policy\":\"a\",\"runs_ended\":3,\"runs\":28}\n"
              "{\"kind\":\"something new\",\"x\":1}\n");
    expect_on_page(f, "0.700 [0.200, 1.70]");
    expect_on_page(f, "0.800 [0.594, 1.01]");
    expect_on_page(f, "band: the middle 90 % of them.");
    expect_on_page(f, "3 of 28 runs of a could not go on.");
    assert_non_null(strstr(wn_report_conclusion(f->report), "is 0.700 under a."));
    assert_int_equal(wn_report_csv(f->report, &f->csv, &f->err), WN_OK);
    wn_buf_addc(&f->csv, '\0');
    assert_non_null(strstr(f->csv.ptr, ",0.7,,,t.jsonl\n"));
}

static void broken_lines_of_theory_and_summaries_are_refused(void **state)
{
    struct fixture *f = *state;

    expect_refused(f, HEADER_2(POLICY("a")) "{\"kind\":\"theory\",\"policy\":\"a\",\"metric\":\"x\"}\n", "line 2: a line of theory needs");
    expect_refused(f, HEADER_2(POLICY("a")) "{\"kind\":\"summary\",\"generation\":1}\n", "line 2: a line that names no policy");
    expect_refused(f, HEADER_2(POLICY("a")) SUMMARY("a", 1, "v", "\"n\":0,\"mean\":1,\"median\":1"), "line 2: a summary needs");
    expect_refused(f, HEADER_2(POLICY("a")) ROW("a", 0, 1, "v", 1) SUMMARY("a", 1, "v", "\"n\":2,\"mean\":1,\"median\":1"),
                   "line 3 gives 'v' of a generation and run again");
}

/* The digest that winnow mix wrote into the manifest of the same policy. */
static void a_simulated_policy_has_the_digest_that_a_manifest_gives_it(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF("gaussian", POLICY("any name")));
    expect_on_page(f, "42e417b3c53e54e066b271febedb7028");
}

static void the_style_sheet_loads_nothing(void **state)
{
    struct fixture *f = *state;
    struct wn_str html = page(f);
    const char *end = memmem(html.ptr, html.len, "</style>", 8);

    assert_non_null(end);
    html.len = (size_t)(end - html.ptr);
    assert_false(markup_contains(html, "url(") || markup_contains(html, "@import") || markup_contains(html, "http:"));
    assert_true(markup_contains(html, "prefers-color-scheme:dark") && markup_contains(html, "@media print"));
}

static void the_page_has_the_same_bytes_every_time(void **state)
{
    struct fixture *f = *state;
    struct wn_buf first = { 0 };

    add_trace(f, HEADER_OF("gaussian", POLICY("a") "," POLICY("b")) ROW("a", 0, 1, "variance", 1)
                     ROW("b", 0, 1, "variance", 2));
    wn_buf_add(&first, page(f));
    assert_true(wn_str_eq(wn_buf_str(&first), page(f)));
    wn_buf_release(&first);
}

/* ---- what is refused --------------------------------------------------------------------------- */

static void what_is_no_trace_is_refused_with_file_and_line(void **state)
{
    struct fixture *f = *state;

    expect_refused(f, "", "'t.jsonl': the file is empty");
    expect_refused(f, "hello\n", "line 1: not a trace");
    expect_refused(f, "{\"kind\":\"mix\"}\n", "line 1: not a trace");
    expect_refused(f, "{\"kind\":\"trace\",\"version\":3,\"engine\":\"x\"}\n", "line 1: a version");
    expect_refused(f, "{\"kind\":\"trace\",\"version\":1}\n", "line 1: the header names no engine");
    expect_refused(f, HEADER_OF("x", POLICY("a") "," POLICY("a")), "line 1: two policies");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "m", 1) "{\"run\":\"a/0\",\"pol",
                   "line 3: not JSON, or cut short");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0.5, 1, "m", 1), "line 2: not a row");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, -1, "m", 1), "line 2: not a row");
    expect_refused(f, HEADER_OF("x", "") HEADER_OF("x", ""), "line 2: a second header");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "m", 1) ROW("a", 0, 1, "m", 1), "line 3 gives 'm'");
    assert_string_equal(wn_report_conclusion(f->report), "");
}

/* docs/format/trace.md: a value is never null, and what is infinite is left out. */
static void a_value_that_is_no_finite_number_is_refused(void **state)
{
    struct fixture *f = *state;

    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "m", 1) ROW("a", 0, 2, "m", null), "line 3: the value is not a number");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "m", "1"), "line 2: the value is not a number");
    expect_refused(f, HEADER_OF("x", "") "{\"policy\":\"a\",\"replicate\":0,\"generation\":1,\"metric\":\"m\"}\n",
                   "line 2: the value is not a number");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "m", 1e999), "line 2: the value is too large a number");
    expect_refused(f, HEADER_OF("x", "") ROW("a", 0, 1, "ended", null), "line 2: the value is not a number");
    expect_refused(f, HEADER_2(POLICY("a")) THEORY("a", 1, "variance", null), "line 2: the value is not a number");
}

static void a_trace_with_too_many_metrics_is_refused(void **state)
{
    struct fixture *f = *state;
    struct wn_buf text = { 0 };

    wn_buf_addz(&text, HEADER_OF("x", ""));
    for (int i = 0; i < 257; i++)
        wn_buf_addf(&text, "{\"policy\":\"a\",\"replicate\":0,\"generation\":1,\"metric\":\"m%d\",\"value\":1}\n", i);
    assert_int_equal(wn_report_add_trace(f->report, "t", wn_buf_str(&text), &f->err), WN_LIMIT);
    wn_buf_release(&text);
}

static void an_unknown_kind_of_summary_is_refused_by_name(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(wn_report_add_summary(f->report, "s.json", WN_STR("{\"kind\":\"novel\"}"), &f->err), WN_BADDATA);
    assert_non_null(strstr(f->err.text, "'s.json'"));
    assert_non_null(strstr(f->err.text, "'novel'"));
    assert_int_equal(wn_report_add_summary(f->report, "s.json", WN_STR("{}"), &f->err), WN_BADDATA);
    assert_int_equal(wn_report_add_summary(f->report, "s.json", WN_STR("{"), &f->err), WN_BADDATA);
    assert_non_null(strstr(f->err.text, "'s.json'"));
}

/* ---- escaping ------------------------------------------------------------------------------------- */

#define EVIL "<script>alert('1')</script>&\\\""
#define SAFE "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"

static void everything_from_an_input_is_escaped(void **state)
{
    struct fixture *f = *state;

    add_trace(f, HEADER_OF(EVIL, "{\"name\":\"" EVIL "\",\"regime\":\"" EVIL "\"}")
                     ROW(EVIL, 0, 1, EVIL,
                         1) "{\"policy\":\"" EVIL
                            "\",\"replicate\":1,\"generation\":1,\"metric\":\"ended\",\"value\":0,\"reason\":\"" EVIL
                            "\"}\n");
    add_summary(f, "{\"kind\":\"mix\",\"winnow\":\"" EVIL "\",\"policy\":{\"name\":\"" EVIL "\",\"" EVIL "\":[\"" EVIL
                   "\"]},"
                   "\"policy_digest\":\"" EVIL "\",\"inputs\":[{\"path\":\"" EVIL "\",\"origin\":\"" EVIL "\"}],"
                   "\"mix\":{\"by_origin\":{\"" EVIL "\":{\"kept\":1}}}}");
    add_summary(f,
                "{\"kind\":\"tag\",\"tags\":{\"documents\":1,\"verdicts\":{\"human\":1},\"slices\":[{\"slice\":\"" EVIL
                "\",\"documents\":1}],\"detectors\":{\"" EVIL "\":{\"documents\":1}}}}");
    add_summary(f, "{\"kind\":\"train\",\"model\":{\"digest\":\"" EVIL "\",\"made_of\":{\"notes\":[\"" EVIL
                   "\"],\"documents\":{\"" EVIL "\":{\"human\":1}},\"classifier\":{\"features\":[{\"name\":\"" EVIL
                   "\",\"weight\":1}]}}}}");
    expect_on_page(f, "<h3>" SAFE "</h3>");
    expect_on_page(f, SAFE);
}

static void a_title_with_broken_utf8_and_control_characters_is_repaired(void **state)
{
    struct wn_report *r = NULL;
    struct wn_buf out = { 0 };
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_report_new(&r,
                                   "a\x01\x80"
                                   "b<i>",
                                   &err),
                     WN_OK);
    assert_int_equal(wn_report_html(r, &out, &err), WN_OK);
    assert_true(markup_contains(wn_buf_str(&out), "<h1>a\xef\xbf\xbd\xef\xbf\xbd"
                                                  "b&lt;i&gt;</h1>"));
    wn_buf_release(&out);
    wn_report_free(r);
}

/* ---- summaries --------------------------------------------------------------------------------------- */

#define ACCOUNT(kept)                                                                                                  \
    "\"account\":{\"in\":{\"records\":20000,\"bytes\":9},\"kept\":{\"records\":" kept                                  \
    ",\"bytes\":4},\"excluded\":{\"records\":"                                                                         \
    "7000,\"bytes\":3},\"quarantined\":{\"records\":500,\"bytes\":2},\"failed\":{\"records\":0,\"bytes\":0},"          \
    "\"quarantined_by_reason\":{\"json_syntax\":{\"records\":500,\"bytes\":2}}}"
#define FATES(kept, filter)                                                                                            \
    "{\"kept\":" kept ",\"regime\":0,\"filter\":" filter ",\"weight\":0,\"quota\":0,\"budget\":0}"
#define MIX(kept)                                                                                                      \
    "{\"kind\":\"mix\",\"policy\":{\"name\":\"p\"}," ACCOUNT(kept) ",\"mix\":{\"documents\":" FATES(                   \
        "12500",                                                                                                       \
        "7000") ",\"tokens\":" FATES("1", "2") ",\"by_origin\":{\"real\":" FATES("12500",                              \
                                                                                 "7000") "},\"budget\":{\"want_"       \
                                                                                         "documents\":13000,"          \
                                                                                         "\"short_documents\":500}}}"

static void a_mix_shows_what_became_of_every_record(void **state)
{
    struct fixture *f = *state;

    add_summary(f, MIX("12500"));
    expect_on_page(
        f, "20,000 records in = 12,500 kept + 7000 excluded + 500 quarantined + 0 failed <span class=\"good\">adds up");
    expect_on_page(f, "json_syntax 500");
    expect_on_page(f, "<td>ruled out by the filter</td>");
    expect_on_page(f, "<td class=\"n\">64.1\xc2\xa0%</td>"); /* 12,500 of 19,500 */
    expect_on_page(f, "the supply stayed <b>500</b> below it");
    assert_false(markup_contains(page(f), "<td>behind the budget</td>"));
}

/* Older manifests, such as those above, have no copies. */
static void copies_are_a_step_of_the_fall(void **state)
{
    struct fixture *f = *state;

    add_summary(f, "{\"kind\":\"mix\",\"policy\":{\"name\":\"p\"},\"mix\":{\"documents\":{\"kept\":3,\"regime\":0,\"filter\":0,"
                   "\"weight\":0,\"quota\":0,\"budget\":0,\"duplicate\":1}}}");
    expect_on_page(f, "<td>copies of another document</td>");
    expect_on_page(f, "<td class=\"n\">75.0\xc2\xa0%</td>");
}

static void totals_that_do_not_add_up_are_called_out(void **state)
{
    struct fixture *f = *state;

    add_summary(f, MIX("12501"));
    expect_on_page(f, "<span class=\"bad\">does not add up");
}

static void an_evaluation_shows_rates_with_intervals_and_the_operating_point(void **state)
{
    struct fixture *f = *state;

    add_summary(f, "{\"kind\":\"eval\",\"auroc\":0.9,\"n_human\":40,\"n_synthetic\":0,"
                   "\"fpr\":{\"rate\":0.025,\"low\":0.0006,\"high\":0.1316,\"hits\":1,\"n\":40},"
                   "\"tpr\":{\"rate\":null,\"low\":0.0,\"high\":1.0,\"hits\":0,\"n\":0},"
                   "\"roc\":[{\"fpr\":0.0,\"tpr\":0.4},{\"fpr\":null,\"tpr\":0.5},{\"fpr\":1.0,\"tpr\":1.0}],"
                   "\"operating_point\":{\"tpr\":0.4,\"fpr\":0.1,\"tpr_low\":0.3,\"tpr_high\":0.5,\"fpr_low\":0.05,"
                   "\"fpr_high\":0.2},"
                   "\"reliability\":[{\"n\":3,\"mean_p\":0.1,\"synthetic_share\":0.2},{\"n\":0,\"mean_p\":null,"
                   "\"synthetic_share\":null}],\"slices\":[{\"slice\":\"s\",\"n_human\":1}]}");
    expect_on_page(f, "<td class=\"n\">2.50\xc2\xa0%</td><td class=\"n dim\">0.06\xc2\xa0% to 13.2\xc2\xa0%</td>");
    expect_on_page(f, "1 of 40");
    expect_on_page(f, "no documents");
    expect_on_page(f, ">the verdicts</text>");
    expect_on_page(f, "d=\"M44.0 324.0L44.0 204.0M344.0 24.0\""); /* by hand: 300 units a side; null is a gap */
}

static void tags_show_verdicts_by_source_the_largest_first(void **state)
{
    struct fixture *f = *state;
    struct wn_str html;

    add_summary(
        f, "{\"kind\":\"tag\",\"tags\":{\"documents\":30,\"verdicts\":{\"human\":15,\"unknown\":9,\"synthetic\":6},"
           "\"p_synthetic_bins\":[20,10],\"slices\":[{\"slice\":\"small\",\"documents\":10,\"verdicts\":{\"human\":1}},"
           "{\"slice\":\"large\",\"documents\":20,\"verdicts\":{\"human\":14}}],"
           "\"detectors\":{\"kgw\":{\"documents\":12,\"for_synthetic\":6,\"for_human\":0}}}}");
    html = page(f);
    assert_true((const char *)memmem(html.ptr, html.len, ">large<", 7) <
                (const char *)memmem(html.ptr, html.len, ">small<", 7));
    expect_on_page(f, "<td class=\"n\">70.0\xc2\xa0%</td>");
    expect_on_page(f, "aria-label=\"Documents by P(synthetic)\"");
}

static void summaries_that_lack_everything_show_dashes(void **state)
{
    struct fixture *f = *state;

    add_summary(f, "{\"kind\":\"mix\"}");
    add_summary(f, "{\"kind\":\"tag\"}");
    add_summary(f, "{\"kind\":\"train\"}");
    add_summary(f, "{\"kind\":\"eval\",\"roc\":7,\"slices\":{\"a\":1},\"tpr\":[]}");
    expect_on_page(f, "The summary counts no tagged documents.");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_conclusion_gives_the_median_with_its_interval_best_policy_first),
        T(perplexity_is_compared_within_each_run),
        T(a_perplexity_without_values_at_the_end_gives_way_to_the_vocabulary),
        T(one_run_gives_no_interval_and_says_so),
        T(runs_that_ended_are_counted_in_the_conclusion_and_listed_with_their_reason),
        T(without_traces_the_conclusion_is_empty),
        T(a_policy_with_too_few_runs_is_called_unfinished),
        T(a_run_that_stops_without_an_end_is_called_unfinished),
        T(a_run_that_stops_inside_its_last_generation_is_called_unfinished),
        T(a_policy_without_its_summary_is_called_unfinished),
        T(a_summary_says_why_its_medians_have_no_intervals),
        T(the_csv_holds_every_figure),
        T(a_skewed_figure_is_shown_as_the_median_with_the_range_of_the_runs),
        T(absent_values_leave_gaps_and_huge_ones_break_nothing),
        T(a_trace_without_figures_says_so),
        T(an_unknown_metric_is_drawn_under_its_own_name_and_an_all_zero_one_is_named),
        T(a_theory_is_drawn_dashed_in_the_plot_of_its_metric),
        T(theory_lines_are_drawn_over_medians_and_means),
        T(theory_alone_is_no_figure),
        T(predictions_stand_in_a_table),
        T(summaries_take_the_place_of_runs),
        T(broken_lines_of_theory_and_summaries_are_refused),
        T(copies_are_a_step_of_the_fall),
        T(a_simulated_policy_has_the_digest_that_a_manifest_gives_it),
        T(the_style_sheet_loads_nothing),
        T(the_page_has_the_same_bytes_every_time),
        T(what_is_no_trace_is_refused_with_file_and_line),
        T(a_value_that_is_no_finite_number_is_refused),
        T(a_trace_with_too_many_metrics_is_refused),
        T(an_unknown_kind_of_summary_is_refused_by_name),
        T(everything_from_an_input_is_escaped),
        T(a_title_with_broken_utf8_and_control_characters_is_repaired),
        T(a_mix_shows_what_became_of_every_record),
        T(totals_that_do_not_add_up_are_called_out),
        T(an_evaluation_shows_rates_with_intervals_and_the_operating_point),
        T(tags_show_verdicts_by_source_the_largest_first),
        T(summaries_that_lack_everything_show_dashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
