#include <winnow/tagger.h>

#include <math.h>
#include <stdlib.h>

#include <winnow/tails.h>

#include "detect/ranking.h"
#include "detect/slices.h"

static const double level = 0.95;         /* of every interval                        */
static const double default_prior = 0.5;  /* of tags, unless trained otherwise        */
static const double roc_step = 0.01;      /* ROC points closer than this are left out */
static const double fixed_fprs[] = { 0.001, 0.01, 0.05 };

struct labelled {
    double p_synthetic;
    uint16_t slice;
    uint8_t verdict;
    bool is_synthetic;
};

struct wn_eval {
    struct labelled *rows;
    size_t n, cap;
    double prior;
    struct slices slices;
};

/* Counts of one set of rows: [label][verdict]. */
struct table {
    uint64_t n[2], verdict[2][3];
};

struct wn_eval *wn_eval_new(void)
{
    struct wn_eval *e = calloc(1, sizeof(*e));

    if (e)
        e->prior = default_prior;
    return e;
}

void wn_eval_free(struct wn_eval *e)
{
    if (!e)
        return;
    slices_release(&e->slices);
    free(e->rows);
    free(e);
}

void wn_eval_set_prior(struct wn_eval *e, double prior)
{
    e->prior = prior > 0 && prior < 1 ? prior : 0;
}

enum wn_status wn_eval_add(struct wn_eval *e, const struct wn_tag *tag, bool is_synthetic, const char *slice,
                           struct wn_err *err)
{
    size_t index = 0;
    enum wn_status st = slices_index(&e->slices, wn_str(slice), &index, err);

    if (st != WN_OK)
        return st;
    if (e->n == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 1024, bytes;
        struct labelled *more = wn_mul_ok(cap, sizeof(*more), &bytes) ? realloc(e->rows, bytes) : NULL;

        if (!more)
            return wn_fail(err, WN_NOMEM, "out of memory after %zu labelled documents", e->n);
        e->rows = more;
        e->cap = cap;
    }
    e->rows[e->n++] = (struct labelled){ tag->p_synthetic, (uint16_t)index, (uint8_t)tag->verdict, is_synthetic };
    return WN_OK;
}

/* ---- figures ------------------------------------------------------------------------------- */

/* A set of rows: all of them, or those of one slice. */
struct figures {
    struct table t;
    struct ranked *ranked;      /* falling score; NULL: no memory for a ranking */
    size_t n;
};

static void figures_init(struct figures *g, const struct wn_eval *e, bool all, size_t slice)
{
    memset(g, 0, sizeof(*g));
    g->ranked = malloc((e->n ? e->n : 1) * sizeof(*g->ranked));
    for (size_t i = 0; i < e->n; i++) {
        const struct labelled *r = &e->rows[i];

        if (!all && r->slice != slice)
            continue;
        g->t.n[r->is_synthetic]++;
        g->t.verdict[r->is_synthetic][r->verdict]++;
        if (g->ranked)
            g->ranked[g->n++] = (struct ranked){ r->p_synthetic, r->is_synthetic };
    }
    if (g->ranked)
        ranking_sort(g->ranked, g->n);
}

static double ratio(uint64_t hits, uint64_t n)
{
    return n ? (double)hits / (double)n : NAN;
}

