#include <winnow/mix.h>

#include <math.h>
#include <stdlib.h>

#include "mix/mix_admit.h"

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

static void give_fates(struct wn_mix_item *items, const struct mix_entry *order, const struct side *s,
                       enum wn_fate behind)
{
    for (size_t i = s->plain; i < s->n_plain; i++)
        items[mix_entry_index(&order[s->begin_plain + i])].fate = (uint8_t)behind;
    for (size_t i = s->flagged; i < s->n_flagged; i++)
        items[mix_entry_index(&order[s->begin_flagged + i])].fate =
            (uint8_t)(i < s->natural_flagged ? WN_FATE_QUOTA : behind);
}

static struct side side_of(const size_t begin[MIX_CLASSES + 1], enum mix_class plain, enum mix_class flagged)
{
    return (struct side){ .begin_plain = begin[plain],
                          .n_plain = begin[plain + 1] - begin[plain],
                          .begin_flagged = begin[flagged],
                          .n_flagged = begin[flagged + 1] - begin[flagged] };
}

/* Fills the fates of the admitted items; returns the one of those that the plan ended at. */
static enum wn_fate choose(const struct wn_policy *p, struct wn_mix_item *items, const struct mix_entry *order,
                           const size_t begin[MIX_CLASSES + 1], const struct wn_mix_summary *want)
{
    struct walk w = { .policy = p, .items = items, .order = order }, best;
    enum wn_fate behind;

    w.side[REAL] = side_of(begin, MIX_REAL_PLAIN, MIX_REAL_FLAGGED);
    w.side[OTHER] = side_of(begin, MIX_OTHER_PLAIN, MIX_OTHER_FLAGGED);
    behind = walk_on(&w, want, &best);
    give_fates(items, order, &best.side[REAL], behind);
    give_fates(items, order, &best.side[OTHER], behind);
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

enum wn_status wn_mix_plan(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                           uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err)
{
    size_t begin[MIX_CLASSES + 1];
    struct mix_entry *order;
    enum wn_fate behind;
    enum wn_status st;

    memset(sum, 0, sizeof(*sum));
    st = check_items(items, n, err);
    if (st == WN_OK)
        st = resolve_budget(p, newest, first_documents ? first_documents : generation_0(items, n), sum, err);
    if (st != WN_OK)
        return st;
    order = calloc(n ? n : 1, sizeof(*order));
    if (!order)
        return wn_fail(err, WN_NOMEM, "cannot plan a mix of %zu documents: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        items[i].fate = (uint8_t)mix_admit(p, &items[i], newest);
        order[i] = mix_entry(mix_order_draw(p, &items[i]), mix_class_of(p, &items[i]), i);
    }
    mix_order_sort(order, n, items, begin);
    sum->n_duplicate_keys = mix_order_duplicates(order, begin, items);
    behind = choose(p, items, order, begin, sum);
    free(order);
    tally(items, n, sum);
    return check_supply(p, sum, behind, err);
}
