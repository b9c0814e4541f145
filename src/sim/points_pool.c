#include "sim/points_pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The confidence of a detector that is known by its laws alone. */
static double drawn_confidence(const struct sim_points *l, bool synthetic, size_t index)
{
    const struct wn_policy *p = l->run.policy;
    const double *law = synthetic ? p->synthetic_confidence : p->human_confidence;
    struct wn_rng rng;

    if (!(law[0] > 0))
        return (double)NAN;
    wn_rng_init(&rng, l->run.opts->seed, WN_DOMAIN_OPERATE, l->run.replicate, l->generation, index);
    return sim_draw_beta(&rng, law[0], law[1]);
}

static enum wn_status judge(struct sim_points *l, size_t i, size_t index, struct wn_err *err)
{
    struct sim_judgement said = { WN_UNKNOWN, (double)NAN };
    bool synthetic = !l->pool.is_real[i];
    enum wn_status st = WN_OK;

    switch (l->source) {
    case SIM_FROM_NOTHING:
        break;
    case SIM_FROM_TAGGER:
        st = l->setup->gen->tag(l->state, sim_pool_value(&l->pool, i), &said, err);
        break;
    case SIM_FROM_RATES:
        said.verdict = drawn_verdict(&l->run.policy->op, synthetic,
                                     wn_keyed_u01(l->run.opts->seed, WN_DOMAIN_OPERATE, l->run.replicate,
                                                  l->generation, index));
        break;
    case SIM_FROM_ORIGIN:
        said.verdict = synthetic ? WN_SYNTHETIC : WN_HUMAN;
        break;
    }
    if (l->source != SIM_FROM_TAGGER && l->run.policy->filter_by == WN_FILTER_IMPORTANCE)
        said.p_synthetic = drawn_confidence(l, synthetic, index);
    l->pool.item[i].verdict = (uint8_t)said.verdict;
    l->pool.item[i].p_synthetic = (float)said.p_synthetic;
    return st;
}

/* Appends NUMBER in digits; returns how many. */
static size_t write_number(char *out, size_t number)
{
    size_t n = 0;

    do
        out[n++] = (char)('0' + number % 10);
    while (number /= 10);
    for (size_t i = 0; i < n / 2; i++) {
        char c = out[i];

        out[i] = out[n - 1 - i];
        out[n - 1 - i] = c;
    }
    return n;
}

/* Item INDEX of generation G is the document "gG-INDEX" of the source "run". */
static void give_keys(struct sim_points *l, size_t first, size_t n)
{
    char id[48];
    int head = snprintf(id, sizeof(id), "g%u-", l->generation);

    for (size_t i = first; i < first + n; i++) {
        size_t length = (size_t)head + write_number(id + head, i - l->newest);

        l->pool.item[i].key = wn_mix_key(WN_STR("run"), (struct wn_str){ id, length });
    }
}

/* Gives the N values behind the pool's end their papers and lets them in.  Keys are made
 * where somebody will read them, and judges asked where there are any. */
static enum wn_status admit(struct sim_points *l, size_t n, struct sim_papers papers, struct wn_err *err)
{
    const struct wn_mix_item blank = { .n_tokens = 1, .generation = l->generation, .origin = (uint8_t)papers.declared,
                                       .verdict = WN_UNKNOWN, .p_synthetic = NAN };
    const struct sim_generator *gen = l->setup->gen;
    size_t first = l->pool.n;
    enum wn_status st = WN_OK;

    for (size_t i = first; i < first + n; i++) {
        l->pool.item[i] = blank;
        l->pool.is_real[i] = papers.is_real;
        l->pool.print[i] = 0;
    }
    for (size_t i = first; gen->tokens && i < first + n; i++)
        l->pool.item[i].n_tokens = gen->tokens(sim_pool_value(&l->pool, i));
    if (l->is_keyed)
        give_keys(l, first, n);
    l->pool.n += n;
    for (size_t i = first; l->is_judged && i < first + n && st == WN_OK; i++)
        st = judge(l, i, i - l->newest, err);
    return st;
}

/* The originals of generation 0, one after the other. */
static enum wn_status edited(struct sim_points *l, void *out, size_t n, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    size_t size = l->pool.item_size, done = 0;
    enum wn_status st = WN_OK;

    while (done < n && st == WN_OK) {
        size_t part = n - done < l->n_first ? n - done : l->n_first;

        st = gen->edit(l->state, l->generation, done, l->first, part, l->run.policy->edit_above,
                       (unsigned char *)out + done * size, err);
        done += part;
    }
    return st;
}

