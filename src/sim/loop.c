#include "sim/loop.h"

#include <stdio.h>
#include <stdlib.h>

#include <winnow/rng.h>

#include "sim/inflow.h"
#include "sim/pool.h"
#include "sim/simtrace.h"

/* Where verdicts come from. */
enum source {
    FROM_NOTHING,      /* all unknown; the policy does not look */
    FROM_TAGGER,       /* the real detectors read the text      */
    FROM_RATES,        /* drawn from the operating point        */
    FROM_ORIGIN        /* the oracle                            */
};

struct loop {
    const struct sim_setup *setup;
    const struct wn_policy *policy;
    struct sim_run run;
    struct wn_arena arena;
    enum source source;
    void *state;
    struct sim_pool pool;
    union sim_value *data;         /* what the next model is fitted on */
    size_t n_data, cap_data;
    size_t newest;                 /* index in pool of the first item of this generation */
    double p_synthetic_sum;        /* over what the newest model wrote                   */
    uint32_t generation;
};

static enum source verdict_source(const struct sim_setup *s, const struct wn_policy *p)
{
    if (s->gen->tag && s->opts->tagger)
        return FROM_TAGGER;
    if (p->op.given)
        return FROM_RATES;
    return p->filter_by == WN_FILTER_ORACLE ? FROM_ORIGIN : FROM_NOTHING;
}

enum wn_status sim_loop_check(const struct sim_setup *s, const struct wn_policy *policy, struct wn_err *err)
{
    bool looks = policy->filter_by == WN_FILTER_TAG || policy->max_synthetic < 1;

    if (looks && verdict_source(s, policy) == FROM_NOTHING)
        return wn_fail(err, WN_BADCONF,
                       "policy '%s' goes by tags, and engine '%s' has no %s: give the policy an operating point "
                       "(tpr and fpr, as measured by winnow eval)%s",
                       policy->name, s->gen->name, s->gen->tag ? "tagger" : "text to tag",
                       s->gen->tag ? " or give a model to tag with" : "");
    return WN_OK;
}

/* The verdict of an operating point: one uniform number an item, so that an item keeps
 * its verdict for as long as it stays in the pool. */
static enum wn_verdict drawn_verdict(const struct wn_operating_point *op, bool synthetic, double u)
{
    double flagged = synthetic ? op->tpr : op->fpr;
    double unsure = synthetic ? op->unknown_synthetic : op->unknown_human;

    if (u < flagged)
        return WN_SYNTHETIC;
    return u < flagged + unsure ? WN_UNKNOWN : WN_HUMAN;
}

static enum wn_status judge(struct loop *l, size_t i, size_t index, struct wn_err *err)
{
    struct sim_judgement said = { WN_UNKNOWN, 0 };
    bool synthetic = !l->pool.is_real[i];
    enum wn_status st = WN_OK;

    switch (l->source) {
    case FROM_NOTHING:
        break;
    case FROM_TAGGER:
        st = l->setup->gen->tag(l->state, &l->pool.value[i], &said, err);
        break;
    case FROM_RATES:
        said.verdict = drawn_verdict(&l->policy->op, synthetic,
                                     wn_keyed_u01(l->run.opts->seed, WN_DOMAIN_OPERATE, l->run.replicate,
                                                  l->generation, index));
        break;
    case FROM_ORIGIN:
        said.verdict = synthetic ? WN_SYNTHETIC : WN_HUMAN;
        break;
    }
    l->pool.item[i].verdict = (uint8_t)said.verdict;
    if (synthetic)
        l->p_synthetic_sum += said.p_synthetic;
    return st;
}

/* What the N new values are said to be, and what they are. */
struct papers {
    enum wn_origin declared;
    bool is_real;
};

/* Gives the N values behind the pool's end their papers and lets them in. */
static enum wn_status admit(struct loop *l, size_t n, struct papers papers, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    enum wn_status st = WN_OK;

    for (size_t k = 0; k < n && st == WN_OK; k++) {
        size_t i = l->pool.n, index = i - l->newest;
        struct wn_mix_item *item = &l->pool.item[i];
        char id[48];

        snprintf(id, sizeof(id), "g%u-%zu", l->generation, index);
        memset(item, 0, sizeof(*item));
        item->key = wn_mix_key(WN_STR("run"), wn_str(id));
        item->n_tokens = gen->tokens ? gen->tokens(&l->pool.value[i]) : 1;
        item->generation = l->generation;
        item->origin = (uint8_t)papers.declared;
        l->pool.is_real[i] = papers.is_real;
        l->pool.n++;
        st = judge(l, i, index, err);
    }
    return st;
}

