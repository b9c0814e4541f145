/*
 * lm_vocab.h - words to ids by order of first appearance.
 *
 * Two hash tables have a place here.  The one that model files store is a power of two of
 * 64-bit slots, 0 when empty, else the upper half of the word's XXH3 hash in the upper 32
 * bits and id + 1 in the lower; linear probing from hash mod slots: vocab_lookup,
 * vocab_place.  A vocabulary that grows has its own, with the first eight bytes of the
 * word in the slot, so that most look-ups end in one cache line: vocab_intern.
 */
#ifndef LM_VOCAB_H
#define LM_VOCAB_H

#include <winnow/hash.h>

#include "lm/lm_key.h"

enum { VOCAB_NONE = UINT32_MAX };

struct vocab_slot {
    uint64_t head;          /* bytes 0..7 of the word, zeros behind its end                */
    uint32_t tag;           /* up to 8 bytes: their number; else some of the hash, 16 set   */
    uint32_t id_plus_1;     /* 0: empty                                                    */
};

struct vocab {
    char *bytes;            /* the words, one after the other            */
    size_t n_bytes, cap_bytes;
    uint32_t *start;        /* n + 1 offsets into bytes                  */
    uint32_t n, cap;
    struct vocab_slot *table;
    uint64_t n_slots;       /* a power of two, at most 5/8 of them taken */
};

/* Slots for N words: the smallest power of two that leaves half of them empty. */
uint64_t vocab_slots_for(uint64_t n);
/* The id of WORD, or VOCAB_NONE.  SLOT must hold at least one empty slot. */
uint32_t vocab_lookup(const uint64_t *slot, uint64_t n_slots, const char *bytes, const uint32_t *start,
                      struct wn_str word);
/* Enters id ID, a word that is not there yet. */
void vocab_place(uint64_t *slot, uint64_t n_slots, struct wn_str word, uint32_t id);

/* With <unk>, <s> and </s> as ids 0, 1, 2. */
enum wn_status vocab_init(struct vocab *v, struct wn_err *err);
/* The id of WORD, new or not. */
enum wn_status vocab_intern(struct vocab *v, struct wn_str word, uint32_t *id, struct wn_err *err);
/* The id of WORD, or VOCAB_NONE. */
uint32_t vocab_find(const struct vocab *v, struct wn_str word);
/* Forgets all words from id N on. */
void vocab_truncate(struct vocab *v, uint32_t n);
/* Frees the table: words can only be had by id any more. */
void vocab_forget_table(struct vocab *v);
/* What V holds in memory. */
uint64_t vocab_memory(const struct vocab *v);
void vocab_release(struct vocab *v);

static inline struct wn_str vocab_word(const struct vocab *v, uint32_t id)
{
    return (struct wn_str){ v->bytes + v->start[id], v->start[id + 1] - v->start[id] };
}

/* ---- in steps, for who has many words in hand: hash, prefetch, find, add -------------- */

/* A word, hashed: vocab_hashed, or filled by who knows a faster way. */
struct vocab_key {
    struct wn_str word;
    uint64_t head;          /* as in a slot                  */
    uint64_t hash;          /* lm_word_hash with the seed 0   */
};

static inline struct vocab_key vocab_hashed(struct wn_str word)
{
    return (struct vocab_key){ word, lm_key_bytes(word.ptr, word.len), lm_word_hash(word.ptr, word.len, 0) };
}

static inline void vocab_prefetch(const struct vocab *v, uint64_t hash)
{
    __builtin_prefetch(&v->table[hash & (v->n_slots - 1)]);
}

static inline uint32_t vocab_tag(const struct vocab_key *k)
{
    return k->word.len <= 8 ? (uint32_t)k->word.len : (uint32_t)(k->hash >> 32) | 16;
}

/* The id, or VOCAB_NONE with the empty slot where the word belongs in *AT. */
static inline uint32_t vocab_probe(const struct vocab *v, const struct vocab_key *k, uint64_t *at)
{
    const uint64_t mask = v->n_slots - 1;
    const uint32_t tag = vocab_tag(k);
    uint64_t i = k->hash & mask;

    for (; v->table[i].id_plus_1 != 0; i = (i + 1) & mask) {
        const struct vocab_slot *s = &v->table[i];

        if (s->head == k->head && s->tag == tag &&
            (tag <= 8 || wn_str_eq(vocab_word(v, s->id_plus_1 - 1), k->word)))
            return s->id_plus_1 - 1;
    }
    *at = i;
    return VOCAB_NONE;
}

/* Adds a word that vocab_probe did not find; AT as it said. */
enum wn_status vocab_add(struct vocab *v, const struct vocab_key *k, uint64_t at, uint32_t *id, struct wn_err *err);

#endif
