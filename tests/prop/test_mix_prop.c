#include "support/cm.h"

#include <math.h>

#include <winnow/mix.h>
#include <winnow/rng.h>

enum { MAX_N = 6000, NEWEST = 3, FIRST = 20 };

static struct wn_mix_item items[MAX_N], other[MAX_N];
static struct wn_mix_summary sum;
static struct wn_err err;

/* Random documents, most of the newest generation; a few keys occur more than once, some
 * of them with other fields; some were settled before. */
static size_t random_items(struct wn_rng *r, size_t n)
{
    static const uint32_t generations[] = { 0, 0, 1, 2, NEWEST, NEWEST, NEWEST, NEWEST, NEWEST, 4 };
    static const float confidences[] = { 0, 0.1f, 0.5f, 0.9f, 1, NAN };

    for (size_t i = 0; i < n; i++) {
        uint64_t id = wn_rng_below(r, n * 8 + 1);

        items[i] = (struct wn_mix_item){
            .key = { id * 0x9e3779b97f4a7c15u, id },
            .n_tokens = wn_rng_below(r, 50),
            .generation = generations[wn_rng_below(r, 10)],
            .origin = (uint8_t)wn_rng_below(r, 3),
            .verdict = (uint8_t)wn_rng_below(r, 3),
            .p_synthetic = confidences[wn_rng_below(r, 6)],
            .barred = wn_rng_below(r, 16) ? 0 : wn_rng_below(r, 2) ? WN_FATE_DUPLICATE : WN_FATE_FILTER,
        };
        if (i && wn_rng_below(r, 10) == 0)
            items[i] = items[wn_rng_below(r, i)];
        if (i && wn_rng_below(r, 20) == 0) {     /* nothing but the confidence tells them apart */
            items[i] = items[i - 1];
            items[i].p_synthetic = confidences[wn_rng_below(r, 6)];
        }
    }
    return n;
}

static double some_share(struct wn_rng *r)
{
    static const double few[] = { 0, 0.1, 0.29, 0.3, 0.5, 0.75, 1 };

    return wn_rng_below(r, 4) ? few[wn_rng_below(r, 7)] : wn_rng_u01(r);
}

static struct wn_policy random_policy(struct wn_rng *r, size_t n)
{
    struct wn_policy p;

    wn_policy_init(&p);
    p.seed = wn_rng_u64(r);
    p.regime = (enum wn_regime)wn_rng_below(r, WN_REGIME_EDIT + 1);
    p.real_share = some_share(r);
    p.mixing = wn_rng_below(r, 4) ? WN_MIXING_STRATIFIED : WN_MIXING_IID;
    p.real_from_first = wn_rng_below(r, 2);
    p.window = 1 + (unsigned)wn_rng_below(r, 5);
    p.power = 0.5 * (double)wn_rng_below(r, 4);
    p.filter_by = (enum wn_filter_by)wn_rng_below(r, WN_FILTER_SURPRISE + 1);
    p.importance_power = 0.5 + 3 * wn_rng_u01(r);
    for (int v = 0; v < 3; v++)
        p.keep[v] = some_share(r);
    p.trust_real = wn_rng_below(r, 2);
    if (wn_rng_below(r, 2))
        p.max_synthetic = some_share(r);
    p.short_ok = true;
    if (p.regime == WN_REGIME_REPLACE_GROWN || p.regime == WN_REGIME_SCHEDULE)
        return p;                /* has its own */
    switch (wn_rng_below(r, 4)) {
    case 0: p.budget_documents = 1 + wn_rng_below(r, n + 2); break;
    case 1: p.budget_tokens = 1 + wn_rng_below(r, 30 * n + 2); break;
    case 2: p.budget_of_first = 0.01 + 2 * wn_rng_u01(r); break;
    }
    return p;
}

static void plan(const struct wn_policy *p, struct wn_mix_item *list, size_t n)
{
    enum wn_status st = wn_mix_plan(p, list, n, NEWEST, FIRST, &sum, &err);

    if (st != WN_OK)
        fail_msg("plan: %s", err.text);
}

