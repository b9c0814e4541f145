/*
 * Grids of simulations.  Expected values come from tests/vectors/collapse/filters.json, from
 * closed forms named in place, and from comparing two ways to the same rows.
 */
#include "support/cm.h"
#include "support/scratch.h"
#include "support/vectors.h"

#include <math.h>
#include <unistd.h>

#include <winnow/policy.h>
#include <winnow/sink.h>
#include <winnow/sweep.h>

#include "cli/cmd_sweep_file.c"
#include "report/page_sweep.h"
#include "report/svgheat.h"
#include "unit/report_markup.h"

static struct wn_err last;

/* ---- sweeps ------------------------------------------------------------------------------------- */

static struct wn_policy policy(const char *yaml)
{
    struct wn_policy p;

    if (wn_policy_parse(&p, "p.yaml", wn_str(yaml), &last) != WN_OK)
        fail_msg("%s", last.text);
    return p;
}

#define SCREEN(intake)                                                                                     \
    "name: screen\nregime: replace\nfilter: {by: tag, trust_real: false, intake: " intake                 \
    ", operating_point: {tpr: 0.9, fpr: 0.01}}\n"

struct collected {
    struct wn_buf text;
    atomic_int *stop;
    size_t rows, stop_after;
};

static enum wn_status collect(void *arg, struct wn_str row, struct wn_err *err)
{
    struct collected *c = arg;

    wn_buf_add(&c->text, row);
    if (++c->rows == c->stop_after)
        atomic_store(c->stop, 1);
    return wn_buf_status(&c->text, err);
}

/* With a NUL behind it, for strstr. */
static struct wn_buf ended(struct wn_buf b)
{
    wn_buf_addc(&b, '\0');
    b.len--;
    return b;
}

static struct wn_buf run(const struct wn_sweep_opts *o)
{
    struct collected c = { .rows = 0 };

    if (wn_sweep(o, collect, &c, NULL, &last) != WN_OK)
        fail_msg("%s", last.text);
    return ended(c.text);
}

/* Row I of TEXT, parsed; the caller frees it. */
static struct wn_jsonval *row_of(const struct wn_buf *text, size_t i)
{
    struct wn_jsonval *v = NULL;
    const char *p = text->ptr;

    while (i-- > 0)
        p = strchr(p, '\n') + 1;
    assert_int_equal(wn_jsonval_parse(&v, (struct wn_str){ p, strcspn(p, "\n") }, &last), WN_OK);
    return v;
}

static double at(const struct wn_jsonval *row, const char *path)
{
    return page_num(row, path);
}

static const double pis[] = { 0.01, 0.1, 0.4 }, tprs[] = { 0, 0.5, 0.9, 0.99 };
static const struct wn_sweep_axis screen_axes[] = { { "scraped", pis, 3 }, { "tpr", tprs, 4 } };

static struct wn_sweep_opts screen_sweep(const struct wn_policy *p)
{
    return (struct wn_sweep_opts){ .sim = { .engine = "gaussian", .policies = p, .n_policies = 1, .generations = 20,
                                            .replicates = 50, .seed = 3, .n = 60 },
                                   .axis = screen_axes, .n_axes = 2 };
}

static void rows_are_the_same_for_any_number_of_threads(void **state)
{
    struct wn_policy p[2] = { policy(SCREEN("topup")), policy("name: plain\nregime: replace\n") };
    struct wn_sweep_opts o = screen_sweep(p);
    struct wn_buf one, more;

    (void)state;
    o.sim.n_policies = 2;
    o.sim.replicates = 300;
    one = run(&o);
    for (unsigned jobs = 2; jobs <= 5; jobs += 3) {
        o.sim.jobs = jobs;
        more = run(&o);
        assert_true(wn_str_eq(wn_buf_str(&one), wn_buf_str(&more)));
        wn_buf_release(&more);
    }
    wn_buf_release(&one);
}

