#include "report/svgbase.h"

#include "report/markup.h"

void svgbase_open(struct wn_buf *out, const char *title, double width, double height)
{
    wn_buf_addz(out, "<svg role=\"img\" viewBox=\"0 0 ");
    markup_fixed(out, width, 0);
    wn_buf_addc(out, ' ');
    markup_fixed(out, height, 0);
    wn_buf_addz(out, "\" aria-label=\"");
    markup_textz(out, title);
    wn_buf_addz(out, "\">\n");
}

void svgbase_attr(struct wn_buf *out, const char *name, double v)
{
    wn_buf_addc(out, ' ');
    wn_buf_addz(out, name);
    wn_buf_addz(out, "=\"");
    markup_fixed(out, v, 1);
    wn_buf_addc(out, '"');
}

static void open_shape(struct wn_buf *out, const char *tag, const char *class)
{
    wn_buf_addc(out, '<');
    wn_buf_addz(out, tag);
    wn_buf_addz(out, " class=\"");
    wn_buf_addz(out, class);
    wn_buf_addc(out, '"');
}

void svgbase_line(struct wn_buf *out, const char *class, double x1, double y1, double x2, double y2)
{
    open_shape(out, "line", class);
    svgbase_attr(out, "x1", x1);
    svgbase_attr(out, "y1", y1);
    svgbase_attr(out, "x2", x2);
    svgbase_attr(out, "y2", y2);
    wn_buf_addz(out, "/>\n");
}

void svgbase_dot(struct wn_buf *out, const char *class, double x, double y, double r)
{
    open_shape(out, "circle", class);
    svgbase_attr(out, "cx", x);
    svgbase_attr(out, "cy", y);
    svgbase_attr(out, "r", r);
    wn_buf_addz(out, "/>\n");
}

void svgbase_rect(struct wn_buf *out, const char *class, double x, double y, double w, double h)
{
    open_shape(out, "rect", class);
    svgbase_attr(out, "x", x);
    svgbase_attr(out, "y", y);
    svgbase_attr(out, "width", w);
    svgbase_attr(out, "height", h);
    wn_buf_addz(out, "/>\n");
}

void svgbase_text(struct wn_buf *out, const char *class, double x, double y, const char *anchor)
{
    open_shape(out, "text", class);
    svgbase_attr(out, "x", x);
    svgbase_attr(out, "y", y);
    wn_buf_addz(out, " text-anchor=\"");
    wn_buf_addz(out, anchor);
    wn_buf_addz(out, "\">");
}

void svgbase_words(struct wn_buf *out, const char *class, double x, double y, const char *anchor, const char *z)
{
    svgbase_text(out, class, x, y, anchor);
    markup_textz(out, z);
    wn_buf_addz(out, "</text>\n");
}

void svgbase_y_axis(struct wn_buf *out, const struct frame *f, const struct axis *y)
{
    for (size_t i = 0; i < y->n_ticks; i++) {
        double at = axis_place(y, y->tick[i]);

        svgbase_line(out, i ? "grid" : "base", f->left, at, f->right, at);
        svgbase_text(out, "tick", f->left - 6, at + 3.6, "end");
        axis_label(y, i, out);
        wn_buf_addz(out, "</text>\n");
    }
}

void svgbase_x_axis(struct wn_buf *out, const struct frame *f, const struct axis *x, const char *name)
{
    for (size_t i = 0; i < x->n_ticks; i++) {
        double at = axis_place(x, x->tick[i]);

        svgbase_line(out, "base", at, f->bottom, at, f->bottom + 4);
        svgbase_text(out, "tick", at, f->bottom + 15.5, "middle");
        axis_label(x, i, out);
        wn_buf_addz(out, "</text>\n");
    }
    svgbase_words(out, "name", (f->left + f->right) / 2, f->bottom + 30, "middle", name);
}
