#include "support/cm.h"

#include <math.h>

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

/* One document of each generation 0 to 4, with 3 as the newest.  K: kept, R: out by regime. */
static void each_regime_takes_its_generations(void **state)
{
    static const struct {
        enum wn_regime regime;
        unsigned window;
        bool from_first;
        const char *real, *other;    /* fates when the documents are declared real, when not */
    } cases[] = {
        { WN_REGIME_REPLACE, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_ACCUMULATE, 0, false, "KKKKR", "KKKKR" },
        { WN_REGIME_ACCUMULATE_SUBSAMPLE, 0, false, "KKKKR", "KKKKR" },
        { WN_REGIME_REPLACE_GROWN, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_SCHEDULE, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_WINDOW, 1, false, "RRRKR", "RRRKR" },
        { WN_REGIME_WINDOW, 2, false, "RRKKR", "RRKKR" },
        { WN_REGIME_WINDOW, 4, false, "KKKKR", "KKKKR" },
        { WN_REGIME_WINDOW, 1000, false, "KKKKR", "KKKKR" },
        { WN_REGIME_FIXED_REAL, 0, false, "KRRKR", "RRRKR" },
        { WN_REGIME_FRESH_REAL, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_FRESH_REAL, 0, true, "KRRKR", "RRRKR" },
        { WN_REGIME_WEIGHTED, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_WEIGHTED, 0, true, "KRRKR", "RRRKR" },
        { WN_REGIME_GENERAL, 0, false, "RRRKR", "RRRKR" },
        { WN_REGIME_EDIT, 0, false, "RRRKR", "RRRKR" },
    };

    for (size_t c = 0; c < 2 * sizeof(cases) / sizeof(cases[0]); c++) {
        struct wn_policy p = policy(cases[c / 2].regime);
        const char *want = c % 2 ? cases[c / 2].real : cases[c / 2].other;

        start(state);
        for (uint32_t g = 0; g < 5; g++)
            add(1, g, c % 2 ? WN_ORIGIN_REAL : WN_ORIGIN_SCRAPED, WN_HUMAN, 10);
        p.window = cases[c / 2].window;
        p.real_from_first = cases[c / 2].from_first;
        p.mixing = WN_MIXING_IID;               /* no share stands in the way; */
        p.real_share = c % 2 ? 0.5 : 0;         /* fixed_real alone has one, met by 1 of 1 + 1 */
        p.short_ok = true;
        assert_int_equal(plan(&p, 3), WN_OK);
        for (size_t i = 0; i < 5; i++)
            if (items[i].fate != (want[i] == 'K' ? WN_FATE_KEPT : WN_FATE_REGIME))
                fail_msg("case %zu: generation %zu has fate %s", c / 2, i, wn_fate_name((enum wn_fate)items[i].fate));
    }
}

