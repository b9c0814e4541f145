/*
 * The d-dimensional Gaussian engine: its exact chain against the reference vectors, its
 * points against its exact chain, and what it does with degenerate data.
 */
#include "support/vectors.h"

#include <math.h>

#include "sim/draws.h"
#include "sim/gauss_nd.h"
#include "sim/linalg.h"

extern const struct sim_generator sim_gaussian_nd;

static const struct sim_generator *const gen = &sim_gaussian_nd;

/* ---- a small loop of our own ------------------------------------------------------------- */

struct chain {
    struct wn_sim_opts opts;
    struct wn_policy policy;
    struct wn_arena arena;
    void *state;
    struct wn_rng real, sample;
    void *batch, *pool;      /* exact mode */
};

static struct wn_sim_opts options(unsigned d, enum wn_estimator e)
{
    struct wn_sim_opts o = { .engine = "gaussian-nd", .seed = 5, .estimator = e };

    o.model.dims = d;
    return o;
}

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
    assert_non_null(c->batch);
    assert_non_null(c->pool);
}

static void chain_close(struct chain *c)
{
    wn_arena_release(&c->arena);
}

/* Fit G (from 1) of an exact run: real or model items, alone or added to what there is. */
static void exact_step(struct chain *c, uint32_t g, uint64_t n_real, uint64_t n_model, bool keep, uint64_t total)
{
    const struct sim_exact *x = gen->exact;

    if (!keep)
        memset(c->pool, 0, x->batch_size(c->state));
    assert_int_equal(x->real(c->state, &c->real, n_real, c->batch, NULL), WN_OK);
    x->merge(c->state, c->pool, c->batch, 1);
    assert_int_equal(x->sample(c->state, &c->sample, n_model, c->batch, NULL), WN_OK);
    x->merge(c->state, c->pool, c->batch, 1);
    assert_int_equal(x->fit(c->state, g, c->pool, total, NULL), WN_OK);
}

static void replace_step(struct chain *c, uint32_t g, uint64_t m)
{
    exact_step(c, g, g == 1 ? m : 0, g == 1 ? 0 : m, false, m);
}

static void points_step(struct chain *c, uint32_t g, size_t m, double *items)
{
    struct sim_data data = { .item = items, .n = m };

    if (g == 1)
        assert_int_equal(gen->real(c->state, 0, 0, items, m, NULL), WN_OK);
    else
        assert_int_equal(gen->sample(c->state, g - 1, 0, items, m, NULL), WN_OK);
    assert_int_equal(gen->fit(c->state, g, &data, NULL), WN_OK);
}

static void look(struct chain *c, uint32_t g, struct sim_metrics *m)
{
    struct sim_view view = { .generation = g, .policy = &c->policy, .sparse = true };

    m->n = 0;
    assert_int_equal(gen->compare(c->state, &view, m, NULL), WN_OK);
    for (size_t i = 0; i < m->n; i++)
        assert_true(isfinite(m->item[i].value));
}

/* NAN when the metric was left out. */
static double metric(const struct sim_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return m->item[i].value;
    return NAN;
}

static void near(double got, double want, double tolerance, const char *what)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%s: %.12g, expected %.12g +- %.3g", what, got, want, tolerance);
}

/* ---- the linear algebra -------------------------------------------------------------------- */

static void random_lower(struct wn_rng *rng, int d, double *l)
{
    for (int i = 0; i < d; i++)
        for (int j = 0; j < d; j++)
            l[i * d + j] = j > i ? 0 : (i == j ? 2 : 0.3) * (1 + wn_rng_u01(rng));
}

/* Both ways to compute (plain, BLAS) against the definition. */
static void triangular_products_are_what_their_names_say(void **state)
{
    enum { MAX = 40 };
    static double l[MAX * MAX], a[MAX * MAX], product[MAX * MAX], gram[MAX * MAX], sum[MAX * MAX];
    double x[MAX], y[MAX];
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 1, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int d = 3; d <= MAX; d += MAX - 3) {
        random_lower(&rng, d, l);
        random_lower(&rng, d, a);
        for (int i = 0; i < d; i++)
            x[i] = y[i] = wn_rng_u01(&rng);
        sim_lower_product(l, a, d, product);
        sim_lower_gram(l, d, gram);
        memset(sum, 0, sizeof(sum));
        sim_add_squares(l, (size_t)d, d, sum);
        for (int i = 0; i < d; i++)
            for (int j = 0; j < d; j++) {
                double p = 0, g = 0, s = 0;

                for (int k = 0; k < d; k++) {
                    p += l[i * d + k] * a[k * d + j];
                    g += l[i * d + k] * l[j * d + k];
                    s += l[k * d + i] * l[k * d + j];
                }
                near(product[i * d + j], p, 1e-12 * (1 + fabs(p)), "L A");
                near(j <= i ? gram[i * d + j] : g, g, 1e-12 * g, "L L'");
                near(j <= i ? sum[i * d + j] : s, s, 1e-12 * s, "X'X");
            }
        sim_lower_times(l, d, y, y);
        sim_solve_lower(l, d, y);
        for (int i = 0; i < d; i++)
            near(y[i], x[i], 1e-9, "L^-1 L x");
    }
}

