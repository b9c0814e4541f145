#include "sim/ending.h"

#include <stdio.h>

bool sim_is_over(const struct sim_setup *s, const struct sim_left *left, char *reason)
{
    size_t least = s->gen->min_items(&s->opts);

    if (left->starved)
        snprintf(reason, WN_ERR_TEXT, "topup: the filter lets fewer than one item in a thousand through");
    else if (left->kept == 0)
        snprintf(reason, WN_ERR_TEXT, "the pool is empty: none of %llu items was kept", (unsigned long long)left->pool);
    else if (left->kept < least)
        snprintf(reason, WN_ERR_TEXT, "%llu of %llu items were kept, a fit needs %zu", (unsigned long long)left->kept,
                 (unsigned long long)left->pool, least);
    else if (left->short_supply)
        snprintf(reason, WN_ERR_TEXT, "%s", left->short_supply);
    else
        return false;
    return true;
}
