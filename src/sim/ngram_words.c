/*
 * Documents as sequences of word hashes, for everything that compares words.
 */
#include <winnow/hash.h>

#include "sim/ngram.h"

void sim_hash_words(const struct wn_tokens *t, uint64_t *out)
{
    for (size_t i = 0; i < t->n; i++)
        out[i] = wn_hash64(t->item[i], 0);
}

uint64_t sim_words_fingerprint(const uint64_t *hash, size_t n)
{
    return wn_hash64((struct wn_str){ (const char *)hash, n * sizeof(*hash) }, 0);
}

static enum wn_status read_all(const struct sim_text *docs, size_t n, const struct sim_text_reader *how, uint64_t *hash,
                               size_t *start, struct wn_err *err)
{
    for (size_t d = 0; d < n; d++) {
        struct wn_tokens words = { NULL, 0 };
        enum wn_status st;

        wn_arena_reset(how->page);
        st = wn_tokenize(WN_TOK_WORDS, docs[d].str, how->page, &words, err);
        if (st == WN_OK && words.n != docs[d].n_tokens)
            return wn_fail(err, WN_BADDATA, "document %zu has %zu words and not %llu", d, words.n,
                           (unsigned long long)docs[d].n_tokens);
        if (st == WN_OK && how->each)
            st = how->each(how->arg, d, &words, err);
        if (st != WN_OK)
            return st;
        sim_hash_words(&words, hash + start[d]);
        start[d + 1] = start[d] + words.n;
    }
    return WN_OK;
}

enum wn_status sim_read_texts(const struct sim_text *docs, size_t n, const struct sim_text_reader *how,
                              struct wn_arena *a, struct sim_words *out, struct wn_err *err)
{
    size_t *start = wn_arena_calloc(a, n + 1, sizeof(*start));
    uint64_t *hash;
    size_t total = 0;

    for (size_t d = 0; d < n; d++)
        total += docs[d].n_tokens;
    hash = wn_arena_calloc(a, total, sizeof(*hash));
    if (!start || !hash)
        return wn_fail(err, WN_NOMEM, "cannot read %zu documents: out of memory", n);
    *out = (struct sim_words){ hash, start, n };
    return read_all(docs, n, how, hash, start, err);
}
