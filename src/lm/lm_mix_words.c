/*
 * lm_mix_words.c - the vocabularies of several models, numbered together.
 */
#include <stdlib.h>

#include "lm/lm_layout.h"
#include "lm/lm_mix.h"

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot join the words of models: out of memory");
}

static enum wn_status add_words(struct lm_mix_words *w, size_t i, const struct wn_lm *lm, struct wn_err *err)
{
    uint32_t n = wn_lm_vocab_size(lm);
    enum wn_status st = WN_OK;

    w->to[i] = malloc(((size_t)n + 1) * sizeof(uint32_t));
    if (!w->to[i])
        return no_memory(err);
    for (uint32_t id = 0; st == WN_OK && id < n; id++)
        st = vocab_intern(&w->vocab, wn_lm_word(lm, id), &w->to[i][id], err);
    return st;
}

static enum wn_status turn_round(struct lm_mix_words *w, size_t i, uint32_t n, struct wn_err *err)
{
    w->from[i] = calloc((size_t)w->vocab.n + 1, sizeof(uint32_t));
    if (!w->from[i])
        return no_memory(err);
    for (uint32_t id = 0; id < n; id++)
        w->from[i][w->to[i][id]] = id;
    w->n_unknown[i] = w->vocab.n - n;
    return WN_OK;
}

enum wn_status lm_mix_words_init(struct lm_mix_words *w, const struct wn_lm *const *lm, size_t n, struct wn_err *err)
{
    enum wn_status st = vocab_init(&w->vocab, err);

    w->n = n;
    w->to = calloc(n, sizeof(*w->to));
    w->from = calloc(n, sizeof(*w->from));
    w->n_unknown = calloc(n, sizeof(*w->n_unknown));
    if (st == WN_OK && (!w->to || !w->from || !w->n_unknown))
        st = no_memory(err);
    for (size_t i = 0; st == WN_OK && i < n; i++) {
        if (!(wn_lm_parts(lm[i]) & WN_LM_WORDS))
            st = wn_fail(err, WN_BADCONF, "cannot join the words of models: model %zu of %zu has none", i + 1, n);
        else if (wn_lm_tokenizer(lm[i]) != wn_lm_tokenizer(lm[0]))
            st = wn_fail(err, WN_BADCONF, "cannot join the words of models: model %zu of %zu has another tokenizer than "
                         "the first", i + 1, n);
        else
            st = add_words(w, i, lm[i], err);
    }
    for (size_t i = 0; st == WN_OK && i < n; i++)
        st = turn_round(w, i, wn_lm_vocab_size(lm[i]), err);
    return st;
}

void lm_mix_words_release(struct lm_mix_words *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->to)
            free(w->to[i]);
        if (w->from)
            free(w->from[i]);
    }
    free(w->to);
    free(w->from);
    free(w->n_unknown);
    vocab_release(&w->vocab);
    *w = (struct lm_mix_words){ 0 };
}
