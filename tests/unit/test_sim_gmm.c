/*
 * The mixture engine: its linear algebra, its passes, EM, and what replacement does to modes.
 */
#include "unit/sim_rows.h"
#include "support/vectors.h"

#include "sim/generator.h"
#include "sim/linalg.h"
#include "sim/mixture_pass.h"

extern const struct sim_generator sim_gmm;

/* ---- linear algebra ---------------------------------------------------------------------------- */

/* A = [[4,2],[2,3]] = L L' with L = [[2,0],[1,sqrt 2]], by hand; by LAPACK and by ours. */
static void cholesky_of_a_known_matrix(void **state)
{
    const double a[4] = { 4, 2, 2, 3 }, indefinite[4] = { 1, 2, 2, 1 };
    double l[4], inverse[4];

    (void)state;
    assert_true(sim_cholesky(a, 2, l));
    assert_true(fabs(l[0] - 2) < 1e-14 && fabs(l[2] - 1) < 1e-14 && fabs(l[3] - M_SQRT2) < 1e-14);
    assert_true(sim_factor(a, 2, l));
    assert_true(fabs(l[0] - 2) < 1e-14 && fabs(l[2] - 1) < 1e-14 && fabs(l[3] - M_SQRT2) < 1e-14 && l[1] == 0);
    sim_invert_lower(l, 2, inverse);
    assert_true(fabs(inverse[0] - 0.5) < 1e-15 && fabs(inverse[2] + 0.5 * M_SQRT1_2) < 1e-15 && inverse[1] == 0);
    assert_false(sim_cholesky(indefinite, 2, l));
    assert_false(sim_factor(indefinite, 2, l));
}

/* [[2,1],[1,2]] has eigenvalues 3 and 1 with vectors (1,1)/sqrt 2 and (1,-1)/sqrt 2; with
 * the 1 lifted to 2 it is [[2.5,0.5],[0.5,2.5]].  The second difference matrix of size 3 has
 * 2 - sqrt 2, 2, 2 + sqrt 2; the first, along (1, sqrt 2, 1)/2, lifted to 2 adds sqrt 2 times
 * the square of that vector.  By hand. */
static void eigenvalues_below_the_floor_are_lifted(void **state)
{
    double a[4] = { 2, 1, 1, 2 }, point[4] = { 0, 0, 0, 0 }, bad[4] = { NAN, 0, 0, 1 }, l[9], v[9];
    double b[9] = { 2, -1, 0, -1, 2, -1, 0, -1, 2 };
    const double unit[3] = { 0.5, M_SQRT1_2, 0.5 };

    (void)state;
    assert_true(sim_lift(a, 2, 0.5, l, v));
    assert_true(a[0] == 2 && a[1] == 1 && a[3] == 2);            /* above the floor: untouched */
    assert_true(sim_lift(a, 2, 2, l, v));
    assert_true(fabs(a[0] - 2.5) < 1e-14 && fabs(a[1] - 0.5) < 1e-14 && fabs(a[3] - 2.5) < 1e-14);
    assert_true(sim_lift(point, 2, 1e-6, l, v));
    assert_true(fabs(point[0] - 1e-6) < 1e-18 && fabs(point[3] - 1e-6) < 1e-18);
    assert_false(sim_lift(bad, 2, 1e-6, l, v));
    assert_true(sim_lift(b, 3, 2, l, v));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            assert_true(fabs(b[3 * i + j] - (i == j ? 2 : i + j == 2 ? 0 : -1) - M_SQRT2 * unit[i] * unit[j]) < 1e-14);
}

/* ---- exp and log --------------------------------------------------------------------------------- */

/* One kernel at 0 of width 1 seen from r, with top 0, sums to exp(-r^2/2). */
static void exp_is_within_four_half_units_of_libm(void **state)
{
    static double query[SIM_CLOUD_BLOCK];
    const double centre = 0;

    (void)state;
    for (int step = 0; step < 400; step++) {
        struct sim_kernels p = { .query = query, .centre = &centre, .n = 1, .d = 1, .inverse = 1 };

        for (int i = 0; i < SIM_CLOUD_BLOCK; i++)
            query[i] = sqrt(80.2 * (step * SIM_CLOUD_BLOCK + i) / (400.0 * SIM_CLOUD_BLOCK));
        for (size_t k = 0; sim_isa_at(k); k++) {
            sim_isa_at(k)->kernel_sum(&p);
            for (int i = 0; i < SIM_CLOUD_BLOCK; i++) {
                double x = -0.5 * (query[i] * query[i]), want = x < -40 ? 0 : exp(x);

                assert_true(fabs(p.sum[i] - want) <= 5 * 0x1p-53 * want);   /* libm's own half unit among them */
            }
        }
    }
}

