#include "support/cm.h"

#include <winnow/mix.h>

enum { MAX_ITEMS = 400 };

static struct wn_err err;
static struct wn_mix_item items[MAX_ITEMS];
static size_t n_items;
static struct wn_mix_summary sum;

/* Adds COUNT documents of TOKENS tokens each, with keys of their own. */
static void add(size_t count, uint32_t generation, enum wn_origin origin, enum wn_verdict verdict, uint64_t tokens)
{
    for (size_t i = 0; i < count; i++, n_items++) {
        char id[32];

        snprintf(id, sizeof(id), "doc-%zu", n_items);
        items[n_items] = (struct wn_mix_item){ .key = wn_mix_key(WN_STR("web"), wn_str(id)),
                                               .n_tokens = tokens,
                                               .generation = generation,
                                               .origin = (uint8_t)origin,
                                               .verdict = (uint8_t)verdict,
                                               .fate = 99 };
    }
}

static int start(void **state)
{
    (void)state;
    n_items = 0;
    memset(&err, 0, sizeof(err));
    return 0;
}

static enum wn_status plan(const struct wn_policy *p, uint32_t newest)
{
    return wn_mix_plan(p, items, n_items, newest, 0, &sum, &err);
}

static struct wn_policy policy(enum wn_regime regime)
{
    struct wn_policy p;

    wn_policy_init(&p);
    p.regime = regime;
    return p;
}

/* XXH3-128 of "doc-1" seeded with XXH3-64 of "web", computed with libxxhash directly. */
static void the_key_of_a_document_is_fixed(void **state)
{
    char hex[33];

    (void)state;
    wn_hash128_hex(wn_mix_key(WN_STR("web"), WN_STR("doc-1")), hex);
    assert_string_equal(hex, "75e6edbb4782114deaaf6a202d05bee5");
}

static void source_and_id_do_not_run_together(void **state)
{
    struct wn_hash128 a = wn_mix_key(WN_STR("ab"), WN_STR("c")), b = wn_mix_key(WN_STR("a"), WN_STR("bc"));

    (void)state;
    assert_true(a.hi != b.hi || a.lo != b.lo);
}

static void each_regime_takes_its_generations(void **state)
{
    /* documents of generations 0, 1, 2, 3 with 2 as the newest */
    static const struct {
        enum wn_regime regime;
        enum wn_fate fate[4];
    } cases[] = {
        { WN_REGIME_REPLACE, { WN_FATE_REGIME, WN_FATE_REGIME, WN_FATE_KEPT, WN_FATE_REGIME } },
        { WN_REGIME_ACCUMULATE, { WN_FATE_KEPT, WN_FATE_KEPT, WN_FATE_KEPT, WN_FATE_REGIME } },
        { WN_REGIME_ACCUMULATE_SUBSAMPLE, { WN_FATE_KEPT, WN_FATE_KEPT, WN_FATE_KEPT, WN_FATE_REGIME } },
    };

    (void)state;
    for (uint32_t g = 0; g < 4; g++)
        add(1, g, WN_ORIGIN_SCRAPED, WN_HUMAN, 10);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct wn_policy p = policy(cases[c].regime);

        assert_int_equal(plan(&p, 2), WN_OK);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(items[i].fate, cases[c].fate[i]);
    }
}

static void a_filter_by_tag_goes_by_the_verdict(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(2, 0, WN_ORIGIN_REAL, WN_SYNTHETIC, 1);
    add(3, 0, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    add(4, 0, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
    add(5, 0, WN_ORIGIN_SCRAPED, WN_UNKNOWN, 1);
    p.filter_by = WN_FILTER_TAG;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 2 + 4 + 5);   /* the real ones are trusted */
    assert_int_equal(sum.n[WN_FATE_FILTER], 3);
    p.trust_real = false;
    p.keep[WN_UNKNOWN] = 0;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 4);
    assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_FILTER], 2);
    assert_int_equal(sum.by_verdict[WN_UNKNOWN][WN_FATE_FILTER], 5);
}

static void an_oracle_keeps_what_is_declared_real(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(2, 0, WN_ORIGIN_REAL, WN_SYNTHETIC, 1);
    add(3, 0, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
    add(4, 0, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    p.filter_by = WN_FILTER_ORACLE;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT], 2);
    assert_int_equal(sum.n[WN_FATE_KEPT], 2);
    assert_int_equal(sum.n[WN_FATE_FILTER], 7);
}

static void a_budget_of_documents_is_met_exactly(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE_SUBSAMPLE);

    (void)state;
    add(100, 0, WN_ORIGIN_REAL, WN_HUMAN, 3);
    for (p.budget_documents = 1; p.budget_documents <= 100; p.budget_documents++) {
        assert_int_equal(plan(&p, 0), WN_OK);
        assert_int_equal(sum.n[WN_FATE_KEPT], p.budget_documents);
        assert_int_equal(sum.n[WN_FATE_BUDGET], 100 - p.budget_documents);
        assert_int_equal(sum.want_documents, p.budget_documents);
        assert_int_equal(sum.short_documents, 0);
    }
}

