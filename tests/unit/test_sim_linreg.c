/*
 * The linear regression engine: its exact chain against the reference vectors, its points
 * against its exact chain, and what it does with too few items.
 */
#include "support/vectors.h"

#include <math.h>

#include "sim/linreg.h"

extern const struct sim_generator sim_linreg;

static const struct sim_generator *const gen = &sim_linreg;

/* ---- a small loop of our own ------------------------------------------------------------- */

struct chain {
    struct wn_sim_opts opts;
    struct wn_policy policy;
    struct wn_arena arena;
    void *state;
    struct wn_rng real, sample;
    void *batch, *pool;      /* exact mode  */
    double *items;           /* points mode */
    size_t n_items, item_doubles;
};

enum { MOST_ITEMS = 1000 };

static void chain_open(struct chain *c, const struct wn_sim_opts *opts, uint32_t replicate)
{
    struct sim_run run = { &c->opts, &c->policy, replicate, &c->arena };
    struct wn_err err = { 0 };
    void *world;

    memset(c, 0, sizeof(*c));
    c->opts = *opts;
    wn_policy_init(&c->policy);
    assert_int_equal(gen->open(&world, &c->opts, &err), WN_OK);
    assert_int_equal(gen->begin(&c->state, world, &run, &err), WN_OK);
    wn_rng_init(&c->real, opts->seed, WN_DOMAIN_REAL, replicate, 0, 0);
    wn_rng_init(&c->sample, opts->seed, WN_DOMAIN_SAMPLE, replicate, 0, 0);
    c->batch = wn_arena_calloc(&c->arena, 1, gen->exact->batch_size(c->state));
    c->pool = wn_arena_calloc(&c->arena, 1, gen->exact->batch_size(c->state));
    c->item_doubles = gen->item_size(opts) / sizeof(double);
    c->items = wn_arena_calloc(&c->arena, MOST_ITEMS, gen->item_size(opts));
    assert_true(c->batch && c->pool && c->items);
}

static void chain_close(struct chain *c)
{
    wn_arena_release(&c->arena);
}

/* What a generation's data are made of. */
struct step {
    uint64_t n_real, n_model;
    bool keep;               /* added to what was there */
};

static void exact_step(struct chain *c, uint32_t g, const struct step *s)
{
    const struct sim_exact *x = gen->exact;

    if (!s->keep) {
        memset(c->pool, 0, x->batch_size(c->state));
        c->n_items = 0;
    }
    c->n_items += s->n_real + s->n_model;
    assert_int_equal(x->real(c->state, &c->real, s->n_real, c->batch, NULL), WN_OK);
    x->merge(c->state, c->pool, c->batch, 1);
    assert_int_equal(x->sample(c->state, &c->sample, s->n_model, c->batch, NULL), WN_OK);
    x->merge(c->state, c->pool, c->batch, 1);
    assert_int_equal(x->fit(c->state, g, c->pool, c->n_items, NULL), WN_OK);
}

static void points_step(struct chain *c, uint32_t g, const struct step *s)
{
    struct sim_data data = { .item = c->items };

    if (!s->keep)
        c->n_items = 0;
    assert_true(c->n_items + s->n_real + s->n_model <= MOST_ITEMS);
    gen->real(c->state, g - 1, 0, c->items + c->n_items * c->item_doubles, s->n_real, NULL);
    c->n_items += s->n_real;
    gen->sample(c->state, g - 1, s->n_real, c->items + c->n_items * c->item_doubles, s->n_model, NULL);
    c->n_items += s->n_model;
    data.n = c->n_items;
    assert_int_equal(gen->fit(c->state, g, &data, NULL), WN_OK);
}

static double test_error(struct chain *c, uint32_t g)
{
    struct sim_view view = { .generation = g, .policy = &c->policy, .sparse = true };
    struct sim_metrics m = { .n = 0 };

    assert_int_equal(gen->compare(c->state, &view, &m, NULL), WN_OK);
    assert_int_equal(m.n, 2);
    assert_string_equal(m.item[0].name, "test_error");
    assert_string_equal(m.item[1].name, "train_size");
    assert_true(m.item[1].value == (double)c->n_items);
    assert_true(isfinite(m.item[0].value));
    return m.item[0].value;
}

static void near(double got, double want, double tolerance, const char *what)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%s: %.12g, expected %.12g +- %.3g", what, got, want, tolerance);
}

/* ---- the reference vectors ------------------------------------------------------------------ */

/* A case's options and the data of its fit G; its id says which policy and which design. */
static struct wn_sim_opts options_of(const struct wn_jsonval *c)
{
    const struct wn_jsonval *params = wn_jsonval_get(c, "params");
    struct wn_sim_opts o = { .engine = "linreg", .seed = 11 };

