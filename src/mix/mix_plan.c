#include <winnow/mix.h>

#include <math.h>
#include <stdlib.h>

#include "mix/mix_admit.h"
#include "mix/mix_plan.h"

struct wn_hash128 wn_mix_key(struct wn_str source, struct wn_str id)
{
    /* The source's hash is the seed, so that ("ab", "c") and ("a", "bc") differ. */
    return wn_hash128(id, wn_hash64(source, 0));
}

/* ---- shares, quota, budget: how far down the order --------------------------------------- */

/*
 * The plan grows by one document at a time, T = 1, 2, 3, ...  Of T documents,
 * round(share T) come from the real side and the others from the other side, and at most
 * floor(max_synthetic T) of all are flagged.  Each side takes its documents in key order;
 * where that holds more flagged ones than allowed, the last of them give way to the next
 * plain ones, on the other side first.  The T that is kept is the last one that can be
 * filled within the budget.
 */
struct side {
    size_t begin_plain, n_plain, begin_flagged, n_flagged;
    size_t natural_plain, natural_flagged;   /* of the first documents in key order */
    size_t plain, flagged;                   /* after flagged ones gave way         */
};

enum { REAL, OTHER, SIDES };

struct walk {
    const struct wn_policy *policy;
    const struct wn_mix_item *items;
    const struct mix_entry *order;
    struct side side[SIDES];
    uint64_t tokens;                         /* of side[].plain and .flagged        */
};

static size_t natural_total(const struct side *s)
{
    return s->natural_plain + s->natural_flagged;
}

static bool flagged_is_next(const struct walk *w, const struct side *s)
{
    if (s->natural_plain == s->n_plain || s->natural_flagged == s->n_flagged)
        return s->natural_plain == s->n_plain;
    return mix_entry_cmp(&w->order[s->begin_flagged + s->natural_flagged],
                         &w->order[s->begin_plain + s->natural_plain], w->items) < 0;
}