static void log_is_that_of_libm(void **state)
{
    (void)state;
    assert_true(sim_plain_log(1) == 0);
    for (double x = 1e-290; x < 1e290; x *= 1.0123)
        assert_true(fabs(sim_plain_log(x) - log(x)) <= 4e-16 * fmax(1, fabs(log(x))));
}

/* ---- densities and passes --------------------------------------------------------------------------- */

static struct sim_mixture mixture(struct wn_arena *a, size_t k, size_t d, const double *weight, const double *mean,
                                  const double *cov)
{
    struct sim_mixture m;

    assert_int_equal(sim_mixture_new(&m, k, d, a, NULL), WN_OK);
    memcpy(m.weight, weight, k * sizeof(double));
    memcpy(m.mean, mean, k * d * sizeof(double));
    memcpy(m.cov, cov, k * d * d * sizeof(double));
    assert_int_equal(sim_mixture_prepare(&m, NULL), WN_OK);
    return m;
}

static double log_density(const struct sim_mixture *m, const double *x, struct wn_arena *a)
{
    struct sim_cloud c;
    double out;

    assert_int_equal(sim_cloud_new(&c, x, NULL, 1, m->d, a, NULL), WN_OK);
    assert_int_equal(sim_cloud_log_density(&c, m, a, &out, NULL), WN_OK);
    return out;
}

/* Standard normal in the plane at (1, 2): -ln 2 pi - 5/2.  Two equal components at +-1 on x
 * with unit covariance at the origin: each e^(-1/2)/(2 pi).  In 3 dimensions with variances
 * 1, 4, 9 at (0, 2, 3): -(3/2) ln 2 pi - ln 6 - 1.  By hand. */
static void density_of_known_mixtures(void **state)
{
    const double one[1] = { 1 }, half[2] = { 0.5, 0.5 }, zero[3] = { 0 }, sides[4] = { -1, 0, 1, 0 };
    const double unit[8] = { 1, 0, 0, 1, 1, 0, 0, 1 }, wide[9] = { 1, 0, 0, 0, 4, 0, 0, 0, 9 };
    const double x[2] = { 1, 2 }, y[3] = { 0, 2, 3 };
    struct wn_arena a = { 0 };
    struct sim_mixture m = mixture(&a, 1, 2, one, zero, unit), two = mixture(&a, 2, 2, half, sides, unit);
    struct sim_mixture three = mixture(&a, 1, 3, one, zero, wide);
    double mean[2], cov[4];

    (void)state;
    assert_true(fabs(log_density(&m, x, &a) + log(2 * M_PI) + 2.5) < 1e-13);
    assert_true(fabs(log_density(&two, zero, &a) + log(2 * M_PI) + 0.5) < 1e-13);
    assert_true(fabs(log_density(&three, y, &a) + 1.5 * log(2 * M_PI) + log(6) + 1) < 1e-13);
    sim_mixture_moments(&two, mean, cov);
    assert_true(fabs(mean[0]) < 1e-15 && fabs(cov[0] - 2) < 1e-15 && fabs(cov[3] - 1) < 1e-15 && cov[1] == 0);
    wn_arena_release(&a);
}

/* K random components, the first one extinct when K > 2, and N of their points. */
static struct sim_mixture scattered(struct wn_arena *a, size_t k, size_t d, double **x, size_t n)
{
    struct sim_draw_key key = { 3, WN_DOMAIN_REAL, 0, (uint32_t)d };
    struct sim_mixture m;
    struct wn_rng rng;

    wn_rng_init(&rng, 9, WN_DOMAIN_FIT, k, d, n);
    assert_int_equal(sim_mixture_new(&m, k, d, a, NULL), WN_OK);
    for (size_t c = 0; c < k; c++) {
        m.weight[c] = k > 2 ? (c > 0) / (double)(k - 1) : 1 / (double)k;
        for (size_t i = 0; i < d; i++) {
            m.mean[c * d + i] = 3 * wn_rng_normal(&rng);
            for (size_t j = 0; j <= i; j++)
                m.cov[c * d * d + i * d + j] = m.cov[c * d * d + j * d + i] =
                    i == j ? 1 + wn_rng_u01(&rng) : 0.4 / (double)d * wn_rng_normal(&rng);
        }
    }
    assert_int_equal(sim_mixture_prepare(&m, NULL), WN_OK);
    *x = wn_arena_alloc(a, n * d * sizeof(**x));
    sim_mixture_draw(&m, &key, 1, 0, *x, n);
    return m;
}

static double plain_log_density(const struct sim_mixture *m, const double *x)
{
    double term[SIM_MAX_COMPONENTS], top = -INFINITY, sum = 0;

    sim_mixture_terms(m, x, term);
    for (size_t k = 0; k < m->k; k++)
        top = fmax(top, term[k]);
    for (size_t k = 0; k < m->k; k++)
        sum += exp(term[k] - top);
    return top + log(sum);
}

