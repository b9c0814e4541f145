/*
 * lm_arpa.c - blocks of n-grams as lines of an ARPA file.
 *
 * Numbers and words are moved 16 bytes at a time.  Neighbours in suffix order share their
 * last words, so the end of a line is copied from the line before; the words in front are
 * anywhere in memory, and fetched ahead.
 */
#include "lm/lm_arpa.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lm/lm_index.h"
#include "lm/lm_publish.h"
#include "lm/shortest_float.h"

enum {
    AHEAD = 12,                /* lines whose words are on their way from memory                    */
    COPY = 16,                 /* bytes moved at a time: what is written may run over by as many    */
    SHORT_WORD = COPY - 1,
    /* two numbers, the words that are short, and what the last copy runs over */
    LINE_ROOM = 2 * SHORTEST_FLOAT_BYTES + (WN_LM_MAX_ORDER + 2) * COPY
};

/* A word on one cache line; longer ones are looked up. */
struct short_word {
    char text[SHORT_WORD];
    uint8_t len;               /* SHORT_WORD + 1: longer than fits */
};

struct lm_arpa_writer {
    enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err);
    void *arg;
    struct wn_lm_file *file;   /* NULL: write and arg are the caller's       */
    struct lm_shape shape;
    struct short_word *word;   /* by id                                      */
    unsigned at_order;         /* the section that take is in; 0: none yet   */
};

static uint64_t least_bytes(void *ctx, const struct lm_shape *shape)
{
    const struct lm_arpa_writer *w = ctx;

    return (shape->vocab->n + UINT64_C(1)) * sizeof(*w->word);
}

static enum wn_status begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room, struct wn_err *err)
{
    struct lm_arpa_writer *w = ctx;
    struct wn_buf head = { 0 };
    enum wn_status st;

    st = lm_room_afford(room, least_bytes(w, shape), "write an ARPA file", err);
    if (st != WN_OK)
        return st;
    w->shape = *shape;
    w->word = malloc((shape->vocab->n + 1u) * sizeof(*w->word));
    if (!w->word)
        return wn_fail(err, WN_NOMEM, "cannot write an ARPA file: out of memory");
    for (uint32_t id = 0; id < shape->vocab->n; id++) {
        struct wn_str s = vocab_word(shape->vocab, id);

        memset(&w->word[id], 0, sizeof(w->word[id]));
        memcpy(w->word[id].text, s.ptr, s.len < SHORT_WORD ? s.len : SHORT_WORD);
        w->word[id].len = (uint8_t)(s.len <= SHORT_WORD ? s.len : SHORT_WORD + 1);
    }
    wn_buf_addz(&head, "\\data\\\n");
    for (unsigned k = 1; k <= shape->order; k++)
        wn_buf_addf(&head, "ngram %u=%llu\n", k, (unsigned long long)shape->n[k]);
    wn_buf_addc(&head, '\n');
    st = wn_buf_status(&head, err);
    if (st == WN_OK)
        st = w->write(w->arg, wn_buf_str(&head), err);
    wn_buf_release(&head);
    return st;
}

/* Where the words of the line before lie in the buffer. */
struct line {
    struct wn_buf *out;
    const uint32_t *words;                /* NULL: there is none      */
    size_t at[WN_LM_MAX_ORDER + 1];       /* [k]: behind the last one */
};

static void copy16(char *to, const char *from)
{
    char held[COPY];                      /* the two may overlap */

    memcpy(held, from, COPY);
    memcpy(to, held, COPY);
}

/* Appends a word and SEPARATOR; keeps room for what follows a long word. */
static enum wn_status put_word(const struct lm_arpa_writer *w, struct wn_buf *out, uint32_t id, char separator,
                               struct wn_err *err)
{
    const struct short_word *word = &w->word[id];

    if (word->len <= SHORT_WORD) {
        copy16(out->ptr + out->len, word->text);
        out->len += word->len;
    } else {
        struct wn_str s = vocab_word(w->shape.vocab, id);
        enum wn_status st = wn_buf_reserve(out, s.len + 2 * LINE_ROOM, err);

        if (st != WN_OK)
            return st;
        memcpy(out->ptr + out->len, s.ptr, s.len);
        out->len += s.len;
    }
    out->ptr[out->len++] = separator;
    return WN_OK;
}

/* Appends bytes FROM .. TO of the buffer itself. */
static enum wn_status put_again(struct wn_buf *out, size_t from, size_t to, struct wn_err *err)
{
    size_t n = to - from;
    const char *p;
    char *q;

    if (n > LINE_ROOM / 2) {
        enum wn_status st = wn_buf_reserve(out, n + 2 * LINE_ROOM, err);

        if (st != WN_OK)
            return st;
    }
    p = out->ptr + from;
    q = out->ptr + out->len;
    for (size_t i = 0; i < n; i += COPY)
        copy16(q + i, p + i);
    out->len += n;
    return WN_OK;
}

/* The words, each with a space behind it, the last one with LAST. */
static enum wn_status put_words(const struct lm_arpa_writer *w, struct line *line, const uint32_t *words, unsigned k,
                                char last, struct wn_err *err)
{
    size_t before[WN_LM_MAX_ORDER + 1];
    enum wn_status st = WN_OK;
    unsigned n_new = k, j;

    if (line->words)
        while (n_new > 0 && words[n_new - 1] == line->words[n_new - 1])
            n_new--;
    for (j = n_new; j <= k; j++)
        before[j] = line->at[j];
    for (j = 0; st == WN_OK && j < n_new; j++) {
        line->at[j] = line->out->len;
        st = put_word(w, line->out, words[j], j + 1 < k ? ' ' : last, err);
    }
    for (; j < k; j++)
        line->at[j] = line->out->len + before[j] - before[n_new];
    if (st == WN_OK && n_new < k)
        st = put_again(line->out, before[n_new], before[k], err);
    line->at[k] = line->out->len;
    line->words = words;
    return st;
}

