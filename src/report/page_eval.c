#include "report/page.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgplot.h"

/* Longer lists come from no winnow; what is beyond is not drawn. */
enum { MAX_POINTS = 2000, MAX_SLICES = 500 };

static const struct {
    const char *key, *words;
} rates[] = {
    { "tpr", "synthetic called synthetic (TPR)" }, { "unknown_synthetic", "synthetic called unknown" },
    { "fnr", "synthetic called human" },           { "fpr", "human called synthetic (FPR)" },
    { "unknown_human", "human called unknown" },   { "tnr", "human called human" },
};
enum { N_RATES = sizeof(rates) / sizeof(rates[0]) };

/* ---- rates -------------------------------------------------------------------------------- */

static void rate_cells(struct page *p, const struct wn_jsonval *rate)
{
    bool is_measured = page_num(rate, "n") > 0;
    double v = is_measured ? page_num(rate, "rate") : NAN, low = page_num(rate, "low"), high = page_num(rate, "high");

    page_cell_share(p, v);
    wn_buf_addz(p->out, "<td class=\"n dim\">");
    if (isfinite(v) && isfinite(low) && isfinite(high)) {
        markup_percent(p->out, low);
        wn_buf_addz(p->out, " to ");
        markup_percent(p->out, high);
    }
    wn_buf_addz(p->out, "</td><td class=\"barcell\">");
    svg_rate(p->out, v, low, high);
    wn_buf_addz(p->out, "</td><td class=\"n\">");
    if (is_measured) {
        markup_count(p->out, page_num(rate, "hits"));
        wn_buf_addz(p->out, " of ");
        markup_count(p->out, page_num(rate, "n"));
    } else {
        wn_buf_addz(p->out, "no documents");
    }
    wn_buf_addz(p->out, "</td>");
}

static void write_rates(struct page *p, const struct wn_jsonval *q)
{
    wn_buf_addz(p->out, "<h3>Verdicts against the truth</h3>\n");
    page_open_table(p, "verdict|#rate|#95 % interval|0 to 100 %|#documents");
    for (int i = 0; i < N_RATES; i++) {
        const struct wn_jsonval *rate = wn_jsonval_get(q, rates[i].key);

        if (!rate)
            continue;
        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, rates[i].words);
        rate_cells(p, rate);
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
}

/* The share of synthetic documents that the ranking finds at an error on human ones. */
static void write_fixed(struct page *p, const struct wn_jsonval *list)
{
    if (!wn_jsonval_size(list))
        return;
    wn_buf_addz(p->out, "<h3>Synthetic documents found at a fixed share of false alarms</h3>\n");
    page_open_table(p, "#false alarms at most|#found|#95 % interval|0 to 100 %|#documents|#threshold on P(synthetic)");
    for (size_t i = 0; i < wn_jsonval_size(list) && i < MAX_SLICES; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(list, i);

        wn_buf_addz(p->out, "<tr>");
        page_cell_share(p, page_num(v, "fpr"));
        rate_cells(p, wn_jsonval_get(v, "tpr"));
        wn_buf_addz(p->out, "<td class=\"n\">");
        markup_num(p->out, page_num(v, "threshold"), 4);
        wn_buf_addz(p->out, "</td></tr>\n");
    }
    page_close_table(p);
}

/* ---- curves --------------------------------------------------------------------------------- */

/* Member KEY of the first N items of LIST; NULL when memory is short. */
static double *column(struct page *p, const struct wn_jsonval *list, const char *key, size_t n)
{
    double *v = wn_arena_calloc(p->arena, n + 1, sizeof(*v));

    for (size_t i = 0; v && i < n; i++)
        v[i] = page_num(wn_jsonval_at(list, i), key);
    return v;
}

static size_t drawn_size(const struct wn_jsonval *list)
{
    size_t n = wn_jsonval_size(list);

    return n < MAX_POINTS ? n : MAX_POINTS;
}

static enum wn_status no_memory(struct page *p)
{
    return wn_fail(p->err, WN_NOMEM, "out of memory for a curve");
}

static enum wn_status write_roc(struct page *p, const struct wn_jsonval *q)
{
    const struct wn_jsonval *roc = wn_jsonval_get(q, "roc"), *op = wn_jsonval_get(q, "operating_point");
    size_t n = drawn_size(roc);
    double *x = column(p, roc, "fpr", n), *y = column(p, roc, "tpr", n);
    struct square_plot plot = { .title = "ROC curve",
                                .x_name = "human documents called synthetic",
                                .y_name = "synthetic documents found",
                                .n = n };