/* [[1,0],[c,t]] has the determinant t and, for small t, the larger singular value
 * sqrt(1 + c^2): the smaller is t / sqrt(1 + c^2), whatever the size of t. */
static void tiny_singular_values_keep_their_digits(void **state)
{
    static const double t[] = { 1e-9, 1e-40, 1e-150, 1e-280 };
    double scratch[8], value[2];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        double l[4] = { 1, 0, 0.75, t[i] };

        assert_int_equal(sim_lower_log_singular_values(l, 2, scratch, value, NULL), WN_OK);
        near(value[0], log(1.25), 1e-14, "larger");
        near(value[1], log(t[i]) - log(1.25), 1e-12, "smaller");
    }
}

/* Two columns that are multiples of each other, and one near the end of the range. */
static void what_is_only_rounding_is_no_singular_value(void **state)
{
    const double l[9] = { 0, 0, 0, 1, 1e-30, 0, 3, 3e-30, 1e-310 };
    double scratch[15], value[3];

    (void)state;
    assert_int_equal(sim_lower_log_singular_values(l, 3, scratch, value, NULL), WN_OK);
    near(value[0], 0.5 * log(10), 1e-14, "the one there is");
    assert_true(value[1] == -INFINITY && value[2] == -INFINITY);
}

/* Sum of squares: |L|^2.  Sum of logarithms: log det.  For the plain and the LAPACK way. */
static void singular_values_have_the_sums_of_their_matrix(void **state)
{
    enum { MAX = 40 };
    static double l[MAX * MAX], scratch[MAX * MAX + 2 * MAX];
    double value[MAX];
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 2, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int d = 1; d <= MAX; d += 13) {
        double squares = 0, got_squares = 0, logs = 0, got_logs = 0;

        random_lower(&rng, d, l);
        assert_int_equal(sim_lower_log_singular_values(l, d, scratch, value, NULL), WN_OK);
        for (int i = 0; i < d; i++) {
            logs += log(l[i * d + i]);
            got_logs += value[i];
            got_squares += exp(2 * value[i]);
            assert_true(i == 0 || value[i] <= value[i - 1]);
            for (int j = 0; j <= i; j++)
                squares += l[i * d + j] * l[i * d + j];
        }
        near(got_squares, squares, 1e-11 * squares, "squares");
        near(got_logs, logs, 1e-10, "logarithms");
    }
}

/* x x' + y y' in three dimensions has rank 2 and must come back from its factor. */
static void a_singular_covariance_has_a_factor(void **state)
{
    const double x[3] = { 1, 2, -1 }, y[3] = { 0.5, 0, 3 };
    double a[9], l[9], back[9], scratch[15];
    int rank = -1;

    (void)state;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            a[i * 3 + j] = x[i] * x[j] + y[i] * y[j];
    assert_int_equal(sim_semidefinite_factor(a, 3, scratch, l, &rank, NULL), WN_OK);
    assert_int_equal(rank, 2);
    sim_lower_gram(l, 3, back);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            if (j <= i)
                near(back[i * 3 + j], a[i * 3 + j], 1e-13, "covariance");
            else
                assert_true(l[i * 3 + j] == 0);
            assert_true(l[i * 3 + i] >= 0);
        }
    memset(a, 0, sizeof(a));
    assert_int_equal(sim_semidefinite_factor(a, 3, scratch, l, &rank, NULL), WN_OK);
    assert_int_equal(rank, 0);
    a[4] = NAN;
    assert_int_equal(sim_semidefinite_factor(a, 3, scratch, l, &rank, NULL), WN_BADCONF);
}

/* ---- the reference vectors ------------------------------------------------------------------ */

enum { FITS = 4 };
static const uint32_t fit_at[FITS] = { 1, 2, 5, 10 };

struct replace_law {
    unsigned d, m, n_replicates;
    struct sim_metrics *seen;    /* [replicate * FITS + fit] */
};

