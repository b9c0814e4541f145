/*
 * Phase diagrams: the two axes with the most values span each diagram, and there is one for
 * every policy and combination of the others.
 */
#include "report/page_sweep.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgheat.h"

enum { MAX_PANELS = 12, MAX_DRAWN = 400, MAX_AXES = 12, MAX_LISTED = 400 };

/* One way in which cells differ: the policy (0), then the axes of the header. */
struct way {
    const char *name;
    const struct wn_jsonval *values; /* policies: objects */
    size_t n;
    uint64_t stride;                 /* cells from one value to the next */
};

struct diagrams {
    struct page *page;
    const struct wn_jsonval *root;
    struct way way[MAX_AXES + 1];
    size_t n_ways, x, y;             /* Y = N_WAYS: one row */
    uint64_t n_rows;
    double *value, *theory;          /* of each cell that there is */
    double low, high, truth;
    bool has_theory;
};

static double row_value(const struct wn_jsonval *chunks, uint64_t i)
{
    return wn_jsonval_num(wn_jsonval_at(wn_jsonval_at(chunks, i / PAGE_SWEEP_CHUNK), i % PAGE_SWEEP_CHUNK), NAN);
}

/* ---- what is drawn ---------------------------------------------------------------------------- */

static void find_ways(struct diagrams *d)
{
    const struct wn_jsonval *header = wn_jsonval_get(d->root, "header"), *axes = wn_jsonval_get(header, "axes");
    uint64_t stride = 1;

    d->way[0] = (struct way){ .name = "policy", .values = wn_jsonval_get(header, "policies") };
    d->n_ways = 1;
    for (size_t i = 0; i < wn_jsonval_size(axes) && i < MAX_AXES; i++) {
        const struct wn_jsonval *a = wn_jsonval_at(axes, i);

        d->way[d->n_ways++] = (struct way){ .name = page_strz(a, "name", "?"), .values = wn_jsonval_get(a, "values") };
    }
    for (size_t i = d->n_ways; i > 0; i--) {
        d->way[i - 1].n = wn_jsonval_size(d->way[i - 1].values);
        d->way[i - 1].stride = stride;
        stride *= d->way[i - 1].n;
    }
}

/* The axis with the most values, but TAKEN; N_WAYS when none varies. */
static size_t widest(const struct diagrams *d, size_t taken)
{
    size_t best = d->n_ways;

    for (size_t i = 1; i < d->n_ways; i++)
        if (i != taken && d->way[i].n > 1 && (best == d->n_ways || d->way[i].n > d->way[best].n))
            best = i;
    return best;
}

static void choose_ways(struct diagrams *d)
{
    d->x = widest(d, d->n_ways);
    d->y = widest(d, d->x);
    if (d->y == d->n_ways && d->way[0].n > 1)
        d->y = 0;
}

/* Colours from 0 to the truth where it is known, so that diagrams can be compared. */
static void find_scale(struct diagrams *d)
{
    d->low = INFINITY;
    d->high = -INFINITY;
    for (uint64_t i = 0; i < d->n_rows; i++) {
        if (isfinite(d->value[i])) {
            d->low = fmin(d->low, d->value[i]);
            d->high = fmax(d->high, d->value[i]);
        }
        d->has_theory = d->has_theory || isfinite(d->theory[i]);
    }
    if (d->truth > 0 && d->low >= 0) {
        d->low = 0;
        d->high = d->high > 1.25 * d->truth ? d->high : d->truth;
    }
}

static enum wn_status read_cells(struct diagrams *d)
{
    const struct wn_jsonval *value = wn_jsonval_get(d->root, "value"), *theory = wn_jsonval_get(d->root, "theory");

    d->n_rows = (uint64_t)page_num(d->root, "rows");
    d->truth = page_num(d->root, "truth");
    d->value = wn_arena_calloc(d->page->arena, d->n_rows + 1, sizeof(double));
    d->theory = wn_arena_calloc(d->page->arena, d->n_rows + 1, sizeof(double));
    if (!d->value || !d->theory)
        return wn_fail(d->page->err, WN_NOMEM, "out of memory for the cells of a sweep");
    for (uint64_t i = 0; i < d->n_rows; i++) {
        d->value[i] = row_value(value, i);
        d->theory[i] = row_value(theory, i);
    }
    find_ways(d);
    choose_ways(d);
    find_scale(d);
    return WN_OK;
}