static void a_pass_sees_the_density_that_libm_sees(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (size_t d = 1; d <= 7; d += 2 - (d < 3)) {
        enum { N = 300 };
        double *x, out[N], sum = 0;
        struct sim_mixture m = scattered(&a, 4, d, &x, N);
        struct sim_cloud c;

        assert_int_equal(sim_cloud_new(&c, x, NULL, N, d, &a, NULL), WN_OK);
        assert_int_equal(sim_cloud_log_density(&c, &m, &a, out, NULL), WN_OK);
        for (size_t i = 0; i < N; i++) {
            double want = plain_log_density(&m, x + i * d);

            assert_true(fabs(out[i] - want) < 1e-12 * fmax(1, fabs(want)));
            sum += want;
        }
        assert_true(isfinite(sum));
    }
    wn_arena_release(&a);
}

/* The whole output of a pass of each version, byte by byte against the plain one. */
static void every_instruction_set_gives_the_same_bits(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (unsigned shape = 0; shape < 16; shape++) {
        static const size_t dims[4] = { 1, 2, 3, 9 };
        size_t d = dims[shape % 4], k = 5, n = 333, n_sums = k * sim_pass_n_sums(d) * SIM_LANES;
        double *x, *weight = wn_arena_alloc(&a, n * sizeof(double)), *first = NULL;
        struct sim_mixture m = scattered(&a, k, d, &x, n);
        double first_likelihood = 0;
        struct sim_cloud c;

        for (size_t i = 0; i < n; i++)
            weight[i] = 1 + (double)(i % 3) / 7;
        assert_int_equal(sim_cloud_new(&c, x, shape & 4 ? weight : NULL, n, d, &a, NULL), WN_OK);
        for (size_t v = 0; sim_isa_at(v); v++) {
            double *all = sim_aligned_doubles(&a, n_sums + 6 * SIM_CLOUD_BLOCK);
            struct sim_pass p = { .model = &m, .points = &c, .hard = shape & 8, .sums = all,
                                  .log_density = all + n_sums,
                                  .scratch = sim_aligned_doubles(&a, sim_pass_n_scratch(k, d)) };

            memset(all, 0, (n_sums + 6 * SIM_CLOUD_BLOCK) * sizeof(double));
            sim_isa_at(v)->pass(&p);
            if (v == 0) {
                first = all;
                first_likelihood = p.log_likelihood;
            }
            assert_memory_equal(all, first, (n_sums + 6 * SIM_CLOUD_BLOCK) * sizeof(double));
            assert_true(p.log_likelihood == first_likelihood);
        }
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* ---- EM ----------------------------------------------------------------------------------------------- */

/* With one component one round of EM is the sample mean and covariance, wherever it starts:
 * by hand on four points; and on the same with weights, where (2, 4) counts three times. */
static void one_component_is_fitted_exactly(void **state)
{
    const double data[8] = { 0, 0, 2, 0, 0, 4, 2, 4 }, weight[4] = { 1, 1, 1, 3 };
    const double one[1] = { 1 }, at[2] = { 5, -5 }, unit[4] = { 1, 0, 0, 1 };
    struct wn_arena a = { 0 };
    struct sim_mixture m = mixture(&a, 1, 2, one, at, unit);
    struct sim_em em;
    double ll;

    (void)state;
    assert_int_equal(sim_em_open(&em, data, NULL, 4, 2, 1, &a, NULL), WN_OK);
    assert_int_equal(sim_em_round(&em, &m, &ll, NULL), WN_OK);
    assert_true(fabs(m.weight[0] - 1) < 1e-14 && fabs(m.mean[0] - 1) < 1e-14 && fabs(m.mean[1] - 2) < 1e-14);
    assert_true(fabs(m.cov[0] - 1) < 1e-14 && fabs(m.cov[1]) < 1e-14 && fabs(m.cov[3] - 4) < 1e-14);
    /* squared distances to (5, -5): 25 or 9 on x, 25 or 81 on y */
    assert_true(fabs(ll + log(2 * M_PI) + 0.5 * ((25 + 9) / 2.0 + (25 + 81) / 2.0)) < 1e-12);
    /* mean (8/6, 16/6), E x^2 = 16/6, E xy = 24/6, E y^2 = 64/6 */
    assert_int_equal(sim_em_open(&em, data, weight, 4, 2, 1, &a, NULL), WN_OK);
    assert_int_equal(sim_em_round(&em, &m, &ll, NULL), WN_OK);
    assert_true(fabs(m.mean[0] - 8 / 6.0) < 1e-14 && fabs(m.mean[1] - 16 / 6.0) < 1e-14);
    assert_true(fabs(m.cov[0] - 8 / 9.0) < 1e-14 && fabs(m.cov[1] - 4 / 9.0) < 1e-14 &&
                fabs(m.cov[3] - 32 / 9.0) < 1e-14);
    wn_arena_release(&a);
}

/* Dempster, Laird and Rubin 1977, theorem 1. */
static void no_round_of_em_loses_likelihood(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (size_t d = 1; d <= 5; d++) {
        double *x, before = -INFINITY, now;
        struct sim_mixture m = scattered(&a, 4, d, &x, 500);
        struct wn_rng rng;
        struct sim_em em;

        wn_rng_init(&rng, 4, WN_DOMAIN_FIT, d, 0, 0);
        assert_int_equal(sim_em_open(&em, x, NULL, 500, d, 4, &a, NULL), WN_OK);
        assert_int_equal(sim_em_start(&em, &m, &rng, &a, NULL), WN_OK);
        for (int round = 0; round < 60; round++) {
            assert_int_equal(sim_em_round(&em, &m, &now, NULL), WN_OK);
            assert_true(now >= before - 1e-12);
            before = now;
        }
    }
    wn_arena_release(&a);
}

/* EM on weights 1, 2, 3 is EM on points that are there once, twice, three times. */
static void a_weight_is_a_count(void **state)
{
    enum { N = 150 };
    double *x, weight[N], repeated[2 * 3 * N], ll, ll_repeated;
    struct wn_arena a = { 0 };
    struct sim_mixture m = scattered(&a, 3, 2, &x, N), same = scattered(&a, 3, 2, &x, N);
    struct sim_em em, long_em;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        weight[i] = (double)(i % 3 + 1);
        for (size_t c = 0; c <= i % 3; c++, n++)
            memcpy(repeated + 2 * n, x + 2 * i, 2 * sizeof(double));
    }
    assert_int_equal(sim_em_open(&em, x, weight, N, 2, 3, &a, NULL), WN_OK);
    assert_int_equal(sim_em_open(&long_em, repeated, NULL, n, 2, 3, &a, NULL), WN_OK);
    for (int round = 0; round < 10; round++) {
        assert_int_equal(sim_em_round(&em, &m, &ll, NULL), WN_OK);
        assert_int_equal(sim_em_round(&long_em, &same, &ll_repeated, NULL), WN_OK);
        assert_true(fabs(ll - ll_repeated) < 1e-11);
    }
    for (size_t i = 0; i < 6; i++)
        assert_true(fabs(m.mean[i] - same.mean[i]) < 1e-9);
    wn_arena_release(&a);
}

/* 98 points near 0 and one each at 1000 on either axis: centres drawn by squared distance find
 * all three, whichever comes first. */
static void the_start_finds_far_points(void **state)
{
    double data[200];
    struct wn_arena a = { 0 };
    struct sim_mixture m;
    struct sim_em em;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        data[i] = (double)(i % 7) / 7;
    data[60] = data[121] = 1000;
    assert_int_equal(sim_mixture_new(&m, 3, 2, &a, NULL), WN_OK);
    assert_int_equal(sim_em_open(&em, data, NULL, 100, 2, 3, &a, NULL), WN_OK);
    for (uint64_t seed = 0; seed < 20; seed++) {
        double smallest = 1, largest = 0;
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_FIT, 0, 0, 0);
        assert_int_equal(sim_em_start(&em, &m, &rng, &a, NULL), WN_OK);
        for (size_t k = 0; k < 3; k++) {
            smallest = fmin(smallest, m.weight[k]);
            largest = fmax(largest, m.weight[k]);
        }
        assert_true(fabs(smallest - 0.01) < 1e-12 && fabs(largest - 0.98) < 1e-12);
    }
    wn_arena_release(&a);
}

