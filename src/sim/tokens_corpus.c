/*
 * The user's documents as one stream of token ids.
 */
#include <stdlib.h>

#include <winnow/text.h>

#include "lm/lm_vocab.h"
#include "sim/tokens.h"

/* vocab.h numbers words from 3 on; here the end of a document is 0 and words follow. */
enum { FIRST_WORD = 3, END_OF_DOCUMENT = 0 };

struct reading {
    struct vocab vocab;
    uint32_t *stream;
    size_t n, cap;
    struct wn_arena scratch;      /* tokens of one document */
};

static enum wn_status reserve(struct reading *r, size_t extra, struct wn_err *err)
{
    size_t cap = r->cap ? r->cap : 4096;
    uint32_t *grown;

    while (cap < r->n + extra)
        cap *= 2;
    if (cap == r->cap)
        return WN_OK;
    grown = realloc(r->stream, cap * sizeof(*grown));
    if (!grown)
        return wn_fail(err, WN_NOMEM, "cannot hold a corpus of %zu tokens: out of memory", r->n + extra);
    r->stream = grown;
    r->cap = cap;
    return WN_OK;
}

static enum wn_status add_document(struct reading *r, struct wn_str text, struct wn_err *err)
{
    struct wn_tokens words = { NULL, 0 };
    enum wn_status st;

    wn_arena_reset(&r->scratch);
    st = wn_tokenize(WN_TOK_WORDS, text, &r->scratch, &words, err);
    if (st == WN_OK)
        st = reserve(r, words.n + 1, err);
    for (size_t i = 0; i < words.n && st == WN_OK; i++) {
        uint32_t id = 0;

        st = vocab_intern(&r->vocab, words.item[i], &id, err);
        r->stream[r->n++] = id - FIRST_WORD + 1;
    }
    if (st == WN_OK)
        r->stream[r->n++] = END_OF_DOCUMENT;
    return st;
}

struct frequency {
    uint64_t count;
    uint32_t id;
};

/* Falling count, then rising id. */
static int by_count(const void *a, const void *b)
{
    const struct frequency *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Keeps the LIMIT - 1 likeliest types, in the order they had; the others become type
 * LIMIT - 1.  The end of document stays 0 whatever its rank. */
static enum wn_status merge_rare(struct sim_tokens *t, uint32_t limit, struct wn_err *err)
{
    struct frequency *f = calloc(t->n_types, sizeof(*f));
    uint32_t *new_id = malloc(t->n_types * sizeof(*new_id)), next = 0;

    if (!f || !new_id) {
        free(f);
        free(new_id);
        return wn_fail(err, WN_NOMEM, "cannot count the words of a corpus: out of memory");
    }
    for (uint32_t i = 0; i < t->n_types; i++) {
        f[i].id = i;
        new_id[i] = limit - 1;
    }
    for (size_t i = 0; i < t->n_usable; i++)
        f[t->stream[i]].count++;
    f[END_OF_DOCUMENT].count = UINT64_MAX;
    qsort(f, t->n_types, sizeof(*f), by_count);
    for (uint32_t i = 0; i + 1 < limit; i++)
        new_id[f[i].id] = 0;
    for (uint32_t i = 0; i < t->n_types; i++)
        if (new_id[i] == 0)
            new_id[i] = next++;
    for (size_t i = 0; i < t->n_usable + t->n_held_out; i++)
        t->stream[i] = new_id[t->stream[i]];
    t->n_types = limit;
    free(f);
    free(new_id);
    return WN_OK;
}

static enum wn_status keep(struct sim_tokens *t, struct reading *r, uint64_t limit, struct wn_err *err)
{
    t->stream = r->stream;
    r->stream = NULL;
    t->n_types = r->vocab.n - FIRST_WORD + 1;
    t->n_held_out = r->n / 10;
    t->n_usable = r->n - t->n_held_out;
    if (t->n_held_out == 0)
        return wn_fail(err, WN_BADCONF, "the corpus is too small: %zu tokens, of which a tenth would be held out",
                       r->n);
    return limit && t->n_types > limit ? merge_rare(t, (uint32_t)limit, err) : WN_OK;
}

enum wn_status sim_tokens_read(struct sim_tokens *t, const struct wn_sim_opts *opts, uint64_t limit,
                               struct wn_err *err)
{
    struct reading r = { .n = 0 };
    enum wn_status st = vocab_init(&r.vocab, err);

    for (size_t i = 0; i < opts->n_texts && st == WN_OK; i++)
        st = add_document(&r, opts->texts[i].text, err);
    if (st == WN_OK)
        st = keep(t, &r, limit, err);
    vocab_release(&r.vocab);
    wn_arena_release(&r.scratch);
    free(r.stream);
    return st;
}
