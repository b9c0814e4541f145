#include "report/page.h"

#include <math.h>

#include "report/markup.h"

/* The numbers of a prediction, in the order of the columns (docs/format/trace.md). */
static const struct {
    const char *key, *head;
} columns[] = {
    { "first", "after fit 1" },
    { "lasting", "lasting" },
    { "drift_per_fit", "drift a fit" },
    { "half_life_fits", "half-life, fits" },
    { "power", "power of fits" },
    { "growth_per_fit", "growth a fit" },
    { "real_per_fit", "real items a fit" },
    { "real_share", "real share" },
    { "critical_share", "critical share" },
    { "critical_tpr", "critical TPR" },
    { "absorption_fits", "absorption, fits" },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static bool any_has(const struct trace *t, const char *key)
{
    for (size_t i = 0; i < t->n_policies; i++)
        if (isfinite(page_num(t->policy[i].prediction, key)))
            return true;
    return false;
}

static const char *played(const struct trace *t, const char *policy)
{
    return wn_jsonval_str(wn_jsonval_get(wn_jsonval_get(t->header, "played"), policy), "");
}

static void write_heads(struct page *p, const bool *shown)
{
    wn_buf_addz(p->out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">policy</th>"
                        "<th scope=\"col\">played</th><th scope=\"col\">of</th>");
    for (int k = 0; k < N_COLUMNS; k++)
        if (shown[k])
            wn_buf_addf(p->out, "<th class=\"n\" scope=\"col\">%s</th>", columns[k].head);
    wn_buf_addz(p->out, "<th scope=\"col\"></th></tr></thead><tbody>\n");
}

static void write_notes(struct page *p, const struct wn_jsonval *v)
{
    const char *why = page_strz(v, "why_not", ""), *between = "";

    if (isfinite(page_num(v, "drift_per_fit"))) {
        wn_buf_addz(p->out, "drift of ");
        markup_textz(p->out, page_strz(v, "drift_of", "?"));
        between = "; ";
    }
    if (wn_jsonval_bool(wn_jsonval_get(v, "unlimited"), false)) {
        wn_buf_addf(p->out, "%slasting: for infinitely many items", between);
        between = "; ";
    }
    if (*why)
        wn_buf_addz(p->out, between);
    markup_textz(p->out, why);
}

static void write_row(struct page *p, const struct trace *t, const struct trace_policy *policy, const bool *shown)
{
    const struct wn_jsonval *v = policy->prediction;

    wn_buf_addz(p->out, "<tr>");
    page_cell(p, NULL, policy->name);
    page_cell(p, NULL, played(t, policy->name));
    page_cell(p, NULL, page_strz(v, "metric", ""));
    for (int k = 0; k < N_COLUMNS; k++) {
        double x = page_num(v, columns[k].key);

        if (!shown[k])
            continue;
        wn_buf_addz(p->out, "<td class=\"n\">");
        if (isfinite(x))
            markup_num(p->out, x, 3);
        wn_buf_addz(p->out, "</td>");
    }
    wn_buf_addz(p->out, "<td class=\"dim\">");
    write_notes(p, v);
    wn_buf_addz(p->out, "</td></tr>\n");
}

void page_predictions(struct page *p, const struct trace *t)
{
    bool shown[N_COLUMNS], any = false;

    for (int k = 0; k < N_COLUMNS; k++) {
        shown[k] = any_has(t, columns[k].key);
        any = any || shown[k];
    }
    if (!any)
        return;
    wn_buf_addz(p->out, "<h3>What theory says beforehand</h3>\n");
    write_heads(p, shown);
    for (size_t i = 0; i < t->n_policies; i++)
        if (t->policy[i].prediction)
            write_row(p, t, &t->policy[i], shown);
    page_close_table(p);
}
