#include <math.h>

#include "support/cm.h"
#include "unit/two_sources.h"

#include "detect/conformal.h"
#include "detect/ranking.h"

static struct wn_err err;

/* Scores of one kind: continuous, heavy-tailed, or with many ties. */
static double score(struct wn_rng *r, int kind)
{
    double z = wn_rng_normal(r);

    return kind == 0 ? z : kind == 1 ? z / (1e-3 + wn_rng_u01(r)) : floor(2 * z);
}

/* P[p <= a] <= a over fresh calibration sets and fresh scores, whatever the distribution:
 * the count of p <= a in 2,000 draws stays below its mean plus 4 standard deviations. */
static void conformal_p_keeps_its_promise(void **state)
{
    enum { RUNS = 2000, N = 57 };
    static const double levels[] = { 0.02, 0.05, 0.2, 0.5 };

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        double low[4] = { 0 }, high[4] = { 0 };

        for (uint64_t seed = 0; seed < RUNS; seed++) {
            double calibration[N], s;
            struct wn_rng r;

            wn_rng_init(&r, seed, WN_DOMAIN_METRIC, (uint64_t)kind, 0, 0);
            for (int i = 0; i < N; i++)
                calibration[i] = score(&r, kind);
            qsort(calibration, N, sizeof(double), conformal_order);
            s = score(&r, kind);
            for (int l = 0; l < 4; l++) {
                high[l] += conformal_p_upper(calibration, N, s) <= levels[l];
                low[l] += conformal_p_lower(calibration, N, s) <= levels[l];
            }
        }
        for (int l = 0; l < 4; l++) {
            double bound = RUNS * levels[l] + 4 * sqrt(RUNS * levels[l] * (1 - levels[l]));

            if (high[l] > bound || low[l] > bound)
                fail_msg("kind %d, level %g: %g and %g of %d are below", kind, levels[l], high[l], low[l], RUNS);
        }
    }
}

/* The definition: all pairs, ties half. */
static double auroc_by_pairs(const struct ranked *r, size_t n)
{
    double wins = 0, pairs = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            if (!r[i].is_synthetic || r[k].is_synthetic)
                continue;
            wins += r[i].score > r[k].score ? 1 : r[i].score == r[k].score ? 0.5 : 0;
            pairs++;
        }
    return wins / pairs;
}

static void auroc_equals_the_count_of_pairs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct ranked r[60];
        struct wn_rng rng;
        size_t n;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 9, 0, 0);
        n = 2 + wn_rng_below(&rng, 58);
        for (size_t i = 0; i < n; i++)
            r[i] = (struct ranked){ (double)wn_rng_below(&rng, 12) / 11, i == 0 || (i > 1 && wn_rng_below(&rng, 2)) };
        ranking_sort(r, n);
        if (fabs(ranking_auroc(r, n) - auroc_by_pairs(r, n)) > 1e-12)
            fail_msg("seed %llu", (unsigned long long)seed);
    }
}

/* Fresh texts of the human writer, called synthetic at a promised rate of 5 %.  Over the
 * draw of the calibration set (n of about 75) the realised rate is Beta distributed around
 * at most 5 % with an sd of 2.5 %; plus the sd of 400 draws (1.1 %): below 5 % + 4 sd. */
static void trained_tagger_keeps_its_rate_on_fresh_text(void **state)
{
    struct wn_tagger_scratch *w;
    struct wn_tagger *t = NULL;
    struct wn_model *m = NULL;
    struct wn_buf image = { 0 };
    struct wn_arena a = { 0 };
    struct wn_quality q;
    int n_synthetic = 0, n_human = 0;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 500, 60, 2, NULL, &err), WN_OK);
    assert_int_equal(wn_model_view(&m, wn_buf_str(&image), "m", &err), WN_OK);
    assert_int_equal(wn_tagger_new(&t, &(struct wn_tagger_opts){ .model = m }, &err), WN_OK);
    w = wn_tagger_scratch_new(t);
    assert_non_null(w);
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct wn_buf text = { 0 };
        struct wn_tag tag;

        two_sources_text(&text, false, 1000000 + seed, 60);
        assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&text), &a, &tag, &err), WN_OK);
        n_synthetic += tag.verdict == WN_SYNTHETIC;
        n_human += tag.verdict == WN_HUMAN;
        wn_buf_release(&text);
        wn_arena_reset(&a);
    }
    assert_true(n_synthetic <= 400 * 0.16);
    assert_true(n_human > 100);
    wn_tagger_scratch_free(w);
    wn_tagger_free(t);
    wn_model_free(m);
    wn_arena_release(&a);
    wn_buf_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformal_p_keeps_its_promise),
        cmocka_unit_test(auroc_equals_the_count_of_pairs),
        cmocka_unit_test(trained_tagger_keeps_its_rate_on_fresh_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