static void a_cell_does_not_depend_on_the_grid_around_it(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    struct wn_sweep_opts o = screen_sweep(&p);
    struct wn_sweep_axis alone[2] = { { "tpr", tprs + 2, 1 }, { "scraped", pis + 1, 1 } };
    struct wn_buf grid = run(&o), cell;
    struct wn_jsonval *a = row_of(&grid, 1 * 4 + 2), *b;

    (void)state;
    o.axis = alone;
    cell = run(&o);
    b = row_of(&cell, 0);
    assert_float_equal(at(a, "at.tpr"), 0.9, 0);
    assert_float_equal(at(a, "at.scraped"), 0.1, 0);
    /* Everything behind the coordinates is equal, byte for byte. */
    {
        const char *x = strstr(strstr(grid.ptr, "{\"cell\":6,"), "\"played\""), *y = strstr(cell.ptr, "\"played\"");
        size_t n = strcspn(x, "\n");

        assert_int_equal(n, strcspn(y, "\n"));
        assert_memory_equal(x, y, n);
    }
    wn_jsonval_free(a);
    wn_jsonval_free(b);
    wn_buf_release(&grid);
    wn_buf_release(&cell);
}

static void a_cell_is_what_a_simulation_with_these_settings_gives(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    struct wn_sweep_opts o = screen_sweep(&p), direct = o;
    struct wn_buf swept = run(&o), simulated;
    struct wn_jsonval *a = row_of(&swept, 2 * 4 + 3), *b;

    (void)state;
    p.op.tpr = p.op.tpr_low = p.op.tpr_high = 0.99;
    direct.sim.scraped_human_share = 0.4;
    direct.n_axes = 0;
    simulated = run(&direct);
    b = row_of(&simulated, 0);
    assert_float_equal(page_num(wn_jsonval_at(page_get(a, "stats"), 0), "mean"),
                       page_num(wn_jsonval_at(page_get(b, "stats"), 0), "mean"), 0);
    wn_jsonval_free(a);
    wn_jsonval_free(b);
    wn_buf_release(&swept);
    wn_buf_release(&simulated);
}

/* ---- theory and vectors ----------------------------------------------------------------------------- */

static const struct wn_jsonval *vector_case(const struct wn_jsonval *all, const char *id)
{
    const struct wn_jsonval *cases = wn_jsonval_get(all, "cases");

    for (size_t i = 0; i < wn_jsonval_size(cases); i++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, i), "id"), id) == 0)
            return wn_jsonval_get(wn_jsonval_at(cases, i), "expected");
    fail_msg("no vector '%s'", id);
    return NULL;
}

/* One cell of one run: only its theory is looked at. */
static struct wn_jsonval *theory_of(const struct wn_policy *p, const struct wn_sweep_axis *axes, size_t n_axes)
{
    struct wn_sweep_opts o = { .sim = { .engine = "gaussian", .policies = p, .n_policies = 1, .generations = 2,
                                        .replicates = 1, .n = 100 },
                               .axis = axes, .n_axes = n_axes };
    struct wn_buf text = run(&o);
    struct wn_jsonval *row = row_of(&text, 0);

    wn_buf_release(&text);
    return row;
}

/* filter.phase.tpr_c: at that rate half of the variance lasts. */
static void the_theory_contour_meets_the_critical_rates(void **state)
{
    struct wn_jsonval *all = vectors_load("collapse/filters.json");
    const struct wn_jsonval *want = vector_case(all, "filter.phase.tpr_c");
    struct wn_policy p = policy(SCREEN("topup"));

    (void)state;
    assert_int_equal(wn_jsonval_size(want), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(want, i);
        double m, pi, fpr, tpr = vectors_num(v, "value");
        struct wn_jsonval *row;

        assert_int_equal(sscanf(vectors_str(v, "key"), "M%lf_pi%lf_fpr%lf", &m, &pi, &fpr), 3);
        row = theory_of(&p, (const struct wn_sweep_axis[]){ { "n", &m, 1 }, { "scraped", &pi, 1 }, { "fpr", &fpr, 1 },
                                                            { "tpr", &tpr, 1 } }, 4);
        assert_float_equal(at(row, "theory.tpr_critical"), tpr, 1e-9);
        assert_float_equal(at(row, "theory.lasting"), 0.5, 1e-9);
        wn_jsonval_free(row);
    }
    wn_jsonval_free(all);
}

