#include "report/markup.h"

#include <math.h>
#include <stdint.h>

#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"
#define EN_DASH     "\xe2\x80\x93"

static void escape_byte(struct wn_buf *out, char c)
{
    switch (c) {
    case '<':
        wn_buf_addz(out, "&lt;");
        break;
    case '>':
        wn_buf_addz(out, "&gt;");
        break;
    case '&':
        wn_buf_addz(out, "&amp;");
        break;
    case '"':
        wn_buf_addz(out, "&quot;");
        break;
    case '\'':
        wn_buf_addz(out, "&#39;");
        break;
    default:
        if ((unsigned char)c < 0x20 && c != '\n' && c != '\t')
            wn_buf_addz(out, REPLACEMENT);
        else
            wn_buf_addc(out, c);
    }
}

/* The bytes of the code point at POS; 0 when they are not UTF-8, and *BAD are skipped. */
static unsigned point_at(struct wn_str s, size_t pos, unsigned *bad)
{
    bool cut;

    return utf8_step((struct wn_str){ s.ptr + pos, s.len - pos }, bad, &cut);
}

/* C1 controls and DEL are no text either. */
static bool is_control(const char *p, unsigned n)
{
    return (n == 1 && (unsigned char)*p == 0x7f) ||
           (n == 2 && (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] < 0xa0);
}

static void add_points(struct wn_buf *out, struct wn_str s, size_t max_points)
{
    size_t pos = 0;

    for (size_t i = 0; i < max_points && pos < s.len; i++) {
        unsigned bad = 1, n = point_at(s, pos, &bad);

        if (!n || is_control(s.ptr + pos, n))
            wn_buf_addz(out, REPLACEMENT);
        else if (n == 1)
            escape_byte(out, s.ptr[pos]);
        else
            wn_buf_add(out, (struct wn_str){ s.ptr + pos, n });
        pos += n ? n : bad;
    }
}

void markup_text(struct wn_buf *out, struct wn_str s)
{
    add_points(out, s, SIZE_MAX);
}

void markup_textz(struct wn_buf *out, const char *z)
{
    markup_text(out, wn_str(z));
}

static size_t count_points(struct wn_str s)
{
    size_t n = 0, pos = 0;

    while (pos < s.len) {
        unsigned bad = 1, len = point_at(s, pos, &bad);

        pos += len ? len : bad;
        n++;
    }
    return n;
}

void markup_short(struct wn_buf *out, const char *z, size_t max_points)
{
    struct wn_str s = wn_str(z);

    if (count_points(s) <= max_points) {
        markup_text(out, s);
        return;
    }
    add_points(out, s, max_points - 1);
    wn_buf_addz(out, ELLIPSIS);
}

/* Advance widths of a humanist sans, rounded up: narrow, usual, wide. */
static double point_width(const char *p, unsigned n)
{
    if (n >= 3)
        return 1.0;
    if (n == 1 && strchr("ijlI.,:;'|!()[]ft /", *p))
        return 0.34;
    if (n == 1 && strchr("mwMW@%", *p))
        return 0.92;
    if (n == 1 && *p >= 'A' && *p <= 'Z')
        return 0.70;
    return 0.60;
}

double markup_width(const char *z, size_t max_points)
{
    struct wn_str s = wn_str(z);
    double width = 0;
    size_t pos = 0;

    for (size_t i = 0; i < max_points && pos < s.len; i++) {
        unsigned bad = 1, n = point_at(s, pos, &bad);

        width += n ? point_width(s.ptr + pos, n) : 1.0;
        pos += n ? n : bad;
    }
    return width;
}

/* ---- numbers ---------------------------------------------------------------------------- */

/* Room for 20 digits, 6 commas, a point and a sign. */
enum { NUMBER_ROOM = 40 };

static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

/* Writes from the right end of ROOM; commas from COMMAS_FROM digits before the point. */
static void add_digits(struct wn_buf *out, double v, int decimals, bool commas)
{
    char room[NUMBER_ROOM], *p = room + sizeof(room);
    uint64_t whole = (uint64_t)llround(fabs(v) * powers[decimals]);
    bool negative = v < 0 && whole;
    int before = 0;

    for (int i = 0; i < decimals; i++, whole /= 10)
        *--p = (char)('0' + whole % 10);
    if (decimals)
        *--p = '.';
    commas = commas && whole >= 10000;
    do {
        if (commas && before && before % 3 == 0)
            *--p = ',';
        *--p = (char)('0' + whole % 10);
        whole /= 10;
        before++;
    } while (whole);
    if (negative)
        *--p = '-';
    wn_buf_add(out, (struct wn_str){ p, (size_t)(room + sizeof(room) - p) });
}

