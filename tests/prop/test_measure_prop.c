/*
 * What must hold of the measures for every seed: symmetry, triangle inequality, bounds,
 * identity, and that order does not matter.
 */
#include "unit/measure_fixture.h"

#include <winnow/rng.h>

enum { SEEDS = 200, MAX_D = 5, MAX_STATES = 12 };

static struct wn_rng stream(uint64_t seed)
{
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 0, 0, 0);
    return rng;
}

static void holds(bool ok, const char *what, uint64_t seed)
{
    if (!ok)
        fail_msg("%s fails for seed %llu", what, (unsigned long long)seed);
}

struct law {
    double mean[MAX_D], cov[MAX_D * MAX_D];
};

/* The second moments of RANK normal vectors of random scale: singular when RANK < D. */
static struct sim_normal random_normal(struct wn_rng *rng, int d, int rank, struct law *l)
{
    memset(l, 0, sizeof(*l));
    for (int i = 0; i < d; i++)
        l->mean[i] = wn_rng_normal(rng);
    for (int k = 0; k < rank; k++) {
        double v[MAX_D], scale = exp(2 * wn_rng_normal(rng));

        for (int i = 0; i < d; i++)
            v[i] = scale * wn_rng_normal(rng);
        for (int i = 0; i < d; i++)
            for (int j = 0; j < d; j++)
                l->cov[i * d + j] += v[i] * v[j];
    }
    return (struct sim_normal){ d, l->mean, l->cov };
}

static double w2(const struct sim_normal *a, const struct sim_normal *b, struct wn_arena *scratch)
{
    double v = NAN;

    assert_int_equal(sim_normal_w2_squared(a, b, scratch, &v, NULL), WN_OK);
    return sqrt(v);
}

