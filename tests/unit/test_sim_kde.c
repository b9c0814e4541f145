/*
 * The kernel density engine: densities, bandwidths, its truths and the reference vectors.
 */
#include "support/vectors.h"

#include <math.h>

#include "sim/generator.h"
#include "sim/kde_density.h"
#include "sim/mixture_pass.h"
#include "sim/shapes.h"

extern const struct sim_generator sim_kde;

struct play {
    struct wn_sim_opts opts;
    struct wn_arena arena;
    struct sim_run run;
    void *world, *state;
    double *item;
};

static void play_open(struct play *p, const struct wn_sim_opts *opts)
{
    struct wn_err err;

    *p = (struct play){ .opts = *opts };
    if (sim_kde.open(&p->world, &p->opts, &err) != WN_OK)
        fail_msg("%s", err.text);
    p->item = calloc(opts->n, sim_kde.item_size(&p->opts));
    assert_non_null(p->item);
}

static void play_begin(struct play *p, uint32_t replicate)
{
    p->run = (struct sim_run){ .opts = &p->opts, .replicate = replicate, .arena = &p->arena };
    assert_int_equal(sim_kde.begin(&p->state, p->world, &p->run, NULL), WN_OK);
    assert_int_equal(sim_kde.real(p->state, 0, 0, p->item, p->opts.n, NULL), WN_OK);
}

static void play_fit_to(struct play *p, uint32_t g, const double *item, size_t n)
{
    struct sim_data data = { .item = item, .n = n };

    assert_int_equal(sim_kde.fit(p->state, g, &data, NULL), WN_OK);
}

/* Replaces the data by the last model's, then fits. */
static void play_fit(struct play *p, uint32_t g)
{
    if (g > 1)
        assert_int_equal(sim_kde.sample(p->state, g - 1, 0, p->item, p->opts.n, NULL), WN_OK);
    play_fit_to(p, g, p->item, p->opts.n);
}

/* NAN: there is no such row. */
static double play_metric(struct play *p, uint32_t g, const char *name)
{
    struct sim_view view = { .generation = g };
    struct sim_metrics m = { .n = 0 };

    assert_int_equal(sim_kde.compare(p->state, &view, &m, NULL), WN_OK);
    for (size_t i = 0; i < m.n; i++)
        if (strcmp(m.item[i].name, name) == 0)
            return m.item[i].value;
    return NAN;
}

static void play_end(struct play *p)
{
    sim_kde.end(p->state);
    wn_arena_reset(&p->arena);
}

static void play_close(struct play *p)
{
    sim_kde.close(p->world);
    wn_arena_release(&p->arena);
    free(p->item);
}

/* ---- densities ------------------------------------------------------------------------------------ */

static double density_at(const struct sim_kde *kde, const double *x)
{
    struct wn_arena a = { 0 };
    double out;

    assert_int_equal(sim_kde_log_density(kde, x, 1, &a, &out, NULL), WN_OK);
    wn_arena_release(&a);
    return out;
}

/* By hand: kernels at 0 and 2.  Gaussian of sd 1/2 at 1: both e^-2 / (sqrt(2 pi)/2).  Tophat of
 * radius 1 at 1 (on the border of both): 2/2 * 1/2; at 1/2: half of that; at 4: none.  In the
 * plane at (0, 0) and (0, 2), the disc of radius 1 around the first: 1/(2 pi). */
static void density_of_known_kernels(void **state)
{
    const double line[2] = { 0, 2 }, plane[4] = { 0, 0, 0, 2 }, one = 1, half = 0.5, four = 4, off[2] = { 0.3, 0.3 };
    const struct sim_kde smooth = { line, 2, 1, 0.5, false }, flat = { line, 2, 1, 1, true };
    const struct sim_kde disc = { plane, 2, 2, 1, true }, round = { plane, 2, 2, 1, false };

    (void)state;
    assert_true(fabs(density_at(&smooth, &one) - (-2 - 0.5 * log(2 * M_PI) + log(2))) < 1e-14);
    assert_true(fabs(density_at(&flat, &one) - log(0.5)) < 1e-15);
    assert_true(fabs(density_at(&flat, &half) - log(0.25)) < 1e-15);
    assert_true(density_at(&flat, &four) == -INFINITY);
    assert_true(fabs(density_at(&disc, off) + log(2 * M_PI)) < 1e-15);
    assert_true(fabs(density_at(&round, plane) - log((1 + exp(-2)) / (4 * M_PI))) < 1e-14);
}

