/*
 * lm_stream.h - the n-grams of a model on their way from who makes them (the estimator,
 * an ARPA file, another model, a mixture) to who keeps them (an ARPA file, the tables
 * or the index of a model file, a model in memory).
 *
 * Orders come 1, 2, .. N, each in blocks, in suffix order: ascending by the id of the
 * last word, then of the one before, and so on; no n-gram twice.  Streams are closed:
 * with an n-gram come the one without its first word and the one without its last.
 * Every order that the shape promises n-grams of ends exactly there.
 */
#ifndef LM_STREAM_H
#define LM_STREAM_H

#include <stdatomic.h>

#include <winnow/lmbuild.h>

#include "lm/lm_vocab.h"

/* What a producer and its consumers may use. */
struct lm_room {
    unsigned jobs;             /* threads, at least 1                                     */
    uint64_t memory_bytes;     /* in all; UINT64_MAX: as much as it takes                 */
    uint64_t outside_bytes;    /* what others hold of the memory that the job was given   */
    uint64_t given_bytes;      /* that memory; 0: the sum of both                         */
    const char *tmp_dir;       /* for what does not fit; NULL: the system's ($TMPDIR, /tmp) */
    const atomic_int *stop;    /* not NULL and non-zero: give up with WN_CANCELLED        */
};

/* The public room, or NULL, as the inner one. */
static inline struct lm_room lm_room_of(const struct wn_lm_room *r)
{
    struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX };

    if (r) {
        room.jobs = r->jobs ? r->jobs : 1;
        if (r->memory_bytes) {
            room.given_bytes = r->memory_bytes;
            room.outside_bytes = r->outside_bytes;
            room.memory_bytes = r->memory_bytes > r->outside_bytes ? r->memory_bytes - r->outside_bytes : 1;
        }
        room.tmp_dir = r->tmp_dir;
        room.stop = r->stop;
    }
    return room;
}

/* BYTES of R's memory are somebody else's from now on, even those that it does not have. */
static inline void lm_room_give(struct lm_room *r, uint64_t bytes)
{
    if (r->memory_bytes == UINT64_MAX)
        return;
    if (!r->given_bytes)
        r->given_bytes = r->memory_bytes + r->outside_bytes;
    r->memory_bytes = r->memory_bytes > bytes ? r->memory_bytes - bytes : 1;
    r->outside_bytes += bytes;
}

/* What is this small is within any room: the rest of a process varies by more. */
#define LM_ROOM_SMALL (UINT64_C(8) << 20)

/* WN_LIMIT, naming what the whole job needs, when WHAT takes more BYTES than R has. */
static inline enum wn_status lm_room_afford(const struct lm_room *r, uint64_t bytes, const char *what,
                                            struct wn_err *err)
{
    if (bytes <= r->memory_bytes)
        return WN_OK;
    return wn_fail(err, WN_LIMIT, "cannot %s in %.1f MB of memory: at least %llu MB are needed", what,
                   (double)(r->given_bytes ? r->given_bytes : r->memory_bytes + r->outside_bytes) / (1 << 20),
                   (unsigned long long)((bytes + r->outside_bytes + (1 << 20) - 1) >> 20));
}

struct lm_shape {
    unsigned order;
    enum wn_tokenizer tokenizer;
    enum wn_smoothing smoothing;
    uint64_t train_tokens;                 /* 0: not known                                 */
    uint64_t n[WN_LM_MAX_ORDER + 1];       /* [k]: n-grams of order k to come; [1]: words   */
    const struct vocab *vocab;             /* n[1] words, ids from 0; lives until end        */
    uint64_t hash_seed;                    /* no two words have the same lm_word_hash with it */
    const uint64_t *word_hash;             /* by id, with that seed; lives until end           */
};

struct lm_block {
    unsigned order;
    uint64_t first;            /* rank of the first n-gram within its order                */
    size_t n;
    const uint32_t *words;     /* n * order ids, each n-gram w_1 .. w_k                     */
    const float *prob;         /* log10 p; <= 0, LM_LOG_ZERO or -INFINITY for zero         */
    const float *backoff;      /* log10 of the back-off weight; NULL at the top order      */
    const uint64_t *suffix;    /* rank, in the order below, of the n-gram without its first
                                  word; NULL at order 1                                   */
    const uint16_t *left;      /* bit c: some n-gram of the order above puts a word of class c
                                  (lm_key_left_class) before this one; NULL at the
                                  top order, or everywhere when the producer does not know */
};

/* What keeps n-grams.  Blocks are worked on by any thread, taken in order by one. */
struct lm_consumer {
    void *ctx;
    enum wn_status (*begin)(void *ctx, const struct lm_shape *shape, const struct lm_room *room, struct wn_err *err);
    /* Any thread, any order of blocks: appends to OUT what take needs of B. */
    enum wn_status (*work)(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err);
    /* One thread at a time, in stream order: OUT of the block that began at FIRST. */
    enum wn_status (*take)(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out, struct wn_err *err);
    /* After the last block; not called when anything failed. */
    enum wn_status (*end)(void *ctx, struct wn_err *err);
    /* Before begin: the memory without which begin fails; NULL: next to nothing. */
    uint64_t (*least_bytes)(void *ctx, const struct lm_shape *shape);
};

/* C's work, also of what OUT ran into. */
static inline enum wn_status lm_consumer_work(const struct lm_consumer *c, const struct lm_block *b,
                                              struct wn_buf *out, struct wn_err *err)
{
    enum wn_status st = c->work(c->ctx, b, out, err);

    return st == WN_OK ? wn_buf_status(out, err) : st;
}

/* The hashes of all words, and the first seed from 0 on that gives no two the same.
 * *HASH is the caller's to free. */
enum wn_status lm_word_hashes(const struct vocab *v, uint64_t *seed, uint64_t **hash, struct wn_err *err);

/* Most producers cut blocks of about this many n-grams. */
enum { LM_BLOCK_NGRAMS = 16384 };

#endif
