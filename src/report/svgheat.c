#include "report/svgheat.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgbase.h"

enum { SIDE = 300, SPACE_LEFT = 58, SPACE_TOP = 24, SPACE_BOTTOM = 36, SPACE_SCALE = 66 };
enum { MAX_LABELS = 7, SCALE_STEPS = 24 };

struct heat {
    struct wn_buf *out;
    const struct heat_plot *plot;
    struct frame frame;
    double w, h; /* of a square */
};

static void square(struct wn_buf *out, double x, double y, double w, double h, double share)
{
    wn_buf_addz(out, "<rect class=\"fill p0\"");
    svgbase_attr(out, "x", x);
    svgbase_attr(out, "y", y);
    svgbase_attr(out, "width", w);
    svgbase_attr(out, "height", h);
    wn_buf_addz(out, " fill-opacity=\"");
    markup_fixed(out, 0.04 + 0.96 * fmin(fmax(share, 0), 1), 3);
    wn_buf_addz(out, "\"/>\n");
}

static double share_of(const struct heat_plot *p, double v)
{
    return p->high > p->low ? (v - p->low) / (p->high - p->low) : 1;
}

static double centre_x(const struct heat *h, double i)
{
    return h->frame.left + (i + 0.5) * h->w;
}

static double centre_y(const struct heat *h, double k)
{
    return h->frame.bottom - (k + 0.5) * h->h;
}

/* ---- squares and axes ----------------------------------------------------------------------- */

static void draw_squares(const struct heat *h)
{
    const struct heat_plot *p = h->plot;

    for (size_t k = 0; k < p->n_y; k++)
        for (size_t i = 0; i < p->n_x; i++) {
            double v = p->value[k * p->n_x + i], x = h->frame.left + (double)i * h->w;
            double y = h->frame.bottom - (double)(k + 1) * h->h;

            if (isfinite(v))
                square(h->out, x, y, h->w, h->h, share_of(p, v));
            else
                svgbase_rect(h->out, "track", x + 0.3 * h->w, y + 0.3 * h->h, 0.4 * h->w, 0.4 * h->h);
        }
}

/* Whether square I of N gets a label: a few, evenly, the first one always. */
static bool is_labelled(size_t i, size_t n)
{
    size_t stride = (n + MAX_LABELS - 1) / MAX_LABELS;

    return i % stride == 0;
}

static void draw_axes(const struct heat *h)
{
    const struct heat_plot *p = h->plot;

    for (size_t i = 0; i < p->n_x; i++)
        if (is_labelled(i, p->n_x))
            svgbase_words(h->out, "tick", centre_x(h, (double)i), h->frame.bottom + 15.5, "middle", p->x_label[i]);
    for (size_t k = 0; k < p->n_y; k++)
        if (is_labelled(k, p->n_y))
            svgbase_words(h->out, "tick", h->frame.left - 6, centre_y(h, (double)k) + 3.6, "end", p->y_label[k]);
    svgbase_words(h->out, "name", (h->frame.left + h->frame.right) / 2, h->frame.bottom + 30, "middle", p->x_name);
    svgbase_words(h->out, "name", 0, 10, "start", p->y_name);
}

static void draw_scale(const struct heat *h)
{
    const struct heat_plot *p = h->plot;
    double x = h->frame.right + 14, step = (h->frame.bottom - h->frame.top) / SCALE_STEPS;

    for (int i = 0; i < SCALE_STEPS; i++)
        square(h->out, x, h->frame.bottom - (i + 1) * step, 10, step, (double)i / (SCALE_STEPS - 1));
    svgbase_text(h->out, "tick", x + 14, h->frame.bottom, "start");
    markup_num(h->out, p->low, 2);
    wn_buf_addz(h->out, "</text>\n");
    svgbase_text(h->out, "tick", x + 14, h->frame.top + 8, "start");
    markup_num(h->out, p->high, 2);
    wn_buf_addz(h->out, "</text>\n");
}