/* Far from every kernel the nearest decides, and nothing underflows. */
static void density_far_away_is_finite(void **state)
{
    const double line[2] = { 0, 1 }, far = 1e6;
    const struct sim_kde kde = { line, 2, 1, 1e-3, false };

    (void)state;
    assert_true(fabs(density_at(&kde, &far) / (-0.5 * pow((1e6 - 1) / 1e-3, 2)) - 1) < 1e-12);
}

static void every_instruction_set_gives_the_same_bits(void **state)
{
    static double query[2 * SIM_CLOUD_BLOCK], centre[2 * 300];
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 1, WN_DOMAIN_REAL, 0, 0, 0);
    for (size_t i = 0; i < 600; i++)
        centre[i] = wn_rng_normal(&rng);
    for (size_t i = 0; i < 2 * SIM_CLOUD_BLOCK; i++)
        query[i] = wn_rng_normal(&rng);
    for (size_t d = 1; d <= 2; d++) {
        struct sim_kernels first = { query, centre, 300, d, 3, { 0 }, { 0 } };

        sim_isa_at(0)->kernel_top(&first);
        sim_isa_at(0)->kernel_sum(&first);
        for (size_t v = 1; sim_isa_at(v); v++) {
            struct sim_kernels p = { query, centre, 300, d, 3, { 0 }, { 0 } };

            sim_isa_at(v)->kernel_top(&p);
            sim_isa_at(v)->kernel_sum(&p);
            assert_memory_equal(p.top, first.top, sizeof(p.top));
            assert_memory_equal(p.sum, first.sum, sizeof(p.sum));
        }
    }
}

/* 30,000 kernels on a grid of 0..1: every third makes the same density. */
static void too_many_kernels_are_thinned(void **state)
{
    static double grid[30000];
    const struct sim_kde kde = { grid, 30000, 1, 0.05, false };
    const double middle = 0.5;

    (void)state;
    for (size_t i = 0; i < 30000; i++)
        grid[i] = (double)i / 30000;
    assert_true(fabs(density_at(&kde, &middle)) < 1e-3);      /* uniform: density 1 */
}

/* ---- truths ------------------------------------------------------------------------------------------ */

static double truth_log_density(const char *name, const double *x)
{
    static double node[2 * SIM_SHAPE_NODES];
    const struct sim_shape *s = sim_shape_find(name);
    struct sim_kde kde = { node, s->n_nodes, s->d, s->noise, false };

    sim_shape_nodes(s, node);
    return density_at(&kde, x);
}

/* shapes.h at a quarter or a half of each curve, by hand. */
static void places_are_those_of_the_formulas(void **state)
{
    static const struct { const char *name; double u, x, y; } row[] = {
        { "blobs", 0.1, 0, 2 },   { "blobs", 0.5, -1.7320508075688772, -1 }, { "blobs", 0.9, 1.7320508075688772, -1 },
        { "circles", 0.125, 0, 1 }, { "circles", 0.75, -0.5, 0 },            { "moons", 0.25, 0, 1 },
        { "moons", 0.75, 1, -0.5 }, { "swiss-roll", 0, 0, -0.15 * M_PI },    { "swiss-roll", 0.5, -0.3 * M_PI, 0 },
    };
    double x[2];

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        sim_shape_find(row[i].name)->place(row[i].u, x);
        assert_true(fabs(x[0] - row[i].x) < 1e-14 && fabs(x[1] - row[i].y) < 1e-14);
    }
}

