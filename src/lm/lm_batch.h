/*
 * lm_batch.h - some hundred tokens on their way through a model's tables, all in flight
 * at a time.
 *
 * Entries are tokens and, before each sentence, one start: <s>, or the empty context.
 * Push them, run, read value[] and len[], clear, push on: what the next batch needs of the
 * past is kept, so that the limits of batches never show in a value.
 *
 *   entry  | the past: 8 | entry | entry | ...                  | dump |
 *
 * All orders' probes are independent but for the early exits, so they go order by order:
 * each stage compares lines that the stage before asked memory for.  A token stays in the
 * race while its n-gram was found, its context exists and the n-gram's mask of left
 * extensions allows the word before.  Words themselves are looked up last, and only where a
 * bigram failed: a bigram that was found needs no unigram.  "Dump" takes the stores of
 * probes that failed: stores without a branch.
 */
#ifndef LM_BATCH_H
#define LM_BATCH_H

#include <winnow/lmscore.h>

#include "lm/lm_layout.h"

enum {
    LM_BATCH_PAST = 8,              /* a multiple of 8 that is not below WN_LM_MAX_ORDER       */
    LM_BATCH_FULL = 256,            /* tokens after which a batch should run                    */
    LM_BATCH_SPARE = 144,           /* what one step of a scan may push beyond: 64 line ends    */
    LM_BATCH_DUMP = LM_BATCH_PAST + LM_BATCH_FULL + LM_BATCH_SPARE,
    LM_BATCH_ENTRIES = LM_BATCH_DUMP + 32   /* vectors may reach over the end                   */
};

/* What is known of the special words, looked up once; [m]: model m. */
struct lm_specials {
    uint64_t bos, eos, unk;               /* hashes                                      */
    float unk_prob[2], unk_backoff[2], bos_backoff[2];
};

struct lm_batch {
    const struct wn_lm *lm;
    const struct lm_isa *isa;
    struct lm_specials special;
    unsigned n_models;
    bool no_markers;
    bool unk_first;                       /* n-grams hold <unk>: words are looked up first */
    unsigned unk_model;                   /* whose unknown words then become <unk>        */
    bool oov_known;                       /* the lists of unknown words are complete     */
    unsigned order;                       /* of the highest table that holds anything    */
    uint32_t n;                           /* entries, the past included                  */
    uint32_t n_asked;                     /* of these have their first lines on the way  */
    uint32_t n_starts, n_oov[2], n_list, n_words;
    uint8_t depth;                        /* words that the next one may look back on, + 1 */

    uint64_t hash[LM_BATCH_ENTRIES];
    uint64_t key[LM_BATCH_ENTRIES];
    const unsigned char *line[LM_BATCH_ENTRIES];      /* by place in the list            */
    const unsigned char *word_line[LM_BATCH_ENTRIES];
    uint16_t list[LM_BATCH_ENTRIES], word_list[LM_BATCH_ENTRIES], late[LM_BATCH_ENTRIES];
    uint16_t hit[LM_BATCH_ENTRIES];       /* slots that match, by place in the list      */
    uint8_t limit[LM_BATCH_ENTRIES];      /* longest n-gram there can be; 0: a start     */
    uint8_t any[LM_BATCH_ENTRIES];        /* joint: longest n-gram that a model has      */
    uint16_t start[LM_BATCH_ENTRIES], oov[2][LM_BATCH_ENTRIES];   /* entries, ascending  */

    uint8_t len[2][LM_BATCH_ENTRIES];     /* longest n-gram found                        */
    float prob[2][LM_BATCH_ENTRIES];      /* its log10 p                                 */
    float value[2][LM_BATCH_ENTRIES];     /* with the back-offs                          */
    float backoff[2][WN_LM_MAX_ORDER][LM_BATCH_ENTRIES];   /* [n]: of the n-gram that ends here */

};

/* Where the scan of a text stands. */
struct lm_text {
    const char *at, *end;
    const char *word;        /* where the word under way began   */
    bool in_word;
};

/* One instruction set's way to do the work; all give the same values. */
struct lm_isa {
    const char *name;
    enum wn_simd simd;
    /* Pushes words and line ends of a text until it ends or the batch is full; words (if
     * WORD is not NULL) get their place in word[entry].  Line ends call lm_batch_line. */
    void (*scan)(struct lm_batch *b, struct lm_text *s, struct wn_str *word);
    /* Probes order N for the entries of the list, whose lines are on their way; leaves in it those
     * that may go on. */
    void (*probe)(struct lm_batch *b, unsigned n);
    void (*words)(struct lm_batch *b);
    void (*values)(struct lm_batch *b);
};

/* NULL when this machine lacks SIMD. */
const struct lm_isa *lm_isa_find(enum wn_simd simd);
extern const struct lm_isa lm_isa_scalar, lm_isa_avx2, lm_isa_avx512;

static inline bool lm_has_tables(const struct wn_lm *lm)
{
    return lm->hash[1].line != NULL;
}

/* LM has tables. */
void lm_batch_init(struct lm_batch *b, const struct wn_lm *lm, const struct lm_isa *isa, bool no_markers);
/* Joint models with <unk> in n-grams need a batch for each model: a word that only one of
 * them knows has two sets of keys.  Makes B the one of MODEL (0 after init) ... */
void lm_batch_of_model(struct lm_batch *b, unsigned model);
/* ... and gives it what was pushed to FROM since the last clear of both. */
void lm_batch_copy(struct lm_batch *b, const struct lm_batch *from);
/* Begins a sentence. */
void lm_batch_start(struct lm_batch *b);
/* Ends a sentence; begins another one if there is MORE.  WORD as in lm_isa.scan. */
void lm_batch_line(struct lm_batch *b, struct wn_str *word, bool more);
/* Asks for the lines of what was pushed since it was called last. */
void lm_batch_ask(struct lm_batch *b);
void lm_batch_run(struct lm_batch *b);
/* Adds model M's entries up to END to SUM, in their order; goes on where C stands, which
 * begins as lm_batch_first. */
struct lm_cursor {
    uint32_t entry, start, oov;
};
static inline struct lm_cursor lm_batch_first(void)
{
    return (struct lm_cursor){ LM_BATCH_PAST, 0, 0 };
}
void lm_batch_sum(const struct lm_batch *b, unsigned m, struct lm_cursor *c, uint32_t end, struct wn_lm_sum *sum);
/* Forgets all but the past. */
void lm_batch_clear(struct lm_batch *b);

static inline bool lm_batch_is_full(const struct lm_batch *b)
{
    return b->n >= LM_BATCH_PAST + LM_BATCH_FULL;
}

static inline void lm_batch_push(struct lm_batch *b, uint64_t hash)
{
    uint32_t i = b->n++;

    b->depth = (uint8_t)(b->depth + (b->depth < b->order));
    b->hash[i] = hash;
    b->limit[i] = b->depth;
}

/* Where the search for KEY begins. */
static inline const unsigned char *lm_home(const struct lm_hash *h, uint64_t key)
{
    return h->line + lm_key_bucket(key, h->n_buckets) * LM_LINE_BYTES;
}

#endif