/* filter.phase.rho_c: the real share itself, iid. */
static void the_theory_contour_meets_the_critical_shares(void **state)
{
    struct wn_jsonval *all = vectors_load("collapse/filters.json");
    const struct wn_jsonval *want = vector_case(all, "filter.phase.rho_c");
    struct wn_policy p = policy("regime: fresh_real\nfresh_real: {share: 0.3, mixing: iid}\n");

    (void)state;
    assert_int_equal(wn_jsonval_size(want), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(want, i);
        double m, rho = vectors_num(v, "value");
        struct wn_jsonval *row;

        assert_int_equal(sscanf(vectors_str(v, "key"), "rho_c.M%lf", &m), 1);
        row = theory_of(&p, (const struct wn_sweep_axis[]){ { "n", &m, 1 }, { "real", &rho, 1 } }, 2);
        assert_float_equal(at(row, "theory.critical_share"), rho, 1e-9 * rho);
        assert_float_equal(at(row, "theory.lasting"), 0.5, 1e-9);
        wn_jsonval_free(row);
    }
    wn_jsonval_free(all);
}

/* filter.phase.lambda: with biased samples the fraction matters, at M = infinity; here 10^10. */
static void the_theory_contour_meets_the_critical_fractions_of_biased_loops(void **state)
{
    struct wn_jsonval *all = vectors_load("collapse/filters.json");
    const struct wn_jsonval *want = vector_case(all, "filter.phase.lambda");
    struct wn_policy p = policy("regime: fresh_real\nfresh_real: {share: 0.3}\n");
    double m = 1e10;

    (void)state;
    for (size_t i = 0; i < wn_jsonval_size(want); i++) {
        const struct wn_jsonval *v = wn_jsonval_at(want, i);
        double lambda, rho = vectors_num(v, "value");
        struct wn_jsonval *row;

        assert_int_equal(sscanf(vectors_str(v, "key"), "lam%lf", &lambda), 1);
        if (lambda == 0)
            continue;                  /* nothing is sampled with no variance */
        row = theory_of(&p, (const struct wn_sweep_axis[]){ { "n", &m, 1 }, { "real", &rho, 1 },
                                                            { "lambda", &lambda, 1 } }, 3);
        assert_float_equal(at(row, "theory.critical_share"), rho, 1e-9);
        assert_float_equal(at(row, "theory.lasting"), 0.5, 1e-7);
        wn_jsonval_free(row);
    }
    wn_jsonval_free(all);
}

/* The mean of the runs against an exact mean, within 4 standard errors. */
static void expect_means(const char *id, const struct wn_policy *p, const struct wn_sweep_axis *axes, size_t n_axes)
{
    struct wn_jsonval *all = vectors_load("collapse/filters.json");
    const struct wn_jsonval *want = vector_case(all, id);
    uint32_t when[2] = { 1, 10 };
    struct wn_sweep_opts o = { .sim = { .engine = "gaussian", .policies = p, .n_policies = 1, .generations = 10,
                                        .replicates = 4000, .first_mixed = strstr(id, "fixed_intake") != NULL,
                                        .record = when, .n_record = 2 },
                               .axis = axes, .n_axes = n_axes };
    struct wn_buf text = run(&o);
    struct wn_jsonval *row = row_of(&text, 0);
    size_t compared = 0;

    for (size_t i = 0; i < wn_jsonval_size(want); i++)
        for (size_t g = 0; g < 2; g++) {
            const struct wn_jsonval *v = wn_jsonval_at(want, i), *s = wn_jsonval_at(page_get(row, "stats"), g * 3);

            if (vectors_num(v, "n") != when[g])
                continue;
            assert_true(fabs(vectors_num(s, "mean") - vectors_num(v, "value")) < 4 * vectors_num(s, "se"));
            compared++;
        }
    assert_true(compared > 0);
    wn_jsonval_free(row);
    wn_jsonval_free(all);
    wn_buf_release(&text);
}

static void simulated_means_meet_the_vectors(void **state)
{
    struct wn_policy topup = policy(SCREEN("topup")), fixed = policy(SCREEN("fixed"));
    const double pi = 0.05, tpr = 0.5, fpr = 0.2, m = 50, pi_5 = 0.01, tpr_9 = 0.9, fpr_1 = 0.1, m_500 = 500;

    (void)state;
    expect_means("filter.topup.E_var.pi0.05.tpr0.5.fpr0.2.M50", &topup,
                 (const struct wn_sweep_axis[]){ { "scraped", &pi, 1 }, { "n", &m, 1 }, { "tpr", &tpr, 1 },
                                                 { "fpr", &fpr, 1 } }, 4);
    expect_means("filter.fixed_intake.E_var.Nr5.Ns495.tpr0.9.fpr0.1", &fixed,
                 (const struct wn_sweep_axis[]){ { "scraped", &pi_5, 1 }, { "n", &m_500, 1 }, { "tpr", &tpr_9, 1 },
                                                 { "fpr", &fpr_1, 1 } }, 4);
}

