/*
 * Exact and near duplicates: MinHash finds candidates, sets of shingles decide.
 */
#include "sim/measure.h"

#include <stdlib.h>

#include <winnow/hash.h>
#include <winnow/rng.h>

enum { N_BANDS = 32, N_ROWS = 4 };

struct doc_set {
    const uint64_t *shingle;   /* rising, without repeats */
    size_t n;
    uint64_t whole;            /* hash of all the tokens  */
    bool is_reference;
};

/* A document under the hash of one band. */
struct band_entry {
    uint64_t key;
    size_t doc;
};

/* The documents of both texts; those of the reference, if any, follow the others. */
struct shelf {
    struct doc_set *doc;
    size_t n, n_own;
    bool against_reference;
};

static uint64_t hash_tokens(const struct sim_words *w, size_t from, size_t to)
{
    return wn_hash64((struct wn_str){ (const char *)(w->hash + from), (to - from) * sizeof(*w->hash) }, 0);
}

/* Shingles of document D into H, which has room for one a token and one more. */
static size_t shingle_doc(const struct sim_words *w, size_t d, size_t order, uint64_t *h)
{
    size_t from = w->start[d], to = w->start[d + 1], n, kept = 0;

    if (to - from < order) {
        h[0] = hash_tokens(w, from, to);
        return 1;
    }
    n = sim_hash_ngrams(w->hash, from, to, order, h);
    sim_sort_hashes(h, n);
    for (size_t i = 0; i < n; i += sim_run_length(h, i, n))
        h[kept++] = h[i];
    return kept;
}

static enum wn_status shelve(const struct sim_words *w, size_t order, bool is_reference, struct wn_arena *scratch,
                             struct shelf *s, struct wn_err *err)
{
    uint64_t *h = wn_arena_calloc(scratch, w->start[w->n_docs] - w->start[0] + w->n_docs, sizeof(*h));

    if (!h)
        return wn_fail(err, WN_NOMEM, "cannot look for twins of %zu documents: out of memory", w->n_docs);
    for (size_t d = 0; d < w->n_docs; d++) {
        size_t n = shingle_doc(w, d, order, h);

        s->doc[s->n++] = (struct doc_set){ h, n, hash_tokens(w, w->start[d], w->start[d + 1]), is_reference };
        h += n;
    }
    return WN_OK;
}

/* Finaliser of MurmurHash3 (Appleby, public domain): a bijection that mixes every bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

/* The key of one band: the smallest values of N_ROWS random functions over the shingles. */
static uint64_t band_key(const struct doc_set *d, unsigned band)
{
    uint64_t least[N_ROWS];

    for (unsigned r = 0; r < N_ROWS; r++) {
        uint64_t seed = wn_keyed_u64(0, WN_DOMAIN_METRIC, band, r, 0);

        least[r] = UINT64_MAX;
        for (size_t i = 0; i < d->n; i++) {
            uint64_t h = mix(d->shingle[i] ^ seed);

            if (h < least[r])
                least[r] = h;
        }
    }
    return wn_hash64((struct wn_str){ (const char *)least, sizeof(least) }, 0);
}

static int by_key(const void *a, const void *b)
{
    const struct band_entry *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->doc < y->doc ? -1 : x->doc > y->doc;
}

static bool is_near(const struct doc_set *a, const struct doc_set *b, double threshold)
{
    size_t common = 0;

    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        uint64_t x = a->shingle[i], y = b->shingle[j];

        common += x == y;
        i += x <= y;
        j += y <= x;
    }
    return (double)common >= threshold * (double)(a->n + b->n - common);
}

/* Looks for a twin of document D among the entries of its bucket. */
static bool has_near_twin(const struct shelf *s, size_t d, const struct band_entry *bucket, size_t n,
                          double threshold)
{
    for (size_t i = 0; i < n; i++) {
        const struct doc_set *other = &s->doc[bucket[i].doc];

        if (bucket[i].doc != d && other->is_reference == s->against_reference &&
            is_near(&s->doc[d], other, threshold))
            return true;
    }
    return false;
}

static void search_band(const struct shelf *s, const struct band_entry *entry, double threshold, bool *near)
{
    for (size_t i = 0, end; i < s->n; i = end) {
        for (end = i + 1; end < s->n && entry[end].key == entry[i].key; end++)
            ;
        for (size_t k = i; k < end; k++)
            if (entry[k].doc < s->n_own && !near[entry[k].doc])
                near[entry[k].doc] = has_near_twin(s, entry[k].doc, entry + i, end - i, threshold);
    }
}