/* Nothing to divide by: one point many times, more components than different points. */
static void degenerate_data_have_a_finite_fit(void **state)
{
    double data[12], ll = 0, weights = 0;
    struct wn_arena a = { 0 };
    struct sim_mixture m;
    struct sim_em em;
    struct wn_rng rng;

    (void)state;
    for (size_t i = 0; i < 12; i++)
        data[i] = 7;
    wn_rng_init(&rng, 1, WN_DOMAIN_FIT, 0, 0, 0);
    assert_int_equal(sim_mixture_new(&m, 3, 2, &a, NULL), WN_OK);
    assert_int_equal(sim_em_open(&em, data, NULL, 6, 2, 3, &a, NULL), WN_OK);
    assert_int_equal(sim_em_start(&em, &m, &rng, &a, NULL), WN_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sim_em_round(&em, &m, &ll, NULL), WN_OK);
    for (size_t k = 0; k < 3; k++)
        weights += m.weight[k];
    assert_true(isfinite(ll));
    assert_true(fabs(weights - 1) < 1e-12);
    wn_arena_release(&a);
}

static void data_that_ran_away_are_a_named_error(void **state)
{
    const double bad[2] = { 1, NAN }, far[2] = { -1e101, 0 };
    struct wn_arena a = { 0 };
    struct sim_cloud c;
    struct wn_err err;

    (void)state;
    assert_int_equal(sim_cloud_new(&c, bad, NULL, 1, 2, &a, &err), WN_BADDATA);
    assert_int_equal(sim_cloud_new(&c, far, NULL, 1, 2, &a, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "the model has run away"));
    wn_arena_release(&a);
}

