/*
 * lm_layout.h - the bytes of a model image (docs/format/lm.md) and the model over them.
 *
 *   header | section table | section | section | ...      each 8-byte aligned
 *
 * The numbers in the header fix every section's place and size; the table repeats them
 * for readers that want only one section, and carries the checksums.
 */
#ifndef LM_LAYOUT_H
#define LM_LAYOUT_H

#include <winnow/lm.h>

#include "lm/lm_tables.h"

#define LM_MAGIC "winnowLM"

enum {
    LM_VERSION = 1,
    LM_BYTE_ORDER = 0x01020304,
    LM_MAX_SECTIONS = 3 + 5 * WN_LM_MAX_ORDER
};

/* log10 of a probability or back-off weight of zero, as in ARPA files. */
#define LM_LOG_ZERO (-99.0f)

enum lm_section_kind {
    LM_VOCAB_START = 1,  /* u32[words + 1]: where each word starts in LM_VOCAB_BYTES    */
    LM_VOCAB_BYTES = 2,
    LM_VOCAB_SLOTS = 3,  /* u64[n_slots]: hash table, see lm_vocab.h                    */
    LM_WORD = 4,         /* u32[n_k], k >= 2: last word                                 */
    LM_PROB = 5,         /* f32[n_k]: log10 p                                           */
    LM_BACKOFF = 6,      /* f32[n_k], k < order: log10 of the back-off weight           */
    LM_CHILD = 7,        /* u32[n_k + 1], k < order: its continuations in the level above
                            are child[i] .. child[i + 1] - 1, ascending by word         */
    LM_SUFFIX = 8        /* u32[n_k], k >= 3: the n-gram without its first word, in the
                            level below (for k = 2 that is the word itself)             */
};

struct lm_section {
    uint32_t kind;
    uint32_t order;      /* 0 for the vocabulary    */
    uint64_t offset;     /* from the image's start  */
    uint64_t bytes;
    uint64_t hash;       /* XXH3-64, seed 0         */
};

struct lm_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t order;
    uint32_t tokenizer;
    uint32_t smoothing;
    uint32_t n_sections;
    uint64_t image_bytes;
    uint64_t train_tokens;
    uint64_t n_ngrams[WN_LM_MAX_ORDER];   /* [k - 1]; [0]: words; 0 above the order */
    uint64_t vocab_bytes;
    uint64_t n_slots;
    uint64_t hash;       /* XXH3-64 of the section table, seeded with that of the
                            header's bytes before this field                        */
};

/* Where the sections of a model with HEAD's numbers lie; no hashes. */
struct lm_plan {
    struct lm_section section[LM_MAX_SECTIONS];
    uint32_t n;
    uint64_t image_bytes;
};

/* The levels as views into the image; [k] is order k, [0] is unused. */
struct lm_table {
    uint32_t n;
    const uint32_t *word;
    const float *prob;
    const float *backoff;
    const uint32_t *child;
    const uint32_t *suffix;
};

struct wn_lm {
    struct wn_str image;
    struct lm_header head;
    struct lm_table level[WN_LM_MAX_ORDER + 1];   /* the index; n = 0 everywhere without one */
    unsigned parts;                               /* WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX */
    unsigned n_models;                            /* 1; 2: joint tables                      */
    struct lm_hash hash[WN_LM_MAX_ORDER + 1];     /* the tables; [k]: order k                */
    uint64_t hash_seed;                           /* of lm_word_hash                         */
    bool unk_extends;                             /* some n-gram above order 1 holds <unk>   */
    const uint32_t *vocab_start;
    const char *vocab_bytes;
    const uint64_t *vocab_slots;
    void *heap;          /* the image when it was made here, else NULL */
    size_t map_bytes;    /* of the mapping when it was opened, else 0  */
};

/* False when the sizes do not fit in 63 bits. */
bool lm_plan_make(struct lm_plan *plan, const struct lm_header *head);
/* Points LM's views at the sections of its image, which PLAN describes. */
void lm_bind(struct wn_lm *lm, const struct lm_plan *plan);
/* Writes the hashes into an image that is complete but for them. */
void lm_image_seal(char *image);
/* The hash that belongs into the header of an image with N_SECTIONS sections. */
uint64_t lm_head_hash(const char *image, uint32_t n_sections);
/* Everything but the hashes of the sections: sizes, offsets, ids, numbers.  Leaves LM
 * bound when it returns WN_OK. */
enum wn_status lm_check(struct wn_lm *lm, const char *name, struct wn_err *err);

#endif