/* Takes the next document of the side whose turn it is; false when that side is empty. */
static bool grow(struct walk *w, uint64_t total)
{
    double real = mix_has_share(w->policy) ? floor(w->policy->real_share * (double)total + 0.5) : 0;
    struct side *s = &w->side[real > (double)natural_total(&w->side[REAL]) ? REAL : OTHER];

    if (natural_total(s) == s->n_plain + s->n_flagged)
        return false;
    if (flagged_is_next(w, s))
        s->natural_flagged++;
    else
        s->natural_plain++;
    return true;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The flagged documents that TOTAL allows: floor(q TOTAL) for the decimal number that the
 * user wrote, which q misses by at most half a unit in its last place. */
static size_t allowed_flagged(const struct wn_policy *p, uint64_t total)
{
    double x = p->max_synthetic * (double)total;

    return p->max_synthetic >= 1 ? SIZE_MAX : (size_t)floor(x + x * 0x1p-51);
}

/* How many of S's flagged documents give way when EXCESS have to. */
static size_t give_way(const struct side *s, size_t excess)
{
    return min_size(excess, min_size(s->natural_flagged, s->n_plain - s->natural_plain));
}

/* Moves COUNT, the entries taken of those from BEGIN on, and the sum of tokens with it. */
static void move_to(struct walk *w, size_t begin, size_t *count, size_t to)
{
    for (; *count < to; (*count)++)
        w->tokens += w->items[mix_entry_index(&w->order[begin + *count])].n_tokens;
    for (; *count > to; (*count)--)
        w->tokens -= w->items[mix_entry_index(&w->order[begin + *count - 1])].n_tokens;
}

/* Settles what the sides take of TOTAL documents; false when the flagged ones that would
 * have to go cannot be replaced. */
static bool settle(struct walk *w, uint64_t total)
{
    struct side *real = &w->side[REAL], *other = &w->side[OTHER];
    size_t allowed = allowed_flagged(w->policy, total), flagged = real->natural_flagged + other->natural_flagged;
    size_t excess = flagged > allowed ? flagged - allowed : 0;
    size_t from_other = give_way(other, excess), from_real = give_way(real, excess - from_other);

    if (from_other + from_real < excess)
        return false;
    move_to(w, other->begin_plain, &other->plain, other->natural_plain + from_other);
    move_to(w, other->begin_flagged, &other->flagged, other->natural_flagged - from_other);
    move_to(w, real->begin_plain, &real->plain, real->natural_plain + from_real);
    move_to(w, real->begin_flagged, &real->flagged, real->natural_flagged - from_real);
    return true;
}

static uint64_t taken(const struct walk *w)
{
    const struct side *r = &w->side[REAL], *o = &w->side[OTHER];

    return r->plain + r->flagged + o->plain + o->flagged;
}

/* Grows the plan as far as supply and budget let it.  BEST is the state that is kept;
 * returns the fate of what stands behind it. */
static enum wn_fate walk_on(struct walk *w, const struct wn_mix_summary *want, struct walk *best)
{
    *best = *w;
    for (uint64_t total = 1; !want->want_documents || total <= want->want_documents; total++) {
        if (!grow(w, total))
            return WN_FATE_QUOTA;
        if (!settle(w, total))
            continue;
        if (want->want_tokens && w->tokens > want->want_tokens)
            return WN_FATE_BUDGET;
        *best = *w;
    }
    /* The budget is the end only where it was reached: its last documents may have been
     * ruled out by the quota. */
    return taken(best) == want->want_documents ? WN_FATE_BUDGET : WN_FATE_QUOTA;
}

static struct side side_of(const size_t begin[MIX_CLASSES + 1], enum mix_class plain, enum mix_class flagged)
{
    return (struct side){ .begin_plain = begin[plain],
                          .n_plain = begin[plain + 1] - begin[plain],
                          .begin_flagged = begin[flagged],
                          .n_flagged = begin[flagged + 1] - begin[flagged] };
}

static struct walk walk_of(const struct wn_policy *p, const struct wn_mix_item *items, const struct mix_entry *order,
                           const size_t begin[MIX_CLASSES + 1])
{
    struct walk w = { .policy = p, .items = items, .order = order };

    w.side[REAL] = side_of(begin, MIX_REAL_PLAIN, MIX_REAL_FLAGGED);
    w.side[OTHER] = side_of(begin, MIX_OTHER_PLAIN, MIX_OTHER_FLAGGED);
    return w;
}

/* ---- in full: all items in order ----------------------------------------------------------- */

static void give_fates(struct wn_mix_item *items, const struct mix_entry *order, const struct side *s,
                       enum wn_fate behind)
{
    for (size_t i = s->plain; i < s->n_plain; i++)
        items[mix_entry_index(&order[s->begin_plain + i])].fate = (uint8_t)behind;
    for (size_t i = s->flagged; i < s->n_flagged; i++)
        items[mix_entry_index(&order[s->begin_flagged + i])].fate =
            (uint8_t)(i < s->natural_flagged ? WN_FATE_QUOTA : behind);
}

/* What is planned: items whose fates say whether they are admitted. */
struct job {
    const struct wn_policy *policy;
    struct wn_mix_item *items;
    size_t n;
    size_t begin[MIX_CLASSES + 1];           /* of each class, were the items in order */
    struct mix_entry *order;                 /* room for N                             */
    bool distinct;                           /* no two items share a key               */
};

/* Fills the fates of the admitted items; returns the one of those that the plan ended at. */
static enum wn_fate choose_in_order(struct job *j, struct wn_mix_summary *sum)
{
    const struct mix_draws draws = mix_draws_of(j->policy);
    struct walk w, best;
    enum wn_fate behind;

    for (size_t i = 0; i < j->n; i++)
        j->order[i] = mix_entry(mix_draw(&draws, &j->items[i]), mix_class_of(j->policy, &j->items[i]), i);
    mix_order_sort(j->order, j->n, j->items);
    if (!j->distinct)
        sum->n_duplicate_keys = mix_order_duplicates(j->order, j->begin, j->items);
    w = walk_of(j->policy, j->items, j->order, j->begin);
    behind = walk_on(&w, sum, &best);
    give_fates(j->items, j->order, &best.side[REAL], behind);
    give_fates(j->items, j->order, &best.side[OTHER], behind);
    return behind;
}

/* ---- in short: nothing flagged, and no budget of tokens --------------------------------------- */

/* Then how many each side gives is a matter of numbers, and the order decides only inside
 * a side that gives some and not all.  The walk of above without what cannot happen. */
static enum wn_fate count_on(struct walk *w, uint64_t want_documents)
{
    enum wn_fate behind = WN_FATE_BUDGET;

    for (uint64_t total = 1; behind == WN_FATE_BUDGET && (!want_documents || total <= want_documents); total++)
        if (!grow(w, total))
            behind = WN_FATE_QUOTA;
    for (int s = 0; s < SIDES; s++)
        w->side[s].plain = w->side[s].natural_plain;
    return behind;
}

/* Gives the fate BEHIND to all of class C but the first KEEP. */
static void cut(struct job *j, enum mix_class c, size_t keep, enum wn_fate behind)
{
    const struct mix_draws draws = mix_draws_of(j->policy);
    size_t m = 0;

    if (keep == j->begin[c + 1] - j->begin[c])
        return;
    for (size_t i = 0; i < j->n; i++)
        if (mix_class_of(j->policy, &j->items[i]) == c)
            j->order[m++] = mix_entry(mix_draw(&draws, &j->items[i]), c, i);
    mix_order_cut(j->order, m, keep, j->items, behind);
}

static enum wn_fate choose_by_number(struct job *j, struct wn_mix_summary *sum)
{
    struct walk w = walk_of(j->policy, j->items, NULL, j->begin);
    enum wn_fate behind = count_on(&w, sum->want_documents);

    if (!j->distinct)
        sum->n_duplicate_keys = mix_order_shared_keys(j->order, j->n, j->items);
    cut(j, MIX_REAL_PLAIN, w.side[REAL].plain, behind);
    cut(j, MIX_OTHER_PLAIN, w.side[OTHER].plain, behind);
    return behind;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static enum wn_status check_items(const struct wn_mix_item *items, size_t n, struct wn_err *err)
{
    uint64_t tokens = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].origin > WN_ORIGIN_SCRAPED || items[i].verdict > WN_SYNTHETIC)
            return wn_fail(err, WN_BADCONF, "item %zu has origin %u and verdict %u; both go up to 2", i,
                           items[i].origin, items[i].verdict);
        if (items[i].barred >= WN_FATE_COUNT)
            return wn_fail(err, WN_BADCONF, "item %zu is barred by fate %u; fates go up to %d", i, items[i].barred,
                           WN_FATE_COUNT - 1);
        if (items[i].p_synthetic < 0 || items[i].p_synthetic > 1)
            return wn_fail(err, WN_BADCONF, "item %zu has a confidence of %g; it must be between 0 and 1", i,
                           (double)items[i].p_synthetic);
        if (__builtin_add_overflow(tokens, items[i].n_tokens, &tokens))
            return wn_fail(err, WN_BADCONF, "the token counts of the documents add up to more than 2^64");
    }
    return WN_OK;
}

