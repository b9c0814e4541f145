#include "report/axis.h"

#include <math.h>

#include "report/markup.h"

/* The smallest of 1, 2, 5 times a power of ten that is at least V > 0. */
static double round_step(double v)
{
    double power = pow(10, floor(log10(v)));
    double m = v / power;

    if (m <= 1.0000001)
        return power;
    if (m <= 2.0000001)
        return 2 * power;
    if (m <= 5.0000001)
        return 5 * power;
    return 10 * power;
}

static void fill_ticks(struct axis *a, double first, double last)
{
    double n = round((last - first) / a->step);

    a->n_ticks = 0;
    for (int i = 0; i <= n && a->n_ticks < AXIS_MAX_TICKS; i++) {
        double v = first + i * a->step;

        a->tick[a->n_ticks++] = fabs(v) < a->step * 1e-9 ? 0 : v;
    }
}

/* Values beyond are drawn at the edge; differences and powers of the rest stay finite. */
static const double largest_drawn = 1e150, smallest_log = 1e-150;

void axis_linear(struct axis *a, double low, double high, int wanted)
{
    double room;

    low = fmin(fmax(low, -largest_drawn), largest_drawn);
    high = fmin(fmax(high, -largest_drawn), largest_drawn);
    room = high - low;

    a->is_log = false;
    if (!(room > 1e-9 * (fabs(low) + fabs(high))) || room < 1e-300) { /* one value: some air around it */
        room = low ? 0.2 * fabs(low) : 2;
        low -= room / 2;
        high += room / 2;
    }
    a->step = round_step(room / wanted);
    a->low = floor(low / a->step + 1e-9) * a->step;
    a->high = ceil(high / a->step - 1e-9) * a->step;
    fill_ticks(a, a->low, a->high);
}

void axis_log(struct axis *a, double low, double high)
{
    low = fmin(fmax(low, smallest_log), largest_drawn);
    high = fmin(fmax(high, smallest_log), largest_drawn);
    a->is_log = true;
    a->low = floor(log10(low) + 1e-9);
    a->high = ceil(log10(high) - 1e-9);
    if (a->high <= a->low)
        a->high = a->low + 1;
    a->step = ceil((a->high - a->low) / 7);
    a->n_ticks = 0;
    for (double e = a->low; e <= a->high && a->n_ticks < AXIS_MAX_TICKS; e += a->step)
        a->tick[a->n_ticks++] = pow(10, e);
}

void axis_whole(struct axis *a, double low, double high, int wanted)
{
    a->is_log = false;
    a->low = low;
    a->high = high;
    if (high <= low) {
        a->low = low - 1;
        a->high = low + 1;
        a->step = 1;
        fill_ticks(a, low, low);
        return;
    }
    a->step = round_step((high - low) / wanted);
    if (a->step < 1)
        a->step = 1;
    fill_ticks(a, ceil(low / a->step) * a->step, floor(high / a->step) * a->step);
    if (a->tick[0] > low && a->n_ticks < AXIS_MAX_TICKS && a->tick[0] - low > 0.6 * a->step) {
        memmove(a->tick + 1, a->tick, a->n_ticks * sizeof(a->tick[0]));
        a->tick[0] = low;
        a->n_ticks++;
    }
}

double axis_place(const struct axis *a, double v)
{
    double t = ((a->is_log ? log10(v) : v) - a->low) / (a->high - a->low);

    if (!(t > -1)) /* the log of 0, too */
        t = -1;
    if (t > 2)
        t = 2;
    return a->at_low + t * (a->at_high - a->at_low);
}

static int step_decimals(double step)
{
    int decimals = 0;

    while (decimals < 12 && fabs(step - round(step)) > 1e-6 * step) {
        step *= 10;
        decimals++;
    }
    return decimals;
}

void axis_label(const struct axis *a, size_t tick, struct wn_buf *out)
{
    static const struct {
        double from, unit;
        const char *suffix;
    } units[] = { { 1e13, 0, "" }, { 1e12, 1e12, "T" }, { 1e9, 1e9, "G" }, { 1e6, 1e6, "M" }, { 1e4, 1e3, "k" } };
    double v = a->tick[tick], largest = fmax(fabs(a->low), fabs(a->high)), step = a->step;

    if (a->is_log) {
        largest = pow(10, a->high);
        step = v;
    }
    if (largest >= 1e13 || step < 1e-4) {
        markup_num(out, v, a->is_log ? 1 : 3);
        return;
    }
    for (size_t i = 1; i < sizeof(units) / sizeof(units[0]); i++) {
        if ((a->is_log ? v : largest) < units[i].from)
            continue;
        markup_fixed(out, v / units[i].unit, step_decimals(step / units[i].unit));
        if (v != 0)
            wn_buf_addz(out, units[i].suffix);
        return;
    }
    markup_fixed(out, v, step_decimals(step));
}