/* Generation 0 had 10 documents: generation 3 is to have 10 x 4, or 10 x 4^p. */
static void a_growing_regime_sets_its_own_budget(void **state)
{
    static const struct {
        double power;
        uint64_t want;
    } cases[] = { { 0, 10 }, { 0.5, 20 }, { 1, 40 }, { 1.5, 80 }, { 2, 160 }, { 0.3, 15 } };   /* 10 x 4^0.3 = 15.16 */
    struct wn_policy p = policy(WN_REGIME_REPLACE_GROWN);

    (void)state;
    add(10, 0, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(170, 3, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
    assert_int_equal(plan(&p, 3), WN_OK);
    assert_int_equal(sum.n[WN_FATE_KEPT], 40);
    assert_int_equal(sum.n[WN_FATE_BUDGET], 130);
    assert_int_equal(wn_mix_plan(&p, items, n_items, 3, 20, &sum, &err), WN_OK);    /* told: 20 */
    assert_int_equal(sum.want_documents, 80);
    p.regime = WN_REGIME_SCHEDULE;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        p.power = cases[i].power;
        assert_int_equal(plan(&p, 3), WN_OK);
        assert_int_equal(sum.n[WN_FATE_KEPT], cases[i].want);
    }
    p.power = 4;
    assert_int_equal(plan(&p, 3), WN_LIMIT);
    assert_int_equal(sum.short_documents, 2560 - 170);
    for (size_t i = 0; i < 10; i++)
        items[i].generation = 1;
    assert_int_equal(plan(&p, 3), WN_BADCONF);
    assert_string_equal(err.text, "policy 'policy' has a budget relative to generation 0, and there is no document of it");
}

/* Hand calculation as for fresh_real: round(0.3 x 34) = 10 of the first real data.  Real data
 * of the newest generation are on the other side. */
static void fixed_real_takes_its_share_from_the_first_real_data(void **state)
{
    struct wn_policy p = policy(WN_REGIME_FIXED_REAL);

    (void)state;
    add(10, 0, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(4, 0, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    add(20, 2, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(4, 2, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
    add(5, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    p.real_share = 0.3;
    assert_int_equal(plan(&p, 2), WN_OK);
    assert_int_equal(sum.n[WN_FATE_REGIME], 4 + 5);
    assert_int_equal(sum.n[WN_FATE_KEPT], 34);
    p.budget_documents = 20;
    assert_int_equal(plan(&p, 2), WN_OK);
    for (size_t i = 0, first = 0; i < 10; i++) {
        first += items[i].fate == WN_FATE_KEPT;
        assert_true(i < 9 || first == 6);
    }
    assert_int_equal(sum.n[WN_FATE_KEPT], 20);
}

static void iid_mixing_has_no_quota(void **state)
{
    static const enum wn_regime regimes[] = { WN_REGIME_FRESH_REAL, WN_REGIME_WEIGHTED };

    for (size_t r = 0; r < 2; r++) {
        struct wn_policy p = policy(regimes[r]);

        start(state);
        add(3, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
        add(17, 1, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
        p.real_share = 0.5;
        p.mixing = WN_MIXING_IID;
        assert_int_equal(plan(&p, 1), WN_OK);
        assert_int_equal(sum.n[WN_FATE_KEPT], 20);
        p.mixing = WN_MIXING_STRATIFIED;        /* round(0.5 x 6) = 3, round(0.5 x 7) = 4 */
        assert_int_equal(plan(&p, 1), WN_OK);
        assert_int_equal(sum.n[WN_FATE_KEPT], 6);
        assert_int_equal(sum.by_origin[WN_ORIGIN_REAL][WN_FATE_KEPT], 3);
    }
}

static void what_is_barred_has_its_fate_before_anything_else(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);

    (void)state;
    add(4, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    items[1].barred = WN_FATE_DUPLICATE;
    items[2].barred = WN_FATE_FILTER;
    items[3].barred = WN_FATE_DUPLICATE;
    items[3].generation = 0;                    /* out of the regime as well */
    p.budget_documents = 1;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(items[0].fate, WN_FATE_KEPT);
    assert_int_equal(items[1].fate, WN_FATE_DUPLICATE);
    assert_int_equal(items[2].fate, WN_FATE_FILTER);
    assert_int_equal(items[3].fate, WN_FATE_DUPLICATE);
    assert_int_equal(sum.n[WN_FATE_DUPLICATE], 2);
    items[0].barred = WN_FATE_COUNT;
    assert_int_equal(plan(&p, 1), WN_BADCONF);
    assert_string_equal(err.text, "item 0 is barred by fate 7; fates go up to 6");
}

/* The draw is the one that weights of verdicts use, so (1 - 0.5)^1 keeps what a weight of
 * 0.5 keeps. */
static void importance_weighs_by_confidence(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    bool kept[200];

    (void)state;
    add(200, 1, WN_ORIGIN_SCRAPED, WN_UNKNOWN, 1);
    p.filter_by = WN_FILTER_TAG;
    p.keep[WN_UNKNOWN] = 0.5;
    assert_int_equal(plan(&p, 1), WN_OK);
    for (size_t i = 0; i < 200; i++) {
        kept[i] = items[i].fate == WN_FATE_KEPT;
        items[i].p_synthetic = 0.5f;
    }
    assert_true(sum.n[WN_FATE_KEPT] > 60 && sum.n[WN_FATE_KEPT] < 140);
    p.filter_by = WN_FILTER_IMPORTANCE;
    p.importance_power = 1;
    assert_int_equal(plan(&p, 1), WN_OK);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(items[i].fate, kept[i] ? WN_FATE_KEPT : WN_FATE_WEIGHT);
    for (size_t i = 0; i < 200; i++)
        items[i].p_synthetic = 0.75f;           /* (1 - 0.75)^0.5 = 0.5 */
    p.importance_power = 0.5;
    assert_int_equal(plan(&p, 1), WN_OK);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(items[i].fate, kept[i] ? WN_FATE_KEPT : WN_FATE_WEIGHT);
}

static void importance_at_its_ends(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);

    (void)state;
    add(6, 1, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    p.filter_by = WN_FILTER_IMPORTANCE;
    p.importance_power = 10;
    items[0].p_synthetic = 1;
    items[1].p_synthetic = 0;
    items[2].p_synthetic = NAN;                 /* not measured */
    items[3].p_synthetic = 1;
    items[3].origin = WN_ORIGIN_REAL;           /* trusted */
    items[4].p_synthetic = 0.999f;              /* 1e-30 */
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(items[0].fate, WN_FATE_FILTER);
    assert_int_equal(items[1].fate, WN_FATE_KEPT);
    assert_int_equal(items[2].fate, WN_FATE_KEPT);
    assert_int_equal(items[3].fate, WN_FATE_KEPT);
    assert_int_equal(items[4].fate, WN_FATE_WEIGHT);
    p.trust_real = false;
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(items[3].fate, WN_FATE_FILTER);
    items[5].p_synthetic = 1.5f;
    assert_int_equal(plan(&p, 1), WN_BADCONF);
    assert_string_equal(err.text, "item 5 has a confidence of 1.5; it must be between 0 and 1");
}

static void filters_that_look_at_values_act_through_bars_alone(void **state)
{
    static const enum wn_filter_by by[] = { WN_FILTER_VERIFY, WN_FILTER_VALUE, WN_FILTER_TOP_FRACTION,
                                            WN_FILTER_SURPRISE };

    (void)state;
    add(10, 1, WN_ORIGIN_SCRAPED, WN_SYNTHETIC, 1);
    items[3].barred = WN_FATE_FILTER;
    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        struct wn_policy p = policy(WN_REGIME_REPLACE);

        p.filter_by = by[i];
        p.top_share = 0.1;
        assert_int_equal(plan(&p, 1), WN_OK);
        assert_int_equal(sum.n[WN_FATE_KEPT], 9);
        assert_int_equal(sum.n[WN_FATE_FILTER], 1);
    }
}

static void of_copies_the_declared_real_one_stays(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_hash128 content[40];
    size_t stayed = 0;

    (void)state;
    add(20, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 1);
    add(1, 1, WN_ORIGIN_REAL, WN_HUMAN, 1);
    add(10, 1, WN_ORIGIN_SYNTHETIC, WN_HUMAN, 1);
    add(2, 0, WN_ORIGIN_REAL, WN_HUMAN, 1);             /* not of this regime */
    for (size_t i = 0; i < n_items; i++)
        content[i] = (struct wn_hash128){ 7, i >= 21 && i < 31 ? 2 : 1 };
    assert_int_equal(wn_mix_bar_copies(&p, items, content, n_items, 1, &err), WN_OK);
    for (size_t i = 0; i < n_items; i++)
        stayed += !items[i].barred;
    assert_int_equal(items[20].barred, WN_FATE_KEPT);
    assert_int_equal(stayed, 2 + 2);                    /* one of each content, and the two outside */
    assert_int_equal(items[31].barred, 0);
    assert_int_equal(plan(&p, 1), WN_OK);
    assert_int_equal(sum.n[WN_FATE_DUPLICATE], 20 + 9);
    assert_int_equal(wn_mix_bar_copies(&p, NULL, NULL, 0, 1, &err), WN_OK);
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
        p.real_share = cases[c].share;
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
    p.real_share = 0.3;
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
    p.real_share = 0.3;
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
    p.real_share = 0.5;
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

/* Without 'dedup' the manifest is what it was before there were duplicates. */
static void the_manifest_counts_copies_where_the_policy_removes_them(void **state)
{
    struct wn_policy p = policy(WN_REGIME_REPLACE);
    struct wn_account account = { .files = 0 };
    struct wn_manifest m = { .policy = &p, .account = &account, .mix = &sum };

    (void)state;
    add(1, 1, WN_ORIGIN_SCRAPED, WN_HUMAN, 40);
    assert_int_equal(plan(&p, 1), WN_OK);
    for (int k = 0; k < 2; k++) {
        struct wn_buf text = { 0 };

        p.dedup = k ? WN_DEDUP_EXACT : WN_DEDUP_NONE;
        wn_manifest_write(&text, &m);
        wn_buf_addc(&text, '\0');
        assert_int_equal(strstr(text.ptr, "\"budget\":0,\"duplicate\":0}") != NULL, k);
        assert_int_equal(strstr(text.ptr, "\"dedup\":\"exact\"") != NULL, k);
        wn_buf_release(&text);
    }
    assert_string_equal(wn_fate_name(WN_FATE_DUPLICATE), "duplicate");
}

#define test(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_key_of_a_document_is_fixed),
        test(source_and_id_do_not_run_together),
        test(each_regime_takes_its_generations),
        test(a_growing_regime_sets_its_own_budget),
        test(fixed_real_takes_its_share_from_the_first_real_data),
        test(iid_mixing_has_no_quota),
        test(what_is_barred_has_its_fate_before_anything_else),
        test(importance_weighs_by_confidence),
        test(importance_at_its_ends),
        test(filters_that_look_at_values_act_through_bars_alone),
        test(of_copies_the_declared_real_one_stays),
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
        test(the_manifest_counts_copies_where_the_policy_removes_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