    if (!n)
        return WN_OK;
    if (!x || !y)
        return no_memory(p);
    /* The curve starts where nothing is called synthetic. */
    memmove(x + 1, x, n * sizeof(*x));
    memmove(y + 1, y, n * sizeof(*y));
    x[0] = y[0] = 0;
    plot.n = n + 1;
    plot.x = x;
    plot.y = y;
    plot.mark.x = page_num(op, "fpr");
    plot.mark.x_low = page_num(op, "fpr_low");
    plot.mark.x_high = page_num(op, "fpr_high");
    plot.mark.y = page_num(op, "tpr");
    plot.mark.y_low = page_num(op, "tpr_low");
    plot.mark.y_high = page_num(op, "tpr_high");
    plot.mark.label = "the verdicts";
    wn_buf_addz(p->out, "<figure><figcaption><b>ROC curve</b> <span class=\"dim\">AUROC ");
    markup_num(p->out, page_num(q, "auroc"), 4);
    wn_buf_addz(p->out, "</span></figcaption>\n");
    svg_square(p->out, &plot);
    wn_buf_addz(
        p->out,
        "<p>How many synthetic documents P(synthetic) finds at each share of false alarms. The marked point is where "
        "the verdicts stand, with 95 % intervals. Grey: guessing.</p></figure>\n");
    return WN_OK;
}

static enum wn_status write_reliability(struct page *p, const struct wn_jsonval *q)
{
    const struct wn_jsonval *bins = wn_jsonval_get(q, "reliability");
    size_t n = drawn_size(bins);
    struct square_plot plot = { .title = "Reliability diagram",
                                .x_name = "P(synthetic) that the tags give",
                                .y_name = "share that is synthetic",
                                .with_points = true,
                                .n = n,
                                .n_weights = n };

    plot.mark.x = NAN;
    if (!n)
        return WN_OK;
    plot.x = column(p, bins, "mean_p", n);
    plot.y = column(p, bins, "synthetic_share", n);
    plot.weight = column(p, bins, "n", n);
    if (!plot.x || !plot.y || !plot.weight)
        return no_memory(p);
    wn_buf_addz(p->out, "<figure><figcaption><b>Reliability</b> <span class=\"dim\">calibration error ");
    markup_num(p->out, page_num(q, "ece"), 3);
    wn_buf_addz(p->out, ", Brier score ");
    markup_num(p->out, page_num(q, "brier"), 3);
    wn_buf_addz(p->out, "</span></figcaption>\n");
    svg_square(p->out, &plot);
    wn_buf_addz(
        p->out,
        "<p>Of the documents that get a probability, how many are synthetic; on the grey line it means what it says. "
        "Bars: where the documents are.");
    if (isfinite(page_num(q, "prior"))) {
        wn_buf_addz(p->out, " For a share of synthetic documents of ");
        markup_percent(p->out, page_num(q, "prior"));
        wn_buf_addc(p->out, '.');
    }
    wn_buf_addz(p->out, "</p></figure>\n");
    return WN_OK;
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void slice_rate(struct page *p, const struct wn_jsonval *rate)
{
    wn_buf_addz(p->out, "<td class=\"n\">");
    if (page_num(rate, "n") > 0) {
        markup_percent(p->out, page_num(rate, "rate"));
        wn_buf_addz(p->out, " <span class=\"dim\">[");
        markup_percent(p->out, page_num(rate, "low"));
        wn_buf_addz(p->out, ", ");
        markup_percent(p->out, page_num(rate, "high"));
        wn_buf_addz(p->out, "]</span>");
    }
    wn_buf_addz(p->out, "</td>");
}

static void write_slices(struct page *p, const struct wn_jsonval *list)
{
    size_t n = wn_jsonval_size(list);

    if (!n)
        return;
    wn_buf_addf(p->out, "<details><summary>By source (%zu)</summary>\n", n);
    page_open_table(p, "source|#human|#called synthetic|#unknown|#synthetic|#called synthetic|#unknown");
    for (size_t i = 0; i < n && i < MAX_SLICES; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(list, i);

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, "path", page_strz(v, "slice", "?"));
        page_cell_count(p, page_num(v, "n_human"));
        slice_rate(p, wn_jsonval_get(v, "fpr"));
        slice_rate(p, wn_jsonval_get(v, "unknown_human"));
        page_cell_count(p, page_num(v, "n_synthetic"));
        slice_rate(p, wn_jsonval_get(v, "tpr"));
        slice_rate(p, wn_jsonval_get(v, "unknown_synthetic"));
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    if (n > MAX_SLICES)
        wn_buf_addf(p->out, "<p class=\"dim\">The first %d.</p>\n", MAX_SLICES);
    wn_buf_addz(p->out, "</details>\n");
}

/* ---- sections --------------------------------------------------------------------------------- */

static enum wn_status write_quality(struct page *p, const struct wn_jsonval *q)
{
    enum wn_status st;