static void play_replace(struct replace_law *law)
{
    struct wn_sim_opts opts = options(law->d, WN_ESTIMATE_UNBIASED);

    law->seen = calloc((size_t)law->n_replicates * FITS, sizeof(*law->seen));
    assert_non_null(law->seen);
    for (unsigned r = 0; r < law->n_replicates; r++) {
        struct chain c;
        size_t at = 0;

        chain_open(&c, &opts, r);
        for (uint32_t g = 1; g <= fit_at[FITS - 1]; g++) {
            replace_step(&c, g, law->m);
            if (g == fit_at[at])
                look(&c, g, &law->seen[r * FITS + at++]);
        }
        chain_close(&c);
    }
}

/* The metric that a case is about. */
static const char *metric_of(const char *id)
{
    static const char *const name[][2] = {
        { ".E_trS2.", "trace_of_square" }, { ".E_tr_sq.", "trace_squared" }, { ".E_tr.", "trace" },
        { "logdet.", "log_det" },          { ".E_det.", "det" },             { ".E_mu2.", "mean_squared" },
        { ".E_W2sq.", "w2_squared" },
    };

    for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
        if (strstr(id, name[i][0]))
            return name[i][1];
    return NULL;
}

/* Mean over replicates; of squared deviations for a variance. */
static double mean_of(const struct replace_law *law, size_t at, const char *name, bool variance)
{
    double sum = 0, squares = 0, n = law->n_replicates;

    for (unsigned r = 0; r < law->n_replicates; r++) {
        double v = metric(&law->seen[r * FITS + at], name);

        sum += v;
        squares += v * v;
    }
    return variance ? (squares - sum * sum / n) / (n - 1) : sum / n;
}

static int check_case(const struct replace_law *law, const struct wn_jsonval *c)
{
    const char *id = vectors_str(c, "id"), *name = metric_of(id);
    const struct wn_jsonval *expected = wn_jsonval_get(c, "expected"), *params = wn_jsonval_get(c, "params");
    double root = sqrt(law->n_replicates);

    if (strncmp(id, "gnd.replace.", 12) != 0 || !name || vectors_num(params, "d") != law->d)
        return 0;
    assert_true(vectors_num(params, "M") == law->m);
    for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, i);
        double se = wn_jsonval_num(wn_jsonval_get(e, "se"), 0);   /* of a value that is itself simulated */
        size_t at = 0;

        while (at < FITS && fit_at[at] != vectors_num(e, "n"))
            at++;
        assert_true(at < FITS);
        near(mean_of(law, at, name, strstr(id, "Var_")), vectors_num(e, "value"),
             4 * hypot(vectors_num(e, "sd") / root, se), id);
    }
    return 1;
}

static void replacement_follows_the_exact_laws(void **state)
{
    struct replace_law law[] = { { 2, 20, 3000, NULL }, { 5, 50, 1500, NULL }, { 10, 100, 600, NULL } };
    struct wn_jsonval *v = vectors_load("collapse/gaussian_nd.json");
    const struct wn_jsonval *cases = wn_jsonval_get(v, "cases");
    int n = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        play_replace(&law[i]);
        for (size_t k = 0; k < wn_jsonval_size(cases); k++)
            n += check_case(&law[i], wn_jsonval_at(cases, k));
        free(law[i].seen);
    }
    assert_int_equal(n, 23);   /* eight for each d; one case is not in the file for d = 10 */
    wn_jsonval_free(v);
}

/* 600 fits: variances down to e^-180 of the truth's, each with its exponent. */
static void lyapunov_exponents_are_newmans(void **state)
{
    enum { R = 20, N = 600, D = 5 };
    struct wn_sim_opts opts = options(D, WN_ESTIMATE_UNBIASED);
    struct wn_jsonval *v = vectors_load("collapse/gaussian_nd.json");
    const struct wn_jsonval *cases = wn_jsonval_get(v, "cases"), *expected = NULL;
    double diagonal[D] = { 0 }, eigenvalue[D] = { 0 };
    struct sim_metrics m;
    struct chain c;
    char name[32];

    (void)state;
    for (size_t k = 0; k < wn_jsonval_size(cases); k++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, k), "id"), "gnd.replace.unbiased.lyapunov.d5.M20") == 0)
            expected = wn_jsonval_get(wn_jsonval_at(cases, k), "expected");
    assert_non_null(expected);
    for (unsigned r = 0; r < R; r++) {
        chain_open(&c, &opts, r);
        for (uint32_t g = 1; g <= N; g++)
            replace_step(&c, g, 20);
        look(&c, N, &m);
        for (int i = 0; i < D; i++) {
            snprintf(name, sizeof(name), "lyapunov_%d", i + 1);
            diagonal[i] += metric(&m, name) / R;
            snprintf(name, sizeof(name), "log_eigenvalue_%d", i + 1);
            eigenvalue[i] += metric(&m, name) / N / R;
        }
        assert_true(metric(&m, "effective_rank") < 1.01);
        chain_close(&c);
    }
    for (int i = 0; i < D; i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, (size_t)i);
        double bound = 4 * vectors_num(e, "sd") / sqrt(R);

        near(diagonal[i], vectors_num(e, "value"), bound, "exponent of the diagonal");
        near(eigenvalue[i], vectors_num(e, "value"), bound + 3.0 / N, "exponent of the eigenvalue");
    }
    wn_jsonval_free(v);
}

