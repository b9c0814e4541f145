/*
 * The vocabulary of a text: types, moving windows, Zipf's and Heaps' laws.
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>

/* A text whose tokens are numbered 0..n_types-1. */
struct numbered {
    const struct sim_words *words;
    uint32_t *id;          /* one a token                       */
    uint64_t *count;       /* one a type, falling once ranked   */
    uint64_t *seen;        /* one a type, zero between uses     */
    size_t n, n_types;
};

/* Where H, which is there, stands in the N rising values. */
static uint32_t find(const uint64_t *rising, size_t n, uint64_t h)
{
    size_t low = 0, high = n;

    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (rising[mid] <= h)
            low = mid;
        else
            high = mid;
    }
    return (uint32_t)low;
}

static enum wn_status number_tokens(const struct sim_words *w, struct wn_arena *scratch, struct numbered *out,
                                    struct wn_err *err)
{
    size_t n = w->start[w->n_docs] - w->start[0], n_types = 0;
    const uint64_t *token = w->hash + w->start[0];
    uint64_t *type;

    if (n == 0)
        return wn_fail(err, WN_BADCONF, "cannot measure a text without a token");
    if (n > UINT32_MAX)
        return wn_fail(err, WN_BADCONF, "cannot measure a text of %zu tokens: too long", n);
    type = wn_arena_calloc(scratch, n, sizeof(*type));
    *out = (struct numbered){ w, wn_arena_calloc(scratch, n, sizeof(*out->id)),
                              wn_arena_calloc(scratch, n, sizeof(*out->count)),
                              wn_arena_calloc(scratch, n, sizeof(*out->seen)), n, 0 };
    if (!type || !out->id || !out->count || !out->seen)
        return wn_fail(err, WN_NOMEM, "cannot measure a text of %zu tokens: out of memory", n);
    memcpy(type, token, n * sizeof(*type));
    sim_sort_hashes(type, n);
    for (size_t i = 0; i < n;) {
        uint64_t count = sim_run_length(type, i, n);

        out->count[n_types] = count;
        type[n_types++] = type[i];     /* the write never overtakes the read */
        i += count;
    }
    out->n_types = n_types;
    for (size_t i = 0; i < n; i++)
        out->id[i] = find(type, n_types, token[i]);
    return WN_OK;
}

/* Sum of types / length over the windows of tokens FROM..TO; *N_WINDOWS grows by their number. */
static double window_ratios(struct numbered *t, size_t from, size_t to, size_t window, uint64_t *n_windows)
{
    size_t length = to - from < window ? to - from : window, n_types = 0;
    double sum = 0;

    for (size_t i = from; i < to; i++) {
        n_types += t->seen[t->id[i]]++ == 0;
        if (i + 1 < from + length)
            continue;
        sum += (double)n_types / (double)length;
        ++*n_windows;
        n_types -= --t->seen[t->id[i + 1 - length]] == 0;
    }
    for (size_t i = from; i < to; i++)
        t->seen[t->id[i]] = 0;
    return sum;
}

static double moving_ratio(struct numbered *t, size_t window)
{
    const size_t *start = t->words->start;
    uint64_t n_windows = 0;
    double sum = 0;

    for (size_t d = 0; d < t->words->n_docs; d++)
        sum += window_ratios(t, start[d] - start[0], start[d + 1] - start[0], window, &n_windows);
    return sum / (double)n_windows;
}

/* Least squares of y on x from running sums. */
struct line {
    double n, x, y, xx, xy;
};

static void line_add(struct line *l, double x, double y)
{
    l->n++;
    l->x += x;
    l->y += y;
    l->xx += x * x;
    l->xy += x * y;
}

/* NAN with one point. */
static double line_slope(const struct line *l)
{
    return l->n < 2 ? NAN : (l->n * l->xy - l->x * l->y) / (l->n * l->xx - l->x * l->x);
}