    wn_buf_addz(p->out, "<p class=\"dim\">");
    markup_count(p->out, page_num(q, "n_human"));
    wn_buf_addz(p->out, " human and ");
    markup_count(p->out, page_num(q, "n_synthetic"));
    wn_buf_addz(p->out, " synthetic documents whose origin is known. Intervals: Clopper-Pearson, 95 %.</p>\n");
    write_rates(p, q);
    wn_buf_addz(p->out, "<div class=\"grid pair\">\n");
    st = write_roc(p, q);
    if (st == WN_OK)
        st = write_reliability(p, q);
    wn_buf_addz(p->out, "</div>\n");
    write_fixed(p, wn_jsonval_get(q, "tpr_at_fpr"));
    write_slices(p, wn_jsonval_get(q, "slices"));
    return st;
}

enum wn_status page_eval(struct page *p, const struct summary *s, size_t index)
{
    enum wn_status st;

    page_open_section(p, "eval", index, "How well the tagger does", "", s->name);
    st = write_quality(p, s->root);
    page_account(p, wn_jsonval_get(s->root, "account"));
    page_inputs(p, wn_jsonval_get(s->root, "inputs"));
    wn_buf_addz(p->out, "</section>\n");
    return st;
}

/* The model's own record has the curves; the summary's figures are the same without. */
static const struct wn_jsonval *held_out(const struct summary *s)
{
    const struct wn_jsonval *full = page_get(s->root, "model.made_of.held_out");

    return full ? full : wn_jsonval_get(s->root, "held_out");
}

static void write_parts(struct page *p, const struct wn_jsonval *parts)
{
    wn_buf_addz(p->out, "<h3>What each part was given</h3>\n");
    page_open_table(p, "part|#human documents|#synthetic documents");
    for (size_t i = 0; i < wn_jsonval_size(parts) && i < MAX_SLICES; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(parts, i);
        const char *key = wn_jsonval_key_at(parts, i);

        if (!key || !wn_jsonval_size(v))
            continue;
        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, key);
        page_cell_count(p, page_num(v, "human"));
        page_cell_count(p, page_num(v, "synthetic"));
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
}

static void write_features(struct page *p, const struct wn_jsonval *list)
{
    size_t n = drawn_size(list);
    double most = 0;

    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(page_num(wn_jsonval_at(list, i), "weight")));
    wn_buf_addf(p->out, "<details><summary>What the classifier looks at (%zu features)</summary>\n", n);
    page_open_table(p, "feature|#weight of one standard deviation|size");
    for (size_t i = 0; i < n; i++) {
        double weight = page_num(wn_jsonval_at(list, i), "weight");
        struct bar_part bar = { fabs(weight), weight < 0 ? "fill human" : "fill synthetic" };

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, page_strz(wn_jsonval_at(list, i), "name", "?"));
        wn_buf_addz(p->out, "<td class=\"n\">");
        markup_num(p->out, weight, 3);
        wn_buf_addz(p->out, "</td><td class=\"barcell\">");
        svg_bar(p->out, &bar, 1, most);
        wn_buf_addz(p->out, "</td></tr>\n");
    }
    page_close_table(p);
    wn_buf_addz(p->out, "<p class=\"dim\">Positive weights speak for synthetic.</p></details>\n");
}

enum wn_status page_train(struct page *p, const struct summary *s, size_t index)
{
    const struct wn_jsonval *made_of = page_get(s->root, "model.made_of");
    enum wn_status st;

    page_open_section(p, "train", index, "The model on held-out documents", "", s->name);
    st = write_quality(p, held_out(s));
    if (page_get(made_of, "documents"))
        write_parts(p, page_get(made_of, "documents"));
    write_features(p, page_get(made_of, "classifier.features"));
    page_account(p, wn_jsonval_get(s->root, "account"));
    page_inputs(p, wn_jsonval_get(s->root, "inputs"));
    wn_buf_addz(p->out, "</section>\n");
    return st;
}

static void card_rate(struct page *p, const char *words, const struct wn_jsonval *rate)
{
    wn_buf_addz(p->out, "<tr><td>");
    wn_buf_addz(p->out, words);
    wn_buf_addz(p->out, "</td><td class=\"n\"><b>");
    markup_percent(p->out, page_num(rate, "n") > 0 ? page_num(rate, "rate") : NAN);
    wn_buf_addz(p->out, "</b></td><td class=\"n dim\">");
    markup_ends(p->out, 100 * page_num(rate, "low"), 100 * page_num(rate, "high"));
    wn_buf_addz(p->out, " %</td></tr>\n");
}

void page_eval_card(struct page *p, const struct summary *s)
{
    const struct wn_jsonval *q = s->kind == SUMMARY_TRAIN ? held_out(s) : s->root;

    wn_buf_addz(p->out, s->kind == SUMMARY_TRAIN
                            ? "<div class=\"card\"><h3>model</h3><p>held-out part of the training data</p><table>\n"
                            : "<div class=\"card\"><h3>tagger</h3><p>measured on labelled documents</p><table>\n");
    card_rate(p, "synthetic found", wn_jsonval_get(q, "tpr"));
    card_rate(p, "human accused", wn_jsonval_get(q, "fpr"));
    card_rate(p, "synthetic unsure", wn_jsonval_get(q, "unknown_synthetic"));
    wn_buf_addz(p->out, "</table></div>\n");
}