static void shuffle(struct wn_rng *r, struct wn_mix_item *list, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = wn_rng_below(r, i);
        struct wn_mix_item t = list[k];

        list[k] = list[i - 1];
        list[i - 1] = t;
    }
}

/* A confidence as a number to sort by; not measured is the last. */
static uint64_t confidence_rank(const struct wn_mix_item *it)
{
    return isnan(it->p_synthetic) ? 1 << 20 : (uint64_t)((double)it->p_synthetic * 1000);
}

/* Any total order over all fields, fate included: equal lists of items sort to equal bytes. */
static int cmp_items(const void *a, const void *b)
{
    const struct wn_mix_item *x = a, *y = b;
    uint64_t u[] = { x->key.hi, x->key.lo, x->n_tokens, x->generation, x->origin, x->verdict, x->fate,
                     x->barred,  confidence_rank(x) };
    uint64_t v[] = { y->key.hi, y->key.lo, y->n_tokens, y->generation, y->origin, y->verdict, y->fate,
                     y->barred,  confidence_rank(y) };

    for (size_t i = 0; i < sizeof(u) / sizeof(u[0]); i++)
        if (u[i] != v[i])
            return u[i] < v[i] ? -1 : 1;
    return 0;
}

static bool same_items(struct wn_mix_item *a, struct wn_mix_item *b, size_t n)
{
    qsort(a, n, sizeof(*a), cmp_items);
    qsort(b, n, sizeof(*b), cmp_items);
    for (size_t i = 0; i < n; i++)
        if (cmp_items(&a[i], &b[i]))
            return false;
    return true;
}

/* ---- a second planner, written from the specification by counting over again ----------- */

static uint64_t draw_of(const struct wn_policy *p, const struct wn_mix_item *it)
{
    return wn_keyed_u64(p->seed, WN_DOMAIN_SELECT, it->key.hi, it->key.lo, 0);
}

static bool before(const struct wn_policy *p, size_t a, size_t b)
{
    const struct wn_mix_item *x = &other[a], *y = &other[b];
    uint64_t u[] = { draw_of(p, x), x->key.hi, x->key.lo, x->generation, x->origin, x->verdict, x->n_tokens,
                     confidence_rank(x), a };
    uint64_t v[] = { draw_of(p, y), y->key.hi, y->key.lo, y->generation, y->origin, y->verdict, y->n_tokens,
                     confidence_rank(y), b };

    for (size_t i = 0; i < sizeof(u) / sizeof(u[0]); i++)
        if (u[i] != v[i])
            return u[i] < v[i];
    return false;
}

/* The table of docs/format/policy.md, step 1, word by word. */
static bool of_the_regime(const struct wn_policy *p, const struct wn_mix_item *it)
{
    bool newest = it->generation == NEWEST, first_real = it->generation == 0 && it->origin == WN_ORIGIN_REAL;

    switch (p->regime) {
    case WN_REGIME_ACCUMULATE:
    case WN_REGIME_ACCUMULATE_SUBSAMPLE: return it->generation <= NEWEST;
    case WN_REGIME_WINDOW: return it->generation <= NEWEST && it->generation + p->window > NEWEST;
    case WN_REGIME_FIXED_REAL: return newest || first_real;
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_WEIGHTED: return p->real_from_first ? newest || first_real : newest;
    default: return newest;
    }
}

static bool admitted(const struct wn_policy *p, const struct wn_mix_item *it)
{
    double u = wn_keyed_u01(p->seed, WN_DOMAIN_WEIGHT, it->key.hi, it->key.lo, 0);
    bool real = it->origin == WN_ORIGIN_REAL;

    if (it->barred || !of_the_regime(p, it))
        return false;
    switch (p->filter_by) {
    case WN_FILTER_ORACLE: return real;
    case WN_FILTER_TAG: return (real && p->trust_real) || u < p->keep[it->verdict];
    case WN_FILTER_IMPORTANCE:
        return (real && p->trust_real) || isnan(it->p_synthetic) ||
               u < pow(1 - (double)it->p_synthetic, p->importance_power);
    default: return true;
    }
}

