#include "report/svgplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/markup.h"
#include "report/svgbase.h"

enum { WIDTH = 380, HEIGHT = 232, LABEL_POINTS = 16, MAX_DOTS = 12 };

static const double label_gap = 13.5; /* between the baselines of labels        */
static const double font = 11;        /* of ticks and labels, as in the style   */
static const double band_room = 0.6;  /* a band may widen the domain by this    */

/* A plot under way. */
struct drawing {
    const struct line_plot *p;
    struct wn_buf *out;
    struct frame frame;
    struct axis x, y;
    struct plot_notes *notes;
};

/* ---- the domain ------------------------------------------------------------------------- */

struct range {
    double low, high;
};

static void widen(struct range *r, double v)
{
    if (!isfinite(v))
        return;
    r->low = fmin(r->low, v);
    r->high = fmax(r->high, v);
}

/* Of the lines, and of their bands. */
static void data_ranges(const struct line_plot *p, struct range *lines, struct range *bands)
{
    *lines = *bands = (struct range){ INFINITY, -INFINITY };
    for (size_t i = 0; i < p->n_lines; i++)
        for (size_t k = 0; k < p->n_x; k++) {
            const struct plot_line *l = &p->line[i];

            widen(lines, l->y[k]);
            if (l->low && l->high && isfinite(l->y[k])) {
                widen(bands, l->low[k]);
                widen(bands, l->high[k]);
            }
        }
}

/* Wide bands of few runs must not press the lines flat, so they widen the domain only so
 * far; and a band of a figure that is never negative, or a share, stops at its bounds. */
static struct range with_bands(const struct line_plot *p, struct range lines, struct range bands)
{
    double room = lines.high - lines.low;
    struct range r = lines;

    if (room <= 0)
        room = bands.high > bands.low ? (bands.high - bands.low) / (2 * band_room) : 0;
    r.low = fmin(r.low, fmax(bands.low, lines.low - band_room * room));
    r.high = fmax(r.high, fmin(bands.high, lines.high + band_room * room));
    if (lines.low >= 0)
        r.low = fmax(r.low, 0);
    if (p->is_share && lines.high <= 1)
        r.high = fmin(r.high, 1);
    return r;
}

static void choose_y(struct drawing *d)
{
    struct range lines, bands, r;

    data_ranges(d->p, &lines, &bands);
    d->notes->is_empty = !(lines.low <= lines.high);
    if (d->notes->is_empty)
        return;
    d->notes->is_log = lines.low > 0 && lines.high / lines.low > 100;
    if (isfinite(d->p->truth))
        widen(&lines, d->notes->is_log && d->p->truth <= 0 ? NAN : d->p->truth);
    if (d->notes->is_log) {
        axis_log(&d->y, lines.low, lines.high);
        r = (struct range){ pow(10, d->y.low), pow(10, d->y.high) };
    } else {
        r = with_bands(d->p, lines, bands);
        axis_linear(&d->y, r.low, r.high, 5);
        r = (struct range){ d->y.low, d->y.high };
    }
    d->notes->is_cut = bands.low < r.low || bands.high > r.high;
}

static double widest_tick(const struct axis *a)
{
    double width = 0;

    for (size_t i = 0; i < a->n_ticks; i++) {
        char room[64]; /* far above what a label takes, so nothing is allocated */
        struct wn_buf label = { .ptr = room, .cap = sizeof(room), .max_bytes = sizeof(room) };

        axis_label(a, i, &label);
        wn_buf_addc(&label, '\0');
        width = fmax(width, markup_width(room, sizeof(room)));
    }
    return width * font;
}

static double widest_label(const struct line_plot *p)
{
    double width = 0;

    for (size_t i = 0; i < p->n_lines; i++)
        if (!p->line[i].dashed)
            width = fmax(width, markup_width(p->line[i].label, LABEL_POINTS));
    return width * font;
}

static void place_frame(struct drawing *d)
{
    d->frame = (struct frame){
        .left = 10 + widest_tick(&d->y), .right = WIDTH - 24 - widest_label(d->p), .top = 10, .bottom = HEIGHT - 36
    };
    axis_whole(&d->x, d->p->x[0], d->p->x[d->p->n_x - 1], 5);
    d->x.at_low = d->frame.left;
    d->x.at_high = d->frame.right;
    d->y.at_low = d->frame.bottom;
    d->y.at_high = d->frame.top;
}

/* ---- strokes ---------------------------------------------------------------------------- */

/* Of line I at point K.  With a single generation the lines would hide each other: they
 * stand side by side. */