/* 100 documents of 3 tokens: 50 tokens hold 16 of them, and a 17th would make 51. */
static void a_budget_of_tokens_stops_before_the_document_that_exceeds_it(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(100, 0, WN_ORIGIN_REAL, WN_HUMAN, 3);
    p.budget_tokens = 50;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 16);
    assert_int_equal(sum.tokens[WN_FATE_KEPT], 48);
    assert_int_equal(sum.short_tokens, 0);              /* the supply was not the reason */
    p.budget_tokens = 51;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.tokens[WN_FATE_KEPT], 51);
    p.budget_tokens = 2;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 0);
}

static void a_supply_below_the_budget_is_an_error_unless_accepted(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(10, 0, WN_ORIGIN_REAL, WN_HUMAN, 3);
    p.budget_documents = 12;
    assert_int_equal(plan(&p, 0), WN_LIMIT);
    assert_string_equal(err.text, "policy 'policy' wants 12 documents, and 10 are left after its filter and quotas; "
                                  "lower the budget, add data, or set 'short: accept'");
    assert_int_equal(sum.n[WN_FATE_KEPT], 10);          /* filled all the same */
    p.short_ok = true;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.short_documents, 2);
    p.budget_documents = 0;
    p.budget_tokens = 40;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.short_tokens, 10);
    p.short_ok = false;
    assert_int_equal(plan(&p, 0), WN_LIMIT);
    assert_string_equal(err.text, "policy 'policy' wants 40 tokens, and 30 are left after its filter and quotas; "
                                  "lower the budget, add data, or set 'short: accept'");
}

static void a_relative_budget_counts_generation_0(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE_SUBSAMPLE);

    (void)state;
    add(10, 0, WN_ORIGIN_REAL, WN_HUMAN, 3);
    add(20, 1, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 3);
    p.budget_of_first = 0.5;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 5);
    assert_int_equal(wn_mix_plan(&p, items, n_items, 1, 40, &sum, &err), WN_OK);   /* told: 40 */
    assert_int_equal(sum.n[WN_FATE_KEPT], 20);
    p.budget_of_first = 0.001;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 1);
    for (size_t i = 0; i < n_items; i++)
        items[i].generation = 1;
    assert_int_equal(plan(&p, 1), WN_BADCONF);
    assert_string_equal(err.text, "policy 'policy' has a budget relative to generation 0, and there is no document of it");
}

/* Hand calculation: T documents need round(0.3 T) real ones. */
static void a_share_of_fresh_data_is_exact_and_the_shorter_side_decides(void **state)
{
    static const struct {
        size_t real, other, want_real, want_other;
        double share;
    } cases[] = {
        { 10, 100, 10, 24, 0.3 },   /* round(0.3 * 34) = 10, round(0.3 * 35) = 11 */
        { 100, 7, 3, 7, 0.3 },      /* 10 - 3 = 7, 11 - 3 = 8                     */
        { 20, 20, 20, 20, 0.5 },
        { 20, 20, 0, 20, 0 },
        { 20, 20, 20, 0, 1 },
        { 0, 20, 0, 1, 0.3 },       /* round(0.3) = 0, round(0.6) = 1             */
        { 20, 0, 0, 0, 0.3 },
    };

    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct wn_policy p = policy(WN_REGIME_FRESH_REAL);

        start(state);
        add(cases[c].real, 4, WN_ORIGIN_REAL, WN_HUMAN, 1);
        add(cases[c].other, 4, c % 2 ? WN_ORIGIN_SYNTHETIC : WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
        add(5, 3, WN_ORIGIN_REAL, WN_HUMAN, 1);         /* not fresh any more */
        p.fresh_share = cases[c].share;
        assert_int_equal(plan(&p, 4), WN_OK);
        assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT], cases[c].want_real);
        assert_int_equal(sum.n[WN_FATE_KEPT], cases[c].want_real + cases[c].want_other);
        assert_int_equal(sum.n[WN_FATE_REGIME], 5);
        assert_int_equal(sum.n[WN_FATE_QUOTA],
                         cases[c].real + cases[c].other - cases[c].want_real - cases[c].want_other);
    }
}

static void a_share_and_a_budget_hold_together(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FRESH_REAL);

    (void)state;
    add(50, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(50, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    p.fresh_share = 0.3;
    p.budget_documents = 20;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT], 6);
    assert_int_equal(sum.by_origin[WN_ORIGIN_SCRAPED][WN_FATE_KEPT], 14);
    assert_int_equal(sum.n[WN_FATE_BUDGET], 80);
}

