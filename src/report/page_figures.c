#include "report/page.h"

#include <math.h>

#include "report/markup.h"
#include "report/metric_table.h"
#include "report/plotted.h"

static void write_heads(struct page *p, const struct plotted *d)
{
    wn_buf_addz(p->out, "<div class=\"scroll\"><table><thead><tr><th class=\"n\" scope=\"col\">generation</th>");
    for (size_t i = 0; i < d->n_lines; i++) {
        wn_buf_addz(p->out, "<th class=\"n\" scope=\"col\">");
        markup_textz(p->out, d->line[i].label);
        wn_buf_addz(p->out, d->line[i].dashed ? ", theory</th>" : "</th>");
    }
    wn_buf_addz(p->out, "</tr></thead><tbody>\n");
}

static void write_figure(struct page *p, const struct plot_line *l, size_t k)
{
    wn_buf_addz(p->out, "<td class=\"n\">");
    if (isfinite(l->y[k]))
        markup_num(p->out, l->y[k], 3);
    if (isfinite(l->y[k]) && l->low && isfinite(l->low[k]) && isfinite(l->high[k])) {
        wn_buf_addz(p->out, " [");
        markup_num(p->out, l->low[k], 3);
        wn_buf_addz(p->out, ", ");
        markup_num(p->out, l->high[k], 3);
        wn_buf_addc(p->out, ']');
    }
    wn_buf_addz(p->out, "</td>");
}

static enum wn_status write_metric(struct page *p, const struct trace *t, const struct metric_plot *m)
{
    struct plotted d;
    enum wn_status st = plotted_make(&d, t, m, p->arena, p->err);

    if (st != WN_OK || !d.n_lines)
        return st;
    wn_buf_addz(p->out, "<details><summary>");
    markup_textz(p->out, m->title);
    wn_buf_addz(p->out, " <span class=\"dim\">");
    markup_textz(p->out, m->metric);
    if (m->centre == CENTRE_MEAN)
        wn_buf_addz(p->out, ": mean [95 % interval]");
    else
        wn_buf_addz(p->out, t->has_summaries ? ": median [5 %, 95 % of the runs]"
                                             : ": median [10 %, 90 % of the runs]");
    wn_buf_addz(p->out, d.is_thinned ? ", every few generations</span></summary>\n" : "</span></summary>\n");
    write_heads(p, &d);
    for (size_t k = 0; k < d.n_x; k++) {
        wn_buf_addz(p->out, "<tr>");
        page_cell_count(p, d.x[k]);
        for (size_t i = 0; i < d.n_lines; i++)
            write_figure(p, &d.line[i], k);
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    wn_buf_addz(p->out, "</details>\n");
    return WN_OK;
}

enum wn_status page_figures(struct page *p, const struct trace *t)
{
    enum wn_status st = WN_OK;

    wn_buf_addz(p->out, "<details class=\"figures\"><summary>Every figure behind these plots</summary>\n");
    for (size_t i = 0; i < n_metric_plots && st == WN_OK; i++)
        st = write_metric(p, t, &metric_plots[i]);
    for (size_t i = 0; i < t->n_metrics && st == WN_OK; i++)
        if (!metric_plot_find(t->metric[i]) && !plotted_as_theory(t, i)) {
            struct metric_plot m = metric_plot_generic(t->metric[i]);

            st = write_metric(p, t, &m);
        }
    wn_buf_addz(p->out, "</details>\n");
    return st;
}
