#include "sim/blend.h"

#include <stdlib.h>

#include "sim/draws.h"

static const double least_share = 0x1p-60;

static enum wn_status reserve(struct sim_blend *b, struct wn_err *err)
{
    size_t cap = b->cap ? 2 * b->cap : 16;
    double *share;
    void **model;

    if (b->n + 2 <= b->cap)
        return WN_OK;
    share = realloc(b->share, cap * sizeof(*share));
    if (share)
        b->share = share;
    model = realloc(b->model, cap * sizeof(*model));
    if (model)
        b->model = model;
    if (!share || !model)
        return wn_fail(err, WN_NOMEM, "cannot keep %zu models: out of memory", b->n + 1);
    if (b->cap == 0)
        b->share[0] = 1;
    b->cap = cap;
    return WN_OK;
}

/* Old shares shrink by beta; a model that nothing more is drawn from is forgotten. */
static void fade(struct sim_blend *b, const struct wn_policy *p)
{
    double truth = p->beta * b->share[b->n] + p->gamma;
    size_t kept = 0;

    for (size_t i = 0; i < b->n; i++) {
        double share = p->beta * b->share[i];

        if (share < least_share) {
            truth += share;
            continue;
        }
        b->share[kept] = share;
        b->model[kept++] = b->model[i];
    }
    b->n = kept;
    b->share[kept] = truth;
}

enum wn_status sim_blend_step(struct sim_blend *b, const struct sim_generator *gen, void *state,
                              const struct wn_policy *p, struct wn_err *err)
{
    enum wn_status st = reserve(b, err);
    void *model;

    if (st != WN_OK)
        return st;
    model = gen->model_put(state);
    if (!model)
        return wn_fail(err, WN_NOMEM, "cannot keep a model: out of memory");
    fade(b, p);
    b->share[b->n + 1] = b->share[b->n];
    b->share[b->n] = p->alpha;
    b->model[b->n++] = model;
    return WN_OK;
}

void sim_blend_counts(const struct sim_blend *b, struct wn_rng *rng, uint64_t n, uint64_t *count)
{
    sim_draw_multinomial(rng, n, b->share, b->n + 1, count);
}

void sim_blend_release(struct sim_blend *b)
{
    free(b->share);
    free(b->model);
    memset(b, 0, sizeof(*b));
}
