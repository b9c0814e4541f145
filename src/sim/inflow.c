#include "sim/inflow.h"

#include <math.h>

uint64_t sim_fresh_items(const struct wn_policy *p, uint64_t n)
{
    return p->regime == WN_REGIME_FRESH_REAL ? (uint64_t)llround(p->fresh_share * (double)n) : 0;
}

struct sim_inflow sim_inflow(const struct wn_sim_opts *opts, const struct wn_policy *p)
{
    struct sim_inflow in = { .fresh = sim_fresh_items(p, opts->n) };

    in.scraped = (uint64_t)llround(opts->scraped_human_share * (double)(opts->n - in.fresh));
    in.synthetic = opts->n - in.fresh - in.scraped;
    return in;
}