static void w2_is_a_metric_on_normals(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        int d = 1 + (int)wn_rng_below(&rng, MAX_D);
        struct law law[3];
        struct sim_normal n[3];
        double size = 1, ab, bc, ac;

        for (int i = 0; i < 3; i++) {
            n[i] = random_normal(&rng, d, (int)wn_rng_below(&rng, (uint64_t)d + 2), &law[i]);
            for (int k = 0; k < d; k++)
                size += law[i].cov[k * d + k];
        }
        ab = w2(&n[0], &n[1], &a);
        bc = w2(&n[1], &n[2], &a);
        ac = w2(&n[0], &n[2], &a);
        /* Singular laws: 1e-8 of the variance in the square, as the header says. */
        holds(ac <= ab + bc + 1e-7 * size, "the triangle inequality", seed);
        holds(fabs(ab - w2(&n[1], &n[0], &a)) <= 1e-7 * size, "symmetry", seed);
        holds(w2(&n[0], &n[0], &a) <= 1e-3 * sqrt(size), "identity", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* Hellinger is a metric between 0 and 1, KL is not negative, and -2 log(1 - H^2) <= KL. */
static void divergences_of_normals_keep_their_bounds(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        int d = 1 + (int)wn_rng_below(&rng, MAX_D);
        struct law law[3];
        struct sim_normal n[3];
        double h[3][3], kl;

        for (int i = 0; i < 3; i++)
            n[i] = random_normal(&rng, d, d + 2, &law[i]);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                assert_int_equal(sim_normal_hellinger_squared(&n[i], &n[j], &a, &h[i][j], NULL), WN_OK);
                assert_int_equal(sim_normal_kl(&n[i], &n[j], &a, &kl, NULL), WN_OK);
                holds(h[i][j] >= 0 && h[i][j] <= 1, "a bound of Hellinger", seed);
                holds(kl >= -2 * log1p(-h[i][j]) - 1e-9, "KL over Bhattacharyya", seed);
                holds(i != j || (kl < 1e-9 && h[i][j] < 1e-9), "identity", seed);
            }
        }
        holds(sqrt(h[0][2]) <= sqrt(h[0][1]) + sqrt(h[1][2]) + 1e-12, "the triangle inequality", seed);
        holds(fabs(h[0][1] - h[1][0]) < 1e-12, "symmetry", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* For any two laws: H^2 <= TV <= H sqrt(2 - H^2), and JS <= TV log 2 (Lin 1991). */
static void divergences_on_the_line_bound_each_other(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        double m1 = wn_rng_normal(&rng), m2 = 3 * wn_rng_normal(&rng);
        double s1 = exp(3 * wn_rng_normal(&rng)), s2 = exp(3 * wn_rng_normal(&rng));
        double tv = sim_gauss_total_variation(m1, s1, m2, s2), h2 = sim_gauss_hellinger_squared(m1, s1, m2, s2);
        double js = sim_gauss_js(m1, s1, m2, s2);

        holds(h2 <= tv + 1e-12 && tv <= sqrt(h2 * (2 - h2)) + 1e-12, "Hellinger around total variation", seed);
        holds(js >= 0 && js <= tv * M_LN2 + 1e-8, "JS below total variation", seed);
        holds(js >= 0.5 * h2 * h2 - 1e-8, "JS above Hellinger", seed);
        holds(fabs(tv - sim_gauss_total_variation(m2, s2, m1, s1)) < 1e-12, "symmetry of total variation", seed);
        holds(fabs(js - sim_gauss_js(m2, s2, m1, s1)) < 1e-8, "symmetry of JS", seed);
        /* Any unit of length gives the same. */
        holds(fabs(tv - sim_gauss_total_variation(7 * m1, 7 * s1, 7 * m2, 7 * s2)) < 1e-12, "scale", seed);
    }
}

/* Some states without mass. */
static void random_law(struct wn_rng *rng, size_t n, double *p)
{
    uint64_t count[MAX_STATES];

    for (size_t i = 0; i < n; i++)
        count[i] = wn_rng_below(rng, 3) * wn_rng_below(rng, 1000);
    count[wn_rng_below(rng, n)] += 1;
    assert_int_equal(sim_law_of_counts(count, n, p, NULL), WN_OK);
}

static void discrete_divergences_keep_their_bounds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        size_t n = 1 + wn_rng_below(&rng, MAX_STATES);
        double p[3][MAX_STATES], turned[2][MAX_STATES], tv[3], h[3], js[3];

        for (int i = 0; i < 3; i++)
            random_law(&rng, n, p[i]);
        for (int i = 0; i < 3; i++) {
            const double *x = p[i], *y = p[(i + 1) % 3];

            tv[i] = sim_total_variation(x, y, n);
            h[i] = sqrt(sim_hellinger_squared(x, y, n));
            js[i] = sqrt(sim_js(x, y, n));
            holds(tv[i] >= 0 && tv[i] <= 1 && h[i] <= 1 && js[i] * js[i] <= M_LN2 + 1e-15, "a bound", seed);
            holds(sim_kl(x, y, n) >= 2 * tv[i] * tv[i] - 1e-12, "Pinsker's inequality", seed);
            holds(sim_kl(x, x, n) == 0 && sim_js(x, x, n) < 1e-15 && sim_hellinger_squared(x, x, n) == 0, "identity",
                  seed);
            holds(fabs(tv[i] - sim_total_variation(y, x, n)) < 1e-15, "symmetry", seed);
            holds(sim_lost_mass(x, y, n) <= tv[i] + 1e-12, "lost mass below total variation", seed);
        }
        holds(tv[0] <= tv[1] + tv[2] + 1e-12 && h[0] <= h[1] + h[2] + 1e-12 && js[0] <= js[1] + js[2] + 1e-12,
              "a triangle inequality", seed);
        for (size_t i = 0; i < n; i++) {
            turned[0][i] = p[0][(i + 1) % n];
            turned[1][i] = p[1][(i + 1) % n];
        }
        holds(fabs(sim_js(turned[0], turned[1], n) - js[0] * js[0]) < 1e-12, "order of the states", seed);
    }
}

/* 1 <= D_inf <= ... <= D_1 <= D_0 = support <= K; the frontier's area lies in 0..1 and does not
 * care which law comes first. */
