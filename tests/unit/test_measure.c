/*
 * Measures of laws, samples and clouds against tests/vectors/collapse/metrics.json, closed
 * forms and hand calculations.
 */
#include "unit/measure_fixture.h"

#include <stdlib.h>

#include <winnow/rng.h>

static void w2_on_the_line_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.w2.gauss1d");

    near(sim_gauss_w2_squared(0, 1, 1, 2), measure_expected(c, "0,1|1,2"));
    near(sim_gauss_w2_squared(0, 1, 0, 0), measure_expected(c, "0,1|0,0"));
}

/* Trapezoidal sums of 400,000 (js) and 2,000,000 steps (total variation) over 12 sd. */
static void divergences_of_normals_match_quadrature(void **state)
{
    static const double at[4][6] = {
        { 0, 1, 1, 2, 0.12817497305439804, 0.3900656601268157 },
        { 0, 1, 0, 1.01, 2.475002534575451e-05, 0.004815337801344593 },
        { 0, 1, 3, 0.01, 0.6917824692191946, 0.9996012259928551 },
        { 0, 1, 1, 1, 0.1114214821847362, 0.382924922543442 },
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const double *v = at[i];

        measure_near(sim_gauss_js(v[0], v[1], v[2], v[3]), v[4], 1e-8);
        measure_near(sim_gauss_total_variation(v[0], v[1], v[2], v[3]), v[5], 1e-9);
    }
}

/* Two normals of one mean: the densities cross at u^2 = 2 log(s2/s1) / (1 - (s1/s2)^2). */
static void total_variation_is_the_closed_form(void **state)
{
    double u = sqrt(8 * M_LN2 / 3);

    (void)state;
    near(sim_gauss_total_variation(5, 1, 5, 2), erf(u * M_SQRT1_2) - erf(u / 2 * M_SQRT1_2));
    near(sim_gauss_total_variation(0, 1, 1, 1), erf(0.5 * M_SQRT1_2));
    near(sim_gauss_total_variation(0, 1, 40, 1e-3), 1);
    /* Nearly equal widths: one crossing, the other far away on either side. */
    measure_near(sim_gauss_total_variation(0, 1, 1, 1 + 1e-13), erf(0.5 * M_SQRT1_2), 1e-12);
    measure_near(sim_gauss_total_variation(0, 1, -1, 1 + 1e-13), erf(0.5 * M_SQRT1_2), 1e-12);
    near(sim_gauss_total_variation(0, 1, 0, 1 + 1e-12), 2e-12 / sqrt(2 * M_PI * exp(1)));
}

/* Hellinger^2 = 1 - sqrt(2 s1 s2 / (s1^2 + s2^2)) exp(-(m1 - m2)^2 / (4 (s1^2 + s2^2))). */
static void hellinger_of_normals_is_the_closed_form(void **state)
{
    (void)state;
    near(sim_gauss_hellinger_squared(0, 1, 1, 2), 1 - sqrt(0.8) * exp(-0.05));
    near(sim_gauss_hellinger_squared(0, 1, 0, 1e-16), 1 - sqrt(2e-16));
    assert_true(fabs(sim_gauss_hellinger_squared(0, 1, 1e-9, 1) / 1.25e-19 - 1) < 1e-9);
}

static void a_point_mass_is_singular_to_all_but_itself(void **state)
{
    (void)state;
    near(sim_gauss_total_variation(1, 0, 1, 0), 0);
    near(sim_gauss_total_variation(1, 0, 2, 0), 1);
    near(sim_gauss_total_variation(1, 0, 1, 3), 1);
    near(sim_gauss_js(1, 0, 1, 0), 0);
    near(sim_gauss_js(1, 0, 1, 3), M_LN2);
    near(sim_gauss_hellinger_squared(1, 0, 1, 0), 0);
    near(sim_gauss_hellinger_squared(1, 3, 1, 0), 1);
}