static enum wn_status too_many(uint64_t n, struct wn_err *err)
{
    return wn_fail(err, WN_LIMIT, "a generation of %llu items is too large to be drawn item by item",
                   (unsigned long long)n);
}

enum wn_status sim_points_add(struct sim_points *l, uint64_t n, struct sim_papers papers, struct wn_err *err)
{
    const struct sim_generator *gen = l->setup->gen;
    size_t first = l->pool.n - l->newest;
    enum wn_status st;
    void *out;

    if (n == 0)
        return WN_OK;
    if (n > UINT32_MAX)
        return too_many(n, err);
    st = sim_pool_reserve(&l->pool, n, err);
    if (st != WN_OK)
        return st;
    out = sim_pool_value(&l->pool, l->pool.n);
    if (papers.hand == SIM_BY_TRUTH)
        st = gen->real(l->state, l->generation, first, out, n, err);
    else if (papers.hand == SIM_BY_EDITING)
        st = edited(l, out, n, err);
    else
        st = gen->sample(l->state, l->generation, first, out, n, err);
    return st == WN_OK ? admit(l, n, papers, err) : st;
}

/* ---- generation 0, taken up again ------------------------------------------------------------ */

enum wn_status sim_points_remember_first(struct sim_points *l, struct wn_err *err)
{
    const struct wn_policy *p = l->run.policy;
    size_t bytes = l->pool.n * l->pool.item_size;

    if (p->regime != WN_REGIME_EDIT && !p->real_from_first)
        return WN_OK;
    l->first = malloc(bytes ? bytes : 1);
    if (!l->first)
        return wn_fail(err, WN_NOMEM, "cannot keep the first %zu items: out of memory", l->pool.n);
    memcpy(l->first, l->pool.value, bytes);
    l->n_first = l->pool.n;
    return WN_OK;
}

/* A draw without replacement: the head of a shuffle that is made as far as it is read. */
static enum wn_status drawn_again(struct sim_points *l, unsigned char *out, size_t n, struct wn_err *err)
{
    size_t *order = malloc((l->n_first + 1) * sizeof(*order));
    struct wn_rng rng;

    if (!order)
        return wn_fail(err, WN_NOMEM, "cannot draw from the first %zu items: out of memory", l->n_first);
    for (size_t i = 0; i < l->n_first; i++)
        order[i] = i;
    wn_rng_init(&rng, l->run.opts->seed, WN_DOMAIN_SHUFFLE, l->run.replicate, l->generation, 0);
    for (size_t i = 0; i < n; i++) {
        size_t j = i + (size_t)wn_rng_below(&rng, l->n_first - i), chosen = order[j];

        order[j] = order[i];
        memcpy(out + i * l->pool.item_size, l->first + chosen * l->pool.item_size, l->pool.item_size);
    }
    free(order);
    return WN_OK;
}

enum wn_status sim_points_again(struct sim_points *l, uint64_t n, struct wn_err *err)
{
    struct sim_papers papers = { WN_ORIGIN_REAL, true, SIM_BY_TRUTH };
    enum wn_status st;

    if (n > l->n_first)
        n = l->n_first;
    if (n == 0)
        return WN_OK;
    st = sim_pool_reserve(&l->pool, n, err);
    if (st == WN_OK)
        st = drawn_again(l, sim_pool_value(&l->pool, l->pool.n), n, err);
    return st == WN_OK ? admit(l, n, papers, err) : st;
}

/* ---- the detector's view ------------------------------------------------------------------------ */

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

enum wn_status sim_points_remember_scores(struct sim_points *l, struct wn_err *err)
{
    l->human_scores = malloc((l->pool.n + 1) * sizeof(*l->human_scores));
    if (!l->human_scores)
        return wn_fail(err, WN_NOMEM, "cannot keep %zu scores: out of memory", l->pool.n);
    for (size_t i = 0; i < l->pool.n; i++)
        if (!isnan(l->pool.item[i].p_synthetic))
            l->human_scores[l->n_human_scores++] = l->pool.item[i].p_synthetic;
    qsort(l->human_scores, l->n_human_scores, sizeof(*l->human_scores), rising);
    return WN_OK;
}

/* How many human scores are below SCORE, those equal to it counting half. */
static double rank_among_humans(const struct sim_points *l, float score)
{
    size_t below = 0, up_to, high = l->n_human_scores;

    while (below < high) {
        size_t mid = below + (high - below) / 2;

        if (l->human_scores[mid] < score)
            below = mid + 1;
        else
            high = mid;
    }
    for (up_to = below, high = l->n_human_scores; up_to < high;) {
        size_t mid = up_to + (high - up_to) / 2;

        if (l->human_scores[mid] <= score)
            up_to = mid + 1;
        else
            high = mid;
    }
    return ((double)below + (double)up_to) / 2;
}

