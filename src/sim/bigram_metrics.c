#include <math.h>

#include "sim/bigram.h"

static uint64_t count_types(const struct sim_bigrams *b, double *entropy_nats)
{
    uint64_t n = 0;

    *entropy_nats = 0;
    for (uint32_t i = 0; i < b->n_types; i++) {
        double p = (double)b->seen[i] / (double)b->n_tokens;

        if (p > 0)
            *entropy_nats -= p * log(p);
        n += p > 0;
    }
    return n;
}

void sim_bigrams_text_metrics(const struct sim_bigrams *b, struct sim_metrics *out)
{
    double entropy;
    uint64_t types = count_types(b, &entropy);

    sim_metrics_add(out, "types", (double)types, b->n_tokens);
    sim_metrics_add(out, "unigram_entropy", entropy, b->n_tokens);
    sim_metrics_add(out, "distinct_bigrams", (double)b->pair_start[b->n_types], b->n_tokens);
}

double sim_bigrams_entropy(const struct sim_bigrams *b, double add)
{
    double sum = 0;

    for (uint32_t c = 0; c < b->n_types; c++) {
        double n = (double)sim_bigrams_context(b, c), total = n + add * b->n_types, h = 0;
        uint32_t from = b->pair_start[c], to = b->pair_start[c + 1];

        for (uint32_t i = from; i < to; i++) {
            double p = ((double)b->pair[i].count + add) / total;

            h -= p * log(p);
        }
        if (add > 0 && n > 0)
            h -= (double)(b->n_types - (to - from)) * (add / total) * log(add / total);
        sum += n * h;
    }
    return sum / (double)b->n_tokens;
}

enum wn_status sim_bigrams_written_metrics(struct sim_bigrams *work, const struct sim_blocks *text,
                                           struct sim_metrics *out, struct wn_err *err)
{
    double n = (double)text->n * text->block, entropy;
    enum wn_status st = sim_bigrams_count(work, text, err);

    if (st == WN_OK)
        st = sim_bigrams_index(work, err);
    if (st != WN_OK)
        return st;
    sim_metrics_add(out, "distinct_1", (double)count_types(work, &entropy) / n, work->n_tokens);
    sim_metrics_add(out, "distinct_2", work->pair_start[work->n_types] / n, work->n_tokens);
    return WN_OK;
}
