/*
 * Self-BLEU in O(N log N): clipping needs no pairs of documents.  The largest count of an
 * n-gram in any OTHER document is the largest of all, or for the document that has it, the
 * second largest.
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>

enum { BLEU_ORDER = 4 };

/* What a precision of zero counts as, of one n-gram. */
static const double missing_count = 0.1;

struct gram {
    uint64_t hash;
    size_t doc;
};

struct doc_length {
    size_t length, doc;
};

static int by_gram(const void *a, const void *b)
{
    const struct gram *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->doc < y->doc ? -1 : x->doc > y->doc;
}

static int by_length(const void *a, const void *b)
{
    const struct doc_length *x = a, *y = b;

    return x->length < y->length ? -1 : x->length > y->length;
}

static size_t length_of(const struct sim_words *w, size_t d)
{
    return w->start[d + 1] - w->start[d];
}

static size_t list_grams(const struct sim_words *w, size_t order, uint64_t *h, struct gram *gram)
{
    size_t n = 0;

    for (size_t d = 0; d < w->n_docs; d++) {
        size_t n_doc = sim_hash_ngrams(w->hash, w->start[d], w->start[d + 1], order, h);

        for (size_t i = 0; i < n_doc; i++)
            gram[n++] = (struct gram){ h[i], d };
    }
    qsort(gram, n, sizeof(*gram), by_gram);
    return n;
}

/* End of the run of one n-gram in one document that begins at I. */
static size_t run_end(const struct gram *gram, size_t i, size_t n)
{
    size_t j = i;

    while (j < n && gram[j].hash == gram[i].hash && gram[j].doc == gram[i].doc)
        j++;
    return j;
}

/* Adds the clipped counts of the n-gram that begins at I; returns where the next begins. */
static size_t clip_one(const struct gram *gram, size_t i, size_t n, uint64_t *matched)
{
    size_t top = 0, second = 0, top_doc = 0, end = i;

    while (end < n && gram[end].hash == gram[i].hash) {
        size_t next = run_end(gram, end, n), count = next - end;

        if (count > top) {
            second = top;
            top = count;
            top_doc = gram[end].doc;
        } else if (count > second) {
            second = count;
        }
        end = next;
    }
    while (i < end) {
        size_t next = run_end(gram, i, n), others = gram[i].doc == top_doc ? second : top;

        matched[gram[i].doc] += next - i < others ? next - i : others;
        i = next;
    }
    return end;
}

/* The length nearest to that of SORTED[AT] among the others; the shorter of two. */
static size_t closest_length(const struct doc_length *sorted, size_t n, size_t at)
{
    size_t own = sorted[at].length;

    if (at == 0)
        return sorted[1].length;
    if (at + 1 == n || own - sorted[at - 1].length <= sorted[at + 1].length - own)
        return sorted[at - 1].length;
    return sorted[at + 1].length;
}

/* log of the brevity penalty of every document. */
static enum wn_status add_brevity(const struct sim_words *w, struct wn_arena *scratch, double *log_score,
                                  struct wn_err *err)
{
    struct doc_length *sorted = wn_arena_calloc(scratch, w->n_docs, sizeof(*sorted));

    if (!sorted)
        return wn_fail(err, WN_NOMEM, "cannot compare %zu documents: out of memory", w->n_docs);
    for (size_t d = 0; d < w->n_docs; d++)
        sorted[d] = (struct doc_length){ length_of(w, d), d };
    qsort(sorted, w->n_docs, sizeof(*sorted), by_length);
    for (size_t i = 0; i < w->n_docs; i++) {
        double own = (double)sorted[i].length, reference = (double)closest_length(sorted, w->n_docs, i);

        if (own > 0 && own <= reference)
            log_score[sorted[i].doc] += 1 - reference / own;
    }
    return WN_OK;
}

static void add_precisions(const struct sim_words *w, size_t order, const uint64_t *matched, double *log_score)
{
    for (size_t d = 0; d < w->n_docs; d++) {
        size_t n = length_of(w, d), total = n < order ? 1 : n - order + 1;
        double hits = matched[d] ? (double)matched[d] : missing_count;

        log_score[d] += log(hits / (double)total) / BLEU_ORDER;
    }
}

enum wn_status sim_self_bleu(const struct sim_words *w, struct wn_arena *scratch, double *score, double *mean,
                             struct wn_err *err)
{
    size_t n_tokens = w->start[w->n_docs];
    uint64_t *h = wn_arena_calloc(scratch, n_tokens, sizeof(*h));
    struct gram *gram = wn_arena_calloc(scratch, n_tokens, sizeof(*gram));
    uint64_t *matched = wn_arena_calloc(scratch, w->n_docs, sizeof(*matched));
    double *log_score = wn_arena_calloc(scratch, w->n_docs, sizeof(*log_score)), sum = 0;
    enum wn_status st;

    if (w->n_docs < 2)
        return wn_fail(err, WN_BADCONF, "self-BLEU needs two documents, not %zu", w->n_docs);
    if (!h || !gram || !matched || !log_score)
        return wn_fail(err, WN_NOMEM, "cannot compare %zu documents: out of memory", w->n_docs);
    for (size_t order = 1; order <= BLEU_ORDER; order++) {
        size_t n = list_grams(w, order, h, gram);

        memset(matched, 0, w->n_docs * sizeof(*matched));
        for (size_t i = 0; i < n;)
            i = clip_one(gram, i, n, matched);
        add_precisions(w, order, matched, log_score);
    }
    st = add_brevity(w, scratch, log_score, err);
    if (st != WN_OK)
        return st;
    for (size_t d = 0; d < w->n_docs; d++) {
        double bleu = length_of(w, d) ? exp(log_score[d]) : 0;

        sum += bleu;
        if (score)
            score[d] = bleu;
    }
    *mean = sum / (double)w->n_docs;
    return WN_OK;
}