static void hill_numbers_fall_with_their_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        size_t n = 1 + wn_rng_below(&rng, MAX_STATES);
        double p[MAX_STATES], q[MAX_STATES], before, area;

        random_law(&rng, n, p);
        random_law(&rng, n, q);
        before = (double)sim_support(p, n);
        holds(fabs(sim_hill(p, n, 0) - before) < 1e-9, "order 0", seed);
        for (double order = 0.25; order < 40; order *= 2) {
            double now = sim_hill(p, n, order);

            holds(now <= before + 1e-9 && now >= 1 - 1e-9, "the order of Hill numbers", seed);
            before = now;
        }
        holds(fabs(sim_hill(p, n, 2) * (1 - sim_simpson(p, n)) - 1) < 1e-9, "Simpson and order 2", seed);
        area = sim_frontier_area(p, q, n, 5);
        holds(area >= 0 && area <= 1 + 1e-12, "a bound of the area", seed);
        holds(fabs(area - sim_frontier_area(q, p, n, 5)) < 1e-9, "symmetry of the area", seed);
    }
}

static void shuffle(struct wn_rng *rng, double *x, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = wn_rng_below(rng, i);
        double swap = x[j];

        x[j] = x[i - 1];
        x[i - 1] = swap;
    }
}

static struct sim_transport transport(const double *x, size_t n, const double *y, size_t m, struct wn_arena *a)
{
    struct sim_transport t = { NAN, NAN };

    assert_int_equal(sim_empirical_transport(x, n, y, m, a, &t, NULL), WN_OK);
    return t;
}

