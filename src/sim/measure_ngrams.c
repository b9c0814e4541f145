/*
 * Laws of n-grams, and the compression ratio.
 */
#include "sim/measure.h"

#include <math.h>

#include <winnow/hash.h>

/* Hashes of all n-grams of all documents, in rising order. */
static enum wn_status sorted_ngrams(const struct sim_words *w, size_t order, struct wn_arena *scratch,
                                    uint64_t **hash, size_t *n, struct wn_err *err)
{
    uint64_t *h = wn_arena_calloc(scratch, w->start[w->n_docs], sizeof(*h));

    if (order == 0)
        return wn_fail(err, WN_BADCONF, "an n-gram has at least one token");
    if (!h)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    *n = 0;
    for (size_t d = 0; d < w->n_docs; d++)
        *n += sim_hash_ngrams(w->hash, w->start[d], w->start[d + 1], order, h + *n);
    sim_sort_hashes(h, *n);
    *hash = h;
    return WN_OK;
}

enum wn_status sim_ngram_histogram(const struct sim_words *w, size_t order, struct wn_arena *scratch, size_t n,
                                   double *p, struct wn_err *err)
{
    uint64_t *hash;
    size_t total;
    enum wn_status st = sorted_ngrams(w, order, scratch, &hash, &total, err);

    if (st != WN_OK)
        return st;
    if (total == 0 || n == 0)
        return wn_fail(err, WN_BADCONF, "cannot spread %zu n-grams over %zu bins", total, n);
    for (size_t i = 0; i < n; i++)
        p[i] = 0;
    for (size_t i = 0; i < total; i++) {
        struct wn_str key = { (const char *)(hash + i), sizeof(*hash) };

        /* Hashed again: tokens that are ids would fill the first bins alone. */
        p[wn_hash64(key, order) % n] += 1;
    }
    for (size_t i = 0; i < n; i++)
        p[i] /= (double)total;
    return WN_OK;
}

struct ngram_list {
    const uint64_t *hash;
    size_t n, at;
};

/* How often H, the smallest not yet passed, comes; passes it. */
static uint64_t pass(struct ngram_list *l, uint64_t h)
{
    uint64_t count = l->at < l->n && l->hash[l->at] == h ? sim_run_length(l->hash, l->at, l->n) : 0;

    l->at += count;
    return count;
}

/* The smallest n-gram that either list still has; false at the end of both. */
static bool next_ngram(const struct ngram_list *a, const struct ngram_list *b, uint64_t *h)
{
    bool in_a = a->at < a->n, in_b = b->at < b->n;

    if (in_a && (!in_b || a->hash[a->at] <= b->hash[b->at]))
        *h = a->hash[a->at];
    else if (in_b)
        *h = b->hash[b->at];
    return in_a || in_b;
}

static void compare_lists(struct ngram_list real, struct ngram_list made, double alpha, struct sim_ngram_kl *out)
{
    double mass_real, mass_made;
    uint64_t h;

    memset(out, 0, sizeof(*out));
    for (struct ngram_list a = real, b = made; next_ngram(&a, &b, &h); out->n_types++) {
        pass(&a, h);
        pass(&b, h);
    }
    mass_real = (double)real.n + alpha * (double)out->n_types;
    mass_made = (double)made.n + alpha * (double)out->n_types;
    while (next_ngram(&real, &made, &h)) {
        double p = ((double)pass(&real, h) + alpha) / mass_real, q = ((double)pass(&made, h) + alpha) / mass_made;
        double log_ratio = log(p / q);

        out->forward += p * log_ratio;
        out->reverse -= q * log_ratio;
    }
    out->forward = fmax(0, out->forward);
    out->reverse = fmax(0, out->reverse);
}

enum wn_status sim_measure_ngram_kl(const struct sim_words *real, const struct sim_words *made, size_t order,
                                    double alpha, struct wn_arena *scratch, struct sim_ngram_kl *out,
                                    struct wn_err *err)
{
    uint64_t *hash_real, *hash_made;
    size_t n_real, n_made;
    enum wn_status st;

    if (!(alpha > 0 && isfinite(alpha)))
        return wn_fail(err, WN_BADCONF, "cannot smooth n-grams with %g", alpha);
    st = sorted_ngrams(real, order, scratch, &hash_real, &n_real, err);
    if (st == WN_OK)
        st = sorted_ngrams(made, order, scratch, &hash_made, &n_made, err);
    if (st != WN_OK)
        return st;
    if (n_real == 0 && n_made == 0)
        return wn_fail(err, WN_BADCONF, "neither text has an n-gram of %zu tokens", order);
    compare_lists((struct ngram_list){ hash_real, n_real, 0 }, (struct ngram_list){ hash_made, n_made, 0 }, alpha, out);
    return WN_OK;
}

enum wn_status sim_compression_ratio(const struct wn_str *docs, size_t n, sim_compress_fn *compress, void *arg,
                                     double *out, struct wn_err *err)
{
    struct wn_buf raw = { 0 };
    size_t n_bytes = 0;
    enum wn_status st;

    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            wn_buf_addc(&raw, '\n');
        wn_buf_add(&raw, docs[i]);
    }
    st = wn_buf_status(&raw, err);
    if (st == WN_OK && raw.len == 0)
        st = wn_fail(err, WN_BADCONF, "there is no text to compress");
    if (st == WN_OK)
        st = compress(arg, wn_buf_str(&raw), &n_bytes, err);
    if (st == WN_OK)
        *out = (double)raw.len / (double)n_bytes;
    wn_buf_release(&raw);
    return st;
}