/* Calls BODY's checks for the case with this ID: mean of one metric over R replicates. */
static void check_means(const char *id, const char *name, const struct wn_sim_opts *opts, unsigned n_replicates,
                        void (*step)(struct chain *c, uint32_t g, const struct wn_jsonval *params))
{
    struct wn_jsonval *v = vectors_load("collapse/gaussian_nd.json");
    const struct wn_jsonval *cases = wn_jsonval_get(v, "cases"), *c = NULL, *expected;
    double sum[8] = { 0 };

    for (size_t k = 0; k < wn_jsonval_size(cases); k++)
        if (strcmp(vectors_str(wn_jsonval_at(cases, k), "id"), id) == 0)
            c = wn_jsonval_at(cases, k);
    assert_non_null(c);
    expected = wn_jsonval_get(c, "expected");
    for (unsigned r = 0; r < n_replicates; r++) {
        struct sim_metrics m;
        struct chain chain;
        uint32_t g = 0;

        chain_open(&chain, opts, r);
        for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
            while (g < (uint32_t)vectors_num(wn_jsonval_at(expected, i), "n"))
                step(&chain, ++g, wn_jsonval_get(c, "params"));
            look(&chain, g, &m);
            sum[i] += metric(&m, name);
        }
        chain_close(&chain);
    }
    for (size_t i = 0; i < wn_jsonval_size(expected); i++) {
        const struct wn_jsonval *e = wn_jsonval_at(expected, i);
        double sd = vectors_num(e, "sd"), se = wn_jsonval_num(wn_jsonval_get(e, "se"), 0);

        near(sum[i] / n_replicates, vectors_num(e, "value"), 4 * sqrt(sd * sd / n_replicates + se * se), id);
    }
    wn_jsonval_free(v);
}

static void accumulate_step(struct chain *c, uint32_t g, const struct wn_jsonval *params)
{
    uint64_t m = (uint64_t)vectors_num(params, "M");

    exact_step(c, g, g == 1 ? m : 0, g == 1 ? 0 : m, true, g * m);
}

static void accumulation_keeps_the_trace(void **state)
{
    struct wn_sim_opts opts = options(5, WN_ESTIMATE_MLE);

    (void)state;
    check_means("gnd.accumulate.mle.E_tr.d5.M20", "trace", &opts, 1500, accumulate_step);
}

/* The mean moves by 1/k of the k-th batch's: E |mu_n|^2 = sum_k E tr Sigma_(k-1) / (M k^2),
 * with E tr Sigma_k = d prod_(j<=k) (1 - 1/(M j^2)). */
static void accumulation_slows_the_mean(void **state)
{
    enum { R = 1500, M = 10, D = 3, N = 5 };
    struct wn_sim_opts opts = options(D, WN_ESTIMATE_MLE);
    double want = 0, trace = D, sum = 0, squares = 0;

    (void)state;
    for (int k = 1; k <= N; k++) {
        want += trace / (M * k * k);
        trace *= 1 - 1.0 / (M * k * k);
    }
    for (unsigned r = 0; r < R; r++) {
        struct sim_metrics m;
        struct chain c;
        double v;

        chain_open(&c, &opts, r);
        for (uint32_t g = 1; g <= N; g++)
            exact_step(&c, g, g == 1 ? M : 0, g == 1 ? 0 : M, true, g * M);
        look(&c, N, &m);
        v = metric(&m, "mean_squared");
        sum += v;
        squares += v * v;
        chain_close(&c);
    }
    near(sum / R, want, 4 * sqrt((squares / R - sum / R * sum / R) / R), "squared mean");
}

