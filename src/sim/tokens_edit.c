#include "sim/tokens.h"

static enum wn_status edit_block(const struct sim_token_edit *e, struct wn_rng *rng, const struct sim_block *in,
                                 struct sim_block *out, struct wn_err *err)
{
    uint32_t before = in->before;
    enum wn_status st = WN_OK;

    out->before = in->before;
    out->n = in->n;
    for (uint32_t k = 0; k < in->n && st == WN_OK; k++) {
        double p = e->model->p(e->model->arg, before, in->token[k]);

        out->token[k] = in->token[k];
        if (p > 0 && p >= e->above)
            st = e->draw(e->arg, rng, before, &out->token[k], err);
        before = in->token[k];
    }
    return st;
}

enum wn_status sim_tokens_edit(const struct sim_tokens *t, const struct sim_token_edit *e, const void *item, size_t n,
                               void *out, struct wn_err *err)
{
    size_t size = sim_block_size(t->block);
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n && st == WN_OK; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, e->run->opts->seed, WN_DOMAIN_SAMPLE, e->run->replicate, e->generation, e->first + i);
        st = edit_block(e, &rng, sim_block_at(item, size, i), (struct sim_block *)((char *)out + i * size), err);
    }
    return st;
}