/* In the middle of the circles every place is 1 or 1/2 away; the second is e^150 likelier.  A
 * blob's centre: 1/3 of its peak, the others 2 sqrt 3 away, e^-24. */
static void densities_of_the_truths_are_those_of_their_formulas(void **state)
{
    const double middle[2] = { 0, 0 }, top[2] = { 0, 2 }, two = 2;

    (void)state;
    assert_true(fabs(truth_log_density("circles", middle) - (log(0.5) - 0.125 / 0.0025 - log(2 * M_PI * 0.0025))) <
                1e-9);
    assert_true(fabs(truth_log_density("blobs", top) + log(3) + log(2 * M_PI * 0.25)) < 1e-9);
    assert_true(fabs(truth_log_density("normal", &two) + 2 + 0.5 * log(2 * M_PI)) < 1e-13);
}

/* Draws against densities: for a cell A, the share of draws in A is the integral of exp of the
 * log density, by a fine grid, within 4.5 standard errors. */
static void draws_follow_the_densities(void **state)
{
    enum { N = 20000, GRID = 40 };
    static const struct { const char *name; double x, y, side; } cell[4] = {
        { "blobs", 0.2, 1.4, 0.5 }, { "circles", 0.4, -0.2, 0.4 }, { "moons", -0.2, 0.7, 0.5 },
        { "swiss-roll", -1.1, -0.3, 0.6 } };
    static double node[2 * SIM_SHAPE_NODES], grid[2 * GRID * GRID], density[GRID * GRID];
    struct wn_arena a = { 0 };

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        const struct sim_shape *s = sim_shape_find(cell[c].name);
        struct sim_kde kde = { node, s->n_nodes, s->d, s->noise, false };
        double p = 0, x[2], step = cell[c].side / GRID;
        struct wn_rng rng;
        size_t hits = 0;

        wn_rng_init(&rng, 6, WN_DOMAIN_REAL, c, 0, 0);
        for (size_t i = 0; i < N; i++) {
            sim_shape_draw(s, &rng, x);
            hits += x[0] > cell[c].x && x[0] < cell[c].x + cell[c].side && x[1] > cell[c].y &&
                    x[1] < cell[c].y + cell[c].side;
        }
        for (size_t i = 0; i < GRID * GRID; i++) {
            grid[2 * i] = cell[c].x + step * ((double)(i / GRID) + 0.5);
            grid[2 * i + 1] = cell[c].y + step * ((double)(i % GRID) + 0.5);
        }
        sim_shape_nodes(s, node);
        assert_int_equal(sim_kde_log_density(&kde, grid, GRID * GRID, &a, density, NULL), WN_OK);
        for (size_t i = 0; i < GRID * GRID; i++)
            p += exp(density[i]) * step * step;
        assert_true(p > 0.01 && p < 0.5);
        assert_true(fabs((double)hits / N - p) < 4.5 * sqrt(p * (1 - p) / N));
    }
    wn_arena_release(&a);
}

/* ---- the engine ------------------------------------------------------------------------------------- */

/* Points -1 and 1: s^2 = 2; Scott h = sqrt 2 * 2^(-1/5), Silverman (4/3)^(1/5) times that; the
 * model's variance is 1 + h^2, for a tophat 1 + h^2/3.  Points (+-1, 0), (0, +-1) of the plane:
 * unbiased variance 2/3 an axis, h = sqrt(2/3) 4^(-1/6) by both rules, total variance
 * 1 + 2 h^2, for a tophat 1 + h^2/2. */
