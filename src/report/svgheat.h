/*
 * svgheat.h - a grid of coloured squares with lines of equal value, as inline SVG.
 *
 * One hue, from the page's background to full colour, so that dark mode and print need
 * nothing here.
 */
#ifndef REPORT_SVGHEAT_H
#define REPORT_SVGHEAT_H

#include <winnow/str.h>

struct heat_line {
    const char *class;           /* of the style sheet */
    const double *value;         /* one a square, as below; NULL: no line */
    double level;                /* the line goes where the value passes it */
};

struct heat_plot {
    const char *title;           /* for those who cannot see it */
    const char *x_name, *y_name;
    const char *const *x_label, *const *y_label;
    size_t n_x, n_y;             /* squares; y upwards          */
    const double *value;         /* of square y * n_x + x; NAN: none */
    double low, high;            /* the ends of the colours     */
    struct heat_line line[2];
};
void svg_heat(struct wn_buf *out, const struct heat_plot *p);

#endif