static void fresh_step(struct chain *c, uint32_t g, const struct wn_jsonval *params)
{
    uint64_t n_real = (uint64_t)vectors_num(params, g == 1 ? "n_ini" : "n_r");
    uint64_t n_model = g == 1 ? 0 : (uint64_t)vectors_num(params, "n_s");

    exact_step(c, g, n_real, n_model, false, n_real + n_model);
}

/* Alemohammad et al. 2023, figure 10: the limit does not depend on the first sample. */
static void the_fresh_data_loop_has_the_published_limit(void **state)
{
    static const char *const id[][3] = {
        { "gnd.mad_fresh_loop.lam1.0.nini100", "1", "w2_squared" },
        { "gnd.mad_fresh_loop.lam1.0.nini1000", "1", "w2_squared" },
        { "gnd.mad_fresh_loop.lam0.8.nini100", "0.8", "w2_squared" },
        { "gnd.mad_fresh_loop.lam0.8.nini1000", "0.8", "w2_squared" },
        { "gnd.mad_fresh_loop.E_tr.lam1.0.nini100", "1", "trace" },
        { "gnd.mad_fresh_loop.E_tr.lam0.8.nini1000", "0.8", "trace" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
        struct wn_sim_opts opts = options(100, WN_ESTIMATE_UNBIASED);

        opts.sampling.lambda = strtod(id[i][1], NULL);
        check_means(id[i][0], id[i][2], &opts, 4, fresh_step);
    }
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

/* equivalence gnd.bartlett.logdet.d3.M8 and lmax: n = 5, means -5.1738 and 2.58 (sd 4). */
static void points_and_exact_runs_have_one_law(void **state)
{
    enum { R = 1500, M = 8, N = 5 };
    static double det[2][R], top[2][R], shift[2][R];
    struct wn_sim_opts opts = options(3, WN_ESTIMATE_UNBIASED);
    double items[M * 3], mean = 0;

    (void)state;
    for (int exact = 0; exact < 2; exact++)
        for (unsigned r = 0; r < R; r++) {
            struct sim_metrics m;
            struct chain c;

            chain_open(&c, &opts, r + (exact ? 0 : R));
            for (uint32_t g = 1; g <= N; g++)
                if (exact)
                    replace_step(&c, g, M);
                else
                    points_step(&c, g, M, items);
            look(&c, N, &m);
            det[exact][r] = metric(&m, "log_det");
            top[exact][r] = metric(&m, "largest_eigenvalue");
            shift[exact][r] = metric(&m, "mean_squared");
            mean += metric(&m, "log_det") / (2 * R);
            chain_close(&c);
        }
    /* variance of log det: 5 (psi1(7/2) + psi1(6/2) + psi1(5/2)) = 6.1 */
    near(mean, -5.1736, 4 * 2.5 / sqrt(2 * R), "mean log det");
    assert_true(ks_p(det[0], det[1], R) > 1e-3);
    assert_true(ks_p(top[0], top[1], R) > 1e-3);
    assert_true(ks_p(shift[0], shift[1], R) > 1e-3);
}

/* E tr after g fits is d lambda^(g - 1): the first fit sees real data. */
static void lambda_shrinks_what_models_emit(void **state)
{
    enum { R = 800, M = 30, D = 3 };
    struct wn_sim_opts opts = options(D, WN_ESTIMATE_UNBIASED);
    double items[M * D], sum[2] = { 0 }, gap = 0;

    (void)state;
    opts.sampling.lambda = 0.5;
    for (int exact = 0; exact < 2; exact++)
        for (unsigned r = 0; r < R; r++) {
            struct sim_metrics m;
            struct chain c;

            chain_open(&c, &opts, r);
            for (uint32_t g = 1; g <= 3; g++)
                if (exact)
                    replace_step(&c, g, M);
                else
                    points_step(&c, g, M, items);
            look(&c, 3, &m);
            sum[exact] += metric(&m, "trace") / R;
            /* sums of logarithms against the factor itself */
            gap += fabs(metric(&m, "log_det") - metric(&m, "log_eigenvalue_1") - metric(&m, "log_eigenvalue_2") -
                        metric(&m, "log_eigenvalue_3"));
            chain_close(&c);
        }
    /* one replicate has a standard deviation of about 0.75 sqrt(3 * 2 / (D (M - 1))) = 0.2 */
    near(sum[0], 0.75, 4 * 0.25 / sqrt(R), "points");
    near(sum[1], 0.75, 4 * 0.25 / sqrt(R), "exact");
    assert_true(gap < 1e-9);
}

/* ---- the parts by hand ------------------------------------------------------------------------ */

static void fit_points(struct chain *c, const double *item, size_t n, const double *weight)
{
    struct sim_data data = { .item = item, .n = n, .weight = weight };

    assert_int_equal(gen->fit(c->state, 1, &data, NULL), WN_OK);
}

/* (0,0), (2,0), (0,4), (2,4): mean (1,2), variances 1 and 4 (mle), 4/3 and 16/3 (unbiased). */
static void four_points_are_fitted_as_by_hand(void **state)
{
    static const double item[8] = { 0, 0, 2, 0, 0, 4, 2, 4 };
    struct wn_sim_opts opts = options(2, WN_ESTIMATE_MLE);
    double out[2], at[4] = { 1, 2, 3, 2 };
    struct sim_metrics m;
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 0);
    fit_points(&c, item, 4, NULL);
    look(&c, 1, &m);
    near(metric(&m, "mean_squared"), 5, 1e-14, "mean");
    near(metric(&m, "trace"), 5, 1e-14, "trace");
    near(metric(&m, "det"), 4, 1e-13, "det");
    near(metric(&m, "log_det"), log(4), 1e-14, "log det");
    near(metric(&m, "trace_of_square"), 17, 1e-13, "trace of square");
    near(metric(&m, "trace_squared"), 25, 1e-13, "squared trace");
    near(metric(&m, "largest_eigenvalue"), 4, 1e-13, "largest");
    near(metric(&m, "effective_rank"), 25.0 / 17, 1e-14, "rank");
    near(metric(&m, "w2_squared"), 5 + 1, 1e-13, "W2");
    near(metric(&m, "log_eigenvalue_1"), log(4), 1e-14, "first");
    near(metric(&m, "log_eigenvalue_2"), 0, 1e-14, "second");
    assert_int_equal(gen->surprise(c.state, at, 2, out, NULL), WN_OK);
    near(out[0], log(2 * M_PI) + log(2), 1e-14, "surprise at the mean");
    near(out[1], log(2 * M_PI) + log(2) + 2, 1e-14, "two deviations away");
    assert_int_equal(gen->distance(c.state, at, 2, out, NULL), WN_OK);
    near(out[1], sqrt(13), 1e-14, "distance");
    assert_int_equal(gen->quality(c.state, at, 2, out, NULL), WN_OK);
    assert_true(out[0] == 1 && out[1] == 3);
    chain_close(&c);
    opts.estimator = WN_ESTIMATE_UNBIASED;
    chain_open(&c, &opts, 0);
    fit_points(&c, item, 4, NULL);
    look(&c, 1, &m);
    near(metric(&m, "trace"), 20.0 / 3, 1e-13, "unbiased trace");
    chain_close(&c);
}

static void a_weight_of_two_counts_a_point_twice(void **state)
{
    static const double once[6] = { 0, 1, 2, -1, 5, 3 }, twice[8] = { 0, 1, 2, -1, 5, 3, 5, 3 };
    static const double weight[3] = { 1, 1, 2 };
    struct wn_sim_opts opts = options(2, WN_ESTIMATE_MLE);
    struct sim_metrics a, b;
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 0);
    fit_points(&c, once, 3, weight);
    look(&c, 1, &a);
    fit_points(&c, twice, 4, NULL);
    look(&c, 1, &b);
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++)
        near(a.item[i].value, b.item[i].value, 1e-12, a.item[i].name);
    chain_close(&c);
}