static void bandwidths_follow_their_rules(void **state)
{
    static const struct { const char *truth, *kernel, *rule; double h, variance; } row[] = {
        { NULL, NULL, NULL, 1.2311444133449163, 1 + 1.5157165665103980 },
        { NULL, NULL, "silverman", 1.3040575144, 1 + 1.7005660008 },
        { NULL, "tophat", "0.6", 0.6, 1 + 0.12 },
        { "moons", NULL, "scott", 0.6480537657, 1 + 2 * 0.4199736833 },
        { "moons", "tophat", "silverman", 0.6480537657, 1 + 0.4199736833 / 2 },
    };
    const double line[2] = { -1, 1 }, plane[8] = { 1, 0, -1, 0, 0, 1, 0, -1 };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const struct wn_sim_opts opts = { .n = 4, .model = { .truth = row[i].truth, .kernel = row[i].kernel,
                                                             .bandwidth = row[i].rule } };
        struct play p;

        play_open(&p, &opts);
        play_begin(&p, 0);
        play_fit_to(&p, 1, row[i].truth ? plane : line, row[i].truth ? 4 : 2);
        assert_true(fabs(play_metric(&p, 1, "bandwidth") - row[i].h) < 1e-9);
        assert_true(fabs(play_metric(&p, 1, row[i].truth ? "total_variance" : "variance") - row[i].variance) < 1e-9);
        play_end(&p);
        play_close(&p);
    }
}

/* One kernel of width 2 on the line and in the plane: variance 4 or (tophat) 4/3 and 1 an axis,
 * within 4.5 standard errors; no tophat draw is outside. */
static void samples_have_the_kernels_variance(void **state)
{
    enum { N = 20000 };
    static double x[2 * N];
    const double zero[2] = { 0, 0 };

    (void)state;
    for (int shape = 0; shape < 4; shape++) {
        size_t d = shape & 1 ? 2 : 1, n = N * d;
        bool tophat = shape & 2;
        const struct wn_sim_opts opts = { .n = 1, .model = { .truth = d == 2 ? "moons" : NULL, .bandwidth = "2",
                                                             .kernel = tophat ? "tophat" : NULL } };
        double want = tophat ? 4 / ((double)d + 2) : 4, squares = 0, fourths = 0;
        struct play p;

        play_open(&p, &opts);
        play_begin(&p, 0);
        play_fit_to(&p, 1, zero, 1);
        assert_int_equal(sim_kde.sample(p.state, 1, 0, x, N, NULL), WN_OK);
        for (size_t i = 0; i < n; i++) {
            squares += x[i] * x[i] / (double)n;
            fourths += x[i] * x[i] * x[i] * x[i] / (double)n;
        }
        for (size_t i = 0; tophat && i < N; i++)
            assert_true(d == 1 ? fabs(x[i]) <= 2 : hypot(x[2 * i], x[2 * i + 1]) <= 2 + 1e-12);
        assert_true(fabs(squares - want) < 4.5 * sqrt((fourths - squares * squares) / (double)n));
        play_end(&p);
        play_close(&p);
    }
}

static void equal_indices_are_equal_items_however_the_calls_cut(void **state)
{
    const struct wn_sim_opts opts = { .n = 200, .model = { .truth = "swiss-roll" } };
    double parts[400];
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    for (size_t i = 0, n; i < 200; i += n) {
        n = i % 37 + 1 < 200 - i ? i % 37 + 1 : 200 - i;
        assert_int_equal(sim_kde.real(p.state, 0, i, parts + 2 * i, n, NULL), WN_OK);
    }
    assert_memory_equal(parts, p.item, sizeof(parts));
    play_end(&p);
    play_close(&p);
}

