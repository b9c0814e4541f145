#include "sim/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <winnow/hash.h>

void sim_metrics_add(struct sim_metrics *m, const char *name, double value, uint64_t n)
{
    if (!isfinite(value))
        return;
    assert(m->n < SIM_MAX_METRICS);
    m->item[m->n].name = name;
    m->item[m->n].value = value;
    m->item[m->n].n = n;
    m->n++;
}

double sim_gauss_w2_squared(double m1, double s1, double m2, double s2)
{
    return (m1 - m2) * (m1 - m2) + (s1 - s2) * (s1 - s2);
}

double sim_gauss_kl(double m1, double s1, double m2, double s2)
{
    if (s1 == 0 && s2 == 0 && m1 == m2)
        return 0;
    if (s1 == 0 || s2 == 0)
        return INFINITY;
    return log(s2 / s1) + (s1 * s1 + (m1 - m2) * (m1 - m2)) / (2 * s2 * s2) - 0.5;
}

double sim_gauss_tail(double m, double s, double z)
{
    if (s == 0)
        return fabs(m) > z ? 1 : 0;
    return 0.5 * erfc((z - m) / s * M_SQRT1_2) + 0.5 * erfc((z + m) / s * M_SQRT1_2);
}

double sim_entropy(const double *p, size_t n)
{
    double h = 0;

    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            h -= p[i] * log(p[i]);
    return h;
}

/* Below this a count of 256 bytes costs more than it orders. */
enum { SHORT_SORT = 48 };

static void sort_short(uint64_t *h, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t held = h[i];
        size_t j = i;

        for (; j > 0 && h[j - 1] > held; j--)
            h[j] = h[j - 1];
        h[j] = held;
    }
}

/* Brings every value into the bucket of its byte at SHIFT, bucket b being [END[b - 1], END[b]).
 * A value is taken up once and put where it belongs in exchange for what lies there. */
static void deal_out(uint64_t *h, size_t n, unsigned shift, size_t end[256])
{
    size_t next[256], sum = 0;

    memset(end, 0, 256 * sizeof(*end));
    for (size_t i = 0; i < n; i++)
        end[h[i] >> shift & 255]++;
    for (unsigned b = 0; b < 256; b++) {
        next[b] = sum;
        sum += end[b];
        end[b] = sum;
    }
    for (unsigned b = 0; b < 256; b++) {
        while (next[b] < end[b]) {
            uint64_t held = h[next[b]];

            for (unsigned to = held >> shift & 255; to != b; to = held >> shift & 255) {
                uint64_t met = h[next[to]];

                h[next[to]++] = held;
                held = met;
            }
            h[next[b]++] = held;
        }
    }
}

/* Radix sort in place, highest byte first ("American flag": McIlroy, Bostic and McIlroy 1993):
 * at most eight passes whatever the values are, and eight calls deep. */
static void sort_from_byte(uint64_t *h, size_t n, unsigned shift)
{
    size_t end[256], from = 0;

    deal_out(h, n, shift, end);
    for (unsigned b = 0; b < 256 && shift > 0; b++) {
        size_t size = end[b] - from;

        if (size > SHORT_SORT)
            sort_from_byte(h + from, size, shift - 8);
        else if (size > 1)
            sort_short(h + from, size);
        from = end[b];
    }
}

void sim_sort_hashes(uint64_t *h, size_t n)
{
    if (n > SHORT_SORT)
        sort_from_byte(h, n, 56);
    else
        sort_short(h, n);
}

size_t sim_hash_ngrams(const uint64_t *token, size_t from, size_t to, size_t order, uint64_t *out)
{
    size_t n = 0;

    for (size_t i = from; i + order <= to; i++) {
        struct wn_str key = { (const char *)(token + i), order * sizeof(*token) };

        out[n++] = order == 1 ? token[i] : wn_hash64(key, order);
    }
    return n;
}

uint64_t sim_run_length(const uint64_t *h, size_t i, size_t n)
{
    size_t j = i + 1;

    while (j < n && h[j] == h[i])
        j++;
    return j - i;
}

enum wn_status sim_count_ngrams(const struct sim_words *w, size_t order, struct wn_arena *a, struct sim_ngrams *out,
                                struct wn_err *err)
{
    uint64_t *h = wn_arena_calloc(a, w->start[w->n_docs] + 1, sizeof(*h));
    size_t n = 0;

    memset(out, 0, sizeof(*out));
    if (!h)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    for (size_t d = 0; d < w->n_docs; d++)
        n += sim_hash_ngrams(w->hash, w->start[d], w->start[d + 1], order, h + n);
    sim_sort_hashes(h, n);
    for (size_t i = 0; i < n;) {
        uint64_t count = sim_run_length(h, i, n);
        double p = (double)count / (double)n;

        out->distinct++;
        out->entropy_nats -= p * log(p);
        i += count;
    }
    out->total = n;
    return WN_OK;
}

enum wn_status sim_repetition(const struct sim_words *w, size_t order, struct wn_arena *a, double *rep,
                              uint64_t *n_docs, struct wn_err *err)
{
    uint64_t *h = wn_arena_calloc(a, w->start[w->n_docs] + 1, sizeof(*h));
    double sum = 0;

    *rep = NAN;
    *n_docs = 0;
    if (!h)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    for (size_t d = 0; d < w->n_docs; d++) {
        size_t n = sim_hash_ngrams(w->hash, w->start[d], w->start[d + 1], order, h), distinct = 0;

        if (n == 0)
            continue;
        sim_sort_hashes(h, n);
        for (size_t i = 0; i < n; i += sim_run_length(h, i, n))
            distinct++;
        sum += 1 - (double)distinct / (double)n;
        ++*n_docs;
    }
    if (*n_docs > 0)
        *rep = sum / (double)*n_docs;
    return WN_OK;
}