/* ---- one diagram ---------------------------------------------------------------------------------- */

static const char *way_label(const struct diagrams *d, size_t w, size_t i)
{
    const struct wn_jsonval *v = wn_jsonval_at(d->way[w].values, i);
    struct wn_buf text = { 0 };
    const char *label;

    if (w == 0)
        return page_strz(v, "name", "?");
    markup_num(&text, wn_jsonval_num(v, NAN), 3);
    label = wn_buf_status(&text, NULL) == WN_OK ? wn_arena_copy(d->page->arena, wn_buf_str(&text)).ptr : NULL;
    wn_buf_release(&text);
    return label;
}

static const char *const *way_labels(const struct diagrams *d, size_t w)
{
    static const char *const none[] = { "" };
    const char **label;

    if (w == d->n_ways)
        return none;
    label = wn_arena_calloc(d->page->arena, d->way[w].n, sizeof(*label));
    for (size_t i = 0; label && i < d->way[w].n; i++) {
        label[i] = way_label(d, w, i);
        if (!label[i])
            return NULL;
    }
    return label;
}

/* The numbers of the diagram whose first cell is FIRST. */
static double *cut(const struct diagrams *d, const double *from, uint64_t first)
{
    const struct way *x = &d->way[d->x];
    size_t n_y = d->y == d->n_ways ? 1 : d->way[d->y].n;
    uint64_t stride_y = d->y == d->n_ways ? 0 : d->way[d->y].stride;
    double *out = wn_arena_calloc(d->page->arena, x->n * n_y, sizeof(*out));

    for (size_t k = 0; out && k < n_y; k++)
        for (size_t i = 0; i < x->n; i++) {
            uint64_t cell = first + k * stride_y + i * x->stride;

            out[k * x->n + i] = cell < d->n_rows ? from[cell] : NAN;
        }
    return out;
}

static void write_caption(const struct diagrams *d, const size_t *at)
{
    struct page *p = d->page;
    bool is_first = true;

    wn_buf_addz(p->out, "<figure><figcaption><b>");
    markup_textz(p->out, d->y == 0 ? "All policies" : page_strz(wn_jsonval_at(d->way[0].values, at[0]), "name", "?"));
    wn_buf_addz(p->out, "</b><span>");
    for (size_t w = 1; w < d->n_ways; w++) {
        if (w == d->x || w == d->y)
            continue;
        wn_buf_addz(p->out, is_first ? "" : ", ");
        markup_textz(p->out, d->way[w].name);
        wn_buf_addc(p->out, ' ');
        markup_num(p->out, wn_jsonval_num(wn_jsonval_at(d->way[w].values, at[w]), NAN), 3);
        is_first = false;
    }
    wn_buf_addz(p->out, "</span></figcaption>\n");
}

static enum wn_status write_diagram(const struct diagrams *d, const size_t *at)
{
    struct heat_plot plot = { .title = "phase diagram", .x_name = d->way[d->x].name, .n_x = d->way[d->x].n,
                              .y_name = d->y == d->n_ways ? "" : d->way[d->y].name,
                              .n_y = d->y == d->n_ways ? 1 : d->way[d->y].n, .low = d->low, .high = d->high };
    uint64_t first = 0;

    for (size_t w = 0; w < d->n_ways; w++)
        first += at[w] * d->way[w].stride;
    plot.x_label = way_labels(d, d->x);
    plot.y_label = way_labels(d, d->y);
    plot.value = cut(d, d->value, first);
    if (d->truth > 0)
        plot.line[0] = (struct heat_line){ "line p4", plot.value, d->truth / 2 };
    if (d->has_theory)
        plot.line[1] = (struct heat_line){ "theory p1", cut(d, d->theory, first), 0.5 };
    if (!plot.x_label || !plot.y_label || !plot.value || (d->has_theory && !plot.line[1].value))
        return wn_fail(d->page->err, WN_NOMEM, "out of memory for a phase diagram");
    write_caption(d, at);
    svg_heat(d->page->out, &plot);
    wn_buf_addz(d->page->out, "</figure>\n");
    return WN_OK;
}

