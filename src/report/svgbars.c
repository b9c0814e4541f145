#include "report/svgplot.h"

#include <math.h>

#include "report/markup.h"
#include "report/svgbase.h"

enum { WIDTH = 500, HEIGHT = 200, BAR_WIDTH = 200, BAR_HEIGHT = 12 };

static const double digit_width = 6.6;

void svg_histogram(struct wn_buf *out, const char *title, const char *x_name, const double *count, size_t n)
{
    struct frame f = { .left = 48, .right = WIDTH - 10, .top = 18, .bottom = HEIGHT - 36 };
    struct axis x, y;
    double most = 0, w;
    bool fits; /* the counts over the bars */

    for (size_t i = 0; i < n; i++)
        most = count[i] > most ? count[i] : most;
    axis_linear(&y, 0, most > 0 ? most : 1, 4);
    axis_linear(&x, 0, 1, 5);
    x.at_low = f.left;
    x.at_high = f.right;
    y.at_low = f.bottom;
    y.at_high = f.top;
    w = (f.right - f.left) / (double)(n ? n : 1);
    fits = most < pow(10, floor(w / digit_width));
    svgbase_open(out, title, WIDTH, HEIGHT);
    svgbase_y_axis(out, &f, &y);
    for (size_t i = 0; i < n; i++) {
        double at = axis_place(&y, count[i]);

        if (!(count[i] > 0))
            continue;
        svgbase_rect(out, "fill p0", f.left + (double)i * w + 1, at, w - 2, f.bottom - at);
        if (!fits)
            continue;
        svgbase_text(out, "tick", f.left + ((double)i + 0.5) * w, at - 4, "middle");
        markup_count(out, count[i]);
        wn_buf_addz(out, "</text>\n");
    }
    svgbase_x_axis(out, &f, &x, x_name);
    wn_buf_addz(out, "</svg>\n");
}

static void open_bar(struct wn_buf *out)
{
    wn_buf_addf(out, "<svg class=\"bar\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                BAR_WIDTH, BAR_HEIGHT);
}

void svg_bar(struct wn_buf *out, const struct bar_part *part, size_t n, double whole)
{
    double at = 0;

    open_bar(out);
    svgbase_rect(out, "track", 0, 0, BAR_WIDTH, BAR_HEIGHT);
    for (size_t i = 0; i < n; i++) {
        double w = whole > 0 && part[i].value > 0 ? BAR_WIDTH * fmin(part[i].value / whole, 1) : 0;

        if (w > 0 && *part[i].class)
            svgbase_rect(out, part[i].class, at, 0, fmax(fmin(w, BAR_WIDTH - at), 0.5), BAR_HEIGHT);
        at += w;
    }
    wn_buf_addz(out, "</svg>");
}

void svg_rate(struct wn_buf *out, double v, double low, double high)
{
    if (!isfinite(v))
        return;
    low = isfinite(low) ? fmin(fmax(low, 0), 1) : v;
    high = isfinite(high) ? fmin(fmax(high, 0), 1) : v;
    v = fmin(fmax(v, 0), 1);
    open_bar(out);
    svgbase_rect(out, "track", 0, 5, BAR_WIDTH, 2);
    svgbase_rect(out, "soft p0", BAR_WIDTH * low, 2, fmax(BAR_WIDTH * (high - low), 1), 8);
    svgbase_rect(out, "fill p0", fmin(fmax(BAR_WIDTH * v - 1.2, 0), BAR_WIDTH - 2.4), 0, 2.4, BAR_HEIGHT);
    wn_buf_addz(out, "</svg>");
}