/* tpr = Q(threshold - d'), fpr = Q(threshold): the same cell as with these rates. */
static void a_binormal_detector_is_its_two_rates(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    double pi = 0.1, d = 2, t = 1.5, tpr = 0.69146246127401, fpr = 0.066807201268858;
    struct wn_jsonval *a = theory_of(&p, (const struct wn_sweep_axis[]){ { "scraped", &pi, 1 }, { "threshold", &t, 1 },
                                                                         { "d_prime", &d, 1 } }, 3);
    struct wn_jsonval *b = theory_of(&p, (const struct wn_sweep_axis[]){ { "scraped", &pi, 1 }, { "tpr", &tpr, 1 },
                                                                         { "fpr", &fpr, 1 } }, 3);

    (void)state;                       /* Q(-0.5) and Q(1.5) from tables */
    assert_float_equal(at(a, "theory.rho_eff"), at(b, "theory.rho_eff"), 1e-10);
    assert_float_equal(at(a, "theory.lasting"), at(b, "theory.lasting"), 1e-10);
    wn_jsonval_free(a);
    wn_jsonval_free(b);
}

static void a_fixed_intake_without_human_items_keeps_nothing(void **state)
{
    struct wn_policy p = policy(SCREEN("fixed"));
    double pi = 0.001;                 /* of 100: 0.1 items, rounded to none */
    struct wn_jsonval *row = theory_of(&p, (const struct wn_sweep_axis[]){ { "scraped", &pi, 1 } }, 1);

    (void)state;
    assert_float_equal(at(row, "theory.lasting"), 0, 0);
    wn_jsonval_free(row);
}

/* ---- what has no meaning -------------------------------------------------------------------------------- */

static void combinations_without_a_meaning_are_rows_and_the_others_run(void **state)
{
    struct wn_policy p[3] = { policy("name: plain\nregime: replace\n"), policy(SCREEN("topup")),
                              policy("name: tags\nregime: replace\nfilter: {by: tag}\n") };
    struct wn_sweep_opts o = screen_sweep(p);
    struct wn_sweep_totals totals;
    struct collected c = { .rows = 0 };
    struct wn_jsonval *row;

    (void)state;
    o.sim.n_policies = 3;
    assert_int_equal(wn_sweep(&o, collect, &c, &totals, &last), WN_OK);
    c.text = ended(c.text);
    assert_int_equal(totals.rows, 36);
    assert_int_equal(totals.refused, 24);
    assert_non_null(strstr(totals.first_refusal, "'plain': it does not go by tags"));
    row = row_of(&c.text, 0);
    assert_non_null(strstr(page_strz(row, "refused", ""), "it does not go by tags"));
    assert_null(page_get(row, "stats"));
    wn_jsonval_free(row);
    row = row_of(&c.text, 12);
    assert_null(page_get(row, "refused"));
    assert_float_equal(at(row, "runs"), 50, 0);
    wn_jsonval_free(row);
    row = row_of(&c.text, 35);
    assert_non_null(strstr(page_strz(row, "refused", ""), "give an axis fpr as well"));
    wn_jsonval_free(row);
    wn_buf_release(&c.text);
}

/* An engine that cannot take an option says so in the row, not at the end of the sweep. */
static void what_the_engine_refuses_is_a_row(void **state)
{
    struct wn_policy p = policy("regime: replace\n");
    double t[] = { 0.5, 1 };
    struct wn_sweep_axis axis = { "temperature", t, 2 };
    struct wn_sweep_opts o = { .sim = { .engine = "gaussian", .policies = &p, .n_policies = 1, .replicates = 2 },
                               .axis = &axis, .n_axes = 1 };
    struct wn_buf text = run(&o);

    (void)state;
    assert_non_null(strstr(text.ptr, "\"refused\":\"engine 'gaussian' has no use for a temperature"));
    assert_non_null(strstr(text.ptr, "\"at\":{\"temperature\":1.0},\"played\""));
    wn_buf_release(&text);
}

static void expect_error(const struct wn_sweep_opts *o, enum wn_status want, const char *words)
{
    struct wn_sweep_size size;
    enum wn_status st = wn_sweep_check(o, &size, &last);

    if (st != want || !strstr(last.text, words))
        fail_msg("status %d: '%s' instead of '%s'", (int)st, last.text, words);
}

