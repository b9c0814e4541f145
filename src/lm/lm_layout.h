/*
 * lm_layout.h - the bytes of a model image (docs/format/lm.md) and the model over them.
 *
 *   front (4096 bytes: header, section table, checksum) | section | section | ...
 *
 * The numbers in the header and the lines of each table fix every section's place and
 * size; the section table repeats them for readers that want only one section, and
 * carries the checksums.
 *
 * Who makes a model in memory:  fill a header's numbers, lm_image_new, lm_image_words,
 * write the arrays of lm->level[] through lm_image_at, lm_image_seal.
 */
#ifndef LM_LAYOUT_H
#define LM_LAYOUT_H

#include <stdatomic.h>

#include <winnow/lm.h>

#include "lm/lm_tables.h"
#include "lm/lm_vocab.h"

#define LM_MAGIC "winnowLM"

enum {
    LM_VERSION = 2,
    LM_BYTE_ORDER = 0x01020304,
    LM_FRONT_BYTES = 4096,
    LM_MAX_SECTIONS = 48,
    LM_LINE_ALIGN = 64,            /* of every section, within the image                   */
    LM_PAGE_ALIGN = 4096,          /* of tables                                            */
    LM_PIECE_BYTES = 1 << 18,      /* of a section, in its checksum; a writer's table range */
    LM_VERIFY_BYTES = 32 << 20     /* up to this size AUTO verifies all: tens of milliseconds */
};

/* log10 of a probability or back-off weight of zero, as in ARPA files. */
#define LM_LOG_ZERO (-99.0f)

/* The log10 of a back-off weight is from minus this to this: far beyond any use. */
#define LM_BACKOFF_MOST 1e6f

enum lm_section_kind {
    LM_VOCAB_START = 1,  /* u32[words + 1]: where each word starts in LM_VOCAB_BYTES    */
    LM_VOCAB_BYTES = 2,
    LM_VOCAB_SLOTS = 3,  /* u64[n_slots]: hash table, see lm_vocab.h                    */
    LM_WORD = 4,         /* u32[n_k], k >= 2: last word                                 */
    LM_PROB = 5,         /* f32[n_k]: log10 p                                           */
    LM_BACKOFF = 6,      /* f32[n_k], k < order: log10 of the back-off weight           */
    LM_CHILD = 7,        /* u32[n_k + 1], k < order: its continuations in the level above
                            are child[i] .. child[i + 1] - 1, ascending by word         */
    LM_SUFFIX = 8,       /* u32[n_k], k >= 3: the n-gram without its first word, in the
                            level below (for k = 2 that is the word itself)             */
    LM_LINES = 9         /* the lines of order k's table, see lm_tables.h               */
};

/* What the tables are. */
enum lm_mode { LM_MODE_EXACT = 0, LM_MODE_COMPACT = 1, LM_MODE_JOINT = 2 };

struct lm_section {
    uint32_t kind;
    uint32_t order;      /* 0 for the vocabulary                          */
    uint64_t offset;     /* from the image's start                        */
    uint64_t bytes;
    uint64_t hash;       /* lm_section_hash                               */
    uint64_t n_buckets;  /* this and the rest: of LM_LINES, else 0        */
    uint64_t n_lines;
    struct lm_quant prob[2], backoff[2];   /* by model; 0 where not quantised */
};

struct lm_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t order;
    uint32_t tokenizer;
    uint32_t smoothing;
    uint32_t parts;      /* WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX          */
    uint32_t mode;       /* enum lm_mode; 0 without tables                  */
    uint32_t n_models;   /* 1; 2 in joint mode                              */
    uint32_t unk_extends;  /* 1: some n-gram above order 1 holds <unk>; 0 without tables */
    uint32_t n_sections;
    uint64_t image_bytes;
    uint64_t train_tokens;
    uint64_t n_ngrams[WN_LM_MAX_ORDER];   /* [k - 1]; [0]: words; 0 above the order */
    uint64_t vocab_bytes;                 /* this and n_slots: 0 without words      */
    uint64_t n_slots;
    uint64_t hash_seed;                   /* of lm_word_hash; 0 without tables      */
};

