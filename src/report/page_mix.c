#include "report/page.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgplot.h"

/* In the order in which a policy decides; kept is what is left. */
static const struct {
    const char *key, *head, *words;
} fates[] = {
    { "regime", "regime", "not part of the regime" },
    { "filter", "filter", "ruled out by the filter" },
    { "weight", "weight", "lost the draw against their weight" },
    { "quota", "quota", "above the quota" },
    { "budget", "budget", "behind the budget" },
    { "duplicate", "copies", "copies of another document" },
    { "kept", "kept", "kept" },
};
enum { N_FATES = sizeof(fates) / sizeof(fates[0]), KEPT = N_FATES - 1 };

/* Manifests of older versions have no copies. */
static double count_of(const struct wn_jsonval *counts, int i)
{
    double n = page_num(counts, fates[i].key);

    return isnan(n) && strcmp(fates[i].key, "duplicate") == 0 ? 0 : n;
}

static double sum_of(const struct wn_jsonval *counts)
{
    double sum = 0;

    for (int i = 0; i < N_FATES; i++)
        sum += count_of(counts, i);
    return sum;
}

/* A step of the fall: what went before it is left of it, what is kept right. */
static void fall_row(struct page *p, const char *words, const char *class, double before, double n, double whole,
                     double tokens)
{
    struct bar_part part[] = { { before, "" }, { n, class } };

    wn_buf_addz(p->out, "<tr>");
    page_cell(p, NULL, words);
    wn_buf_addz(p->out, "<td class=\"barcell\">");
    svg_bar(p->out, part, 2, whole);
    wn_buf_addz(p->out, "</td>");
    page_cell_count(p, n);
    page_cell_share(p, whole > 0 ? n / whole : NAN);
    page_cell_count(p, tokens);
    wn_buf_addz(p->out, "</tr>\n");
}

static void write_fall(struct page *p, const struct wn_jsonval *mix)
{
    const struct wn_jsonval *documents = wn_jsonval_get(mix, "documents"), *tokens = wn_jsonval_get(mix, "tokens");
    double whole = sum_of(documents), left = whole;

    wn_buf_addz(p->out, "<h3>What became of the documents</h3>\n");
    page_open_table(p, "step||#documents|#share|#tokens");
    fall_row(p, "came in", "fill came", 0, whole, whole, sum_of(tokens));
    for (int i = 0; i < N_FATES; i++) {
        double n = count_of(documents, i);

        left -= n;
        if (i == KEPT || n > 0)
            fall_row(p, fates[i].words, i == KEPT ? "fill kept" : "fill lost", i == KEPT ? 0 : left, n, whole,
                     count_of(tokens, i));
    }
    page_close_table(p);
}

static void write_groups(struct page *p, const char *title, const char *head, const struct wn_jsonval *groups)
{
    wn_buf_addf(p->out, "<figure><figcaption><b>%s</b></figcaption>\n", title);
    wn_buf_addz(p->out, "<div class=\"scroll\"><table><thead><tr>");
    wn_buf_addf(p->out, "<th scope=\"col\">%s</th>", head);
    for (int i = 0; i < N_FATES; i++)
        wn_buf_addf(p->out, "<th class=\"n\" scope=\"col\">%s</th>", fates[i].head);
    wn_buf_addz(p->out, "<th class=\"n\" scope=\"col\">share kept</th></tr></thead><tbody>\n");
    for (size_t g = 0; g < wn_jsonval_size(groups) && g < 20; g++) {
        const struct wn_jsonval *v = wn_jsonval_at(groups, g);
        const char *key = wn_jsonval_key_at(groups, g);
        double whole = sum_of(v);

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, NULL, key ? key : "?");
        for (int i = 0; i < N_FATES; i++)
            page_cell_count(p, count_of(v, i));
        page_cell_share(p, whole > 0 ? page_num(v, "kept") / whole : NAN);
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    wn_buf_addz(p->out, "</figure>\n");
}

