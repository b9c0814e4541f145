#include "ccnet.h"

#include <math.h>
#include <stdlib.h>

/* ---- cutoffs -------------------------------------------------------------------------- */

/* "A,B" with 0 <= A <= B and nothing else. */
static bool two_numbers(const char *text, double *pair)
{
    char *end;

    pair[0] = strtod(text, &end);
    if (end == text || *end != ',')
        return false;
    text = end + 1;
    pair[1] = strtod(text, &end);
    return end != text && !*end && pair[0] >= 0 && pair[1] >= pair[0] && isfinite(pair[1]);
}

/* Any two numbers, which are then no name of a file. */
static bool like_numbers(const char *text)
{
    char *end;

    strtod(text, &end);
    if (end == text || *end != ',')
        return false;
    text = end + 1;
    strtod(text, &end);
    return end != text && !*end;
}

/* Takes a cell off the front of LINE; blanks around it go. */
static struct wn_str next_cell(struct wn_str *line)
{
    const char *comma = memchr(line->ptr, ',', line->len);
    struct wn_str cell = { line->ptr, comma ? (size_t)(comma - line->ptr) : line->len };
    size_t used = cell.len + (comma != NULL);

    *line = (struct wn_str){ line->ptr + used, line->len - used };
    while (cell.len && (cell.ptr[0] == ' ' || cell.ptr[0] == '"'))
        cell = (struct wn_str){ cell.ptr + 1, cell.len - 1 };
    while (cell.len && strchr(" \"\r", cell.ptr[cell.len - 1]))
        cell.len--;
    return cell;
}

static bool cell_number(struct wn_str cell, double *x)
{
    char text[64], *end;

    if (!cell.len || cell.len >= sizeof(text))
        return false;
    memcpy(text, cell.ptr, cell.len);
    text[cell.len] = '\0';
    *x = strtod(text, &end);
    return !*end && end != text;
}

static enum wn_status check_language(const struct ccnet *c, size_t i, const char *path, struct wn_err *err)
{
    struct wn_str lang = c->row[i].lang;

    if (!lang.len)
        return wn_fail(err, WN_BADCONF, "'%s': column %zu has no language in the first line", path, i + 2);
    for (size_t k = 0; k < i; k++)
        if (wn_str_eq(c->row[k].lang, lang))
            return wn_fail(err, WN_BADCONF, "'%s': language '%.*s' has two columns", path, WN_STR_ARG(lang));
    return WN_OK;
}

static enum wn_status read_header(struct ccnet *c, struct wn_str line, const char *path, struct wn_err *err)
{
    enum wn_status st;
    size_t n = 0;

    for (size_t i = 0; i < line.len; i++)
        n += line.ptr[i] == ',';
    c->row = wn_arena_calloc(&c->arena, n + 1, sizeof(*c->row));
    if (!c->row)
        return wn_fail(err, WN_NOMEM, "out of memory for the cutoffs of '%s'", path);
    next_cell(&line);
    while (c->n < n) {
        c->row[c->n] = (struct ccnet_row){ .lang = next_cell(&line), .head = NAN, .tail = NAN };
        st = check_language(c, c->n, path, err);
        if (st != WN_OK)
            return st;
        c->n++;
    }
    return n ? WN_OK : wn_fail(err, WN_BADCONF, "'%s' is no table of cutoffs: its first line names no languages", path);
}

static enum wn_status read_row(struct ccnet *c, struct wn_str line, unsigned number, const char *path, struct wn_err *err)
{
    double percent, x;

    if (!cell_number(next_cell(&line), &percent))
        return wn_fail(err, WN_BADCONF, "'%s': line %u does not start with a percentile", path, number);
    for (int i = 0; i < 2; i++) {
        if (percent == c->percent[i] && c->seen[i])
            return wn_fail(err, WN_BADCONF, "'%s': line %u: percentile %g stands here again", path, number, percent);
        c->seen[i] = c->seen[i] || percent == c->percent[i];
    }
    for (size_t i = 0; i < c->n; i++) {
        struct wn_str cell = next_cell(&line);

        x = NAN;
        if (cell.len && !cell_number(cell, &x))
            return wn_fail(err, WN_BADCONF, "'%s': line %u: '%.*s' is not a number", path, number, WN_STR_ARG(cell));
        if (cell.len && !(x >= 0 && isfinite(x)))
            return wn_fail(err, WN_BADCONF, "'%s': line %u: '%.*s' is no perplexity", path, number, WN_STR_ARG(cell));
        if (percent == c->percent[0])
            c->row[i].head = x;
        if (percent == c->percent[1])
            c->row[i].tail = x;
    }
    if (line.len)
        return wn_fail(err, WN_BADCONF, "'%s': line %u has more cells than the first line", path, number);
    return WN_OK;
}

static enum wn_status check_table(const struct ccnet *c, const char *path, struct wn_err *err)
{
    bool any = false;

    for (size_t i = 0; i < c->n; i++) {
        const struct ccnet_row *r = &c->row[i];

        if (r->head > r->tail)
            return wn_fail(err, WN_BADCONF, "'%s': language '%.*s': the cutoff %g at percentile %g is above %g at %g", path,
                           WN_STR_ARG(r->lang), r->head, c->percent[0], r->tail, c->percent[1]);
        any = any || (isfinite(r->head) && isfinite(r->tail));
    }
    return any ? WN_OK
               : wn_fail(err, WN_BADCONF, "'%s' has no language with cutoffs at the percentiles %g and %g", path,
                         c->percent[0], c->percent[1]);
}

