/*
 * Tables to draw the next token from, one a context, made when it is first met: a stream
 * of a million tokens meets far fewer contexts than there are.
 */
#include <stdlib.h>

#include "sim/lawcut.h"
#include "sim/tokens.h"

enum wn_status sim_token_rows_init(struct sim_token_rows *r, size_t n, uint32_t n_types, struct wn_err *err)
{
    r->n = n;
    r->alias = calloc(n, sizeof(struct sim_alias *));
    r->token = calloc(n, sizeof(uint32_t *));
    r->some_token = malloc(n_types * sizeof(*r->some_token));
    r->some_p = malloc(n_types * sizeof(*r->some_p));
    if (!r->alias || !r->token || !r->some_token || !r->some_p)
        return wn_fail(err, WN_NOMEM, "cannot prepare draws behind %zu contexts: out of memory", n);
    return WN_OK;
}

void sim_token_rows_reset(struct sim_token_rows *r)
{
    for (size_t i = 0; r->alias && r->token && i < r->n; i++) {
        sim_alias_free(r->alias[i]);
        free(r->token[i]);
        r->alias[i] = NULL;
        r->token[i] = NULL;
    }
}

void sim_token_rows_release(struct sim_token_rows *r)
{
    sim_token_rows_reset(r);
    free(r->alias);
    free(r->token);
    free(r->some_token);
    free(r->some_p);
}

/* Tokens that the sampler cut off need no slot. */
static size_t drop_zeros(uint32_t *token, double *p, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (p[i] > 0) {
            token[kept] = token[i];
            p[kept++] = p[i];
        }
    return kept;
}

static enum wn_status make_row(const struct sim_token_drawing *d, uint32_t context, struct wn_err *err)
{
    struct sim_token_rows *r = d->rows;
    uint32_t *token = r->some_token;
    size_t n = 0;
    enum wn_status st = d->law(d->model, context, token, r->some_p, &n, err);

    wn_arena_reset(d->scratch);
    if (st == WN_OK && sim_law_is_cut(d->sampling))
        st = sim_law_cut(d->sampling, r->some_p, n, d->scratch, err);
    if (st != WN_OK)
        return st;
    n = drop_zeros(token, r->some_p, n);
    r->token[context] = malloc(n * sizeof(*token));
    if (!r->token[context])
        return wn_fail(err, WN_NOMEM, "cannot prepare draws behind token %u: out of memory", context);
    memcpy(r->token[context], token, n * sizeof(*token));
    return sim_alias_new(&r->alias[context], r->some_p, n, err);
}

enum wn_status sim_token_draw(const struct sim_token_drawing *d, struct wn_rng *rng, uint32_t before, uint32_t *out,
                              struct wn_err *err)
{
    uint32_t row = d->row(d->model, before);
    enum wn_status st = d->rows->alias[row] ? WN_OK : make_row(d, row, err);

    if (st == WN_OK)
        *out = d->rows->token[row][sim_alias_draw(d->rows->alias[row], rng)];
    return st;
}

enum wn_status sim_token_write(const struct sim_token_drawing *d, struct wn_rng *rng, uint32_t block, void *out,
                               size_t n, struct wn_err *err)
{
    uint32_t last = 0;
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n && st == WN_OK; i++) {
        struct sim_block *b = (struct sim_block *)((char *)out + i * sim_block_size(block));

        b->before = last;
        b->n = block;
        for (uint32_t k = 0; k < block && st == WN_OK; k++) {
            st = sim_token_draw(d, rng, last, &last, err);
            b->token[k] = last;
        }
    }
    return st;
}