/* Weights 2 and 2 are weights 1 and 1; a factor on one batch alone changes nothing but its weight. */
static void merging_obeys_the_weight_factor(void **state)
{
    struct wn_sim_opts opts = options(3, WN_ESTIMATE_UNBIASED);
    const struct sim_exact *x = gen->exact;
    struct sim_metrics seen[4];
    struct chain c;
    void *other;

    (void)state;
    chain_open(&c, &opts, 0);
    other = wn_arena_calloc(&c.arena, 1, x->batch_size(c.state));
    x->real(c.state, &c.real, 10, c.batch, NULL);
    x->real(c.state, &c.real, 30, other, NULL);
    for (int k = 0; k < 4; k++) {
        memset(c.pool, 0, x->batch_size(c.state));
        x->merge(c.state, c.pool, c.batch, k == 1 || k == 3 ? 2 : 1);
        if (k < 2)
            x->merge(c.state, c.pool, other, k == 1 ? 2 : 1);
        assert_int_equal(x->fit(c.state, 1, c.pool, k < 2 ? 40 : 10, NULL), WN_OK);
        look(&c, 1, &seen[k]);
    }
    for (int k = 0; k < 4; k += 2)
        for (size_t i = 0; i < seen[k].n; i++)
            near(seen[k + 1].item[i].value, seen[k].item[i].value, 1e-12, seen[k].item[i].name);
    chain_close(&c);
}