static bool shares(const struct wn_policy *p)
{
    bool by_item = p->mixing == WN_MIXING_IID;

    return p->regime == WN_REGIME_FIXED_REAL || (p->regime == WN_REGIME_FRESH_REAL && !by_item) ||
           (p->regime == WN_REGIME_WEIGHTED && !by_item);
}

static bool of_the_real_side(const struct wn_policy *p, const struct wn_mix_item *it)
{
    return shares(p) && it->origin == WN_ORIGIN_REAL && (p->regime != WN_REGIME_FIXED_REAL || it->generation == 0);
}

/* Indexes of the admitted documents of one side in key order. */
static size_t line_up(const struct wn_policy *p, size_t n, bool real_side, size_t *out)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        bool real = of_the_real_side(p, &other[i]);
        size_t k = m;

        if (!admitted(p, &other[i]) || real != real_side)
            continue;
        for (; k > 0 && before(p, i, out[k - 1]); k--)
            out[k] = out[k - 1];
        out[k] = i;
        m++;
    }
    return m;
}

/* Takes the first WANT of a line; then flagged ones give way, the last first, while there
 * are more than ALLOWED and plain ones behind.  Returns how many flagged ones stay. */
static size_t take(const size_t *line, size_t m, size_t want, long allowed, bool *in)
{
    long flagged = 0;

    for (size_t i = 0; i < m; i++)
        in[line[i]] = i < want;
    for (size_t i = 0; i < want; i++)
        flagged += other[line[i]].verdict == WN_SYNTHETIC;
    for (size_t next = want, last = want; flagged > allowed && next < m; next++) {
        if (other[line[next]].verdict == WN_SYNTHETIC)
            continue;
        do
            last--;
        while (other[line[last]].verdict != WN_SYNTHETIC);
        in[line[last]] = false;
        in[line[next]] = true;
        flagged--;
    }
    return (size_t)flagged;
}

static void reference(const struct wn_policy *p, size_t n, uint64_t want_documents, bool *best)
{
    size_t real[MAX_N], rest[MAX_N], n_real = line_up(p, n, true, real), n_rest = line_up(p, n, false, rest);
    bool in[MAX_N] = { false };

    memset(best, 0, n * sizeof(*best));
    for (size_t total = 1; total <= (want_documents ? want_documents : n); total++) {
        size_t r = shares(p) ? (size_t)floor(p->real_share * (double)total + 0.5) : 0;
        long allowed = p->max_synthetic < 1 ? (long)floor(p->max_synthetic * (double)total + 1e-9) : (long)n;
        long of_real = 0, flagged;
        uint64_t tokens = 0;

        if (r > n_real || total - r > n_rest)
            return;
        for (size_t i = 0; i < r; i++)
            of_real += other[real[i]].verdict == WN_SYNTHETIC;
        flagged = (long)take(rest, n_rest, total - r, allowed > of_real ? allowed - of_real : 0, in);
        flagged += (long)take(real, n_real, r, allowed > flagged ? allowed - flagged : 0, in);
        if (flagged > allowed)
            continue;
        for (size_t i = 0; i < n; i++)
            tokens += in[i] ? other[i].n_tokens : 0;
        if (p->budget_tokens && tokens > p->budget_tokens)
            return;
        memcpy(best, in, n * sizeof(*best));
    }
}

static uint64_t budget_of(const struct wn_policy *p)
{
    double multiple = p->budget_of_first;

    if (p->regime == WN_REGIME_REPLACE_GROWN || p->regime == WN_REGIME_SCHEDULE)
        multiple = pow(NEWEST + 1, p->regime == WN_REGIME_SCHEDULE ? p->power : 1);
    return multiple > 0 ? (uint64_t)fmax(1, floor(multiple * FIRST + 0.5)) : p->budget_documents;
}

static void the_plan_is_that_of_a_planner_that_counts_over_again(void **state)
{
    static bool best[MAX_N];

    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct wn_rng r;
        struct wn_policy p;
        size_t n;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 0, 0, 0);
        n = random_items(&r, wn_rng_below(&r, 40));
        p = random_policy(&r, n);
        memcpy(other, items, sizeof(items[0]) * n);
        plan(&p, items, n);
        if (sum.want_documents != budget_of(&p))
            fail_msg("seed %llu: a budget of %llu", (unsigned long long)seed, (unsigned long long)sum.want_documents);
        reference(&p, n, sum.want_documents, best);
        for (size_t i = 0; i < n; i++)
            if (best[i] != (items[i].fate == WN_FATE_KEPT))
                fail_msg("seed %llu: item %zu of %zu has fate %s", (unsigned long long)seed, i, n,
                         wn_fate_name((enum wn_fate)items[i].fate));
    }
}