    o.model.dims = (unsigned)wn_jsonval_num(wn_jsonval_get(params, "d"), 1);
    o.model.noise = wn_jsonval_num(wn_jsonval_get(params, "sigma"), 0);
    o.model.same_design = strstr(vectors_str(c, "id"), "same_X") != NULL;
    o.n = (uint64_t)wn_jsonval_num(wn_jsonval_get(params, "T"), 50);
    return o;
}

static struct step step_of(const struct wn_jsonval *c, uint32_t g)
{
    const char *id = vectors_str(c, "id");
    const struct wn_jsonval *params = wn_jsonval_get(c, "params");
    uint64_t t = (uint64_t)wn_jsonval_num(wn_jsonval_get(params, "T"), 0);
    struct step s = { .n_model = t };

    if (strstr(id, ".fresh.")) {
        s.n_real = (uint64_t)vectors_num(params, "T_r");
        s.n_model = (uint64_t)vectors_num(params, "T_s");
    } else if (strstr(id, "replace_grown")) {
        s.n_model = g * t;
    } else {
        s.keep = strstr(id, "accumulate") != NULL;
    }
    if (g == 1) {   /* real data alone, as many */
        s.n_real += s.n_model;
        s.n_model = 0;
    }
    return s;
}

/* Replicates: errors have a standard deviation of about their mean. */
static void check_case(const struct wn_jsonval *c, unsigned n_replicates)
{
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected");
    struct wn_sim_opts opts = options_of(c);
    size_t n = wn_jsonval_size(expected);
    double sum[8] = { 0 };

    assert_true(n <= 8);
    for (unsigned r = 0; r < n_replicates; r++) {
        struct chain chain;
        uint32_t g = 0;

        chain_open(&chain, &opts, r);
        for (size_t i = 0; i < n; i++) {
            if (!wn_jsonval_get(wn_jsonval_at(expected, i), "n"))
                continue;   /* the limit */
            while (g < (uint32_t)vectors_num(wn_jsonval_at(expected, i), "n")) {
                struct step s = step_of(c, ++g);

                exact_step(&chain, g, &s);
            }
            sum[i] += test_error(&chain, g);
        }
        chain_close(&chain);
    }
    for (size_t i = 0; i < n; i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, i);

        if (wn_jsonval_get(e, "n"))
            near(sum[i] / n_replicates, vectors_num(e, "value"), 4 * vectors_num(e, "sd") / sqrt(n_replicates),
                 vectors_str(c, "id"));
    }
}

static int check_file(const char *file)
{
    struct wn_jsonval *v = vectors_load(file);
    const struct wn_jsonval *cases = wn_jsonval_get(v, "cases");
    int n = 0;

    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);
        double d = wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(c, "params"), "d"), 1);

        if (strncmp(vectors_str(c, "id"), "linreg.", 7) != 0)
            continue;
        check_case(c, d > 10 ? 300 : 1200);
        n++;
    }
    wn_jsonval_free(v);
    return n;
}

static void every_regime_has_its_published_error(void **state)
{
    (void)state;
    assert_int_equal(check_file("collapse/regression_kde_lm.json"), 13);
}

static void grown_replacement_loses_a_logarithm(void **state)
{
    (void)state;
    assert_int_equal(check_file("collapse/extra.json"), 2);
}

/* ---- points against the exact chain --------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Two-sample Kolmogorov-Smirnov test of equal sizes (Stephens' approximation). */
static double ks_p(double *a, double *b, size_t n)
{
    double largest = 0, root = sqrt((double)n / 2), t, p = 0;
    size_t i = 0, j = 0;

    qsort(a, n, sizeof(*a), by_size);
    qsort(b, n, sizeof(*b), by_size);
    while (i < n && j < n) {
        if (a[i] <= b[j])
            i++;
        else
            j++;
        largest = fmax(largest, fabs((double)i - (double)j) / (double)n);
    }
    t = (root + 0.12 + 0.11 / root) * largest;
    for (int k = 1; k < 100; k++)
        p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * t * t);
    return p;
}

/* Accumulation with new and with one design, more and fewer items than dimensions; the
 * last batch of a generation need not have as many items as the design has rows. */
static void points_and_exact_runs_have_one_law(void **state)
{
    static const struct {
        bool same_design;
        uint64_t n_real, n_model;
    } setting[] = { { false, 12, 12 }, { true, 12, 12 }, { true, 12, 17 }, { false, 3, 3 }, { true, 3, 3 } };
    enum { R = 1000, N = 4 };
    static double error[2][R];

    (void)state;
    for (size_t i = 0; i < sizeof(setting) / sizeof(setting[0]); i++) {
        struct wn_sim_opts opts = { .engine = "linreg", .seed = 12, .n = setting[i].n_real };

        opts.model.dims = 4;
        opts.model.same_design = setting[i].same_design;
        opts.sampling.lambda = 0.7;
        for (int exact = 0; exact < 2; exact++)
            for (unsigned r = 0; r < R; r++) {
                struct chain c;

                chain_open(&c, &opts, exact ? r : r + R);
                for (uint32_t g = 1; g <= N; g++) {
                    struct step s = { .n_real = g == 1 ? setting[i].n_real : 0,
                                      .n_model = g == 1 ? 0 : setting[i].n_model, .keep = true };

                    if (exact)
                        exact_step(&c, g, &s);
                    else
                        points_step(&c, g, &s);
                }
                error[exact][r] = test_error(&c, N);
                chain_close(&c);
            }
        if (!(ks_p(error[0], error[1], R) > 1e-3))
            fail_msg("setting %zu: the laws differ", i);
    }
}

