#include "sim/softmax.h"

#include <math.h>
#include <stdlib.h>

enum wn_status sim_softmax_init(struct sim_softmax *m, uint32_t n_types, struct wn_err *err)
{
    size_t v = n_types;

    m->n_types = n_types;
    m->logit = calloc(v * v, sizeof(*m->logit));
    m->top = calloc(v, sizeof(*m->top));
    m->sum = malloc(v * sizeof(*m->sum));
    m->e = malloc(v * sizeof(*m->e));
    if (!m->logit || !m->top || !m->sum || !m->e)
        return wn_fail(err, WN_NOMEM, "cannot make a softmax over %u types: out of memory", n_types);
    for (size_t c = 0; c < v; c++)
        m->sum[c] = (double)v;
    return WN_OK;
}

void sim_softmax_release(struct sim_softmax *m)
{
    free(m->logit);
    free(m->top);
    free(m->sum);
    free(m->e);
}

/* exp(x) for x <= 0, to 1e-14 of its value; 0 below -700.  Draws depend on it, and libm's
 * differs between processors: 2^k exp(r) with |r| <= log(2)/2, by Taylor's series to r^11. */
static inline double exp_down(double x)
{
    static const double shift = 0x1.8p52, log2_high = 0x1.62e42fefap-1, log2_low = 0x1.cf79abc9e3b39p-40;
    double place = x * 0x1.71547652b82fep0 + shift, k = place - shift, r = x - k * log2_high - k * log2_low, p, scale;
    uint64_t bits;

    if (!(x > -700))
        return 0;
    memcpy(&bits, &place, sizeof(bits));
    bits = (bits + 1023) << 52;
    memcpy(&scale, &bits, sizeof(scale));
    p = 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    return p * scale;
}

/* exp(logit - top) of row C into E, with top and sum kept. */
static void weigh_row(struct sim_softmax *m, uint32_t c, double *e)
{
    const double *w = m->logit + (size_t)c * m->n_types;
    double top = w[0], sum = 0;

    for (uint32_t j = 1; j < m->n_types; j++)
        top = w[j] > top ? w[j] : top;
    for (uint32_t j = 0; j < m->n_types; j++)
        e[j] = exp_down(w[j] - top);
    for (uint32_t j = 0; j < m->n_types; j++)
        sum += e[j];
    m->top[c] = top;
    m->sum[c] = sum;
}

static void weigh_all(struct sim_softmax *m)
{
    for (uint32_t c = 0; c < m->n_types; c++)
        weigh_row(m, c, m->e);
}

void sim_softmax_set(struct sim_softmax *m, const double *logit)
{
    memcpy(m->logit, logit, (size_t)m->n_types * m->n_types * sizeof(*m->logit));
    weigh_all(m);
}

double sim_softmax_p(const struct sim_softmax *m, uint32_t before, uint32_t token)
{
    return exp_down(m->logit[(size_t)before * m->n_types + token] - m->top[before]) / m->sum[before];
}

void sim_softmax_row(const struct sim_softmax *m, uint32_t before, double *p)
{
    for (uint32_t j = 0; j < m->n_types; j++)
        p[j] = sim_softmax_p(m, before, j);
}

/* log Z - E(logit - top), where Z = sum exp(logit - top). */
double sim_softmax_entropy(const struct sim_softmax *m, uint32_t before)
{
    const double *w = m->logit + (size_t)before * m->n_types;
    double mean = 0;

    for (uint32_t j = 0; j < m->n_types; j++)
        mean += (w[j] - m->top[before]) * sim_softmax_p(m, before, j);
    return log(m->sum[before]) - mean;
}

static void shuffle(uint32_t *order, size_t n, struct wn_rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = wn_rng_below(rng, i);
        uint32_t t = order[j];

        order[j] = order[i - 1];
        order[i - 1] = t;
    }
}

/* One step on the pairs of a batch, which is SHARE of the text: the gradient of row c's loss
 * is n_c softmax(row) less the counts of its successors. */
static void step(struct sim_softmax *m, const struct sim_bigrams *batch, const struct sim_bigrams *whole,
                 double share, double rate)
{
    for (uint32_t c = 0; c < m->n_types; c++) {
        uint32_t n = sim_bigrams_context(batch, c);
        double *w = m->logit + (size_t)c * m->n_types, pull, shrink;

        if (n == 0)
            continue;
        weigh_row(m, c, m->e);
        pull = rate / fmax(1, share * sim_bigrams_context(whole, c));
        shrink = pull * n / m->sum[c];
        for (uint32_t j = 0; j < m->n_types; j++)
            w[j] -= shrink * m->e[j];
        for (uint32_t i = batch->start[c]; i < batch->start[c + 1]; i++)
            w[batch->next[i]] += pull;
    }
}

static enum wn_status descend(struct sim_softmax *m, const struct sim_softmax_training *how,
                              const struct sim_blocks *text, struct sim_bigrams *batch, uint32_t *order,
                              struct wn_err *err)
{
    size_t n_steps = ((text->n + how->batch - 1) / how->batch) * how->epochs, n_done = 0;
    double share = fmin(1, (double)how->batch / (double)text->n);
    enum wn_status st = WN_OK;

    for (unsigned epoch = 0; epoch < how->epochs && st == WN_OK; epoch++) {
        shuffle(order, text->n, how->rng);
        for (size_t i = 0; i < text->n && st == WN_OK; i += how->batch) {
            size_t n = text->n - i < how->batch ? text->n - i : how->batch;
            struct sim_blocks some = { text->item, n, text->block, order + i };

            if (how->stop && atomic_load(how->stop))
                return wn_fail(err, WN_CANCELLED, "cancelled in epoch %u", epoch + 1);
            st = sim_bigrams_count(batch, &some, err);
            if (st == WN_OK)
                step(m, batch, how->counts, share, how->rate * (1 - (double)n_done++ / (double)n_steps));
        }
    }
    return st;
}

enum wn_status sim_softmax_train(struct sim_softmax *m, const struct sim_softmax_training *how,
                                 const struct sim_blocks *text, struct sim_bigrams *batch, struct wn_err *err)
{
    size_t v = m->n_types;
    uint32_t *order;
    enum wn_status st;

    if (text->n > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot train on %zu items: the limit is %u", text->n, UINT32_MAX);
    order = malloc(text->n * sizeof(*order));
    if (!order)
        return wn_fail(err, WN_NOMEM, "cannot train a softmax on %zu items: out of memory", text->n);
    for (size_t i = 0; i < text->n; i++)
        order[i] = (uint32_t)i;
    memset(m->logit, 0, v * v * sizeof(*m->logit));
    st = descend(m, how, text, batch, order, err);
    weigh_all(m);
    free(order);
    return st;
}
