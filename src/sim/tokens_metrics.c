#include <math.h>
#include <stdlib.h>

#include "sim/measure.h"
#include "sim/tokens.h"

/* Mean -log p of a block, each token counting at most MOST nats. */
static double block_nll(const struct sim_token_model *m, const struct sim_block *b, double most)
{
    uint32_t before = b->before;
    double sum = 0;

    for (uint32_t k = 0; k < b->n; k++) {
        double p = m->p(m->arg, before, b->token[k]);

        sum += p > 0 ? -log(p) : most;
        before = b->token[k];
    }
    return sum / b->n;
}

void sim_tokens_surprise(const struct sim_tokens *t, const struct sim_token_model *m, const void *item, size_t n,
                         double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = block_nll(m, sim_block_at(item, sim_block_size(t->block), i), SIM_IMPOSSIBLE_NATS);
}

static void heldout_metrics(const struct sim_tokens *t, const struct sim_token_model *m, struct sim_metrics *out)
{
    const uint32_t *token = t->stream + t->n_usable;
    uint64_t n_oov = 0, n_impossible = 0;
    double sum = 0, n = (double)t->n_held_out;

    for (size_t i = 0; i < t->n_held_out; i++) {
        double p = m->p(m->arg, token[(ptrdiff_t)i - 1], token[i]);

        n_oov += m->seen[token[i]] == 0;
        n_impossible += p <= 0;
        if (p > 0)
            sum -= log(p);
    }
    sim_metrics_add(out, "heldout_nll", n_impossible ? INFINITY : sum / n, t->n_held_out);
    sim_metrics_add(out, "oov_share", (double)n_oov / n, t->n_held_out);
    sim_metrics_add(out, "impossible_share", (double)n_impossible / n, t->n_held_out);
}

/* Means over contexts: the chain visits all equally often. */
static enum wn_status chain_metrics(const struct sim_tokens *t, const struct sim_token_model *m,
                                    struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err)
{
    size_t v = t->n_types;
    double *truth = wn_arena_calloc(scratch, v, sizeof(*truth)), *model = wn_arena_calloc(scratch, v, sizeof(*model));
    double kl = 0, tv = 0, lost = 0;

    if (!truth || !model)
        return wn_fail(err, WN_NOMEM, "cannot measure a chain of %zu states: out of memory", v);
    for (uint32_t i = 0; i < v; i++) {
        for (size_t j = 0; j < v; j++)
            truth[j] = t->row[j >= i ? j - i : j + v - i];
        m->row(m->arg, i, model);
        kl += sim_kl(truth, model, v);
        tv += sim_total_variation(truth, model, v);
        lost += sim_lost_mass(truth, model, v);
    }
    sim_metrics_add(out, "kl", kl / (double)v, v);
    sim_metrics_add(out, "tv", tv / (double)v, v);
    sim_metrics_add(out, "lost_mass", lost / (double)v, v);
    return WN_OK;
}

enum wn_status sim_tokens_truth_metrics(const struct sim_tokens *t, const struct sim_token_model *m,
                                        struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err)
{
    if (!t->stream)
        return t->n_types <= SIM_DENSE_TYPES ? chain_metrics(t, m, scratch, out, err) : WN_OK;
    heldout_metrics(t, m, out);
    return WN_OK;
}

/* The first blocks of what was written, as documents. */
static enum wn_status words_of(const struct sim_tokens *t, const void *item, size_t n, struct wn_arena *scratch,
                               struct sim_words *out, struct wn_err *err)
{
    uint64_t *hash = wn_arena_calloc(scratch, n * t->block, sizeof(*hash));
    size_t *start = wn_arena_calloc(scratch, n + 1, sizeof(*start));

    if (!hash || !start)
        return wn_fail(err, WN_NOMEM, "cannot measure %zu blocks: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        const struct sim_block *b = sim_block_at(item, sim_block_size(t->block), i);

        for (uint32_t k = 0; k < b->n; k++)
            hash[start[i] + k] = b->token[k];
        start[i + 1] = start[i] + b->n;
    }
    *out = (struct sim_words){ hash, start, n };
    return WN_OK;
}

static enum wn_status lexical_metrics(const struct sim_words *w, struct wn_arena *scratch, struct sim_metrics *out,
                                      struct wn_err *err)
{
    struct sim_lexical lexical;
    uint64_t n_docs;
    double rep;
    enum wn_status st = sim_measure_lexical(w, 50, scratch, &lexical, err);

    if (st == WN_OK)
        st = sim_repetition(w, 4, scratch, &rep, &n_docs, err);
    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "hapax_share", lexical.hapax_share, lexical.n_types);
    sim_metrics_add(out, "mattr_50", lexical.mattr, lexical.n_tokens);
    sim_metrics_add(out, "zipf_slope", lexical.zipf_ols, lexical.n_types);
    sim_metrics_add(out, "rep_4", rep, n_docs);
    return WN_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* A token that the first model cannot write makes its block's value infinite: the mean is
 * left out then, the quantiles stay as long as they are finite. */
static enum wn_status first_metrics(const struct sim_tokens *t, const struct sim_token_model *first, const void *item,
                                    size_t n, struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err)
{
    double *nll = wn_arena_calloc(scratch, n, sizeof(*nll)), sum = 0;

    if (!nll)
        return wn_fail(err, WN_NOMEM, "cannot measure %zu blocks: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        nll[i] = block_nll(first, sim_block_at(item, sim_block_size(t->block), i), INFINITY);
        sum += nll[i];
    }
    qsort(nll, n, sizeof(*nll), by_value);
    sim_metrics_add(out, "first_nll", sum / (double)n, n);
    sim_metrics_add(out, "first_nll_q05", sim_quantile(nll, n, 0.05), n);
    sim_metrics_add(out, "first_nll_q95", sim_quantile(nll, n, 0.95), n);
    return WN_OK;
}

enum wn_status sim_tokens_written_metrics(const struct sim_tokens *t, const struct sim_token_model *first,
                                          const struct sim_view *view, struct wn_arena *scratch,
                                          struct sim_metrics *out, struct wn_err *err)
{
    size_t most = SIM_LEXICAL_TOKENS / t->block, n = view->n_generated < most ? view->n_generated : most;
    struct sim_words words;
    enum wn_status st;

    if (n == 0)
        return WN_OK;
    st = words_of(t, view->generated, n, scratch, &words, err);
    if (st == WN_OK)
        st = lexical_metrics(&words, scratch, out, err);
    return st == WN_OK ? first_metrics(t, first, view->generated, n, scratch, out, err) : st;
}
