#include "report/conclusion.h"

#include <math.h>

#include "report/markup.h"

enum { MAX_PAIRS = 6 };

static bool has_interval(const struct headline_value *v)
{
    return isfinite(v->e.low) && isfinite(v->e.high);
}

static bool overlap(const struct headline_value *a, const struct headline_value *b)
{
    return a->e.low <= b->e.high && b->e.low <= a->e.high;
}

/* "0.56 [0.47, 0.63] under 'replace' (over the 12 of 40 runs that have a value)" */
static void write_value(struct wn_buf *out, const struct trace *t, const struct headline *h,
                        const struct headline_value *v)
{
    markup_interval(out, v->e.value, v->e.low, v->e.high);
    wn_buf_addz(out, h->unit);
    wn_buf_addz(out, " under ");
    wn_buf_addz(out, v->policy->name);
    if (v->generation < t->last_generation)
        wn_buf_addf(out, " (no value after fit %lu)", (unsigned long)v->generation);
    else if (v->e.n < v->n_started)
        wn_buf_addf(out, " (over the %llu of %llu runs that have a value)", (unsigned long long)v->e.n,
                    (unsigned long long)v->n_started);
}

static void write_pairs(struct wn_buf *out, const struct headline_value *v, size_t n)
{
    size_t n_pairs = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            if (!overlap(&v[i], &v[k]) || n_pairs++ >= MAX_PAIRS)
                continue;
            wn_buf_addz(out, n_pairs > 1 ? ", " : " Overlapping, so not told apart by these runs: ");
            wn_buf_addf(out, "%s and %s", v[i].policy->name, v[k].policy->name);
        }
    if (n_pairs > MAX_PAIRS)
        wn_buf_addf(out, ", and %zu more pairs", n_pairs - MAX_PAIRS);
    wn_buf_addz(out, n_pairs ? "." : " No two of the intervals overlap.");
}

/* What the brackets are, and which of them meet. */
static void write_certainty(struct wn_buf *out, const struct trace *t, const struct headline *h,
                            const struct headline_value *v, size_t n)
{
    size_t n_with = 0;
    uint64_t most = 0;

    for (size_t i = 0; i < n; i++) {
        n_with += has_interval(&v[i]);
        most = v[i].e.n > most ? v[i].e.n : most;
    }
    if (!n_with && t->has_summaries && h->kind != HEADLINE_MEAN) {
        wn_buf_addz(out, "A summary does not tell runs apart, so there are no intervals.");
        return;
    }
    if (!n_with) {
        wn_buf_addf(out, "With %llu %s a policy there are no 95 %% intervals, so the order may be chance.",
                    (unsigned long long)most, most == 1 ? "run" : "runs");
        return;
    }
    wn_buf_addf(out, "In brackets: 95 %% intervals, %llu runs a policy.", (unsigned long long)most);
    if (n_with == n && n > 1)
        write_pairs(out, v, n);
}

static void write_shown(struct wn_buf *out, const struct trace *t, const struct headline *h,
                        const struct headline_value *v, size_t n)
{
    wn_buf_addf(out, "%s: after %lu %s ", t->engine, (unsigned long)t->last_generation,
                t->last_generation == 1 ? "fit" : "fits");
    if (h->sentence)
        wn_buf_addz(out, h->sentence);
    else
        wn_buf_addf(out, "the mean of %s is", h->metric);
    wn_buf_addc(out, ' ');
    for (size_t i = 0; i < n; i++) {
        if (i)
            wn_buf_addz(out, ", ");
        write_value(out, t, h, &v[i]);
    }
    wn_buf_addc(out, '.');
}

static enum wn_status write_figures(const struct trace *t, const struct headline *h, struct wn_buf *shown,
                                    struct wn_buf *certainty, struct wn_err *err)
{
    struct wn_arena scratch = { 0 };
    struct headline_value *v = wn_arena_calloc(&scratch, t->n_policies, sizeof(*v));
    size_t n = 0;
    enum wn_status st = v ? headline_values(t, h, &scratch, v, &n, err) :
                            wn_fail(err, WN_NOMEM, "out of memory for the conclusion");

    if (st == WN_OK && n) {
        write_shown(shown, t, h, v, n);
        if (certainty->len)
            wn_buf_addc(certainty, ' ');
        write_certainty(certainty, t, h, v, n);
    }
    wn_arena_release(&scratch);
    return st;
}

enum wn_status conclusion_write(const struct trace *t, struct wn_buf *shown, struct wn_buf *certainty,
                                struct wn_err *err)
{
    struct headline h;
    enum wn_status st = WN_OK;

    if (t->unfinished) /* first: what follows is of a part */
        wn_buf_addz(certainty, t->unfinished);
    if (headline_find(t, &h))
        st = write_figures(t, &h, shown, certainty, err);
    if (t->unfinished && !shown->len)
        wn_buf_addf(shown, "%s:", t->engine);
    if (st == WN_OK)
        st = wn_buf_status(shown, err);
    if (st == WN_OK)
        st = wn_buf_status(certainty, err);
    return st;
}