static enum wn_status read_table(struct ccnet *c, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    unsigned number = 0;
    struct wn_str rest;
    enum wn_status st = wn_file_read_until(path, 16 << 20, &cli_stop, &text, err);

    if (st == WN_OK && !text.len)
        st = wn_fail(err, WN_BADCONF, "'%s' is no table of cutoffs: it is empty", path);
    rest = st == WN_OK ? wn_arena_copy(&c->arena, wn_buf_str(&text)) : WN_STR("");
    if (!rest.ptr)
        st = wn_fail(err, WN_NOMEM, "out of memory for the cutoffs of '%s'", path);
    while (st == WN_OK && rest.len) {
        const char *nl = memchr(rest.ptr, '\n', rest.len);
        struct wn_str line = { rest.ptr, nl ? (size_t)(nl - rest.ptr) : rest.len };

        rest = (struct wn_str){ rest.ptr + line.len + (nl != NULL), rest.len - line.len - (nl != NULL) };
        number++;
        if (number == 1)
            st = read_header(c, line, path, err);
        else if (line.len && line.ptr[0] != '\r')
            st = read_row(c, line, number, path, err);
    }
    if (st == WN_OK)
        st = check_table(c, path, err);
    wn_buf_release(&text);
    return st;
}

enum wn_status ccnet_init(struct ccnet *c, const char *spec, const char *percentiles, struct wn_err *err)
{
    double pair[2];

    *c = (struct ccnet){ .percent = { 30, 60 } };
    if (percentiles && (!two_numbers(percentiles, c->percent) || c->percent[1] > 100))
        return wn_fail(err, WN_BADCONF, "--ccnet-percentiles: '%s' is not two percentiles such as 30,60", percentiles);
    if (!spec)
        return WN_OK;
    if (!*spec)
        return wn_fail(err, WN_BADCONF, "--ccnet-cutoffs: an empty name");
    if (!two_numbers(spec, pair)) {
        if (like_numbers(spec))
            return wn_fail(err, WN_BADCONF, "--ccnet-cutoffs: '%s' is not two cutoffs such as 340,520, the lower one first", spec);
        if (strchr(spec, ',') && !spec[strspn(spec, "0123456789.,-+")])
            return wn_fail(err, WN_BADCONF, "--ccnet-cutoffs: '%s' is not two cutoffs such as 340,520, the lower one first", spec);
        return read_table(c, spec, err);
    }
    c->row = wn_arena_calloc(&c->arena, 1, sizeof(*c->row));
    if (!c->row)
        return wn_fail(err, WN_NOMEM, "out of memory for cutoffs");
    c->row[0] = (struct ccnet_row){ .lang = WN_STR(""), .head = pair[0], .tail = pair[1] };
    c->n = 1;
    return WN_OK;
}

void ccnet_release(struct ccnet *c)
{
    wn_arena_release(&c->arena);
}

bool ccnet_has(const struct ccnet *c, struct wn_str lang)
{
    return ccnet_bucket_of(c, lang, 0) != CCNET_ALL;
}

double ccnet_round(double perplexity)
{
    char text[400];

    if (!isfinite(perplexity))
        return perplexity;
    snprintf(text, sizeof(text), "%.1f", perplexity);
    return strtod(text, NULL);
}

enum ccnet_bucket ccnet_bucket_of(const struct ccnet *c, struct wn_str lang, double rounded)
{
    for (size_t i = 0; i < c->n && !isnan(rounded); i++) {
        const struct ccnet_row *r = &c->row[i];

        if ((!r->lang.len || wn_str_eq(r->lang, lang)) && isfinite(r->head) && isfinite(r->tail))
            return rounded < r->head ? CCNET_HEAD : rounded < r->tail ? CCNET_MIDDLE : CCNET_TAIL;
    }
    return CCNET_ALL;
}

const char *ccnet_bucket_name(enum ccnet_bucket b)
{
    static const char *const names[CCNET_N] = { "all", "head", "middle", "tail" };

    return names[b];
}

/* ---- the spread of a corpus --------------------------------------------------------------- */

/* Tenths below 100,000, then bins of 0.1 % up to 1e9; the last bin takes the rest. */
enum { TENTHS = 1000000, STEPS = 9216 };

struct ccnet_spread {
    uint64_t n, at[TENTHS + STEPS];
};

struct ccnet_spread *ccnet_spread_new(void)
{
    return calloc(1, sizeof(struct ccnet_spread));
}

void ccnet_spread_free(struct ccnet_spread *s)
{
    free(s);
}

void ccnet_spread_add(struct ccnet_spread *s, double rounded)
{
    double step;

    if (isnan(rounded) || rounded < 0)
        return;
    s->n++;
    if (rounded < TENTHS / 10) {
        s->at[(size_t)lround(rounded * 10)]++;
        return;
    }
    step = log(rounded / (TENTHS / 10)) / log1p(0.001);
    s->at[TENTHS + (step < STEPS - 1 ? (size_t)step : STEPS - 1)]++;
}

uint64_t ccnet_spread_count(const struct ccnet_spread *s)
{
    return s->n;
}

double ccnet_spread_cutoff(const struct ccnet_spread *s, double percent)
{
    double want = percent / 100 * (double)s->n;
    uint64_t below = 0;
    size_t i = 0;

    if (!s->n)
        return NAN;
    while (i < TENTHS + STEPS - 1 && (double)(below + s->at[i]) < want)
        below += s->at[i++];
    if (want <= 0)
        return 0;
    return i < TENTHS ? (double)(i + 1) / 10 : TENTHS / 10 * exp((double)(i + 1 - TENTHS) * log1p(0.001));
}