static void budget_part(struct page *p, double want, double short_of, const char *unit)
{
    if (!(want > 0))
        return;
    wn_buf_addz(p->out, "<p class=\"dim\">The budget asked for ");
    markup_count(p->out, want);
    wn_buf_addf(p->out, " %s", unit);
    if (short_of > 0) {
        wn_buf_addz(p->out, "; the supply stayed <b>");
        markup_count(p->out, short_of);
        wn_buf_addz(p->out, "</b> below it");
    }
    wn_buf_addz(p->out, ".</p>\n");
}

static void write_outputs(struct page *p, const struct wn_jsonval *outputs)
{
    size_t n = wn_jsonval_size(outputs);

    if (!n)
        return;
    wn_buf_addf(p->out, "<details><summary>Outputs (%zu)</summary>\n", n);
    page_open_table(p, "file|#records|#bytes|XXH3-128");
    for (size_t i = 0; i < n && i < 1000; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(outputs, i);

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, "path", page_strz(v, "path", "?"));
        page_cell_count(p, page_num(v, "records"));
        page_cell_count(p, page_num(v, "bytes"));
        page_cell(p, "hex", page_strz(v, "xxh3_128", ""));
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    wn_buf_addz(p->out, "</details>\n");
}

enum wn_status page_mix(struct page *p, const struct summary *s, size_t index)
{
    const struct wn_jsonval *mix = wn_jsonval_get(s->root, "mix"), *budget = wn_jsonval_get(mix, "budget");

    page_open_section(p, "mix", index, "Corpus", page_strz(s->root, "policy.name", "?"), s->name);
    write_fall(p, mix);
    budget_part(p, page_num(budget, "want_documents"), page_num(budget, "short_documents"), "documents");
    budget_part(p, page_num(budget, "want_tokens"), page_num(budget, "short_tokens"), "tokens");
    wn_buf_addz(p->out, "<div class=\"grid pair\">\n");
    write_groups(p, "By declared origin", "origin", wn_jsonval_get(mix, "by_origin"));
    write_groups(p, "By verdict", "verdict", wn_jsonval_get(mix, "by_verdict"));
    wn_buf_addz(p->out, "</div>\n");
    page_account(p, wn_jsonval_get(s->root, "account"));
    page_inputs(p, wn_jsonval_get(s->root, "inputs"));
    write_outputs(p, wn_jsonval_get(s->root, "outputs"));
    wn_buf_addz(p->out, "</section>\n");
    return WN_OK;
}

static void card_row(struct page *p, const char *words, double n, double whole)
{
    wn_buf_addf(p->out, "<tr><td>%s</td><td class=\"n\"><b>", words);
    markup_percent(p->out, whole > 0 ? n / whole : NAN);
    wn_buf_addz(p->out, "</b></td><td class=\"n dim\">");
    markup_count(p->out, n);
    wn_buf_addz(p->out, " of ");
    markup_count(p->out, whole);
    wn_buf_addz(p->out, "</td></tr>\n");
}

void page_mix_card(struct page *p, const struct summary *s)
{
    const struct wn_jsonval *mix = wn_jsonval_get(s->root, "mix");
    const struct wn_jsonval *human = page_get(mix, "by_verdict.human"),
                            *synthetic = page_get(mix, "by_verdict.synthetic");

    wn_buf_addz(p->out, "<div class=\"card\"><h3>");
    markup_textz(p->out, page_strz(s->root, "policy.name", "?"));
    wn_buf_addz(p->out, "</h3><p>corpus: documents kept</p><table>\n");
    card_row(p, "all", page_num(mix, "documents.kept"), sum_of(wn_jsonval_get(mix, "documents")));
    card_row(p, "tagged human", page_num(human, "kept"), sum_of(human));
    card_row(p, "tagged synthetic", page_num(synthetic, "kept"), sum_of(synthetic));
    wn_buf_addz(p->out, "</table></div>\n");
}
