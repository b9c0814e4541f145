/*
 * lm_vocab.c - the word table.
 */
#include "lm/lm_vocab.h"

#include <stdlib.h>

enum { FIRST_WORDS = 256, FIRST_SLOTS = 512, FIRST_BYTES = 4096 };

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
    memset(v->table, 0, v->n_slots * sizeof(v->table[0]));
    for (uint32_t id = 0; id < v->n; id++) {
        struct vocab_key k = vocab_hashed(vocab_word(v, id));
        uint64_t i = k.hash & (v->n_slots - 1);

        while (v->table[i].id_plus_1 != 0)
            i = (i + 1) & (v->n_slots - 1);
        v->table[i] = (struct vocab_slot){ k.head, vocab_tag(&k), id + 1 };
    }
}

static bool grow_words(struct vocab *v)
{
    uint32_t cap = v->cap ? v->cap + v->cap / 2 : FIRST_WORDS;
    uint32_t *start = realloc(v->start, ((size_t)cap + 1) * sizeof(*start));

    if (!start)
        return false;
    v->start = start;
    v->cap = cap;
    return true;
}

static bool grow_table(struct vocab *v)
{
    uint64_t n_slots = v->n_slots ? v->n_slots * 2 : FIRST_SLOTS;
    struct vocab_slot *table = malloc(n_slots * sizeof(*table));

    if (!table)
        return false;
    free(v->table);
    v->table = table;
    v->n_slots = n_slots;
    place_all(v);
    return true;
}

static bool grow_bytes(struct vocab *v, size_t extra)
{
    size_t cap = v->cap_bytes ? v->cap_bytes : FIRST_BYTES;
    char *bytes;

    while (cap < v->n_bytes + extra)
        cap += cap / 2;
    bytes = realloc(v->bytes, cap);
    if (!bytes)
        return false;
    v->bytes = bytes;
    v->cap_bytes = cap;
    return true;
}

static bool table_is_full(const struct vocab *v)
{
    return ((uint64_t)v->n + 1) * 8 > v->n_slots * 5;
}

enum wn_status vocab_add(struct vocab *v, const struct vocab_key *k, uint64_t at, uint32_t *id, struct wn_err *err)
{
    struct wn_str word = k->word;

    if (word.len > UINT32_MAX - v->n_bytes || v->n >= UINT32_MAX / 4)
        return wn_fail(err, WN_LIMIT, "cannot add a word: the vocabulary is full (%u words, %zu bytes)", v->n,
                       v->n_bytes);
    if ((v->n_bytes + word.len > v->cap_bytes && !grow_bytes(v, word.len)) || (v->n == v->cap && !grow_words(v)))
        return wn_fail(err, WN_NOMEM, "cannot add a word to %u: out of memory", v->n);
    if (table_is_full(v)) {
        if (!grow_table(v))
            return wn_fail(err, WN_NOMEM, "cannot add a word to %u: out of memory", v->n);
        vocab_probe(v, k, &at);
    }
    if (word.len > 0)
        memcpy(v->bytes + v->n_bytes, word.ptr, word.len);
    v->n_bytes += word.len;
    *id = v->n++;
    v->start[v->n] = (uint32_t)v->n_bytes;
    v->table[at] = (struct vocab_slot){ k->head, vocab_tag(k), *id + 1 };
    return WN_OK;
}

enum wn_status vocab_intern(struct vocab *v, struct wn_str word, uint32_t *id, struct wn_err *err)
{
    struct vocab_key k = vocab_hashed(word);
    uint64_t at;

    *id = vocab_probe(v, &k, &at);
    return *id != VOCAB_NONE ? WN_OK : vocab_add(v, &k, at, id, err);
}

uint32_t vocab_find(const struct vocab *v, struct wn_str word)
{
    struct vocab_key k = vocab_hashed(word);
    uint64_t at;

    return vocab_probe(v, &k, &at);
}

enum wn_status vocab_init(struct vocab *v, struct wn_err *err)
{
    static const char *const special[] = { "<unk>", "<s>", "</s>" };
    uint32_t id;

    memset(v, 0, sizeof(*v));
    if (!grow_words(v) || !grow_table(v))
        return wn_fail(err, WN_NOMEM, "cannot make a vocabulary: out of memory");
    v->start[0] = 0;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        enum wn_status st = vocab_intern(v, wn_str(special[i]), &id, err);

        if (st != WN_OK)
            return st;
    }
    return WN_OK;
}

/* Words were entered in the order of their ids, also by place_all: taken out the other
 * way round, each leaves the table as it was before it came. */
void vocab_truncate(struct vocab *v, uint32_t n)
{
    while (v->n > n) {
        uint64_t hash = vocab_hashed(vocab_word(v, v->n - 1)).hash, i = hash & (v->n_slots - 1);

        while (v->table[i].id_plus_1 != v->n)
            i = (i + 1) & (v->n_slots - 1);
        v->table[i] = (struct vocab_slot){ 0 };
        v->n--;
    }
    v->n_bytes = v->start[n];
}

void vocab_forget_table(struct vocab *v)
{
    free(v->table);
    v->table = NULL;
    v->n_slots = 0;
}

uint64_t vocab_memory(const struct vocab *v)
{
    return v->cap_bytes + ((uint64_t)v->cap + 1) * sizeof(v->start[0]) + v->n_slots * sizeof(v->table[0]);
}

void vocab_release(struct vocab *v)
{
    free(v->bytes);
    free(v->start);
    free(v->table);
    memset(v, 0, sizeof(*v));
}