/* Equal documents have equal keys here, so a bucket is a class of copies. */
static uint64_t count_exact(const struct shelf *s, struct band_entry *entry)
{
    uint64_t n_exact = 0;

    for (size_t i = 0; i < s->n; i++)
        entry[i] = (struct band_entry){ s->doc[i].whole, i };
    qsort(entry, s->n, sizeof(*entry), by_key);
    for (size_t i = 0, end; i < s->n; i = end) {
        size_t own = 0;

        for (end = i; end < s->n && entry[end].key == entry[i].key; end++)
            own += entry[end].doc < s->n_own;
        if (s->against_reference ? end - i > own : own > 1)
            n_exact += own;
    }
    return n_exact;
}

static enum wn_status fill_shelf(const struct sim_words *w, const struct sim_words *reference, size_t order,
                                 struct wn_arena *scratch, struct shelf *s, struct wn_err *err)
{
    size_t n = w->n_docs + (reference ? reference->n_docs : 0);
    enum wn_status st;

    *s = (struct shelf){ wn_arena_calloc(scratch, n, sizeof(*s->doc)), 0, w->n_docs, reference != NULL };
    if (!s->doc)
        return wn_fail(err, WN_NOMEM, "cannot look for twins of %zu documents: out of memory", w->n_docs);
    st = shelve(w, order, false, scratch, s, err);
    if (st == WN_OK && reference)
        st = shelve(reference, order, true, scratch, s, err);
    return st;
}

static enum wn_status check_request(const struct sim_words *w, const struct sim_twin_opts *opts, struct wn_err *err)
{
    if (opts->shingle == 0 || !(opts->threshold >= 0.7 && opts->threshold <= 1))
        return wn_fail(err, WN_BADCONF, "cannot look for twins with shingles of %zu and threshold %g", opts->shingle,
                       opts->threshold);
    if (w->n_docs == 0)
        return wn_fail(err, WN_BADCONF, "there is no document to look for twins of");
    return WN_OK;
}

enum wn_status sim_measure_twins(const struct sim_words *w, const struct sim_words *reference,
                                 const struct sim_twin_opts *opts, struct wn_arena *scratch, struct sim_twins *out,
                                 struct wn_err *err)
{
    struct shelf s;
    struct band_entry *entry;
    bool *near;
    enum wn_status st = check_request(w, opts, err);

    if (st == WN_OK)
        st = fill_shelf(w, reference, opts->shingle, scratch, &s, err);
    if (st != WN_OK)
        return st;
    entry = wn_arena_calloc(scratch, s.n, sizeof(*entry));
    near = wn_arena_calloc(scratch, s.n_own, sizeof(*near));
    if (!entry || !near)
        return wn_fail(err, WN_NOMEM, "cannot look for twins of %zu documents: out of memory", s.n);
    *out = (struct sim_twins){ .n_docs = s.n_own, .n_exact = count_exact(&s, entry) };
    for (unsigned band = 0; band < N_BANDS; band++) {
        for (size_t i = 0; i < s.n; i++)
            entry[i] = (struct band_entry){ band_key(&s.doc[i], band), i };
        qsort(entry, s.n, sizeof(*entry), by_key);
        search_band(&s, entry, opts->threshold, near);
    }
    for (size_t i = 0; i < s.n_own; i++)
        out->n_near += near[i];
    return WN_OK;
}

/* ---- which one is the copy ---------------------------------------------------------------- */

/* The entries of a bucket stand by document, so the first that is near is the smallest. */
static void find_earlier(const struct shelf *s, const struct band_entry *bucket, size_t n, double threshold,
                         size_t *copy_of)
{
    for (size_t k = 1; k < n; k++) {
        size_t d = bucket[k].doc;

        for (size_t i = 0; i < k && bucket[i].doc < copy_of[d]; i++)
            if (is_near(&s->doc[d], &s->doc[bucket[i].doc], threshold))
                copy_of[d] = bucket[i].doc;
    }
}

enum wn_status sim_find_copies(const struct sim_words *w, const struct sim_twin_opts *opts, struct wn_arena *scratch,
                               size_t *copy_of, struct wn_err *err)
{
    struct shelf s;
    struct band_entry *entry;
    enum wn_status st = check_request(w, opts, err);

    if (st == WN_OK)
        st = fill_shelf(w, NULL, opts->shingle, scratch, &s, err);
    if (st != WN_OK)
        return st;
    entry = wn_arena_calloc(scratch, s.n, sizeof(*entry));
    if (!entry)
        return wn_fail(err, WN_NOMEM, "cannot look for copies among %zu documents: out of memory", s.n);
    for (size_t i = 0; i < s.n; i++)
        copy_of[i] = i;
    for (unsigned band = 0; band < N_BANDS; band++) {
        for (size_t i = 0; i < s.n; i++)
            entry[i] = (struct band_entry){ band_key(&s.doc[i], band), i };
        qsort(entry, s.n, sizeof(*entry), by_key);
        for (size_t i = 0, end; i < s.n; i = end) {
            for (end = i + 1; end < s.n && entry[end].key == entry[i].key; end++)
                ;
            find_earlier(&s, entry + i, end - i, opts->threshold, copy_of);
        }
    }
    return WN_OK;
}
