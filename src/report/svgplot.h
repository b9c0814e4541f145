/*
 * svgplot.h - plots as inline SVG.
 *
 * Colours, strokes and fonts are classes of the page's style sheet, so that dark mode
 * and print need nothing here.  A plot scales with its column; its units are those of
 * its own view box, about one CSS pixel each.
 */
#ifndef REPORT_SVGPLOT_H
#define REPORT_SVGPLOT_H

#include <winnow/arena.h>

/* Colours that readers with any colour vision can tell apart; then they repeat. */
enum { SVG_COLOURS = 7 };

/* ---- lines ------------------------------------------------------------------------- */

/* One line; NAN is a gap.  LOW and HIGH (NULL: none) bound a shaded band. */
struct plot_line {
    const char *label;
    size_t colour;
    const double *y, *low, *high;
    bool dashed; /* a theory: no band, no label, no end dot */
};

struct line_plot {
    const char *title; /* for those who cannot see it */
    const char *x_name;
    const double *x; /* rising */
    size_t n_x;
    const struct plot_line *line;
    size_t n_lines;
    double truth;  /* a thin line across; NAN: none */
    bool is_share; /* values above 1 are not drawn */
};

/* What became of it, for the words below. */
struct plot_notes {
    bool is_empty;       /* nothing to draw: a line of text stands instead */
    bool is_log, is_cut; /* a log axis; some band leaves the frame         */
};

/* WN_NOMEM when A has no room; what cannot be written shows in OUT's status. */
enum wn_status svg_lines(struct wn_buf *out, const struct line_plot *p, struct wn_arena *a, struct plot_notes *notes,
                         struct wn_err *err);

/* Moves N rising positions as little as possible (in squares) so that neighbours are
 * GAP apart and all lie in [LOW, HIGH]; false when there is no room. */
bool svg_spread(double *at, size_t n, double gap, double low, double high);

/* ---- squares: both axes from 0 to 1 -------------------------------------------------- */

struct square_plot {
    const char *title, *x_name, *y_name;
    const double *x, *y; /* a line; NAN is a gap */
    size_t n;
    bool with_points; /* a dot on each        */
    /* a point with its intervals; x NAN: none */
    struct {
        double x, x_low, x_high, y, y_low, y_high;
        const char *label;
    } mark;
    const double *weight; /* bars at the foot, N_WEIGHTS equal bins; NULL: none */
    size_t n_weights;
};
void svg_square(struct wn_buf *out, const struct square_plot *p);

/* ---- bars ------------------------------------------------------------------------------ */

/* Counts of N equal bins of [0, 1]. */
void svg_histogram(struct wn_buf *out, const char *title, const char *x_name, const double *count, size_t n);

/* A bar for a table cell, its parts side by side on a scale from 0 to WHOLE.  CLASSES are
 * names of the style sheet. */
struct bar_part {
    double value;
    const char *class;
};
void svg_bar(struct wn_buf *out, const struct bar_part *part, size_t n, double whole);
/* A point with its interval on a scale from 0 to 1; nothing when V is not finite. */
void svg_rate(struct wn_buf *out, double v, double low, double high);

#endif
