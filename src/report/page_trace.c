#include "report/page.h"

#include <math.h>

#include "report/conclusion.h"
#include "report/markup.h"
#include "report/metric_table.h"
#include "report/plotted.h"
#include "report/svgplot.h"

enum { OPEN_ENDINGS = 8, LISTED_ENDINGS = 200 };

static void chip(struct page *p, size_t colour)
{
    wn_buf_addf(p->out, "<i class=\"chip p%zu\"></i>", colour % SVG_COLOURS);
}

/* ---- the card at the top ---------------------------------------------------------------- */

static size_t policy_number(const struct trace *t, const struct trace_policy *policy)
{
    return (size_t)(policy - t->policy);
}

enum wn_status page_trace_card(struct page *p, const struct trace *t, const char *file)
{
    struct headline_value *v = wn_arena_calloc(p->arena, t->n_policies, sizeof(*v));
    struct headline h;
    size_t n = 0;
    enum wn_status st;

    if (!headline_find(t, &h))
        return WN_OK;
    st = v ? headline_values(t, &h, p->arena, v, &n, p->err) : wn_fail(p->err, WN_NOMEM, "out of memory for a card");
    if (st != WN_OK || !n)
        return st;
    wn_buf_addz(p->out, "<div class=\"card\"><h3>");
    markup_textz(p->out, t->engine);
    if (*file) {
        wn_buf_addz(p->out, " ");
        markup_textz(p->out, file);
    }
    wn_buf_addz(p->out, "</h3><p>");
    markup_textz(p->out, h.label);
    wn_buf_addf(p->out, ", after %lu %s</p><table>\n", (unsigned long)t->last_generation,
                t->last_generation == 1 ? "fit" : "fits");
    for (size_t i = 0; i < n; i++) {
        wn_buf_addz(p->out, "<tr><td>");
        chip(p, policy_number(t, v[i].policy));
        markup_short(p->out, v[i].policy->name, 24);
        wn_buf_addz(p->out, "</td><td class=\"n\"><b>");
        markup_middle(p->out, v[i].e.value, v[i].e.low, v[i].e.high);
        wn_buf_addz(p->out, "</b></td><td class=\"n dim\">");
        if (isfinite(v[i].e.low) && isfinite(v[i].e.high)) {
            markup_ends(p->out, v[i].e.low, v[i].e.high);
        } else {
            wn_buf_addf(p->out, "%llu %s", (unsigned long long)v[i].e.n, v[i].e.n == 1 ? "run" : "runs");
        }
        wn_buf_addz(p->out, "</td></tr>\n");
    }
    wn_buf_addz(p->out, "</table></div>\n");
    return WN_OK;
}

/* ---- the head of the section ------------------------------------------------------------- */

static void write_legend(struct page *p, const struct trace *t)
{
    wn_buf_addz(p->out, "<ul class=\"legend\">\n");
    for (size_t i = 0; i < t->n_policies; i++) {
        const struct wn_jsonval *policy = t->policy[i].resolved;

        wn_buf_addz(p->out, "<li>");
        chip(p, i);
        wn_buf_addz(p->out, "<b>");
        markup_textz(p->out, t->policy[i].name);
        wn_buf_addz(p->out, "</b>");
        if (policy) {
            wn_buf_addz(p->out, " <span class=\"dim\">regime ");
            markup_textz(p->out, page_strz(policy, "regime", "?"));
            wn_buf_addz(p->out, ", filter ");
            markup_textz(p->out, page_strz(policy, "filter.by", "?"));
            wn_buf_addz(p->out, "</span>");
        }
        wn_buf_addz(p->out, "</li>\n");
    }
    wn_buf_addz(p->out, "</ul>\n");
}

static void write_amount(struct page *p, double n, const char *one, const char *more)
{
    markup_count(p->out, n);
    wn_buf_addc(p->out, ' ');
    wn_buf_addz(p->out, n == 1 ? one : more);
    wn_buf_addz(p->out, ", ");
}

static void write_setup(struct page *p, const struct trace *t)
{
    wn_buf_addz(p->out, "<p class=\"dim\">");
    write_amount(p, page_num(t->settings, "generations"), "generation", "generations");
    write_amount(p, page_num(t->settings, "replicates"), "run a policy", "runs a policy");
    write_amount(p, page_num(t->settings, "n"), "new item a generation", "new items a generation");
    wn_buf_addz(p->out, "seed ");
    markup_fixed(p->out, page_num(t->settings, "seed"), 0);
    wn_buf_addz(p->out, ". Generation 1 was fitted on real data alone.</p>\n");
}