static void grids_that_make_no_sense_are_named_before_anything_runs(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    double bad[] = { 0.5, NAN }, twice[] = { 0.5, 0.5 }, half = 1.5, d = 1;
    const struct {
        struct wn_sweep_axis axis;
        const char *words;
    } cases[] = {
        { { "tprs", tprs, 4 }, "did you mean 'tpr'" },
        { { "tpr", bad, 2 }, "nan is not at least 0" },
        { { "tpr", twice, 2 }, "0.5 twice" },
        { { "tpr", tprs, 0 }, "no values" },
        { { "tpr", &half, 1 }, "at most 1" },
        { { "n", &half, 1 }, "whole numbers" },
        { { "lambda", tprs, 1 }, "not above 0" },
        { { "d_prime", &d, 1 }, "needs axis 'threshold'" },
        { { "marked", tprs, 1 }, "needs axis 'mark_power'" },
    };
    struct wn_sweep_axis both[3] = { { "tpr", tprs, 4 }, { "d_prime", &d, 1 }, { "threshold", &d, 1 } };
    struct wn_sweep_opts o = screen_sweep(&p);

    (void)state;
    o.n_axes = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        o.axis = &cases[i].axis;
        expect_error(&o, WN_BADCONF, cases[i].words);
    }
    o.axis = both;
    o.n_axes = 3;
    expect_error(&o, WN_BADCONF, "both set the detector's rates");
    both[1] = both[0];
    o.n_axes = 2;
    expect_error(&o, WN_BADCONF, "'tpr' is given twice");
    o.n_axes = 0;
    o.sim.engine = "gausian";
    expect_error(&o, WN_BADCONF, "unknown engine 'gausian'");
}

static void grids_that_are_too_large_are_named_before_anything_runs(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    double *many = malloc(4000 * sizeof(*many));
    struct wn_sweep_axis axes[4];
    struct wn_sweep_opts o = screen_sweep(&p);
    struct wn_sweep_size size;

    (void)state;
    for (size_t i = 0; i < 4000; i++)
        many[i] = (double)(i + 1) / 4000;
    axes[0] = (struct wn_sweep_axis){ "scraped", many, 4000 };
    axes[1] = (struct wn_sweep_axis){ "tpr", many, 2500 };
    axes[2] = (struct wn_sweep_axis){ "fpr", many, 2 };
    o.axis = axes;
    assert_int_equal(wn_sweep_check(&o, &size, &last), WN_OK);    /* ten million exactly */
    assert_int_equal(size.cells, 10000000);
    assert_int_equal(size.runs, 500000000);
    o.n_axes = 3;
    expect_error(&o, WN_LIMIT, "2e+07 cells: at most 10000000");
    o.n_axes = 2;
    o.sim.replicates = UINT32_MAX;
    expect_error(&o, WN_LIMIT, "runs");
    o.n_axes = 0;
    expect_error(&o, WN_LIMIT, "values a cell");
    free(many);
}

static void a_metric_that_no_run_records_is_named_with_the_nearest_one(void **state)
{
    static const char *const wrong[] = { "variance", "log_varianse" }, *const tags[] = { "real_share" };
    struct wn_policy p = policy(SCREEN("topup"));
    struct wn_sweep_opts o = screen_sweep(&p);

    (void)state;
    o.metric = wrong;
    o.n_metrics = 2;
    expect_error(&o, WN_BADCONF, "no metric 'log_varianse' under these policies, did you mean 'log_variance'");
    o.metric = tags;
    o.n_metrics = 1;
    assert_int_equal(wn_sweep_check(&o, NULL, &last), WN_OK);
}

/* ---- going on ---------------------------------------------------------------------------------------------- */

static struct scratch files;

static int open_files(void **state)
{
    (void)state;
    return scratch_open(&files) ? 0 : -1;
}

static int close_files(void **state)
{
    (void)state;
    scratch_clear(&files, true);
    return 0;
}

