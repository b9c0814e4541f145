#include "report/trace_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <winnow/tails.h>

static double num(const struct wn_jsonval *v, const char *key)
{
    double d = wn_jsonval_num(wn_jsonval_get(v, key), NAN);

    return isfinite(d) ? d : NAN;
}

bool trace_value(const struct wn_jsonval *v, double *out, const char **what)
{
    const struct wn_jsonval *value = wn_jsonval_get(v, "value");

    *out = wn_jsonval_num(value, NAN);
    if (!wn_jsonval_is_num(value))
        *what = "the value is not a number";
    else if (!isfinite(*out))
        *what = "the value is too large a number";
    return isfinite(*out);
}

/* The parts that theory and summary lines share; false when one is missing. */
static bool place_of(const struct wn_jsonval *v, const char **metric, struct trace_row *row)
{
    *metric = wn_jsonval_str(wn_jsonval_get(v, "metric"), NULL);
    return *metric && strlen(*metric) < 100 && trace_small_uint(wn_jsonval_get(v, "generation"), &row->generation);
}

static enum wn_status take_theory(struct trace_reading *r, const struct wn_jsonval *v, struct trace_row *row,
                                  const char **what, struct wn_err *err)
{
    char name[128];
    const char *metric;
    size_t m = 0;
    enum wn_status st;

    if (!place_of(v, &metric, row)) {
        *what = "a line of theory needs generation and metric";
        return WN_BADDATA;
    }
    if (!trace_value(v, &row->value, what))
        return WN_BADDATA;
    snprintf(name, sizeof(name), TRACE_THEORY "%s", metric);
    st = trace_metric_index(r, name, &m, err);
    row->metric = (uint16_t)m;
    return st == WN_OK ? trace_add_row(r, row, err) : st;
}

/* The figure that a summary line gives; n, mean and median are what it must have. */
static bool figure_of(const struct wn_jsonval *v, struct figure *f)
{
    double n = num(v, "n");
    struct wn_interval ci = { NAN, NAN };

    *f = (struct figure){ .mean = num(v, "mean"), .sd = num(v, "sd"), .low = NAN, .high = NAN,
                          .median = num(v, "median"), .q10 = NAN, .q90 = NAN, .q05 = num(v, "q05"), .q95 = num(v, "q95"),
                          .log_mean = num(v, "log_mean") };
    if (!(n >= 1 && n <= 1e15) || isnan(f->mean) || isnan(f->median))
        return false;
    f->n = (uint64_t)n;
    if (f->n > 1 && f->sd >= 0)
        ci = wn_mean_interval(f->mean, f->sd, f->n, 0.95);
    if (f->n > 1 && f->sd >= 0) {
        f->low = ci.low;
        f->high = ci.high;
    }
    return true;
}

static enum wn_status take_summary(struct trace_reading *r, const struct wn_jsonval *v, struct trace_row *row,
                                   const char **what, struct wn_err *err)
{
    struct trace *t = r->t;
    const char *metric;
    struct figure f;
    size_t m = 0;
    enum wn_status st;

    if (!place_of(v, &metric, row) || !figure_of(v, &f)) {
        *what = "a summary needs generation, metric, n, mean and median";
        return WN_BADDATA;
    }
    if (r->n_summaries == r->cap_summaries) {
        size_t cap = r->cap_summaries ? 2 * r->cap_summaries : 256;
        struct figure *more = realloc(t->summary, cap * sizeof(*more));

        if (!more)
            return wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", t->name);
        t->summary = more;
        r->cap_summaries = cap;
    }
    row->value = (double)r->n_summaries;
    row->replicate = TRACE_SUMMED;
    t->summary[r->n_summaries++] = f;
    t->has_runs = t->has_summaries = true;
    st = trace_metric_index(r, metric, &m, err);
    row->metric = (uint16_t)m;
    return st == WN_OK ? trace_add_row(r, row, err) : st;
}

static uint64_t count_of(const struct wn_jsonval *v, const char *key)
{
    double n = num(v, key);

    return n >= 0 && n <= 1e15 ? (uint64_t)n : 0;
}

enum wn_status trace_take_line(struct trace_reading *r, struct wn_jsonval **v, const char **what, struct wn_err *err)
{
    const char *kind = wn_jsonval_str(wn_jsonval_get(*v, "kind"), "");
    const char *policy = wn_jsonval_str(wn_jsonval_get(*v, "policy"), NULL);
    bool theory = strcmp(kind, "theory") == 0, summary = strcmp(kind, "summary") == 0;
    bool ended = strcmp(kind, "ended") == 0, prediction = strcmp(kind, "prediction") == 0;
    struct trace_row row = { .line = (uint32_t)r->line };
    struct trace_policy *p;
    size_t index = 0;
    enum wn_status st;

    if (strcmp(kind, "trace") == 0) {
        *what = "a second header: give each trace as a file of its own";
        return WN_BADDATA;
    }
    if (!theory && !summary && !ended && !prediction)
        return WN_OK;
    if (!policy) {
        *what = "a line that names no policy";
        return WN_BADDATA;
    }
    st = trace_policy_index(r, policy, &index, err);
    if (st != WN_OK)
        return st;
    row.policy = (uint16_t)index;
    p = &r->t->policy[index];
    if (theory)
        return take_theory(r, *v, &row, what, err);
    p->is_summed = p->is_summed || summary;
    p->is_counted = p->is_counted || ended;
    if (summary)
        return take_summary(r, *v, &row, what, err);
    if (ended) {
        p->n_ended = count_of(*v, "runs_ended");
        p->n_runs = count_of(*v, "runs");
        return WN_OK;
    }
    wn_jsonval_free(p->prediction);
    p->prediction = *v;
    *v = NULL;
    return WN_OK;
}
