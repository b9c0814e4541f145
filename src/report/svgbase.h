/*
 * svgbase.h - the strokes that all plots share.
 */
#ifndef REPORT_SVGBASE_H
#define REPORT_SVGBASE_H

#include "report/axis.h"

/* Where the data are drawn, in units of the view box. */
struct frame {
    double left, right, top, bottom;
};

void svgbase_open(struct wn_buf *out, const char *title, double width, double height);
/* ' NAME="V"' with one decimal. */
void svgbase_attr(struct wn_buf *out, const char *name, double v);
void svgbase_line(struct wn_buf *out, const char *class, double x1, double y1, double x2, double y2);
void svgbase_dot(struct wn_buf *out, const char *class, double x, double y, double r);
void svgbase_rect(struct wn_buf *out, const char *class, double x, double y, double w, double h);
/* Opens <text>; ANCHOR is start, middle or end.  The caller adds text and </text>. */
void svgbase_text(struct wn_buf *out, const char *class, double x, double y, const char *anchor);
void svgbase_words(struct wn_buf *out, const char *class, double x, double y, const char *anchor, const char *z);
/* The y axis: grid lines and labels at the left.  The x axis: labels below, and the
 * name under them. */
void svgbase_y_axis(struct wn_buf *out, const struct frame *f, const struct axis *y);
void svgbase_x_axis(struct wn_buf *out, const struct frame *f, const struct axis *x, const char *name);

#endif