/* ---- what must hold for any policy ---------------------------------------------------------- */

static void check_sums(uint64_t seed, size_t n)
{
    uint64_t all = 0, tokens = 0, want = 0;

    for (int f = 0; f < WN_FATE_COUNT; f++) {
        uint64_t by_origin = 0, by_verdict = 0;

        for (int k = 0; k < 3; k++) {
            by_origin += sum.by_origin[k][f];
            by_verdict += sum.by_verdict[k][f];
        }
        if (by_origin != sum.n[f] || by_verdict != sum.n[f])
            fail_msg("seed %llu: fate %d", (unsigned long long)seed, f);
        all += sum.n[f];
        tokens += sum.tokens[f];
    }
    for (size_t i = 0; i < n; i++)
        want += items[i].n_tokens;
    if (all != n || tokens != want)
        fail_msg("seed %llu: fates add up to %llu of %zu", (unsigned long long)seed, (unsigned long long)all, n);
}

static void check_bounds(uint64_t seed, const struct wn_policy *p, size_t n)
{
    double kept = (double)sum.n[WN_FATE_KEPT], real = 0;
    bool good = true;

    for (size_t i = 0; i < n; i++)
        real += items[i].fate == WN_FATE_KEPT && of_the_real_side(p, &items[i]);

    if (sum.want_documents)
        good = sum.n[WN_FATE_KEPT] <= sum.want_documents &&
               (sum.short_documents == sum.want_documents - sum.n[WN_FATE_KEPT]);
    if (p->budget_tokens)
        good = good && sum.tokens[WN_FATE_KEPT] <= p->budget_tokens;
    if (shares(p))
        good = good && fabs(real - p->real_share * kept) <= 0.5 + 1e-9;
    if (p->max_synthetic < 1)
        good = good && (double)sum.by_verdict[WN_SYNTHETIC][WN_FATE_KEPT] <= p->max_synthetic * kept + 1e-9;
    if (!good)
        fail_msg("seed %llu: out of bounds", (unsigned long long)seed);
}

static void fates_add_up_and_shares_and_budgets_hold_in_any_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t sizes[] = { 3, 50, 700, MAX_N };
        struct wn_mix_summary first;
        struct wn_policy p;
        struct wn_rng r;
        size_t n;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 1, 0, 0);
        n = random_items(&r, sizes[seed % 40 ? seed % 3 : 3]);
        p = random_policy(&r, n);
        memcpy(other, items, sizeof(items[0]) * n);
        plan(&p, items, n);
        check_sums(seed, n);
        check_bounds(seed, &p, n);
        first = sum;
        shuffle(&r, other, n);
        plan(&p, other, n);
        if (memcmp(&first, &sum, sizeof(sum)) || !same_items(items, other, n))
            fail_msg("seed %llu: the order of the items matters", (unsigned long long)seed);
    }
}

static void duplicates_are_the_items_minus_the_distinct_keys(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct wn_policy p;
        struct wn_rng r;
        size_t n, distinct = 0;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 2, 0, 0);
        n = random_items(&r, seed % 20 ? 200 : 5000);
        p = random_policy(&r, n);
        plan(&p, items, n);
        qsort(items, n, sizeof(items[0]), cmp_items);
        for (size_t i = 0; i < n; i++)
            distinct += i == 0 || items[i].key.lo != items[i - 1].key.lo;
        if (sum.n_duplicate_keys != n - distinct)
            fail_msg("seed %llu: %llu duplicates of %zu", (unsigned long long)seed,
                     (unsigned long long)sum.n_duplicate_keys, n - distinct);
    }
}