static void sweep_into(const char *path, const struct wn_sweep_opts *opts, size_t stop_after)
{
    struct wn_sweep_opts o = *opts;
    struct wn_buf header = { 0 };
    struct sweep_file *f = NULL;
    atomic_int stop = 0;
    struct collected c = { .stop = &stop, .stop_after = stop_after };
    uint64_t n_rows;
    enum wn_status st;

    o.sim.stop = &stop;
    assert_int_equal(wn_sweep_header(&o, &header, &last), WN_OK);
    if (sweep_file_open(&f, path, wn_buf_str(&header), false, &n_rows, &last) != WN_OK)
        fail_msg("%s", last.text);
    o.first_cell = n_rows;
    st = wn_sweep(&o, collect, &c, NULL, &last);
    assert_int_equal(st, stop_after ? WN_CANCELLED : WN_OK);
    assert_int_equal(sweep_file_add(f, wn_buf_str(&c.text), &last), WN_OK);
    assert_int_equal(stop_after ? sweep_file_flush(f, &last) : sweep_file_publish(f, false, &last), WN_OK);
    sweep_file_close(f);
    wn_buf_release(&c.text);
    wn_buf_release(&header);
}

static struct wn_buf content(const char *path)
{
    struct wn_buf text = { 0 };

    if (wn_file_read(path, 1 << 24, &text, &last) != WN_OK)
        fail_msg("%s", last.text);
    return text;
}

static void a_sweep_that_was_stopped_ends_in_the_bytes_of_one_that_was_not(void **state)
{
    struct wn_policy p = policy(SCREEN("topup"));
    struct wn_sweep_opts o = screen_sweep(&p);
    const char *whole = scratch_path(&files, "whole.jsonl"), *parts = scratch_path(&files, "parts.jsonl");
    char partial[300];
    struct wn_buf a, b;
    FILE *f;

    (void)state;
    snprintf(partial, sizeof(partial), "%s.partial", parts);
    o.sim.replicates = 500;                                 /* more work than the threads take up at once */
    sweep_into(whole, &o, 0);
    sweep_into(parts, &o, 5);
    assert_int_equal(access(parts, F_OK), -1);              /* absent until it is complete */
    f = fopen(partial, "a");
    fputs("{\"cell\":5,\"policy\":\"scr", f);               /* a write that was cut off */
    fclose(f);
    o.sim.jobs = 3;
    sweep_into(parts, &o, 2);
    sweep_into(parts, &o, 0);
    a = content(whole);
    b = content(parts);
    assert_true(a.len > 0 && wn_str_eq(wn_buf_str(&a), wn_buf_str(&b)));
    assert_int_equal(access(partial, F_OK), -1);
    wn_buf_release(&a);
    wn_buf_release(&b);
}

static enum wn_status open_only(struct sweep_file **f, const char *path, const char *header, bool restart, uint64_t *n)
{
    last = (struct wn_err){ WN_OK, "" };
    return sweep_file_open(f, path, wn_str(header), restart, n, &last);
}

#define HEADER "{\"kind\":\"sweep\",\"seed\":1}\n"

