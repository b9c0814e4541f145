#include "sim/inflow.h"

#include <math.h>

#include "sim/draws.h"
#include "sim/loop.h"

static const double most_items = SIM_MOST_ITEMS;

static bool has_fresh(const struct wn_policy *p)
{
    return p->regime == WN_REGIME_FRESH_REAL || p->regime == WN_REGIME_WEIGHTED;
}

uint64_t sim_real_items(const struct wn_policy *p, uint64_t n)
{
    return has_fresh(p) || p->regime == WN_REGIME_FIXED_REAL ? (uint64_t)llround(p->real_share * (double)n) : 0;
}

uint64_t sim_generation_items(const struct wn_sim_opts *opts, const struct wn_policy *p, uint32_t generation)
{
    double power = p->regime == WN_REGIME_REPLACE_GROWN ? 1 : p->regime == WN_REGIME_SCHEDULE ? p->power : 0;

    if (power == 0)
        return opts->n;
    return (uint64_t)llround(fmin((double)sim_first_items(opts, p) * pow((double)generation + 1, power), most_items));
}

static uint64_t fresh_of(const struct wn_sim_opts *opts, const struct wn_policy *p, uint32_t replicate,
                         uint32_t generation, uint64_t n)
{
    struct wn_rng rng;

    if (!has_fresh(p) || p->mixing == WN_MIXING_STRATIFIED)
        return has_fresh(p) ? sim_real_items(p, n) : 0;
    wn_rng_init(&rng, opts->seed, WN_DOMAIN_SELECT, replicate, generation, 0);
    return sim_draw_binomial(&rng, n, p->real_share);
}

struct sim_inflow sim_inflow(const struct wn_sim_opts *opts, const struct wn_policy *p, uint32_t replicate,
                             uint32_t generation)
{
    uint64_t n = sim_generation_items(opts, p, generation);
    uint64_t real = fresh_of(opts, p, replicate, generation, n);
    struct sim_inflow in = { .fresh = p->real_from_first ? 0 : real, .again = p->real_from_first ? real : 0 };

    if (p->regime == WN_REGIME_FIXED_REAL)
        n -= sim_real_items(p, n);
    else
        n -= real;
    if (opts->scraped_human_share > 0)
        in.scraped = (uint64_t)llround(opts->scraped_human_share * (double)n);
    in.synthetic = n - in.scraped;
    return in;
}

uint64_t sim_first_items(const struct wn_sim_opts *opts, const struct wn_policy *p)
{
    uint64_t fixed = p->regime == WN_REGIME_FIXED_REAL ? sim_real_items(p, opts->n) : opts->n;

    return opts->n_first ? opts->n_first : fixed;
}

uint64_t sim_human_items(const struct wn_sim_opts *opts, const struct wn_policy *p)
{
    double total = (double)sim_first_items(opts, p);

    for (uint32_t g = 1; g <= opts->generations && total < most_items; g++) {
        struct sim_inflow in = sim_inflow(opts, p, 0, g);
        bool any = p->regime == WN_REGIME_GENERAL || (has_fresh(p) && p->mixing == WN_MIXING_IID);

        total += (double)(any ? opts->n : in.fresh + in.scraped);
    }
    return (uint64_t)fmin(total, most_items);
}