/* Under a regime that forgets, only the newest generation is in the pool. */
static void forget(struct loop *l)
{
    if (!sim_regime_accumulates(l->policy->regime))
        l->pool.n = 0;
    l->newest = l->pool.n;
    l->p_synthetic_sum = 0;
}

static enum wn_status add_real(struct loop *l, size_t n, enum wn_origin declared, struct wn_err *err)
{
    struct papers papers = { declared, true };
    size_t first = l->pool.n - l->newest;
    enum wn_status st = sim_pool_reserve(&l->pool, n, err);

    if (st == WN_OK)
        st = l->setup->gen->real(l->state, l->generation, first, l->pool.value + l->pool.n, n, err);
    return st == WN_OK ? admit(l, n, papers, err) : st;
}

static enum wn_status add_synthetic(struct loop *l, size_t n, enum wn_origin declared, struct wn_err *err)
{
    struct papers papers = { declared, false };
    enum wn_status st = sim_pool_reserve(&l->pool, n, err);

    if (st == WN_OK)
        st = l->setup->gen->sample(l->state, l->generation, l->pool.value + l->pool.n, n, err);
    return st == WN_OK ? admit(l, n, papers, err) : st;
}

/* The new items of one generation.  A scrape does not say what is in it, but an oracle
 * knows. */
static enum wn_status take_in(struct loop *l, const struct sim_inflow *in, struct wn_err *err)
{
    bool hidden = l->run.opts->scraped_human_share > 0 && l->policy->filter_by != WN_FILTER_ORACLE;
    enum wn_status st;

    forget(l);
    st = add_synthetic(l, in->synthetic, hidden ? WN_ORIGIN_SCRAPED : WN_ORIGIN_SYNTHETIC, err);
    if (st == WN_OK)
        st = add_real(l, in->scraped, hidden ? WN_ORIGIN_SCRAPED : WN_ORIGIN_REAL, err);
    if (st == WN_OK)
        st = add_real(l, in->fresh, WN_ORIGIN_REAL, err);
    return st;
}

static enum wn_status take_data(struct loop *l, struct wn_err *err)
{
    if (l->pool.n > l->cap_data) {
        union sim_value *bigger = realloc(l->data, l->pool.cap * sizeof(*bigger));

        if (!bigger)
            return wn_fail(err, WN_NOMEM, "cannot hold %zu items: out of memory", l->pool.n);
        l->data = bigger;
        l->cap_data = l->pool.cap;
    }
    l->n_data = sim_pool_take(&l->pool, l->data);
    return WN_OK;
}

/* Generation 0: real data, all of it kept. */
static enum wn_status first_data(struct loop *l, struct wn_err *err)
{
    enum wn_status st = add_real(l, l->run.opts->n, WN_ORIGIN_REAL, err);

    for (size_t i = 0; st == WN_OK && i < l->pool.n; i++)
        l->pool.item[i].fate = WN_FATE_KEPT;
    return st == WN_OK ? take_data(l, err) : st;
}

/* How often the verdict synthetic fell on what the pool holds of one true origin. */
static void achieved_rate(const struct loop *l, bool is_real, const char *name, struct sim_metrics *m)
{
    uint64_t hits = 0, n = 0;

    for (size_t i = 0; i < l->pool.n; i++) {
        if (l->pool.is_real[i] != is_real)
            continue;
        n++;
        hits += l->pool.item[i].verdict == WN_SYNTHETIC;
    }
    if (n > 0)
        sim_metrics_add(m, name, (double)hits / (double)n, n);
}

static uint64_t real_kept(const struct sim_pool *p)
{
    uint64_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        n += p->is_real[i] && p->item[i].fate == WN_FATE_KEPT;
    return n;
}

static void pool_metrics(const struct loop *l, const struct wn_mix_summary *sum, struct sim_metrics *m)
{
    static const char *const dropped[WN_FATE_COUNT] = {
        [WN_FATE_REGIME] = "dropped_regime", [WN_FATE_FILTER] = "dropped_filter", [WN_FATE_WEIGHT] = "dropped_weight",
        [WN_FATE_QUOTA] = "dropped_quota",   [WN_FATE_BUDGET] = "dropped_budget",
    };
    uint64_t pool = l->pool.n, kept = sum->n[WN_FATE_KEPT];

    sim_metrics_add(m, "pool", (double)pool, pool);
    sim_metrics_add(m, "kept", (double)kept, pool);
    for (int f = 0; f < WN_FATE_COUNT; f++)
        if (dropped[f])
            sim_metrics_add(m, dropped[f], (double)sum->n[f], pool);
    if (kept > 0)
        sim_metrics_add(m, "real_share", (double)real_kept(&l->pool) / (double)kept, kept);
    if (l->source != FROM_NOTHING) {
        achieved_rate(l, false, "achieved_tpr", m);
        achieved_rate(l, true, "achieved_fpr", m);
    }
}

