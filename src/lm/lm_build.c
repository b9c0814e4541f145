/*
 * lm_build.c - from counts to a stream, files, or a model in memory.
 */
#include "lm/lm_build.h"

#include "lm/lm_counts.h"
#include "lm/lm_est.h"
#include "lm/lm_outputs.h"

static void report(struct wn_lm_made *made, const struct lm_est *e, uint64_t train_tokens)
{
    *made = (struct wn_lm_made){ .fell_back = e->fell_back, .train_tokens = train_tokens };
    for (unsigned k = 1; k <= e->order; k++) {
        made->n[k] = e->tally[k].kept;
        made->n_all[k] = e->tally[k].n;
        memcpy(made->discount[k], e->d[k].d, sizeof(made->discount[k]));
    }
}

static enum wn_status stream_all(struct lm_est *e, const struct wn_counts *c, uint64_t train_tokens,
                                 const struct lm_consumer *const *consumers, size_t n, struct wn_err *err)
{
    struct lm_shape shape = { .order = e->order, .tokenizer = c->tokenizer, .smoothing = e->rules.smoothing,
                              .train_tokens = train_tokens, .vocab = e->words.vocab,
                              .hash_seed = e->words.hash_seed, .word_hash = e->words.hash };
    struct lm_room room;
    uint64_t least = 0;
    enum wn_status st = WN_OK;

    for (unsigned k = 1; k <= e->order; k++)
        shape.n[k] = e->tally[k].kept;
    for (size_t i = 0; i < n; i++)
        least += consumers[i]->least_bytes ? consumers[i]->least_bytes(consumers[i]->ctx, &shape) : 0;
    lm_est_plan(e, least, &room);
    for (size_t i = 0; i < n && st == WN_OK; i++)      /* together they have what is least */
        st = consumers[i]->begin(consumers[i]->ctx, &shape, &room, err);
    if (st == WN_OK)
        st = lm_est_stream(e, consumers, n, err);
    for (size_t i = 0; i < n && st == WN_OK; i++)
        st = consumers[i]->end(consumers[i]->ctx, err);
    return st;
}

enum wn_status lm_estimate_stream(struct wn_counts *c, bool consume, const struct wn_lm_opts *opts,
                                  const struct lm_consumer *const *consumers, size_t n, struct wn_lm_made *made,
                                  struct wn_err *err)
{
    struct lm_est e = { .vocab = &c->vocab, .room = lm_room_of(opts ? &opts->room : NULL) };
    const uint64_t tokens = wn_counts_tokens(c);
    struct lm_runs *runs = NULL;
    enum wn_status st;

    if (tokens == 0)
        return wn_fail(err, WN_BADDATA, "cannot estimate a model: no text was counted");
    e.limit_vocab = opts ? opts->limit_vocab : NULL;
    st = lm_rules_set(&e.rules, opts, c->order, err);
    if (st == WN_OK)
        st = lm_runs_new(&runs, c, consume, &e.room, err);
    e.runs = runs;
    e.held_bytes = st == WN_OK ? counts_memory(c) + lm_runs_memory(runs) : 0;
    if (st == WN_OK)
        st = lm_est_open(&e, err);
    if (st == WN_OK && consume) {                /* words are asked for by id from now on */
        vocab_forget_table(&c->vocab);
        e.held_bytes = counts_memory(c) + lm_runs_memory(runs);
    }
    if (st == WN_OK)
        st = lm_est_afford(&e, err);
    if (st == WN_OK)
        st = lm_est_scan(&e, err);
    if (st == WN_OK)
        st = lm_est_words(&e, err);
    if (st == WN_OK)
        st = stream_all(&e, c, tokens, consumers, n, err);
    if (st == WN_OK && made)
        report(made, &e, tokens);
    lm_est_release(&e);
    lm_runs_free(runs);
    return st;
}

enum wn_status wn_lm_build(struct wn_counts *c, const struct wn_lm_opts *opts, const struct wn_lm_output *to,
                           struct wn_lm_made *made, struct wn_err *err)
{
    struct lm_outputs out = { 0 };
    enum wn_status st = lm_outputs_open(&out, to, err);

    if (st == WN_OK)
        st = lm_estimate_stream(c, true, opts, out.list, out.n, made, err);
    lm_outputs_release(&out);
    return st;
}