static void a_larger_budget_keeps_a_superset(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct wn_policy p;
        struct wn_rng r;
        size_t n;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 3, 0, 0);
        n = random_items(&r, seed % 30 ? 60 : 4000);
        p = random_policy(&r, n);
        if (p.regime == WN_REGIME_REPLACE_GROWN || p.regime == WN_REGIME_SCHEDULE)
            p.regime = WN_REGIME_WINDOW;
        if (shares(&p))
            p.max_synthetic = 1;
        p.budget_documents = seed % 2 ? 1 + wn_rng_below(&r, n) : 0;
        p.budget_tokens = seed % 2 ? 0 : 1 + wn_rng_below(&r, 25 * n);
        p.budget_of_first = 0;
        memcpy(other, items, sizeof(items[0]) * n);
        plan(&p, items, n);
        p.budget_documents += p.budget_documents ? 1 + wn_rng_below(&r, n) : 0;
        p.budget_tokens += p.budget_tokens ? 1 + wn_rng_below(&r, 25 * n) : 0;
        plan(&p, other, n);
        for (size_t i = 0; i < n; i++)
            if (items[i].fate == WN_FATE_KEPT && other[i].fate != WN_FATE_KEPT)
                fail_msg("seed %llu: item %zu left", (unsigned long long)seed, i);
    }
}

/* Shards decide what needs no total by themselves; and a budget over the survivors of
 * shards that each applied it is the budget over the whole. */
static void shards_together_keep_what_the_whole_keeps(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct wn_mix_item part[100], left[100];
        struct wn_policy p;
        struct wn_rng r;
        size_t n, n_left = 0, n_kept = 0;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 4, 0, 0);
        n = random_items(&r, 100);
        p = random_policy(&r, n);
        p.regime = seed % 2 ? WN_REGIME_ACCUMULATE : WN_REGIME_REPLACE;
        p.max_synthetic = 1;
        p.budget_tokens = 0;
        p.budget_of_first = 0;
        p.budget_documents = seed % 3 ? 0 : 1 + wn_rng_below(&r, 60);
        plan(&p, items, n);
        for (size_t i = 0; i < n; i++)
            if (items[i].fate == WN_FATE_KEPT)
                other[n_kept++] = items[i];
        for (size_t shard = 0; shard < 7; shard++) {
            size_t m = 0;

            for (size_t i = shard; i < n; i += 7)
                part[m++] = items[i];
            plan(&p, part, m);
            for (size_t i = 0; i < m; i++)
                if (part[i].fate == WN_FATE_KEPT)
                    left[n_left++] = part[i];
        }
        plan(&p, left, n_left);
        for (size_t i = 0, m = 0; i < n_left; i++)
            if (left[i].fate == WN_FATE_KEPT)
                left[m++] = left[i];
        if (sum.n[WN_FATE_KEPT] != n_kept || !same_items(left, other, n_kept))
            fail_msg("seed %llu: shards keep something else", (unsigned long long)seed);
    }
}

/* Item I is barred exactly when an equal one of the regime stands before it: real data before
 * others, then key order.  The order of the items does not matter. */
static void copies_are_what_a_look_at_all_pairs_finds(void **state)
{
    static struct wn_hash128 content[MAX_N];

    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct wn_policy p;
        struct wn_rng r;
        size_t n;

        wn_rng_init(&r, seed, WN_DOMAIN_REAL, 5, 0, 0);
        n = random_items(&r, wn_rng_below(&r, 80));
        p = random_policy(&r, n);
        for (size_t i = 0; i < n; i++)
            content[i] = (struct wn_hash128){ wn_rng_below(&r, 2), wn_rng_below(&r, n / 3 + 1) };
        memcpy(other, items, sizeof(items[0]) * n);
        if (wn_mix_bar_copies(&p, items, content, n, NEWEST, &err) != WN_OK)
            fail_msg("%s", err.text);
        for (size_t i = 0; i < n; i++) {
            bool copy = false, real = other[i].origin == WN_ORIGIN_REAL;

            for (size_t k = 0; k < n; k++)
                copy |= k != i && !other[k].barred && of_the_regime(&p, &other[k]) &&
                        content[k].hi == content[i].hi && content[k].lo == content[i].lo &&
                        (real == (other[k].origin == WN_ORIGIN_REAL) ? before(&p, k, i) : !real);
            copy = copy && !other[i].barred && of_the_regime(&p, &other[i]);
            if (items[i].barred != (copy ? WN_FATE_DUPLICATE : other[i].barred))
                fail_msg("seed %llu: item %zu of %zu", (unsigned long long)seed, i, n);
        }
    }
}