/* Before any figure: those of a trace that was cut are of a part of its runs. */
static void write_unfinished(struct page *p, const struct trace *t)
{
    if (!t->unfinished)
        return;
    wn_buf_addz(p->out, "<p class=\"note\"><b>");
    markup_textz(p->out, t->unfinished);
    wn_buf_addz(p->out, "</b> The figures are those of the lines that are there.</p>\n");
}

static void write_endings(struct page *p, const struct trace *t)
{
    size_t n_listed = t->n_endings_kept < LISTED_ENDINGS ? t->n_endings_kept : LISTED_ENDINGS;

    for (size_t i = 0; i < t->n_policies; i++)
        if (t->policy[i].n_ended) {
            wn_buf_addz(p->out, "<p class=\"dim\">");
            markup_count(p->out, (double)t->policy[i].n_ended);
            wn_buf_addz(p->out, " of ");
            markup_count(p->out, (double)t->policy[i].n_runs);
            wn_buf_addz(p->out, " runs of ");
            markup_textz(p->out, t->policy[i].name);
            wn_buf_addz(p->out, " could not go on.</p>\n");
        }
    if (!t->n_endings)
        return;
    wn_buf_addf(p->out, "<details class=\"ended\"%s><summary>%zu %s could not go on</summary>\n",
                t->n_endings <= OPEN_ENDINGS ? " open" : "", t->n_endings, t->n_endings == 1 ? "run" : "runs");
    page_open_table(p, "policy|#run|#after generation|#items kept|why");
    for (size_t i = 0; i < n_listed; i++) {
        const struct ending *e = &t->ending[i];

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, e->policy);
        page_cell_count(p, e->replicate);
        page_cell_count(p, e->generation);
        page_cell_count(p, e->kept);
        page_cell(p, NULL, e->reason);
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    if (n_listed < t->n_endings)
        wn_buf_addf(p->out, "<p class=\"dim\">The first %zu of them.</p>\n", n_listed);
    wn_buf_addz(p->out, "</details>\n");
}

/* ---- plots -------------------------------------------------------------------------------- */

/* As few digits as it needs: 1, 0.05, 2.45. */
static void write_truth(struct page *p, double truth)
{
    int n = 1;

    while (n < 3 && truth != 0) {
        double unit = pow(10, floor(log10(fabs(truth))) - n + 1);

        if (fabs(round(truth / unit) * unit - truth) < 1e-3 * fabs(truth))
            break;
        n++;
    }
    markup_num(p->out, truth, n);
}

static void write_head(struct page *p, const struct metric_plot *m)
{
    static const char *const better[] = { [BETTER_LOWER] = "lower is better", [BETTER_HIGHER] = "higher is better" };

    wn_buf_addz(p->out, "<figure><figcaption><b>");
    markup_textz(p->out, m->title);
    wn_buf_addz(p->out, "</b> <span class=\"dim\">");
    markup_textz(p->out, m->unit);
    if (*m->unit && m->better != BETTER_NEITHER)
        wn_buf_addz(p->out, "; ");
    if (m->better == BETTER_CLOSER) {
        wn_buf_addz(p->out, "closer to ");
        write_truth(p, m->truth);
        wn_buf_addz(p->out, " is better");
    } else if (m->better != BETTER_NEITHER) {
        wn_buf_addz(p->out, better[m->better]);
    }
    wn_buf_addz(p->out, "</span></figcaption>\n");
}

static void write_runs(struct page *p, const struct plotted *d)
{
    if (d->fewest_runs == d->most_runs)
        wn_buf_addf(p->out, "%llu %s", (unsigned long long)d->most_runs, d->most_runs == 1 ? "run" : "runs");
    else
        wn_buf_addf(p->out, "the %llu to %llu runs that have a value", (unsigned long long)d->fewest_runs,
                    (unsigned long long)d->most_runs);
}