static enum wn_status work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const struct lm_arpa_writer *w = ctx;
    struct line line = { .out = out };
    bool has_backoff = b->order < w->shape.order;
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < AHEAD && i < b->n; i++)
        for (unsigned j = 0; j < b->order; j++)
            __builtin_prefetch(&w->word[b->words[i * b->order + j]]);
    for (size_t i = 0; st == WN_OK && i < b->n; i++) {
        /* Not in a function of its own: gcc 12 takes one that only prefetches for one without
         * effect, and drops the call. */
        for (unsigned j = 0; i + AHEAD < b->n && j < b->order; j++)
            __builtin_prefetch(&w->word[b->words[(i + AHEAD) * b->order + j]]);
        if (out->cap - out->len < 2 * LINE_ROOM) {
            st = wn_buf_reserve(out, 2 * LINE_ROOM, err);
            if (st != WN_OK)
                break;
        }
        out->len += shortest_float(b->prob[i], out->ptr + out->len);
        out->ptr[out->len++] = '\t';
        st = put_words(w, &line, b->words + i * b->order, b->order, has_backoff ? '\t' : '\n', err);
        if (st == WN_OK && has_backoff) {
            out->len += shortest_float(b->backoff[i], out->ptr + out->len);
            out->ptr[out->len++] = '\n';
        }
    }
    return st;
}

/* Ends the section before and begins those up to ORDER; some may be empty. */
static enum wn_status go_to(struct lm_arpa_writer *w, unsigned order, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    while (st == WN_OK && w->at_order < order) {
        char text[32];
        int n = snprintf(text, sizeof(text), "%s\\%u-grams:\n", w->at_order ? "\n" : "", w->at_order + 1);

        w->at_order++;
        st = w->write(w->arg, (struct wn_str){ text, (size_t)n }, err);
    }
    return st;
}

static enum wn_status take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out, struct wn_err *err)
{
    struct lm_arpa_writer *w = ctx;
    enum wn_status st = go_to(w, order, err);

    (void)first;
    (void)n;
    return st == WN_OK ? w->write(w->arg, out, err) : st;
}

static enum wn_status end(void *ctx, struct wn_err *err)
{
    struct lm_arpa_writer *w = ctx;
    enum wn_status st = go_to(w, w->shape.order, err);

    if (st == WN_OK)
        st = w->write(w->arg, WN_STR("\n\\end\\\n"), err);
    if (st == WN_OK && w->file)
        st = lm_publish_commit(w->file, err);
    return st;
}

enum wn_status lm_arpa_writer_new(struct lm_arpa_writer **out,
                                  enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err),
                                  void *arg, struct wn_err *err)
{
    struct lm_arpa_writer *w = calloc(1, sizeof(*w));

    *out = w;
    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot write an ARPA file: out of memory");
    w->write = write;
    w->arg = arg;
    return WN_OK;
}

static enum wn_status write_file(void *arg, struct wn_str bytes, struct wn_err *err)
{
    return lm_publish_write(arg, bytes.ptr, bytes.len, err);
}

static enum wn_status write_stdout(void *arg, struct wn_str bytes, struct wn_err *err)
{
    (void)arg;
    while (bytes.len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes.ptr, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return wn_fail_sys(err, "cannot write to standard output");
        bytes = (struct wn_str){ bytes.ptr + n, bytes.len - (size_t)n };
    }
    return WN_OK;
}

enum wn_status lm_arpa_writer_to_path(struct lm_arpa_writer **out, const char *path, struct wn_err *err)
{
    bool is_stdout = strcmp(path, "-") == 0;
    enum wn_status st = lm_arpa_writer_new(out, is_stdout ? write_stdout : write_file, NULL, err);

    if (st != WN_OK || is_stdout)
        return st;
    st = lm_publish_open(&(*out)->file, path, err);
    (*out)->arg = (*out)->file;
    if (st != WN_OK) {
        lm_arpa_writer_free(*out);
        *out = NULL;
    }
    return st;
}

struct lm_consumer lm_arpa_writer_consumer(struct lm_arpa_writer *w)
{
    return (struct lm_consumer){ .ctx = w, .begin = begin, .work = work, .take = take, .end = end,
                                 .least_bytes = least_bytes };
}

void lm_arpa_writer_free(struct lm_arpa_writer *w)
{
    if (!w)
        return;
    lm_publish_abandon(w->file);
    free(w->word);
    free(w);
}

enum wn_status wn_lm_arpa(const struct wn_lm *lm,
                          enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err), void *arg,
                          struct wn_err *err)
{
    const struct lm_room room = lm_room_of(NULL);
    struct lm_arpa_writer *w;
    enum wn_status st = lm_arpa_writer_new(&w, write, arg, err);

    if (st == WN_OK) {
        struct lm_consumer consumer = lm_arpa_writer_consumer(w);
        const struct lm_consumer *list[] = { &consumer };

        st = lm_index_produce(lm, list, 1, &room, err);
    }
    lm_arpa_writer_free(w);
    return st;
}