/* ---- all diagrams ------------------------------------------------------------------------------------ */

/* The next combination of what does not span the diagrams; false behind the last. */
static bool next_at(const struct diagrams *d, size_t *at)
{
    for (size_t w = d->n_ways; w > 0; w--) {
        if (w - 1 == d->x || w - 1 == d->y)
            continue;
        if (++at[w - 1] < d->way[w - 1].n)
            return true;
        at[w - 1] = 0;
    }
    return false;
}

static double count_panels(const struct diagrams *d)
{
    double n = 1;

    for (size_t w = 0; w < d->n_ways; w++)
        if (w != d->x && w != d->y)
            n *= (double)d->way[w].n;
    return n;
}

static enum wn_status write_diagrams(const struct diagrams *d)
{
    struct wn_buf *out = d->page->out;
    size_t at[MAX_AXES + 1] = { 0 };
    bool more = true;
    enum wn_status st = WN_OK;

    if (count_panels(d) > MAX_PANELS) {
        wn_buf_addf(out, "<p class=\"note\">The first %d of ", MAX_PANELS);
        markup_count(out, count_panels(d));
        wn_buf_addz(out, " diagrams are drawn, in the order of the rows.</p>\n");
    }
    wn_buf_addz(out, "<div class=\"grid\">\n");
    for (int i = 0; i < MAX_PANELS && more && st == WN_OK; i++) {
        st = write_diagram(d, at);
        more = next_at(d, at);
    }
    wn_buf_addz(out, "</div>\n");
    return st;
}

static void write_words(const struct diagrams *d)
{
    struct wn_buf *out = d->page->out;

    wn_buf_addz(out, "<p>Each square is a cell: the median over its ");
    markup_count(out, page_num(d->root, "header.settings.replicates"));
    wn_buf_addz(out, " runs of <b>");
    markup_textz(out, page_strz(d->root, "metric", "?"));
    wn_buf_addz(out, "</b> after fit ");
    markup_count(out, page_num(d->root, "generation"));
    wn_buf_addz(out, ". Squares are of one size whatever the distance of the values; small grey ones were not run.</p>\n"
                     "<ul class=\"legend\">");
    if (d->truth > 0) {
        wn_buf_addz(out, "<li><span class=\"chip p4\"></span>half of the truth (");
        markup_num(out, d->truth / 2, 3);
        wn_buf_addz(out, "), simulated</li>");
    }
    if (d->has_theory)
        wn_buf_addz(out, "<li><span class=\"chip p1\"></span>dashed: half of the truth lasts, by theory, for the mean of "
                         "the runs and without an end</li>");
    wn_buf_addz(out, "</ul>\n");
}

static void write_state(const struct diagrams *d)
{
    struct wn_buf *out = d->page->out;
    double cells = page_num(d->root, "header.cells"), refused = page_num(d->root, "refused");

    if ((double)d->n_rows < cells) {
        wn_buf_addz(out, "<p class=\"note\">The sweep is not finished: ");
        markup_count(out, (double)d->n_rows);
        wn_buf_addz(out, " of ");
        markup_count(out, cells);
        wn_buf_addz(out, " cells are there.</p>\n");
    }
    if (refused > 0) {
        wn_buf_addz(out, "<p class=\"note\">");
        markup_count(out, refused);
        wn_buf_addz(out, " cells have no meaning and were not run; the first one because: ");
        markup_textz(out, page_strz(d->root, "first_refusal", "?"));
        wn_buf_addz(out, ".</p>\n");
    }
}

/* ---- the numbers --------------------------------------------------------------------------------------- */

