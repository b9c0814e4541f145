#include <winnow/mix.h>

#include <stdlib.h>

#include <winnow/rng.h>

#include "mix/mix_admit.h"

struct copy {
    struct wn_hash128 content;
    struct mix_entry entry;      /* its class is REAL_PLAIN or OTHER_PLAIN */
};

/* By content; of equal ones that are declared real come first, then key order decides. */
static int cmp_copies(const void *a, const void *b, void *items)
{
    const struct copy *x = a, *y = b;
    uint64_t class_x = x->entry.where >> 56, class_y = y->entry.where >> 56;

    if (x->content.hi != y->content.hi)
        return x->content.hi < y->content.hi ? -1 : 1;
    if (x->content.lo != y->content.lo)
        return x->content.lo < y->content.lo ? -1 : 1;
    if (class_x != class_y)
        return class_x < class_y ? -1 : 1;
    return mix_entry_cmp(&x->entry, &y->entry, items);
}

enum wn_status wn_mix_bar_copies(const struct wn_policy *p, struct wn_mix_item *items, const struct wn_hash128 *content,
                                 size_t n, uint32_t newest, struct wn_err *err)
{
    struct copy *copies;
    size_t bytes, m = 0;

    if (!n)
        return WN_OK;
    copies = wn_mul_ok(n, sizeof(*copies), &bytes) ? malloc(bytes) : NULL;
    if (!copies)
        return wn_fail(err, WN_NOMEM, "cannot look for copies among %zu documents: out of memory", n);
    for (size_t i = 0; i < n; i++)
        if (!items[i].barred && mix_in_regime(p, &items[i], newest))
            copies[m++] = (struct copy){ content[i], mix_entry(mix_order_draw(p, &items[i]),
                                                               items[i].origin == WN_ORIGIN_REAL ? MIX_REAL_PLAIN
                                                                                                 : MIX_OTHER_PLAIN,
                                                               i) };
    qsort_r(copies, m, sizeof(*copies), cmp_copies, items);
    for (size_t i = 1; i < m; i++)
        if (copies[i].content.hi == copies[i - 1].content.hi && copies[i].content.lo == copies[i - 1].content.lo)
            items[mix_entry_index(&copies[i].entry)].barred = WN_FATE_DUPLICATE;
    free(copies);
    return WN_OK;
}