/* fit, sample, pool, keep: one turn of the loop; the metrics go to M. */
static enum wn_status turn(struct loop *l, struct sim_metrics *m, struct wn_err *plan_err, bool *short_supply,
                           struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    struct sim_inflow in = sim_inflow(l->run.opts, l->policy);
    struct sim_view view = { l->generation, l->policy, NULL, in.synthetic };
    struct wn_mix_summary sum;
    enum wn_status st;

    st = gen->fit(l->state, l->generation, l->data, l->n_data, err);
    if (st == WN_OK)
        st = take_in(l, &in, err);
    if (st != WN_OK)
        return st;
    view.generated = l->pool.value + l->newest;
    st = gen->compare(l->state, &view, m, err);
    if (st != WN_OK)
        return st;
    if (l->source == FROM_TAGGER && in.synthetic > 0)
        sim_metrics_add(m, "mean_p_synthetic", l->p_synthetic_sum / (double)in.synthetic, in.synthetic);

    st = sim_pool_plan(&l->pool, l->policy, &l->run, l->generation, &sum, plan_err);
    *short_supply = st == WN_LIMIT;
    if (st != WN_OK && st != WN_LIMIT)
        return wn_fail(err, st, "%s", plan_err->text);
    pool_metrics(l, &sum, m);
    return take_data(l, err);
}

/* True when no further model can be fitted; then the last row says why. */
static bool ended(const struct loop *l, bool short_supply, const struct wn_err *plan_err, const struct sim_row *row,
                  struct wn_buf *out)
{
    size_t least = l->setup->gen->min_items(l->run.opts);
    char reason[WN_ERR_TEXT];

    if (l->n_data == 0)
        snprintf(reason, sizeof(reason), "the pool is empty: none of %zu items was kept", l->pool.n);
    else if (l->n_data < least)
        snprintf(reason, sizeof(reason), "%zu of %zu items were kept, a fit needs %zu", l->n_data, l->pool.n, least);
    else if (short_supply)
        snprintf(reason, sizeof(reason), "%s", plan_err->text);
    else
        return false;
    sim_trace_ended(out, row, l->n_data, reason);
    return true;
}

static enum wn_status generations(struct loop *l, struct wn_buf *out, struct wn_err *err)
{
    const struct wn_sim_opts *opts = l->run.opts;
    char name[sizeof(l->policy->name) + 16];
    struct sim_row row = { name, l->policy->name, l->run.replicate, 0 };
    enum wn_status st = first_data(l, err);
    bool over = false;

    snprintf(name, sizeof(name), "%s/%u", l->policy->name, l->run.replicate);
    for (l->generation = 1; st == WN_OK && !over && l->generation <= opts->generations; l->generation++) {
        struct sim_metrics m = { .n = 0 };
        struct wn_err plan_err;
        bool short_supply;

        if (opts->stop && atomic_load(opts->stop))
            return wn_fail(err, WN_CANCELLED, "cancelled in generation %u", l->generation);
        row.generation = l->generation;
        st = turn(l, &m, &plan_err, &short_supply, err);
        if (st == WN_OK)
            st = sim_trace_rows(out, &row, &m, err);
        if (st == WN_OK)
            over = ended(l, short_supply, &plan_err, &row, out);
    }
    return st == WN_OK ? wn_buf_status(out, err) : st;
}

enum wn_status sim_loop_run(const struct sim_setup *s, const struct wn_policy *policy, uint32_t replicate,
                            struct wn_buf *out, struct wn_err *err)
{
    struct loop l = { .setup = s, .policy = policy, .source = verdict_source(s, policy) };
    enum wn_status st;

    l.run.opts = s->opts;
    l.run.replicate = replicate;
    l.run.arena = &l.arena;
    st = s->gen->begin(&l.state, s->world, &l.run, err);
    if (st == WN_OK)
        st = generations(&l, out, err);
    if (s->gen->end)
        s->gen->end(l.state);
    sim_pool_release(&l.pool);
    free(l.data);
    wn_arena_release(&l.arena);
    return st;
}
