/*
 * Every quantity of the theory by name, so that a test or a report can ask for it with
 * named numbers.  One row a quantity: the pattern of its name, its arguments in the order
 * of the function, the function.  An argument is a name, a name with a default ("lambda=1"),
 * a number, or "fits|inf" where the function knows the limit.
 */
#include "sim/theory_table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- named numbers --------------------------------------------------------------------------------- */

static bool set(struct sim_theory_args *a, struct wn_str name, double value)
{
    size_t i = 0;

    if (name.len >= sizeof(a->item[0].name))
        return false;
    while (i < a->n && (strlen(a->item[i].name) != name.len || memcmp(a->item[i].name, name.ptr, name.len) != 0))
        i++;
    if (i == sizeof(a->item) / sizeof(a->item[0]))
        return false;
    memcpy(a->item[i].name, name.ptr, name.len);
    a->item[i].name[name.len] = '\0';
    a->item[i].value = value;
    if (i == a->n)
        a->n++;
    return true;
}

bool sim_theory_set(struct sim_theory_args *a, const char *name, double value)
{
    return set(a, (struct wn_str){ name, strlen(name) }, value);
}

bool sim_theory_set_from(struct sim_theory_args *a, const char *text)
{
    while (*text) {
        struct wn_str name = { text, 0 };
        char *end;

        while (isalpha((unsigned char)*text))
            text++;
        name.len = (size_t)(text - name.ptr);
        if (!isdigit((unsigned char)*text)) {
            text += name.len == 0;
            continue;
        }
        if (!set(a, name, strtod(text, &end)))
            return false;
        text = end;
    }
    return true;
}

/* ---- names --------------------------------------------------------------------------------------------- */

/* '*' stands for any text without a '#'. */
static bool matches(const char *pattern, const char *name)
{
    for (; *pattern != '*'; pattern++, name++) {
        if (*pattern != *name)
            return false;
        if (!*pattern)
            return true;
    }
    for (pattern++;; name++) {
        if (matches(pattern, name))
            return true;
        if (!*name || *name == '#')
            return false;
    }
}

static const struct theory_row *row_of(const char *name)
{
    for (const struct theory_row *r = theory_rows; r->pattern; r++)
        if (matches(r->pattern, name))
            return r;
    return NULL;
}

bool sim_theory_row(size_t i, const char **pattern, const char **args)
{
    for (size_t k = 0; k <= i; k++)
        if (!theory_rows[k].pattern)
            return false;
    *pattern = theory_rows[i].pattern;
    *args = theory_rows[i].args;
    return true;
}

/* ---- a call ------------------------------------------------------------------------------------------------ */

/* Length of the name in front of a default or of "|inf". */
static size_t name_length(struct wn_str item)
{
    size_t n = 0;

    while (n < item.len && item.ptr[n] != '=' && item.ptr[n] != '|')
        n++;
    return n;
}

/* One item of a row's argument list, up to its ',' or its end. */
static bool argument(const struct sim_theory_args *a, struct wn_str item, double *out)
{
    size_t length = name_length(item);

    if (isdigit((unsigned char)item.ptr[0]) || (item.len == 3 && memcmp(item.ptr, "inf", 3) == 0)) {
        *out = strtod(item.ptr, NULL);
        return true;
    }
    for (size_t i = 0; i < a->n; i++)
        if (strlen(a->item[i].name) == length && memcmp(a->item[i].name, item.ptr, length) == 0) {
            *out = a->item[i].value;
            return true;
        }
    if (length == item.len || item.ptr[length] != '=')
        return false;
    *out = strtod(item.ptr + length + 1, NULL);
    return true;
}

/* Recursions take a step per fit, so the count is bounded unless the limit is built in. */
static enum wn_status check_fits(const struct theory_row *r, struct wn_str item, double fits, struct wn_err *err)
{
    size_t length = name_length(item);

    if (length != 4 || memcmp(item.ptr, "fits", 4) != 0)
        return WN_OK;
    if (isinf(fits) && length == item.len)
        return wn_fail(err, WN_BADCONF, "the quantity '%s' has no limit built in", r->pattern);
    if (!(fits >= 1) || (fits > SIM_MAX_FITS && !isinf(fits)))
        return wn_fail(err, WN_BADCONF, "fits are counted from 1 to %d, not %g", SIM_MAX_FITS, fits);
    return WN_OK;
}

static enum wn_status arguments(const struct theory_row *r, const struct sim_theory_args *a, double *v, size_t *n,
                                struct wn_err *err)
{
    const char *at = r->args;

    *n = 0;
    while (*at) {
        struct wn_str item = { at, strcspn(at, ",") };
        enum wn_status st;

        if (*n == THEORY_MAX_ARGS)
            return wn_fail(err, WN_LIMIT, "the quantity '%s' has too many arguments", r->pattern);
        if (!argument(a, item, &v[*n]))
            return wn_fail(err, WN_BADCONF, "the quantity '%s' needs '%.*s'", r->pattern, (int)name_length(item),
                           item.ptr);
        st = check_fits(r, item, v[*n], err);
        if (st != WN_OK)
            return st;
        (*n)++;
        at += item.len + (at[item.len] == ',');
    }
    return WN_OK;
}

static enum wn_status call(const struct theory_row *r, const double *v, size_t n, double *out, struct wn_err *err)
{
    if (r->any)
        return r->any(v, out, err);
    switch (n) {
    case 1:
        *out = r->f.f1(v[0]);
        break;
    case 2:
        *out = r->f.f2(v[0], v[1]);
        break;
    case 3:
        *out = r->f.f3(v[0], v[1], v[2]);
        break;
    case 4:
        *out = r->f.f4(v[0], v[1], v[2], v[3]);
        break;
    default:
        *out = r->f.f5(v[0], v[1], v[2], v[3], v[4]);
        break;
    }
    return WN_OK;
}

enum wn_status sim_theory_value(const char *name, const struct sim_theory_args *a, double *out, struct wn_err *err)
{
    const struct theory_row *r = row_of(name);
    double v[THEORY_MAX_ARGS], value = NAN;
    enum wn_status st;
    size_t n;

    if (!r)
        return WN_END;
    st = arguments(r, a, v, &n, err);
    if (st == WN_OK)
        st = call(r, v, n, &value, err);
    if (st != WN_OK)
        return st;
    if (!isfinite(value))
        return wn_fail(err, WN_BADCONF, "the quantity '%s' is not finite for these arguments", r->pattern);
    *out = value;
    return WN_OK;
}
