#include <stdio.h>

#include <winnow/lmbuild.h>

#include "sim/inflow.h"
#include "sim/ngram.h"

/* Human documents that the policy in most need of them uses. */
static uint64_t documents_needed(const struct wn_sim_opts *opts)
{
    uint64_t most = 0;

    for (size_t i = 0; i < opts->n_policies; i++) {
        uint64_t human = sim_human_items(opts, &opts->policies[i]);

        most = human > most ? human : most;
    }
    return most;
}

static enum wn_status hold_out(struct sim_corpus *c, size_t n, struct wn_err *err)
{
    size_t total = 0, *start = wn_arena_calloc(&c->arena, n + 1, sizeof(*start));
    uint64_t *hash;

    c->held_out = wn_arena_calloc(&c->arena, n, sizeof(*c->held_out));
    if (!c->held_out || !start)
        return wn_fail(err, WN_NOMEM, "cannot hold out %zu documents: out of memory", n);
    c->n_held_out = n;
    for (size_t i = 0; i < n; i++) {
        struct wn_tokens *t = &c->held_out[i];
        enum wn_status st = wn_tokenize(WN_TOK_WORDS, c->texts[c->n_usable + c->n_reserved + i].text, &c->arena,
                                         t, err);

        if (st != WN_OK)
            return st;
        c->longest_held_out = t->n > c->longest_held_out ? t->n : c->longest_held_out;
        total += t->n;
    }
    hash = wn_arena_calloc(&c->arena, total, sizeof(*hash));
    if (!hash)
        return wn_fail(err, WN_NOMEM, "cannot hold out %zu documents: out of memory", n);
    for (size_t i = 0; i < n; i++) {
        sim_hash_words(&c->held_out[i], hash + start[i]);
        start[i + 1] = start[i] + c->held_out[i].n;
    }
    c->held_out_words = (struct sim_words){ hash, start, n };
    return WN_OK;
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

/* The texts as items, counted once for all runs. */
static enum wn_status make_items(struct sim_corpus *c, struct wn_err *err)
{
    size_t n = c->n_usable + c->n_reserved;
    struct wn_arena page = { 0 };
    enum wn_status st = WN_OK;

    c->item = wn_arena_calloc(&c->arena, n, sizeof(*c->item));
    c->fingerprint = wn_arena_calloc(&c->arena, n, sizeof(*c->fingerprint));
    if (!c->item || !c->fingerprint)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu documents: out of memory", n);
    for (size_t i = 0; i < n && st == WN_OK; i++) {
        struct wn_tokens words = { NULL, 0 };
        uint64_t *hash;

        wn_arena_reset(&page);
        st = wn_tokenize(WN_TOK_WORDS, c->texts[i].text, &page, &words, err);
        hash = wn_arena_alloc(&page, words.n * sizeof(*hash));
        if (st == WN_OK && !hash)
            st = wn_fail(err, WN_NOMEM, "cannot read document %zu: out of memory", i);
        if (st != WN_OK)
            break;
        sim_hash_words(&words, hash);
        c->item[i] = (struct sim_text){ c->texts[i].text, words.n };
        c->fingerprint[i] = sim_words_fingerprint(hash, words.n);
    }
    wn_arena_release(&page);
    return st;
}

static enum wn_status too_small(const struct sim_corpus *c, const struct wn_sim_opts *opts, uint64_t needed,
                                struct wn_err *err)
{
    char taggers[80] = "";

    if (c->n_reserved)
        snprintf(taggers, sizeof(taggers), ", and %zu to train taggers with", c->n_reserved);
    return wn_fail(err, WN_BADCONF,
                   "the corpus is too small: %llu human documents are needed (those of generation 0, new ones in %u "
                   "generations%s), %zu of %zu are there after %zu were held out",
                   (unsigned long long)needed, opts->generations, taggers, opts->n_texts - opts->n_texts / 10,
                   opts->n_texts, opts->n_texts / 10);
}

enum wn_status sim_corpus_open(struct sim_corpus *c, const struct wn_sim_opts *opts, struct wn_err *err)
{
    size_t n_held_out = opts->n_texts / 10;
    uint64_t needed;
    enum wn_status st;

    if (n_held_out == 0)
        return wn_fail(err, WN_BADCONF,
                       "engine 'ngram' needs at least 10 human documents, a tenth of which it holds out; there are %zu",
                       opts->n_texts);
    c->texts = opts->texts;
    c->n_reserved = sim_learner_docs(opts);
    needed = documents_needed(opts) + c->n_reserved;
    if (needed > opts->n_texts - n_held_out)
        return too_small(c, opts, needed, err);
    c->n_usable = opts->n_texts - n_held_out - c->n_reserved;
    st = hold_out(c, n_held_out, err);
    if (st == WN_OK)
        st = make_items(c, err);
    return st == WN_OK ? count_types(c, opts->n_texts, err) : st;
}

void sim_corpus_release(struct sim_corpus *c)
{
    wn_arena_release(&c->arena);
}
