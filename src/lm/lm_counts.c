/*
 * lm_counts.c - collect a text as word ids.
 */
#include "lm/lm_counts.h"

#include <stdlib.h>

/* Positions in the text are 32-bit numbers. */
enum { FIRST_IDS = 4096 };
static const size_t MAX_IDS = UINT32_MAX - 1;

enum wn_status wn_counts_new(struct wn_counts **out, unsigned order, enum wn_tokenizer tok, struct wn_err *err)
{
    struct wn_counts *c;
    enum wn_status st;

    *out = NULL;
    if (order < 1 || order > WN_LM_MAX_ORDER)
        return wn_fail(err, WN_BADCONF, "cannot count n-grams of order %u: 1 to %d are possible", order,
                       WN_LM_MAX_ORDER);
    c = calloc(1, sizeof(*c));
    if (!c)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    c->order = order;
    c->tokenizer = tok;
    st = vocab_init(&c->vocab, err);
    if (st == WN_OK)
        *out = c;
    else
        wn_counts_free(c);
    return st;
}

void wn_counts_free(struct wn_counts *c)
{
    if (!c)
        return;
    vocab_release(&c->vocab);
    wn_arena_release(&c->scratch);
    free(c->ids);
    free(c);
}

uint64_t wn_counts_tokens(const struct wn_counts *c)
{
    return c->n - c->n_sentences;
}

uint64_t wn_counts_types(const struct wn_counts *c)
{
    return c->vocab.n;
}

static enum wn_status reserve_ids(struct wn_counts *c, size_t extra, struct wn_err *err)
{
    size_t cap = c->cap ? c->cap : FIRST_IDS;
    uint32_t *more;

    if (extra > MAX_IDS - c->n)
        return wn_fail(err, WN_LIMIT, "cannot count more than %zu tokens in one model", MAX_IDS);
    if (c->n + extra <= c->cap)
        return WN_OK;
    while (cap < c->n + extra)
        cap *= 2;
    more = realloc(c->ids, cap * sizeof(*more));
    if (!more)
        return wn_fail(err, WN_NOMEM, "cannot count %zu tokens: out of memory", c->n + extra);
    c->ids = more;
    c->cap = cap;
    return WN_OK;
}

static bool is_reserved(struct wn_str t)
{
    return t.len >= 3 && t.ptr[0] == '<' &&
           (wn_str_eq(t, WN_STR("<s>")) || wn_str_eq(t, WN_STR("</s>")) || wn_str_eq(t, WN_STR("<unk>")));
}

enum wn_status wn_counts_add(struct wn_counts *c, const struct wn_tokens *sentence, struct wn_err *err)
{
    uint32_t n_words = c->vocab.n;
    enum wn_status st;
    uint32_t *to;

    for (size_t i = 0; i < sentence->n; i++) {
        if (is_reserved(sentence->item[i]))
            return wn_fail(err, WN_BADDATA, "cannot count a sentence: token %zu is the reserved word '%.*s'", i + 1,
                           WN_STR_ARG(sentence->item[i]));
    }
    if (sentence->n > MAX_IDS - 2)
        return wn_fail(err, WN_LIMIT, "cannot count a sentence of %zu tokens", sentence->n);
    st = reserve_ids(c, sentence->n + 2, err);
    if (st != WN_OK)
        return st;
    to = c->ids + c->n;
    *to++ = WN_LM_BOS;
    for (size_t i = 0; i < sentence->n; i++) {
        st = vocab_intern(&c->vocab, sentence->item[i], to++, err);
        if (st != WN_OK) {
            vocab_truncate(&c->vocab, n_words);      /* as if this sentence had not come */
            return st;
        }
    }
    *to = WN_LM_EOS;
    c->n += sentence->n + 2;
    c->n_sentences++;
    return WN_OK;
}

static enum wn_status add_one(struct wn_counts *c, struct wn_str text, struct wn_err *err)
{
    struct wn_tokens t;
    enum wn_status st;

    wn_arena_reset(&c->scratch);
    st = wn_tokenize(c->tokenizer, text, &c->scratch, &t, err);
    return st == WN_OK ? wn_counts_add(c, &t, err) : st;
}

enum wn_status wn_counts_add_text(struct wn_counts *c, struct wn_str text, struct wn_err *err)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    const size_t n = c->n;
    const uint64_t n_sentences = c->n_sentences;
    const uint32_t n_words = c->vocab.n;

    if (c->tokenizer != WN_TOK_WHITESPACE)
        return add_one(c, text, err);
    for (uint64_t line = 1; p < end; line++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *stop = nl ? nl : end;            /* a last line without '\n' is a line too */
        enum wn_status st = add_one(c, (struct wn_str){ p, (size_t)(stop - p) }, err);

        if (st != WN_OK) {
            c->n = n;                                /* as if this text had not come */
            c->n_sentences = n_sentences;
            vocab_truncate(&c->vocab, n_words);
            wn_err_prefix(err, "line %llu: ", (unsigned long long)line);
            return st;
        }
        p = nl ? nl + 1 : end;
    }
    return WN_OK;
}

enum wn_status wn_counts_merge(struct wn_counts *into, const struct wn_counts *from, struct wn_err *err)
{
    uint32_t n_words = into->vocab.n, *id_of;
    enum wn_status st;

    if (into->order != from->order || into->tokenizer != from->tokenizer)
        return wn_fail(err, WN_BADCONF, "cannot merge counts: order %u of %s and order %u of %s", into->order,
                       wn_tokenizer_name(into->tokenizer), from->order, wn_tokenizer_name(from->tokenizer));
    id_of = malloc((size_t)from->vocab.n * sizeof(*id_of));
    if (!id_of)
        return wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
    st = reserve_ids(into, from->n, err);
    for (uint32_t i = 0; st == WN_OK && i < from->vocab.n; i++)
        st = vocab_intern(&into->vocab, vocab_word(&from->vocab, i), &id_of[i], err);
    if (st != WN_OK) {
        vocab_truncate(&into->vocab, n_words);
        goto done;
    }
    for (size_t i = 0; i < from->n; i++)
        into->ids[into->n + i] = id_of[from->ids[i]];
    into->n += from->n;
    into->n_sentences += from->n_sentences;
done:
    free(id_of);
    return st;
}