static double x_at(const struct drawing *d, size_t i, size_t k)
{
    double x = axis_place(&d->x, d->p->x[k]);

    if (d->p->n_x > 1)
        return x;
    x += 10 * ((double)i - ((double)d->p->n_lines - 1) / 2);
    return fmin(fmax(x, d->frame.left + 3), d->frame.right - 3);
}

static void point(struct drawing *d, char command, double x, double y)
{
    wn_buf_addc(d->out, command);
    markup_fixed(d->out, x, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, axis_place(&d->y, y), 1);
}

static bool has_band(const struct plot_line *l, size_t k)
{
    return l->low && l->high && isfinite(l->y[k]) && isfinite(l->low[k]) && isfinite(l->high[k]);
}

static bool has_point(const struct plot_line *l, size_t k)
{
    return isfinite(l->y[k]);
}

/* The end of the run of points from K on for which HAS holds. */
static size_t run_end(const struct drawing *d, const struct plot_line *l, size_t k,
                      bool (*has)(const struct plot_line *l, size_t k))
{
    while (k < d->p->n_x && has(l, k))
        k++;
    return k;
}

static void class_of(struct wn_buf *out, const char *kind, size_t colour)
{
    wn_buf_addf(out, " class=\"%s p%zu\"", kind, colour % SVG_COLOURS);
}

static void draw_band(struct drawing *d, size_t i)
{
    const struct plot_line *l = &d->p->line[i];

    for (size_t k = 0, end; k<d->p->n_x; k = end> k ? end : k + 1) {
        end = run_end(d, l, k, has_band);
        if (end == k)
            continue;
        wn_buf_addz(d->out, "<path");
        class_of(d->out, end - k > 1 ? "band" : "whisker", l->colour);
        wn_buf_addz(d->out, " d=\"");
        for (size_t q = k; q < end; q++)
            point(d, q == k ? 'M' : 'L', x_at(d, i, q), l->high[q]);
        for (size_t q = end; q-- > k;)
            point(d, 'L', x_at(d, i, q), l->low[q]);
        wn_buf_addz(d->out, end - k > 1 ? "Z\"/>\n" : "\"/>\n");
    }
}

static void draw_line(struct drawing *d, size_t i)
{
    const struct plot_line *l = &d->p->line[i];

    for (size_t k = 0, end; k<d->p->n_x; k = end> k ? end : k + 1) {
        end = run_end(d, l, k, has_point);
        if (end - k < 2)
            continue;
        wn_buf_addz(d->out, "<path");
        class_of(d->out, l->dashed ? "theory" : "line", l->colour);
        wn_buf_addz(d->out, " d=\"");
        for (size_t q = k; q < end; q++)
            point(d, q == k ? 'M' : 'L', x_at(d, i, q), l->y[q]);
        wn_buf_addz(d->out, "\"/>\n");
    }
}

static void dot(struct drawing *d, size_t i, size_t k, double radius)
{
    char class[24];

    snprintf(class, sizeof(class), "dot p%zu", d->p->line[i].colour % SVG_COLOURS);
    svgbase_dot(d->out, class, x_at(d, i, k), axis_place(&d->y, d->p->line[i].y[k]), radius);
}

/* On every point of short lines, on points without a neighbour, and on the end. */
static void draw_dots(struct drawing *d, size_t i, size_t last)
{
    const struct plot_line *l = &d->p->line[i];

    for (size_t k = 0; k < d->p->n_x; k++) {
        bool alone = (k == 0 || !has_point(l, k - 1)) && (k + 1 == d->p->n_x || !has_point(l, k + 1));

        if (has_point(l, k) && (k == last || alone || d->p->n_x <= MAX_DOTS))
            dot(d, i, k, k == last || d->p->n_x == 1 ? 2.6 : 1.8);
    }
}

/* ---- labels at the line ends ---------------------------------------------------------------- */

struct end_label {
    size_t line;
    double x, y; /* of the line's last point, or of the frame's edge beside it */
};

static int by_height(const void *a, const void *b)
{
    const struct end_label *p = a, *q = b;

    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->line > q->line) - (p->line < q->line);
}

static size_t last_point(const struct drawing *d, size_t i)
{
    size_t last = SIZE_MAX;

    for (size_t k = 0; k < d->p->n_x; k++)
        if (has_point(&d->p->line[i], k))
            last = k;
    return last;
}

