/*
 * The words that a model wrote: how many, how varied, how often repeated.
 *
 * Counts over the whole text are cheap and take every document.  The others take the first
 * MEASURED documents, self-BLEU the first QUOTED: they cost more than a fit otherwise, and
 * the documents of a generation are exchangeable.
 */
#include <math.h>

#include "sim/measure.h"
#include "sim/ngram.h"

enum { MEASURED = 500, QUOTED = 50, WINDOW = 50, N_BINS = 8192 };

/* Of the n-grams behind KL and the frontier area: pairs show what is lost beside single
 * words, and longer ones hardly recur in texts of this size. */
enum { COMPARED_ORDER = 2 };

/* Smoothing of the KL, the same for both sides. */
static const double kl_alpha = 0.1;
/* Scale of the frontier area (Pillutla et al. 2021). */
static const double mauve_scale = 5;

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

static struct sim_words first_of(const struct sim_words *w, size_t n)
{
    return (struct sim_words){ w->hash, w->start, at_most(w->n_docs, n) };
}

static bool has_ngrams(const struct sim_words *w, size_t order)
{
    for (size_t d = 0; d < w->n_docs; d++)
        if (w->start[d + 1] - w->start[d] >= order)
            return true;
    return false;
}

static enum wn_status distinct_metrics(const struct sim_words *words, struct wn_arena *scratch,
                                       struct sim_metrics *out, struct wn_err *err)
{
    static const char *const names[] = { "distinct_1", "distinct_2", "distinct_3" };
    struct sim_ngrams count;

    for (size_t order = 1; order <= 3; order++) {
        enum wn_status st = sim_count_ngrams(words, order, scratch, &count, err);

        if (st != WN_OK)
            return st;
        if (count.total > 0)
            sim_metrics_add(out, names[order - 1], (double)count.distinct / (double)count.total, count.total);
        if (order > 1)
            continue;
        sim_metrics_add(out, "types", (double)count.distinct, count.total);
        sim_metrics_add(out, "unigram_entropy", count.entropy_nats, count.total);
    }
    return WN_OK;
}

static enum wn_status vocabulary_metrics(const struct sim_words *w, struct wn_arena *scratch, struct sim_metrics *out,
                                         struct wn_err *err)
{
    struct sim_lexical lex;
    enum wn_status st = sim_measure_lexical(w, WINDOW, scratch, &lex, err);

    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "mattr_50", lex.mattr, lex.n_tokens);
    sim_metrics_add(out, "hapax_share", lex.hapax_share, lex.n_types);
    sim_metrics_add(out, "zipf_slope", lex.zipf_ols, lex.n_types);
    sim_metrics_add(out, "heaps", lex.heaps, lex.n_tokens);
    return WN_OK;
}

static enum wn_status repeat_metrics(const struct sim_words *w, struct wn_arena *scratch, struct sim_metrics *out,
                                     struct wn_err *err)
{
    static const char *const names[] = { "rep_2", "rep_3", "rep_4" };
    struct sim_words quoted = first_of(w, QUOTED);
    struct sim_repeats rep;
    double bleu = NAN;
    enum wn_status st = sim_measure_repeats(w, scratch, &rep, err);

    if (st == WN_OK && quoted.n_docs > 1)
        st = sim_self_bleu(&quoted, scratch, NULL, &bleu, err);
    if (st != WN_OK)
        return st;
    for (int i = 0; i < 3; i++)
        sim_metrics_add(out, names[i], rep.rep[i], w->n_docs);
    sim_metrics_add(out, "diversity", rep.diversity, w->n_docs);
    sim_metrics_add(out, "self_bleu_4", bleu, quoted.n_docs);
    return WN_OK;
}

/* Both texts as many documents: the divergence of n-grams grows with their number. */
static enum wn_status against_held_out(const struct sim_words *w, const struct sim_words *held_out,
                                       struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err)
{
    size_t n = at_most(w->n_docs, held_out->n_docs);
    struct sim_words made = first_of(w, n), real = first_of(held_out, n);
    double *p = wn_arena_calloc(scratch, 2 * N_BINS, sizeof(*p));
    struct sim_ngram_kl kl;
    enum wn_status st;

    if (!p)
        return wn_fail(err, WN_NOMEM, "cannot compare with the held-out documents: out of memory");
    if (!has_ngrams(&made, COMPARED_ORDER) || !has_ngrams(&real, COMPARED_ORDER))
        return WN_OK;
    st = sim_measure_ngram_kl(&real, &made, COMPARED_ORDER, kl_alpha, scratch, &kl, err);
    if (st == WN_OK)
        st = sim_ngram_histogram(&real, COMPARED_ORDER, scratch, N_BINS, p, err);
    if (st == WN_OK)
        st = sim_ngram_histogram(&made, COMPARED_ORDER, scratch, N_BINS, p + N_BINS, err);
    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "ngram_kl", kl.forward, n);
    sim_metrics_add(out, "mauve", sim_frontier_area(p, p + N_BINS, N_BINS, mauve_scale), n);
    return WN_OK;
}

static enum wn_status copy_metrics(const struct sim_words *w, struct wn_arena *scratch, struct sim_metrics *out,
                                   struct wn_err *err)
{
    static const struct sim_twin_opts how = { .shingle = 5, .threshold = 0.8 };
    struct sim_twins twins;
    enum wn_status st = sim_measure_twins(w, NULL, &how, scratch, &twins, err);

    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "copies_inside", (double)twins.n_exact / (double)twins.n_docs, twins.n_docs);
    sim_metrics_add(out, "near_copies_inside", (double)twins.n_near / (double)twins.n_docs, twins.n_docs);
    return WN_OK;
}

enum wn_status sim_lexical_metrics(const struct sim_words *words, const struct sim_words *held_out,
                                   struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err)
{
    struct sim_words sample = first_of(words, MEASURED);
    enum wn_status st = distinct_metrics(words, scratch, out, err);

    sim_metrics_add(out, "mean_length", (double)words->start[words->n_docs] / (double)words->n_docs, words->n_docs);
    if (st != WN_OK || sample.start[sample.n_docs] == 0)
        return st;
    st = vocabulary_metrics(&sample, scratch, out, err);
    if (st == WN_OK)
        st = repeat_metrics(&sample, scratch, out, err);
    if (st == WN_OK)
        st = against_held_out(&sample, held_out, scratch, out, err);
    return st == WN_OK ? copy_metrics(&sample, scratch, out, err) : st;
}