/* ---- draws ----------------------------------------------------------------------------------------------- */

/* Means within 4.5 standard errors, covariances of lambda times the components'; no item of the
 * extinct component (its place is marked by a mean far away). */
static void draws_have_the_mixtures_moments(void **state)
{
    enum { N = 40000 };
    const double weight[3] = { 0.75, 0.25, 0 }, mean[3] = { -1, 2, 1e6 }, cov[3] = { 1, 4, 1 };
    struct sim_draw_key key = { 5, WN_DOMAIN_SAMPLE, 0, 1 };
    struct wn_arena a = { 0 };
    struct sim_mixture m = mixture(&a, 3, 1, weight, mean, cov);
    double *x = wn_arena_alloc(&a, N * sizeof(*x)), sum = 0, squares = 0;

    (void)state;
    sim_mixture_draw(&m, &key, 0.5, 0, x, N);
    for (size_t i = 0; i < N; i++) {
        sum += x[i];
        squares += x[i] * x[i];
    }
    /* mean -1/4; E x^2 = 3/4 (1 + 1/2) + 1/4 (4 + 2) = 2.625; sd of x^2 below 4.5 */
    assert_true(fabs(sum / N + 0.25) < 4.5 * 1.6 / sqrt(N));
    assert_true(fabs(squares / N - 2.625) < 4.5 * 4.5 / sqrt(N));
    wn_arena_release(&a);
}

static void equal_indices_are_equal_items_however_the_calls_cut(void **state)
{
    struct sim_draw_key key = { 5, WN_DOMAIN_SAMPLE, 2, 1 };
    struct wn_arena a = { 0 };

    (void)state;
    for (size_t d = 1; d <= 3; d++) {
        double *x, whole[600], parts[600];
        struct sim_mixture m = scattered(&a, 3, d, &x, 1);

        sim_mixture_draw(&m, &key, 1, 0, whole, 200);
        for (size_t i = 0, n; i < 200; i += n) {
            n = i % 37 + 1 < 200 - i ? i % 37 + 1 : 200 - i;
            sim_mixture_draw(&m, &key, 1, i, parts + i * d, n);
        }
        assert_memory_equal(parts, whole, 200 * d * sizeof(double));
    }
    wn_arena_release(&a);
}

/* ---- the engine, by its table -------------------------------------------------------------------------------- */

struct play {
    struct wn_sim_opts opts;
    struct wn_arena arena;
    struct sim_run run;
    void *world, *state;
    double *item;
    size_t n;
};

static void play_open(struct play *p, const struct wn_sim_opts *opts)
{
    struct wn_err err;

    *p = (struct play){ .opts = *opts, .n = opts->n };
    if (sim_gmm.open(&p->world, &p->opts, &err) != WN_OK)
        fail_msg("%s", err.text);
    p->item = calloc(p->n, sim_gmm.item_size(&p->opts));
    assert_non_null(p->item);
}

static void play_begin(struct play *p, uint32_t replicate)
{
    p->run = (struct sim_run){ .opts = &p->opts, .replicate = replicate, .arena = &p->arena };
    assert_int_equal(sim_gmm.begin(&p->state, p->world, &p->run, NULL), WN_OK);
    assert_int_equal(sim_gmm.real(p->state, 0, 0, p->item, p->n, NULL), WN_OK);
}

/* Replaces the data by the last model's, then fits. */
static void play_fit(struct play *p, uint32_t g)
{
    struct sim_data data = { .item = p->item, .n = p->n };

    if (g > 1)
        assert_int_equal(sim_gmm.sample(p->state, g - 1, 0, p->item, p->n, NULL), WN_OK);
    assert_int_equal(sim_gmm.fit(p->state, g, &data, NULL), WN_OK);
}

static void play_compare(struct play *p, uint32_t g, struct sim_metrics *m)
{
    struct sim_view view = { .generation = g };

    m->n = 0;
    assert_int_equal(sim_gmm.compare(p->state, &view, m, NULL), WN_OK);
}

static double metric(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    fail_msg("no metric %s", name);
    return NAN;
}

static double play_metric(struct play *p, uint32_t g, const char *name)
{
    struct sim_metrics m;

    play_compare(p, g, &m);
    return metric(&m, name);
}

static void play_end(struct play *p)
{
    sim_gmm.end(p->state);
    wn_arena_reset(&p->arena);
}

static void play_close(struct play *p)
{
    sim_gmm.close(p->world);
    wn_arena_release(&p->arena);
    free(p->item);
}