/* The power of ten of V's first digit once V is rounded to N significant digits. */
static int magnitude(double v, int n)
{
    int e = (int)floor(log10(fabs(v)));

    if (fabs(v) * (1 + 0.5 * pow(10, -n)) >= pow(10, e + 1))
        e++;
    return e;
}

static void add_exponent(struct wn_buf *out, double v, int n)
{
    int e = magnitude(v, n);
    double mantissa = e < -300 ? v * 1e300 / pow(10, e + 300) : v / pow(10, e);

    add_digits(out, mantissa, n - 1, false);
    wn_buf_addf(out, "e%d", e);
}

void markup_fixed(struct wn_buf *out, double v, int decimals)
{
    if (!isfinite(v))
        wn_buf_addz(out, EN_DASH);
    else if (fabs(v) * powers[decimals] < 1e15)
        add_digits(out, v, decimals, false);
    else
        add_exponent(out, v, 4);
}

void markup_num(struct wn_buf *out, double v, int n)
{
    int e;

    if (!isfinite(v)) {
        wn_buf_addz(out, EN_DASH);
        return;
    }
    if (v == 0) {
        wn_buf_addc(out, '0');
        return;
    }
    e = magnitude(v, n);
    if (e < -4 || e > 8)
        add_exponent(out, v, n);
    else
        add_digits(out, v, e < n - 1 ? n - 1 - e : 0, true);
}

void markup_count(struct wn_buf *out, double v)
{
    if (!isfinite(v))
        wn_buf_addz(out, EN_DASH);
    else if (fabs(v) < 1e15 && v == floor(v))
        add_digits(out, v, 0, true);
    else
        markup_num(out, v, 4);
}

void markup_percent(struct wn_buf *out, double share)
{
    double v = 100 * share;

    if (!isfinite(v)) {
        wn_buf_addz(out, EN_DASH);
        return;
    }
    add_digits(out, fabs(v) < 1e12 ? v : 1e12, fabs(v) >= 10 || v == 0 ? (fabs(v) >= 99.95 || v == 0 ? 0 : 1) : 2,
               true);
    wn_buf_addz(out, "\xc2\xa0%");
}

/* Decimals that give WIDTH two significant digits; -1: not in plain notation. */
static int interval_decimals(double width, double largest)
{
    int e = width > 0 && isfinite(width) ? magnitude(width, 2) : 99; /* a point: plain digits do not help */

    if (e < -4 || e > 8 || largest >= 1e9)
        return -1;
    return e < 1 ? 1 - e : 0;
}

static void add_member(struct wn_buf *out, double v, int decimals)
{
    if (decimals < 0)
        markup_num(out, v, 3);
    else
        add_digits(out, v, decimals, true);
}

static bool is_bounded(double v, double low, double high)
{
    return isfinite(v) && isfinite(low) && isfinite(high);
}

static int decimals_of(double v, double low, double high)
{
    return interval_decimals(high - low, fmax(fabs(v), fmax(fabs(low), fabs(high))));
}

void markup_middle(struct wn_buf *out, double v, double low, double high)
{
    if (is_bounded(v, low, high))
        add_member(out, v, decimals_of(v, low, high));
    else
        markup_num(out, v, 3);
}

void markup_ends(struct wn_buf *out, double low, double high)
{
    int decimals = decimals_of(low, low, high);

    if (!is_bounded(low, low, high)) {
        wn_buf_addz(out, EN_DASH);
        return;
    }
    add_member(out, low, decimals);
    wn_buf_addz(out, " to ");
    add_member(out, high, decimals);
}

void markup_interval(struct wn_buf *out, double v, double low, double high)
{
    int decimals = decimals_of(v, low, high);

    markup_middle(out, v, low, high);
    if (!is_bounded(v, low, high))
        return;
    wn_buf_addz(out, " [");
    add_member(out, low, decimals);
    wn_buf_addz(out, ", ");
    add_member(out, high, decimals);
    wn_buf_addc(out, ']');
}
