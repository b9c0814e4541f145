#include "report/conclusion.h"

#include <math.h>

/* The figure that stands for an engine: the first that the last generation has.  (The
 * perplexity of unsmoothed models soon has no value.) */
static const struct headline headlines[] = {
    { "variance", HEADLINE_MEDIAN, 1, "median fitted variance; truth: 1", "the median fitted variance (truth: 1) is",
      "" },
    { "log_det", HEADLINE_MEDIAN, 0, "median log of the generalised variance; truth: 0",
      "the median log determinant of the fitted covariance (truth: 0) is", "" },
    { "simpson", HEADLINE_RATIO, 1, "Simpson diversity, against the first fit",
      "Simpson diversity, against that of the first fit on real data, is", " times" },
    { "test_error", HEADLINE_MEDIAN, -INFINITY, "median error of the coefficients, squared",
      "the median squared error of the coefficients is", "" },
    { "rate", HEADLINE_MEDIAN, NAN, "median fitted rate", "the median fitted rate is", "" },
    { "scale", HEADLINE_MEDIAN, NAN, "median fitted scale", "the median fitted scale is", "" },
    { "wrong_rate", HEADLINE_MEAN, -INFINITY, "share of wrong labels",
      "the share of wrong labels that the model writes is", "" },
    { "perplexity", HEADLINE_RATIO, -INFINITY, "perplexity on held-out human text, against the first fit",
      "perplexity on held-out human text, against that of the first fit on real data, is", " times" },
    { "types", HEADLINE_RATIO, 1, "different words written, against the first fit",
      "the number of different words in the output, against that of the first fit, is", " times" },
    { "heldout_nll", HEADLINE_RISE, -INFINITY, "rise of the loss on held-out real data, in nats",
      "the loss on held-out real data has risen by", " nats" },
};

static bool lasts(const struct trace *t, size_t metric)
{
    for (size_t i = 0; metric != SIZE_MAX && i < t->n_policies; i++)
        if (curve_at(trace_curve(t, i, metric), t->last_generation))
            return true;
    return false;
}

bool headline_find(const struct trace *t, struct headline *h)
{
    for (size_t i = 0; i < sizeof(headlines) / sizeof(headlines[0]); i++)
        if (lasts(t, trace_metric(t, headlines[i].metric))) {
            *h = headlines[i];
            return true;
        }
    for (size_t i = 0; i < t->n_metrics; i++)
        if (!trace_is_theory(t->metric[i])) {
            *h = (struct headline){ t->metric[i], HEADLINE_MEAN, NAN, t->metric[i], NULL, "" };
            return true;
        }
    return false;
}

/* Differences (of logs) of the runs that have both ends; rows stand by replicate. */
static size_t paired(const struct figure *first, const struct figure *last, bool logs, double *out)
{
    size_t n = 0;

    for (uint64_t i = 0, k = 0; i < last->n && k < first->n;) {
        const struct trace_row *from = &first->rows[k], *to = &last->rows[i];

        if (from->replicate != to->replicate) {
            if (from->replicate < to->replicate)
                k++;
            else
                i++;
            continue;
        }
        if (!logs)
            out[n++] = to->value - from->value;
        else if (from->value > 0 && to->value > 0)
            out[n++] = log(to->value) - log(from->value);
        i++;
        k++;
    }
    return n;
}

/* From summary lines, which do not tell runs apart: a median without an interval, and
 * differences between generations instead of those within runs. */
static struct estimate summed(const struct figure *first, const struct figure *last, enum headline_kind kind)
{
    struct estimate e = { .value = NAN, .low = NAN, .high = NAN, .n = last->n };

    switch (kind) {
    case HEADLINE_MEDIAN:
        e.value = last->median;
        break;
    case HEADLINE_MEAN:
        e.value = last->mean;
        e.low = last->low;
        e.high = last->high;
        break;
    case HEADLINE_RISE:
        e.value = last->mean - first->mean;
        break;
    case HEADLINE_RATIO:
        e.value = exp(last->log_mean - first->log_mean);
        break;
    }
    return e;
}

static struct estimate estimate_of(const struct curve *c, enum headline_kind kind, double *v)
{
    const struct figure *first = &c->at[0], *last = &c->at[c->n - 1];
    struct estimate e;

    if (!first->rows || !last->rows)
        return summed(first, last, kind);
    if (kind == HEADLINE_MEDIAN || kind == HEADLINE_MEAN) {
        for (uint64_t i = 0; i < last->n; i++)
            v[i] = last->rows[i].value;
        return kind == HEADLINE_MEDIAN ? runstats_median(v, last->n) : runstats_mean(v, last->n);
    }
    e = runstats_mean(v, paired(first, last, kind == HEADLINE_RATIO, v));
    if (kind == HEADLINE_RATIO) {
        e.value = exp(e.value);
        e.low = exp(e.low);
        e.high = exp(e.high);
    }
    return e;
}

/* Without a goal all are alike. */
static double distance(const struct headline *h, const struct headline_value *v)
{
    if (isnan(h->goal))
        return 0;
    return isfinite(h->goal) ? fabs(v->e.value - h->goal) : v->e.value;
}

/* Equal ones stay in the trace's order. */
static void best_first(const struct headline *h, struct headline_value *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && distance(h, &v[k]) < distance(h, &v[k - 1]); k--) {
            struct headline_value hold = v[k];

            v[k] = v[k - 1];
            v[k - 1] = hold;
        }
}

enum wn_status headline_values(const struct trace *t, const struct headline *h, struct wn_arena *a,
                               struct headline_value *value, size_t *n, struct wn_err *err)
{
    size_t metric = trace_metric(t, h->metric);

    *n = 0;
    for (size_t p = 0; p < t->n_policies; p++) {
        const struct curve *c = trace_curve(t, p, metric);
        double *v;
        struct estimate e;

        if (!c->n)
            continue;
        v = wn_arena_calloc(a, c->at[c->n - 1].n, sizeof(*v));
        if (!v)
            return wn_fail(err, WN_NOMEM, "out of memory for the conclusion");
        e = estimate_of(c, h->kind, v);
        if (isfinite(e.value))
            value[(*n)++] = (struct headline_value){ &t->policy[p], e, c->at[c->n - 1].generation, c->at[0].n };
    }
    best_first(h, value, *n);
    return WN_OK;
}
