/*
 * Metrics on inputs small enough for a hand calculation or a published value.
 */
#include "support/cm.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/hash.h>
#include <winnow/rng.h>

#include "sim/metrics.h"

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fmax(1, fabs(want))))
        fail_msg("got %.15g, want %.15g", got, want);
}

/* Values of metric.w2.gauss1d in tests/vectors/collapse/gaussian.json. */
static void w2_of_normals_is_the_closed_form(void **state)
{
    (void)state;
    near(sim_gauss_w2_squared(0, 1, 1, 2), 2);
    near(sim_gauss_w2_squared(0, 1, 0, 0), 1);
}

/* KL(N(0,1) || N(1,2^2)) = ln 2 + 2/8 - 1/2; the reverse = -ln 2 + 5/2 - 1/2. */
static void kl_of_normals_is_the_closed_form(void **state)
{
    (void)state;
    near(sim_gauss_kl(0, 1, 1, 2), M_LN2 - 0.25);
    near(sim_gauss_kl(1, 2, 0, 1), 2 - M_LN2);
    assert_true(sim_gauss_kl(0, 1, 0, 0) == INFINITY);
    near(sim_gauss_kl(3, 0, 3, 0), 0);
}

/* P(|Z| > 1.959963984540054) = 0.05 and P(|Z| > 2) = 0.04550026389635842 (standard
 * tables); N(1, 2^2) beyond 3: P(Z > 1) + P(Z < -2) = 0.158655253931457 + 0.022750131948179. */
static void tail_mass_is_exact(void **state)
{
    (void)state;
    near(sim_gauss_tail(0, 1, 1.959963984540054), 0.05);
    near(sim_gauss_tail(0, 1, 2), 0.04550026389635842);
    near(sim_gauss_tail(1, 2, 3), 0.158655253931457 + 0.022750131948179);
    near(sim_gauss_tail(5, 0, 3), 1);
    near(sim_gauss_tail(1, 0, 3), 0);
}

/* Hill number of order 1, case metric.discrete: 2.82842712474619 = exp(H). */
static void entropy_gives_the_effective_number(void **state)
{
    const double p[] = { 0.5, 0.25, 0.25, 0 };

    (void)state;
    near(exp(sim_entropy(p, 4)), 2.82842712474619);
}

/* Each character is one token. */
static struct sim_words words(const char *const *docs, size_t n, struct wn_arena *a)
{
    uint64_t *hash = wn_arena_calloc(a, 100, sizeof(*hash));
    size_t *start = wn_arena_calloc(a, n + 1, sizeof(*start)), at = 0;

    for (size_t d = 0; d < n; d++) {
        for (const char *c = docs[d]; *c; c++)
            hash[at++] = wn_hash64((struct wn_str){ c, 1 }, 0);
        start[d + 1] = at;
    }
    return (struct sim_words){ hash, start, n };
}

/* By hand: "abab" and "ba": 6 tokens of 2 types, 4 bigrams (ab ba ab | ba) of 2 types,
 * 2 trigrams (aba bab), none across the border. */
static void n_grams_do_not_cross_documents(void **state)
{
    static const char *const docs[] = { "abab", "ba" };
    struct wn_arena a = { 0 };
    struct sim_words w = words(docs, 2, &a);
    struct sim_ngrams n;

    (void)state;
    assert_int_equal(sim_count_ngrams(&w, 1, &a, &n, NULL), WN_OK);
    assert_int_equal(n.total, 6);
    assert_int_equal(n.distinct, 2);
    near(n.entropy_nats, M_LN2);
    assert_int_equal(sim_count_ngrams(&w, 2, &a, &n, NULL), WN_OK);
    assert_int_equal(n.total, 4);
    assert_int_equal(n.distinct, 2);
    assert_int_equal(sim_count_ngrams(&w, 3, &a, &n, NULL), WN_OK);
    assert_int_equal(n.total, 2);
    assert_int_equal(n.distinct, 2);
    assert_int_equal(sim_count_ngrams(&w, 5, &a, &n, NULL), WN_OK);
    assert_int_equal(n.total, 0);
    wn_arena_release(&a);
}

/* By hand: "aaaaaa" has 3 four-grams of 1 type: 2/3; "abcde" 2 of 2: 0; "abc" has none and
 * does not count.  Mean of two: 1/3. */
