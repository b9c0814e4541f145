/*
 * lm_counts.h - what wn_counts holds: a vocabulary, the text as word ids, and what count
 * files brought.
 *
 * Four bytes a token is less than any table of the n-grams in it would take (a 5-gram
 * model has about 1.8 n-grams a token), merging is appending, and every count that an
 * estimator may want can still be had, adjusted ones and raw ones.  With a memory limit,
 * ids go to disk in blocks of one size whenever the buffer is full.
 */
#ifndef LM_COUNTS_H
#define LM_COUNTS_H

#include <winnow/lmbuild.h>

#include "lm/lm_stream.h"
#include "lm/lm_temp.h"
#include "lm/lm_vocab.h"

/* N-grams with their counts, from one count file, in blocks: n counts (u64), then n
 * N-grams of ORDER ids (u32), the last word first; zeros behind <s>. */
struct counted_block {
    uint64_t at;
    uint32_t n;
};
struct counted {
    struct counted *next;
    struct lm_temp *temp;
    struct counted_block *block;
    size_t n_blocks, cap;
    uint64_t n, tokens, sentences;
};

struct wn_counts {
    unsigned order;
    enum wn_tokenizer tokenizer;
    bool skip_specials;
    struct lm_room room;
    char *tmp_dir;               /* the room's, copied                                  */
    struct vocab vocab;

    uint32_t *ids;               /* <s> w .. w </s> <s> w .. w </s> ..; the end of it    */
    size_t n, cap;
    size_t spill_ids;            /* with this many, ids becomes a block on disk; 0: never */
    struct lm_temp *spilled;
    uint64_t *block;             /* where the blocks are                                 */
    size_t n_blocks, cap_blocks;
    uint64_t n_sentences;

    struct counted *counted;     /* newest first                                         */
    uint64_t tokens_counted;     /* of all of them                                       */
    bool is_used;                /* the text was given to a model: nothing can be done any more */
    bool lost;                   /* a block could not be read back; nothing works any more */
    struct wn_arena scratch;     /* tokens of the text that is being added               */
};

/* The least a job can be told to hold, without the vocabulary. */
#define LM_ROOM_LEAST (UINT64_C(16) << 20)

/* Where the counts stand, to go back there. */
struct counts_mark {
    size_t n, n_blocks;
    uint64_t n_sentences;
    uint32_t n_words;
};
struct counts_mark counts_mark(const struct wn_counts *c);
/* Forgets what came since; returns ST, or WN_IO when a block cannot be read. */
enum wn_status counts_back(struct wn_counts *c, const struct counts_mark *m, enum wn_status st, struct wn_err *err);

/* Room for up to EXTRA > 0 more ids behind ids[n]; *GOT says how many, at least one. */
enum wn_status counts_room(struct wn_counts *c, size_t extra, size_t *got, struct wn_err *err);
/* Whether the vocabulary and all else still fits in the room; WN_CANCELLED when told. */
enum wn_status counts_check(const struct wn_counts *c, struct wn_err *err);
/* What C holds in memory. */
uint64_t counts_memory(const struct wn_counts *c);
/* All ids, on disk and not. */
uint64_t counts_ids(const struct wn_counts *c);
/* Ids on disk, which come before those of ids[]. */
uint64_t counts_spilled(const struct wn_counts *c);
/* Reads up to *N of them from AT on; *N becomes how many: fewer at the end of a block. */
enum wn_status counts_read(const struct wn_counts *c, uint64_t at, uint32_t *to, size_t *n, struct wn_err *err);
/* Frees the text, which is used up then; what was counted stays known. */
void counts_drop_text(struct wn_counts *c);

/* WHITESPACE text, a sentence a line.  On failure *LINE (from 1) is where. */
enum wn_status counts_add_lines(struct wn_counts *c, struct wn_str text, uint64_t *line, struct wn_err *err);
/* Whether C's tokenizer can give T: WHITESPACE has no empty words, and none with white space. */
bool counts_is_word(const struct wn_counts *c, struct wn_str t);

/* N-grams with counts on their way in. */
enum wn_status counted_new(struct counted **out, const struct wn_counts *c, struct wn_err *err);
enum wn_status counted_put(struct counted *d, unsigned order, const uint64_t *count, const uint32_t *words,
                           uint32_t n, struct wn_err *err);
/* Reads block I: COUNT and WORDS have room for it. */
enum wn_status counted_get(const struct counted *d, unsigned order, size_t i, uint64_t *count, uint32_t *words,
                           struct wn_err *err);
/* All that count files brought, a block at a time. */
struct counted_walk {
    const struct counted *file;  /* and the block of it that comes next */
    size_t block;
    unsigned order;
    uint64_t *count;             /* of the block at hand: N counts, N * order ids */
    uint32_t *words;
    uint32_t n;
};
/* False: out of memory.  Always to be released. */
bool counted_walk_init(struct counted_walk *w, const struct wn_counts *c);
/* WN_END behind the last block. */
enum wn_status counted_walk_next(struct counted_walk *w, struct wn_err *err);
void counted_walk_release(struct counted_walk *w);
/* D belongs to C from now on; WN_LIMIT when tokens would pass 2^63 - 1 (then it does not). */
enum wn_status counted_take(struct wn_counts *c, struct counted *d, struct wn_err *err);
void counted_free(struct counted *d);

/* N-grams in a block: of count files, too. */
enum { COUNTED_BLOCK = 16384 };

#endif
