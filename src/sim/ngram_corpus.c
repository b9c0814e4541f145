#include <winnow/lmbuild.h>

#include "sim/inflow.h"
#include "sim/ngram.h"

/* Human documents that the policy in most need of them uses: the first n, and new ones
 * in every generation. */
static uint64_t documents_needed(const struct wn_sim_opts *opts)
{
    uint64_t most = 0;

    for (size_t i = 0; i < opts->n_policies; i++) {
        uint64_t human = opts->n - sim_inflow(opts, &opts->policies[i]).synthetic;

        most = human > most ? human : most;
    }
    return opts->n + most * opts->generations;
}

static enum wn_status hold_out(struct sim_corpus *c, size_t n, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    c->held_out = wn_arena_calloc(&c->arena, n, sizeof(*c->held_out));
    if (!c->held_out)
        return wn_fail(err, WN_NOMEM, "cannot hold out %zu documents: out of memory", n);
    c->n_held_out = n;
    for (size_t i = 0; i < n && st == WN_OK; i++) {
        st = wn_tokenize(WN_TOK_WORDS, c->texts[c->n_usable + i].text, &c->arena, &c->held_out[i], err);
        if (st == WN_OK && c->held_out[i].n > c->longest_held_out)
            c->longest_held_out = c->held_out[i].n;
    }
    return st;
}

/* Different words of all texts: the vocabulary that every model is measured over. */
static enum wn_status count_types(struct sim_corpus *c, size_t n_texts, struct wn_err *err)
{
    struct wn_counts *counts = NULL;
    enum wn_status st = wn_counts_new(&counts, 1, WN_TOK_WORDS, err);

    for (size_t i = 0; i < n_texts && st == WN_OK; i++)
        st = wn_counts_add_text(counts, c->texts[i].text, err);
    if (st == WN_OK)
        c->n_types = wn_counts_types(counts) - 3;     /* without <unk>, <s>, </s> */
    wn_counts_free(counts);
    return st;
}

enum wn_status sim_corpus_open(struct sim_corpus *c, const struct wn_sim_opts *opts, struct wn_err *err)
{
    size_t n_held_out = opts->n_texts / 10;
    uint64_t needed = documents_needed(opts);
    enum wn_status st;

    if (n_held_out == 0)
        return wn_fail(err, WN_BADCONF,
                       "engine 'ngram' needs at least 10 human documents, a tenth of which it holds out; there are %zu",
                       opts->n_texts);
    c->texts = opts->texts;
    c->n_usable = opts->n_texts - n_held_out;
    if (needed > c->n_usable)
        return wn_fail(err, WN_BADCONF,
                       "the corpus is too small: %llu human documents are needed (%llu to start with, the rest as "
                       "new data in %u generations), %zu of %zu are there after %zu were held out",
                       (unsigned long long)needed, (unsigned long long)opts->n, opts->generations, c->n_usable,
                       opts->n_texts, n_held_out);
    st = hold_out(c, n_held_out, err);
    return st == WN_OK ? count_types(c, opts->n_texts, err) : st;
}

void sim_corpus_release(struct sim_corpus *c)
{
    wn_arena_release(&c->arena);
}