static void repetition_is_a_mean_over_documents_with_n_grams(void **state)
{
    static const char *const docs[] = { "aaaaaa", "abcde", "abc" };
    static const char *const brief[] = { "ab" };
    struct wn_arena a = { 0 };
    struct sim_words w = words(docs, 3, &a);
    uint64_t n_docs;
    double rep;

    (void)state;
    assert_int_equal(sim_repetition(&w, 4, &a, &rep, &n_docs, NULL), WN_OK);
    near(rep, 1.0 / 3);
    assert_int_equal(n_docs, 2);
    w = words(brief, 1, &a);
    assert_int_equal(sim_repetition(&w, 4, &a, &rep, &n_docs, NULL), WN_OK);
    assert_true(isnan(rep));
    assert_int_equal(n_docs, 0);
    wn_arena_release(&a);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Value I of N of a kind that a radix sort may stumble over. */
static uint64_t value_of(int kind, size_t i, size_t n, struct wn_rng *rng)
{
    static const uint64_t edge[] = { 0, UINT64_MAX, 1, 255, 256, UINT64_C(1) << 63, UINT64_C(0xff) << 56 };

    switch (kind) {
    case 0:  return wn_rng_u64(rng);
    case 1:  return UINT64_C(0x0123456789abcdef);                     /* all equal               */
    case 2:  return wn_rng_below(rng, 3) << 32 | 7;                   /* few, far down           */
    case 3:  return i;                                                /* sorted, high bytes bare */
    case 4:  return n - i;
    case 5:  return (n - i) << 52;                                    /* high bytes alone        */
    case 6:  return wn_rng_u64(rng) >> wn_rng_below(rng, 64);         /* of every length         */
    case 7:  return i % 64 == 0 ? wn_rng_u64(rng) : UINT64_MAX - i % 5;
    default: return edge[wn_rng_below(rng, sizeof(edge) / sizeof(edge[0]))];
    }
}

static void check_sort(int kind, size_t n)
{
    uint64_t *h = malloc((n + 1) * sizeof(*h)), *want = malloc((n + 1) * sizeof(*want));
    struct wn_rng rng;

    assert_true(h && want);
    wn_rng_init(&rng, 6, WN_DOMAIN_METRIC, (uint64_t)kind, n, 0);
    for (size_t i = 0; i < n; i++)
        h[i] = value_of(kind, i, n, &rng);
    h[n] = 42;                                     /* stays */
    memcpy(want, h, (n + 1) * sizeof(*h));
    qsort(want, n, sizeof(*want), by_value);
    sim_sort_hashes(h, n);
    if (memcmp(h, want, (n + 1) * sizeof(*h)) != 0)
        fail_msg("%zu values of kind %d are not in order", n, kind);
    free(h);
    free(want);
}

static void hashes_are_sorted_as_by_the_c_library(void **state)
{
    static const size_t large[] = { 255, 256, 257, 1000, 20000 };

    (void)state;
    for (int kind = 0; kind < 9; kind++) {
        for (size_t n = 0; n <= 100; n++)
            check_sort(kind, n);
        for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
            check_sort(kind, large[i]);
    }
}

static void what_is_not_finite_is_left_out(void **state)
{
    struct sim_metrics m = { .n = 0 };

    (void)state;
    sim_metrics_add(&m, "a", NAN, 1);
    sim_metrics_add(&m, "b", 2.5, 7);
    sim_metrics_add(&m, "c", -INFINITY, 1);
    assert_int_equal(m.n, 1);
    assert_string_equal(m.item[0].name, "b");
    assert_int_equal(m.item[0].n, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(w2_of_normals_is_the_closed_form),
        cmocka_unit_test(kl_of_normals_is_the_closed_form),
        cmocka_unit_test(tail_mass_is_exact),
        cmocka_unit_test(entropy_gives_the_effective_number),
        cmocka_unit_test(n_grams_do_not_cross_documents),
        cmocka_unit_test(repetition_is_a_mean_over_documents_with_n_grams),
        cmocka_unit_test(hashes_are_sorted_as_by_the_c_library),
        cmocka_unit_test(what_is_not_finite_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