struct lm_front {
    struct lm_header head;
    struct lm_section section[LM_MAX_SECTIONS];   /* n_sections, the rest zero                */
    char zero[96];
    uint64_t hash;                                /* XXH3-64, seed 0, of the bytes before this */
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
    void *heap;          /* holds the image when it was made here, else NULL     */
    size_t map_bytes;    /* of the mapping when it was opened, else 0            */
    char *name;          /* for messages; NULL when made here                    */
    atomic_int *index_state;   /* enum lm_trust; NULL: made here, sound          */
    atomic_int *word_state;    /* the same of the words                          */
};

enum lm_trust { LM_UNCHECKED = 0, LM_SOUND = 1, LM_UNSOUND = 2 };

/* False when the sizes do not fit in 63 bits, or an index has 2^32 - 1 n-grams of an order or
 * more.  N_LINES[k]: lines of order k's table; NULL without tables. */
bool lm_plan_make(struct lm_plan *plan, const struct lm_header *head, const uint64_t *n_lines);
/* Points LM's views at the sections of its image, whose front is sound. */
void lm_bind(struct wn_lm *lm, const struct lm_section *section, uint32_t n);
/* The kind of order K's table. */
enum lm_table_kind lm_table_kind_of(const struct lm_header *head, unsigned k);
/* The n-grams a line of KIND holds at most. */
unsigned lm_table_slots(enum lm_table_kind kind);

/* A section is hashed in pieces of LM_PIECE_BYTES, the last one shorter: from HASH, that of the
 * pieces before (0 before the first), to the one with PIECE: XXH3-64 of HASH and of PIECE's
 * XXH3-64, two u64. */
uint64_t lm_hash_join(uint64_t hash, struct wn_str piece);
uint64_t lm_section_hash(struct wn_str section);
/* The hash that belongs at the end of a front. */
uint64_t lm_front_hash(const char *front);

/* ---- models made in memory -------------------------------------------------------------- */

/* A zeroed image for words and index, bound.  Of NUMBERS counts: order, tokenizer,
 * smoothing, train_tokens, n_ngrams, vocab_bytes; all else is filled in.  WN_LIMIT above
 * 2^32 - 2 n-grams of an order. */
enum wn_status lm_image_new(struct wn_lm **out, const struct lm_header *numbers, struct wn_err *err);
/* The image is its maker's to write until it is sealed: a view of LM as a writable pointer. */
void *lm_image_at(struct wn_lm *lm, const void *view);
/* Writes all words of V, which has n_ngrams[0] words of vocab_bytes bytes. */
void lm_image_words(struct wn_lm *lm, const struct vocab *v);
/* Writes the checksums into an image that is complete but for them. */
void lm_image_seal(char *image);

/* ---- soundness ------------------------------------------------------------------------- */

/* The front, and whatever else is looked at by every reader before the rest was verified:
 * sizes, places, each table's last line.  Leaves LM bound when
 * it returns WN_OK. */
enum wn_status lm_check_front(struct wn_lm *lm, const char *name, struct wn_err *err);
/* That the words lie in their section, the special ones first, and the word table finds them. */
enum wn_status lm_check_words(const struct wn_lm *lm, const char *name, struct wn_err *err);
/* Ids, ranges, order, numbers of the index. */
enum wn_status lm_check_index(const struct wn_lm *lm, const char *name, struct wn_err *err);
/* That tables hold the n-grams that the header counts, in lines as writers make them. */
enum wn_status lm_check_tables(const struct wn_lm *lm, const char *name, struct wn_err *err);
/* The checksums of all sections of PARTS. */
enum wn_status lm_check_hashes(const struct wn_lm *lm, unsigned parts, const char *name, struct wn_err *err);
/* To be called before words are looked up: verifies them once, if opening did not.  Any
 * thread.  WN_BADCONF when there are none, WN_BADDATA when they are damaged. */
enum wn_status lm_need_words(const struct wn_lm *lm, struct wn_err *err);
/* The same before the index of a model is walked, words included.  Any thread. */
enum wn_status lm_need_index(const struct wn_lm *lm, struct wn_err *err);

#endif
