#include "report/page.h"

#include <math.h>
#include <stdlib.h>

#include "report/markup.h"
#include "report/svgplot.h"

enum { MAX_BINS = 100, MAX_SLICES = 2000, SHOWN_SLICES = 30, MAX_DETECTORS = 100, N_VERDICTS = 3 };

static const struct {
    const char *key, *class;
} verdicts[N_VERDICTS] = { { "human", "fill human" },
                           { "unknown", "fill unknown" },
                           { "synthetic", "fill synthetic" } };

static double verdict_count(const struct wn_jsonval *group, int v)
{
    return page_num(wn_jsonval_get(group, "verdicts"), verdicts[v].key);
}

static void verdict_bar(struct page *p, const struct wn_jsonval *group, double whole)
{
    struct bar_part part[N_VERDICTS];

    for (int v = 0; v < N_VERDICTS; v++)
        part[v] = (struct bar_part){ verdict_count(group, v), verdicts[v].class };
    svg_bar(p->out, part, N_VERDICTS, whole);
}

static void write_verdict_keys(struct page *p)
{
    wn_buf_addz(p->out, "<ul class=\"legend\">");
    for (int v = 0; v < N_VERDICTS; v++)
        wn_buf_addf(p->out, "<li><i class=\"chip %s\"></i>%s</li>", verdicts[v].key, verdicts[v].key);
    wn_buf_addz(p->out, "</ul>\n");
}

static void group_row(struct page *p, const char *name, const struct wn_jsonval *group)
{
    double n = page_num(group, "documents");

    wn_buf_addz(p->out, "<tr>");
    page_cell(p, "path", name);
    page_cell_count(p, n);
    wn_buf_addz(p->out, "<td class=\"barcell\">");
    verdict_bar(p, group, n);
    wn_buf_addz(p->out, "</td>");
    for (int v = 0; v < N_VERDICTS; v++)
        page_cell_share(p, n > 0 ? verdict_count(group, v) / n : NAN);
    wn_buf_addz(p->out, "</tr>\n");
}

/* ---- slices, the largest first ------------------------------------------------------------- */

struct slice {
    const struct wn_jsonval *group;
    double documents;
    size_t number;
};

static int larger_first(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;

    if (x->documents != y->documents)
        return x->documents > y->documents ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static enum wn_status write_slices(struct page *p, const struct wn_jsonval *tags)
{
    const struct wn_jsonval *list = wn_jsonval_get(tags, "slices");
    size_t n = wn_jsonval_size(list) < MAX_SLICES ? wn_jsonval_size(list) : MAX_SLICES;
    struct slice *slice = wn_arena_calloc(p->arena, n, sizeof(*slice));

    if (!slice)
        return wn_fail(p->err, WN_NOMEM, "out of memory for %zu slices", n);
    for (size_t i = 0; i < n; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(list, i);
        double documents = page_num(v, "documents");

        slice[i] = (struct slice){ v, isfinite(documents) ? documents : 0, i };
    }
    qsort(slice, n, sizeof(*slice), larger_first);
    wn_buf_addz(p->out, "<h3>Verdicts by source</h3>\n");
    write_verdict_keys(p);
    page_open_table(p, "source|#documents|verdicts|#human|#unknown|#synthetic");
    group_row(p, "all", tags);
    for (size_t i = 0; i < n && i < SHOWN_SLICES; i++)
        group_row(p, page_strz(slice[i].group, "slice", "?"), slice[i].group);
    page_close_table(p);
    if (n > SHOWN_SLICES)
        wn_buf_addf(p->out, "<p class=\"dim\">The %d largest of %zu sources.</p>\n", SHOWN_SLICES,
                    wn_jsonval_size(list));
    return WN_OK;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void write_histogram(struct page *p, const struct wn_jsonval *tags)
{
    const struct wn_jsonval *bins = wn_jsonval_get(tags, "p_synthetic_bins");
    size_t n = wn_jsonval_size(bins);
    double count[MAX_BINS];

    if (!n || n > MAX_BINS)
        return;
    for (size_t i = 0; i < n; i++)
        count[i] = wn_jsonval_num(wn_jsonval_at(bins, i), 0);
    wn_buf_addz(
        p->out,
        "<figure class=\"wide\"><figcaption><b>P(synthetic)</b> <span class=\"dim\">documents</span></figcaption>\n");
    svg_histogram(p->out, "Documents by P(synthetic)", "P(synthetic)", count, n);
    wn_buf_addz(
        p->out,
        "<p>The calibrated probability of every document. Between the ends the tagger is unsure; what it is too unsure "
        "of, it calls unknown.</p></figure>\n");
}

static void write_detectors(struct page *p, const struct wn_jsonval *tags)
{
    const struct wn_jsonval *list = wn_jsonval_get(tags, "detectors");
    double whole = page_num(tags, "documents");

    if (!wn_jsonval_size(list))
        return;
    wn_buf_addz(p->out, "<h3>What the detectors found</h3>\n");
    page_open_table(p, "detector|#documents with evidence|share of all|#towards synthetic|#towards human");
    for (size_t i = 0; i < wn_jsonval_size(list) && i < MAX_DETECTORS; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(list, i);
        const char *key = wn_jsonval_key_at(list, i);
        double n = page_num(v, "documents"), synthetic = page_num(v, "for_synthetic"), human = page_num(v, "for_human");
        struct bar_part part[] = { { human, "fill human" },
                                   { n - human - synthetic, "fill unknown" },
                                   { synthetic, "fill synthetic" } };

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, key ? key : "?");
        page_cell_count(p, n);
        wn_buf_addz(p->out, "<td class=\"barcell\">");
        svg_bar(p->out, part, 3, whole);
        wn_buf_addz(p->out, "</td>");
        page_cell_count(p, synthetic);
        page_cell_count(p, human);
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
}

enum wn_status page_tags(struct page *p, const struct summary *s, size_t index)
{
    const struct wn_jsonval *tags = wn_jsonval_get(s->root, "tags");
    enum wn_status st = WN_OK;

    page_open_section(p, "tags", index, "What the tagger said", "", s->name);
    if (!(page_num(tags, "documents") > 0)) {
        wn_buf_addz(p->out, "<p class=\"empty\">The summary counts no tagged documents.</p>\n");
    } else {
        write_histogram(p, tags);
        st = write_slices(p, tags);
        write_detectors(p, tags);
    }
    page_account(p, wn_jsonval_get(s->root, "account"));
    page_inputs(p, wn_jsonval_get(s->root, "inputs"));
    wn_buf_addz(p->out, "</section>\n");
    return st;
}

void page_tags_card(struct page *p, const struct summary *s)
{
    const struct wn_jsonval *tags = wn_jsonval_get(s->root, "tags");
    double n = page_num(tags, "documents");

    if (!(n > 0))
        return;
    wn_buf_addz(p->out, "<div class=\"card\"><h3>tags</h3><p>");
    markup_count(p->out, n);
    wn_buf_addz(p->out, " documents</p><table>\n");
    for (int v = 0; v < N_VERDICTS; v++) {
        wn_buf_addf(p->out, "<tr><td><i class=\"chip %s\"></i>%s</td><td class=\"n\"><b>", verdicts[v].key,
                    verdicts[v].key);
        markup_percent(p->out, verdict_count(tags, v) / n);
        wn_buf_addz(p->out, "</b></td><td class=\"n dim\">");
        markup_count(p->out, verdict_count(tags, v));
        wn_buf_addz(p->out, "</td></tr>\n");
    }
    wn_buf_addz(p->out, "</table></div>\n");
}