static double heaps_exponent(struct numbered *t)
{
    struct line l = { 0 };
    size_t n_types = 0, next = 1;

    for (size_t i = 0; i < t->n; i++) {
        n_types += t->seen[t->id[i]]++ == 0;
        if (i + 1 != next && i + 1 != t->n)
            continue;
        line_add(&l, log((double)(i + 1)), log((double)n_types));
        next = 2 * next;
    }
    for (size_t i = 0; i < t->n_types; i++)
        t->seen[i] = 0;
    return line_slope(&l);
}

static int falling(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x > y ? -1 : x < y;
}

static double zipf_least_squares(const struct numbered *t)
{
    struct line l = { 0 };

    for (size_t r = 0; r < t->n_types; r++)
        line_add(&l, log((double)(r + 1)), log((double)t->count[r]));
    return fmax(0, -line_slope(&l));
}

/* Mean and variance of log rank under p(rank) ~ rank^-s on 1..n. */
static double log_rank_mean(const double *log_rank, size_t n, double s, double *variance)
{
    double mass = 0, sum = 0, squares = 0;

    for (size_t r = 0; r < n; r++) {
        double p = exp(-s * log_rank[r]);

        mass += p;
        sum += p * log_rank[r];
        squares += p * log_rank[r] * log_rank[r];
    }
    sum /= mass;
    *variance = squares / mass - sum * sum;
    return sum;
}

/* The likelihood is greatest where the law's mean of log rank is the text's.  That mean falls
 * with s, by its variance: Newton's steps, kept inside a bracket. */
static double zipf_likelihood(const struct numbered *t, double *log_rank)
{
    double wanted = 0, low = 0, high = 1, s = 1, variance;

    for (size_t r = 0; r < t->n_types; r++) {
        log_rank[r] = log((double)(r + 1));
        wanted += (double)t->count[r] / (double)t->n * log_rank[r];
    }
    if (log_rank_mean(log_rank, t->n_types, 0, &variance) <= wanted)
        return 0;
    while (log_rank_mean(log_rank, t->n_types, high, &variance) > wanted) {
        low = high;
        high *= 2;
    }
    for (int round = 0; round < 60 && high - low > 1e-13 * high; round++) {
        double over = log_rank_mean(log_rank, t->n_types, s, &variance) - wanted, next;

        if (over > 0)
            low = s;
        else
            high = s;
        next = s + over / variance;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (fabs(next - s) <= 1e-14 * s)
            return next;
        s = next;
    }
    return s;
}

enum wn_status sim_measure_lexical(const struct sim_words *w, size_t window, struct wn_arena *scratch,
                                   struct sim_lexical *out, struct wn_err *err)
{
    struct numbered t = { 0 };
    double *log_rank;
    enum wn_status st;

    if (window == 0)
        return wn_fail(err, WN_BADCONF, "a moving window needs at least one token");
    st = number_tokens(w, scratch, &t, err);
    if (st != WN_OK)
        return st;
    log_rank = wn_arena_calloc(scratch, t.n_types, sizeof(*log_rank));
    if (!log_rank)
        return wn_fail(err, WN_NOMEM, "cannot rank %zu types: out of memory", t.n_types);
    qsort(t.count, t.n_types, sizeof(*t.count), falling);
    memset(out, 0, sizeof(*out));
    out->n_tokens = t.n;
    out->n_types = t.n_types;
    for (size_t i = 0; i < t.n_types; i++)
        out->n_hapaxes += t.count[i] == 1;
    out->ttr = (double)t.n_types / (double)t.n;
    out->hapax_share = (double)out->n_hapaxes / (double)t.n_types;
    out->mattr = moving_ratio(&t, window);
    out->heaps = heaps_exponent(&t);
    out->zipf_ols = t.n_types < 2 ? NAN : zipf_least_squares(&t);
    out->zipf_ml = t.n_types < 2 ? NAN : zipf_likelihood(&t, log_rank);
    return WN_OK;
}
