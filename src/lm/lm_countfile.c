/*
 * lm_countfile.c - write count files.
 *
 * N-grams share their beginnings (their last words) with the one before, so an N-gram of
 * 16 bytes takes about 7 here.  Blocks have a fixed number of N-grams: the bytes depend on
 * what was counted alone.
 */
#include <stdlib.h>

#include "lm/lm_countfile.h"
#include "lm/lm_publish.h"
#include "lm/lm_runs.h"

enum { VARINT_BYTES = 10, WORD_BLOCK_BYTES = 1 << 20 };

struct writer {
    struct wn_lm_file *file;
    const struct lm_packing *packing;
    struct lm_room room;
    struct wn_buf block;
    uint32_t n;                          /* in the block */
    uint64_t n_blocks;
    uint32_t before[WN_LM_MAX_ORDER];    /* the N-gram before, the last word first; zeros at
                                            the start of a block */
};

static char *put_varint(char *p, uint64_t x)
{
    for (; x >= 0x80; x >>= 7)
        *p++ = (char)(x | 0x80);
    *p++ = (char)x;
    return p;
}

static enum wn_status end_block(struct writer *w, struct wn_err *err)
{
    struct wn_str bytes = wn_buf_str(&w->block);
    struct countfile_block head = { .n = w->n, .bytes = bytes.len, .hash = wn_hash64(bytes, w->n_blocks) };
    enum wn_status st = wn_buf_status(&w->block, err);

    if (st == WN_OK && w->n == 0)
        return WN_OK;
    if (st == WN_OK && w->room.stop && atomic_load_explicit(w->room.stop, memory_order_relaxed))
        return wn_fail(err, WN_CANCELLED, "writing counts was cancelled");
    if (st == WN_OK)
        st = lm_publish_write(w->file, &head, sizeof(head), err);
    if (st == WN_OK)
        st = lm_publish_write(w->file, bytes.ptr, bytes.len, err);
    wn_buf_reset(&w->block);
    memset(w->before, 0, sizeof(w->before));
    w->n = 0;
    w->n_blocks++;
    return st;
}

static enum wn_status write_words(struct writer *w, const struct vocab *v, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (uint32_t id = 0; st == WN_OK && id < v->n; id++) {
        char length[VARINT_BYTES];
        struct wn_str word = vocab_word(v, id);

        wn_buf_add(&w->block, (struct wn_str){ length, (size_t)(put_varint(length, word.len) - length) });
        wn_buf_add(&w->block, word);
        if (++w->n == COUNTED_BLOCK || w->block.len >= WORD_BLOCK_BYTES)
            st = end_block(w, err);
    }
    return st == WN_OK ? end_block(w, err) : st;
}

/* First byte: words in common with the N-gram before, plus 16 times the count if it is below
 * 16; else the count follows.  Then the first other word, less the one in its place
 * before; then the words up to <s> or the end as they are. */
static void put_ngram(struct writer *w, const uint64_t *key, uint64_t count)
{
    char bytes[1 + (1 + WN_LM_MAX_ORDER) * VARINT_BYTES], *p = bytes + 1;
    const unsigned order = w->packing->order;
    unsigned same = 0, i;

    while (same < order && lm_packing_word(w->packing, key, same) == w->before[same])
        same++;
    bytes[0] = (char)(same | (count < 16 ? (unsigned)count << 4 : 0));
    if (count >= 16)
        p = put_varint(p, count);
    for (i = same; i < order; i++) {
        uint32_t word = lm_packing_word(w->packing, key, i);

        p = put_varint(p, i == same ? word - w->before[i] : word);
        w->before[i] = word;
        if (word == WN_LM_BOS)
            break;
    }
    while (++i < order)
        w->before[i] = 0;
    wn_buf_add(&w->block, (struct wn_str){ bytes, (size_t)(p - bytes) });
    w->n++;
}

static enum wn_status write_ngrams(struct writer *w, const struct lm_runs *r, struct wn_err *err)
{
    struct lm_run_buf buf = { 0 };
    enum wn_status st = WN_OK;

    for (uint32_t i = 0; st == WN_OK && i < lm_runs_parts(r); i++) {
        struct lm_run run;

        st = lm_runs_load(r, i, &buf, &run, err);
        for (size_t j = 0; st == WN_OK && j < run.n; j++) {
            put_ngram(w, run.key + j * w->packing->stride, run.count[j]);
            if (w->n == COUNTED_BLOCK)
                st = end_block(w, err);
        }
    }
    lm_run_buf_release(&buf);
    return st == WN_OK ? end_block(w, err) : st;
}

static enum wn_status write_file(struct writer *w, const struct wn_counts *c, const struct lm_runs *r,
                                 struct wn_err *err)
{
    struct countfile_head head = { .version = LM_COUNTS_VERSION, .byte_order = LM_COUNTS_BYTE_ORDER,
                                   .order = c->order, .tokenizer = (uint32_t)c->tokenizer, .n_words = c->vocab.n,
                                   .tokens = wn_counts_tokens(c), .sentences = c->n_sentences };
    enum wn_status st;

    memcpy(head.magic, LM_COUNTS_MAGIC, sizeof(head.magic));
    for (const struct counted *d = c->counted; d; d = d->next)
        head.sentences += d->sentences;
    head.n_ngrams = lm_runs_ngrams(r);
    head.hash = countfile_head_hash(head);
    st = lm_publish_write(w->file, &head, sizeof(head), err);
    if (st == WN_OK)
        st = write_words(w, &c->vocab, err);
    return st == WN_OK ? write_ngrams(w, r, err) : st;
}

enum wn_status wn_counts_write(struct wn_counts *c, const char *path, const struct wn_lm_room *room,
                               struct wn_lm_file **out, struct wn_err *err)
{
    struct writer w = { .room = lm_room_of(room) };
    struct lm_runs *r = NULL;
    enum wn_status st = lm_runs_new(&r, c, false, &w.room, err);

    *out = NULL;
    if (st != WN_OK)
        goto done;
    w.packing = lm_runs_packing(r);
    st = lm_publish_open(&w.file, path, err);
    if (st == WN_OK)
        st = write_file(&w, c, r, err);
    if (st == WN_OK)
        st = lm_publish_finish(w.file, err);
    if (st == WN_OK) {
        *out = w.file;
        w.file = NULL;
    }
done:
    lm_publish_abandon(w.file);
    wn_buf_release(&w.block);
    lm_runs_free(r);
    return st;
}

enum wn_status wn_counts_save(struct wn_counts *c, const char *path, const struct wn_lm_room *room, struct wn_err *err)
{
    struct wn_lm_file *file = NULL;
    enum wn_status st = wn_counts_write(c, path, room, &file, err);

    if (st == WN_OK)
        st = wn_lm_file_publish(file, err);
    wn_lm_file_close(file);
    return st;
}