static void whole_rows_are_kept_and_everything_behind_them_goes(void **state)
{
    static const struct {
        const char *text;
        uint64_t rows;
    } cases[] = {
        { "", 0 },
        { "{\"kind\":\"swe", 0 },                                                      /* the header was cut */
        { HEADER, 0 },
        { HEADER "{\"cell\":0,\"a\":1}\n", 1 },
        { HEADER "{\"cell\":0,\"a\":1}\n{\"cell\":1,\"a\":1}", 1 },                     /* no end of line     */
        { HEADER "{\"cell\":0,\"a\":1}\n{\"cell\":1,\"a\n", 1 },                        /* half a row         */
        { HEADER "{\"cell\":0,\"a\":1}\n{\"cell\":2,\"a\":1}\n{\"cell\":2,\"a\":1}\n", 1 },
        { HEADER "{\"cell\":0,\"a\":1}\n\n", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *partial = scratch_file(&files, "kept.partial", cases[i].text, strlen(cases[i].text));
        const char *path = scratch_path(&files, "kept");
        struct sweep_file *f = NULL;
        struct wn_buf text;
        uint64_t n;

        assert_int_equal(open_only(&f, path, HEADER, false, &n), WN_OK);
        assert_int_equal(n, cases[i].rows);
        assert_int_equal(sweep_file_flush(f, &last), WN_OK);
        sweep_file_close(f);
        text = content(partial);
        assert_true(text.len == strlen(HEADER) + n * strlen("{\"cell\":0,\"a\":1}\n"));
        assert_memory_equal(text.ptr, HEADER, strlen(HEADER));
        wn_buf_release(&text);
    }
}

static void rows_of_another_sweep_are_neither_mixed_nor_lost(void **state)
{
    static const char other[] = "{\"kind\":\"sweep\",\"seed\":2}\n{\"cell\":0,\"a\":1}\n";
    const char *partial = scratch_file(&files, "other.partial", other, sizeof(other) - 1);
    const char *path = scratch_path(&files, "other");
    struct sweep_file *f = NULL;
    struct wn_buf text;
    uint64_t n;

    (void)state;
    assert_int_equal(open_only(&f, path, HEADER, false, &n), WN_BADCONF);
    assert_null(f);
    assert_non_null(strstr(last.text, "rows of another sweep"));
    assert_non_null(strstr(last.text, "--restart"));
    text = content(partial);
    assert_int_equal(text.len, sizeof(other) - 1);
    wn_buf_release(&text);
    assert_int_equal(open_only(&f, path, HEADER, true, &n), WN_OK);
    assert_int_equal(n, 0);
    sweep_file_close(f);
}

static void two_processes_do_not_write_one_file(void **state)
{
    const char *path = scratch_path(&files, "locked");
    struct sweep_file *one = NULL, *two = NULL;
    uint64_t n;

    (void)state;
    assert_int_equal(open_only(&one, path, HEADER, false, &n), WN_OK);
    assert_int_equal(open_only(&two, path, HEADER, false, &n), WN_IO);
    assert_null(two);
    assert_non_null(strstr(last.text, "another process is writing it"));
    assert_int_equal(open_only(&two, path, HEADER, true, &n), WN_IO);      /* nor by force */
    sweep_file_close(one);
    assert_int_equal(open_only(&two, path, HEADER, false, &n), WN_OK);
    sweep_file_close(two);
}

/* ---- phase diagrams ------------------------------------------------------------------------------------------ */

/* v = x: the level 1.5 is passed half-way between squares 1 and 2 of 4, at 58 + 2 * 75. */
static void lines_go_where_the_level_is_passed(void **state)
{
    static const char *const x[] = { "a", "b", "c", "d" }, *const y[] = { "p", "q" };
    static const double v[] = { 0, 1, 2, 3, 0, 1, 2, 3 };
    struct heat_plot plot = { .title = "t", .x_name = "x", .y_name = "y", .x_label = x, .y_label = y, .n_x = 4, .n_y = 2,
                              .value = v, .low = 0, .high = 3, .line = { { "line p1", v, 1.5 } } };
    struct wn_buf out = { 0 };

    (void)state;
    svg_heat(&out, &plot);
    assert_true(markup_contains(wn_buf_str(&out), "d=\"M208.0 249.0L208.0 99.0\""));
    wn_buf_reset(&out);
    plot.n_y = 1;
    svg_heat(&out, &plot);
    assert_true(markup_contains(wn_buf_str(&out), "d=\"M208.0 84.0L208.0 24.0\""));
    wn_buf_release(&out);
}

static struct wn_buf page_of(struct wn_str text, enum wn_status want)
{
    struct wn_arena arena = { 0 };
    struct wn_buf out = { 0 };
    struct page p = { &out, &arena, &last };
    struct summary s = { .name = "a&b.jsonl" };
    enum wn_status st = page_sweep_parse(&s.root, text, &last);

    if (st != want)
        fail_msg("status %d: %s", (int)st, last.text);
    if (st == WN_OK) {
        page_sweep_card(&p, &s);
        assert_int_equal(page_sweep(&p, &s, 0), WN_OK);
    }
    wn_jsonval_free(s.root);
    wn_arena_release(&arena);
    return out;
}

static size_t count(const struct wn_buf *text, const char *what)
{
    size_t n = 0;

    for (struct wn_str s = wn_buf_str(text); s.len >= strlen(what); s.ptr++, s.len--)
        n += memcmp(s.ptr, what, strlen(what)) == 0;
    return n;
}

static void expect_sound(const struct wn_buf *section)
{
    struct wn_buf page = { 0 };
    const char *fault;

    wn_buf_addz(&page, "<!DOCTYPE html>\n<html><body>");
    wn_buf_add(&page, wn_buf_str(section));
    wn_buf_addz(&page, "</body></html>\n");
    fault = markup_fault(wn_buf_str(&page));
    if (fault)
        fail_msg("%s", fault);
    wn_buf_release(&page);
}

static struct wn_buf whole_sweep(void)
{
    struct wn_policy p[2] = { policy(SCREEN("topup")), policy("name: plain\nregime: replace\n") };
    struct wn_sweep_opts o = screen_sweep(p);
    struct wn_buf text = { 0 }, rows;

    o.sim.n_policies = 2;
    assert_int_equal(wn_sweep_header(&o, &text, &last), WN_OK);
    rows = run(&o);
    wn_buf_add(&text, wn_buf_str(&rows));
    wn_buf_release(&rows);
    return ended(text);
}

static void a_sweep_becomes_a_sound_page_with_a_diagram_a_policy(void **state)
{
    struct wn_buf text = whole_sweep(), page;

    (void)state;
    assert_true(page_sweep_is(wn_buf_str(&text)));
    page = page_of(wn_buf_str(&text), WN_OK);
    expect_sound(&page);
    assert_int_equal(count(&page, "<svg"), 2);
    assert_int_equal(count(&page, "class=\"theory p1\""), 2);
    assert_true(markup_contains(wn_buf_str(&page), "a&amp;b.jsonl"));
    assert_true(markup_contains(wn_buf_str(&page), "12 cells have no meaning"));
    wn_buf_release(&page);
    wn_buf_release(&text);
}

static void a_sweep_that_is_not_finished_says_so(void **state)
{
    struct wn_buf text = whole_sweep(), page;

    (void)state;
    text.len = (size_t)(strstr(text.ptr, "{\"cell\":5,") - text.ptr) + 20;
    page = page_of(wn_buf_str(&text), WN_OK);
    expect_sound(&page);
    assert_true(markup_contains(wn_buf_str(&page), "not finished: 5 of 24 cells"));
    wn_buf_release(&page);
    wn_buf_release(&text);
}

static void sweeps_that_are_damaged_are_refused_with_the_line(void **state)
{
    struct wn_buf text = whole_sweep(), page;
    char *five = strstr(text.ptr, "{\"cell\":5,"), *cells = strstr(text.ptr, "\"cells\":24");

    (void)state;
    five[8] = '7';
    page = page_of(wn_buf_str(&text), WN_BADDATA);
    assert_non_null(strstr(last.text, "line 7: a row of cell 7 where 5 comes"));
    five[8] = '5';
    wn_buf_release(&page);
    cells[8] = '9';
    page = page_of(wn_buf_str(&text), WN_BADDATA);
    assert_non_null(strstr(last.text, "94 cells are not policies times values"));
    wn_buf_release(&page);
    wn_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_same_for_any_number_of_threads),
        cmocka_unit_test(a_cell_does_not_depend_on_the_grid_around_it),
        cmocka_unit_test(a_cell_is_what_a_simulation_with_these_settings_gives),
        cmocka_unit_test(the_theory_contour_meets_the_critical_rates),
        cmocka_unit_test(the_theory_contour_meets_the_critical_shares),
        cmocka_unit_test(the_theory_contour_meets_the_critical_fractions_of_biased_loops),
        cmocka_unit_test(simulated_means_meet_the_vectors),
        cmocka_unit_test(a_binormal_detector_is_its_two_rates),
        cmocka_unit_test(a_fixed_intake_without_human_items_keeps_nothing),
        cmocka_unit_test(combinations_without_a_meaning_are_rows_and_the_others_run),
        cmocka_unit_test(what_the_engine_refuses_is_a_row),
        cmocka_unit_test(grids_that_make_no_sense_are_named_before_anything_runs),
        cmocka_unit_test(grids_that_are_too_large_are_named_before_anything_runs),
        cmocka_unit_test(a_metric_that_no_run_records_is_named_with_the_nearest_one),
        cmocka_unit_test(a_sweep_that_was_stopped_ends_in_the_bytes_of_one_that_was_not),
        cmocka_unit_test(whole_rows_are_kept_and_everything_behind_them_goes),
        cmocka_unit_test(rows_of_another_sweep_are_neither_mixed_nor_lost),
        cmocka_unit_test(two_processes_do_not_write_one_file),
        cmocka_unit_test(lines_go_where_the_level_is_passed),
        cmocka_unit_test(a_sweep_becomes_a_sound_page_with_a_diagram_a_policy),
        cmocka_unit_test(a_sweep_that_is_not_finished_says_so),
        cmocka_unit_test(sweeps_that_are_damaged_are_refused_with_the_line),
    };

    return cmocka_run_group_tests(tests, open_files, close_files);
}