static void draw_label(struct drawing *d, const struct end_label *e, double at)
{
    const struct plot_line *l = &d->p->line[e->line];
    double right = d->frame.right;

    wn_buf_addz(d->out, "<path");
    class_of(d->out, "lead", l->colour);
    wn_buf_addz(d->out, " d=\"M");
    markup_fixed(d->out, e->x + 4, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, e->y, 1);
    wn_buf_addc(d->out, 'L');
    markup_fixed(d->out, right + 4, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, e->y, 1);
    wn_buf_addc(d->out, 'L');
    markup_fixed(d->out, right + 13, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, at, 1);
    wn_buf_addz(d->out, "\"/>\n");
    svgbase_text(d->out, "label", right + 16, at + 3.8, "start");
    markup_short(d->out, l->label, LABEL_POINTS);
    wn_buf_addz(d->out, "</text>\n");
}

/* More labels than the height holds are left to the legend. */
static enum wn_status draw_labels(struct drawing *d, struct wn_arena *a, struct wn_err *err)
{
    struct end_label *end = wn_arena_calloc(a, d->p->n_lines, sizeof(*end));
    double *at = wn_arena_calloc(a, d->p->n_lines, sizeof(*at));
    size_t n = 0;

    if (!end || !at)
        return wn_fail(err, WN_NOMEM, "out of memory for the labels of a plot");
    for (size_t i = 0; i < d->p->n_lines; i++) {
        size_t k = d->p->line[i].dashed ? SIZE_MAX : last_point(d, i);

        if (k == SIZE_MAX)
            continue;
        end[n].line = i;
        end[n].x = x_at(d, i, k);
        end[n].y = fmin(fmax(axis_place(&d->y, d->p->line[i].y[k]), d->frame.top), d->frame.bottom);
        n++;
    }
    qsort(end, n, sizeof(*end), by_height);
    for (size_t i = 0; i < n; i++)
        at[i] = end[i].y;
    if (svg_spread(at, n, label_gap, d->frame.top, d->frame.bottom))
        for (size_t i = 0; i < n; i++)
            draw_label(d, &end[i], at[i]);
    return WN_OK;
}

/* ---- the plot ------------------------------------------------------------------------------- */

/* An inner view box with the same units cuts what leaves the frame. */
static void open_clip(struct drawing *d)
{
    double x = d->frame.left - 3, y = d->frame.top - 3;
    double w = d->frame.right - d->frame.left + 7, h = d->frame.bottom - d->frame.top + 6;

    wn_buf_addz(d->out, "<svg");
    svgbase_attr(d->out, "x", x);
    svgbase_attr(d->out, "y", y);
    svgbase_attr(d->out, "width", w);
    svgbase_attr(d->out, "height", h);
    wn_buf_addz(d->out, " viewBox=\"");
    markup_fixed(d->out, x, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, y, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, w, 1);
    wn_buf_addc(d->out, ' ');
    markup_fixed(d->out, h, 1);
    wn_buf_addz(d->out, "\">\n");
}

static void draw_data(struct drawing *d)
{
    open_clip(d);
    for (size_t i = 0; i < d->p->n_lines; i++)
        if (!d->p->line[i].dashed)
            draw_band(d, i);
    if (isfinite(d->p->truth)) {
        double at = axis_place(&d->y, d->p->truth);

        svgbase_line(d->out, "truth", d->frame.left, at, d->frame.right, at);
    }
    for (size_t i = 0; i < d->p->n_lines; i++)
        draw_line(d, i);
    for (size_t i = 0; i < d->p->n_lines; i++)
        if (!d->p->line[i].dashed)
            draw_dots(d, i, last_point(d, i));
    wn_buf_addz(d->out, "</svg>\n");
}

enum wn_status svg_lines(struct wn_buf *out, const struct line_plot *p, struct wn_arena *a, struct plot_notes *notes,
                         struct wn_err *err)
{
    struct drawing d = { .p = p, .out = out, .notes = notes };
    enum wn_status st;

    *notes = (struct plot_notes){ .is_empty = true };
    if (p->n_x)
        choose_y(&d);
    if (notes->is_empty) {
        wn_buf_addz(out, "<p class=\"empty\">No values to draw.</p>\n");
        return WN_OK;
    }
    place_frame(&d);
    svgbase_open(out, p->title, WIDTH, HEIGHT);
    svgbase_y_axis(out, &d.frame, &d.y);
    svgbase_x_axis(out, &d.frame, &d.x, p->x_name);
    draw_data(&d);
    st = draw_labels(&d, a, err);
    wn_buf_addz(out, "</svg>\n");
    return st;
}