static uint64_t generation_0(const struct wn_mix_item *items, size_t n)
{
    uint64_t counted = 0;

    for (size_t i = 0; i < n; i++)
        counted += items[i].generation == 0;
    return counted;
}

/* The budget as a multiple of generation 0; 0 when it is not relative. */
static double relative_budget(const struct wn_policy *p, uint32_t newest)
{
    if (p->regime == WN_REGIME_REPLACE_GROWN)
        return (double)newest + 1;
    if (p->regime == WN_REGIME_SCHEDULE)
        return pow((double)newest + 1, p->power);
    return p->budget_of_first;
}

static enum wn_status resolve_budget(const struct wn_policy *p, uint32_t newest, uint64_t first,
                                     struct wn_mix_summary *sum, struct wn_err *err)
{
    double multiple = relative_budget(p, newest), want;

    sum->want_documents = p->budget_documents;
    sum->want_tokens = p->budget_tokens;
    if (!(multiple > 0))
        return WN_OK;
    if (!first)
        return wn_fail(err, WN_BADCONF,
                       "policy '%s' has a budget relative to generation 0, and there is no document of it", p->name);
    want = floor(multiple * (double)first + 0.5);
    sum->want_documents = want < 1 ? 1 : want >= 0x1p63 ? (uint64_t)1 << 63 : (uint64_t)want;
    return WN_OK;
}

static void tally(const struct wn_mix_item *items, size_t n, struct wn_mix_summary *sum)
{
    for (size_t i = 0; i < n; i++) {
        sum->n[items[i].fate]++;
        sum->tokens[items[i].fate] += items[i].n_tokens;
        sum->by_origin[items[i].origin][items[i].fate]++;
        sum->by_verdict[items[i].verdict][items[i].fate]++;
    }
}

