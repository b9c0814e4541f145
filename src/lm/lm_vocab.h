/*
 * lm_vocab.h - words to ids by order of first appearance.
 *
 * The hash table has the form that model files store: a power of two of 64-bit slots,
 * 0 when empty, else the upper half of the word's XXH3 hash in the upper 32 bits and
 * id + 1 in the lower; linear probing from hash mod slots.
 */
#ifndef LM_VOCAB_H
#define LM_VOCAB_H

#include <winnow/hash.h>

enum { VOCAB_NONE = UINT32_MAX };

struct vocab {
    char *bytes;            /* the words, one after the other            */
    size_t n_bytes, cap_bytes;
    uint32_t *start;        /* n + 1 offsets into bytes                  */
    uint32_t n, cap;
    uint64_t *slot;
    uint64_t n_slots;       /* at least twice n                          */
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
/* Forgets all words from id N on. */
void vocab_truncate(struct vocab *v, uint32_t n);
void vocab_release(struct vocab *v);

static inline struct wn_str vocab_word(const struct vocab *v, uint32_t id)
{
    return (struct wn_str){ v->bytes + v->start[id], v->start[id + 1] - v->start[id] };
}

#endif