/* ---- the parts by hand ------------------------------------------------------------------------ */

/* x = 1, 2, 3 and y = 1, 3, 2 through the origin: 13 / 14. */
static void a_line_is_fitted_as_by_hand(void **state)
{
    static const double item[6] = { 1, 1, 2, 3, 3, 2 }, weight[3] = { 1, 2, 1 };
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 1, .n = 3 };
    struct sim_data data = { .item = item, .n = 3 };
    double out[3];
    struct chain c;

    (void)state;
    opts.model.dims = 1;
    opts.model.noise = 2;
    chain_open(&c, &opts, 0);
    c.n_items = 3;
    assert_int_equal(gen->fit(c.state, 1, &data, NULL), WN_OK);
    near(test_error(&c, 1), 1.0 / 14 / 14, 1e-15, "error");
    assert_int_equal(gen->surprise(c.state, item, 3, out, NULL), WN_OK);
    near(out[2], 0.5 * log(2 * M_PI) + log(2) + 0.5 * pow((2 - 39.0 / 14) / 2, 2), 1e-14, "surprise");
    assert_int_equal(gen->distance(c.state, item, 3, out, NULL), WN_OK);
    assert_true(out[0] == 0 && out[1] == 0.5 && out[2] == 0.5);
    assert_int_equal(gen->quality(c.state, item, 3, out, NULL), WN_OK);
    assert_true(out[0] == 0 && out[1] == -1 && out[2] == -1);
    data.weight = weight;   /* (1 + 12 + 6) / (1 + 8 + 9) */
    assert_int_equal(gen->fit(c.state, 1, &data, NULL), WN_OK);
    near(test_error(&c, 1), 1.0 / 18 / 18, 1e-15, "weighted error");
    chain_close(&c);
}

/* One item in two dimensions: of all w with x.w = y the shortest is y x / |x|^2.  With
 * x = (3, 4), y = 10 that is (1.2, 1.6); the truth is (1, 1) / sqrt 2. */
static void too_few_items_give_the_shortest_solution(void **state)
{
    static const double item[6] = { 3, 4, 10, 3, 4, 10 };
    const double root = sqrt(0.5);
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 1, .n = 1 };
    struct sim_data data = { .item = item };
    struct chain c;

    (void)state;
    opts.model.dims = 2;
    chain_open(&c, &opts, 0);
    for (data.n = 1; data.n <= 2; data.n++) {
        c.n_items = data.n;
        assert_int_equal(gen->fit(c.state, 1, &data, NULL), WN_OK);
        near(test_error(&c, 1), pow(1.2 - root, 2) + pow(1.6 - root, 2), 1e-13, "shortest");
    }
    chain_close(&c);
}

static void one_design_gives_item_i_row_i(void **state)
{
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 1, .n = 4 };
    double a[6 * 4], b[6 * 4];
    struct chain c;

    (void)state;
    opts.model.dims = 3;
    opts.model.same_design = true;
    chain_open(&c, &opts, 0);
    gen->real(c.state, 0, 0, a, 6, NULL);
    gen->sample(c.state, 7, 0, b, 6, NULL);
    for (int i = 0; i < 6; i++) {
        assert_memory_equal(a + i * 4, b + i * 4, 3 * sizeof(double));
        assert_true(a[i * 4 + 3] != b[i * 4 + 3]);
    }
    assert_memory_equal(a, a + 4 * 4, 3 * sizeof(double));   /* row 4 of a design of 4 is row 0 */
    assert_true(a[0] != a[4]);
    chain_close(&c);
}

/* The exact chain keeps X'X of the very rows that items have: for one design the error of
 * a fit to real data has the mean tr (X'X)^-1 and the variance 2 tr (X'X)^-2. */