static void the_truth_has_its_own_tails(void **state)
{
    static const double share[] = { 0.05, 0.01, 0.001 };
    struct sim_tails t;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        t = sim_gauss_tails(3, 2, 3, 2, share[i]);
        near(t.low, share[i]);
        near(t.high, share[i]);
    }
    /* N(0, 2^2) beyond the 5% point 1.6448536269514722 of N(0, 1): P(Z > 0.8224268134757361). */
    t = sim_gauss_tails(0, 2, 0, 1, 0.05);
    near(t.high, 0.5 * erfc(0.8224268134757361 * M_SQRT1_2));
    near(t.low, t.high);
    t = sim_gauss_tails(-9, 0, 0, 1, 0.05);
    near(t.low, 1);
    near(t.high, 0);
    assert_true(isnan(sim_gauss_tails(0, 1, 0, 1, 0).low));
}

static void kl_in_the_plane_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.kl.gauss2d");
    const double zero[2] = { 0, 0 };
    struct wn_arena a = { 0 };
    double s1[4], s2[4], kl;
    struct sim_normal p = { 2, zero, s1 }, q = { 2, zero, s2 };

    assert_int_equal(measure_numbers(measure_param(c, "S1"), s1), 4);
    assert_int_equal(measure_numbers(measure_param(c, "S2"), s2), 4);
    assert_int_equal(sim_normal_kl(&p, &q, &a, &kl, NULL), WN_OK);
    near(kl, measure_expected(c, "v"));
    wn_arena_release(&a);
}

/* In the plane tr (A B)^1/2 = sqrt(tr AB + 2 sqrt(det A det B)).  Only the lower triangle counts. */
static void w2_in_the_plane_is_the_closed_form(void **state)
{
    const double m1[2] = { 1, -1 }, m2[2] = { 0, 1 };
    const double s1[4] = { 2, 77, 0.5, 1 }, s2[4] = { 1, -0.3, -0.3, 3 };
    double trace = 2 * 1 - 0.5 * 0.3 - 0.5 * 0.3 + 1 * 3, dets = (2 - 0.25) * (3 - 0.09), w2;
    struct sim_normal p = { 2, m1, s1 }, q = { 2, m2, s2 };
    struct wn_arena a = { 0 };

    (void)state;
    assert_int_equal(sim_normal_w2_squared(&p, &q, &a, &w2, NULL), WN_OK);
    near(w2, 5 + 3 + 4 - 2 * sqrt(trace + 2 * sqrt(dets)));
    wn_arena_release(&a);
}

/* Commuting covariances: the sum over directions of (s1 - s2)^2, here 0.25 for each of 50,
 * in a basis turned by one reflection I - 2 v v'. */
static void w2_in_fifty_dimensions_adds_over_directions(void **state)
{
    enum { D = 50 };
    static double s1[D * D], s2[D * D], mean[D];
    struct sim_normal p = { D, mean, s1 }, q = { D, mean, s2 };
    struct wn_arena a = { 0 };
    double w2;

    (void)state;
    for (int i = 0; i < D; i++) {
        for (int j = 0; j < D; j++) {
            s1[i * D + j] = s2[i * D + j] = 0;
            for (int k = 0; k < D; k++) {
                double turn = ((i == k) - 2.0 / D) * ((j == k) - 2.0 / D), sd = 1 + 0.1 * k;

                s1[i * D + j] += turn * sd * sd;
                s2[i * D + j] += turn * (sd - 0.5) * (sd - 0.5);
            }
        }
    }
    assert_int_equal(sim_normal_w2_squared(&p, &q, &a, &w2, NULL), WN_OK);
    near(w2, 0.25 * D);
    assert_int_equal(sim_normal_w2_squared(&p, &p, &a, &w2, NULL), WN_OK);
    measure_near(w2, 0, 1e-10);
    wn_arena_release(&a);
}

