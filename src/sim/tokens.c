#include "sim/tokens.h"

#include <stdlib.h>

#include <winnow/hash.h>

#include "sim/inflow.h"

enum { CHAIN_STATES = 20, DEFAULT_BLOCK = 64 };

uint32_t sim_tokens_block(const struct wn_sim_opts *opts)
{
    return opts->model.block ? opts->model.block : DEFAULT_BLOCK;
}

size_t sim_tokens_item_size(const struct wn_sim_opts *opts)
{
    return sim_block_size(sim_tokens_block(opts));
}

/* Types of the truth; 0: as many as the corpus has. */
static uint64_t types_asked(const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts)
{
    if (opts->model.states)
        return opts->model.states;
    return opts->n_texts ? kind->corpus_types : CHAIN_STATES;
}

static enum wn_status check(const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts, struct wn_err *err)
{
    uint64_t types = types_asked(kind, opts);
    const char *truth = opts->model.truth;

    if (sim_tokens_block(opts) > SIM_MAX_BLOCK)
        return wn_fail(err, WN_LIMIT, "engine '%s': a block of %u tokens is above the limit of %d", kind->engine,
                       sim_tokens_block(opts), SIM_MAX_BLOCK);
    if (types > kind->max_types)
        return wn_fail(err, WN_LIMIT, "engine '%s': %llu states are above the limit of %llu", kind->engine,
                       (unsigned long long)types, (unsigned long long)kind->max_types);
    if (opts->n_texts && types == 1)
        return wn_fail(err, WN_BADCONF, "engine '%s': a corpus needs 2 states or more (0: the default), not 1",
                       kind->engine);
    if (opts->n_texts && truth)
        return wn_fail(err, WN_BADCONF, "engine '%s' got a corpus and the truth '%s': leave one of them out",
                       kind->engine, truth);
    if (truth && strcmp(truth, "chain") != 0)
        return wn_fail(err, WN_BADCONF, "engine '%s' has no truth '%s': it has 'chain', and takes a corpus",
                       kind->engine, truth);
    return WN_OK;
}

static enum wn_status make_chain(struct sim_tokens *t, uint64_t n_states, struct wn_err *err)
{
    double sum = 0;

    t->n_types = (uint32_t)n_states;
    t->row = malloc(n_states * sizeof(*t->row));
    if (!t->row)
        return wn_fail(err, WN_NOMEM, "cannot make a chain of %llu states: out of memory",
                       (unsigned long long)n_states);
    for (size_t j = 0; j < n_states; j++)
        sum += 1.0 / (double)(j + 1);
    for (size_t j = 0; j < n_states; j++)
        t->row[j] = 1.0 / (double)(j + 1) / sum;
    return sim_alias_new(&t->draw, t->row, n_states, err);
}

/* Blocks that the policy in most need of human data may use. */
static enum wn_status check_supply(const struct sim_tokens *t, const struct wn_sim_opts *opts, struct wn_err *err)
{
    uint64_t most = 0;

    for (size_t i = 0; i < opts->n_policies; i++) {
        uint64_t human = sim_human_items(opts, &opts->policies[i]);

        most = human > most ? human : most;
    }
    if (most <= t->n_usable / t->block)
        return WN_OK;
    return wn_fail(err, WN_BADCONF,
                   "the corpus is too small: %llu blocks of %u human tokens may be needed in %u generations, and "
                   "there are %zu, after %zu tokens were held out; give more text, smaller or fewer blocks, or fewer "
                   "generations",
                   (unsigned long long)most, t->block, opts->generations, t->n_usable / t->block, t->n_held_out);
}

enum wn_status sim_tokens_open(struct sim_tokens *t, const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts,
                               struct wn_err *err)
{
    enum wn_status st = check(kind, opts, err);

