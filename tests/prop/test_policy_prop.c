#include "support/cm.h"

#include <winnow/policy.h>
#include <winnow/rng.h>

static struct wn_err err;

/* ---- random policies of every kind --------------------------------------------------------- */

/* 0, 1, a round number, or 53 random bits. */
static double some_share(struct wn_rng *r)
{
    static const double few[] = { 0, 1, 0.1, 0.3, 1e-6, 1.0 / 3 };

    return wn_rng_below(r, 2) ? few[wn_rng_below(r, 6)] : wn_rng_u01(r);
}

/* Above 0. */
static double some_size(struct wn_rng *r, double max)
{
    return max * (1 - wn_rng_u01(r));
}

static void random_regime(struct wn_rng *r, struct wn_policy *p)
{
    p->regime = (enum wn_regime)wn_rng_below(r, WN_REGIME_EDIT + 1);
    switch (p->regime) {
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_WEIGHTED:
        p->real_share = some_share(r);
        p->mixing = (enum wn_mixing)wn_rng_below(r, 2);
        p->real_from_first = wn_rng_below(r, 2);
        if (p->regime == WN_REGIME_WEIGHTED)
            p->weight = p->real_share == 0 || p->real_share == 1 ? p->real_share : some_share(r);
        break;
    case WN_REGIME_FIXED_REAL: p->real_share = some_share(r); break;
    case WN_REGIME_WINDOW: p->window = 1 + (unsigned)wn_rng_below(r, 1000); break;
    case WN_REGIME_REPLACE_GROWN: p->power = 1; break;
    case WN_REGIME_SCHEDULE: p->power = 4 * some_share(r); break;
    case WN_REGIME_GENERAL:
        p->gamma = some_share(r) / 3;
        p->beta = some_share(r) / 3;
        p->alpha = 1 - p->gamma - p->beta;
        break;
    case WN_REGIME_EDIT: p->edit_above = some_share(r); break;
    default: break;
    }
    p->dedup = (enum wn_dedup)wn_rng_below(r, 3);
}

static void random_point(struct wn_rng *r, struct wn_operating_point *op)
{
    op->given = true;
    op->tpr = some_share(r);
    op->fpr = some_share(r);
    op->unknown_synthetic = (1 - op->tpr) * some_share(r);
    op->unknown_human = (1 - op->fpr) * some_share(r);
    op->tpr_low = op->tpr * some_share(r);
    op->tpr_high = 1 - (1 - op->tpr) * some_share(r);
    op->fpr_low = op->fpr * some_share(r);
    op->fpr_high = 1 - (1 - op->fpr) * some_share(r);
}

static void random_filter(struct wn_rng *r, struct wn_policy *p)
{
    p->filter_by = (enum wn_filter_by)wn_rng_below(r, WN_FILTER_SURPRISE + 1);
    switch (p->filter_by) {
    case WN_FILTER_TAG:
        for (int v = 0; v < 3; v++)
            p->keep[v] = some_share(r);
        p->keep[WN_HUMAN] = 1 - p->keep[WN_HUMAN] * 0.9;      /* topup has to end */
        p->trust_real = wn_rng_below(r, 2);
        break;
    case WN_FILTER_IMPORTANCE:
        p->importance_power = some_size(r, 1000);
        p->trust_real = wn_rng_below(r, 2);
        for (int i = 0; i < 2 && wn_rng_below(r, 2) == 0; i++) {
            p->human_confidence[0] = some_size(r, 1e6);
            p->human_confidence[1] = some_size(r, 1);
            p->synthetic_confidence[0] = some_size(r, 1e-3);
            p->synthetic_confidence[1] = some_size(r, 10);
        }
        break;
    case WN_FILTER_VERIFY:
        p->keep_right = some_share(r);
        p->keep_wrong = some_share(r);
        break;
    case WN_FILTER_VALUE:
        p->value_tails = wn_rng_below(r, 2);
        p->value_cut = some_size(r, 5);
        p->value_drop = some_share(r);
        break;
    case WN_FILTER_TOP_FRACTION:
    case WN_FILTER_SURPRISE: p->top_share = some_size(r, 1); break;
    default: break;
    }
    if (p->filter_by == WN_FILTER_TAG || p->filter_by == WN_FILTER_ORACLE || p->filter_by == WN_FILTER_IMPORTANCE)
        p->topup = wn_rng_below(r, 2);
}

static void random_budget(struct wn_rng *r, struct wn_policy *p)
{
    bool grows = p->regime == WN_REGIME_REPLACE_GROWN || p->regime == WN_REGIME_SCHEDULE;
    uint64_t kind = wn_rng_below(r, 4);

    if (p->regime == WN_REGIME_ACCUMULATE_SUBSAMPLE && kind == 3)
        kind = 2;                /* it always has one */
    if (grows || kind != 3)
        p->short_ok = wn_rng_below(r, 2);
    if (grows)
        return;
    switch (kind) {
    case 0: p->budget_documents = 1 + wn_rng_u64(r) / 2; break;
    case 1: p->budget_tokens = UINT64_MAX - wn_rng_below(r, 3); break;
    case 2: p->budget_of_first = 1e-6 + some_size(r, 10); break;
    }
}