/* regression_kde_lm.json: the mean variance over R replicates within 4 sd/sqrt(R). */
static void check_case(const struct wn_jsonval *c)
{
    enum { R = 600 };
    const struct wn_jsonval *params = wn_jsonval_get(c, "params"), *expected = wn_jsonval_get(c, "expected");
    double h = vectors_num(params, "h"), mean[8] = { 0 };
    struct wn_sim_opts opts = { .seed = 3, .n = (uint64_t)vectors_num(params, "M") };
    size_t n_rows = wn_jsonval_size(expected);
    char number[32];
    struct play p;

    snprintf(number, sizeof(number), "%g", h);
    opts.model.bandwidth = isnan(h) ? vectors_str(params, "rule") : number;
    play_open(&p, &opts);
    for (uint32_t r = 0; r < R; r++) {
        play_begin(&p, r);
        for (uint32_t g = 1, row = 0; row < n_rows; g++) {
            play_fit(&p, g);
            if (g == (uint32_t)vectors_num(wn_jsonval_at(expected, row), "n"))
                mean[row++] += play_metric(&p, g, "variance") / R;
        }
        play_end(&p);
    }
    play_close(&p);
    for (size_t row = 0; row < n_rows; row++) {
        const struct wn_jsonval *v = wn_jsonval_at(expected, row);

        assert_true(fabs(mean[row] - vectors_num(v, "value")) < 4 * vectors_num(v, "sd") / sqrt(R));
    }
}

static void variances_grow_as_the_vectors_say(void **state)
{
    struct wn_jsonval *file = vectors_load("collapse/regression_kde_lm.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        if (strncmp(vectors_str(wn_jsonval_at(cases, i), "id"), "kde.", 4) != 0)
            continue;
        check_case(wn_jsonval_at(cases, i));
        seen++;
    }
    assert_int_equal(seen, 4);
    wn_jsonval_free(file);
}

/* Kazdan et al. 2024, kernel densities: under replace the loss on held-out points rises, on
 * every shape and with both kernels (a tophat also loses points altogether). */
static void replacement_blurs_every_shape(void **state)
{
    static const char *const shape[4] = { "blobs", "circles", "moons", "swiss-roll" };

    (void)state;
    for (int i = 0; i < 8; i++) {
        const struct wn_sim_opts opts = { .seed = 2, .n = 300, .model = { .truth = shape[i % 4], .bandwidth = "0.1",
                                                                          .kernel = i < 4 ? NULL : "tophat" } };
        double nll, impossible;
        struct play p;

        play_open(&p, &opts);
        play_begin(&p, 0);
        play_fit(&p, 1);
        nll = play_metric(&p, 1, "heldout_nll");
        impossible = play_metric(&p, 1, "impossible_share");
        for (uint32_t g = 2; g <= 60; g++)
            play_fit(&p, g);
        if (i < 4)
            assert_true(play_metric(&p, 60, "heldout_nll") > nll + 0.3 && isnan(impossible));
        else
            assert_true(play_metric(&p, 60, "impossible_share") > impossible + 0.02);
        play_end(&p);
        play_close(&p);
    }
}

/* N(0, 1) at 3: log density -9/2 - ln(2 pi)/2, distance 3.  A tophat at 0 of radius 1: density
 * 1/2 at 0; nothing at 3, which is the most surprising of all; no held-out loss can be given by
 * a kernel 1e-8 wide. */
static void policies_see_densities_and_distances(void **state)
{
    const struct wn_sim_opts wide = { .n = 1, .model = { .kernel = "tophat", .bandwidth = "1" } };
    const struct wn_sim_opts narrow = { .n = 1, .model = { .kernel = "tophat", .bandwidth = "1e-8" } };
    const double x[2] = { 3, 0 }, zero = 0;
    struct play p;
    double v[2];

    (void)state;
    play_open(&p, &wide);
    play_begin(&p, 0);
    play_fit_to(&p, 1, &zero, 1);
    assert_int_equal(sim_kde.quality(p.state, x, 2, v, NULL), WN_OK);
    assert_true(fabs(v[0] + 4.5 + 0.5 * log(2 * M_PI)) < 1e-13);
    assert_int_equal(sim_kde.distance(p.state, x, 2, v, NULL), WN_OK);
    assert_true(fabs(v[0] - 3) < 1e-14 && v[1] == 0);
    assert_int_equal(sim_kde.surprise(p.state, x, 2, v, NULL), WN_OK);
    assert_true(v[0] == 1e300 && fabs(v[1] - log(2)) < 1e-15);
    play_end(&p);
    play_close(&p);
    play_open(&p, &narrow);
    play_begin(&p, 0);
    play_fit_to(&p, 1, &zero, 1);
    assert_true(play_metric(&p, 1, "impossible_share") == 1 && isnan(play_metric(&p, 1, "heldout_nll")));
    play_end(&p);
    play_close(&p);
}