/* A line (1, 1) of variance 2 against the unit disc: 2 + 2 - 2 sqrt(2). */
static void singular_covariances_have_a_w2(void **state)
{
    const double zero[2] = { 0, 0 }, line[4] = { 1, 1, 1, 1 }, disc[4] = { 1, 0, 0, 1 }, point[4] = { 0 };
    struct sim_normal l = { 2, zero, line }, o = { 2, zero, disc }, p = { 2, zero, point };
    struct wn_arena a = { 0 };
    double v;

    (void)state;
    assert_int_equal(sim_normal_w2_squared(&l, &o, &a, &v, NULL), WN_OK);
    near(v, 4 - 2 * M_SQRT2);
    assert_int_equal(sim_normal_w2_squared(&p, &o, &a, &v, NULL), WN_OK);
    near(v, 2);
    assert_int_equal(sim_normal_w2_squared(&p, &p, &a, &v, NULL), WN_OK);
    near(v, 0);
    assert_int_equal(sim_normal_kl(&o, &l, &a, &v, NULL), WN_OK);
    assert_true(v == INFINITY);
    assert_int_equal(sim_normal_kl(&l, &l, &a, &v, NULL), WN_OK);
    near(v, 0);
    assert_int_equal(sim_normal_hellinger_squared(&o, &l, &a, &v, NULL), WN_OK);
    near(v, 1);
    assert_int_equal(sim_normal_hellinger_squared(&l, &l, &a, &v, NULL), WN_OK);
    near(v, 0);
    assert_int_equal(sim_log_det(line, 2, &a, &v, NULL), WN_OK);
    assert_true(v == -INFINITY);
    wn_arena_release(&a);
}

static void what_is_no_covariance_is_refused(void **state)
{
    const double zero[2] = { 0, 0 }, lost[2] = { NAN, 0 };
    const double disc[4] = { 1, 0, 0, 1 }, saddle[4] = { 1, 2, 2, 1 }, hole[4] = { 1, 0, INFINITY, 1 };
    struct sim_normal o = { 2, zero, disc }, s = { 2, zero, saddle }, h = { 2, zero, hole };
    struct sim_normal n = { 2, lost, disc }, line = { 1, zero, disc }, none = { 0, zero, disc };
    const struct sim_normal *bad[] = { &s, &h, &n, &line };
    struct wn_arena a = { 0 };
    struct wn_err err;
    double v;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sim_normal_w2_squared(&o, bad[i], &a, &v, &err), WN_BADCONF);
        assert_int_equal(sim_normal_kl(&o, bad[i], &a, &v, &err), WN_BADCONF);
        assert_int_equal(sim_normal_hellinger_squared(&o, bad[i], &a, &v, &err), WN_BADCONF);
    }
    assert_int_equal(sim_normal_w2_squared(&none, &none, &a, &v, &err), WN_BADCONF);
    assert_int_equal(sim_log_det(saddle, 2, &a, &v, &err), WN_BADCONF);
    assert_int_equal(sim_log_det(disc, 0, &a, &v, &err), WN_BADCONF);
    wn_arena_release(&a);
}

static void one_dimension_agrees_with_the_line(void **state)
{
    const double m[2] = { 0.3, -1 }, v[2] = { 1.7, 0.4 };
    struct sim_normal p = { 1, &m[0], &v[0] }, q = { 1, &m[1], &v[1] };
    double s1 = sqrt(v[0]), s2 = sqrt(v[1]), out;
    struct wn_arena a = { 0 };

    (void)state;
    assert_int_equal(sim_normal_w2_squared(&p, &q, &a, &out, NULL), WN_OK);
    near(out, sim_gauss_w2_squared(m[0], s1, m[1], s2));
    assert_int_equal(sim_normal_kl(&p, &q, &a, &out, NULL), WN_OK);
    near(out, sim_gauss_kl(m[0], s1, m[1], s2));
    assert_int_equal(sim_normal_hellinger_squared(&p, &q, &a, &out, NULL), WN_OK);
    near(out, sim_gauss_hellinger_squared(m[0], s1, m[1], s2));
    assert_int_equal(sim_log_det(v, 1, &a, &out, NULL), WN_OK);
    near(out, log(1.7));
    wn_arena_release(&a);
}

static void effective_rank_counts_directions(void **state)
{
    const double disc[4] = { 3, 0, 0, 3 }, line[4] = { 1, 1, 1, 1 }, oval[4] = { 4e-200, 0, 0, 2e-200 };
    const double zero[4] = { 0 };

    (void)state;
    near(sim_effective_rank(disc, 2), 2);
    near(sim_effective_rank(line, 2), 1);
    near(sim_effective_rank(oval, 2), 1.8);
    assert_true(isnan(sim_effective_rank(zero, 2)));
    assert_true(isnan(sim_effective_rank(zero, 0)));
}