static void transport_is_a_metric_on_samples(void **state)
{
    enum { N = 20 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct wn_rng rng = stream(seed);
        double x[3][2 * N];
        size_t n[3];
        struct sim_transport ab, bc, ac, again;

        for (int i = 0; i < 3; i++) {
            n[i] = 1 + wn_rng_below(&rng, N);
            for (size_t k = 0; k < n[i]; k++)
                x[i][k] = i + wn_rng_normal(&rng);
        }
        ab = transport(x[0], n[0], x[1], n[1], &a);
        bc = transport(x[1], n[1], x[2], n[2], &a);
        ac = transport(x[0], n[0], x[2], n[2], &a);
        holds(ac.w1 <= ab.w1 + bc.w1 + 1e-12, "the triangle inequality of W1", seed);
        holds(sqrt(ac.w2_squared) <= sqrt(ab.w2_squared) + sqrt(bc.w2_squared) + 1e-12, "that of W2", seed);
        holds(ab.w1 * ab.w1 <= ab.w2_squared + 1e-12, "W1 below W2", seed);
        /* The same law: every number twice, in another order. */
        memcpy(x[0] + n[0], x[0], n[0] * sizeof(double));
        shuffle(&rng, x[0], 2 * n[0]);
        again = transport(x[1], n[1], x[0], 2 * n[0], &a);
        holds(fabs(again.w1 - ab.w1) < 1e-12 && fabs(again.w2_squared - ab.w2_squared) < 1e-12, "symmetry", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* The distance of two mixtures of one component each follows from the densities on a grid. */
static void l2_of_mixtures_matches_a_grid(void **state)
{
    const double step = 0.05;
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct wn_rng rng = stream(seed);
        double weight[3], mean[6], cov[12], want = 0, got;
        struct sim_gmm p = { 2, 2, weight, mean, cov }, q = { 1, 2, weight + 2, mean + 4, cov + 8 };

        weight[0] = wn_rng_u01(&rng), weight[1] = 1 - weight[0], weight[2] = 1;
        for (int c = 0; c < 3; c++) {
            double s1 = 0.6 + wn_rng_u01(&rng), s2 = 0.6 + wn_rng_u01(&rng), r = wn_rng_u01(&rng) - 0.5;

            mean[2 * c] = wn_rng_normal(&rng), mean[2 * c + 1] = wn_rng_normal(&rng);
            cov[4 * c] = s1 * s1, cov[4 * c + 3] = s2 * s2;
            cov[4 * c + 1] = cov[4 * c + 2] = r * s1 * s2;
        }
        for (double x = -12; x < 12; x += step) {
            for (double y = -12; y < 12; y += step) {
                double f = 0;

                for (int c = 0; c < 3; c++) {
                    const double *s = cov + 4 * c;
                    double det = s[0] * s[3] - s[1] * s[1], u = x - mean[2 * c], v = y - mean[2 * c + 1];
                    double form = (s[3] * u * u - 2 * s[1] * u * v + s[0] * v * v) / det;

                    f += (c < 2 ? 1 : -1) * weight[c] * exp(-0.5 * form) / (2 * M_PI * sqrt(det));
                }
                want += f * f * step * step;
            }
        }
        assert_int_equal(sim_gmm_l2_squared(&p, &q, &a, &got, NULL), WN_OK);
        holds(fabs(got - want) <= 1e-9, "the grid", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

static void clouds_keep_their_bounds_in_any_order(void **state)
{
    enum { N = 90, D = 3 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct wn_rng rng = stream(seed);
        double x[N * D], y[N * D], back[N * D];
        size_t k = 1 + wn_rng_below(&rng, 6);
        struct sim_points r = { x, N, D }, f = { y, N - 15, D }, turned = { back, N, D };
        struct sim_prdc m, again;

        for (size_t i = 0; i < N * D; i++) {
            x[i] = wn_rng_normal(&rng);
            y[i] = 0.5 * wn_rng_normal(&rng);
        }
        for (size_t i = 0; i < N; i++)
            memcpy(back + i * D, x + (N - 1 - i) * D, D * sizeof(double));
        assert_int_equal(sim_measure_prdc(&r, &f, k, &a, &m, NULL), WN_OK);
        holds(m.precision >= 0 && m.precision <= 1 && m.recall >= 0 && m.recall <= 1 && m.coverage >= 0 &&
                  m.coverage <= 1 && m.density >= m.precision / (double)k && m.density <= N / (double)k,
              "a bound", seed);
        assert_int_equal(sim_measure_prdc(&turned, &f, k, &a, &again, NULL), WN_OK);
        holds(memcmp(&m, &again, sizeof(m)) == 0, "order of the points", seed);
        /* A set against itself; each ball of real points holds its centre and k others. */
        assert_int_equal(sim_measure_prdc(&r, &turned, k, &a, &again, NULL), WN_OK);
        holds(again.precision == 1 && again.recall == 1 && again.coverage == 1 &&
                  fabs(again.density - (double)(k + 1) / (double)k) < 1e-12,
              "identity", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

enum { N_DOCS = 30, MAX_LENGTH = 12 };

/* Few words, many copies with a change. */
static struct sim_words random_text(struct wn_rng *rng, struct wn_arena *a)
{
    uint64_t *token = wn_arena_calloc(a, N_DOCS * MAX_LENGTH, sizeof(*token));
    size_t *start = wn_arena_calloc(a, N_DOCS + 1, sizeof(*start)), at = 0;

    for (size_t d = 0; d < N_DOCS; d++) {
        size_t length = wn_rng_below(rng, MAX_LENGTH + 1), from = d ? start[wn_rng_below(rng, d)] : 0;
        bool copies = wn_rng_below(rng, 3) == 0;

        for (size_t i = 0; i < length; i++, at++)
            token[at] = copies && from + i < start[d] && wn_rng_below(rng, 12) ? token[from + i] : wn_rng_below(rng, 9);
        start[d + 1] = at;
    }
    return (struct sim_words){ token, start, N_DOCS };
}

static struct sim_words turned_text(const struct sim_words *w, struct wn_arena *a)
{
    uint64_t *token = wn_arena_calloc(a, w->start[w->n_docs] + 1, sizeof(*token));
    size_t *start = wn_arena_calloc(a, w->n_docs + 1, sizeof(*start));

    for (size_t d = 0; d < w->n_docs; d++) {
        size_t from = w->start[w->n_docs - 1 - d], length = w->start[w->n_docs - d] - from;

        memcpy(token + start[d], w->hash + from, length * sizeof(*token));
        start[d + 1] = start[d] + length;
    }
    return (struct sim_words){ token, start, w->n_docs };
}

static void measures_of_text_do_not_see_the_order_of_documents(void **state)
{
    const struct sim_twin_opts opts = { 2, 0.8 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct wn_rng rng = stream(seed);
        struct sim_words w[2] = { random_text(&rng, &a) }, other = random_text(&rng, &a);
        struct sim_lexical l[2];
        struct sim_repeats r[2];
        struct sim_twins t[2];
        struct sim_ngram_kl k[2];
        double bleu[2];

        w[1] = turned_text(&w[0], &a);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(sim_measure_lexical(&w[i], 5, &a, &l[i], NULL), WN_OK);
            assert_int_equal(sim_measure_repeats(&w[i], &a, &r[i], NULL), WN_OK);
            assert_int_equal(sim_measure_twins(&w[i], NULL, &opts, &a, &t[i], NULL), WN_OK);
            assert_int_equal(sim_measure_ngram_kl(&w[i], &other, 2, 0.5, &a, &k[i], NULL), WN_OK);
            assert_int_equal(sim_self_bleu(&w[i], &a, NULL, &bleu[i], NULL), WN_OK);
        }
        holds(l[0].n_types == l[1].n_types && l[0].zipf_ols == l[1].zipf_ols && l[0].zipf_ml == l[1].zipf_ml &&
                  fabs(l[0].mattr - l[1].mattr) < 1e-12,
              "order in the vocabulary", seed);
        holds(l[0].mattr > 0 && l[0].mattr <= 1 && l[0].ttr <= 1 && l[0].zipf_ml >= 0, "a bound", seed);
        holds(r[0].diversity == r[1].diversity && r[0].diversity >= 0 && r[0].diversity <= 1, "diversity", seed);
        holds(memcmp(&t[0], &t[1], sizeof(t[0])) == 0 && t[0].n_exact <= t[0].n_near, "twins", seed);
        holds(k[0].forward == k[1].forward && k[0].forward >= 0 && k[0].reverse >= 0, "n-gram KL", seed);
        holds(fabs(bleu[0] - bleu[1]) < 1e-12 && bleu[0] >= 0 && bleu[0] <= 1, "self-BLEU", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

static size_t count_gram(const struct sim_words *w, size_t d, const uint64_t *gram, size_t order)
{
    size_t count = 0;

    for (size_t i = w->start[d]; i + order <= w->start[d + 1]; i++)
        count += memcmp(w->hash + i, gram, order * sizeof(*gram)) == 0;
    return count;
}

/* Clipped matches by the definition: each different n-gram of D against every other document. */
static size_t matches_of(const struct sim_words *w, size_t d, size_t order)
{
    size_t sum = 0;

    for (size_t i = w->start[d]; i + order <= w->start[d + 1]; i++) {
        const uint64_t *gram = w->hash + i;
        size_t own = count_gram(w, d, gram, order), top = 0;
        bool is_first = true;

        for (size_t j = w->start[d]; j < i; j++)
            is_first = is_first && memcmp(w->hash + j, gram, order * sizeof(*gram)) != 0;
        for (size_t e = 0; is_first && e < w->n_docs; e++) {
            size_t count = e == d ? 0 : count_gram(w, e, gram, order);

            top = count > top ? count : top;
        }
        sum += is_first ? (own < top ? own : top) : 0;
    }
    return sum;
}

static double bleu_of(const struct sim_words *w, size_t d)
{
    size_t length = w->start[d + 1] - w->start[d], reference = SIZE_MAX, gap = SIZE_MAX;
    double product = 1;

    if (length == 0)
        return 0;
    for (size_t e = 0; e < w->n_docs; e++) {
        size_t r = w->start[e + 1] - w->start[e], g = r > length ? r - length : length - r;

        if (e == d || g > gap || (g == gap && r > reference))
            continue;
        gap = g;
        reference = r;
    }
    for (size_t order = 1; order <= 4; order++) {
        size_t hits = matches_of(w, d, order), total = length < order ? 1 : length - order + 1;

        product *= (hits ? (double)hits : 0.1) / (double)total;
    }
    return pow(product, 0.25) * (length <= reference ? exp(1 - (double)reference / (double)length) : 1);
}

static void self_bleu_equals_its_definition(void **state)
{
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct wn_rng rng = stream(seed);
        struct sim_words w = random_text(&rng, &a);
        double score[N_DOCS], mean;

        assert_int_equal(sim_self_bleu(&w, &a, score, &mean, NULL), WN_OK);
        for (size_t d = 0; d < N_DOCS; d++)
            holds(fabs(score[d] - bleu_of(&w, d)) < 1e-12, "a score", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* Jaccard similarity of the sets of bigrams, token by token. */
static double jaccard(const struct sim_words *w, size_t d, size_t e)
{
    size_t n[2] = { 0, 0 }, common = 0;
    const size_t of[2] = { d, e };

    for (int side = 0; side < 2; side++) {
        for (size_t i = w->start[of[side]]; i + 2 <= w->start[of[side] + 1]; i++) {
            bool is_first = true;

            for (size_t j = w->start[of[side]]; j < i; j++)
                is_first = is_first && memcmp(w->hash + j, w->hash + i, 2 * sizeof(*w->hash)) != 0;
            n[side] += is_first;
            common += side == 0 && is_first && count_gram(w, e, w->hash + i, 2) > 0;
        }
    }
    return (double)common / (double)(n[0] + n[1] - common);
}

static bool equal_documents(const struct sim_words *w, size_t d, size_t e)
{
    size_t n = w->start[d + 1] - w->start[d];

    return n == w->start[e + 1] - w->start[e] &&
           memcmp(w->hash + w->start[d], w->hash + w->start[e], n * sizeof(*w->hash)) == 0;
}

static void twins_equal_a_search_over_all_pairs(void **state)
{
    const struct sim_twin_opts opts = { 2, 0.8 };
    struct wn_arena a = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct wn_rng rng = stream(seed);
        struct sim_words w = random_text(&rng, &a);
        uint64_t n_exact = 0, n_near = 0;
        struct sim_twins t;

        for (size_t d = 0; d < N_DOCS; d++) {
            bool exact = false, near_one = false, is_long = w.start[d + 1] - w.start[d] >= 2;

            for (size_t e = 0; e < N_DOCS; e++) {
                bool both_long = is_long && w.start[e + 1] - w.start[e] >= 2;

                exact = exact || (e != d && equal_documents(&w, d, e));
                near_one = near_one || (e != d && both_long && jaccard(&w, d, e) >= 0.8);
            }
            n_exact += exact;
            n_near += exact || near_one;
        }
        assert_int_equal(sim_measure_twins(&w, NULL, &opts, &a, &t, NULL), WN_OK);
        holds(t.n_exact == n_exact && t.n_near == n_near, "the number of twins", seed);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
}

/* The standard error of a median over replicates is that of the replicates: 400 samples of 200
 * normals; the exact large-sample value is sqrt(pi / 2 / 200) = 0.0886. */
static void the_error_of_a_median_is_calibrated(void **state)
{
    enum { SAMPLES = 400, N = 200 };
    double x[N], median[SAMPLES], squares = 0, se = 0;
    struct wn_arena a = { 0 };
    struct sim_estimate e;

    (void)state;
    for (uint64_t s = 0; s < SAMPLES; s++) {
        struct wn_rng rng = stream(s);

        for (int i = 0; i < N; i++)
            x[i] = wn_rng_normal(&rng);
        assert_int_equal(sim_estimate_quantile(x, N, 0.5, &a, &e, NULL), WN_OK);
        median[s] = e.value;
        squares += median[s] * median[s] / SAMPLES;
        se += e.se / SAMPLES;
        wn_arena_reset(&a);
    }
    measure_near(sqrt(squares), 0.0886, 0.0886 * 4 / sqrt(2.0 * SAMPLES));
    measure_near(se, 0.0886, 0.1 * 0.0886);
    wn_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(w2_is_a_metric_on_normals),
        cmocka_unit_test(divergences_of_normals_keep_their_bounds),
        cmocka_unit_test(divergences_on_the_line_bound_each_other),
        cmocka_unit_test(discrete_divergences_keep_their_bounds),
        cmocka_unit_test(hill_numbers_fall_with_their_order),
        cmocka_unit_test(transport_is_a_metric_on_samples),
        cmocka_unit_test(l2_of_mixtures_matches_a_grid),
        cmocka_unit_test(clouds_keep_their_bounds_in_any_order),
        cmocka_unit_test(measures_of_text_do_not_see_the_order_of_documents),
        cmocka_unit_test(self_bleu_equals_its_definition),
        cmocka_unit_test(twins_equal_a_search_over_all_pairs),
        cmocka_unit_test(the_error_of_a_median_is_calibrated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
