#include "support/cm.h"

#include <winnow/tagger.h>

static struct wn_err err;

static void add(struct wn_tagstats *s, enum wn_verdict v, enum wn_tier t, double p, const char *detector, double nats,
                const char *slice)
{
    struct wn_tag tag = { .verdict = v, .tier = t, .p_synthetic = p, .n_tokens = 100 };

    if (detector)
        tag.evidence[tag.n_evidence++] = (struct wn_evidence){ .detector = detector, .log_odds_nats = nats };
    assert_int_equal(wn_tagstats_add(s, &tag, wn_str(slice), &err), WN_OK);
}

static uint64_t count(const struct wn_jsonval *v, const char *a, const char *b)
{
    return (uint64_t)wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(v, a), b), -1);
}

static void totals_and_slices_count_every_tag(void **state)
{
    struct wn_tagstats *s = wn_tagstats_new();
    struct wn_jsonval *v = NULL;
    const struct wn_jsonval *bins, *slices;
    struct wn_buf out = { 0 };
    struct wn_json j;

    (void)state;
    add(s, WN_SYNTHETIC, WN_TIER_CERTAIN, 1.0, "kgw", 12, "web");
    add(s, WN_HUMAN, WN_TIER_LIKELY, 0.0, "ngram", -2, "books");
    add(s, WN_UNKNOWN, WN_TIER_UNCLEAR, 0.5, NULL, 0, "web");
    add(s, WN_SYNTHETIC, WN_TIER_LIKELY, 0.9499, "ngram", 3, "web");
    wn_json_init(&j, &out);
    wn_tagstats_json(s, &j, NULL);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(v, "documents"), 0), 4);
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(v, "tokens"), 0), 400);
    assert_int_equal(count(v, "verdicts", "synthetic"), 2);
    assert_int_equal(count(v, "verdicts", "unknown"), 1);
    assert_int_equal(count(v, "tiers", "certain"), 1);
    assert_int_equal(count(wn_jsonval_get(v, "detectors"), "ngram", "documents"), 2);
    assert_int_equal(count(wn_jsonval_get(v, "detectors"), "ngram", "for_synthetic"), 1);
    assert_int_equal(count(wn_jsonval_get(v, "detectors"), "ngram", "for_human"), 1);
    bins = wn_jsonval_get(v, "p_synthetic_bins");
    assert_int_equal(wn_jsonval_size(bins), 20);
    assert_int_equal(wn_jsonval_num(wn_jsonval_at(bins, 19), -1), 1);   /* 1.0 lies in the last bin */
    assert_int_equal(wn_jsonval_num(wn_jsonval_at(bins, 18), -1), 1);
    assert_int_equal(wn_jsonval_num(wn_jsonval_at(bins, 10), -1), 1);
    assert_int_equal(wn_jsonval_num(wn_jsonval_at(bins, 0), -1), 1);
    slices = wn_jsonval_get(v, "slices");
    assert_int_equal(wn_jsonval_size(slices), 2);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(slices, 0), "slice"), ""), "books");
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(wn_jsonval_at(slices, 1), "documents"), 0), 3);
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_tagstats_free(s);
}

static void nothing_counted_is_still_a_summary(void **state)
{
    struct wn_tagstats *s = wn_tagstats_new();
    struct wn_jsonval *v = NULL;
    struct wn_buf out = { 0 };
    struct wn_json j;

    (void)state;
    wn_json_init(&j, &out);
    wn_tagstats_json(s, &j, NULL);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(v, "documents"), -1), 0);
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_tagstats_free(s);
    wn_tagstats_free(NULL);
}

static void write(const struct wn_tagstats *s, struct wn_buf *out)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_tagstats_json(s, &j, NULL);
}

static void merged_halves_equal_the_whole(void **state)
{
    struct wn_tagstats *whole = wn_tagstats_new(), *first = wn_tagstats_new(), *part = wn_tagstats_new();
    struct wn_buf a = { 0 }, b = { 0 };

    (void)state;
    for (int i = 0; i < 40; i++) {
        char slice[16];

        snprintf(slice, sizeof(slice), "s%d", i % 11);
        for (int k = 0; k < 2; k++)
            add(k ? whole : part, (enum wn_verdict)(i % 3), WN_TIER_LIKELY, i / 40.0, i % 2 ? "rules" : "ngram", i - 20, slice);
        if (i % 13 == 12 || i == 39) {
            assert_int_equal(wn_tagstats_merge(first, part, &err), WN_OK);
            wn_tagstats_reset(part);
        }
    }
    write(whole, &a);
    write(first, &b);
    assert_true(wn_str_eq(wn_buf_str(&a), wn_buf_str(&b)));
    wn_buf_release(&a);
    wn_buf_release(&b);
    wn_tagstats_free(whole);
    wn_tagstats_free(first);
    wn_tagstats_free(part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_and_slices_count_every_tag),
        cmocka_unit_test(merged_halves_equal_the_whole),
        cmocka_unit_test(nothing_counted_is_still_a_summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
