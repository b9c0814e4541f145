/*
 * markup.h - text and numbers into HTML and SVG.
 *
 * Whatever comes from an input goes through markup_text.  Numbers are formatted here
 * and not by printf, so that they do not depend on the locale.
 */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include <winnow/str.h>

/* Appends S with < > & " ' escaped; safe in text and in quoted attributes.  Invalid
 * UTF-8 and control characters become U+FFFD. */
void markup_text(struct wn_buf *out, struct wn_str s);
void markup_textz(struct wn_buf *out, const char *z);
/* The same, cut to MAX_POINTS code points, the last of them then an ellipsis. */
void markup_short(struct wn_buf *out, const char *z, size_t max_points);

/* V with exactly DECIMALS (0..15) decimals, halves away from zero; "-0.0" is "0.0".  Not
 * finite: an en dash.  From 1e15 on with an exponent. */
void markup_fixed(struct wn_buf *out, double v, int decimals);
/* V with N significant digits for a reader: 0.0123, 1.50, 12,718, 3.2e-7. */
void markup_num(struct wn_buf *out, double v, int n);
/* A count with commas between the thousands; a fraction when V is not whole. */
void markup_count(struct wn_buf *out, double v);
/* A share as a percentage with as many decimals as help: 40.1 %, 0.94 %. */
void markup_percent(struct wn_buf *out, double share);
/* "0.56 [0.50, 0.63]", as precise as the interval has two significant digits; without
 * brackets when an end is not finite. */
void markup_interval(struct wn_buf *out, double v, double low, double high);

/* Its parts alone, as precise: "0.56" and "0.50 to 0.63". */
void markup_middle(struct wn_buf *out, double v, double low, double high);
void markup_ends(struct wn_buf *out, double low, double high);

/* Estimated width of Z in the page's font, in units of the font size. */
double markup_width(const char *z, size_t max_points);

#endif
