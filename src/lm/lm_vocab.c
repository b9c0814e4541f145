/*
 * lm_vocab.c - the word table.
 */
#include "lm/lm_vocab.h"

#include <stdlib.h>

enum { FIRST_WORDS = 256, FIRST_BYTES = 4096 };

uint64_t vocab_slots_for(uint64_t n)
{
    uint64_t slots = 8;

    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

/* The id of WORD, or VOCAB_NONE with the empty slot where it belongs in *AT. */
static uint32_t probe(const uint64_t *slot, uint64_t n_slots, const char *bytes, const uint32_t *start,
                      struct wn_str word, uint64_t hash, uint64_t *at)
{
    uint64_t i = hash & (n_slots - 1);

    for (; slot[i] != 0; i = (i + 1) & (n_slots - 1)) {
        uint32_t id = (uint32_t)slot[i] - 1;

        if (slot[i] >> 32 == hash >> 32 && start[id + 1] - start[id] == word.len &&
            memcmp(bytes + start[id], word.ptr, word.len) == 0)
            return id;
    }
    *at = i;
    return VOCAB_NONE;
}

static uint64_t slot_value(uint64_t hash, uint32_t id)
{
    return (hash >> 32) << 32 | (id + 1);
}

uint32_t vocab_lookup(const uint64_t *slot, uint64_t n_slots, const char *bytes, const uint32_t *start,
                      struct wn_str word)
{
    uint64_t at;

    return probe(slot, n_slots, bytes, start, word, wn_hash64(word, 0), &at);
}

void vocab_place(uint64_t *slot, uint64_t n_slots, struct wn_str word, uint32_t id)
{
    uint64_t hash = wn_hash64(word, 0), i = hash & (n_slots - 1);

    while (slot[i] != 0)
        i = (i + 1) & (n_slots - 1);
    slot[i] = slot_value(hash, id);
}

static void place_all(struct vocab *v)
{
    memset(v->slot, 0, v->n_slots * sizeof(v->slot[0]));
    for (uint32_t id = 0; id < v->n; id++)
        vocab_place(v->slot, v->n_slots, vocab_word(v, id), id);
}

static bool grow_words(struct vocab *v)
{
    uint32_t cap = v->cap ? v->cap * 2 : FIRST_WORDS;
    uint32_t *start = realloc(v->start, ((size_t)cap + 1) * sizeof(*start));
    uint64_t *slot, n_slots = vocab_slots_for(cap);

    if (!start)
        return false;
    v->start = start;
    slot = malloc(n_slots * sizeof(*slot));
    if (!slot)
        return false;
    free(v->slot);
    v->slot = slot;
    v->n_slots = n_slots;
    v->cap = cap;
    place_all(v);
    return true;
}

static bool grow_bytes(struct vocab *v, size_t extra)
{
    size_t cap = v->cap_bytes ? v->cap_bytes : FIRST_BYTES;
    char *bytes;

    while (cap < v->n_bytes + extra)
        cap *= 2;
    bytes = realloc(v->bytes, cap);
    if (!bytes)
        return false;
    v->bytes = bytes;
    v->cap_bytes = cap;
    return true;
}

enum wn_status vocab_intern(struct vocab *v, struct wn_str word, uint32_t *id, struct wn_err *err)
{
    uint64_t hash = wn_hash64(word, 0), at;

    *id = probe(v->slot, v->n_slots, v->bytes, v->start, word, hash, &at);
    if (*id != VOCAB_NONE)
        return WN_OK;
    if (word.len > UINT32_MAX - v->n_bytes || v->n >= UINT32_MAX / 4)
        return wn_fail(err, WN_LIMIT, "cannot add a word: the vocabulary is full (%u words, %zu bytes)", v->n,
                       v->n_bytes);
    if (v->n_bytes + word.len > v->cap_bytes && !grow_bytes(v, word.len))
        return wn_fail(err, WN_NOMEM, "cannot add a word to %u: out of memory", v->n);
    if (v->n == v->cap) {
        if (!grow_words(v))
            return wn_fail(err, WN_NOMEM, "cannot add a word to %u: out of memory", v->n);
        probe(v->slot, v->n_slots, v->bytes, v->start, word, hash, &at);
    }
    if (word.len > 0)
        memcpy(v->bytes + v->n_bytes, word.ptr, word.len);
    v->n_bytes += word.len;
    *id = v->n++;
    v->start[v->n] = (uint32_t)v->n_bytes;
    v->slot[at] = slot_value(hash, *id);
    return WN_OK;
}

enum wn_status vocab_init(struct vocab *v, struct wn_err *err)
{
    static const char *const special[] = { "<unk>", "<s>", "</s>" };
    uint32_t id;

    memset(v, 0, sizeof(*v));
    if (!grow_words(v))
        return wn_fail(err, WN_NOMEM, "cannot make a vocabulary: out of memory");
    v->start[0] = 0;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        enum wn_status st = vocab_intern(v, wn_str(special[i]), &id, err);

        if (st != WN_OK)
            return st;
    }
    return WN_OK;
}

void vocab_truncate(struct vocab *v, uint32_t n)
{
    if (n == v->n)
        return;
    v->n = n;
    v->n_bytes = v->start[n];
    place_all(v);
}

void vocab_release(struct vocab *v)
{
    free(v->bytes);
    free(v->start);
    free(v->slot);
    memset(v, 0, sizeof(*v));
}