static struct wn_policy random_policy(struct wn_rng *r)
{
    struct wn_policy p;

    wn_policy_init(&p);
    snprintf(p.name, sizeof(p.name), "p \"%u\"", (unsigned)wn_rng_below(r, 1000));
    p.seed = wn_rng_u64(r);
    random_regime(r, &p);
    random_filter(r, &p);
    if (wn_rng_below(r, 2))
        p.max_synthetic = some_share(r);
    if (p.filter_by == WN_FILTER_TAG || p.max_synthetic < 1)
        random_point(r, &p.op);
    random_budget(r, &p);
    return p;
}

/* ---- the resolved form ------------------------------------------------------------------------ */

static bool same_point(const struct wn_operating_point *a, const struct wn_operating_point *b)
{
    return a->given == b->given && a->tpr == b->tpr && a->fpr == b->fpr &&
           a->unknown_synthetic == b->unknown_synthetic && a->unknown_human == b->unknown_human &&
           a->tpr_low == b->tpr_low && a->tpr_high == b->tpr_high && a->fpr_low == b->fpr_low &&
           a->fpr_high == b->fpr_high;
}

static bool same_regime(const struct wn_policy *a, const struct wn_policy *b)
{
    return a->regime == b->regime && a->real_share == b->real_share && a->mixing == b->mixing &&
           a->real_from_first == b->real_from_first && a->weight == b->weight && a->window == b->window &&
           a->power == b->power && a->alpha == b->alpha && a->beta == b->beta && a->gamma == b->gamma &&
           a->edit_above == b->edit_above && a->dedup == b->dedup;
}

static bool same_filter(const struct wn_policy *a, const struct wn_policy *b)
{
    return a->filter_by == b->filter_by && a->topup == b->topup && a->importance_power == b->importance_power &&
           !memcmp(a->human_confidence, b->human_confidence, sizeof(a->human_confidence)) &&
           !memcmp(a->synthetic_confidence, b->synthetic_confidence, sizeof(a->synthetic_confidence)) &&
           a->keep_right == b->keep_right && a->keep_wrong == b->keep_wrong && a->value_tails == b->value_tails &&
           a->value_cut == b->value_cut && a->value_drop == b->value_drop && a->top_share == b->top_share &&
           !memcmp(a->keep, b->keep, sizeof(a->keep)) && a->trust_real == b->trust_real;
}

static bool same_budget(const struct wn_policy *a, const struct wn_policy *b)
{
    return a->budget_documents == b->budget_documents && a->budget_tokens == b->budget_tokens &&
           a->budget_of_first == b->budget_of_first && a->short_ok == b->short_ok &&
           a->max_synthetic == b->max_synthetic;
}

static void any_resolved_policy_parses_to_itself(void **state)
{
    unsigned regimes[WN_REGIME_EDIT + 1] = { 0 }, filters[WN_FILTER_SURPRISE + 1] = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct wn_buf text = { 0 };
        char a[33], b[33];
        struct wn_policy p, q;
        struct wn_json j;
        struct wn_rng r;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 6, 0, 0);
        p = random_policy(&r);
        regimes[p.regime]++;
        filters[p.filter_by]++;
        wn_json_init(&j, &text);
        wn_policy_json(&j, NULL, &p);
        if (wn_policy_parse(&q, "again", wn_buf_str(&text), &err) != WN_OK)
            fail_msg("seed %llu: %s: %.*s", (unsigned long long)seed, err.text, (int)text.len, text.ptr);
        wn_policy_digest(&p, a);
        wn_policy_digest(&q, b);
        if (strcmp(p.name, q.name) || p.seed != q.seed || strcmp(a, b) || !same_regime(&p, &q) || !same_filter(&p, &q) ||
            !same_budget(&p, &q) || !same_point(&p.op, &q.op))
            fail_msg("seed %llu: another policy came back: %.*s", (unsigned long long)seed, (int)text.len, text.ptr);
        wn_buf_release(&text);
    }
    for (int i = 0; i <= WN_REGIME_EDIT; i++)
        assert_true(regimes[i] > 100);
    for (int i = 0; i <= WN_FILTER_SURPRISE; i++)
        assert_true(filters[i] > 100);
}

/* The digest has a fixed room of 4096 bytes. */
static void the_longest_policy_leaves_the_digest_room(void **state)
{
    size_t longest = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct wn_buf text = { 0 };
        struct wn_policy p;
        struct wn_json j;
        struct wn_rng r;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 7, 0, 0);
        p = random_policy(&r);
        wn_json_init(&j, &text);
        wn_policy_json(&j, NULL, &p);
        longest = text.len > longest ? text.len : longest;
        wn_buf_release(&text);
    }
    assert_in_range(longest, 400, 4096 / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_resolved_policy_parses_to_itself),
        cmocka_unit_test(the_longest_policy_leaves_the_digest_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
