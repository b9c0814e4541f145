#include "sim/points.h"

#include <stdio.h>
#include <stdlib.h>

#include "mix/mix_plan.h"
#include "sim/blend.h"
#include "sim/ending.h"
#include "sim/inflow.h"
#include "sim/points_pool.h"

enum sim_source sim_verdict_source(const struct sim_setup *s, const struct wn_policy *p)
{
    if (s->gen->tag && (s->opts.tagger || s->opts.retrain))
        return SIM_FROM_TAGGER;
    if (p->op.given)
        return SIM_FROM_RATES;
    return p->filter_by == WN_FILTER_ORACLE ? SIM_FROM_ORIGIN : SIM_FROM_NOTHING;
}

/* ---- what one generation brings ---------------------------------------------------------- */

static enum wn_status add_blend(struct sim_points *l, uint64_t n, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    uint64_t *count = malloc((l->blend.n + 2) * sizeof(*count));
    enum wn_status st = WN_OK;
    struct wn_rng rng;

    if (!count)
        return wn_fail(err, WN_NOMEM, "cannot draw a generation: out of memory");
    wn_rng_init(&rng, l->run.opts->seed, WN_DOMAIN_SELECT, l->run.replicate, l->generation, 1);
    sim_blend_counts(&l->blend, &rng, n, count);
    l->n_generated = count[l->blend.n - 1];         /* the newest first: what is measured */
    for (size_t i = l->blend.n; i > 0 && st == WN_OK; i--) {
        st = gen->model_take(l->state, l->blend.model[i - 1], err);
        if (st == WN_OK)
            st = sim_points_add(l, count[i - 1], (struct sim_papers){ WN_ORIGIN_SYNTHETIC, false, SIM_BY_MODEL }, err);
    }
    if (st == WN_OK)
        st = sim_points_add(l, count[l->blend.n], (struct sim_papers){ WN_ORIGIN_REAL, true, SIM_BY_TRUTH }, err);
    free(count);
    return st;
}

/* The new items of one generation.  A scrape does not say what is in it, but an oracle
 * knows. */
static enum wn_status take_in(struct sim_points *l, const struct sim_inflow *in, struct wn_err *err)
{
    const struct wn_policy *p = l->run.policy;
    bool hidden = l->run.opts->scraped_human_share > 0 && p->filter_by != WN_FILTER_ORACLE;
    enum wn_origin machine = hidden ? WN_ORIGIN_SCRAPED : WN_ORIGIN_SYNTHETIC;
    enum wn_origin human = hidden ? WN_ORIGIN_SCRAPED : WN_ORIGIN_REAL;
    enum sim_hand hand = p->regime == WN_REGIME_EDIT ? SIM_BY_EDITING : SIM_BY_MODEL;
    enum wn_status st;

    if (l->generation == 0)
        hand = SIM_BY_TRUTH;                          /* first_mixed: the truth writes for the model */
    if (p->regime == WN_REGIME_GENERAL && l->generation > 0)
        return add_blend(l, in->synthetic, err);
    if (hand != SIM_BY_TRUTH && l->pool.n == l->newest)
        l->n_generated = in->synthetic;
    st = sim_points_add(l, in->synthetic, (struct sim_papers){ machine, false, hand }, err);
    if (st == WN_OK)
        st = sim_points_add(l, in->scraped, (struct sim_papers){ human, true, SIM_BY_TRUTH }, err);
    if (st == WN_OK)
        st = sim_points_add(l, in->fresh, (struct sim_papers){ WN_ORIGIN_REAL, true, SIM_BY_TRUTH }, err);
    return st == WN_OK ? sim_points_again(l, in->again, err) : st;
}

static enum wn_status settle(struct sim_points *l, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    enum wn_status st = sim_sieve_values(gen, l->state, &l->run, l->generation, &l->pool, l->settled, err);

    if (st == WN_OK)
        st = sim_sieve_prints(gen, l->state, &l->run, &l->pool, l->settled, err);
    l->settled = l->pool.n;
    return st;
}

