#include "grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One list on its way into values. */
struct grid {
    struct grid_values *out;
    const char *option;
    bool is_whole;
    struct wn_err *err;
};

static enum wn_status push(const struct grid *g, double v)
{
    struct grid_values *out = g->out;

    if (out->n == GRID_MAX_VALUES)
        return wn_fail(g->err, WN_LIMIT, "%s: more than %d values", g->option, GRID_MAX_VALUES);
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 16;
        double *more = realloc(out->value, cap * sizeof(*more));

        if (!more)
            return wn_fail(g->err, WN_NOMEM, "%s: out of memory", g->option);
        out->value = more;
        out->cap = cap;
    }
    out->value[out->n++] = v == 0 ? 0 : v;      /* no -0 */
    return WN_OK;
}

static double round_12(double v)
{
    char text[40];

    snprintf(text, sizeof(text), "%.12g", v);
    return strtod(text, NULL);
}

/* A plain decimal number that is all of TEXT. */
static enum wn_status number(const struct grid *g, const char *text, double *out)
{
    char *end;

    if (!*text)
        return wn_fail(g->err, WN_BADCONF, "%s: an empty item in the list", g->option);
    *out = strtod(text, &end);
    if (end == text || *end || strpbrk(text, "xXpP"))
        return wn_fail(g->err, WN_BADCONF, "%s: '%s' is no number: give 0.1,0.5 or FROM:TO:STEP or FROM:TO:xN",
                       g->option, text);
    if (!isfinite(*out))
        return wn_fail(g->err, WN_BADCONF, "%s: '%s' is not a finite number", g->option, text);
    return WN_OK;
}

static enum wn_status by_steps(const struct grid *g, double from, double to, double step)
{
    double n;
    enum wn_status st = WN_OK;

    if (step == 0)
        return wn_fail(g->err, WN_BADCONF, "%s: a range with step 0 never ends", g->option);
    if (step < 0)
        return wn_fail(g->err, WN_BADCONF, "%s: the step %g is negative: write the range upwards", g->option, step);
    n = floor((to - from) / step + 1e-9);
    if (!(n < GRID_MAX_VALUES))
        return wn_fail(g->err, WN_LIMIT, "%s: the range has more than %d values", g->option, GRID_MAX_VALUES);
    for (double i = 0; i <= n && st == WN_OK; i++)
        st = push(g, round_12(from + i * step));
    return st;
}

static enum wn_status by_factor(const struct grid *g, double from, double to, double n)
{
    double last = NAN;
    enum wn_status st = WN_OK;

    if (n != floor(n) || n < 2)
        return wn_fail(g->err, WN_BADCONF, "%s: 'x%g': a range has 2 values or more", g->option, n);
    if (n > GRID_MAX_VALUES)
        return wn_fail(g->err, WN_LIMIT, "%s: the range has more than %d values", g->option, GRID_MAX_VALUES);
    if (from <= 0)
        return wn_fail(g->err, WN_BADCONF, "%s: %g is not above 0, where a range of factors starts", g->option, from);
    for (double i = 0; i < n && st == WN_OK; i++) {
        double v = i == 0 ? from : i == n - 1 ? to : round_12(exp(log(from) + (log(to) - log(from)) * i / (n - 1)));

        v = g->is_whole ? nearbyint(v) : v;
        if (v != last)
            st = push(g, v);
        last = v;
    }
    return st;
}

/* ITEM is cut at its colons. */
static enum wn_status range(const struct grid *g, char *item)
{
    char *rest = item, *first = strsep(&rest, ":"), *second = strsep(&rest, ":"), *third = strsep(&rest, ":");
    bool is_factor = third && third[0] == 'x';
    double from, to, by;
    enum wn_status st;

    if (!third || rest)
        return wn_fail(g->err, WN_BADCONF, "%s: a range is FROM:TO:STEP or FROM:TO:xN", g->option);
    st = number(g, first, &from);
    if (st == WN_OK)
        st = number(g, second, &to);
    if (st == WN_OK)
        st = number(g, third + is_factor, &by);
    if (st == WN_OK && to < from)
        st = wn_fail(g->err, WN_BADCONF, "%s: the range ends at %g, below its start %g", g->option, to, from);
    if (st != WN_OK)
        return st;
    return is_factor ? by_factor(g, from, to, by) : by_steps(g, from, to, by);
}

enum wn_status grid_parse(struct grid_values *out, const char *option, const char *list, bool is_whole,
                          struct wn_err *err)
{
    struct grid g = { out, option, is_whole, err };
    char *copy = strdup(list), *rest = copy, *item;
    enum wn_status st = copy ? WN_OK : wn_fail(err, WN_NOMEM, "%s: out of memory", option);

    while (st == WN_OK && (item = strsep(&rest, ",")) != NULL) {
        double v;

        if (strchr(item, ':')) {
            st = range(&g, item);
        } else {
            st = number(&g, item, &v);
            if (st == WN_OK)
                st = push(&g, v);
        }
    }
    free(copy);
    return st;
}

void grid_release(struct grid_values *g)
{
    free(g->value);
    *g = (struct grid_values){ NULL, 0, 0 };
}
