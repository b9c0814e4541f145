#include "report/svgplot.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgbase.h"

enum { SIDE = 300, SPACE_LEFT = 44, SPACE_RIGHT = 14, SPACE_TOP = 24, SPACE_BOTTOM = 36 };

static const double foot = 44; /* height of the tallest bar at the foot */

struct square {
    struct wn_buf *out;
    struct frame frame;
    struct axis x, y;
};

static void open_square(struct square *s, const struct square_plot *p)
{
    s->frame = (struct frame){ SPACE_LEFT, SPACE_LEFT + SIDE, SPACE_TOP, SPACE_TOP + SIDE };
    axis_linear(&s->x, 0, 1, 5);
    axis_linear(&s->y, 0, 1, 5);
    s->x.at_low = s->frame.left;
    s->x.at_high = s->frame.right;
    s->y.at_low = s->frame.bottom;
    s->y.at_high = s->frame.top;
    svgbase_open(s->out, p->title, SPACE_LEFT + SIDE + SPACE_RIGHT, SPACE_TOP + SIDE + SPACE_BOTTOM);
    svgbase_y_axis(s->out, &s->frame, &s->y);
    svgbase_x_axis(s->out, &s->frame, &s->x, p->x_name);
    svgbase_words(s->out, "name", 0, 10, "start", p->y_name);
    svgbase_line(s->out, "truth", s->frame.left, s->frame.bottom, s->frame.right, s->frame.top);
}

static void draw_weights(struct square *s, const struct square_plot *p)
{
    double most = 0, w = SIDE / (double)(p->n_weights ? p->n_weights : 1);

    for (size_t i = 0; i < p->n_weights; i++)
        most = p->weight[i] > most ? p->weight[i] : most;
    for (size_t i = 0; i < p->n_weights && most > 0; i++) {
        double h = foot * p->weight[i] / most;

        if (h > 0)
            svgbase_rect(s->out, "foot", s->frame.left + (double)i * w + 1, s->frame.bottom - h, w - 2, h);
    }
}

static void draw_path(struct square *s, const struct square_plot *p)
{
    bool is_open = false;

    wn_buf_addz(s->out, "<path class=\"line p0\" d=\"");
    for (size_t i = 0; i < p->n; i++) {
        bool there = isfinite(p->x[i]) && isfinite(p->y[i]);

        if (there) {
            wn_buf_addc(s->out, is_open ? 'L' : 'M');
            markup_fixed(s->out, axis_place(&s->x, p->x[i]), 1);
            wn_buf_addc(s->out, ' ');
            markup_fixed(s->out, axis_place(&s->y, p->y[i]), 1);
        }
        is_open = there;
    }
    wn_buf_addz(s->out, is_open || p->n ? "\"/>\n" : "M0 0\"/>\n");
    for (size_t i = 0; i < p->n && p->with_points; i++)
        if (isfinite(p->x[i]) && isfinite(p->y[i]))
            svgbase_dot(s->out, "dot p0", axis_place(&s->x, p->x[i]), axis_place(&s->y, p->y[i]), 3.2);
}

static void draw_mark(struct square *s, const struct square_plot *p)
{
    double x = axis_place(&s->x, p->mark.x), y = axis_place(&s->y, p->mark.y);
    bool is_right = x > s->frame.left + 0.6 * SIDE, is_high = y < s->frame.top + 30;

    if (!isfinite(p->mark.x) || !isfinite(p->mark.y))
        return;
    if (isfinite(p->mark.x_low) && isfinite(p->mark.x_high))
        svgbase_line(s->out, "whisker p1", axis_place(&s->x, p->mark.x_low), y, axis_place(&s->x, p->mark.x_high), y);
    if (isfinite(p->mark.y_low) && isfinite(p->mark.y_high))
        svgbase_line(s->out, "whisker p1", x, axis_place(&s->y, p->mark.y_low), x, axis_place(&s->y, p->mark.y_high));
    svgbase_dot(s->out, "dot p1", x, y, 4.2);
    svgbase_words(s->out, "label", is_right ? x - 8 : x + 8, is_high ? y + 17 : y - 7, is_right ? "end" : "start",
                  p->mark.label);
}

void svg_square(struct wn_buf *out, const struct square_plot *p)
{
    struct square s = { .out = out };

    open_square(&s, p);
    if (p->weight)
        draw_weights(&s, p);
    draw_path(&s, p);
    draw_mark(&s, p);
    wn_buf_addz(out, "</svg>\n");
}