static void write_table(const struct diagrams *d)
{
    struct wn_buf *out = d->page->out;

    wn_buf_addz(out, "<details><summary>The numbers</summary>\n");
    if (d->n_rows > MAX_LISTED)
        wn_buf_addf(out, "<p class=\"dim\">The first %d cells; the sweep's rows have all.</p>\n", MAX_LISTED);
    wn_buf_addz(out, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t w = 0; w < d->n_ways; w++) {
        wn_buf_addf(out, "<th%s scope=\"col\">", w ? " class=\"n\"" : "");
        markup_textz(out, d->way[w].name);
        wn_buf_addz(out, "</th>");
    }
    wn_buf_addz(out, "<th class=\"n\" scope=\"col\">median</th><th class=\"n\" scope=\"col\">lasts, by theory</th>"
                     "</tr></thead><tbody>\n");
    for (uint64_t i = 0; i < d->n_rows && i < MAX_LISTED; i++) {
        wn_buf_addz(out, "<tr>");
        for (size_t w = 0; w < d->n_ways; w++) {
            const struct wn_jsonval *v = wn_jsonval_at(d->way[w].values, i / d->way[w].stride % d->way[w].n);

            if (w == 0) {
                page_cell(d->page, NULL, page_strz(v, "name", "?"));
                continue;
            }
            wn_buf_addz(out, "<td class=\"n\">");
            markup_num(out, wn_jsonval_num(v, NAN), 4);
            wn_buf_addz(out, "</td>");
        }
        wn_buf_addz(out, "<td class=\"n\">");
        markup_num(out, d->value[i], 4);
        wn_buf_addz(out, "</td><td class=\"n\">");
        markup_num(out, d->theory[i], 4);
        wn_buf_addz(out, "</td></tr>\n");
    }
    page_close_table(d->page);
    wn_buf_addz(out, "</details>\n");
}

static bool can_be_drawn(const struct diagrams *d)
{
    struct wn_buf *out = d->page->out;

    if (d->x == d->n_ways) {
        wn_buf_addz(out, "<p class=\"empty\">No axis has more than one value: there is no diagram to draw.</p>\n");
        return false;
    }
    if (d->way[d->x].n > MAX_DRAWN) {
        wn_buf_addf(out, "<p class=\"empty\">An axis has more than %d values: too many to draw.</p>\n", MAX_DRAWN);
        return false;
    }
    if (!(d->low <= d->high)) {
        wn_buf_addz(out, "<p class=\"empty\">No cell has a value: there is no diagram to draw.</p>\n");
        return false;
    }
    return true;
}

enum wn_status page_sweep(struct page *p, const struct summary *s, size_t index)
{
    struct diagrams d = { .page = p, .root = s->root };
    enum wn_status st = read_cells(&d);

    if (st != WN_OK)
        return st;
    page_open_section(p, "sweep", index, "Sweep", page_strz(s->root, "header.engine", "?"), s->name);
    write_state(&d);
    if (can_be_drawn(&d)) {
        write_words(&d);
        st = write_diagrams(&d);
    }
    if (d.way[d.x < d.n_ways ? d.x : 0].n <= MAX_DRAWN)
        write_table(&d);
    wn_buf_addz(p->out, "<details><summary>Settings</summary>\n");
    page_settings(p, page_get(s->root, "header.settings"), NULL);
    page_settings(p, page_get(s->root, "header.axes"), NULL);
    wn_buf_addz(p->out, "</details>\n</section>\n");
    return st;
}

static void card_row(struct page *p, const char *words, double n)
{
    wn_buf_addf(p->out, "<tr><td>%s</td><td class=\"n\"><b>", words);
    markup_count(p->out, n);
    wn_buf_addz(p->out, "</b></td></tr>\n");
}

void page_sweep_card(struct page *p, const struct summary *s)
{
    wn_buf_addz(p->out, "<div class=\"card\"><h3>");
    markup_textz(p->out, page_strz(s->root, "header.engine", "?"));
    wn_buf_addz(p->out, "</h3><p>sweep: cells</p><table>\n");
    card_row(p, "in the grid", page_num(s->root, "header.cells"));
    card_row(p, "refused", page_num(s->root, "refused"));
    if (page_num(s->root, "truth") > 0)
        card_row(p, "keep half of the truth", page_num(s->root, "kept_half"));
    wn_buf_addz(p->out, "</table></div>\n");
}