/* Fewer points than dimensions leave a plane: no density, but a model that goes on. */
static void check_singular(unsigned d, bool exact)
{
    enum { M = 4, MAX_D = 140 };
    struct wn_sim_opts opts = options(d, WN_ESTIMATE_UNBIASED);
    double items[M * MAX_D], out[M], far[MAX_D];
    struct sim_metrics m;
    struct chain c;

    for (unsigned i = 0; i < d; i++)
        far[i] = i % 3 ? 9 : -9;
    chain_open(&c, &opts, 3);
    for (uint32_t g = 1; g <= 12; g++) {
        if (exact)
            replace_step(&c, g, M);
        else
            points_step(&c, g, M, items);
        look(&c, g, &m);
        assert_true(isnan(metric(&m, "log_det")));
        assert_true(metric(&m, "det") == 0);
        assert_true(isfinite(metric(&m, "log_eigenvalue_3")) && isnan(metric(&m, "log_eigenvalue_4")));
        assert_true(isfinite(metric(&m, "lyapunov_3")) && isnan(metric(&m, "lyapunov_4")));
    }
    gen->sample(c.state, 12, 0, items, M, NULL);
    assert_int_equal(gen->surprise(c.state, items, M, out, NULL), WN_OK);
    for (int i = 0; i < M; i++)
        assert_true(isfinite(out[i]) && out[i] < 0);   /* a tiny variance off the plane: a large density */
    assert_int_equal(gen->surprise(c.state, far, 1, out, NULL), WN_OK);
    assert_true(isfinite(out[0]) && out[0] > 1e6);
    chain_close(&c);
}

static void too_few_points_make_a_singular_model(void **state)
{
    (void)state;
    for (unsigned d = 5; d <= 140; d += 135)   /* 140: by LAPACK */
        for (int exact = 0; exact < 2; exact++)
            check_singular(d, exact);
}

/* What a model has lost no number of its own points brings back. */
static void a_lost_direction_stays_lost(void **state)
{
    enum { D = 5, M = 4 };
    struct wn_sim_opts opts = options(D, WN_ESTIMATE_UNBIASED);
    double items[M * D];
    struct sim_metrics m;
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 8);
    points_step(&c, 1, M, items);
    for (uint32_t g = 2; g <= 4; g++)
        replace_step(&c, g, 50);
    look(&c, 4, &m);
    assert_true(isfinite(metric(&m, "log_eigenvalue_3")) && isnan(metric(&m, "log_eigenvalue_4")));
    assert_true(metric(&m, "det") == 0 && isnan(metric(&m, "lyapunov_4")));
    chain_close(&c);
}

static void equal_points_make_a_point_mass(void **state)
{
    static const double item[6] = { 1, 2, 1, 2, 1, 2 };
    struct wn_sim_opts opts = options(2, WN_ESTIMATE_MLE);
    double out[6];
    struct sim_metrics m;
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 0);
    for (size_t n = 1; n <= 3; n += 2) {
        fit_points(&c, item, n, NULL);
        look(&c, 1, &m);
        assert_true(metric(&m, "trace") == 0 && metric(&m, "det") == 0);
        near(metric(&m, "w2_squared"), 5 + 2, 1e-14, "W2");
        assert_true(isnan(metric(&m, "effective_rank")) && isnan(metric(&m, "log_det")));
        gen->sample(c.state, 1, 0, out, 3, NULL);
        assert_true(out[0] == 1 && out[5] == 2);
        assert_int_equal(gen->surprise(c.state, item, 2, out, NULL), WN_OK);
        assert_true(isfinite(out[0]) && isfinite(out[1]));
    }
    chain_close(&c);
}

/* 4000 fits of five points: the factor is far below the smallest double, its logarithm is
 * not: psi((M-i)/2) + log(2/(M-1)) a fit, as one to two standard errors of the sum allow. */
