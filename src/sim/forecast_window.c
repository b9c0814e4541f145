/*
 * The newest batches.  D[i][j]: expected half squared difference of a point of batch i and one
 * of batch j, two draws from one batch with replacement.  What a fit needs are sums of D over
 * the batches; they are kept up to date, O(W) a fit, and made anew every W fits, so that
 * roundings do not outlive what they belong to.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/forecast_parts.h"

struct forecast_window {
    size_t size, held, next, since;
    double *d;               /* size x size        */
    double *items;           /* of each batch      */
    double *to_truth;        /* D to a real point  */
    double *sum;             /* sum_i items_i D_ij */
    double total;            /* items              */
    double var, truth;       /* of the window: mean D of two draws, mean D to a real point */
};

void forecast_window_free(struct forecast_window *w)
{
    if (!w)
        return;
    free(w->d);
    free(w->items);
    free(w);
}

struct forecast_window *forecast_window_new(size_t batches)
{
    struct forecast_window *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->size = batches;
    w->d = calloc(batches * batches, sizeof(*w->d));
    w->items = calloc(3 * batches, sizeof(*w->items));
    if (!w->d || !w->items) {
        forecast_window_free(w);
        return NULL;
    }
    w->to_truth = w->items + batches;
    w->sum = w->to_truth + batches;
    return w;
}

static void sum_anew(struct forecast_window *w)
{
    w->total = 0;
    for (size_t j = 0; j < w->held; j++) {
        w->total += w->items[j];
        w->sum[j] = 0;
        for (size_t i = 0; i < w->held; i++)
            w->sum[j] += w->items[i] * w->d[j * w->size + i];
    }
    w->since = 0;
}

/* Column AT was filled. */
static void enter(struct forecast_window *w, size_t at)
{
    w->sum[at] = 0;
    w->total += w->items[at];
    for (size_t j = 0; j < w->held; j++) {
        if (j != at)
            w->sum[j] += w->items[at] * w->d[at * w->size + j];
        w->sum[at] += w->items[j] * w->d[at * w->size + j];
    }
}

static void measure(struct forecast_window *w)
{
    w->var = w->truth = 0;
    for (size_t j = 0; j < w->held; j++) {
        w->var += w->items[j] * w->sum[j];
        w->truth += w->items[j] * w->to_truth[j];
    }
    w->var /= w->total * w->total;
    w->truth /= w->total;
}

static double squared(double share, double k)
{
    return k > 0 ? share * share * (1 - 1 / k) : 0;
}

/* D of the new batch to those that stay, from the sums over all that are held so far. */
static void fill_row(struct forecast_window *w, double z, double s, double more)
{
    double *row = w->d + w->next * w->size;

    for (size_t j = 0; j < w->held; j++)
        row[j] = (s > 0 ? s * (w->sum[j] / w->total + more) : 0) + z * w->to_truth[j];
}

void forecast_window_add(struct forecast_window *w, double real, double synthetic, double emitted)
{
    size_t at = w->next;
    double n = real + synthetic, z = real / n, s = synthetic / n, more = (emitted - w->var) / 2;
    double truth_s = w->truth + more, own = squared(s, synthetic) * emitted + squared(z, real) + 2 * s * z * truth_s;

    fill_row(w, z, s, more);
    if (w->held == w->size) {
        for (size_t j = 0; j < w->held; j++)    /* column AT is still the old batch's */
            w->sum[j] -= w->items[at] * w->d[j * w->size + at];
        w->total -= w->items[at];
    } else {
        w->held++;
    }
    w->d[at * w->size + at] = own;
    for (size_t j = 0; j < w->held; j++)
        w->d[j * w->size + at] = w->d[at * w->size + j];
    w->items[at] = n;
    w->to_truth[at] = s * truth_s + z;
    w->next = (at + 1) % w->size;
    if (++w->since >= w->size)
        sum_anew(w);
    else
        enter(w, at);
    measure(w);
}

double forecast_window_var(const struct forecast_window *w)
{
    return w->var;
}

/* D to the truth is (v + mu^2 + 1) / 2. */
double forecast_window_mu2(const struct forecast_window *w)
{
    return 2 * w->truth - 1 - w->var;
}

double forecast_window_items(const struct forecast_window *w)
{
    return w->total;
}