/* 8 others and 10 flagged at 0.2: of 10 kept 2 may be flagged; of 11 as well, but then 9
 * others are needed. */
static void flagged_documents_stay_within_their_quota(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(8, 0, WN_ORIGIN_SCRAPED, WN_UNKNOWN, 1);
    add(10, 0, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    p.max_synthetic = 0.2;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 10);
    assert_int_equal(sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT], 2);
    assert_int_equal(sum.by_verdict[WN_SYNTHETIC][WN_FATE_QUOTA], 8);
    p.max_synthetic = 0;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 8);
    p.budget_documents = 9;
    assert_int_equal(plan(&p, 0), WN_LIMIT);
    assert_int_equal(sum.short_documents, 1);
}

/* 0.29 * 100 is 28.999... in binary; the user wrote 29 of 100. */
static void a_quota_is_the_decimal_that_was_written(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(200, 0, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    add(200, 0, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    p.max_synthetic = 0.29;
    p.budget_documents = 100;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT], 29);
}

/* All others are flagged: one document alone (not real, flagged) breaks the quota of 0.75,
 * 101 documents (30 real, 71 flagged of 75 allowed) do not. */
static void share_and_quota_may_fail_for_few_and_hold_for_many(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FRESH_REAL);

    (void)state;
    add(30, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(100, 1, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    p.fresh_share = 0.3;
    p.max_synthetic = 0.75;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT], 30);
    assert_int_equal(sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT], 71);
    p.max_synthetic = 0.2;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 0);
    assert_int_equal(sum.n[WN_FATE_QUOTA], 130);
}

/* Of 20 documents 10 are real by the share.  At most 3 real ones are flagged, so the quota
 * of 5 can be met among the others alone, and the real ones must not notice. */
static void real_documents_are_the_last_to_give_way(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FRESH_REAL);
    uint8_t before[80];
    uint64_t natural;

    (void)state;
    add(3, 1, WN_ORIGIN_REAL, WN_SYNTHETIC, 1);
    add(12, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(40, 1, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    add(10, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    p.fresh_share = 0.5;
    p.budget_documents = 20;
    assert_int_equal(plan(&p, 1), WN_OK);
    natural = sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT];
    assert_true(natural > 5 && sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT] == 10);
    for (size_t i = 0; i < n_items; i++)
        before[i] = items[i].fate;
    p.max_synthetic = 0.25;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT], 5);
    for (size_t i = 0; i < 15; i++)
        assert_int_equal(items[i].fate, before[i]);
    /* who gave way is told from who stood behind the budget anyway */
    assert_int_equal(sum.n[WN_FATE_QUOTA], natural - 5);
    for (size_t i = 15; i < n_items; i++)
        if (items[i].fate == WN_FATE_QUOTA)
            assert_int_equal(before[i], WN_FATE_KEPT);
}

static void equal_keys_share_their_fate_and_are_counted(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);
    size_t n;

    (void)state;
    add(100, 0, WN_ORIGIN_SCRAPED, WN_UNKNOWN, 1);
    n = n_items;
    memcpy(items + n, items, n * sizeof(items[0]));      /* once more, */
    n_items = 2 * n;
    items[n_items] = items[0];                          /* and one of them a third time */
    items[n_items++].verdict = WN_HUMAN;
    p.filter_by = WN_FILTER_TAG;
    p.keep[WN_UNKNOWN] = 0.5;
    assert_int_equal(plan(&p, 0), WN_OK);
    assert_int_equal(sum.n_duplicate_keys, 101);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(items[i].fate, items[n + i].fate);
    assert_true(sum.n[WN_FATE_WEIGHT] > 0);
}

static void nothing_in_nothing_out(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FRESH_REAL);

    (void)state;
    assert_int_equal(wn_mix_plan(&p, NULL, 0, 0, 0, &sum, &err), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 0);
    p.budget_documents = 1;
    assert_int_equal(wn_mix_plan(&p, NULL, 0, 0, 0, &sum, &err), WN_LIMIT);
}

static void items_out_of_range_are_refused(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);

    (void)state;
    add(2, 0, WN_ORIGIN_REAL, WN_HUMAN, UINT64_MAX / 2 + 1);
    assert_int_equal(plan(&p, 0), WN_BADCONF);
    assert_string_equal(err.text, "the token counts of the documents add up to more than 2^64");
    items[1].origin = 3;
    assert_int_equal(plan(&p, 0), WN_BADCONF);
    assert_string_equal(err.text, "item 1 has origin 3 and verdict 1; both go up to 2");
    items[1].origin = 0;
    items[1].verdict = 3;
    assert_int_equal(plan(&p, 0), WN_BADCONF);
}