static void a_model_that_was_put_away_comes_back(void **state)
{
    const struct wn_sim_opts opts = { .n = 3 };
    const double first[3] = { 0, 1, 2 }, second[3] = { 10, 20, 40 };
    double want, got;
    struct play p;
    void *model;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    play_fit_to(&p, 1, first, 3);
    want = play_metric(&p, 1, "heldout_nll");
    model = sim_kde.model_put(p.state);
    play_fit_to(&p, 2, second, 3);
    assert_true(play_metric(&p, 2, "heldout_nll") != want);
    assert_int_equal(sim_kde.model_take(p.state, model, NULL), WN_OK);
    got = play_metric(&p, 2, "heldout_nll");
    assert_true(got == want && play_metric(&p, 2, "mean") == 1);
    play_end(&p);
    play_close(&p);
}

static void equal_points_have_the_smallest_bandwidth(void **state)
{
    const struct wn_sim_opts opts = { .n = 3 };
    const double same[3] = { 2, 2, 2 }, bad[3] = { 0, 1, INFINITY };
    struct sim_data data = { .item = bad, .n = 3 };
    struct wn_err err;
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    play_fit_to(&p, 1, same, 3);
    assert_true(play_metric(&p, 1, "bandwidth") == 1e-9);
    assert_true(isfinite(play_metric(&p, 1, "heldout_nll")));
    assert_int_equal(sim_kde.fit(p.state, 2, &data, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "the model has run away"));
    play_end(&p);
    play_close(&p);
}

static void refused(const struct wn_sim_model *m, const char *why)
{
    struct wn_sim_opts opts = { .model = *m };
    struct wn_err err = { 0 };
    void *world;

    assert_int_equal(sim_kde.open(&world, &opts, &err), WN_BADCONF);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void settings_that_do_not_fit_are_named(void **state)
{
    const struct wn_sim_opts rule = { .n = 1 }, fixed = { .model = { .bandwidth = "0.5" } };

    (void)state;
    refused(&(struct wn_sim_model){ .truth = "ring" }, "no truth 'ring': there are 'normal'");
    refused(&(struct wn_sim_model){ .dims = 2 }, "truth 'normal' has dimension 1, not 2");
    refused(&(struct wn_sim_model){ .kernel = "box" }, "no kernel 'box'");
    refused(&(struct wn_sim_model){ .bandwidth = "0" }, "bandwidth '0'");
    refused(&(struct wn_sim_model){ .bandwidth = "0.5x" }, "bandwidth '0.5x'");
    refused(&(struct wn_sim_model){ .bandwidth = "nan" }, "bandwidth 'nan'");
    assert_int_equal(sim_kde.min_items(&rule), 2);
    assert_int_equal(sim_kde.min_items(&fixed), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(density_of_known_kernels),
        cmocka_unit_test(density_far_away_is_finite),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
        cmocka_unit_test(too_many_kernels_are_thinned),
        cmocka_unit_test(places_are_those_of_the_formulas),
        cmocka_unit_test(densities_of_the_truths_are_those_of_their_formulas),
        cmocka_unit_test(draws_follow_the_densities),
        cmocka_unit_test(bandwidths_follow_their_rules),
        cmocka_unit_test(samples_have_the_kernels_variance),
        cmocka_unit_test(equal_indices_are_equal_items_however_the_calls_cut),
        cmocka_unit_test(variances_grow_as_the_vectors_say),
        cmocka_unit_test(replacement_blurs_every_shape),
        cmocka_unit_test(policies_see_densities_and_distances),
        cmocka_unit_test(a_model_that_was_put_away_comes_back),
        cmocka_unit_test(equal_points_have_the_smallest_bandwidth),
        cmocka_unit_test(settings_that_do_not_fit_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
