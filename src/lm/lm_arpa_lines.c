/*
 * lm_arpa_lines.c - lines out of chunks, decimals to float32.
 */
#include "lm/lm_arpa_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { CHUNK = 1 << 20 };

/* Reads behind what is there; a line longer than the buffer doubles it. */
static enum wn_status fill(struct arpa_lines *l, struct wn_err *err)
{
    size_t got = 0;
    enum wn_status st;

    if (l->stop && atomic_load(l->stop))
        return wn_fail(err, WN_CANCELLED, "stopped while reading '%s'", l->name);
    if (l->begin > 0 && l->end > l->begin)
        memmove(l->bytes, l->bytes + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    if (l->end == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : CHUNK;
        char *bytes;

        if (l->most_bytes && cap > l->most_bytes && l->cap)
            return arpa_lines_fail(l, err, WN_LIMIT, "a line of %zu bytes or more takes more memory than there may be",
                                   l->end);
        bytes = realloc(l->bytes, cap);
        if (!bytes)
            return arpa_lines_fail(l, err, WN_NOMEM, "out of memory for a line of %zu bytes or more", l->end);
        l->bytes = bytes;
        l->cap = cap;
    }
    st = l->read(l->arg, l->bytes + l->end, l->cap - l->end, &got, err);
    l->end += got;
    l->ended = got == 0;
    return st;
}

enum wn_status arpa_lines_next(struct arpa_lines *l, struct wn_str *line, struct wn_err *err)
{
    size_t searched = 0;
    const char *start, *nl = NULL;

    for (;;) {
        enum wn_status st;

        start = l->bytes + l->begin;
        if (l->begin + searched < l->end)
            nl = memchr(start + searched, '\n', l->end - l->begin - searched);
        if (nl || l->ended)
            break;
        searched = l->end - l->begin;
        st = fill(l, err);
        if (st != WN_OK)
            return st;
    }
    if (!nl && l->begin == l->end)
        return WN_END;
    *line = (struct wn_str){ start, nl ? (size_t)(nl - start) : l->end - l->begin };
    l->begin += line->len + (nl != NULL);
    l->number++;
    return WN_OK;
}

enum wn_status arpa_lines_fail(const struct arpa_lines *l, struct wn_err *err, enum wn_status status,
                               const char *fmt, ...)
{
    char text[WN_ERR_TEXT];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return wn_fail(err, status, "cannot read the ARPA file '%s': line %llu: %s", l->name,
                   (unsigned long long)l->number, text);
}

void arpa_lines_release(struct arpa_lines *l)
{
    free(l->bytes);
    l->bytes = NULL;
}

/* ---- numbers -------------------------------------------------------------------------- */

enum {
    SURE_DIGITS = 19,          /* as many fit in 64 bits                                       */
    MOST_DIGITS = 120,         /* the middle between two floats has at most 113 digits          */
    MOST_EXPONENT = 100000     /* beyond, all is zero or infinite                               */
};

/* The middle between two floats, as far as a double can tell: rounding to double and then to
 * float could go wrong. */
static bool is_between_floats(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (bits & 0x1FFFFFFF) == 0x10000000;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* Digits with at most one point; NULL when there is no digit. */
static const char *read_digits(const char *p, const char *end, uint64_t *digits, int *n, long *exponent)
{
    bool any = false, point = false;

    for (; is_digit(p, end) || (p < end && *p == '.' && !point); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        if (*n == 0 && *p == '0') {
            *exponent -= point;
        } else if (*n < SURE_DIGITS) {
            *digits = 10 * *digits + (uint64_t)(*p - '0');
            ++*n;
            *exponent -= point;
        } else {
            if (*n < INT32_MAX)
                ++*n;
            *exponent += !point;
        }
    }
    return any ? p : NULL;
}

static const char *read_exponent(const char *p, const char *end, long *exponent)
{
    const char *q = p;
    bool negative = false;
    long e = 0;

    if (q >= end || (*q != 'e' && *q != 'E'))
        return p;
    q++;
    if (q < end && (*q == '-' || *q == '+'))
        negative = *q++ == '-';
    if (!is_digit(q, end))
        return p;
    for (; is_digit(q, end); q++)
        e = e < MOST_EXPONENT ? 10 * e + (*q - '0') : e;
    *exponent += negative ? -e : e;
    return q;
}

/* Numbers that 64 bits do not settle: the digits without a point, for the C library, whose
 * point would depend on the locale. */
static float read_slowly(const char *p, const char *end, long exponent_after_19)
{
    char text[MOST_DIGITS + 32];
    int n = 0, n_seen = 0;
    bool more = false;

    for (; p < end && (is_digit(p, end) || *p == '.'); p++) {
        if (*p == '.' || (n_seen == 0 && *p == '0'))
            continue;
        n_seen += n_seen < INT32_MAX;
        if (n < MOST_DIGITS)
            text[n++] = *p;
        else
            more = more || *p != '0';
    }
    if (more)
        text[n - 1] = text[n - 1] == '0' ? '1' : text[n - 1];
    snprintf(text + n, 24, "e%ld", exponent_after_19 - (n > SURE_DIGITS ? n - SURE_DIGITS : 0));
    return n ? strtof(text, NULL) : 0.0f;
}

static const char *read_name(const char *p, const char *end, float *out)
{
    static const struct {
        const char *name;
        size_t n;
        float value;
    } names[] = { { "infinity", 8, INFINITY }, { "inf", 3, INFINITY }, { "nan", 3, NAN } };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((size_t)(end - p) >= names[i].n && strncasecmp(p, names[i].name, names[i].n) == 0) {
            *out = names[i].value;
            return p + names[i].n;
        }
    return NULL;
}

const char *arpa_number(const char *p, const char *end, float *out)
{
    static const double power[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    bool negative = p < end && *p == '-';
    uint64_t digits = 0;
    long exponent = 0;
    int n = 0;
    const char *start, *behind;
    double x;

    p += p < end && (*p == '-' || *p == '+');
    start = p;
    behind = read_digits(p, end, &digits, &n, &exponent);
    if (!behind) {
        behind = read_name(p, end, out);
        *out = negative && behind ? -*out : *out;
        return behind;
    }
    behind = read_exponent(behind, end, &exponent);
    if (digits == 0) {
        *out = 0.0f;
        return behind;
    }
    /* Both factors exact, so one rounding (Clinger 1990). */
    x = (double)digits;
    if (digits < UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        x = exponent < 0 ? x / power[-exponent] : x * power[exponent];
        *out = (float)x;
        if (n > SURE_DIGITS || is_between_floats(x) || x < 1.2e-38)
            *out = read_slowly(start, behind, exponent);
    } else {
        *out = read_slowly(start, behind, exponent);
    }
    *out = negative ? -*out : *out;
    return behind;
}
