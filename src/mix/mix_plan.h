/*
 * mix_plan.h - the plan, for items that are known to have keys of their own.
 *
 * The same plan as wn_mix_plan's, by the same code.  A simulator makes its keys itself,
 * millions of them, and where a policy takes all or nothing they need not be made.
 */
#ifndef MIX_PLAN_H
#define MIX_PLAN_H

#include <winnow/mix.h>

/* False: whatever the items are, no plan and no search for copies under P reads a key. */
bool mix_looks_at_keys(const struct wn_policy *p);

/* wn_mix_plan for items no two of which share a key, so that nobody has to count those
 * that do.  Where mix_looks_at_keys says no, the keys may be left unset. */
enum wn_status mix_plan_distinct(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                                 uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err);

#endif
