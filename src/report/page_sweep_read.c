#include "report/page_sweep.h"

#include <math.h>

/* What is taken from the rows as they go by. */
struct reading {
    const struct wn_jsonval *header;
    const char *metric;
    double generation, truth;
    uint64_t n_cells, n_rows, n_refused, n_kept; /* KEPT: at half of the truth or above */
    struct wn_buf value, theory, refusal;
};

static struct wn_str next_line(struct wn_str *text)
{
    const char *nl = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
    struct wn_str line = { text->ptr, nl ? (size_t)(nl - text->ptr) : text->len };

    text->ptr += line.len + (nl != NULL);
    text->len -= line.len + (nl != NULL);
    return line;
}

bool page_sweep_is(struct wn_str text)
{
    return text.len > 15 && memcmp(text.ptr, "{\"kind\":\"sweep\"", 15) == 0;
}

/* ---- the header --------------------------------------------------------------------------- */

/* Cells of the grid: policies times values. */
static double grid_cells(const struct wn_jsonval *header)
{
    const struct wn_jsonval *axes = wn_jsonval_get(header, "axes");
    double n = (double)wn_jsonval_size(wn_jsonval_get(header, "policies"));

    for (size_t i = 0; i < wn_jsonval_size(axes); i++)
        n *= (double)wn_jsonval_size(wn_jsonval_get(wn_jsonval_at(axes, i), "values"));
    return n;
}

static enum wn_status read_header(struct reading *r, struct wn_err *err)
{
    const struct wn_jsonval *h = r->header, *recorded = page_get(h, "settings.recorded");

    if (page_num(h, "version") != 1)
        return wn_fail(err, WN_BADDATA, "line 1: a sweep of version %g: this report knows version 1",
                       page_num(h, "version"));
    r->metric = wn_jsonval_str(wn_jsonval_at(wn_jsonval_get(h, "metrics"), 0), NULL);
    r->generation = wn_jsonval_num(wn_jsonval_at(recorded, wn_jsonval_size(recorded) - 1), NAN);
    if (!r->metric || !isfinite(r->generation))
        return wn_fail(err, WN_BADDATA, "line 1: the header of a sweep names no metric or no recorded generation");
    if (!(page_num(h, "cells") == grid_cells(h) && grid_cells(h) >= 1 && grid_cells(h) <= 1e7))
        return wn_fail(err, WN_BADDATA, "line 1: %g cells are not policies times values of the axes",
                       page_num(h, "cells"));
    r->n_cells = (uint64_t)grid_cells(h);
    r->truth = page_num(wn_jsonval_get(h, "truth"), r->metric);
    return WN_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static double median_of(const struct reading *r, const struct wn_jsonval *row)
{
    const struct wn_jsonval *stats = wn_jsonval_get(row, "stats");

    for (size_t i = wn_jsonval_size(stats); i > 0; i--) {
        const struct wn_jsonval *s = wn_jsonval_at(stats, i - 1);

        if (page_num(s, "generation") == r->generation && strcmp(page_strz(s, "metric", ""), r->metric) == 0)
            return page_num(s, "median");
    }
    return NAN;
}

/* Number I of an array of arrays. */
static void add_number(struct wn_buf *out, uint64_t i, double v)
{
    if (i % PAGE_SWEEP_CHUNK == 0)
        wn_buf_addz(out, i ? "],[" : "[");
    else
        wn_buf_addc(out, ',');
    wn_json_num(out, v);
}

static enum wn_status read_row(struct reading *r, struct wn_str line, struct wn_err *err)
{
    struct wn_jsonval *row = NULL;
    enum wn_status st = wn_jsonval_parse(&row, line, err);
    const char *refused = wn_jsonval_str(wn_jsonval_get(row, "refused"), NULL);
    double v = NAN;

    if (st == WN_OK && (r->n_rows == r->n_cells || page_num(row, "cell") != (double)r->n_rows))
        st = wn_fail(err, WN_BADDATA, "a row of cell %g where %llu comes", page_num(row, "cell"),
                     (unsigned long long)r->n_rows);
    if (st != WN_OK) {
        wn_err_prefix(err, "line %llu: ", (unsigned long long)r->n_rows + 2);
        wn_jsonval_free(row);
        return st;
    }
    v = median_of(r, row);
    add_number(&r->value, r->n_rows, v);
    add_number(&r->theory, r->n_rows, page_num(row, "theory.lasting"));
    r->n_kept += v >= r->truth / 2;
    if (refused && r->n_refused++ == 0)
        wn_json_str(&r->refusal, wn_str(refused));
    r->n_rows++;
    wn_jsonval_free(row);
    return WN_OK;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void add_counts(struct wn_json *j, const struct reading *r)
{
    wn_json_add_uint(j, "rows", r->n_rows);
    wn_json_add_uint(j, "refused", r->n_refused);
    wn_json_add_uint(j, "kept_half", r->n_kept);
    if (r->n_refused)
        wn_json_add_raw(j, "first_refusal", wn_buf_str(&r->refusal));
}

static void add_numbers(struct wn_json *j, const char *key, struct wn_buf *numbers, uint64_t n)
{
    wn_buf_addz(numbers, n ? "]" : "");
    wn_json_open(j, key, '[');
    wn_buf_add(j->out, wn_buf_str(numbers));
    wn_json_close(j, ']');
}

/* The value as JSON, which is parsed again: a summary's root is one parsed value. */
static void write_value(struct reading *r, struct wn_str header, struct wn_buf *out)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "sweep");
    wn_json_add_strz(&j, "winnow", page_strz(r->header, "winnow", ""));
    wn_json_add_raw(&j, "header", header);
    wn_json_add_strz(&j, "metric", r->metric);
    wn_json_add_num(&j, "generation", r->generation);
    wn_json_add_num(&j, "truth", r->truth);
    add_counts(&j, r);
    add_numbers(&j, "value", &r->value, r->n_rows);
    add_numbers(&j, "theory", &r->theory, r->n_rows);
    wn_json_close(&j, '}');
}

static enum wn_status buffers_status(const struct reading *r, const struct wn_buf *all, struct wn_err *err)
{
    const struct wn_buf *const buffers[] = { all, &r->value, &r->theory, &r->refusal };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]) && st == WN_OK; i++)
        st = wn_buf_status(buffers[i], err);
    return st;
}

enum wn_status page_sweep_parse(struct wn_jsonval **out, struct wn_str text, struct wn_err *err)
{
    struct wn_str first = next_line(&text);
    struct wn_jsonval *header = NULL;
    struct reading r = { .n_rows = 0 };
    struct wn_buf all = { 0 };
    enum wn_status st = wn_jsonval_parse(&header, first, err);

    *out = NULL;
    r.header = header;
    if (st == WN_OK)
        st = read_header(&r, err);
    /* The last line of a sweep that is still being written may be a part of one. */
    while (st == WN_OK && text.len && memchr(text.ptr, '\n', text.len))
        st = read_row(&r, next_line(&text), err);
    if (st == WN_OK) {
        write_value(&r, first, &all);
        st = buffers_status(&r, &all, err);
    }
    if (st == WN_OK)
        st = wn_jsonval_parse(out, wn_buf_str(&all), err);
    wn_jsonval_free(header);
    wn_buf_release(&r.value);
    wn_buf_release(&r.theory);
    wn_buf_release(&r.refusal);
    wn_buf_release(&all);
    return st;
}