static void logarithms_outlive_the_numbers(void **state)
{
    enum { N = 4000 };
    /* M = 5, d = 2: psi(2) + psi(3/2) + 2 log(1/2) = 0.4228 + 0.0365 - 1.3863 */
    const double drift = 0.42278433509846714 + 0.03648997397857652 - 1.3862943611198906;
    struct wn_sim_opts opts = options(2, WN_ESTIMATE_UNBIASED);
    struct sim_metrics m;
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 0);
    for (uint32_t g = 1; g <= N; g++) {
        replace_step(&c, g, 5);
        if (g % 100 == 0)
            look(&c, g, &m);
    }
    /* variance of a fit: psi1(2) + psi1(3/2) = 0.645 + 0.935 */
    near(metric(&m, "log_det"), N * drift, 4 * sqrt(N * 1.58), "log det");
    near(metric(&m, "lyapunov_1") + metric(&m, "lyapunov_2"), metric(&m, "log_det") / N, 1e-12, "exponents");
    assert_true(metric(&m, "trace") >= 0);
    chain_close(&c);
}

static void a_model_that_was_put_away_comes_back(void **state)
{
    struct wn_sim_opts opts = options(3, WN_ESTIMATE_UNBIASED);
    struct sim_metrics before, after;
    double a[15], b[15];
    struct chain c;
    void *model;

    (void)state;
    chain_open(&c, &opts, 0);
    replace_step(&c, 1, 20);
    model = gen->model_put(c.state);
    assert_non_null(model);
    look(&c, 1, &before);
    gen->sample(c.state, 1, 0, a, 5, NULL);
    replace_step(&c, 2, 20);
    assert_int_equal(gen->model_take(c.state, model, NULL), WN_OK);
    look(&c, 1, &after);
    gen->sample(c.state, 1, 0, b, 5, NULL);
    assert_memory_equal(a, b, sizeof(a));
    assert_int_equal(before.n, after.n);
    for (size_t i = 0; i < before.n; i++)
        assert_true(before.item[i].value == after.item[i].value);
    chain_close(&c);
}

static void equal_indices_are_equal_draws(void **state)
{
    struct wn_sim_opts opts = options(40, WN_ESTIMATE_UNBIASED);
    static double all[10 * 40], some[3 * 40];
    struct chain c;

    (void)state;
    chain_open(&c, &opts, 0);
    replace_step(&c, 1, 100);
    gen->sample(c.state, 1, 0, all, 10, NULL);
    gen->sample(c.state, 1, 5, some, 3, NULL);
    assert_memory_equal(all + 5 * 40, some, sizeof(some));
    gen->real(c.state, 1, 0, all, 10, NULL);
    gen->real(c.state, 1, 5, some, 3, NULL);
    assert_memory_equal(all + 5 * 40, some, sizeof(some));
    chain_close(&c);
}

static void too_many_dimensions_are_refused(void **state)
{
    struct wn_sim_opts opts = options(1001, WN_ESTIMATE_MLE);
    struct wn_err err = { 0 };
    void *world;

    (void)state;
    assert_int_equal(gen->open(&world, &opts, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "1001"));
    opts.model.dims = 0;
    assert_int_equal(gen->item_size(&opts), 2 * sizeof(double));
    assert_int_equal(gen->min_items(&opts), 1);
    opts.estimator = WN_ESTIMATE_UNBIASED;
    assert_int_equal(gen->min_items(&opts), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triangular_products_are_what_their_names_say),
        cmocka_unit_test(tiny_singular_values_keep_their_digits),
        cmocka_unit_test(what_is_only_rounding_is_no_singular_value),
        cmocka_unit_test(singular_values_have_the_sums_of_their_matrix),
        cmocka_unit_test(a_singular_covariance_has_a_factor),
        cmocka_unit_test(replacement_follows_the_exact_laws),
        cmocka_unit_test(lyapunov_exponents_are_newmans),
        cmocka_unit_test(accumulation_keeps_the_trace),
        cmocka_unit_test(accumulation_slows_the_mean),
        cmocka_unit_test(the_fresh_data_loop_has_the_published_limit),
        cmocka_unit_test(points_and_exact_runs_have_one_law),
        cmocka_unit_test(lambda_shrinks_what_models_emit),
        cmocka_unit_test(four_points_are_fitted_as_by_hand),
        cmocka_unit_test(a_weight_of_two_counts_a_point_twice),
        cmocka_unit_test(merging_obeys_the_weight_factor),
        cmocka_unit_test(too_few_points_make_a_singular_model),
        cmocka_unit_test(a_lost_direction_stays_lost),
        cmocka_unit_test(equal_points_make_a_point_mass),
        cmocka_unit_test(logarithms_outlive_the_numbers),
        cmocka_unit_test(a_model_that_was_put_away_comes_back),
        cmocka_unit_test(equal_indices_are_equal_draws),
        cmocka_unit_test(too_many_dimensions_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