static void write_words(struct page *p, const struct metric_plot *m, const struct plotted *d, bool is_summed,
                        const struct plot_notes *notes)
{
    wn_buf_addz(p->out, "<p>");
    markup_textz(p->out, m->words);
    wn_buf_addz(p->out, "</p>\n<p class=\"how\">");
    if (d->most_runs < 2) {
        wn_buf_addz(p->out, "One run, so no interval.");
    } else {
        wn_buf_addz(p->out, m->centre == CENTRE_MEDIAN ? "Median of " : "Mean of ");
        write_runs(p, d);
        if (m->centre == CENTRE_MEAN)
            wn_buf_addz(p->out, "; band: 95 % interval of the mean.");
        else
            wn_buf_addz(p->out, is_summed ? "; band: the middle 90 % of them." : "; band: the middle 80 % of them.");
    }
    if (isfinite(m->truth))
        wn_buf_addz(p->out, " Grey line: the truth.");
    if (d->has_theory)
        wn_buf_addz(p->out, " Dashed: the exact mean, from theory.");
    if (notes->is_log)
        wn_buf_addz(p->out, " Log scale.");
    if (notes->is_cut)
        wn_buf_addz(p->out, " Bands are cut at the frame.");
    wn_buf_addz(p->out, "</p></figure>\n");
}

static enum wn_status write_plot(struct page *p, const struct metric_plot *m, const struct plotted *d, bool is_summed)
{
    struct line_plot plot = { .title = m->title,
                              .x_name = "generation",
                              .x = d->x,
                              .n_x = d->n_x,
                              .line = d->line,
                              .n_lines = d->n_lines,
                              .truth = m->truth,
                              .is_share = strncmp(m->unit, "share", 5) == 0 };
    struct plot_notes notes;
    enum wn_status st;

    write_head(p, m);
    st = svg_lines(p->out, &plot, p->arena, &notes, p->err);
    write_words(p, m, d, is_summed, &notes);
    return st;
}

/* What is written between the plots of a group. */
struct grid {
    bool is_open;
    const char *zero[TRACE_MAX_METRICS];
    size_t n_zero;
};

static enum wn_status add_plot(struct page *p, const struct trace *t, const struct metric_plot *m, struct grid *g)
{
    struct plotted d;
    enum wn_status st = plotted_make(&d, t, m, p->arena, p->err);

    if (st != WN_OK || !d.n_lines)
        return st;
    if (d.is_zero) {
        if (g->n_zero < TRACE_MAX_METRICS)
            g->zero[g->n_zero++] = m->title;
        return WN_OK;
    }
    if (!g->is_open) {
        wn_buf_addz(p->out, "<h3>");
        wn_buf_addz(p->out, metric_group_title(m->group));
        wn_buf_addz(p->out, "</h3>\n<div class=\"grid\">\n");
        g->is_open = true;
    }
    return write_plot(p, m, &d, t->has_summaries);
}

static void close_grid(struct page *p, struct grid *g)
{
    if (g->is_open)
        wn_buf_addz(p->out, "</div>\n");
    if (g->n_zero)
        wn_buf_addz(p->out, "<p class=\"dim\">0 for every policy in every generation: ");
    for (size_t i = 0; i < g->n_zero; i++) {
        if (i)
            wn_buf_addz(p->out, "; ");
        markup_textz(p->out, g->zero[i]);
    }
    if (g->n_zero)
        wn_buf_addz(p->out, ".</p>\n");
}

static enum wn_status write_group(struct page *p, const struct trace *t, enum metric_group group)
{
    struct grid g = { false, { NULL }, 0 };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n_metric_plots && st == WN_OK; i++)
        if (metric_plots[i].group == group)
            st = add_plot(p, t, &metric_plots[i], &g);
    for (size_t i = 0; i < t->n_metrics && st == WN_OK && group == GROUP_OTHER; i++)
        if (!metric_plot_find(t->metric[i]) && !plotted_as_theory(t, i)) {
            struct metric_plot m = metric_plot_generic(t->metric[i]);

            st = add_plot(p, t, &m, &g);
        }
    close_grid(p, &g);
    return st;
}

enum wn_status page_trace(struct page *p, const struct trace *t, size_t index)
{
    enum wn_status st = WN_OK;

    page_open_section(p, "trace", index, "Simulation", t->engine, t->name);
    write_setup(p, t);
    write_unfinished(p, t);
    write_legend(p, t);
    write_endings(p, t);
    page_predictions(p, t);
    if (!t->has_runs)
        wn_buf_addz(
            p->out,
            "<p class=\"empty\">This trace holds no figures: its runs ended before the first fit, or it was cut "
            "short.</p>\n");
    for (int g = 0; g < GROUP_COUNT && st == WN_OK; g++)
        st = write_group(p, t, (enum metric_group)g);
    if (st == WN_OK && t->has_runs)
        st = page_figures(p, t);
    wn_buf_addz(p->out, "</section>\n");
    return st;
}