/* 20,000 points: the fit is the truth's weights 0.6, 0.3, 0.1 (entropy 0.898 nats) and total
 * variance, from the truth's definition by hand: within 0.6*1.5 + 0.3*1.5 + 0.1*0.8 = 1.43;
 * between: mean (-0.9, 0.4), E|m|^2 = 9*0.9 + 16*0.1 = 9.7, minus 0.81 + 0.16 = 8.73; total
 * 10.16.  Its entropy per point is estimated by heldout_nll: three modes that hardly overlap,
 * 0.898 + sum w (1 + ln 2 pi + ln det / 2) = 0.898 + 2.838 + (0.6 ln 0.41 + 0.3 ln 0.46 +
 * 0.1 ln 0.16)/2 = 3.26. */
static void a_large_sample_recovers_the_truth(void **state)
{
    const struct wn_sim_opts opts = { .engine = "gmm", .seed = 2, .n = 20000 };
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    play_fit(&p, 1);
    assert_true(fabs(play_metric(&p, 1, "min_weight") - 0.1) < 0.01);
    assert_true(fabs(log(play_metric(&p, 1, "effective_components")) - 0.898) < 0.02);
    assert_true(fabs(play_metric(&p, 1, "total_variance") - 10.16) < 0.25);
    assert_true(fabs(play_metric(&p, 1, "heldout_nll") - 3.26) < 0.12);
    assert_true(fabs(play_metric(&p, 1, "weight_1") - 0.6) < 0.02);
    assert_true(fabs(play_metric(&p, 1, "weight_diversity") - 0.54) < 0.02);
    assert_true(play_metric(&p, 1, "modes_covered") == 1);
    assert_true(play_metric(&p, 1, "l2_first") == 0);
    assert_true(play_metric(&p, 1, "precision") > 0.9 && play_metric(&p, 1, "recall") > 0.9);
    play_end(&p);
    play_close(&p);
}

enum { FAR_REPLICATES = 1500, FAR_FITS = 5 };
static const uint32_t far_at[FAR_FITS] = { 1, 2, 5, 10, 30 };
static const char *const far_metric[2] = { "pi_variance", "component_variance_1" };

static void far_means(double mean[2][FAR_FITS])
{
    const struct wn_sim_opts opts = { .engine = "gmm", .seed = 8, .n = 30, .model = { .truth = "separated" } };
    struct sim_metrics m;
    struct play p;

    play_open(&p, &opts);
    for (uint32_t r = 0; r < FAR_REPLICATES; r++) {
        play_begin(&p, r);
        for (uint32_t g = 1, i = 0; g <= 30; g++) {
            play_fit(&p, g);
            if (g != far_at[i])
                continue;
            play_compare(&p, g, &m);
            for (int q = 0; q < 2; q++)
                mean[q][i] += metric(&m, far_metric[q]) / FAR_REPLICATES;
            i++;
        }
        play_end(&p);
    }
    play_close(&p);
}

static void check_far_case(const struct wn_jsonval *c, const double *mean)
{
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected");

    assert_int_equal(wn_jsonval_size(expected), FAR_FITS);
    for (size_t e = 0; e < FAR_FITS; e++) {
        const struct wn_jsonval *v = wn_jsonval_at(expected, e);

        assert_int_equal((uint32_t)vectors_num(v, "n"), far_at[e]);
        assert_true(fabs(mean[e] - vectors_num(v, "value")) < 4 * vectors_num(v, "sd") / sqrt(FAR_REPLICATES));
    }
}

/* extra.json. */
static void far_components_drift_as_the_vectors_say(void **state)
{
    static const char *const id[2] = { "gmm.separated.E_weight_H.M30", "gmm.separated.E_compvar.M30" };
    struct wn_jsonval *file = vectors_load("collapse/extra.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");
    double mean[2][FAR_FITS] = { { 0 } };
    size_t seen = 0;

    (void)state;
    far_means(mean);
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        for (int q = 0; q < 2; q++) {
            if (strcmp(vectors_str(wn_jsonval_at(cases, i), "id"), id[q]) != 0)
                continue;
            check_far_case(wn_jsonval_at(cases, i), mean[q]);
            seen++;
        }
    }
    assert_int_equal(seen, 2);
    wn_jsonval_free(file);
}

/* Points of one side only: the other component has weight 0, its variance counts as 0, and
 * the mode that is left is not split. */