void wn_eval_quality(const struct wn_eval *e, struct wn_quality *out)
{
    struct figures g;
    struct calibration c;

    memset(out, 0, sizeof(*out));
    figures_init(&g, e, true, 0);
    ranking_calibration(g.ranked, g.n, e->prior, &c);
    out->n_human = g.t.n[0];
    out->n_synthetic = g.t.n[1];
    out->auroc = ranking_auroc(g.ranked, g.n);
    out->tpr = (struct wn_rate){ g.t.verdict[1][WN_SYNTHETIC], g.t.n[1] };
    out->fpr = (struct wn_rate){ g.t.verdict[0][WN_SYNTHETIC], g.t.n[0] };
    out->unknown_h = (struct wn_rate){ g.t.verdict[0][WN_UNKNOWN], g.t.n[0] };
    out->unknown_s = (struct wn_rate){ g.t.verdict[1][WN_UNKNOWN], g.t.n[1] };
    out->tpr_at_fpr01 = ratio(ranking_at_fpr(g.ranked, g.n, g.t.n[0], 0.01).hits, g.t.n[1]);
    out->brier = c.brier;
    out->ece = c.ece;
    free(g.ranked);
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void write_rate(struct wn_json *j, const char *key, uint64_t hits, uint64_t n)
{
    struct wn_interval ci = wn_rate_interval(hits, n, level);

    wn_json_open(j, key, '{');
    wn_json_add_num(j, "rate", ratio(hits, n));
    wn_json_add_num(j, "low", ci.low);
    wn_json_add_num(j, "high", ci.high);
    wn_json_add_uint(j, "hits", hits);
    wn_json_add_uint(j, "n", n);
    wn_json_close(j, '}');
}

static void write_rates(struct wn_json *j, const struct table *t)
{
    wn_json_add_uint(j, "n_human", t->n[0]);
    wn_json_add_uint(j, "n_synthetic", t->n[1]);
    write_rate(j, "tpr", t->verdict[1][WN_SYNTHETIC], t->n[1]);
    write_rate(j, "fpr", t->verdict[0][WN_SYNTHETIC], t->n[0]);
    write_rate(j, "tnr", t->verdict[0][WN_HUMAN], t->n[0]);
    write_rate(j, "fnr", t->verdict[1][WN_HUMAN], t->n[1]);
    write_rate(j, "unknown_human", t->verdict[0][WN_UNKNOWN], t->n[0]);
    write_rate(j, "unknown_synthetic", t->verdict[1][WN_UNKNOWN], t->n[1]);
}

/* What a policy reads; left out when a class is missing, for then it is not measured. */
static void write_operating_point(struct wn_json *j, const struct table *t)
{
    struct wn_interval tpr = wn_rate_interval(t->verdict[1][WN_SYNTHETIC], t->n[1], level);
    struct wn_interval fpr = wn_rate_interval(t->verdict[0][WN_SYNTHETIC], t->n[0], level);

    if (!t->n[0] || !t->n[1])
        return;
    wn_json_open(j, "operating_point", '{');
    wn_json_add_num(j, "tpr", ratio(t->verdict[1][WN_SYNTHETIC], t->n[1]));
    wn_json_add_num(j, "fpr", ratio(t->verdict[0][WN_SYNTHETIC], t->n[0]));
    wn_json_add_num(j, "unknown_synthetic", ratio(t->verdict[1][WN_UNKNOWN], t->n[1]));
    wn_json_add_num(j, "unknown_human", ratio(t->verdict[0][WN_UNKNOWN], t->n[0]));
    wn_json_add_num(j, "tpr_low", tpr.low);
    wn_json_add_num(j, "tpr_high", tpr.high);
    wn_json_add_num(j, "fpr_low", fpr.low);
    wn_json_add_num(j, "fpr_high", fpr.high);
    wn_json_close(j, '}');
}

static void write_fixed_fpr(struct wn_json *j, const struct figures *g)
{
    wn_json_open(j, "tpr_at_fpr", '[');
    for (size_t i = 0; i < sizeof(fixed_fprs) / sizeof(fixed_fprs[0]); i++) {
        struct roc_point p = ranking_at_fpr(g->ranked, g->n, g->t.n[0], fixed_fprs[i]);

        wn_json_open(j, NULL, '{');
        wn_json_add_num(j, "fpr", fixed_fprs[i]);
        wn_json_add_num(j, "threshold", p.threshold);
        wn_json_add_uint(j, "false_alarms", p.false_alarms);
        write_rate(j, "tpr", p.hits, g->t.n[1]);
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}

static void write_roc(struct wn_json *j, const struct figures *g)
{
    struct roc_point p = { 0 };
    double fpr = -1, tpr = -1;
    size_t i = 0;

    wn_json_open(j, "roc", '[');
    while (ranking_next(g->ranked, g->n, &i, &p)) {
        double f = ratio(p.false_alarms, g->t.n[0]), t = ratio(p.hits, g->t.n[1]);

        if (i < g->n && f - fpr < roc_step && t - tpr < roc_step)
            continue;
        wn_json_open(j, NULL, '{');
        wn_json_add_num(j, "threshold", p.threshold);
        wn_json_add_num(j, "fpr", f);
        wn_json_add_num(j, "tpr", t);
        wn_json_close(j, '}');
        fpr = f;
        tpr = t;
    }
    wn_json_close(j, ']');
}

static void write_calibration(struct wn_json *j, const struct figures *g, double prior)
{
    struct calibration c;

    ranking_calibration(g->ranked, g->n, prior, &c);
    wn_json_add_num(j, "prior", prior > 0 ? prior : ratio(g->t.n[1], g->t.n[0] + g->t.n[1]));
    wn_json_add_num(j, "brier", c.brier);
    wn_json_add_num(j, "ece", c.ece);
    wn_json_open(j, "reliability", '[');
    for (int b = 0; b < CALIBRATION_BINS; b++) {
        wn_json_open(j, NULL, '{');
        wn_json_add_num(j, "low", (double)b / CALIBRATION_BINS);
        wn_json_add_num(j, "high", (double)(b + 1) / CALIBRATION_BINS);
        wn_json_add_uint(j, "n", c.bin[b].n);
        wn_json_add_num(j, "mean_p", c.bin[b].n ? c.bin[b].mean_p : NAN);
        wn_json_add_num(j, "synthetic_share", c.bin[b].n ? c.bin[b].share : NAN);
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}

static void write_slices(struct wn_json *j, const struct wn_eval *e)
{
    size_t order[SLICES_MAX + 1];

    slices_sorted(&e->slices, order);
    wn_json_open(j, "slices", '[');
    for (size_t i = 0; i < e->slices.n; i++) {
        struct figures g;

        figures_init(&g, e, false, order[i]);
        wn_json_open(j, NULL, '{');
        wn_json_add_str(j, "slice", e->slices.name[order[i]]);
        wn_json_add_num(j, "auroc", ranking_auroc(g.ranked, g.n));
        write_rates(j, &g.t);
        wn_json_close(j, '}');
        free(g.ranked);
    }
    wn_json_close(j, ']');
}

void wn_eval_members(const struct wn_eval *e, struct wn_json *j)
{
    struct figures g;

    figures_init(&g, e, true, 0);
    wn_json_add_strz(j, "kind", "eval");
    wn_json_add_num(j, "level", level);
    wn_json_add_num(j, "auroc", ranking_auroc(g.ranked, g.n));
    write_rates(j, &g.t);
    write_fixed_fpr(j, &g);
    write_calibration(j, &g, e->prior);
    write_roc(j, &g);
    write_operating_point(j, &g.t);
    write_slices(j, e);
    free(g.ranked);
}

void wn_eval_json(const struct wn_eval *e, struct wn_json *j, const char *key)
{
    wn_json_open(j, key, '{');
    wn_eval_members(e, j);
    wn_json_close(j, '}');
}