static enum wn_status plan(struct sim_points *l, struct wn_err *err)
{
    uint64_t first = sim_first_items(l->run.opts, l->run.policy);
    enum wn_status st = sim_pool_plan(&l->pool, &l->run, l->generation, first, &l->sum, &l->plan_err);

    l->short_supply = st == WN_LIMIT;
    return st == WN_OK || st == WN_LIMIT ? WN_OK : wn_fail(err, st, "%s", l->plan_err.text);
}

/* ---- topup: screen until a generation is full ------------------------------------------------ */

/* Where the filter lets next to nothing through, screening ends here: the run is over. */
static uint64_t most_screened(uint64_t n)
{
    return 1000 * n < 100000 ? 100000 : 1000 * n;
}

static enum wn_status screen_more(struct sim_points *l, uint64_t n, struct wn_err *err)
{
    const struct wn_sim_opts *o = l->run.opts;
    struct sim_inflow in = { 0 };
    struct wn_rng rng;

    wn_rng_init(&rng, o->seed, WN_DOMAIN_SELECT, l->run.replicate, l->generation, 2 + l->pool.n - l->newest);
    in.scraped = sim_draw_binomial(&rng, n, o->scraped_human_share);
    in.synthetic = n - in.scraped;
    return take_in(l, &in, err);
}

static enum wn_status top_up(struct sim_points *l, uint64_t want, struct wn_err *err)
{
    uint64_t screened = 0, more;
    enum wn_status st = WN_OK;

    while (st == WN_OK && screened < most_screened(want)) {
        uint64_t have = sim_points_kept_new(l);

        if (screened > 0 && have >= want)
            return sim_points_bar_surplus(l, want, err);
        more = screened > want ? screened : want;       /* doubling: each round plans anew */
        st = screen_more(l, more, err);
        screened += more;
        if (st == WN_OK)
            st = settle(l, err);
        if (st == WN_OK)
            st = plan(l, err);
    }
    l->starved = st == WN_OK && sim_points_kept_new(l) < want;
    return st == WN_OK && !l->starved ? sim_points_bar_surplus(l, want, err) : st;
}

/* ---- the turns ----------------------------------------------------------------------------------- */

static enum wn_status intake(struct sim_points *l, struct wn_err *err)
{
    const struct wn_policy *p = l->run.policy;
    struct sim_inflow in = sim_inflow(l->run.opts, p, l->run.replicate, l->generation);
    enum wn_status st;

    sim_pool_forget(&l->pool, p, l->generation);
    l->newest = l->settled = l->pool.n;
    l->n_generated = 0;
    l->starved = false;
    if (p->regime == WN_REGIME_GENERAL && l->generation > 0) {
        st = sim_blend_step(&l->blend, l->setup->gen, l->state, p, err);
        if (st != WN_OK)
            return st;
    }
    if (p->topup) {
        st = top_up(l, in.synthetic + in.scraped, err);
        in.synthetic = in.scraped = 0;
        if (st == WN_OK && in.fresh + in.again > 0)
            st = take_in(l, &in, err);
    } else {
        st = take_in(l, &in, err);
    }
    return st == WN_OK ? settle(l, err) : st;
}

static enum wn_status choose(struct sim_points *l, struct wn_err *err)
{
    enum wn_status st = plan(l, err);

    return st == WN_OK ? sim_pool_take(&l->pool, l->run.policy, &l->kept, err) : st;
}

/* Generation 0: real data, all of it kept, unless it is put together as the others are. */
static enum wn_status first_data(struct sim_points *l, struct wn_err *err)
{
    const struct wn_sim_opts *o = l->run.opts;
    uint64_t n = sim_first_items(o, l->run.policy);
    enum wn_status st;