static void the_manifest_holds_policy_files_account_and_fates(void **state)
{
    struct wn_policy p = policy(WN_REGIME_ACCUMULATE);
    struct wn_account account = { .in = { 3, 300 }, .kept = { 2, 200 }, .excluded = { 1, 100 }, .files = 1 };
    struct wn_manifest_file in = { "a.jsonl", 300, 3, { 1, 2 }, WN_ORIGIN_SCRAPED, 1, NULL };
    struct wn_manifest_file bad = { "b.gz", 7, 0, { 0, 0 }, WN_ORIGIN_REAL, 0, "gz_truncated" };
    struct wn_manifest_file out = { .path = "out.jsonl", .bytes = 200, .records = 2, .digest = { 3, 4 } };
    struct wn_manifest_file inputs[] = { in, bad };
    struct wn_manifest m = { &p, &account, &sum, inputs, &out, 2, 1 };
    struct wn_buf text = { 0 };
    struct wn_jsonval *v;
    const struct wn_jsonval *mix;

    (void)state;
    add(2, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 40);
    add(1, 1, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 30);
    p.filter_by = WN_FILTER_TAG;
    assert_int_equal(plan(&p, 1), WN_OK);
    wn_manifest_write(&text, &m);
    assert_int_equal(wn_buf_status(&text, &err), WN_OK);
    assert_true(text.len > 0 && text.ptr[text.len - 1] == '\n');
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&text), &err), WN_OK);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(v, "kind"), ""), "mix");
    assert_int_equal(strlen(wn_jsonval_str(wn_jsonval_get(v, "policy_digest"), "")), 32);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(wn_jsonval_get(v, "policy"), "regime"), ""), "accumulate");
    assert_int_equal(wn_jsonval_size(wn_jsonval_get(v, "inputs")), 2);
    assert_string_equal(
        wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(wn_jsonval_get(v, "inputs"), 1), "failed"), ""), "gz_truncated");
    assert_string_equal(
        wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(wn_jsonval_get(v, "outputs"), 0), "xxh3_128"), ""),
        "00000000000000030000000000000004");
    mix = wn_jsonval_get(v, "mix");
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(mix, "documents"), "kept"), -1), 2);
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(mix, "tokens"), "filter"), -1), 30);
    assert_int_equal(wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(wn_jsonval_get(v, "account"), "kept"), "records"), -1),
                     2);
    wn_jsonval_free(v);
    wn_buf_release(&text);
}

static void the_summary_names_every_fate(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_buf text = { 0 };
    struct wn_json j;

    (void)state;
    add(1, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 40);
    add(1, 0, WN_ORIGIN_REAL, WN_UNKNOWN, 2);
    assert_int_equal(plan(&p, 1), WN_OK);
    wn_json_init(&j, &text);
    wn_mix_summary_json(&j, NULL, &sum);
    wn_buf_addc(&text, '\0');
    assert_string_equal(
        text.ptr,
        "{\"documents\":{\"kept\":1,\"regime\":1,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"tokens\":{\"kept\":40,\"regime\":2,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"by_origin\":{\"real\":{\"kept\":0,\"regime\":1,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"synthetic\":{\"kept\":0,\"regime\":0,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"scraped\":{\"kept\":1,\"regime\":0,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0}},"
        "\"by_verdict\":{\"unknown\":{\"kept\":0,\"regime\":1,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"human\":{\"kept\":1,\"regime\":0,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0},"
        "\"synthetic\":{\"kept\":0,\"regime\":0,\"filter\":0,\"weight\":0,\"quota\":0,\"budget\":0}},"
        "\"budget\":{\"want_documents\":0,\"want_tokens\":0,\"short_documents\":0,\"short_tokens\":0},"
        "\"duplicate_keys\":0}");
    wn_buf_release(&text);
}

#define test(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_key_of_a_document_is_fixed),
        test(source_and_id_do_not_run_together),
        test(each_regime_takes_its_generations),
        test(a_filter_by_tag_goes_by_the_verdict),
        test(an_oracle_keeps_what_is_declared_real),
        test(a_budget_of_documents_is_met_exactly),
        test(a_budget_of_tokens_stops_before_the_document_that_exceeds_it),
        test(a_supply_below_the_budget_is_an_error_unless_accepted),
        test(a_relative_budget_counts_generation_0),
        test(a_share_of_fresh_data_is_exact_and_the_shorter_side_decides),
        test(a_share_and_a_budget_hold_together),
        test(flagged_documents_stay_within_their_quota),
        test(a_quota_is_the_decimal_that_was_written),
        test(share_and_quota_may_fail_for_few_and_hold_for_many),
        test(real_documents_are_the_last_to_give_way),
        test(equal_keys_share_their_fate_and_are_counted),
        test(nothing_in_nothing_out),
        test(items_out_of_range_are_refused),
        test(the_manifest_holds_policy_files_account_and_fates),
        test(the_summary_names_every_fate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