/* On the line, N(0, 1) and N(1, 1): (1 - exp(-1/4)) / sqrt(pi). */
static void l2_of_mixtures_is_the_closed_form(void **state)
{
    const double weight[2] = { 0.5, 0.5 }, mean[2] = { 0, 1 }, cov[2] = { 1, 1 }, flat[2] = { 1, 0 };
    const double none[2] = { 1, 0 };
    struct sim_gmm p = { 1, 1, none, mean, cov }, q = { 1, 1, none, mean + 1, cov }, both = { 2, 1, weight, mean, cov };
    struct sim_gmm dead = { 2, 1, weight, mean, flat }, spare = { 2, 1, none, mean, flat };
    struct sim_gmm empty = { 0, 1, weight, mean, cov };
    double one = (1 - exp(-0.25)) / sqrt(M_PI), v;
    struct wn_arena a = { 0 };

    (void)state;
    assert_int_equal(sim_gmm_l2_squared(&p, &q, &a, &v, NULL), WN_OK);
    near(v, one);
    /* p - (p + q)/2 = (p - q)/2 */
    assert_int_equal(sim_gmm_l2_squared(&p, &both, &a, &v, NULL), WN_OK);
    near(v, one / 4);
    assert_int_equal(sim_gmm_l2_squared(&dead, &p, &a, &v, NULL), WN_OK);
    assert_true(v == INFINITY);
    assert_int_equal(sim_gmm_l2_squared(&spare, &p, &a, &v, NULL), WN_OK);
    near(v, 0);
    assert_int_equal(sim_gmm_l2_squared(&p, &empty, &a, &v, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

static void discrete_laws_meet_their_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.discrete");
    double p[4], q[4];

    measure_numbers(measure_param(c, "p"), p);
    measure_numbers(measure_param(c, "q"), q);
    near(sim_kl(p, q, 4), measure_expected(c, "KL_pq"));
    near(sim_js(p, q, 4), measure_expected(c, "JS"));
    near(sim_total_variation(p, q, 4), measure_expected(c, "TV"));
    near(sim_hellinger_squared(p, q, 4), measure_expected(c, "Hell2"));
    near(sim_simpson(p, 4), measure_expected(c, "Simpson_p"));
    near(sim_hill(p, 4, 1), measure_expected(c, "Hill1_p"));
    near(sim_hill(p, 4, 2), measure_expected(c, "Hill2_p"));
    near(sim_hill(p, 4, 0), 3);
    near(sim_hill(p, 4, INFINITY), 2);
    assert_true(sim_kl(q, p, 4) == INFINITY);
    assert_int_equal(sim_support(p, 4), 3);
    near(sim_lost_mass(q, p, 4), 0.25);
}

static void one_state_has_no_diversity(void **state)
{
    const double one[1] = { 1 };

    (void)state;
    near(sim_simpson(one, 1), 0);
    near(sim_entropy(one, 1), 0);
    for (double q = 0; q <= 3; q += 0.5)
        near(sim_hill(one, 1, q), 1);
    near(sim_lost_mass(one, one, 1), 0);
}

static void what_is_no_law_is_refused(void **state)
{
    const double negative[2] = { 1.5, -0.5 }, short_of[2] = { 0.5, 0.4 }, lost[2] = { NAN, 1 };
    const uint64_t count[3] = { 1, 0, 3 }, nothing[3] = { 0 };
    double p[3];

    (void)state;
    assert_int_equal(sim_check_law(negative, 2, NULL), WN_BADCONF);
    assert_int_equal(sim_check_law(short_of, 2, NULL), WN_BADCONF);
    assert_int_equal(sim_check_law(lost, 2, NULL), WN_BADCONF);
    assert_int_equal(sim_check_law(lost, 0, NULL), WN_BADCONF);
    assert_int_equal(sim_law_of_counts(nothing, 3, p, NULL), WN_BADCONF);
    assert_int_equal(sim_law_of_counts(nothing, 0, p, NULL), WN_BADCONF);
    assert_int_equal(sim_law_of_counts(count, 3, p, NULL), WN_OK);
    assert_int_equal(sim_check_law(p, 3, NULL), WN_OK);
    near(p[2], 0.75);
}

static void frontier_area_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.mauve_like");
    const double a[2] = { 1, 0 }, b[2] = { 0, 1 };
    double p[4], q[4], scale = wn_jsonval_num(measure_param(c, "c"), NAN);

    measure_numbers(measure_param(c, "P"), p);
    measure_numbers(measure_param(c, "Q"), q);
    measure_near(sim_frontier_area(p, q, 4, scale), measure_expected(c, "area"), 1e-9);
    near(sim_frontier_area(p, p, 4, scale), 1);
    assert_true(sim_frontier_area(a, b, 2, 5) < 0.05);
    assert_true(isnan(sim_frontier_area(p, q, 4, 0)));
}

static void empirical_transport_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.w2.empirical1d");
    struct sim_transport t;
    struct wn_arena a = { 0 };
    double x[4], y[4];

    measure_numbers(measure_param(c, "x"), x);
    measure_numbers(measure_param(c, "y"), y);
    assert_int_equal(sim_empirical_transport(x, 4, y, 4, &a, &t, NULL), WN_OK);
    near(t.w2_squared, measure_expected(c, "W2sq"));
    near(t.w1, measure_expected(c, "W1"));
    /* Sizes 2 and 3 by hand: {0, 6} against {0, 3, 6}: thirds 0-0, 0.5 x 3, 3-6 ... = 1/6 of 3
     * on either side of the middle. */
    x[0] = 6, x[1] = 0, y[0] = 3, y[1] = 6, y[2] = 0;
    assert_int_equal(sim_empirical_transport(x, 2, y, 3, &a, &t, NULL), WN_OK);
    near(t.w1, 1);
    near(t.w2_squared, 3);
    assert_int_equal(sim_empirical_transport(x, 0, y, 3, &a, &t, NULL), WN_BADCONF);
    x[1] = NAN;
    assert_int_equal(sim_empirical_transport(x, 2, y, 3, &a, &t, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

static void prdc_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.prdc");
    double real[64], fake[64];
    struct sim_points r = { real, measure_numbers(measure_param(c, "real"), real) / 2, 2 };
    struct sim_points f = { fake, measure_numbers(measure_param(c, "fake"), fake) / 2, 2 };
    size_t k = (size_t)wn_jsonval_num(measure_param(c, "k"), 0);
    struct wn_arena a = { 0 };
    struct sim_prdc m;

    assert_int_equal(sim_measure_prdc(&r, &f, k, &a, &m, NULL), WN_OK);
    near(m.precision, measure_expected(c, "precision"));
    near(m.recall, measure_expected(c, "recall"));
    near(m.density, measure_expected(c, "density"));
    near(m.coverage, measure_expected(c, "coverage"));
    assert_int_equal(sim_measure_prdc(&r, &f, 10, &a, &m, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_prdc(&r, &f, 0, &a, &m, NULL), WN_BADCONF);
    f.d = 1;
    assert_int_equal(sim_measure_prdc(&r, &f, 2, &a, &m, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* 150 points on a line, many blocks and a part, against 150 that lie 100 steps further: with
 * k = 1 a ball reaches one step, so 50 shared points and one neighbour on either side: reals
 * 99..149 and fakes 100..150. */
static void prdc_crosses_its_blocks(void **state)
{
    enum { N = 150 };
    double x[N], y[N];
    struct sim_points r = { x, N, 1 }, f = { y, N, 1 };
    struct wn_arena a = { 0 };
    struct sim_prdc m;

    (void)state;
    for (int i = 0; i < N; i++) {
        x[i] = i;
        y[i] = i + 100;
    }
    assert_int_equal(sim_measure_prdc(&r, &f, 1, &a, &m, NULL), WN_OK);
    near(m.precision, 51.0 / N);
    near(m.recall, 51.0 / N);
    near(m.coverage, 51.0 / N);
    /* 49 fakes in three balls, the fake at 149 in two, the one at 150 in one. */
    near(m.density, (49 * 3 + 2 + 1) / (double)N);
    wn_arena_release(&a);
}

/* Every distance, and every set sorted: what the definitions say. */
static double squared(const struct sim_points *p, size_t i, const struct sim_points *q, size_t j)
{
    double sum = 0;

    for (int c = 0; c < p->d; c++) {
        double step = p->x[i * (size_t)p->d + (size_t)c] - q->x[j * (size_t)p->d + (size_t)c];

        sum += step * step;
    }
    return sum;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

enum { MOST_POINTS = 80 };

static double plain_radius(const struct sim_points *p, size_t i, size_t k)
{
    double distance[MOST_POINTS];
    size_t n = 0;

    for (size_t j = 0; j < p->n; j++)
        if (j != i)
            distance[n++] = squared(p, i, p, j);
    qsort(distance, n, sizeof(*distance), by_size);
    return distance[k - 1];
}

static struct sim_prdc plain_prdc(const struct sim_points *real, const struct sim_points *fake, size_t k)
{
    size_t precision = 0, recall = 0, coverage = 0, density = 0;

    for (size_t j = 0; j < fake->n; j++) {
        bool held = false;

        for (size_t i = 0; i < real->n; i++)
            held |= squared(fake, j, real, i) <= plain_radius(real, i, k);
        precision += held;
    }
    for (size_t i = 0; i < real->n; i++) {
        bool held = false;
        size_t holds = 0;

        for (size_t j = 0; j < fake->n; j++) {
            held |= squared(real, i, fake, j) <= plain_radius(fake, j, k);
            holds += squared(real, i, fake, j) <= plain_radius(real, i, k);
        }
        recall += held;
        coverage += holds > 0;
        density += holds;
    }
    return (struct sim_prdc){ (double)precision / (double)fake->n, (double)recall / (double)real->n,
                              (double)density / (double)k / (double)fake->n, (double)coverage / (double)real->n };
}

/* N points: 0 normal, 1 on a lattice with many copies, 2 all in one place but for one, 3 so far
 * apart that a squared distance overflows. */
static void scatter(double *x, size_t n, int d, int kind, uint64_t seed)
{
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, n, (uint64_t)d, (uint64_t)kind);
    for (size_t i = 0; i < n * (size_t)d; i++) {
        double z = wn_rng_normal(&rng);

        x[i] = kind == 0 ? z : kind == 1 ? floor(2 * z) : kind == 2 ? (i < (size_t)d ? 1 : -0.0) : 1e160 * z;
    }
}

/* Sizes about whole blocks, and K up to all the others. */
static void prdc_is_the_plain_computation(void **state)
{
    static const size_t size[] = { 2, 7, 8, 9, 33, MOST_POINTS };
    double x[MOST_POINTS * 3], y[MOST_POINTS * 3];
    struct wn_arena a = { 0 };

    (void)state;
    for (int kind = 0; kind < 16; kind++) {
        for (size_t c = 0; c < 18; c++) {
            struct sim_points r = { x, size[c % 6], 1 + (int)c / 6 }, f = { y, size[(c + 5 * c / 6) % 6], r.d };
            size_t least = r.n < f.n ? r.n : f.n, k = c % 2 || least < 6 ? 1 + (c % 3) * (least - 2) / 2 : 5;
            struct sim_prdc got, want;

            scatter(x, r.n, r.d, kind % 4, 1);
            scatter(y, f.n, f.d, kind / 4, 2);
            want = plain_prdc(&r, &f, k);
            assert_int_equal(sim_measure_prdc(&r, &f, k, &a, &got, NULL), WN_OK);
            if (memcmp(&got, &want, sizeof(got)) != 0)
                fail_msg("kind %d, %zu and %zu points, d = %d, k = %zu: %g %g %g %g, not %g %g %g %g", kind, r.n, f.n,
                         r.d, k, got.precision, got.recall, got.density, got.coverage, want.precision, want.recall,
                         want.density, want.coverage);
            wn_arena_reset(&a);
        }
    }
    wn_arena_release(&a);
}

static void balls_serve_again_and_again(void **state)
{
    double x[MOST_POINTS * 2], y[MOST_POINTS * 2];
    struct sim_points r = { x, 60, 2 }, f = { y, MOST_POINTS, 2 };
    struct wn_arena kept = { 0 }, a = { 0 };
    struct sim_balls real, fake, other;
    struct sim_prdc got, want;

    (void)state;
    scatter(x, r.n, 2, 0, 1);
    assert_int_equal(sim_find_balls(&r, 3, &kept, &real, NULL), WN_OK);
    for (uint64_t seed = 2; seed < 6; seed++) {
        scatter(x, r.n, 2, 0, 1);
        scatter(y, f.n, 2, 0, seed);
        assert_int_equal(sim_measure_prdc(&r, &f, 3, &a, &want, NULL), WN_OK);
        memset(x, 0, sizeof(x));                          /* the balls have their own copy */
        assert_int_equal(sim_find_balls(&f, 3, &a, &fake, NULL), WN_OK);
        assert_int_equal(sim_compare_balls(&real, &fake, &a, &got, NULL), WN_OK);
        assert_memory_equal(&got, &want, sizeof(got));
        wn_arena_reset(&a);
    }
    assert_int_equal(sim_find_balls(&f, 4, &a, &other, NULL), WN_OK);
    assert_int_equal(sim_compare_balls(&real, &other, &a, &got, NULL), WN_BADCONF);
    f.d = 1;
    assert_int_equal(sim_find_balls(&f, 3, &a, &other, NULL), WN_OK);
    assert_int_equal(sim_compare_balls(&real, &other, &a, &got, NULL), WN_BADCONF);
    f.d = 0;
    assert_int_equal(sim_find_balls(&f, 3, &a, &other, NULL), WN_BADCONF);
    wn_arena_release(&kept);
    wn_arena_release(&a);
}

static void perplexity_meets_its_case(void **state)
{
    const struct wn_jsonval *c = measure_case(state, "metric.perplexity");
    double logp[8];
    size_t n = measure_numbers(measure_param(c, "logp"), logp);

    near(sim_perplexity(logp, n), measure_expected(c, "ppl"));
    assert_true(isnan(sim_perplexity(logp, 0)));
    logp[1] = -INFINITY;
    assert_true(sim_perplexity(logp, n) == INFINITY);
}

/* Type 7: position q (n - 1) between order statistics. */
static void quantiles_are_linear_between_order_statistics(void **state)
{
    const double x[4] = { 1, 2, 4, 8 };

    (void)state;
    near(sim_quantile(x, 4, 0), 1);
    near(sim_quantile(x, 4, 0.25), 1.75);
    near(sim_quantile(x, 4, 0.5), 3);
    near(sim_quantile(x, 4, 1), 8);
    near(sim_quantile(x, 1, 0.3), 1);
    assert_true(isnan(sim_quantile(x, 0, 0.5)));
    assert_true(isnan(sim_quantile(x, 4, 1.1)));
}

static void spread_counts_mass_beyond_the_reference(void **state)
{
    double x[10], real[101];
    struct sim_spread s;
    struct wn_arena a = { 0 };

    (void)state;
    for (int i = 0; i <= 100; i++)
        real[i] = 100 - i;              /* 5% quantile 5, 99% quantile 99 */
    for (int i = 0; i < 10; i++)
        x[i] = i < 3 ? 4 : i < 9 ? 5 : 99.5;
    assert_int_equal(sim_measure_spread(x, 10, real, 101, &a, &s, NULL), WN_OK);
    near(s.mean, (3 * 4 + 6 * 5 + 99.5) / 10);
    near(s.quantile[2], 5);
    near(s.reference.low, 0.3);
    near(s.reference.high, 0.1);
    near(sim_sample_tails(x, 10, 4, 5).low, 0);
    near(sim_sample_tails(x, 10, 4, 5).high, 0.1);
    assert_true(isnan(sim_sample_tails(x, 0, 4, 5).low));
    assert_int_equal(sim_measure_spread(real, 101, real, 101, &a, &s, NULL), WN_OK);
    near(s.sd, sqrt(101 * 102 / 12.0));   /* variance of 0..100, n - 1 */
    near(s.quantile[0], 1);
    near(s.quantile[4], 99);
    assert_int_equal(sim_measure_spread(x, 1, real, 101, &a, &s, NULL), WN_OK);
    near(s.sd, 0);
    assert_int_equal(sim_measure_spread(x, 0, real, 101, &a, &s, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_spread(x, 1, real, 0, &a, &s, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* Logs 1, 2, 3, 4: variance 5/3, fourth moment 41/16. */
static void log_moments_are_the_hand_calculation(void **state)
{
    const double x[6] = { exp(1), 0, exp(2), exp(4), exp(3), 0 }, flat[3] = { 0.1, 0.1, 0.1 };
    const double negative[2] = { 1, -1 }, zero[2] = { 0, 0 };
    struct sim_log_moments m;
    struct wn_arena a = { 0 };

    (void)state;
    assert_int_equal(sim_measure_log_moments(x, 6, &a, &m, NULL), WN_OK);
    near(m.mean.value, 2.5);
    near(m.mean.se, sqrt(5.0 / 12));
    near(m.variance.value, 5.0 / 3);
    near(m.variance.se, sqrt((41.0 / 16 - 25.0 / 27) / 4));
    assert_int_equal(m.mean.n, 4);
    assert_int_equal(m.n_zero, 2);
    assert_int_equal(sim_measure_log_moments(flat, 3, &a, &m, NULL), WN_OK);
    assert_true(m.variance.value == 0 && m.mean.se == 0 && isnan(m.variance.se));
    assert_int_equal(sim_measure_log_moments(flat, 1, &a, &m, NULL), WN_OK);
    assert_true(isnan(m.variance.value) && isnan(m.mean.se));
    assert_int_equal(sim_measure_log_moments(negative, 2, &a, &m, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_log_moments(zero, 2, &a, &m, NULL), WN_BADCONF);
    assert_int_equal(sim_measure_log_moments(zero, 0, &a, &m, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

/* 0..100: the median's reach is 0.5 / sqrt(101) of 100 steps, the se of the mean sd / sqrt n. */
static void estimates_carry_a_standard_error(void **state)
{
    double x[101];
    struct sim_estimate e;
    struct wn_arena a = { 0 };

    (void)state;
    for (int i = 0; i <= 100; i++)
        x[i] = (i * 37) % 101;
    assert_int_equal(sim_estimate_quantile(x, 101, 0.5, &a, &e, NULL), WN_OK);
    near(e.value, 50);
    near(e.se, 50 / sqrt(101));
    assert_int_equal(sim_estimate_quantile(x, 101, 0.001, &a, &e, NULL), WN_OK);
    assert_true(isnan(e.se));
    assert_int_equal(sim_estimate_quantile(x, 101, 1, &a, &e, NULL), WN_BADCONF);
    assert_int_equal(sim_estimate_mean(x, 101, &e, NULL), WN_OK);
    near(e.value, 50);
    near(e.se, sqrt(102 / 12.0));
    assert_int_equal(sim_estimate_mean(x, 1, &e, NULL), WN_OK);
    assert_true(isnan(e.se));
    assert_int_equal(sim_estimate_mean(x, 0, &e, NULL), WN_BADCONF);
    wn_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(w2_on_the_line_meets_its_case),
        cmocka_unit_test(divergences_of_normals_match_quadrature),
        cmocka_unit_test(total_variation_is_the_closed_form),
        cmocka_unit_test(hellinger_of_normals_is_the_closed_form),
        cmocka_unit_test(a_point_mass_is_singular_to_all_but_itself),
        cmocka_unit_test(the_truth_has_its_own_tails),
        cmocka_unit_test(kl_in_the_plane_meets_its_case),
        cmocka_unit_test(w2_in_the_plane_is_the_closed_form),
        cmocka_unit_test(w2_in_fifty_dimensions_adds_over_directions),
        cmocka_unit_test(singular_covariances_have_a_w2),
        cmocka_unit_test(what_is_no_covariance_is_refused),
        cmocka_unit_test(one_dimension_agrees_with_the_line),
        cmocka_unit_test(effective_rank_counts_directions),
        cmocka_unit_test(l2_of_mixtures_is_the_closed_form),
        cmocka_unit_test(discrete_laws_meet_their_case),
        cmocka_unit_test(one_state_has_no_diversity),
        cmocka_unit_test(what_is_no_law_is_refused),
        cmocka_unit_test(frontier_area_meets_its_case),
        cmocka_unit_test(empirical_transport_meets_its_case),
        cmocka_unit_test(prdc_meets_its_case),
        cmocka_unit_test(prdc_crosses_its_blocks),
        cmocka_unit_test(prdc_is_the_plain_computation),
        cmocka_unit_test(balls_serve_again_and_again),
        cmocka_unit_test(perplexity_meets_its_case),
        cmocka_unit_test(quantiles_are_linear_between_order_statistics),
        cmocka_unit_test(spread_counts_mass_beyond_the_reference),
        cmocka_unit_test(log_moments_are_the_hand_calculation),
        cmocka_unit_test(estimates_carry_a_standard_error),
    };

    return cmocka_run_group_tests(tests, measure_load, measure_unload);
}