/* ---- lines of equal value: marching squares over the centres ------------------------------------ */

/* Where the level is passed between corners A and B of a square, as a share of the way. */
static bool passes(double a, double b, double level, double *at)
{
    if ((a < level) == (b < level))
        return false;
    *at = (level - a) / (b - a);
    return true;
}

static void add_point(const struct heat *h, char command, double i, double k)
{
    wn_buf_addc(h->out, command);
    markup_fixed(h->out, centre_x(h, i), 1);
    wn_buf_addc(h->out, ' ');
    markup_fixed(h->out, centre_y(h, k), 1);
}

/* The square whose lower left centre is (I, K).  Passed edges come in order around it; with four
 * of them (a saddle) neighbours in that order are joined. */
static void march(const struct heat *h, const struct heat_line *l, size_t i, size_t k)
{
    const double *v = l->value + k * h->plot->n_x + i, *up = v + h->plot->n_x;
    double x = (double)i, y = (double)k, at, px[4], py[4];
    size_t n = 0;

    if (!isfinite(v[0]) || !isfinite(v[1]) || !isfinite(up[0]) || !isfinite(up[1]))
        return;
    if (passes(v[0], v[1], l->level, &at)) {
        px[n] = x + at;
        py[n++] = y;
    }
    if (passes(v[1], up[1], l->level, &at)) {
        px[n] = x + 1;
        py[n++] = y + at;
    }
    if (passes(up[0], up[1], l->level, &at)) {
        px[n] = x + at;
        py[n++] = y + 1;
    }
    if (passes(v[0], up[0], l->level, &at)) {
        px[n] = x;
        py[n++] = y + at;
    }
    for (size_t e = 0; e + 1 < n; e += 2) {
        add_point(h, 'M', px[e], py[e]);
        add_point(h, 'L', px[e + 1], py[e + 1]);
    }
}

/* With one row there are no squares between centres: a line across the row, at each passing. */
static void mark_row(const struct heat *h, const struct heat_line *l)
{
    double at;

    for (size_t i = 0; i + 1 < h->plot->n_x; i++)
        if (isfinite(l->value[i]) && isfinite(l->value[i + 1]) && passes(l->value[i], l->value[i + 1], l->level, &at)) {
            add_point(h, 'M', (double)i + at, -0.5);
            add_point(h, 'L', (double)i + at, 0.5);
        }
}

static void draw_line(const struct heat *h, const struct heat_line *l)
{
    size_t before;

    if (!l->value)
        return;
    wn_buf_addf(h->out, "<path class=\"%s\" d=\"", l->class);
    before = h->out->len;
    for (size_t k = 0; k + 1 < h->plot->n_y; k++)
        for (size_t i = 0; i + 1 < h->plot->n_x; i++)
            march(h, l, i, k);
    if (h->plot->n_y == 1)
        mark_row(h, l);
    if (h->out->len == before)
        wn_buf_addz(h->out, "M0 0");
    wn_buf_addz(h->out, "\"/>\n");
}

void svg_heat(struct wn_buf *out, const struct heat_plot *p)
{
    double height = p->n_y == 1 ? 60 : SIDE;
    struct heat h = { out, p, { SPACE_LEFT, SPACE_LEFT + SIDE, SPACE_TOP, SPACE_TOP + height }, 0, 0 };

    h.w = SIDE / (double)p->n_x;
    h.h = height / (double)p->n_y;
    svgbase_open(out, p->title, SPACE_LEFT + SIDE + SPACE_SCALE, SPACE_TOP + height + SPACE_BOTTOM);
    draw_squares(&h);
    for (size_t i = 0; i < sizeof(p->line) / sizeof(p->line[0]); i++)
        draw_line(&h, &p->line[i]);
    draw_axes(&h);
    draw_scale(&h);
    wn_buf_addz(out, "</svg>\n");
}