static void an_extinct_component_stays_extinct(void **state)
{
    const struct wn_sim_opts opts = { .engine = "gmm", .seed = 8, .n = 4, .model = { .truth = "separated" } };
    const double left[4] = { -101, -99, -101, -99 };
    struct sim_data data = { .item = left, .n = 4 };
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    for (uint32_t g = 1; g <= 2; g++) {
        assert_int_equal(sim_gmm.fit(p.state, g, &data, NULL), WN_OK);
        assert_true(play_metric(&p, g, "weight_1") == 0);
        assert_true(play_metric(&p, g, "component_variance_1") == 0);
        assert_true(play_metric(&p, g, "pi_variance") == 0);
        assert_true(fabs(play_metric(&p, g, "total_variance") - 1) < 1e-12);
        assert_true(sim_gmm.sample(p.state, g, 0, p.item, 4, NULL) == WN_OK && p.item[0] < 0 && p.item[3] < 0);
    }
    play_end(&p);
    play_close(&p);
}

/* N(0, I) in the plane at (3, 4): log density -ln 2 pi - 25/2, distance 5.  A model of one
 * component of the four points of above: mean (1, 2), variances 1 and 4; at (1, 2) the log
 * density is -ln 2 pi - ln 2. */
static void policies_see_densities_and_distances(void **state)
{
    const struct wn_sim_opts opts = { .engine = "gmm", .n = 4, .model = { .truth = "blob", .components = 1 } };
    const double x[2] = { 3, 4 }, y[2] = { 1, 2 }, four[8] = { 0, 0, 2, 0, 0, 4, 2, 4 }, far[4] = { 9, 9, 9, 8 };
    struct sim_data data = { .item = four, .n = 4 }, other = { .item = far, .n = 2 };
    struct play p;
    void *model;
    double v;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    assert_int_equal(sim_gmm.fit(p.state, 1, &data, NULL), WN_OK);
    assert_int_equal(sim_gmm.quality(p.state, x, 1, &v, NULL), WN_OK);
    assert_true(fabs(v + log(2 * M_PI) + 12.5) < 1e-12);
    assert_int_equal(sim_gmm.distance(p.state, x, 1, &v, NULL), WN_OK);
    assert_true(fabs(v - 5) < 1e-12);
    assert_int_equal(sim_gmm.surprise(p.state, y, 1, &v, NULL), WN_OK);
    assert_true(fabs(v - log(2 * M_PI) - log(2)) < 1e-12);
    model = sim_gmm.model_put(p.state);
    assert_int_equal(sim_gmm.fit(p.state, 2, &other, NULL), WN_OK);
    assert_int_equal(sim_gmm.model_take(p.state, model, NULL), WN_OK);
    assert_int_equal(sim_gmm.surprise(p.state, y, 1, &v, NULL), WN_OK);
    assert_true(fabs(v - log(2 * M_PI) - log(2)) < 1e-12);
    play_end(&p);
    play_close(&p);
}

/* Nature 2024, figure of the mixture: one blob, fitted with two components.  Models come to lie
 * on lines: the effective rank of a covariance in the plane goes from near 2 to 1.  (Later both
 * eigenvalues rest on the floor, and the rank is no longer about the data.) */
static void late_components_are_lines(void **state)
{
    const struct wn_sim_opts opts = { .engine = "gmm", .seed = 4, .n = 60, .model = { .truth = "blob" } };
    double early, moved = 0;
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    play_fit(&p, 1);
    early = play_metric(&p, 1, "effective_rank_mean");
    for (uint32_t g = 2; g <= 100; g++)
        play_fit(&p, g);
    moved = play_metric(&p, 100, "l2_first");
    assert_true(early > 1.5);
    assert_true(play_metric(&p, 100, "effective_rank_mean") < 1.1);
    assert_true(moved > 0.1);
    play_end(&p);
    play_close(&p);
}

/* MAD (Alemohammad et al. 2023), figures 4 and 6: sampling bias keeps precision and loses
 * recall. */
static void biased_sampling_keeps_precision_and_loses_recall(void **state)
{
    const struct wn_sim_opts opts = { .engine = "gmm", .seed = 4, .n = 500, .sampling = { .lambda = 0.5 } };
    struct play p;

    (void)state;
    play_open(&p, &opts);
    play_begin(&p, 0);
    for (uint32_t g = 1; g <= 6; g++)
        play_fit(&p, g);
    assert_true(play_metric(&p, 6, "precision") > 0.95);
    assert_true(play_metric(&p, 6, "recall") < 0.3);
    play_end(&p);
    play_close(&p);
}

static void high_dimensions_and_many_components_fit(void **state)
{
    static const struct { unsigned dims, components; } most[2] = { { 64, 3 }, { 2, 64 } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct wn_sim_opts opts = { .engine = "gmm", .seed = 1, .n = 400,
                                          .model = { .truth = "pair", .dims = most[i].dims,
                                                     .components = most[i].components, .em_rounds = 3 } };
        struct play p;

        play_open(&p, &opts);
        play_begin(&p, 0);
        play_fit(&p, 1);
        assert_true(isfinite(play_metric(&p, 1, "heldout_nll")));
        play_end(&p);
        play_close(&p);
    }
}