/* ---- what is random must look it ---------------------------------------------------------------- */

static void plain_items(size_t n)
{
    for (size_t i = 0; i < n; i++)
        items[i] = (struct wn_mix_item){ .key = { i, 77 }, .n_tokens = 1, .verdict = WN_UNKNOWN, .generation = NEWEST };
}

/* 6 standard deviations: a false alarm once in 5e8. */
static void a_weight_is_realised_within_its_binomial_interval(void **state)
{
    static const double weights[] = { 0.01, 0.3, 0.5, 0.9 };
    struct wn_policy p;

    (void)state;
    plain_items(MAX_N);
    wn_policy_init(&p);
    p.filter_by = WN_FILTER_TAG;
    p.trust_real = false;
    for (uint64_t seed = 0; seed < 40; seed++) {
        double w = weights[seed % 4], sd = sqrt(MAX_N * w * (1 - w));

        p.seed = seed;
        p.keep[WN_UNKNOWN] = w;
        plan(&p, items, MAX_N);
        if (fabs((double)sum.n[WN_FATE_KEPT] - MAX_N * w) > 6 * sd)
            fail_msg("seed %llu: weight %g kept %llu", (unsigned long long)seed, w,
                     (unsigned long long)sum.n[WN_FATE_KEPT]);
    }
}

/* Two seeds draw independently: the overlap of two halves is hypergeometric with mean n/4
 * and variance n/16 (to 1/n).  Nor does the draw against a weight select for the budget. */
static void another_seed_is_another_selection(void **state)
{
    enum { N = 4000 };
    struct wn_policy p;

    (void)state;
    plain_items(N);
    wn_policy_init(&p);
    p.budget_documents = N / 2;
    for (uint64_t seed = 0; seed < 20; seed++) {
        size_t both = 0;

        p.seed = seed;
        plan(&p, items, N);
        memcpy(other, items, sizeof(items[0]) * N);
        p.seed = seed + 1;
        plan(&p, items, N);
        for (size_t i = 0; i < N; i++)
            both += items[i].fate == WN_FATE_KEPT && other[i].fate == WN_FATE_KEPT;
        if (fabs((double)both - N / 4) > 6 * sqrt(N / 16.0))
            fail_msg("seed %llu: %zu in both", (unsigned long long)seed, both);
    }
}

static void a_weight_and_a_budget_draw_independently(void **state)
{
    enum { N = 4000 };
    struct wn_policy p, q;
    size_t both = 0;

    (void)state;
    plain_items(N);
    wn_policy_init(&p);
    q = p;
    p.budget_documents = N / 2;
    plan(&p, items, N);
    memcpy(other, items, sizeof(items[0]) * N);
    q.filter_by = WN_FILTER_TAG;
    q.trust_real = false;
    q.keep[WN_UNKNOWN] = 0.5;
    plan(&q, items, N);
    for (size_t i = 0; i < N; i++)
        both += items[i].fate == WN_FATE_KEPT && other[i].fate == WN_FATE_KEPT;
    assert_true(fabs((double)both - N / 4) < 6 * sqrt(N / 8.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_is_that_of_a_planner_that_counts_over_again),
        cmocka_unit_test(fates_add_up_and_shares_and_budgets_hold_in_any_order),
        cmocka_unit_test(duplicates_are_the_items_minus_the_distinct_keys),
        cmocka_unit_test(a_larger_budget_keeps_a_superset),
        cmocka_unit_test(shards_together_keep_what_the_whole_keeps),
        cmocka_unit_test(copies_are_what_a_look_at_all_pairs_finds),
        cmocka_unit_test(a_weight_is_realised_within_its_binomial_interval),
        cmocka_unit_test(another_seed_is_another_selection),
        cmocka_unit_test(a_weight_and_a_budget_draw_independently),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