    if (o->first_mixed) {
        st = intake(l, err);
        if (st == WN_OK && l->run.policy->regime == WN_REGIME_EDIT)
            st = sim_points_remember_first(l, err);          /* the originals of all later edits */
        return st == WN_OK ? choose(l, err) : st;
    }
    st = sim_points_add(l, n, (struct sim_papers){ WN_ORIGIN_REAL, true, SIM_BY_TRUTH }, err);
    if (st == WN_OK)
        st = settle(l, err);
    for (size_t i = 0; st == WN_OK && i < l->pool.n; i++) {
        l->pool.item[i].barred = WN_FATE_KEPT;
        l->pool.item[i].fate = WN_FATE_KEPT;
    }
    if (st == WN_OK)
        st = sim_points_remember_first(l, err);
    if (st == WN_OK && l->source == SIM_FROM_TAGGER && !o->retrain)
        st = sim_points_remember_scores(l, err);
    return st == WN_OK ? sim_pool_take(&l->pool, l->run.policy, &l->kept, err) : st;
}

static enum wn_status record(struct sim_points *l, const struct sim_watch *watch, struct wn_err *err)
{
    struct sim_view view = { l->generation, l->run.policy, sim_pool_value(&l->pool, l->newest), l->n_generated, false };
    struct sim_row row = { l->run.policy, l->run.replicate, l->generation };
    struct sim_metrics m = { .n = 0 };
    enum wn_status st = l->setup->gen->compare(l->state, &view, &m, err);

    if (st != WN_OK)
        return st;
    sim_points_metrics(l, &m);
    return watch->metrics(watch->arg, &row, &m, err);
}

static bool over(const struct sim_points *l, char *reason)
{
    struct sim_left left = { l->kept.n, l->pool.n, l->starved, l->short_supply ? l->plan_err.text : NULL };

    return sim_is_over(l->setup, &left, reason);
}

static enum wn_status turn(struct sim_points *l, const struct sim_watch *watch, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    struct sim_data data = sim_kept_data(&l->kept);
    enum wn_status st = gen->fit(l->state, l->generation, &data, err);

    if (st == WN_OK)
        st = intake(l, err);
    if (st == WN_OK)
        st = choose(l, err);
    if (st == WN_OK && l->run.policy->regime == WN_REGIME_GENERAL)
        st = gen->model_take(l->state, l->blend.model[l->blend.n - 1], err);
    if (st == WN_OK && sim_is_recorded(l->run.opts, l->generation))
        st = record(l, watch, err);
    return st;
}

static enum wn_status generations(struct sim_points *l, const struct sim_watch *watch, struct wn_err *err)
{
    const struct wn_sim_opts *o = l->run.opts;
    enum wn_status st = first_data(l, err);
    char reason[WN_ERR_TEXT];

    for (l->generation = 1; st == WN_OK && l->generation <= o->generations; l->generation++) {
        if (o->stop && atomic_load(o->stop))
            return wn_fail(err, WN_CANCELLED, "cancelled in generation %u", l->generation);
        if (l->generation == 1 && o->first_mixed && over(l, reason))
            break;                                           /* nothing for the first fit */
        st = turn(l, watch, err);
        if (st == WN_OK && over(l, reason))
            break;
    }
    if (st == WN_OK && l->generation <= o->generations) {
        struct sim_row row = { l->run.policy, l->run.replicate, l->generation };

        st = watch->ended(watch->arg, &row, l->kept.n, reason, err);
    }
    return st;
}

enum wn_status sim_points_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                              const struct sim_watch *watch, struct wn_err *err)
{
    struct sim_points l = { .setup = s, .source = sim_verdict_source(s, policy) };
    enum wn_status st;

    l.is_keyed = policy->topup || mix_looks_at_keys(policy);
    l.is_judged = l.source != SIM_FROM_NOTHING || policy->filter_by == WN_FILTER_IMPORTANCE;
    l.run = (struct sim_run){ &s->opts, policy, replicate, &l.arena };
    l.pool.item_size = s->gen->item_size(&s->opts);
    st = s->gen->begin(&l.state, s->world, &l.run, err);
    if (st == WN_OK)
        st = generations(&l, watch, err);
    if (s->gen->end)
        s->gen->end(l.state);
    sim_blend_release(&l.blend);
    sim_pool_release(&l.pool);
    sim_kept_release(&l.kept);
    free(l.first);
    free(l.human_scores);
    wn_arena_release(&l.arena);
    return st;
}