/* Mean P(synthetic) of what the newest model wrote, and the chance that it scores above
 * a real item of generation 0 (the area under the ROC: Mann and Whitney 1947). */
static void detector_view(const struct sim_points *l, struct sim_metrics *m)
{
    double sum = 0, ranks = 0;
    size_t n = 0;

    for (size_t i = l->newest; i < l->newest + l->n_generated; i++) {
        float score = l->pool.item[i].p_synthetic;

        if (isnan(score))
            continue;
        sum += score;
        ranks += rank_among_humans(l, score);
        n++;
    }
    if (n == 0)
        return;
    sim_metrics_add(m, "mean_p_synthetic", sum / (double)n, n);
    if (l->n_human_scores > 0)
        sim_metrics_add(m, "detector_auroc", ranks / (double)n / (double)l->n_human_scores, n);
}

/* ---- topup ---------------------------------------------------------------------------------------- */

uint64_t sim_points_kept_new(const struct sim_points *l)
{
    uint64_t n = 0;

    for (size_t i = l->newest; i < l->pool.n; i++)
        n += l->pool.item[i].fate == WN_FATE_KEPT;
    return n;
}

struct lot {
    uint64_t draw;
    size_t index;
};

static int by_draw(const void *a, const void *b)
{
    const struct lot *x = a, *y = b;

    if (x->draw != y->draw)
        return x->draw < y->draw ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

enum wn_status sim_points_bar_surplus(struct sim_points *l, uint64_t want, struct wn_err *err)
{
    const struct sim_run *run = &l->run;
    struct lot *kept = malloc((l->pool.n - l->newest + 1) * sizeof(*kept));
    size_t n = 0;

    if (!kept)
        return wn_fail(err, WN_NOMEM, "cannot fill a generation: out of memory");
    /* By lot and not in the order of arrival: synthetic items come first in each round. */
    for (size_t i = l->newest; i < l->pool.n; i++)
        if (l->pool.item[i].fate == WN_FATE_KEPT)
            kept[n++] = (struct lot){ wn_keyed_u64(run->opts->seed, WN_DOMAIN_SELECT, run->replicate,
                                                   l->pool.item[i].key.hi, l->pool.item[i].key.lo), i };
    qsort(kept, n, sizeof(*kept), by_draw);
    for (size_t i = want; i < n; i++)
        l->pool.item[kept[i].index].barred = WN_FATE_BUDGET;
    free(kept);
    return WN_OK;
}

/* ---- metrics ---------------------------------------------------------------------------------------- */

/* How often the verdict synthetic fell on what the pool holds of one true origin. */
static void achieved_rate(const struct sim_points *l, bool is_real, const char *name, struct sim_metrics *m)
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

static void dropped(const struct sim_points *l, struct sim_metrics *m)
{
    static const char *const name[WN_FATE_COUNT] = {
        [WN_FATE_REGIME] = "dropped_regime", [WN_FATE_FILTER] = "dropped_filter", [WN_FATE_WEIGHT] = "dropped_weight",
        [WN_FATE_QUOTA] = "dropped_quota",   [WN_FATE_BUDGET] = "dropped_budget",
    };

    for (int f = 0; f < WN_FATE_COUNT; f++)
        if (name[f])
            sim_metrics_add(m, name[f], (double)l->sum.n[f], l->pool.n);
    if (l->run.policy->dedup != WN_DEDUP_NONE)
        sim_metrics_add(m, "dropped_duplicate", (double)l->sum.n[WN_FATE_DUPLICATE], l->pool.n);
}

void sim_points_metrics(const struct sim_points *l, struct sim_metrics *m)
{
    uint64_t pool = l->pool.n, kept = l->kept.n;

    if (l->source == SIM_FROM_TAGGER)
        detector_view(l, m);
    sim_metrics_add(m, "pool", (double)pool, pool);
    sim_metrics_add(m, "kept", (double)kept, pool);
    dropped(l, m);
    if (kept > 0)
        sim_metrics_add(m, "real_share", (double)l->kept.n_real / (double)kept, kept);
    if (l->source != SIM_FROM_NOTHING) {
        achieved_rate(l, false, "achieved_tpr", m);
        achieved_rate(l, true, "achieved_fpr", m);
    }
}
