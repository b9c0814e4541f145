/*
 * mix_order.h - items by class, and inside a class by their keyed draw.
 *
 * 16 bytes an item beside the items themselves, sorted in place.  The order depends on
 * what the items are, never on where they stand, except between items that are equal
 * in every field.
 */
#ifndef MIX_ORDER_H
#define MIX_ORDER_H

#include <winnow/mix.h>

/* Plain: anything max_synthetic does not count.  Without a share of real data
 * everything is OTHER. */
enum mix_class {
    MIX_REAL_PLAIN, MIX_REAL_FLAGGED, MIX_OTHER_PLAIN, MIX_OTHER_FLAGGED, MIX_OUT,
    MIX_CLASSES
};

struct mix_entry {
    uint64_t draw;
    uint64_t where;   /* class in the top byte, index of the item below it */
};
static inline struct mix_entry mix_entry(uint64_t draw, enum mix_class c, size_t index)
{
    return (struct mix_entry){ draw, (uint64_t)c << 56 | index };
}
static inline size_t mix_entry_index(const struct mix_entry *e)
{
    return e->where & (((uint64_t)1 << 56) - 1);
}

/* The keyed draw that puts items in order: "key order" everywhere. */
uint64_t mix_order_draw(const struct wn_policy *p, const struct wn_mix_item *it);
/* The same for many items: what depends on the policy alone is computed once. */
struct mix_draws {
    uint32_t key[2];
};
struct mix_draws mix_draws_of(const struct wn_policy *p);
uint64_t mix_draw(const struct mix_draws *d, const struct wn_mix_item *it);
/* The order inside a class. */
int mix_entry_cmp(const struct mix_entry *a, const struct mix_entry *b, const struct wn_mix_item *items);
/* Sorts by class, and inside a class by draw. */
void mix_order_sort(struct mix_entry *e, size_t n, const struct wn_mix_item *items);
/* Gives FATE to all items of the entries but the first KEEP in order, without a sort; the
 * entries, all of one class, are lost. */
void mix_order_cut(struct mix_entry *e, size_t n, size_t keep, struct wn_mix_item *items, enum wn_fate fate);
/* How many of the sorted entries have the key of another one that was counted before;
 * class C is at begin[C] up to begin[C + 1]. */
uint64_t mix_order_duplicates(const struct mix_entry *e, const size_t begin[MIX_CLASSES + 1],
                              const struct wn_mix_item *items);
/* The same count of N items that nobody has put in order; ROOM for N entries. */
uint64_t mix_order_shared_keys(struct mix_entry *room, size_t n, const struct wn_mix_item *items);

#endif