/* The supply is short when it, and not a budget, ended the plan. */
static enum wn_status check_supply(const struct wn_policy *p, struct wn_mix_summary *sum, enum wn_fate behind,
                                   struct wn_err *err)
{
    if (behind == WN_FATE_BUDGET)
        return WN_OK;
    if (sum->n[WN_FATE_KEPT] < sum->want_documents)
        sum->short_documents = sum->want_documents - sum->n[WN_FATE_KEPT];
    if (sum->tokens[WN_FATE_KEPT] < sum->want_tokens)
        sum->short_tokens = sum->want_tokens - sum->tokens[WN_FATE_KEPT];
    if (p->short_ok || !(sum->short_documents || sum->short_tokens))
        return WN_OK;
    return wn_fail(err, WN_LIMIT,
                   "policy '%s' wants %llu %s, and %llu are left after its filter and quotas; lower the budget, add "
                   "data, or set 'short: accept'",
                   p->name, (unsigned long long)(sum->short_documents ? sum->want_documents : sum->want_tokens),
                   sum->short_documents ? "documents" : "tokens",
                   (unsigned long long)(sum->short_documents ? sum->n[WN_FATE_KEPT] : sum->tokens[WN_FATE_KEPT]));
}

bool mix_looks_at_keys(const struct wn_policy *p)
{
    bool weighs = p->filter_by == WN_FILTER_IMPORTANCE;

    for (int v = 0; v < 3; v++)
        weighs = weighs || (p->filter_by == WN_FILTER_TAG && p->keep[v] > 0 && p->keep[v] < 1);
    return weighs || mix_has_share(p) || p->max_synthetic < 1 || p->dedup != WN_DEDUP_NONE || p->budget_documents ||
           p->budget_tokens || relative_budget(p, 0) > 0;
}

/* What regime and filter say of each item, and how many there are of each class. */
static void admit_all(struct job *j, uint32_t newest)
{
    size_t count[MIX_CLASSES] = { 0 };

    for (size_t i = 0; i < j->n; i++) {
        j->items[i].fate = (uint8_t)mix_admit(j->policy, &j->items[i], newest);
        count[mix_class_of(j->policy, &j->items[i])]++;
    }
    j->begin[0] = 0;
    for (int c = 0; c < MIX_CLASSES; c++)
        j->begin[c + 1] = j->begin[c] + count[c];
}

static bool has_flagged(const struct job *j)
{
    return j->begin[MIX_REAL_FLAGGED + 1] > j->begin[MIX_REAL_FLAGGED] ||
           j->begin[MIX_OTHER_FLAGGED + 1] > j->begin[MIX_OTHER_FLAGGED];
}

static enum wn_status plan(struct job *j, uint32_t newest, uint64_t first, struct wn_mix_summary *sum,
                           struct wn_err *err)
{
    enum wn_fate behind;
    enum wn_status st;

    memset(sum, 0, sizeof(*sum));
    st = check_items(j->items, j->n, err);
    if (st == WN_OK)
        st = resolve_budget(j->policy, newest, first ? first : generation_0(j->items, j->n), sum, err);
    if (st != WN_OK)
        return st;
    j->order = j->n <= SIZE_MAX / sizeof(*j->order) ? malloc((j->n ? j->n : 1) * sizeof(*j->order)) : NULL;
    if (!j->order)
        return wn_fail(err, WN_NOMEM, "cannot plan a mix of %zu documents: out of memory", j->n);
    admit_all(j, newest);
    behind = has_flagged(j) || sum->want_tokens ? choose_in_order(j, sum) : choose_by_number(j, sum);
    free(j->order);
    tally(j->items, j->n, sum);
    return check_supply(j->policy, sum, behind, err);
}

enum wn_status wn_mix_plan(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                           uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err)
{
    struct job j = { .policy = p, .items = items, .n = n };

    return plan(&j, newest, first_documents, sum, err);
}

enum wn_status mix_plan_distinct(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                                 uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err)
{
    struct job j = { .policy = p, .items = items, .n = n, .distinct = true };

    return plan(&j, newest, first_documents, sum, err);
}