static void check_design(uint64_t n_real, uint64_t n_model)
{
    enum { ROWS = 5, R = 4000 };
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 1, .n = ROWS };
    double item[3 * ROWS * 3], a = 0, b = 0, c = 0, det, mean = 0, trace;
    struct step s = { .n_real = n_real, .n_model = n_model };
    uint64_t n = n_real + n_model;
    struct chain chain;
    void *truth;

    opts.model.dims = 2;
    opts.model.same_design = true;
    chain_open(&chain, &opts, 7);
    assert_true(n <= 3 * ROWS);
    truth = gen->model_put(chain.state);   /* what a run begins with */
    gen->real(chain.state, 0, 0, item, n, NULL);
    for (uint64_t i = 0; i < n; i++) {
        a += item[3 * i] * item[3 * i];
        b += item[3 * i] * item[3 * i + 1];
        c += item[3 * i + 1] * item[3 * i + 1];
    }
    det = a * c - b * b;
    trace = (a + c) / det;
    for (unsigned r = 0; r < R; r++) {
        wn_rng_init(&chain.real, 1, WN_DOMAIN_REAL, r, 0, 0);
        assert_int_equal(gen->model_take(chain.state, truth, NULL), WN_OK);
        exact_step(&chain, 1, &s);
        mean += test_error(&chain, 1) / R;
    }
    near(mean, trace, 4 * sqrt(2 * (trace * trace - 2 / det) / R), "mean error on one design");
    chain_close(&chain);
}

static void the_exact_design_is_the_one_of_the_points(void **state)
{
    (void)state;
    check_design(5, 0);
    check_design(13, 0);   /* twice the five rows, and the first three */
    check_design(3, 0);
    check_design(3, 2);    /* rows 0, 1, 2 and rows 3, 4 */
}

/* Two fits of T items: sigma^2 d / (T - d - 1) (1 + lambda), the second from labels whose
 * noise has lambda times the variance. */
static void lambda_quietens_the_labels_of_models(void **state)
{
    enum { R = 1500, T = 12, D = 3 };
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 3, .n = T };
    double want = D * 4.0 / (T - D - 1) * 1.1;

    (void)state;
    opts.model.dims = D;
    opts.model.noise = 2;
    opts.sampling.lambda = 0.1;
    for (int exact = 0; exact < 2; exact++) {
        double sum = 0, squares = 0;

        for (unsigned r = 0; r < R; r++) {
            struct step first = { .n_real = T }, second = { .n_model = T };
            struct chain c;
            double v;

            chain_open(&c, &opts, r);
            (exact ? exact_step : points_step)(&c, 1, &first);
            (exact ? exact_step : points_step)(&c, 2, &second);
            v = test_error(&c, 2);
            sum += v;
            squares += v * v;
            chain_close(&c);
        }
        near(sum / R, want, 4 * sqrt((squares / R - sum / R * sum / R) / R), exact ? "exact" : "points");
    }
}

static void a_model_that_was_put_away_comes_back(void **state)
{
    struct wn_sim_opts opts = { .engine = "linreg", .seed = 1, .n = 20 };
    struct step s = { .n_real = 20 };
    struct chain c;
    double error;
    void *model;

    (void)state;
    chain_open(&c, &opts, 0);
    exact_step(&c, 1, &s);
    error = test_error(&c, 1);
    model = gen->model_put(c.state);
    assert_non_null(model);
    exact_step(&c, 2, &s);
    assert_true(test_error(&c, 2) != error);
    assert_int_equal(gen->model_take(c.state, model, NULL), WN_OK);
    assert_true(test_error(&c, 2) == error);
    chain_close(&c);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    struct wn_sim_opts opts = { .engine = "linreg", .n = 10 };
    struct wn_err err = { 0 };
    void *world;

    (void)state;
    assert_int_equal(gen->open(&world, &opts, &err), WN_OK);
    assert_int_equal(gen->item_size(&opts), 6 * sizeof(double));
    assert_int_equal(gen->min_items(&opts), 1);
    opts.model.dims = 1001;
    assert_int_equal(gen->open(&world, &opts, &err), WN_BADCONF);
    opts.model.dims = 1;
    opts.model.noise = -1;
    assert_int_equal(gen->open(&world, &opts, &err), WN_BADCONF);
    opts.model.noise = NAN;
    assert_int_equal(gen->open(&world, &opts, &err), WN_BADCONF);
    opts.model.noise = 0;
    opts.model.same_design = true;
    opts.n = 0;
    assert_int_equal(gen->open(&world, &opts, &err), WN_BADCONF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_regime_has_its_published_error),
        cmocka_unit_test(grown_replacement_loses_a_logarithm),
        cmocka_unit_test(points_and_exact_runs_have_one_law),
        cmocka_unit_test(a_line_is_fitted_as_by_hand),
        cmocka_unit_test(too_few_items_give_the_shortest_solution),
        cmocka_unit_test(one_design_gives_item_i_row_i),
        cmocka_unit_test(the_exact_design_is_the_one_of_the_points),
        cmocka_unit_test(lambda_quietens_the_labels_of_models),
        cmocka_unit_test(a_model_that_was_put_away_comes_back),
        cmocka_unit_test(settings_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