    if (st != WN_OK)
        return st;
    t->block = sim_tokens_block(opts);
    if (!opts->n_texts)
        return make_chain(t, types_asked(kind, opts), err);
    st = sim_tokens_read(t, opts, types_asked(kind, opts), err);
    if (st == WN_OK)
        st = check_supply(t, opts, err);
    if (st == WN_OK && t->n_types > kind->max_types)
        st = wn_fail(err, WN_LIMIT, "engine '%s': the corpus has %u different words, above the limit of %llu",
                     kind->engine, t->n_types, (unsigned long long)kind->max_types);
    return st;
}

void sim_tokens_release(struct sim_tokens *t)
{
    free(t->stream);
    free(t->row);
    sim_alias_free(t->draw);
}

/* The texts in their order, each with its end: a chain of hashes, which needs no memory and so
 * cannot fail in the middle of a header. */
void sim_corpus_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    char link[65];

    memset(link, '0', 32);
    for (size_t i = 0; i < opts->n_texts; i++) {
        wn_hash128_hex(wn_hash128(opts->texts[i].text, 0), link + 32);
        wn_hash128_hex(wn_hash128((struct wn_str){ link, 64 }, 0), link);
    }
    wn_json_add_uint(j, "n_texts", opts->n_texts);
    wn_json_add_str(j, "corpus", (struct wn_str){ link, 32 });
}

void sim_tokens_settings(struct wn_json *j, const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts)
{
    if (opts->n_texts) {
        wn_json_add_strz(j, "truth", "corpus");
        sim_corpus_settings(j, opts);
    } else {
        wn_json_add_strz(j, "truth", "chain");
    }
    wn_json_add_uint(j, "states", types_asked(kind, opts));
    wn_json_add_uint(j, "block", sim_tokens_block(opts));
}

/* One stream a call: items of a call are neighbours and cannot be drawn one by one. */
static void walk_chain(const struct sim_tokens *t, struct wn_rng *rng, void *out, size_t n)
{
    uint32_t state = 0;

    for (size_t i = 0; i < n; i++) {
        struct sim_block *b = (struct sim_block *)((char *)out + i * sim_block_size(t->block));

        b->before = state;
        b->n = t->block;
        for (uint32_t k = 0; k < t->block; k++) {
            uint64_t next = state + (uint64_t)sim_alias_draw(t->draw, rng);

            state = (uint32_t)(next < t->n_types ? next : next - t->n_types);
            b->token[k] = state;
        }
    }
}

static enum wn_status cut_corpus(const struct sim_tokens *t, size_t *used, void *out, size_t n, struct wn_err *err)
{
    size_t left = (t->n_usable - *used) / t->block;

    if (n > left)
        return wn_fail(err, WN_BADCONF,
                       "the corpus is too small: %zu more blocks of %u tokens are needed, %zu are left of %zu", n,
                       t->block, left, t->n_usable / t->block);
    for (size_t i = 0; i < n; i++) {
        struct sim_block *b = (struct sim_block *)((char *)out + i * sim_block_size(t->block));

        b->before = *used ? t->stream[*used - 1] : 0;
        b->n = t->block;
        memcpy(b->token, t->stream + *used, t->block * sizeof(*b->token));
        *used += t->block;
    }
    return WN_OK;
}

enum wn_status sim_tokens_real(const struct sim_tokens *t, const struct sim_run *run, uint32_t generation, size_t first,
                               size_t *used, void *out, size_t n, struct wn_err *err)
{
    struct wn_rng rng;

    if (t->stream)
        return cut_corpus(t, used, out, n, err);
    wn_rng_init(&rng, run->opts->seed, WN_DOMAIN_REAL, run->replicate, generation, first);
    walk_chain(t, &rng, out, n);
    return WN_OK;
}

void sim_tokens_fingerprint(const struct sim_tokens *t, const void *item, size_t n, uint64_t *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct sim_block *b = sim_block_at(item, sim_block_size(t->block), i);

        out[i] = wn_hash64((struct wn_str){ (const char *)b->token, b->n * sizeof(*b->token) }, 0);
    }
}

uint64_t sim_tokens_count(const void *item)
{
    return ((const struct sim_block *)item)->n;
}