static void refused(const struct wn_sim_model *m, const char *why)
{
    struct wn_sim_opts opts = { .engine = "gmm", .model = *m };
    struct wn_err err = { 0 };
    void *world;

    assert_int_equal(sim_gmm.open(&world, &opts, &err), WN_BADCONF);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void settings_that_do_not_fit_are_named(void **state)
{
    (void)state;
    refused(&(struct wn_sim_model){ .truth = "ring" }, "no truth 'ring': there are 'three'");
    refused(&(struct wn_sim_model){ .dims = 3 }, "truth 'three' has 2 dimensions, not 3");
    refused(&(struct wn_sim_model){ .truth = "blob", .dims = 65 }, "65 dimensions are more than 64");
    refused(&(struct wn_sim_model){ .components = 65 }, "65 components are more than 64");
    refused(&(struct wn_sim_model){ .truth = "separated", .components = 3 }, "its own 2 components");
    refused(&(struct wn_sim_model){ .truth = "blob", .separation = 2 }, "has no separation");
    refused(&(struct wn_sim_model){ .truth = "pair", .separation = NAN }, "separation");
    refused(&(struct wn_sim_model){ .em_tolerance = -1 }, "tolerance");
}

static void a_fit_needs_a_point_for_every_component(void **state)
{
    const struct wn_sim_opts three = { .engine = "gmm" }, far = { .model = { .truth = "separated" } };

    (void)state;
    assert_int_equal(sim_gmm.min_items(&three), 3);
    assert_int_equal(sim_gmm.item_size(&three), 2 * sizeof(double));
    assert_int_equal(sim_gmm.min_items(&far), 1);
    assert_int_equal(sim_gmm.item_size(&far), sizeof(double));
}

/* The first fit has the truth's three modes; after 60 generations of 40 points the small
 * mode is gone in most replaced runs and in no accumulating one.  (Of 40 points 4 belong to
 * the small mode: k-means misses it now and then, from the first fit on.) */
static void replacement_loses_modes_and_accumulation_does_not(void **state)
{
    static const uint32_t at[2] = { 1, 60 };
    const struct wn_policy p[2] = { sim_policy("replace", WN_REGIME_REPLACE),
                                    sim_policy("accumulate", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = { .engine = "gmm", .policies = p, .n_policies = 2, .generations = 60,
                                .replicates = 6, .seed = 5, .n = 40, .jobs = 2, .record = at, .n_record = 2 };
    struct sim_rows *r = sim_rows_new(false);

    (void)state;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "replace", 1, "modes_covered") > 0.9);
    assert_true(sim_rows_mean(r, "replace", 60, "modes_covered") < 0.7);
    assert_true(sim_rows_mean(r, "accumulate", 60, "modes_covered") > 0.9);
    assert_true(sim_rows_mean(r, "replace", 60, "heldout_nll") > sim_rows_mean(r, "replace", 1, "heldout_nll") + 1);
    assert_true(sim_rows_mean(r, "accumulate", 60, "heldout_nll") <
                sim_rows_mean(r, "accumulate", 1, "heldout_nll") + 0.3);
    assert_true(sim_rows_mean(r, "replace", 60, "total_variance") <
                0.5 * sim_rows_mean(r, "replace", 1, "total_variance"));
    sim_rows_release(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky_of_a_known_matrix),
        cmocka_unit_test(eigenvalues_below_the_floor_are_lifted),
        cmocka_unit_test(exp_is_within_four_half_units_of_libm),
        cmocka_unit_test(log_is_that_of_libm),
        cmocka_unit_test(density_of_known_mixtures),
        cmocka_unit_test(a_pass_sees_the_density_that_libm_sees),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
        cmocka_unit_test(one_component_is_fitted_exactly),
        cmocka_unit_test(no_round_of_em_loses_likelihood),
        cmocka_unit_test(a_weight_is_a_count),
        cmocka_unit_test(the_start_finds_far_points),
        cmocka_unit_test(degenerate_data_have_a_finite_fit),
        cmocka_unit_test(data_that_ran_away_are_a_named_error),
        cmocka_unit_test(draws_have_the_mixtures_moments),
        cmocka_unit_test(equal_indices_are_equal_items_however_the_calls_cut),
        cmocka_unit_test(a_large_sample_recovers_the_truth),
        cmocka_unit_test(far_components_drift_as_the_vectors_say),
        cmocka_unit_test(an_extinct_component_stays_extinct),
        cmocka_unit_test(policies_see_densities_and_distances),
        cmocka_unit_test(late_components_are_lines),
        cmocka_unit_test(biased_sampling_keeps_precision_and_loses_recall),
        cmocka_unit_test(high_dimensions_and_many_components_fit),
        cmocka_unit_test(settings_that_do_not_fit_are_named),
        cmocka_unit_test(a_fit_needs_a_point_for_every_component),
        cmocka_unit_test(replacement_loses_modes_and_accumulation_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
